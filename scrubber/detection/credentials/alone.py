"""Words that a person made up as a password: they stand out wherever a text speaks of logging in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection.credentials.codes import called_otherwise
from scrubber.detection.credentials.forms import looks_secret, made_up
from scrubber.detection.page import Page
from scrubber.detection.recognizer import Hit

_WORD = re.compile(r"(?<![^\s\"'(\[>])(?=[^\s\d\"'()\[\]<>/;]*\d)[^\s\"'()\[\]<>/;]{6,40}(?![^\s\"')\]<,;])")
"""With a digit: without one nothing looks made up."""
_ACCESS = frozenset({"secret", "login"})
_NUMBERED = frozenset({"reference", "imei"})
_FAR, _NEAR = 600, 110
_GIVEN = re.compile(r"(?:\b(?:gewoon|weer|naar|wordt|worden|was|altijd|steeds|woord|woordje) |: ?|[\"'(])$")
_USERS = re.compile(
    r"\b(?:admin\w*|root|beheer\w*|hosting|wordpress|cpanel|plesk|sftp|ftp|ssh|wifi|webmail|router|nas)\b"
)
_TALK = re.compile(
    r"wachtw|\bww\b|inlog|login|toegang|\bftp\b|paneel|passw|\bpw\b|gehackt|htaccess|beheerder|sleutel\b"
)
"""Words of access that are no labels: a password beside "ftp gegevens" is one all the same."""
_MAY_TALK = ("wachtw", "ww", "log", "toegang", "ftp", "paneel", "pass", "pw", "gehackt", "htacc", "beheer", "sleutel")
"""One of these stands in whatever _TALK matches: to look for them costs less."""


def standing_out(page: Page) -> Iterator[Hit]:
    """ "Fiets8bel!", "Kompas1962x3" beside the talk of a login; further off only with a sign that no code has."""
    access = page.spoken_of & _ACCESS
    if not access and not _talks(page.lower):
        return
    for match in _WORD.finditer(page.folded):
        token = match[0].rstrip(".,:")
        strength = made_up(token.rstrip("?") if token.endswith("?") else token)
        if not strength:
            continue
        start = match.start()
        lead = page.lower[max(0, start - _NEAR) : start]
        beside = _TALK.search(lead) is not None or page.follows(start, _ACCESS, _NEAR)
        given = strength > 1 or _GIVEN.search(page.folded, max(0, start - 12), start) is not None
        if not beside and (not given or not page.follows(start, _ACCESS, _FAR)):
            continue
        if not _is_named(page, start, lead) and token.lower() not in page.lexicon.words("secrets/no_secrets"):
            yield Hit("CREDENTIAL", start, start + len(token), 0.6)


def _talks(lower: str) -> bool:
    return any(map(lower.__contains__, _MAY_TALK)) and _TALK.search(lower) is not None


def _is_named(page: Page, start: int, lead: str) -> bool:
    """Whether it is called something else, or is the user: "user=", "order A-1"."""
    return called_otherwise(page, start) or lead[-1:] in {"=", "@", "#", "\\", "|"} or _USER.search(lead) is not None


def _words_joined(token: str) -> bool:
    """ "regen-fiets-lamp": words that nothing but a passphrase joins."""
    return token.count("-") >= 2 and all(len(part) > 2 and part.isalnum() for part in token.split("-"))


_USER = re.compile(
    r"(?:gebruiker(?:snaam)?|user(?:name)?|inlognaam|account|login|domein|server|host|map|bestand"
    r"|id)(?: is| was| heet)?[ :]{1,2}$"
)


def row_of_accounts(page: Page, rows: list[tuple[int, int]]) -> Iterator[Hit]:
    """Lines "info@ -> Geheim77": a mailbox and what opens it, where the text speaks of mailboxes or passwords."""
    if not rows:
        return
    about = page.spoken_of & {"secret", "login"} or re.search(r"mailbox|postvak|mailadres|imap", page.lower)
    for start, end in rows:
        line = page.folded[start:end].rstrip()
        token = line[max(map(line.rstrip(",.;)").rfind, " \t;,|>/:")) + 1 :]
        token = token.rstrip(",.;:)\"'")
        if "@" in line:
            fits = looks_secret(token) == 2 or _words_joined(token)
            fits = fits and (bool(about) or ("/" in line and made_up(token) > 0))
        else:  # "beheer / Geheim1971": any user, so only what somebody made up
            speaks = page.spoken_of & {"secret", "login"} or _USERS.search(page.lower, max(0, start - 24), end)
            fits = made_up(token) > (0 if speaks or _talks(page.lower) else 1)
            fits = fits and not page.follows(start + line.rindex(token), _NUMBERED, 22)
        if fits and "@" not in token and (any(map(str.isdigit, token)) or _words_joined(token)):
            begin = start + line.rindex(token)
            yield Hit("CREDENTIAL", begin, begin + len(token), 0.8)
