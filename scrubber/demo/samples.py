"""The sample mails as data: mails/*.eml, and mails/index.yaml, which says where each goes and what should happen to it.

In the .eml files `{{DATE-12}}` stands for the moment 12 days ago as RFC 5322 writes it, and `{{DAG-12}}` for that day
in Dutch.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from email.utils import format_datetime
from functools import cache
from importlib import resources
from typing import Any

import yaml

_MAILS = resources.files("scrubber.demo") / "mails"
_PLACEHOLDER = re.compile(rb"\{\{(DATE|DAG)-(\d{1,3})\}\}")
_MONTHS = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
]


@dataclass(frozen=True, slots=True)
class SampleMail:
    """One mail. `folder`: "" is the inbox. `state`: "new", or Maildir flags. `age` in days before now, at `time`.

    `gone` is removed at once, `waiting` when the matter is closed, `stays` is not touched (each as a reader sees it);
    `unread` are the kinds of parts that stay unread; `held`: can't be read at all. `shows` is a line in Dutch.
    """

    file: str
    folder: str
    age: int
    time: time
    state: str
    shows: str
    held: bool
    gone: tuple[str, ...] = field(repr=False)
    waiting: tuple[str, ...] = field(repr=False)
    stays: tuple[str, ...] = field(repr=False)
    unread: tuple[str, ...]

    def template(self) -> bytes:
        """The mail as it is kept, with placeholders."""
        return (_MAILS / self.file).read_bytes()

    def sent(self, now: datetime, age: int | None = None) -> datetime:
        """The moment this mail (or one `age` days old that it mentions) was sent, in the zone of `now`."""
        day = (now - timedelta(days=self.age if age is None else age)).date()
        return datetime.combine(day, self.time, tzinfo=now.tzinfo)

    def render(self, now: datetime) -> bytes:
        """The mail as it looks when it is `now` (timezone-aware)."""

        def moment(match: re.Match[bytes]) -> bytes:
            sent = self.sent(now, int(match[2]))
            text = format_datetime(sent) if match[1] == b"DATE" else f"{sent.day} {_MONTHS[sent.month - 1]} {sent.year}"
            return text.encode("ascii")

        return _PLACEHOLDER.sub(moment, self.template())


def _mail(entry: Mapping[str, Any]) -> SampleMail:
    lists = {key: tuple(entry[key]) for key in ("gone", "waiting", "stays", "unread")}
    return SampleMail(**{**entry, **lists, "time": time.fromisoformat(entry["time"])})


@cache
def index() -> tuple[SampleMail, ...]:
    """All sample mails, in order of file name."""
    return tuple(_mail(entry) for entry in yaml.safe_load((_MAILS / "index.yaml").read_text("utf-8")))
