"""What the model knows of a single word: its form, its ends, the lists it stands in. Words become small numbers here.

The numbers are fixed when the model is trained and stand in its file; a word that is not among them is 0, "unknown".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from scrubber.detection.lexicon import CUE_ENDS, Lexicon

LONGEST = 40
"""Letters of a word that are looked at; what is longer has no list to stand in."""
SHAPES = 96
"""Room for forms of words: 0 is a rare one."""
LEXES = 32
"""Combinations of: first name, surname, street, place, common word."""
KINDS = 48
"""Room for what else lists say of a word: a title, a greeting, kin, each kind of cue …; 0 is nothing."""

_LISTS = (
    ("names/titles", "title"), ("names/greetings", "greeting"), ("names/kin", "kin"), ("names/particles", "particle"),
    ("names/months", "month"), ("companies/brands", "brand"), ("companies/words", "company"),
    ("special/health", "special"), ("special/belief", "special"), ("special/origin", "special"),
    ("special/orientation", "special"), ("special/politics", "special"), ("special/crime", "special"),
)  # fmt: skip
_CASE = re.compile(r"[A-Z\xc0-\xde]")
_SMALL = re.compile(r"[a-z\xdf-\xff]")
_DIGIT = re.compile(r"\d")


def shape(text: str) -> str:
    """The form of a token, letters as X and x, digits as 9: "Xx", "99", "9999XX"; a sign is its own form.

    >>> shape("Jansen"), shape("1985"), shape("31"), shape("12b"), shape("\\n \\n")
    ('Xx', 'year', 'day', '99x', '\\n\\n')
    """
    if text.isdigit():
        size = len(text)
        if size == 4 and "1900" <= text < "2030":
            return "year"
        if size <= 2 and text.strip("0"):
            return ("month" if int(text) < 13 else "day" if int(text) < 32 else "99") + ("0" if text[0] == "0" else "")
        return "9" * size if size < 11 else "9+"
    if text.isalpha():
        if text.islower():
            return "x" if len(text) == 1 else "xx"
        if text.isupper():
            return "X" * min(len(text), 5)
        return "Xx" if text[1:].islower() else "xX"
    if text[0] == "\n":
        return "\n\n" if text.count("\n") > 1 else "\n"
    if len(text) == 1:
        return text
    if len(text) > 10:
        return "mixed+"
    return _DIGIT.sub("9", _SMALL.sub("x", _CASE.sub("X", text)))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`words`, `affixes`, `shapes`: text -> number, from 1 on. Affixes are "^abc" (begin) and "abc$" (end)."""

    words: Mapping[str, int] = field(repr=False)
    affixes: Mapping[str, int] = field(repr=False)
    shapes: Mapping[str, int] = field(repr=False)

    @staticmethod
    def of(words: Iterable[str], affixes: Iterable[str], shapes: Iterable[str]) -> Vocabulary:
        return Vocabulary(*({text: n for n, text in enumerate(texts, 1)} for texts in (words, affixes, shapes)))


KIND_NAMES = (
    "title", "greeting", "kin", "particle", "month", "brand", "company", "special", "street_end", "initial",
    "address", "age", "bank", "birth", "bsn", "card", "care", "code", "date", "door", "health", "iban", "imei", "ip",
    "licence", "login", "national", "passport", "person", "phone", "pin", "plate", "policy", "reference", "secret",
    "vehicle", "version", "vnumber",
)  # fmt: skip
"""Order is part of a trained model. Lists that rules/words/cues gains later are unknown to it."""
KIND_OF = {name: number for number, name in enumerate(KIND_NAMES, 1)}


@dataclass(frozen=True, slots=True)
class Lists:
    """The word lists as the model asks them."""

    lexicon: Lexicon = field(repr=False)
    kinds: Mapping[str, int] = field(repr=False)
    street_ends: tuple[str, ...] = field(repr=False)

    @staticmethod
    def of(lexicon: Lexicon) -> Lists:
        kinds: dict[str, int] = {}
        for name, kind in _LISTS:
            for word in lexicon.lists.get(name, ()):
                kinds.setdefault(word, KIND_OF[kind])
        for word, cue in lexicon.cues.kinds.items():
            if cue in KIND_OF:
                kinds.setdefault(word, KIND_OF[cue])
        ends = tuple(sorted(lexicon.lists.get("streets/suffixes", frozenset())))
        return Lists(lexicon, kinds, ends)

    def lex(self, word: str) -> int:
        """Bits: 1 first name, 2 surname, 4 street, 8 place, 16 common word."""
        lexicon = self.lexicon
        return (
            (word in lexicon.first_names)
            + 2 * (word in lexicon.surnames)
            + 4 * (word in lexicon.streets)
            + 8 * (word in lexicon.places)
            + 16 * (word in lexicon.common)
        )

    def kind(self, word: str) -> int:
        found = self.kinds.get(word)
        if found is not None:
            return found
        if len(word) > 6:
            if word.endswith(self.street_ends):
                return KIND_OF["street_end"]
            if word.endswith(CUE_ENDS) and len(word) <= LONGEST:
                cue = self.lexicon.cues.kind(word)
                return KIND_OF.get(cue, 0) if cue else 0
        return KIND_OF["initial"] if len(word) == 1 else 0
