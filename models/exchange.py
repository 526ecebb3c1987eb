"""Other names, streets, towns and numbers in the same sentences, so that a model learns the sentences.

Names and places come from scrubber's word lists; a part is made up, so that the lists are not believed blindly.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from models.corpus import OTHER, Piece, Sample
from scrubber.detection.fold import fold
from scrubber.detection.lexicon import Lexicon
from scrubber.message import Sender

_WORD = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d")
_LONG_NUMBER = re.compile(r"\d{5,}")
_POSTCODE = re.compile(r"\b(\d{4})( ?)([A-Za-z]{2})\b")
_STREET_ENDS = ("straat", "laan", "weg", "plein", "hof", "kade", "dreef", "pad", "singel", "gracht")
_SMALL = frozenset({"van", "de", "den", "der", "het", "op", "in", "en", "aan", "ter", "ten", "te", "bij", "la", "du"})


@dataclass(frozen=True, slots=True)
class Pool:
    """The lists to draw from, sorted, so that one seed always gives the same texts."""

    first: Sequence[str] = field(repr=False)
    last: Sequence[str] = field(repr=False)
    streets: Sequence[str] = field(repr=False)
    places: Sequence[str] = field(repr=False)
    words: Sequence[str] = field(repr=False)
    special: Sequence[str] = field(repr=False)
    particles: frozenset[str] = field(repr=False)
    known_first: frozenset[str] = field(repr=False)
    known_places: frozenset[str] = field(repr=False)

    @staticmethod
    def of(lexicon: Lexicon) -> Pool:
        def plain(words: frozenset[str]) -> list[str]:
            return sorted(word for word in words if word.replace(" ", "").replace("-", "").isalpha())

        special = [w for kind in ("health", "belief", "politics") for w in plain(lexicon.words(f"special/{kind}"))]
        return Pool(
            first=plain(lexicon.first_names),
            last=[word for word in plain(lexicon.surnames) if " " not in word],
            streets=[street for street in plain(lexicon.streets) if len(street) > 4],
            places=plain(lexicon.places),
            words=[word for word in plain(lexicon.common) if 3 < len(word) < 12],
            special=special,
            particles=lexicon.words("names/particles"),
            known_first=lexicon.first_names,
            known_places=lexicon.places,
        )


def _like(text: str, new: str) -> str:
    """`new` in the case of `text`."""
    if len(text) > 1 and text.isupper():
        return new.upper()
    if text.islower():
        return new
    return "-".join(part[:1].upper() + part[1:] for part in new.split("-"))


def _titled(text: str, like: str) -> str:
    """Words of a street or a place, in the case of what stood there."""
    if like.islower():
        return text
    if len(like) > 3 and like.isupper():
        return text.upper()
    words = text.split(" ")
    return " ".join(w if n and w in _SMALL else w[:1].upper() + w[1:] for n, w in enumerate(words))


class Exchange:
    """One way of exchanging, for one message: the same name becomes the same other name everywhere in it."""

    def __init__(self, pool: Pool, chance: random.Random) -> None:
        self.pool = pool
        self.chance = chance
        self.names: dict[str, str] = {}

    def sample(self, sample: Sample) -> Sample:
        """The same text with other data. Labels stay; lengths change."""
        for piece in sample.pieces:
            if piece.label == "PERSON":
                self._learn(piece.text)
        self._learn(sample.sender.name if re.fullmatch(r"[\w .'-]+", sample.sender.name) else "")
        pieces = tuple(Piece(self._piece(piece), piece.label) for piece in sample.pieces)
        sender = Sender(self._named(sample.sender.name), self._named(sample.sender.email), sample.sender.phone)
        return replace(sample, pieces=pieces, sender=sender, context=self._named(sample.context))

    def _learn(self, name: str) -> None:
        if self.chance.random() < 0.15:
            return
        words = [m for m in _WORD.finditer(name) if len(m[0]) > 1]
        for number, match in enumerate(words):
            word = fold(match[0]).lower()
            if word in self.pool.particles or word in self.names or name[match.end() : match.end() + 1] == ".":
                continue
            first = word in self.pool.known_first and number == 0
            self.names[word] = self._name(self.pool.first if first else self.pool.last)

    def _name(self, names: Sequence[str]) -> str:
        """A listed name, or in a quarter of the cases one made of two halves, which no list holds."""
        one = self.chance.choice(names)
        if self.chance.random() < 0.75 or len(one) < 4:
            return one
        other = self.chance.choice(names)
        return one[: len(one) // 2 + 1].replace(" ", "") + other[len(other) // 2 :].replace(" ", "")

    def _named(self, text: str) -> str:
        return _WORD.sub(lambda m: self._renamed(m[0]), text) if self.names else text

    def _renamed(self, word: str) -> str:
        new = self.names.get(fold(word).lower()) if len(word) > 2 else None
        return _like(word, new) if new else word

    def _piece(self, piece: Piece) -> str:
        text = piece.text
        match piece.label:
            case "PERSON":
                return self._named(text)
            case "ADDRESS":
                return self._address(text)
            case "CREDENTIAL":
                return self._secret(text)
            case "DATE_OF_BIRTH":
                return re.sub(r"(?<=\d)\d(?!\d)|(?<=[12])\d(?=\D)", lambda m: self._digit(m[0]), text)
            case "SPECIAL_CATEGORY":
                return _titled(self.chance.choice(self.pool.special), text) if self.chance.random() < 0.3 else text
            case "":
                return self._unmarked(text)
            case label:
                text = self._named(text) if label == OTHER else text
                return _DIGITS.sub(lambda m: self._digit(m[0]), text)

    def _digit(self, old: str) -> str:
        return str(self.chance.randrange(10)) if old != "0" else self.chance.choice("0001234567")

    def _letters(self, old: str) -> str:
        return "".join(
            self.chance.choice("ABCDEFGHJKLMNPRSTVWXZ" if c.isupper() else "abcdefghjklmnprstvwxz") for c in old
        )

    def _address(self, text: str) -> str:
        head = re.match(r"[^\d\n]*", text)
        street = head[0].rstrip(" ,") if head else ""
        rest = text[len(street) :]
        if len(street) > 3 and self.chance.random() < 0.7:
            if self.chance.random() < 0.8:
                new = self.chance.choice(self.pool.streets)
            else:
                new = self._name(self.pool.last) + self.chance.choice(_STREET_ENDS)
            street = _titled(new, street)
        codes = list(_POSTCODE.finditer(rest))
        if codes:
            code = codes[-1]
            place = rest[code.end() :]
            town = place.strip(" ,\n.")
            if len(town) > 2 and town.replace(" ", "").replace("-", "").isalpha() and self.chance.random() < 0.7:
                place = place.replace(town, _titled(self.chance.choice(self.pool.places), town))
            new = self.chance.choice("123456789") + "".join(self._digit("1") for _ in range(3))
            rest = self._numbered(rest[: code.start()]) + new + code[2] + self._letters(code[3]) + place
            return street + rest
        return street + self._numbered(rest)

    def _numbered(self, text: str) -> str:
        return re.sub(r"\d+", lambda m: str(self.chance.randrange(1, 10 ** len(m[0]))), text)

    def _secret(self, text: str) -> str:
        way = self.chance.random()
        if way < 0.25 or "\n" in text:
            return text
        text = _DIGITS.sub(lambda _: str(self.chance.randrange(10)), text)
        if way < 0.65:
            words = self.pool.words if self.chance.random() < 0.7 else self.pool.first
            return re.sub(r"[^\W\d_]{4,}", lambda m: _like(m[0], self.chance.choice(words).replace(" ", "")), text)
        return re.sub(r"[A-Za-z]+", lambda m: self._letters(m[0]), text) if _DIGITS.search(text) else text

    def _unmarked(self, text: str) -> str:
        text = self._named(text)
        if self.chance.random() < 0.6:
            text = _LONG_NUMBER.sub(lambda m: "".join(self._digit(c) for c in m[0]), text)
        if self.chance.random() < 0.4:
            text = re.sub(r"\b[A-Z][a-z]{3,}\b", self._moved, text)
        return text

    def _moved(self, match: re.Match[str]) -> str:
        """A town for a town."""
        if match[0].lower() not in self.pool.known_places or match[0].lower() in self.names:
            return match[0]
        return _titled(self.chance.choice(self.pool.places), match[0])
