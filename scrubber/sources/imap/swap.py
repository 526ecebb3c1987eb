"""Replacing one message of a mailbox: the steps, and what a crash or another client between them means.

O is the original, N the redacted message, which carries a marker with the job (marker.py). A step is recorded before
the next begins. At every moment a whole copy stands: O until N was read back and found right, N from then on.

| recorded | in the mailbox | how it goes on |
|---|---|---|
| PREPARED | O | read O: its content, flags and date; APPEND N with them |
| APPENDED | O and N | read N back: content, date, flags |
| VERIFIED | O and N | |
| DELETING | N, perhaps O | N takes over flags that changed; STORE \\Deleted on O; look; UID EXPUNGE of O alone; look |
| EXPUNGED | N | look for O in every folder: a move that came in between |
| SWEPT | N | done |

In an intake all of this happens in the folder where the mail came in. Only what is done there is moved on to the desk
(worker/deliveries.py): a desk may delete or file at once what it finds, which would look like a case of those below.

Another client, while this runs (its MOVE gives O another UID; byte-equal copies that stood there before are counted in
the plan, so that one more of them is O itself):

| what it does to O | when | outcome |
|---|---|---|
| changes flags | until STORE | N gets them |
| takes \\Deleted off again | before EXPUNGE | marked and looked at again |
| marks it as deleted | before STORE | N is marked too: its owner's EXPUNGE takes it |
| moves it | before EXPUNGE | N goes, MessageGone: O is listed where it stands now |
| moves it | between the last look and EXPUNGE | it stands elsewhere, marked as deleted by us: unmarked, then as above |
| expunges it | before STORE | N goes too, Replaced(None); where the server may have merged O into N itself, N stays |
| expunges the folder | after STORE | it took what we marked: N stays |
| moves it, and expunges that folder | after STORE | it took what we marked: N stays |

`recover`, after a crash of any length. O is looked for under its UID, after a change of UIDVALIDITY by content; N by
the job in its marker, in every folder:

| N | O | outcome |
|---|---|---|
| absent | stands | None; a mark that we may have put on it is taken off |
| absent | moved | MessageGone |
| absent | absent | PREPARED: None. Later: Replaced(None), someone deleted both |
| absent | absent, with a folder that the settings name | SourceError: nobody can tell until it is back |
| right | stands | goes on with DELETING: Replaced(N) |
| right | moved | N goes, MessageGone |
| right | absent | Replaced(N), at any step: who deleted one of the two may have meant to keep the other |
| other content | stands | N goes, None |
| other content | absent | MessageGone: the only copy, and not what we wrote; left as it is |

Of byte-equal messages nobody can tell which one was moved and which one was deleted: where both happened, N stays and
the one that was moved is looked at anew where it stands, so that two may stand where one was meant to. Once we marked
it, the mark gives O away.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NoReturn

from scrubber.errors import MessageChanged, MessageGone, SourceError
from scrubber.finding import Copy, CopyState
from scrubber.message import SourceRef
from scrubber.sources.base import Digest, Record, Replaced, WriteBack
from scrubber.sources.imap.answers import Look
from scrubber.sources.imap.box import Box
from scrubber.sources.imap.marker import canonical, stamp
from scrubber.sources.imap.places import Place
from scrubber.sources.imap.plan import DELETED, NOT_KEPT
from scrubber.sources.imap.removal import Removal
from scrubber.sources.imap.whereabouts import Original, Whereabouts
from scrubber.sources.imap.wire import Wire

_BEFORE_STORE = frozenset({"PREPARED", "APPENDED", "VERIFIED"})
_MOVED = "another program moved the message"
_HIDDEN = "a replacement was begun in a folder that is not there now: make that folder, or name it no longer"
_PLAIN_FOLDERS = frozenset(
    {"inbox", "sent", "archive", "archief", "trash", "junk", "spam", "drafts", "prullenbak", "verzonden", "all mail"}
)


def append(wire: Wire, folder: str, message: bytes, flags: frozenset[str], date: datetime) -> tuple[int, int] | None:
    """Put the redacted message in a folder: the one step that can't be repeated blindly."""
    return wire.append(folder, message, sorted(flags), date)


class Swap:
    """One replacement. Failures of the connection go to the caller.

    `awaited`: folders that may come back when they are not there now, with what stood in them.
    """

    def __init__(
        self, box: Box, write: WriteBack, digest: Digest, record: Record, awaited: Collection[str] = ()
    ) -> None:
        self._box = box
        self._wire = box.wire
        self._write = write
        self._digest = digest
        self._record = record
        self._awaited = awaited
        self._known = Whereabouts(box, write, digest)
        self._removal = Removal(box, self._known)
        if not box.catalogue.standing:
            box.catalogue.refresh(box.wire, box.abilities.listing)

    # replacing

    def replace(self, payload: bytes) -> Replaced:
        if self._digest(payload) != self._write.result_digest or canonical(payload) != payload:
            raise SourceError("the new payload is not the one that the journal announced")
        here = self._known.planned
        original = self._original(here)
        flags = original.flags - NOT_KEPT
        kept = self._removal.writable(here.folder, fresh=False).kept(flags)
        if original.date is None:
            raise SourceError("the mail server gives no date of the message that can be put back")
        placed = append(self._wire, here.folder, stamp(payload, self._write.job, self._box.seals), kept, original.date)
        self._record("APPENDED")
        new = self._verified(placed, kept, original.date)
        self._record("VERIFIED")
        self._record("DELETING")
        removed = self._removal.original(here, new, flags, ours=False)
        if not removed.by_us:
            return self._vanished(here, new)
        self._record("EXPUNGED")
        return self._sweep(here, new, by_person=removed.by_person)

    def _original(self, here: Place) -> Look:
        selected = self._removal.writable(here.folder)
        look = None
        if selected.uidvalidity == here.uidvalidity:
            look = self._wire.look(here.uid, "FLAGS INTERNALDATE BODY.PEEK[]")
        if look is None or look.body is None:
            raise MessageGone("another program removed the message")
        if DELETED in look.flags:
            raise MessageGone("another program marked the message as deleted")
        if not self._known.is_original(look.body):
            raise MessageChanged("another message stands there now")
        return look

    def _verified(self, placed: tuple[int, int] | None, wanted: frozenset[str], date: datetime) -> Place:
        """Read the new message back. SourceError when it is not what was written: it is removed again."""
        if placed is None:
            new = next((place for place, right in self._known.new_in(self._known.planned.folder) if right), None)
        else:
            new = Place(self._known.planned.folder, *placed)
        look = None
        if new is not None:
            self._removal.open(new)
            look = self._wire.look(new.uid, "FLAGS INTERNALDATE BODY.PEEK[]")
        if new is None or look is None or look.body is None:
            raise SourceError("the new message is not where the mail server put it; the original is left as it is")
        missing = wanted - look.flags
        if missing and self._known.is_new(look.body):
            self._wire.store(new.uid, "+FLAGS.SILENT", sorted(missing))
            again = self._wire.look(new.uid, "FLAGS")
            missing = wanted - (again.flags if again else frozenset())
        wrong = ""
        if not self._known.is_new(look.body):
            wrong = "other text than was given (a server that rewrites mail, or takes it for one it has already)"
        elif look.date != date:
            wrong = "another date than was given"
        elif any(flag.startswith("\\") for flag in missing):
            wrong = "other flags than were given"
        if wrong:
            self._removal.ours(new)
            raise SourceError(f"the mail server stored {wrong}; the original is left as it is")
        return new

    def _vanished(self, here: Place, new: Place) -> Replaced:
        """The original went before we marked it: moved, or deleted, and then our copy goes too."""
        original = self._known.others(here)
        if original.moved:
            self._give_way(new)
        if self._box.abilities.may_merge:  # the server itself may have taken the one for the other
            return self._swept(new, original)
        self._removal.ours(new)
        return Replaced(None, self._copies(original))

    def _sweep(self, here: Place, new: Place, *, by_person: bool) -> Replaced:
        """The original is expunged. One more of its content, marked by us or by its owner: it was moved meanwhile."""
        original = self._known.others(here)
        marked = self._marked(original)
        if self._moved(original, marked) and (marked or by_person) and self._released(marked):
            self._give_way(new)
        if by_person:
            self._removal.mark(new)
        return self._swept(new, original)

    def _swept(self, new: Place, original: Original) -> Replaced:
        if self._write.step != "SWEPT":
            self._record("SWEPT")
        ref = SourceRef(self._write.ref.source, new.folder, str(new.uid), str(new.uidvalidity))
        return Replaced(ref, self._copies(original))

    def _marked(self, original: Original) -> Sequence[Place]:
        """Those of its content that are marked as deleted: where a move in the last moment put it."""
        return [place for place in original.others if self._removal.is_marked(place)]

    def _moved(self, original: Original, marked: Sequence[Place]) -> bool:
        """Whether it stands elsewhere: one more of its content than there was, or, where one of its like that stood
        beside it may be gone, one in another folder with a mark that none had."""
        plan = self._known.plan
        ours = plan.beside and not plan.marked and any(place.folder != self._write.ref.container for place in marked)
        return original.moved or bool(original.here is None and ours)

    def _released(self, marked: Sequence[Place]) -> bool:
        """Take our mark off where a move put it. False: another client's EXPUNGE was first, and the new one stays."""
        for place in marked:
            self._removal.unmark(place)
        return all(self._removal.stands_unmarked(place) for place in marked)

    def _give_way(self, new: Place) -> NoReturn:
        """The original stands elsewhere now: it is listed there anew, and our copy goes."""
        self._removal.ours(new)
        raise MessageGone(_MOVED)

    # after a crash

    def recover(self) -> Replaced | None:
        original = self._known.original()
        if original.here is None and self._write.step == "DELETING" and (trash := self._removal.trash):
            self._removal.empty([place for place in original.others if place.folder == trash])
            original = self._known.original()
        found = self._known.new()
        new = next((place for place, right in found if right), None)
        if new is None:
            return self._without_new([place for place, _ in found], original)
        if original.here is not None:
            if self._write.step in _BEFORE_STORE:
                self._record("DELETING")
            # A mark on it may be of someone who saw both and took one for a duplicate: the other one stays.
            if self._removal.original(original.here, new, self._known.plan.flags, ours=True).by_us:
                self._record("EXPUNGED")
                return self._sweep(original.here, new, by_person=False)
            original = self._known.others(original.here)
        marked = self._marked(original)
        begun = self._write.step in {*_BEFORE_STORE, "DELETING"}
        moved = (original.moved and (marked or begun)) or (
            self._write.step == "DELETING" and self._moved(original, marked)
        )
        if moved and self._released(marked):
            self._give_way(new)
        return self._swept(new, original)

    def _without_new(self, wrong: Sequence[Place], original: Original) -> Replaced | None:
        if original.here is None and wrong and not original.moved:
            raise MessageGone("the original is gone and another program rewrote the new message")
        for place in wrong:
            self._removal.ours(place)
        step = self._write.step
        if original.here is not None:
            if step not in _BEFORE_STORE:
                self._removal.unmark(original.here)
            return None
        if not original.moved:
            self._not_hidden()
        if step == "PREPARED":
            return None
        marked = self._marked(original)
        if self._moved(original, marked):
            for place in marked:
                self._removal.unmark(place)
            raise MessageGone(_MOVED)
        return Replaced(None, self._copies(original))

    def _not_hidden(self) -> None:
        """SourceError where both may stand in a folder that only can't be seen now: without a right, not mounted."""
        folder = self._write.ref.container
        if folder in self._awaited and all(known.name != folder for known in self._box.catalogue.standing):
            raise SourceError(_HIDDEN)

    def _copies(self, original: Original) -> tuple[Copy, ...]:
        remain = (
            Copy(f"folder:{_told(place.folder)}", CopyState.REMAINS, "byte-gelijke kopie in een map van deze postbus")
            for place in original.others
        )
        return tuple(dict.fromkeys((*remain, *self._box.abilities.copies)))


def _told(folder: str) -> str:
    """Only names that every mailbox has are told: a folder may be named after a customer."""
    last = folder.replace(".", "/").rpartition("/")[2]
    return last if last.lower() in _PLAIN_FOLDERS else "andere map"
