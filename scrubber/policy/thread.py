"""Who said what in a text: the sender's own words, the signature, and quoted turns with their authors.

`split` is one pass over the lines, linear in the text. Offsets are code points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scrubber.message import Message
from scrubber.policy.authors import Author, Authors
from scrubber.policy.folded import compile_pattern, fold
from scrubber.policy.quotes import Header, depth_of, headers
from scrubber.policy.signature import signature_start

Kind = Literal["own", "signature", "quote"]

_QUOTED = compile_pattern(r"(?m:^)[ \t]*>")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch [start, end) of one kind. `number` counts quoted turns from 1 in order of appearance; 0 for own text.

    `body` is where a quoted turn's own words begin, after the line or block that introduces it.
    """

    start: int
    end: int
    kind: Kind
    author: Author = "sender"
    number: int = 0
    body: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    number: int
    header: Header | None
    depth: int


def split(text: str, folded: bytes, authors: Authors) -> tuple[Segment, ...]:
    """The segments of `text`, ascending, covering it without gaps. `folded` is `fold(text)`."""
    raw = _runs(folded)
    texts: dict[int, list[bytes]] = {}
    turns: dict[int, _Turn] = {}
    for start, end, turn, body in raw:
        if turn is not None:
            turns[turn.number] = turn
            known = texts.setdefault(turn.number, [])
            if sum(map(len, known)) < 4000:
                known.append(folded[max(start, body) : min(end, max(start, body) + 4000)])
    who: dict[int, Author] = {}
    forwarded = False
    for number, turn in turns.items():
        header = folded[turn.header.start : turn.header.end] if turn.header else b""
        kind = turn.header.kind if turn.header else ""
        forwarded = forwarded or kind == "forward"
        who[number] = authors.of(header, kind, turn.depth, b" ".join(texts[number]), forwarded)
    segments: list[Segment] = []
    last_own = max((i for i, run in enumerate(raw) if run[2] is None), default=-1)
    for index, (start, end, turn, body) in enumerate(raw):
        if turn is not None:
            segments.append(Segment(start, end, "quote", who[turn.number], turn.number, max(start, body)))
            continue
        # A signature closes the sender's own words: before the quoted text, or at the very end under it.
        sign = signature_start(folded, start, end, authors.sender_names) if _closes(raw, index, last_own) else end
        if sign > start:
            segments.append(Segment(start, sign, "own", body=start))
        if sign < end:
            resume = _postscript(folded, sign, end)
            segments.append(Segment(sign, resume, "signature", body=sign))
            if resume < end:
                segments.append(Segment(resume, end, "own", body=resume))
    return tuple(segments) or (Segment(0, len(text), "own"),)


_Run = tuple[int, int, "_Turn | None", int]

_POSTSCRIPT = compile_pattern(r"\n[ \t]*(?:p\.?s\.?|n\.?b\.?|o ja|trouwens|vergeten|ps2)\b[ \t:.,]|\n[ \t]*\*[ \t]+\w")


def _postscript(folded: bytes, start: int, end: int) -> int:
    match = _POSTSCRIPT.search(folded[start:end])
    return start + match.start() + 1 if match else end


def _closes(raw: Sequence[_Run], index: int, last_own: int) -> bool:
    return index == last_own or raw[index + 1][2] is not None


def _runs(folded: bytes) -> list[_Run]:
    """Stretches of own text (None) and of quoted turns."""
    marks = headers(folded)
    if not marks and not _QUOTED.found(folded):
        return [(0, len(folded), None, 0)] if folded else []
    runs: list[_Run] = []
    memory: dict[int, _Turn] = {}
    pending: Header | None = None
    flat: _Turn | None = None
    count = 0
    at = 0
    mark = 0
    size = len(folded)
    while at < size:
        if mark < len(marks) and marks[mark].start <= at:
            pending = marks[mark]
            mark += 1
            runs.append((at, pending.end, None, -1))
            at = max(at + 1, pending.end)
            continue
        stop = folded.find(b"\n", at) + 1 or size
        if mark < len(marks):
            stop = min(stop, max(marks[mark].start, at + 1))
        line = folded[at:stop]
        depth = depth_of(line)
        blank = not line.strip(b"> \t\n")
        turn: _Turn | None
        if blank and runs and not (depth and pending is None and runs[-1][2] is None):
            start, _, turn, body = runs.pop()
            runs.append((start, stop, turn, body))
            at = stop
            continue
        if pending is not None:
            count += 1
            turn = _Turn(count, pending, depth)
            if depth <= pending.depth and (depth == 0 or pending.depth > 0):
                flat = turn if depth == 0 else flat
            memory = {d: t for d, t in memory.items() if d < depth} | {depth: turn}
            runs = _attach(runs, turn)
            pending = None
        elif depth == 0:
            turn = flat
        elif depth in memory:
            turn = memory[depth]
        else:
            count += 1
            turn = memory[depth] = _Turn(count, None, depth)
        if runs and runs[-1][2] is turn and runs[-1][3] != -1:
            start, _, _, body = runs.pop()
            runs.append((start, stop, turn, body))
        else:
            runs.append((at, stop, turn, at))
        at = stop
    if pending is not None:
        runs = _attach(runs, _Turn(count + 1, pending, pending.depth))
    return [(start, end, turn, body if body >= 0 else start) for start, end, turn, body in runs]


def _attach(runs: list[_Run], turn: _Turn) -> list[_Run]:
    """Give the introduction(s) at the end of `runs` to the turn that they introduce."""
    start = None
    end = 0
    while runs and runs[-1][3] == -1:
        start, last, _, _ = runs.pop()
        end = max(end, last)
    if start is not None:
        runs.append((start, end, turn, end))
    return runs


def own_text(folded: bytes, segments: Sequence[Segment]) -> bytes:
    """The sender's own words without quotes and signature, at their offsets: the rest is blanked."""
    parts = []
    for segment in segments:
        part = folded[segment.start : segment.end]
        parts.append(part if segment.kind == "own" else b"\n" * len(part))
    return b"".join(parts)


def segment_at(segments: Sequence[Segment], at: int) -> Segment:
    """The segment that holds offset `at` (binary search)."""
    low, high = 0, len(segments) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if segments[middle].start <= at:
            low = middle
        else:
            high = middle - 1
    return segments[low]


def read(text: str, message: Message, desk_addresses: Sequence[str] = ()) -> tuple[Segment, ...]:
    """`split` for one text of a message."""
    return split(text, fold(text), Authors.of_message(message, desk_addresses, subject=""))
