"""Which mails are one thread: those that are joined by Message-ID, In-Reply-To and References (RFC 5322, 3.6.4).

Never by subject: two customers who both write "Factuur" are not one thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, KeysView
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scrubber.sources.mailheaders import Headers

LIMIT = 50
"""Earlier messages that a source gives of one thread; of a longer one the latest."""

BYTES_LIMIT = 64 * 1024 * 1024
"""Bytes that the messages of one thread may take together."""

COMPONENT_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One mail in the index. `key` is the source's own; `received` is when the source got it (UTC); `size` in bytes."""

    key: str
    headers: Headers = field(repr=False)
    received: datetime
    size: int

    @property
    def sent(self) -> datetime:
        """When it was sent: its Date, unless that says it came before it was sent."""
        return min(self.headers.date or self.received, self.received)

    @property
    def activity(self) -> datetime:
        """The latest moment that it may have been written. A date far in the future is a clock that is wrong."""
        date = self.headers.date
        return date if date and timedelta() < date - self.received < timedelta(days=1) else self.received


class ThreadIndex:
    """Mails by the ids they bear and name. Grows and shrinks with what stands at the source."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._by_id: dict[str, set[str]] = {}

    @property
    def keys(self) -> KeysView[str]:
        return self._entries.keys()

    def get(self, key: str) -> Entry | None:
        return self._entries.get(key)

    def add(self, entry: Entry) -> None:
        self.discard(entry.key)
        self._entries[entry.key] = entry
        for identifier in _identifiers(entry.headers):
            self._by_id.setdefault(identifier, set()).add(entry.key)

    def discard(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        for identifier in _identifiers(entry.headers):
            named = self._by_id[identifier]
            named.discard(key)
            if not named:
                del self._by_id[identifier]

    def thread(self, headers: Headers) -> list[Entry]:
        """All mails joined with `headers`, over any number of steps, at most COMPONENT_LIMIT, nearest first."""
        waiting = deque(_identifiers(headers))
        seen: set[str] = set(waiting)
        found: dict[str, Entry] = {}
        while waiting and len(found) < COMPONENT_LIMIT:
            for key in sorted(self._by_id.get(waiting.popleft(), ())):
                if key in found:
                    continue
                entry = found[key] = self._entries[key]
                fresh = [identifier for identifier in _identifiers(entry.headers) if identifier not in seen]
                seen.update(fresh)
                waiting.extend(fresh)
        return list(found.values())[:COMPONENT_LIMIT]

    def earlier(self, headers: Headers, received: datetime, key: str) -> list[Entry]:
        """The mails of the thread from before this one, oldest first, within LIMIT and BYTES_LIMIT.

        Before: sent before it was received, or named by it. Another copy of the same mail (same Message-ID) is not.
        """
        if not headers.references:
            return []
        before = [
            entry
            for entry in self.thread(headers)
            if entry.key != key
            and not (headers.message_id and entry.headers.message_id == headers.message_id)
            and (entry.sent < received or entry.headers.message_id in headers.references)
        ]
        before.sort(key=lambda entry: (entry.sent, entry.key))
        return _within(reversed(before[-LIMIT:]))


def _within(latest_first: Iterable[Entry]) -> list[Entry]:
    left = BYTES_LIMIT
    kept: list[Entry] = []
    for entry in latest_first:
        if entry.size <= left:
            left -= entry.size
            kept.append(entry)
    kept.reverse()
    return kept


def _identifiers(headers: Headers) -> list[str]:
    return list(dict.fromkeys(identifier for identifier in (headers.message_id, *headers.references) if identifier))
