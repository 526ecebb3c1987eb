"""Dates of birth: a date in any spelling that something beside it gives as a birth."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection import years
from scrubber.detection.date_persons import behind_whole_name, beside_bsn, of_relative
from scrubber.detection.date_sayings import (
    AFTER,
    AGED,
    BORN_AFTER,
    BORN_IN_WORDS,
    I_AM_FROM,
    IS_FROM,
    OF_ANIMAL,
    SOMEBODY_IS,
    THING_OF,
    VINTAGE,
    in_year,
)
from scrubber.detection.date_stories import told
from scrubber.detection.date_unlabelled import unlabelled
from scrubber.detection.date_values import OTHER_DATE, STOPS, is_date, year_of
from scrubber.detection.numbers import stands_alone
from scrubber.detection.page import Page
from scrubber.detection.recognizer import DutchRecognizer, Hit

_KINDS = frozenset({"birth", "age", "date", "reference", "version", "card", "policy"})
_NEXT_IN_LIST = re.compile(
    r"^,? ?(?:en|and|/|&|,|resp\."
    r"|i\.?p\.?v\.?|in plaats van) ?(?:(?:die van |van )?(?:mijn|m'n|mn|onze|zijn|haar|de|het) )?(?:(?!overleden"
    r"|getrouwd|verhuisd|sinds)[a-z]+ ){0,2}(?:op )?$"
    r"|^[;,/\n]{1,2} ?(?:en )?(?:mijn |onze )?(?:zoon|dochter|kind|man|vrouw|partner|broer|zus|moeder"
    r"|vader|baby|zelf)[a-z]{0,5}"
    r"(?: ?\d)?(?: [a-z]+)?:? ?$"
)
_BORN_TOWN = re.compile(r"[ (](?:in|te|uit) Born\b")
"""A town in Limburg."""
_INSTEAD = re.compile(r",? ?i\.p\.v\. ?")
_NO_LIST = re.compile(r",? ?op ")
_RUNS = re.compile(r"[A-Za-z'. ]+")
_SEPARATORS = ("-", ";", "|", ",", "/", ":")
_NOT_OF = re.compile(r"\b(?:niet|nooit|geen) (?:van|uit|in|bj\.?|bouwjaar):? ?$")
_WRONG = frozenset({"fout", "foute", "foutje", "aanvraag", "account", "nummer"})
"""Cues of a reference that say no more of a date than that it is wrong, or where it stands."""
_COLUMN = 300
"""Characters: what stands further along a line is in no column."""


class BirthDateRecognizer(DutchRecognizer):
    """The date only. Years as 1981, '81 or 81; months as numbers or words; also 19810602 beside its label."""

    ENTITIES = ("DATE_OF_BIRTH",)
    PATTERNS = ("numeric", "iso", "worded", "english", "compact", "day_month", "spoken", "year")

    def find(self, page: Page) -> Iterator[Hit]:
        last, last_name = -1, ""
        taken = -1
        given: list[Hit] = []
        doubtful: list[tuple[int, int]] = []
        spans = [(start, -end, name in {"spoken", "year"}, name) for name, start, end in self.spans(page)]
        for start, negative_end, _, name in sorted(spans):
            end = -negative_end
            if name == "year":  # the word before it belongs to the pattern, not to the date
                start = page.folded.rindex(" ", start, end) + 1
            elif name in {"numeric", "compact"}:  # nor does the word that it is glued to
                while not page.folded[start].isdigit():
                    start += 1
            if (
                start < taken
                or not stands_alone(page, start, end, "/_", behind="birth")
                or not is_date(page, name, start, end)
            ):
                continue
            if name == "year" and _NOT_OF.search(page.lower[max(0, start - 16) : start]):
                continue
            taken = end
            score = self._score(page, name, start, end, last)
            if not score and last >= 0 and start - last < 40 and (name != "day_month" or last_name == name):
                other = page.follows(start, OTHER_DATE, start - last)
                listed = _NEXT_IN_LIST.match(page.lower[last:start]) and not _NO_LIST.fullmatch(page.lower[last:start])
                score = 0.7 if listed and (not other or _INSTEAD.fullmatch(page.lower[last:start])) else 0.0
            if score:
                last, last_name = end, name
                given.append(Hit("DATE_OF_BIRTH", start, end, score))
            elif name in {"numeric", "iso"}:
                doubtful.append((start, end))
        yield from given
        if given and doubtful:
            yield from self._in_same_column(page, given, doubtful)

    @staticmethod
    def _in_same_column(page: Page, given: list[Hit], doubtful: list[tuple[int, int]]) -> Iterator[Hit]:
        """Dates that stand in their line as a birth date stands in one of the lines around."""

        def shape(start: int) -> str:
            first = page.line_start(start)
            return "" if start - first > _COLUMN else _RUNS.sub("a", re.sub(r"\d+", "0", page.folded[first:start]))

        columns = {(there, hit.start) for hit in given if (there := shape(hit.start))}
        for start, end in doubtful:
            own = shape(start)
            if not any(separator in own for separator in _SEPARATORS) or len(own) > 60:
                continue
            if page.follows(start, OTHER_DATE, start - page.line_start(start)):
                continue
            for there, at in columns:
                between = page.folded[min(at, start) : max(at, start)].count("\n")
                if there == own and 0 < between <= 6:
                    yield Hit("DATE_OF_BIRTH", start, end, 0.7)
                    break

    def _score(self, page: Page, name: str, start: int, end: int, last: int) -> float:
        """`last`: the end of the birth date before it, -1 where there is none."""
        lower = page.lower
        if OF_ANIMAL.search(lower, max(0, start - 50), start) or THING_OF.search(lower, max(0, start - 50), start):
            return 0.0
        if name == "year":
            return in_year(page, start, end)
        reach = (22 if end - start == 8 else 14) if name == "compact" else 60
        cue = page.label(start, _KINDS, reach)
        if cue is not None and cue.kind == "reference" and lower[cue.start : cue.end] in _WRONG:
            cue = next((c for c in page.before(cue.start, reach) if c.kind in _KINDS), cue)
        if cue is not None and _BORN_TOWN.match(page.folded, max(0, cue.start - 4)):
            cue = None
        if cue is not None and cue.kind == "birth":
            gap = page.folded[cue.end : start + 1]
            spent = cue.start < cue.end <= last  # "geboren 3 maart 1938, op 2 november overleden"
            if spent and (name in {"day_month", "spoken"} or year_of(page.folded[start:end]) > years.youngest()):
                return 0.0
            if not STOPS.search(gap) and gap.count("\n") <= 1:
                return 0.95 if len(gap) < 40 else 0.75
        if name == "spoken" and BORN_IN_WORDS.search(lower[start:end]):
            here = lower[max(0, start - 45) : start]
            said = I_AM_FROM.search(here) or IS_FROM.search(here) or SOMEBODY_IS.search(here)
            asked = page.spoken_of & {"birth", "age"} and not page.follows(start, {"date"}, 60)
            return 0.8 if said else 0.65 * bool(asked)
        if name != "compact" and BORN_AFTER.match(lower, end):
            return 0.8
        if name == "compact" and behind_whole_name(page, start, end):
            return 0.7
        if name in {"day_month", "spoken"} or (name == "compact" and end - start == 6):
            return 0.0
        if name != "compact" and of_relative(page, start, end):
            return 0.7
        if (
            name != "compact"
            and (cue is None or cue.kind == "age")
            and any(c.kind == "age" for c in page.before(start, 70))
        ):
            return 0.7
        if I_AM_FROM.search(lower[max(0, start - 40) : start]) and name != "compact":
            return 0.9
        if AFTER.match(lower[end : end + 40]) and name != "compact":
            return 0.85
        if name != "compact" and cue is None and beside_bsn(page, start, end):
            return 0.6
        if name != "compact" and AGED.search(lower[max(0, start - 40) : start]):
            return 0.7
        if VINTAGE.search(lower[max(0, start - 24) : start]) and year_of(page.folded[start:end]) <= years.grown():
            return 0.0 if name == "compact" or "vehicle" in page.cue_kinds else 0.7
        if cue is not None and cue.start == cue.end and cue.kind != "age":
            return 0.0  # its column is headed as another date's
        if name != "compact" and (score := told(page, start, end)):
            return score
        return unlabelled(page, name, start, end)
