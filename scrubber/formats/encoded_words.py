"""Encoded words (RFC 2047) in header fields: found, decoded as mail programs do, and written."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from scrubber.formats.charset import decode
from scrubber.formats.transfer import decode_transfer

_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?\r\n]*+)\?=")
_BETWEEN = re.compile(r"[ \t\r\n]*+")
_LONGEST = 45
"""Bytes of text in one word: at most 60 characters of base64 and 12 around them, within the 75 that are allowed."""


class EncodedRun(NamedTuple):
    """Encoded words with nothing but white space between them, at value[start:end], and what they say together."""

    start: int
    end: int
    text: str


def encoded_runs(value: str, start: int = 0, stop: int | None = None) -> Iterator[EncodedRun]:
    """The runs of encoded words in value[start:stop]. Also those that touch other text, as mail programs do."""
    words: list[re.Match[str]] = []
    for word in _WORD.finditer(value, start, len(value) if stop is None else stop):
        if words and _BETWEEN.fullmatch(value, words[-1].end(), word.start()) is None:
            yield _run(words)
            words = []
        words.append(word)
    if words:
        yield _run(words)


def decode_words(value: str) -> str:
    """`value` with its encoded words decoded."""
    out: list[str] = []
    at = 0
    for run in encoded_runs(value):
        out += (value[at : run.start], run.text)
        at = run.end
    return "".join((*out, value[at:]))


def _run(words: Sequence[re.Match[str]]) -> EncodedRun:
    """Neighbours of one charset are decoded together: some programs break words in the middle of a character."""
    texts = [
        decode(b"".join(map(_bytes, same)), charset).text
        for charset, same in groupby(words, key=lambda word: word[1].lower())
    ]
    return EncodedRun(words[0].start(), words[-1].end(), "".join(texts))


def _bytes(word: re.Match[str]) -> bytes:
    content = word[3].encode("utf-8", "replace")
    if word[2] in "bB":
        return decode_transfer(content, "base64")
    return decode_transfer(content.replace(b"_", b" "), "quoted-printable")


def encode_words(text: str, line_end: str) -> str:
    """`text` as UTF-8 encoded words, one a line, valid in a phrase and a comment too; "" for ""."""
    words: list[str] = []
    chunk = ""
    for character in text:
        if len((chunk + character).encode("utf-8", "replace")) > _LONGEST:
            words.append(_word(chunk))
            chunk = ""
        chunk += character
    if chunk:
        words.append(_word(chunk))
    return f"{line_end} ".join(words)


def _word(chunk: str) -> str:
    data = chunk.encode("utf-8", "replace")
    quoted = "".join(
        chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else "_" if byte == 32 else f"={byte:02X}"
        for byte in data
    )
    packed = base64.b64encode(data).decode("ascii")
    return f"=?utf-8?q?{quoted}?=" if len(quoted) <= min(2 * len(packed), 60) else f"=?utf-8?b?{packed}?="
