"""The burgerservicenummer: a number in eleven passes its test, so label, spelling and neighbours decide."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection import checksums
from scrubber.detection.numbers import GIVEN_AS, NO_LABEL, digits_of, label_kind, stands_alone
from scrubber.detection.page import Page
from scrubber.detection.recognizer import DutchRecognizer, Hit, odds

_OF_TAXES = re.compile(r"belastingdienst|toeslag|bestuursrechtelijk|\bcak\b|\d\.?[tbhl]\.\d\d?\b")
"""Whose reference is the BSN itself."""
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")


class NlBsnRecognizer(DutchRecognizer):
    """Burgerservicenummer: eleven-test, then odds from label, spelling and neighbours (weights in the rules)."""

    ENTITIES = ("NL_BSN",)
    PATTERNS = ("grouped", "bare", "spaced", "loose")
    WEIGHTS = (
        "base", "label", "label_somewhere", "typical_spelling", "other_spelling", "odd_spelling", "leading_zero",
        "eight_digits",
        "person_data_near", "reference_label", "other_label", "reference_near", "alone_on_line", "glued", "amount",
    )  # fmt: skip

    def find(self, page: Page) -> Iterator[Hit]:
        names = self.PATTERNS if "bsn" in page.cue_kinds else self.PATTERNS[:3]
        for name, start, end in self.spans(page, *names):
            value = page.folded[start:end]
            digits = digits_of(value)
            if name == "loose" and (len(digits) != 9 or label_kind(page, start, end) != "bsn"):
                continue
            if not checksums.bsn(digits) or not stands_alone(page, start, end) or page.is_own_number(start, end):
                continue
            score = odds(self._weigh(page, start, end, value, digits))
            yield Hit("NL_BSN", start, end, score)

    def _weigh(self, page: Page, start: int, end: int, value: str, digits: str) -> float:
        weights = self.weights
        total = weights["base"]
        kind = label_kind(page, start, end)
        if kind == "bsn":
            total += weights["label"]
        elif kind in {"reference", "imei", "code", "version", "health"} and not _OF_TAXES.search(
            page.lower, max(0, start - 70), end + 5
        ):
            total += weights["reference_label"]
        elif kind or page.label(start, {"policy"}, 16) or GIVEN_AS.search(page.lower[max(0, start - 40) : start]):
            total += weights["other_label"]
        elif self._reference_on_line(page, start, end):
            total += weights["reference_near"]
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
        line = page.folded[page.line_start(start) : page.line_end(end)].strip()
        if line == value:
            total += weights["alone_on_line"]
        return total + self._surroundings(page, start, end)

    @staticmethod
    def _reference_on_line(page: Page, start: int, end: int) -> bool:
        first, last = page.line_start(start), page.line_end(end)
        line = page.folded[first:last]
        if NO_LABEL.search(page.lower, max(first, start - 60), end):
            return False
        separator = max(";|\t", key=line.count)
        if line.count(separator) > 2:  # a record: only what stands in the same cell speaks of it
            first = max(first, page.folded.rfind(separator, first, start))
            stop = page.folded.find(separator, end, last)
            last = last if stop < 0 else stop
        return any(c.kind == "reference" and c.start >= first for c in page.before(start, 90)) or any(
            c.kind == "reference" and c.end <= last for c in page.after(end, 90)
        )

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
        if re.search(r"(?:€|eur|\$) ?$", page.lower[max(0, start - 5) : start]) or re.match(r",\d", after):
            total += self.weights["amount"]
        if before[-1:] in {".", ","} and before[:1].isdigit():
            total += self.weights["glued"]
        return total
