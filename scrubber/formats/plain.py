"""Plain text: one view, ("text",), of whatever is text and not HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scrubber.budget import Budget
from scrubber.errors import FormatError
from scrubber.finding import Edit, Unread
from scrubber.formats.base import ByteEdit
from scrubber.formats.charset import Decoded, decode
from scrubber.formats.spans import Patch, TextMap
from scrubber.formats.unwrapping import unflow, unfold
from scrubber.message import Child, Path, TextView, ViewKind

PLAIN_TYPES = frozenset({"text/*", "application/xml", "application/csv", "application/x-yaml"})
FOLDED_TYPES = frozenset({"text/calendar", "text/vcard", "text/x-vcard", "text/directory", "application/ics"})

_ARMOUR = re.compile(r"^-----BEGIN PGP MESSAGE-----[ \t]*\r?$", re.MULTILINE)
_UUENCODED = re.compile(
    r"^begin [0-7]{3,4} [^\r\n]+\r?\n[!-M][!-`]{4,}\r?$|^begin-base64 [0-7]{3,4} [^\r\n]+\r?\n[A-Za-z0-9+/=]{4,}\r?$"
    r"|^=ybegin [^\r\n]*name=",
    re.MULTILINE,
)
_ARMOUR_END = "-----END PGP MESSAGE-----"


@dataclass(frozen=True, slots=True)
class PlainDocument:
    """One text. `map` leads from the view to the decoded text where lines were joined, else None."""

    views: tuple[TextView, ...]
    unread: tuple[Unread, ...]
    decoded: Decoded = field(repr=False)
    map: TextMap | None = field(repr=False)
    children: tuple[Child, ...] = ()
    notes: tuple[str, ...] = ()

    def lower(self, edits: Sequence[Edit], children: Mapping[Path, Sequence[ByteEdit]]) -> tuple[ByteEdit, ...]:  # noqa: ARG002 - the protocol's; a text has none
        patches = [Patch(edit.start, edit.end, edit.text) for edit in edits]
        if self.map is not None:
            patches = self.map.lower(patches, str, across=True)
        return self.decoded.lower(patches)


class PlainFormat:
    """Text as it stands, or with its lines joined: format=flowed (RFC 3676), or `join` for folded types."""

    __slots__ = ("_join", "media_types", "name")

    def __init__(
        self,
        name: str = "plain",
        media_types: frozenset[str] = PLAIN_TYPES,
        join: Callable[[str], TextMap] | None = None,
    ) -> None:
        self.name = name
        self.media_types = media_types
        self._join = join

    def open(
        self, payload: bytes, parameters: Mapping[str, str], path: Path, budget: Budget, *, kind: ViewKind, group: str
    ) -> PlainDocument:
        """`parameters`: charset, format, delsp. FormatError "encrypted": nothing but a PGP message (RFC 4880)."""
        decoded = decode(payload, parameters.get("charset", ""))
        budget.take_characters(len(decoded.text))
        encrypted = pgp_block(decoded.text)
        if encrypted == "whole":
            raise FormatError("encrypted")
        joined = self._joined(decoded.text, parameters)
        text = decoded.text if joined is None else joined.text
        views = (TextView((*path, "text"), text, kind, group),) if text else ()
        return PlainDocument(views, tuple(_unread(decoded, path, encrypted=bool(encrypted))), decoded, joined)

    def _joined(self, text: str, parameters: Mapping[str, str]) -> TextMap | None:
        if self._join is not None:
            return self._join(text)
        if parameters.get("format", "").strip().lower() == "flowed":
            return unflow(text, delete_space=parameters.get("delsp", "").strip().lower() == "yes")
        return None


def _unread(decoded: Decoded, path: Path, *, encrypted: bool) -> Iterator[Unread]:
    if encrypted:
        yield Unread((*path, "pgp"), "application/pgp-encrypted", "encrypted")
    if _UUENCODED.search(decoded.text):
        yield Unread((*path, "uuencode"), "text/x-uuencode", "uuencode")
    if decoded.doubtful:
        yield Unread((*path, "text"), "text/plain", "broken-charset")


def folded_format() -> PlainFormat:
    """Calendars and address cards."""
    return PlainFormat("folded", FOLDED_TYPES, unfold)


def pgp_block(text: str) -> str:
    """ "whole" for text that is one PGP message, "part" where one stands in it, else ""."""
    begin = _ARMOUR.search(text)
    if begin is None:
        return ""
    end = text.find(_ARMOUR_END, begin.end())
    rest = "" if end < 0 else text[end + len(_ARMOUR_END) :]
    return "part" if text[: begin.start()].strip() or rest.strip() else "whole"
