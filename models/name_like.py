"""Words that are names of people or places in the training messages: no weight may rest on them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from scrubber.detection.fold import fold
from scrubber.detection.lexicon import deduce_folder, load_lexicon
from scrubber.policy.need_signs import words
from scrubber.shipped import shipped_rules

_WORD = re.compile(r"(?<![.!?\n>] )(?<![\n>\"'(])\b[A-Za-z]{3,}\b")
_LEAST = 0.5


def name_like(texts: Iterable[str]) -> frozenset[str]:
    """Words as signs hold them, in lower case and cut, that lists call a name and that stand mostly with a capital.

    A word at the beginning of a sentence says nothing about that. `texts`: messages without marks.
    """
    lexicon = load_lexicon(shipped_rules() / "words", deduce_folder())
    names = lexicon.first_names | lexicon.surnames | lexicon.places
    capital: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for text in texts:
        for match in _WORD.finditer(fold(text)):
            word = match.group()
            (cut,) = words(word.lower().encode())
            if word.lower() in names or every[cut]:
                every[cut] += 1
                capital[cut] += word[0].isupper()
    return frozenset(cut for cut, count in every.items() if capital[cut] > _LEAST * count)


def holds_one(sign: str, like: frozenset[str]) -> bool:
    """Whether one of the words of the sign is such a name."""
    zone, _, said = sign.partition(":")
    return zone != "f" and not like.isdisjoint(said.split(" "))
