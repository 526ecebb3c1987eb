"""A mailbox that is open: the connection, what the server can, what stands where, the keys of the marker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scrubber.sources.imap.abilities import Abilities
from scrubber.sources.imap.catalogue import Catalogue
from scrubber.sources.imap.marker import Seals
from scrubber.sources.imap.places import Place
from scrubber.sources.imap.wire import Wire


@dataclass(frozen=True, slots=True)
class Box:
    wire: Wire
    abilities: Abilities
    catalogue: Catalogue
    seals: Seals

    def same(
        self, size: int, is_same: Callable[[bytes], bool], *, like: Place, but: Place | None = None
    ) -> list[Place]:
        """Every message now in any folder, `but` one, that the server says is `size` bytes and that is the same.

        `like`: where one stands, or stood, that is known to be the same.
        """
        self.catalogue.refresh(self.wire, self.abilities.listing)
        return self.catalogue.same(self.wire, size, is_same, but=but, like=like)
