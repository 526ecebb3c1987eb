"""The law of every edit: what lies outside it is equal, and what was put in is what is read."""

from __future__ import annotations

import base64
import html
import json
import quopri
from typing import NamedTuple

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scrubber.finding import Edit
from scrubber.formats.fields import FieldsFormat
from scrubber.formats.header_text import free_text
from scrubber.formats.mime import MimeFormat
from scrubber.formats.plain import PlainFormat
from scrubber.formats.registry import Registry, default_registry, open_tree
from scrubber.formats.spans import Patch
from scrubber.formats.transfer import decode_transfer

VALUE = "NL91 ABNA 0417 1643 00"
PUT = "[IBAN 1 verwijderd]"
CHARSETS = ("utf-8", "iso-8859-1", "windows-1252", "iso-8859-15", "utf-7", "gb18030", "shift_jis", "koi8-r", "utf-16")

SETTINGS = settings(max_examples=80, deadline=None)
LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Zs", "Zl", "Zp"))
WORDS = st.text(st.one_of(st.sampled_from("abc éë€ 12=.-,<>&\"'?_"), LETTERS), max_size=40)
LINES = st.lists(WORDS, max_size=4).map("\r\n".join)


class Mail(NamedTuple):
    raw: bytes
    charset: str
    encoding: str


def encoded(body: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return base64.encodebytes(body).replace(b"\n", b"\r\n")
    if encoding == "quoted-printable":
        return quopri.encodestring(body.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    return body


def mail(body: str, charset: str, encoding: str, subtype: str = "plain") -> Mail:
    data = body.encode(charset, "ignore")
    if charset == "utf-16":
        encoding = "base64"
    head = f"Content-Type: text/{subtype}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return Mail(head.encode() + encoded(data, encoding), charset, encoding)


def body_of(raw: bytes) -> bytes:
    return raw.split(b"\r\n\r\n", 1)[1]


@SETTINGS
@given(LINES, LINES, st.sampled_from(CHARSETS), st.sampled_from(["8bit", "quoted-printable", "base64"]))
def test_text_in_any_charset_and_encoding(before: str, after: str, charset: str, encoding: str) -> None:
    made = mail(f"{before} {VALUE} {after}", charset, encoding)
    tree = open_tree(made.raw, "message/rfc822")
    assert tree.apply(()) == made.raw
    (view,) = tree.views
    at = view.text.index(VALUE)
    new = tree.apply([Edit(view.path, at, at + len(VALUE), PUT)])
    (seen,) = open_tree(new, "message/rfc822").views
    assert seen.text == view.text[:at] + PUT + view.text[at + len(VALUE) :]
    old_body, new_body = (decode_transfer(body_of(raw), made.encoding) for raw in (made.raw, new))
    if charset not in {"utf-7", "utf-16"}:
        assert new_body == old_body.replace(VALUE.encode(), PUT.encode())
    if made.encoding == "quoted-printable":
        head, tail = outside(made.raw, new)
        assert quopri.decodestring(made.raw[head : len(made.raw) - tail]).replace(b"\r\n", b"") in VALUE.encode()
        assert max(map(len, body_of(new).split(b"\r\n"))) <= 76


def outside(old: bytes, new: bytes) -> tuple[int, int]:
    """How many bytes at the start and at the end are the same."""
    head = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    rest = min(len(old), len(new)) - head
    tail = next((n for n in range(rest) if old[-1 - n] != new[-1 - n]), rest)
    return head, tail


WRAPPERS = st.sampled_from(
    [
        "{}",
        "<b>{}</b>",
        "<span class=x>{}",
        "{}<wbr>",
        "{}&shy;",
        "\u200b{}",
        "<!-- c -->{}",
        "{}<i></i>",
        "<a title='t'>{}",
    ]
)


def spelled(character: str, how: int) -> str:
    forms = (html.escape(character), f"&#{ord(character)};", f"&#x{ord(character):x};")
    return character if character == " " else forms[how]


@SETTINGS
@given(
    LINES,
    LINES,
    st.lists(st.tuples(WRAPPERS, st.integers(0, 2)), min_size=len(VALUE), max_size=len(VALUE)),
    st.sampled_from(["utf-8", "iso-8859-1", "gb18030"]),
    st.sampled_from(["8bit", "quoted-printable", "base64"]),
)
def test_a_value_spread_over_tags(
    before: str, after: str, ways: list[tuple[str, int]], charset: str, encoding: str
) -> None:
    spread = "".join(way.format(spelled(c, how)) for c, (way, how) in zip(VALUE, ways, strict=True))
    made = mail(f"<p>{html.escape(before)} | {spread} | {html.escape(after)}</p>", charset, encoding, "html")
    tree = open_tree(made.raw, "message/rfc822")
    assert tree.apply(()) == made.raw
    view = tree.views[0]
    assert view.path == ("1", "html")
    at = view.text.index(VALUE)
    new = open_tree(tree.apply([Edit(view.path, at, at + len(VALUE), PUT)]), "message/rfc822")
    assert new.views[0].text == view.text[:at] + PUT + view.text[at + len(VALUE) :]
    assert [(other.path, other.text) for other in new.views[1:]] == [(o.path, o.text) for o in tree.views[1:]]


@SETTINGS
@given(WORDS, WORDS, st.sampled_from(['"', "'"]), st.sampled_from(["title", "href"]))
def test_a_value_in_an_attribute(before: str, after: str, quoted: str, name: str) -> None:
    value = html.escape(f"{before}|{VALUE}|{after}", quote=True)
    page = f"<p>x<a {name}={quoted}{value}{quoted} id=z>y</a>".encode()
    tree = open_tree(page, "text/html", {"charset": "utf-8"})
    view = next(view for view in tree.views if view.kind == "attribute" and VALUE in view.text)
    at = view.text.index(VALUE)
    new = open_tree(tree.apply([Edit(view.path, at, at + len(VALUE), PUT)]), "text/html", {"charset": "utf-8"})
    seen = {view.path: view.text for view in new.views}
    assert seen[view.path] == view.text[:at] + PUT + view.text[at + len(VALUE) :]
    assert seen[("html",)] == tree.views[0].text


@SETTINGS
@given(st.lists(st.one_of(WORDS, st.just("=?utf-8?q?=C3=A9_x?="), st.just("\r\n ")), max_size=8), st.data())
def test_any_edit_of_a_header_says_what_it_should(words: list[str], data: st.DataObject) -> None:
    value = " ".join(word if word == "\r\n " else word.replace("\r\n", "") for word in words)
    header = free_text(value, "\r\n")
    text = header.text
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    put = data.draw(st.sampled_from([PUT, "é", "x", "号 [weg]"]))
    if not text:
        return
    for begin, stop, written in reversed(header.lower([Patch(start, end, put)])):
        value = value[:begin] + written + value[stop:]
    assert free_text(value, "\r\n").text.strip() == (text[:start] + put + text[end:]).strip()


@SETTINGS
@given(st.dictionaries(st.sampled_from(["a", "body", "subject"]), WORDS), WORDS, WORDS, st.booleans())
def test_a_value_in_a_field(others: dict[str, str], before: str, after: str, ascii_only: bool) -> None:
    wanted = {**others, "text": f"{before}{VALUE}{after}"}
    payload = json.dumps(wanted, ensure_ascii=ascii_only).encode()
    tree = open_tree(payload, "application/json", {"fields": "/text /subject /body"})
    at = len(before)
    new = tree.apply([Edit(("text",), at, at + len(VALUE), PUT)])
    assert json.loads(new) == {**wanted, "text": f"{before}{PUT}{after}"}
    head, tail = outside(payload, new)
    assert payload[head : len(payload) - tail].decode() in VALUE


@SETTINGS
@given(st.binary(max_size=400))
def test_no_bytes_are_too_strange_to_open_as_a_mail(junk: bytes) -> None:
    assume(b"PGP MESSAGE" not in junk)
    for raw in (junk, b"Content-Type: text/html\r\n\r\n" + junk, b"To: " + junk, b"Subject: =?" + junk):
        tree = open_tree(raw, "message/rfc822")
        assert tree.apply(()) == raw
        assert len({view.path for view in tree.views}) == len(tree.views)
        tree.apply([Edit(view.path, 0, len(view.text), "x") for view in tree.views])


LINES_OF_MAIL = """\
--g
--g--
--h

Content-Type: multipart/mixed; boundary=g
Content-Type: multipart/x; boundary=h
Content-Type: message/rfc822
Content-Type: text/html
Content-Type: image/png
Content-Transfer-Encoding: base64
Subject: z 1234
To: a <b@x.test>
 y
x <b> 1234
geen kop 1234
=?utf-8?q?1234?=
From nr 1234
Content-Type: multipart/signed; boundary=g; boundary="h (1234)"
Content-Type: application/pgp-signature; x="1234"; 1234
Content-Disposition: a; filename="1234"; filename*=utf-8''1234; name*1=34; name*0=12 (1234)
X-A: 1234
X-Mailer: a 123456
eDEyMzQ="""
MIMEISH = st.lists(st.sampled_from(LINES_OF_MAIL.split("\n")), max_size=30)


@SETTINGS
@given(MIMEISH, st.sampled_from(["\r\n", "\n", "\r"]))
def test_any_order_of_lines_is_a_mail(lines: list[str], end: str) -> None:
    raw = end.join(lines).encode()
    tree = open_tree(raw, "message/rfc822")
    assert tree.apply(()) == raw
    assert len({view.path for view in tree.views}) == len(tree.views)
    edits = [
        Edit(view.path, at, at + 4, "w")
        for view in tree.views
        for at in range(len(view.text))
        if view.text[at : at + 4] == "1234"
    ]
    new = open_tree(tree.apply(edits), "message/rfc822")
    assert not any("1234" in view.text for view in new.views)


def test_one_format_alone_is_enough_for_its_own() -> None:
    registry = Registry((PlainFormat(), FieldsFormat(), MimeFormat(lambda _: False)))
    tree = registry.open_tree(b"\r\nnr 1234", "message/rfc822")
    assert [unread.reason for unread in tree.unread] == ["unknown-type"]
    assert default_registry().get("text/html") is not None
