"""Codes that came by text message, letter or card, or stand on a screen beside another number."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection.credentials.codes import called_otherwise
from scrubber.detection.credentials.forms import CLOSING, looks_secret
from scrubber.detection.page import BLANK, Page
from scrubber.detection.patterns import Tells
from scrubber.detection.recognizer import Hit

_SIX = (
    r"(?<![\w€$.,:/\-+*#])(?<!\d )(\d{6}|\d{2,3}[ \-]\d{3}|\d{2}[ \-]\d{2}[ \-]\d{2}|\d{4,5})(?![\w:/%\-]|[.,]\d| ?\d)"
)
_TEXTED = re.compile(
    r"\b(?:sms'?te(?:n)?|smst(?:e|en)?|appte|appten)(?: (?:mij|me|ons|hem|haar|net|vandaag|gisteren|de code"
    r"|code)){1,3} "
    + _SIX
    + r"|\b(?:in|op|volgens|uit) (?:de|die|dat|het|een|jullie|uw|deze) (?:sms'?(?:je)?|smsje|appje|tekstbericht"
    r"|berichtje"
    r"|pushbericht|authenticator(?:-?app)?)[^\n.!?\d]{0,20}\b(?:staat|stond|stonden|lees ik|zie ik|zegt)"
    r"(?: (?:er|nu|de|code|cijfers|alleen|gewoon)){0,3}:? " + _SIX
)
_ON_IT = re.compile(_SIX + r"[\"']? (?:staat|stond|staan|stonden) (?:er ?(?:op|in)|erbij|op de (?:kaart|achterkant))\b")
_CARD = re.compile(r"ansichtkaart|\bkaart(?:je)?\b|\bbrief|envelop|\bsms|\bmail\b|app\b")
_SENT_CODE = re.compile(r"\bsms|\bcode|app\b|authenticator|\botp")
_VERIFIES = re.compile(r"verifi|activ|bevestig|koppel|\bcode|inlog|google|digid|aanmeld|kras|itsme|whatsapp|\bsms")
_GROUPS = re.compile(
    r"(?i:\b(?:kraslaag(?:je)?|krasvak\w*|kras\w{0,8}code|codetje|activatiecode|activeringscode|inwisselcode|pascode"
    r"|code (?:uit|in|op|van|onder) (?:de|het|een|die) (?:brief|mail|sms|kaart|envelop|kraslaag|pas|bon|doos))\b)"
    r"[^\n.!?\d:(]{0,40}[:( ]{1,2}(?:is |was |namelijk )?\"?"
    r"((?=[A-Z0-9 ]*\d)(?=[A-Z0-9 ]*[A-Z])[A-Z0-9]{3,4}(?: [A-Z0-9]{3,4}){1,3})(?![\w\-])"
)
"""Groups of capitals and digits with gaps between them, behind what they were scratched or read from."""
_BELOW = re.compile(
    r"\d[\d \-]{4,18}\d,? (?:en |met )?(?:daaronder|daar ?onder|eronder|daarnaast|ernaast|daarachter|erachter|dan)"
    r"(?: (?:staat|nog|de|het|code|wachtwoord|ww|dan|is))* [\"'(]?([a-z0-9]{5,12})(?=[\s.,;)\"']|$)"
)
_REMOTE = re.compile(
    r"meekijk|mee (?:te )?kijken|overnemen|op afstand|teamviewer|anydesk|quick ?support|rustdesk|remote"
)
_NUMBER_THEN = re.compile(
    r"\d[\d \-]{2,18}\d,? (?:met|en dan|en daarna|en code|plus|en als (?:code|pin))"
    r"(?: (?:de|het|code|pin|pincode|als|is)){0,3} (?:([a-z0-9]{2,4}-[a-z0-9]{2,4})|(\d{4}))(?=[\s.,;)]|$)(?! ?\d)"
)
"""The number of a card or a share, then what opens it."""
_CARD_CODE = re.compile(r"\d(?:[ \-]?\d){12,18},? en (?:de )?(?:pin|code|pincode) (\d{3,4})(?![\w\-]|[.,]\d| ?\d)")
_BEFORE_PUK = re.compile(r"(?<![\w.,:/\-+])(\d{4}),?(?: /| en|;)? puk\b[^\d\n]{0,8}\d{8}\b")
_PINNED = re.compile(r"\bpin\b|\w*pin(?:code)?\b")
_FETCHED = re.compile(r"ophalen|downloaden|bekijken|inzien|openen|inloggen|inkijken|deelnummer")
_ASKED_FOR = re.compile(
    r"(?:^|[.!?\n]\s*)(\d{4,6}),? (?:graag|aub|alsjeblieft|a\.u\.b|svp|please|is prima|mag (?:het|ie))\b"
)
_ONE_BEFORE = re.compile(
    _SIX + r",?(?: en| maar)? (?:die|de|dat) (?:daarvoor|ervoor|vorige|eerdere|van daarvoor)(?: was|:)? " + _SIX
)
_DIGITS = 3
_TELLS = Tells(
    texted=r"(?:sms|smst|appte)[^\n]*\d\d|(?:appje|bericht|authenticator)[^\n]*(?:staa|sto|ik|zegt)[^\n]*\d\d",
    on_it=r"\d[\"']? sta(?:at|an) |\d[\"']? stond",
    groups=r"(?:kras|code)[^\n]*[a-z0-9]{3,4} [a-z0-9]{3,4}",
    below=r"\d,? (?:en |met )?(?:daar|er|dan)",
    then=r"\d,? (?:met|en dan|en daarna|en code|plus|en als) ",
    card=r"\d,? en (?:de )?(?:pin|code)",
    before=r"\d,?(?: en| maar)? (?:die|de|dat) (?:daar|er|van|vor)",
    puk=r"\d,?(?: /| en|;)? puk",
    asked=r"\d,? (?:graag|aub|alsjeblieft|a\.u\.b|svp|please|is prima|mag )",
)
"""What stands in whatever the patterns above match."""


def delivered(page: Page) -> Iterator[Hit]:
    """Codes that a message, a letter, a card or a screen gave."""
    tells = _TELLS.of(page.data)
    if not tells:
        return
    low = page.lower
    for match in _TEXTED.finditer(low) if "texted" in tells else ():
        group = 1 if match[1] else 2
        if not called_otherwise(page, match.start(group), texted=True):
            yield _hit(match, group)
    for match in _ON_IT.finditer(low) if "on_it" in tells else ():
        lead = max(0, match.start() - 130)
        near = _CARD.search(low, lead, match.start()) and _VERIFIES.search(low, lead, match.end() + 80)
        if near and len(match[1]) > _DIGITS + 1 and not called_otherwise(page, match.start(1), texted=True):
            yield _hit(match)
    for match in _ONE_BEFORE.finditer(low) if "before" in tells else ():
        if _SENT_CODE.search(low, max(0, match.start() - 130), match.start()):
            yield from (_hit(match), _hit(match, 2))
    for match in _GROUPS.finditer(page.folded) if "groups" in tells else ():
        if BLANK not in match[0]:
            yield _hit(match)
    if "asked" in tells and page.answers & {"pin", "code"}:
        yield from map(_hit, _ASKED_FOR.finditer(low, 0, 400))
    yield from _behind_numbers(page, tells)


def _behind_numbers(page: Page, tells: set[str]) -> Iterator[Hit]:
    """ "1 204 556 781 en daaronder hx74pd", "deelnummer 88-2201, en dan RQ7-1K5": a number, then what opens it."""
    low = page.lower
    for match in _BELOW.finditer(low) if "below" in tells else ():
        token = match[1].rstrip(CLOSING)
        mixed = any(map(str.isdigit, token)) and (any(map(str.isalpha, token)) or len(token) > _DIGITS)
        remote = _REMOTE.search(low) or _REMOTE.search(page.context.lower())
        if mixed and remote and looks_secret(token):
            yield _hit(match)
    for match in _NUMBER_THEN.finditer(low) if "then" in tells else ():
        lead = low[max(0, match.start() - 250) : match.start()]
        if match[1]:
            mixed = any(map(str.isdigit, match[1])) and any(map(str.isalpha, match[1]))
            if mixed and _FETCHED.search(lead[-120:] + low[match.start() : match.start(1)]):
                yield _hit(match)
        elif _PINNED.search(lead) or "pin" in page.answers:
            yield _hit(match, 2)
    yield from map(_hit, _CARD_CODE.finditer(low) if "card" in tells else ())
    yield from map(_hit, _BEFORE_PUK.finditer(low) if "puk" in tells else ())


def _hit(match: re.Match[str], group: int = 1) -> Hit:
    return Hit("CREDENTIAL", match.start(group), match.end(group), 0.7)
