"""Content transfer encodings (RFC 2045): decoded, and byte edits on what was decoded lowered to what stands."""

from __future__ import annotations

import base64
import binascii
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence

from scrubber.formats.base import ByteEdit, splice
from scrubber.formats.charset import codec_name, to_ascii

IDENTITY = frozenset({"", "7bit", "8bit", "binary", "7-bit", "8-bit", "none", "7bits", "8bits"})
LINE = 76
"""The longest line of an encoded body, without its end (RFC 2045, 6.7 and 6.8)."""

_QP = re.compile(rb"=(?:([0-9A-Fa-f]{2})|[ \t]*+(?:\r?\n|\Z))")
_QP_SAFE = frozenset(b" \t") | frozenset(range(33, 127)) - {ord("=")}
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_TEXT = bytes(range(32, 127)) + b"\0\t\n\r"
_FIRST = 64
_SEGMENT = re.compile(rb"([^=]++)=*+")


def known(encoding: str) -> bool:
    """Whether `encoding` (lower case) can be decoded here."""
    return encoding in IDENTITY or encoding in {"quoted-printable", "base64"}


def decode_transfer(raw: bytes, encoding: str) -> bytes:
    """The bytes that `raw` stands for. Broken escapes stand for themselves; never fails for a known encoding."""
    if encoding == "quoted-printable":
        return _QP.sub(lambda found: bytes.fromhex(found[1].decode("ascii")) if found[1] else b"", raw)
    return _from_base64(raw) if encoding == "base64" and _is_base64(raw) else raw


def lower_transfer(raw: bytes, encoding: str, edits: Sequence[ByteEdit], charset: str = "") -> list[ByteEdit]:
    """Sorted, disjoint edits on the decoded bytes -> the same on `raw`. `charset` is what the decoded bytes are in."""
    if not edits:
        return []
    if encoding == "quoted-printable":
        return _lower_quoted_printable(raw, edits)
    if encoding == "base64" and _is_base64(raw):
        return [_lower_base64(raw, edits)]
    if encoding in {"8bit", "8-bit", "8bits", "binary"} or not raw.isascii():
        return list(edits)
    return [ByteEdit(edit.start, edit.end, _seven_bit(edit.data, charset)) for edit in edits]


def _seven_bit(data: bytes, charset: str) -> bytes:
    """A 7bit body stays 7bit: its replacement loses its accents."""
    if data.isascii():
        return data
    return to_ascii(data.decode(codec_name(charset) or "utf-8", "replace")).encode("ascii")


def looks_like_text(data: bytes) -> bool:
    """UTF-8 without control characters, or three quarters printable ASCII (or NUL, as in UTF-16)."""
    if len(data.translate(None, _TEXT)) * 4 <= len(data):
        return bool(data)
    try:
        return data.translate(None, _TEXT).decode("utf-8").isprintable()
    except UnicodeDecodeError:
        return False


def is_damaged_base64(raw: bytes) -> bool:
    """More than one in twenty bytes is no base64: a reader may take it for something else."""
    solid = raw.translate(None, b" \t\r\n\f\v\0")
    return len(solid.translate(None, _NOT_BASE64)) * 20 < len(solid) * 19


def _is_base64(raw: bytes) -> bool:
    """What is damaged is base64 still when it decodes to text; else it is read as it stands."""
    if not is_damaged_base64(raw):
        return True
    decoded = _from_base64(raw)
    return looks_like_text(decoded[:_FIRST]) or looks_like_text(decoded)


def _from_base64(raw: bytes) -> bytes:
    """Every run of base64 in `raw`, each up to its padding; an unfinished last quantum gives what it has."""
    out: list[bytes] = []
    for segment in _SEGMENT.finditer(raw.translate(None, _NOT_BASE64)):
        data = segment[1]
        if len(data) % 4 == 1:
            data = data[:-1]
        out.append(binascii.a2b_base64(data + b"=" * (-len(data) % 4)))
    return b"".join(out)


def _lower_base64(raw: bytes, edits: Sequence[ByteEdit]) -> ByteEdit:
    """The whole body anew, in lines as long as its first and ended as they were; equal once decoded."""
    body = raw.strip()
    start = len(raw) - len(raw.lstrip())
    lines = body.split(b"\n", 1)
    width = max(len(lines[0].rstrip()) // 4 * 4, 4) if len(lines) > 1 else max(len(body), LINE)
    line_end = b"\r\n" if b"\r\n" in body or b"\n" not in body else b"\n"
    encoded = base64.b64encode(splice(_from_base64(raw), edits))
    data = line_end.join(encoded[at : at + width] for at in range(0, len(encoded), width))
    return ByteEdit(start, start + len(body), data)


def _lower_quoted_printable(raw: bytes, edits: Sequence[ByteEdit]) -> list[ByteEdit]:
    """Only the spans that stand for edited bytes; lines stay within 76 characters where the others allow it."""
    span = _quoted_printable_spans(raw)
    line_end = b"\r\n" if b"\r\n" in raw or b"\n" not in raw else b"\n"
    lowered: list[ByteEdit] = []
    column = done = 0
    for edit in edits:
        start = span(edit.start)[0] if edit.start < edit.end or not edit.start else span(edit.start - 1)[1]
        end = span(edit.end - 1)[1] if edit.start < edit.end else start
        line_start = raw.rfind(b"\n", done, start) + 1
        column = start - line_start if line_start else column + start - done
        done = end
        stop = raw.find(b"\n", end)
        rest = len(raw[end : len(raw) if stop < 0 else stop].rstrip(b"\r"))
        data, column = _encode_quoted_printable(edit.data, column, rest, line_end)
        lowered.append(ByteEdit(start, end, data))
    return lowered


def _encode_quoted_printable(data: bytes, column: int, rest: int, line_end: bytes) -> tuple[bytes, int]:
    """`data` from `column` on, soft breaks where a line gets too long; `rest` bytes follow on its last line."""
    out = bytearray()
    soft = b"=" + line_end
    lines = data.split(line_end)
    for number, line in enumerate(lines):
        if number:
            out += line_end
            column = 0
        ends_line = number < len(lines) - 1 or rest == 0
        tokens = [_quoted_byte(byte, edge=ends_line and at == len(line) - 1) for at, byte in enumerate(line)]
        if column and column + sum(map(len, tokens)) > LINE - 1 >= sum(map(len, tokens)):
            out += soft
            column = 0
        for token in tokens:
            if column + len(token) > LINE - 1:
                out += soft
                column = 0
            out += token
            column += len(token)
    if column and column + rest > LINE >= rest > 0:
        out += soft
        column = 0
    return bytes(out), column


def _quoted_byte(byte: int, *, edge: bool) -> bytes:
    """One byte as it may stand; white space at the `edge` of a line would be lost."""
    return bytes((byte,)) if byte in _QP_SAFE and not (edge and byte in b" \t") else b"=%02X" % byte


def _quoted_printable_spans(raw: bytes) -> Callable[[int], tuple[int, int]]:
    """A function from the position of a decoded byte to where it stands in `raw`."""
    decoded_starts, raw_starts, sizes = [0], [0], [1]
    for found in _QP.finditer(raw):
        at = decoded_starts[-1] + found.start() - raw_starts[-1]
        if found[1]:
            decoded_starts.append(at)
            raw_starts.append(found.start())
            sizes.append(3)
            at += 1
        decoded_starts.append(at)
        raw_starts.append(found.end())
        sizes.append(1)

    def span(position: int) -> tuple[int, int]:
        run = bisect_right(decoded_starts, position) - 1
        start = raw_starts[run] + position - decoded_starts[run]
        return start, start + sizes[run]

    return span
