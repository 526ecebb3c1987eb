"""What a number is said to be: the label before it or right after it, and the words that only look like one.

A check digit alone says little (one random nine-digit number in eleven is a "BSN"), so the label decides with it.
"""

from __future__ import annotations

import re

from scrubber.detection import checksums
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
_WHOSE = r"(?:de|het|mijn|m'n|mn|die|deze|dat|jullie|uw|onze|haar|zijn|een|elke)"
_PLACE = re.compile(
    rf"\b(?:op|onder|onderaan|boven|bovenaan|van|bij|uit|in|volgens|voor|achter) {_WHOSE}(?: \w{{2,12}})? $"
    rf"|\b(?:zie|ter|tbv|t\.b\.v\.|achterop|op|(?:achter|voor)(?:kant|zijde)(?: van)?)(?: {_WHOSE})? $"
)
"""Where a number can be read, or what it serves: no label of it."""
_PLACE_ENDS = re.compile(
    r"(?:[:=]? (?:\d[\d .]{6,11}\d)(?: en|,|;| /| &))?"  # "op de brief: 123456782 en …"
    r"(?: ook| hier| vermeld| staat| en| al| (?:door|op|mee)?gegeven| ingevuld| genoemd| gemeld){0,3}"
    r"\)? ?(?:(?:is|was|luidt) ?)?[:=(,]? ?"
)
_AT_THE_BACK = re.compile(r"\bachter(?:op|kant|zijde)(?: van)?(?: op)?(?: [\w']{2,4})? $")
"""The back of a document has a BSN; its own number stands in front."""
_FROM_PAPER = re.compile(
    r"\b(?:van|vanaf|uit|op|achterop) (?:mijn |m'n |mn |zijn |haar |het |de |hun )?(?:oude |nieuwe )?$"
)
"""Where somebody reads the BSN that was asked for: "ik schrijf het over van zijn paspoort: …"."""
_PLACES = frozenset({"reference", "passport", "licence", "card", "health"})
_NOT_THIS = re.compile(
    r"(?:\bi\.?p\.?v\.?|\bin plaats van|\bgeen|\bniet|\banders dan) (?:mijn |m'n |mn |me |het |de |een |uw )?$"
)
_OF_THEM = re.compile(r" (?:van )?(?:de |het |een |deze |mijn )?(?:klant|contractant|deelnemer|debiteur|customer|cust)")
""""BSN klant", "bsn van de deelnemer": whose it is."""
_THAT_IS = re.compile(
    r"(?:[\-/.]\w{1,6})?[\"')\]]{0,2}(?: [a-z]+){0,3}[ ,.;:!?]{1,3}(?:en |want |maar |ja,? |nou |oftewel |ofwel )?\(?"
    r"(?:dat|dit|die|deze|het)(?: (?:laatste|tweede|derde|lange))?(?: (?:nummer|nr|getal|cijfers?|rijtje|reeks))?"
    r" (?:is|was|zijn|betreft|blijkt|lijkt)"
    r"(?: (?:dus|gewoon|toch|namelijk|nl|wel|zeker|volgens mij|eigenlijk|ook|echt|natuurlijk|precies|inderdaad|trouwens"
    r"|immers|nou|juist|helaas|dan))*(?: (?:mijn|m'n|mn|me|het|de|haar|zijn|uw|ons|onze|een))?(?: \w{2,9})? "
)
""""… 123456782. Dat laatste is mijn BSN": said of the number in the clause after it."""
_NAMES_IT_AFTER = 70
_FAR = 25
GIVEN_AS = re.compile(
    r"(?:overgemaakt|overmaken|over te maken|storten|gestort|stort|overschrijven|overgeschreven|maak over|betalen"
    r"|uitbetaald|boeken|geboekt|incasseren|incasseert|uitkeren|uitgekeerd|vergoeden|crediteren)"
    r" (?:\w+ ){0,3}(?:naar|op) $"
    r"|\b(?:maak|maakte|maken|schrijf|schreef|schrijven|boek|boekte) (?:\w+ ){0,5}(?:over|terug) (?:\w+ ){0,2}"
    r"(?:naar|op|van|vanaf|vanop|via) $"
    r"|(?:blijven gaan|gaat|loopt|afschrijven|afgeschreven|afgehouden|afgeboekt|incasseren|incasseert|schrijft|betaald"
    r"|betaal|betaalde|betalen|overgemaakt) (?:\w+ ){0,3}(?:van|vanaf|vanop) $"
    r"|\bafspraak:? $|\bverzekerd (?:\w+ ){0,3}(?:onder|met)(?: (?:het )?(?:nummer|nr\.?))? $"
)
"""An account that money goes to or from, though no word names it."""


def digits_of(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def stands_alone(page: Page, start: int, end: int, glue: str = "", behind: str = "") -> bool:
    """No letter, digit or character of `glue` touches [start, end); in front a cue of the kind `behind` may."""
    text = page.folded
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    if after.isalnum() or after in glue:
        return False
    if not (before.isalnum() or before in glue):
        return True
    return bool(behind) and before.isalpha() and any(cue.kind == behind for cue in page.before(start, 0))


def label_kind(page: Page, start: int, end: int, reach: int = 60) -> str:
    """The kind of label of the number at [start, end): before it, or said of it after; "" where it has none."""
    said = next((cue for cue in page.after(end, 26) if cue.kind in LABELS), None)
    if said is not None and not page.folded[end : said.start].strip() and _OPENS_NEXT.match(page.folded, said.end):
        said = None  # "… 1234.56.782 id XK1234567": the label of the number after it
    if said is not None and _SAYS_IT_IS.fullmatch(page.lower[end : said.start]) and said.start > end:
        before = page.label(start, LABELS, 30)
        if before is None:
            return said.kind
    before = page.label(start, LABELS, max(reach, 110))
    if before is not None and before.kind != "bsn" and start - before.end > reach:
        before = None
    named = _named_after(page, end)
    if named and (before is None or start - before.end > _FAR or (before.kind == "reference" and named == "bsn")):
        return named
    if before is None:
        return ""
    if before.kind == "reference" and NO_LABEL.match(page.lower, before.start) and "bsn" in page.cue_kinds:
        return ""
    if before.kind in {"passport", "licence"} and _AT_THE_BACK.search(
        page.lower[max(0, before.start - 30) : before.start]
    ):
        return "bsn" if checksums.bsn(digits_of(page.folded[start:end])) else before.kind
    asked = before.kind in {"passport", "licence"} and "bsn" in page.answers
    if asked and _FROM_PAPER.search(page.lower, max(0, before.start - 24), before.start):
        digits = digits_of(page.folded[start:end])
        if len(digits) == 9 and checksums.bsn(digits):
            return "bsn"
    return (_found_on(page, before, start) if before.kind in _PLACES else "") or before.kind


def _named_after(page: Page, end: int) -> str:
    """The kind that the clause after the number gives it, "" where none does."""
    cue = next((cue for cue in page.after(end, _NAMES_IT_AFTER) if cue.kind in LABELS), None)
    if cue is None or not _THAT_IS.fullmatch(page.lower[end : cue.start]):
        return ""
    return cue.kind


def _found_on(page: Page, place: Cue, start: int) -> str:
    """The kind that a label before `place` names, where that is no label of the number at `start`; else "".

    "BSN staat op de nota: …", "BSN (achterop mijn rijbewijs): …", "BSN klant: …", "bsn i.p.v. klantnummer: …".
    """
    lower = page.lower
    named = next((cue for cue in page.before(place.start, 60) if cue.kind in LABELS), None)
    if named is None or named.kind == "reference" or named.kind == place.kind:
        return ""
    between = page.folded[named.end : place.start]
    if re.search(r"[.!?]\s|\n|\d|\bniet\b(?! $)", between):
        return ""
    lead = lower[max(0, place.start - 40) : place.start]
    if named.kind == "bsn" and (_OF_THEM.fullmatch(lower[named.end : place.end]) or _NOT_THIS.search(lead)):
        return named.kind
    if not _PLACE.search(lead):
        return ""
    gap = lower[place.end : start]
    bare = place.kind == "reference" and re.search(r"[:=(,)]|\bis\b", gap) is None
    return named.kind if not bare and _PLACE_ENDS.fullmatch(gap) else ""
