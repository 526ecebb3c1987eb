"""What follows a house number: additions, postcode, place and country, over line ends."""

from __future__ import annotations

import re
from itertools import pairwise

from scrubber.detection import address_patterns as shapes
from scrubber.detection import checksums
from scrubber.detection.lexicon import Lexicon
from scrubber.detection.page import Page

_GOES_ON = re.compile(r" [a-z]")
"""A sentence in which the name does something."""


def additions(page: Page, end: int) -> int:
    """The end of what belongs to the house number that ends at `end`: letters, floors, boxes, rooms."""
    for _ in range(4):
        match = shapes.ADDITION.match(page.lower, end)
        if match is None or match.end() == end:
            break
        if (
            shapes.POSTCODE_NEXT.match(page.lower, end)
            and match[0].lstrip(" -/")[:4].isdigit()
            and len(match[0].lstrip(" -/")) >= 4
        ):
            break
        end = match.end()
    return end


class Tails:
    """Postcodes and places behind an address, by spelling and by list."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._rarely_places = lexicon.words("places/not_places") - lexicon.common
        self._places = lexicon.places | lexicon.words("places/short")
        self._belgian = lexicon.places | lexicon.words("places/belgian")

    def end(self, page: Page, end: int) -> int:
        """The end of postcode, place and country that follow `end`; `end` where none does."""
        code = shapes.POSTCODE_NEXT.match(page.lower, end)
        if code and checksums.dutch_postcode(code[1]) and not self._is_word_after(page, code):
            closing = ")" in code[0] and "(" not in code[0]  # "(Dorpsstraat 1, 1234 AB)" ends before it
            stop = code.end(1) if closing else self.place(page, code.end(), sure=True)
        else:
            belgian = shapes.BELGIAN_NEXT.match(page.folded, end) or shapes.FOREIGN_NEXT.match(page.folded, end)
            if belgian is not None and self.place(page, belgian.end(), sure=True) > belgian.end():
                stop = self.place(page, belgian.end(), sure=True)
            else:
                beside = shapes.BELGIAN_BESIDE.match(page.lower, end)
                if beside is not None and (known := self._known_place(page, beside.end(), self._belgian)):
                    return known
                city = shapes.CITY.match(page.folded, end)
                stop = end
                if city and city[0] == "\n":
                    known = self._known_place(page, city.end(), self._places)
                    stop = known if known and known == page.line_end(known) else end
                elif city and city.end() > end and "," in city[0]:
                    stop = max(end, self.place(page, city.end(), sure=False, at=True))
                    if stop == city.end():
                        stop = end
        if stop > end:
            if code and "(" in code[0] and ")" not in code[0] and page.folded[stop : stop + 1] == ")":
                stop += 1
            country = shapes.COUNTRY.match(page.lower, stop)
            if country:
                stop = country.end()
        return stop

    def _is_word_after(self, page: Page, code: re.Match[str]) -> bool:
        """Whether "4418 is" is a number and the sentence's next word: in small letters, and no place behind them."""
        letters = page.folded[code.end(1) - 2 : code.end(1)]
        if not letters.islower() or " " not in code[1] or letters not in self.lexicon.words("places/not_postcodes"):
            return False
        return self._known_place(page, code.end() + 1, self._places) == 0

    def is_place(self, page: Page, begin: int) -> bool:
        """Whether a listed place begins at `begin`, with its capital."""
        return page.folded[begin : begin + 1].isupper() and self._known_place(page, begin, self._places) > 0

    @staticmethod
    def _known_place(page: Page, begin: int, places: frozenset[str]) -> int:
        """The end of a listed place that begins at `begin`; 0 where none does."""
        stop, place = 0, begin
        for _ in range(4):
            word = shapes.PLACE_WORD.match(page.lower, place)
            if word is None:
                break
            if page.lower[begin : word.end()] in places:
                stop = word.end()
            if page.lower[word.end() : word.end() + 1] not in {" ", "-"}:
                break
            place = word.end() + 1
        return stop

    def beside(self, page: Page, end: int) -> int:
        """The end of a known place without its postcode right after the number ("12 bis Uden", "12 te Uden"); 0."""
        lead = shapes.CITY_BESIDE.match(page.folded, end)
        if lead is None:
            return 0
        begin = lead.end()
        first = shapes.PLACE_WORD.match(page.lower, begin)
        if first is None:
            return 0
        if page.folded[begin].islower() and page.folded[begin] != "'":
            name = first[0]
            if len(name) < 4 or name in self.lexicon.common or name in self.lexicon.cues.kinds:
                return 0
        stop = begin
        place, reach = begin, 0
        while reach < 5:
            word = shapes.PLACE_WORD.match(page.folded, place)
            if word is None:
                break
            if page.lower[begin : word.end()] in self._places:
                stop = word.end()
            if page.folded[word.end() : word.end() + 1] not in {" ", "-"}:
                break
            place, reach = word.end() + 1, reach + 1
        if stop == begin and first[0] in self._rarely_places and first[0] not in shapes.SAID:
            # "Uden": a word that is a place only where nothing else is meant
            ends = page.folded[first.end() : first.end() + 1] in {"", ",", ".", "\n", ";", ")"}
            stop = first.end() if ends else begin
        if stop == begin:
            return 0
        if lead[0] == " " and page.lower[begin:stop] in self.lexicon.first_names and _GOES_ON.match(page.folded, stop):
            return 0  # "Lindelaan 12 Jan is thuis"
        if page.folded[begin - 1] == "(":
            return stop + 1 if page.folded[stop : stop + 1] == ")" else 0  # "(Amsterdam dus)" is an aside
        return stop

    def place(self, page: Page, end: int, *, sure: bool, at: bool = False) -> int:
        """The end of the place name that starts at or just after `end`; `end` where none does."""
        begin, lead_in = end, False
        ordinal = shapes.ORDINAL_PLACE.match(page.folded, end) if sure else None
        if ordinal:
            return ordinal.end()
        if not at:
            lead = shapes.PLACE_START.match(page.folded, end)
            if lead is None:
                return end
            begin = lead.end()
            lead_in = lead[0].strip(" ,") == "te"
        ends: list[int] = []
        place = begin
        for _ in range(6):
            word = shapes.PLACE_WORD.match(page.folded, place)
            if word is None:
                break
            ends.append(word.end())
            follower = page.folded[word.end() : word.end() + 1]
            if follower not in {" ", "/", "-"}:
                break
            place = word.end() + 1
        for stop in reversed(ends):
            name = page.lower[begin:stop]
            if name in self._places and (sure or page.folded[begin].isupper() or page.folded[begin] == "'"):
                return stop
        if not ends or not sure:
            return end
        if lead_in:
            return end  # behind "te" a name is a place only if some list has it
        newline = "\n" in page.folded[end:begin]
        first = page.folded[begin : ends[0]]
        if not (first[0].isupper() or first[0] == "'") or newline or first.lower() in self.lexicon.cues.kinds:
            return end
        if first.lower() in self.lexicon.common and first.lower() not in self.lexicon.places:
            # "6101 XK Echt," is the town, "6101 XK Graag snel" is not.
            alone = begin - end == 1 and page.folded[ends[0] : ends[0] + 1] in {"", ",", ".", "\n", ";", ")", "|"}
            return ends[0] if alone else end
        stop, particles = ends[0], self.lexicon.words("names/particles")
        for previous, following in pairwise(ends):
            part = page.folded[previous + 1 : following]
            if (part.isupper() and first.isupper()) or (part[0].isupper() and page.folded[previous] == "-"):
                stop = following
            elif part.lower() in particles and following < len(page.folded):
                continue
            elif part[0].isupper() and previous != stop:
                stop = following
            else:
                break
        return stop
