"""Which of several messages are the same as another, with as little reading as that takes.

Byte-equal messages have equal heads, so only those are read whole whose head is the other's, and each of them once:
what stands under a UID never changes (RFC 3501, 2.3.1.1). What was read is remembered as digests, in memory, under a
key of this process, for one connection at most.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Sequence

from scrubber.sources.imap.answers import Refused
from scrubber.sources.imap.places import Place
from scrubber.sources.imap.wire import Wire

MOST = 50_000
"""Messages that are remembered, some 200 bytes each; beyond that all are forgotten."""

_HEAD = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE FROM)]"

IsSame = Callable[[bytes], bool]


class Likeness:
    def __init__(self) -> None:
        self._wire: Wire | None = None
        self._key = secrets.token_bytes(16)
        self._heads: dict[Place, bytes] = {}
        self._wholes: dict[Place, bytes] = {}

    def among(self, wire: Wire, places: Iterable[Place], is_same: IsSame, like: Place | None = None) -> list[Place]:
        """Those that stand and are the same. `like`: where one that is the same stands, or stood."""
        folders: dict[str, list[Place]] = {}
        for place in places:
            folders.setdefault(place.folder, []).append(place)
        if not folders:
            return []
        self._over(wire)
        text = None
        if like is not None:
            folders = self._with_head_of(wire, like, folders)
            if any(place in self._wholes for those in folders.values() for place in those):
                text = self._text_of(wire, like, is_same)
        found: list[Place] = []
        for folder, those in folders.items():
            # Opened anew: a server may show a message that is gone to who opened the folder before.
            found += self._same(wire, _standing(wire, folder, those), is_same, text)
        return found

    def _over(self, wire: Wire) -> None:
        """What follows is read over this connection."""
        if wire is not self._wire or max(len(self._heads), len(self._wholes)) > MOST:
            self._wire = wire
            self._heads.clear()
            self._wholes.clear()

    def _with_head_of(self, wire: Wire, like: Place, folders: dict[str, list[Place]]) -> dict[str, list[Place]]:
        """Those that may be the same by their head: also those that have none of its fields."""
        if like not in self._heads:
            self._read_heads(wire, _standing(wire, like.folder, [like]))
        head = self._heads.get(like)
        if not head:
            return folders
        left = {}
        for folder, those in folders.items():
            if any(place not in self._heads for place in those):
                self._read_heads(wire, _standing(wire, folder, those))
            if alike := [place for place in those if (self._heads.get(place) or head) == head]:
                left[folder] = alike
        return left

    def _read_heads(self, wire: Wire, places: Sequence[Place]) -> None:
        """Of messages in the open folder."""
        unknown = {place.uid: place for place in places if place not in self._heads}
        for look in wire.each(sorted(unknown), _HEAD):
            if look.uid in unknown:
                self._heads[unknown[look.uid]] = self._head(look.body)

    def _text_of(self, wire: Wire, like: Place, is_same: IsSame) -> bytes | None:
        """What stands, or stood, at `like`; None: it was never read and is gone."""
        if like not in self._wholes and _standing(wire, like.folder, [like]):
            look = wire.look(like.uid, "BODY.PEEK[]")
            if look is not None and look.body is not None and is_same(look.body):
                self._wholes[like] = self._digest(look.body)
        return self._wholes.get(like)

    def _same(self, wire: Wire, places: Sequence[Place], is_same: IsSame, text: bytes | None) -> list[Place]:
        """Of messages in the open folder; `text`: what is the same. Who was read before must be seen to stand still."""
        found, before = [], []
        for place in places:
            known = self._wholes.get(place)
            if known is not None and text is not None:
                before += [place] if known == text else []
                continue
            look = wire.look(place.uid, "BODY.PEEK[]")
            if look is not None and look.body is not None:
                self._wholes[place] = self._digest(look.body)
                found += [place] if is_same(look.body) else []
        now = {look.uid: self._head(look.body) for look in wire.each([place.uid for place in before], _HEAD)}
        found += [
            place for place in before if place.uid in now and now[place.uid] == self._heads.get(place, now[place.uid])
        ]
        return sorted(found, key=lambda place: place.uid)

    def _head(self, fields: bytes | None) -> bytes:
        """Without white space: a server may fold what it cached otherwise than what it reads. Empty: it tells none."""
        told = b"".join((fields or b"").split())
        return self._digest(told) if told else b""

    def _digest(self, data: bytes) -> bytes:
        return hashlib.blake2b(data, digest_size=16, key=self._key).digest()


def _standing(wire: Wire, folder: str, places: Sequence[Place]) -> list[Place]:
    """Open the folder. Those whose numbers are still of it; none where it can't be read."""
    try:
        uidvalidity = wire.select(folder).uidvalidity
    except Refused as error:
        if not error.for_good:
            raise
        return []
    return [place for place in places if place.uidvalidity == uidvalidity]
