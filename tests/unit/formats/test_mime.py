"""Mail: parts and their paths, what is unread and why, limits, and edits that keep every other byte."""

from __future__ import annotations

import base64
import tracemalloc
from collections.abc import Callable
from itertools import pairwise

import pytest

from scrubber.budget import Budget, Limits
from scrubber.errors import BudgetExceeded, FormatError
from scrubber.finding import Edit
from scrubber.formats.mime import MimeFormat
from scrubber.formats.mime_structure import Entity, Region, scan
from scrubber.formats.registry import Opened, open_tree

BSN = "123456782"
PNG = base64.b64encode(b"\x89PNG" + bytes(30)) + b"\r\n"


def multipart(*parts: bytes, kind: str = "mixed", boundary: str = "g") -> bytes:
    head = f"Content-Type: multipart/{kind}; boundary={boundary}\r\n\r\n".encode()
    return head + b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts) + f"--{boundary}--".encode()


def leaf(body: bytes, content_type: str = "text/plain", more: str = "") -> bytes:
    return f"Content-Type: {content_type}\r\n{more}\r\n".encode() + body


def reasons(tree: Opened) -> list[tuple[tuple[str, ...], str]]:
    return [(unread.path, unread.reason) for unread in tree.unread]


def paths(tree: Opened) -> list[tuple[str, ...]]:
    return [view.path for view in tree.views]


def test_paths_follow_the_numbering_of_imap(opened: Callable[..., Opened]) -> None:
    inner = b"Subject: in\r\n" + multipart(leaf(b"a"), leaf(b"<a title=t>b</a>", "text/html"), boundary="h")
    mail = b"Subject: uit\r\n" + multipart(
        multipart(leaf(b"x"), leaf(b"y"), boundary="i"), leaf(inner, "message/rfc822")
    )
    assert paths(opened(mail)) == [
        ("", "subject#1"),
        ("1.1", "text"),
        ("1.2", "text"),
        ("2", "", "subject#1"),
        ("2", "1", "text"),
        ("2", "2", "html"),
        ("2", "2", "html", "a@title#1"),
    ]


def test_views_stand_in_reading_order(opened: Callable[..., Opened]) -> None:
    mail = b"From: Jan <j@x.test>\r\n" + multipart(
        leaf(b"een"), leaf(PNG, 'image/png; name="foto.png"', "Content-Transfer-Encoding: base64\r\n"), leaf(b"twee")
    )
    assert [(view.kind, view.text) for view in opened(mail).views] == [
        ("header", "Jan <j@x.test>"),
        ("body", "een"),
        ("filename", "foto.png"),
        ("body", "twee"),
    ]


def test_alternatives_share_a_group(opened: Callable[..., Opened]) -> None:
    related = multipart(leaf(b"<p>a", "text/html"), leaf(PNG, "image/png"), kind="related", boundary="r")
    mail = multipart(multipart(leaf(b"a"), related, kind="alternative", boundary="h"), leaf(b"b"))
    groups = {view.path[0]: view.group for view in opened(mail).views}
    assert groups["1.1"] == groups["1.2.1"] != ""
    assert groups["2"] == ""


def test_two_forwarded_alternatives_are_two_groups(opened: Callable[..., Opened]) -> None:
    one = multipart(leaf(b"a"), leaf(b"<p>a", "text/html"), kind="alternative", boundary="h")
    mail = multipart(leaf(one, "message/rfc822"), leaf(one, "message/rfc822"), one)
    assert len({view.group for view in opened(mail).views}) == 3


@pytest.mark.parametrize(
    ("header", "kind", "text"),
    [
        ("Subject: a 1234", "subject", "a 1234"),
        ("Thread-Topic: a", "header", "a"),
        ("Comments: a", "header", "a"),
        ("Content-Description: a", "header", "a"),
        ("Reply-To: Jan <a@x.test>", "header", "Jan <a@x.test>"),
        ("X-Klant: nr 1234", "header", "nr 1234"),
        ("X-Klant: mail a@x.test", "header", "mail a@x.test"),
        ("Content-Disposition: attachment; filename=a.pdf", "filename", "a.pdf"),
    ],
)
def test_headers_that_a_reader_sees(opened: Callable[..., Opened], header: str, kind: str, text: str) -> None:
    views = opened(f"{header}\r\n\r\n".encode()).views
    assert [(view.kind, view.text) for view in views] == [(kind, text)]


@pytest.mark.parametrize(
    "header",
    [
        "Message-ID: <12345@x.test>",
        "References: <1 2345@x.test>",
        "Received: from a by b; 12345 x",
        "DKIM-Signature: v=1; b=12345 6",
        "Date: Mon, 5 Jan 2026 10:00:00 +0100",
        "MIME-Version: 1.0",
        "X-MS-Exchange-Foo: 12345 x",
        "X-Mailer: foo 12345",
        "X-Woord: een",
        "Subject:",
        "Content-Type: text/plain; charset=utf-8",
    ],
)
def test_structural_headers_are_no_views(opened: Callable[..., Opened], header: str) -> None:
    assert opened(f"{header}\r\n\r\n".encode()).views == ()


def test_names_of_odd_fields_stay_out_of_paths(opened: Callable[..., Opened]) -> None:
    views = opened(
        b"X-123456782: een nr 1234\r\nX-123456783: nog een 5678\r\nTo: a@x.test\r\nTo: b@x.test\r\n\r\n"
    ).views
    assert [view.path[1] for view in views] == ["x#1", "x#2", "to#1", "to#2"]


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        (leaf(PNG, "image/png"), "image"),
        (leaf(b"%PDF", "application/pdf"), "pdf"),
        (leaf(b"PK", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"), "office"),
        (leaf(b"{\\rtf", "text/rtf"), "office"),
        (leaf(b"PK", "application/zip"), "archive"),
        (leaf(b"x", "audio/ogg"), "audio-video"),
        (leaf(b"x", "application/ms-tnef"), "tnef"),
        (leaf(b"x", 'application/octet-stream; name="WINMAIL.DAT"'), "tnef"),
        (leaf(b"x", 'application/octet-stream; name="a.PDF"'), "pdf"),
        (leaf(b"x", "application/octet-stream"), "unknown-type"),
        (leaf(b"x", "application/pkcs7-mime; smime-type=enveloped-data"), "encrypted"),
        (leaf(b"x", "application/pkcs7-mime"), "encrypted"),
        (leaf(b"x", "application/pkcs7-mime; smime-type=signed-data"), "signed"),
        (leaf(b"--h\r\n\r\n", "multipart/encrypted; boundary=h"), "encrypted"),
        (leaf(b"-----BEGIN PGP MESSAGE-----\r\nx"), "encrypted"),
        (leaf(b"x", "text/plain", "Content-Transfer-Encoding: x-uue\r\n"), "unknown-encoding"),
        (leaf(b"{", "application/json"), "not-json"),
    ],
)
def test_what_is_unread_and_why(opened: Callable[..., Opened], part: bytes, reason: str) -> None:
    tree = opened(multipart(leaf(b"nr 123456782"), part, leaf(b"slot")))
    assert reasons(tree) == [(("2",), reason)]
    assert [view.text for view in tree.views if view.kind == "body"] == ["nr 123456782", "slot"]


def test_an_empty_part_is_not_unread(opened: Callable[..., Opened]) -> None:
    assert opened(multipart(leaf(b"\r\n", "image/png"), leaf(b"a"))).unread == ()


@pytest.mark.parametrize(
    "mail",
    [
        leaf(b"--h\r\n\r\nx", "multipart/encrypted; boundary=h"),
        leaf(b"MIAGCSqG", "application/pkcs7-mime; smime-type=enveloped-data"),
        leaf(b"MIAGCSqG", "application/x-pkcs7-mime"),
        leaf(b"-----BEGIN PGP MESSAGE-----\r\nx\r\n-----END PGP MESSAGE-----\r\n"),
        leaf(
            base64.b64encode(b"-----BEGIN PGP MESSAGE-----\nx"), "text/plain", "Content-Transfer-Encoding: base64\r\n"
        ),
    ],
)
def test_an_encrypted_mail_can_not_be_opened(mail: bytes) -> None:
    with pytest.raises(FormatError, match="encrypted"):
        open_tree(b"Subject: x\r\n" + mail, "message/rfc822")


def test_signatures_are_noted(opened: Callable[..., Opened]) -> None:
    signed = multipart(leaf(b"a"), leaf(b"x", "application/pgp-signature"), kind="signed")
    assert opened(signed).notes == ("signature",)
    assert opened(signed).unread == ()
    assert opened(multipart(leaf(signed, "message/rfc822"))).notes == ("signature",)
    packed = base64.b64encode(signed)
    mail = multipart(leaf(packed, "message/rfc822", "Content-Transfer-Encoding: base64\r\n"))
    assert opened(mail).notes == ("signature",)
    assert opened(leaf(b"x", "application/pkcs7-mime; smime-type=signed-data")).notes == ("signature",)
    assert opened(multipart(leaf(b"a"))).notes == ()


def test_what_is_said_twice_differently_is_listed(opened: Callable[..., Opened]) -> None:
    twice = b"Content-Type: text/plain\r\nContent-Type: image/png\r\n\r\nnr 123456782"
    assert reasons(opened(twice)) == [(("1",), "ambiguous-header")]
    assert reasons(opened(twice.replace(b"image/png", b"text/plain"))) == []


def test_a_sender_can_not_choose_which_fields_are_read(opened: Callable[..., Opened]) -> None:
    tree = opened(multipart(leaf(b'{"a": "1234", "b": "x"}', 'application/json; fields="/b"')))
    assert [view.text for view in tree.views] == ["1234", "x"]


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"nr 123456782", b"nr [weg]"), (b"voor 123456782", b"voor [weg]"), (b"(123456782)", b"([weg])")],
)
def test_every_other_byte_is_kept(opened: Callable[..., Opened], old: bytes, new: bytes) -> None:
    mail = (
        b"X-Junk  : \x00\xff\r\nTo: a@x.test (123456782)\r\n"
        + multipart(leaf(b"nr 123456782\r\n \t\r\n"), leaf(b"\x00\xff", "image/png")).replace(
            b"\r\n\r\n--g", b"\r\n\r\nvoor 123456782\r\n--g", 1
        )
        + b" \r\nna\r"
    )
    assert old in mail
    tree = opened(mail)
    needle = old.decode()
    view = next(view for view in tree.views if needle in view.text)
    at = view.text.index(needle) + needle.index(BSN)
    assert tree.apply([Edit(view.path, at, at + 9, "[weg]")]) == mail.replace(old, new)


def test_edits_of_all_layers_at_once(opened: Callable[..., Opened], replace: Callable[..., bytes]) -> None:
    inner = b"Subject: nr 123456782\r\n\r\n<nr 123456782"
    packed = base64.b64encode(
        b"Content-Transfer-Encoding: quoted-printable\r\nSubject: 123456782\r\n\r\n12=\r\n3456782"
    )
    mail = multipart(
        leaf(inner, "message/rfc822"), leaf(packed, "message/rfc822", "Content-Transfer-Encoding: base64\r\n")
    )
    new = replace(mail, BSN, "[weg]")
    assert sorted(view.text for view in opened(new).views) == ["<nr [weg]", "[weg]", "[weg]", "nr [weg]"]


def nested(depth: int) -> bytes:
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    return head + b"\r\ndiep"


def test_fifty_levels_are_read_and_not_one_more(opened: Callable[..., Opened]) -> None:
    assert len(opened(nested(49)).views) == 1
    assert len(opened(b"Content-Type: message/rfc822\r\n\r\n" * 48 + b"\r\ndiep").views) == 1
    for mail in (nested(1_000), b"Content-Type: message/rfc822\r\n\r\n" * 1_000):
        with pytest.raises(BudgetExceeded, match="depth"):
            opened(mail)
    for _ in range(5):
        packed = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(
            nested(12)
        )
    with pytest.raises(BudgetExceeded, match="depth"):
        open_tree(packed, "message/rfc822", budget=Budget(Limits(depth=10)))


def test_two_thousand_parts_and_not_one_more(opened: Callable[..., Opened]) -> None:
    part = b"--g\r\n\r\n\r\n"
    head = b"Content-Type: multipart/mixed; boundary=g\r\n\r\n"
    opened(head + part * 1_999)
    with pytest.raises(BudgetExceeded, match="parts"):
        opened(head + part * 2_001)


def test_false_delimiters_and_fields_are_counted() -> None:
    small = Budget(Limits(characters=5_000))
    with pytest.raises(BudgetExceeded, match="characters"):
        open_tree(multipart(b"\r\n" + b"--\r\n" * 9_000), "message/rfc822", budget=small)
    with pytest.raises(BudgetExceeded, match="characters"):
        open_tree(b"a:\n" * 9_000, "message/rfc822", budget=Budget(Limits(characters=5_000)))
    with pytest.raises(BudgetExceeded, match="bytes"):
        open_tree(b"x" * 101, "message/rfc822", budget=Budget(Limits(bytes=100)))


def test_nested_encodings_can_not_multiply_a_mail() -> None:
    body = b"Content-Type: text/plain\r\n\r\n" + b"x" * 30_000
    for _ in range(6):
        body = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + body.replace(
            b"=", b"=3D"
        )
    assert len(open_tree(body, "message/rfc822", budget=Budget()).views) == 1
    with pytest.raises(BudgetExceeded, match="bytes"):
        open_tree(body, "message/rfc822", budget=Budget(Limits(bytes=31_000)))


def test_a_big_image_is_not_decoded() -> None:
    image = leaf(b"A" * 20_000_000, "image/png", "Content-Transfer-Encoding: base64\r\n")
    mail = multipart(leaf(b"nr 123456782"), image)
    tracemalloc.start()
    try:
        tree = open_tree(mail, "message/rfc822")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert reasons(tree) == [(("2",), "image")]
    assert peak < 2_000_000


@pytest.mark.parametrize(
    "mail",
    [
        b"\n--" * 60_000,
        b"--g" * 60_000,
        b"a" * 200_000,
        b"a" * 200_000 + b":",
        b":" * 200_000,
        b" \r\n" * 60_000,
        b"Subject: " + b"=?utf-8?q?" * 20_000,
        b"Subject: " + b"=?a?q?b?= " * 20_000,
        b"To: " + b"<" * 200_000,
        b"To: " + b"(" * 200_000,
        b"To: " + b'"\\' * 100_000,
        b"To: " + b"a@x.test," * 20_000,
        b"To: " + b"a " * 100_000,
        b"To: " + b"=?a?q?b?= " * 20_000,
        b"Content-Type: " + b";" * 200_000,
        b"Content-Type: a/b; " + b'name="' * 30_000,
        b"Content-Type: a/b; " + b"name*0=a; " * 20_000,
        b"Content-Type: a/b" + b" " * 200_000 + b";x",
        b"X-A: " + b" " * 200_000 + b"x 1234",
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=" * 200_000,
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=" + b" \t" * 100_000,
        b"Content-Transfer-Encoding: base64\r\n\r\n" + b"A=" * 100_000,
        b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"> \n" * 60_000,
        b"Content-Type: text/plain; format=flowed\r\n\r\n" + b">" * 200_000,
    ],
)
def test_hostile_mail_is_opened_and_edited(opened: Callable[..., Opened], mail: bytes) -> None:
    tree = opened(mail)
    assert tree.apply(()) == mail
    edits = [Edit(view.path, at, at + 1, "x") for view in tree.views for at in range(0, len(view.text), 50)]
    tree.apply(edits)


def test_regions_do_not_overlap() -> None:
    mail = multipart(multipart(leaf(b"a"), boundary="h"), leaf(leaf(b"b"), "message/rfc822")) + b"\r\nslot"
    structure = scan(mail, (), Budget())
    regions = [item for item in structure.items if isinstance(item, Region)]
    assert all(a.end <= b.start for a, b in pairwise(regions))
    assert regions[-1].end == len(mail)
    assert isinstance(structure.items[0], Entity)
    assert structure.root.media_type == "multipart/mixed"


def test_a_missing_line_end_before_a_boundary(opened: Callable[..., Opened]) -> None:
    mail = b"Content-Type: multipart/mixed; boundary=g\n\n--g\n--g\nX-A: een nr 1234\n--g\n\nslot\n--g--"
    assert [view.text for view in opened(mail).views] == ["een nr 1234", "slot"]


def test_two_epilogues_have_two_paths(opened: Callable[..., Opened]) -> None:
    mail = multipart(leaf(b"a")) + b"\r\neen\r\n--g--\r\ntwee\r\n"
    assert paths(opened(mail)) == [("1", "text"), ("epilogue", "text"), ("epilogue2", "text")]


def test_hidden_mail_stays_hidden(opened: Callable[..., Opened]) -> None:
    mail = b"Subject: a\r\n" + multipart(leaf(b"a"))
    document = MimeFormat(lambda _: True).open(mail, {}, ("1",), Budget(), kind="hidden", group="g")
    assert {view.kind for view in document.views} == {"hidden"}
    assert [(child.kind, child.group) for child in document.children] == [("hidden", "g")]
