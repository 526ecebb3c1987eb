"""Where a message stands in a mailbox."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A message is known by these three, and what stands there never changes (RFC 3501, 2.3.1.1)."""

    folder: str
    uidvalidity: int
    uid: int
