"""A secret to the ends of its word: a way to give one may stop at a sign or after some dozens of characters."""

from __future__ import annotations

import re
from bisect import bisect_right

from scrubber.detection.page import BLANK, Page
from scrubber.detection.recognizer import Hit

_RUN = re.compile(
    r"(?:[A-Za-z0-9]++"
    r"|[!#$%^*+~_=?\-]{1,8}+(?=[A-Za-z0-9])"  # signs amid
    r"|[!#$%^*+~?=&@.\-]{0,7}[#$%^*+~]"  # up to one that ends no sentence
    r"|&(?![A-Za-z_\-]{1,20}[=;])(?=[A-Za-z0-9])"  # but for the next parameter of an address, an entity of HTML
    r"|/(?=[A-Za-z0-9+/]{1,400}={1,2}(?![\w=]))"  # base64 to its padding
    r"|\.(?=[A-Za-z0-9]{0,12}[0-9!#$%^*+~=])"  # no sentence glued to it
    r")++(?:={1,2}(?![\w=]))?"
)
"""What goes on as one secret, with the padding of base64."""
_WORD = re.compile(r"[A-Za-z0-9]{1,200}")
_AMID = frozenset("!#$%^*+~?&")
_FRONT = re.compile(r"(?<![^\s\"'(\[{:=,;<>|/])[A-Za-z0-9!#$%^*+~?&_.]{1,200}[!#$%^*+~?&]$")
_LEAD = 200
_LEAST = 4
"""Characters of what is worth looking on from."""
_MOST = 4096
"""Characters of a word that may be one secret."""
_KEPT = "runs of signs"


class _Runs:
    """The runs of one word of a text, kept for the hits that follow in it: a word may be all of a long text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._first, self._last = 0, -1
        self._starts: list[int] = []
        self._ends: list[int] = []

    @staticmethod
    def of(page: Page) -> _Runs:
        runs = page.__dict__.get(_KEPT)
        if not isinstance(runs, _Runs):
            runs = page.__dict__[_KEPT] = _Runs(page.folded)
        return runs

    def end(self, place: int) -> int:
        """The end of the run that goes on at `place`; `place` where none does."""
        if not self._first <= place < self._last:
            self._take(place)
        index = bisect_right(self._starts, place) - 1
        return max(place, self._ends[index]) if index >= 0 else place

    def _take(self, place: int) -> None:
        text = self._text
        self._first = 1 + max(text.rfind(sign, 0, place) for sign in " \n\t")
        self._last = min(at if (at := text.find(sign, place)) >= 0 else len(text) for sign in " \n\t")
        long = self._last - self._first > _MOST
        runs = [] if long else [match.span() for match in _RUN.finditer(text, self._first, self._last)]
        self._starts, self._ends = [start for start, _ in runs], [end for _, end in runs]


def whole(page: Page, hit: Hit) -> Hit:
    """The hit with what belongs to it: signs that a password has amid, a long key's last letters, base64's padding."""
    text, start = page.folded, hit.start
    value = text[start : hit.end]
    if len(value) < _LEAST or BLANK in value or " " in value:
        return hit
    end = _end(page, hit.end, digits=value.isdigit())
    if text[start - 1 : start] in _AMID and (front := _FRONT.search(text[max(0, start - _LEAD) : start])):
        start -= len(front[0])
    return hit if (start, end) == (hit.start, hit.end) else hit._replace(start=start, end=end)


def _end(page: Page, end: int, *, digits: bool) -> int:
    text = page.folded
    if end == len(text) or text[end].isspace():
        return end
    if digits:  # a unit or the next word may be glued to them: "4417cm", "4417en"; not "4417SwKBJy"
        word = _WORD.match(text, end)
        if word is None or word[0].islower() or word[0].isupper() or word[0].istitle():
            return end
    return _Runs.of(page).end(end)
