"""Secrets that a sentence gives without a label of their own, or that answer a question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scrubber.detection.credentials.codes import ONE_TIME, called_otherwise
from scrubber.detection.credentials.forms import NEVER, looks_secret, password_like
from scrubber.detection.credentials.odd import named_before
from scrubber.detection.page import BLANK, Page
from scrubber.detection.recognizer import Hit

_ANSWER = re.compile(
    r"(?m)^[ *\-]*(?:[^\n>]{0,120}(?::| is| =| staat) ?)?((?:\d{2,4}(?:[ -]\d{2,4}){1,2})|[^\s]{4,40})[ .,]*$"
)
_ASKED = frozenset({"pin", "secret", "code"})
_TOKEN_FORM = re.compile(
    r"(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9!@#$%^&*+?_]{2,}(?:-[A-Za-z0-9!@#$%^&*+?_]{2,}){1,5}"
)
_NO_ANSWER = re.compile(r"[/,;]|^[A-Z]{2,5}-?\d+$|@|\.[a-z]{2,4}$|^\d+-\d+-\d+$|://|=")
_FIRST_CODE = re.compile(
    r"\s*(?:(?:ja|hoi|hallo|hi|hey|dag|oke|ok|okee|yes|hier|bij deze|zie|het is|dit is|hij is|de code is"
    r"|code|dat is|daar staat|er staat"
    r"|ik zie|ik lees|beste)\b[ ,:!\n]*){0,3}(\d{4,8}|\d{2,3}(?:[ -]\d{2,3}){1,2}"
    r"|\d(?:[ -]\d){3,7})(?=[\s.,!]|$)(?! ?\d)(?!\s?(?:euro|uur|[A-Z]{2}\b))"
)
_OWN_KEY = re.compile(
    r"\b(?:wi-?fi|wlan|hotspot|gastennetwerk|gasten ?netwerk|key(?! ?(?:feature|point|account|user|board))|sleutel"
    r"|inlog|login|vpn|nas|ssid|netwerk|auth|2fa|beheer"
    r"|admin|dkim|licentie|tijdelijke?|eerste)\b[^\n.!?:=;]{0,30}?(?:\bis\b|\bwas\b|[:=]"
    r"|->)[ ]{0,2}[\"'(]?([^\s\"'()]{6,64})"
)
_USER_COLON = re.compile(r"[a-z][\w.\-]{1,30}:[^\s:/]{6}")
"""A user and what opens the account: only the second half is secret."""
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
            refused = refused or _USER_COLON.match(token) is not None
            refused = refused or page.folded.startswith(" / ", match.start(1) + len(token))  # a user, then the secret
            if (
                (password_like(token) or keyed or _hyphened(token))
                and not refused
                and not called_otherwise(page, match.start(1))
                and not page.lower.endswith(("sha256:", "md5:"), 0, match.start(1))
            ):
                yield Hit("CREDENTIAL", match.start(1), match.start(1) + len(token), 0.7)
        once = ONE_TIME.match(page.lower, begin)
        if once and BLANK not in once[0] and not called_otherwise(page, once.start(1), texted=True):
            yield Hit("CREDENTIAL", once.start(1), once.end(1), 0.75)


def _hyphened(token: str) -> bool:
    """ "Klaver-in-Mei": words that only a password joins so."""
    return (
        token.count("-") >= 2
        and token.replace("-", "").isalpha()
        and token != token.lower()
        and token[1:] != token[1:].upper()
    )


def answered(page: Page) -> Iterator[Hit]:
    """A bare code or password that answers the desk's question: on its own line, first, or after a colon."""
    if not page.answers & _ASKED:
        return
    for line in _ANSWER.finditer(page.folded[:600]):
        token = line[1].rstrip(".,!;") if not line[1].endswith("!") else line[1]
        code = re.fullmatch(r"\d{4,8}|\d{2,4}(?:[ -]\d{2,4}){1,2}|\d(?:-\d){3,7}", token) is not None
        keyed = _TOKEN_FORM.fullmatch(token) is not None
        if (
            (
                (code and page.answers & {"pin", "code"})
                or ((keyed or password_like(token)) and not _NO_ANSWER.search(token))
            )
            and not (NEVER.search(token) or named_before(page, line.start(1)))
            and token.lower() not in page.lexicon.words("secrets/no_secrets")
        ):
            yield Hit("CREDENTIAL", line.start(1), line.start(1) + len(token), 0.7)
    first = _FIRST_CODE.match(page.folded)
    if first and page.answers & {"pin", "code"} and not called_otherwise(page, first.start(1)):
        yield Hit("CREDENTIAL", first.start(1), first.end(1), 0.7)
