"""Length-preserving folding: text as a pattern wants to see it, with the offsets of the text as it is.

Digits, spaces, dashes and quotes become their ASCII form, letters their base letter, look-alike letters of other
scripts the Latin letter they imitate, and format characters (zero width, soft hyphen, combining marks) `GAP`.
Everything else that Latin-1 can't hold becomes `OTHER`, so that one code point stays one byte.
"""

from __future__ import annotations

import re
import unicodedata

GAP = "\x01"
"""Stands where a character was that nobody sees; `squeeze` takes it out."""
OTHER = "\x02"
"""Stands for a character outside Latin-1 that is no letter, digit, space, dash or quote: an emoji, a CJK sign."""

_LOOKALIKES = dict(
    zip(
        "АВЕЅІЈКМНОРСТХУаеіјорсухѕԁԛԝһӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορυıłŁøØđĐðÐħĦŋŊßæÆœŒĳĲſþÞƒ",
        "ABESIJKMHOPCTXYaeijopcyxsdqwhlABEZHIKMNOPTYXavopuilLoOdDdDhHnNsaAoOyYspPf",
        strict=True,
    )
)
_PUNCTUATION = {
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "ʼ": "'", "`": "'", "´": "'",
    "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"', "«": '"', "»": '"',
    "•": "*", "·": ".", "․": ".", "。": ".", "：": ":", "＠": "@", "∙": ".", "⁄": "/", "∕": "/", "→": ">", "⇒": ">",
    "…": OTHER, "\u2028": "\n", "\u2029": "\n", "\x85": "\n", "\x0b": "\n", "\x0c": "\n", "\r": "\n",
}  # fmt: skip


def _fold_character(character: str) -> str:
    if character in _PUNCTUATION:
        return _PUNCTUATION[character]
    if character in _LOOKALIKES:
        return _LOOKALIKES[character]
    category = unicodedata.category(character)
    if category in {"Cf", "Mn", "Me", "Cc", "Cs"}:
        return GAP
    if category == "Zs":
        return " "
    if category == "Pd" or character == "\u2212":
        return "-"
    if category in {"Nd", "No"}:
        digit = unicodedata.digit(character, None)
        return OTHER if digit is None else str(digit)
    base = unicodedata.normalize("NFKD", character)[0]
    if base.isascii() and base.isprintable():
        return base
    if base in _LOOKALIKES:
        return _LOOKALIKES[base]
    return character if ord(character) < 0x100 else OTHER


class _Table(dict[int, str]):
    """Filled as characters are met: at most one entry a code point that ever occurred."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        self[code] = folded
        return folded


_TABLE = _Table({code: chr(code) for code in range(0x20, 0x7F) if chr(code) != "`"} | {9: " ", 10: "\n"})
_ODD = re.compile(r"[^\n\x20-\x5f\x61-\x7e]+")
"""All that does not fold to itself, a backtick too; few in a text, so that finding them costs less than a table."""


def fold(text: str) -> str:
    """`text` with the same length, every character below U+0100.

    >>> fold("Kovačević ０６‑１２")
    'Kovacevic 06-12'
    """
    if text.isascii() and "`" not in text and text.replace("\n", " ").isprintable():
        return text
    return _ODD.sub(lambda run: run[0].translate(_TABLE), text)


def squeeze(folded: str) -> tuple[str, list[int] | None]:
    """`folded` without its gaps, and for each place in it (and its end) the offset in `folded`; None: it had none.

    >>> squeeze("0" + GAP + "6")
    ('06', [0, 2, 3])
    """
    if GAP not in folded:
        return folded, None
    places = [i for i, character in enumerate(folded) if character != GAP]
    return folded.replace(GAP, ""), [*places, len(folded)]
