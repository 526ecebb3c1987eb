"""A Zendesk on loopback, over real HTTP, as its API reference describes what scrubber uses of it:

developer.zendesk.com/api-reference
  /introduction/security-and-auth (API token: Basic `email/token:token`)   /introduction/rate-limits (429, Retry-After)
  /introduction/pagination (page[size], meta.has_more, links.next)
  /ticketing/tickets/tickets (show with side-loads, update with safe_update, 422 for a closed ticket)
  /ticketing/tickets/ticket_comments (list; "Redact Ticket Comment In Agent Workspace": `<redact>` in its own html_body,
   ▇ in its place, closed tickets too)   /ticketing/tickets/ticket_audits   /ticketing/tickets/ticket_fields
  /ticketing/ticket-management/incremental_exports (tickets by cursor)   /ticketing/users/users (me)

Not documented, and so of this fake's own making: how many ▇ stand for a value, what is said of an html_body that is
not the comment's, and that a merged ticket names the other in its last comment (its tag closed_by_merge is Zendesk's).
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Row = dict[str, Any]
AGENT, BOT = 11, -1
USER, TOKEN = "kim@desk.example", "token-of-the-tests"
_REDACT = re.compile(r"<redact>(.*?)</redact>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


@dataclass(slots=True)
class Fault:
    """The next call whose method and path begin with `at` is answered so; `status` 0: the line goes dead."""

    at: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    done: bool = False
    """Whether the call is carried out all the same."""
    body: bytes | None = None


class Zendesk:
    """`clock` stamps what is done; `page` is the longest page; `blocks`: how many ▇ stand for so many characters."""

    def __init__(self) -> None:
        self.tickets: dict[int, Row] = {}
        self.comments: dict[int, list[Row]] = {}
        self.audits: dict[int, list[Row]] = {}
        self.users: dict[int, Row] = {
            AGENT: {"id": AGENT, "name": "Kim", "email": USER, "role": "agent"},
        }
        self.fields: list[Row] = [
            {"id": 501, "type": "text", "title": "Klantnummer"},
            {"id": 502, "type": "tagger", "title": "Product"},
            {"id": 503, "type": "textarea", "title": "Toelichting"},
        ]
        self.faults: list[Fault] = []
        self.calls: list[str] = []
        self.on_call: Callable[[str], None] = lambda _: None
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.page = 3
        self.blocks: Callable[[int], int] = lambda length: length
        self.may_redact = True
        self._number = 100
        self._lock = threading.RLock()
        desk = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                desk._answer(self, "GET", b"")

            def do_PUT(self) -> None:
                desk._answer(self, "PUT", self.rfile.read(int(self.headers.get("Content-Length", "0"))))

            def log_message(self, *_: object) -> None:
                """Nothing is logged."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # what people do

    def customer(self, name: str = "Jan Proef", email: str = "jan@klant.example") -> int:
        with self._lock:
            for user in self.users.values():
                if user["email"] == email:
                    return int(user["id"])
            number = self._next()
            self.users[number] = {"id": number, "name": name, "email": email, "role": "end-user"}
            return number

    def open(self, subject: str, html: str, *, author: int, channel: str = "web", at: datetime | None = None) -> int:
        with self._lock:
            number, now = self._next(), _text(at or self.clock())
            self.tickets[number] = {
                "id": number,
                "subject": subject,
                "raw_subject": subject,
                "description": _plain(html),
                "status": "open",
                "requester_id": author,
                "created_at": now,
                "updated_at": now,
                "generated_timestamp": int((at or self.clock()).timestamp()),
                "tags": [],
                "custom_fields": [{"id": one["id"], "value": None} for one in self.fields],
                "solved_at": None,
            }
            self.comments[number] = []
            self.audits[number] = []
            self._audit(number, {"type": "Create", "field_name": "subject", "value": subject})
            self.comment(number, html, author=author, channel=channel, at=at)
            return number

    def comment(
        self,
        ticket: int,
        html: str,
        *,
        author: int,
        public: bool = True,
        channel: str = "web",
        attachments: tuple[tuple[str, str], ...] = (),
        at: datetime | None = None,
    ) -> int:
        with self._lock:
            number = self._next()
            self.comments[ticket].append({
                "id": number,
                "type": "Comment",
                "author_id": author,
                "html_body": html,
                "body": _plain(html),
                "plain_body": _plain(html),
                "public": public,
                "created_at": _text(at or self.clock()),
                "via": {"channel": channel},
                "attachments": [
                    {"id": self._next(), "file_name": name, "content_type": kind, "content_url": f"{self.url}/a/{name}"}
                    for name, kind in attachments
                ],
            })  # fmt: skip
            self._audit(ticket, {"id": number, "type": "Comment", "html_body": html, "public": public})
            self._touch(ticket, at)
            return number

    def status(self, ticket: int, status: str) -> None:
        with self._lock:
            row = self.tickets[ticket]
            row["status"] = status
            row["solved_at"] = _text(self.clock()) if status in ("solved", "closed") else None
            self._touch(ticket)

    def merge(self, ticket: int, into: int) -> None:
        """As an agent does: the ticket is closed, a note in it names the other, which gets its last comment."""
        with self._lock:
            last = self.comments[ticket][-1]["html_body"]
            other = self.tickets[into]["subject"]
            said = f"<div>This request was closed and merged into request #{into} &quot;{other}&quot;.</div>"
            self.comment(ticket, said, author=AGENT, public=False)
            self.tickets[ticket]["tags"].append("closed_by_merge")
            self.status(ticket, "closed")
            told = f"<div>Request #{ticket} was closed and merged into this request. Last comment:</div>{last}"
            self.comment(into, told, author=AGENT, public=False)

    def fill(self, ticket: int, field_id: int, value: str) -> None:
        with self._lock:
            self._set(ticket, field_id, value)
            self._audit(ticket, {"type": "Change", "field_name": str(field_id), "value": value})
            self._touch(ticket)

    def change(self, ticket: int, comment: int, html: str) -> None:
        """Nobody can, but by redacting; somebody did."""
        with self._lock:
            self._put(ticket, comment, html)
            self._touch(ticket)

    def everything(self, ticket: int) -> str:
        """All that is kept of a ticket."""
        with self._lock:
            return json.dumps([self.tickets[ticket], self.comments[ticket], self.audits[ticket]], ensure_ascii=False)

    # HTTP

    def _answer(self, handler: BaseHTTPRequestHandler, method: str, body: bytes) -> None:
        parts = urlsplit(handler.path)
        call = f"{method} {parts.path}"
        self.calls.append(call)
        self.on_call(call)
        fault = next((one for one in self.faults if call.startswith(one.at)), None)
        if fault is not None:
            self.faults.remove(fault)
        if fault is None or fault.done:
            try:
                status, answer = self._called(handler, method, parts.path, parse_qs(parts.query), body)
            except KeyError:
                status, answer = 404, {"error": "RecordNotFound"}
        if fault is not None:
            if fault.status == 0:
                handler.close_connection = True
                handler.connection.close()
                return
            status, answer = fault.status, {"error": "of this test"}
        sent = json.dumps(answer).encode() if fault is None or fault.body is None else fault.body
        handler.send_response(status)
        for name, value in (fault.headers if fault else {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(sent)))
        handler.end_headers()
        handler.wfile.write(sent)

    def _called(
        self, handler: BaseHTTPRequestHandler, method: str, path: str, query: dict[str, list[str]], body: bytes
    ) -> tuple[int, Row]:
        login = base64.b64encode(f"{USER}/token:{TOKEN}".encode()).decode()
        known = handler.headers.get("Authorization") == f"Basic {login}"
        if path == "/api/v2/users/me.json" and not handler.headers.get("Authorization"):
            return 200, {"user": {"id": None, "name": "Anonymous user", "role": "end-user"}}
        if not known:
            return 401, {"error": "Couldn't authenticate you"}
        with self._lock:
            for pattern, verb, does in (
                (r"/api/v2/users/me\.json", "GET", self._me),
                (r"/api/v2/incremental/tickets/cursor\.json", "GET", self._export),
                (r"/api/v2/ticket_fields\.json", "GET", self._fields),
                (r"/api/v2/tickets/(\d+)\.json", "GET", self._show),
                (r"/api/v2/tickets/(\d+)\.json", "PUT", self._update),
                (r"/api/v2/tickets/(\d+)/comments\.json", "GET", self._comments),
                (r"/api/v2/tickets/(\d+)/audits\.json", "GET", self._audits),
                (r"/api/v2/comment_redactions/(\d+)\.json", "PUT", self._redact),
            ):
                found = re.fullmatch(pattern, path)
                if found and verb == method:
                    number = int(found[1]) if found.groups() else 0
                    return does(number, path, query, json.loads(body or b"{}"))
        return 404, {"error": "InvalidEndpoint"}

    def _me(self, _number: int, _path: str, _query: Row, _body: Row) -> tuple[int, Row]:
        return 200, {"user": self.users[AGENT]}

    def _fields(self, _number: int, path: str, query: Row, _body: Row) -> tuple[int, Row]:
        return 200, self._paged("ticket_fields", self.fields, path, query)

    def _show(self, number: int, _path: str, query: Row, _body: Row) -> tuple[int, Row]:
        row = self.tickets[number]
        answer: Row = {"ticket": {key: value for key, value in row.items() if key != "solved_at"}}
        include = ",".join(query.get("include", ())).split(",")
        if "users" in include:
            answer["users"] = [self.users[row["requester_id"]]]
        if "metric_sets" in include:
            answer["metric_sets"] = [{"ticket_id": number, "solved_at": row["solved_at"]}]
        return 200, answer

    def _comments(self, number: int, path: str, query: Row, _body: Row) -> tuple[int, Row]:
        answer = self._paged("comments", self.comments[number], path, query)
        if "users" in ",".join(query.get("include", ())):
            authors = dict.fromkeys(one["author_id"] for one in answer["comments"])
            answer["users"] = [self.users[author] for author in authors if author in self.users]
        return 200, answer

    def _audits(self, number: int, path: str, query: Row, _body: Row) -> tuple[int, Row]:
        return 200, self._paged("audits", self.audits[number], path, query)

    def _export(self, _number: int, path: str, query: Row, _body: Row) -> tuple[int, Row]:
        if "cursor" in query:
            start, after = map(int, base64.b64decode(query["cursor"][0]).split(b"|"))
        else:
            start, after = int(query["start_time"][0]), 0
            if start > datetime.now(UTC).timestamp() - 60:
                return 400, {"error": "StartTimeTooRecent"}
        rows = sorted(self.tickets.values(), key=lambda row: (row["generated_timestamp"], row["id"]))
        rows = [row for row in rows if (row["generated_timestamp"], row["id"]) > (start - (not after), after)]
        shown = rows[: min(self.page, int(query.get("per_page", ["1000"])[0]))]
        more = len(rows) > len(shown)
        last = shown[-1] if shown else None
        cursor = f"{last['generated_timestamp']}|{last['id']}" if last else f"{start}|{after}"
        return 200, {
            "tickets": shown,
            "after_cursor": base64.b64encode(cursor.encode()).decode(),
            "after_url": f"{self.url}{path}",
            "end_of_stream": not more,
        }

    def _paged(self, name: str, rows: list[Row], path: str, query: Row) -> Row:
        at = int(query.get("page[after]", ["0"])[0])
        size = min(self.page, int(query.get("page[size]", ["100"])[0]))
        more = at + size < len(rows)
        include = f"&include={query['include'][0]}" if "include" in query else ""
        then = f"{self.url}{path}?page[size]={size}&page[after]={at + size}{include}"
        return {name: rows[at : at + size], "meta": {"has_more": more}, "links": {"next": then if more else None}}

    def _update(self, number: int, _path: str, _query: Row, body: Row) -> tuple[int, Row]:
        row, change = self.tickets[number], body["ticket"]
        if row["status"] == "closed":
            return 422, {"error": "RecordInvalid", "description": "Status: closed prevents ticket update"}
        if change.get("safe_update") and change.get("updated_stamp") != row["updated_at"]:
            return 409, {"error": "UpdateConflict"}
        if "subject" in change:
            before = row["subject"]
            row["subject"] = row["raw_subject"] = change["subject"]
            event = {"field_name": "subject", "value": change["subject"], "previous_value": before}
            self._audit(number, {"type": "Change", **event})
        for one in change.get("custom_fields", ()):
            self._set(number, one["id"], one["value"])
            self._audit(number, {"type": "Change", "field_name": str(one["id"]), "value": one["value"]})
        if "comment" in change:
            said = change["comment"]
            html = f"<div>{said['body'].replace('&', '&amp;').replace('<', '&lt;')}</div>"
            self.comment(number, html, author=AGENT, public=said.get("public", True), channel="api")
        self._touch(number)
        return 200, {"ticket": row}

    def _redact(self, number: int, _path: str, _query: Row, body: Row) -> tuple[int, Row]:
        ticket = body["ticket_id"]
        comment = next((one for one in self.comments[ticket] if one["id"] == number), None)
        if comment is None:
            return 404, {"error": "RecordNotFound"}
        if not self.may_redact:
            return 403, {"error": "Forbidden"}
        wanted = body["html_body"]
        if _REDACT.sub(r"\1", wanted) != comment["html_body"] or any("<" in one for one in _REDACT.findall(wanted)):
            return 400, {"error": "RecordInvalid"}
        self._put(ticket, number, _REDACT.sub(lambda found: "▇" * self.blocks(len(found[1])), wanted))
        self._touch(ticket)
        return 200, {"comment": comment}

    # the rows

    def _put(self, ticket: int, number: int, html: str) -> None:
        (comment,) = [one for one in self.comments[ticket] if one["id"] == number]
        comment.update(html_body=html, body=_plain(html), plain_body=_plain(html))
        if comment is self.comments[ticket][0]:
            self.tickets[ticket]["description"] = _plain(html)
        for audit in self.audits[ticket]:
            for event in audit["events"]:
                if event.get("id") == number:
                    event["html_body"] = html

    def _set(self, ticket: int, field_id: int, value: str) -> None:
        for one in self.tickets[ticket]["custom_fields"]:
            if one["id"] == field_id:
                one["value"] = value

    def _audit(self, ticket: int, event: Row) -> None:
        self.audits[ticket].append({"id": self._next(), "ticket_id": ticket, "events": [event]})

    def _touch(self, ticket: int, at: datetime | None = None) -> None:
        now = at or self.clock()
        row = self.tickets[ticket]
        stamp = _text(now)
        # to the second, as there
        row["updated_at"] = max(row["updated_at"], stamp)
        row["generated_timestamp"] = max(int(now.timestamp()), row["generated_timestamp"])

    def _next(self) -> int:
        self._number += 1
        return self._number


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(html: str) -> str:
    text = _TAG.sub("", html.replace("</p>", "\n").replace("<br>", "\n"))
    return text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&quot;", '"').replace("&amp;", "&")
