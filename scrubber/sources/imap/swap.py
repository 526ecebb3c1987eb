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

Another client, while this runs (its MOVE gives O another UID; byte-equal copies that stood there before are counted in
the plan, so that one more of them is O itself):

| what it does to O | when | outcome |
|---|---|---|
| changes flags | until STORE | N gets them |
| takes \\Deleted off again | before EXPUNGE | marked and looked at again |
| marks it as deleted | before STORE | N is marked too: its owner's EXPUNGE takes it |
| moves it | before EXPUNGE | N goes, MessageGone: O is listed where it stands now |
| moves it | between the last look and EXPUNGE | it stands elsewhere, marked as deleted by us: unmarked, then as above |
| expunges it | before STORE | N goes too: the message was deleted. Replaced(None) |
| expunges the folder | after STORE | it took what we marked: N stays |

`recover`, after a crash of any length. O is looked for under its UID, after a change of UIDVALIDITY by content; N by
the job in its marker, in every folder:

| N | O | outcome |
|---|---|---|
| absent | stands | None; a mark that we may have put on it is taken off |
| absent | moved | MessageGone |
| absent | absent | PREPARED: None. Later: Replaced(None), someone deleted both |
| right | stands | goes on with DELETING: Replaced(N) |
| right | moved | N goes, MessageGone |
| right | absent | Replaced(N), at any step: who deleted one of the two may have meant to keep the other |
| other content | stands | N goes, None |
| other content | absent | MessageGone: the only copy, and not what we wrote; left as it is |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from scrubber.errors import MessageChanged, MessageGone, SourceError, SourceUnwritable
from scrubber.finding import Copy, CopyState
from scrubber.message import SourceRef
from scrubber.sources.base import Digest, Record, Replaced, WriteBack
from scrubber.sources.imap.box import Box
from scrubber.sources.imap.catalogue import Place
from scrubber.sources.imap.dates import day
from scrubber.sources.imap.marker import NAME, canonical, is_job, open_mail, stamp
from scrubber.sources.imap.wire import Look, Refused, Selected, Wire

ROUNDS = 20
"""How often another client may get in between before we give up."""

DELETED = "\\Deleted"
_NOT_KEPT = {"\\Recent", DELETED}
_BEFORE_STORE = {"PREPARED", "APPENDED", "VERIFIED"}
_PLAIN_FOLDERS = frozenset(
    {"inbox", "sent", "archive", "archief", "trash", "junk", "spam", "drafts", "prullenbak", "verzonden", "all mail"}
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What `recover` must know and can't find out any more. Numbers, flags and a date: nothing of the mail's text.

    `size`: of O as the server counts it; `twins`: other messages with its content; `target` is where N is put: its
    UIDVALIDITY and the UID that N gets at least.
    """

    size: int
    flags: frozenset[str]
    date: str
    twins: int
    target_validity: int
    target_next: int

    def to_plan(self) -> dict[str, str]:
        return {
            "size": str(self.size),
            "flags": " ".join(sorted(self.flags)),
            "date": self.date,
            "twins": str(self.twins),
            "target_validity": str(self.target_validity),
            "target_next": str(self.target_next),
        }

    @classmethod
    def from_plan(cls, plan: Mapping[str, str]) -> Plan:
        try:
            numbers = [int(plan[key]) for key in ("size", "twins", "target_validity", "target_next")]
            date = plan["date"]
            if date:
                datetime.fromisoformat(date)
            return cls(numbers[0], frozenset(plan["flags"].split()), date, *numbers[1:])
        except (KeyError, ValueError):
            raise SourceError("the plan of this replacement is not one that an IMAP source makes") from None


def append(wire: Wire, folder: str, message: bytes, flags: frozenset[str], date: datetime) -> tuple[int, int] | None:
    """Put the redacted message in a folder: the one step that can't be repeated blindly."""
    return wire.append(folder, message, sorted(flags), date)


class Swap:
    """One replacement. What goes wrong with the connection goes to the caller."""

    def __init__(self, box: Box, write: WriteBack, target: str, digest: Digest, record: Record) -> None:
        self._wire = box.wire
        self._box = box
        self._write = write
        self._digest = digest
        self._record = record
        self._plan = Plan.from_plan(write.plan)
        self._folder = write.ref.container
        self._target = target
        self._by_person = False
        if not is_job(write.job) or not write.ref.item.isdecimal() or not write.ref.version.isdecimal():
            raise SourceError("this replacement is not one that an IMAP source makes")

    # replacing

    def replace(self, payload: bytes) -> Replaced:
        if self._digest(payload) != self._write.result_digest or canonical(payload) != payload:
            raise SourceError("the new payload is not the one that the journal announced")
        here = Place(self._folder, int(self._write.ref.version), int(self._write.ref.item))
        original = self._original(here)
        flags = original.flags - _NOT_KEPT
        kept = self._open(self._target, writable=True, fresh=False).kept(flags)
        if original.date is None:
            raise SourceError("the mail server gives no date of the message that can be put back")
        stamped = stamp(payload, self._write.job, self._box.seals)
        placed = append(self._wire, self._target, stamped, kept, original.date)
        self._record("APPENDED")
        new = self._verified(placed, kept, original.date)
        self._record("VERIFIED")
        self._record("DELETING")
        if not self._remove(here, new, flags, ours=False):
            return self._vanished(here, new)
        self._record("EXPUNGED")
        return self._sweep(here, new)

    def _original(self, here: Place) -> Look:
        selected = self._open(here.folder, writable=True)
        look = self._wire.look(here.uid, "FLAGS INTERNALDATE BODY.PEEK[]") if self._is_open(selected, here) else None
        if look is None or look.body is None:
            raise MessageGone("another program removed the message")
        if DELETED in look.flags:
            raise MessageGone("another program marked the message as deleted")
        if self._digest(open_mail(look.body, self._box.seals).payload) != self._write.original_digest:
            raise MessageChanged("another message stands there now")
        return look

    def _verified(self, placed: tuple[int, int] | None, wanted: frozenset[str], date: datetime) -> Place:
        """Read the new message back. SourceError when it is not what was written: it is removed again."""
        if placed is None:
            new = next((place for place, right in self._find_new(self._target) if right), None)
        else:
            new = Place(self._target, *placed)
        look = None
        if new is not None and self._is_open(self._open(new.folder, writable=True), new):
            look = self._wire.look(new.uid, "FLAGS INTERNALDATE BODY.PEEK[]")
        if new is None or look is None or look.body is None:
            raise SourceError("the new message is not where the mail server put it; the original is left as it is")
        missing = wanted - look.flags
        if missing:
            self._wire.store(new.uid, "+FLAGS.SILENT", sorted(missing))
            again = self._wire.look(new.uid, "FLAGS")
            missing = wanted - (again.flags if again else frozenset())
        wrong = ""
        if not self._is_right(look.body):
            wrong = "other text than was given (a server that rewrites mail, or takes it for one it has already)"
        elif look.date != date:
            wrong = "another date than was given"
        elif any(flag.startswith("\\") for flag in missing):
            wrong = "other flags than were given"
        if wrong:
            self._drop(new)
            raise SourceError(f"the mail server stored {wrong}; the original is left as it is")
        return new

    def _is_right(self, raw: bytes) -> bool:
        opened = open_mail(raw, self._box.seals)
        return opened.job == self._write.job and self._digest(opened.payload) == self._write.result_digest

    # removing the original

    def _remove(self, here: Place, new: Place, base: frozenset[str], *, ours: bool) -> bool:
        """Expunge the original, and only it. False: it went before we marked it. `ours`: a mark may be our own."""
        marked = False
        for _ in range(ROUNDS):
            look = self._look(here)
            if look is None:
                return marked
            if DELETED in look.flags and not ours:
                self._by_person = True
            base = self._sync(base, look.flags, new)
            self._open(here.folder, writable=True, fresh=False)
            if not self._wire.store(here.uid, "+FLAGS.SILENT", [DELETED], look.modseq):
                ours = ours and DELETED in look.flags
                continue
            ours = True
            look = self._look(here)
            if look is None:  # some server or another client's EXPUNGE took it because we marked it
                return True
            marked = DELETED in look.flags
            if not marked:
                continue
            base = self._sync(base, look.flags, new)
            self._open(here.folder, writable=True, fresh=False)
            self._wire.expunge(here.uid)
        raise SourceError("the mail server does not remove the original; both stand there until it does")

    def _look(self, here: Place) -> Look | None:
        """The original's flags as they are now. None: it is gone, or its folder is another."""
        selected = self._open(here.folder, writable=True)
        if not self._is_open(selected, here):
            return None
        items = "FLAGS MODSEQ" if self._box.abilities.counts and selected.counts else "FLAGS"
        return self._wire.look(here.uid, items)

    def _sync(self, base: frozenset[str], now: frozenset[str], new: Place) -> frozenset[str]:
        """What changed on the original since `base` is done to the new message. Gives the new base."""
        now = now - _NOT_KEPT
        if now != base:
            selected = self._open(new.folder, writable=True, fresh=False)
            if added := selected.kept(now - base):
                self._wire.store(new.uid, "+FLAGS.SILENT", sorted(added))
            if dropped := selected.kept(base - now):
                self._wire.store(new.uid, "-FLAGS.SILENT", sorted(dropped))
        return now

    # what others did

    def _others(self, here: Place | None) -> tuple[list[Place], bool]:
        """Messages elsewhere with the original's content, and whether one of them is the original, moved."""
        found = self._box.same(self._plan.size, self._write.original_digest, self._digest)
        others = [place for place in found if place != here]
        return others, len(others) > self._plan.twins

    def _vanished(self, here: Place, new: Place) -> Replaced:
        """The original went, and not by us: our copy goes too."""
        others, moved = self._others(here)
        self._drop(new)
        if moved:
            raise MessageGone("another program moved the message")
        return Replaced(None, self._copies(others))

    def _sweep(self, here: Place, new: Place) -> Replaced:
        """The original is expunged. One more with its content, marked by us or its owner: it was moved meanwhile."""
        others, more = self._others(here)
        if more:
            marked = [place for place in others if self._is_marked(place)]
            if marked or self._by_person:
                self._give_way(new, marked)
        if self._by_person:
            self._open(new.folder, writable=True)
            self._wire.store(new.uid, "+FLAGS.SILENT", [DELETED])
        self._record("SWEPT")
        return Replaced(self._ref(new), self._copies(others))

    def _is_marked(self, place: Place) -> bool:
        if place.folder == self._folder or not self._is_open(self._open(place.folder), place):
            return False
        look = self._wire.look(place.uid, "FLAGS")
        return look is not None and DELETED in look.flags

    def _unmark(self, place: Place) -> None:
        if self._is_open(self._open(place.folder, writable=True), place):
            self._wire.store(place.uid, "-FLAGS.SILENT", [DELETED])

    # after a crash

    def recover(self) -> Replaced | None:
        here, others, moved = self._whereabouts()
        found = self._find_new(self._target) or self._find_elsewhere()
        new = next((place for place, right in found if right), None)
        if new is None:
            return self._without_new([place for place, _ in found], here, others, moved=moved)
        if here is not None:
            if self._write.step in _BEFORE_STORE:
                self._record("DELETING")
            # A mark on it may be of someone who saw both and took one for a duplicate: the other one stays.
            if self._remove(here, new, self._plan.flags, ours=True):
                self._record("EXPUNGED")
                return self._sweep(here, new)
            others, moved = self._others(here)
        marked = [place for place in others if self._is_marked(place)] if moved else []
        if moved and (self._write.step in {*_BEFORE_STORE, "DELETING"} or marked):
            self._give_way(new, marked)
        if self._write.step != "SWEPT":
            self._record("SWEPT")
        return Replaced(self._ref(new), self._copies(others))

    def _give_way(self, new: Place, marked: list[Place]) -> NoReturn:
        """The original stands elsewhere now, perhaps with our mark: it is listed there anew, and our copy goes."""
        for place in marked:
            self._unmark(place)
        self._drop(new)
        raise MessageGone("another program moved the message")

    def _without_new(
        self, wrong: list[Place], here: Place | None, others: list[Place], *, moved: bool
    ) -> Replaced | None:
        if here is not None:
            for place in wrong:
                self._drop(place)
            if self._write.step not in _BEFORE_STORE:
                self._unmark(here)
            return None
        if wrong and not moved:
            raise MessageGone("the original is gone and another program rewrote the new message")
        for place in wrong:
            self._drop(place)
        if self._write.step == "PREPARED":
            return None
        if moved:
            raise MessageGone("another program moved the message")
        return Replaced(None, self._copies(others))

    def _whereabouts(self) -> tuple[Place | None, list[Place], bool]:
        """Where the original stands, the others with its content, and whether it is one of those (moved)."""
        ref = self._write.ref
        here: Place | None = None
        try:
            selected = self._open(self._folder)
        except Refused:
            selected = None  # renamed or removed
        same = self._box.same(self._plan.size, self._write.original_digest, self._digest)
        if selected and selected.uidvalidity == int(ref.version):
            here = next(
                (place for place in same if place == Place(self._folder, selected.uidvalidity, int(ref.item))), None
            )
        elif selected and len(same) > self._plan.twins:
            here = next((place for place in same if place.folder == self._folder), None)
        others = [place for place in same if place != here]
        return here, others, here is None and len(others) > self._plan.twins

    def _find_new(self, folder: str) -> list[tuple[Place, bool]]:
        """Messages in a folder that bear our job, and whether they are what we wrote; those first."""
        try:
            selected = self._open(folder)
        except Refused:
            return []
        first = self._plan.target_next if selected.uidvalidity == self._plan.target_validity else 1
        uids = [uid for uid in self._wire.uids("UID", f"{first}:*") if uid >= first]
        return self._bearing(selected, uids)

    def _find_elsewhere(self) -> list[tuple[Place, bool]]:
        """The same in every other folder: someone may have moved it. Looked for by its date, which a move keeps."""
        if not self._plan.date:
            return []
        date = datetime.fromisoformat(self._plan.date)
        span = [day(date - timedelta(days=2)), day(date + timedelta(days=3))]
        for folder in self._box.catalogue.standing:
            if folder.name == self._target or "\\all" in folder.uses:
                continue
            try:
                selected = self._open(folder.name)
                uids = self._wire.uids("SINCE", span[0], "BEFORE", span[1])
                if found := self._bearing(selected, uids):
                    return found
            except Refused:
                continue
        return []

    def _bearing(self, selected: Selected, uids: list[int]) -> list[tuple[Place, bool]]:
        job = self._write.job.encode("ascii")
        found = []
        for uid, look in self._wire.looks(uids, f"BODY.PEEK[HEADER.FIELDS ({NAME.upper()})]").items():
            if look.body is None or job not in look.body:
                continue
            whole = self._wire.look(uid, "BODY.PEEK[]")
            if whole and whole.body is not None and open_mail(whole.body, self._box.seals).claims == self._write.job:
                found.append((Place(selected.folder, selected.uidvalidity, uid), self._is_right(whole.body)))
        return sorted(found, key=lambda one: (not one[1], one[0].uid))

    # small steps

    def _drop(self, new: Place) -> None:
        """Remove what we appended. Only a message that bears our job is ever removed."""
        for _ in range(ROUNDS):
            if not self._is_open(self._open(new.folder, writable=True), new):
                return
            look = self._wire.look(new.uid, "BODY.PEEK[]")
            if look is None or look.body is None or open_mail(look.body, self._box.seals).claims != self._write.job:
                return
            self._wire.store(new.uid, "+FLAGS.SILENT", [DELETED])
            self._wire.expunge(new.uid)
        raise SourceError("the mail server does not remove the new message; both stand there until it does")

    def _open(self, folder: str, *, writable: bool = False, fresh: bool = True) -> Selected:
        selected = self._wire.select(folder, writable=writable, fresh=fresh)
        if writable and not selected.writable:
            raise SourceUnwritable("the mail server lets the folder be read only: give `user` the right to write there")
        return selected

    @staticmethod
    def _is_open(selected: Selected, place: Place) -> bool:
        return selected.uidvalidity == place.uidvalidity

    def _ref(self, place: Place) -> SourceRef:
        return SourceRef(self._write.ref.source, place.folder, str(place.uid), str(place.uidvalidity))

    def _copies(self, others: list[Place]) -> tuple[Copy, ...]:
        remain = (
            Copy(f"folder:{_told(place.folder)}", CopyState.REMAINS, "byte-gelijke kopie in een map van deze postbus")
            for place in others
        )
        return tuple(dict.fromkeys((*remain, *self._box.abilities.copies)))


def _told(folder: str) -> str:
    """Only names that every mailbox has are told: a folder may be named after a customer."""
    last = folder.replace(".", "/").rpartition("/")[2]
    return last if last.lower() in _PLAIN_FOLDERS else "andere map"
