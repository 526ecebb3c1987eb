"""Passwords beside the user they belong to: pairs, lines, columns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection.credentials.forms import NO_VALUE, looks_secret, password_like
from scrubber.detection.page import BLANK, Cue, Page
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
            yield Hit("CREDENTIAL", cue.end + with_it.start(1), cue.end + with_it.start(1) + len(token), 0.75)
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
