"""Numbers of documents and vehicles: passports, identity cards, driving licences, number plates, health insurance."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection import checksums
from scrubber.detection.numbers import LABELS, digits_of, label_kind, stands_alone
from scrubber.detection.page import Cue, Page
from scrubber.detection.recognizer import DutchRecognizer, Hit

_LABELS = LABELS | {"national", "vehicle", "policy", "person", "birth"}
_DOCUMENT = frozenset({"passport", "licence", "vnumber", "national"})
_NAMES_A_NUMBER = LABELS - {"ip"}
"""Without "from" and its like, which announce an address on the network."""


class IdDocumentRecognizer(DutchRecognizer):
    """Passports and identity cards (Dutch form, or any number right after its word), driving licences, V-numbers."""

    ENTITIES = ("ID_DOCUMENT",)
    PATTERNS = ("dutch", "licence", "belgian", "national", "foreign")

    def find(self, page: Page) -> Iterator[Hit]:
        for name, start, end in self.spans(page):
            if not stands_alone(page, start, end, "_@#-/") or page.is_own_number(start, end):
                continue
            score = self._score(page, name, start, end)
            if score:
                yield Hit("ID_DOCUMENT", start, end, score)

    def _score(self, page: Page, name: str, start: int, end: int) -> float:
        value = page.folded[start:end]
        if name == "dutch":
            return self._dutch(page, start, end, value)
        if name == "national":
            if not checksums.belgian_national(digits_of(value)):
                return 0.0
            spelled = re.fullmatch(r"\d\d\.\d\d\.\d\d[ \-.]\d{3}[.\-]\d\d", value) is not None
            return 0.9 if spelled or page.label(start, {"national"}, 50) else 0.0
        cue = page.label(start, _DOCUMENT | _NAMES_A_NUMBER, 45)
        if cue is None or cue.kind not in _DOCUMENT:
            return self._after(page, start, end, name) or self._elsewhere(page, start, end, name, value)
        gap = page.lower[cue.end : start]
        if cue.kind == "passport" and _is_care_card(page, cue):
            return 0.0
        if not any(map(str.isalpha, value)) and _is_other_pass(page, cue):
            return 0.0
        if cue.end - cue.start == 2 and (
            not re.fullmatch(r"[ :(]{1,3}(?:is |nr\.? |nummer )?", gap) or self._other_id(page, cue)
        ):
            return 0.0
        if re.search(r"\d{5}|geldig|verloop|verloopt|tot|\bvan\b \d|\bkopie\b", gap):
            return 0.0
        if name == "licence":
            return 0.9 if cue.kind in {"licence", "vnumber", "passport"} else 0.0
        if name == "belgian":
            return 0.9
        if not any(character.isdigit() for character in value) or cue.kind == "national":
            return 0.0
        german = len(value) == 9 and value.isupper() and value[0].isalpha()
        return 0.8 if len(digits_of(value)) >= (3 if german else 5) and len(gap) <= 34 else 0.0

    @staticmethod
    def _other_id(page: Page, cue: Cue) -> bool:
        """ "TeamViewer ID", "order-id": an "id" that a word for something else stands against."""
        return any(other.end >= cue.start - 2 for other in page.before(cue.start, 2))

    @staticmethod
    def _elsewhere(page: Page, start: int, end: int, name: str, value: str) -> float:
        """Numbers whose form says much, where the text or what it answers speaks of such a document."""
        if label_kind(page, start, end) not in {"", "ip", *_DOCUMENT} or page.near(
            start, end, {"reference", "version"}, 14
        ):
            return 0.0
        if name == "licence":
            form = value.isdigit() and value[0] in "345"
            return 0.65 if form and "licence" in page.spoken_of else 0.0
        if name == "belgian":
            return 0.65 if page.spoken_of & {"passport", "national"} and "bank" not in page.cue_kinds else 0.0
        return 0.0

    @staticmethod
    def _dutch(page: Page, start: int, end: int, value: str) -> float:
        if not checksums.dutch_document(value) or value.isdigit():
            return 0.0
        cue = page.label(start, _DOCUMENT | LABELS, 70)
        if cue is not None and cue.kind in _DOCUMENT:
            return 0.95
        if cue is not None and cue.kind in {"reference", "version", "imei", "secret", "plate", "code"}:
            return 0.0
        if value.isupper() and page.near(start, end, _DOCUMENT, 120):
            return 0.85
        typical = value.isupper() and value[0] in "NSIX" and sum(c.isalpha() for c in value) >= 3
        if value.isupper() and page.spoken_of & {"passport", "licence"} and sum(c.isalpha() for c in value) >= 3:
            return 0.6
        return 0.55 if typical and len(digits_of(value)) <= 6 and "passport" in page.cue_kinds else 0.0

    @staticmethod
    def _after(page: Page, start: int, end: int, name: str) -> float:
        """ "3900946976 is mijn rijbewijsnummer"."""
        kind = label_kind(page, start, end, 20)
        if kind in {"licence", "vnumber"} and name == "licence":
            return 0.85
        return 0.8 if kind == "passport" and name == "belgian" else 0.0


_VOWELS = frozenset("aeiouyAEIOUY")


_KEYED = re.compile(r"\b(?:auto|kenteken|plate|plaat|k|kent|voertuig|car|lp)=$")
_RUN = re.compile(r"[a-z]{4,}")
_NO_NUMBER = re.compile(
    r"(?:klant|aanslag|boeking|melding|opdracht|aanvraag|contract|order|bestelling|factuur|zaak|object|project|reservering)$"
)
"""Things that may have a plate beside them; their number has "nummer" in its name."""
_NEXT_PLATE = re.compile(
    r" ?(?:,|;|/|\+|&|en|of|and|naar|->|>|,? (?:en|of)) ?(?:nieuwe?:? |oude?:? |de )?| nieuwe?:? |\n[ *>-]*"
)


def _one_case(value: str) -> bool:
    """Not "N31 van": a plate is written in capitals or not."""
    return value.isupper() or value.islower()


class LicensePlateRecognizer(DutchRecognizer):
    """Dutch plates of every series and Belgian ones. Lower-case, undashed or old ones only beside a cue."""

    ENTITIES = ("LICENSE_PLATE",)
    PATTERNS = ("dashed", "loose", "belgian", "belgian_old")

    def find(self, page: Page) -> Iterator[Hit]:
        last = -1
        for name, start, end in sorted(self.spans(page), key=lambda span: span[1:]):
            if not stands_alone(page, start, end, "_@#-./=") or page.is_own_number(start, end):
                keyed = _KEYED.search(page.lower[max(0, start - 12) : start])
                if not keyed and not (
                    page.folded[end : end + 1] in {".", "/"} and not page.folded[end + 1 : end + 2].isalnum()
                ):
                    continue
                if not stands_alone(page, start, end, "_@#-" if keyed else "_@#-="):
                    continue
            if name != "dashed" and not _one_case(page.folded[start:end]):
                continue
            score = self._score(page, name, start, end)
            if not score and 0 <= start - last <= 12 and _NEXT_PLATE.fullmatch(page.lower[last:start]):
                score = 0.7
            if score:
                last = end
                yield Hit("LICENSE_PLATE", start, end, score)

    def _score(self, page: Page, name: str, start: int, end: int) -> float:
        value = page.folded[start:end]
        letters = [character for character in value if character.isalpha()]
        label = page.label(start, _LABELS | {"plate"}, 40)
        kind = label.kind if label else ""
        if kind in {"reference", "secret"} and label is not None and start - label.end > 12:
            kind = ""
        if kind == "reference" and name == "dashed" and label is not None:
            kind = "" if _NO_NUMBER.search(page.lower[label.start : label.end]) else kind
        cued = kind == "plate" or (page.near(start, end, {"plate"}, 60) and kind not in {"reference", "secret"})
        if kind in {"reference", "version", "imei", "secret", "code", "pin", "passport", "licence"} and not cued:
            return 0.0
        if name != "dashed" and value.islower() and any(run in page.lexicon.common for run in _RUN.findall(value)):
            return 0.0  # "44 jaar", "naar 40"
        vehicle = page.near(start, end, {"vehicle"}, 60)
        if name == "belgian":
            return 0.95 if cued or vehicle else 0.7 if value.isupper() else 0.0
        if name == "belgian_old":
            return 0.85 if cued else 0.0
        modern = not _VOWELS.intersection(letters)
        if name == "dashed":
            if cued or vehicle:
                return 0.95
            if value != value.upper() or not modern or "".join(letters) in {"XL", "XXL", "XS", "CM", "MM", "KG"}:
                return 0.0
            return 0.75
        if cued:
            return 0.85 if modern or value.isupper() else 0.6
        if not modern or not value.isupper():
            return 0.0
        if " " not in value and (vehicle or "plate" in page.cue_kinds):
            return 0.6
        asked = "plate" in page.spoken_of and not kind and not page.near(start, end, {"reference"}, 20)
        return 0.6 if asked else 0.0


_NO_PREFIX = re.compile(r"(?:is|nr|no|was|van|op|en|het|de|pas|met|als|dus|bij|card)[ .\-]+(?=\d)")
_WORD_BEFORE = re.compile(r"([a-z]{1,4})[ .\-]+(?=\d)")
_INSURED_PAGE = re.compile(r"verzekerd|\bpat ?#|client|bewoner|dossier")
_OF_A_PERSON = re.compile(
    r"\b(?:mijn|mn|m'n|me|haar|zijn|z'n|onze)(?: [a-z]{2,14})? ?[a-z]{0,12}(?:polis|relatie|verzekering)"
)
_INSURED = re.compile(
    r"\bverzekerd\b(?:(?! als )[^\n.!?\d;]){0,44}\b(?:onder|met|nr|nummer|no|via)\b"
    r"(?: (?:het|mijn|haar|zijn|ons|nr|nummer|nummertje|polis|polisnummer|relatienummer|klantnummer|no)){0,3}[.:]{0,2} ?$"
    r"|\bverzekerd(?:e)? bij ?/? ?(?:nr|nummer|polis(?:nr)?)\.?[:=] ?(?:[a-z]{2,12} ?)?$|\bpat ?# ?[:=]? ?$"
)
_CLIENT = re.compile(
    r"(?:client|clienten|bewoners?|dossier|behandel|opname|zorgdossier|zorgplan|cliënt)[ -]?(?:nr|nummer|no|id)"
)
_CARE_PLACE = re.compile(
    r"zorg|bewoner|kliniek|\bggz\b|arts\b|verpleeg|\bbehandel|patient|therap|medic|diagnose|ziekenhuis|wzc|psycholo|indicatie|wlz"
)
_INSURANCE = frozenset(
    {"zorgverzekering", "zorgverzekeraar", "zorgverz", "ziektekostenverzekering", "basisverzekering", "mutualiteit"}
)
_INSURER = re.compile(
    r"\b(?:cz|vgz|menzis|zilveren ?kruis|ohra|dsw|onvz|anderzorg|ditzo|zorg en zekerheid|stad holland|aevitae"
    r"|interpolis zorg"
    r"|asr zorg|unive zorg|salland|eno|just|ziezo|fbto zorg|iza|izz|umc|unive|helan|partena|solidaris|cm|mutualiteit"
    r"|ziekenfonds|zorgverz\w*|[a-z]*ziekenhuis|huisarts\w*|apotheek|tandarts\w*|fysio\w*|ggz|zorgkantoor)\b"
)
_ENROLLED = re.compile(
    r"(?:klant|relatie|lid|inschrijf|registratie|polis|client|dossier|verzekerden?)[ -]?(?:nr|nummer|no)"
)
_UNDER = re.compile(
    r"(?: basis| zorg| aanvullend)?,? ?\(?(?:onder |met |is |via |heb ik )?(?:het |mijn |mn "
    r"|m'n )?(?:[a-z]{0,12}(?:nr|nummer"
    r"|polis|no))\.?(?: is| was)?[ :]{0,3}"
)
_OTHER_POLICY = re.compile(
    r"schade|\bauto(?!mat)|auto\b|verzuim|arbeidsongeschikt|\bao[vw]?\b|\bwga\b|\bvve\b|\bboot|sloep|jacht\b|pleziervaart|reisverz"
    r"|reispolis|doorlopende reis|inkomensverz|inboedel|opstal|uitvaart|begrafenis|vloot|motor|aansprakelijk|rechtsbijstand|brommer|scooter|caravan"
    r"|camper|woonhuis|levensverz|overlijdensrisico|dierenverz|huisdier(?:en)?verz|taxi|avb|annulering"
)


def _shape(value: str) -> str:
    """How a number is written and how it begins: what the numbers of one insurer share."""
    return value[:2] + re.sub(r"\d", "9", value[2:])


def _is_insured(page: Page, start: int) -> bool:
    """ "… is bij u verzekerd onder nummer 230…": a person, so a policy of care, where no other thing is insured."""
    lead = page.lower[max(0, start - 90) : start]
    if _INSURED.search(lead) is None:
        return False
    if page.cue_kinds & {"vehicle", "plate"}:
        return False
    return not _OTHER_POLICY.search(page.lower) or bool(page.cue_kinds & {"health"}) or _speaks_of_illness(page)


def _speaks_of_illness(page: Page) -> bool:
    illnesses = page.lexicon.words("special/health")
    return any(len(word.lower) > 5 and word.lower in illnesses for word in page.words)


def _answers(page: Page, start: int, end: int) -> bool:
    """Whether a number with no label, early in the text, answers the question for one, or one that was announced."""
    if "/" in page.folded[start:end]:
        return False
    if page.folded[:start].rstrip()[-1:] in {":", "="} and any(c.kind == "health" for c in page.before(start, 220)):
        return not label_kind(page, start, end) and len(digits_of(page.folded[start:end])) >= 8
    asked = "health" in page.answers or {"policy", "care"} <= page.answers
    if not asked or start > 160 or label_kind(page, start, end) or len(digits_of(page.folded[start:end])) < 7:
        return False
    before = page.folded[page.line_start(start) : start].rstrip()
    return not before or before[-1] in ":,=" or before.lower().endswith((" is", " was", " nr", "nummer"))


def _is_other_pass(page: Page, cue: Cue) -> bool:
    """Whether a "pasnummer" of digits is that of any card: a town's, a bank's; the text names no document."""
    named = page.lower[cue.start : cue.end]
    if (
        cue.kind != "passport"
        or not named.startswith("pas")
        or named.startswith(("paspoort", "pass", "paszp", "pasap"))
    ):
        return False
    return not any(
        other.kind in _DOCUMENT and not re.match(r"pas ?(?:nr|no|num)", page.lower[other.start : other.end])
        for other in page.cues
    )


def _is_care_card(page: Page, cue: Cue) -> bool:
    """Whether the "pasnummer" is that of a zorgpas, not of a passport."""
    named = page.lower[cue.start : cue.end]
    if not named.startswith("pas") or named.startswith("paspoort"):
        return False
    return re.search(r"zorg|ziekenhuis|patient", page.lower[max(0, cue.start - 40) : cue.start]) is not None


class HealthIdRecognizer(DutchRecognizer):
    """Numbers of health insurance and patients. A "polis" or "relatienummer" counts only where the text is about"
    " care."""

    ENTITIES = ("HEALTH_ID",)
    PATTERNS = ("number",)

    def find(self, page: Page) -> Iterator[Hit]:
        insured = _INSURED_PAGE.search(page.lower) is not None
        if not insured and not (page.spoken_of & {"health", "policy", "care", "passport"}):
            return
        found: list[str] = []
        left: list[tuple[int, int]] = []
        for _, start, end in self.spans(page):
            lead = _NO_PREFIX.match(page.lower[start:end])
            word = _WORD_BEFORE.match(page.lower[start:end])
            if word and word[1] in page.lexicon.cues.kinds:
                lead = word
            start += lead.end() if lead else 0
            value = page.folded[start:end]
            if not stands_alone(page, start, end, "_@") or len(digits_of(value)) < 5 or page.is_own_number(start, end):
                continue
            if re.fullmatch(r"\d{1,2}[\-/.]\d{1,2}[\-/.](?:19|20)?\d\d", value):
                continue
            cue = page.label(start, LABELS | {"health", "policy", "birth"}, 50) or page.label(start, {"care"}, 30)
            score = self._score(page, cue, start, end) if cue is not None else 0.0
            score = score or (0.7 if insured and _is_insured(page, start) else 0.0)
            if score:
                found.append(_shape(value))
                yield Hit("HEALTH_ID", start, end, score)
            elif cue is None or cue.kind in {"policy", "care", "health"}:
                left.append((start, end))
        shapes = set(found)
        for start, end in left:
            alike = shapes and _shape(page.folded[start:end]) in shapes and "\n" not in page.folded[start:end]
            if alike or (not found and _answers(page, start, end)):
                found.append("")
                yield Hit("HEALTH_ID", start, end, 0.6)

    @staticmethod
    def _score(page: Page, cue: Cue, start: int, end: int) -> float:
        gap, named = page.lower[cue.end : start], page.lower[cue.start : cue.end]
        if re.search(r"\d{3}", gap):
            return 0.0
        if cue.kind == "health":
            return 0.9
        if cue.kind == "reference" and _CLIENT.fullmatch(named) and len(gap) <= 12:
            return 0.7 if _CARE_PLACE.search(page.lower) and not _OTHER_POLICY.search(page.lower) else 0.0
        if cue.kind == "reference":  # "klantnr bij Zilveren Kruis 123456789"
            ours = _ENROLLED.match(named) and _INSURER.search(gap) and not re.search(r"[.?!:] |\n", gap)
            return 0.7 if ours else 0.0
        if named == "patient" and re.fullmatch(r"(?: nr\.?| no\.?)?[ :]{1,2}", gap):
            return 0.7
        if cue.kind == "policy" and _INSURER.search(gap) and not re.search(r"[.?!] |\n", gap):
            return 0.7
        if cue.kind == "care" and _INSURER.fullmatch(named) and _UNDER.fullmatch(gap):
            return 0.75
        if cue.kind == "care" and re.fullmatch(r",? ?(?:nr|nummer|polis|lidnr)\.?:? ?", gap):
            insurer = re.search(
                r"zorgverz|ziektekosten|mutualiteit|ziekenfonds", page.lower[max(0, cue.start - 30) : cue.end]
            )
            return 0.75 if insurer else 0.0
        if cue.kind == "care":  # "Zorgverzekeraar CZ: 123456789": a field, not a sentence
            form = re.fullmatch(
                r"[ ]?:? ?[a-z &]{2,22},? ?(?:nr|nummer|no|polis|lidnr)\.?:? ?"
                r"|(?:[ .]{0,2}\([^()\n]{2,20}\))?[ .]{0,3}(?:[:=|;\t]|nr\.?:?| {2,})[ \t]*(?:nr\.? ?)?",
                gap,
            )
            return 0.8 if form and named in _INSURANCE else 0.0
        around = page.lower[max(0, start - 80) : start]
        other = _OTHER_POLICY.search(around)
        if other and not re.search(r"zorg|ziekte|patient|verzekerden", around[other.end() :]):
            return 0.0
        if cue.kind == "passport":  # "op zijn zorgpas, pasnr 123": a card, but not one of identity
            return 0.7 if _is_care_card(page, cue) else 0.0
        if cue.kind != "policy":
            return 0.0
        near = page.near(start, end, {"care", "health"}, 200) or (
            _OF_A_PERSON.search(page.lower, max(0, cue.start - 24), cue.end) is not None
            and not page.cue_kinds & {"vehicle", "plate"}
            and not _OTHER_POLICY.search(page.lower)
            and ("bsn" in page.cue_kinds or _speaks_of_illness(page))
        )
        return 0.6 if near or (page.spoken_of & {"care", "health"} and not _OTHER_POLICY.search(page.lower)) else 0.0
