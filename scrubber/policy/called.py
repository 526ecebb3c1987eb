"""How an organisation is called: whether a firm's word stands in a name, and the forms of a text that tell it."""

from __future__ import annotations

import re

from scrubber.policy.folded import compile_pattern
from scrubber.policy.subjects import WhoseCues

ALNUM = re.compile(rb"[a-z0-9]+")
MAILBOX = compile_pattern(r"[\w.+\-]*@[\w.\-]+")
_SURNAME = compile_pattern(r"\b(?:van|vd|v/d|op|in|ter|ten|te)(?: (?:de|der|den|het|'t|t))? [\w'-]+")
_TNV = re.compile(rb"\bt\. ?n\. ?v\b\.?")
_NUMBERED = re.compile(rb"\b[a-z]{0,3}\d[\d.]*[-/](?:bv|nv|vof)\b|\b(?:bv|nv|vof)[-/]\d[\d.]*")
HELD_BY_NAME = compile_pattern(
    r"\b(?:t\.?n\.?v|ten name van|op naam van|ten gunste van|(?:naam )?rekeninghoud(?:er|ster)|tenaamstelling|"
    r"begunstigde|kontoinhaber|account holder)\b[^\n]{0,60}"
)
OTHER_PARTY = compile_pattern(
    r"(?m:^)[^\n]*\b(?:incassant|leverancier|geadresseerde|ontvanger|verhuurder|werkgever)\b[^\n]*(?m:$)|"
    r"\bbeste [^\n,]*,|\bgeachte [^\n,]*,|"
    r"\b(?:afgeschreven|afgeboekt|geincasseerd|gekocht|besteld|aangeschaft|geleverd|bezorgd|in dienst|abonnement|lid) "
    r"(?:door|van|bij|via)\b[^\n.!?]*(?:[.!?\n]|$)"
)


def names_one(cues: WhoseCues, name: bytes) -> bool:
    """Whether a firm's word stands in the name and is no part of a surname such as "van der Kerk"."""
    found = cues.lists["firm_name"].search(plain(name))
    if found is None:
        return False
    bare, at = [], 0
    for surname in _SURNAME.finditer(name):
        bare.append(name[at : surname.start()])
        at = surname.end()
    return cues.found("firm_name", plain(b" ".join((*bare, name[at:]))))


def plain(folded: bytes) -> bytes:
    """The text with "t.n.v." in one word, so that no "N.V." is read in it, nor in a number such as "7714-BV"."""
    return _NUMBERED.sub(b" ", _TNV.sub(b"tnv", folded))


def squeezed(folded: bytes) -> bytes:
    """The letters and digits alone, mailboxes left out."""
    return b"".join(ALNUM.findall(MAILBOX.replaced(folded, b" ")))
