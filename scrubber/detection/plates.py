"""Number plates of the Netherlands and Belgium."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection.numbers import LABELS, stands_alone
from scrubber.detection.page import Cue, Page
from scrubber.detection.recognizer import DutchRecognizer, Hit

_LABELS = LABELS | {"national", "vehicle", "policy", "person", "birth", "plate"}
_VOWELS = frozenset("aeiouyAEIOUY")
_KEYED = re.compile(r"\b(?:auto|kenteken|plate|plaat|k|kent|voertuig|car|lp)=$")
_RUN = re.compile(r"[a-z]{4,}")
_NO_NUMBER = re.compile(
    r"(?:klant|aanslag|boeking|melding|opdracht|aanvraag|contract|order|bestelling|factuur|zaak|object"
    r"|project|reservering|vergunning|ontheffing|abonnement|parkeerkaart)$"
)
"""Things that may have a plate beside them; their number has "nummer" in its name."""
_NEXT_PLATE = re.compile(
    r" ?(?:,|;|/|\+|&|en|of|and|naar|->|>|,? (?:en|of)) ?(?:nieuwe?:? |oude?:? |de )?| nieuwe?:? |\n[ *>-]*"
)
_AFTER_CAR = re.compile(r"(?: [a-z0-9\-]{1,12}){0,2}(?:,| \(|:| -) ?")
_UNITS = frozenset(
    {"km", "kw", "pk", "mm", "cm", "kg", "gb", "mb", "st", "nr", "dr", "kwh", "stk", "mnd", "min", "drs", "hr", "jr"}
    | {"ltr", "dgn", "pnt", "gr", "kr", "ft", "jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt"}
    | {"nov", "dec", "wd", "awd", "fwd", "rwd", "bhp", "cil", "cyl", "deu", "bak", "van", "dag", "uur"}
    | {"tdi", "hdi", "tsi", "gti", "gtd", "gte", "dci", "cdi", "jtd", "crd", "fsi", "mpi", "gdi", "tce", "vti", "vts"}
    | {"gt", "gl", "gs", "ls", "gls", "gts", "sr", "td", "rs", "hd", "lx", "xl", "xs", "tdv", "hsd", "rpm"}
)
"""Months, measures, engines and models, which stand amid figures behind a car."""
_PLATE_LETTERS = re.compile(r"[bdfghjklnprstvxz]+")
_MARKS = frozenset({"kenmerk", "ref", "referentie", "nr", "nummer", "registratie"})
_FAR = 6
_MODEL = re.compile(r"\d[05]0|[SX]L|GS|RS|RT|GT|CB|XR|VT|FZ|MT")
"""Motorcycles and lorries that are written as plates are: "CB 500 X", "R 850 GS"."""
_IS = re.compile(r"(?: ?(?:nr\.?|nummer|plaat))?(?: ?(?:is|was|met|wordt))?[ :=>\-]{0,3}[\"']?")
_YEAR_BUILT = re.compile(r"(?i)(?:bj|mj|apk|uit|van|my)[ .\-](?:19|20)\d\d")
"""Of a car: the year it was built, inspected, its model's."""


def _one_case(value: str) -> bool:
    """Not "N31 van": a plate is written in capitals or not."""
    return value.isupper() or value.islower()


def _is_word_and_number(page: Page, value: str) -> bool:
    """ "in 2024", "64 euro", "03 WARN": a word of every day beside a number, set apart by a space."""
    parts = value.lower().split(" ")
    words = [part for part in parts if part.isalpha()]
    numbers = [part for part in parts if part.isdigit()]
    if len(parts) < 2 or len(words) != 1 or len(words) + len(numbers) != len(parts):
        return False
    return words[0] in page.lexicon.common or words[0] in page.lexicon.words("plates/no_letters")


def _near_label(page: Page, label: Cue | None, start: int) -> bool:
    """Whether nothing but a sign or "is" stands between the label and the number."""
    return label is not None and _IS.fullmatch(page.lower, label.end, start) is not None


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
            if page.folded[start - 1 : start] == ":" and page.folded[start - 2 : start - 1].isdigit():
                continue  # the minutes of an hour: "11:02 pull"
            score = self._score(page, name, start, end)
            worded = name == "loose" and _is_word_and_number(page, page.folded[start:end])
            if not score and not worded and 0 <= start - last <= 12 and _NEXT_PLATE.fullmatch(page.lower[last:start]):
                score = 0.7
            if not score and last >= 0 and name == "loose":
                score = 0.65 * _is_set_apart(page, start, end)
            if score:
                last = end
                yield Hit("LICENSE_PLATE", start, end, score)

    @staticmethod
    def _of_car(page: Page, start: int, value: str) -> bool:
        """ "Toyota Yaris, 7 tnb 51": small letters, in three groups, right behind a car."""
        if not _in_three(value):
            return False
        cues = (cue for cue in page.before(start, 30) if cue.kind == "vehicle")
        return any(_AFTER_CAR.fullmatch(page.lower[cue.end : start]) for cue in cues)

    def _score(self, page: Page, name: str, start: int, end: int) -> float:
        value = page.folded[start:end]
        label = page.label(start, _LABELS, 40)
        kind = label.kind if label else ""
        if kind in {"reference", "secret"} and label is not None and start - label.end > 12:
            kind = ""
        if kind == "reference" and name in {"dashed", "belgian"} and label is not None:
            named = page.lower[label.start : label.end]
            of_car = named in _MARKS and page.follows(label.start, {"vehicle"}, 60)
            kind = "" if of_car or _NO_NUMBER.search(named) else kind
        if kind == "version" and name == "dashed" and label is not None and start - label.end > _FAR:
            kind = ""  # "een plug-in die hier staat: …"
        cued = kind == "plate" or (page.near(start, end, {"plate"}, 60) and kind not in {"reference", "secret"})
        if kind in {"reference", "version", "imei", "secret", "code", "pin", "passport", "licence"} and not cued:
            return 0.0
        if (
            name != "dashed"
            and _is_word_and_number(page, value)
            and not (kind == "plate" and _near_label(page, label, start))
        ):
            return 0.0  # "in 2023", "64 euro"
        if name != "dashed" and value.islower() and any(run in page.lexicon.common for run in _RUN.findall(value)):
            return 0.0  # "12 jaar", "naar 30"
        if _YEAR_BUILT.fullmatch(value) or (kind != "plate" and _measured(value)):
            return 0.0
        vehicle = page.near(start, end, {"vehicle"}, 60)
        if name == "belgian":
            return 0.95 if cued or vehicle else 0.7 if value.isupper() else 0.0
        if name == "belgian_old":
            return 0.85 if cued else 0.0
        letters = [character for character in value if character.isalpha()]
        modern = not _VOWELS.intersection(letters)
        if name == "dashed":
            if cued or vehicle:
                return 0.95
            if value != value.upper() or not modern or "".join(letters) in {"XL", "XXL", "XS", "CM", "MM", "KG"}:
                return 0.0
            return 0.75
        if cued:
            return 0.85 if modern or value.isupper() else 0.6
        if not modern:
            return 0.0
        if not value.isupper():
            return 0.7 if self._of_car(page, start, value) else 0.0
        if " " not in value and (vehicle or "plate" in page.cue_kinds):
            return 0.6
        if " " in value and _in_three(value) and "vehicle" in page.spoken_of and not kind and not _MODEL.search(value):
            return 0.6
        asked = "plate" in page.spoken_of and not kind and not page.near(start, end, {"reference"}, 20)
        return 0.6 if asked else 0.0


def _measured(value: str) -> bool:
    """ "2 tdi 150", "4 wd 120"."""
    return not _UNITS.isdisjoint(value.lower().split())


def _in_three(value: str) -> bool:
    """ "7 tnb 51", in the letters that plates have, and no "2 pk 150"."""
    parts = value.lower().split()
    letters = (part for part in parts if part.isalpha())
    return len(parts) == 3 and not _measured(value) and all(map(_PLATE_LETTERS.fullmatch, letters))


def _is_set_apart(page: Page, start: int, end: int) -> bool:
    """A second plate of the page, in three groups without a vowel between commas: ", r 447 fh."."""
    value = page.folded[start:end]
    if not _in_three(value) or _VOWELS.intersection(value):
        return False
    return page.folded[start - 2 : start] in {", ", " ("} and page.folded[end : end + 1] in {"", ".", ",", ")", "\n"}
