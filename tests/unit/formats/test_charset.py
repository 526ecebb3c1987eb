"""Charsets: claimed, wrong, unknown, with a state; and what they can't say."""

from __future__ import annotations

import codecs

import pytest

from scrubber.formats.base import splice
from scrubber.formats.charset import codec_name, decode, to_ascii
from scrubber.formats.spans import Patch


def edited(payload: bytes, charset: str, old: str, new: str) -> bytes:
    opened = decode(payload, charset)
    at = opened.text.index(old)
    return splice(payload, opened.lower([Patch(at, at + len(old), new)]))


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("iso-8859-1", "één 1234 ñ"),
        ("windows-1252", "€ 1234 “x”"),
        ("utf-8", "één 1234 😀"),
        ("iso-8859-15", "€ 1234"),
        ("koi8-r", "номер 1234"),
        ("gb2312", "号码 1234 谢谢"),
        ("gb18030", "号码 1234 😀"),
        ("big5", "號碼 1234 謝"),
        ("shift_jis", "番号 1234 です"),
        ("euc-kr", "번호 1234 입"),
        ("utf-16-le", "één 1234 😀"),
        ("utf-32", "één 1234 😀"),
        ("utf-32-be", "één 1234"),
        ("utf-16", "één 1234"),
        ("utf-7", "één 1234 😀 +"),
        ("iso-2022-jp", "番号 1234 です"),
        ("hz", "号码 1234 谢谢"),
    ],
)
def test_only_the_edited_span_changes(charset: str, text: str) -> None:
    payload = text.encode(charset)
    opened = decode(payload, charset)
    assert opened.text == text
    new = edited(payload, charset, "1234", "[weg]")
    assert decode(new, charset).text == text.replace("1234", "[weg]")
    if not opened.whole:
        assert new == payload.replace("1234".encode(opened.codec), "[weg]".encode(opened.codec))


@pytest.mark.parametrize(
    ("payload", "charset", "text"),
    [
        ("één".encode(), "us-ascii", "één"),
        ("één".encode("cp1252"), "us-ascii", "één"),
        ("één".encode("cp1252"), "", "één"),
        ("één €".encode("cp1252"), "iso-8859-1", "één €"),
        (b"\x81\x8d\xe9", "", "\x81\x8dé"),
        (b"\x81\xe9", "iso-8859-1", "\x81é"),
        ("één tweeën".encode() + b"\xff", "utf-8", "één tweeën\ufffd"),
        (codecs.BOM_UTF8 + b"x", "", "x"),
        (codecs.BOM_UTF8 + b"x", "utf-8", "x"),
        (codecs.BOM_UTF16_LE + "é".encode("utf-16-le"), "", "é"),
        (codecs.BOM_UTF16_BE + "é".encode("utf-16-be"), "utf-16", "é"),
        (codecs.BOM_UTF16_BE + "é".encode("utf-16-be"), "utf-16-be", "é"),
        ("ab".encode("utf-16-be"), "utf-16", "ab"),
        (b"\xd8\x00", "utf-16-be", "\ufffd"),
        (b"nr 12", "utf-16", "nr 12"),
        (b"nr 12345", "utf-32-le", "nr 12345"),
        ("ab".encode("utf-32-be"), "utf-32", "ab"),
        (b"\xff\xff\xff\xff" + "a".encode("utf-32-le"), "utf-32-le", "\ufffda"),
        (b"+AGE-b", "utf-7", "ab"),
        (b"+//8", "utf-7", "\uffff"),
        (b"\x1b$B!", "iso-2022-jp", "\x1b$B!"),
        (b"ab", '"utf-8"', "ab"),
    ],
)
def test_what_a_message_claims_is_tried_first_and_then_what_it_is(payload: bytes, charset: str, text: str) -> None:
    opened = decode(payload, charset)
    assert opened.text == text
    assert opened.lower([]) == ()


@pytest.mark.parametrize("name", ["", "nix", "idna", "unicode_escape", "zlib", "rot13", "a\0b", "x" * 99, "ütf", "hex"])
def test_names_that_are_no_charset(name: str) -> None:
    assert codec_name(name) is None
    assert decode(b"a\\u0041", name).text == "a\\u0041"


def test_a_broken_byte_keeps_its_place() -> None:
    payload = "één tweeën ".encode() + b"\xff 1234 \xfe"
    assert edited(payload, "utf-8", "1234", "[weg]") == payload.replace(b"1234", b"[weg]")


def test_more_broken_than_right_is_no_utf8() -> None:
    assert decode(b"\xe9\xe9n", "utf-8").text == "één"


def test_utf7_that_can_be_written_in_two_ways_reads_the_same() -> None:
    payload = b"+ADEAMgAz- en +AOk-"
    new = edited(payload, "utf-7", "123", "[weg]")
    assert new.decode("utf-7") == "[weg] en é"


@pytest.mark.parametrize(
    ("charset", "said"), [("iso-8859-1", "een 'x' ?"), ("utf-7", "één ‘x’ 号"), ("ascii", "een 'x' ?")]
)
def test_what_a_charset_cannot_say_is_said_in_ascii(charset: str, said: str) -> None:
    new = edited(b"nr 1234", charset, "1234", "één ‘x’ 号")
    assert new.decode(charset) == f"nr {said}"


def test_iso_2022_falls_back_too() -> None:
    payload = "番号 1234".encode("iso-2022-jp")
    assert edited(payload, "iso-2022-jp", "1234", "é😀").decode("iso-2022-jp") == "番号 e?"


def test_html_says_it_by_reference() -> None:
    opened = decode("nr é".encode("latin-1"), "iso-8859-1")
    assert [edit.data for edit in opened.lower([Patch(0, 2, "号")], references=True)] == [b"&#21495;"]


def test_to_ascii() -> None:
    assert to_ascii("“Één” – Kovačević, ß € …") == '"Een" - Kovacevic, ss EUR ...'
