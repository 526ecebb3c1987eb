"""Text that was assembled from pieces of a source, and the way back from an edit on the text to edits on the source."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

_NOWHERE = -1


class Patch(NamedTuple):
    """Replace [start, end) code points of a text by `text`."""

    start: int
    end: int
    text: str


def in_order(patches: Sequence[Patch], length: int) -> list[Patch]:
    """The patches sorted. ValueError where they overlap, run backwards or leave a text of `length` code points."""
    ordered = sorted(patches, key=lambda patch: (patch.start, patch.end))
    at = 0
    for patch in ordered:
        if not at <= patch.start <= patch.end <= length:
            raise ValueError("edits overlap or are out of range")
        at = patch.end
    return ordered


class TextMap:
    """A text in runs. A run is a copy (code point by code point), an atom (all or nothing: an escape) or a gap.

    A gap stands in the text but not in the source (a line break that a block tag stands for): an edit leaves it alone.
    """

    __slots__ = ("_ends", "_parts", "_starts", "_text_starts", "length")

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._text_starts: list[int] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        self.length = 0

    def copy(self, text: str, start: int) -> None:
        """Append `text`, which stands in the source from `start` on, unchanged."""
        self._append(text, start, start + len(text))

    def atom(self, text: str, start: int, end: int) -> None:
        """Append `text`, for which the source says [start, end)."""
        self._append(text, start, end)

    def gap(self, text: str) -> None:
        """Append `text`, for which nothing stands in the source."""
        self._append(text, _NOWHERE, _NOWHERE)

    def _append(self, text: str, start: int, end: int) -> None:
        if text:
            self._parts.append(text)
            self._text_starts.append(self.length)
            self._starts.append(start)
            self._ends.append(end)
            self.length += len(text)

    def drop_last(self) -> None:
        """Take the last code point off (white space that turns out to stand at the end of a line)."""
        start, end = self._starts.pop(), self._ends.pop()
        part = self._parts.pop()
        self._text_starts.pop()
        self.length -= len(part)
        if len(part) > 1:
            self._append(part[:-1], start, end - 1 if end - start == len(part) else end)

    @property
    def last(self) -> str:
        """The last code point, or "" for an empty text."""
        return self._parts[-1][-1] if self._parts else ""

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def lower(self, patches: Sequence[Patch], encode: Callable[[str], str], *, across: bool) -> list[Patch]:
        """Patches on the text -> sorted, disjoint patches on the source; replacements go through `encode`.

        `across`: what stands between two touched pieces of the source goes too (a soft line break). Otherwise the
        replacement goes where the first piece stood and the other pieces are emptied (tags between them stay).
        """
        lowered: list[Patch] = []
        for start, end, text in self._whole_atoms(patches):
            pieces = self._pieces(start, end)
            if not pieces:
                continue
            first, *rest = [(pieces[0][0], pieces[-1][1])] if across else pieces
            lowered.append(Patch(*first, encode(text)))
            lowered += (Patch(*piece, "") for piece in rest)
        return lowered

    def _whole_atoms(self, patches: Sequence[Patch]) -> list[Patch]:
        """Widen patches that cut an atom to the whole of it, keeping the text of the part they didn't mean."""
        text = self.text
        widened: list[Patch] = []
        meant_end = 0
        for start, end, replacement in in_order(patches, self.length):
            left, right = self._atom_start(start), self._atom_end(end)
            if start == end and left != start:
                right = self._atom_end(start + 1)
            if widened and left < widened[-1].end:
                previous = widened.pop()
                kept = len(previous.text) - (previous.end - meant_end)
                left, head = previous.start, previous.text[:kept] + text[meant_end:start]
            else:
                head = text[left:start]
            widened.append(Patch(left, right, head + replacement + text[end:right]))
            meant_end = end
        return widened

    def _run(self, position: int) -> int:
        return bisect_right(self._text_starts, position) - 1

    def _is_atom(self, run: int) -> bool:
        return self._starts[run] != _NOWHERE and self._ends[run] - self._starts[run] != len(self._parts[run])

    def _atom_start(self, position: int) -> int:
        if position >= self.length:
            return position
        run = self._run(position)
        return self._text_starts[run] if self._is_atom(run) else position

    def _atom_end(self, position: int) -> int:
        if position <= 0:
            return position
        run = self._run(position - 1)
        return self._text_starts[run] + len(self._parts[run]) if self._is_atom(run) else position

    def _pieces(self, start: int, end: int) -> list[tuple[int, int]]:
        if start == end:
            return self._insertion(start)
        pieces: list[tuple[int, int]] = []
        run = self._run(start)
        while run < len(self._parts) and self._text_starts[run] < end:
            source = self._starts[run]
            if source != _NOWHERE:
                begin, stop = source, self._ends[run]
                if not self._is_atom(run):
                    at = self._text_starts[run]
                    begin, stop = source + max(start - at, 0), source + min(end - at, len(self._parts[run]))
                if pieces and pieces[-1][1] == begin:
                    pieces[-1] = (pieces[-1][0], stop)
                else:
                    pieces.append((begin, stop))
            run += 1
        return pieces

    def _insertion(self, position: int) -> list[tuple[int, int]]:
        if position > 0:
            run = self._run(position - 1)
            if self._starts[run] != _NOWHERE:
                at = self._ends[run] if self._is_atom(run) else self._starts[run] + position - self._text_starts[run]
                return [(at, at)]
        if position < self.length:
            run = self._run(position)
            if self._starts[run] != _NOWHERE:
                return [(self._starts[run], self._starts[run])]
        return []
