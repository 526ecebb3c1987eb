"""An IMAP mailbox as a source: its folders, threads, what agents say by moving mail, and replacing in place.

A message is known by its folder, UIDVALIDITY and UID; one that is moved is another message to the server, and known
again by its content only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

from scrubber.errors import MessageGone, SourceError
from scrubber.message import Message, SourceRef
from scrubber.sources.base import Capabilities, Digest, Listed, Record, Replaced, Signal, ThreadMessage, WriteBack
from scrubber.sources.imap.account import Account
from scrubber.sources.imap.answers import Look, Refused
from scrubber.sources.imap.box import Box
from scrubber.sources.imap.catalogue import Catalogue
from scrubber.sources.imap.connection import Connection
from scrubber.sources.imap.failures import working
from scrubber.sources.imap.folders import Layout
from scrubber.sources.imap.index import HeaderIndex, place_of, place_of_ref
from scrubber.sources.imap.listing import Listing
from scrubber.sources.imap.marker import LENGTH, NO_SEALS, Seals, open_mail
from scrubber.sources.imap.places import Place
from scrubber.sources.imap.plan import DELETED, MAILBOX, NOT_KEPT, Plan
from scrubber.sources.imap.survey import Survey
from scrubber.sources.imap.swap import Swap
from scrubber.sources.imap.waiting import Waiting
from scrubber.sources.imap.wire import Wire
from scrubber.sources.mailheaders import parse
from scrubber.sources.threads import Entry

T = TypeVar("T")


class ImapSource:
    """`seals`: without them nothing can be replaced (`scrubber check`). Not for use by several threads at once."""

    def __init__(
        self,
        account: Account,
        layout: Layout,
        seals: Seals | None = None,
        desk_addresses: Sequence[str] = (),
        *,
        idle: bool = True,
    ) -> None:
        self._name = account.source
        self._account = account
        self._layout = layout
        self._seals = seals or NO_SEALS
        self._desk = frozenset(address.casefold() for address in desk_addresses)
        self._idle = idle
        self._connection = Connection(account)
        self._waiting = Waiting(self._connection)
        self._survey = Survey(account, layout, idle=idle)
        self._listing = Listing(account.source)
        self._index = HeaderIndex()
        self._catalogue = Catalogue()

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """Looked at once, over the first connection."""
        if self._survey.capabilities is None:
            self._reading(self._survey.learn)
        assert self._survey.capabilities is not None  # noqa: S101 - learned just now
        return self._survey.capabilities

    # looking

    def check(self) -> None:
        self._reading(self._survey.check)

    def discover(self, since: datetime) -> Iterator[Listed]:
        self._index.reach(since)
        found = self._reading(lambda wire: self._list(wire, since))
        yield from sorted(found, key=lambda one: (one.received, one.ref.container, int(one.ref.item)))

    def _list(self, wire: Wire, since: datetime) -> list[Listed]:
        self._survey.look(wire)
        self._survey.delivers(wire)
        found: list[Listed] = []
        for folder in self._survey.presence.here(self._layout.listed):
            with self._opening(folder):
                found += self._listing.of(wire, folder, since)
        return found

    def lacking(self) -> Sequence[str]:
        return self._survey.presence.lacking

    @contextmanager
    def _opening(self, folder: str) -> Iterator[None]:
        """What the server refuses about one folder for good stops the work in that folder only, where it may."""
        try:
            yield
        except Refused as error:
            failure = working(self._account, error, self._layout.key_of(folder))
            if not error.for_good or not error.code:  # without a reason it may be this connection's
                raise failure from None
            self._survey.presence.closed(folder, failure)

    def fetch(self, ref: SourceRef) -> Message:
        look = self._reading(lambda wire: self._look(wire, ref, "INTERNALDATE BODY.PEEK[]"))
        if look is None or look.body is None:
            raise MessageGone(f'source "{self._name}": the message is no longer there')
        payload = open_mail(look.body, self._seals).payload
        received = (look.date or datetime.now(UTC)).astimezone(UTC)
        return Message(ref, "email", "message/rfc822", payload, received, parse(payload).sender)

    def measure(self, ref: SourceRef) -> Listed:
        look = self._reading(lambda wire: self._look(wire, ref, "INTERNALDATE RFC822.SIZE"))
        if look is None:
            raise MessageGone(f'source "{self._name}": the message is no longer there')
        return Listed(ref, (look.date or datetime.now(UTC)).astimezone(UTC), look.size)

    @staticmethod
    def _look(wire: Wire, ref: SourceRef, items: str, *, fresh: bool = True) -> Look | None:
        place = place_of_ref(ref)
        if place is None:
            return None
        try:
            if wire.select(place.folder, fresh=fresh).uidvalidity != place.uidvalidity:
                return None
        except Refused:
            if any(folder.name == place.folder for folder in wire.folders()[0]):
                raise
            return None  # its folder was renamed or removed
        return wire.look(place.uid, items)

    def find(self, size: int, same: Callable[[bytes], bool]) -> SourceRef | None:
        def is_same(raw: bytes) -> bool:
            return same(open_mail(raw, self._seals).payload)

        def work(wire: Wire) -> SourceRef | None:
            self._catalogue.refresh(wire, self._survey.able(wire).listing)
            sizes = [(size, size), (size + LENGTH, size + LENGTH)]
            if not self._survey.able(wire).exact_sizes:
                sizes = [(size, size + size // 20 + 2048)]
            for low, high in sizes:
                for place in self._catalogue.same(wire, low, is_same, up_to=high):
                    return self._ref(place)
            return None

        return self._reading(work)

    # threads

    def thread(self, message: Message) -> Sequence[ThreadMessage]:
        headers = parse(message.payload)
        place = place_of_ref(message.ref)
        if not headers.references or place is None:
            return ()

        def work(wire: Wire) -> tuple[ThreadMessage, ...]:
            self._refresh(wire)
            earlier = self._index.earlier(headers, message.received, place)
            return tuple(turn for entry in earlier if (turn := self._turn(wire, entry)))

        return self._reading(work)

    def _turn(self, wire: Wire, entry: Entry) -> ThreadMessage | None:
        place = place_of(entry.key)
        look = self._look(wire, self._ref(place), "BODY.PEEK[]")
        if look is None or look.body is None:
            return None
        sent = place.folder in self._survey.sent
        claims = entry.headers.sender.email.casefold() in self._desk
        return ThreadMessage(
            media_type="message/rfc822",
            payload=open_mail(look.body, self._seals).payload,
            from_desk=sent or claims,
            sent=entry.sent,
            evidence="claimed" if claims and not sent else "source",
        )

    def last_activity(self, ref: SourceRef) -> datetime | None:
        place = place_of_ref(ref)
        if place is None:
            return None

        def work(wire: Wire) -> datetime | None:
            self._refresh(wire, place.folder)
            return self._index.last_activity(place)

        return self._reading(work)

    def _refresh(self, wire: Wire, *more: str) -> None:
        if self._survey.capabilities is None:
            self._survey.learn(wire)
        self._index.refresh(wire, tuple(dict.fromkeys((*self._layout.worked, *self._survey.sent, *more))))

    def appeared(self, ref: SourceRef) -> datetime | None:
        """When it was put in its folder (SAVEDATE, RFC 8514); None where the server doesn't keep that."""

        def work(wire: Wire) -> datetime | None:
            look = self._look(wire, ref, "SAVEDATE") if self._survey.able(wire).saves_date else None
            return look.saved if look else None

        return self._reading(work)

    def closed(self, ref: SourceRef) -> bool | None:
        del ref
        return None

    # replacing

    def plan(self, message: Message) -> Mapping[str, str]:
        """Size as the server counts it, flags, date, how many like it stand elsewhere, where the new one will come."""
        ref = message.ref

        def work(wire: Wire) -> Plan:
            folder = wire.select(ref.container)
            look = self._look(wire, ref, "FLAGS INTERNALDATE RFC822.SIZE", fresh=False)
            if look is None:  # `replace` will say so
                return Plan(0, frozenset(), "", 0, folder.uidvalidity, folder.uidnext)
            here = place_of_ref(ref)
            assert here is not None  # noqa: S101 - it was looked at there
            twins = self._box(wire).same(
                look.size, lambda raw: open_mail(raw, self._seals).payload == message.payload, like=here, but=here
            )
            marked = sum(self._marked(wire, self._ref(twin)) for twin in twins)
            beside = sum(twin.folder == folder.folder for twin in twins)
            date = look.date.isoformat() if look.date else ""
            flags = look.flags - NOT_KEPT
            return Plan(look.size, flags, date, len(twins), folder.uidvalidity, folder.uidnext, beside, marked)

        plan = self._reading(work).to_plan()
        seal = self._seals.seal(self._account.mailbox)
        return {**plan, MAILBOX: seal} if seal else plan

    def begun_elsewhere(self, plan: Mapping[str, str]) -> bool:
        """Whether a replacement with this plan was begun at another mailbox: here it could not be finished."""
        if "target_validity" not in plan:
            return True  # no IMAP source made it
        return MAILBOX in plan and plan[MAILBOX] not in self._seals.all(self._account.mailbox)

    def replace(self, write: WriteBack, payload: bytes, digest: Digest, record: Record) -> Replaced:
        def work(wire: Wire) -> Replaced:
            if self._seals is NO_SEALS or not self._survey.able(wire).replaces:
                raise SourceError(f'source "{self._name}": nothing can be replaced at this mail server')
            return self._swap(wire, write, digest, record).replace(payload)

        return self._writing(work, self._layout.key_of(write.ref.container))

    def recover(self, write: WriteBack, digest: Digest, record: Record) -> Replaced | None:
        if self.begun_elsewhere(write.plan):  # else both copies would be taken for gone, and stay there
            raise SourceError(
                f'source "{self._name}": a replacement was begun at another `host` or `user`: put them back'
            )
        return self._writing(
            lambda wire: self._swap(wire, write, digest, record).recover(), self._layout.key_of(write.ref.container)
        )

    def _swap(self, wire: Wire, write: WriteBack, digest: Digest, record: Record) -> Swap:
        return Swap(self._box(wire), write, digest, record, self._layout.worked)

    def _box(self, wire: Wire) -> Box:
        return Box(wire, self._survey.able(wire), self._catalogue, self._seals)

    # what people say, waiting, delivering

    def signals(self) -> Iterator[Signal]:
        def work(wire: Wire) -> list[Signal]:
            found = []
            for folder in self._survey.presence.here(self._layout.words):
                with self._opening(folder):
                    selected = wire.select(folder)
                    for uid in wire.uids("UNDELETED") if selected.exists else ():
                        place = Place(folder, selected.uidvalidity, uid)
                        mark = f"{folder}/{place.uidvalidity}/{uid}"
                        found.append(Signal(self._ref(place), self._layout.words[folder], mark=mark))
            return found

        yield from self._reading(work)

    def marked(self) -> int:
        return self._reading(self._count_marked)

    def _count_marked(self, wire: Wire) -> int:
        return sum(self._listing.marked(wire, folder) for folder in self._survey.presence.here(self._layout.listed))

    def is_marked(self, ref: SourceRef) -> bool:
        return self._reading(lambda wire: self._marked(wire, ref))

    def _marked(self, wire: Wire, ref: SourceRef) -> bool:
        look = self._look(wire, ref, "FLAGS")
        return look is not None and DELETED in look.flags

    def watch(self) -> int | None:
        if not self._idle or self._waiting.began:
            return None

        def work(wire: Wire) -> int | None:
            folder = self._survey.presence.here(self._layout.folders)[0]
            idles = self._survey.able(wire).idles
            return self._waiting.begin(wire, folder, self._listing.state(folder)) if idles else None

        try:
            return self._writing(work)
        except SourceError:
            return None  # the next look will say what is wrong

    def unwatch(self) -> None:
        self._waiting.end()

    @property
    def delivers(self) -> bool:
        return bool(self._layout.deliver_to)

    def deliver(self, ref: SourceRef) -> SourceRef | None:
        target = self._layout.deliver_to
        place = place_of_ref(ref)
        if not target or place is None or ref.container not in self._layout.folders:
            raise SourceError(f'source "{self._name}": only what stands in `folders` is moved on to `deliver_to`')

        def work(wire: Wire) -> SourceRef | None:
            gone = MessageGone(f'source "{self._name}": the message is no longer there')
            if wire.select(place.folder, writable=True).uidvalidity != place.uidvalidity:
                raise gone
            if wire.look(place.uid, "FLAGS") is None:
                raise gone
            moved = wire.move(place.uid, target)
            if moved is None and wire.look(place.uid, "FLAGS") is not None:
                raise SourceError(f'source "{self._name}": the mail server did not move the message to `deliver_to`')
            return self._ref(Place(target, *moved)) if moved else None

        return self._writing(work, "deliver_to")

    def close(self) -> None:
        self.unwatch()
        self._connection.close()

    # underneath

    def _reading(self, work: Callable[[Wire], T]) -> T:
        self.unwatch()
        return self._connection.reading(work)

    def _writing(self, work: Callable[[Wire], T], key: str = "") -> T:
        self.unwatch()
        return self._connection.writing(work, key)

    def _ref(self, place: Place) -> SourceRef:
        return SourceRef(self._name, place.folder, str(place.uid), str(place.uidvalidity))
