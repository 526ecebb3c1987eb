"""Which header fields a reader sees, and how each is read. Structural fields (RFC 5322 trace and identification, DKIM,
MIME-Version, ...) are no views: they are not text, and nothing works when they change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from scrubber.formats.address_list import addresses
from scrubber.formats.base import ByteEdit
from scrubber.formats.charset import Decoded, decode
from scrubber.formats.header_text import HeaderText, file_name, free_text
from scrubber.formats.mime_structure import Field
from scrubber.formats.parameters import parameters
from scrubber.formats.spans import Patch
from scrubber.message import ViewKind

_TEXTS = frozenset({"subject", "thread-topic", "comments", "keywords", "content-description", "organization"})
_ADDRESSES = frozenset({
    "from", "to", "cc", "bcc", "reply-to", "sender", "resent-from", "resent-to", "resent-cc", "resent-bcc",
    "resent-sender", "disposition-notification-to", "return-receipt-to", "mail-followup-to", "mail-reply-to",
})  # fmt: skip
_PARAMETERS = frozenset({"content-type", "content-disposition"})
_NAMES = ("filename", "name")
_STRUCTURAL = re.compile(
    r"received.*|x-received.*|return-path|delivered-to|x-original-to|envelope-to|x-envelope-.*|(?:resent-)?message-id"
    r"|in-reply-to|references|(?:resent-)?date|mime-version|content-(?:transfer-encoding|id|location|md5|language)"
    r"|dkim-.*|domainkey-.*|arc-.*|authentication-results.*|x-authentication-.*|received-spf|list-.*|precedence"
    r"|auto-submitted|importance|x-priority|priority|thread-index|user-agent|x-mailer|x-ms-.*|x-microsoft-.*"
    r"|x-forefront-.*|x-exchange-.*|x-google-.*|x-gm-.*|x-spam-.*|x-virus-.*|x-originating-ip|x-report-abuse.*"
    r"|x-mimeole|x-msmail-.*|x-originalarrivaltime|autocrypt|openpgp|face|x-face|feedback-id|status|x-status|x-uid.*"
)
_TELLS = re.compile(r"\d(?:[ .-]?\d){3}|@|[^\x00-\x7f]|=\?")
_LONGEST_NAME = 40
_MARKS = '<>(),;:"?'
_MARK_COST = 16
_TWO_WORDS = re.compile(r"\S\s+\S")


@dataclass(frozen=True, slots=True)
class HeaderView:
    """A view of a field: `step` names it within its entity. `start` is where the value starts in the payload."""

    step: str
    kind: ViewKind
    start: int
    text: HeaderText = field(repr=False)
    decoded: Decoded = field(repr=False)

    def lower(self, patches: list[Patch]) -> Iterator[ByteEdit]:
        """Patches on the view -> edits on the payload."""
        for edit in self.decoded.lower(self.text.lower(patches)):
            yield ByteEdit(self.start + edit.start, self.start + edit.end, edit.data)


def header_views(
    payload: bytes, fields: tuple[Field, ...], line_end: str, work: Callable[[int], None]
) -> Iterator[HeaderView]:
    """The views of an entity's header, in order: "subject#1", "from#1", "content-disposition@filename#1", ...

    `work` is called before a value is read, with its characters and what its marks cost beside them, and may raise.
    """
    seen: dict[str, int] = {}
    for name, start, end in fields:
        label = "x" if len(name) > _LONGEST_NAME or _TELLS.search(name) else name
        seen[label] = seen.get(label, 0) + 1
        step = f"{label}#{seen[label]}"
        work(end - start)
        if not _shown(name):
            continue
        raw = payload[start:end]
        decoded = decode(raw)
        value = decoded.text
        work(_MARK_COST * sum(map(value.count, _MARKS)))
        if name in _PARAMETERS:
            found = parameters(value)
            for parameter in (found[which] for which in _NAMES if which in found):
                step = f"{label}@{parameter.name}#{seen[label]}"
                yield HeaderView(step, "filename", start, file_name(value, parameter), decoded)
            continue
        if name in _ADDRESSES:
            text = addresses(value, line_end)
        elif name in _TEXTS or (_TELLS.search(value) and _TWO_WORDS.search(value)):
            text = free_text(value, line_end)
        else:
            continue
        yield HeaderView(step, "subject" if name == "subject" else "header", start, text, decoded)


def _shown(name: str) -> bool:
    return _STRUCTURAL.fullmatch(name) is None
