"""Text as cues see it: lower case, base letters, plain punctuation, one byte a code point.

Offsets in the folded bytes are offsets in the text, and re2 in Latin-1 mode runs over them in linear time.
"""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections.abc import Sequence

from scrubber.linear import Expression, Match, options

Pattern = Expression
__all__ = ["Match", "Pattern", "around", "compile_pattern", "fold", "sentence_starts"]


def compile_pattern(pattern: str) -> Pattern:
    """An re2 pattern over folded bytes; ValueError (without a log line) where it is none."""
    try:
        return Expression(pattern.encode("latin-1"), options())
    except ValueError as e:
        raise ValueError("not an re2 pattern over folded text") from e


def _table() -> dict[int, str]:
    table = {}
    for code in (*range(0x80, 0x250), *range(0x1E00, 0x1F00), *range(0xFF01, 0xFF5F)):
        base = unicodedata.normalize("NFKD", chr(code))[:1].lower()
        table[code] = base if base.isascii() and base.isprintable() else chr(code)
    table |= {
        ord(pair[0]): pair[1]
        for pair in ["øo", "Øo", "łl", "Łl", "đd", "Đd", "ðd", "ıi", "œo", "Œo", "æa", "Æa", "ßs", "þp"]
    }
    table |= dict.fromkeys((*range(0x2018, 0x201C), 0xB4, 0x60), "'") | dict.fromkeys(range(0x201C, 0x2020), '"')
    table |= dict.fromkeys((*range(0x2010, 0x2016), 0x2212, 0xAD), "-") | {0x2192: ":", 0x21D2: ":"}
    table |= dict.fromkeys((0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000, 0x0D), " ")
    table |= dict.fromkeys((0x2028, 0x2029, 0x85), "\n") | dict.fromkeys((0x2022, 0x25AA, 0x25CF, 0xB7, 0x2023), "*")
    return table


_TABLE = _table()
_FOREIGN = re.compile(r"[^\0-\x0c\x0e-\x5f\x61-\x7f]+")
"""What the table has an answer for: translating character by character costs more than finding these."""


def fold(text: str) -> bytes:
    """`text` folded, exactly one byte for each code point; what has no plain form becomes "?"."""
    if not text.isascii():
        text = _FOREIGN.sub(lambda run: run[0].translate(_TABLE), text)
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(low if len(low := c.lower()) == 1 else c for c in text)
    return lower.encode("latin-1", "replace").replace(b"\r", b" ")


_BREAK = compile_pattern(
    r"[.!?]+[\"')]*(?:[ \t]+|[ \t]*\n)|\n(?:[ \t>]*\n)+|\n[ \t>]*(?:[-*+#]|\d{1,2}[.)]|[^\n:=.?!]{1,34}[:=])|\n[ \t>]*$"
)
_ABBREVIATIONS = frozenset(
    b"nr tel dhr hr mevr mw mr mrs drs ir ing dr st bv evt bijv bv geb incl excl ca art jl nl resp vgl zgn v.d "
    b"gem fam prof jr sr fa pag blz dd dat etc ev afd kl str no ref klantnr ordernr factnr "
    b"t.n.v o.v.v t.a.v i.v.m".split()
)


def sentence_starts(folded: bytes) -> list[int]:
    """Where sentences, list items and form lines begin, ascending, 0 first. Dots of abbreviations begin none."""
    starts = [0]
    for match in _BREAK.finditer(folded):
        at = match.start()
        if folded[at] == 0x2E:
            word = folded[max(0, at - 12) : at].replace(b"\n", b" ").replace(b"(", b" ").rsplit(b" ", 1)[-1]
            if word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha()) or (b"." in word and word[-2:-1] == b"."):
                continue
            starts.append(match.end())
        elif folded[at] == 0x0A:
            starts.append(at + 1)
        else:
            starts.append(match.end())
    return starts


def around(starts: Sequence[int], at: int, size: int) -> tuple[int, int, int]:
    """(index, start, end) of the sentence that holds offset `at` in a text of `size` code points."""
    index = bisect.bisect_right(starts, at) - 1
    return index, starts[index], starts[index + 1] if index + 1 < len(starts) else size
