"""A message of a ticket system: its texts as children, by name; the names of its attachments as views.

The payload is what `scrubber.pieces.dump` makes. What is edited is the inside of the texts; the rest keeps its bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scrubber.budget import Budget
from scrubber.errors import FormatError
from scrubber.finding import Edit, Unread
from scrubber.formats.base import ByteEdit
from scrubber.formats.charset import Decoded, decode
from scrubber.formats.json_text import Scalar, escaped, literal, said, scalars
from scrubber.formats.reasons import unread_reason
from scrubber.formats.spans import Patch
from scrubber.message import Child, Path, TextView, ViewKind
from scrubber.pieces import PIECES_TYPE, Attached, Piece, load

_TEXTS = frozenset({"text/plain", "text/html"})


@dataclass(frozen=True, slots=True)
class PiecesDocument:
    """An opened message. `spots`: where the literal of each child and each view stands."""

    views: tuple[TextView, ...]
    children: tuple[Child, ...]
    unread: tuple[Unread, ...]
    order: tuple[Path, ...]
    decoded: Decoded = field(repr=False)
    spots: Mapping[Path, Scalar] = field(repr=False)
    notes: tuple[str, ...] = ()

    def lower(self, edits: Sequence[Edit], children: Mapping[Path, Sequence[ByteEdit]]) -> tuple[ByteEdit, ...]:
        by_path: dict[Path, list[Patch]] = {}
        for edit in edits:
            by_path.setdefault(edit.path, []).append(Patch(edit.start, edit.end, edit.text))
        texts = {child.path: child.payload for child in self.children}
        for path, wanted in children.items():
            by_path[path] = [patch_of(texts[path], edit) for edit in wanted]
        patches: list[Patch] = []
        for path, lowered in by_path.items():
            spot = self.spots[path]
            patches += literal(self.decoded.text, spot.start, spot.end).lower(lowered, escaped, across=True)
        return self.decoded.lower(patches)


class PiecesFormat:
    name = "pieces"
    media_types = frozenset({PIECES_TYPE})

    def open(
        self, payload: bytes, parameters: Mapping[str, str], path: Path, budget: Budget, *, kind: ViewKind, group: str
    ) -> PiecesDocument:
        """FormatError "not-pieces": the payload is nothing that `pieces.dump` made."""
        del parameters, kind, group  # each piece says its own
        pieces = load(payload)
        decoded = decode(payload, "utf-8")
        spots = _spots(decoded.text, budget)
        if len({piece.name for piece in pieces}) != len(pieces):
            raise FormatError("not-pieces")
        budget.take_parts(len(pieces))
        views: list[TextView] = []
        children: list[Child] = []
        unread: list[Unread] = []
        order: list[Path] = []
        found: dict[Path, Scalar] = {}
        for number, piece in enumerate(pieces):
            here = (*path, piece.name)
            order.append(here)
            if isinstance(piece, Attached):
                unread.append(Unread(here, piece.media_type, unread_reason(piece.media_type, piece.filename)))
                if piece.filename:
                    shown = (*here, "attachment@filename")
                    order[-1] = shown
                    spot = found[shown] = spots[number, "filename"]
                    text = said(decoded.text, spot.start, spot.end)
                    budget.take_characters(len(text))
                    views.append(TextView(shown, text, "filename"))
                continue
            spot = found[here] = spots[number, "text"]
            children.append(_child(here, piece, said(decoded.text, spot.start, spot.end)))
        return PiecesDocument(tuple(views), tuple(children), tuple(unread), tuple(order), decoded, found)


def _child(path: Path, piece: Piece, text: str) -> Child:
    media_type = piece.media_type if piece.media_type in _TEXTS else "text/plain"
    return Child(path, media_type, text.encode(), {"charset": "utf-8"}, piece.group, piece.kind)


def _spots(text: str, budget: Budget) -> dict[tuple[int, str], Scalar]:
    """(number of the piece, name of the member) -> where its value stands."""
    return {
        (int(scalar.names[0]), scalar.names[1]): scalar
        for scalar in scalars(text, budget.take_characters)
        if scalar.is_string and not scalar.is_key and len(scalar.names) == 2
    }


def patch_of(payload: bytes, edit: ByteEdit) -> Patch:
    """An edit on a text's bytes as one on its code points."""
    start = len(payload[: edit.start].decode())
    return Patch(start, start + len(payload[edit.start : edit.end].decode()), edit.data.decode())
