"""What a number is said to be: the label before it or right after it, and the words that only look like one.

A check digit alone says little (one random nine-digit number in eleven is a "BSN"), so the label decides with it.
"""

from __future__ import annotations

import re

from scrubber.detection.page import Cue, Page

LABELS = frozenset(
    {"bsn", "bank", "iban", "card", "phone", "passport", "licence", "vnumber", "plate", "health", "reference", "secret"}
    | {"pin", "code", "ip", "version", "imei"}
)
"""Cues that name a number; the nearest one before it is its label."""

_SAYS_IT_IS = re.compile(
    r"[ ,)]{0,3}(?:\(|is |was |= ?|als |dat is |dit is |zijn |staat bij )?(?:mijn |mn |m'n |het |de |ons |onze "
    r"|haar |zijn |uw |een )?"
)
NO_LABEL = re.compile(r"nota bene\b|btw (?:(?:oeps|sorry|hier|nog|dus|dit|het|is)\b[ ,:]{0,3}){0,2}(?=\d)")
"""Words that look like a label of a number: "nota bene", and "btw" for "by the way" before a bare number."""
_OPENS_NEXT = re.compile(r"[ :=]{1,3}(?:is |nr\.? |nummer )?[A-Za-z]{0,4}\d")
_PLACE = re.compile(
    r"\b(?:op|onder|onderaan|boven|bovenaan|van|bij|uit|in|volgens) (?:de|het|mijn|m'n|mn|die|deze|dat|jullie|uw|onze"
    r"|haar|zijn|een|elke)(?: \w{2,12})? $"
)
GIVEN_AS = re.compile(
    r"(?:overgemaakt|overmaken|gestort|storten|stort|overschrijven|overgeschreven|maak over) (?:\w+ ){0,3}(?:naar|op) $"
    r"|(?:blijven gaan|gaat|afschrijven|afgeschreven|incasseren|incasseert|schrijft|betaald"
    r"|overgemaakt) (?:\w+ ){0,3}(?:van|vanaf) $"
    r"|\bafspraak:? $|\bverzekerd (?:\w+ ){0,3}(?:onder|met)(?: (?:het )?(?:nummer|nr\.?))? $"
)
"""An account that money goes to or from, though no word names it."""


def digits_of(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def stands_alone(page: Page, start: int, end: int, glue: str = "") -> bool:
    """No letter, digit or character of `glue` touches [start, end)."""
    text = page.folded
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    return not (before.isalnum() or after.isalnum() or before in glue or after in glue)


def label_kind(page: Page, start: int, end: int, reach: int = 60) -> str:
    """The kind of label of the number at [start, end): before it, or said of it right after; "" where it has none."""
    said = next((cue for cue in page.after(end, 26) if cue.kind in LABELS), None)
    if said is not None and not page.folded[end : said.start].strip() and _OPENS_NEXT.match(page.folded, said.end):
        said = None  # "… 1234.56.782 id XK1234567": the label of the number after it
    if said is not None and _SAYS_IT_IS.fullmatch(page.lower[end : said.start]) and said.start > end:
        before = page.label(start, LABELS, 30)
        if before is None:
            return said.kind
    before = page.label(start, LABELS, max(reach, 110))
    if before is None or (before.kind != "bsn" and start - before.end > reach):
        return ""
    if before.kind == "reference":
        if NO_LABEL.match(page.lower, before.start) and "bsn" in page.cue_kinds:
            return ""
        return _found_on(page, before, start) or before.kind
    return before.kind


def _found_on(page: Page, reference: Cue, start: int) -> str:
    """The kind that "BSN staat op de nota: …" names: the nota is where the number stands; "" where it is not so."""
    if not _PLACE.search(page.lower[max(0, reference.start - 24) : reference.start]):
        return ""
    if not re.fullmatch(
        r"(?: ook| hier| vermeld| staat| en| al| (?:door|op|mee)?gegeven| ingevuld| genoemd"
        r"| gemeld){0,3}[ ]?(?:[:=(,]|is) ?",
        page.lower[reference.end : start],
    ):
        return ""
    named = next((cue for cue in page.before(reference.start, 60) if cue.kind in LABELS), None)
    if named is None or re.search(r"[.!?\n]|\d", page.folded[named.end : reference.start]):
        return ""
    return named.kind if named.kind != "reference" else ""
