"""Transfer encodings: decoded leniently, edited minimally."""

from __future__ import annotations

import base64
import quopri

import pytest

from scrubber.formats.base import ByteEdit, splice
from scrubber.formats.transfer import decode_transfer, known, lower_transfer

QP, B64 = "quoted-printable", "base64"


def edited(raw: bytes, encoding: str, old: bytes, new: bytes, charset: str = "") -> bytes:
    at = decode_transfer(raw, encoding).index(old)
    return splice(raw, lower_transfer(raw, encoding, [ByteEdit(at, at + len(old), new)], charset))


@pytest.mark.parametrize(
    ("raw", "decoded"),
    [
        (b"a=3Db=20", b"a=b "),
        (b"a=\r\nb=\nc= \t\r\nd", b"abcd"),
        (b"a=zz=4", b"a=zz=4"),
        (b"a=", b"a"),
        (b"=e9=E9", b"\xe9\xe9"),
        (b"a \r\nb", b"a \r\nb"),
        (b"", b""),
    ],
)
def test_quoted_printable(raw: bytes, decoded: bytes) -> None:
    assert decode_transfer(raw, QP) == decoded


@pytest.mark.parametrize(
    ("raw", "decoded"),
    [
        (b"aGFsbG8=", b"hallo"),
        (b"aGFs\r\n bG8=\r\n", b"hallo"),
        (b"aGFsbG8", b"hallo"),
        (b"aGFsbG8h" + b"a", b"hallo!"),
        (b"aGFsbG8=aGFsbG8=", b"hallohallo"),
        (b"aGFs\0bG8=", b"hallo"),
        (b"dit is: geen base64!", b"dit is: geen base64!"),
        (b"", b""),
        (b"==", b""),
    ],
)
def test_base64(raw: bytes, decoded: bytes) -> None:
    assert decode_transfer(raw, B64) == decoded


def test_which_encodings_are_known() -> None:
    assert all(map(known, ["", "7bit", "8bit", "binary", QP, B64]))
    assert not known("x-uuencode")


@pytest.mark.parametrize(
    ("raw", "old", "new", "result"),
    [
        (b"nr 12=\r\n34 =E9", b"1234", b"[w]", b"nr [w] =E9"),
        (b"nr =31=\r\n=32 x", b"12", b"[w]", b"nr [w] x"),
        (b"a=\r\n12=\r\nb", b"12", b"[w]", b"a=\r\n[w]=\r\nb"),
        (b"12", b"12", b"a=b\xe9", b"a=3Db=E9"),
        (b"x 12\r\ny", b"12", b"w ", b"x w=20\r\ny"),
        (b"x 12\r\ny", b"12", b"a \r\nb", b"x a=20\r\nb\r\ny"),
        (b"x 12\r\ny", b"12", b"a\nb", b"x a=0Ab\r\ny"),
        (b"x 12\ny", b"12", b"a\nb", b"x a\nb\ny"),
        (b"x 12", b"12", b"", b"x "),
        (b"ab", b"", b"w", b"wab"),
    ],
)
def test_only_the_span_is_rewritten(raw: bytes, old: bytes, new: bytes, result: bytes) -> None:
    assert edited(raw, QP, old, new) == result


def test_an_insertion_goes_behind_the_byte_before_it() -> None:
    assert splice(b"a=\r\nb", lower_transfer(b"a=\r\nb", QP, [ByteEdit(1, 1, b"w")])) == b"aw=\r\nb"


@pytest.mark.parametrize("column", [0, 30, 58, 62, 66, 70])
@pytest.mark.parametrize("new", [b"[BSN verwijderd]", b"w" * 200, "é".encode() * 40, b"x" * 75])
def test_lines_stay_short(column: int, new: bytes) -> None:
    raw = b"k" * column + b"12" + b"r" * (74 - column) + b"\r\nvolgende\r\n"
    result = edited(raw, QP, b"12", new)
    assert max(map(len, result.split(b"\r\n"))) <= 76
    assert quopri.decodestring(result) == raw.replace(b"12", new)


def test_two_edits_on_one_line_know_of_each_other() -> None:
    raw = b"12 " + b"k" * 30 + b" 34 " + b"k" * 30 + b" 56\r\n12 34\r\n"
    edits = [ByteEdit(at, at + 2, b"[BSN verwijderd]") for at in (0, 34, 68, 72, 75)]
    result = splice(raw, lower_transfer(raw, QP, edits))
    assert max(map(len, result.split(b"\r\n"))) <= 76
    assert quopri.decodestring(result) == splice(raw, edits)


@pytest.mark.parametrize("width", [4, 60, 76])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("tail", [b"", b"\n", b"\r\n\r\n"])
def test_base64_keeps_its_shape(width: int, end: bytes, tail: bytes) -> None:
    body = b"nummer 1234 en nog veel meer tekst " * 5
    packed = base64.b64encode(body)
    raw = b"\r\n" * (end == b"\r\n") + end.join(packed[at : at + width] for at in range(0, len(packed), width)) + tail
    result = edited(raw, B64, b"1234", b"[BSN verwijderd]")
    assert decode_transfer(result, B64) == body.replace(b"1234", b"[BSN verwijderd]", 1)
    lines = result.strip().split(end)
    assert all(len(line) == width for line in lines[:-1])
    assert len(lines[-1]) <= width
    assert result.endswith(tail)
    assert result.startswith(b"\r\n") == raw.startswith(b"\r\n")


def test_base64_in_one_long_line_stays_one() -> None:
    raw = base64.b64encode(b"nummer 1234 " * 40)
    assert b"\n" not in edited(raw, B64, b"1234", b"[w]")


def test_what_only_says_base64_is_spliced() -> None:
    assert edited(b"nummer: 1234, ja!", B64, b"1234", b"[w]") == b"nummer: [w], ja!"


def test_seven_bits_stay_seven() -> None:
    assert edited(b"nr 1234", "7bit", b"1234", "één".encode(), "utf-8") == b"nr een"
    assert edited(b"nr 1234", "7bit", b"1234", b"\xe9\xe9n", "iso-8859-1") == b"nr een"
    assert edited(b"nr 1234", "", b"1234", b"\xe9\xe9n", "nix") == b"nr ??n"
    assert edited(b"nr 1234", "7bit", b"1234", b"[w]") == b"nr [w]"


def test_eight_bits_may_stay_eight() -> None:
    assert edited(b"nr 1234", "8bit", b"1234", "één".encode()) == "nr één".encode()
    assert edited("né 1234".encode(), "7bit", b"1234", "één".encode()) == "né één".encode()


def test_without_edits_nothing() -> None:
    assert lower_transfer(b"abc", B64, []) == []
