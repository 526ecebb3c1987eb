"""Secrets beside or before what tells of them: one of several tries, an old one, "… dat is de authcode"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scrubber.detection.credentials.codes import called_otherwise
from scrubber.detection.credentials.forms import CLOSING, looks_secret, password_like
from scrubber.detection.credentials.odd import grade, named_before
from scrubber.detection.credentials.plain_words import is_made_word
from scrubber.detection.nearby import Nearby
from scrubber.detection.page import BLANK, Page
from scrubber.detection.recognizer import Hit

_WORD = r"[A-Za-z][^\s\"'()<>;,/:=@]{4,29}"
_EITHER = re.compile(
    rf"(?<![^\s\"'(])({_WORD})[\"']?,? (?:of(?: anders| misschien| toch| was het)?|dan wel|en ook|en) [\"']?({_WORD})"
)
_STEM = re.compile(r"([a-z]{4,24})[a-z\-]{0,12}[!@#$*&.\-]{0,2}\d{1,6}[!*#$]{0,3}")
_TOKEN = re.compile(rf"(?<![\w@.\-/\\=]){_WORD}")
_OLD = re.compile(
    r"\b(?:(?:het |mijn |m'n |mn |de |die )?(?:oude|ouwe|vorige|eerste|huidige)"
    r"(?: (?:wachtwoord|ww|pw|was|is|nog|ook)){0,2}"
    r"(?: was| is| luidde|:| =)(?: nog| gewoon| altijd| dus)?|(?:daarvoor|ervoor|vroeger|eerst) (?:was|had ik|stond)"
    r"(?: het| er| die)?(?: nog| gewoon| altijd)?) [\"']?([a-z][a-z0-9\-]{4,24})[\"']?(?=[.,;!)\n]|$| en | maar | dus )"
)
_SAID_BEFORE = re.compile(
    r"(?<!\S)[\"'(]?([^\s\"'()]{5,64})[\"')]{0,2}(?: ?(?:<-+|<=+|\u2190|\x1b|[=:,\-]|,)+)? (?:dat |dit |die |deze )?"
    r"(?:is|was|zou|als|zijn|moet) (?:dan |dus |toch |gewoon |volgens mij |in ieder geval )?"
    r"(?:de |het |mijn |mn |m'n |onze |ons |jullie |hun |zijn |haar )?(?:[a-z\-]{2,14} )?$"
)
_NEAR = 200


def either(page: Page) -> Iterator[Hit]:
    """ "zonnebloem1962 of Zonnebloem62": tries of one password, alike but for digits and capitals."""
    if not page.spoken_of & {"secret", "login"} or not (" of " in page.lower or " en " in page.lower):
        return
    for match in _EITHER.finditer(page.folded):
        first, second = match[1].rstrip(CLOSING.replace("!", "")), match[2].rstrip(CLOSING.replace("!", ""))
        if not _related(first, second) or called_otherwise(page, match.start(1)) or named_before(page, match.start(1)):
            continue
        yield Hit("CREDENTIAL", match.start(1), match.start(1) + len(first), 0.7)
        yield Hit("CREDENTIAL", match.start(2), match.start(2) + len(second), 0.7)


def _related(first: str, second: str) -> bool:
    one, other = _STEM.fullmatch(first.lower()), _STEM.fullmatch(second.lower())
    if not one or not other or one[1] != other[1] or first == second:
        return False
    years = sum(map(str.isdigit, first)) > 1 and sum(map(str.isdigit, second)) > 1
    return years and looks_secret(first) == looks_secret(second) == 2 and max(grade(first), grade(second)) > 1


def of_a_kind(page: Page, found: Sequence[Hit]) -> Iterator[Hit]:
    """What differs from a secret that was found only by its digits: "Madelief4 … weer naar Madelief5"."""
    stems = {stem[1] for hit in found if (stem := _STEM.fullmatch(page.lower[hit.start : hit.end]))}
    if not stems:
        return
    for match in _TOKEN.finditer(page.folded):
        token = match[0].rstrip(CLOSING.replace("!", "").replace("*", ""))
        stem = _STEM.fullmatch(token.lower())
        end = match.start() + len(token)
        if stem is None or stem[1] not in stems or page.folded[end : end + 1] == "@":
            continue
        if not called_otherwise(page, match.start()) and not named_before(page, match.start()):
            yield Hit("CREDENTIAL", match.start(), end, 0.6)


def old_ones(page: Page, found: Sequence[Hit]) -> Iterator[Hit]:
    """ "Oude was madeliefje": a plain word, where another password or the word for one stands before it."""
    known = Nearby(found)
    for match in _OLD.finditer(page.lower) if "secret" in page.spoken_of else ():
        start = match.start(1)
        beside = bool(known.ends(start - _NEAR + 1, start - 1)) or page.follows(match.start(), {"secret"}, _NEAR)
        if beside and is_made_word(page, match[1]) and not called_otherwise(page, start):
            yield Hit("CREDENTIAL", start, match.end(1), 0.65)


def said_before(page: Page) -> Iterator[Hit]:
    """ "9xB-00wk-Tuin! <- dat is de auth code": the secret first, then what it is."""
    for cue in page.cues:
        if cue.kind != "secret":
            continue
        place = max(page.line_start(cue.start), cue.start - 110)
        match = _SAID_BEFORE.search(page.folded, place, cue.start)
        token = match[1].rstrip(",.;:") if match else ""
        if match is None or looks_secret(token) < 2 or BLANK in token:
            continue
        odd = grade(token.rstrip("!")) > 1 or password_like(token)
        if odd and not called_otherwise(page, match.start(1)) and not named_before(page, match.start(1)):
            yield Hit("CREDENTIAL", match.start(1), match.start(1) + len(token), 0.7)
