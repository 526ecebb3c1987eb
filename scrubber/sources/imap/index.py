"""The headers that join mails to threads, of the folders where a thread may stand; filled by what came in since."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from scrubber.message import SourceRef
from scrubber.sources.imap.answers import Refused
from scrubber.sources.imap.dates import since_day
from scrubber.sources.imap.places import Place
from scrubber.sources.imap.wire import Wire
from scrubber.sources.mailheaders import Headers, parse
from scrubber.sources.threads import Entry, ThreadIndex

_ITEMS = "INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (FROM DATE MESSAGE-ID IN-REPLY-TO REFERENCES)]"

BACK = timedelta(days=180)
"""How long before the first message that is worked through a thread is still looked at."""


def key_of(place: Place) -> str:
    return f"{place.folder}\0{place.uidvalidity}\0{place.uid}"


def place_of(key: str) -> Place:
    folder, uidvalidity, uid = key.rsplit("\0", 2)
    return Place(folder, int(uidvalidity), int(uid))


def place_of_ref(ref: SourceRef) -> Place | None:
    """Where a reference points; None for one that no IMAP source makes."""
    if not (ref.item.isdecimal() and ref.version.isdecimal()):
        return None
    return Place(ref.container, int(ref.version), int(ref.item))


@dataclass(slots=True)
class _Known:
    uidvalidity: int
    uidnext: int = 1
    exists: int = -1
    uids: set[int] = field(default_factory=set)


class HeaderIndex:
    def __init__(self) -> None:
        self._index = ThreadIndex()
        self._folders: dict[str, _Known] = {}
        self._since: datetime | None = None

    def reach(self, since: datetime) -> None:
        """Look at least this far back (and BACK more)."""
        try:
            floor = since.astimezone(UTC) - BACK
        except OverflowError:
            floor = datetime(1970, 1, 1, tzinfo=UTC)
        if self._since is None or floor < self._since:
            self._since = floor
            for folder in list(self._folders):
                self._forget(folder)

    def refresh(self, wire: Wire, folders: tuple[str, ...]) -> None:
        for folder in self._folders.keys() - set(folders):
            self._forget(folder)
        for folder in folders:
            try:
                self._refresh(wire, folder)
            except Refused:
                self._forget(folder)

    def _refresh(self, wire: Wire, folder: str) -> None:
        selected = wire.select(folder)
        known = self._folders.get(folder)
        if known is None or known.uidvalidity != selected.uidvalidity:
            self._forget(folder)
            known = self._folders[folder] = _Known(selected.uidvalidity)
        if selected.uidnext and (selected.uidnext, selected.exists) == (known.uidnext, known.exists):
            return
        since = ["SINCE", since_day(self._since)] if self._since else []
        present = set(wire.uids(*since, "UID", "1:*")) if selected.exists else set()
        for uid in known.uids - present:
            self._index.discard(key_of(Place(folder, known.uidvalidity, uid)))
        for look in wire.each(sorted(present - known.uids), _ITEMS):
            place = Place(folder, known.uidvalidity, look.uid)
            received = (look.date or datetime.now(UTC)).astimezone(UTC)
            self._index.add(Entry(key_of(place), parse(look.body or b""), received, look.size))
        known.uids = present
        known.uidnext, known.exists = selected.uidnext, selected.exists

    def _forget(self, folder: str) -> None:
        known = self._folders.pop(folder, None)
        if known is not None:
            for uid in known.uids:
                self._index.discard(key_of(Place(folder, known.uidvalidity, uid)))

    def earlier(self, headers: Headers, received: datetime, place: Place) -> list[Entry]:
        return self._index.earlier(headers, received, key_of(place))

    def last_activity(self, place: Place) -> datetime | None:
        """When the thread of a message was last written in; None: the message is not there."""
        own = self._index.get(key_of(place))
        if own is None:
            return None
        return max(entry.activity for entry in (own, *self._index.thread(own.headers)))
