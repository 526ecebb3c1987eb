"""Codes of locks, alarms and chargers that what is done with them tells: "4831 draaien", "6-6-1-8 en dan trekken"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection.credentials.codes import called_otherwise, is_year
from scrubber.detection.page import BLANK, Page
from scrubber.detection.patterns import Tells
from scrubber.detection.recognizer import Hit

_UNIT = (
    r"(?:euro|eur|gulden|uur|watt|w|kwh|volt|keer|x|jaar|dagen|weken|stuks|personen|mensen|punten|schroeven|toeren"
    r"|mm|cm|m2|m|km|kg|gram|gb|mb|hoog|breed|diep|lang|%)"
)
CODE = (
    r"(?<![\w€$.,:/\-+*#\x03])(?<!\d )([*#]?\d{4,6}[#*]?|[a-z] ?\d{3,5}[#*]?|\d{3,5}[a-f][#*]?|\d{2}[a-f]\d{1,2}"
    rf"|\d(?:[ \-]\d){{3,5}}|\d{{2}} \d{{2}}(?: \d{{2}})?)(?![\w:/%\-#*]|[.,]\d| ?\d| ?{_UNIT}\b)"
)
"""What a keypad or a ring of digits takes."""
_SIGN = (
    r"(?:huisje|slotje|sleutel(?:tje)?|belletje|hekje|sterretje|pijltje|vinkje|kruisje|oke?|enter|bevestig\w*"
    r"|(?:groene |rode |blauwe |grote )?(?:knop|toets)\w*|klep\w*|deurtje|hendel|beugel|kruk)\b"
)
_DO = (
    r"(?:trek\w*|draai\w*|duw\w*|druk\w*|open\w*|omhoog|omlaag|naar (?:links|rechts|beneden|boven)|naar je toe"
    r"|doortrekken|schuiven|even wachten)\b"
)
_THEN = re.compile(
    CODE + r"[\"')]*(?:"
    r" (?:in ?te )?(?:draaien|toetsen|tikken|drukken|intoetsen|intikken|indrukken|induwen|invoeren|ingeven)\b"
    rf"|,? (?:(?:en|dan|daarna|vervolgens|gevolgd door|afsluiten met|plus|met|nadien|direct) ){{1,3}}"
    rf"(?:(?:op )?(?:het|de|een) )?(?:{_SIGN}|{_DO})"
    r"|,? (?:het |de )?(?:sleutel|klepje|klep|deurtje|slot|deksel|beugel)\b[^\n.,;!?]{0,14}"
    r"(?:eruit|open|omlaag|omhoog|naar|pakken|los|eraf)\b)"
)
"""What comes after it: other keys, pulling, the key taken out."""
_IN_WITH = re.compile(
    r"\b(?:er ?in|in|binnen|naar binnen|erdoor|door|open|om|eraf|los|dicht|op slot|van slot)"
    r"(?:,? (?:alleen|gewoon|ook|weer|altijd|al is (?:dat|het)|maar dan|wel|nu)){0,2} met (?:code |de |cijfers )?"
    + CODE
)
_TYPE_IN = re.compile(
    r"\b(?:geef|geeft|toets|toetst|tik|tikt|typ|typt|voer|voert|druk|drukt|ingeven)\b[^\n.!?\d]{0,24} "
    + CODE
    + r" in\b"
)
_WITH_IT = re.compile(
    r"\bmet (?:code |de code )?"
    + CODE
    + r" (?:krijg|kom|ga|doe|maak|open|raak|geraak|kun|kan|mag)\w*\b[^\n.!?\d]{0,40}"
    r"\b(?:open|er ?in|binnen|los|eraf|van slot|erdoor)\b"
)
_PANEL = re.compile(
    r"\b(?:[a-z]{0,10}(?:paneel(?:tje)?|kastje|slot|klavier|kluisje?|safe)|keypad|toetsenbordje|keybox)\b"
    r"([^\n.!?\d:]{0,70}): ?" + CODE
)
_LOCK_OF = re.compile(
    r"\b(?:cijferslot|codeslot|hangslot|sleutelkastje|sleutelkluisje|keybox|key ?safe)(?: (?:van|op|bij|aan|in|naast))?"
    r"(?: (?:de|het|een))? [a-z]{3,14}:? " + CODE
)
_DONE = re.compile(
    r"\b(?:ingetoetst|ingetikt|ingevoerd|ingedrukt|ingegeven|getoetst|getikt|gedraaid)(?:,|:| \(| namelijk) ?" + CODE
)
_SPOKEN = re.compile(
    CODE + r" (?:(?:heb|had|hebben|heeft|hadden)(?: (?:ik|we|wij|hij|ze|zij))? )?(?:(?:al|nog|zo|dus|netjes|hardop) )?"
    r"(?:voorgezegd|voorgelezen|opgelezen|doorgezegd|opgenoemd|doorgegeven|ingesproken)\b"
)
_MENU = re.compile(
    r"\b(?:installateurs?|service|monteurs?|beheer(?:ders)?|technicus|programmeer)-?menu(?:,| is|:| met| code){0,2} "
    r"\(?(\d{4,6}|[a-z]{2,4}-\d{3,5})(?![\w:/%\-]|[.,]\d)"
)
_ALOUD = re.compile(r"\bcode\b[^\n.!?\d()]{0,40}\((?:is |was |namelijk )?(\d{4,6})[ )]")
_UNLOCKED = re.compile(
    r"\b(?:windows|laptop|pc|computer|telefoon|toestel|ipad|tablet|vergrendeling|schermslot|schermvergrendeling)\b"
    r"([^\n.!?\d(]{0,24})\((?:is |was |code |pin )?(\d{4,6})(?:\)|[ ,][^\d\n)]{0,12}\))"
)
_OWN = re.compile(
    r"\b(?:mijn|m'n|mn|onze|zijn|haar) eigen (\d{4,6})(?=[.,;)\n]|$| (?:is|was|werkt|doet|blijft|houd|hou|mag"
    r"|en|voor)\b)"
)
_ON_SMALL = re.compile(
    r"\b(?:\w*slot|pincode|pin|code)\b[^\n.!?\d]{0,24}\b(?:is|was|staat op|stond op) "
    r"(?:maar|slechts|gewoon|natuurlijk|nog|heel simpel) " + CODE
)
_THING = re.compile(
    r"kastje|kluis|\bslot\b|slot(?:je|en)?\b|hek\b|poort|deur\b|deurtje|paneel|alarm|keybox|keysafe|safe\b|hangslot"
    r"|sleutel|berging|garage|slagboom|portiek|ingang|\bhal\b|lift\b|koffer|\bkist|schuur|stalling|meterkast"
)
_OPENS = re.compile(r"komen|\bkom\b|inlog|te loggen|open|grend|toegang|aanmeld|slot\b|eraf|start")
_MENUS = re.compile(
    r"hardop|noemde|genoemd|voorgelezen|afgekeken|meegekeken|menu|installateur|slot\b|deur|alarm|\bhek\b|poort"
)
_CODED = re.compile(r"\bcode|\bpin|\bsms|alarm|cijfers|app\b|bank")
_OTHER = re.compile(
    r"nummer|\bnr\b|prijs|bedrag|kost|maat\b|maten|type|model|artik|bestel|order|factu|jaar|melding|fout"
    r"|storing|kleur|postcode"
    r"|breed|hoog|diep|serie|stand\b|meter|afmeting|gewicht|error|betaal|klant"
)
"""What else a number behind a colon or a verb can be."""
_AS_OTHER = re.compile(r" als (?:order|bestel|klant|type|artikel|postcode|model|nummer)")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_FAR, _AFTER = 160, 70
_TELLS = Tells(
    then=r"\d[#*a-f)\"']{0,3},? ?(?:in ?te |en |dan |daarna|vervolgens|gevolgd|afsluiten|plus|met |nadien"
    r"|direct|draaien"
    r"|toetsen|tikken|drukken|in[tdvg]|sleutel|het |de |klep|deurtje|slot|deksel|beugel)",
    in_with=r"met (?:code |de |cijfers )?[*#a-z]?[ ]?\d",
    panel=r"(?:paneel|kastje|slot|klavier|kluis|safe|keypad|toetsenbordje|keybox)[^\n:]*: ?[*#a-z]?[ ]?\d",
    done=r"(?:getoetst|getikt|gevoerd|gedrukt|gegeven|gedraaid)(?:,|:| \(| namelijk) ?[*#a-z]?[ ]?\d",
    spoken=r"\d[^\n]*(?:voorge|opgel|opgen|doorge|ingespr)",
    lock=r"(?:slot|kastje|kluisje|keybox|safe) [^\n]*\d",
    typed=r"\d[#*a-f]? in\b",
    with_it=r"met (?:code |de code )?[*#a-z]?[ ]?\d",
    menu=r"menu[^\n]{0,9} \(?(?:\d{4}|[a-z]{2,4}-\d)",
    aloud=r"code[^\n()]*\([a-z ]*\d{4}",
    unlocked=r"(?:windows|laptop|pc|computer|telefoon|toestel|ipad|tablet|grendeling|slot)[^\n(]*\([a-z ]*\d{4}",
    own=r"eigen \d{4}",
    small=r"(?:slot|pin|code)[^\n]*(?:maar|slechts|gewoon|natuurlijk|nog|simpel) [*#a-z]?[ ]?\d",
)
"""What stands in whatever the patterns above match."""


def operated(page: Page) -> Iterator[Hit]:
    """Codes beside what is done with them, where something stands near that they open."""
    tells = _TELLS.of(page.data)
    if not tells:
        return
    for name, pattern in (
        ("then", _THEN),
        ("in_with", _IN_WITH),
        ("done", _DONE),
        ("typed", _TYPE_IN),
        ("with_it", _WITH_IT),
        ("small", _ON_SMALL),
        ("lock", _LOCK_OF),
    ):
        for match in pattern.finditer(page.lower) if name in tells else ():
            if _opens_near(page, match) and not _otherwise(page, match, 1) and not _spins(page, match):
                yield _hit(match, 1)
    for match in _PANEL.finditer(page.lower) if "panel" in tells else ():
        if not _OTHER.search(match[1]) and not _otherwise(page, match, 2):
            yield _hit(match, 2)
    yield from _told(page, tells)


def _told(page: Page, tells: set[str]) -> Iterator[Hit]:
    """Codes that somebody said, or that stand in brackets behind what they open."""
    low = page.lower
    for match in _SPOKEN.finditer(low) if "spoken" in tells else ():
        lead = low[max(0, match.start() - _FAR) : match.start()]
        if _CODED.search(lead) and not _OTHER.search(lead[-60:]) and not _otherwise(page, match, 1):
            yield _hit(match, 1)
    for match in _MENU.finditer(low) if "menu" in tells else ():
        yield _hit(match, 1)
    for match in _ALOUD.finditer(low) if "aloud" in tells else ():
        lead = low[max(0, match.start() - 60) : match.start(1)]
        if _MENUS.search(lead) and not _OTHER.search(lead) and not _otherwise(page, match, 1):
            yield _hit(match, 1)
    for match in _UNLOCKED.finditer(low) if "unlocked" in tells else ():
        said = match[0][: match.start(2) - match.start()]
        opens = "grendel" in said or (_OPENS.search(said) and not _YEAR.match(match[2]))
        if opens and not _otherwise(page, match, 2):
            yield _hit(match, 2)
    for match in _OWN.finditer(low) if "own" in tells else ():
        if _CODED.search(low, max(0, match.start() - 200), match.start()) or "menu" in low:
            yield _hit(match, 1)


def _opens_near(page: Page, match: re.Match[str]) -> bool:
    """Whether the text beside, or the desk, speaks of what a code opens."""
    near = _THING.search(page.lower, max(0, match.start(1) - _FAR), match.end(1) + _AFTER)
    return near is not None or (match.start(1) < _FAR and _THING.search(page.context.lower()) is not None)


def _spins(page: Page, match: re.Match[str]) -> bool:
    """Whether it is how fast something turns: "op 1400 draaien"."""
    return page.lower.endswith(("op ", "tot "), 0, match.start(1)) and "draai" in match[0][-7:]


def _otherwise(page: Page, match: re.Match[str], group: int) -> bool:
    """Whether it is called something else, is a year, or stands for a redacted one."""
    start = match.start(group)
    other = called_otherwise(page, start, texted=True) or is_year(page, start, match[group])
    return other or BLANK in match[0] or _AS_OTHER.match(page.lower, match.end()) is not None


def _hit(match: re.Match[str], group: int) -> Hit:
    return Hit("CREDENTIAL", match.start(group), match.end(group), 0.7)
