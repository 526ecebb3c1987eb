"""django-helpdesk: its REST API edits follow-ups and tickets, and puts another file in the place of an attachment.

Text comes back from the API without the white space around it (Django REST framework takes it away when it is
written), so that is how it is given here, too. The API tells of no time at which a ticket was made or changed: its
follow-ups do.
"""

from __future__ import annotations

import posixpath
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

from scrubber.errors import MessageChanged, MessageGone, MessageLocked, SourceError, SourceUnwritable
from scrubber.finding import Copy, CopyState
from scrubber.message import Sender
from scrubber.pieces import Attached, Piece
from scrubber.sources.desk.account import Account
from scrubber.sources.desk.http import Answer, Client, HttpError
from scrubber.sources.desk.interface import TICKET, Abilities, Author, Entry, Head, Ticket

PAGE = 100
CLOSED = frozenset({"3", "4", "5"})
"""Resolved, closed, duplicate: the numbers that django-helpdesk comes with."""

RESOLUTION = "resolution"
"""The item of what an agent wrote when the matter was resolved."""

TITLE_LIMIT = 200
FILE_LIMIT = 1024 * 1024
"""Bytes of a text file beside a follow-up that is read; a longer one is named as not read."""

_TEXTS = ("text/html", "text/plain")
_HTML = "email_html_body.txt"
"""The name that the desk itself gives to what a mail said in HTML."""

_ADDRESS = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]{1,255}")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_MERGED = re.compile(r"#(\d{1,18})\]")

_LIMITS = (
    "django-helpdesk: oude titels en veldwaarden (TicketChange) zijn met de API niet te lezen of te wissen.",
    "django-helpdesk: mails die al verstuurd zijn, en de mailbox waaruit een bericht kwam, blijven zoals ze zijn.",
    "django-helpdesk: een vervangen bijlage verdwijnt van de schijf als django-cleanup in INSTALLED_APPS staat.",
    "django-helpdesk: een wijziging zonder bericht (follow-up) ziet alleen een web hook, niet de ronde langs alles.",
)


class HelpdeskDesk:
    """`agents`: numbers of the accounts that are agents' (none: everybody with an account is one).

    `closed`: numbers of the statuses in which a ticket is closed.
    """

    abilities = Abilities(edits=True, limits=_LIMITS)

    def __init__(
        self, client: Client, url: str, agents: frozenset[int] = frozenset(), closed: frozenset[str] = CLOSED
    ) -> None:
        self._client = client
        parts = urlsplit(url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._agents = agents
        self._closed = closed
        self._fields: tuple[str, ...] | None = None
        self._left: dict[tuple[str, str], set[str]] = {}

    def check(self) -> None:
        try:
            self._get("tickets/", page_size=1)
        except HttpError as error:
            if error.status != 404:
                raise
            raise SourceError("`url`: no API there; set HELPDESK_ACTIVATE_API_ENDPOINT = True at the desk") from None

    def changed(self, since: datetime) -> Iterator[Head]:
        """From the last follow-up back: the API lists them by date, and takes no other question."""
        moved: dict[str, datetime] = {}
        with _as_it_should():
            for row in self._backwards():
                moment = _moment(row["date"])
                if moment < since:
                    break
                moved.setdefault(str(row["ticket"]), moment)
        for ticket, _ in sorted(moved.items(), key=lambda pair: pair[1]):
            try:
                with _as_it_should():
                    head = self._head(self._row(ticket))
            except MessageGone:
                continue
            yield head

    def ticket(self, ticket: str) -> Ticket:
        with _as_it_should():
            return self._ticket(ticket)

    def rewrite(self, ticket: str, entry: Entry, pieces: Sequence[Piece | Attached]) -> None:
        now = next((one for one in self.ticket(ticket).entries if one.item == entry.item), None)
        if now is None:
            raise MessageGone("the ticket has no such follow-up")
        if now.pieces != entry.pieces:
            raise MessageChanged("somebody wrote in this message meanwhile")
        said: dict[str, str] = {}
        for old, new in zip(entry.pieces, pieces, strict=True):
            if not isinstance(old, Piece) or not isinstance(new, Piece) or old.text == new.text:
                continue
            if old.kind == "filename":
                raise MessageLocked("the name of an attachment can't be changed here")
            if old.name.startswith("attachment/"):
                self._upload(ticket, entry.item, int(old.name.partition("/")[2]), new.text)
            else:
                said[old.name] = new.text[:TITLE_LIMIT] if old.name == "title" else new.text
        if said:
            self._call("PATCH", _address(ticket, entry.item), json=said)

    def copies(self, ticket: str, item: str) -> tuple[Copy, ...]:
        row = self._row(ticket)
        found = [Copy("helpdesk-database", CopyState.UNKNOWN, "logboeken en back-ups van de database en de bestanden")]
        first = min(row["followup_set"], key=lambda one: int(one["id"]), default=None)
        followup = next((one for one in row["followup_set"] if str(one["id"]) == item), None)
        if followup is None:
            why = "oude titels en veldwaarden (TicketChange), die de API niet laat zien"
            found.append(Copy("helpdesk-changes", CopyState.UNKNOWN, why))
            followup = first if item == TICKET else None
        else:
            found += self._files(ticket, item, followup)
        if followup is not None:
            recipients = followup["email_recipients"]
            if recipients is None:
                found.append(Copy("helpdesk-mail-sent", CopyState.UNKNOWN, "mail die de desk verstuurd kan hebben"))
            elif recipients:
                found.append(Copy("helpdesk-mail-sent", CopyState.REMAINS, "mail die de desk al verstuurd had"))
            if followup["message_id"]:
                why = "de mailbox waaruit de desk dit bericht haalde"
                found.append(Copy("helpdesk-mailbox", CopyState.UNKNOWN, why))
        return tuple(found)

    def note(self, ticket: str, text: str) -> None:
        """Without a title: the desk would give the ticket that one."""
        said = {"ticket": _number(ticket), "comment": text, "public": False}
        self._call("POST", "followups/", json=said)

    def close(self) -> None:
        self._client.close()

    # reading

    def _get(self, path: str, **params: str | int) -> Any:
        return self._client.request("GET", f"api/{path}", params=params).json()

    def _row(self, ticket: str) -> Mapping[str, Any]:
        try:
            row = self._get(f"tickets/{_number(ticket)}/")
        except HttpError as error:
            if error.status == 404:
                raise MessageGone("the desk has no such ticket") from None
            raise
        if not isinstance(row, dict) or "followup_set" not in row:
            raise SourceError("`url` does not lead to django-helpdesk's API")
        if str(row.get("id")) != str(_number(ticket)):
            raise SourceError("django-helpdesk answers with another ticket than was asked: what stands between?")
        return row

    def _ticket(self, ticket: str) -> Ticket:
        row = self._row(ticket)
        followups = sorted(row["followup_set"], key=lambda one: (_moment(one["date"]), one["id"]))
        first, last = _span(row)
        entries = [self._own(row, TICKET, first)]
        entries += [self._own(other, f"{TICKET}/{other['id']}", first) for other in self._merged(row)]
        entries += [self._entry(one, row) for one in followups]
        if row["resolution"]:
            said = Piece("resolution", str(row["resolution"]).strip())
            entries.append(Entry(RESOLUTION, "agent", last, (said,)))
        return Ticket(self._head(row), tuple(entries))

    def _backwards(self) -> Iterator[Mapping[str, Any]]:
        page = -(-int(self._get("followups/", page_size=1)["count"]) // PAGE)
        while page > 0:
            yield from reversed(self._get("followups/", page_size=PAGE, page=page)["results"])
            page -= 1

    def _head(self, row: Mapping[str, Any]) -> Head:
        _, updated = _span(row)
        closed = None
        if str(row["status"]) in self._closed:
            shut = (_moment(one["date"]) for one in row["followup_set"] if str(one["new_status"]) in self._closed)
            closed = max(shut, default=updated)
        return Head(str(row["id"]), updated, closed, str(row["merged_to"] or ""))

    def _merged(self, row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Tickets that went into this one: their own texts stay with them, and a title tells their numbers."""
        numbers = {found for one in row["followup_set"] for found in _MERGED.findall(str(one["title"] or ""))}
        for number in sorted(numbers - {str(row["id"])}, key=int):
            try:
                other = self._row(number)
            except (HttpError, MessageGone):
                continue
            if other["merged_to"] == row["id"]:
                yield other

    def _own(self, row: Mapping[str, Any], item: str, created: datetime) -> Entry:
        named = [
            Piece("title", str(row["title"] or "").strip(), kind="subject"),
            Piece("description", str(row["description"] or "").strip()),
        ]
        filled = [name for name in self._text_fields() if isinstance(row.get(name), str) and row[name]]
        named += [Piece(name, row[name].strip(), kind="field") for name in filled]
        return Entry(item, "customer", created, tuple(named), sender=Sender(email=str(row["submitter_email"] or "")))

    def _text_fields(self) -> tuple[str, ...]:
        """Custom fields that take text, as the API describes itself. They are asked once."""
        if self._fields is None:
            told = self._client.request("OPTIONS", "api/tickets/").json()
            fields = told.get("actions", {}).get("POST", {}) if isinstance(told, dict) else {}
            self._fields = tuple(
                name for name, about in fields.items() if name.startswith("custom_") and about["type"] == "string"
            )
        return self._fields

    def _entry(self, row: Mapping[str, Any], ticket: Mapping[str, Any]) -> Entry:
        author: Author = "customer"
        if row["user"] is not None and (not self._agents or row["user"] in self._agents):
            author = "agent"
        pieces: list[Piece | Attached] = []
        title = str(row["title"] or "").strip()
        if title:
            pieces.append(Piece("title", title, kind="subject"))
        if row["comment"]:
            pieces.append(Piece("comment", str(row["comment"]).strip(), group="body"))
        for file in row["followupattachment_set"]:
            pieces += self._attached(file)
        sender = Sender()
        if author == "customer":
            wrote = _ADDRESS.search(title) if row["message_id"] else None
            sender = Sender(email=wrote.group() if wrote else str(ticket["submitter_email"] or ""))
        agent = str(row["user"]) if author == "agent" else ""
        moment = _moment(row["date"])
        return Entry(str(row["id"]), author, moment, tuple(pieces), bool(row["public"]), sender, agent)

    def _attached(self, file: Mapping[str, Any]) -> Iterator[Piece | Attached]:
        """A text file as its text and its name; any other, or one that can't be read, as what hangs there."""
        name, media_type = f"attachment/{file['id']}", str(file["mime_type"] or "application/octet-stream")
        filename = str(file["filename"] or "")
        mail = filename.lower().endswith(".eml")  # encoded parts are no text that one could read
        if media_type in _TEXTS and not mail and int(file["size"] or 0) <= FILE_LIMIT:
            answer = self._file(str(file["file"]))
            if answer is not None:
                try:
                    text = answer.body.decode("utf-8")
                except UnicodeDecodeError:
                    yield Attached(name, media_type, filename)
                    return
                yield Piece(name, text, media_type, group="body" if media_type == "text/html" else "")
                if filename and filename != _HTML:
                    yield Piece(f"{name}/filename", filename, kind="filename")
                return
        yield Attached(name, "message/rfc822" if mail else media_type, filename)

    def _file(self, address: str) -> Answer | None:
        """What stands at the address of a file now; None: nothing that we may see."""
        place = urlsplit(address)
        if place.netloc and place.netloc != urlsplit(self._origin).netloc:
            return None
        try:
            return self._client.request("GET", f"{self._origin}{quote(place.path, safe='/%')}")
        except HttpError:
            return None

    # writing

    def _call(self, method: str, path: str, *, json: object = None, **rest: Any) -> Any:
        try:
            return self._client.request(method, f"api/{path}", json=json, **rest).json()
        except HttpError as error:
            if error.status == 404:
                raise MessageGone("the ticket has no such follow-up") from None
            if error.status == 403:
                raise SourceUnwritable(f"{error}: the account has to be staff at the desk") from None
            raise

    def _upload(self, ticket: str, item: str, number: int, text: str) -> None:
        """Another file in the place of an attachment. Its name, as readers see it, and its type stay."""
        path = f"followups-attachments/{number}/"
        file = self._call("GET", path)
        content = text.encode()
        name = posixpath.basename(str(file["filename"])) or "tekst.txt"
        boundary = uuid4().hex
        body = b"".join(
            (
                f'--{boundary}\r\nContent-Disposition: form-data; name="size"\r\n\r\n{len(content)}\r\n'.encode(),
                f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{_quoted(name)}"\r\n'.encode(),
                b"Content-Type: application/octet-stream\r\n\r\n" + content + f"\r\n--{boundary}--\r\n".encode(),
            )
        )
        self._left.setdefault((ticket, item), set()).add(str(file["file"]))
        self._call("PATCH", path, content=body, headers={"Content-Type": f"multipart/form-data; boundary={boundary}"})

    def _files(self, ticket: str, item: str, followup: Mapping[str, Any]) -> Iterator[Copy]:
        """Whether the files that stood in the place of those there now are still to be had."""
        files = followup["followupattachment_set"]
        now = {str(file["file"]) for file in files}
        before = set(self._left.get((ticket, item), ()))
        for file in files:
            if str(file["mime_type"]) in _TEXTS:
                before.add(posixpath.join(posixpath.dirname(str(file["file"])), quote(str(file["filename"]))))
        if before - now:
            remains = any(self._file(address) is not None for address in before - now)
            state = CopyState.REMAINS if remains else CopyState.CLEANED
            why = "het bestand van vóór de wijziging; met django-cleanup verdwijnt het"
            yield Copy("helpdesk-file", state, why if remains else "het bestand van vóór de wijziging")
        if any(str(file["filename"]).lower().endswith(".eml") for file in files):
            why = "de hele mail als bijlage (HELPDESK_ALWAYS_SAVE_INCOMING_EMAIL_MESSAGE)"
            yield Copy("helpdesk-original", CopyState.REMAINS, why)


@contextmanager
def _as_it_should() -> Iterator[None]:
    """An answer without what every one of its kind has is a failure of the desk, not ours."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, ValueError):
        raise SourceError("django-helpdesk answers otherwise than it should") from None


def connect(account: Account) -> HelpdeskDesk:
    """With `user` its password (Basic), else a token of Django REST framework."""

    def who() -> dict[str, str]:
        secret = account.secret.read()
        if account.user:
            return {"Authorization": f"Basic {b64encode(f'{account.user}:{secret}'.encode()).decode()}"}
        return {"Authorization": f"Token {secret}"}

    client = Client(account.url, who, private=account.private, token_key=account.secret.key)
    return HelpdeskDesk(client, account.url, account.agents, account.closed or CLOSED)


def _span(row: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """When the first and the last follow-up of a ticket were written; long ago where it has none (any more)."""
    moments = [_moment(one["date"]) for one in row["followup_set"]]
    return min(moments, default=_LONG_AGO), max(moments, default=_LONG_AGO)


def _address(ticket: str, item: str) -> str:
    if item in (TICKET, RESOLUTION):
        return f"tickets/{_number(ticket)}/"
    if item.startswith(f"{TICKET}/"):
        return f"tickets/{_number(item.partition('/')[2])}/"
    return f"followups/{_number(item)}/"


def _quoted(name: str) -> str:
    return re.sub(r'["\\\x00-\x1f\x7f]', "_", name)


def _moment(text: object) -> datetime:
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except ValueError:
        raise SourceError("django-helpdesk gives a time that is none") from None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise MessageGone("a ticket or follow-up of django-helpdesk has a number")
    return int(text)
