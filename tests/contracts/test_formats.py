"""What every format promises, over awkward payloads of all of them: identity, unique paths, and edits that land."""

from __future__ import annotations

import base64
import json
import quopri
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from scrubber.budget import Budget
from scrubber.finding import Edit
from scrubber.formats.base import ByteEdit, Document, Format
from scrubber.formats.registry import Opened, default_registry, open_tree
from scrubber.message import Path

BSN = "123456782"
PUT = "[BSN verwijderd]"


@dataclass(frozen=True)
class Case:
    """A payload; `planted`: in how many views the value is found."""

    name: str
    payload: bytes
    planted: int
    media_type: str = "message/rfc822"
    parameters: Mapping[str, str] = field(default_factory=dict)


def b64(data: bytes, width: int = 76, end: bytes = b"\r\n") -> bytes:
    packed = base64.b64encode(data)
    return end.join(packed[at : at + width] for at in range(0, len(packed), width)) + end


def mail(body: bytes, content_type: str = "text/plain; charset=utf-8", encoding: str = "8bit", head: str = "") -> bytes:
    lines = f"From: Sanne <sanne@klant.example>\r\n{head}MIME-Version: 1.0\r\nContent-Type: {content_type}\r\n"
    return f"{lines}Content-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body


def parts(*bodies: bytes, kind: str = "mixed", close: bool = True) -> bytes:
    inner = b"".join(b"--grens\r\n" + body + b"\r\n" for body in bodies)
    head = f'Subject: Vraag\r\nMIME-Version: 1.0\r\nContent-Type: multipart/{kind}; boundary="grens"\r\n\r\n'.encode()
    return head + inner + (b"--grens--\r\n" if close else b"")


def part(body: bytes, content_type: str = "text/plain", encoding: str = "7bit", more: bytes = b"") -> bytes:
    head = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n".encode()
    return head + more + b"\r\n" + body


TEXT = part(b"Mijn nummer is 123456782.")
HTML = part(b"<p>Mijn nummer is <b>123</b>456782.</p>", "text/html")
LOGO = part(b64(b"\x89PNG\r\n\x1a\n" + bytes(90)), 'image/png; name="logo.png"', "base64", b"Content-ID: <logo@x>\r\n")
FORWARD = b"Subject: Dossier 123456782\r\nFrom: Piet <piet@klant.example>\r\n\r\nhet is 123456782\r\n"

CASES = [
    Case("no bytes", b"", 0),
    Case("a line end", b"\r\n", 0),
    Case("only a header", b"Subject: nummer 123456782", 1),
    Case("no header", b"Gewoon tekst met 123456782 erin\r\n", 1),
    Case("no separator", b"Subject: Vraag\r\nMijn nummer: 123456782 hoort erbij\r\n", 1),
    Case("LF only", mail(b"nummer 123456782\r\n").replace(b"\r\n", b"\n"), 1),
    Case("CR only", mail(b"nummer 123456782\r\n").replace(b"\r\n", b"\r"), 1),
    Case("bare CR inside", mail(b"nummer\r123456782\rklaar\r\n"), 1),
    Case("NULs", mail(b"\0\0nummer\0 123456782\0\r\n"), 1),
    Case("mbox line", b"From sanne@klant.example Mon Jan  5 10:00:00 2026\n" + mail(b"nummer 123456782\n"), 1),
    Case("iso-8859-1", mail("één 123456782 €".encode("cp1252"), "text/plain; charset=iso-8859-1"), 1),
    Case("windows-1252", mail("“één” 123456782".encode("cp1252"), "text/plain; charset=windows-1252"), 1),
    Case("utf-7", mail("één 123456782 ü".encode("utf-7"), "text/plain; charset=utf-7", "7bit"), 1),
    Case("gb2312", mail("号码 123456782 谢谢".encode("gb2312"), "text/plain; charset=gb2312"), 1),
    Case("iso-2022-jp", mail("番号 123456782 です".encode("iso2022_jp"), "text/plain; charset=iso-2022-jp"), 1),
    Case("utf-16 in base64", mail(b64("één 123456782".encode("utf-16")), "text/plain; charset=utf-16", "base64"), 1),
    Case("says ascii, is utf-8", mail("één 123456782".encode(), "text/plain; charset=us-ascii", "7bit"), 1),
    Case("says utf-8, is latin-1", mail("één café 123456782".encode("latin-1")), 1),
    Case("unknown charset", mail("één 123456782".encode(), "text/plain; charset=x-klingon"), 1),
    Case("charset that is none", mail(b"123456782 \\u0041", "text/plain; charset=unicode_escape"), 1),
    Case("utf-8 with broken bytes", mail("één tweeën ".encode() + b"\xff 123456782"), 1),
    Case("byte order mark", mail("\ufeffnummer 123456782".encode()), 1),
    Case("soft break inside", mail(b"nummer 1234=\r\n56782 =E9=E9n\r\n", encoding="quoted-printable"), 1),
    Case("soft break with blanks", mail(b"nummer 1234= \t\r\n56782\r\n", encoding="Quoted-Printable"), 1),
    Case("digits escaped", mail(b"nummer 12=33=34=356782 =\r\n", encoding="quoted-printable"), 1),
    Case("broken escapes", mail(b"=ZZ 123456782 =4\r\n=", encoding="quoted-printable"), 1),
    Case("base64", mail(b64(b"Mijn nummer is 123456782, " * 9), encoding="base64"), 1),
    Case("base64, LF, 60 wide", mail(b64(b"nummer 123456782 " * 9, 60, b"\n"), encoding="base64"), 1),
    Case("base64 in one line", mail(base64.b64encode(b"nummer 123456782 " * 9), encoding="base64"), 1),
    Case("base64 cut off", mail(b64(b"Mijn nummer is 123456782, dank")[:-5], encoding="base64"), 1),
    Case(
        "base64 with a footer",
        mail(b64(b"nummer 123456782 nog een stuk meer tekst hier ...") + b"--\r\n", encoding="base64"),
        1,
    ),
    Case("says base64, is text", mail(b"Mijn nummer (dat van mij) is: 123456782!\r\n", encoding="base64"), 1),
    Case("flowed", mail(b"> nummer 1234 \r\n> 56782\r\nnummer 123456782 \r\nja\r\n", "text/plain; format=flowed"), 1),
    Case("flowed, DelSp", mail(b"nummer 1234 \r\n56782 is het\r\n", 'text/plain; format="flowed"; DelSp=yes'), 1),
    Case("alternatives", parts(TEXT, HTML, kind="alternative"), 2),
    Case("entities", mail(b"<p>nr &#49;&#x32;3456&#055;82&nbsp;&eacute;</p>", "text/html"), 1),
    Case("soft hyphens", mail("<p>nr 123\u00ad456&shy;<wbr>7&#8203;82</p>".encode(), "text/html; charset=utf-8"), 1),
    Case(
        "attributes",
        mail(b"<a href='x?n=123456782' title=nr&#32;123456782 alt>x</a><img alt=\"123456782\">", "text/html"),
        3,
    ),
    Case("percent", mail(b'<a href="http://klant.example/?nr=%31%32%33456782&amp;x=%E9">x</a>', "text/html"), 1),
    Case(
        "comments and scripts",
        mail(b"<!-- 123456782 --><script>n=123456782</script><style>.a123456782{}", "text/html"),
        2,
    ),
    Case("hidden by markup", mail(b"<div style='display: none'><p>123<i>456782</i></div>zichtbaar", "text/html"), 1),
    Case("unfinished tag", mail(b"tekst <b 123456782", "text/html"), 1),
    Case("address as a tag", mail(b"Jan <j123456782@klant.example> schreef", "text/html"), 1),
    Case("html of latin-1", mail("<p>één 123456782".encode("latin-1"), "text/html; charset=iso-8859-1"), 1),
    Case("html in base64", mail(b64(b"<p>1<b>2</b>3456782</p>"), "text/html", "base64"), 1),
    Case(
        "html in quoted-printable",
        mail(b'<p>12=\r\n34<b =\r\nclass=3D"x">567</b>82</p>', "text/html", "quoted-printable"),
        1,
    ),
    Case("encoded subject", mail(b"x", head="Subject: =?utf-8?q?nr_123456782_=C3=A9?=\r\n"), 1),
    Case("encoded twice", mail(b"x", head="Subject: =?utf-8?b?bnIgMTIz?=\r\n =?iso-8859-1?q?456782_=E9?= rest\r\n"), 1),
    Case("half encoded", mail(b"x", head="Subject: van 1234=?utf-8?q?56782_=C3=A9?= slot\r\n"), 1),
    Case("broken encoded word", mail(b"x", head="Subject: =?utf-8?b?%%%?= 123456782 =?nix?q?=ZZ?=\r\n"), 1),
    Case("folded subject", mail(b"x", head="Subject: nummer 1234\r\n 56782 hier: 123456782\r\n"), 1),
    Case("raw utf-8 subject", mail(b"x", head="Subject: één 123456782 ünd\r\n"), 1),
    Case(
        "display names",
        mail(b"x", head='To: "De Vries, 123456782" <v@x.example>, =?utf-8?q?=C3=A9_123456782?= <e@x.example>\r\n'),
        1,
    ),
    Case("comment of an address", mail(b"x", head="Cc: v@x.example (nr 123456782)\r\n"), 1),
    Case("free header", mail(b"x", head="X-Notitie: klant 123456782 belde\r\n"), 1),
    Case(
        "file names",
        parts(
            TEXT,
            part(
                b"a",
                'application/pdf; name="123456782.pdf"',
                more=b"Content-Disposition: inline;\r\n filename*0*=utf-8''nr%20123;\r\n filename*1*=456782.pdf\r\n",
            ),
        ),
        3,
    ),
    Case("forwarded", parts(TEXT, part(FORWARD, "message/rfc822")), 3),
    Case("forwarded in base64", parts(part(b64(FORWARD), "message/rfc822", "base64")), 2),
    Case("forwarded as a file", parts(part(b64(FORWARD), 'application/octet-stream; name="oud.eml"', "base64")), 2),
    Case("a mail that is a mail", b"Content-Type: message/rfc822\r\n\r\n" + FORWARD, 2),
    Case("forwarded twice", b"Content-Type: message/rfc822\r\n\r\n" * 3 + parts(TEXT, HTML), 2),
    Case("digest", parts(b"\r\n" + FORWARD, kind="digest"), 2),
    Case("winmail.dat", parts(TEXT, part(b64(bytes(60)), 'application/ms-tnef; name="winmail.dat"', "base64")), 1),
    Case("logo", parts(HTML, LOGO, kind="related"), 1),
    Case("unknown encoding", parts(TEXT, part(b"begin 644 x\r\n", encoding="x-uuencode")), 1),
    Case("signed", parts(TEXT, part(b"-----BEGIN PGP SIGNATURE-----", "application/pgp-signature"), kind="signed"), 1),
    Case("encrypted part", parts(TEXT, part(b"--x\r\n\r\n", 'multipart/encrypted; boundary="x"')), 1),
    Case(
        "PGP between text",
        mail(b"nr 123456782\r\n-----BEGIN PGP MESSAGE-----\r\nxx\r\n-----END PGP MESSAGE-----\r\n"),
        1,
    ),
    Case(
        "delivery status",
        parts(TEXT, part(b"Final-Recipient: rfc822; 123456782\r\n", "message/delivery-status"), kind="report"),
        2,
    ),
    Case(
        "calendar",
        parts(part(b"BEGIN:VCALENDAR\r\nDESCRIPTION:nr 1234\r\n 56782\r\nEND:VCALENDAR", "text/calendar")),
        1,
    ),
    Case("never closed", parts(TEXT, HTML, close=False), 2),
    Case("cut in a part's header", parts(TEXT, close=False) + b"--grens\r\nContent-Type: text/pl", 1),
    Case("header ends at a boundary", parts(b"Content-Type: text/plain", b"X-Nr: klant 123456782 belde", TEXT), 2),
    Case("boundary never used", b"Content-Type: multipart/mixed; boundary=x\r\n\r\nnummer 123456782\r\n", 1),
    Case("no boundary", b"Content-Type: multipart/mixed\r\n\r\nnummer 123456782\r\n--x\r\n\r\nmeer", 1),
    Case(
        "preamble and epilogue",
        parts(TEXT).replace(b"\r\n\r\n--grens", b"\r\n\r\nvoor 123456782\r\n--grens", 1) + b"na 123456782",
        3,
    ),
    Case("a part after the end", parts(TEXT) + b"--grens\r\n\r\n" + b"nog 123456782\r\n--grens--\r\nslot 123456782", 3),
    Case(
        "nested", parts(b'Content-Type: multipart/mixed; boundary="in"\r\n\r\n--in\r\n' + TEXT + b"\r\n--in--", HTML), 2
    ),
    Case(
        "nested, same boundary",
        parts(b"Content-Type: multipart/mixed; boundary=grens\r\n\r\n--grens\r\n" + TEXT, HTML),
        2,
    ),
    Case("types twice", b"Content-Type: text/html\r\nContent-Type: text/plain\r\n\r\n<b>1</b>23456782", 1),
    Case("junk type", mail(b"nummer 123456782", "tekst; ;;=; charset"), 1),
    Case("boundary in pieces", parts(TEXT).replace(b'boundary="grens"', b'boundary*0="gre"; boundary*1=ns'), 1),
    Case("json file", parts(part(b'{"nr": 123456782, "t": "x 123456782"}', 'application/json; fields="/x"')), 2),
    Case("plain", b"nummer 123456782", 1, "text/plain"),
    Case("plain, two-byte", "één 123456782".encode("utf-16"), 1, "text/plain", {"charset": "utf-16"}),
    Case("csv", b"naam;nr\r\nx;123456782\r\n", 1, "text/csv"),
    Case("vcard", b"BEGIN:VCARD\r\nNOTE:12345\r\n 6782\r\nEND:VCARD", 1, "text/vcard"),
    Case("page", "<html><meta charset=iso-8859-1><p>één <u>1234</u>56782".encode("latin-1"), 1, "text/html"),
    Case("xhtml", b"<?xml version='1.0'?><p>123456782</p>", 1, "application/xhtml+xml"),
    Case("empty text", b"", 0, "text/plain"),
    Case("empty page", b"", 0, "text/html"),
    Case(
        "named fields",
        json.dumps({"subject": BSN, "body": f"é\n{BSN}", "id": BSN}).encode(),
        2,
        "application/json",
        {"fields": "/subject /body /no"},
    ),
    Case(
        "raw fields",
        f'{{"t": [{{"text": "é {BSN}"}}, {{"text": "x"}}]}}'.encode(),
        1,
        "application/json",
        {"fields": "/t/*/text"},
    ),
]


@pytest.fixture(params=CASES, ids=[case.name for case in CASES])
def case(request: pytest.FixtureRequest) -> Case:
    found = request.param
    assert isinstance(found, Case)
    return found


def opened(case: Case, payload: bytes | None = None) -> Opened:
    return open_tree(case.payload if payload is None else payload, case.media_type, case.parameters)


def put_in(path: Path) -> str:
    """A tag's name can't hold a space."""
    return PUT.replace(" ", "_") if path[-1].startswith("tag#") else PUT


def edits_of(tree: Opened) -> list[Edit]:
    found = []
    for view in tree.views:
        at = view.text.find(BSN)
        while at >= 0:
            found.append(Edit(view.path, at, at + len(BSN), PUT))
            at = view.text.find(BSN, at + len(BSN))
    return found


def documents(case: Case) -> Iterator[tuple[Document, bytes]]:
    """The top document and, below it, those of its children."""
    registry = default_registry()

    def walk(
        opener: Format, payload: bytes, parameters: Mapping[str, str], path: Path
    ) -> Iterator[tuple[Document, bytes]]:
        document = opener.open(payload, parameters, path, Budget(), kind="body", group="")
        yield document, payload
        for child in document.children:
            if (below := registry.get(child.media_type)) is not None:
                yield from walk(below, child.payload, child.parameters, child.path)

    top = registry.get(case.media_type)
    assert top is not None
    yield from walk(top, case.payload, case.parameters, ())


def test_there_are_enough_awkward_ones() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 80
    assert sum(case.media_type == "message/rfc822" for case in CASES) >= 40


def test_without_edits_the_bytes_are_the_same(case: Case) -> None:
    assert opened(case).apply(()) == case.payload
    for document, _ in documents(case):
        assert document.lower((), {}) == ()


def test_paths_are_unique_and_views_hold_no_surrogates(case: Case) -> None:
    views = opened(case).views
    assert len({view.path for view in views}) == len(views)
    for view in views:
        view.text.encode("utf-8")
        assert view.text


def test_every_planted_value_is_seen(case: Case) -> None:
    assert sum(BSN in view.text for view in opened(case).views) == case.planted


def test_what_is_reopened_says_what_the_edits_said(case: Case) -> None:
    tree = opened(case)
    new = opened(case, tree.apply(edits_of(tree)))
    expected = {view.path: view.text.replace(BSN, put_in(view.path)) for view in tree.views}
    seen = {view.path: view.text for view in new.views}
    gone = {path for path in expected if path not in seen}
    assert {path: expected[path] for path in seen} == seen
    # What told that a member's name or a noisy attribute might be a datum is what was removed.
    assert all(PUT in expected[path] for path in gone)
    assert not any(BSN in text for text in seen.values())
    assert opened(case, new.apply(())).views == new.views


def test_one_edit_leaves_every_other_view_alone(case: Case) -> None:
    tree = opened(case)
    for edit in edits_of(tree):
        new = {view.path: view.text for view in opened(case, tree.apply([edit])).views}
        for view in tree.views:
            if view.path != edit.path:
                assert new.get(view.path) == view.text


def test_byte_edits_are_sorted_and_disjoint(case: Case) -> None:
    for document, payload in documents(case):
        wanted = [
            Edit(view.path, start, start + 1, "x") for view in document.views for start in range(0, len(view.text), 2)
        ]
        lowered = document.lower(wanted[::-1], {})
        assert all(isinstance(edit, ByteEdit) for edit in lowered)
        assert all(a.end <= b.start for a, b in pairwise(lowered))
        assert all(0 <= edit.start <= edit.end <= len(payload) for edit in lowered)


def test_edits_of_nowhere_are_refused(case: Case) -> None:
    tree = opened(case)
    with pytest.raises(ValueError, match="not there"):
        tree.apply([Edit(("nowhere",), 0, 0, "x")])
    for view in tree.views[:1]:
        with pytest.raises(ValueError, match="overlap"):
            tree.apply([Edit(view.path, 0, len(view.text) + 1, "x")])


def test_quoted_printable_agrees_with_the_standard_library(case: Case) -> None:
    if "quoted-printable" in case.payload.decode("latin-1"):
        tree = opened(case)
        body = tree.apply(edits_of(tree)).split(b"\r\n\r\n", 1)[1]
        assert BSN.encode() not in quopri.decodestring(body)
        assert PUT.encode() in quopri.decodestring(body)
