"""Request Tracker's rows as the texts of a message: which part of which attachment is a text, and how to write it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scrubber.pieces import Attached, Piece
from scrubber.sources.desk.rt_command import Edit

TEXTS = ("text/plain", "text/html")

_NO_TEXT = re.compile(
    r"message-id|references|in-reply-to|mime-version|date|content-.*|received|return-path|precedence|auto-submitted"
    r"|list-.*|dkim-.*|arc-.*|authentication-results|received-spf|x-rt-.*|x-managed-by|x-ms-.*|x-spam.*|x-google-.*"
    r"|user-agent|x-mailer|thread-index|importance|priority|x-priority|delivered-to|x-original-to",
    re.IGNORECASE,
)
"""Headers that machines write for machines. In every other a sender may have put anything."""


@dataclass(frozen=True, slots=True)
class Header:
    """`number`: its place among the header lines of its attachment."""

    number: int
    name: str
    value: str


def headers(raw: str) -> list[Header]:
    """As RT splits them: a line that starts with a word begins a header. The first of a name only, as RT sets it."""
    found: dict[str, Header] = {}
    for number, line in enumerate(re.split(r"\n(?=\w|\Z)", raw)):
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.lower(), Header(number, name, value.strip()))
    return list(found.values())


def attachment_pieces(rows: Sequence[Mapping[str, Any]], contents: Mapping[str, str]) -> Iterator[Piece | Attached]:
    """The texts of a transaction. `rows`: its attachments, in order; `contents`: what those of TEXTS hold, by number.

    RT 5.0.3 can't list which part an attachment belongs to: the texts that follow a multipart/alternative are its.
    """
    group = ""
    for row in rows:
        number, media_type = str(row["id"]), str(row["ContentType"] or "")
        if media_type == "multipart/alternative":
            group = f"attachment/{number}"
        elif row["Filename"] or media_type not in (*TEXTS, "multipart/related"):
            group = ""
        name = f"attachment/{number}"
        subject = str(row["Subject"] or "")
        if subject:
            yield Piece(f"{name}/subject", subject, kind="subject")
        for header in headers(str(row["Headers"] or "")):
            same = header.name.lower() == "subject" and header.value == subject  # it is written with the column
            if not same and header.value and not _NO_TEXT.fullmatch(header.name):
                kind = "subject" if header.name.lower() in ("subject", "thread-topic") else "header"
                yield Piece(f"{name}/header/{header.number}", header.value, kind=kind)  # type: ignore[arg-type]
        if number in contents:
            yield Piece(name, contents[number], media_type, group=group)
            if row["Filename"]:
                yield Piece(f"{name}/filename", str(row["Filename"]), kind="filename")
        elif media_type and not media_type.startswith("multipart/") and media_type not in TEXTS:
            yield Attached(name, media_type, str(row["Filename"] or ""))


def field_pieces(ticket: Mapping[str, Any]) -> Iterator[Piece]:
    """The ticket's own texts: subject and custom fields."""
    yield Piece("subject", str(ticket["Subject"] or ""), kind="subject")
    for custom in ticket.get("CustomFields") or ():
        for number, value in enumerate(custom.get("values") or ()):
            if isinstance(value, str) and value:
                yield Piece(f"field/{custom['id']}/{number}", value, kind="field")


def edits(
    item: str, before: Sequence[Piece | Attached], after: Sequence[Piece | Attached], header_names: Mapping[str, str]
) -> list[Edit]:
    """What to replace. `item`: the transaction, or the ticket's number. `header_names`: by the name of a piece."""
    made = []
    for old, new in zip(before, after, strict=True):
        if not isinstance(old, Piece) or not isinstance(new, Piece) or old.text == new.text:
            continue
        match old.name.split("/"):
            case ["attachment", number]:
                made.append(Edit("content", int(number), old.text, new.text))
            case ["attachment", number, "subject"]:
                made.append(Edit("subject", int(number), old.text, new.text))
            case ["attachment", number, "header", _]:
                made.append(Edit("header", int(number), old.text, new.text, header_names[old.name]))
            case ["field", number, _]:
                made.append(Edit("field", int(number), old.text, new.text))
            case ["subject"]:
                made.append(Edit("ticket", int(item), old.text, new.text))
            case ["old" | "new" as side]:
                made.append(Edit("old" if side == "old" else "new", int(item), old.text, new.text))
    return made


def header_names(pieces: Iterable[Piece | Attached], raw: Mapping[str, str]) -> dict[str, str]:
    """Piece name -> name of its header. `raw`: the Headers of each attachment, by number."""
    found = {}
    for piece in pieces:
        parts = piece.name.split("/")
        if len(parts) == 4 and parts[2] == "header":
            for header in headers(raw.get(parts[1], "")):
                if str(header.number) == parts[3]:
                    found[piece.name] = header.name
    return found


def size(row: Mapping[str, Any]) -> int:
    """Bytes of an attachment as its header says; 0: it does not."""
    for header in headers(str(row["Headers"] or "")):
        if header.name.lower() == "content-length" and header.value.isascii() and header.value.isdigit():
            return int(header.value)
    return 0
