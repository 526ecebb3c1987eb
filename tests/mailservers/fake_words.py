"""The words of an IMAP command (RFC 3501, 9) and those of an answer."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable

Word = str | bytes | list["Word"]
"""An atom is a str, a quoted string or literal bytes, a parenthesised list a list."""

_LITERAL = re.compile(rb"\{([0-9]+)\+?\}\r\n")
LITERAL_AT_END = re.compile(rb"\{([0-9]+)(\+?)\}\r\n\Z")


class Malformed(Exception):
    """No IMAP command."""


def words(command: bytes) -> list[Word]:
    """The words of a whole command, literals in their place, without its last line end."""
    found, at = _list(command, 0, end=b"")
    if at != len(command):
        raise Malformed
    return found


def _list(text: bytes, at: int, end: bytes) -> tuple[list[Word], int]:
    found: list[Word] = []
    while at < len(text):
        char = text[at : at + 1]
        if char == b" ":
            at += 1
        elif char == b")":
            if end != b")":
                raise Malformed
            return found, at + 1
        elif char == b"(":
            inner, at = _list(text, at + 1, end=b")")
            found.append(inner)
        else:
            word, at = _word(text, at)
            found.append(word)
    if end:
        raise Malformed
    return found, at


def _word(text: bytes, at: int) -> tuple[Word, int]:
    if text[at : at + 1] == b'"':
        return _quoted(text, at + 1)
    literal = _LITERAL.match(text, at)
    if literal:
        start, size = literal.end(), int(literal[1])
        return text[start : start + size], start + size
    start = at
    while at < len(text) and text[at : at + 1] not in b' ()"':
        if text[at : at + 1] == b"[":  # BODY[HEADER.FIELDS (DATE)] is one word
            at = text.find(b"]", at)
            if at < 0:
                raise Malformed
        at += 1
    if at == start:
        raise Malformed
    return text[start:at].decode("latin-1"), at


def _quoted(text: bytes, at: int) -> tuple[bytes, int]:
    value = bytearray()
    while at < len(text):
        char = text[at]
        if char == 0x22:
            return bytes(value), at + 1
        if char == 0x5C:
            at += 1
        value.append(text[at])
        at += 1
    raise Malformed


def text_of(word: Word) -> str:
    """A word that may be an atom or a string."""
    if isinstance(word, list):
        raise Malformed
    return word if isinstance(word, str) else word.decode("utf-8", "replace")


def quoted(value: str) -> bytes:
    return b'"' + value.replace("\\", "\\\\").replace('"', '\\"').encode("utf-8") + b'"'


def literal(value: bytes) -> bytes:
    return b"{%d}\r\n" % len(value) + value


def numbers(text: str, known: Iterable[int]) -> list[int]:
    """The numbers of a sequence set that exist, in order. `*` is the highest one."""
    ordered = sorted(known)
    highest = ordered[-1] if ordered else 0
    wanted: set[int] = set()
    for part in text.split(","):
        ends = [highest if end == "*" else _number(end) for end in part.split(":")]
        if len(ends) > 2:
            raise Malformed
        low, high = min(ends), max(ends)
        wanted.update(number for number in ordered if low <= number <= high)
    return sorted(wanted)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise Malformed
    return int(text)


def to_utf7(name: str) -> str:
    """A folder's name as it goes over the wire (RFC 3501, 5.1.3)."""

    def shifted(found: re.Match[str]) -> str:
        coded = base64.b64encode(found[0].encode("utf-16-be")).decode("ascii").rstrip("=").replace("/", ",")
        return f"&{coded}-"

    return re.sub(r"[^\x20-\x7e]+", shifted, name.replace("&", "&-"))


def from_utf7(name: str) -> str:
    def plain(found: re.Match[str]) -> str:
        coded = found[1].replace(",", "/")
        return base64.b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-16-be") if coded else "&"

    return re.sub(r"&([A-Za-z0-9+,]*)-", plain, name)
