"""Whose a date without a label may be: a name before it, a line that gives somebody's data."""

from __future__ import annotations

import re

from scrubber.detection import checksums, years
from scrubber.detection.date_values import OTHER_DATE, PARTS, any_year_of, year_of
from scrubber.detection.page import Page

_FIRST_BEFORE = re.compile(r"([A-Z][A-Za-z'\-]+) (?:(?:van|de|den|der|ter|ten|el|'t|v\.?d\.?) ){0,3}$")
_I_AM = re.compile(
    r"\b(?:(?:ik|hier) (?:ben|is)|ben|mijn naam is|ik heet|heet|naam|patient|cliente?|kind|zoon|dochter"
    r"|partner)"
    r":? +(?P<first>[a-z][a-z'\-]+) (?:(?:van|de|den|der|ter|ten|el|'t|v\.?d\.?) ){0,3}[a-z][a-z'\-]+[ ,(]{1,2}$"
)
"""Somebody gives a whole name; six or eight digits right behind it are a date."""
_KIN_IS = re.compile(
    r"\b(?:kind|zoon|zoontje|dochter|dochtertje|baby|partner|man|vrouw|moeder|vader|broer|zus|client|patient|leerling"
    r"|bewoner|verzekerde|deelnemer)(?: ?\d)?: ?(?P<name>[A-Z][A-Za-z'\-]+)(?: [A-Za-z'\-]+){0,4}[ ,(/\-]{1,3}$",
    re.IGNORECASE,
)
"""A form's line of a relative: "kind: Ilyas (date)"."""
_ENDS_ITEM = re.compile(r"[ ]?(?:$|[,;)/|\n.]|- |en\b|bsn\b|sofi|geb(?:oren)?\b)")
_THEN_BSN = re.compile(r"[ ,;/|)(\-]{1,3}(?:en )?(?:met )?(?:bsn|sofi|burgerservice)\w*")
NAMED = re.compile(r"([A-Z][A-Za-z'\-]+)[\"']?(?: ?\(|,|;| ?\||\t| -| /|:| )[ ]{0,3}\(?$")
_NINE = re.compile(r"(?<!\d)\d{9}(?!\d)")
_OF_PERSON = frozenset({"bsn", "passport", "national", "person", "health", "care", "iban", "licence", "phone"})


def behind_whole_name(page: Page, start: int, end: int) -> bool:
    """Whether a date in digits alone stands behind the name that somebody gives: "ik ben Joost Vink 140877"."""
    named = _I_AM.search(page.lower[max(0, start - 60) : start])
    if named is None or not is_name(page, named["first"]):
        return False
    value = page.folded[start:end]
    year = year_of(value) or 1900 + int(value[4:])
    return 1905 <= year <= years.children() and (len(value) == 6 or value[4:6] in {"19", "20"})


def of_relative(page: Page, start: int, end: int) -> bool:
    """Whether a date of this age stands behind a name, in a line that gives a relative or before the BSN."""
    line_start = page.line_start(start)
    left = page.folded[max(line_start, start - 60) : start]
    whole = any_year_of(page.folded[start:end])
    kin, named = _KIN_IS.search(left), NAMED.search(left)
    opens = kin or named
    if opens is None or not 1905 <= whole <= years.this_year():
        return False
    if page.follows(start, OTHER_DATE, len(left) - opens.start()):
        return False
    if kin is not None and is_name(page, kin["name"].lower()) and _ENDS_ITEM.match(page.lower, end):
        return True
    return named is not None and _THEN_BSN.match(page.lower, end) is not None and is_somebody(page, left, named)


def is_somebody(page: Page, left: str, named: re.Match[str]) -> bool:
    """A name, or any word right behind a first name: "Els Bos"."""
    if is_name(page, named[1].lower()):
        return True
    before = _FIRST_BEFORE.search(left, 0, named.start(1))
    return before is not None and before[1].lower() in page.lexicon.first_names


def is_name(page: Page, word: str) -> bool:
    lexicon = page.lexicon
    known = word in lexicon.first_names or word in lexicon.surnames or word in page.sender.name.lower().split()
    return known and word not in lexicon.words("names/months") and word not in lexicon.common


def is_record(page: Page, line_start: int, line_end: int) -> bool:
    """Whether the line gives somebody's data: a BSN, an e-mail address, a first name with more of the name."""
    line = page.folded[line_start : min(line_end, line_start + 400)]
    if "@" in line or any(checksums.bsn(number) for number in _NINE.findall(line)):
        return True
    index = page.word_before(line_start + 1) + (0 if line_start == 0 else 1)
    words = page.words
    for at in range(max(0, index), min(len(words) - 1, max(0, index) + 12)):
        if words[at].start >= line_end:
            break
        first, following = words[at], words[at + 1]
        if (
            page.folded[first.start].isupper()
            and first.lower in page.lexicon.first_names
            and page.folded[first.end : following.start] == " "
            and (page.folded[following.start].isupper() or following.lower in page.lexicon.words("names/particles"))
        ):
            return True
    return False


def is_item_of_person(page: Page, start: int, end: int) -> bool:
    """A date with a line to itself, where the line above and the one below give other data of somebody."""
    line_start, line_end = page.line_start(start), page.line_end(end)
    if page.folded[line_start:line_end].strip(" >*-.,\u2022") != page.folded[start:end] or line_start == 0:
        return False
    above = page.line_start(line_start - 1)
    below = page.line_end(min(line_end + 1, len(page.folded)))
    return page.follows(line_start, _OF_PERSON, line_start - above) and any(
        cue.kind in _OF_PERSON for cue in page.after(end, below - end)
    )


def beside_bsn(page: Page, start: int, end: int) -> bool:
    """An unlabelled date of long ago on a line that also gives a BSN."""
    years = [int(part) for part in PARTS.findall(page.folded[start:end]) if len(part) == 4]
    if not years or not 1905 <= years[0] <= 2012:
        return False
    line_start, line_end = page.line_start(start), page.line_end(end)
    return any(cue.kind == "bsn" and line_start <= cue.start < line_end for cue in page.cues)
