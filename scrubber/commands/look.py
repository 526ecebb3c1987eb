"""`scrubber try`: one text or mail, with what would go and why."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from scrubber import screen, settings
from scrubber.budget import Budget
from scrubber.commands import signs
from scrubber.commands.parallel import build
from scrubber.errors import BudgetExceeded, FormatError, SettingsError
from scrubber.finding import Outcome
from scrubber.message import Message, Sender, SourceRef, TextView
from scrubber.pipeline import Tools, scrub
from scrubber.policy.base import Case
from scrubber.redaction import Language
from scrubber.sources.mailheaders import parse


def try_one(what: str, settings_path: Path | None, profile: str, lang: Language, console: Console) -> int:
    """Exit status: 0 answered, 1 the message would be HELD."""
    payload, media_type = _read(what)
    tools, policy = build(settings.find_optional(settings_path), profile)
    now = datetime.now(UTC)
    message = as_message(payload, media_type, now)
    (scrubbed,) = scrub([message], tools, policy, now=now)
    views = _views(tools, message)
    screen.show_try(console, views, scrubbed, tools.redactor.entities, lang)
    needed = [d.finding for d in scrubbed.decisions if d.assessment.needed and not d.assessment.asked]
    if needed:
        all_found = [d.finding for d in scrubbed.decisions]
        weighed = [row for row in policy.explain(Case(message, views, all_found)) if row[0] in needed]
        signs.show(console, weighed, tools.redactor.entities, lang)
    return 1 if scrubbed.outcome in (Outcome.HELD, Outcome.FAILED) else 0


def as_message(payload: bytes, media_type: str, now: datetime) -> Message:
    """What the worker would make of it: a mail's sender stands in its header (whose a datum is depends on that)."""
    sender = parse(payload).sender if media_type == "message/rfc822" else Sender()
    return Message(SourceRef("try", "", ""), "email", media_type, payload, now, sender)


def _read(what: str) -> tuple[bytes, str]:
    """(payload, media type) of a text, a file or standard input."""
    if what == "-":
        if sys.stdin.isatty():
            print("scrubber: type or paste the text, end with Ctrl-D", file=sys.stderr)  # noqa: T201 - for the person
        payload = sys.stdin.buffer.read()
        return payload, "message/rfc822" if _looks_like_mail(payload) else "text/plain"
    try:
        path = Path(what)
        if path.is_file():
            payload = path.read_bytes()
            mail = path.suffix.lower() == ".eml" or _looks_like_mail(payload)
            return payload, "message/rfc822" if mail else "text/plain"
    except OSError as error:
        if "\n" not in what and len(what) < 256:
            raise SettingsError(f"{what}: can't be read: {error.strerror}") from None
    if Path(what).suffix.lower() == ".eml" and " " not in what:
        raise SettingsError(f"{what}: there is no such file")
    return what.encode("utf-8", "replace"), "text/plain"


def _looks_like_mail(payload: bytes) -> bool:
    head = payload[:4096].lower()
    return head.startswith((b"from:", b"received:", b"return-path:", b"date:", b"subject:", b"message-id:")) and (
        b"\n\n" in head or b"\r\n\r\n" in head
    )


def _views(tools: Tools, message: Message) -> tuple[TextView, ...]:
    try:
        return tools.formats.open_tree(message.payload, message.media_type, {}, Budget(tools.limits)).views
    except (FormatError, BudgetExceeded):
        return ()
