"""What Zendesk's API answers, as tickets and entries."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from scrubber.message import Sender
from scrubber.pieces import Attached, Piece
from scrubber.sources.desk.interface import Author, Entry, Head

_MERGED = "closed_by_merge"
_NUMBER = re.compile(r"#(\d{1,18})\b")


def moment(text: str) -> datetime:
    """A moment as the API writes it (ISO 8601)."""
    return datetime.fromisoformat(text).astimezone(UTC)


def changed_at(row: Mapping[str, Any]) -> str:
    """When the export saw the change: also those that leave `updated_at` as it is, and in the order of the export."""
    generated = row.get("generated_timestamp")
    if isinstance(generated, int):
        return datetime.fromtimestamp(generated, UTC).isoformat()
    return str(row["updated_at"])


def head(row: Mapping[str, Any], merged: str, updated: str, solved: datetime | None = None) -> Head:
    """`merged`: the ticket it went into, or "". `solved`: when that was, where the desk says."""
    done = row.get("status") in ("solved", "closed")
    at = moment(updated)
    return Head(str(row["id"]), at, (solved or at) if done else None, merged)


def solved(sets: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> datetime | None:
    """When the ticket was last solved, as its metrics say."""
    told = [one.get("solved_at") for one in (*sets, row.get("metric_set") or {}) if one.get("solved_at")]
    return moment(str(told[0])) if told else None


def merged_into(row: Mapping[str, Any], comments: Sequence[Mapping[str, Any]]) -> str:
    """The ticket that this one was merged into: its last comment names it. No field of the API does."""
    if _MERGED not in (row.get("tags") or ()) or not comments:
        return ""
    numbers = _NUMBER.findall(comments[-1].get("plain_body") or comments[-1].get("body") or "")
    others = [number for number in numbers if number != str(row["id"])]
    return others[0] if others else ""


def said(field: Mapping[str, Any]) -> bool:
    """Whether a custom field holds text."""
    return isinstance(field.get("value"), str) and bool(field["value"].strip())


def sender(user: Mapping[str, Any] | None) -> Sender:
    """Who a user is."""
    user = user or {}
    return Sender(user.get("name") or "", user.get("email") or "", user.get("phone") or "")


def entry(comment: Mapping[str, Any], users: Mapping[int, Mapping[str, Any]], requester: object) -> Entry:
    """A comment; `requester`: the number of who asks for help in the ticket."""
    user = users.get(comment.get("author_id", 0))
    public = bool(comment.get("public", True))
    html = comment.get("html_body")
    text = comment.get("body") or ""
    pieces: list[Piece | Attached] = [Piece("html", html, "text/html") if html is not None else Piece("text", text)]
    pieces += [
        Attached(f"attachment/{one['id']}", one.get("content_type") or "", one.get("file_name") or "")
        for one in comment.get("attachments") or ()
    ]
    if comment.get("type") == "VoiceComment":
        pieces.append(Attached("voice", "audio/mpeg"))
    return Entry(
        str(comment["id"]),
        _author(comment, user, requester, public=public),
        moment(comment["created_at"]),
        tuple(pieces),
        public,
        sender(user),
        str((user or {}).get("name") or ""),
    )


def _author(comment: Mapping[str, Any], user: Mapping[str, Any] | None, requester: object, *, public: bool) -> Author:
    """Who asks for help is the customer, whoever they are; what nobody wrote is the system's."""
    author = comment.get("author_id")
    if author == -1 or (comment.get("via") or {}).get("channel") in ("system", "rule"):
        return "system"
    if public and author == requester:
        return "customer"
    return "agent" if user and user.get("role") in ("agent", "admin") else "customer"
