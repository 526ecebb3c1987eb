"""Which message sizes stand in which folder, so that a copy of a mail is found without reading the mailbox.

Filled once per folder and process, then only by what came in since. An entry may be of a message that is gone: whoever
asks reads the content anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from scrubber.sources.imap.answers import Refused
from scrubber.sources.imap.folders import Folder
from scrubber.sources.imap.likeness import Likeness
from scrubber.sources.imap.places import Place
from scrubber.sources.imap.wire import Wire

LARGE = 100_000
"""Messages in a folder from which on the server is asked each time (SEARCH) and nothing is kept."""


@dataclass(slots=True)
class _Known:
    uidvalidity: int
    uidnext: int = 1
    large: bool = False
    sizes: dict[int, list[int]] = field(default_factory=dict)


class Catalogue:
    def __init__(self) -> None:
        self._folders: dict[str, _Known] = {}
        self._likeness = Likeness()
        self.standing: tuple[Folder, ...] = ()

    def refresh(self, wire: Wire, listing: str) -> None:
        """Bring it in line with what stands in every folder. `listing`: what may be asked of LIST beside names."""
        folders, states = wire.folders(listing)
        self.standing = tuple(folders)
        for gone in self._folders.keys() - {folder.name for folder in folders}:
            del self._folders[gone]
        for folder in folders:
            try:
                status = states.get(folder.name) or wire.status(folder.name)
                known = self._folders.get(folder.name)
                if known is None or known.uidvalidity != status.uidvalidity:
                    known = self._folders[folder.name] = _Known(status.uidvalidity, large=status.messages > LARGE)
                if status.messages and not known.large and (status.uidnext != known.uidnext or not status.uidnext):
                    self._fill(wire, folder.name, known)
                known.uidnext = max(known.uidnext, status.uidnext)
            except Refused as error:
                if not error.for_good:
                    raise  # who takes a folder that can't be read now for an empty one misses what stands there
                self._folders.pop(folder.name, None)  # no right to read there, or gone since

    @staticmethod
    def _fill(wire: Wire, folder: str, known: _Known) -> None:
        selected = wire.select(folder)
        if selected.uidvalidity != known.uidvalidity:
            known.uidvalidity, known.uidnext = selected.uidvalidity, 1
            known.sizes.clear()
        for uid, size in wire.sizes(known.uidnext):
            known.sizes.setdefault(size, []).append(uid)
            known.uidnext = max(known.uidnext, uid + 1)

    def of_size(self, wire: Wire, size: int, up_to: int = 0) -> Iterator[Place]:
        """Messages that the server says are `size` bytes long (or `up_to` so many), as of the last `refresh`."""
        up_to = max(size, up_to)
        for folder, known in list(self._folders.items()):
            if known.large:
                wire.select(folder)
                uids = wire.uids("LARGER", str(max(0, size - 1)), "SMALLER", str(up_to + 1))
            elif up_to == size:
                uids = known.sizes.get(size, [])
            else:
                uids = [uid for one, of_it in known.sizes.items() if size <= one <= up_to for uid in of_it]
            for uid in uids:
                yield Place(folder, known.uidvalidity, uid)

    def same(
        self,
        wire: Wire,
        size: int,
        is_same: Callable[[bytes], bool],
        *,
        but: Place | None = None,
        up_to: int = 0,
        like: Place | None = None,
    ) -> list[Place]:
        """Messages of that size, `but` one, whose raw text is the same. `like`: where one such stands, or stood."""
        places = [place for place in self.of_size(wire, size, up_to) if place != but]
        return self._likeness.among(wire, places, is_same, like)
