"""Removing one message, and never another: mark it, look, expunge that UID alone, look again.

STORE and EXPUNGE answer OK where they did nothing (a folder that is read-only, a message that another client moved or
unmarked), so only what is seen afterwards counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scrubber.errors import SourceError, SourceUnwritable
from scrubber.sources.imap.answers import Look, Selected
from scrubber.sources.imap.box import Box
from scrubber.sources.imap.places import Place
from scrubber.sources.imap.plan import DELETED, NOT_KEPT
from scrubber.sources.imap.whereabouts import Whereabouts

ROUNDS = 20
"""How often another client may get in between before we give up."""

_GIVEN = {"\\Important"}
"""Labels of Gmail's own that a person or Gmail puts on a message, whatever folder it is in."""


@dataclass(frozen=True, slots=True)
class Removed:
    """`by_us`: it went after we marked it. `by_person`: someone else had marked it as deleted before."""

    by_us: bool
    by_person: bool = False


class Removal:
    def __init__(self, box: Box, known: Whereabouts) -> None:
        self._box = box
        self._wire = box.wire
        self._known = known

    def original(self, here: Place, new: Place, base: frozenset[str], *, ours: bool) -> Removed:
        """Expunge the original. `base`: the flags that the new message took over from it; it takes over what changes.

        `ours`: a mark that stands on it may be our own.
        """
        if trash := self.trash:
            return self._through_trash(here, new, base, trash)
        by_person = marked = False
        for _ in range(ROUNDS):
            look = self._look(here, new, ours=ours)
            if look is None:
                return Removed(marked, by_person)
            by_person = by_person or (DELETED in look.flags and not ours)
            base = self._sync(base, look.flags, new)
            self.open(here, fresh=False)
            told = self._wire.store(here.uid, "+FLAGS", [DELETED], look.modseq)
            if told is None:  # another client changed it since we looked
                ours = ours and DELETED in look.flags
                continue
            ours = True
            if DELETED not in told.flags | look.flags:  # it is gone, or the server doesn't say what it did: look again
                continue
            marked = True
            look = self._look(here, new, ours=ours)
            if look is None:  # a server, or another client's EXPUNGE, took it because we marked it
                return Removed(True, by_person)
            marked = DELETED in look.flags
            if not marked:
                continue
            base = self._sync(base, look.flags, new)
            self.open(here, fresh=False)
            self._wire.expunge(here.uid)
        raise SourceError("the mail server does not remove the original; both stand there until it does")

    @property
    def trash(self) -> str:
        """The folder through which a message must go to be gone: at Gmail, where EXPUNGE elsewhere only archives."""
        if self._box.abilities.kind != "gmail" or not self._box.abilities.moves:
            return ""
        return next((folder.name for folder in self._box.catalogue.standing if "\\trash" in folder.uses), "")

    def _through_trash(self, here: Place, new: Place, base: frozenset[str], trash: str) -> Removed:
        look = self._look(here, new, ours=False)
        if look is None:
            return Removed(False)
        self._sync(base, look.flags, new)
        self._relabel(here, new)
        self.empty(self._thrown(here, trash))
        return Removed(True)

    def _relabel(self, here: Place, new: Place) -> None:
        """The bin takes all labels off: the new message wears them first. Gmail's own follow from folder and flags."""
        self.open(here)
        labels = [label for label in self._wire.labels(here.uid) if not label.startswith("\\") or label in _GIVEN]
        if labels:
            self.open(new)
            self._wire.add_labels(new.uid, labels)

    def empty(self, places: Sequence[Place]) -> None:
        """Remove the original from the bin for good."""
        for place in places:
            self._erase(place, self._known.is_original)

    def _thrown(self, place: Place, trash: str) -> list[Place]:
        """Put a message in the bin. Where it stands there."""
        self.open(place, fresh=False)
        told = self._wire.move(place.uid, trash)
        self.open(place)
        if self._wire.look(place.uid, "FLAGS") is not None:
            raise SourceError("the mail server does not move a message to its bin; both stand there until it does")
        if told:
            return [Place(trash, *told)]
        selected = self._wire.select(trash)
        return [Place(trash, selected.uidvalidity, uid) for uid in self._wire.uids("ALL")[-ROUNDS:]]

    def _erase(self, place: Place, is_it: Callable[[bytes], bool]) -> None:
        """Mark and expunge, as long as it stands there and is what it should be."""
        for _ in range(ROUNDS):
            self.open(place)
            look = self._wire.look(place.uid, "BODY.PEEK[]")
            if look is None or look.body is None or not is_it(look.body):
                return
            self._wire.store(place.uid, "+FLAGS.SILENT", [DELETED])
            self._wire.expunge(place.uid)
        raise SourceError("the mail server does not remove a message that must go; it stands there until it does")

    def _look(self, here: Place, new: Place, *, ours: bool) -> Look | None:
        """The original's flags as they are now. None: it is gone.

        SourceError when it stands and the new message doesn't: then it is the only one, and a mark of ours comes off.
        """
        together = new.folder == here.folder
        there = together or self._stands(new)
        selected = self.open(here)
        items = "FLAGS MODSEQ" if self._box.abilities.counts and selected.counts else "FLAGS"
        looks = self._wire.looks([here.uid, new.uid] if together else [here.uid], items)
        look = looks.get(here.uid)
        if look is not None and (not there or (together and new.uid not in looks)):
            if ours and DELETED in look.flags:
                self.unmark(here)
            raise SourceError("another program removed the new message; the original is left as it is")
        return look

    def _stands(self, place: Place) -> bool:
        self.open(place, writable=False)
        return self._wire.look(place.uid, "FLAGS") is not None

    def _sync(self, base: frozenset[str], now: frozenset[str], new: Place) -> frozenset[str]:
        """What changed on the original since `base` is done to the new message. Gives the new base."""
        now = now - NOT_KEPT
        if now != base:
            selected = self.open(new, fresh=False)
            if added := selected.kept(now - base):
                self._wire.store(new.uid, "+FLAGS.SILENT", sorted(added))
            if dropped := selected.kept(base - now):
                self._wire.store(new.uid, "-FLAGS.SILENT", sorted(dropped))
        return now

    def ours(self, new: Place) -> None:
        """Remove what we appended, wherever it stands. Only a message that bears the job is ever removed."""
        places = [new] if self._claims(new) else [place for place, _ in self._known.new()]
        for place in places:
            thrown = [place]
            if self.trash and self.trash != place.folder:
                self.open(place)
                thrown = self._thrown(place, self.trash)
            for one in thrown:
                self._erase(one, self._known.claims)

    def _claims(self, place: Place) -> bool:
        self.open(place, writable=False)
        look = self._wire.look(place.uid, "BODY.PEEK[]")
        return look is not None and look.body is not None and self._known.claims(look.body)

    def is_marked(self, place: Place) -> bool:
        self.open(place, writable=False)
        look = self._wire.look(place.uid, "FLAGS")
        return look is not None and DELETED in look.flags

    def stands_unmarked(self, place: Place) -> bool:
        self.open(place, writable=False)
        look = self._wire.look(place.uid, "FLAGS")
        return look is not None and DELETED not in look.flags

    def mark(self, place: Place) -> None:
        self.open(place)
        self._wire.store(place.uid, "+FLAGS.SILENT", [DELETED])

    def unmark(self, place: Place) -> None:
        self.open(place)
        self._wire.store(place.uid, "-FLAGS.SILENT", [DELETED])

    def open(self, place: Place, *, writable: bool = True, fresh: bool = True) -> Selected:
        """The folder of a message. SourceError when its numbers are others now: where it stands must be looked up."""
        selected = self.writable(place.folder, fresh=fresh) if writable else self._wire.again(place.folder)
        if selected.uidvalidity != place.uidvalidity:
            raise SourceError("the mail server numbered the folder anew meanwhile; the messages are looked up again")
        return selected

    def writable(self, folder: str, *, fresh: bool = True) -> Selected:
        if fresh:
            selected = self._wire.again(folder, writable=True)
        else:
            selected = self._wire.select(folder, writable=True, fresh=False)
        if not selected.writable:
            raise SourceUnwritable("the mail server lets the folder be read only: give `user` the right to write there")
        return selected
