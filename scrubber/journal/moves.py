"""A message that got another reference: by our rewriting it, or by another program's moving it."""

from __future__ import annotations

from sqlalchemy import Connection, select

from scrubber import schema as tables
from scrubber.journal.reviews import STANDING
from scrubber.journal.rows import at
from scrubber.message import SourceRef


class Moves:
    def move(self, tx: Connection, old: SourceRef, new: SourceRef) -> None:
        """What waits, is stuck, is under review or was said of `old` now stands at `new`."""
        self._waits(tx, old, new)
        s = tables.signals
        tx.execute(s.update().where(at(s, old)).values(**_place(new)))

    def carry(self, tx: Connection, old: SourceRef, new: SourceRef, known_as: str) -> None:
        """The message of `old` is now at `new`, as another program left it: all that is known of it comes along.

        `known_as`: the keyed reference of `old`, under which the record knows it where it has no other name yet.

        A word that was said by putting the message into a folder ends when it is taken out of there. Where `new` is
        known as a message of its own, only what waits is carried.
        """
        if old.container == new.container:
            self.move(tx, old, new)
        else:
            self._waits(tx, old, new)
        m, j = tables.messages, tables.jobs
        if tx.execute(select(m.c.source).where(at(m, new))).first() is not None:
            return
        origin = tx.execute(select(m.c.origin).where(at(m, old))).scalar()
        tx.execute(m.update().where(at(m, old), m.c.known_as == "").values(known_as=known_as))
        tx.execute(m.update().where(at(m, old)).values(**_place(new)))
        if origin:
            place = {f"new_{name}": value for name, value in _place(new).items()}
            tx.execute(j.update().where(j.c.job == origin).values(**place))

    def _waits(self, tx: Connection, old: SourceRef, new: SourceRef) -> None:
        d, r = tables.deferrals, tables.reviews
        tx.execute(d.update().where(at(d, old), d.c.state.in_(("waiting", "held"))).values(**_place(new)))
        tx.execute(r.update().where(at(r, old), r.c.state.in_(STANDING)).values(**_place(new)))


def _place(ref: SourceRef) -> dict[str, str]:
    return {"container": ref.container, "item": ref.item, "version": ref.version}
