"""JSON with named text fields, as `scrubber analyze` and web hooks bring it.

The parameter `fields` holds JSON Pointers (RFC 6901) separated by spaces; "*" as a step is every item of an array or
every member of an object, "**" any number of them. A view's path is the payload's own and the pointer's steps. Without
the parameter (a JSON file attached to a mail) every string is a view, and every number and member name that could be a
datum: ("json#17",), counted, because names may hold personal data themselves.

With the parameter `passes`, pointers too, everything else that could be a datum is a view as well: what is not known to
be no text is searched, and so is what is known and yet holds words with a number. The parameter `html` says which
strings hold HTML.
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
from scrubber.formats.pieces import patch_of
from scrubber.formats.spans import Patch, TextMap
from scrubber.message import Child, Path, TextView, ViewKind
from scrubber.pointers import Pointer, leads, parse
from scrubber.prose import speaks

FIELDS_TYPES = frozenset({"application/json"})
VIEW_COST = 16

_BODIES = frozenset({"body", "text", "description", "message"})
_TELLS = re.compile(r"\d{4}|@")


@dataclass(frozen=True, slots=True)
class FieldsDocument:
    """An opened object. `spots` say where the literal of each view's path stands."""

    views: tuple[TextView, ...]
    decoded: Decoded = field(repr=False)
    spots: Mapping[Path, Scalar] = field(repr=False)
    children: tuple[Child, ...] = ()
    unread: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = ()
    order: tuple[Path, ...] = ()

    def lower(self, edits: Sequence[Edit], children: Mapping[Path, Sequence[ByteEdit]]) -> tuple[ByteEdit, ...]:
        texts = {child.path: child.payload for child in self.children}
        by_path = {path: [patch_of(texts[path], edit) for edit in lowered] for path, lowered in children.items()}
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
        """`parameters`: fields, passes, html, charset. FormatError: "not-json", "too-deep", "fields" (no pointers)."""
        wanted = _Wanted.of(parameters)
        decoded = decode(payload, parameters.get("charset") or json.detect_encoding(payload))
        views: list[TextView] = []
        children: list[Child] = []
        spots: dict[Path, Scalar] = {}
        for count, scalar in enumerate(scalars(decoded.text, budget.take_characters), 1):
            shown_as = wanted.kind(scalar)
            if shown_as is None and (wanted.passes is None or not scalar.is_string):
                continue
            steps: Path = scalar.steps if wanted.pointers is not None and not scalar.is_key else (f"json#{count}",)
            text = decoded.text[scalar.start : scalar.end]
            if scalar.is_string:
                text = said(decoded.text, scalar.start, scalar.end)
            if shown_as is None:
                if not speaks(text, scalar.names):
                    continue
                shown_as = "field"
            if wanted.rest and (scalar.is_key or not scalar.is_string) and not _TELLS.search(text):
                continue
            budget.take_characters(len(text) + VIEW_COST)
            here = (*path, *steps)
            spots[here] = scalar
            if scalar.is_string and wanted.is_html(scalar):
                children.append(Child(here, "text/html", text.encode(), {"charset": "utf-8"}, group, shown_as))
            else:
                shown: ViewKind = "hidden" if kind == "hidden" and wanted.pointers is None else shown_as
                views.append(TextView(here, text, shown, group))
        doubtful = (Unread(path, "application/json", "broken-charset"),) if decoded.doubtful else ()
        return FieldsDocument(
            tuple(views), decoded, spots, tuple(children), unread=doubtful, order=tuple(dict.fromkeys(spots))
        )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which strings, and numbers and names, are text. `pointers` None: all; `passes` None: none beside `pointers`."""

    pointers: tuple[Pointer, ...] | None
    passes: tuple[Pointer, ...] | None
    html: tuple[Pointer, ...]

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> _Wanted:
        fields, passes, html = (_pointers(parameters.get(name)) for name in ("fields", "passes", "html"))
        return cls(fields, passes, html or ())

    @property
    def rest(self) -> bool:
        """Whether what no pointer leads to is text too."""
        return self.pointers is None or self.passes is not None

    def kind(self, scalar: Scalar) -> ViewKind | None:
        """What this string, number or name is called; None: it is no text."""
        if self.pointers is None:
            return "field"
        if not scalar.is_key and scalar.is_string:
            for pointer in self.pointers:
                if leads(pointer, scalar.names):
                    last = pointer[-1] if pointer else ""
                    return "subject" if last == "subject" else "body" if last in _BODIES else "field"
        if self.passes is None or (not scalar.is_key and any(leads(known, scalar.names) for known in self.passes)):
            return None
        return "field"

    def is_html(self, scalar: Scalar) -> bool:
        return not scalar.is_key and any(leads(pointer, scalar.names) for pointer in self.html)


def _pointers(text: str | None) -> tuple[Pointer, ...] | None:
    return None if text is None else tuple(parse_pointer(pointer) for pointer in text.split())


def parse_pointer(text: str) -> Pointer:
    """The steps of a JSON Pointer. FormatError "fields" for what is none."""
    if not text.startswith("/"):
        raise FormatError("fields")
    return parse(text)
