"""Where the original and the new message of a replacement stand now, by their content, whatever was moved meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from scrubber.errors import SourceError
from scrubber.sources.base import Digest, WriteBack
from scrubber.sources.imap.answers import Refused, Selected
from scrubber.sources.imap.box import Box
from scrubber.sources.imap.dates import day
from scrubber.sources.imap.marker import NAME, is_job, open_mail
from scrubber.sources.imap.places import Place
from scrubber.sources.imap.plan import Plan


@dataclass(frozen=True, slots=True)
class Original:
    """`here`: where it stands in its folder. `others`: more of its content. `moved`: it is one of those."""

    here: Place | None
    others: tuple[Place, ...]
    moved: bool


class Whereabouts:
    """Of one replacement. The new message is put in the folder of the original."""

    def __init__(self, box: Box, write: WriteBack, digest: Digest) -> None:
        self._box = box
        self._write = write
        self._digest = digest
        self.plan = Plan.from_plan(write.plan)
        ref = write.ref
        if not (is_job(write.job) and ref.item.isdecimal() and ref.version.isdecimal()):
            raise SourceError("this replacement is not one that an IMAP source makes")
        self.planned = Place(ref.container, int(ref.version), int(ref.item))

    def is_original(self, raw: bytes) -> bool:
        return self._digest(open_mail(raw, self._box.seals).payload) == self._write.original_digest

    def is_new(self, raw: bytes) -> bool:
        """Whether it is what we wrote: our marker, this job, that content."""
        opened = open_mail(raw, self._box.seals)
        return opened.job == self._write.job and self._digest(opened.payload) == self._write.result_digest

    def claims(self, raw: bytes) -> bool:
        """Whether it says that it is of this job, right or not."""
        return open_mail(raw, self._box.seals).claims == self._write.job

    # the original

    def original(self) -> Original:
        """Under its UID; under any, where the folder was numbered anew; else moved, if one more stands than planned."""
        same = self._same()
        here = self._here(same)
        if here is None and self.planned in same:
            # It went while we looked: what we asked for before we died may be done only now. It was not moved.
            same = self._same()
            here = self._here(same)
            if here is None and self.planned in same:
                raise SourceError("the mail server shows a message that it does not give; it is looked up again")
        return self._told(same, here)

    def _here(self, same: list[Place]) -> Place | None:
        planned = self.planned
        if any(folder.name == planned.folder for folder in self._box.catalogue.standing):
            selected = self._box.wire.select(planned.folder)
            if selected.uidvalidity == planned.uidvalidity:
                look = self._box.wire.look(planned.uid, "BODY.PEEK[]")
                return planned if look and look.body is not None and self.is_original(look.body) else None
            if len(same) > self.plan.twins:
                return next((place for place in same if place.folder == planned.folder), None)
        return None

    def others(self, here: Place) -> Original:
        """The same of an original that is gone from `here`. SourceError: it isn't, whatever the server said before."""
        same = self._same()
        if here in same:
            raise SourceError("the mail server did not show a message that stands there; it is looked up again")
        return self._told(same, None)

    def _told(self, same: list[Place], here: Place | None) -> Original:
        others = tuple(place for place in same if place != here)
        return Original(here, others, here is None and len(others) > self.plan.twins)

    def _same(self) -> list[Place]:
        return self._box.same(self.plan.size, self.is_original, like=self.planned)

    # the new message

    def new(self) -> list[tuple[Place, bool]]:
        """Messages that bear our job, and whether they are what we wrote; those first. In its folder, else in any."""
        return self.new_in(self.planned.folder) or self._new_elsewhere()

    def new_in(self, folder: str) -> list[tuple[Place, bool]]:
        if all(known.name != folder for known in self._box.catalogue.standing):
            return []
        selected = self._box.wire.select(folder)
        first = max(1, self.plan.target_next if selected.uidvalidity == self.plan.target_validity else 1)
        uids = [uid for uid in self._box.wire.uids("UID", f"{first}:*") if uid >= first]
        return self._bearing(selected, uids)

    def _new_elsewhere(self) -> list[tuple[Place, bool]]:
        """Someone may have moved it. Looked for by its date, which a move keeps."""
        if not self.plan.date:
            return []
        date = datetime.fromisoformat(self.plan.date)
        span = ("SINCE", day(date - timedelta(days=2)), "BEFORE", day(date + timedelta(days=3)))
        for folder in self._box.catalogue.standing:
            if folder.name == self.planned.folder or "\\all" in folder.uses:
                continue
            try:
                selected = self._box.wire.select(folder.name)
                if found := self._bearing(selected, self._box.wire.uids(*span)):
                    return found
            except Refused as error:
                if not error.for_good:
                    raise
        return []

    def _bearing(self, selected: Selected, uids: list[int]) -> list[tuple[Place, bool]]:
        job = self._write.job.encode("ascii")
        found = []
        field = f"BODY.PEEK[HEADER.FIELDS ({NAME.upper()})]"
        bearing = [look.uid for look in self._box.wire.each(uids, field) if look.body and job in look.body]
        for uid in bearing:
            whole = self._box.wire.look(uid, "BODY.PEEK[]")
            if whole and whole.body is not None and self.claims(whole.body):
                found.append((Place(selected.folder, selected.uidvalidity, uid), self.is_new(whole.body)))
        return sorted(found, key=lambda one: (not one[1], one[0].uid))
