"""Numbers of documents and vehicles: passports, identity cards, driving licences, number plates, health insurance."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection import checksums
from scrubber.detection.numbers import LABELS, digits_of, label_kind, stands_alone
from scrubber.detection.page import Page
from scrubber.detection.recognizer import DutchRecognizer, Hit

_LABELS = LABELS | {"national", "vehicle", "policy", "person", "birth"}
_DOCUMENT = frozenset({"passport", "licence", "vnumber", "national"})


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
        cue = page.label(start, _DOCUMENT | LABELS, 45)
        if cue is None or cue.kind not in _DOCUMENT:
            return self._after(page, start, end, name)
        gap = page.lower[cue.end : start]
        if cue.end - cue.start == 2 and not re.fullmatch(r"[ :(]{1,3}(?:is |nr\.? |nummer )?", gap):
            return 0.0
        if re.search(r"\d{5}|geldig|verloop|verloopt|tot|\bvan\b \d|\bkopie\b", gap):
            return 0.0
        if name == "licence":
            return 0.9 if cue.kind in {"licence", "vnumber", "passport"} else 0.0
        if name == "belgian":
            return 0.9
        if not any(character.isdigit() for character in value) or cue.kind == "national":
            return 0.0
        return 0.8 if len(digits_of(value)) >= 5 and len(gap) <= 34 else 0.0

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
        return 0.55 if typical and len(digits_of(value)) <= 6 and "passport" in page.cue_kinds else 0.0

    @staticmethod
    def _after(page: Page, start: int, end: int, name: str) -> float:
        """ "3900946976 is mijn rijbewijsnummer"."""
        kind = label_kind(page, start, end, 20)
        if kind in {"licence", "vnumber"} and name == "licence":
            return 0.85
        return 0.8 if kind == "passport" and name == "belgian" else 0.0


_VOWELS = frozenset("aeiouyAEIOUY")


class LicensePlateRecognizer(DutchRecognizer):
    """Dutch plates of every series and Belgian ones. Lower-case, undashed or old ones only beside a cue."""

    ENTITIES = ("LICENSE_PLATE",)
    PATTERNS = ("dashed", "loose", "belgian", "belgian_old")

    def find(self, page: Page) -> Iterator[Hit]:
        for name, start, end in self.spans(page):
            if not stands_alone(page, start, end, "_@#-./=") or page.is_own_number(start, end):
                if not (page.folded[end : end + 1] in {".", "/"} and not page.folded[end + 1 : end + 2].isalnum()):
                    continue
                if not stands_alone(page, start, end, "_@#-="):
                    continue
            score = self._score(page, name, start, end)
            if score:
                yield Hit("LICENSE_PLATE", start, end, score)

    def _score(self, page: Page, name: str, start: int, end: int) -> float:
        value = page.folded[start:end]
        letters = [character for character in value if character.isalpha()]
        label = page.label(start, _LABELS | {"plate"}, 40)
        kind = label.kind if label else ""
        if kind in {"reference", "secret"} and label is not None and start - label.end > 12:
            kind = ""
        cued = kind == "plate" or (page.near(start, end, {"plate"}, 60) and kind not in {"reference", "secret"})
        if kind in {"reference", "version", "imei", "secret", "code", "pin", "passport", "licence"} and not cued:
            return 0.0
        vehicle = page.near(start, end, {"vehicle"}, 60)
        if name == "belgian":
            return 0.95 if cued or vehicle else 0.7 if value.isupper() else 0.0
        if name == "belgian_old":
            return 0.85 if cued else 0.0
        modern = not _VOWELS.intersection(letters)
        if name == "dashed":
            if cued or vehicle:
                return 0.95
            if value != value.upper() or not modern:
                return 0.0
            return 0.75
        if cued:
            return 0.85 if modern or value.isupper() else 0.6
        mixed = value[0] != " " and modern and " " not in value
        return 0.6 if mixed and value.isupper() and (vehicle or "plate" in page.cue_kinds) else 0.0


class HealthIdRecognizer(DutchRecognizer):
    """Numbers of health insurance and patients. A "polis" or "relatienummer" counts only where the text is about"
    " care."""

    ENTITIES = ("HEALTH_ID",)
    PATTERNS = ("number",)

    def find(self, page: Page) -> Iterator[Hit]:
        if not page.cue_kinds & {"health", "policy"}:
            return
        for _, start, end in self.spans(page):
            value = page.folded[start:end]
            if not stands_alone(page, start, end, "_@") or len(digits_of(value)) < 5 or page.is_own_number(start, end):
                continue
            if re.fullmatch(r"\d{1,2}[\-/.]\d{1,2}[\-/.](?:19|20)?\d\d", value):
                continue
            cue = page.label(start, LABELS | {"health", "policy", "birth"}, 50)
            if cue is None or cue.kind not in {"health", "policy"}:
                continue
            gap = page.lower[cue.end : start]
            if re.search(r"\d{3}", gap):
                continue
            if cue.kind == "health":
                yield Hit("HEALTH_ID", start, end, 0.9)
            elif page.near(start, end, {"care"}, 200) and "schade" not in page.lower[max(0, start - 80) : start]:
                yield Hit("HEALTH_ID", start, end, 0.6)
