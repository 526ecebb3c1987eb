"""The years that dates are judged by: they go along with the clock, so that next year's children have births too."""

from __future__ import annotations

from datetime import UTC, datetime


def this_year() -> int:
    """Births are given up to now."""
    return datetime.now(UTC).year


def children() -> int:
    """Up to this year a date may be a child's birth where little else says so; later ones are rather appointments."""
    return this_year() - 4


def youngest() -> int:
    """A year up to this, without any word for another date, is rarely anything but a birth in a message to a desk."""
    return this_year() - 11


def grown() -> int:
    """Up to this year somebody is old enough to write for himself."""
    return this_year() - 16


def in_full(two_digits: int) -> int:
    """The year that two digits give: of this century up to four years from now."""
    return two_digits + (2000 if two_digits <= (this_year() + 4) % 100 else 1900)
