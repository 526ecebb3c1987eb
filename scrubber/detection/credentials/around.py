"""Secrets that nothing right before them names: a sentence around speaks of a code, a network, a secret question."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection.credentials.codes import called_otherwise, is_year
from scrubber.detection.credentials.forms import CLOSING, looks_secret, password_like
from scrubber.detection.credentials.odd import grade
from scrubber.detection.credentials.told import hit, told
from scrubber.detection.page import BLANK, Cue, Page
from scrubber.detection.patterns import Tells
from scrubber.detection.recognizer import Hit

_NUMBER = re.compile(
    r"(?<![\w$.,:/\-+*#\x03])(?<!\d )(?:\d{4,6}|\d{3} \d{3}|\d(?: \d){3,5})(?![\w:/%\-]|[.,]\d| ?\d"
    r"| ?(?:euro|eur|uur|kwh|keer|jaar|dagen|mensen|leden|stuks)\b"
    r"| (?!is|was|of|en|in|op|ik|ie|af|te|om|nu|zo|we|ze|al|er|ja)[a-z]{2}\b)"
)
_SAYS = re.compile(
    r"(?:\b(?:het|dat|die|hij|ie|deze|code|pin)(?: (?:is|was|moet|moest|blijft|bleef|zou|staat|stond))"
    r"(?: (?:toch|gewoon|altijd|nog|nu|dus|volgens (?:mij|hem|haar|ons)|steeds|namelijk|eigenlijk|al jaren|echt|wel"
    r"|ook|vroeger|op|zijn|bij ons|destijds|simpel|zeker))*"
    r"|\b(?:heb|had|hebben|gebruik|gebruikte|gebruiken|doe|deed|neem|koos|toets|toetste|tik|tikte|typ|typte|vul)"
    r"(?: (?:ik|we|wij|er|toch|gewoon|altijd|steeds|nog|al|zelf|dus|daarvoor|hier|overal|die|ooit|toen|als|met|daar"
    r"|telkens|in|netjes|maar|destijds|al (?:jaren|[a-z]{3,7} jaar)))*"
    r"|\b(?:dat|of|als) (?:het|hij|ie)(?: dan| gewoon| toch)?|\bzegt|\bzei"
    r"|\bvolgens (?:mij|hem|haar|mijn [a-z]{2,12})(?: (?:is|was) (?:het|die|hij|ie))?"
    r"|\b(?:pakt|slikt|weigert|accepteert|herkent|snapt)(?: (?:hij|ie|de|het|mijn|nu))*"
    r"|\b(?:gewoon|namelijk|altijd|standaard|dus|luidt|dacht ik|nl\.?|te weten)"
    r"|\b(?:zelfde|dezelfde) (?:cijfers|code|pin)\b[^\n.!?\d]{0,40}"
    r")(?:[ :=(]|, ?){1,3}[\"']?$"
)
_CALLED = re.compile(
    r"\b(?:codetje|code|cijfers|cijfertjes|combinatie)\b(?: (?:van|voor|op|uit|dat|die) [^\d\n.!?,:(]{2,40})?"
    r"(?:, ?| ?[:=(] ?| (?:is|was|luidt) )[\"']?$"
)
_SAYS_SO = re.compile(
    r"[\"')]?,? (?:en |maar )?(?:dat |die |hij |ie )?(?:(?:moet|zou|hoort) (?:het )?(?:zijn|wezen|te zijn)\b|"
    r"(?:pakt|pakte|slikt|weigert|weigerde|accepteert|neemt|vreet|snapt|herkent|kent|wil)"
    r" (?:ie|hij|het|ze|die|niet|de |dat)"
    r"|(?:werkt|werkte|doet|deed|klopt|klopte|mag|gaat|lukt)(?: het)?(?: ineens| opeens| nu| nog)? (?:niet|er niet"
    r"|niks)"
    r"|(?:is|wordt|werd) (?:fout|verkeerd|onjuist|ongeldig|niet goed|geweigerd|niet (?:herkend|geaccepteerd|gepakt))"
    r"|(?:al |ook |allebei |beide |net |steeds )?(?:geprobeerd|gehad|gebruikt|ingetoetst|ingetikt|ingevuld|getikt"
    r"|getoetst"
    r"|als (?:pin)?code|als pin|zoals altijd|onthouden|gekozen|ingesteld)\b)"
)
"""What is said of a code right behind it: "2580 pakt ie niet meer"."""
_KEYS = re.compile(
    r" ?(?:,|en|en dan|daarna|gevolgd door)? ?(?:met )?(?:het |een |op (?:het )?)?(?:sterretje|hekje)\b"
    r"| (?:in te |in)(?:duwen|toetsen|tikken)\b"
)
"""What only a keypad has: it says by itself that a code stands before it."""
_CLOSES = re.compile(
    r"[\"')]*(?:\s*$|\s*[.,;!?)\n:\u2013-]|(?: |, )(?:en|maar|dus|want|of|als (?:pin\w*|code)|is|was|zei|zegt|terwijl"
    r"|die|dat|gehad"
    r"|gebruikt|gedaan|hoor|toch|volgens|moet|moest|zou|al|ook|niet|nog|zoals|ingesteld|gekozen|hij|ie|ik|het|bij|voor"
    r"|doe|doen|deed|op|aan|in|waarom|omdat|daarna|geprobeerd|ingetoetst|ingetikt|ingevuld)\b)"
)
"""What follows a number that nothing is counted with: no "4500 stappen"."""
_TALK = re.compile(
    r"\b(?:vraagt|vroeg|vragen|wil|wilde|wou|moet|moest|eist|verwacht|verlangt|typ\w*|tik\w*|toets\w*|voer\w*|vul\w*)\b"
    r"[^\n.!?]{0,40}\b(?:code\w*|\w{0,12}pin(?:code)?|cijfers?|cijfertjes|getal\w*|combinatie)\b"
    r"|\b(?:vier|vijf|zes|4|5|6)[ -]?cijf\w+|\bcijfercode"
    r"|\b(?:sim\w*|toestel|telefoon\w*|tablet|scherm\w*|voicemail|gsm|kluis\w*|alarm|app|koffer|horloge)\b"
    r"[^\n.!?]{0,30}\b(?:geblokkeerd|vergrendeld|op slot|blokkeert|zit vast|beveiligd)"
    r"|\b(?:[235]|drie|twee|vijf|te vaak|te veel)(?: ?x| keer| maal)? (?:fout|verkeerd)"
    r" (?:in)?ge(?:t[iouy]\w+|voerd|vuld)\b"
    r"|\bvoicemail|\bontgrendel|\bschermvergrendel|\bkinderslot|\bouderlijk toezicht|\bals (?:pin|code|pincode)\b"
    r"|\bpin(?:code)? (?:is )?(?:onjuist|fout|verkeerd|ongeldig)|\bblokkade|\bcodetje\b"
    r"|\b(?:itsme|app|inlog|sms|bank|pas|toegangs|digid)-code\b|\b(?:de|mijn|m'n|mn|zijn|haar|een|nieuwe|oude"
    r"|die) pin\b"
    r"|\b(?:zelfde|dezelfde) cijfers"
)
_PLAIN = re.compile(r"(?<![a-z\-])code(?:s|tje)?\b")
_OTHER = re.compile(
    r"fout|error|korting|actie|promo|postcode|melding|display|scherm|beeld|storing|status|product|artikel|kleur|track"
    r"|declar|afgewezen|afgekeurd|dekking|vergoed|behandel|laatste (?:vier|4)|\bagb|\bsbi|uzovi|landcode|kenmerk"
    r"|barcode|zoekcode|bestel|factuur|voucher|nieuwsbrief|ketel|omvormer|meter"
)
"""Codes that are no secret: of errors, discounts, things."""
_MONEY = re.compile(r"betaal|kost|rekening|saldo|euro|bedrag|prijs|terugbet|incasso|factu|boekt|overgemaakt")
_THING = re.compile(
    r"meter|korting|actie|promo|postcode|product|artikel|track|declar|vergoed|barcode|bestel|factu|voucher|ketel|omvormer"
    r"|abonnement"
)
"""What the number may be of, where only the sentence around speaks of a code."""
_PUBLIC = frozenset({"1233", "1200"})
"""Numbers that everybody calls."""
_COUNTED = re.compile(r"(?:nummer|\bnr\.?|\bkamer|\blokaal|\bbus|\blijn|\bregel|\bpagina|\bartikel|\bstap) $")
_LAST = re.compile(r"\blaatste (?:[2-6]|twee|drie|vier|vijf|zes)\b")
"""The last digits of a card or an account tell which it is."""
_SENTENCE_OVER = re.compile(r"[.!?]\s")
_YEAR = re.compile(r"(?:19[3-9]|20[0-3])\d$")
_LABELLED = frozenset(
    {
        "reference",
        "phone",
        "imei",
        "version",
        "bsn",
        "bank",
        "iban",
        "birth",
        "health",
        "policy",
        "plate",
        "date",
        "address",
    }
)
_DEVICES = frozenset(
    {"sim", "simkaart", "gsm", "telefoon", "toestel", "mobiel", "mobieltje", "smartphone", "app", "fout"}
)
"""Cues of a number that are here what the code opens, or what it was."""
_FAR, _AFTER, _ANSWER = 150, 50, 200
_DIGITS = 2
_TELLS = Tells(
    digits=r"\d\d(?:\d\d| \d| ?\d \d)|\d(?: \d){3}",
    talk="code|cijf|pin|geblok|vergrendel|slot|toezicht|fout|verkeerd|voicemail|blokkade|hekje|sterretje"
    "|duwen|toetsen|tikken|ontgrendel|beveiligd|zit vast|getal|combinatie|puk|otp|kluis|keysafe",
    sent=r"code[^\n]*(?:mail|sms|app|bericht|brief|bank)",
    network=r"(?:netwerk|wi-?fi|wlan|ssid|hotspot)[ :=][^\n]*\d",
    texted=r"(?:kreeg|krijg|kregen|ontving|kwam|gekregen|ontvangen)[^\n]*\d{3}"
    r"[^\n]*(?:sms|app|bericht|authenticator)",
    mysql="mysql[^\n]*-p",
    written=r"(?:wachtwoord|ww|code|sleutel) (?:staat|hangt|ligt|plakt)[^\n]*:",
    user=r"(?:admin|root|beheer|beheerder|administrator|webmaster|gast|guest|sa|support|installer"
    r"|service) ?/ ?[^\s/]{6}",
    phrase="(?:met|als|using|with) [^\n]{0,30}(?:phrase|zin)",
)
"""What stands in whatever the patterns here match."""
_SENT = re.compile(
    r"\bcode(?:tje)?\b(?: (?:van|voor) [^\n.!?,:\d]{2,30})?,? (?:die|dat|welke|in|uit|via|per)\b"
    r"(?=[^\n.!?:\d]{0,60}\b(?:mail\w*|sms\w*|app\w*|bericht\w*|brief\w*|bank)\b)"
    r"[^\n.!?:\d]{2,60}?(?:,| is| was|:| =) ?[\"'(]?(\d{3} \d{3}"
    r"|[a-z0-9]{2,8}(?:-[a-z0-9]{2,8}){0,3})(?=[\s,.;)\"'!?]|$)"
)
_NETWORK = re.compile(
    r"\b(?:[a-z]{0,10}netwerk|wi-?fi|wlan|ssid|hotspot)[ :=]{1,3}(?:is |heet |heette |naam )?"
    r"(?:[\"']([^\n\"']{2,32})[\"']|([^\s\"',/]{3,32}))"
    r"(?: met| en|,| /| \+| -)(?: als)?(?: sleutel| code| ww| wachtwoord)?(?: is|:)? [\"']?([^\s\"'(),;/]{6,40})"
)
_USER = re.compile(
    r"(?<![/\w.])(?:admin|root|beheer|beheerder|administrator|sysadmin|webmaster|gast|guest|sa|support|installer"
    r"|service) ?/ ?(?!v?\d+\.|[a-z]+\d+[a-z]?(?![\w\-]))"
    r"[\"']?([^\s\"'(),;/]{6,40})"
)
_WITH_PHRASE = re.compile(
    r"(?:met|als|using|with)(?: de| een| mijn)? (?:pass ?phrase|wachtwoordzin|wachtzin|toegangszin)(?: van)?:? "
    r"[\"']?((?:[a-z][a-z'\-]*)(?: [a-z][a-z'\-]*){2,8})[\"']?(?=[:,.;\n)!?]|$)"
)
_NO_PHRASE = frozenset(
    [
        "is",
        "was",
        "werkt",
        "werkte",
        "wordt",
        "werd",
        "beveiligd",
        "versleuteld",
        "erop",
        "erbij",
        "eraf",
        "kan",
        "kon",
        "niet",
        "geen",
        "lukt",
        "ingelogd",
        "inloggen",
        "maar",
        "dus",
        "want",
        "omdat",
        "moet",
        "moest",
        "zit",
        "staat",
        "heb",
        "hebben",
        "gebruikt",
    ]
)
_CHANGED = re.compile(
    r"\b(?:was|is|stond op|gebruikte) (?:het |dus |gewoon |altijd |nog |eerst |ooit )?"
    r"[\"']?([a-z][a-z\-]{4,24})[\"']?(?=,? (?:maar|en|dus|heb)\b[^\n.!?]{0,30}\b(?:veranderd|gewijzigd|aangepast"
    r"|gereset|vervangen|vernieuwd|anders)\b)"
)


_TEXTED = re.compile(
    r"\b(?:kreeg|krijg|kregen|ontving|kwam|gekregen|ontvangen)\b[^\n.!?\d]{0,24}(?<![\w.,:/\-])(\d{6}|\d{3} \d{3})"
    r" (?:per|via|in een|in de|op|binnen (?:per|via|op)) (?:een )?(?:sms|app|whatsapp|berichtje|tekstbericht"
    r"|authenticator)"
)
_WRITTEN_UP = re.compile(
    r"\b(?:wachtwoord|ww|wifi-?(?:wachtwoord|code|sleutel))\b (?:staat|hangt|ligt"
    r"|plakt)\b[^\n.!?:]{3,40}: ?[\"'(]?([^\s\"'()]{5,30})"
)
_MYSQL = re.compile(r"\bmysql[a-z]* [^\n|<>]{0,80}?(?<=\s)-p(?!ort|assword|\[)([^\s'\"]{4,40})")


def around(page: Page) -> Iterator[Hit]:
    """What the sentences around give away."""
    low, tells = page.lower, _TELLS.of(page.data)
    asked = bool(page.answers & {"pin", "code"})
    if "digits" in tells and (asked or "talk" in tells):
        yield from _numbers(page, asked=asked)
    for match in told(tells, low, sent=_SENT):
        digits = sum(map(str.isdigit, match[1]))
        if digits > _DIGITS and not _OTHER.search(low, max(0, match.start() - 40), match.end() + 30):
            yield hit(match, score=0.75)
    for match in told(tells, low, texted=_TEXTED):
        yield hit(match)
    for match in told(tells, page.folded, mysql=_MYSQL):
        if BLANK not in match[0]:
            yield hit(match, score=0.75)
    for match in told(tells, low, phrase=_WITH_PHRASE):
        if not _NO_PHRASE.intersection(match[1].split()):
            yield hit(match, score=0.75)
    yield from _words(page, tells)


def _words(page: Page, tells: set[str]) -> Iterator[Hit]:
    """Words that stand out a little, where a network, a manager, a note on the wall or the thread speaks of them."""
    low = page.lower
    for match in told(tells, low, network=_NETWORK):
        yield from _odd_word(page, match.start(3), match[3])
    for match in told(tells, low, written=_WRITTEN_UP):
        token = page.folded[match.start(1) : match.end(1)].rstrip(CLOSING.replace("!", ""))
        inner = token[1:].lower() != token[1:] or any(map(str.isdigit, token))
        if inner and token.rstrip("!").isalnum() and BLANK not in token:
            yield Hit("CREDENTIAL", match.start(1), match.start(1) + len(token), 0.7)
    for match in told(tells, low, user=_USER):
        token = page.folded[match.start(1) : match.end(1)].rstrip(CLOSING)
        mixed = any(map(str.isdigit, token)) and any(map(str.islower, token)) and looks_secret(token) == 2
        if mixed and BLANK not in token and not called_otherwise(page, match.start(1)):
            yield Hit("CREDENTIAL", match.start(1), match.start(1) + len(token), 0.75)
    changed = _CHANGED.search(low, 0, _ANSWER) if "secret" in page.answers else None
    if changed and _is_made_word(page, changed[1]):
        yield hit(changed, score=0.65)


def _is_made_word(page: Page, word: str) -> bool:
    """A word that no list knows."""
    lexicon = page.lexicon
    listed = (lexicon.common, lexicon.places, lexicon.first_names, lexicon.cues.kinds)
    said = any(word in lexicon.words(name) for name in ("secrets/no_secrets", "secrets/fillers"))
    return not said and not any(word in known for known in listed)


def _odd_word(page: Page, start: int, raw: str) -> Iterator[Hit]:
    token = page.folded[start : start + len(raw)].rstrip(CLOSING.replace("!", ""))
    odd = any(map(str.isdigit, token)) and (grade(token) > 0 or password_like(token))
    if odd and BLANK not in token and token.lower() not in page.lexicon.words("secrets/no_secrets"):
        yield Hit("CREDENTIAL", start, start + len(token), 0.7)


def _labels(low: str, cue: Cue, start: int) -> bool:
    """Whether the cue calls the number at `start` something else: in the same sentence, by a word for a number."""
    named = cue.kind in _LABELLED and low[cue.start : cue.end] not in _DEVICES
    return named and _SENTENCE_OVER.search(low, cue.end, start) is None


def _sentence(low: str, start: int, end: int) -> str:
    """What stands beside the number, up to the sentence's ends or the places where others begin."""
    lead, tail = low[max(0, start - 70) : start], low[end : end + _AFTER]
    return re.split(r"[.!?\n]", lead)[-1] + re.split(r"[.!?\n]", tail)[0]


def _numbers(page: Page, *, asked: bool) -> Iterator[Hit]:
    """Digits that a sentence gives as a code: said to be it, or said not to work, where a code is spoken of."""
    low = page.lower
    for match in _NUMBER.finditer(low):
        start, end = match.span()
        lead = low[max(0, start - 70) : start]
        says = _SAYS.search(lead) is not None
        keyed = _KEYS.match(low, end) is not None
        said_so = _SAYS_SO.match(low, end) is not None or keyed or _CALLED.search(lead) is not None
        says = says and _CLOSES.match(low, end) is not None
        if not says and not said_so:
            continue
        if any(_labels(low, cue, start) for cue in page.before(start, 34)):
            continue
        named = any(
            c.kind == "pin" and page.lower[c.start : c.end] not in {"pin", "alarm"} for c in page.before(start, _FAR)
        )
        if _LAST.search(lead) or _COUNTED.search(lead):
            continue
        talks = named or keyed or _TALK.search(low, max(0, start - _FAR), end + _AFTER) is not None
        if not talks and _PLAIN.search(low, max(0, start - 90), end + _AFTER):
            talks = _OTHER.search(low, max(0, start - 110), end + _AFTER) is None
        if not talks and not (asked and says and start < _ANSWER):
            continue
        if match[0] in _PUBLIC or _MONEY.search(_sentence(low, start, end)):
            continue
        if not named and not keyed and _THING.search(low, max(0, start - 110), end + _AFTER):
            continue
        if _YEAR.match(match[0]) and (not named or is_year(page, start, match[0])):
            continue
        yield Hit("CREDENTIAL", start, end, 0.65)
