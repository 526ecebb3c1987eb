"""Passwords beside the user they belong to: pairs, lines, columns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection.credentials.forms import CLOSING, NO_VALUE, URL, looks_secret, password_like
from scrubber.detection.page import BLANK, Cue, Page
from scrubber.detection.patterns import loosely
from scrubber.detection.recognizer import Hit

_ACCOUNT_LINE = re.compile(r"^[ \t>*\-]*([^\s;,|]+@[^\s;,|]+)[ \t]*[;:,|/\t][ \t]*(\S+)[ \t]*$")
PAIR = re.compile(r"(?<!\S)([\w.@\-]{2,40}) ?/ ?([^\s/]{4,40})(?=[\s,.;)]|$)")
_WITH = re.compile(r"(?: \w{2,12}){0,2} (?:met|via|with|op) (?:het |mijn |als )?[\"'(]?([^\s\"'()]{6,40})")
_LOGIN_LINES = re.compile(
    r"[ :]{0,3}\n[ >*\-]{0,4}(?:[A-Za-z]{2,14}: ?)?([\w.@\-]{2,40})[ ]*\n[ >*\-]{0,4}(\S{6,40})[ ]*(?:\n|$)"
)
_USER_AND_SECRET = re.compile(
    r"[ ]{0,3}(?:is |was |: ?|= ?|met |als |via )?[\"'(]?([\w.@\-]{2,40})[\"')]?"
    r"(?:,? (?:en|met|and|with|plus)(?: als| het| de| mijn)? | ?\+ ?| ?/ ?|, | ?& ?)[\"'(]?([^\s\"'()]{6,40})"
)


_COLON_PAIR = re.compile(r"(?<![\w/.:@\-])([a-z][\w.\-]{1,30}):([^\s:/@\"'<>,;()\[\]{}|]{6,40})(?![:/])")
_MAY_PAIR = loosely(r"[a-z][\w.\-]+:[^\s:/@\"'<>,;()\[\]{}|]{6}")
_SLASHED = re.compile(r"[a-z][\w.\-]{1,30}/(?=[^/]{6,40}$)")
_NOBODY = frozenset(
    {"het", "de", "een", "mijn", "die", "dat", "als", "naam", "mail", "itsme", "digid", "wachtwoord", "en"}
)
_NO_USERS = frozenset(
    {
        "nas",
        "server",
        "host",
        "map",
        "schijf",
        "web",
        "db",
        "node",
        "image",
        "docker",
        "poort",
        "http",
        "https",
        "mailto",
        "sip",
        "tel",
        "ftp",
        "sftp",
        "ssh",
        "file",
        "re",
        "fwd",
        "subject",
    }
)
_ACCESS = re.compile(
    r"basic[ -]auth|htaccess|htpasswd|\bauth\b|inlog|log ?in|te loggen|aanmeld|credential|gebruiker|\bregister\b"
    r"|\btrunk|\bsip\b|\bkom (?:er|ik)"
)
_USER_THEN = re.compile(
    r"\b(?i:gebruiker(?:snaam)?|user(?:name)?|inlognaam|inloggen|log(?:gen|t)? in|login|ingelogd|in te loggen|aanmelden"
    r"|aangemeld|aan te melden|meld(?:en)?|logde|inlogde)\b"
    r"(?:[^\n.!?]{0,40}?\b(?:met|als)|[ :]{0,2}(?:is|was|:|=)?) (?:gebruiker |user )?[\"']?([\w.@\-]{2,40})[\"']?"
    r"(?: en| met| \+| &| plus)(?: als)?(?: het)?(?: wachtwoord| ww| pw| pass)? [\"'(]?([^\s\"'()]{6,40})"
)
_PHRASED = re.compile(r"[a-z]{3,14}(?:[.\-_+][a-z]{3,14}){2,5}")
_NAME_AND_DIGITS = re.compile(r"[A-Z][a-z]{4,}[\-._!]?\d{1,4}")
_NO_HOST = re.compile(r"(?:^|[.\-])(?:www|lan|local|home|intern|server|host|mail)(?:[.\-]|$)")
_BOTH = re.compile(
    r"\b(?:wachtwoord|ww|sleutel)\b[^\n:.!?]{0,40}: ?([\w\-]{3,32}) / ((?:[A-Z][a-z]+){2,6}\d{0,4})(?=[\s,.;)!]|$)"
)

_ADMIN = re.compile(r"(?<![\w/.@\-\\])(?:root|admin)( / | en | \+ )[\"'(]?(?!v\d)([^\s\"'/]{6,40})")
"""The users that every machine has, and what opens it."""


def pairs(page: Page) -> Iterator[Hit]:
    """ "demo:demo-Kikker7", "log in met beheer en wit.paard.gracht", "netwerk en wachtwoord: Huis / VlaaiMetKersen"."""
    low = page.lower
    if _MAY_PAIR.found(page.data) and _ACCESS.search(low):
        for match in _COLON_PAIR.finditer(page.folded):
            token = match[2].rstrip(CLOSING.replace("!", ""))
            near = _ACCESS.search(low, max(0, match.start() - 90), match.start())
            odd = not token.isalnum() or sum(map(str.isdigit, token)) > 1 or len(token) > _LONG
            if near and odd and match[1] not in _NO_USERS and _mixed(token) and match[1] not in page.lexicon.cues.kinds:
                yield Hit("CREDENTIAL", match.start(2), match.start(2) + len(token), 0.7)
    for match in _ADMIN.finditer(page.folded) if "root" in low or "admin" in low else ():
        token = match[2].rstrip(CLOSING.replace("!", ""))
        said = match[1] != " en " or page.spoken_of & {"login", "secret"} or _ACCESS.search(low)
        if said and password_like(token) and BLANK not in token and not URL.search(token):
            yield Hit("CREDENTIAL", match.start(2), match.start(2) + len(token), 0.7)
    if page.spoken_of & {"login", "secret"}:
        for match in _USER_THEN.finditer(page.folded, 0, _READ):
            token = match[2].rstrip(CLOSING.replace("!", ""))
            if match[1].lower() not in _NOBODY and _is_given(page, token, match[1]):
                yield Hit("CREDENTIAL", match.start(2), match.start(2) + len(token), 0.7)
        for match in _BOTH.finditer(page.folded) if " / " in low else ():
            yield Hit("CREDENTIAL", match.start(2), match.end(2), 0.7)


def _mixed(token: str) -> bool:
    """Small letters, capitals and a digit or a sign: no port, no version, no colour."""
    small, large = any(map(str.islower, token)), any(map(str.isupper, token))
    other = any(map(str.isdigit, token)) or any(c in "!$%^*+" for c in token[1:])
    return small and large and other and looks_secret(token) == 2 and BLANK not in token


def _is_given(page: Page, token: str, user: str) -> bool:
    """Whether what follows the user is what opens the account, and no second user."""
    words = page.lexicon.words
    letters = re.sub(r"[^a-z]", "", token.lower())
    if BLANK in token or BLANK in user or letters == re.sub(r"[^a-z]", "", user.lower()) or "@" in token:
        return False
    if letters in words("companies/brands") or letters in words("secrets/no_secrets"):
        return False
    phrase = _PHRASED.fullmatch(token) is not None and not _NO_HOST.search(token) and not URL.search(token)
    named = _NAME_AND_DIGITS.fullmatch(token) is not None and looks_secret(token) == 2
    return phrase or named or _mixed(token)


_LONG = 9
_READ = 20_000
"""Characters: further down a mail nobody gives an account."""


def in_columns(page: Page) -> Iterator[Hit]:
    """The cells under a heading "Startwachtwoord" or "pincode"."""
    for place, (separator, kinds) in page.columns.items():
        if "secret" not in kinds and "pin" not in kinds:
            continue
        at = place
        for number, cell in enumerate(page.folded[place : page.line_end(place)].split(separator)):
            token = cell.strip(" \"'")
            if (
                number < len(kinds)
                and kinds[number] in {"secret", "pin"}
                and 4 <= len(token) <= 64
                and BLANK not in token
            ):
                fits = looks_secret(token) or (" " not in token and any(c.isalnum() for c in token))
                if fits and not NO_VALUE.match(token) and token.lower() not in page.lexicon.words("secrets/no_secrets"):
                    begin = at + cell.index(token)
                    yield Hit("CREDENTIAL", begin, begin + len(token), 0.85)
            at += len(cell) + 1


def _opens(token: str, said: str) -> bool:
    """ "ingelogd met tapijt8mm": what somebody gives to get in, once it can be no product or user."""
    lower = token.isalnum() and token.islower() and re.fullmatch(r"[a-z]{4,}\d+[a-z]*", token) is not None
    return password_like(token) or (lower and " met " in said and looks_secret(token) == 2 and len(token) > 7)


def beside_user(page: Page) -> Iterator[Hit]:
    """ "gebruiker jan en Zomer!2019", "mijn account, jan / Geheim1971": a name and what is clearly a password."""
    for cue in page.cues:
        if cue.kind not in {"login", "secret"}:
            continue
        end = min(page.line_end(cue.end), cue.end + 90)
        tail = page.folded[cue.end : end]
        pair = _USER_AND_SECRET.match(tail) if cue.kind == "login" else None
        if pair is None and cue.kind == "login":
            pair = _LOGIN_LINES.match(page.folded[cue.end : cue.end + 100])
        with_it = _WITH.match(tail) if pair is None and cue.kind == "login" else None
        if with_it and _opens(with_it[1].rstrip(",.;:)\"'"), with_it[0]):
            token = with_it[1].rstrip(",.;:)\"'")
            begin = cue.end + with_it.start(1)
            user = _SLASHED.match(token)
            shift = user.end() if user else 0
            yield Hit("CREDENTIAL", begin + shift, begin + len(token), 0.75)
            continue
        slashed = pair or PAIR.search(tail)
        if slashed is None or BLANK in slashed[0]:
            continue
        token = slashed[2].rstrip(",.;:)\"'")
        plain = "/" in slashed[0] and slashed[1].islower() and slashed[1] not in page.lexicon.common
        if (password_like(token) or (plain and looks_secret(token) == 2)) and token.lower() not in page.lexicon.words(
            "secrets/no_secrets"
        ):
            begin = cue.end + slashed.start(2)
            yield Hit("CREDENTIAL", begin, begin + len(token), 0.8)


def account_lines(page: Page, cue: Cue) -> Iterator[Hit]:
    """Lines "address ; secret" below a heading that speaks of passwords."""
    place = page.line_end(cue.end) + 1
    for _ in range(40):
        if place >= len(page.folded):
            return
        end = page.line_end(place)
        line = page.folded[place:end]
        row = _ACCOUNT_LINE.match(line) if len(line) < 200 else None
        if row and looks_secret(row[2]):
            yield Hit("CREDENTIAL", place + row.start(2), place + row.end(2), 0.85)
        elif line.strip() and not row:
            return
        place = end + 1


def after_login(page: Page, cue: Cue) -> Iterator[Hit]:
    """ "inlog: jan / geheim", "login jan:Geheim1"."""
    end = min(page.line_end(cue.end), cue.end + 90)
    tail = page.folded[cue.end : end]
    pair = re.match(
        r"[ ]{0,3}(?:is|zijn|:|=|->|>)?[ ]{0,3}([\w.@\-]{2,40})(?: ?[/|;] ?| ?: ?|, | en "
        r"| {1,2})([^\s/]{4,40})(?=\s|$|[,.])",
        tail,
    )
    if not pair or BLANK in pair[0]:
        return
    if BLANK in pair[0]:
        return
    token = pair[2].rstrip(",.;)\"'")
    separator = tail[pair.end(1) : pair.start(2)].strip()
    strength = looks_secret(token)
    named = page.lower[cue.end : cue.end + 3].lstrip(" ")[:1] in {":", "=", ">"} or re.match(r" ?(?:is|zijn)\b", tail)
    refused = token.lower() in page.lexicon.words("secrets/no_secrets") or token.lower() in page.lexicon.common
    if refused or pair[1].lower() in page.lexicon.words("secrets/fillers"):
        return
    if (separator in {"/", "|", ":"} and named) or (strength == 2 and named and separator in {"", ",", "en", ";"}):
        begin = cue.end + pair.start(2)
        if not any(
            c.start >= cue.end + pair.start(1) and c.end <= begin + len(token) and c.kind in {"secret", "login"}
            for c in page.after(cue.end, 90)
        ):
            yield Hit("CREDENTIAL", begin, begin + len(token), 0.8)
