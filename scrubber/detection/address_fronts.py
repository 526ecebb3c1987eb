"""What stands before the street and belongs to the address: the number, a house's name, a room, the town."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection.address_streets import Streets
from scrubber.detection.address_tails import Tails
from scrubber.detection.lexicon import Lexicon
from scrubber.detection.page import BLANK, Hit, Page

_NOT_A_HOUSE = re.compile(
    r"(?:bus|buslijn|tram|lijn|halte|metro|rit|route|trein|order|ticket|artikel|bestelling|item|vraag|punt|foto|perceel"
    r"|filiaal|winkel|melding|klant|dossier|kassa|perron|paal|put|lantaarn|kamer|vak|bord|locatie)[ :#]{0,2}$"
)
"""What else has a number and a street behind it: "bus nr 12 Stationsplein"."""
_ANOTHER_NUMBER = re.compile(r",? (?:nr\.? ?|nummer )?\d")
_UNITS = r"(?:kamer|kmr|chalet|plek|plak|app|appartement|kavel|unit|bungalow|huisje|stacaravan|standplaats|studio)"
_FRONT = re.compile(
    r"(?<![\w.])(?:"
    rf"(?:(?:[a-z]{{0,12}}camping|[a-z]{{0,14}}park|[a-z]{{0,14}}centrum|[a-z]{{0,10}}huis|huize|residentie|azc|flat)"
    rf" [A-Z][A-Za-z' \-]{{1,28}}, )?{_UNITS}\.? (?:[A-Z][ \-]?)?\d[\w.\-]{{0,5}}, "
    r"|(?:hoeve|huize|villa|woonark|woonboot|woonschip|ark|state|landgoed|m\.?s\.?) (?-i:[A-Z])[A-Za-z' \-]{1,28}, )$",
    re.IGNORECASE,
)
"""A house's name, the room in a house or the place on a camping site."""
_TOWN = re.compile(
    r"(?<![\w.])(?:in ((?:'s-)?[A-Z][A-Za-z'\-]+(?: [A-Za-z'\-]+){0,3}), "
    r"|(?:in|te) ((?:'s-)?[A-Z][A-Za-z'\-]+(?: [A-Za-z'\-]+){0,3}?),? aan (?:de|het|'t) )$"
)
"""The town before the street; "wonende te Ede, Kerkstraat 1" names the one and then the other."""
_BELGIAN = re.compile(r"(?<![\w.,/€\-])(?:B-)?([1-9]\d{3}) ([A-Z][A-Za-z'\-]+(?: [A-Z][A-Za-z'\-]+){0,2})(?:, ?| )$")
_YEAR_BEFORE = re.compile(r"\b(?:in|sinds|van|tot|eind|begin|anno|jaar) $|[a-z]{3} $")
_BARE_END = re.compile(r"\d[\w/\-]{0,5}(?: [\w\-]{1,4}){0,2}$")


class Fronts:
    """Addresses that are written back to front, and the parts that stand before a street."""

    def __init__(self, lexicon: Lexicon, streets: Streets, tails: Tails) -> None:
        self.lexicon = lexicon
        self._streets = streets
        self._tails = tails
        self._belgian = lexicon.places | lexicon.words("places/belgian")

    def number_first(self, page: Page, start: int, end: int) -> Hit | None:
        """ "nr 18, Zilverlaan", "van 35 Zwaluwhof". [start, end): number and the next word."""
        labelled = page.lower[start] in "nh"
        begin = start
        if not labelled:
            while not page.folded[begin].isdigit():
                begin += 1
        if BLANK in page.folded[start:end] or _NOT_A_HOUSE.search(page.lower, max(0, start - 14), start):
            return None
        if page.follows(start, {"reference", "version", "code", "imei"}, 14) or page.is_own_number(begin, end):
            return None
        words, at = page.words, page.word_before(end)
        for index in range(at, min(at + 3, len(words))):
            if index > at and page.folded[words[index - 1].end : words[index].start] != " ":
                return None
            if self._streets.is_word(words[index].lower):
                stop = words[index].end
                name = page.lower[words[at].start : stop]
                capital = page.folded[words[at].start].isupper()
                if not (capital and (labelled or name in self.lexicon.streets)):
                    return None
                if _ANOTHER_NUMBER.match(page.lower, stop):
                    return None
                return Hit("ADDRESS", begin, self._tails.beside(page, stop) or self._tails.end(page, stop), 0.8)
        return None

    def extended(self, page: Page, hits: list[Hit]) -> Iterator[Hit]:
        """`hits`, in their order, each from where its address begins."""
        reach = 0
        for hit in hits:
            start = self._front(page, hit)
            yield hit._replace(start=start) if start >= reach else hit
            reach = hit.end

    def _front(self, page: Page, hit: Hit) -> int:
        since = max(0, hit.start - 75)
        before = page.folded[since : hit.start]
        if before[-1:] != " ":
            return hit.start
        if (front := _FRONT.search(before)) and "afdeling" not in page.lower[max(0, since - 10) : hit.start]:
            return since + front.start()
        if page.folded[hit.start].isdigit() or not _BARE_END.search(page.folded[hit.start : hit.end]):
            return hit.start
        if code := _BELGIAN.search(before):
            year = code[1][:2] in {"19", "20"} and _YEAR_BEFORE.search(before[: code.start()])
            if not year and code[2].lower() in self._belgian:
                return since + code.start()
        town = _TOWN.search(before)
        if town is not None:
            name, place = town[1] or town[2], since + town.start(1 if town[1] else 2)
            if name.lower() in self.lexicon.places:
                return place
        return hit.start
