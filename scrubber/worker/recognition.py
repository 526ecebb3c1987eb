"""One look at a source: what stands there, what is known of it, and which messages only have another reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scrubber.digests import Digests
from scrubber.journal import GONE, RETRY, Journal, Standing, final
from scrubber.message import SourceRef
from scrubber.sources.base import Listed, stands
from scrubber.station import Station
from scrubber.store import Store

MATTER = ""
"""The item of what is said of a matter as a whole; no message has it."""


@dataclass(slots=True)
class Look:
    """`known`: what the journal knows, kept in step with what this look learns; `said`: what people said, by message.

    `unheard`: messages of which something was said that could not be heard yet, and that protects them: not handled.
    `flying`: messages that are being replaced; `placed`: digests by which they are known under another reference.
    """

    station: Station
    at: datetime
    listed: Mapping[SourceRef, Listed]
    known: dict[SourceRef, Standing]
    said: dict[SourceRef, str]
    flying: frozenset[SourceRef]
    placed: frozenset[str]
    again: set[SourceRef] = field(default_factory=set)
    """Messages that changed while they were handled: they are looked at anew."""
    unheard: set[SourceRef] = field(default_factory=set, init=False)
    versions: Mapping[str, frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        versions: dict[str, set[str]] = {}
        for ref in self.listed:
            versions.setdefault(ref.container, set()).add(ref.version)
        self.versions = {container: frozenset(found) for container, found in versions.items()}

    def now_known(self, journal: Journal, ref: SourceRef) -> None:
        """Keep in step with what this look wrote of a message."""
        standing = journal.known(ref)
        if standing is not None:
            self.known[ref] = standing

    def wants(self, standing: Standing, attempts: int) -> bool:
        """Whether a known message is to be handled again: a person asks for it, or it was gone and turned up."""
        if standing.reason in (RETRY, GONE):
            return True
        if standing.origin or standing.replaced:
            return False
        replaces = self.station.source.capabilities.replaces
        return not final(standing, self.station.mode, attempts, replaces=replaces)


def matter_ref(ref: SourceRef) -> SourceRef:
    """Under which what is said of a whole matter is kept."""
    return SourceRef(ref.source, ref.container, MATTER)


class Recognition:
    """For a source whose references don't follow a message: the same content, and the old reference stands no more.

    What is recognised is carried over in the journal, several at once (`flush`): nothing is recorded anew, and a
    message costs the one fetch that its content takes. A copy beside the message that is known is not that message.
    """

    def __init__(self, store: Store, journal: Journal, digests: Digests, look: Look) -> None:
        self._store = store
        self._journal = journal
        self._digests = digests
        self._look = look
        self._moves: list[tuple[SourceRef, SourceRef]] = []

    def content(self, ref: SourceRef, digests: Sequence[str]) -> Standing | None:
        """What is known of the message at `ref`, which holds what one of `digests` was made of."""
        return self._known(ref, lambda: self._journal.alike(ref.source, digests))

    def unread(self, listed: Listed) -> Standing | None:
        """As `content`, of a message too big to be read."""
        source = listed.ref.source
        return self._known(listed.ref, lambda: self._journal.alike_unread(source, listed.size, listed.received))

    def _known(self, ref: SourceRef, alike: Callable[[], Sequence[SourceRef]]) -> Standing | None:
        if self._look.station.source.capabilities.follows:
            return None
        known = self._look.known
        moved = dict(self._moves)
        candidates = [moved.get(old, old) for old in alike()]
        candidates.sort(key=lambda old: old.container != ref.container)
        for old in candidates:
            standing = known.get(old)
            if standing is None or standing.replaced or self._stands(old):
                continue
            del known[old]
            known[ref] = standing
            self._moves.append((old, ref))
            if len(self._moves) >= FLUSH:
                self.flush()
            return standing
        return None

    def _stands(self, old: SourceRef) -> bool:
        # That it was listed says little: it may have been moved while the folders were listed one by one.
        versions = self._look.versions.get(old.container)
        if versions and old.version not in versions:  # the folder was numbered anew
            return False
        return stands(self._look.station.source, old)

    def flush(self) -> None:
        """Write down what was recognised so far."""
        moves, self._moves = self._moves, []
        if moves:
            with self._store.begin() as tx:
                for old, new in moves:
                    self._journal.carry(tx, old, new, self._digests.ref(old))


FLUSH = 500
"""How many moves are written down together."""
