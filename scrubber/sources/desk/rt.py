"""Request Tracker 5: read by its REST 2 API, edited by a command at its own machine (rt_command).

A transaction with a text is an entry: a mail that came in, an answer, a comment, a mail that RT itself sent and kept,
and the old subject or field value that a change keeps. REST shows RT's text of a MIME part, decoded; the command
compares and writes that same text.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from scrubber.errors import MessageChanged, MessageGone, MessageLocked, SourceError
from scrubber.finding import Copy, CopyState
from scrubber.message import Sender
from scrubber.pieces import Attached, Piece
from scrubber.sources.desk.account import Account
from scrubber.sources.desk.http import Client, HttpError
from scrubber.sources.desk.interface import TICKET, Abilities, Author, Entry, Head, Ticket
from scrubber.sources.desk.rt_command import Outcome, ReplaceCommand
from scrubber.sources.desk.rt_texts import TEXTS, attachment_pieces, edits, field_pieces, header_names, size

API = "REST/2.0"
PAGE = 100
AT_ONCE = 8 * 1024 * 1024
"""Bytes of attachments that are read in one answer; more are read one by one."""

CLOSED = frozenset({"resolved", "rejected", "deleted"})
_NEVER = "1970-01-01T00:00:00Z"
_MACHINE = frozenset({"RT_System", "Nobody"})
_SENT = frozenset({"EmailRecord", "CommentEmailRecord"})
_INTERNAL = frozenset({"Comment", "CommentEmailRecord"})

_INDEX = {"renewed": CopyState.CLEANED, "kept": CopyState.REMAINS, "there": CopyState.UNKNOWN}

_LIMITS = (
    "Request Tracker: mails die RT al verstuurde, zijn niet terug te halen; wat RT er zelf van bewaart, gaat mee.",
    "Request Tracker: van een merge en van oude veldwaarden wordt opgeruimd wat gelijk is aan een opgeruimde tekst.",
)
_NO_EDITS = "Request Tracker: zonder `replace_command` verandert er niets aan berichten; de API kan dat niet."


class RtDesk:
    """`closed`: statuses in which a ticket is closed. Without `command` nothing can be edited."""

    def __init__(self, client: Client, command: ReplaceCommand | None = None, closed: frozenset[str] = CLOSED) -> None:
        self._client = client
        self._command = command
        self._closed = closed
        self._users: dict[str, Mapping[str, Any]] = {}
        self._last: dict[str, Outcome] = {}
        self.abilities = Abilities(edits=command is not None, limits=_LIMITS if command else (_NO_EDITS,))

    def check(self) -> None:
        about = self._get("rt")
        version = str(about.get("Version", ""))
        if not version.startswith("5"):
            raise SourceError(f"Request Tracker {version or '?'}: version 5 is what this was made for")
        self._get("tickets", query="id > 0", per_page=1)
        if self._command:
            self._command.look("1", ())

    def changed(self, since: datetime) -> Iterator[Head]:
        """RT reads a time in a query in the account's own time zone: one asks a day more and looks oneself."""
        self._users.clear()  # an account may have become an agent's
        day = (since.astimezone(UTC) - timedelta(days=1)).strftime("%Y-%m-%d %H:%M:%S")
        fields = "Status,LastUpdated,Resolved,EffectiveId"
        query = f"LastUpdated > '{day}'"
        with _as_it_should():
            rows = self._pages("tickets", query=query, orderby="id", fields=fields)
            heads = [self._head(str(row["id"]), row) for row in rows]  # by number: no page shifts while they are read
        yield from sorted((head for head in heads if head.updated >= since), key=lambda head: head.updated)

    def ticket(self, ticket: str) -> Ticket:
        with _as_it_should():
            return self._ticket(ticket)

    def rewrite(self, ticket: str, entry: Entry, pieces: Sequence[Piece | Attached]) -> None:
        if self._command is None:
            raise MessageLocked("Request Tracker edits no text by its API: set `replace_command`")
        names = header_names(entry.pieces, self._headers(entry.pieces, pieces))
        item = ticket if entry.item == TICKET else entry.item
        wanted = edits(item, entry.pieces, pieces, names)
        if not wanted:
            return
        outcome = self._command.replace(ticket, wanted)
        self._last[ticket] = outcome
        if "gone" in outcome.states:
            raise MessageGone("a text of this message is gone")
        if "changed" in outcome.states:
            raise MessageChanged("somebody wrote in this message meanwhile")

    def copies(self, ticket: str, item: str) -> tuple[Copy, ...]:
        found = [
            Copy("rt-database", CopyState.UNKNOWN, "logboeken en back-ups van de database van RT"),
            Copy("rt-sessions", CopyState.UNKNOWN, "concepten in sessies van medewerkers; `rt-clean-sessions` wist ze"),
        ]
        history = list(self._pages(f"ticket/{_number(ticket)}/history", fields="Type"))
        later = history if item == TICKET else [one for one in history if int(one["id"]) > int(item)]
        if any(one["Type"] in _SENT for one in later):
            found.append(Copy("rt-mail-sent", CopyState.REMAINS, "mail die RT al verstuurd had"))
        return (*found, *self._from_command(ticket))

    def note(self, ticket: str, text: str) -> None:
        self._client.request(
            "POST", f"{API}/ticket/{_number(ticket)}/comment", json={"ContentType": "text/plain", "Content": text}
        )

    def close(self) -> None:
        self._client.close()
        if self._command:
            self._command.close()

    # how it answers

    def _get(self, path: str, *, gone: bool = False, **params: str | int) -> Mapping[str, Any]:
        try:
            answer = self._client.request("GET", f"{API}/{path}", params=params)
        except HttpError as error:
            if gone and error.status == 404:
                raise MessageGone("the desk has no such ticket") from None
            raise
        told = answer.json()
        if not isinstance(told, dict):
            raise SourceError("`url` does not lead to Request Tracker's API")
        return told

    def _pages(self, path: str, **params: str | int) -> Iterator[Mapping[str, Any]]:
        """Every row. RT does not tell every account how many pages there are: then to the first with nothing on it."""
        page = 1
        while True:
            told = self._get(path, gone=True, per_page=PAGE, page=page, **params)
            yield from told.get("items") or ()
            if not told.get("items") or (told.get("pages") and page >= int(told["pages"])):
                return
            page += 1

    def _ticket(self, ticket: str) -> Ticket:
        row = self._get(f"ticket/{_number(ticket)}", gone=True)
        head = self._head(ticket, row)
        people = {_id(one) for one in row.get("Requestor") or ()}
        attachments = self._attachments(ticket)
        fields = "Type,Creator,Created,Field,OldValue,NewValue"
        history = list(self._pages(f"ticket/{ticket}/history", fields=fields))
        entries = [self._entry(one, attachments.get(str(one["id"]), ()), people) for one in history]
        sender = self._sender(next(iter(sorted(people)), ""))
        own = Entry(TICKET, "customer", _moment(row["Created"]), tuple(field_pieces(row)), sender=sender)
        return Ticket(head, (own, *(entry for entry in entries if entry.pieces)))

    def _head(self, ticket: str, row: Mapping[str, Any]) -> Head:
        updated = _moment(row["LastUpdated"])
        closed = None
        if str(row["Status"]) in self._closed:
            closed = updated if row["Resolved"] in ("", _NEVER, None) else _moment(row["Resolved"])
        into = str(row["id"])
        return Head(ticket, updated, closed, "" if into == ticket else into)

    def _attachments(self, ticket: str) -> dict[str, list[Mapping[str, Any]]]:
        """The attachments of each transaction, those of TEXTS with their "Content"."""
        path = f"ticket/{ticket}/attachments"
        fields = "TransactionId,Subject,ContentType,Filename,Headers"
        rows = [dict(row) for row in self._pages(path, fields=fields)]
        texts = {str(row["id"]): row for row in rows if row["ContentType"] in TEXTS}
        if texts and sum(map(size, rows)) <= AT_ONCE:
            for full in self._pages(path, fields="Content"):
                if str(full["id"]) in texts:
                    texts[str(full["id"])]["Content"] = str(full["Content"] or "")
        for number, row in texts.items():
            if "Content" not in row:
                raw = self._get(f"attachment/{number}", gone=True).get("Content") or ""
                row["Content"] = base64.b64decode(raw).decode("utf-8", "replace")
        found: dict[str, list[Mapping[str, Any]]] = {}
        for row in sorted(rows, key=lambda row: int(row["id"])):
            found.setdefault(_id(row["TransactionId"]), []).append(row)
        return found

    def _entry(self, row: Mapping[str, Any], attachments: Sequence[Mapping[str, Any]], people: set[str]) -> Entry:
        creator = _id(row["Creator"])
        author = self._author(str(row["Type"]), creator, people)
        contents = {str(one["id"]): str(one["Content"]) for one in attachments if one["ContentType"] in TEXTS}
        pieces = [*attachment_pieces(attachments, contents), *_changes(row)]
        who = creator
        if author == "customer" and row["Type"] == "Create" and not self._customer(creator, people):
            who = next(iter(sorted(people)), "")  # an agent wrote down what a customer asked
        return Entry(
            str(row["id"]),
            author,
            _moment(row["Created"]),
            tuple(pieces),
            public=row["Type"] not in _INTERNAL,
            sender=self._sender(who) if author == "customer" else Sender(),
            agent=creator if author == "agent" else "",
        )

    def _author(self, kind: str, creator: str, people: set[str]) -> Author:
        if kind == "Create":
            return "customer"
        if kind in _SENT or kind in ("Set", "CustomField") or creator in _MACHINE:
            return "system"
        return "customer" if self._customer(creator, people) else "agent"

    def _customer(self, name: str, people: set[str]) -> bool:
        return name in people or not int(self._user(name).get("Privileged") or 0)

    def _user(self, name: str) -> Mapping[str, Any]:
        if name not in self._users:
            try:
                self._users[name] = self._get(f"user/{quote(name, safe='')}")
            except HttpError as error:
                if error.status not in (403, 404):
                    raise
                raise SourceError(
                    "Request Tracker does not say who wrote: give the account of `token` the right"
                ) from None
        return self._users[name]

    def _sender(self, name: str) -> Sender:
        if not name:
            return Sender()
        user = self._user(name)
        return Sender(str(user.get("RealName") or ""), str(user.get("EmailAddress") or ""))

    # editing

    def _headers(self, before: Sequence[Piece | Attached], after: Sequence[Piece | Attached]) -> dict[str, str]:
        """The Headers of every attachment of which a header is to be changed, by its number."""
        numbers = {
            old.name.split("/")[1]
            for old, new in zip(before, after, strict=True)
            if "/header/" in old.name and old != new
        }
        return {number: str(self._get(f"attachment/{number}", gone=True)["Headers"] or "") for number in numbers}

    def _from_command(self, ticket: str) -> Iterator[Copy]:
        if self._command is None:
            return
        last = self._last.get(ticket) or self._command.look(ticket, ())
        if last.index in _INDEX:
            yield Copy("rt-index", _INDEX[last.index], "de zoekindex van RT")
        if last.also:
            yield Copy("rt-merged", CopyState.CLEANED, "onderwerp van een ticket dat in dit ticket opging")
        if last.outside:
            yield Copy("rt-external-storage", CopyState.REMAINS, "de externe opslag van bijlagen van RT")


@contextmanager
def _as_it_should() -> Iterator[None]:
    """An answer without what every one of its kind has is a failure of the desk, not ours."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, ValueError):
        raise SourceError("Request Tracker answers otherwise than version 5 does") from None


def connect(account: Account) -> RtDesk:
    """With `user` its password (Basic), else an authentication token of RT."""

    def who() -> dict[str, str]:
        secret = account.secret.read()
        if account.user:
            return {"Authorization": f"Basic {base64.b64encode(f'{account.user}:{secret}'.encode()).decode()}"}
        return {"Authorization": f"token {secret}"}

    client = Client(account.url, who, private=account.private, token_key=account.secret.key)
    command = ReplaceCommand(account.replace_command) if account.replace_command else None
    return RtDesk(client, command, account.closed or CLOSED)


def _changes(row: Mapping[str, Any]) -> Iterator[Piece]:
    """What a change of subject or field keeps. A field's new value is the ticket's, or the next change's old one."""
    if row["Type"] == "Set" and row["Field"] == "Subject":
        for name, column in (("old", "OldValue"), ("new", "NewValue")):
            if row[column]:
                yield Piece(name, str(row[column]), kind="subject")
    if row["Type"] == "CustomField" and row["OldValue"]:
        yield Piece("old", str(row["OldValue"]), kind="field")


def _id(value: object) -> str:
    """What a field points to: RT gives a number, or an object with one."""
    return str(value["id"] if isinstance(value, Mapping) else value)


def _moment(text: object) -> datetime:
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except ValueError:
        raise SourceError("Request Tracker gives a time that is none") from None


def _number(ticket: str) -> int:
    if not (ticket.isascii() and ticket.isdigit()):
        raise MessageGone("a ticket of Request Tracker has a number")
    return int(ticket)
