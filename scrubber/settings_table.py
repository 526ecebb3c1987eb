"""What every table of the settings file shares."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict


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
