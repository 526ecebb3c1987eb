"""Words of no special form that are the password: said in the next sentence, behind the user, as old and as new."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection.credentials.codes import called_otherwise
from scrubber.detection.credentials.forms import CLOSING, looks_secret
from scrubber.detection.credentials.odd import grade
from scrubber.detection.credentials.plain_words import is_made_word
from scrubber.detection.page import BLANK, Page
from scrubber.detection.patterns import Tells
from scrubber.detection.recognizer import Hit

_WORDS_FOR_IT = (
    r"\b(?:\w*wachtwoord\w*|\w*paswoord\w*|ww|pw|code ?woord|wacht ?zin|pass(?:word|phrase)?|netwerksleutel"
    r"|wifi ?sleutel"
    r"|beveiligingssleutel)\b"
)
_WORD = r"([a-z][a-z\-]{4,30}\d{0,4}!{0,2})"
_ENDS = r"(?=[\"')]{0,2}(?:[,;)\n]|[.:!?](?!\w)|$| en | maar | dus | want ))"
_NEXT = re.compile(
    r"\b(?:\w*sleutel|\w*wachtwoord|\w*paswoord|ww|wificode|wifi-?code)\b[^\n.!?]{0,60}[.!?] "
    r"(?:die|dat|het|deze|hij|'t)(?: (?:is|was|luidt|blijft|staat op|stond op))(?: (?:nu|gewoon|nog|altijd|dus"
    r"|al jaren)){0,2}"
    r" [\"'(]?([^\s\"'(),;]{5,40})"
)
_TURN = re.compile(
    r"\b(?:oude?|was|tot nu(?: toe)?|nieuwe?|wordt|nu|voortaan|huidige?|vanaf"
    r" (?:vandaag|nu|morgen|heden|dan|maandag|\d{1,2} [a-z]{3,9}))(?: (?:is|was|wordt|graag))? ?: ?[\"']?"
    + _WORD
    + _ENDS
)
_WAS_IT = re.compile(
    r"\b(?:tot nu toe|vroeger|voorheen|nu|eerst) (?:was|is) (?:het|dat|die) [\"']?"
    + _WORD
    + r"(?<!er)[\"']?(?=[.,;)\n]|$)"
)
_BEFORE = re.compile(
    r"(?:^|[,.;:\n] ?)[\"']?" + _WORD + r"[\"']? (?:is|was) (?:het|mijn|m'n|ons|het nieuwe|het oude|mijn oude)"
    r" (?:wachtwoord|ww|paswoord|codewoord)(?=[.,;!)\n]|$)"
)
_AS_USER = re.compile(
    r"\b(?:gebruiker(?:snaam)?|user(?:name)?|login|inlognaam) (?:is |wordt |: ?)?[\"']?[a-z][\w.\-]{1,30}[\"']?, "
    r"[\"']?" + _WORD + r"[\"']?(?=[,.;)\n]|$)"
)
_BELONGS = re.compile(
    r"\b(?:erbij hoor(?:t|de)|daarbij hoor(?:t|de)|hoor(?:t|de) erbij|erbij staat|erbij stond"
    r"|daarbij staat)(?: (?:het|ww|wachtwoord))?"
    r":? [\"']?([^\s\"'(),;]{5,40})|\b(?:daar|er) hoor(?:t|de)(?: (?:het|wachtwoord|ww|nog|ook)){0,2} "
    r"[\"']?([^\s\"'(),;]{5,40})[\"']? bij\b"
)
_NETWORK_WITH = re.compile(
    r"\b(?:staat|netwerk(?:naam)?|ssid|heet|heette|naam is|naam was|netwerk is) [\"']?"
    r"([A-Za-z]*[a-z][A-Z][\w\-]*|[A-Za-z]+_\w+)[\"']? (?:met|en|\+|/)(?: als)?(?: ww| wachtwoord| sleutel"
    r"| code)? [\"']?"
    r"([a-z][a-z\-]{4,24}\d{0,4})(?=[\"')]{0,2}(?:[.,;)\n]|$))"
)
_WIFI = re.compile(r"wi-?fi|netwerk|ssid|hotspot|router|modem|internet")
_PHRASE = re.compile(
    r"\b(?:staat|stond|is|was|luidt|luidde|zin)(?: (?:dus|er|gewoon|het))?:? [\"']?((?!niet |geen |dat "
    r"|een )[a-z][a-z']*(?: [a-z']+){2,9})"
    r"[\"']?,? \(?(?:alles |allemaal |helemaal |en )?(?:(?:in|met|zonder) )?(?:kleine letters|spaties|hoofdletters?)\b"
)
_PHRASED = re.compile(r"wacht ?zin|wachtwoordzin|pass ?phrase|toegangszin|herstelzin|\bzin\b")
_SIGNING_IN = re.compile(
    r"\b(?i:kom(?:t|en)?|kun(?:t|nen)?|mag|ga(?:at|n)?|log(?:t|gen)?)\b[^\n.!?]{0,30}\b(?i:er ?in|in"
    r"|binnen) (?:met|via|door) "
    r"(?i:(?:het |mijn |ons |onze )?(?:klant|relatie|lid|debiteur|gebruikers|account|deelnemers?)-?(?:nummer|nr"
    r"|naam|code)"
    r"|e-?mailadres|mailadres) \S{3,40},? (?:en|plus|\+|met)(?: als)?(?: het)?(?: wachtwoord| ww)? [\"'(]?"
    r"([^\s\"'()]{6,40})"
)
_HEX_KEY = re.compile(
    r"\b(?:\w{0,12}sleutel|\w{0,6}[_ ]?key|token)(?: is|:| =| was)? [\"']?([0-9a-f]{4}(?:-[0-9a-f]{4}){2,7})(?![\w\-])"
)
_ASKED_WORD = re.compile(
    r"\b(?:vra\w+|zeggen|willen|moeten?)\b[^\n.!?]{0,40}\b(?:een|het|dat|ons) woord(?:je)?,? (?:en )?(?:dat"
    r"|het) (?:is|was) "
    r"[\"']?" + _WORD + _ENDS
)
_REMOTELY = re.compile(
    r"\b(?i:rdp|ssh|s?ftp|vpn|vnc|remote desktop|extern bureaublad)\b[^\n.!?\d]{0,24} met (?:wachtwoord |ww )?[\"']?"
    r"([A-Z][A-Za-z]{4,24}[!$*]{1,3}|[^\s\"'(),;]{6,40})"
)
_LIKED = re.compile(
    r"(?<!\S)[\"']?([^\s\"'(),;.]{6,40})[\"']? (?:leek|lijkt|vinden|vonden|vind|vond|onthoud\w*) (?:ik|we|wij"
    r"|ons|me|mij|iedereen)\b"
)
_TELLS = Tells(
    next="(?:sleutel|woord|ww|code)[^\\n.!?]*[.!?] (?:die|dat|het|deze|hij|'t) ",
    turn="(?:oude?|was|toe|nu|nieuwe?|wordt|voortaan|huidige?|vanaf [^\\n:]*): ?[\"']?[a-z]",
    was="(?:was|is) (?:het|dat|die) ",
    before="(?:is|was) (?:het|mijn|m'n|ons) (?:nieuwe |oude )?(?:wachtwoord|ww|paswoord|codewoord)",
    user="(?:gebruiker|user|login|inlognaam)[^\\n,]*, ",
    belongs="erbij|daarbij|hoor[td]",
    network="(?:staat|netwerk|ssid|heet|naam)[^\\n]* (?:met|en|\\+|/) ",
    phrase="kleine letters|spaties|hoofdletter",
    signing="(?:nummer|nr|naam|code|mailadres) \\S+ (?:en|plus|\\+|met) ",
    hex_key="[0-9a-f]{4}(?:-[0-9a-f]{4}){2}",
    asked="woord(?:je)?,? (?:en )?(?:dat|het) ",
    remotely="(?:rdp|ssh|ftp|vpn|vnc|desktop|bureaublad)[^\\n]* met ",
    liked="leek|lijkt|vinden|vonden|vind|vond|onthoud",
)
"""What stands in whatever the patterns above match."""
_SHORTEST, _FAR = 5, 240
_HOLDS = re.compile(_WORDS_FOR_IT)


def chosen_words(page: Page) -> Iterator[Hit]:
    """Words that the sentences around make the password."""
    tells = _TELLS.of(page.data)
    if not tells:
        return
    low = page.lower
    for match in _NEXT.finditer(low) if "next" in tells else ():
        token = page.folded[match.start(1) : match.end(1)].rstrip(CLOSING.replace("!", ""))
        if _is_odd(token) or (_closes(page, match.start(1) + len(token)) and _is_new(page, token)):
            yield Hit("CREDENTIAL", match.start(1), match.start(1) + len(token), 0.7)
    for name, pattern in (("turn", _TURN), ("was", _WAS_IT), ("before", _BEFORE), ("user", _AS_USER)):
        for match in pattern.finditer(low) if name in tells else ():
            if _spoken(page, match.start()) and _is_new(page, match[1]):
                yield _hit(match)
    for match in _BELONGS.finditer(page.folded) if "belongs" in tells else ():
        group = 1 if match[1] else 2
        token = match[group].rstrip(CLOSING.replace("!", ""))
        odd = grade(token) > 0 or _is_odd(token) or (group > 1 and _is_new(page, token))
        if (
            odd
            and BLANK not in token
            and _spoken(page, match.start())
            and not called_otherwise(page, match.start(group))
        ):
            yield Hit("CREDENTIAL", match.start(group), match.start(group) + len(token), 0.7)
    yield from _framed(page, tells)


def _framed(page: Page, tells: set[str]) -> Iterator[Hit]:
    """What a network, an account or a remark on how it is written stands beside."""
    low = page.lower
    for match in _NETWORK_WITH.finditer(page.folded) if "network" in tells else ():
        wifi = _WIFI.search(low, max(0, match.start() - 140), match.end())
        if wifi and match[1].lower() not in page.lexicon.words("companies/brands") and _is_new(page, match[2]):
            yield _hit(match, 2)
    for match in _PHRASE.finditer(low) if "phrase" in tells else ():
        if _PHRASED.search(low, max(0, match.start() - 400), match.end()) and BLANK not in match[0]:
            yield _hit(match)
    for match in _SIGNING_IN.finditer(page.folded) if "signing" in tells else ():
        token = match[1].rstrip(CLOSING.replace("!", ""))
        if BLANK not in token and (_is_odd(token) or grade(token) > 0) and "@" not in token:
            yield Hit("CREDENTIAL", match.start(1), match.start(1) + len(token), 0.7)
    for match in _HEX_KEY.finditer(low) if "hex_key" in tells else ():
        yield _hit(match)
    for match in _ASKED_WORD.finditer(low) if "asked" in tells else ():
        if _is_new(page, match[1]):
            yield _hit(match)
    for match in _REMOTELY.finditer(page.folded) if "remotely" in tells else ():
        token = match[1].rstrip(CLOSING.replace("!", ""))
        if token.endswith("!") or grade(token) > 1:
            yield Hit("CREDENTIAL", match.start(1), match.start(1) + len(token), 0.7)
    if "liked" in tells and (page.spoken_of & {"secret", "login"} or _WIFI.search(page.context.lower())):
        for match in _LIKED.finditer(page.folded):
            if grade(match[1]) > 1 and not called_otherwise(page, match.start(1)):
                yield _hit(match)


def _spoken(page: Page, place: int) -> bool:
    """Whether a password was spoken of before, here or by the desk."""
    return _HOLDS.search(page.lower, max(0, place - _FAR), place + 60) is not None or "secret" in page.answers


def _closes(page: Page, end: int) -> bool:
    return page.folded[end : end + 1] in {"", ".", ",", "\n", "!", ";", ")"}


def _is_odd(token: str) -> bool:
    """ "welkom@posthoorn", "tulp88veld": letters with digits or signs between them."""
    return looks_secret(token) == 2 and sum(map(str.isalpha, token)) > _SHORTEST - 3 and BLANK not in token


def _is_new(page: Page, token: str) -> bool:
    """Whether no list knows the word, and its form says nothing of a password."""
    word = token.lower().rstrip("!").rstrip("0123456789")
    lexicon = page.lexicon
    known = (lexicon.places, lexicon.first_names, lexicon.words("companies/brands"))
    return len(word) >= _SHORTEST and is_made_word(page, word) and not any(word in words for words in known)


def _hit(match: re.Match[str], group: int = 1) -> Hit:
    return Hit("CREDENTIAL", match.start(group), match.end(group), 0.7)
