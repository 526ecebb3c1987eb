"""Zendesk Support, as its API reference describes it (developer.zendesk.com/api-reference/ticketing):

Tickets (show, update with `safe_update`), Ticket Comments (list; redact in Agent Workspace), Incremental Exports
(tickets by cursor), Ticket Fields, Ticket Audits, Users (me). It was not tried on the service itself.

A comment is redacted by sending its own HTML with `<redact>` around what goes; Zendesk puts ▇ there, for good. The
subject and the text fields are updated instead, which a closed ticket does not allow and which its audits remember.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from scrubber.errors import MessageChanged, MessageGone, MessageLocked, SourceError, SourceUnwritable
from scrubber.finding import Copy, CopyState
from scrubber.pieces import Attached, Piece
from scrubber.sources.desk.account import Account
from scrubber.sources.desk.http import Client, HttpError
from scrubber.sources.desk.interface import TICKET, Abilities, Entry, Head, Ticket
from scrubber.sources.desk.masking import collapsed, spans
from scrubber.sources.desk.zendesk_rows import changed_at, entry, head, merged_into, moment, said, sender, solved

MASK = "▇"
LIMITS = (
    "Zendesk zet ▇ in de plaats van wat weg moet, ook in gesloten tickets; dat is niet terug te draaien.",
    "Onderwerp en tekstvelden worden gewijzigd, niet gewist: de geschiedenis van het ticket houdt de oude tekst.",
    "In een gesloten ticket zijn onderwerp en tekstvelden niet te wijzigen; die blijven staan en worden genoemd.",
    "Uit een oorspronkelijke e-mail haalt Zendesk het later zelf weg; wat al als melding is verstuurd, blijft.",
)
_TEXTUAL = frozenset({"text", "textarea", "regexp"})
_PAGE = 100


def connect(account: Account) -> Zendesk:
    """The desk at `https://….zendesk.com`. `user` is the agent's e-mail address, the secret an API token."""

    def headers() -> Mapping[str, str]:
        login = f"{account.user}/token:{account.secret.read()}".encode()
        return {"Authorization": "Basic " + base64.b64encode(login).decode("ascii"), "Accept": "application/json"}

    return Zendesk(Client(account.url, headers, private=account.private, token_key=account.secret.key))


class Zendesk:
    def __init__(self, client: Client) -> None:
        self._client = client
        self._fields: dict[int, str] | None = None

    @property
    def abilities(self) -> Abilities:
        return Abilities(edits=True, mask=MASK, limits=LIMITS)

    def check(self) -> None:
        user = self._get("/api/v2/users/me.json").get("user") or {}
        if user.get("role") not in ("agent", "admin"):  # who is not known is an anonymous end user
            raise SourceError(
                "`user` or `token`: Zendesk does not know them as an agent; make a token under Admin Center, APIs, and "
                "name the e-mail address of an agent"
            )

    def changed(self, since: datetime) -> Iterator[Head]:
        latest = datetime.now(UTC) - timedelta(minutes=1, seconds=5)  # a later start is refused
        start = max(int(min(since, latest).timestamp()), 0)
        path, params = "/api/v2/incremental/tickets/cursor.json", {"start_time": start, "per_page": _PAGE}
        while True:
            page = self._get(path, params)
            for row in page["tickets"]:
                if row.get("status") != "deleted":
                    yield head(row, "", changed_at(row))
            if page.get("end_of_stream", True) or not page.get("after_cursor"):
                return
            params = {"cursor": page["after_cursor"], "per_page": _PAGE}

    def ticket(self, ticket: str) -> Ticket:
        answer = self._get(f"/api/v2/tickets/{_id(ticket)}.json", {"include": "users,metric_sets"})
        row = answer["ticket"]
        if str(row["id"]) != ticket:
            raise SourceError("Zendesk answers with another ticket than was asked: what stands between?")
        if row.get("status") == "deleted":
            raise MessageGone("the ticket was deleted")
        comments, users = self._comments(ticket)
        users |= {user["id"]: user for user in answer.get("users") or ()}
        requester = row.get("requester_id")
        entries = [self._own(row, users.get(requester))]
        entries += [entry(comment, users, requester) for comment in comments]
        ended = solved(answer.get("metric_sets") or (), row)
        now = head(row, merged_into(row, comments), row["updated_at"], ended)
        return Ticket(now, tuple(entries), tuple(row.get("tags") or ()))

    def rewrite(self, ticket: str, entry: Entry, pieces: Sequence[Piece | Attached]) -> None:
        if entry.item == TICKET:
            self._update(ticket, entry, pieces)
        else:
            self._redact(ticket, entry, pieces)

    def copies(self, ticket: str, item: str) -> tuple[Copy, ...]:
        if item == TICKET:
            return (self._history(ticket),)
        comments, _ = self._comments(ticket)
        comment = next((one for one in comments if str(one["id"]) == item), None)
        if comment is None:
            return ()
        found = [_SENT]
        if (comment.get("via") or {}).get("channel") == "email":
            found.append(_EMAIL)
        if comment["id"] == comments[0]["id"]:
            told = self._get(f"/api/v2/tickets/{_id(ticket)}.json")["ticket"].get("description") or ""
            same = any(_plain(told) == _plain(comment.get(key) or "") for key in ("body", "plain_body"))
            state = CopyState.UNKNOWN if MASK in told else CopyState.REMAINS
            found.append(Copy("desk-description", CopyState.CLEANED if same else state, "nagelezen in het ticket"))
        return (*found, self._audit(ticket, comment))

    def note(self, ticket: str, text: str) -> None:
        comment = {"comment": {"body": text, "public": False}}
        self._put(f"/api/v2/tickets/{_id(ticket)}.json", {"ticket": comment})

    def close(self) -> None:
        self._client.close()

    # reading

    def _get(self, path: str, params: Mapping[str, str | int] | None = None) -> dict[str, Any]:
        try:
            answer = self._client.request("GET", path, params=params).json()
        except HttpError as error:
            if error.status in (404, 410):
                raise MessageGone("Zendesk has no such ticket") from None
            raise
        if not isinstance(answer, dict):
            raise SourceError("Zendesk's answer is not what its API promises: does `url` lead to it?")
        return answer

    def _put(self, path: str, body: object, *, again: bool = False) -> None:
        try:
            self._client.request("PUT", path, json=body, again=again)
        except HttpError as error:
            _refused(error)

    def _comments(self, ticket: str) -> tuple[list[dict[str, Any]], dict[int, dict[str, Any]]]:
        """Every comment, oldest first, and who wrote them by number."""
        comments: list[dict[str, Any]] = []
        users: dict[int, dict[str, Any]] = {}
        path = f"/api/v2/tickets/{_id(ticket)}/comments.json"
        params: Mapping[str, str | int] | None = {"include": "users", "page[size]": _PAGE}
        while True:
            page = self._get(path, params)
            comments += page["comments"]
            users |= {user["id"]: user for user in page.get("users") or ()}
            if not (page.get("meta") or {}).get("has_more"):
                return comments, users
            path, params = page["links"]["next"], None

    def _own(self, row: Mapping[str, Any], requester: Mapping[str, Any] | None) -> Entry:
        """The ticket's own texts: its subject and what stands in its text fields."""
        pieces = [Piece("subject", row.get("raw_subject") or row.get("subject") or "", kind="subject")]
        textual = self._text_fields() if any(said(field) for field in row.get("custom_fields") or ()) else {}
        pieces += [
            Piece(f"field/{field['id']}", field["value"], kind="field")
            for field in row.get("custom_fields") or ()
            if field["id"] in textual and said(field)
        ]
        return Entry(TICKET, "customer", moment(row["created_at"]), tuple(pieces), sender=sender(requester))

    def _text_fields(self) -> Mapping[int, str]:
        """The fields into which anyone may write; asked for once."""
        if self._fields is None:
            rows: list[dict[str, Any]] = []
            path: str = "/api/v2/ticket_fields.json"
            params: Mapping[str, str | int] | None = {"page[size]": _PAGE}
            while True:
                page = self._get(path, params)
                rows += page["ticket_fields"]
                if not (page.get("meta") or {}).get("has_more"):
                    break
                path, params = page["links"]["next"], None
            self._fields = {row["id"]: row["type"] for row in rows if row["type"] in _TEXTUAL}
        return self._fields

    # changing

    def _redact(self, ticket: str, entry: Entry, pieces: Sequence[Piece | Attached]) -> None:
        for old, new in zip(entry.pieces, pieces, strict=True):
            if not (isinstance(old, Piece) and isinstance(new, Piece)) or collapsed(old.text, MASK) == new.text:
                continue
            places = spans(old.text, new.text, MASK, markup=True)
            if places is None or "<redact" in old.text.lower():
                raise MessageLocked("what is to go can't be told to Zendesk: it takes no other change of a comment")
            body = {"ticket_id": int(_id(ticket)), "html_body": _redacting(old.text, places)}
            try:
                self._put(f"/api/v2/comment_redactions/{_id(entry.item)}.json", body, again=True)
            except MessageLocked:
                if self._stands(ticket, entry):
                    raise
                raise MessageChanged("somebody wrote in the comment meanwhile") from None

    def _stands(self, ticket: str, entry: Entry) -> bool:
        return any(one.item == entry.item and one.pieces == entry.pieces for one in self.ticket(ticket).entries)

    def _update(self, ticket: str, entry: Entry, pieces: Sequence[Piece | Attached]) -> None:
        row = self._get(f"/api/v2/tickets/{_id(ticket)}.json")["ticket"]
        if self._own(row, None).pieces != entry.pieces:
            raise MessageChanged("somebody changed the ticket meanwhile")
        if row.get("status") == "closed":
            raise MessageLocked("a closed ticket's subject and fields can't be changed")
        change: dict[str, Any] = {"safe_update": True, "updated_stamp": row["updated_at"]}
        for old, new in zip(entry.pieces, pieces, strict=True):
            if isinstance(new, Piece) and isinstance(old, Piece) and collapsed(old.text, MASK) != new.text:
                if new.name == "subject":
                    change["subject"] = new.text
                else:
                    field = {"id": int(new.name.removeprefix("field/")), "value": new.text}
                    change.setdefault("custom_fields", []).append(field)
        self._put(f"/api/v2/tickets/{_id(ticket)}.json", {"ticket": change})

    # copies

    def _audits(self, ticket: str) -> Iterator[dict[str, Any]]:
        """Every event of every audit of a ticket."""
        path: str = f"/api/v2/tickets/{_id(ticket)}/audits.json"
        params: Mapping[str, str | int] | None = {"page[size]": _PAGE}
        while True:
            page = self._get(path, params)
            for audit in page["audits"]:
                yield from audit.get("events") or ()
            if not (page.get("meta") or {}).get("has_more"):
                return
            path, params = page["links"]["next"], None

    def _history(self, ticket: str) -> Copy:
        """Whether the audits tell of the subject and the text fields what these do not say now. That a sign stands
        there proves nothing: a customer may have written it."""
        row = self._get(f"/api/v2/tickets/{_id(ticket)}.json")["ticket"]
        fields = {str(field["id"]): _plain(field.get("value")) for field in row.get("custom_fields") or ()}
        now = {number: {fields.get(number, "")} for number in map(str, self._text_fields())}
        now["subject"] = {_plain(row.get("raw_subject")), _plain(row.get("subject"))}
        for event in self._audits(ticket):
            told = {_plain(event.get("value")), _plain(event.get("previous_value"))} - {""}
            if told - now.get(str(event.get("field_name")), told):
                return Copy("desk-history", CopyState.REMAINS, "de geschiedenis van een ticket is niet te wijzigen")
        return Copy("desk-history", CopyState.CLEANED, "nagelezen in de geschiedenis")

    def _audit(self, ticket: str, comment: Mapping[str, Any]) -> Copy:
        """Whether the audits tell of a comment what it says now."""
        for event in self._audits(ticket):
            if event.get("id") == comment["id"] and "html_body" in event:
                cleaned = _plain(event["html_body"]) == _plain(comment.get("html_body"))
                state = CopyState.CLEANED if cleaned else CopyState.REMAINS
                return Copy("desk-history", state, "nagelezen in de geschiedenis")
        return Copy("desk-history", CopyState.UNKNOWN, "de geschiedenis noemt dit bericht niet")


_EMAIL = Copy("desk-email", CopyState.UNKNOWN, "Zendesk haalt het later zelf uit de oorspronkelijke e-mail")
_SENT = Copy("desk-notifications", CopyState.UNKNOWN, "wat Zendesk al aan medewerkers of anderen mailde, is daar")


def _refused(error: HttpError) -> NoReturn:
    match error.status:
        case 404 | 410:
            raise MessageGone("Zendesk has no such ticket or comment") from None
        case 409:
            raise MessageChanged("somebody changed the ticket meanwhile") from None
        case 400 | 422:
            raise MessageLocked("Zendesk takes no change of this text") from None
        case 403:
            raise SourceUnwritable(
                "`user`: Zendesk lets this agent not redact: turn on Agent Workspace, and give the agent the right to "
                "delete tickets, or on Enterprise to redact"
            ) from None
        case _:
            raise error


def _id(text: str) -> str:
    """A number as Zendesk gives them; anything else leads to nothing there."""
    if not (text.isascii() and text.isdigit()):
        raise MessageGone("Zendesk's tickets and comments have numbers")
    return text


def _plain(text: object) -> str:
    """To compare: how much white space and how many signs stand there is the desk's affair."""
    return collapsed(" ".join(text.split()), MASK) if isinstance(text, str) else ""


def _redacting(text: str, places: Sequence[tuple[int, int]]) -> str:
    out: list[str] = []
    at = 0
    for start, end in places:
        out += (text[at:start], "<redact>", text[start:end], "</redact>")
        at = end
    return "".join([*out, text[at:]])
