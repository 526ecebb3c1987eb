"""Bank accounts of before the IBAN: Dutch, giro, Belgian."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection import checksums
from scrubber.detection.numbers import GIVEN_AS, LABELS, digits_of, label_kind, stands_alone
from scrubber.detection.page import Page
from scrubber.detection.recognizer import DutchRecognizer, Hit

_DOTTED = re.compile(r"\d\d\.\d\d\.\d\d\.\d{3}|\d{4}\.\d\d\.\d\d\.\d\d|\d{3}\.\d\d\.\d\d\.\d{3}")
_OLD_NUMBER = re.compile(r"\b(?:oude?|vorige?|vroegere?|eerdere?) (?:nummer|nr|rekening)[^\n.!?\d]{0,20}$")
_RIGHT_BEFORE = 4
_YEAR = re.compile(r"(?:19|20)\d\d")
_IN_YEAR = re.compile(r"\b(?:sinds|in|vanaf|tot|uit|anno|van|jaar|eind|begin) $")
_TO_OR_FROM = re.compile(
    r"\b(?:retour|terug|storten|gestort|stort|betaald|betaalde|overgemaakt|overmaken|over)\b[^\n.!?\d]{0,30}"
    r"\b(?:op|naar|van|vanop|vanaf|via) $"
)
_DIRECTLY = re.compile(
    r"(?:(?:bank|giro|spaar|betaal|post)(?:rek\w*|bank|giro)?|rek\w*[ .-]?(?:nr|nummer))[.]?(?: ?nr\.?"
    r"| ?nummer)?(?: is| was)?"
    r"[ :=]{1,3}$"
)
_FROM_TO = re.compile(
    r"\b(?:betaal|stort|overgema|overma|overgeschr|terug|uitbet|uitke|boek)\w*[^.!?\n]{0,40}"
    r"\b(?:op|naar|van|vanaf|vanop)\b[^.!?\n]{0,24}$"
)
_HESITATES = re.compile(r"\b(?:hier|wacht|namelijk|te weten|nl\.?|dit):? $")
""""betaalde van … wacht, ah hier: NUMBER"."""
_AT_BANK = re.compile(
    r"[ ,(]{1,3}(?:(?:bij|van) )?(?:de |mijn |het )?(?:oude )?(?:ing|rabo(?:bank)?|abn(?:[ \-]?amro)?|sns|asn|regiobank"
    r"|triodos|knab|bunq|kbc|cbc|belfius|argenta|bnp|fortis|crelan|dexia|axa|postbank|giro|nmb|amro|van lanschot"
    r"|friesland ?bank|spaarbank)\b"
    r"|[ ,(]{1,3}(?:t\.?n\.?v\b|ten name van\b)"
)
"""Where the account is kept, or in whose name, right behind it."""
_PAID_TO = re.compile(
    r"\b(?:storten|stort|overmaken|overgemaakt|terug|uitbetalen|uitkeren|maak|schrijf|terugbetalen)\b"
)
_IS_GIRO = re.compile(r"[ ,(]{1,3}(?:\w+ ){0,4}(?:(?:oude |zijn |haar |mijn )?giro|postbank)\b")
_WAS_GIRO = re.compile(r"[ ,(]{1,3}(?:bij de |van de |toen nog |vroeger |nog )?(?:(?:post|giro)bank|giro)\b")
_MUTUALITY = re.compile(r"\b(?:mutualiteit|ziekenfonds)\W{1,5}$")
_GIRO_DIGITS = {6, 7}
_COUNTED = re.compile(
    r"[.,\-]\d|,-| ?(?:euro|eur|\u20ac|%|st|stuks|keer|punten|mensen|klanten|leden|bezoekers|volgers|woorden|km"
    r"|kwh|m3)\b"
)
"""What makes a number an amount."""
_ROW = 120
"""How far around a cell its row is read."""


def _is_cell(page: Page, start: int, end: int) -> bool:
    """Whether [start, end) is the whole of a cell, amid others, of a row without heading; no order is named."""
    row = page.line_start(start)
    first, last = max(row, start - _ROW), min(page.line_end(end), end + _ROW)
    line = page.folded[first:last]
    separator = max(";|\t", key=line.count)
    if line.count(separator) < 2:
        separator = "," if line.count(",") > 1 and _among_rows(page, first, last) else "  "
    if (
        line.count(separator) < 1 + (separator != "  ")
        or row in page.columns
        or page.follows(start, {"reference", "version"}, _ROW)
    ):
        return False
    if any(cue.kind == "reference" and cue.end <= last for cue in page.after(end, _ROW)):
        return False
    if separator == "  ":
        return page.folded[:start].endswith(separator) and (end == last or page.folded.startswith(separator, end))
    before, after = page.folded[first:start].rstrip(' "'), page.folded[end:last].lstrip(' "')
    return before.endswith(separator) and (not after or after.startswith(separator))


def _among_rows(page: Page, first: int, last: int) -> bool:
    """Whether a line beside the one of [first, last) has commas as well: rows, and no sentence."""
    above = page.folded[max(0, first - 1 - _ROW) : max(0, first - 1)].rpartition("\n")[2]
    below = page.folded[last + 1 : last + 1 + _ROW].partition("\n")[0]
    return any(line.count(",") > 1 for line in (above, below))


def _is_address(value: str) -> bool:
    """Whether the groups could be those of an IP address."""
    return all(int(part) < 256 for part in value.split(".")) and len(value.split(".")) == 4


_BESIDE_IP = re.compile(r"(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,2}(?![\d.])|[0-9a-f]{1,4}:[0-9a-f]{1,4}:")
"""Another address of the internet, of a spelling that accounts don't have, or one of the new sort."""
_ACCOUNT_SPELLING = re.compile(r"\d\d\.\d\d\.\d\d\.\d{3}|\d{4}\.\d\d\.\d{3}")


def _is_given(page: Page, start: int, end: int) -> bool:
    """Whether money goes to or comes from the number, or a bank's name stands behind it."""
    lead = page.lower[max(0, start - 70) : start]
    if GIVEN_AS.search(lead) or _AT_BANK.match(page.lower, end):
        return True
    return _HESITATES.search(lead) is not None and _FROM_TO.search(lead) is not None


def _only_before(page: Page, start: int) -> bool:
    """Whether the reference stands before the words that money goes by: "het bedrag graag terugboeken naar …"."""
    first = max(0, start - 60)
    given = GIVEN_AS.search(page.lower[first:start])
    return given is not None and not page.follows(start, {"reference"}, start - first - given.start())


class BankAccountRecognizer(DutchRecognizer):
    """Old Dutch accounts (nine or ten digits with eleven-test, giro with its word) and Belgian ones (mod 97)."""

    ENTITIES = ("BANK_ACCOUNT",)
    PATTERNS = ("belgian", "dutch", "giro")
    _GIRO = re.compile(r"giro|postbank|girotel|p\.?c\.?r")
    _NUMBERED = re.compile(r"bank|n(?:umme)?r|betaal|spaar|erven")

    def find(self, page: Page) -> Iterator[Hit]:
        rows = "bank" in page.answers and page.folded.count(";") > 1
        named = rows or "bank" in page.cue_kinds or _PAID_TO.search(page.lower) is not None
        names = self.PATTERNS if named else ("belgian", "dutch")
        for name, start, end in self.spans(page, *names):
            if not stands_alone(page, start, end, "+-/_", behind="bank") or page.is_own_number(start, end):
                continue
            value = page.folded[start:end]
            digits = digits_of(value)
            if name == "belgian":
                score = self._belgian(page, start, end, value, digits)
            elif name == "dutch":
                score = self._dutch(page, start, end, value, digits)
            else:
                score = self._giro(page, start, end)
            if score:
                yield Hit("BANK_ACCOUNT", start, end, score)

    @staticmethod
    def _belgian(page: Page, start: int, end: int, value: str, digits: str) -> float:
        if not checksums.belgian_account(digits) or "+++" in page.folded[max(0, start - 4) : start]:
            return 0.0
        kind = label_kind(page, start, end)
        if _MUTUALITY.search(page.lower, max(0, start - 20), start):
            return 0.0  # "mutualiteit: …"
        if kind == "bank":
            return 0.95
        spelled = re.fullmatch(r"\d{3}[ \-./]{1,3}\d{7}[ \-./]{1,3}\d\d", value) is not None
        if spelled and kind == "reference" and "-" in value:
            kind = "reference" if page.follows(start, {"reference"}, _RIGHT_BEFORE) else ""
        elif spelled and kind == "reference":
            lead = page.lower[max(0, start - 50) : start]
            kind = "" if _OLD_NUMBER.search(lead) or _TO_OR_FROM.search(lead) else kind
        if kind not in {"", "iban", "card"}:
            return 0.0
        return 0.85 if spelled else 0.7 * _is_given(page, start, end)

    @staticmethod
    def _dutch(page: Page, start: int, end: int, value: str, digits: str) -> float:
        if value.startswith(("06 ", "06-")):
            return 0.0  # a mobile number
        valid = checksums.dutch_account(digits)
        if not valid and not page.spoken_of & {"bank", "iban"}:
            return 0.0
        kind = label_kind(page, start, end, 80)
        dotted = _DOTTED.fullmatch(value) is not None and (
            kind == "bank" or len(value.split(".")[0]) < 3 or not _is_address(value)
        )
        if dotted and kind == "reference" and GIVEN_AS.search(page.lower[max(0, start - 60) : start]):
            kind = ""
        if not valid:
            # Mistyped, it is somebody's account still: where label and spelling say so together.
            spelled = dotted or re.fullmatch(r"\d\d \d\d \d\d \d{3}", value) is not None
            said = kind == "bank" or (dotted and kind in {"", "iban"} and page.spoken_of & {"bank", "iban"})
            named = kind == "bank" and _DIRECTLY.search(page.lower[max(0, start - 34) : start])
            return 0.6 if named or (spelled and said and value[0] != "0") else 0.0
        if kind == "bank":
            return 0.9
        if kind == "iban":
            return 0.7
        unnamed = not kind or (kind == "reference" and _only_before(page, start))
        if unnamed and page.label(start, {"policy"}, 16) is None and _is_given(page, start, end):
            return 0.75
        if dotted and not kind:
            if _is_address(value) and (
                "ip" in page.spoken_of or _BESIDE_IP.search(page.folded, max(0, start - 20), end + 20)
            ):
                return 0.0
            return 0.7
        own = _ACCOUNT_SPELLING.fullmatch(value) is not None and not checksums.bsn(digits)
        if own and page.spoken_of & {"bank", "iban"} and not page.near(start, end, {"reference", "version"}, 22):
            return 0.65
        grouped = re.fullmatch(r"\d\d \d\d \d\d \d{3,4}|\d{4} \d\d \d\d \d\d", value) is not None
        if not kind and page.spoken_of & {"bank", "iban"} and "bsn" not in page.spoken_of:
            old = _OLD_NUMBER.search(page.lower, max(0, start - 50), start) is not None
            if old or (value[0] != "0" and _is_cell(page, start, end)):
                return 0.65
        # A spelling that telephone numbers share, so never with a nought in front.
        if grouped and not kind and value[0] != "0" and page.spoken_of & {"bank", "iban"}:
            return 0.65
        return 0.0

    def _giro(self, page: Page, start: int, end: int) -> float:
        if page.folded[start] == "P" and _is_cell(page, start, end):
            return 0.7
        digits = digits_of(page.folded[start:end])
        lead = page.lower[max(0, start - 60) : start]
        if len(digits) in {6, 7} and (GIVEN_AS.search(lead) or _TO_OR_FROM.search(lead)):
            said = "giro" if _IS_GIRO.match(page.lower, end) else label_kind(page, start, end)
            sure = said == "giro" or (len(digits) == 7 and "bank" in page.spoken_of | page.cue_kinds)
            if sure and said in {"giro", "", "bank"} and not _COUNTED.match(page.lower, end):
                return 0.7
        if len(digits) in _GIRO_DIGITS and "bank" in page.cue_kinds and _WAS_GIRO.match(page.lower, end):
            return 0.7
        label = page.label(start, LABELS, 1)
        if label is not None and label.kind == "bank" and label.start == label.end == start:
            return 0.85  # a column of accounts
        cue = next((c for c in page.before(start, 40) if c.kind in LABELS), None)
        if cue is None or cue.kind != "bank" or (_YEAR.fullmatch(digits) and _IN_YEAR.search(lead)):
            return 0.0
        if self._GIRO.search(page.lower[cue.start : cue.end]) or page.lower[start] == "p":
            return 0.9
        gap = page.lower[cue.end : start]
        named = self._NUMBERED.search(page.lower[cue.start : cue.end]) is not None
        old = re.search(
            r"\b(?:oud|oude|giro|postbank|vroeger|opgeheven)\b", page.lower[max(0, cue.start - 40) : end + 20]
        )
        near = re.fullmatch(r"[ .:=(]{1,4}(?:is |was |nr\.? ?|nummer )?", gap) is not None
        return 0.7 if named and old and near and len(digits_of(page.folded[start:end])) >= 6 else 0.0
