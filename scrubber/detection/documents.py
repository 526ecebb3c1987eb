"""Numbers of documents: passports, identity cards, residence permits, driving licences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from scrubber.detection import checksums, document_forms
from scrubber.detection.care import is_care_card
from scrubber.detection.numbers import LABELS, digits_of, label_kind, stands_alone
from scrubber.detection.page import Cue, Page
from scrubber.detection.recognizer import DutchRecognizer, Hit
from scrubber.lazily import lazily

_LABELS = LABELS | {"national", "vehicle", "policy", "person", "birth"}
_DOCUMENT = document_forms.DOCUMENT
_PASS_NUMBER = re.compile(
    r"\b(?:zijn|haar|mijn|m'n|mn|diens|hun|uw|je|nieuwe|oude|verlopen) (?:nieuwe |oude |id-?)?(?:pas|pasje"
    r"|kaart|kaartje|id)\b"
    r"(?! van)[^\n:;]{0,40}\b(?:nummer|nr\.?|no\.?)[ :]{1,2}(?:is )?$"
)
"""A pass that is only called so: "zijn pas, nummer …"."""
_CARD_NUMBER = re.compile(
    r"\b(?:mijn|m'n|mn|zijn|haar) (?:pas|pasje|kaart|kaartje)\b[^\n:;.\d]{0,34}\b(?:nummer|nr\.?)(?: is|:)? $"
)
_NO_DOCUMENT = frozenset({"reference", "version", "imei", "secret", "code", "pin", "door", "plate"})
_PAPERS = re.compile(
    r"\bpas\b|\bvlucht|\bvliegen|\bvisum|\bidentit|\blegitim|\bpaspoort|\breisdocument|\bverblijf|\bdocument\b"
    r"|\bid\b|\brijbewijs|\bnotaris"
)
_WORD = re.compile(r"(?:is|nr|no|van|was|met)[ \-](?=\d{5})")
"""Not the letters of the number."""
_ID = len("id ")
_NUMBER_IS = re.compile(
    r"\b(?:het |zijn |haar |die zijn |die haar |zijn |hun )?(?:nummer|nr|number|no)\b\.?(?: (?:had|heb) (?:ik"
    r"|je) [a-z]{5,14},? (?:dat|het))?"
    r"(?: is| was|:)(?: dan| dus)? $"
    r"|\bop (?:de|het|mijn|zijn|haar|die) (?:kaart|kaartje|pas|pasje|rijbewijs) ?(?:zelf|staat)?(?: staat)?: ?$"
    r"|\b(?:bij|vak|veld|rubriek|onder|punt) (?:4d|5)[ :]{1,2}(?:staat )?$"
)
_OF_ANOTHER = re.compile(r" (?:van|bij|voor|op|in|naar) (?:de|het|mijn|onze|uw|jullie)\b")
_OF_ME = re.compile(
    r"\b(?:mijn|m'n|mn|uw|jullie|je|ons|onze) (?:nummer|nr|number|no)\b|\bweet ik niet\b|\bgeen nummer\b"
)
"""A client's, or none: "Het rijbewijsnummer weet ik niet. Mijn nummer is …"."""
_POLISH = re.compile(r"\d{5}/\d\d/(?!19|20[1-5])(?:[02][2468]|[123]0|1[2468]|32)\d\d")
"""Number, year, county: provinces have the even numbers from 02 to 32, and 2026 is a year."""
_NAMED = re.compile(rf"(?i)(?:[ :=(]|nr\b\.?|nummer|number|no\b\.?|is\b|was\b){{1,8}}(?:{document_forms.COUNTRY} )?")
_NUMBERED = re.compile(r"(?:nummer|number|nr|no|sn|imei|serial)s?$")
_NAMES_IT = re.compile(r"[:=]|nr\b|nummer|number|no\b")
_IN_THREES = re.compile(r"\d{3} \d{3} \d{3}")
_YEAR = re.compile(r"(?:19|20)\d\d ")
_DAY = re.compile(r"\d{1,2} \d{1,2} \d{4}|\d{4} \d{1,2} \d{1,2}")
_NAMES_A_NUMBER = LABELS - {"ip"}
"""Without "from" and its like, which announce an address on the network."""


_SHORT_WORD_BEFORE = document_forms.SHORT_WORD
_FORMS = {"glued": document_forms.glued, "serie": document_forms.series, "parted": document_forms.parted}
_REMOTE = re.compile(r"anydesk|teamviewer|rustdesk|quick ?support")
_LEAST = 7
"""Digits of a number that only "het nummer is" announces."""


class _Papers:
    """Whether a text is about papers, looked up once however many numbers it holds."""

    def __init__(self, page: Page) -> None:
        self._page = page

    @lazily
    def papers(self) -> bool:
        """A paper, a flight, a visa is spoken of."""
        page = self._page
        return bool(page.spoken_of & _DOCUMENT) or _PAPERS.search(page.lower) is not None


class IdDocumentRecognizer(DutchRecognizer):
    """Passports and identity cards (Dutch form, or any number right after its word), driving licences, V-numbers."""

    ENTITIES = ("ID_DOCUMENT",)
    PATTERNS = (
        "dutch", "licence", "belgian", "national", "foreign", "polish", "interleaved", "glued", "serie", "spaced",
        "parted",
    )  # fmt: skip

    def find(self, page: Page) -> Iterator[Hit]:
        # the last two only where a paper is named
        names = self.PATTERNS if page.cue_kinds & {"passport", "licence"} else self.PATTERNS[:-2]
        about = _Papers(page)
        found: set[str] = set()
        left: list[tuple[int, int, str]] = []
        for name, start, end in self.spans(page, *names):
            form = _FORMS.get(name)
            if form is not None:
                span = form(page, start, end)
                if span is not None and not page.is_own_number(*span):
                    found.add(digits_of(page.folded[span[0] : span[1]]))
                    yield Hit("ID_DOCUMENT", *span, 0.85)
                continue
            if name == "foreign" and (word := _WORD.match(page.lower, start, end)):
                start = word.end()
            if name == "spaced":
                start = document_forms.without_country(page, start, end)
            if not stands_alone(page, start, end, "_@#-/") or page.is_own_number(start, end):
                continue
            score = self._score(page, about, name, start, end)
            digits = digits_of(page.folded[start:end])
            if score and name == "foreign":
                end = document_forms.with_tail(page, start, end)
            if score:
                found.add(digits)
                yield Hit("ID_DOCUMENT", start, end, score)
            elif len(digits) >= _LEAST - 1:
                left.append((start, end, digits))
        for start, end, digits in left:  # "… dus ZC118273": said again
            if digits in found:
                yield Hit("ID_DOCUMENT", start, end, 0.6)

    def _score(self, page: Page, about: _Papers, name: str, start: int, end: int) -> float:
        value = page.folded[start:end]
        if name == "polish":
            return self._polish(page, start, end, value)
        if name == "spaced":
            return self._spaced(page, start, value)
        if name == "interleaved":
            return self._interleaved(page, about, start, value)
        if name == "dutch":
            return self._dutch(page, start, end, value)
        if name == "national":
            if not checksums.belgian_national(digits_of(value)):
                return 0.0
            spelled = re.fullmatch(r"\d\d\.\d\d\.\d\d[ \-.]\d{3}[.\-]\d\d", value) is not None
            return 0.9 if spelled or page.label(start, {"national"}, 50) else 0.0
        cue = page.label(start, _DOCUMENT | _NAMES_A_NUMBER, 45)
        if name == "foreign" and document_forms.by_short_word(page, start, end):
            return 0.7
        if cue is None or cue.kind not in _DOCUMENT:
            return self._after(page, start, end, name) or self._elsewhere(page, start, end, name, value)
        gap = page.lower[cue.end : start]
        if cue.kind == "passport" and is_care_card(page, cue):
            return 0.0
        if not any(map(str.isalpha, value)) and (
            document_forms.is_other_pass(page, cue) or document_forms.goes_on(page, end)
        ):
            return 0.0
        if cue.end - cue.start == 2 and (
            not (re.fullmatch(r"[ :(]{1,3}(?:is |nr\.? |nummer )?", gap) or (name == "belgian" and value[:2] == "59"))
            or self._other_id(page, cue)
            or any(other.kind in {"secret", "login"} for other in page.after(end, 30))  # of a remote desktop
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
        remote = _REMOTE.search(page.lower, max(0, cue.start - 30), cue.start) is not None
        return remote or any(other.end >= cue.start - 2 for other in page.before(cue.start, 2))

    @staticmethod
    def _elsewhere(page: Page, start: int, end: int, name: str, value: str) -> float:
        """Numbers whose form says much, where the text or what it answers speaks of such a document."""
        kind = label_kind(page, start, end)
        if name == "belgian" and value.startswith("59") and kind in {"card", "national"}:
            kind = ""  # "Kaartnr: 595 …" of an identity card
        if kind not in {"", "ip", *_DOCUMENT} or page.follows(start, {"reference", "version"}, 14):
            return 0.0
        if name != "belgian" and page.near(start, end, {"reference", "version"}, 14):
            return 0.0
        if name == "licence":
            form = value[0] in "345" and (value.isdigit() or document_forms.is_licence_spoken_of(page, start))
            said = value[0] != "0" and IdDocumentRecognizer._is_told(page, start, end, 60)
            aside = value[0] != "0" and page.folded[start - 1 : start] + page.folded[end : end + 1] == "()"
            aside = aside and page.follows(start, {"licence"}, 90)
            if (form or said or aside) and "licence" in page.spoken_of:
                return 0.65
            return 0.65 if value[0] in "12" and "vnumber" in page.answers and not kind else 0.0
        if name == "foreign" and not kind and document_forms.is_set_apart(page, start, end):
            return 0.6
        if name == "foreign" and any(map(str.isdigit, value)) and value[-1].isdigit():
            # "mijn Kroatische rijbewijs omwisselen. Het nummer is 10240639"
            told = len(digits_of(value)) >= _LEAST or (not value.isdigit() and len(value) > _LEAST)
            told = told and value[0] != "0" and IdDocumentRecognizer._is_told(page, start, end, 40)
            spoken = any(cue.kind in {"licence", "passport"} for cue in page.before(start, 110))
            other = page.follows(start, {"reference", "bsn", "phone"}, 60)
            return 0.6 if told and spoken and not other else 0.0
        if name == "belgian":
            if _PASS_NUMBER.search(page.lower[max(0, start - 70) : start]) and "bank" not in page.cue_kinds:
                return 0.65
            if page.folded[start : start + 2] == "59" and document_forms.is_card_spoken_of(page, start):
                return 0.7
            return 0.65 if page.spoken_of & {"passport", "national"} and "bank" not in page.cue_kinds else 0.0
        return 0.0

    @staticmethod
    def _is_told(page: Page, start: int, end: int, reach: int) -> bool:
        """ "Het nummer is …", and of nothing else than the paper spoken of before."""
        if _NUMBER_IS.search(page.lower, max(0, start - reach), start) is None:
            return False
        of_me = _OF_ME.search(page.lower, max(0, start - reach), start) is not None
        return not of_me and _OF_ANOTHER.match(page.lower, end) is None

    @staticmethod
    def _polish(page: Page, start: int, end: int, value: str) -> float:
        """ "00417/19/2604" beside a driving licence."""
        label = page.label(start, _DOCUMENT | _NAMES_A_NUMBER, 45)
        if _POLISH.fullmatch(value) is None or (label is not None and label.kind not in _DOCUMENT):
            return 0.0
        return 0.85 if "licence" in page.answers or page.near(start, end, {"licence"}, 100) else 0.0

    @staticmethod
    def _spaced(page: Page, start: int, value: str) -> float:
        """ "paspoort 533 118 904": groups of digits right behind the word for the paper."""
        digits = digits_of(value)
        letters = value[0].isalpha()
        least = 6 if letters else 7
        if not least <= len(digits) <= 9 or digits[0] == "0" or _DAY.fullmatch(value) or _YEAR.match(value):
            return 0.0
        if not letters and checksums.bsn(digits) and "bsn" in page.answers:
            return 0.0
        if letters and _SHORT_WORD_BEFORE.search(page.folded, max(0, start - 20), start):
            return 0.7
        cue = next((cue for cue in page.before(start, 30) if cue.kind in _LABELS), None)
        if cue is None or cue.kind not in {"passport", "licence"}:
            return 0.0
        word = page.lower[cue.start : cue.end]
        other = word.startswith("pas") and not word.startswith(("paspoort", "pass"))  # any card's "pasnummer"
        if cue.end - cue.start <= _ID or other or not _NAMED.fullmatch(page.lower, cue.end, start):
            return 0.0
        named = _IN_THREES.fullmatch(value) or letters or _NAMES_IT.search(page.lower, cue.start, start)
        return 0.75 if named else 0.0

    @staticmethod
    def _interleaved(page: Page, about: _Papers, start: int, value: str) -> float:
        """ "NXD4H1K82": capitals and digits by turns, as on a passport, where a paper or a voyage is spoken of."""
        turns = sum(a.isdigit() != b.isdigit() for a, b in pairwise(value))
        label = page.label(start, _DOCUMENT | LABELS, 40)
        if (
            turns < 3
            or sum(map(str.isalpha, value)) < 3
            or (
                label is not None
                and label.kind in {"reference", "imei", "version"}
                and _NUMBERED.search(page.lower, label.start, label.end)
            )
            or any(cue.kind in _NO_DOCUMENT and cue.end > start - 12 for cue in page.before(start, 20))
        ):
            return 0.0
        return 0.6 if about.papers else 0.0

    @staticmethod
    def _dutch(page: Page, start: int, end: int, value: str) -> float:
        if not checksums.dutch_document(value) or value.isdigit():
            return 0.0
        cue = page.label(start, _DOCUMENT | LABELS, 70)
        if cue is not None and cue.kind == "reference" and document_forms.is_aside(page, cue, start):
            cue = next((other for other in page.before(cue.start, 40) if other.kind in _DOCUMENT), cue)
        if cue is not None and cue.kind in _DOCUMENT:
            return 0.95
        if cue is not None and cue.kind in {"reference", "version", "imei", "secret", "plate", "code"}:
            return 0.0
        if value.isupper() and page.near(start, end, _DOCUMENT, 120):
            return 0.85
        if value.isupper() and sum(c.isalpha() for c in value) >= 3 and len(digits_of(value)) <= 6:
            lead = page.lower[max(0, start - 70) : start]
            if _PASS_NUMBER.search(lead):
                return 0.7
        if value.isupper() and value[0] in "NIR" and _CARD_NUMBER.search(page.lower, max(0, start - 60), start):
            return 0.6
        typical = value.isupper() and value[0] in "NSIX" and sum(c.isalpha() for c in value) >= 3
        if value.isupper() and page.spoken_of & {"passport", "licence"} and sum(c.isalpha() for c in value) >= 3:
            return 0.6
        return 0.55 if typical and len(digits_of(value)) <= 6 and "passport" in page.cue_kinds else 0.0

    @staticmethod
    def _after(page: Page, start: int, end: int, name: str) -> float:
        """ "3900946976 is mijn rijbewijsnummer"."""
        if re.search(r"polis(?:nr|nummer)?[.: ]{1,3}$", page.lower[max(0, start - 14) : start]):
            return 0.0
        kind = label_kind(page, start, end, 20)
        if kind in {"licence", "vnumber"} and name == "licence":
            return 0.85
        return 0.8 if kind == "passport" and name == "belgian" else 0.0
