"""Where mail programs differ about what a mail is, nothing is hidden by it: every reading is read, or it is listed."""

from __future__ import annotations

import base64
import time

import pytest

from scrubber.budget import Budget, Limits
from scrubber.errors import BudgetExceeded
from scrubber.finding import Edit
from scrubber.formats.html import HtmlFormat
from scrubber.formats.mime_fields import LONGEST_FIELD
from scrubber.formats.registry import Opened, open_tree

BSN = "123456782"
PUT = "[weg]"
PACKED = base64.b64encode(b"Mijn BSN is 123456782, en dat is alles.")
LEAF = b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n"
TEXT = "Mijn BSN is 123456782, en dat is alles."


def reasons(tree: Opened) -> list[str]:
    return [unread.reason for unread in tree.unread]


def seen(tree: Opened) -> list[tuple[tuple[str, ...], str]]:
    return [(view.path, view.text) for view in tree.views]


def check_edits(mail: bytes) -> bytes:
    """Replaces the value in every view; what is not edited stays, and nothing shows the value any more."""
    tree = open_tree(mail, "message/rfc822")
    assert tree.apply(()) == mail
    paths = [view.path for view in tree.views]
    assert len(set(paths)) == len(paths)
    edits = [Edit(view.path, at, at + len(BSN), PUT) for view in tree.views if (at := view.text.find(BSN)) >= 0]
    assert edits
    new = tree.apply(edits)
    again = {view.path: view.text for view in open_tree(new, "message/rfc822").views}
    for view in tree.views:
        if view.path in again:
            assert again[view.path] == view.text.replace(BSN, PUT)
        else:
            assert BSN in view.text
    assert not any(BSN in text for text in again.values())
    return new


# --- headers with lines that are none


@pytest.mark.parametrize(
    "line", [b"this is no header", "Über: x".encode(), b"a b: c", b"=20", b"bad\r\n folded on", b"een\r\ntwee"]
)
@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_a_line_that_is_no_field_does_not_end_a_header(line: bytes, end: bytes) -> None:
    mail = (b"Subject: x\r\n" + line + b"\r\n" + LEAF + b"\r\n" + PACKED).replace(b"\r\n", end)
    tree = open_tree(mail, "message/rfc822")
    assert ("1", "text") in [view.path for view in tree.views]
    assert tree.views[-1].text == TEXT
    assert reasons(tree) == ["ambiguous-header"]
    check_edits(mail)


def test_an_odd_line_at_the_very_start() -> None:
    tree = open_tree(b"geen kop\r\n" + LEAF + b"\r\n" + PACKED, "message/rfc822")
    assert seen(tree) == [(("", "line#1"), "geen kop"), (("1", "text"), TEXT)]
    assert [view.kind for view in tree.views] == ["hidden", "body"]


def test_a_byte_order_mark_before_the_header() -> None:
    tree = open_tree(b"\xef\xbb\xbf" + LEAF + b"\r\n" + PACKED, "message/rfc822")
    assert seen(tree) == [(("1", "text"), TEXT)]
    assert reasons(tree) == []


def test_what_odd_lines_say_is_a_view() -> None:
    mail = (
        b"Subject: x\r\nMijn nummer is\r\n 123456782\r\nBSN: 123456782\r\nX-B: =?utf-8?b?MTIzNDU2Nzgy?=\r\n"
        b"From: a@x.test\r\nnog een 123456782\r\n\r\nbody"
    )
    tree = open_tree(mail, "message/rfc822")
    assert seen(tree)[1] == (
        ("", "line#1"),
        "Mijn nummer is 123456782\r\nBSN: 123456782\r\nX-B: 123456782",
    )
    assert (("", "line#2"), "nog een 123456782") in seen(tree)
    check_edits(mail.replace(b"BSN: 123456782\r\nX-B: =?utf-8?b?MTIzNDU2Nzgy?=\r\n", b""))


@pytest.mark.parametrize(
    ("mail", "body"),
    [
        (b"Beste helpdesk,\r\n\r\nmijn BSN is 123456782\r\n", "Beste helpdesk,\r\n\r\nmijn BSN is 123456782\r\n"),
        (b"mijn BSN is 123456782", "mijn BSN is 123456782"),
        (b"Subject: x\r\nmijn BSN is 123456782", "mijn BSN is 123456782"),
        (b"Subject: x\r\nmijn BSN is 123456782\r\nFrom: y", "mijn BSN is 123456782\r\nFrom: y"),
        ("\ufeffmijn BSN is 123456782\r\n\r\nx".encode(), "mijn BSN is 123456782\r\n\r\nx"),
    ],
)
def test_a_mail_without_a_header_is_a_body(mail: bytes, body: str) -> None:
    tree = open_tree(mail, "message/rfc822")
    assert tree.views[-1].path == ("1", "text")
    assert tree.views[-1].text == body
    assert reasons(tree) == (["ambiguous-header"] if b"From: y" in mail else [])
    check_edits(mail)


def test_the_mbox_line_of_a_forwarded_mail() -> None:
    mail = b"Content-Type: message/rfc822\r\n\r\nFrom Mijn BSN is 123456782\r\nSubject: x\r\n\r\nbody"
    tree = open_tree(mail, "message/rfc822")
    assert seen(tree)[0] == (("1", "", "line#1"), "From Mijn BSN is 123456782")
    assert reasons(tree) == []
    assert check_edits(mail) == mail.replace(b"123456782", b"[weg]")


# --- base64 with junk in it


def test_junk_in_base64_is_skipped_and_listed() -> None:
    junk = b"!".join(PACKED[at : at + 12] for at in range(0, len(PACKED), 12))
    mail = LEAF + b"\r\n" + junk
    tree = open_tree(mail, "message/rfc822")
    assert seen(tree) == [(("1", "text"), TEXT)]
    assert reasons(tree) == ["broken-encoding"]
    check_edits(mail)


def test_a_footer_behind_base64_does_not_hide_it() -> None:
    tree = open_tree(LEAF + b"\r\n" + PACKED + b"\r\n_______\r\nde lijst <https://lijst.example>", "message/rfc822")
    assert TEXT in tree.views[0].text
    assert reasons(tree) == ["broken-encoding"]


def test_text_that_only_says_base64_is_read_and_listed() -> None:
    tree = open_tree(LEAF + b"\r\nMijn BSN (dat van mij) is: 123456782!", "message/rfc822")
    assert tree.views[0].text == "Mijn BSN (dat van mij) is: 123456782!"
    assert reasons(tree) == ["broken-encoding"]


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "iso-8859-1"])
def test_junk_in_an_encoded_word(charset: str) -> None:
    packed = base64.b64encode("één BSN is 123456782".encode(charset)).decode()
    junk = "!".join(packed[at : at + 8] for at in range(0, len(packed), 8))
    mail = f"Subject: =?{charset}?b?{junk}?=\r\n\r\nx".encode()
    assert open_tree(mail, "message/rfc822").views[0].text == "één BSN is 123456782"
    check_edits(mail)


def test_base64_in_other_scripts_with_junk() -> None:
    packed = base64.b64encode("Здравствуйте, это мой номер".encode())
    mail = LEAF + b"\r\n" + b"!".join(packed[at : at + 12] for at in range(0, len(packed), 12))
    assert open_tree(mail, "message/rfc822").views[0].text == "Здравствуйте, это мой номер"


# --- boundaries


PART = b"--%b\r\n" + LEAF + b"\r\n" + PACKED + b"\r\n--%b--\r\n"


@pytest.mark.parametrize(
    ("parameters", "boundary", "listed"),
    [
        ('boundary="=?us-ascii?q?abc?="', b"=?us-ascii?q?abc?=", []),
        ('boundary="zzz"; boundary="abc"', b"abc", ["ambiguous-header"]),
        ('boundary="abc"; boundary="zzz"', b"abc", ["ambiguous-header"]),
        ("boundary*0=a; boundary*1=bc; boundary=zzz", b"abc", ["ambiguous-header"]),
        ("boundary=abc (x)", b"abc", []),
        ('boundary="a(b)c"', b"a(b)c", []),
    ],
)
def test_every_boundary_that_a_reader_could_see(parameters: str, boundary: bytes, listed: list[str]) -> None:
    mail = f"Content-Type: multipart/mixed; {parameters}\r\n\r\n".encode() + PART % (boundary, boundary)
    tree = open_tree(mail, "message/rfc822")
    assert (("1", "text"), TEXT) in seen(tree)
    assert reasons(tree) == listed
    check_edits(mail)


def test_a_boundary_in_a_comment() -> None:
    mail = b"Content-Type: multipart/mixed (x; boundary=zzz); boundary=abc\r\n\r\n" + PART % (b"abc", b"abc")
    assert (("1", "text"), TEXT) in seen(open_tree(mail, "message/rfc822"))


@pytest.mark.parametrize("content_type", ["multipart/mixed", "multipart/mixed; boundary=zzz", "Multipart / Mixed (x)"])
def test_a_multipart_in_which_no_part_begins_is_listed(content_type: str) -> None:
    mail = f"Content-Type: {content_type}\r\n\r\nBSN 123456782\r\n".encode() + PART % (b"abc", b"abc")
    tree = open_tree(mail, "message/rfc822")
    assert reasons(tree) == ["no-parts"]
    assert "BSN 123456782" in tree.views[0].text
    check_edits(mail)


@pytest.mark.parametrize(
    "encoding", ["(x) base64", "((a\\)) (b)) base64", "base64 (x)", "base64 (x", "BASE64;", "\r\n base64"]
)
def test_comments_do_not_hide_an_encoding(encoding: str) -> None:
    mail = f"Content-Transfer-Encoding: {encoding}\r\n\r\n".encode() + PACKED
    assert (("1", "text"), TEXT) in seen(open_tree(mail, "message/rfc822"))


def test_a_type_that_some_reader_could_understand_is_listed() -> None:
    mail = b"Content-Type: =?us-ascii?q?multipart/mixed?=; boundary=abc\r\n\r\nx"
    assert reasons(open_tree(mail, "message/rfc822")) == ["ambiguous-header"]
    assert reasons(open_tree(b"Content-Type: text\r\n\r\nx", "message/rfc822")) == []


def test_two_charsets_in_one_field_are_listed() -> None:
    mail = b"Content-Type: text/plain; charset=utf-8; charset=utf-7\r\n\r\nx"
    assert reasons(open_tree(mail, "message/rfc822")) == ["ambiguous-header"]
    assert reasons(open_tree(mail.replace(b"utf-7", b"utf-8"), "message/rfc822")) == []


# --- charsets that don't decode


def test_a_bad_byte_does_not_hide_utf_7() -> None:
    mail = b"Content-Type: text/plain; charset=utf-7\r\n\r\nBSN +ADEAMgAzADQANQA2ADcAOAAy- \xff x"
    tree = open_tree(mail, "message/rfc822")
    assert tree.views[0].text == "BSN 123456782 \ufffd x"
    assert reasons(tree) == []
    check_edits(mail)


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_a_charset_with_a_state_that_does_not_decode_is_listed(kind: str) -> None:
    mail = f"Content-Type: {kind}; charset=iso-2022-jp\r\n\r\n".encode() + b"BSN 123456782 \x1b$B!"
    tree = open_tree(mail, "message/rfc822")
    assert BSN in tree.views[0].text
    assert reasons(tree) == ["broken-charset"]
    check_edits(mail)


def test_json_in_such_a_charset_is_listed() -> None:
    tree = open_tree(b'{"a": "123456782 ~{z"}', "application/json", {"charset": "hz"})
    assert [view.text for view in tree.views] == ["123456782 ~{z"]
    assert reasons(tree) == ["broken-charset"]


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("tail", [b"", b"x", b"\0"])
def test_an_unfinished_unit_is_kept_and_the_rest_edited_in_its_charset(charset: str, tail: bytes) -> None:
    body = "één nr 123456782 ja".encode(charset)
    mail = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: binary\r\n\r\n".encode()
    tree = open_tree(mail + body + tail, "message/rfc822")
    assert tree.views[0].text == "één nr 123456782 ja"
    new = check_edits(mail + body + tail)
    plain = charset if charset[-1] == "e" else f"{charset}-le"
    assert new == mail + body.replace(BSN.encode(plain), PUT.encode(plain)) + tail


def test_half_a_surrogate_pair_is_kept() -> None:
    body = "nr 123456782 ".encode("utf-16-le") + b"\x3d\xd8" + "x".encode("utf-16-le")
    tree = open_tree(body, "text/plain", {"charset": "utf-16-le"})
    assert tree.views[0].text == "nr 123456782 \ufffdx"
    assert tree.apply([Edit(("text",), 3, 12, PUT)]) == body.replace(BSN.encode("utf-16-le"), PUT.encode("utf-16-le"))


# --- files in a text


@pytest.mark.parametrize(
    "text",
    [
        "Hallo\nbegin 644 kopie.txt\n#0V%T\n`\nend\n",
        'begin 644 a b.txt\r\n/36EJ;B!"4TX@:7,@,3(S\r\n',
        "begin-base64 644 x\nTWlqbiBCU04=\n====\n",
        "=ybegin line=128 size=9 name=x.txt\nabc\n=yend",
    ],
)
def test_a_file_inside_a_text_is_listed(text: str) -> None:
    assert reasons(open_tree(text.encode(), "text/plain")) == ["uuencode"]


@pytest.mark.parametrize(
    "text", ["begin 644 was het jaar\nen toen", "we begin 644 x\n#0V%T", "begin 12\n", "=ybegin x"]
)
def test_a_sentence_that_begins_so_is_not(text: str) -> None:
    assert reasons(open_tree(text.encode(), "text/plain")) == []


@pytest.mark.parametrize(
    ("url", "listed"),
    [
        ("data:text/plain;base64,TWlqbg==", ["embedded"]),
        ("data:;base64,TWlqbg==", ["embedded"]),
        ("data:text/html;charset=utf-8;base64,TWlqbg==", ["embedded"]),
        ("&#100;ata:text/plain;base64,TWlqbg==", ["embedded"]),
        (" da\nta:text/plain;BASE64,TWlqbg==", ["embedded"]),
        ("data:text/plain,nr%20123456782", []),
        ("data:image/png;base64,AAAA", ["image"]),
        ("https://x.test/data:text/plain;base64,AAAA", []),
    ],
)
def test_text_in_a_data_url(url: str, listed: list[str]) -> None:
    page = f'<p>x<a href="{url}">y</a>'.encode()
    document = HtmlFormat().open(page, {}, (), Budget(), kind="body", group="")
    assert [unread.reason for unread in document.unread] == listed


# --- parameters


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("attachment; filename=\"scan.png\"; filename*=utf-8''BSN%20123456782.png", ["scan.png", "BSN 123456782.png"]),
        ("attachment; filename*=utf-8''scan.png; filename=\"BSN 123456782\"", ["scan.png", "BSN 123456782"]),
        ("attachment; filename=a; filename=123456782.png", ["a", "123456782.png"]),
        ("attachment; filename=a; filename*0=1234; filename*1=56782", ["a", "123456782"]),
        ('attachment; x="BSN 123456782"', ["BSN 123456782"]),
        ('attachment; x="=?utf-8?q?BSN_123456782?="', ["BSN 123456782"]),
        ("attachment; x=a@x.test; y=b", ["a@x.test"]),
        ("attachment; charset=123456782", ["123456782"]),
        ("BSN 123456782; x=y", ["BSN 123456782"]),
        ("attachment (123456782); x=y", ["attachment (123456782)"]),
        ("attachment; nog een 123456782=x; y=z", ["attachment; nog een 123456782=x"]),
        ("attachment; 123456782=x; y=z", ["attachment; 123456782=x"]),
        ("attachment; y=z; BSN 123456782", ["; BSN 123456782"]),
        ('attachment; y="z" =?utf-8?q?12345?=6782', ["123456782"]),
    ],
)
def test_every_written_parameter_is_a_view(value: str, texts: list[str]) -> None:
    mail = f"Content-Disposition: {value}\r\nContent-Type: text/plain; name=b\r\n\r\nx".encode()
    tree = open_tree(mail, "message/rfc822")
    assert [view.text for view in tree.views[:-2]] == texts
    if BSN in "".join(texts):
        check_edits(mail)


def test_both_forms_of_a_file_name_keep_their_form() -> None:
    mail = b"Content-Disposition: attachment; filename=\"scan.png\"; filename*=utf-8''BSN%20123456782.png\r\n\r\n"
    assert check_edits(mail) == mail.replace(b"123456782", b"%5Bweg%5D")
    names = [view.path[1] for view in open_tree(mail, "message/rfc822").views]
    assert names == ["content-disposition@filename#1", "content-disposition@filename#2"]


@pytest.mark.parametrize(
    "value",
    [
        "multipart/mixed; boundary=123456789",
        'multipart/related; start="<123456789@x.test>"; type="text/html"',
        'attachment; size=12345; creation-date="Mon, 5 Jan 2026 10:00:00 +0100"',
        "text/plain; charset=iso-8859-15; format=flowed",
    ],
)
def test_parameters_of_the_structure_are_no_views(value: str) -> None:
    assert open_tree(f"Content-Type: {value}\r\n\r\n".encode(), "message/rfc822").views == ()


def test_a_file_name_with_a_charset_counts() -> None:
    mail = b"Content-Type: application/octet-stream; name=a.bin; name*=utf-8''a.txt\r\n\r\nnr 123456782"
    assert open_tree(mail, "message/rfc822").views[-1].text == "nr 123456782"


# --- other headers


@pytest.mark.parametrize(
    "header",
    [
        "X-BSN: 123456782",
        "X-Mailer: 123456782",
        "User-Agent: 123456782",
        "Precedence: 123456782",
        "X-Note: =?utf-8?b?TWlqbiBCU04gaXMgMTIzNDU2Nzgy?=",
        "X-Note: a123456782b",
    ],
)
def test_one_word_is_enough(header: str) -> None:
    mail = f"{header}\r\n\r\nx".encode()
    assert BSN in open_tree(mail, "message/rfc822").views[0].text
    check_edits(mail)


# --- signatures


def signed(*parts: bytes, kind: str = "signed") -> bytes:
    inner = b"".join(b"--g\r\n" + part + b"\r\n" for part in parts)
    return f"Content-Type: multipart/{kind}; boundary=g\r\n\r\n".encode() + inner + b"--g--"


ARMOUR = (
    b"-----BEGIN PGP SIGNATURE-----\r\nVersion: GnuPG v2\r\n\r\niQEzBAEBCAAdFiEE\r\n=abcd\r\n"
    b"-----END PGP SIGNATURE-----\r\n"
)
DER = b"\x30\x82\x01\x00" + bytes(range(256))
PGP = b"Content-Type: application/pgp-signature\r\n\r\n"
P7S = b"Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\n"
A = b"\r\na"


@pytest.mark.parametrize("part", [PGP + ARMOUR, P7S + base64.b64encode(DER), P7S + base64.b64encode(DER + b"\r\n")])
def test_a_real_signature_says_nothing(part: bytes) -> None:
    tree = open_tree(signed(A, part), "message/rfc822")
    assert [view.text for view in tree.views] == ["a"]
    assert tree.unread == ()
    assert tree.notes == ("signature",)


@pytest.mark.parametrize(
    "mail",
    [
        signed(A, PGP + b"Mijn BSN is 123456782"),
        signed(A, A, PGP + b"Mijn BSN is 123456782"),
        signed(A, PGP + ARMOUR.replace(b"Version: GnuPG v2", b"Comment: BSN 123456782")),
        signed(A, PGP + ARMOUR + b"BSN 123456782"),
        signed(A, PGP + ARMOUR.replace(b"iQEzBAEBCAAdFiEE", b"TWlqbiBCU04gaXMg\r\n123456782")),
        signed(A, P7S + base64.b64encode(b"0 BSN 123456782")),
        PGP + b"BSN 123456782",
    ],
)
def test_what_only_says_that_it_is_a_signature_is_read(mail: bytes) -> None:
    check_edits(mail)


@pytest.mark.parametrize(
    "mail",
    [
        signed(A, A, P7S + base64.b64encode(DER)),
        signed(A, P7S + base64.b64encode(DER), kind="mixed"),
        signed(A, P7S + base64.b64encode(DER + bytes(range(200, 256)))),
        signed(A, P7S + base64.b64encode(b"\x30\x80" + bytes(range(256)))),
        signed(A, P7S + base64.b64encode(b"\x30\x82\xff\xff" + bytes(range(256)))),
        signed(A, P7S + base64.b64encode(b"\x80")),
    ],
)
def test_what_is_no_text_and_no_signature_is_listed(mail: bytes) -> None:
    assert reasons(open_tree(mail, "message/rfc822")) == ["unknown-type"]


def test_a_signature_in_an_unknown_encoding_is_listed() -> None:
    mail = signed(A, PGP.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: x-uue\r\n\r\n") + b"\xff\x80")
    assert reasons(open_tree(mail, "message/rfc822")) == ["unknown-encoding"]


def test_armour_without_data_is_text() -> None:
    armour = b"-----BEGIN PGP SIGNATURE-----\r\n=\r\n-----END PGP SIGNATURE-----"
    assert [view.text for view in open_tree(signed(A, PGP + armour), "message/rfc822").views][1:] == [armour.decode()]


# --- cost


def test_the_length_of_a_field_is_limited() -> None:
    long = b"Subject: " + b"a" * (LONGEST_FIELD - 1)
    assert len(open_tree(long + b"\r\n\r\n", "message/rfc822").views) == 1
    with pytest.raises(BudgetExceeded, match="header"):
        open_tree(long + b"aa\r\n\r\n", "message/rfc822")


def test_header_text_is_counted_before_it_is_read() -> None:
    for mail in (b"Subject: " + b"a" * 6_000, b"From " + b"a" * 6_000, b"a: b\r\n" + b"a" * 6_000 + b"\r\n\r\n"):
        with pytest.raises(BudgetExceeded, match="characters"):
            open_tree(mail, "message/rfc822", budget=Budget(Limits(characters=5_000)))


@pytest.mark.parametrize(
    "field",
    [
        b'Content-Disposition: x; filename="' + b"=?a?q?b?=x" * 24_000 + b'"',
        b"Content-Disposition: x; filename=" + b"=?a?b?YWJj?= " * 18_000,
        b"Content-Disposition: x" + b"; a=1234" * 30_000,
        b"Content-Disposition: x" + b";123456" * 35_000,
        b"Content-Type: " + b"; " * 125_000,
        b"Content-Type: " + b"(;" * 120_000,
        b"Content-Type: " + b"()" * 120_000 + b"a/b",
        b"Content-Type: a/b; " + b" " * 200_000 + b"x",
        b"Content-Type: a/b; boundary=" + b"(" * 200_000,
        b"Subject: " + b"1 =?a?q?b?= " * 20_000,
        b"Subject: " + b"12\r\n " * 50_000,
        b"Subject: " + b"a" * 100_000 + b"=?a?q?b?=" * 10_000,
        b"Subject: " + b"=?a?b?YWJj?= " * 20_000,
        b"X: y\r\n" + b"a\r\n\tb\r\n" * 30_000 + b"\r\n",
        b"X: y\r\n" + b"a\r\nFrom: b@x.test\r\n" * 4_000 + b"\r\n",
    ],
)
def test_hostile_fields_cost_no_more_than_their_length(field: bytes) -> None:
    """Twice the field takes about twice as long, not four times."""

    def seconds(mail: bytes) -> float:
        start = time.process_time()
        tree = open_tree(mail, "message/rfc822", budget=Budget(Limits(characters=10**9)))
        edits = [
            Edit(view.path, at, at + 1, "é" if at % 2 else "x")
            for view in tree.views
            for at in range(0, len(view.text), 7)
        ]
        tree.apply(edits)
        return time.process_time() - start

    whole = seconds(field)
    assert whole < 20
    if whole > 2:
        assert whole < 4 * max(seconds(field[: len(field) // 2] + b"\r\n\r\n"), 0.1)
