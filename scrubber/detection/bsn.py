"""The burgerservicenummer: a number in eleven passes its test, so label, spelling and neighbours decide."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection import checksums, years
from scrubber.detection.numbers import GIVEN_AS, NO_LABEL, digits_of, label_kind, stands_alone
from scrubber.detection.page import Page
from scrubber.detection.recognizer import DutchRecognizer, Hit, odds

_FILE = r"(?:pdf|docx?|jpe?g|png|zip|xlsx?|heic|tiff?|xml|html?)\b"
_PAPER = (
    r"(?:loon|salaris)(?:stro\w{2,4}|specificatie|spec|journaal)|jaaropga\w{2,4}|verzekeringsbericht|werkgeversverklaring"
    r"|arbeids(?:contract|overeenkomst)|id-?bewijs|id-?kaart|paspoort|rijbewijs|legitimatie|bsn|indicatie|toeslag\w{0,12}"
)
_BEHIND_PAPER = re.compile(rf"(?:{_PAPER})(?:[_\- ](?:[a-z]{{1,12}}|\d{{4}})){{0,2}}[_\- ]$")
_FILE_ENDS = re.compile(rf"(?:[_\- ]\w{{1,20}}){{0,3}}\.{_FILE}")
_BEFORE_PAPER = re.compile(rf"[_\-](?:[a-z]{{1,12}}[_\-]){{0,2}}(?:{_PAPER})(?:[_\- ]\w{{1,20}}){{0,3}}\.{_FILE}")
"""File names of papers that carry a BSN: "loonstrook_123456782_mei.pdf"."""
_BEHIND_BIRTH = re.compile(
    r"(?:[A-Z][A-Za-z'\-]+[ ,(;/|\-]{1,4}|[Gg]eb[a-z]*[.: ]{1,3}(?:op )?)"
    r"(?:\d{1,2}[\-/.]\d{1,2}[\-/.](?:(?P<dmy>(?:19|20)\d\d)|\d\d)|(?P<ymd>(?:19|20)\d\d)-?\d\d-?\d\d"
    r"|\d{1,2} [a-z]{3,9}\.? (?P<worded>(?:19|20)\d\d)|[A-Z][a-z]{2,8} \d{1,2}, (?P<english>(?:19|20)\d\d))"
    r"(?:[,;/|)\-]| [/|\-])?,? {0,3}$"
)
"""What comes right behind somebody's name and a date of long ago."""
_DIGITS = 9
_SAID_RIGHT_BEFORE = 12
_OWN_NUMBER = re.compile(r"\b(?:mijn|m'n|mn|me) (?:eigen )?(?:nummer|nr)\b[^\d.!?\n]{0,40}$")
_OF_CLUB = re.compile(
    r"\b(?:nummer|nr) (?:bij|van|voor) (?:de |het |een |mijn |m'n |onze )?[a-z\-]*(?:club|vereniging|bieb"
    r"|bibliotheek|winkel|fitness|zwembad|gym|kapper|garage)\b[^\d.!?\n]{0,20}$"
)
"""Any member's or customer's number."""
_OF_PASS = re.compile(
    r"\b(?:stads|meedoen|klanten|bieb|bibliotheek|leden|sport|zwem|museum|kortings|spaar|ov|reis|cultuur|jongeren"
    r"|ooievaars|gelre|minima|bonus|cadeau|punten|studenten|personeels|toegangs|parkeer|milieu|afval|tank|fitness)"
    r"-?(?:pas|kaart)(?:nummer|nr\.?)?:? $"
)
"""Another pass or card by its name: "stadspas 123456782"."""
_NEXT_SENTENCE = re.compile(r"[.!?][\"')]? +[A-Z]")
_COUNTED = re.compile(
    r",\d{1,2}(?!\d|[\-/.]\d)| ?(?:euro|eur|%|stuks|keer|bezoekers|klanten|leden|volgers|km|kwh|m3)\b"
)
_ITS_NUMBER = re.compile(r"[:. ]{0,3}[A-Z]{0,3}-?\d[\d.\-/]{2,12}[ ,;|]{1,4}[A-Za-z]")
_ON_PAPER = re.compile(r" (?:staat|stond|vindt u|vind je|is te vinden)\b[^\d.!?:;\n]{3,80}[(:] ?")
_REACH = 110
_LINE = 200
"""How far around a number its line is read."""
_OF_TAXES = re.compile(r"belastingdienst|toeslag|bestuursrechtelijk|\bcak\b|\d\.?[tbhl]\.\d\d?\b")
"""Whose reference is the BSN itself."""
_OF_FIRM = re.compile(r"loonheff|omzetbel|\bbtw|\brsin|\bvpb\b|vennootschap")
"""Taxes of a firm, whose reference is the firm's number."""
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")


class NlBsnRecognizer(DutchRecognizer):
    """Burgerservicenummer: eleven-test, then odds from label, spelling and neighbours (weights in the rules)."""

    ENTITIES = ("NL_BSN",)
    PATTERNS = ("grouped", "bare", "spaced", "loose", "glued")
    WEIGHTS = (
        "base", "label", "label_somewhere", "typical_spelling", "other_spelling", "odd_spelling", "leading_zero",
        "eight_digits",
        "person_data_near", "reference_label", "other_label", "reference_near",
        "behind_birth_date", "own_number", "alone_on_line", "glued", "amount",
    )  # fmt: skip

    def find(self, page: Page) -> Iterator[Hit]:
        names = self.PATTERNS if "bsn" in page.cue_kinds else self.PATTERNS[:3]
        for name, start, end in self.spans(page, *names):
            if name == "glued":  # "BSN 123456782Jan": the word behind it has lost its space
                end = start + _DIGITS
                if checksums.bsn(page.folded[start:end]) and page.follows(start, {"bsn"}, _SAID_RIGHT_BEFORE):
                    yield Hit("NL_BSN", start, end, 0.9)
                continue
            value = page.folded[start:end]
            digits = digits_of(value)
            if name == "loose" and (len(digits) != 9 or label_kind(page, start, end) != "bsn"):
                continue
            if not checksums.bsn(digits) or not stands_alone(page, start, end, behind="bsn"):
                continue
            if page.is_own_number(start, end):
                continue
            score = odds(self._weigh(page, start, end, value, digits))
            yield Hit("NL_BSN", start, end, score)

    def _weigh(self, page: Page, start: int, end: int, value: str, digits: str) -> float:
        weights = self.weights
        total = weights["base"]
        kind = label_kind(page, start, end)
        if kind == "bsn" or (kind == "reference" and self._stands_on_paper(page, start)):
            total += weights["label"]
        elif self._in_name_of_paper(page, start, end):
            return total + weights["label"]
        elif kind == "reference" and self._has_number(page, start) and self._behind_birth_date(page, start):
            total += weights["behind_birth_date"]  # a row: the reference is another cell's
        elif kind in {"reference", "imei", "code", "version", "health"}:
            first = max(0, start - 70)
            if not _OF_TAXES.search(page.lower, first, end + 5) or _OF_FIRM.search(page.lower, first, end):
                total += weights["reference_label"]
        elif kind or page.label(start, {"policy"}, 16) or GIVEN_AS.search(page.lower[max(0, start - 60) : start]):
            total += weights["other_label"]
        else:
            before, after = self._references_on_line(page, start, end)
            born = not before and self._behind_birth_date(page, start)
            if born:
                total += weights["behind_birth_date"]
            lead = page.lower[max(0, start - 70) : start]
            of_club = _OF_CLUB.search(lead) is not None or _OF_PASS.search(lead) is not None
            if not born and (before or after or of_club):
                total += weights["reference_near"]
            if not before and not of_club and _OWN_NUMBER.search(page.lower[max(0, start - 60) : start]):
                total += weights["own_number"]
        elsewhere = kind != "bsn" and "bsn" in page.spoken_of
        if elsewhere:
            total += weights["label_somewhere"]
        shape = [len(part) for part in re.split(r"\D+", value)]
        if shape in ([4, 2, 3], [3, 3, 3], [3, 2, 2, 2]) and not _IP.fullmatch(value):
            total += weights["typical_spelling"] if shape == [4, 2, 3] else weights["other_spelling"]
        elif len(shape) > 1 and not (elsewhere and shape == [2, 2, 2, 3]):
            total += weights["odd_spelling"]
        if len(digits) == 8:
            total += weights["eight_digits"]
        elif digits[0] == "0":
            total += weights["leading_zero"]
        if page.near(start, end, {"birth", "passport", "licence", "person"}, 70):
            total += weights["person_data_near"]
        first, last = page.line_start(start), page.line_end(end)
        if last - first < _LINE and page.folded[first:last].strip() == value:
            total += weights["alone_on_line"]
        return total + self._surroundings(page, start, end)

    @staticmethod
    def _in_name_of_paper(page: Page, start: int, end: int) -> bool:
        lead = page.lower[max(0, start - 50) : start]
        if _BEHIND_PAPER.search(lead) and _FILE_ENDS.match(page.lower, end):
            return True
        return not lead[-1:].isalnum() and _BEFORE_PAPER.match(page.lower, end) is not None

    @staticmethod
    def _stands_on_paper(page: Page, start: int) -> bool:
        """ "haar bsn staat op de nota van de arts (…": the paper is where it stands, not whose number it is."""
        cue = next((cue for cue in page.before(start, _LINE // 2) if cue.kind == "bsn"), None)
        return cue is not None and _ON_PAPER.fullmatch(page.lower, cue.end, start) is not None

    @staticmethod
    def _has_number(page: Page, start: int) -> bool:
        """Whether the reference before the number is followed by one of its own."""
        label = page.label(start, {"reference"}, _REACH)
        return label is not None and _ITS_NUMBER.match(page.folded, label.end, start) is not None

    @staticmethod
    def _behind_birth_date(page: Page, start: int) -> bool:
        found = _BEHIND_BIRTH.search(page.folded[max(page.line_start(start), start - 50) : start])
        return found is not None and all(int(year) <= years.children() for year in found.groups() if year)

    @staticmethod
    def _references_on_line(page: Page, start: int, end: int) -> tuple[bool, bool]:
        """Whether a reference is spoken of on the line before the number, and in the same sentence after it."""
        first, last = max(page.line_start(start), start - _LINE), min(page.line_end(end), end + _LINE)
        line = page.folded[first:last]
        if NO_LABEL.search(page.lower, max(first, start - 60), end):
            return False, False
        separator = max(";|\t", key=line.count)
        if line.count(separator) > 2:  # a record: only what stands in the same cell speaks of it
            first = max(first, page.folded.rfind(separator, first, start))
            stop = page.folded.find(separator, end, last)
            last = last if stop < 0 else stop
        before = any(c.kind == "reference" and c.start >= first for c in page.before(start, 90))
        after = any(
            c.kind == "reference" and c.end <= last and not _NEXT_SENTENCE.search(page.folded, end, c.start + 1)
            for c in page.after(end, 90)
        )
        return before, after

    def _surroundings(self, page: Page, start: int, end: int) -> float:
        """What touches the number: part of a path, a decimal, an amount or a longer code."""
        text = page.folded
        before, after = text[max(0, start - 2) : start], text[end : end + 2]
        total = 0.0
        if before[-1:] in {"#", "/", "_", "=", "\\", "@", "+", "-", "&"} or after[:1] in {
            "/",
            "_",
            "\\",
            "@",
            "%",
            "-",
        }:
            total += self.weights["glued"]
        if re.search(r"(?:€|eur|\$) ?$", page.lower[max(0, start - 5) : start]) or (
            _COUNTED.match(page.lower, end) and page.line_start(start) not in page.columns
        ):
            total += self.weights["amount"]
        if before[-1:] in {".", ","} and before[:1].isdigit():
            total += self.weights["glued"]
        return total
