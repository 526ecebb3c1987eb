"""Secrets in the clause or the sentence behind the one that names them: "vraagt een pin. Die van mij, 4471"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection.credentials.codes import called_otherwise, is_year
from scrubber.detection.credentials.forms import CLOSING, looks_secret, password_like
from scrubber.detection.credentials.odd import grade
from scrubber.detection.credentials.plain_words import is_made_word
from scrubber.detection.credentials.told import hit, told
from scrubber.detection.page import BLANK, Page
from scrubber.detection.patterns import Tells
from scrubber.detection.recognizer import Hit

_UNIT = (
    r"(?:euro|eur|gulden|uur|watt|kwh|volt|keer|jaar|dagen|weken|stuks|personen|bezoekers|mensen|punten|schroeven"
    r"|mm|cm|m2|m|km|kg|gb|mb|update|%)"
)
_NUMBER = (
    r"(?<![\w$.,:/\-+])(\d{4,8}[#*]?|\d(?: \d){3,5})(?![\w:/%\-]|[.,]\d| ?\d"
    rf"| ?{_UNIT}\b)"
)
_WHOSE = re.compile(
    r"\b(?:(?:die|deze|dat|code|pin) (?:van|voor) (?:mijzelf|mezelf|mij|me|hem|haar|ons|hun"
    r"|(?:mijn |m'n |mn |de |het |onze |ons |zijn |haar )?[a-z\-]{2,20}(?: [a-z\-]{2,20})?)"
    r"|(?:de )?(?:mijne|zijne|hare|onze))"
    rf"(?:,| is| was| had| heeft|:| =)?(?: nu| nog| gewoon| dus| dan)?[ (]{{1,2}}{_NUMBER}"
    r"(?= ?[,.;!?)\n]|$| (?:en|maar|mag|kan|wel|niet|werk\w*|doe\w*|pak\w*|klop\w*|gaat|die|dus"
    r"|nog|ook|of|want|(?:is|was)(?! (?:een|het|mijn|ons) ))\b)"
)
"""Whose code it is, where the sentence before says which code."""
_MIXED = r"[a-z0-9][\w!@#$%^&*+\-]{3,30}"
_ON_PAPER = re.compile(
    r"\b(?:op|in|onder|achter|achterop|onderop|binnenin|volgens)\b(?: (?:het|de|'?t|een|mijn|m'n|dat|die|jullie|uw|zijn"
    r"|haar|onze))?(?: [a-z\-]{2,16})?"
    r" ?(?:etiket\w*|sticker\w*|label\w*|kaart(?:je)?|brief(?:je)?|doos|doosje|papier(?:tje)?|achterkant|onderkant"
    r"|plaatje"
    r"|bordje|envelop|mailtje|mail|sms|handleiding|klepje|deksel|display|verpakking|post-?it|deurstijl|meterkast)\b"
    r"[^\n.!?\d:]{0,20}?\b(?:staat|stond|lees ik|las ik|zie ik|zag ik|hangt|plakt)"
    rf"(?: (?:alleen|er|nu|dan|wel|gewoon|een|de|code|dus|toch|namelijk)){{0,3}}:? [\"'(]?({_MIXED})"
)
_TEXTED = re.compile(
    r"\b(?:kreeg|krijg|kregen|ontving|ontvangen|gekregen|gestuurd|stuurden|kwam|doorgekregen)\b[^\n.!?\d]{0,16}?"
    r"\b(?:via|per|met|in|uit) (?:een |de |jullie )?(?:sms\w*|mail\w*|e-mail|app\w*|whatsapp\w*|brief\w*|bericht\w*)"
    rf"(?: dat het| dat| als)?:? [\"'(]?({_MIXED})"
)
_SWITCH = r"(?:is |= ?|voor |om )?(?:uit|aan|erop|eraf|af|inschakelen|uitschakelen)\b"
_ON_OFF = re.compile(
    rf"(?<![\w.,:/\-])(\d{{4,6}}[#*]?) ?{_SWITCH}[^\n\d]{{1,16}}(?<![\w.,:/\-])(\d{{4,6}}[#*]?) ?{_SWITCH}"
    r"|\b(?:uit|aan|erop|eraf)(?: is| =|:| met| doe ik met)? (\d{4,6}[#*]?)(?:,|;| en| /)"
    r" (?:uit|aan|erop|eraf|er weer af)(?: is| =|:| met)? (\d{4,6}[#*]?)(?![\w:/%\-]|[.,]\d)"
)
"""What an alarm takes: one code sets it, another stops it."""
_PORT = re.compile(r"\bpoort $")
_BRACKETED = re.compile(r"\bcode ?\((?:[a-z']+,? ){1,4}((?=[^)\s]*\d)[a-z0-9#*\-]{4,10})\)")
_COMES_IN = re.compile(
    r"naar binnen|binnen(?:komen|laten)|deur|poort|\bhek\b|slot\b|toegang|\btag\b|kluis|ingang|entree"
)
_COMBINATION = re.compile(
    r"\b(?:combinatie|klavier|codeklavier|codepaneel|toetsenpaneel|cijferpaneel)\b"
    r"(?: (?:van|op|voor|gebruiken)[a-z' ]{0,24}?)?"
    r"(?: is| was| blijft|:| =| luidt|,)? ?\(?([a-z](?: ?\d){3,6}|\d(?: \d){2,6}|\d{1,2}(?:-\d{1,2}){2,3}|\d{4,6}[#*]?)"
    rf"(?![\w:/%\-]|[.,]\d| ?\d| ?{_UNIT}\b)"
)
_SAID = re.compile(r"\b(?:is|was|blijft|luidt)\b|[:=(]")
_LOCKED = re.compile(r"slot|kluis|koffer|\bhek|poort|deur|\bkast|kist|safe|klavier|paneel|\bbel\b|parlofoon|intercom")
_WITH = re.compile(
    r"\b(?:op slot|vergrendeld|beveiligd|versleuteld|afgeschermd|afgesloten|dichtgezet) met "
    r"(?:de |het |code |wachtwoord |ww )?"
    rf"[\"'(]?({_MIXED}!?)"
)
_OPENS_WITH = re.compile(
    r"\b(?:scherm|telefoon|toestel|tablet|laptop|ipad|iphone|gsm|mobiel\w*|koffer\w*|kist\w*|brandkast|la(?:de)?|horloge|app"
    r"|pc|computer)\b[^\n.!?\d]{0,16}(?:gaat|kan|krijg|doe|maak)[^\n.!?\d]{0,12} (?:open|los|van slot|ontgrendeld)"
    rf" met (?:de |het |code |pin )?{_NUMBER}"
)
_SPELT = re.compile(
    r"(?:\b(?:is|was|het|dus|namelijk|gewoon|luidt|nl)|:) [\"']?([a-z]{5,30}\d{0,4})[\"']?,? "
    r"(?:is |was |maar |wel |dan ){0,2}"
    r"(?:(?:alles |allemaal |helemaal )?(?:met|zonder) (?:een |twee |de )?(?:kleine |grote )?"
    r"(?:hoofdletters?|spaties?|streepjes?|uitroepteken|kleine letters)\b|aan elkaar\b|in kleine letters)"
)
"""How the word is written tells that it is the word itself."""
_NOTED = re.compile(
    r"\b(?:[Hh]eb|[Hh]eeft|[Hh]ad|[Hh]ebben|[Hh]adden)\b(?: (?:ik|hij|ze|zij|we|je|er|ergens|altijd|ooit|wel|nog|daar"
    r"|toen|als|het|op een briefje|in (?:haar|zijn|een|mijn) [a-z]{4,14})){0,4}"
    r" [\"']?([^\s\"']{5,30})[\"']? (?:op|neer)ge(?:schreven|krabbeld)\b|"
    r"\b(?:[Hh]eb|[Hh]eeft|[Hh]ad)\b(?: [a-z]{2,8}){0,3} [\"']?([^\s\"']{5,30})[\"']? genoteerd\b"
)
_YEAR = re.compile(r"(?:19|20)\d\d$")
_NETWORK = re.compile(
    r"\b(?:[a-z]{0,10}netwerk|[a-z]{0,8}wi-?fi|ssid|hotspot|wlan)\b[^\n]{0,80}?\b(?:\w{0,12}sleutel|key|psk|voucher(?:code)?|vouchers)"
    r"(?: (?:van|voor) [a-z ]{2,20}?)?(?: is| was|:| =)? [\"'(]?([a-z0-9][^\s\"'(),;]{5,40})"
)
_ACCESS = re.compile(rf"\btoegang(?:: ?| )(\d{{4,6}}[#*]?)(?=[\s,.;)]|$)(?! ?{_UNIT}\b)")
_SECRETS = frozenset({"secret", "pin"})
_ACCOUNTS = frozenset({"secret", "login"})
_SHORTEST = 6
_SPOKEN = _SECRETS | {"code", "door", "login"}
_MAY_SPEAK = (
    "combinatie",
    "klavier",
    "paneel",
    "toegang",
    "slot met",
    "d met ",
    "zet met ",
    "open met",
    "los met",
    "netwerk",
    "wifi",
)
"""Without a cue of _SPOKEN one of these stands in what the patterns here match."""
_TALK = _SECRETS | _ACCOUNTS | {"code"}
_NUMBERED = re.compile(r"(?:als |is het |het )?(?:serie|model|type|artikel|product)\w*")
_TELLS = Tells(
    whose=r"(?:(?:die|deze|dat|code|pin) (?:van|voor) |mijne|zijne|hare|onze)[^\n]*\d{3}"
    r"|(?:(?:die|deze|dat|code|pin) (?:van|voor) |mijne|zijne|hare|onze)[^\n]*\d \d \d",
    paper=r"(?:etiket|sticker|label|kaart|brief|doos|papier|kant|plaatje|bordje|envelop|mail|sms|handleiding|klepje|deksel"
    r"|display|verpakking|post-?it|deurstijl|meterkast)[^\n]*(?:staat|stond|ik|hangt|plakt)[^\n]*[\d!@#$%^&*+]",
    texted=r"(?:kreeg|krijg|kregen|ontv|gestuurd|stuurden|kwam)[^\n]*(?:sms|mail|app|brief|bericht)[^\n]*[\d!@#$%^&*+]",
    switch=r"\d\d\d\d[^\n]*(?:uit|aan|erop|eraf|af|in)",
    bracketed=r"code ?\([a-z]",
    combination=r"(?:combinatie|klavier|paneel)[^\n]*\d",
    locked="(?:slot|vergrendeld|beveiligd|versleuteld|afgeschermd|afgesloten|dichtgezet) met",
    opens=r"(?:open|los|van slot|ontgrendeld) met[^\n]*\d",
    spelt="hoofdletter|spatie|streepje|uitroepteken|kleine letters|aan elkaar",
    noted="geschreven|gekrabbeld|genoteerd",
    network=r"(?:netwerk|wi-?fi|ssid|hotspot|wlan)[^\n]*(?:sleutel|key|psk|voucher)[^\n]*\d",
    access=r"toegang:? ?\d",
)
"""What stands in whatever the patterns above match."""


def afterwards(page: Page) -> Iterator[Hit]:
    """What is said next of a code or a password that was named."""
    if not page.spoken_of & _SPOKEN and not any(map(page.lower.__contains__, _MAY_SPEAK)):
        return
    tells = _TELLS.of(page.data)
    yield from _numbers(page, tells)
    yield from _tokens(page, tells)
    if page.spoken_of & _TALK:
        yield from _words(page, tells)


def _numbers(page: Page, tells: set[str]) -> Iterator[Hit]:
    low = page.lower
    for match in told(tells, low, whose=_WHOSE):
        if page.follows(match.start(), {"pin"}, 200) and _fits(page, match, 1):
            yield hit(match)
    for match in told(tells, low, switch=_ON_OFF) if "alarm" in low and "code" in low else ():
        groups = [group for group in range(1, 5) if match[group]]
        if not _PORT.search(low, max(0, match.start(groups[0]) - 8), match.start(groups[0])):
            yield from (hit(match, group) for group in groups)
    for match in told(tells, low, bracketed=_BRACKETED):
        if _COMES_IN.search(low, max(0, match.start() - 120), match.end() + 60) and _fits(page, match, 1):
            yield hit(match)
    for match in told(tells, low, combination=_COMBINATION):
        said = match[1][:1].isalpha() or not match[1].isdigit() or _SAID.search(low, match.start(), match.start(1))
        near = _LOCKED.search(low, max(0, match.start() - 110), match.end() + 50)
        if said and near and _fits(page, match, 1):
            yield hit(match)
    for match in told(tells, low, opens=_OPENS_WITH):
        if _fits(page, match, 1):
            yield hit(match)
    for match in told(tells, low, access=_ACCESS):
        if _fits(page, match, 1) and not _YEAR.match(match[1]):
            yield hit(match)
    for match in told(tells, low, network=_NETWORK):
        token = page.folded[match.start(1) : match.end(1)].rstrip(CLOSING.replace("!", ""))
        odd = any(map(str.isdigit, token)) and (grade(token) > 0 or password_like(token))
        if odd and BLANK not in token:
            yield Hit("CREDENTIAL", match.start(1), match.start(1) + len(token), 0.7)


def _fits(page: Page, match: re.Match[str], group: int) -> bool:
    start = match.start(group)
    return not is_year(page, start, match[group]) and not called_otherwise(page, start, texted=True)


def _tokens(page: Page, tells: set[str]) -> Iterator[Hit]:
    """Letters and digits on a sticker, in a message, behind "op slot met"."""
    low = page.lower
    for match in told(tells, low, paper=_ON_PAPER, texted=_TEXTED):
        token = page.folded[match.start(1) : match.end(1)].rstrip(CLOSING.replace("!", ""))
        end = match.start(1) + len(token)
        near = page.follows(match.start(), _SECRETS, 130) or page.follows(match.start(1), _SECRETS, 60)
        if near and _coded(token) and not _NUMBERED.match(low, end + 1) and _fits(page, match, 1):
            yield Hit("CREDENTIAL", match.start(1), end, 0.7)
    for match in told(tells, low, locked=_WITH):
        token = page.folded[match.start(1) : match.end(1)].rstrip(CLOSING.replace("!", ""))
        if (grade(token) > 1 or password_like(token)) and token.lower() not in page.lexicon.words("companies/brands"):
            yield Hit("CREDENTIAL", match.start(1), match.start(1) + len(token), 0.7)


def _coded(token: str) -> bool:
    """ "4Z7K9Q", "NB4471", "482 913" without its gap: what a machine makes up, or plainly a password."""
    digits, letters = sum(map(str.isdigit, token)), sum(map(str.isalpha, token))
    machine = (
        token.isalnum() and token == token.upper() and 4 <= len(token) <= 12 and digits and (letters or len(token) < 9)
    )
    return (bool(machine) or password_like(token)) and looks_secret(token) > 0 and BLANK not in token


def _words(page: Page, tells: set[str]) -> Iterator[Hit]:
    """Plain words that how they are written, or that somebody wrote them down, tells to be the password."""
    for match in told(tells, page.lower, spelt=_SPELT) if page.spoken_of & _ACCOUNTS else ():
        if is_made_word(page, match[1]):
            yield hit(match)
    for match in told(tells, page.folded, noted=_NOTED):
        group = 1 if match[1] else 2
        token = match[group]
        if len(token) < _SHORTEST or token.lower() in page.lexicon.cues.kinds or token.lower() in page.lexicon.common:
            continue
        if BLANK not in token and (grade(token) > 1 or (token.isalpha() and token.isupper() and not _shouted(page))):
            yield hit(match, group)


def _shouted(page: Page) -> bool:
    """Whether the whole text is in capitals."""
    return sum(map(str.isupper, page.folded[:400])) * 2 > sum(map(str.isalpha, page.folded[:400]))
