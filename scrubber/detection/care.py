"""What a text says of care and of insurance: who gives care, who pays it, what else is insured."""

from __future__ import annotations

import re

from scrubber.detection.nearby import Nearby
from scrubber.detection.page import Cue, Page
from scrubber.lazily import lazily

_CARE_PLACE = re.compile(
    r"zorg|bewoner|kliniek|\bggz\b|arts\b|verpleeg|\bbehandel|patient|therap|medic|diagnose|ziekenhuis"
    r"|wzc|psycholo|indicatie|wlz"
)
INSURANCE = frozenset(
    {"zorgverzekering", "zorgverzekeraar", "zorgverz", "ziektekostenverzekering", "basisverzekering", "mutualiteit"}
    | {"ziekteverzekering", "ziekenkas"}
)
INSURER = re.compile(
    r"\b(?:cz|vgz|menzis|zilveren ?kruis|ohra|dsw|onvz|anderzorg|ditzo|zorg en zekerheid|stad holland|aevitae"
    r"|interpolis zorg"
    r"|asr zorg|unive zorg|salland|eno|just|ziezo|fbto zorg|iza|izz|umc|unive|helan|partena|solidaris|cm|mutualiteit"
    r"|ziekenfonds|zorgverz\w*|[a-z]*ziekenhuis|huisarts\w*|apotheek|tandarts\w*|fysio\w*|ggz|zorgkantoor)\b"
)
OTHER_POLICY = re.compile(
    r"schade|\bauto(?!mat)|auto\b|verzuim|arbeidsongeschikt|\bao[vw]?\b|\bwga\b|\bvve\b|\bboot|sloep"
    r"|jacht\b|pleziervaart|reisverz"
    r"|reispolis|doorlopende reis|inkomensverz|inboedel|opstal|uitvaart|begrafenis|vloot|motor"
    r"|aansprakelijk|rechtsbijstand|brommer|scooter|caravan"
    r"|camper|woonhuis|levensverz|overlijdensrisico|brandverz|fietsverz|hondenverz|kattenverz|telefoonverz|dierenverz|dierenarts|dierenkliniek|huisdier(?:en)?verz|\btaxi(?:'s|bus|verz|bedrijf|polis)|avb|annulering"
)
_OTHER_CARD = re.compile(
    r"\b(?:bieb|biblio|sport|zwem|bus|ov|bank|school|toegang|parkeer|klanten|spaar|betaal|id)[\w\-]*"
)
_NEWBORN = re.compile(
    r"pasgebor|bijschrijv|bij te schrijven|bijgeschreven|mee ?verzeker|kraamzorg|zwanger|bevall|geboren op"
)
_PAID = re.compile(r"verzeker|vergoed|declar|\bpolis|\bpremie|eigen risico|uzovi")
"""Care that an insurer pays, not care alone."""
_THING = re.compile(
    r"fiets|e-?bike|glaz|glas|\bruit|gestolen|omgewaaid|telefoon|gsm\b|toestel|laptop|dakkapel|storm|lekkage"
    r"|inbraak|diefstal|brand\b|hypotheek|pensioen|levens"
    r"|woning|huis\b|winkel|bedrijf|\bzaak\b|\bbv\b"
)
_PLATE_LIKE = re.compile(r"\b(?=[A-Z0-9\-]{0,8}[A-Z])(?=[A-Z0-9\-]{0,8}\d)[A-Z0-9]{1,3}-[A-Z0-9]{2,3}-[A-Z0-9]{1,2}\b")


class About:
    """What a whole text is about, looked up once however many numbers it holds."""

    def __init__(self, page: Page) -> None:
        self._page = page

    @lazily
    def births(self) -> Nearby:
        """The dates of birth that were found."""
        return Nearby(hit for hit in self._page.taken if hit.entity_type == "DATE_OF_BIRTH")

    @lazily
    def other_policy(self) -> bool:
        """Another thing is insured: a car, a house, a boat."""
        return OTHER_POLICY.search(self._page.lower) is not None

    @lazily
    def other_thing(self) -> bool:
        """A bicycle, a window, a vehicle by its plate: what a "polis" is of that nothing else is said of."""
        page = self._page
        return _THING.search(page.lower) is not None or _PLATE_LIKE.search(page.folded) is not None

    @lazily
    def care(self) -> bool:
        """Somebody gives care."""
        return _CARE_PLACE.search(self._page.lower) is not None

    @lazily
    def care_or_illness(self) -> bool:
        """Somebody gives care, bills it, or needs it."""
        return self.care or self.illness or "uzovi" in self._page.lower or "verzekerde:" in self._page.lower

    @lazily
    def paid(self) -> bool:
        """An insurer pays, or is asked to."""
        return _PAID.search(self._page.lower) is not None

    @lazily
    def other_card(self) -> bool:
        """A card that is none of insurance: a library's, a club's, a bank's."""
        return _OTHER_CARD.search(self._page.lower) is not None

    @lazily
    def newborn(self) -> bool:
        """A child is expected or born, somebody joins a policy: of care, for no other has members."""
        return _NEWBORN.search(self._page.lower) is not None

    @lazily
    def insured(self) -> bool:
        """Somebody is insured or has a card of it."""
        return re.search(r"verzekerd|uzovi|pasje|ehic|zorg", self._page.lower) is not None

    @lazily
    def patients(self) -> bool:
        """Patients are spoken of."""
        return re.search(r"\bpatient", self._page.lower) is not None

    @lazily
    def illness(self) -> bool:
        """An illness is named; short words such as "als" are mostly none."""
        illnesses = self._page.lexicon.words("special/health")
        return any(len(word.lower) > 5 and word.lower in illnesses for word in self._page.words)


def is_care_card(page: Page, cue: Cue) -> bool:
    """Whether the "pasnummer" is that of a zorgpas, not of a passport."""
    named = page.lower[cue.start : cue.end]
    if not named.startswith("pas") or named.startswith("paspoort"):
        return False
    return re.search(r"zorg|ziekenhuis|patient", page.lower[max(0, cue.start - 40) : cue.start]) is not None
