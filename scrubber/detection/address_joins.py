"""One span for the parts of one address that stand apart: "1234 AB Ergens, aan de Dorpsstraat 12"."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate

from scrubber.detection import address_patterns as shapes
from scrubber.detection.address_tails import Tails
from scrubber.detection.lexicon import Lexicon
from scrubber.detection.page import Hit, Page


class Taken:
    """Where findings stand, asked of many places: one search each, however many they are."""

    def __init__(self, hits: Iterable[Hit]) -> None:
        self._spans = sorted((hit.start, hit.end) for hit in hits)
        self._reach = list(accumulate((end for _, end in self._spans), max))

    def meets(self, start: int, end: int) -> bool:
        """Whether a finding covers some of [start, end)."""
        index = bisect_left(self._spans, (end, 0)) - 1
        return index >= 0 and self._reach[index] > start


class Joins:
    """What may stand between two parts of one address."""

    def __init__(self, lexicon: Lexicon, tails: Tails) -> None:
        self.lexicon = lexicon
        self._tails = tails
        self._between = lexicon.words("streets/between")

    def joined(self, page: Page, hits: list[Hit]) -> list[Hit]:
        """`hits`, in their order, those of one address made one."""
        out: list[Hit] = []
        for hit in hits:
            if out:
                last = out[-1]
                if hit.start < last.end:
                    out[-1] = Hit("ADDRESS", last.start, max(last.end, hit.end), max(last.score, hit.score))
                    continue
                if bridged := self._bridged(page, last, hit):
                    out[-1] = Hit("ADDRESS", last.start, max(hit.end, bridged), 0.9)
                    continue
                between = page.folded[last.end : hit.start]
                if (
                    len(between) < 60
                    and not (page.folded[hit.start].isdigit() and page.folded[last.start].isdigit())  # two postcodes
                    and shapes.JOIN.fullmatch(between)
                    and page.folded[last.end - 2 : last.end].isalpha()
                ):
                    begin = (
                        last.start - 1
                        if page.folded[last.start - 1 : last.start] == "(" and ")" in between
                        else last.start
                    )
                    out[-1] = Hit("ADDRESS", begin, hit.end, 0.9)
                    continue
            out.append(hit)
        return out

    def _bridged(self, page: Page, last: Hit, hit: Hit) -> int:
        """The end of one address of a street and the postcode a little further on: "5 (boven), 1234 AB Ede"; or 0."""
        between = page.lower[last.end : hit.start]
        code = page.folded[hit.start : min(hit.end, hit.start + 7)]
        if len(between) > 40 or between.count("\n") > 1 or not (code[:4].isdigit() and code.rstrip()[-1:].isalpha()):
            return 0
        if shapes.HAS_POSTCODE.search(page.lower, last.start, last.end) or page.folded[last.start].isdigit():
            return 0
        if "\n" in between and ":" in between:
            return 0  # a form: fields of their own
        if shapes.BRIDGE_ASIDE.fullmatch(between):
            return self._tails.place(page, hit.end, sure=True) if hit.end - hit.start <= 8 else hit.end
        words = [word for word in shapes.BRIDGE_SPLIT.split(between) if word]
        if ". " in between and not words:
            return 0
        for word in words:
            short = len(word) <= 4 and (len(word) == 1 or word[0].isdigit() or word[:-1].isdigit())
            if not (short or word in self._between or word in self.lexicon.places):
                return 0
        return self._tails.place(page, hit.end, sure=True) if hit.end - hit.start <= 8 else hit.end
