"""JSON with named text fields, as `scrubber analyze` and web hooks bring it.

The parameter `fields` holds JSON Pointers (RFC 6901) separated by spaces; "*" as a step is every item of an array or
every member of an object. A view's path is the payload's own and the pointer's steps. Without the parameter (a JSON
file attached to a mail) every string is a view, and every number and member name that could be a datum:
("json#17",), counted, because names may hold personal data themselves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scrubber.budget import Budget
from scrubber.errors import FormatError
from scrubber.finding import Edit, Unread
from scrubber.formats.base import ByteEdit
from scrubber.formats.charset import Decoded, decode
from scrubber.formats.json_text import Scalar, escaped, literal, said, scalars
from scrubber.formats.spans import Patch, TextMap
from scrubber.message import Child, Path, TextView, ViewKind

FIELDS_TYPES = frozenset({"application/json"})
VIEW_COST = 16

_BODIES = frozenset({"body", "text", "description", "message"})
_TELLS = re.compile(r"\d{4}|@")
_STEP = re.compile(r"~([01])")

Pointer = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldsDocument:
    """An opened object. `spots` say where the literal of each view's path stands."""

    views: tuple[TextView, ...]
    decoded: Decoded = field(repr=False)
    spots: Mapping[Path, Scalar] = field(repr=False)
    children: tuple[Child, ...] = ()
    unread: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = ()

    def lower(self, edits: Sequence[Edit], children: Mapping[Path, Sequence[ByteEdit]]) -> tuple[ByteEdit, ...]:  # noqa: ARG002 - the protocol's; there are none
        by_path: dict[Path, list[Patch]] = {}
        for edit in edits:
            by_path.setdefault(edit.path, []).append(Patch(edit.start, edit.end, edit.text))
        patches: list[Patch] = []
        for path, wanted in by_path.items():
            spot = self.spots[path]
            if spot.is_string:
                mapped = literal(self.decoded.text, spot.start, spot.end)
                patches += mapped.lower(wanted, escaped, across=True)
            else:
                patches.append(self._lower_number(spot, wanted))
        return self.decoded.lower(patches)

    def _lower_number(self, spot: Scalar, wanted: Sequence[Patch]) -> Patch:
        """A number that is edited becomes a string, so that the payload stays JSON."""
        number = TextMap()
        number.copy(self.decoded.text[spot.start : spot.end], 0)
        text = number.text
        for start, end, replacement in reversed(number.lower(wanted, str, across=True)):
            text = text[:start] + replacement + text[end:]
        return Patch(spot.start, spot.end, json.dumps(text, ensure_ascii=False))


class FieldsFormat:
    name = "fields"
    media_types = FIELDS_TYPES

    def open(
        self, payload: bytes, parameters: Mapping[str, str], path: Path, budget: Budget, *, kind: ViewKind, group: str
    ) -> FieldsDocument:
        """`parameters`: fields, charset. FormatError: "not-json", "too-deep", "fields" (not a list of pointers)."""
        wanted = parameters.get("fields")
        pointers = None if wanted is None else [parse_pointer(pointer) for pointer in wanted.split()]
        decoded = decode(payload, parameters.get("charset") or json.detect_encoding(payload))
        views: list[TextView] = []
        spots: dict[Path, Scalar] = {}
        for count, scalar in enumerate(scalars(decoded.text, budget.take_characters), 1):
            if pointers is None:
                steps: Path = (f"json#{count}",)
                shown_as: ViewKind | None = "hidden" if kind == "hidden" else "field"
            else:
                steps = scalar.steps
                shown_as = _kind(scalar, pointers)
            if shown_as is None:
                continue
            text = decoded.text[scalar.start : scalar.end]
            if scalar.is_string:
                text = said(decoded.text, scalar.start, scalar.end)
            if pointers is None and (scalar.is_key or not scalar.is_string) and not _TELLS.search(text):
                continue
            budget.take_characters(len(text) + VIEW_COST)
            views.append(TextView((*path, *steps), text, shown_as, group))
            spots[(*path, *steps)] = scalar
        doubtful = (Unread(path, "application/json", "broken-charset"),) if decoded.doubtful else ()
        return FieldsDocument(tuple(views), decoded, spots, unread=doubtful)


def parse_pointer(text: str) -> Pointer:
    """The steps of a JSON Pointer. FormatError "fields" for what is none."""
    if not text.startswith("/"):
        raise FormatError("fields")
    return tuple(_STEP.sub(lambda found: "~/"[int(found[1])], step) for step in text[1:].split("/"))


def _kind(scalar: Scalar, pointers: Sequence[Pointer]) -> ViewKind | None:
    """What the first pointer that leads to this string calls it; None where none does."""
    if scalar.is_key or not scalar.is_string:
        return None
    for pointer in pointers:
        if len(pointer) == len(scalar.names) and all(map(_leads, pointer, scalar.names)):
            last = pointer[-1]
            return "subject" if last == "subject" else "body" if last in _BODIES else "field"
    return None


def _leads(wanted: str, name: str) -> bool:
    return wanted in ("*", name)
