"""What a date says: whether its numbers are a day's, and which year it gives."""

from __future__ import annotations

import re

from scrubber.detection import years
from scrubber.detection.page import Page

OTHER_DATE = frozenset({"date", "version", "reference"})
STOPS = re.compile(r"[.!?] +[A-Z]|\n[ \t]*\n|;.*;")
_IS_TIME = re.compile(r":\d\d(?!\d)| ?(?:uur|u\b|h\b)")
"""Behind two digits: an hour, and no year: "10 nov 06:40"."""
_SHORT = re.compile(r"(?i)\b(\d\d)e? (?:(feb)|(apr|jun|sep|nov))")
"""Months without a thirty-first."""
PARTS = re.compile(r"\d+")

NO_DATE = re.compile(r"^\d\.|\.\d\.|(?i:,|\d[ ]?x[ ]?\d)")
"""With a year of two digits: rather a version, an amount, a number of times."""


def is_date(page: Page, name: str, start: int, end: int) -> bool:
    text = page.folded
    if text[end : end + 1] in {"-", "."} and text[end + 1 : end + 2].isdigit():
        return False
    if text[end - 3] in " '" and _IS_TIME.match(text, end):
        return False
    before = text[max(0, start - 1) : start]
    if before in {"-", ".", ","} and text[max(0, start - 2) : start - 1].isalnum():
        cell = any(cue.kind == "birth" for cue in page.before(start - 1, 0)) or (
            before == "," and (text[start - 2].isalpha() or page.line_start(start) in page.columns)
        )
        if not cell:
            return False
    parts = [int(part) for part in PARTS.findall(text[start:end])]
    if name == "numeric":
        return (1 <= parts[0] <= 31 and 1 <= parts[1] <= 12) or (1 <= parts[1] <= 31 and 1 <= parts[0] <= 12)
    if name == "iso":
        return 1 <= parts[1] <= 12 and 1 <= parts[2] <= 31
    if name == "compact":
        value = text[start:end]
        if len(value) == 6:
            return 1 <= int(value[:2]) <= 31 and 1 <= int(value[2:4]) <= 12
        if value[:2] in {"19", "20"}:
            return 1 <= int(value[4:6]) <= 12 and 1 <= int(value[6:8]) <= 31
        return 1 <= int(value[:2]) <= 31 and 1 <= int(value[2:4]) <= 12 and value[4:6] in {"19", "20"}
    if name == "day_month" and (short := _SHORT.match(text, start)) and int(short[1]) > (29 if short[2] else 30):
        return False
    return name in {"spoken", "year"} or any(1 <= part <= 31 for part in parts)


def year_of(text: str) -> int:
    """The year of a date; 0 without one, and where two digits may be of this century."""
    parts = PARTS.findall(text)
    if len(parts) == 1 and len(parts[0]) == 8:
        return int(parts[0][:4]) if parts[0][:2] in {"19", "20"} else int(parts[0][4:])
    whole = next((int(part) for part in parts if len(part) == 4), 0)
    if whole or len(parts) < 2 or len(parts[-1]) != 2:
        return whole
    year = years.in_full(int(parts[-1]))
    return year if year < 2000 else 0


def any_year_of(text: str) -> int:
    """The year of a date, also one of two digits of this century; 0 without one."""
    parts = PARTS.findall(text)
    whole = next((int(part) for part in parts if len(part) == 4), 0)
    if whole or not parts or len(parts[-1]) != 2:
        return whole
    return years.in_full(int(parts[-1]))
