"""Postal addresses: street and house number with whatever postcode and place follow, postcodes, postbus numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scrubber.detection import address_patterns as shapes
from scrubber.detection.address_fields import cells, fields
from scrubber.detection.address_fronts import Fronts
from scrubber.detection.address_joins import Joins, Taken
from scrubber.detection.address_postcodes import Postcodes
from scrubber.detection.address_streets import Streets
from scrubber.detection.address_tails import Tails, additions
from scrubber.detection.page import BLANK, Page
from scrubber.detection.recognizer import DutchRecognizer, Hit


class AddressRecognizer(DutchRecognizer):
    """One span an address: street, number, addition, postcode, place, over line ends. Streets by suffix and list."""

    ENTITIES = ("ADDRESS",)
    PATTERNS = ("field", "cell", "house", "postcode", "postbus", "foreign", "spoken", "number_first")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._streets = Streets(self.lexicon)
        self._tails = Tails(self.lexicon)
        self._fronts = Fronts(self.lexicon, self._streets, self._tails)
        self._postcodes = Postcodes(self.lexicon, self._tails)
        self._joins = Joins(self.lexicon, self._tails)

    def find(self, page: Page) -> Iterator[Hit]:
        done = 0
        hits: list[Hit] = []
        if page.find(self.pattern("field")):
            hits += fields(page, self._tails)
        if rows := page.find(self.pattern("cell")):
            hits += cells(page, rows, self._streets, self._tails)
        taken = Taken(hits)
        for start, end in page.find(self.pattern("house")):
            number = end
            while page.folded[number - 1].isdigit():
                number -= 1
            if start < done or taken.meets(start, end):
                continue
            hit = self._street(page, number, end)
            if (
                hit is not None and hit.start < done
            ):  # "Dorpsstraat 2 1234 AB Ede Lindelaan 3": what is left of its name
                left = page.word_starts[page.word_before(done) + 1 : page.word_before(number) + 1]
                hit = hit._replace(start=left[0]) if left else None
            if hit is not None:
                hits.append(hit)
                done = hit.end
        for name in ("postbus", "foreign"):
            for start, end in page.find(self.pattern(name)):
                hits.append(self._tail_of(page, start, end, 0.85))
        for start, end in page.find(self.pattern("spoken")):
            street = page.lower[start:end].partition(" ")[0]
            tail = self._tails.beside(page, end) or self._tails.end(page, end)
            if self._streets.is_word(street) and (tail > end or page.near(start, end, {"address"}, 40)):
                hits.append(Hit("ADDRESS", start, tail, 0.75))
        taken = Taken(hits)
        for start, end in page.find(self.pattern("number_first")):
            if not taken.meets(start, end) and (reversed_ := self._fronts.number_first(page, start, end)):
                hits.append(reversed_)
        taken = Taken(hits)
        for start, end in page.find(self.pattern("postcode")):
            if not taken.meets(start, end):
                code = self._postcodes.hit(page, start, end)
                if code is not None:
                    hits.append(code)
        return self._fronts.extended(page, self._joins.joined(page, sorted(hits, key=lambda hit: hit.start)))

    def _street(self, page: Page, number: int, end: int) -> Hit | None:
        if BLANK in page.folded[number - 1 : number] or end - number > 5 or page.folded[end : end + 1].isdigit():
            return None
        if shapes.NO_HOUSE.match(page.lower, end) and not shapes.POSTCODE_NEXT.match(page.lower, end):
            return None
        if shapes.COUNTED.match(page.lower, end) and not shapes.DWELLS.search(page.lower, max(0, number - 60), number):
            return None
        if page.folded[number] == "0" or page.is_own_number(number, end):
            return None
        opposite = shapes.OPPOSITE.search(page.lower, max(0, number - 22), number)
        found = self._streets.start(page, opposite.start() if opposite else number)
        if found is None or (opposite and found[1] == 0):
            return None
        start, strength = found
        start = self._streets.without_from(page, start, number)
        start -= page.lower[start - 1 : start + 2] in {"'t ", "'s "}
        start -= 3 * (page.lower[max(0, start - 3) : start] in {"'t ", "'s "})
        if end - number == 4 and page.folded[number : number + 2] == "19":
            house = shapes.YEAR_STREET.match(page.folded, end)
            end = house.end() if house else end
        stop = additions(page, end)
        if page.folded[stop : stop + 1] == ")" and "(" in page.folded[start:number]:
            stop += 1
        tail = self._tails.end(page, stop)
        if strength == 0 and tail == stop and end - number > 3:
            return None
        known_place = tail == stop and self._tails.beside(page, stop)
        if strength == 1 and known_place and page.folded[stop] == " ":
            tail = known_place
        if page.folded[number - 1].isalpha() and (
            strength == 0 or (tail == stop and not self._is_glued(page, start, number))
        ):
            return None  # "GEBRUIKER FB7590-2211 EN"
        if strength < 2:
            known = page.near(start, end, {"address"}, 40) and not page.near(
                start, number, {"reference", "version", "code"}, 12
            )
            placed = end - number < 4 and known_place == 0 and self._streets.resides(page, start, number, stop)
            placed = placed or (strength == 1 and end - number < 4 and self._streets.visited(page, start, number, stop))
            if tail == stop and not (strength == 1 and known) and not placed:
                return None
        if end - number == 5 and tail == stop:
            return None
        tail = known_place or tail
        return Hit("ADDRESS", start, tail, 0.9 if tail > stop or strength == 2 else 0.7)

    def _is_glued(self, page: Page, start: int, number: int) -> bool:
        """Whether the name that its number is glued to is a street's, and no user's: "kerkstraat12", "pversluis82"."""
        name = page.lower[start:number]
        if page.follows(start, {"login", "secret"}, 16) or name.endswith("ipv"):
            return False
        known = name in self.lexicon.streets or name.rpartition(" ")[2] in self.lexicon.streets or " " in name
        return (
            known
            or page.follows(start, {"address"}, 24)
            or shapes.AT_HOME.search(page.lower, max(0, start - 24), start) is not None
        )

    def _tail_of(self, page: Page, start: int, end: int, score: float) -> Hit:
        return Hit("ADDRESS", start, self._tails.end(page, end), score)
