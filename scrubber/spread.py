"""One value, one answer: what was found in one view is looked for in every view.

Validated values (values.VALIDATED) are looked for everywhere, in any spelling with short separators. A password or PIN
is looked for only in the sibling alternative (the HTML part of the same text), never as a bare word elsewhere: "welkom"
is somebody's password and everybody's word.

Linear in the text: a view is squeezed to its letters and digits, and windows as long as a known value are looked up in
a table; addresses are looked up whole.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from scrubber.finding import Finding
from scrubber.message import Path, TextView
from scrubber.values import VALIDATED, normalise

_WORDS = VALIDATED - {"EMAIL_ADDRESS"}
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:]{1,64}@[^\s<>()\[\]\"',;:]{1,253}")
_RUN = re.compile(r"[^\W_]+")
_NEITHER = bytes(code for code in range(128) if not chr(code).isalnum())
"""ASCII that is neither letter nor digit."""
_FEW = 8  # values that are looked for one by one
_LONGEST = 40  # no validated value is longer
_GAP = 3  # characters between two digits of one spelling


def spread(views: Sequence[TextView], findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings and every further occurrence of their values, per view in order, not overlapping.

    A further occurrence carries the type, score and recogniser of the finding it comes from.
    """
    texts = {view.path: view for view in views}
    words: dict[str, Finding] = {}
    found: dict[Path, Counter[str]] = defaultdict(Counter)
    addresses: dict[str, Finding] = {}
    secrets: dict[str, dict[str, Finding]] = defaultdict(dict)
    for finding in findings:
        view = texts[finding.path]
        surface = view.text[finding.start : finding.end]
        if finding.entity_type in _WORDS:
            bare = "".join(c for c in surface if c.isalnum()).upper()
            if 6 <= len(bare) <= _LONGEST:
                words.setdefault(bare, finding)
                found[finding.path][bare] += 1
        elif finding.entity_type == "EMAIL_ADDRESS":
            addresses.setdefault(normalise("EMAIL_ADDRESS", surface), finding)
        elif finding.entity_type == "CREDENTIAL" and view.group:
            secrets[view.group].setdefault(surface, finding)
    taken: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for finding in findings:
        taken[finding.path].append((finding.start, finding.end))
    out = list(findings)
    for view in views:
        spans = _Spans(taken[view.path])
        known = _elsewhere(view.text, words, found[view.path])
        for start, end, finding in _occurrences(view, known, addresses, secrets.get(view.group, {})):
            if spans.free(start, end):
                spans.add(start, end)
                out.append(Finding(view.path, finding.entity_type, start, end, finding.score, finding.recognizer))
    order = {view.path: index for index, view in enumerate(views)}
    return tuple(sorted(out, key=lambda f: (order[f.path], f.start)))


def _elsewhere(text: str, words: dict[str, Finding], found: Counter[str]) -> dict[str, Finding]:
    """The values that stand in a text more often than they were found there: mostly none, which one count tells."""
    if not words or len(words) > _FEW:
        return words
    bare = _squeezed(text)
    squeezed = bare.upper()
    if len(squeezed) != len(bare):
        return words
    return {word: finding for word, finding in words.items() if _count(squeezed, word) > found[word]}


def _squeezed(text: str) -> str:
    """Its letters and digits."""
    if text.isascii():
        return text.encode().translate(None, _NEITHER).decode()
    return "".join(_RUN.findall(text))


def _count(text: str, word: str) -> int:
    """How often it stands there, also where two share letters."""
    count, at = 0, text.find(word)
    while at >= 0:
        count += 1
        at = text.find(word, at + 1)
    return count


def _occurrences(
    view: TextView, words: dict[str, Finding], addresses: dict[str, Finding], secrets: dict[str, Finding]
) -> Iterator[tuple[int, int, Finding]]:
    if words:
        yield from _windows(view.text, words)
    if addresses and "@" in view.text:
        for match in _ADDRESS.finditer(view.text):
            end = match.end()
            while match.start() < end and view.text[end - 1] in ".!?":
                end -= 1
            if finding := addresses.get(normalise("EMAIL_ADDRESS", view.text[match.start() : end])):
                yield match.start(), end, finding
    for secret, finding in secrets.items():
        at = view.text.find(secret)
        while at >= 0:
            end = at + len(secret)
            if _bounded(view.text, at, end):
                yield at, end, finding
            at = view.text.find(secret, end)


def _windows(text: str, words: dict[str, Finding]) -> Iterator[tuple[int, int, Finding]]:
    """Occurrences are rows of whole words of the text: nothing glued to them on either side."""
    runs = [run.span() for run in _RUN.finditer(text)]
    bare = "".join([text[start:end] for start, end in runs])
    squeezed = bare.upper()
    if len(squeezed) != len(bare):  # a letter whose capital is two letters: compare as it is written
        squeezed = bare
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    at = 0
    for start, end in runs:
        starts[at] = start
        at += end - start
        ends[at] = end
    done = 0
    for at, last, finding in _candidates(squeezed, words, starts):
        if at < done or at not in starts or last not in ends:
            continue
        start, end = starts[at], ends[last]
        if end - start <= (last - at) * (1 + _GAP):
            yield start, end, finding
            done = last


def _candidates(squeezed: str, words: dict[str, Finding], starts: Iterable[int]) -> Iterator[tuple[int, int, Finding]]:
    """[start, end) in `squeezed` of what may be a known value, in order, of one start the longest first."""
    if len(words) <= _FEW:
        found = []
        for word, finding in words.items():
            at = squeezed.find(word)
            while at >= 0:
                found.append((at, -at - len(word), finding))
                at = squeezed.find(word, at + 1)
        found.sort(key=lambda row: row[:2])
        yield from ((at, -last, finding) for at, last, finding in found)
        return
    lengths = sorted({len(word) for word in words}, reverse=True)
    for at in starts:
        for length in lengths:
            known = words.get(squeezed[at : at + length])
            if known is not None and len(squeezed) >= at + length:
                yield at, at + length, known


def _bounded(text: str, start: int, end: int) -> bool:
    return not (start and text[start - 1].isalnum()) and not (end < len(text) and text[end].isalnum())


class _Spans:
    """Which parts of a view are taken."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        self._taken: set[int] = set()
        for start, end in spans:
            self.add(start, end)

    def free(self, start: int, end: int) -> bool:
        return self._taken.isdisjoint(range(start, end))

    def add(self, start: int, end: int) -> None:
        self._taken.update(range(start, end))
