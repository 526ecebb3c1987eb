"""Secrets that are ordinary words, where the frame they stand in leaves no other reading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from scrubber.detection.credentials.codes import is_year
from scrubber.detection.credentials.forms import CLOSING, looks_secret
from scrubber.detection.credentials.told import hit, told
from scrubber.detection.page import BLANK, Page
from scrubber.detection.patterns import Tells
from scrubber.detection.recognizer import Hit

_END = r"(?=[,.;:)\n!?]|$| en | maar | werk| werd| word| is | doet | klop| geld)"
_VALUE = r"[\"'(]?([a-z][a-z\-]{3,30})[\"')]?"
_IN_QUOTES = re.compile(
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|wachtwoord|(?<!meta)(?<!sort)(?<!cache)(?<!option)_key"
    r"|_salt)[\"']?(?: ?[=:] ?| )[\"']([^\"'\s]{4,60})[\"']"
    r"|define\([\"']\w*(?:pass|secret|key|salt)\w*[\"'], ?[\"']([^\"'\s]{4,80})[\"']"
)
_NETWORK = re.compile(
    r"\b(?:ssid|netwerk\w*|wi-?fi\w*|accesspoint|hotspot|router|modem)\b[^\n]{0,80}?"
    rf"\b(?:\w*sleutel|key|wpa2?|wachtwoord|ww|pw|code)\b(?: is| was|:| =)? ?{_VALUE}{_END}"
)
_WRITTEN = re.compile(
    r"\b(?:kaartje|briefje|sticker\w*|etiket|label|papiertje|doosje|achterkant|brief|memo\w*)\b[^\n.!?]{0,24}\bstaat\b"
    rf"[^\n.!?]{{0,20}}\b(?:\w*sleutel|wachtwoord|ww|\w*code|woord):? [\"']?([a-z0-9]+(?:-[a-z0-9]+)+){_END}"
)
_WORD = re.compile(
    r"\b(?:afmeld|code|veiligheids|herkennings|alarm|toegangs|nood|verificatie|meldkamer|tover|geheime? )woord\w*"
    rf"(?: is bij ons| was bij ons|,? dat (?:is|was)| is| was|:| =| luidt| blijft| wordt)? {_VALUE}{_END}"
)
_CHANGED = re.compile(
    r"[^\n]{0,90}?\b(?:wijzig\w*|verander\w*|aanpassen|aangepast|zet(?:ten)?|maken?)\b"
    rf"(?: (?:het|dit|dat|maar|graag|aub|die)){{0,2}} (?:in|naar|op|van) {_VALUE}{_END}"
)
_USER = re.compile(
    r"\b(?:gebruiker\w*|user\w*|login|account|inlognaam|mail)[: ]{1,2}[^\s,]+,? (?:en |met )?"
    rf"(?:ww|wachtwoord|pw|pass|password|paswoord|passwoord|wachtwoordje|psw|pwd)[: ]{{1,2}}{_VALUE}{_END}"
)
_NOTED = re.compile(
    r"\b(?:blaadje|briefje|kaartje|sticker\w*|papiertje|post-?it|schriftje|notitie\w*)\b[^\n.!?]{0,40}"
    r"\bstaat (?:er |dat het )?[\"']?([^\s\"'()]{6,40})"
)
_RESET = re.compile(
    r"\b(?:gereset|reset|teruggezet|ingesteld)\b(?: (?:hem|haar|het|die|nu|weer|tijdelijk|al|naar|op)){1,3} "
    r"[\"']?([^\s\"'()]{6,40})"
)
_TOLD = re.compile(r"[\"']([a-z]{4,20})[\"'] (?:gezegd|genoemd|opgegeven|doorgegeven|geantwoord)\b")
_GUARDED = re.compile(r"\bmeldkamer|\balarm")
_LOGIN = re.compile(
    r"\b(?:[Ii]nlog\w*|[Ll]og ?in|[Aa]anmelden|[Ii]ngelogd)\b[^\n.!?]{0,40}\b(?:met|via|als|is|:) ?"
    r"([a-z][\w.\-]{2,30}) ?/ ?([A-Z][a-z]{4,29}[!?]*)(?=[,.;)\s]|$)"
)
_OF_GOODS = re.compile(r"\b(?:product|artikel|kassabon|bon|factuur|bestelling|order|doos|pakket|garantie)\b")
"""What a code is given with that opens nothing."""
_DEVICE = frozenset({"intranet", "extranet", "browser", "account", "ipad", "iphone", "android", "laptop", "pc", "app"})
_KNOWN = re.compile(r"\b(?:ken\w*|kent|weet|weten|leer\w*|pin\w*|code\w*)\b")
_BY_HEART = re.compile(
    r"(?<![\w.,:/\-+*#])(\d{4,6})(?![\w:/%\-]|[.,]\d) ?(?:nog )?"
    r"(?:uit (?:zn|z'n|zijn|m'n|mn|mijn|het|haar|hun|ons|je) hoofd|van buiten)\b"
)
_GIVEN_BY = re.compile(
    r"\b((?:[a-z]+[ -])?[a-z]*code) (?:die|van|welke) [^\n.:;!?]{2,40}: ?"
    r"([a-z0-9]+(?:-[a-z0-9]+){1,4}|\d{4,8})(?=[\s,.;)]|$)"
)
_OTHER_CODE = re.compile(
    r"(?:fout|error|post|artikel|product|kleur|land|track\w*|agb|qr|bar|streep|kortings|promo|actie|klant|meld"
    r"|storings|order|bestel|vestigings|garantie|filiaal|winkel|kassa|batch|type|model)[ -]?code"
)
_DIGITS = 3
_SPOKEN = re.compile(
    r"woord|sleutel|code|pass|pwd|secret|_key|inlog|log ?in|ingelogd|aanmelden|ww\b|pw\b|hoofd|van buiten|staat|reset"
    r"|teruggezet|ingesteld|alarm|meldkamer"
)


_SAYS_OF = re.compile(
    r"(?:aan|af|op|uit|in|over|mis|kwijt|weg|door|om|na|toe|vast|los|vol|bij|on|terug|voor|dicht|mee)?(?:ge|ver"
    r"|be|ont|her|er)"
    r"\w+(?:t|d|en)|(?:aan|af|op|uit|in|over|mis|weg|door|om|na|toe|mee|terug|voor|bij)\w{3,}en|\w+(?:ige?"
    r"|lijke?|loos|baar|isch"
    r"|zaam|gevoelig|end|ter|der)|\d*"
)
"""Participles, infinitives and adjectives: they say something of a password, they are none."""
_NO_WORDS = frozenset(
    {
        "prima",
        "kapot",
        "zoek",
        "alles",
        "stuk",
        "anders",
        "opeens",
        "ineens",
        "eerst",
        "simpel",
        "correct",
        "juist",
        "precies",
    }
    | {
        "hetzelfde",
        "normaal",
        "gewoon",
        "toch",
        "zwart",
        "groen",
        "rood",
        "mogelijk",
        "handig",
        "gratis",
        "vroeger",
        "soms",
    }
    | {
        "leeg",
        "weer",
        "oké",
        "raar",
        "vreemd",
        "waarschijnlijk",
        "eigenlijk",
        "misschien",
        "namelijk",
        "volgens",
        "dezelfde",
    }
    | {
        "korter",
        "langer",
        "beter",
        "slecht",
        "slechter",
        "sneller",
        "makkelijker",
        "onzin",
        "zonder",
        "schrijven",
        "typen",
    }
)
_TELLS = Tells(
    quotes="[\"'][^\"'\\s]{4}",
    network="(?:ssid|netwerk|wi-?fi|accesspoint|hotspot|router|modem)[^\\n]*(?:sleutel|key|wpa|wachtwoord|ww|pw|code)",
    written="staat[^\\n.!?]*(?:sleutel|wachtwoord|ww|code|woord)",
    word="(?:afmeld|code|veiligheids|herkennings|alarm|toegangs|nood|verificatie|meldkamer|tover|geheime? )woord",
    login="(?:inlog|log ?in|aanmelden|ingelogd)[^\\n]*/",
    user="(?:gebruiker|user|login|account|inlognaam|mail)[^\\n]*(?:ww|wachtwoord|pw|pass|paswoord|psw)",
    noted="(?:blaadje|briefje|kaartje|sticker|papiertje|post-?it|schriftje|notitie)[^\\n]*staat",
    reset="gereset|reset|teruggezet|ingesteld",
    guarded="meldkamer|alarm",
    by_heart="\\d.*(?:hoofd|van buiten)",
    given_by="code (?:die|van|welke) [^\\n]*:",
)
"""What stands in whatever the patterns above match."""
_hit = partial(hit, score=0.75)


def plain_words(page: Page) -> Iterator[Hit]:
    """ "SSID X, sleutel regenboog", "codewoord: paraplu", "inloggen met beheer / Dorpsplein"."""
    tells = _TELLS.of(page.data)
    low, text = page.lower, page.folded
    if not tells or not _SPOKEN.search(low):
        return
    for match in told(tells, low, quotes=_IN_QUOTES):
        group = 1 if match[1] else 2
        if any(map(str.isalpha, match[group])) and BLANK not in match[group]:
            yield _hit(match, group)
    for match in told(tells, low, network=_NETWORK):
        if is_made_word(page, match[1]):
            yield _hit(match)
    for match in told(tells, low, written=_WRITTEN):
        yield _hit(match)
    for match in told(tells, low, word=_WORD):
        if _stands_alone(page, match[1]):
            yield _hit(match)
            changed = _CHANGED.match(low, match.end(1))
            if changed and _stands_alone(page, changed[1]):
                yield _hit(changed)
    for match in told(tells, text, login=_LOGIN):
        if match[1].lower() in _DEVICE:
            continue
        if _stands_alone(page, match[2].lower()) and match[2].lower() not in page.lexicon.words("companies/brands"):
            yield _hit(match, 2)
    for match in told(tells, low, user=_USER):
        if _stands_alone(page, match[1]):
            yield _hit(match)
    for match in told(tells, text, noted=_NOTED, reset=_RESET):
        token = match[1].rstrip(CLOSING.replace("!", ""))
        if BLANK not in token and looks_secret(token) == 2:
            yield Hit("CREDENTIAL", match.start(1), match.start(1) + len(token), 0.75)
    if "guarded" in tells and _GUARDED.search(low):
        yield from map(_hit, _TOLD.finditer(low))
    for match in told(tells, low, by_heart=_BY_HEART):
        lead = low[max(0, match.start() - 80) : match.start()]
        if not is_year(page, match.start(1), match[1]) and ("hoofd" in match[0] or _KNOWN.search(lead)):
            yield _hit(match)
    for match in told(tells, low, given_by=_GIVEN_BY):
        if sum(map(str.isdigit, match[2])) >= _DIGITS and not (
            _OTHER_CODE.search(match[1]) or _OF_GOODS.search(match[0])
        ):
            yield _hit(match, 2)


def _stands_alone(page: Page, word: str) -> bool:
    """Whether the word says nothing about a password ("vergeten", "nodig"), and so can only be it."""
    words = page.lexicon.words
    return word not in words("secrets/no_secrets") and word not in words("secrets/fillers") and len(word) > len("die")


def is_made_word(page: Page, word: str) -> bool:
    """Whether a word can itself be the password, in a frame that leaves little else."""
    words = page.lexicon.words
    known = word in page.lexicon.common or word in _NO_WORDS or word in page.lexicon.cues.kinds
    return (
        not known
        and not _SAYS_OF.fullmatch(word)
        and word not in words("secrets/no_secrets") | words("secrets/fillers")
    )
