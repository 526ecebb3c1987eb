"""Numbers of insured persons that no label stands before: given for a card, a policy or a person spoken of earlier."""

from __future__ import annotations

import re

from scrubber.detection.care import About
from scrubber.detection.numbers import LABELS, digits_of, label_kind
from scrubber.detection.page import Page

_FILL = (
    r"(?: (?:er|ik|nog|net|nu|dan|dus|het|mijn|hier|daar|gewoon|op allebei|te lezen|volgens mij|nr\.?|nummer|polis"
    r"|bij [a-z]{2,14}(?: [a-z]{2,14})?,?))"
)
_GIVES = re.compile(
    rf"(?:\b(?:nummer|nr|no)\b\.?(?: is| was| luidt)?|\b(?:onder|op|met|door|als|wordt|moet|vermeldt){_FILL}{{0,2}}"
    rf"|\b(?:dat|dit|het|die|deze|nummer|nr|kaart|pas|pasje|polis)\b[^.!?\n\d]{{0,24}}"
    rf"\b(?:is|was|luidt){_FILL}{{0,3}}"
    rf"|\b(?:staat|stond|namelijk|dus|zegt|lees|las|leest|waar){_FILL}{{0,3}})[ :=]{{1,3}}[\"'(]?$"
    r"|[:(=][ \"']{0,2}$"
)
_REACHED = re.compile(r"\b(?:bel|belt|bellen|bereik\w*|tel|telefoon\w*|app|appen|mobiel|gsm|whatsapp)\b|[\u20ac$+]$")
_FIELD = re.compile(r"\b(?:vak|rubriek|veld) \d{1,2}\b[^\n\d.!?]{0,30}$")
_DONE = re.compile(r"\d{5}|\n[ \t]*\n|\d[ .\-]\d{3}\b")
"""What was spoken of had its number."""
_CARD = re.compile(r"\b(?:pas|pasje|kaart|kaartje)\b")
_OF_PERSON = re.compile(
    r"\b(?:client|clienten|patiente?|verzekerde|bewoner|pt)\b\.?(?: (?:nr|nummer|id)\.?)?[ =:'\"]{1,3}$"
)
_ALSO = re.compile(
    r"(?:^|[\s,;/(])(?:en|of|&|\+|,|/|resp\.?|m(?:ij)?ne is|de mijne is|(?:dat|die) van [a-z' ]{2,24} is|ook) ?$"
)
_ANSWERING = (" is", " was", " nr", "nummer", " dus", " dat", " het", " namelijk", " nl", " heb", "(", " onder")
_LEAST, _LEAST_LETTERED = 7, 6
_APART = 4
_SAME_BREATH = 80


def _lettered(page: Page, start: int) -> bool:
    return page.folded[start].isalpha()


def announced(page: Page, about: About, start: int, end: int) -> bool:
    """ "… zijn zorgpolis niet vinden. In de map vond ik het nummer: PHZ 21.2660"."""
    digits = digits_of(page.folded[start:end])
    if len(digits) < (_LEAST_LETTERED if _lettered(page, start) else _LEAST) or digits.startswith("06"):
        return False
    lead = page.lower[max(0, start - 60) : start]
    if about.other_policy or _REACHED.search(lead):
        return False
    field = _FIELD.search(lead) is not None
    if field and "health" in page.spoken_of and _CARD.search(lead):
        return True
    if not field and _GIVES.search(lead) is None:
        return False
    plain = page.folded[start:end].isdigit()
    for cue in page.before(start, 200):
        if cue.kind in LABELS or cue.kind in {"policy", "birth", "login"}:
            if cue.kind in {"bank", "iban", "card"} and (field or not plain):
                continue
            if start - cue.end < _APART and cue.kind == "health":
                return False  # its label, which was weighed
            given = cue.kind == "health" or (field and cue.kind == "passport")
            given = given or (cue.kind == "policy" and start - cue.end < _SAME_BREATH and about.of_care and about.paid)
            told = given and _DONE.search(page.folded, cue.end, start) is None
            return told and label_kind(page, start, end, 12) in {"", "health", "passport"}
    return False


def of_person(page: Page, about: About, start: int, end: int) -> bool:
    """ "bij een cliënt 00285903959254", "verzekerde=2290114782"."""
    digits = digits_of(page.folded[start:end])
    if len(digits) < _LEAST or about.other_policy:
        return False
    lead = page.lower[max(0, start - 80) : start]
    return about.of_care and about.paid_or_treated and _OF_PERSON.search(lead) is not None


def answers(page: Page, about: About, start: int, end: int) -> bool:
    """Whether a number with no label, early in the text, answers the question for one, or one that was announced."""
    if "/" in page.folded[start:end]:
        return False
    if page.folded[:start].rstrip()[-1:] in {":", "="} and any(c.kind == "health" for c in page.before(start, 220)):
        return not label_kind(page, start, end) and len(digits_of(page.folded[start:end])) >= 8
    asked = "health" in page.answers or {"policy", "care"} <= page.answers or about.asks_customer
    if not asked or start > 160 or label_kind(page, start, end) or len(digits_of(page.folded[start:end])) < 7:
        return False
    before = page.folded[page.line_start(start) : start].rstrip()
    return not before or before[-1] in ":,=" or before.lower().endswith(_ANSWERING)


def goes_on(page: Page, shapes: set[str], start: int, end: int) -> bool:
    """The next of a list: "CZ nr 12 345 678 en 23 456 789"."""
    return re.sub(r"\d", "9", page.folded[start:end]) in shapes and (
        _ALSO.search(page.lower, max(0, start - 36), start) is not None
    )
