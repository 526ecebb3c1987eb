"""Special categories (GDPR art. 9 and 10): the shortest phrase that states one of somebody. For review only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import re2

from scrubber.detection.page import Page
from scrubber.detection.recognizer import DutchRecognizer, Hit

_LISTS = ("health", "belief", "origin", "orientation", "politics", "crime")
_MORE_HEALTH = re.compile(
    r"^ (?:(?:type|graad|fase|stadium|gold) (?:\d|i{1,3}v?|iv)\b(?: ?[a-d]\b)?(?: (?:i{1,3}|iv|[1-4])\b)?"
    r"|\([a-z\- ]{3,24}\))"
)
_MORE_CRIME = re.compile(
    r"^ (?:voor|wegens|tot) (?:een |het |de )?(?:poging tot )?[a-z\-]{4,24}(?: van (?:een )?[a-z]+)?"
)
_STRONG = re.compile(
    r"\b(?:heb|heeft|had|hebben|ben|is|was|werd|word|wordt|krijg|kreeg|wegens|vanwege|diagnose|behandeling|lijdt aan"
    r"|met|door|hij|zij|ze|omdat \w+)[:\"]?(?: \w+){0,4} $"
)


class SpecialCategoryRecognizer(DutchRecognizer):
    """Word lists, and beside the word somebody who has, is or gets it."""

    ENTITIES = ("SPECIAL_CATEGORY",)
    GATED = False
    WEIGHTS = ("base", "holder", "impersonal", "ambiguous", "heading")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        impersonal = sorted(self.lexicon.words("special/not_persons"))
        self._impersonal = re.compile(r"\b(?:" + "|".join(map(re.escape, impersonal)) + r")\b")
        self._pattern, self._kinds = _compiled(tuple(self.lexicon.words(f"special/{n}") for n in _LISTS))

    def find(self, page: Page) -> Iterator[Hit]:
        for match in self._pattern.finditer(page.lower.encode("latin-1", "replace")):
            start, end = match.span()
            word = page.lower[start:end]
            kind = self._kinds.get(word, "health")
            if (
                page.folded[start - 1 : start] in {"@", "-", ".", "/", "_"}
                or page.folded[end : end + 1] in {"@", "_", "-"}
                or (page.folded[end : end + 1] == "." and page.folded[end + 1 : end + 2].isalnum())
            ):
                continue
            total = self._weigh(page, start, end, word, kind)
            if total <= 0:
                continue
            rest = page.lower[end : end + 60]
            more = (
                _MORE_HEALTH.match(rest) if kind == "health" else _MORE_CRIME.match(rest) if kind == "crime" else None
            )
            if more:
                end += more.end()
            if kind == "crime" and word == "veroordeeld" and not more:
                continue
            yield Hit("SPECIAL_CATEGORY", start, end, 0.6 if total < 1 else 0.75)

    def _weigh(self, page: Page, start: int, end: int, word: str, kind: str) -> float:
        weights = self.weights
        total = weights["base"]
        left = page.lower[max(page.line_start(start), start - 70) : start]
        sentence = re.split(r"[.!?] ", left)[-1]
        words = re.findall(r"[a-z']+", sentence)
        holders = self.lexicon.words("special/holders")
        held = sum(w in holders for w in words[-9:])
        right = re.match(r"[ ,]{1,2}(?:ben|heb|heeft|is|was|en |waardoor|gehad)", page.lower[end : end + 12])
        if held or right or re.search(r"\b(?:gaat|ging|betreft) (?:hier )?(?:om )?(?:een )?(?:\w+ )?$", left):
            total += weights["holder"]
        if word in self.lexicon.words("special/ambiguous_health"):
            strong = _STRONG.search(left) or right or page.near(start, end, {"health"}, 60)
            if not strong or (len(word) <= 3 and not page.folded[start:end].isupper()):
                total += weights["ambiguous"]
        around = page.lower[max(0, start - 60) : end + 40]
        if self._impersonal.search(around):
            total += weights["impersonal"]
        if not held and re.search(r"[|;:\"'] ?$", left):
            total += weights["heading"]
        if re.search(r"\b(?:geen|niet|nooit|zonder) (?:\w+ )?$", left):
            total += weights["impersonal"]
        after = page.lower[end : end + 20]
        if kind == "belief" and re.search(r"\b(?:school|kerk|kalender|feestdag|onderwijs|bond|stichting)", after):
            total += weights["impersonal"]
        return total


@lru_cache(maxsize=4)
def _compiled(lists: tuple[frozenset[str], ...]) -> tuple[Any, dict[str, str]]:
    kinds = {word: name for name, entries in zip(_LISTS, lists, strict=True) for word in entries}
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.longest_match = True
    options.never_capture = True
    options.max_mem = 64 << 20
    source = r"\b(?:" + "|".join(re2.escape(word) for word in sorted(kinds)) + r")\b"
    return re2.compile(source.encode("latin-1"), options), kinds
