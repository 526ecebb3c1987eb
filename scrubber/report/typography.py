"""Numbers, dates and foreign text as a Dutch or English reader expects them."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from typing import Literal

Language = Literal["nl", "en"]

_MONTHS: dict[Language, tuple[str, ...]] = {
    "nl": (
        *("januari", "februari", "maart", "april", "mei", "juni"),
        *("juli", "augustus", "september", "oktober", "november", "december"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
_UNSHOWN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def number(value: int, language: Language) -> str:
    """1234 -> "1.234" in Dutch, "1,234" in English.

    >>> number(1234567, "nl")
    '1.234.567'
    """
    text = f"{value:,}"
    return text.replace(",", ".") if language == "nl" else text


def share(part: int, whole: int, language: Language) -> str:
    """A percentage without decimals; "<1%" for what would round to nothing, ">99%" for what would round to all."""
    if not whole:
        return "–"
    rounded = round(100 * part / whole)
    if part and not rounded:
        text = "<1"
    elif part < whole and rounded >= 100:
        text = ">99"
    else:
        text = str(rounded)
    return f"{text}%" if language == "en" else f"{text}\u00a0%"


def day(value: date, language: Language) -> str:
    """22 november 2026; the day never stands apart from its month at the end of a line."""
    return f"{value.day}\u00a0{_MONTHS[language][value.month - 1]} {value.year}"


def short_day(value: date, language: Language) -> str:
    """22 nov"""
    return f"{value.day}\u00a0{_short(value, language)}"


def short_month(value: date, language: Language) -> str:
    """nov 2026"""
    return f"{_short(value, language)}\u00a0{value.year}"


def _short(value: date, language: Language) -> str:
    name = _MONTHS[language][value.month - 1]
    return "mrt" if name == "maart" else name[:3]


def short_moment(value: datetime, language: Language) -> str:
    """22 nov 2026, 14:05"""
    return f"{short_day(value, language)}\u00a0{value.year}, {value:%H:%M}"


def moment(value: datetime, language: Language) -> str:
    """22 november 2026, 14:05 uur"""
    return f"{day(value, language)}, {value:%H:%M}" + ("\u00a0uur" if language == "nl" else "")


def plain(text: str, longest: int = 120) -> str:
    """Foreign text for one line of a page: what can't be seen or turns the direction of text becomes U+FFFD, and long
    text is cut in the middle, for a path says most at its ends."""
    shown = "".join("\ufffd" if unicodedata.category(c) in _UNSHOWN else c for c in text)
    if len(shown) <= longest:
        return shown
    half = (longest - 1) // 2
    return f"{shown[:half]}…{shown[-half:]}"
