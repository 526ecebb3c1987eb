"""What every table of the settings file shares."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict


class Table(BaseModel):
    """A table of the settings file: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


def _moment(value: object) -> object:
    """A TOML date or date-time as an aware date-time: without a zone, UTC; a bare date is its midnight."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), tzinfo=UTC)
    raise ValueError("write a TOML date, for instance 2026-11-01, without quotes")


Moment = Annotated[datetime, BeforeValidator(_moment)]

Several = Annotated[tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)]
"""One, or a list."""


def _header(value: str) -> str:
    if value and not re.fullmatch(r"[A-Za-z0-9-]{1,64}", value):
        raise ValueError("a header's name has at most 64 letters, digits and dashes, such as X-Hook-Secret")
    return value


HeaderName = Annotated[str, AfterValidator(_header)]


def web_address(value: str, example: str) -> SplitResult:
    """The parts of an address of http or https, told without what stands in it where it is none."""
    try:
        parts = urlsplit(value)
        fits = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or not value.isprintable() or any(c.isspace() for c in value):
        raise ValueError(f"an address looks like {example}")
    return parts
