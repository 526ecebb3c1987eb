"""How well a marked corpus is answered: detection per type, and what was removed, delayed, early, for ever, wrong.

A corpus holds one message a line, as `analyze` takes it. Its subject and body carry marks `[[TYPE.attr,attr|surface]]`.
Attributes: `own` (the desk holds it already), `third`, `asked`, `org` (an organisation's), `needed`.

Each mark has one of four dispositions under the default policy: `go` (must be redacted now; else leaked or delayed),
`defer` (must wait; else early or for ever), `stay` (else wrong), `either` (never counted).
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from scrubber.errors import SettingsError
from scrubber.finding import ENTITY_TYPES

MARK = re.compile(r"\[\[([A-Z_]+)(?:\.([a-z,]+))?\|([^\[\]|]+)\]\]")
MUST_GO = frozenset(
    {
        "NL_BSN",
        "IBAN_CODE",
        "BANK_ACCOUNT",
        "CREDIT_CARD",
        "ADDRESS",
        "DATE_OF_BIRTH",
        "ID_DOCUMENT",
        "LICENSE_PLATE",
        "HEALTH_ID",
        "CREDENTIAL",
    }
)
"""What the default policy removes when nobody asked for it and nobody needs it."""
NEVER_NEEDED = frozenset({"NL_BSN", "CREDIT_CARD"})
_STAYS = frozenset({"own", "asked", "org"})
_WRONG_FROM = 5  # letters or digits that a removal may take beside what may go

ATTRIBUTES = frozenset({"own", "third", "asked", "org", "needed"})

PATHS = ("subject", "body")
"""The texts of a message that are marked."""
KINDS = ("leaked", "delayed", "early", "forever", "wrong", "missed", "false")


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked span [start, end) in the plain text."""

    start: int
    end: int
    entity_type: str
    attributes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Hit:
    """A finding as `analyze` answers it."""

    start: int
    end: int
    entity_type: str
    action: str


@dataclass(frozen=True, slots=True)
class Miss:
    """One row of what went wrong. `text` is the corpus's own: only for who holds the corpus."""

    kind: str
    identifier: str
    path: str
    entity_type: str
    text: str = field(repr=False)


@dataclass(slots=True)
class Tally:
    """Counts over a corpus. `types`: per type gold, found, hit, right, exact. `total`: per disposition."""

    messages: int = 0
    types: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    total: Counter[str] = field(default_factory=Counter)
    misses: list[Miss] = field(default_factory=list)

    def count(self, kind: str) -> int:
        return sum(miss.kind == kind for miss in self.misses)


def unmark(text: str) -> tuple[str, list[Mark]]:
    """The plain text and its marks; offsets are code points of the plain text."""
    plain: list[str] = []
    marks: list[Mark] = []
    at = size = 0
    for match in MARK.finditer(text):
        before = text[at : match.start()]
        size += len(before)
        marks.append(Mark(size, size + len(match[3]), match[1], frozenset(filter(None, (match[2] or "").split(",")))))
        plain += (before, match[3])
        size += len(match[3])
        at = match.end()
    plain.append(text[at:])
    return "".join(plain), marks


def mistake(marks: Iterable[Mark]) -> str | None:
    """What is wrong with the first mark whose type or attribute is none: it would count as nothing to remove."""
    for mark in marks:
        if mark.entity_type not in ENTITY_TYPES:
            near = get_close_matches(mark.entity_type, ENTITY_TYPES, 1, 0.0)
            return f"{mark.entity_type} is no type; did you mean {near[0]}?"
        for attribute in sorted(mark.attributes - ATTRIBUTES):
            near = get_close_matches(attribute, sorted(ATTRIBUTES), 1, 0.0)
            return f"{mark.entity_type}.{attribute}: no attribute; did you mean {near[0]}?"
    return None


def read_corpus(text: str, name: object) -> Iterator[tuple[dict[str, Any], dict[str, list[Mark]]]]:
    """(message without marks, its marks by `PATHS`) of each line. SettingsError, with `name`: a line is no message."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            marked = {}
            for path in PATHS:
                record[path], marked[path] = unmark(record.get(path) or "")
        except (ValueError, TypeError, AttributeError):
            raise SettingsError(f"{name}:{number}: not a marked message") from None
        if wrong := mistake(mark for marks in marked.values() for mark in marks):
            raise SettingsError(f"{name}:{number}: {wrong}")
        record.setdefault("id", f"line {number}")
        yield record, marked


def hits_in(answer: str) -> dict[str, list[Hit]]:
    """The findings of an answer line of `analyze`, by `PATHS`; none where the message was not answered."""
    hits: dict[str, list[Hit]] = {path: [] for path in PATHS}
    for found in json.loads(answer).get("findings", []):
        hits[found["path"]].append(Hit(found["start"], found["end"], found["entity_type"], found["action"]))
    return hits


def disposition(mark: Mark) -> str:
    """go | defer | stay | either."""
    if mark.entity_type not in MUST_GO:
        return "stay" if mark.attributes & _STAYS else "either"
    if "org" in mark.attributes:
        return "stay"
    if "own" in mark.attributes:
        return "either"
    if mark.attributes & {"asked", "needed"}:
        return "either" if mark.entity_type in NEVER_NEEDED else "defer"
    return "go"


def add(tally: Tally, identifier: str, path: str, text: str, marks: Sequence[Mark], hits: Sequence[Hit]) -> None:
    """Count one text of one message."""
    redacted, deferred = _letters(text, hits, "redact"), _letters(text, hits, "defer")
    may_go: set[int] = set()
    for mark in marks:
        counts = tally.types[mark.entity_type]
        counts["gold"] += 1
        same = [hit for hit in hits if hit.entity_type == mark.entity_type]
        row = (identifier, path, mark.entity_type, text[mark.start : mark.end])
        if 2 * sum(_common(mark, hit) for hit in same) >= mark.end - mark.start:
            counts["hit"] += 1
        else:
            tally.misses.append(Miss("missed", *row))
        counts["exact"] += any((hit.start, hit.end) == (mark.start, mark.end) for hit in same)
        what = disposition(mark)
        tally.total[what] += 1
        letters = {i for i in range(mark.start, mark.end) if text[i].isalnum()}
        if what != "stay":
            may_go |= letters
        if what == "go" and letters - redacted:
            tally.misses.append(Miss("leaked" if letters - redacted - deferred else "delayed", *row))
        elif what == "defer" and letters & redacted:
            tally.misses.append(Miss("early", *row))
        elif what == "defer" and 2 * len(letters & deferred) < len(letters):
            tally.misses.append(Miss("forever", *row))
        elif what == "stay" and letters & (redacted | deferred):
            tally.misses.append(Miss("wrong", *row))
    for hit in hits:
        counts = tally.types[hit.entity_type]
        counts["found"] += 1
        row = (identifier, path, hit.entity_type, text[hit.start : hit.end])
        if any(2 * _common(m, hit) >= hit.end - hit.start for m in marks if m.entity_type == hit.entity_type):
            counts["right"] += 1
        else:
            tally.misses.append(Miss("false", *row))
        if hit.action in ("redact", "defer"):
            takes = {i for i in range(hit.start, min(hit.end, len(text))) if text[i].isalnum()}
            if not takes & may_go or len(takes - may_go) >= _WRONG_FROM:
                tally.misses.append(Miss("wrong", *row))


def _common(mark: Mark, hit: Hit) -> int:
    return max(0, min(mark.end, hit.end) - max(mark.start, hit.start))


def _letters(text: str, hits: Iterable[Hit], action: str) -> set[int]:
    return {
        i
        for hit in hits
        if hit.action == action
        for i in range(hit.start, min(hit.end, len(text)))
        if text[i].isalnum()
    }


@dataclass(frozen=True, slots=True)
class TypeScore:
    """`recall` and `precision` by overlap of at least half; `exact_f1` by equal span. Of 1."""

    gold: int
    found: int
    recall: float
    precision: float
    exact_f1: float


def type_scores(tally: Tally) -> Mapping[str, TypeScore]:
    scores = {}
    for entity_type, counts in sorted(tally.types.items()):
        if gold := counts["gold"]:
            found = counts["found"]
            precision = counts["right"] / found if found else 0.0
            scores[entity_type] = TypeScore(
                gold, found, counts["hit"] / gold, precision, 2 * counts["exact"] / (gold + found)
            )
    return scores


def wilson(count: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a rate (Wilson 1927); (0, 1) when there is nothing to go by."""
    if not total:
        return 0.0, 1.0
    rate = count / total
    middle = rate + z * z / (2 * total)
    half = z * math.sqrt(rate * (1 - rate) / total + z * z / (4 * total * total))
    return (middle - half) / (1 + z * z / total), (middle + half) / (1 + z * z / total)
