"""Secrets that a sentence gives without a label of their own, or that answer a question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scrubber.detection.credentials.codes import ONE_TIME, called_otherwise
from scrubber.detection.credentials.forms import looks_secret, password_like
from scrubber.detection.page import BLANK, Page
from scrubber.detection.recognizer import Hit

_ANSWER = re.compile(r"(?m)^[ >*\-]*(?:[A-Za-z' ]{0,40}(?::| is| =)[ ]?)?((?:\d{2,4}[ -]\d{2,4})|[^\s]{4,40})[ .,!]*$")
_OWN_KEY = re.compile(
    r"\b(?:wi-?fi|wlan|hotspot|gastennetwerk|gasten ?netwerk|key(?! ?(?:feature|point|account|user|board))|sleutel"
    r"|inlog|login|vpn|nas|ssid|netwerk|auth|2fa|beheer"
    r"|admin|dkim|licentie|tijdelijke?|eerste)\b[^\n.!?:=;]{0,30}?(?:\bis\b|\bwas\b|[:=]"
    r"|->)[ ]{0,2}[\"'(]?([^\s\"'()]{6,64})"
)
_KEYED = re.compile(
    r"(?=(?:[^\d]*\d){3})(?=(?:[^A-Za-z]*[A-Za-z]){3})[A-Za-z0-9]{2,}(?:-[A-Za-z0-9]{2,}){2,}|[A-Za-z0-9]{16,}"
)


def said(page: Page, places: Iterable[tuple[int, int]]) -> Iterator[Hit]:
    """What a sentence gives as a key or a code without a cue of its own: "de wifi thuis is …", "een sms met …"."""
    for begin, _ in places:
        match = _OWN_KEY.match(page.lower, begin)
        if match and BLANK not in match[0]:
            token = page.folded[match.start(1) : match.end(1)].rstrip(",.;:)\"'?")
            mixed = any(map(str.isalpha, token)) and any(map(str.isdigit, token))
            keyed = mixed and _KEYED.fullmatch(token) is not None
            refused = token.lower() in page.lexicon.words("secrets/no_secrets") or not looks_secret(token)
            if (password_like(token) or keyed) and not refused and not called_otherwise(page, match.start(1)):
                yield Hit("CREDENTIAL", match.start(1), match.start(1) + len(token), 0.7)
        once = ONE_TIME.match(page.lower, begin)
        if once and BLANK not in once[0] and not called_otherwise(page, once.start(1)):
            yield Hit("CREDENTIAL", once.start(1), once.end(1), 0.75)


def answered(page: Page) -> Iterator[Hit]:
    """A bare code or password that answers the desk's question: at the start, or after a few words and a colon."""
    for line in _ANSWER.finditer(page.folded[:400]) if page.answers & {"pin", "secret", "code"} else ():
        token = line[1].rstrip(".,!;")
        code = re.fullmatch(r"\d{4,8}|\d{2,4}[ -]\d{2,4}", token) is not None
        if (code and page.answers & {"pin", "code"}) or (password_like(token) and page.answers & {"secret", "pin"}):
            yield Hit("CREDENTIAL", line.start(1), line.start(1) + len(token), 0.7)
