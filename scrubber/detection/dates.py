"""Dates of birth: a date in any spelling that something beside it gives as a birth."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection.numbers import stands_alone
from scrubber.detection.page import Page
from scrubber.detection.recognizer import DutchRecognizer, Hit

_KINDS = frozenset({"birth", "age", "date", "reference", "version", "card", "policy"})
_PARTS = re.compile(r"\d+")
_I_AM_FROM = re.compile(
    r"(?:\b(?:ik|hij|zij|ze|man|vrouw|zoon|dochter|moeder|vader|kind|broer|zus|partner|cliente?)(?: \w+)? (?:ben|is"
    r"|was|zijn) (?:\w+ )?van|\bben van|"
    r"[^\w\n]\*|\(\* ?|\xb0|(?:ik|zoon|zoontje|dochter|dochtertje|kind|man|vrouw|moeder|vader|baby|partner|client"
    r"|cliente)(?: \w+)? \(|geboren (?:\w+ ){0,3}\w*|\bbj)[ :]{0,3}(?:(?:ma|di|wo|do|vr|za|zo)\w* )?$"
)
_AFTER = re.compile(
    r"^[ ,)]{0,3}(?:\w+ ){0,2}?(?:geboren|geb\.|als geboortedatum|mijn geboortedatum|jarig|is de geboortedatum)"
)
_NEXT_IN_LIST = re.compile(
    r"^,? ?(?:en|and|/|&|,|resp\.) ?(?:(?:die van |van )?(?:mijn|m'n|mn|onze|zijn|haar|de|het) )?(?:(?!overleden"
    r"|getrouwd|verhuisd|sinds)[a-z]+ ){0,2}(?:op )?$"
)
_STOPS = re.compile(r"[.!?] +[A-Z]|\n[ \t]*\n|;.*;")


class BirthDateRecognizer(DutchRecognizer):
    """The date only. Years as 1981, '81 or 81; months as numbers or words; also 19810602 beside its label."""

    ENTITIES = ("DATE_OF_BIRTH",)
    PATTERNS = ("numeric", "iso", "worded", "english", "compact", "day_month")

    def find(self, page: Page) -> Iterator[Hit]:
        last_end = -1
        seen = sorted((start, -end, name) for name, start, end in self.spans(page))
        taken = -1
        for start, negative_end, name in seen:
            end = -negative_end
            if start < taken or not stands_alone(page, start, end, "/_") or not self._is_date(page, name, start, end):
                continue
            taken = end
            score = self._score(page, name, start, end)
            if (
                not score
                and last_end >= 0
                and start - last_end < 40
                and _NEXT_IN_LIST.match(page.lower[last_end:start])
            ):
                score = 0.7
            if score:
                last_end = end
                yield Hit("DATE_OF_BIRTH", start, end, score)

    @staticmethod
    def _is_date(page: Page, name: str, start: int, end: int) -> bool:
        text = page.folded
        if text[end : end + 1] in {"-", "."} and text[end + 1 : end + 2].isdigit():
            return False
        if text[max(0, start - 1) : start] in {"-", ".", ","} and text[max(0, start - 2) : start - 1].isalnum():
            return False
        parts = [int(part) for part in _PARTS.findall(text[start:end])]
        if name == "numeric":
            return (1 <= parts[0] <= 31 and 1 <= parts[1] <= 12) or (1 <= parts[1] <= 31 and 1 <= parts[0] <= 12)
        if name == "iso":
            return 1 <= parts[1] <= 12 and 1 <= parts[2] <= 31
        if name == "compact":
            value = text[start:end]
            if value[:2] in {"19", "20"}:
                return 1 <= int(value[4:6]) <= 12 and 1 <= int(value[6:8]) <= 31
            return 1 <= int(value[:2]) <= 31 and 1 <= int(value[2:4]) <= 12 and value[4:6] in {"19", "20"}
        return any(1 <= part <= 31 for part in parts)

    def _score(self, page: Page, name: str, start: int, end: int) -> float:
        lower = page.lower
        reach = 22 if name == "compact" else 60
        cue = page.label(start, _KINDS, reach)
        if cue is not None and cue.kind == "birth":
            gap = page.folded[cue.end : start + 1]
            if not _STOPS.search(gap) and gap.count("\n") <= 1:
                return 0.95 if len(gap) < 40 else 0.75
        if name == "day_month":
            return 0.0
        if (
            name != "compact"
            and (cue is None or cue.kind == "age")
            and any(c.kind == "age" for c in page.before(start, 70))
        ):
            return 0.7
        if _I_AM_FROM.search(lower[max(0, start - 40) : start]) and name != "compact":
            return 0.9
        if _AFTER.match(lower[end : end + 40]) and name != "compact":
            return 0.85
        if name != "compact" and (cue is None or cue.end == cue.start) and self._beside_bsn(page, start, end):
            return 0.6
        return 0.0

    @staticmethod
    def _beside_bsn(page: Page, start: int, end: int) -> bool:
        """An unlabelled date of long ago on a line that also gives a BSN."""
        years = [int(part) for part in _PARTS.findall(page.folded[start:end]) if len(part) == 4]
        if not years or not 1905 <= years[0] <= 2012:
            return False
        line_start, line_end = page.line_start(start), page.line_end(end)
        return any(cue.kind == "bsn" and line_start <= cue.start < line_end for cue in page.cues)
