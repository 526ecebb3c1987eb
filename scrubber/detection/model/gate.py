"""Where a closer look may pay: cheap signs of a name, a secret, a birth date or a condition that no rule has found.

The gate only ever skips work. What it lets through is judged by the model, and what it stops was not found by the rules
either; `everywhere` in the settings does without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scrubber.detection.name_lists import NameLists
from scrubber.detection.page import Page

_WORD = re.compile(r"[a-z]{3,40}")
_CHUNK = re.compile(r"\d\S{2,60}")
_BEFORE_DIGIT = 40
"""Signs and letters before the digit that belong to its chunk, at most."""
_NUMBER = re.compile(r"\d[\d./ -]{2,}\d")
_DIGIT = re.compile(r"\d")
_ASKED = re.compile(r"(?i)code|wachtwoord|password|\bpin|inlog|login|gebo(?:ren|orte)")
_SECRET_ENDS = ("wachtwoord", "paswoord", "password", "code", "login", "inlog")
_SECRETS = frozenset({"secret", "login", "pin", "code", "door"})
_BIRTH = frozenset({"birth", "age"})
_NAME, _SPECIAL, _SECRET, _BORN, _ANNOUNCES = "name", "special", "secret", "born", "announces"
_TELLS = {_NAME: "PERSON", _ANNOUNCES: "PERSON", _SPECIAL: "SPECIAL_CATEGORY"}
"""Signs of one type only."""
BEFORE, AFTER = 90, 50
"""Characters round a sign that the model gets to see."""


class ModelGate:
    """Which stretches of a page are worth the model's time. One an engine; holds no text."""

    def __init__(self, lists: NameLists) -> None:
        lexicon = lists.lexicon
        refused = lists.plain | lists.ambiguous | lists.brands | lists.company_words | lists.not_names
        self._refused = refused
        signs = dict.fromkeys(lexicon.first_names - lexicon.common - refused, _NAME)
        for kind in ("health", "belief", "orientation", "politics", "crime"):
            words = lexicon.lists.get(f"special/{kind}", frozenset()) - lexicon.common
            signs |= dict.fromkeys((word for word in words if len(word) > 4), _SPECIAL)
        signs |= {word: _ANNOUNCES for word, kind in lists.kinds.items() if kind in ("title", "greeting", "kin")}
        for word, kind in lexicon.cues.kinds.items():
            if kind in _SECRETS:
                signs[word] = _SECRET
            elif kind in _BIRTH:
                signs[word] = _BORN
        self._signs = signs
        self._signs_of: dict[frozenset[str], dict[str, str]] = {frozenset(): signs}

    def stretches(self, page: Page) -> Iterator[tuple[int, int]]:
        """[begin, end) of the parts of the page round the signs that stand outside what was found there before."""
        begin = end = -1
        text = _without(page.folded, sorted((hit.start, hit.end) for hit in page.taken))
        for sign in self.signs(text, page.context, page.only):
            if end >= 0 and sign > end + BEFORE + AFTER:
                yield begin, end + AFTER
                begin = -1
            if begin < 0:
                begin = max(0, sign - BEFORE)
            end = sign
        if begin >= 0:
            yield begin, end + AFTER

    def _of(self, only: frozenset[str]) -> dict[str, str]:
        """The signs of these types (empty: of all): where names are not asked for, nothing is a sign of a name."""
        signs = self._signs_of.get(only)
        if signs is None:
            refused = {sign for sign, kind in _TELLS.items() if kind not in only}
            signs = {word: sign for word, sign in self._signs.items() if sign not in refused}
            self._signs_of[only] = signs
        return signs

    def signs(self, text: str, context: str = "", only: frozenset[str] = frozenset()) -> list[int]:
        """Where signs stand in `text`, in order. `context`: what it answers; `only`: the types that matter."""
        found: list[int] = []
        digits = _DIGIT.search(text) is not None
        secret = born = digits and context != "" and _ASKED.search(context) is not None
        lower = text.lower()
        words = _WORD.findall(lower)
        signs = list(map(self._of(only).get, words))
        ends: set[int] = set()
        if digits and not secret:
            for index, word in enumerate(words):
                if len(word) > 7 and signs[index] is None and word.endswith(_SECRET_ENDS):
                    ends.add(index)
        if any(signs):
            places = [match.start() for match in _WORD.finditer(lower)]
            last = len(words) - 1
            for index, sign in enumerate(signs):
                if sign is None:
                    continue
                if sign is _ANNOUNCES:
                    if index < last and signs[index + 1] is None and words[index + 1] not in self._refused:
                        place = places[index + 1]
                        if text[place].isupper():
                            found.append(place)
                            ends.discard(index + 1)
                elif sign is _SECRET:
                    secret = True
                elif sign is _BORN:
                    born = True
                elif sign is _SPECIAL or len(words[index]) > 3 or text[places[index]].isupper():
                    found.append(places[index])
        if digits and (secret or ends):
            found += _chunks(text)
        if digits and born:
            found += [match.start() for match in _NUMBER.finditer(text)]
        found.sort()
        return found


def _chunks(text: str) -> Iterator[int]:
    """Where what is written together with a digit begins."""
    done = 0
    for match in _CHUNK.finditer(text):
        start = match.start()
        least = max(done, start - _BEFORE_DIGIT)
        while start > least and not (text[start - 1].isspace() or text[start - 1].isdecimal()):
            start -= 1
        yield start
        done = match.end()


def _without(text: str, taken: Sequence[tuple[int, int]]) -> str:
    """`text` with what is taken blanked out."""
    parts: list[str] = []
    at = 0
    for start, end in taken:
        start = max(start, at)
        if start < end:
            parts += (text[at:start], "," * (end - start))
            at = end
    return "".join([*parts, text[at:]]) if parts else text
