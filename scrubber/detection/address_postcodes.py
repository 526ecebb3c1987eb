"""Bare postcodes: with the house number, or the place and street, that stand beside them."""

from __future__ import annotations

import re

from scrubber.detection import address_patterns as shapes
from scrubber.detection import checksums
from scrubber.detection.address_tails import Tails, additions
from scrubber.detection.lexicon import Lexicon
from scrubber.detection.page import Hit, Page

_HOUSE_BEFORE = re.compile(
    r"\b((?:wijk [1-9]\d?[ ,\-]{1,2})?(?:nr\.?|nummer|huisnummer|huisnr\.?) ?[1-9]\d{0,4}[a-z]?),? $"
)
"""The house number that stands before a bare postcode: "nr 34, 1234 AB"."""

_POSTCODE = re.compile(r"[1-9]\d{3} ?[A-Z]{2}(?![\w@])")
"""What is no house number either: the next of a list."""

_HOURS, _MINUTES = 24, 60
_SIZES = frozenset({"xl", "xs"})
_COUNTED = re.compile(
    r" (?:[a-z\-]+ )?(?:batterij\w*|accu\w*|cellen|cel|penlite\w*|oplaadb\w*|lithium|alkaline|stuks|st\b)"
)
""""1500 AA batterijen"."""
_LICENCES = frozenset({"am", "be", "ce", "de"})
"""Categories of a driving licence: "sinds 1988 BE"."""

_UNITS = frozenset(
    {
        "px",
        "ip",
        "kg",
        "km",
        "kw",
        "gb",
        "mb",
        "tb",
        "kb",
        "va",
        "ma",
        "wh",
        "hz",
        "cc",
        "dp",
        "mp",
        "nm",
        "ah",
        "xl",
        "cm",
    }
    | {
        "mm",
        "ml",
        "hp",
        "pk",
        "pm",
        "am",
        "st",
        "th",
        "nd",
        "rd",
        "nl",
        "be",
        "bv",
        "vc",
        "bc",
        "os",
        "eu",
        "fl",
        "tl",
        "mh",
    }
)
"""After four digits in "in 1080px" no postcode's letters, whatever stands before."""


class Postcodes:
    """Which four digits and two letters are a postcode."""

    def __init__(self, lexicon: Lexicon, tails: Tails) -> None:
        self.lexicon = lexicon
        self._tails = tails

    def hit(self, page: Page, start: int, end: int) -> Hit | None:
        text = page.folded
        value = text[start:end]
        letters = value[-2:]
        before, after = text[start - 1 : start] or " ", text[end : end + 1] or " "
        if (
            before.isalnum()
            or after.isalnum()
            or (before in "-_/.#@+=€," and not self._may_follow(page, start))
            or after in "@_"
            or not checksums.dutch_postcode(value)
        ):
            return None
        if _COUNTED.match(page.lower, end):
            return None
        if page.is_own_number(start, end) or text[max(0, start - 2) : start].strip() == "€":
            return None
        cued = page.near(start, end, {"address"}, 40)
        glued = shapes.GLUED_HOUSE.match(page.lower, end) if after in "-/" else None
        there = " " not in value and shapes.WHERE.search(page.lower, max(0, start - 14), start) is not None
        there = there and letters.lower() not in _UNITS and letters.lower() not in self.lexicon.common
        home = shapes.AT_HOME.search(page.lower, max(0, start - 24), start) is not None
        cued = cued or home or before == "," or (after == " " and self._is_before_place(page, letters, value, end))
        if after in "-/" and (glued is None or not (cued or there)):
            return None
        house = shapes.HOUSE_AFTER.match(page.lower, end)
        if house and (shapes.NO_HOUSE.match(page.lower, house.end()) or _POSTCODE.match(text, house.start(1))):
            house = None
        if not self._letters_fit(
            letters,
            " " in value,
            value[:2] in {"19", "20"},
            cued or (there and value[:2] not in {"19", "20"}),
            house is not None,
        ):
            return None
        label = next(
            (cue for cue in page.before(start, 14) if cue.kind in {"reference", "version", "imei", "code"}), None
        )
        if label is not None and not cued and "\n" not in text[label.end : start]:
            return None
        number = _HOUSE_BEFORE.search(page.lower, max(0, start - 32), start) if house is None else None
        if number:
            return Hit("ADDRESS", number.start(1), end, 0.85)
        street = shapes.STREET_AFTER.match(text, end) if house is None else None
        if (
            street
            and not shapes.NO_HOUSE.match(page.lower, street.end())
            and street[1].lower() not in self.lexicon.cues.kinds
        ):
            place = text[end : street.start(1)].strip(" ,").lower().removeprefix("te ")
            if place in self.lexicon.places:
                return Hit("ADDRESS", start, additions(page, street.end()), 0.8)
        if house:
            stop = additions(page, house.end())
            tail = self._tails.end(page, stop)
            return Hit("ADDRESS", start, (self._tails.beside(page, stop) or tail) if tail == stop else tail, 0.9)
        return Hit("ADDRESS", start, end, 0.85)

    def _is_before_place(self, page: Page, letters: str, value: str, end: int) -> bool:
        """ "7548 PM Enschede", where no hour can be meant: "1230 PM Utrecht"."""
        hour = int(value[:2]) < _HOURS and int(value[2:4]) < _MINUTES
        return letters in {"AM", "PM"} and not hour and self._tails.is_place(page, end + 1)

    @staticmethod
    def _may_follow(page: Page, start: int) -> bool:
        """ "Markelo,7475MB", "zipcode=7475MB": a sign that otherwise stands inside numbers and codes."""
        if page.folded[start - 1] == ",":
            return page.folded[start - 2 : start - 1].isalpha()
        return shapes.ZIP.search(page.lower, max(0, start - 14), start) is not None

    def _letters_fit(self, letters: str, spaced: bool, like_a_year: bool, cued: bool, house: bool) -> bool:
        """Whether the letters are those of a postcode: not a unit, not a word after a year."""
        low = letters.lower()
        if not letters.isupper():
            return (cued or (house and not spaced)) and not (
                spaced and low in self.lexicon.words("places/not_postcodes")
            )
        if (
            low in self.lexicon.words("places/not_postcodes")
            and not cued
            and (spaced or low in {"kg", "km", "mb", "gb", "tb"})
        ):
            return False
        if low in _SIZES and spaced and not cued and not house:
            return False
        no_letters = low in self.lexicon.common or low in _LICENCES
        return not (like_a_year and spaced and not cued and not house and no_letters)
