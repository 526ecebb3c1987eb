"""A message of a ticket system as its texts: what a desk's API gives and takes, in one payload.

A desk has no bytes of its own for a message; it has a subject, a text, perhaps HTML, attachments. They travel as
canonical JSON of the media type PIECES_TYPE, so that a digest of them means something: equal pieces, equal bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast, get_args

from scrubber.errors import FormatError
from scrubber.message import ViewKind

PIECES_TYPE = "application/vnd.scrubber.pieces+json"


@dataclass(frozen=True, slots=True)
class Piece:
    """One text. `name` is the adapter's, unique in the message, without personal data ("subject", "html", "field/12").

    `media_type`: text/plain or text/html. `group`: equal for alternatives of one text (message.TextView).
    """

    name: str
    text: str = field(repr=False)
    media_type: str = "text/plain"
    kind: ViewKind = "body"
    group: str = ""


@dataclass(frozen=True, slots=True)
class Attached:
    """Something that hangs at the message and is not read here. `name` as for Piece ("attachment/7")."""

    name: str
    media_type: str
    filename: str = field(default="", repr=False)


def dump(pieces: Iterable[Piece | Attached]) -> bytes:
    """Canonical bytes. ValueError: two pieces of one name."""
    rows: list[dict[str, str]] = []
    for piece in pieces:
        if isinstance(piece, Piece):
            row = {"name": piece.name, "type": piece.media_type, "kind": piece.kind, "group": piece.group}
            rows.append({**row, "text": piece.text})
        else:
            rows.append({"name": piece.name, "type": piece.media_type, "filename": piece.filename})
    if len({row["name"] for row in rows}) != len(rows):
        raise ValueError("two pieces of one name")
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8
        return json.dumps(rows, separators=(",", ":")).encode()


def load(payload: bytes) -> tuple[Piece | Attached, ...]:
    """What `dump` made. FormatError "not-pieces" for anything else."""
    try:
        rows = json.loads(payload)
        return tuple(_piece(row) for row in rows)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise FormatError("not-pieces") from None


def _piece(row: dict[str, object]) -> Piece | Attached:
    if not all(isinstance(value, str) for value in row.values()):
        raise TypeError
    words = cast("dict[str, str]", row)
    if set(words) == {"name", "type", "filename"}:
        return Attached(words["name"], words["type"], words["filename"])
    if set(words) != {"name", "type", "kind", "group", "text"} or words["kind"] not in get_args(ViewKind):
        raise KeyError
    return Piece(words["name"], words["text"], words["type"], cast("ViewKind", words["kind"]), words["group"])
