"""Replacing one message of a Maildir: the steps, and what a crash or another program between them means.

O is the original, N the new message under the name that was planned; `@` is "stands somewhere in the tree". A step is
recorded before the next begins. At every moment a whole copy of the message stands: O until N was placed and read back,
N from then on.

| recorded | on disk | how it goes on |
|---|---|---|
| PREPARED | O, perhaps a part of tmp/N | write tmp/N whole: fsync, mode, owner and mtime of O |
| WRITTEN | O, tmp/N, perhaps already N for tmp/N | check O's content; rename tmp/N to where O stands, with O's flags |
| PLACED | O and N | read N back and compare |
| REMOVING | N, perhaps O | flags or folder of O changed: N follows; unlink O by the exact name whose flags N has |
| REMOVED | N | done |

Another program, while `replace` runs (all is over in milliseconds, so what happens to O is meant for the message):

| what it does | when | outcome |
|---|---|---|
| flags O, moves it new → cur or to another folder | any time | N gets the flags, stands in that folder |
| moves O under a new base name (Dovecot's MOVE) | before PLACED | MessageGone, nothing left behind; it is listed anew |
| | later | found by content; N follows |
| rewrites O | before unlink | N goes, MessageChanged |
| deletes O | before PLACED | MessageGone, nothing left behind |
| | PLACED until unlink | N goes too: the message was deleted. Replaced(None) |
| deletes or rewrites N while O stands | any time | O stays, SourceError: recover looks again |

`recover`, after a crash of any length, in which a person may have seen O and N beside each other:

| N | O | outcome |
|---|---|---|
| absent | @ | None: tmp/N cleared, all begins anew |
| absent | absent | before PLACED None; from PLACED on Replaced(None): someone deleted both |
| right | @ | N takes over flags and folder, O goes: Replaced(N) |
| right | rewritten | before REMOVED: N goes, None. REMOVED: what stands there isn't O; Replaced(N) |
| right | absent | Replaced(N), at any step: who deleted one of the two may have meant to keep the other |
| wrong | @ or rewritten | N goes (cut off by a power failure), None |
| wrong | absent | MessageGone: N is the only copy and another program wrote it; left as it is |
"""

from __future__ import annotations

import errno
import os
import re

from scrubber.errors import MessageChanged, MessageGone, SourceError, SourceUnwritable
from scrubber.message import SourceRef
from scrubber.sources.base import Digest, Record, Replaced, WriteBack
from scrubber.sources.maildir_traces import copies
from scrubber.sources.maildir_tree import INFO, LOOKS, Standing, Tree, base_of, item_of

ROUNDS = 100
"""How often another program may get in between before we give up; each round is one rename of its making."""

_RESTLESS = "another program keeps moving the message"
_REWRITTEN = "another program rewrote the message"
_NAME = re.compile(r"[0-9]+\.[A-Za-z0-9_]+\.[A-Za-z0-9-][A-Za-z0-9.-]*")
_UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


class Swap:
    """One replacement over a tree. OSError and SourceError go to the caller; see the tables above for the rest."""

    def __init__(self, tree: Tree, write: WriteBack, digest: Digest, record: Record) -> None:
        self._tree = tree
        self._write = write
        self._digest = digest
        self._record = record
        self._base = base_of(write.ref.item)
        self._name = write.plan.get("name", "")
        size = write.plan.get("size", "")
        if not _NAME.fullmatch(self._name) or not size.isdecimal():
            raise SourceError("the plan of this replacement is not one that a Maildir source makes")
        self._size = int(size)

    def replace(self, payload: bytes) -> Replaced:
        if self._digest(payload) != self._write.result_digest:
            raise SourceError("the new payload is not the one that the journal announced")
        placed = self._prepare(payload)
        self._record("PLACED")
        if not self._is_right(self._find_new()):
            if self._originals()[0]:
                self._drop_new()
            raise SourceError("the new message reads back differently from what was written")
        self._record("REMOVING")
        where = self._finish(placed)
        self._record("REMOVED")
        return self._replaced(where)

    def _prepare(self, payload: bytes) -> Standing:
        """Up to and including the placing. Whatever is raised, nothing is left behind, unless the journal raised it."""
        original, status = self._original()
        temporary = Standing(original.folder, "tmp", self._name)
        try:
            self._tree.write(temporary, payload, status)
        except OSError as error:
            raise _unwritable(error) from None
        self._record("WRITTEN")
        try:
            return self._place(temporary)
        except (OSError, SourceError) as error:
            self._drop_temporary()
            self._drop_new()
            if isinstance(error, OSError):
                raise _unwritable(error) from None
            raise

    def _place(self, temporary: Standing) -> Standing:
        """Rename the new message to beside the original, if that still is what it was; where that stood then."""
        for _ in range(ROUNDS):
            original, _status = self._original()
            try:
                self._tree.move(temporary, _beside(original, self._name))
            except (FileNotFoundError, NotADirectoryError):
                if self._tree.status(temporary) is None:
                    raise
                continue  # the folder went away; where the original stands now is looked up again
            if self._tree.status(original) is None:
                self._original()
            return original
        raise SourceError(_RESTLESS)

    def recover(self) -> Replaced | None:
        self._drop_temporary()
        step = self._write.step
        new = self._find_new()
        originals, changed = self._originals()
        if new is None:
            if originals or changed or step in {"PREPARED", "WRITTEN"}:
                return None
            return self._replaced(None)
        if not self._is_right(new):
            if not (originals or changed):
                raise MessageGone("the original is gone and another program rewrote the new message")
            self._drop_new()
            return None
        if step == "REMOVED":
            return self._replaced(new)
        if changed and not originals:
            self._drop_new()
            return None
        if step != "REMOVING":
            self._record("REMOVING")
            originals = originals or self._moved()
        where: Standing | None = new
        if originals:
            where = self._finish(None)
        self._record("REMOVED")
        return self._replaced(where)

    def _finish(self, synced: Standing | None) -> Standing | None:
        """Remove the original; where the new message then stands, None when another program deleted it.

        `synced` is where the original stood, with its flags, when the new message was last made equal to it; None
        after a crash: then that isn't known.
        """
        twins: set[str] | None = None
        crashed = synced is None
        for _ in range(ROUNDS):
            new = self._find_new()
            originals, changed = self._originals(looks=LOOKS if twins is None else 1)
            if twins is not None:
                originals = [original for original in originals if original.folder not in twins]
                if new is None or not originals:
                    return new
            if new is None:
                raise SourceError("another program removed the new message; the original is left as it is")
            if not originals:
                if changed:
                    self._drop_new()
                    raise MessageChanged(_REWRITTEN)
                originals = self._moved()
            if not originals:
                if crashed:
                    return new
                self._drop_new()
                return None
            original = min(originals, key=lambda place: place.folder != new.folder)
            target = _follow(synced, original, new)
            try:
                if target != new:
                    self._tree.move(new, target)
                synced = original
                if self._tree.remove(original) and twins is None:
                    # A copy under the same name in another folder was someone's wish. One that turns up from here on is
                    # the original on its way there.
                    twins = {place.folder for place in originals if place != original}
            except (FileExistsError, FileNotFoundError, NotADirectoryError):
                continue  # another program renamed the new message or its folder: look again
        raise SourceError(_RESTLESS)

    # what stands where

    def _original(self) -> tuple[Standing, os.stat_result]:
        """Where the original stands; a look at its last known place is enough while it is there."""
        for _ in range(ROUNDS):
            place = self._tree.find(self._base)
            try:
                payload, status = self._tree.read(place) if place else (b"", None)
            except FileNotFoundError:
                continue
            if place and status and self._digest(payload) == self._write.original_digest:
                return place, status
            originals, changed = self._originals()
            if not originals:
                raise MessageChanged(_REWRITTEN) if changed else MessageGone("another program removed the message")
            if status := self._tree.status(originals[0]):
                return originals[0], status
        raise SourceError(_RESTLESS)

    def _originals(self, looks: int = LOOKS) -> tuple[list[Standing], bool]:
        """Where the original stands, by name and content; and whether other content stands under its name."""
        changed = False
        for _ in range(ROUNDS):
            places = self._tree.find_all(self._base, looks)
            try:
                right = [self._digest_of(place) == self._write.original_digest for place in places]
            except FileNotFoundError:
                continue
            changed = not all(right)
            return [place for place, is_it in zip(places, right, strict=True) if is_it], changed
        raise SourceError(_RESTLESS)

    def _moved(self) -> list[Standing]:
        """The original under another base name, told by its content."""
        return [place for place in self._identical() if place.sub != "tmp"][:1]

    def _identical(self) -> list[Standing]:
        found = []
        for place in self._tree.same_size(self._size):
            if place.base == self._name:
                continue
            try:
                if self._digest_of(place) == self._write.original_digest:
                    found.append(place)
            except FileNotFoundError:
                continue
        return found

    def _digest_of(self, place: Standing) -> str:
        return self._digest(self._tree.read(place)[0])

    def _find_new(self) -> Standing | None:
        return self._tree.find(self._name)

    def _is_right(self, new: Standing | None) -> bool:
        for _ in range(ROUNDS):
            if new is None:
                return False
            try:
                return self._digest_of(new) == self._write.result_digest
            except FileNotFoundError:
                new = self._find_new()
        return False

    def _drop_temporary(self) -> None:
        for folder in self._tree.folders():
            self._tree.remove(Standing(folder, "tmp", self._name))

    def _drop_new(self) -> None:
        for _ in range(ROUNDS):
            new = self._find_new()
            if new is None or self._tree.remove(new):
                return

    # what the caller hears

    def _replaced(self, where: Standing | None) -> Replaced:
        left = copies(self._tree, where.folder if where else "", self._identical())
        ref = SourceRef(self._write.ref.source, self._write.ref.container, item_of(self._name)) if where else None
        return Replaced(ref, left)


def _beside(original: Standing, name: str) -> Standing:
    """The place of the new message: the folder, the directory and the flags of the original as it stands."""
    info = INFO + original.flags if original.sub == "cur" or original.flags else ""
    return Standing(original.folder, original.sub, name + info)


def _follow(synced: Standing | None, original: Standing, new: Standing) -> Standing:
    """Where the new message belongs: what changed on the original since `synced` is carried over."""
    if synced is None:
        folder = original.folder
        # After a crash both could be seen. Trashed counts only if both are: one may have been taken for a duplicate.
        flags = (set(original.flags) | set(new.flags)) - {"T"} | (set(original.flags) & set(new.flags) & {"T"})
    else:
        folder = original.folder if original.folder != synced.folder else new.folder
        added, dropped = set(original.flags) - set(synced.flags), set(synced.flags) - set(original.flags)
        flags = (set(new.flags) | added) - dropped
    # Flags stand in ASCII order, as the format asks; a text that need not change keeps its own.
    text = new.flags if flags == set(new.flags) else "".join(sorted(flags))
    sub = "cur" if "cur" in {original.sub, new.sub} else "new"
    return Standing(folder, sub, new.base + (INFO + text if sub == "cur" or text else ""))


def _unwritable(error: OSError) -> SourceError:
    code = errno.errorcode.get(error.errno or 0, "unknown")
    if error.errno in _UNWRITABLE:
        return SourceUnwritable(f"the Maildir can't be written: {code}")
    return SourceError(f"the Maildir can't be written: {code}")
