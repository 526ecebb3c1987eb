"""What a text says of care and of insurance: who gives care, who pays it, what else is insured."""

from __future__ import annotations

import re

from scrubber.detection.fold import fold
from scrubber.detection.nearby import Nearby
from scrubber.detection.page import Cue, Page
from scrubber.lazily import lazily

_CARE_PLACE = re.compile(
    r"zorg|(?<!vorige )(?<!nieuwe )(?<!oude )bewoner|kliniek"
    r"|\bggz\b|arts\b|verpleeg|\bbehandel|patient|therap|medic|diagnose|ziekenhuis"
    r"|\bseh\b|polsbandje|wzc|psycholo|indicatie|wlz"
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
    r"|camper|woonhuis|levensverz|overlijdensrisico|brandverz|fietsverz|hondenverz|kattenverz|telefoonverz|dierenverz"
    r"|dierenarts|dierenkliniek|huisdier(?:en)?verz|\btaxi(?:'s|bus|verz|bedrijf|polis)|avb|annulering"
    r"|tegen (?:diefstal|brand|inbraak|storm)"
    r"|groene kaart|aanrijding|botsing|[a-z]ongeval|ongevallenverz|no.?claim|bonus.?malus|tegenpartij|royement"
    r"|\bwa-|\b(?:mini|all.?risk|omnium)\b|\bcasco|familiale|brandpolis|levenspolis|glasbreuk|waterschade|autoruit"
)
_FUND = re.compile(
    r"verzeker|mutual|ziekenfonds|ziekenkas|zorgkas|\b(?:cz|vgz|menzis|zilveren ?kruis|ohra|dsw|onvz|anderzorg|unive"
    r"|helan|partena|solidaris|cm|vnz)\b"
)
_SUBSCRIBED = re.compile(
    r"abonnement|sport|fitness|\bgym|zwem|\bclub|bieb|\bles(?:sen)?\b|training|trainen|opzeg|zeg op"
)
_OTHER_CARD = re.compile(
    r"\b(?:bieb|biblio|sport|zwem|bus|ov|bank|school|toegang|parkeer|klanten|spaar|betaal|id)[\w\-]*"
)
_NEWBORN = re.compile(
    r"pasgebor|bijschrijv|bij te schrijven|bijgeschreven|mee ?verzeker|kraamzorg|zwanger|bevall"
    r"|\b(?:kind|kindje|dochter|dochtertje|zoon|zoontje|baby|meisje|jongetje|tweeling)\b[^.!?\n]{0,40}\bgeboren\b"
)
_PAID = re.compile(r"verzeker|vergoed|declar|\bpolis|\bpremie|eigen risico|uzovi")
"""Care that an insurer pays, not care alone."""
_THING = re.compile(
    r"fiets|e-?bike|glaz|glas|\bruit|gestolen|omgewaaid|telefoon|gsm\b|toestel|laptop|dakkapel|storm|lekkage"
    r"|inbraak|diefstal|brand\b|hypotheek|pensioen|levens"
    r"|woning|huis\b|winkel|bedrijf|\bzaak\b|\bbv\b"
)
_PLATE_LIKE = re.compile(r"\b(?=[A-Z0-9\-]{0,8}[A-Z])(?=[A-Z0-9\-]{0,8}\d)[A-Z0-9]{1,3}-[A-Z0-9]{2,3}-[A-Z0-9]{1,2}\b")

_CARE_FILES = re.compile(r"\bepd\b|\becd\b|\bcov\b|vecozo|uzovi|\bhl7\b|zorgplan|zorgdossier")
_ASKS_CUSTOMER = re.compile(r"\b(?:klant|relatie|lid)(?:nummer|nr)")
_SENTENCE = re.compile(r"[.!?][ \n]|\n")


_KEPT = "about care"


class About:
    """What a whole text is about, looked up once however many numbers it holds."""

    def __init__(self, page: Page) -> None:
        self._page = page

    @staticmethod
    def of(page: Page) -> About:
        """The page's own, made once, whoever asks."""
        about = page.__dict__.get(_KEPT)
        if not isinstance(about, About):
            about = page.__dict__[_KEPT] = About(page)
        return about

    @lazily
    def births(self) -> Nearby:
        """The dates of birth that were found."""
        return Nearby(hit for hit in self._page.taken if hit.entity_type == "DATE_OF_BIRTH")

    @lazily
    def other_policy(self) -> bool:
        """Another thing is insured: a car, a house, a boat."""
        return OTHER_POLICY.search(self._page.lower) is not None or (
            bool(self._page.context) and OTHER_POLICY.search(self._page.context.lower()) is not None
        )

    @lazily
    def subscribed(self) -> bool:
        """To a gym, a pool, a club, or somebody gives it up: its members have numbers too."""
        return _SUBSCRIBED.search(self._page.lower) is not None or (
            bool(self._page.context) and _SUBSCRIBED.search(self._page.context.lower()) is not None
        )

    @lazily
    def fund(self) -> bool:
        """Whom one is a member of when it is about care is spoken of."""
        return _FUND.search(self._page.lower) is not None

    @lazily
    def of_care(self) -> bool:
        """Care, an illness, a birth to come, an insurer of care: what makes a "polis" one of care."""
        return self.care_or_illness or self.newborn or bool(self._page.spoken_of & {"health", "care"})

    @lazily
    def file(self) -> bool:
        """Somebody's file is spoken of, or whose it is."""
        return re.search(r"\bclient|\bdossier", self._page.lower) is not None

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
        return _PAID.search(self._around) is not None

    @lazily
    def paid_or_treated(self) -> bool:
        """Care is paid, or patients are spoken of."""
        return self.paid or self.patients or _CARE_FILES.search(self._around) is not None

    @lazily
    def asks_customer(self) -> bool:
        """An insurer of care asks for a customer's number."""
        context = fold(self._page.context).lower()
        return _ASKS_CUSTOMER.search(context) is not None and "verzeker" in context and "care" in self._page.answers

    @lazily
    def _around(self) -> str:
        """The text with its thread and subject."""
        return f"{self._page.lower}\n{fold(self._page.context).lower()}"

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


def is_of_another_branch(lead: str) -> bool:
    """Whether the sentence before a number, as far as it is in `lead`, insures something else than care."""
    lead = lead.lower()
    return OTHER_POLICY.search(lead, max((end.end() for end in _SENTENCE.finditer(lead)), default=0)) is not None
