"""Header values as a reader sees them, and edits on them written back so that the field stays valid.

A value is cut into units. An edit on plain text is spliced in place; one on encoded words rewrites the words it
touches, one on a file name the parameter. Sources: RFC 5322, RFC 2047, RFC 2231.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from scrubber.formats.encoded_words import encode_words, encoded_runs
from scrubber.formats.parameters import Parameter, escape_quoted, write_parameter
from scrubber.formats.spans import Patch, TextMap, in_order

UnitKind = Literal["text", "encoded", "phrase", "quoted", "address", "comment", "mark"]

FOLD = re.compile(r"(?:\r\n|\n|\r)(?=[ \t])")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_QUOTED_MARK = re.compile(r"\\(.)|(?:\r?\n|\r)([ \t])", re.DOTALL)
_PIECE = re.compile(r"[ \t\r\n]++|[^ \t\r\n]++")


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of a value: what it says, and where it stands. `map` leads from what it says into the value."""

    kind: UnitKind
    text: str = field(repr=False)
    start: int
    end: int
    map: TextMap | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class HeaderText:
    """A header value and its units; `text` is what a reader sees."""

    value: str = field(repr=False)
    units: tuple[Unit, ...] = field(repr=False)
    write: Callable[[HeaderText, Sequence[Patch]], list[Patch]]

    @property
    def text(self) -> str:
        return "".join(unit.text for unit in self.units)

    def lower(self, patches: Sequence[Patch]) -> list[Patch]:
        """Patches on `text` -> sorted, disjoint patches on `value`."""
        clean = [Patch(p.start, p.end, _CONTROLS.sub(" ", p.text)) for p in in_order(patches, len(self.text))]
        return self.write(self, clean) if clean else []


def free_text(value: str, line_end: str, start: int = 0, stop: int | None = None) -> HeaderText:
    """A value without structure, or value[start:stop] of one with: text and encoded words."""
    said = value[start:stop]
    stop = start + len(said.rstrip())
    start += len(said) - len(said.lstrip())
    units: list[Unit] = []
    at = start
    for run in encoded_runs(value, start, stop):
        units += literal_units(value, at, run.start)
        units.append(Unit("encoded", run.text, run.start, run.end))
        at = run.end
    units += literal_units(value, at, stop)

    def write(header: HeaderText, patches: Sequence[Patch]) -> list[Patch]:
        return _splice(header, patches) or _encode(header, patches, line_end)

    return HeaderText(value, tuple(units), write)


def file_name(value: str, parameter: Parameter) -> HeaderText:
    """A parameter, such as `name` or `filename`."""
    segment = parameter.segments[0]
    unit = Unit("quoted", parameter.text, segment.start, segment.end)

    def write(header: HeaderText, patches: Sequence[Patch]) -> list[Patch]:
        return _write_parameter(header, parameter, patches)

    return HeaderText(value, (unit,), write)


def literal_units(value: str, start: int, end: int, kind: UnitKind = "text") -> Iterator[Unit]:
    """Text that stands there as it is, unfolded."""
    if start >= end:
        return
    said = TextMap()
    at = start
    for fold in FOLD.finditer(value, start, end):
        said.copy(value[at : fold.start()], at)
        # One with its white space: what replaces that space must not end the field.
        at = min(fold.end() + 1, end)
        said.atom(value[fold.end() : at], fold.start(), at)
    said.copy(value[at:end], at)
    yield Unit(kind, said.text, start, end, said)


def _splice(header: HeaderText, patches: Sequence[Patch]) -> list[Patch]:
    """The patches in place, where each touches plain text only and is plain itself; else nothing."""
    starts = unit_starts(header.units)
    shares: dict[int, tuple[TextMap, list[Patch]]] = {}
    for patch in patches:
        touched = touched_units(header.units, starts, patch)
        said = header.units[touched[0]].map if len(touched) == 1 else None
        if said is None or not _is_plain(patch):
            return []
        start = starts[touched[0]]
        moved = Patch(patch.start - start, patch.end - start, patch.text)
        shares.setdefault(touched[0], (said, []))[1].append(moved)
    return [patch for said, share in shares.values() for patch in said.lower(share, str, across=True)]


def _write_parameter(header: HeaderText, parameter: Parameter, patches: Sequence[Patch]) -> list[Patch]:
    """The parameter anew, in the place of its first segment; the others go, with the separators before them."""
    first, *rest = parameter.segments
    if parameter.simple and first.quoted and all(map(_is_plain, patches)):
        return _quoted_content(header.value, first.inner, first.inner_end).lower(patches, escape_quoted, across=True)
    written = write_parameter(
        parameter.name, apply(parameter.text, patches), extended=first.extended and first.order is None
    )
    return [Patch(first.start, first.end, written), *(Patch(segment.before, segment.end, "") for segment in rest)]


def _quoted_content(value: str, start: int, end: int) -> TextMap:
    """What stands between the quotes at value[start:end]."""
    said = TextMap()
    at = start
    for mark in _QUOTED_MARK.finditer(value, start, end):
        said.copy(value[at : mark.start()], at)
        said.atom(mark[1] or mark[2], *mark.span())
        at = mark.end()
    said.copy(value[at:end], at)
    return said


def unit_starts(units: Sequence[Unit]) -> list[int]:
    """Where each unit's text starts in the whole."""
    starts = [0]
    for unit in units:
        starts.append(starts[-1] + len(unit.text))
    return starts[:-1]


def touched_units(units: Sequence[Unit], starts: Sequence[int], patch: Patch) -> list[int]:
    """The indices of the units whose text a patch changes; an insertion belongs to the unit before it, if any."""
    if patch.start == patch.end:
        return [max(bisect_left(starts, patch.start) - 1, 0)]
    first = bisect_right(starts, patch.start) - 1
    last = bisect_left(starts, patch.end) - 1
    return [n for n in range(first, last + 1) if units[n].text]


def _is_plain(patch: Patch) -> bool:
    """Whether a replacement can stand in free text as it is."""
    return patch.text.isascii() and "=?" not in patch.text


def apply(text: str, patches: Sequence[Patch]) -> str:
    """`text` after sorted, disjoint patches."""
    out: list[str] = []
    at = 0
    for start, end, replacement in patches:
        out += (text[at:start], replacement)
        at = end
    return "".join((*out, text[at:]))


class _Item(NamedTuple):
    """A word, white space or a run of encoded words: text[start:end] of a header, value[begin:stop] of its value."""

    kind: Literal["word", "space", "encoded"]
    start: int
    end: int
    begin: int
    stop: int


def _items(header: HeaderText) -> Iterator[_Item]:
    at = 0
    for unit in header.units:
        if unit.map is None:
            yield _Item("encoded", at, at + len(unit.text), unit.start, unit.end)
            at += len(unit.text)
            continue
        for piece in _PIECE.finditer(header.value, unit.start, unit.end):
            size = len(FOLD.sub("", piece[0]))
            yield _Item("space" if piece[0][0] in " \t\r\n" else "word", at, at + size, *piece.span())
            at += size


def _encode(header: HeaderText, patches: Sequence[Patch], line_end: str) -> list[Patch]:
    """The words touched become encoded words.

    Those must stand between white space, and white space between two of them is not shown: so what touches a rewritten
    word, and an encoded word beside it, is rewritten with it.
    """
    items = list(_items(header))
    starts = [item.start for item in items]
    widened = _widened(items)
    regions: list[tuple[int, int, list[Patch]]] = []
    for patch in patches:
        first = max(bisect_right(starts, patch.start) - 1, 0)
        last = max(bisect_left(starts, patch.end) - 1, first)
        first, last = widened[first][0], widened[last][1]
        if regions and first <= regions[-1][1] + 2:
            low, high, share = regions[-1]
            share.append(patch)
            regions[-1] = (low, max(last, high), share)
        else:
            regions.append((first, last, [patch]))
    text = header.text
    lowered: list[Patch] = []
    for low, high, share in regions:
        left, right = items[low], items[high]
        moved = [Patch(p.start - left.start, p.end - left.start, p.text) for p in share]
        said = apply(text[left.start : right.end], moved)
        lowered.append(Patch(left.begin, right.stop, encode_words(said, line_end)))
    return lowered


def _widened(items: Sequence[_Item]) -> list[tuple[int, int]]:
    """Per item the first and the last one that must be encoded together with it."""
    spaces = [item.kind == "space" for item in items]
    encoded = [item.kind == "encoded" for item in items]
    first = list(range(len(items)))
    last = list(range(len(items)))
    for n in range(1, len(items)):
        if not spaces[n - 1] or (n > 1 and encoded[n - 2]):
            first[n] = first[n - 1]
    for n in range(len(items) - 2, -1, -1):
        if not spaces[n + 1] or (n + 2 < len(items) and encoded[n + 2]):
            last[n] = last[n + 1]
    return list(zip(first, last, strict=True))
