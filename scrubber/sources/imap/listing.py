"""What stands in the folders that are worked through, remembered between polls so that a poll asks little."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from scrubber.message import SourceRef
from scrubber.sources.base import Listed
from scrubber.sources.imap.dates import since_day
from scrubber.sources.imap.wire import Wire


@dataclass(slots=True)
class _Known:
    """`state`: (UIDNEXT, EXISTS): while neither changes, the same messages stand there. `items`: (received, size).

    `marked`: how many of those that could be listed are marked as deleted.
    """

    uidvalidity: int
    since: datetime
    state: tuple[int, int] = (0, -1)
    items: dict[int, tuple[datetime, int]] = field(default_factory=dict)
    marked: int = 0


class Listing:
    def __init__(self, source: str) -> None:
        self._source = source
        self._folders: dict[str, _Known] = {}

    def state(self, folder: str) -> tuple[int, int] | None:
        """(UIDNEXT, EXISTS) as last listed; None: not listed yet."""
        known = self._folders.get(folder)
        return known.state if known else None

    def marked(self, wire: Wire, folder: str) -> int:
        """Messages that are marked as deleted: of those last listed, else of all that stand there now."""
        known = self._folders.get(folder)
        if known is not None:
            return known.marked
        return len(wire.uids("DELETED")) if wire.select(folder).exists else 0

    def of(self, wire: Wire, folder: str, since: datetime) -> Iterator[Listed]:
        """Messages that came in at `since` or later and that nobody marked as deleted."""
        selected = wire.select(folder)
        known = self._folders.get(folder)
        if known is None or known.uidvalidity != selected.uidvalidity or since < known.since:
            known = self._folders[folder] = _Known(selected.uidvalidity, since)
        state = (selected.uidnext, selected.exists)
        if not selected.exists:
            known.items.clear()
        elif not selected.uidnext or state != known.state:
            present = set(wire.uids("SINCE", since_day(known.since)))
            for uid in known.items.keys() - present:
                del known.items[uid]
            for look in wire.each(sorted(present - known.items.keys()), "INTERNALDATE RFC822.SIZE"):
                received = (look.date or datetime.now(UTC)).astimezone(UTC)
                known.items[look.uid] = (received, look.size)
        known.state = state
        from_second = since.replace(microsecond=0)  # a server keeps whole seconds
        deleted = set(wire.uids("DELETED")) if selected.exists else set()
        wanted = {uid: item for uid, item in known.items.items() if item[0] >= from_second}
        known.marked = len(deleted & wanted.keys())
        for uid, (received, size) in wanted.items():
            if uid not in deleted:
                yield Listed(SourceRef(self._source, folder, str(uid), str(selected.uidvalidity)), received, size)
