"""Births that are told: somebody bears a child, a child "van" a date, a date put right."""

from __future__ import annotations

import re

from scrubber.detection import years
from scrubber.detection.date_values import any_year_of
from scrubber.detection.page import Page

_KIN = (
    r"(?:(?:klein|pleeg|stief|bonus|schoon|peet|adoptie)?(?:zoon|zoontje|dochter|dochtertje|kind|kindje|moeder|vader|ouders)"
    r"|baby|partner|oma|opa|broer|broertje|zus|zusje|tante|oom|neefje|nichtje|zwager|tweeling|meisje|jongetje|leerling)"
)
_OF_KIN = re.compile(
    rf"(?P<lead>\b(?:van|met|door|aan|bij|tegen|namens) (?:\w+ )?)?\b{_KIN},? (?:(?:is|was) )?(?:van|v\.?d\.?|vd) $"
)
"""Our "zoon van"; with a `lead`, "de mail van mijn zoon van", the date is rather of that."""
_OF_BIRTH = ("bevallen", "ter wereld", "levenslicht", "mama geworden")
_BORN = re.compile(
    r"\bbevallen(?: op)?(?: (?:ma|di|wo|do|vr|za|zo)[a-z]*dag)? $|\bter wereld (?:gekomen )?op $"
    r"|\blevenslicht (?:gezien )?op $|\bmama geworden op $"
)
_INTO_WORLD = re.compile(
    r"[ ,)]{1,3}(?:(?:te|in) (?:[a-z'\-]+ ){1,3})?(?:(?:is|zijn|ben) )?"
    r"(?:ter wereld|het levenslicht|bevallen|geboren)\b"
)
_RIGHT_ONE = re.compile(
    r"\bmoet(?: (?:dat|het|dit|er))?(?: natuurlijk| gewoon| dus)? (?:zijn|worden|staan)[: ]{1,2}$"
    r"|\b(?:in plaats van|i\.?p\.?v\.?) $"
)
_TO_CHANGE = re.compile(
    r" (?:van (?:te )?maken|(?:moeten )?(?:zijn|worden|staan)[ ]?(?:$|[.,!?;\n])|moet (?:het|dat|er) (?:zijn|staan))"
)
_SENTENCE = re.compile(r"[.!?] |\n")


def told(page: Page, start: int, end: int) -> float:
    """A score for a date of a day in full that a story makes a birth."""
    year = any_year_of(page.folded[start:end])
    if not 1880 <= year <= years.this_year():
        return 0.0
    lower = page.lower
    lead = lower[max(page.line_start(start), start - 110) : start]
    sentence = lead[max((match.end() for match in _SENTENCE.finditer(lead)), default=0) :]
    # Which word stands before the date costs little to see, and most dates have none of these.
    if (any(word in lead for word in _OF_BIRTH) and _BORN.search(lead)) or _INTO_WORLD.match(lower, end):
        return 0.75
    if sentence.endswith(("van ", "v.d. ", "vd ")) and year <= years.children():
        of = _OF_KIN.search(sentence)
        if of is not None and of["lead"] is None:
            return 0.7
    if "birth" not in page.spoken_of or year > years.children():
        return 0.0
    return 0.7 if _RIGHT_ONE.search(sentence) or _TO_CHANGE.match(lower, end) else 0.0
