"""The two ticket systems that run for real, as the contract of desks sees them.

One server serves all tests of a process, so each world shows its own tickets only where the contract counts them.
"""

from __future__ import annotations

import quopri
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid

from scrubber.message import Sender
from scrubber.sources.desk import helpdesk as helpdesk_adapter
from scrubber.sources.desk import rt as rt_adapter
from scrubber.sources.desk.http import Client
from scrubber.sources.desk.interface import TICKET, Head
from scrubber.sources.desk.rt_command import ReplaceCommand
from tests.desks.helpdesk_server import Helpdesk
from tests.desks.rt_server import RequestTracker


def _mail(sender: Sender, subject: str, text: str) -> bytes:
    message = EmailMessage(policy=SMTP.clone(cte_type="8bit"))
    message["From"] = f"{sender.name} <{sender.email}>"
    message["To"] = "support@proef.example"
    message["Subject"] = subject
    message["Message-ID"] = make_msgid(domain="klant.example")
    message.set_content(text, cte="8bit")
    return message.as_bytes().replace(b"\r\n", b"\n")


class _OwnHelpdesk(helpdesk_adapter.HelpdeskDesk):
    def __init__(self, client: Client, url: str) -> None:
        super().__init__(client, url)
        self.own: set[str] = set()

    def changed(self, since: datetime) -> Iterator[Head]:
        return (head for head in super().changed(since) if head.ticket in self.own)


class HelpdeskWorld:
    kind = "helpdesk"
    merges = True
    subjects = True

    def __init__(self, server: Helpdesk, customer: Sender) -> None:
        self.server = server
        self.customer = customer
        said = {"Authorization": f"Token {server.tokens['scrubber']}"}
        self.desk = _OwnHelpdesk(Client(server.url, lambda: said, private=True), server.url)

    def open(self, subject: str, text: str) -> tuple[str, str]:
        ticket = self.server.receive(_mail(self.customer, subject, text))
        self.desk.own.add(ticket)
        return ticket, self._last(ticket)

    def say(self, ticket: str, text: str, *, agent: bool = False, public: bool = True) -> str:
        if agent:
            return self.server.act(ticket, comment=text, public=public)
        self.server.receive(_mail(self.customer, f"Re: [vragen-{ticket}] Vraag", text))
        return self._last(ticket)

    def _last(self, ticket: str) -> str:
        ((item,),) = self.server.rows("SELECT max(id) FROM helpdesk_followup WHERE ticket_id = ?", int(ticket))
        return str(item)

    def shut(self, ticket: str) -> None:
        self.server.act(ticket, comment="Klaar.", new_status=4)

    def reopen(self, ticket: str) -> None:
        self.server.act(ticket, comment="Toch niet.", new_status=2)

    def merge(self, ticket: str, into: str) -> None:
        self.server.merge(into, ticket)

    def edit(self, ticket: str, item: str, text: str) -> None:
        if item == TICKET:
            self.server.api("PATCH", f"tickets/{ticket}/", json={"title": text})
        else:
            self.server.api("PATCH", f"followups/{item}/", json={"comment": text})

    def reads(self, ticket: str, item: str) -> str:
        if item == TICKET:
            query = "SELECT title, description FROM helpdesk_ticket WHERE id = ?"
            ((title, description),) = self.server.rows(query, int(ticket))
            return f"{title}\n{description}"
        ((comment,),) = self.server.rows("SELECT comment FROM helpdesk_followup WHERE id = ?", int(item))
        return str(comment)

    def everything(self, ticket: str) -> str:
        written = self.server.rows("SELECT * FROM helpdesk_followup WHERE ticket_id = ?", int(ticket))
        return repr(written) + self.reads(ticket, TICKET)

    def close(self) -> None:
        self.desk.close()


class _OwnRt(rt_adapter.RtDesk):
    def __init__(self, client: Client, command: ReplaceCommand) -> None:
        super().__init__(client, command)
        self.own: set[str] = set()

    def changed(self, since: datetime) -> Iterator[Head]:
        return (head for head in super().changed(since) if head.ticket in self.own)


class RtWorld:
    kind = "rt"
    merges = True
    subjects = True

    def __init__(self, server: RequestTracker, command: ReplaceCommand, customer: Sender) -> None:
        self.server = server
        self.customer = customer
        said = {"Authorization": f"token {server.tokens['scrubber']}"}
        self._client = Client(server.url, lambda: said, private=True)
        self.desk = _OwnRt(self._client, command)

    def open(self, subject: str, text: str) -> tuple[str, str]:
        ticket = self.server.receive(_mail(self.customer, subject, text))
        self.desk.own.add(ticket)
        return ticket, self._last(ticket, "Create")

    def say(self, ticket: str, text: str, *, agent: bool = False, public: bool = True) -> str:
        if not agent:
            self.server.receive(_mail(self.customer, f"Re: [proef.example #{ticket}] Vraag", text))
            return self._last(ticket, "Correspond")
        said = {"ContentType": "text/plain", "Content": text}
        self.server.rest("POST", f"ticket/{ticket}/{'correspond' if public else 'comment'}", json=said)
        return self._last(ticket, "Correspond" if public else "Comment")

    def _last(self, ticket: str, kind: str) -> str:
        query = "SELECT max(id) FROM Transactions WHERE ObjectType = 'RT::Ticket' AND ObjectId = ? AND Type = ?"
        ((item,),) = self.server.rows(query, int(ticket), kind)
        return str(item)

    def shut(self, ticket: str) -> None:
        self.server.rest("PUT", f"ticket/{ticket}", json={"Status": "resolved"})

    def reopen(self, ticket: str) -> None:
        self.server.rest("PUT", f"ticket/{ticket}", json={"Status": "open"})

    def merge(self, ticket: str, into: str) -> None:
        self.server.rest("PUT", f"ticket/{ticket}", json={"MergeInto": into})

    def edit(self, ticket: str, item: str, text: str) -> None:
        if item == TICKET:
            self.server.rest("PUT", f"ticket/{ticket}", json={"Subject": text})
            return
        changed = "UPDATE Attachments SET Content = ?, ContentEncoding = 'none' WHERE TransactionId = ?"
        with closing(sqlite3.connect(self.server.home / "var/rt.sqlite3", timeout=20)) as database, database:
            database.execute(f"{changed} AND ContentType = 'text/plain'", (text, int(item)))

    def reads(self, ticket: str, item: str) -> str:
        if item == TICKET:
            ((subject,),) = self.server.rows("SELECT Subject FROM Tickets WHERE id = ?", int(ticket))
            return str(subject)
        return _contents(self.server, "TransactionId = ?", int(item))

    def everything(self, ticket: str) -> str:
        own = "TransactionId IN (SELECT id FROM Transactions WHERE ObjectType = 'RT::Ticket' AND ObjectId = ?)"
        headers = self.server.rows(f"SELECT Headers, Subject FROM Attachments WHERE {own}", int(ticket))  # noqa: S608
        return repr(headers) + _contents(self.server, own, int(ticket)) + self.reads(ticket, TICKET)

    def close(self) -> None:
        self._client.close()  # the command is the session's


def _contents(server: RequestTracker, where: str, number: int) -> str:
    query = f"SELECT Content, ContentEncoding FROM Attachments WHERE {where} ORDER BY id"  # noqa: S608 - of ours
    found = []
    for content, encoding in server.rows(query, number):
        raw = content if isinstance(content, bytes) else (content or "").encode()
        found.append((quopri.decodestring(raw) if encoding == "quoted-printable" else raw).decode())
    return "\n".join(found)
