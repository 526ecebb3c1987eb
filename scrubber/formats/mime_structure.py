"""The parts of a mail and where they stand in its bytes, in one pass; nothing is decoded and nothing is refused.

A message/rfc822 part that is not encoded is scanned along, as a message of its own. Sources: RFC 2045, 2046, 5322;
where those are silent, what mail programs do: lines that are no header field are skipped up to the blank line (a header
without one valid field is none: it is the body), an outer boundary ends every part inside it, a part after the closing
delimiter is a part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from scrubber.budget import Budget
from scrubber.formats.base import path_depth
from scrubber.formats.mime_fields import Field, HeaderReader
from scrubber.formats.parameters import Parameter, by_name, main_value, without_comments, written_parameters
from scrubber.formats.transfer import IDENTITY
from scrubber.message import Path

MESSAGES = frozenset({"message/rfc822", "message/global", "message/news"})

_MOST_BOUNDARIES = 4
_DECISIVE = ("boundary", "charset", "format", "delsp")
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")


@dataclass(slots=True)
class Entity:
    """A message (`section` "") or a part of one. `message` is the path of the message it belongs to.

    `parts` counts the parts of a multipart; `ambiguous`: what it is, is said twice and differently, or in a header that
    is none to every reader. `boundaries` is every boundary that some reader could take for its own. `is_signature`: it
    stands where multipart/signed has its signature.
    """

    message: Path
    section: str
    fields: tuple[Field, ...]
    media_type: str
    parameters: dict[str, Parameter] = field(repr=False)
    encoding: str
    filename: str = field(repr=False)
    group: str
    ambiguous: bool
    boundaries: tuple[bytes, ...] = field(default=(), repr=False)
    is_signature: bool = False
    parts: int = 0

    @property
    def path(self) -> Path:
        """Where its body is found: the body of a message without parts is its part "1", as in IMAP."""
        return (*self.message, self.section or "1")

    def parameter(self, name: str) -> str:
        found = self.parameters.get(name)
        return found.text if found else ""


@dataclass(slots=True)
class Region:
    """payload[start:end]: the body of a leaf, or what stands before the first or after the last part of a multipart."""

    entity: Entity
    what: Literal["leaf", "preamble", "epilogue"]
    start: int
    end: int = 0


class _Delimiter(NamedTuple):
    level: int
    start: int
    end: int
    closing: bool


@dataclass(slots=True)
class Structure:
    """What was found, in order of place: each entity before its regions."""

    items: list[Entity | Region] = field(default_factory=list)
    line_end: bytes = b"\r\n"

    @property
    def root(self) -> Entity:
        return next(item for item in self.items if isinstance(item, Entity))


def scan(payload: bytes, path: Path, budget: Budget) -> Structure:
    """Parts and depth are taken from the budget as they are found, headers and false delimiters as characters.

    BudgetExceeded "header": one field is longer than LONGEST_FIELD.
    """
    return _Scan(payload, path, budget).run()


def _boundaries(written: Sequence[Parameter]) -> tuple[bytes, ...]:
    """Each as it stands, and without the comments that some readers take out of it."""
    texts: dict[str, None] = {}
    for parameter in written:
        if parameter.name == "boundary":
            texts |= dict.fromkeys((parameter.text.rstrip(), without_comments(parameter.text).strip()))
    return tuple(text.encode("latin-1", "replace") for text in texts if text)[:_MOST_BOUNDARIES]


class _Scan:
    def __init__(self, payload: bytes, path: Path, budget: Budget) -> None:
        self.payload = payload
        self.path = path
        self.budget = budget
        self.found = Structure()
        self.frames: list[tuple[tuple[bytes, ...], Entity]] = []
        self.levels: dict[bytes, int] = {}
        self.part: Entity
        self.newline = b"\n" if b"\n" in payload else b"\r"
        self.found.line_end = b"\r\n" if b"\r\n" in payload else self.newline
        self.headers = HeaderReader(payload, self.newline, budget)

    def run(self) -> Structure:
        at = self.open(0, self.path, "", "text/plain", "")
        while self.frames and (line := self.delimiter(at)) is not None:
            self.close(line.start)
            self.unwind(line.level + 1)
            entity = self.frames[line.level][1]
            if line.closing:
                self.found.items.append(Region(entity, "epilogue", line.end))
                at = line.end
            else:
                entity.parts += 1
                self.budget.take_parts(1)
                section = f"{entity.section}.{entity.parts}" if entity.section else str(entity.parts)
                default = "message/rfc822" if entity.media_type == "multipart/digest" else "text/plain"
                at = self.open(line.end, entity.message, section, default, entity.group)
                if entity.media_type == "multipart/signed" and entity.parts == 2:
                    self.part.is_signature = True
        self.close(len(self.payload))
        return self.found

    def open(self, at: int, message: Path, section: str, default: str, group: str) -> int:
        """Read the header at `at`; where its body starts."""
        while True:
            self.budget.check_depth(path_depth((*message, section) if section else message))
            fields, body, odd = self.headers.read(at, self.delimiter_at)
            entity = self.entity(fields, message, section, default, group)
            entity.ambiguous |= odd
            self.found.items.append(entity)
            self.part = entity
            if (
                entity.media_type.startswith("multipart/")
                and entity.boundaries
                and entity.media_type != "multipart/encrypted"
            ):
                self.frames.append((tuple(b"--" + boundary for boundary in entity.boundaries), entity))
                self.unwind(len(self.frames))
                self.found.items.append(Region(entity, "preamble", body))
                return body
            if entity.media_type not in MESSAGES or entity.encoding not in IDENTITY:
                self.found.items.append(Region(entity, "leaf", body))
                return body
            self.budget.take_parts(1)
            at, message, section, default, group = body, entity.path, "", "text/plain", ""

    def entity(self, fields: tuple[Field, ...], message: Path, section: str, default: str, group: str) -> Entity:
        types = self.values(fields, "content-type")
        encodings = self.values(fields, "content-transfer-encoding")
        dispositions = self.values(fields, "content-disposition")
        media_type = main_value(types[0]) if types else default
        written = written_parameters(types[0]) if types else []
        named = by_name(written)
        unclear = False
        if not _MEDIA_TYPE.fullmatch(media_type):
            unclear = "/" in media_type
            media_type = "text/plain"
        about = {**named, **(by_name(written_parameters(dispositions[0])) if dispositions else {})}
        filename = about.get("filename") or about.get("name")
        said = {name: {p.text for p in written if p.name == name} for name in _DECISIVE}
        entity = Entity(
            message,
            section,
            fields,
            media_type,
            named,
            main_value(encodings[0]) if encodings else "",
            filename.text if filename else "",
            group,
            unclear or len(set(types)) > 1 or len(set(encodings)) > 1 or any(len(texts) > 1 for texts in said.values()),
            _boundaries(written),
        )
        if media_type == "multipart/alternative":
            entity.group = "/".join((*message, section or "0"))
        return entity

    def values(self, fields: tuple[Field, ...], name: str) -> list[str]:
        """The values of a structural field, byte for byte as ISO 8859-1."""
        return [self.payload[f.start : f.end].decode("latin-1") for f in fields if f.name == name]

    def close(self, end: int) -> None:
        region = self.found.items[-1]
        if isinstance(region, Region):
            region.end = max(region.start, end)

    def unwind(self, levels: int) -> None:
        """Leave the multiparts deeper than `levels`. Of two equal boundaries the inner one counts."""
        del self.frames[levels:]
        self.levels = {
            delimiter: level for level, (delimiters, _) in enumerate(self.frames) for delimiter in delimiters
        }

    def line_after(self, at: int) -> int:
        stop = self.payload.find(self.newline, at)
        return len(self.payload) if stop < 0 else stop + 1

    def delimiter(self, at: int) -> _Delimiter | None:
        """The first delimiter line of any open multipart at or after the line start `at`."""
        for count, start in enumerate(self.dashes(at), 1):
            if not count % 1000:
                self.budget.take_characters(1000)
            if (found := self.delimiter_at(start)) is not None:
                return found
        return None

    def dashes(self, at: int) -> Iterator[int]:
        if self.payload.startswith(b"--", at):
            yield at
        mark = self.newline + b"--"
        while (found := self.payload.find(mark, at)) >= 0:
            yield found + 1
            at = found + 1

    def delimiter_at(self, start: int) -> _Delimiter | None:
        """The delimiter on the line that starts at `start`; the line end before it belongs to it."""
        payload = self.payload
        end = self.line_after(start)
        line = payload[start:end].rstrip()
        closing = line not in self.levels
        level = self.levels.get(line.removesuffix(b"--") if closing else line)
        if level is None:
            return None
        before = start - payload.endswith(self.newline, 0, start)
        before -= self.newline == b"\n" and payload.endswith(b"\r\n", 0, start)
        return _Delimiter(level, before, end, closing)
