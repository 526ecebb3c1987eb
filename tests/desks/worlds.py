"""What the contract of desks is tested on: each desk with what people do at it. A new adapter joins WORLDS."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Protocol

import pytest

from scrubber.message import Sender
from scrubber.pieces import Piece
from scrubber.sources.credentials import Secret
from scrubber.sources.desk import zendesk as zendesk_adapter
from scrubber.sources.desk.account import Account
from scrubber.sources.desk.interface import Abilities, Desk
from scrubber.sources.desk.memory import MemoryDesk
from scrubber.sources.desk.rt_command import ReplaceCommand
from tests.desks import zendesk
from tests.desks.helpdesk_server import Helpdesk
from tests.desks.real_worlds import HelpdeskWorld, RtWorld
from tests.desks.rt_server import RequestTracker

CUSTOMER = Sender("Jan Proef", "jan@klant.example")
AGENT = "Kim"


class World(Protocol):
    """A desk, and what others do at it. Numbers are texts, as the desk names tickets and their entries."""

    kind: str
    merges: bool
    """Whether tickets can be merged here."""
    subjects: bool
    """Whether the subject of an open ticket can be changed by the adapter."""

    @property
    def desk(self) -> Desk: ...

    def open(self, subject: str, text: str) -> tuple[str, str]:
        """The customer opens a ticket: its number, and the item of the entry that holds `text`."""
        ...

    def say(self, ticket: str, text: str, *, agent: bool = False, public: bool = True) -> str:
        """The customer, or an agent, writes in it: the item of the new entry."""
        ...

    def shut(self, ticket: str) -> None:
        """Solved or closed, as agents do."""
        ...

    def reopen(self, ticket: str) -> None: ...

    def merge(self, ticket: str, into: str) -> None: ...

    def edit(self, ticket: str, item: str, text: str) -> None:
        """Somebody else changes what an entry says."""
        ...

    def reads(self, ticket: str, item: str) -> str:
        """All text of an entry as another program sees it there (of TICKET: the ticket's own texts)."""
        ...

    def everything(self, ticket: str) -> str:
        """All that the desk keeps of a ticket, in whatever place; "" where that can't be looked at."""
        ...


class MemoryWorld:
    kind = "memory"
    merges = True
    subjects = True

    def __init__(self, abilities: Abilities | None = None) -> None:
        self.desk = MemoryDesk(abilities)

    def open(self, subject: str, text: str) -> tuple[str, str]:
        ticket = self.desk.open(Piece("subject", subject, kind="subject"), sender=CUSTOMER)
        return ticket, self.say(ticket, text)

    def say(self, ticket: str, text: str, *, agent: bool = False, public: bool = True) -> str:
        if agent:
            return self.desk.say(ticket, text, author="agent", public=public, agent=AGENT)
        return self.desk.say(ticket, text, sender=CUSTOMER)

    def shut(self, ticket: str) -> None:
        self.desk.shut(ticket)

    def reopen(self, ticket: str) -> None:
        self.desk.reopen(ticket)

    def merge(self, ticket: str, into: str) -> None:
        self.desk.merge(ticket, into)

    def edit(self, ticket: str, item: str, text: str) -> None:
        self.desk.change(ticket, item, text)

    def reads(self, ticket: str, item: str) -> str:
        return self.desk.text(ticket, item)

    def everything(self, ticket: str) -> str:
        return repr(self.desk.tickets[ticket].log) + "".join(
            self.desk.text(ticket, entry.item) for entry in self.desk.tickets[ticket].entries
        )


class MaskedWorld(MemoryWorld):
    kind = "memory-masked"

    def __init__(self) -> None:
        super().__init__(Abilities(edits=True, mask="▇"))


class ZendeskWorld:
    kind = "zendesk"
    merges = True
    subjects = True

    def __init__(self) -> None:
        self.server = zendesk.Zendesk()
        secret = Secret("token", False, lambda: zendesk.TOKEN)
        self.desk = zendesk_adapter.connect(Account("desk", self.server.url, zendesk.USER, secret, private=True))
        self.customer = self.server.customer(CUSTOMER.name, CUSTOMER.email)

    def open(self, subject: str, text: str) -> tuple[str, str]:
        number = self.server.open(subject, _html(text), author=self.customer)
        return str(number), str(self.server.comments[number][0]["id"])

    def say(self, ticket: str, text: str, *, agent: bool = False, public: bool = True) -> str:
        author = zendesk.AGENT if agent else self.customer
        return str(self.server.comment(int(ticket), _html(text), author=author, public=public))

    def shut(self, ticket: str) -> None:
        self.server.status(int(ticket), "solved")

    def reopen(self, ticket: str) -> None:
        self.server.status(int(ticket), "open")

    def merge(self, ticket: str, into: str) -> None:
        self.server.merge(int(ticket), int(into))

    def edit(self, ticket: str, item: str, text: str) -> None:
        if item == "ticket":
            self.server.tickets[int(ticket)].update(subject=text, raw_subject=text)
        else:
            self.server.change(int(ticket), int(item), _html(text))

    def reads(self, ticket: str, item: str) -> str:
        if item == "ticket":
            return str(self.server.tickets[int(ticket)]["subject"])
        (comment,) = [one for one in self.server.comments[int(ticket)] if str(one["id"]) == item]
        return html.unescape(str(comment["plain_body"]))

    def everything(self, ticket: str) -> str:
        return self.server.everything(int(ticket))

    def close(self) -> None:
        self.desk.close()
        self.server.close()


def _html(text: str) -> str:
    lines = "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in text.splitlines())
    return f'<div class="zd-comment" dir="auto">{lines}</div>'


Made = Callable[[pytest.FixtureRequest], Iterator[World]]


def _memory(request: pytest.FixtureRequest) -> Iterator[World]:
    del request
    yield MemoryWorld()


def _masked(request: pytest.FixtureRequest) -> Iterator[World]:
    del request
    yield MaskedWorld()


def _zendesk(request: pytest.FixtureRequest) -> Iterator[World]:
    del request
    world = ZendeskWorld()
    try:
        yield world
    finally:
        world.close()


def _helpdesk(request: pytest.FixtureRequest) -> Iterator[World]:
    server = request.getfixturevalue("helpdesk")
    assert isinstance(server, Helpdesk)
    with closing(HelpdeskWorld(server, CUSTOMER)) as world:
        yield world


def _rt(request: pytest.FixtureRequest) -> Iterator[World]:
    server, command = request.getfixturevalue("request_tracker"), request.getfixturevalue("rt_command")
    assert isinstance(server, RequestTracker)
    assert isinstance(command, ReplaceCommand)
    with closing(RtWorld(server, command, CUSTOMER)) as world:
        yield world


WORLDS: dict[str, Made] = {
    "memory": _memory,
    "memory-masked": _masked,
    "zendesk": _zendesk,
    "helpdesk": _helpdesk,
    "rt": _rt,
}
"""By name: how each is made, with what pytest offers (a server of the session: `request.getfixturevalue`)."""


MARKED = {
    "helpdesk": (pytest.mark.helpdesk, pytest.mark.xdist_group("helpdesk")),
    "rt": (pytest.mark.request_tracker, pytest.mark.xdist_group("request-tracker")),
}
"""Worlds that need a server."""


@contextmanager
def world_of(name: str, request: pytest.FixtureRequest) -> Iterator[World]:
    """A fresh world, for as long as the block runs."""
    yield from WORLDS[name](request)


def now() -> datetime:
    return datetime.now(UTC)
