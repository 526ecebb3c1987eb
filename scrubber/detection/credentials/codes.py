"""Codes of digits: PINs, door codes, codes of a text message."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection.credentials.forms import looks_secret
from scrubber.detection.page import BLANK, Cue, Page
from scrubber.detection.recognizer import Hit

_DIGITS = re.compile(r"^\d{3,8}[#*]?$")
_CODE = re.compile(
    r"(?<![\w€$.,:/\-])(\d{2,4}(?:[ -]\d{2,4}){1,2}[#*]?|\d{3,8}[#*]?"
    r"|[#*]\d{3,8}[#*]?)(?![\w.,:/%\-]*\d)(?![ ]?(?:euro|eur|kwh|uur|dagen|min))"
)
_PIN_GAP = re.compile(r"[.!?]\s+[A-Z]|\n\s*\n|\u20ac")
ONE_TIME = re.compile(
    r"(?:\b(?:sms'?(?:je)?|smsjes|appje|tekstbericht|berichtje|pushbericht|authenticator|mailtje"
    r"|tan)\b(?: van [a-z ]{2,16})?"
    r"(?: binnen| gekregen| ontvangen)?(?: met|:| zegt| gaf| geeft| waarin| stond)(?: de| een| als)?(?: code)?:? "
    r"|\bcode\b,? (?:die |dat |welke )[^\n.!?\d]{0,36}?(?:kreeg|krijg|krijgt|gekregen|ontvangen|ontving|binnen\w*"
    r"|gestuurd|stuurde"
    r"|stuurden|kwam|doorkreeg|zien|zie|stond|staat)[^\n\d.!?]{0,14}?"
    r"|\b(?:kreeg|krijg|ontving|stuurde|stuurden|gekregen)\b[^\n\d.!?]{0,16}\b(?:code|inlogcode) "
    r"|\b(?:deur|voordeur|achterdeur|hek|poort|garage\w*|slagboom|schuur|kluis|alarm|slot)\b[^\n.!?\d]{0,20}"
    r"(?:open|uit|eraf|los|binnen) met (?:code )?|\b(?:moest|moet|tikte|toetste|typte|vulde"
    r"|vul)\b[^\n\d.!?]{0,20} code )"
    r"(\d{2} \d{2} \d{2}|\d{3,4}[ -]?\d{2,4}|\d{4,8}[#*]?)(?![\w.,:/%-]*\d)(?! ?(?:euro|eur|uur|kwh|(?!en|is|of|in"
    r"|op|ik|nu|af|te|om)[a-z]{2}\b))"
)
_THOUGHT = re.compile(r"\b(?:dacht|denk|dat het|was|is|werd|probeerde|ingetoetst|gebruik|gebruikte|tikte|toets)\b|[:=]")
_ENDS_NAMED = re.compile(r"^ (?:van|voor|bij|op|aan|vd|v\.d\.) [^\n\d:=]{2,46}(?:[:=]| is| was) ?$")


def called_otherwise(page: Page, start: int) -> bool:
    """Whether what stands at `start` is called something else: an order, a version, a discount."""
    return any(cue.kind in {"reference", "version", "phone", "imei"} for cue in page.before(start, 22))


def after_pin(page: Page, cue: Cue) -> Iterator[Hit]:
    text, word = page.folded, page.lower[cue.start : cue.end]
    short = word in {"pin", "alarm"} and not _THOUGHT.search(page.lower[cue.end + 8 : cue.end + 44])
    reach = 16 if short else 48
    tail = text[cue.end : cue.end + reach + 12]
    match = _CODE.search(tail)
    if match and match.start(1) <= reach:
        gap = tail[: match.start(1)]
        if not _PIN_GAP.search(gap) and BLANK not in gap and not re.search(r"\d", gap):
            between = re.findall(r"[a-z']+", gap.lower())
            fillers = page.lexicon.words("secrets/fillers")
            strange = sum(w not in fillers for w in between)
            named = _ENDS_NAMED.match(gap.lower()) is not None
            other = _other_label(page, cue, cue.end + match.start(1), named=named)
            if len(between) <= 9 and (strange <= 2 or named) and not other:
                yield Hit("CREDENTIAL", cue.end + match.start(1), cue.end + match.end(1), 0.85)
                return
    assigned = re.match(r"[ ]{0,3}(?:is|was|:|=|->|>)?[ ]{0,2}([A-Za-z0-9][\w\-#*]{3,24})", tail)
    if assigned and looks_secret(assigned[1]) == 2 and any(c.isdigit() for c in assigned[1]):
        yield Hit("CREDENTIAL", cue.end + assigned.start(1), cue.end + assigned.end(1), 0.8)
    elif not match:
        before = re.search(
            r"(?<![\w.,\-/])(\d{3,8}[#*]?) (?:is|was|als) (?:de |mijn |het |mn )?$",
            text[max(0, cue.start - 30) : cue.start],
        )
        if before:
            begin = max(0, cue.start - 30) + before.start(1)
            yield Hit("CREDENTIAL", begin, begin + len(before[1]), 0.8)


def _other_label(page: Page, cue: Cue, start: int, *, named: bool = False) -> bool:
    """Whether another label stands between; `named`: "de pincode van mijn pas:" tells only what it belongs to."""
    others = {"bsn", "date", "birth"} if named else {"reference", "phone", "bank", "bsn", "card", "date", "birth"}
    return any(other.start > cue.start and other.kind in others for other in page.before(start, 60))


def after_code(page: Page, cue: Cue) -> Iterator[Hit]:
    tail = page.folded[cue.end : cue.end + 36]
    match = _CODE.search(tail)
    if not match or _PIN_GAP.search(tail[: match.start(1)]) or match.start(1) > 24 or "\n" in tail[: match.start(1)]:
        return
    marked = match[1][-1] in "#*" or match[1][0] in "#*"
    texted = len(match[1]) >= 4 and "sms" in page.lower[max(0, cue.start - 30) : cue.end + 50]
    nearest = next((c for c in page.before(cue.start, 16) if c.kind in {"reference", "version"}), None)
    remote = re.search(r"anydesk|teamviewer|quicksupport|rustdesk", page.lower[max(0, cue.start - 40) : cue.start])
    opens = texted or remote or page.near(cue.start, cue.end, {"door", "pin"}, 60)
    if marked or (opens and (nearest is None or remote)):
        yield Hit("CREDENTIAL", cue.end + match.start(1), cue.end + match.end(1), 0.8)
