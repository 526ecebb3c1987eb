"""Dates as SEARCH takes them (RFC 3501, 6.4.4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(moment: datetime) -> str:
    return f"{moment.day:02d}-{_MONTHS[moment.month - 1]}-{moment.year:04d}"


def since_day(moment: datetime) -> str:
    """The day before, for SEARCH SINCE compares days in whatever zone the server keeps."""
    try:
        return day(moment.astimezone(UTC) - timedelta(days=1))
    except OverflowError:
        return "01-Jan-1970"
