"""What agents say to scrubber in a ticket: a line of an internal note, or a tag. A customer's text never steers.

    nodig tot 2026-12-01 (reden)   its data are needed until then; also 1-12-2026
    gevraagd (telefoon)            they were asked for in a way that the ticket does not show
    verwerkt                       the matter is dealt with: what waits goes now
    fout verwijderd                something was removed that should have stayed
    gemist                         something stands there that should have gone

A tag has no blanks: nodig_tot_2026-12-01, gevraagd_telefoon, verwerkt, fout_verwijderd, gemist. The reason in brackets
is for colleagues and goes no further.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from scrubber.pieces import Piece
from scrubber.sources.base import MatterWord, Word
from scrubber.sources.desk.interface import Entry, Ticket

_LINE = re.compile(
    r"(?:scrubber\s*[:,]\s*)?(?:(?P<needed>nodig\s+tot(?:\s+en\s+met)?\s+(?P<day>[0-9-]{8,10}))|(?P<asked>gevraagd)"
    r"|(?P<done>verwerkt)|(?P<wrong>fout\s+verwijderd)|(?P<missed>gemist))(?:\s*\([^()]{0,200}\))?\s*[.!]?",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"(?:scrubber[_:-])?(?:(?P<needed>nodig[_-]tot[_-](?P<day>[0-9-]{8,10}))|(?P<asked>gevraagd)(?:[_-]\w{1,40})?"
    r"|(?P<done>verwerkt)|(?P<wrong>fout[_-]verwijderd)|(?P<missed>gemist))",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<\s*(?:br|/p|/div|/li|/tr)\b[^<>]*>", re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]*>")
_LONGEST = 300
"""Characters of a line that may be a word."""


@dataclass(frozen=True, slots=True)
class _Heard:
    word: Word
    until: datetime | None


def words(ticket: Ticket) -> Iterator[MatterWord]:
    """What agents said in a ticket: in their internal notes, oldest first, then its tags."""
    for entry in ticket.entries:
        if entry.author != "agent" or entry.public:
            continue
        for number, line in enumerate(_lines(entry)):
            heard = _heard(_LINE.fullmatch(line))
            if heard:
                mark = f"{ticket.head.ticket}\0{entry.item}\0{number}"
                yield MatterWord(heard.word, mark, entry.agent, heard.until, entry.created)
    for tag in ticket.tags:
        heard = _heard(_TAG.fullmatch(tag.strip()))
        if heard:
            yield MatterWord(heard.word, f"{ticket.head.ticket}\0tag\0{tag.strip().lower()}", "", heard.until)


def _lines(entry: Entry) -> Iterator[str]:
    """Of the first text of an entry: the others are its alternatives."""
    for piece in entry.pieces:
        if isinstance(piece, Piece) and piece.kind == "body" and piece.text.strip():
            text = piece.text
            if piece.media_type == "text/html":
                text = html.unescape(_TAGS.sub("", _BREAK.sub("\n", text)))
            yield from (line.strip() for line in text.splitlines() if len(line) <= _LONGEST)
            return


def _heard(found: re.Match[str] | None) -> _Heard | None:
    if found is None:
        return None
    groups = found.groupdict()
    if groups["needed"]:
        day = _day(groups["day"])
        return _Heard("needed", day) if day else None
    kinds: tuple[Word, ...] = ("asked", "done", "wrong", "missed")
    return next(_Heard(kind, None) for kind in kinds if groups[kind])


def _day(text: str) -> datetime | None:
    """The end of a day, written 2026-12-01 or 1-12-2026."""
    numbers = text.split("-")
    if len(numbers) != 3:
        return None
    year, month, day = numbers if len(numbers[0]) == 4 else reversed(numbers)
    try:
        return datetime.combine(date(int(year), int(month), int(day)), time(), tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
