"""What follows the word "wachtwoord" or its like."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection.credentials.accounts import PAIR, account_lines
from scrubber.detection.credentials.forms import (
    CLOSING,
    CODE_CALL,
    DATE,
    NAMED_VALUE,
    NEVER,
    NO_VALUE,
    OPENING,
    URL,
    looks_secret,
)
from scrubber.detection.credentials.keys import KEY_ID, PUBLIC
from scrubber.detection.credentials.plain_words import is_made_word
from scrubber.detection.page import BLANK, Cue, Page
from scrubber.detection.recognizer import Hit

_TOKEN = re.compile(r"[^\s]+")
_ASSIGN = re.compile(r"^[ \t]{0,4}(?:[a-z\-]{0,12}[ \t]{0,3})?(?:=>|:=|->|->>|>|=|:|/|-{1,2}>)[ \t]*")
_MORE_SETTINGS = re.compile(r";[A-Za-z]{2,24}=")
_NAMES_OTHER = re.compile(
    r"\b(?:user(?:name)?|gebruiker(?:snaam)?|database|db|host|server|id|name|naam|account)[:=] ?$"
    r"|\b(?:gebruiker(?:snaam)?|inlognaam|netwerk(?:naam)?|ssid|wifi|server) (?:is|was|heet) $"
)
_IDENTIFIER = re.compile(r"[_\-][\w\-]{1,30}(?=[\"']?[ ]?[=:])")
_VALUE = re.compile(r"[\"']? ?(?:[}\]]|,(?! ))|[\"'] ?,|[\w\-]{0,40}[\"'] ?[,}\]]")
"""What stands behind a word that is a value itself: {"error": "token_audience", ...}."""
_QUOTED = re.compile(r"[ ]{0,3}(?:is|was|:|=|luidt)[ ]{0,3}([\"'])(?=[^\"'\n]*\d)([^\"'\n]{4,60})\1")
_GLUED = re.compile(r"(?:-[A-Z0-9]{1,8}){2,6}(?![\w\-=:])")
_SHORT = 4
_WORDS = 2
_SENTENCE_QUOTED = re.compile(
    r"[ ]{0,3}(?:was|:|=|luidt)[ ]{0,3}([\"'])(?=[a-zA-Z])([^\"'\n\d]{10,80})\1"
    r"(?! (?:staat|stond|verschijnt|zei|zegt|volgens))"
)
_SIGNED = re.compile(r"[A-Z][a-z]+=[a-z0-9]+$")
_IN_URL = re.compile(r"[&?][^\s&?]*$")
_OF_A_PASSWORD = re.compile(
    r"niet|geen|onjuist|verlopen|wachtwoord|fout|ongeldig|incorrect|invalid|expired|password|moet|must|mag|opnieuw|kort"
    r"|zwak|vergeten|probeer|verplicht|gewijzigd|required|wrong"
)
"""What a screen says of a password, no password itself."""
_AS = re.compile(r"\b(?:als|met|met het|met een|use|with) $")
_AS_SECRET = re.compile(r"[ :=]{1,3}[\"']?(\d{4,10})(?![\w:/%\-]|[.,]\d|[ ]?\d)")
_HUMPS = re.compile(r"[ :=]{1,3}[\"'(]?([A-Z][a-z]+(?:[A-Z][a-z]+)+\d*)(?=[\s,.;)\"']|$)")
_THEN_SECRET = re.compile(r" ?/ ?([^\s/]{5,40})(?=[\s,.;)]|$)")
_NAME_AND = re.compile(r"\b(?:naam|ssid|gebruiker\w*|user\w*|inlog\w*|netwerk\w*|wifi\w*) ?(?:en|/|\+|&) ?[a-z]{2,16}$")
_JOINED = re.compile(r"(?:[A-Z][a-z]+){2,6}")
_QUESTION = re.compile(r"\b(?:kun|kan|kunt|kunnen|wil|wilt|willen|zou|zouden|mag|mogen|klopt|waarom|hoe)\b[^.!?]*$")
_REFERENCE = re.compile(r"[A-Z]{2,5}-\d{3,8}")
_SENTENCE = re.compile(r"[.!?;]$")
_LIST_NEXT = re.compile(
    r"^[\"')]{0,2}(?:,| of| en|,? of anders| or| and| /) +(?:anders |misschien |met )?([^\s]{4,40})"
)

_STILL = re.compile(
    r"\.?[ ]{0,2}(?:(?:van|voor|aan|bij) [a-z ]{2,24} )?(?:is|was|blijft|=)(?: (?:nog|steeds|altijd|gewoon|nu"
    r"|toch|vroeger|al|jaren|dus|ook|weer"
    r"|hetzelfde|namelijk|eigenlijk|m'n|mn|mijn|de|het|onze|naam|van|hond|kat|poes|meisjesnaam|dochter|zoon)){0,5}"
    r" [\"']?([a-z][a-z\-]{4,30})[\"']?(?=[ ]*(?:[,;)\n]|[.!?](?:\s|$)|$| en dat | maar dat | dat ))"
)
_STILL_AND = re.compile(
    r" (?:is|was|luidde|bleef)(?: (?:nog|steeds|altijd|gewoon|toen|vroeger|eerst)){0,2} [\"']?"
    r"([a-z][a-z\-]{4,30})[\"']?"
    r"(?= (?:en (?:het|mijn|de|die|ik|nu|toen|daarna)|maar|dus|want|of)\b)"
)
_TOLD = re.compile(
    r" (?:zou |moet |schijnt |blijkt )(?:gewoon |nog |nu )?[\"']?([a-z][a-z\-]{4,24})[\"']? (?:te )?zijn\b"
    r"| [\"']?([a-z][a-z\-]{4,24}!{1,3})[\"']?(?= [a-z])"
)
_PHRASE = re.compile(
    r"(?: (?:van|voor|bij) [a-z ]{2,24}?)?(?: is| was| luidt| nu|:"
    r"| =){1,2} [\"']?([A-Za-z][\w' \-]{6,140}?)[\"']?(?=[,.;\n]|$)"
)
_GOES_ON = re.compile(r" (?:dus|want|maar|omdat|en dat|en die|of zo|dacht ik)\b.*$")
_NO_SECRET_WORD = re.compile(
    r"(?:aan|af|op|uit|in|over|mis|kwijt|weg|door|om|na|toe|vast|los|vol|bij|on|terug|voor|dicht)?(?:ge|ver|be|ont"
    r"|her|er)"
    r"\w+(?:t|d|en)|\w+(?:ige?|lijke?|loos|baar|isch|zaam|gevoelig|end|laten|raakt|staan|doen)"
)
"""Participles and adjectives: "is verlopen", "was onveilig" says something of the password, not the password."""


def after_secret(page: Page, cue: Cue) -> Iterator[Hit]:
    text = page.folded
    tail = text[cue.end : cue.end + 180]
    if text[max(0, cue.start - 3) : cue.start] == "-p[":
        return  # a placeholder of ours where "mysql -p…" stood
    if (tail[:1] in {"@", "."} and tail[1:2].isalnum()) or _VALUE.match(tail):
        return
    whole = _GLUED.match(text, cue.end) if cue.end - cue.start <= _SHORT and text[cue.start].isupper() else None
    if whole and any(map(str.isdigit, whole[0])):  # "EPP-5501-KL-2": the word is part of it
        yield Hit("CREDENTIAL", cue.start, whole.end(), 0.85)
        return
    rest = _IDENTIFIER.match(tail)
    if rest and PUBLIC.search(rest[0]):
        return
    base = cue.end + (rest.end() if rest else 0)
    tail = text[base : base + 180]
    paragraph = tail.find("\n\n")
    assigned = _ASSIGN.match(tail.lower())
    yield from account_lines(page, cue)
    word = page.lower[cue.start : cue.end]
    phrase = _PHRASE.match(text, cue.end, cue.end + 190) if "phrase" in word or word.endswith("zin") else None
    if phrase and " " in phrase[1] and BLANK not in phrase[1]:
        said = _GOES_ON.sub("", phrase[1])
        start = phrase.start(1) + len(phrase[1]) - len(phrase[1].removeprefix("gewoon "))
        yield Hit("CREDENTIAL", start, phrase.start(1) + len(said), 0.75)
        return
    told = _TOLD.match(page.lower, cue.end, cue.end + 60)
    chosen = (told[1] or told[2]) if told else ""
    if told and _is_chosen_word(page, chosen.rstrip("!")):
        begin = told.start(1) if told[1] else told.start(2)
        yield Hit("CREDENTIAL", begin, begin + len(chosen), 0.7)
        return
    still = _STILL.match(page.lower, cue.end, cue.end + 100) if assigned is None else None
    if still and _is_chosen_word(page, still[1]):
        yield Hit("CREDENTIAL", still.start(1), still.end(1), 0.7)
        return
    still = _STILL_AND.match(page.lower, cue.end, cue.end + 100) if assigned is None else None
    if still and _is_chosen_word(page, still[1]) and is_made_word(page, still[1]):
        yield Hit("CREDENTIAL", still.start(1), still.end(1), 0.7)
        return
    digits = _AS_SECRET.match(tail) if _AS.search(page.lower[max(0, cue.start - 8) : cue.start]) else None
    if digits:
        yield Hit("CREDENTIAL", base + digits.start(1), base + digits.end(1), 0.75)
        return
    humps = _HUMPS.match(tail) if word.endswith(("sleutel", "key")) else None
    if humps and BLANK not in humps[0]:
        yield Hit("CREDENTIAL", base + humps.start(1), base + humps.end(1), 0.7)
        return
    sentence = _SENTENCE_QUOTED.match(tail)
    words = sentence[2].lower().split() if sentence else []
    if sentence and BLANK not in sentence[2] and not _OF_A_PASSWORD.search(sentence[2].lower()) and len(words) > _WORDS:
        yield Hit("CREDENTIAL", base + sentence.start(2), base + sentence.end(2), 0.8)
        return
    phrase = _QUOTED.match(tail)
    if phrase and BLANK not in phrase[2]:
        yield Hit("CREDENTIAL", base + phrase.start(2), base + phrase.end(2), 0.9)
        return
    if paragraph == 0 or (paragraph > 0 and not tail[:paragraph].strip(" :")):
        tail = tail[: tail.find("\n", paragraph + 2)] if tail.find("\n", paragraph + 2) > 0 else tail
    elif paragraph > 0:
        tail = tail[:paragraph]
    yield from _walk(page, base, tail, assigned.end() if assigned else -1)
    for pair in PAIR.finditer(tail):
        if looks_secret(pair[2].rstrip(CLOSING)) == 2 and not pair[1].isdigit():
            begin = base + pair.start(2)
            yield Hit("CREDENTIAL", begin, begin + len(pair[2].rstrip(",.;)")), 0.8)


def _is_chosen_word(page: Page, word: str) -> bool:
    """Whether "wachtwoord is …" names the word itself: no list knows it as an ordinary one, nor does its form."""
    if word in page.lexicon.common or word in page.lexicon.cues.kinds or _NO_SECRET_WORD.fullmatch(word):
        return False
    return not any(word in page.lexicon.words(name) for name in ("secrets/no_secrets", "secrets/fillers"))


def _walk(page: Page, base: int, tail: str, assigned: int) -> Iterator[Hit]:
    fillers, refused = page.lexicon.words("secrets/fillers"), page.lexicon.words("secrets/no_secrets")
    sentence_over = False
    said = opened = False
    for index, match in enumerate(_TOKEN.finditer(tail)):
        raw = match[0]
        start, token = match.start(), raw
        newline = "\n" in tail[:start]
        if index > 24 or BLANK in raw or (newline and index > 1 and assigned < 0 and tail[: tail.find("\n")].strip()):
            return
        if token.count(";") > 1 and assigned < 0:
            continue  # a row of cells
        if "</" in token:
            token = token.partition("</")[0]
        quoted = raw[0] in "\"'([" or opened
        opened = raw in {"(", '"', "'", "["}
        while token and token[0] in OPENING:
            token, start = token[1:], start + 1
        if token and not any(c.isalnum() for c in token):
            continue
        bare = token.rstrip(CLOSING)
        at_assignment = assigned >= 0 and match.start() <= assigned <= match.end() and not sentence_over
        if at_assignment:
            shift = max(0, assigned - start)
            bare, start = (
                bare[shift:].lstrip("\"'"),
                start + shift + (len(bare[shift:]) - len(bare[shift:].lstrip("\"'"))),
            )
        bare = bare.partition('"')[0] or bare
        if at_assignment and _IN_URL.search(page.folded, max(0, base - 60), base):
            bare = bare.partition("&")[0]
        if at_assignment and ";" in bare and _MORE_SETTINGS.search(bare):
            bare = bare.partition(";")[0]
        low = bare.lower()
        if not bare:
            continue
        if (
            (at_assignment and NO_VALUE.match(bare))
            or CODE_CALL.match(bare)
            or (
                not at_assignment
                and NAMED_VALUE.match(bare)
                and "=" in bare[:31]
                and not (quoted and _SIGNED.match(bare))
            )
        ):
            return
        if index and page.lexicon.cues.kinds.get(low) == "secret" and not at_assignment:
            return
        strength = looks_secret(bare)
        first = at_assignment or (said and index <= 4)
        if strength == 2 and _is_object(tail, start, bare, at_assignment or said):
            continue
        user = _THEN_SECRET.match(tail, start + len(bare)) if at_assignment else None
        if user and (
            looks_secret(user[1].rstrip(",.;:")) == 2
            or (_JOINED.fullmatch(user[1].rstrip(",.;:")) and _NAME_AND.search(page.lower, max(0, base - 44), base))
        ):
            yield from _accept(page, base + user.start(1), user[1].rstrip(",.;:"))
            return
        if strength == 2 and not sentence_over and (index <= 9 or quoted) and low not in refused:
            asks = token.endswith("?") and _QUESTION.search(page.lower[max(0, base - 70) : base + start]) is not None
            yield from _accept(page, base + start, _trimmed(token.rstrip("?") if asks else token, bare, at_assignment))
            return
        if strength == 2 and sentence_over and quoted and index <= 20 and any(c.isdigit() for c in bare):
            yield from _accept(page, base + start, bare)
            return
        plausible = low not in refused and low not in fillers
        if first and plausible and len(bare) >= 4 and not URL.search(low) and not DATE.match(bare):
            word = bare.isalpha() and (
                low in page.lexicon.common or low.startswith(("ge", "ver", "be", "on")) or low.endswith("en")
            )
            said_so = at_assignment or quoted
            if said_so or ((strength or not word) and not (bare.isalpha() and bare.islower())):
                yield from _accept(page, base + start, bare)
                return
        if quoted and index <= 5 and plausible and len(bare) >= 5 and not sentence_over and raw[-1:] in "\"')]":
            yield from _accept(page, base + start, bare)
            return
        said = low in {"is", "was", "=", "wordt", "nu", "luidt", "zijn"} and not sentence_over
        if _SENTENCE.search(raw) and not (index == 0 and raw in {":", "."}) and len(bare) > 2:
            sentence_over = True


def _is_object(tail: str, start: int, bare: str, said: bool) -> bool:
    """Whether the word is a reference, or what the password is of: "wachtwoord van web-01", "(ABC-1234)"."""
    if said:
        return False
    if _NAMES_OTHER.search(tail[max(0, start - 18) : start].lower()):
        return True
    of = re.search(r"\b(?:van|voor|bij|op)(?: de| het| mijn| onze)? $", tail[max(0, start - 14) : start])
    return _REFERENCE.fullmatch(bare) is not None or (of is not None and bare.islower() and "-" in bare)


def _trimmed(token: str, bare: str, assigned: bool) -> str:
    """A closing "!" or "?" belongs to a secret; a full stop, a comma or a bracket does not."""
    if assigned:
        return bare
    stripped = token.rstrip("\"')]}>,;.:")
    return stripped if len(stripped) >= len(bare) and stripped.startswith(bare) else bare


def _accept(page: Page, start: int, bare: str) -> Iterator[Hit]:
    text = page.folded
    end = start + len(bare)
    if NEVER.search(bare) or KEY_ID.match(text, start):
        return
    if bare.startswith("LPA:"):  # where an eSIM is fetched, then what only its buyer has
        start += bare.rfind("$") + 1
    while text[end : end + 1] == "!":
        end += 1
    yield Hit("CREDENTIAL", start, end, 0.85)
    shape = re.sub(r"\d", "9", bare)
    for _ in range(12):
        following = _LIST_NEXT.match(text[end : end + 70])
        token = following[1].strip(OPENING + CLOSING) if following else ""
        if following is None or not (looks_secret(token) == 2 or (token and re.sub(r"\d", "9", token) == shape)):
            return
        begin = end + following.start(1) + following[1].index(token)
        end = begin + len(token)
        yield Hit("CREDENTIAL", begin, end, 0.75)
