"""A mailbox that is open: the connection, what the server can, what stands where, the keys of the marker."""

from __future__ import annotations

from dataclasses import dataclass

from scrubber.sources.base import Digest
from scrubber.sources.imap.abilities import Abilities
from scrubber.sources.imap.catalogue import Catalogue, Place
from scrubber.sources.imap.marker import Seals
from scrubber.sources.imap.wire import Wire


@dataclass(frozen=True, slots=True)
class Box:
    wire: Wire
    abilities: Abilities
    catalogue: Catalogue
    seals: Seals

    def same(self, size: int, original: str, digest: Digest) -> list[Place]:
        """Every message now in any folder that the server says is `size` bytes and whose digest is `original`."""
        self.catalogue.refresh(self.wire, self.abilities.listing)
        return self.catalogue.same(self.wire, size, lambda payload: digest(payload) == original, self.seals)
