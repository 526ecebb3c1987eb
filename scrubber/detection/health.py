"""Numbers of health insurance and patients: by their word, by who is insured, by what the desk asked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection import announced, insured
from scrubber.detection.care import INSURANCE, INSURER, OTHER_POLICY, About, is_care_card
from scrubber.detection.numbers import LABELS, digits_of, label_kind, stands_alone
from scrubber.detection.page import Cue, Page
from scrubber.detection.recognizer import DutchRecognizer, Hit

_NO_PREFIX = re.compile(
    r"(?:is|ik|nr|no|was|van|op|en|het|de|pas|met|als|dus|bij|card|zijn|haar|mijn|nog|nu|of|cm|cz|vgz)[ .\-]+(?=\d)"
)
_WORD_BEFORE = re.compile(r"([a-z]{1,4})[ .\-]+(?=\d)")
_INSURED_PAGE = ("verzekerd", "client", "bewoner", "dossier", "pas van", "pasje van", "kaart van")
_PATIENT = re.compile(r"\bpat ?#")
_OF_A_PERSON = re.compile(
    r"\b(?:mijn|mn|m'n|me|haar|zijn|z'n|onze)(?: [a-z]{2,14})? ?[a-z]{0,12}(?:polis|relatie|verzekering)"
)
_CLIENT = re.compile(
    r"(?:client|clienten|bewoners?|dossier|behandel|opname|zorgdossier|zorgplan|cliënt)[ -]?(?:nr|nummer|no|id|code)"
)
_ENROLLED = re.compile(
    r"(?:klant|relatie|lid|inschrijf|registratie|polis|client|dossier|verzekerden?)[ -]?(?:nr|nummer|no)"
)
_UNDER = re.compile(
    r"(?: basis| zorg| aanvullend)?,? ?\(?(?:onder |met |is |via |heb ik )?(?:het |mijn |mn "
    r"|m'n )?(?:[a-z]{0,12}(?:nr|nummer"
    r"|polis|no))\.?(?: is| was)?[ :]{0,3}"
)
_RIGHT_BEHIND = re.compile(
    r"(?<![\w.@])(?:cz|vgz|menzis|zilveren ?kruis|ohra|dsw|onvz|anderzorg|ditzo|aevitae|salland|izz|unive zorg"
    r"|zorg en zekerheid)"
    r"(?:(?:,| -|:|,? nr\.?:?|[ -]polis|[ -](?:polis|relatie)?nummer|-nr\.?| onder(?: nr\.?| nummer)?)?:?[ ]"
    r"|,? \((?:(?:polis)?(?:nr|nummer)\.?:? |polis:? )?)$"
)
_ON_CARD = re.compile(
    r"\b(?:mijn|m'n|mn|zijn|haar) (?:kaart|kaartje)(?:nr|nummer)? (?:is|was|heeft)(?: nummer| nr\.?)? $|"
    r"\bop (?:de|mijn|m'n|mn|zijn|haar|het|die|hun|dat) (?:[a-z]{3,10} )?(?:pas|pasje|kaart"
    r"|kaartje)\b[^\n.!?\d]{0,20}\bsta(?:at|an)\b"
    r"(?! dat\b)[^\n.!?\d]{0,12} (?:[a-z]{2} )?$|\bpas(?:je)?\b[^\n.!?\d]{0,50}\b(?:is|was)(?: het| dat)? $"
)
_KNOWN_AS = re.compile(
    r"\b(?:bij (?:u|jullie) (?:ben ik|sta ik (?:als|onder))|ik sta bij (?:u|jullie) (?:als|onder))(?: nr\.?| nummer)? $"
)
_OTHER_CARD = re.compile(r"[^.\n\d]{0,40}\b(?!zorg|verzeker)[a-z\-]{2,20}(?:pas|pasje|kaart|kaartje)\b")
"""Behind the number: "…, de bibliotheekpas"."""
_PERSON_AND = re.compile(r"\((?:[A-Z][\w'.\-]{1,20} ){0,3}[A-Z][\w'\-]{1,20}, (?:\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}, )?$")
_MESSAGE = re.compile(r"\bPID\|[^|\n]*\|[^|\n]*\|(\d{4,12})\b")
"""The patient's number in an HL7 message: the third field of its segment PID."""
_PRACTICE_NUMBER = re.compile(
    r"\b(?:nr|nummer|code|nummertje)\.? (?:bij|van) (?:de |mijn |onze |het |m'n |mn )?"
    r"(?:apotheek|huisarts\w*|tandarts\w*|ziekenhuis|kliniek|praktijk|fysio\w*|ziekenfonds"
    r"|mutualiteit)(?: is| was|:| =)? $"
)
_LETTERS_BEHIND = re.compile(r"(?: [A-Z]{2}|-[A-Z]\d?)(?=[\s.,;)?!]|$)")
_NOTE_OF = re.compile(
    r"\b(?:nota|factuur|rekening|declaratie|bon|offerte|brief)'?s? (?:van|uit|bij) (?:het |de |mijn )?$"
)
"""Before "ziekenhuis nr": the note's number."""
_SERVICE_LINE = re.compile(r"0(?:800|90[069]|88|85)\b")
"""How telephone numbers of firms begin."""
_ONLY_OF_CARE = re.compile(
    r"(?:lange )?nummer op (?:de|mijn|zijn|haar) pas(?:je)?|behandelnummer|bewoners?n(?:umme)?r|opnamenummer"
    r"|kleef(?:briefje|vignet)|klevertje"
)
"""Numbers of a patient where a text speaks of care, of something else where it does not."""
_OF_THIS_KIND = re.compile(r"z[a-z]{0,2}[ .\-]?\d")
"""A policy of "zorg" or "ziektekosten" by its letters."""
_FILE_OF = re.compile(
    r"\b(?:ons nr|ons nummer|pat\.? ?nr)\.?:? $|\bpatient\b[^.\n]{0,50}[(,] ?(?:nr|nummer|dossier|id)\.?:? $"
)
_NAMING = LABELS | {"health", "policy", "birth"}
_DATE = re.compile(
    r"\d{1,2}[\-/.]\d{1,2}[\-/.](?:19|20)?\d\d|(?:19|20)\d\d[\-/.]\d{1,2}[\-/.]\d{1,2}|\d{1,2}\.\d\d ?- ?\d{1,2}\.\d\d"
)
_AMOUNT = re.compile(r" ?(?:euro?\b|per maand)|,\d\d\b(?!\d)|,-")
_OTHER_LETTERS = re.compile(r"\b(?:RV|RS|RZ|KR|OP|PA|AVB?|INB?|WA|RB|AU|HT|BS|VVE|VV)[ .\-]?(?=\d|$)")
"""How policies of another kind begin: travel, cancellation, a house, a liability."""
_OF_OTHERS = re.compile(
    r",? (?:is|was|voor|van) (?:de |een |mijn |onze |het |m'n )?(?:reis|vakantie|fiets|hond|kat|woning|huis"
    r"|tv|telefoon)\b"
)
_CLUB = re.compile(r"voetbal|tennis|hockey|\bsport|club\b|vereniging|vakbond|bieb|bibliotheek|omroep")
_LONG = 8
_POLICY = 7
_OF_INSURER = re.compile(
    r"\b(?:zorg)?verzeker(?:ing|aar)\b[^.\n]{0,30}\b(?:relatie|relatienummer|klant|klantnummer|klantnr|polis"
    r"|nummer|nr)\b\.?(?: daar| aldaar)?:? $|\bpol\.:? ?$"
)
_INSURED_WITH = re.compile(
    r"\bverzekerd (?:bij|via|door) [a-z]{3,}(?: (?:en )?[a-z]{3,})?"
    r"(?:,| -|:|,? \(|,? (?:nr|nummer|polis|relatienummer)\.?:?)?[ ]?$"
)


def _is_word(page: Page, start: int, end: int) -> bool:
    """ "daar 64/741", "Ria 118 044": letters that are none of the number's."""
    written = page.folded[start : start + end]
    return (written.islower() and written in page.lexicon.common) or (
        written.istitle() and len(written) > 1 and page.folded[start + end] == " "
    )


def _shape(value: str) -> str:
    """How a number is written and how it begins: what the numbers of one insurer share."""
    return value[:2] + re.sub(r"\d", "9", value[2:])


class HealthIdRecognizer(DutchRecognizer):
    """Numbers of health insurance and patients. A "polis" or "relatienummer" counts only where the text is
    about care."""

    ENTITIES = ("HEALTH_ID",)
    PATTERNS = ("number",)

    def find(self, page: Page) -> Iterator[Hit]:
        about = About.of(page)
        lower = page.lower
        of_insured = any(map(lower.__contains__, _INSURED_PAGE)) or (
            "#" in lower and _PATIENT.search(lower) is not None
        )
        if "PID|" in page.folded:
            for match in _MESSAGE.finditer(page.folded):
                yield Hit("HEALTH_ID", match.start(1), match.end(1), 0.85)
        if not of_insured and not (page.spoken_of & {"health", "policy", "care", "passport"}):
            return
        found: list[str] = []
        left: list[tuple[int, int]] = []
        for _, start, end in self.spans(page):
            lead = _NO_PREFIX.match(page.lower[start:end])
            word = _WORD_BEFORE.match(page.lower[start:end])
            if word and (word[1] in page.lexicon.cues.kinds or _is_word(page, start, word.end(1))):
                lead = word
            start += lead.end() if lead else 0
            value = page.folded[start:end]
            if not stands_alone(page, start, end, "_@") or len(digits_of(value)) < 5 or page.is_own_number(start, end):
                continue
            if _DATE.fullmatch(value) or _AMOUNT.match(page.lower, end):
                continue
            cue = page.label(start, _NAMING, 50) or page.label(start, {"care"}, 30)
            score = self._score(page, about, cue, start, end) if cue is not None else 0.0
            score = score or self._by_place(page, about, cue, start, end)
            score = score or self._beside(page, about, cue, start, end)
            score = score or (0.7 if of_insured and insured.is_insured(page, about, start) else 0.0)
            if score:
                found.append(_shape(value))
                letters = _LETTERS_BEHIND.match(page.folded, end)
                yield Hit("HEALTH_ID", start, letters.end() if letters else end, score)
            elif cue is None or cue.kind in {"policy", "care", "health"}:
                left.append((start, end))
        if not found:
            for start, end in insured.lists(page, about, left):
                yield Hit("HEALTH_ID", start, end, 0.6)
        shapes = set(found)
        loose = {re.sub(r"\d", "9", shape) for shape in shapes}
        for start, end in left:
            alike = shapes and (announced.goes_on(page, loose, start, end) or _shape(page.folded[start:end]) in shapes)
            if (alike and "\n" not in page.folded[start:end]) or (
                not found and announced.answers(page, about, start, end)
            ):
                found.append("")
                shapes.add(_shape(page.folded[start:end]))
                loose.add(re.sub(r"\d", "9", page.folded[start:end]))
                yield Hit("HEALTH_ID", start, end, 0.6)

    @staticmethod
    def _beside(page: Page, about: About, cue: Cue | None, start: int, end: int) -> float:
        if cue is not None and cue.kind in {"bsn", "iban", "phone", "imei", "birth", "card", "bank"}:
            return 0.0
        if insured.beside_insurer(page, start, end) or insured.referred_to(page, start):
            return 0.7
        if insured.has_letters(page, about, start, end) or insured.on_card(page, about, start, end):
            return 0.65
        if cue is None and insured.behind_birth(page, about, start, end):
            return 0.6
        if announced.announced(page, about, start, end) or announced.of_person(page, about, start, end):
            return 0.65
        said = cue is None and len(digits_of(page.folded[start:end])) >= _POLICY
        return 0.85 if said and label_kind(page, start, end, 20) == "health" else 0.0

    @staticmethod
    def _by_place(page: Page, about: About, cue: Cue | None, start: int, end: int) -> float:
        """Right behind an insurer or a practice, beside a patient, in the form of the insurance card."""
        if cue is not None and cue.kind in {"bsn", "iban", "phone", "imei", "birth"} and start - cue.end < 20:
            return 0.0
        lead = page.lower[max(0, start - 60) : start]
        digits = digits_of(page.folded[start:end])
        if len(digits) >= 14 and digits.startswith("8075") and (about.care or about.insured):
            return 0.8
        about_care = about.care_or_illness or bool(page.spoken_of & {"health", "care"})
        if len(digits) >= _POLICY and about_care and not about.other_policy:
            if (
                (_ON_CARD.search(lead) or _KNOWN_AS.search(lead) or insured.is_number_of(page, start))
                and (about.paid or page.spoken_of & {"health", "policy"})
                and not _OTHER_CARD.match(page.lower, end)
            ):
                return 0.65
            if page.spoken_of & {"health", "policy"} and _PERSON_AND.search(page.folded, max(0, start - 60), start):
                return 0.6
        if _PRACTICE_NUMBER.search(lead):
            return 0.65
        if len(digits) >= _POLICY and _INSURED_WITH.search(lead) and not about.other_policy:
            return 0.7
        if len(digits) >= _POLICY and _OF_INSURER.search(lead) and about.of_care and not about.other_policy:
            return 0.7
        insurer = _RIGHT_BEHIND.search(lead)
        if insurer and insured.PAPER_OF.search(lead, 0, insurer.start()):
            insurer = None
        if insurer and len(digits) >= 7 and digits[0] != "0" and not about.other_policy:
            return 0.7
        if _FILE_OF.search(page.lower, max(0, start - 90), start) and about.patients and not about.other_policy:
            return 0.65
        policy = (
            cue is not None
            and cue.kind == "policy"
            and page.folded[start].isdigit()
            and len(page.lower[cue.end : start]) <= 10
            and _OTHER_LETTERS.search(page.folded, cue.end, start) is None
        )
        if not policy:
            return 0.0
        born = about.births.starts(end - 39, end + 59)
        alone = page.folded[start - 1] != "." and not about.other_thing and len(digits) >= _LONG
        alone = alone and not re.search(r"\b[a-z]{1,4}[ .\-]*$", page.lower[cue.end : start] if cue else "")
        alone = alone and "policy" not in page.answers
        speaks = about.of_care or "bsn" in page.cue_kinds or (born and about.file)
        if (born or alone) and speaks and not about.other_policy and not page.cue_kinds & {"vehicle", "plate"}:
            return 0.6
        return 0.0

    @staticmethod
    def _score(page: Page, about: About, cue: Cue, start: int, end: int) -> float:
        gap, named = page.lower[cue.end : start], page.lower[cue.start : cue.end]
        if re.search(r"\d{3}", gap):
            return 0.0
        if cue.kind == "health":
            if _ONLY_OF_CARE.fullmatch(named) and not (about.care_or_illness or about.paid):
                return 0.0  # a gym's pass, the treatment of a complaint, a recorded call
            return 0.0 if _NOTE_OF.search(page.lower, max(0, cue.start - 30), cue.start) else 0.9
        if cue.kind == "reference" and _CLIENT.fullmatch(named) and len(gap) <= 12:
            care = about.care or (about.paid and named.startswith("client"))
            return 0.7 if care and not about.other_policy else 0.0
        if cue.kind == "reference":  # "klantnr bij Zilveren Kruis 123456789"
            ours = _ENROLLED.match(named) and INSURER.search(gap) and not re.search(r"[.?!:] |\n", gap.rstrip(": "))
            return 0.7 if ours else 0.0
        if named == "patient" and re.fullmatch(r"(?: nr\.?| no\.?)?[ :]{1,2}", gap):
            return 0.7
        if cue.kind == "policy" and INSURER.search(gap) and not re.search(r"[.?!] |\n", gap):
            return 0.7
        if cue.kind == "care" and INSURER.fullmatch(named) and _UNDER.fullmatch(gap):
            return 0.75
        if cue.kind == "care" and re.fullmatch(r",? ?(?:nr|nummer|polis|lidnr)\.?:? ?", gap):
            insurer = re.search(
                r"zorgverz|ziektekosten|mutualiteit|ziekenfonds", page.lower[max(0, cue.start - 30) : cue.end]
            )
            return 0.75 if insurer else 0.0
        if cue.kind == "care":  # "Zorgverzekeraar CZ: 123456789": a field, not a sentence
            form = re.fullmatch(
                r"[ ]?:? ?[a-z &]{2,22},? ?(?:nr|nummer|no|polis|lidnr)\.?:? ?"
                r"|(?:[ .]{0,2}\([^()\n]{2,20}\)| [a-z]{2,10})?[ .]{0,3}(?:\"?[:=|;\t]\"?|nr\.?:?| {2,})"
                r"[ \t]*(?:nr\.? ?)?",
                gap,
            )
            next_to = re.fullmatch(r",? (?:is |= ?)?|,? \(", gap) and len(digits_of(page.folded[start:end])) >= 8
            called = _SERVICE_LINE.match(page.folded, start, end) is not None
            return 0.8 if (form or next_to) and named in INSURANCE and not called else 0.0
        around = page.lower[max(0, start - 80) : end]  # "polis VVE-12-345" too
        other = OTHER_POLICY.search(around)
        if other and not re.search(r"zorg|ziekte|patient|verzekerden", around[other.end() :]):
            return 0.0
        if cue.kind == "passport":  # "op zijn zorgpas, pasnr 123": a card, but not one of identity
            card = digits_of(page.folded[start:end])
            own = named.startswith(("pasn", "pas n")) and card.startswith("80") and len(card) >= 10 and about.paid
            return 0.7 if own or is_care_card(page, cue) else 0.0
        if cue.kind != "policy" or _OTHER_LETTERS.search(page.folded, cue.end, start + 5):
            return 0.0
        if page.cue_kinds & {"plate", "vehicle"} and not (about.care_or_illness or page.cue_kinds & {"health"}):
            return 0.0  # "eigen risico" is of a car's insurance, too
        if _OF_OTHERS.match(page.lower, end) or (
            named.startswith("lid")
            and (_CLUB.search(page.lower, start, end + 40) or (about.subscribed and not about.fund))
        ):
            return 0.0  # of a gym, a library
        near = insured.speaks_of_care(page, about, start, end) or (
            _OF_A_PERSON.search(page.lower, max(0, cue.start - 24), cue.end) is not None
            and not page.cue_kinds & {"vehicle", "plate"}
            and not about.other_policy
            and ("bsn" in page.cue_kinds or about.illness or about.newborn)
        )
        around = page.lower[end : end + 40].partition(".")[0]
        if (
            cue.kind == "policy"
            and re.match(r" (?:is|was) (?:de |een |mijn )?", around)
            and OTHER_POLICY.search(around)
        ):
            return 0.0  # "Polis 88.201.773 is de doorlopende reis"
        near = near or (
            len(gap) <= 10 and _OF_THIS_KIND.match(page.lower, start) is not None and not about.other_policy
        )
        return 0.6 if near or (page.spoken_of & {"care", "health"} and not about.other_policy) else 0.0
