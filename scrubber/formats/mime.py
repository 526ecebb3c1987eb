"""Mail: its headers as views, its parts as children, and edits spliced into the bytes they stand in.

Paths, below the mail's own: ("", "subject#1") its headers, ("1.2", "content-disposition@filename#1") those of part 1.2,
("1.2",) that part's payload, numbered as IMAP does: the body of a mail without parts is "1", the parts of a forwarded
mail that is part 2 are ("2", "1"), its subject ("2", "", "subject#1"). ("preamble",), ("1.epilogue",): what stands
around the parts, which no reader sees.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from scrubber.budget import Budget
from scrubber.errors import FormatError
from scrubber.finding import Edit, Unread
from scrubber.formats.base import ByteEdit
from scrubber.formats.mime_headers import HeaderView, header_views, lower_views
from scrubber.formats.mime_structure import MESSAGES, Entity, Region, Structure, scan
from scrubber.formats.plain import pgp_block
from scrubber.formats.reasons import TEXT_EXTENSIONS, extension, unread_reason
from scrubber.formats.signatures import is_signature
from scrubber.formats.spans import Patch
from scrubber.formats.transfer import decode_transfer, is_damaged_base64, known, looks_like_text, lower_transfer
from scrubber.message import Child, Path, TextView, ViewKind

MIME_TYPES = MESSAGES
_UNNAMED = frozenset({"application/octet-stream", "application/x-unknown", "application/force-download"})
_SIGNATURES = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"})
_ENVELOPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_TEXT_PARAMETERS = ("charset", "format", "delsp")
_BLANK = re.compile(rb"[\s\0]*+")


@dataclass(frozen=True, slots=True)
class MimeDocument:
    """An opened mail. `order` has the paths of its views and children as they stand in it."""

    views: tuple[TextView, ...]
    children: tuple[Child, ...]
    unread: tuple[Unread, ...]
    notes: tuple[str, ...]
    order: tuple[Path, ...]
    payload: bytes = field(repr=False)
    headers: Mapping[Path, HeaderView] = field(repr=False)
    regions: Mapping[Path, Region] = field(repr=False)

    def lower(self, edits: Sequence[Edit], children: Mapping[Path, Sequence[ByteEdit]]) -> tuple[ByteEdit, ...]:
        by_path: dict[Path, list[Patch]] = {}
        for edit in edits:
            by_path.setdefault(edit.path, []).append(Patch(edit.start, edit.end, edit.text))
        lowered = list(lower_views([(self.headers[path], patches) for path, patches in by_path.items()]))
        for path, wanted in children.items():
            region = self.regions[path]
            raw = self.payload[region.start : region.end]
            encoding, charset = region.entity.encoding, region.entity.parameter("charset")
            for spot in lower_transfer(raw, encoding if region.what == "leaf" else "", wanted, charset):
                lowered += (ByteEdit(region.start + spot.start, region.start + spot.end, spot.data),)
        return tuple(sorted(lowered, key=lambda edit: (edit.start, edit.end)))


class MimeFormat:
    """`reads` says whether a media type has a format: only then is a part's payload decoded at all."""

    name = "mime"
    media_types = MIME_TYPES

    def __init__(self, reads: Callable[[str], bool]) -> None:
        self._reads = reads

    def open(
        self,
        payload: bytes,
        parameters: Mapping[str, str],  # noqa: ARG002 - the protocol's; a mail says everything itself
        path: Path,
        budget: Budget,
        *,
        kind: ViewKind,
        group: str,
    ) -> MimeDocument:
        """FormatError "encrypted": the whole mail is. Depth, parts and header text are taken from the budget."""
        structure = scan(payload, path, budget)
        if _is_encrypted(payload, structure):
            raise FormatError("encrypted")
        opening = _Opening(payload, self._reads, kind, group)
        line_end = structure.line_end.decode("ascii")
        for item in structure.items:
            if isinstance(item, Entity):
                opening.entity(item, line_end, budget.take_characters)
            else:
                opening.region(item)
        return opening.document()


class _Opening:
    """Collects what a mail's entities and regions give."""

    def __init__(self, payload: bytes, reads: Callable[[str], bool], kind: ViewKind, group: str) -> None:
        self.payload = payload
        self.reads = reads
        self.kind = kind
        self.group = group
        self.views: list[TextView] = []
        self.children: list[Child] = []
        self.unread: list[Unread] = []
        self.notes: dict[str, None] = {}
        self.order: list[Path] = []
        self.headers: dict[Path, HeaderView] = {}
        self.regions: dict[Path, Region] = {}

    def document(self) -> MimeDocument:
        return MimeDocument(
            tuple(self.views),
            tuple(self.children),
            tuple(self.unread),
            tuple(self.notes),
            tuple(self.order),
            self.payload,
            self.headers,
            self.regions,
        )

    def entity(self, entity: Entity, line_end: str, work: Callable[[int], None]) -> None:
        for view in header_views(self.payload, entity.fields, line_end, work):
            path = (*entity.message, entity.section, view.step)
            if text := view.text.text:
                kind: ViewKind = "hidden" if self.kind == "hidden" else view.kind
                self.views.append(TextView(path, text, kind, ""))
                self.headers[path] = view
                self.order.append(path)
        if entity.media_type == "multipart/signed" or entity.media_type in _SIGNATURES:
            self.notes["signature"] = None
        if entity.ambiguous:
            self.unread.append(Unread(entity.path, entity.media_type, "ambiguous-header"))

    def region(self, region: Region) -> None:
        blank = _BLANK.match(self.payload, region.start, region.end)
        if blank is not None and blank.end() == region.end:
            return
        entity = region.entity
        path = entity.path
        if region.what == "leaf":
            self.leaf(region)
        elif entity.parts or region.what == "epilogue":
            name = f"{entity.section}.{region.what}" if entity.section else region.what
            path = (*entity.message, name)
            number = 1
            while path in self.regions:
                number += 1
                path = (*entity.message, f"{name}{number}")
            self.child(region, path, "text/plain", hidden=True)
        else:
            # A multipart in which no part begins is what its body says.
            region.what = "leaf"
            self.unread.append(Unread(path, entity.media_type, "no-parts"))
            self.text_or_unread(region, "text/plain")

    def leaf(self, region: Region) -> None:
        entity = region.entity
        media_type = entity.media_type
        if media_type in _SIGNATURES:
            self.signature(region)
            return
        if media_type in _ENVELOPES:
            signed = entity.parameter("smime-type").lower() in {"signed-data", "certs-only"}
            if signed:
                self.notes["signature"] = None
            self.unread.append(Unread(entity.path, media_type, "signed" if signed else "encrypted"))
            return
        if media_type in _UNNAMED:
            media_type = TEXT_EXTENSIONS.get(extension(entity.filename), media_type)
        if media_type in MESSAGES:
            media_type = "message/rfc822"
        elif media_type.startswith("message/"):
            media_type = "text/plain"
        elif media_type.startswith("multipart/") and not _encrypted(entity):
            self.unread.append(Unread(entity.path, media_type, "no-parts"))
            media_type = "text/plain"
        self.text_or_unread(region, media_type)

    def signature(self, region: Region) -> None:
        """Nothing to read in a real one, where it belongs; whatever else says that it is one is read if it is text."""
        entity = region.entity
        decoded = decode_transfer(self.payload[region.start : region.end], entity.encoding)
        if entity.is_signature and is_signature(decoded):
            return
        if looks_like_text(decoded) or not known(entity.encoding):
            self.text_or_unread(region, "text/plain")
        else:
            self.unread.append(Unread(entity.path, entity.media_type, unread_reason(entity.media_type)))

    def text_or_unread(self, region: Region, media_type: str) -> None:
        entity = region.entity
        if not self.reads(media_type):
            reason = unread_reason(media_type, entity.filename)
        elif not known(entity.encoding):
            reason = "unknown-encoding"
        else:
            self.child(region, entity.path, media_type)
            return
        self.unread.append(Unread(entity.path, media_type, reason))

    def child(self, region: Region, path: Path, media_type: str, *, hidden: bool = False) -> None:
        entity = region.entity
        raw = self.payload[region.start : region.end]
        if entity.encoding == "base64" and not hidden and is_damaged_base64(raw):
            self.unread.append(Unread(path, media_type, "broken-encoding"))
        given = {} if hidden else {name: entity.parameter(name) for name in _TEXT_PARAMETERS}
        decoded = raw if hidden else decode_transfer(raw, entity.encoding)
        kind: ViewKind = "hidden" if hidden else self.kind
        group = "" if hidden else entity.group or self.group
        self.children.append(Child(path, media_type, decoded, given, group, kind))
        self.regions[path] = region
        self.order.append(path)


def _encrypted(entity: Entity) -> bool:
    return entity.media_type == "multipart/encrypted"


def _is_encrypted(payload: bytes, structure: Structure) -> bool:
    """Whether a mail is nothing but a secret: PGP/MIME (RFC 3156), S/MIME (RFC 8551), or a PGP message as its text."""
    root = structure.root
    if _encrypted(root):
        return True
    if root.media_type in _ENVELOPES:
        return root.parameter("smime-type").lower() not in {"signed-data", "certs-only"}
    region = structure.items[-1]
    if len(structure.items) != 2 or not isinstance(region, Region) or not known(root.encoding):
        return False
    if not root.media_type.startswith("text/"):
        return False
    text = decode_transfer(payload[region.start : region.end], root.encoding)
    return b"-----BEGIN PGP MESSAGE-----" in text and pgp_block(text.decode("latin-1")) == "whole"
