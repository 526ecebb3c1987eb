"""Parts of a page: what the model sees at a time. A long text is looked at piece by piece."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from scrubber.detection.page import Cue, Page
from scrubber.message import Sender

SIZE = 1_500
"""Characters of a block, at most; most messages are one block."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a page. `cues` count from the block's own begin; `start` is its place in the page."""

    folded: str = field(repr=False)
    cues: Sequence[Cue] = field(repr=False)
    answers: frozenset[str]
    sender: Sender = field(repr=False)
    start: int = 0


def whole(page: Page) -> Block:
    """The page as one block, whatever its length."""
    return Block(page.folded, page.cues, page.answers, page.sender)


def blocks(page: Page, stretches: Iterable[tuple[int, int]], size: int = SIZE) -> Iterator[Block]:
    """The [begin, end) of the page, widened to whole words, in blocks of at most `size` characters.

    They are cut at an empty line, a line end or a blank where there is one, and don't overlap.
    """
    folded = page.folded
    length = len(folded)
    starts: list[int] | None = None
    done = 0
    for begin, end in stretches:
        begin = max(done, _word_begin(folded, begin))
        end = _word_end(folded, min(end, length))
        if begin == 0 and end == length and length <= size:
            yield whole(page)
            return
        if starts is None:
            starts = [cue.start for cue in page.cues]
        while begin < end:
            stop = _cut(folded, begin, min(end, begin + size)) if end - begin > size else end
            inside = page.cues[bisect_left(starts, begin) : bisect_left(starts, stop)]
            cues = [Cue(cue.start - begin, cue.end - begin, cue.kind) for cue in inside if cue.end <= stop]
            yield Block(folded[begin:stop], cues, page.answers, page.sender, begin)
            begin = done = stop


def _word_begin(folded: str, begin: int) -> int:
    least = max(0, begin - 80)
    while begin > least and not folded[begin - 1].isspace():
        begin -= 1
    return begin


def _word_end(folded: str, end: int) -> int:
    stop = min(len(folded), end + 80)
    while end < stop and not folded[end].isspace():
        end += 1
    return end


def _cut(folded: str, begin: int, end: int) -> int:
    for sign in ("\n\n", "\n", " "):
        at = folded.rfind(sign, begin + (end - begin) // 2, end)
        if at >= 0:
            return at + len(sign)
    return end
