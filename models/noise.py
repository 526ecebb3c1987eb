"""What hurried people do to a text: no capitals, all capitals, slips of the finger, no commas, no line ends."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace

from models.corpus import Piece, Sample

_WORD = re.compile(r"[^\W\d_]{4,}")
_BESIDE = {"a": "s", "e": "r", "i": "o", "n": "m", "t": "r", "o": "p", "r": "e", "s": "d", "d": "s", "l": "k", "u": "i"}
_NOT_SHOUTED = frozenset({"CREDENTIAL"})


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    way = chance.randrange(4)
    if way == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if way == 1:
        return word[:at] + word[at + 1 :]
    if way == 2:
        return word[:at] + word[at] + word[at:]
    return word[:at] + _BESIDE.get(word[at], word[at]) + word[at + 1 :]


def _slips(rate: float, chance: random.Random) -> Callable[[Piece], str]:
    def disturbed(piece: Piece) -> str:
        if piece.label not in ("", "PERSON", "ADDRESS"):
            return piece.text
        return _WORD.sub(lambda m: _slip(m[0], chance) if chance.random() < rate else m[0], piece.text)

    return disturbed


def _where(holds: Callable[[str], bool], change: Callable[[str], str]) -> Callable[[Piece], str]:
    """`change` for the pieces whose label `holds`; the others as they are."""
    return lambda piece: change(piece.text) if holds(piece.label) else piece.text


def disturb(sample: Sample, chance: random.Random) -> Sample:
    """The text as it is in half of the cases, else disturbed in one way; labels stay."""
    way = chance.random()
    if way < 0.5:
        return sample
    if way < 0.62:
        change = _where(lambda label: label not in _NOT_SHOUTED, str.lower)
    elif way < 0.65:
        change = _where(lambda label: label not in _NOT_SHOUTED, str.upper)
    elif way < 0.75:
        change = _where(lambda label: label in ("PERSON", "ADDRESS"), str.lower)
    elif way < 0.9:
        change = _slips(0.06, chance)
    elif way < 0.95:
        change = _where(lambda label: not label, lambda text: text.replace(",", ""))
    else:
        change = _where(lambda label: not label, lambda text: text.replace("\n", " "))
    return replace(sample, pieces=tuple(Piece(change(piece), piece.label) for piece in sample.pieces))
