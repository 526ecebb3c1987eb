"""What only the model finds and a rule knows to be something else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from scrubber.detection import years
from scrubber.detection.care import About, is_of_another_branch
from scrubber.detection.credentials.refused import guessed_wrong
from scrubber.detection.page import Page

_NUMBER_OF = re.compile(r"(?:kluisje|huisje|kamer|poort|eindigt op|eindigend op|box) \d{1,5}$")
"""Of what it is the number: no code."""
_MOBILE = re.compile(r"06(?:[ \-]?\d){8}")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_NO_DAY = re.compile(r"\b00\D00\b")
_LATELY = 2
"""Years: a day not longer ago is rather an appointment's; of whom it is a birth, the rules find a word."""
_POLICY = re.compile(r"polis")


def _no_secret(page: Page, start: int, end: int) -> bool:
    return _NUMBER_OF.search(page.lower[max(0, start - 24) : end]) is not None or guessed_wrong(page, start, end)


def _no_birth(page: Page, start: int, end: int) -> bool:
    year = _YEAR.search(page.folded, start, end)
    if _NO_DAY.search(page.folded, start, end) or (year and int(year[0]) >= years.this_year() - _LATELY):
        return True
    heading = page.label(start, {"birth", "date"}, 0) if page.columns else None
    return heading is not None and heading.kind == "date"


def _no_health_number(page: Page, start: int, end: int) -> bool:
    if is_of_another_branch(page.folded[max(0, start - 80) : start]) or _MOBILE.fullmatch(page.folded, start, end):
        return True
    if _POLICY.search(page.lower, max(0, start - 40), start) is None:
        return False
    about = About.of(page)  # a policy, of which nothing says that it is of care: of the car that is spoken of
    return (about.other_policy or bool(page.cue_kinds & {"vehicle", "plate"})) and not (
        about.care_or_illness or page.spoken_of & {"health", "care"}
    )


def _no_document(page: Page, start: int, end: int) -> bool:
    return _MOBILE.fullmatch(page.folded, start, end) is not None


def _no_address(page: Page, start: int, end: int) -> bool:
    """A street without a number pins no dwelling."""
    return not any(map(str.isdigit, page.folded[start:end]))


_KNOWN: Mapping[str, Callable[[Page, int, int], bool]] = {
    "CREDENTIAL": _no_secret,
    "DATE_OF_BIRTH": _no_birth,
    "HEALTH_ID": _no_health_number,
    "ID_DOCUMENT": _no_document,
    "ADDRESS": _no_address,
}


def is_otherwise(page: Page, entity_type: str, start: int, end: int) -> bool:
    """Whether what the model takes for data of this type, at [start, end) of the folded page, is none."""
    known = _KNOWN.get(entity_type)
    return known is not None and known(page, start, end)
