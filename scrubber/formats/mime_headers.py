"""Which header fields are views, and how each is read: what a reader sees, and whatever else could hold a datum.

Structural fields (RFC 5322 trace and identification, DKIM, MIME-Version, ...) are no views: they are not text, and
nothing works when they change. Those that programs fill with versions and numbers are views when they say more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from scrubber.formats.address_list import addresses
from scrubber.formats.base import ByteEdit
from scrubber.formats.charset import Decoded, decode
from scrubber.formats.header_text import HeaderText, file_name, free_text
from scrubber.formats.mime_fields import ODD_LINES, Field
from scrubber.formats.parameters import FILE_NAMES, STRUCTURAL, Parameter, written_parameters
from scrubber.formats.spans import Patch
from scrubber.message import ViewKind

_TEXTS = frozenset({"subject", "thread-topic", "comments", "keywords", "content-description", "organization"})
_ADDRESSES = frozenset({
    "from", "to", "cc", "bcc", "reply-to", "sender", "resent-from", "resent-to", "resent-cc", "resent-bcc",
    "resent-sender", "disposition-notification-to", "return-receipt-to", "mail-followup-to", "mail-reply-to",
})  # fmt: skip
_PARAMETERS = frozenset({"content-type", "content-disposition"})
_STRUCTURAL = re.compile(
    r"received.*|x-received.*|return-path|delivered-to|x-original-to|envelope-to|x-envelope-.*|(?:resent-)?message-id"
    r"|in-reply-to|references|(?:resent-)?date|mime-version|content-(?:transfer-encoding|id|location|md5|language)"
    r"|dkim-.*|domainkey-.*|arc-.*|authentication-results.*|x-authentication-.*|received-spf|list-.*"
    r"|thread-index|x-ms-.*|x-microsoft-.*"
    r"|x-forefront-.*|x-exchange-.*|x-google-.*|x-gm-.*|x-spam-.*|x-virus-.*|x-originating-ip|x-report-abuse.*"
    r"|x-msmail-.*|x-originalarrivaltime|autocrypt|openpgp|face|x-face|feedback-id|x-uid.*"
)
_QUIET = frozenset({
    "auto-submitted", "precedence", "importance", "x-priority", "priority", "user-agent", "x-mailer", "x-mimeole",
    "status", "x-status",
})  # fmt: skip
_TELLS_MORE = re.compile(r"\d{6}|@|=\?")
_NEVER = frozenset({"boundary", "start"})
_TELLS = re.compile(r"\d(?:[ .-]?\d){3}|@|[^\x00-\x7f]|=\?")
_LONGEST_NAME = 40
_MARKS = '<>(),;:"?'
_MARK_COST = 16
_TWO_WORDS = re.compile(r"\S\s+\S")
_ODD_LABEL = "line"


@dataclass(frozen=True, slots=True)
class HeaderView:
    """A view of a field: `step` names it within its entity. `start` is where the value starts in the payload."""

    step: str
    kind: ViewKind
    start: int
    text: HeaderText = field(repr=False)
    decoded: Decoded = field(repr=False)


def header_views(
    payload: bytes, fields: tuple[Field, ...], line_end: str, work: Callable[[int], None]
) -> Iterator[HeaderView]:
    """The views of an entity's header, in order: "subject#1", "from#1", "content-disposition@filename#1", ...

    `work` is called before a value is read, with what its marks cost beside its characters, and may raise.
    """
    seen: dict[str, int] = {}

    def step(label: str) -> str:
        seen[label] = seen.get(label, 0) + 1
        return f"{label}#{seen[label]}"

    for name, start, end in fields:
        label = _safe(name) or _ODD_LABEL
        if name not in _PARAMETERS:
            numbered = step(label)
        if _STRUCTURAL.fullmatch(name):
            continue
        raw = payload[start:end]
        decoded = decode(raw)
        value = decoded.text
        work(_MARK_COST * sum(map(value.count, _MARKS)))
        if name in _PARAMETERS:
            for which, kind, text in _parameter_views(value, line_end):
                yield HeaderView(step(f"{label}@{_safe(which)}" if which else label), kind, start, text, decoded)
        elif name in _ADDRESSES:
            yield HeaderView(numbered, "header", start, addresses(value, line_end), decoded)
        elif name == ODD_LINES:
            yield HeaderView(numbered, "hidden", start, free_text(value, line_end), decoded)
        elif name in _TEXTS or _says_something(name, value):
            kind = "subject" if name == "subject" else "header"
            yield HeaderView(numbered, kind, start, free_text(value, line_end), decoded)


def lower_views(wanted: Sequence[tuple[HeaderView, Sequence[Patch]]]) -> Iterator[ByteEdit]:
    """Patches on views -> edits on the payload."""
    fields: dict[int, tuple[Decoded, list[Patch]]] = {}
    for view, patches in wanted:
        fields.setdefault(view.start, (view.decoded, []))[1].extend(view.text.lower(patches))
    for start, (decoded, patches) in fields.items():
        for edit in decoded.lower(patches):
            yield ByteEdit(start + edit.start, start + edit.end, edit.data)


def _safe(name: str) -> str:
    """A name as it may stand in a path: one that could be a datum itself is "x"."""
    return "x" if len(name) > _LONGEST_NAME or _TELLS.search(name) else name


def _says_something(name: str, value: str) -> bool:
    if name in _QUIET:
        return _TELLS_MORE.search(value) is not None
    return _TELLS.search(value) is not None or _TWO_WORDS.search(value) is not None


def _parameter_views(value: str, line_end: str) -> Iterator[tuple[str, ViewKind, HeaderText]]:
    """Parameters that say something, and what stands between parameters, by name ("") in no special order."""
    at = 0
    written = [parameter for parameter in written_parameters(value) if not _TELLS.search(parameter.name)]
    for parameter in written:
        if _parameter_says_something(parameter):
            kind: ViewKind = "filename" if parameter.name in FILE_NAMES else "header"
            yield parameter.name, kind, file_name(value, parameter)
    for start, end in sorted((segment.before, segment.end) for parameter in written for segment in parameter.segments):
        if _TELLS.search(value, at, start):
            yield "", "header", free_text(value, line_end, at, start)
        at = end
    if _TELLS.search(value, at):
        yield "", "header", free_text(value, line_end, at)


def _parameter_says_something(parameter: Parameter) -> bool:
    if parameter.name in FILE_NAMES:
        return True
    tells = _TELLS_MORE if parameter.name in STRUCTURAL else _TELLS
    return parameter.name not in _NEVER and tells.search(parameter.text) is not None
