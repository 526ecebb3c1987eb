"""What a format does: open bytes as views and children, and lower edits on a view to edits on the bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from scrubber.budget import Budget
from scrubber.finding import Edit, Unread
from scrubber.message import Child, Path, TextView, ViewKind


@dataclass(frozen=True, slots=True)
class ByteEdit:
    """Replace payload[start:end] by `data`."""

    start: int
    end: int
    data: bytes = field(repr=False)


class Document(Protocol):
    """An opened payload. `notes` are facts for the record, e.g. "signature" (a signed part: an edit breaks it)."""

    @property
    def views(self) -> tuple[TextView, ...]: ...
    @property
    def children(self) -> tuple[Child, ...]: ...
    @property
    def unread(self) -> tuple[Unread, ...]: ...
    @property
    def notes(self) -> tuple[str, ...]: ...

    def lower(self, edits: Sequence[Edit], children: Mapping[Path, Sequence[ByteEdit]]) -> tuple[ByteEdit, ...]:
        """Edits on this document's own views, and byte edits on its children's payloads -> byte edits on its payload.

        The result is sorted and does not overlap. Without edits it is empty. What is outside the edits keeps its bytes.
        """
        ...


class Format(Protocol):
    """Opens payloads of its media types. FormatError: can't be opened; BudgetExceeded: too much."""

    @property
    def name(self) -> str: ...
    @property
    def media_types(self) -> frozenset[str]: ...

    def open(
        self, payload: bytes, parameters: Mapping[str, str], path: Path, budget: Budget, *, kind: ViewKind, group: str
    ) -> Document: ...


def splice(payload: bytes, edits: Iterable[ByteEdit]) -> bytes:
    """Apply sorted, disjoint byte edits. ValueError where they overlap or leave the payload."""
    out: list[bytes] = []
    at = 0
    for edit in edits:
        if not at <= edit.start <= edit.end <= len(payload):
            raise ValueError("byte edits overlap or are out of range")
        out += (payload[at : edit.start], edit.data)
        at = edit.end
    out.append(payload[at:])
    return b"".join(out)


def path_depth(path: Path) -> int:
    """How deep a payload at `path` is nested: its steps, and the levels within a step ("1.2.3" counts three)."""
    return sum(step.count(".") + 1 for step in path)
