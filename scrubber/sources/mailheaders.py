"""The few header fields of a mail that a source needs, read from raw bytes, leniently: nothing here ever raises.

Written by hand and not with the `email` package: that one raises or recurses on some of the mail that really comes in,
and a source must be able to list and fetch a mail that is broken.
"""

from __future__ import annotations

import binascii
import email.utils
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from scrubber.message import Sender

BLOCK_LIMIT = 256 * 1024
"""Bytes of a mail that are searched for its header block."""

VALUE_LIMIT = 16 * 1024
REFERENCES_LIMIT = 200

_WANTED = frozenset({"from", "date", "message-id", "in-reply-to", "references"})
_FIELD = re.compile(rb"([!-9;-~]{1,70})[ \t]*:[ \t]*(.*)", re.DOTALL)
_BLANK = re.compile(rb"\n\r?\n|\A\r?\n")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,500})>")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMMENT = re.compile(r"\([^()]*\)")
_ANGLE = re.compile(r"<\s*([^<>\s]{1,254}@[^<>\s]{1,254})\s*>")
_BARE = re.compile(r"[^\s<>()\",;:@]{1,64}@[^\s<>()\",;:@]{1,253}")
_WORD = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Headers:
    """What a mail says of itself. `message_id` and `references` (In-Reply-To included) are without angle brackets.

    `date` is UTC; None where the mail has no date or none that can be read.
    """

    sender: Sender = field(default_factory=Sender, repr=False)
    message_id: str = field(default="", repr=False)
    references: tuple[str, ...] = field(default=(), repr=False)
    date: datetime | None = None


def read_block(read: Callable[[int], bytes]) -> bytes:
    """The header block from a `read(count)`, no more than BLOCK_LIMIT bytes, without reading far past its end."""
    block = b""
    while len(block) < BLOCK_LIMIT:
        chunk = read(min(8192, BLOCK_LIMIT - len(block)))
        if not chunk:
            break
        start = max(0, len(block) - 3)
        block += chunk
        if found := _BLANK.search(block, start):
            return block[: found.end()]
    return block


def parse(payload: bytes) -> Headers:
    """The header fields at the start of `payload` (a whole mail or its header block). The first of each name counts."""
    values = _values(payload[:BLOCK_LIMIT])
    own = _MESSAGE_ID.search(values.get("message-id", ""))
    references = _MESSAGE_ID.findall(values.get("references", "")) + _MESSAGE_ID.findall(values.get("in-reply-to", ""))
    return Headers(
        sender=_sender(values.get("from", "")),
        message_id=own[1] if own else "",
        references=tuple(dict.fromkeys(references[-REFERENCES_LIMIT:])),
        date=parse_date(values.get("date", "")),
    )


def parse_date(text: str) -> datetime | None:
    """An RFC 5322 or asctime date as UTC, also for a zone that isn't given; None for what is no date."""
    try:
        parts = email.utils.parsedate_tz(text)
        if parts is None:
            return None
        year, month, day, hour, minute, second = parts[:6]
        at = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        return at - timedelta(seconds=parts[9] or 0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _values(payload: bytes) -> dict[str, str]:
    found = _BLANK.search(payload)
    block = payload[: found.start()] if found else payload
    values: dict[str, str] = {}
    current: list[bytes] = []
    for raw in [*block.split(b"\n"), b""]:
        line = raw.rstrip(b"\r")
        if line[:1] in {b" ", b"\t"}:
            current.append(line)
            continue
        if current and (matched := _FIELD.match(b" ".join(current))):
            name = matched[1].decode("ascii").lower()
            if name in _WANTED and name not in values:
                values[name] = _text(matched[2][:VALUE_LIMIT])
        current = [line]
    return values


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _sender(value: str) -> Sender:
    # What stands in quotes or comments is no address: `"help@desk.test" <other@example.test>` is the other's.
    bare = _QUOTED.sub(lambda quoted: "x" * len(quoted[0]), value)
    bare = _COMMENT.sub(lambda comment: " " * len(comment[0]), bare)
    if angle := _ANGLE.search(bare):
        return Sender(name=_display(value[: angle.start()]), email=angle[1])
    if found := _BARE.search(bare):
        return Sender(email=found[0])
    return Sender(name=_display(value))


def _display(text: str) -> str:
    """A display name as a reader sees it: encoded words (RFC 2047) decoded, quotes off, on one line."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = _ESCAPED.sub(r"\1", text[1:-1])
    text = _WORD.sub(_decode_word, _BETWEEN_WORDS.sub(r"\1", text))
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _decode_word(word: re.Match[str]) -> str:
    charset, encoding, data = word.groups()
    try:
        if encoding in "bB":
            raw = binascii.a2b_base64(data + "=" * (-len(data) % 4))
        else:
            raw = binascii.a2b_qp(data.encode("ascii", "replace"), header=True)
    except ValueError:
        return word[0]
    try:
        return raw.decode(charset, "replace")
    except (LookupError, ValueError):
        return raw.decode("utf-8", "replace")
