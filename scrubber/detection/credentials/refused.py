"""What looks like a secret by its place and is called something else: a fault on a display, a record, a reference."""

from __future__ import annotations

import re

from scrubber.detection.credentials.forms import is_called, looks_secret
from scrubber.detection.page import BLANK, Page

_FAULT = re.compile(r"[A-Za-z]{1,3}[\-.]?\d{1,5}(?:[\-.]\d{1,3})?")
_SHOWN = re.compile(
    r"\b(?:display|scherm(?:pje)? (?:staat|stond|verschijnt|zegt)|melding|foutmelding|storing\w*|fout\w*"
    r"|error|meldt|toont|knippert|geeft aan)\b"
    r"[^\n.!?\d]{0,24}$"
)
_SECRET = re.compile(r"wachtwoord|\bww\b|code\b|\bpin|sleutel|token")
_NAMED = re.compile(
    r"(?<![\w.\-_])(?<!login )(?<!user )(?<!apple )(?<!account )(?<!wachtwoord )"
    r"(?:(?:record|order|ticket|klant|project|sessie|request|trace|job)[\-_ ]?)?"
    r"(?:id|ids|id's|eid|iccid|referentie\w*|refnr\.?|kenmerk)(?:'s)?(?: (?:is"
    r"|zijn|was|waren|nr\.?))?"
    r"[ :=#]{1,3}(?:(?=[\w\-]*\d)[\w\-]+(?:,? (?:en|of)|,)? ){0,6}$"
)
_ENDING = re.compile(r"\b(?:pas|kaart|rekening\w*|nummer|iban)\b[^.!?\n]{0,24}\beindig(?:t|end|ende)? (?:op|met|in) $")
_RETURNED = re.compile(
    r"(?:retour gekomen|afgekeurd|teruggekomen|teruggestuurd|declaratie\w*)\b[^.!?\n]{0,40}(?<!pin )\bcode $"
)
_MORE = re.compile(r"-[A-Z]{2,4}\b")
_FEWEST = 3
"""Digits that can be a code."""
_BOOKED = re.compile(
    r"\b(?:specificatie|loonstrook|jaaropgave|afrekening|nota|factuur)\b[^.!?\n]{0,50}\bonder (?:de )?code $"
)
"""A line of a bill by its code."""
_PART = re.compile(
    r"(?i:zone|door|gate|sector|input|vps|srv|server|node|host)-?\d{1,6}|0x[0-9A-Fa-f]{1,8}(?:-[A-Z]{2,8})?"
)
_OWN = re.compile(
    r"\b(?:gamertag|serials?|serie(?:nummers?|nrs?))[ :=#]{1,3}(?:(?=[\w\-]*\d)[\w\-]+(?:,? (?:en|of)|,)? ){0,6}$"
)
"""A part or a machine by its number, an error in hexadecimals; what a player or a device is called."""
_LABEL = re.compile(r"wachtwoord|\bww\b|\bpw\b|passw|\bpin|sleutel|token|\bkey\b|inlog|geheim|licentie")
_FEW = 40
"""Characters before it in which a label makes it a secret all the same."""
_PHONE = re.compile(r"0\d{3}(?: \d\d){3}|0\d{2}(?: \d\d){3}|06(?: \d\d){4}")
_GROUPS_BEFORE = re.compile(r"(?<![\d ./\-])(?:\d{2,4} ){1,4}$")
_GROUPS_AFTER = re.compile(r"(?: \d{2,4}){1,4}(?![\d./\-])")
_OPENS = re.compile(
    r"(?:pin\w*|code|ww|wachtwoord|slot|kluis\w*)(?: (?:is|was|van|de|het|mijn|[a-z]{3,12})){0,4}[ :=]{1,2}$"
)
_REACH = 16
_HOUSE = re.compile(r"[A-Za-z]{3,}\d{1,4}[a-z]?")
_POSTCODE = re.compile(r",? [1-9]\d{3} ?[A-Z]{2}\b")
_PIECE = re.compile(r"\d{2,4} $")
"""The first groups of a longer number."""


def refused(page: Page, start: int, end: int) -> bool:
    """Whether the words right before [start, end), or the rest of a longer number, say that it is no secret."""
    value = page.folded[start:end]
    if BLANK in value:
        return True
    lead = page.lower[max(0, start - 70) : start]
    if _HOUSE.fullmatch(value) and _POSTCODE.match(page.folded, end):
        return True  # a street with its number glued on: "Brink12 7411 BR"
    if value[-1:].isdigit() and _in_groups(page.folded, start, end) and _of_phone(page, start, end):
        return True
    called = ("seri" in lead or "gamertag" in lead) and _OWN.search(lead)
    if (called or (not value.isdigit() and _PART.fullmatch(value))) and not _LABEL.search(lead[-_FEW:]):
        return True
    if value.isdigit():
        if len(value) < _FEWEST or _BOOKED.search(lead):
            return True
        if _ENDING.search(lead) or _RETURNED.search(lead) or _MORE.match(page.folded, end):
            return True
    elif _FAULT.fullmatch(value):
        shown = _SHOWN.search(lead)
        if shown and not _SECRET.search(shown[0]):
            return True
    return any(map(str.isdigit, value)) and " " not in value and _NAMED.search(lead) is not None


def _in_groups(text: str, start: int, end: int) -> bool:
    """Whether another group of digits stands a space away."""
    before = text[start - 1 : start] == " " and text[start - 2 : start - 1].isdigit()
    return before or (text[end : end + 1] == " " and text[end + 1 : end + 2].isdigit())


def _of_phone(page: Page, start: int, end: int) -> bool:
    """Whether [start, end) is a part of a telephone number in groups, and no code by its label: "0470" of "0470 11 82
    63"."""
    text = page.folded
    left = _GROUPS_BEFORE.search(text, max(0, start - _REACH), start)
    right = _GROUPS_AFTER.match(text, end, end + _REACH)
    first, last = left.start() if left else start, right.end() if right else end
    if (first, last) == (start, end) or _PHONE.fullmatch(text, first, last) is None:
        return False
    return _OPENS.search(page.lower, max(0, first - _FEW), first) is None


def guessed_wrong(page: Page, start: int, end: int) -> bool:
    """Of what only the model takes for a secret, a little more is none: products, pieces of a longer number."""
    value = page.folded[start:end]
    digits, letters = any(map(str.isdigit, value)), any(map(str.isalpha, value))
    if is_called(value) or (digits and letters and value.isalnum() and not looks_secret(value)):
        return True
    return refused(page, start, end) or (
        value.replace(" ", "").isdigit() and _PIECE.search(page.folded, max(0, start - 5), start) is not None
    )
