"""Secrets that verbs give: what a password is set to, which codes somebody tried, the answer to a secret question."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection.credentials.codes import CODE_FORM, called_otherwise, is_year
from scrubber.detection.credentials.forms import CLOSING, looks_secret
from scrubber.detection.page import BLANK, Page
from scrubber.detection.patterns import loosely
from scrubber.detection.recognizer import Hit

_REACH = 170
_SET = re.compile(
    r"(?:\bmaak er|\b(?:sta(?:at|an)|stond(?:en)?|ston|gezet|zet(?:ten)?|gewijzigd|wijzigen|verander(?:d"
    r"|en|t)?|aangepast|aanpassen"
    r"|maak(?:te)?|maken|gemaakt|moet|moest|mag|kan|wil|had|heb|hebben|heeft|doe|kies|koos|gekozen|neem|hou"
    r"|gebruik(?:te?|en)?"
    r"|bleef|blijft|ingesteld|instellen|terug|terugzetten|krijgt|kreeg|wordt)\b[^\n.!?;\d]{0,34}?"
    r"\b(?:op|in|naar|van|als|met|secret|zijn|worden|nog)"
    r"|\b(?:wordt|werd|is|was|luidt|luidde|zei|zegt|zijn|moet zijn|had|gewoon|standaard|namelijk|nu|nog"
    r"|weer|telkens|steeds))"
    r"(?: het| maar| weer| nu| nog| gewoon| steeds| er| dus| standaard| altijd)?:? [\"'(]?([^\s\"'()]{4,40})"
)
_MAY_SET = loosely(
    r"\b(?:maak|sta(?:at|an)\b|ston|gezet|zet|gewijzigd|wijzigen|verander|aangepast|aanpassen|maken|gemaakt|moe?st|moet"
    r"|mag|kan|wil|had|heb|heeft|doe|kies|koos|gekozen|neem|hou|gebruik|blee?f|blijft|ingesteld|instellen|terug|krijgt"
    r"|kreeg|wordt|werd|is\b|was\b|luid|zei|zegt|zijn\b|gewoon|standaard|namelijk|nu\b|nog\b|weer\b|telkens|steeds)"
)
"""One of these stands in whatever _SET matches."""
_ALSO = re.compile(
    r" en (?:de|het|die van|voor|van) (?!gebruiker|user|inlognaam|login)[a-z]{2,20} (?:op|is|was) ([^\s\"'()]{4,40})"
)
_OTHER_SUBJECT = re.compile(r"\b(?:maar|want|terwijl|omdat|en de|en het|dat de|de|het)\b")
_TRIED = re.compile(
    r"\b(?:dacht|denk|gok(?:te)?|gegokt|probeer(?:de|t)?|geprobeerd|tik(?:te|t)?|getikt|toets(?:te|t)?"
    r"|getoetst|ingetoetst"
    r"|ingetikt|typ(?:te|t)?|getypt|ingetypt|ingevoerd|voerde|ingevuld|vulde|vul|draaide|gedraaid|drukte|invoer"
    r"|onthouden|onthoud|herinner|herinnerde)\b"
    r"(?:[^\n.!?\d]{0,34}|[^\n!?\d]{0,24}\. (?:Eerst|eerst|steeds|Telkens|Altijd) )(?<![\w:/.,\-])("
    + CODE_FORM
    + r")(?![\w:/%\-]|[.,]\d)"
)
_TRIED_WORD = re.compile(
    r"\b(?:geprobeerd|probeerde|probeer|ingevuld|ingetypt|getypt|typte|ingetikt|tikte)(?: met| dus| ook"
    r"| eerst| nog)?:? [\"'(]?"
    r"(?!\d+\b)([^\s\"'(),;]{5,30})[\"')]?(?:,? (?:en|of|toen|daarna) [\"'(]?([^\s\"'(),;]{5,30}))?"
)
_NEXT = re.compile(
    r"[^\n\d!?;]{0,48}\b(?:toen|daarna|vervolgens|ook|of|en|dan|later)(?: (?:met|op|nog|weer|eens|het|ook"
    r"|toen|op))?:? [\"']?(\d{4,8})(?![\w:/%\-]|[.,]\d)"
)
_GOES_ON = re.compile(
    r" ?\d| ?(?:euro|eur|uur|kwh|keer|x\b|dagen|weken|maanden|jaar|minuten|gb|mb|km|m2|stuks|mensen|klanten|%)"
)
_POSTCODE = re.compile(r" ?[A-Z]{2}\b")
_OF_USER = re.compile(
    r"\b(?:gebruiker(?:snaam)?|user(?:name)?|inlognaam|netwerk(?:naam)?|ssid)(?: is| was| heet|:) [\"']?$"
)
_CHANGED = re.compile(
    r"\b(?:sta(?:at|an)|stond(?:en)?|gezet|zet)\b.*\bop\b|\b(?:verander\w*|wijzig\w*|gewijzigd|aangepast"
    r"|aanpassen)\b.*\b(?:in|naar)\b|\bvan\b"
)
_BEFORE_VERB = re.compile(
    r"(?<![\w:/.,\-])(\d{4,8}) (?:te )?(?:in(?:getoetst|gevoerd|getikt|gevuld|getypt|gegeven|toetsen"
    r"|voeren|tikken|vullen)|geprobeerd|gebruikt|doe|deed|doen)\b"
    r"|(?<![\w.,])\d ?(?:x|keer|maal) (\d{4,8})(?= (?:fout|verkeerd|geprobeerd|ingetoetst|ingetikt)\b)"
)
_KINDS = frozenset({"secret", "pin", "code", "door"})


def _spent(page: Page, start: int) -> bool:
    """Whether the number or word at `start` already has a label of its own."""
    return called_otherwise(page, start, texted=True)


def set_to(page: Page) -> Iterator[Hit]:
    """ "het wachtwoord stond op …", "maak er maar … van", "kan de code op …": whatever follows the verb."""
    text = page.folded
    refused, fillers = page.lexicon.words("secrets/no_secrets"), page.lexicon.words("secrets/fillers")
    for cue in page.cues:
        if cue.kind not in _KINDS or cue.kind == "door":
            continue
        if not page.stands(_MAY_SET, cue.end, cue.end + _REACH):
            continue
        tail = page.lower[cue.end : cue.end + _REACH].partition("\n\n")[0]
        for match in _SET.finditer(tail):
            start = cue.end + match.start(1)
            token = text[start : cue.end + match.end(1)].rstrip(CLOSING.replace("!", "").replace("*", ""))
            low = token.lower()
            if not token or BLANK in token or low in refused or low in fillers or _spent(page, start):
                continue
            if _OF_USER.search(page.lower, max(0, start - 24), start):
                continue
            if token.isdigit():
                fits = 4 <= len(token) <= 8 and not is_year(page, start, token)
                fits = fits and not _GOES_ON.match(page.lower, start + len(token))
                fits = fits and not _POSTCODE.match(text, start + len(token))
            elif cue.kind != "secret" or not any(map(str.isalpha, token)) or "/" in token:
                fits = False
            elif looks_secret(token) == 2 and not re.fullmatch(r"[A-Z]{2,5}-\d{3,8}", token):
                fits = any(map(str.isdigit, token)) or not token.replace("-", "").isalpha()
            else:
                fits = (
                    token.islower()
                    and _is_word_chosen(page, match[0], low.rstrip("!"))
                    and not _OTHER_SUBJECT.search(tail, 0, match.start())
                )
            if fits:
                yield Hit("CREDENTIAL", start, start + len(token), 0.65)
                also = _ALSO.match(page.lower, start + len(token))
                word = also[1].rstrip(",.;") if also else ""
                if also and (looks_secret(word) == 2 or _is_word_chosen(page, "staat op", word)):
                    yield Hit("CREDENTIAL", also.start(1), also.start(1) + len(word), 0.6)
                for later in _SET.finditer(tail, match.end()):  # "was Nogwat4 … weer terug naar Nogwat5"
                    like = text[cue.end + later.start(1) : cue.end + later.end(1)].rstrip(".,;:)\"'")
                    if looks_secret(like) == 2 and like[:4].lower() == low[:4]:
                        begin = cue.end + later.start(1)
                        yield Hit("CREDENTIAL", begin, begin + len(like), 0.6)
                break


def _is_word_chosen(page: Page, said: str, word: str) -> bool:
    """ "stond op zoefzoef": a word that no list knows, and that stands for what was set."""
    lexicon = page.lexicon
    parts = [part for part in word.split("-") if part]
    plain = all(map(str.isalpha, parts)) and word.islower() and 5 <= len(word) <= 30
    known = any(
        part in words
        for part in parts
        for words in (lexicon.common, lexicon.places, lexicon.first_names, lexicon.cues.kinds)
    )
    return bool(parts) and plain and not known and _CHANGED.search(said) is not None


def tried_words(page: Page) -> Iterator[Hit]:
    """ "ook geprobeerd … en …": words that somebody tried as a password."""
    for word in _TRIED_WORD.finditer(page.folded):
        for begin, token in ((word.start(1), word[1]), (word.start(2), word[2] or "")):
            token = token.rstrip(".,;:)!?\"'")
            if looks_secret(token) == 2 and any(map(str.isdigit, token)) and not _spent(page, begin):
                yield Hit("CREDENTIAL", begin, begin + len(token), 0.65)


def tried(page: Page) -> Iterator[Hit]:
    """ "ik dacht 2580", "eerst 2580, toen 8520": codes that somebody tried, where a code or a PIN is spoken of."""
    if not page.spoken_of & _KINDS and not re.search(r"toets|vergrendel|geblokkeerd|beveilig", page.lower):
        return
    place = 0
    for done in _BEFORE_VERB.finditer(page.lower):
        group = done.lastindex or 1
        if not is_year(page, done.start(group), done[group]) and not _spent(page, done.start(group)):
            yield Hit("CREDENTIAL", done.start(group), done.end(group), 0.65)
            yield from _next_tried(page, done.end())
    while match := _TRIED.search(page.folded, place):
        place = match.end()
        start, value = match.start(1), match[1]
        if is_year(page, start, value) or _GOES_ON.match(page.lower, match.end(1)) or _spent(page, start):
            continue
        end = match.end(1)
        yield Hit("CREDENTIAL", start, end + (page.folded[end : end + 1] in {"#", "*"}), 0.65)
        for hit in _next_tried(page, place):
            yield hit
            place = hit.end


def _next_tried(page: Page, place: int) -> Iterator[Hit]:
    """The codes that were tried after one that ends at `place`."""
    while (following := _NEXT.match(page.folded, place)) and not _GOES_ON.match(page.lower, following.end(1)):
        yield Hit("CREDENTIAL", following.start(1), following.end(1), 0.65)
        place = following.end()
