"""Codes of digits: PINs, door codes, codes of a text message."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection.credentials.forms import looks_secret
from scrubber.detection.page import BLANK, Cue, Page
from scrubber.detection.patterns import loosely
from scrubber.detection.recognizer import Hit

CODE_FORM = r"\d{4,8}|\d{2,3}[ \-]\d{2,3}(?:[ \-]\d{2,3})?|\d(?:[ \-]\d){3,7}"
_KEYPAD = re.compile(
    r"(?<![\w€$.,:/\-])([*#]?\d(?:[*#]?\d){2,8}[*#]?(?:[A-Z]\b)?|[A-Z] ?\d{3,6}[#*]?|\d(?:[ \-]\d){3,7}"
    r"|[*#]\d{1,4}[*#]\d{2,8}[*#]?"
    r"|\d{2,3}[ \-]\d{2,3}(?:[ \-]\d{2,3})?)(?![\w:/%\-]|[.,]\d)"
)
"""What a keypad takes: "3*5280", "*15*8520", "5-2-8-0", "C 5280", "8520B"."""
_DOOR_GAP = re.compile(
    r"(?:[ ](?:van|op|bij|aan|naast|in|bij) [a-z' ]{2,30})?(?: ?\((?:de )?|,? | ?[:=] ?)(?:(?:heeft |is "
    r"|met |de |cijfers? |cijfer|nummer"
    r"|code|intikken|intoetsen|toetsen|tikken|na \d{1,2} uur|staat op|open met|gaat open met|open|doe je"
    r"|doet u|toets|tik|is|:|=) ?){0,5}:? ?"
)
_BARE_DOORS = frozenset(
    {
        "kastje",
        "kluis",
        "sleutelkastje",
        "hek",
        "slagboom",
        "portiek",
        "cijferslot",
        "hangslot",
        "sleutelbox",
        "voordeur",
    }
)

_AFTER_CODE = re.compile(
    r"(?:[ ](?:van|voor|op|bij|aan|naast|in|tot|die|dat|welke) [a-z' ]{2,40})?(?:,? | ?[:=] ?"
    r"| ?\()(?:(?:is|was|luidt|dus|=|:|nu) ?){0,2}"
)
_NOT_SECRET = re.compile(
    r"fout|error|korting|actie|geldt|ongeldig|status|exit|afspraak|agb|melding|geweigerd|afgewezen"
    r"|teruggekomen|sku|artikel"
    r"|product|http|registry|kleur|uzovi|sbi|landcode|categorie|vergrendeld|retour|declaratie|pending"
    r"|portering|\bwerkt op\b|bestel|tracking|track"
)
_MIXED = re.compile(r"[ ]?[:=(]? ?[\"']?([A-Za-z0-9][\w!@#$%^&*+?\-]{3,40})")
_MOVES = loosely(
    r"verhui|transfer|domein|\bauth\b|\bepp\b|overzet|registrar|opgehaald|ophalen|afhalen|pakje|pakket"
    r"|locker|kluis|ophaal|afhaal|cadeaukaart|cadeaubon|kadokaart|kadobon|giftcard|gift card|tegoedbon"
    r"|kraslaag|waardebon|boncode|cadeaucode"
)
_CASH = loosely(r"geldautomaat|pinautomaat|om te pinnen|mee pin")
_PUK = re.compile(r"(?<!\d )(?<![\w.,:/\-])(\d{8}|\d{4} \d{4})(?![\w:/%\-]|[.,]\d)")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_YEAR_TAIL = re.compile(r" (?:geplaatst|gekocht|gebouwd|aangeschaft|aangelegd|vervangen|geleverd|opgeleverd|gemaakt)\b")
_YEAR_LEAD = re.compile(
    r"\b(?:in|sinds|uit|jaar|eind|begin|tot|voor|vanaf|van|anno|januari|februari|maart|april|mei|juni"
    r"|juli|augustus|september|oktober|november|december) $"
)
_CODE = re.compile(
    r"(?<![\w€$.,:/\-*#])(\d{2,4}(?:[ -]\d{2,5}){1,2}[#*]?|\d{3,8}(?:[#*]|[A-Z]\b)?"
    r"|[#*]\d{3,8}[#*]?)(?![\w.,:/%\-]*\d)(?![ ]?(?:euro|eur|kwh|uur|dagen|min))"
)
_LONGER = re.compile(r"(?: \d{4}){1,4}(?![\d])")
"""The rest of a code of five groups, as chargers and meters take it."""
_HOURS = re.compile(r"\d{1,2}(?:[:.]\d\d)? ?(?:uur|u)\b")
_NAMED_MIXED = re.compile(
    r"(?: (?!geen\b|niet\b|nooit\b)[a-z']{1,12}){0,4}(?: ?[:=(]| is| was| zijn)? ?[\"'(]?"
    r"((?=[A-Z\-]{0,12}\d)(?=[\d\-]{0,12}[A-Z])[A-Z0-9]{2,12}(?:-[A-Z0-9]{2,12}){0,4}[#*]?)(?![\w-])"
)
"""Capitals and digits, a few words behind what they are: "code poort A8520", "toegangscode app: KXR-7X2M"."""
_NEXT_MIXED = re.compile(r"(?:,| en|, en| of) ([A-Z0-9]{2,12}(?:-[A-Z0-9]{2,12}){1,4})(?![\w-])")
_BRACKETED = re.compile(r"(?: [a-z']{1,14}){0,6} ?[(\"']([A-Za-z0-9][\w!@#$%^&*+\-]{3,40})[)\"']")
_PIN_GAP = re.compile(r"[.!?]\s+[A-Z]|\n\s*\n|\u20ac")
ONE_TIME = re.compile(
    r"(?:\b(?:sms'?(?:je)?|smsjes|appje|tekstbericht|berichtje|pushbericht|authenticator|mailtje"
    r"|tan)\b(?: van [a-z ]{2,16})?"
    r"(?: binnen| gekregen| ontvangen)?(?: met|:| zegt| zei| zegt:| gaf| geeft| waarin| stond| las| is"
    r"| was| =)(?: de| een| als)?(?: code)?:? "
    r"|\bcode\b,? (?:die |dat |welke )[^\n.!?\d]{0,36}?(?:kreeg|krijg|krijgt|gekregen|ontvangen|ontving|binnen\w*"
    r"|gestuurd|stuurde"
    r"|stuurden|kwam|doorkreeg|zien|zie|stond|staat)[^\n\d.!?]{0,14}?"
    r"|\b(?:kreeg|krijg|ontving|stuurde|stuurden|gekregen)\b[^\n\d.!?]{0,16}\b(?:code|inlogcode) "
    r"|\b(?:deur|voordeur|achterdeur|hek|poort|garage\w*|slagboom|schuur|kluis|alarm|slot)\b[^\n.!?\d]{0,20}"
    r"(?:open|uit|eraf|los|binnen) met (?:code )?|\b(?:moest|moet|tikte|toetste|typte|vulde"
    r"|vul)\b[^\n\d.!?]{0,20} code )"
    r"(\d{2}[ -]\d{2}[ -]\d{2}|\d(?:-\d){3,7}|\d{3,4}[ -]?\d{2,4}"
    r"|\d{4,8}[#*]?)(?![\w.,:/%-]*\d)(?! ?(?:euro|eur|uur|kwh|(?!en|is|of|in"
    r"|op|ik|nu|af|te|om)[a-z]{2}\b))"
)
_THOUGHT = re.compile(r"\b(?:dacht|denk|dat het|was|is|werd|probeerde|ingetoetst|gebruik|gebruikte|tikte|toets)\b|[:=]")
_ENDS_NAMED = re.compile(r"^ (?:van|voor|bij|op|aan|vd|v\.d\.) [^\n\d:=]{2,46}(?:[:=]| is| was) ?$")


_CALLED = frozenset({"reference", "version", "imei"})
_CALLED_TOO = _CALLED | {"phone"}


def called_otherwise(page: Page, start: int, *, texted: bool = False) -> bool:
    """Whether what stands at `start` is called something else: an order, a version; `texted`: "sms" says no number."""
    return page.follows(start, _CALLED if texted else _CALLED_TOO, 22)


def is_year(page: Page, start: int, value: str) -> bool:
    """Whether four digits are a year: "sinds 2019"."""
    if not _YEAR.match(value):
        return False
    lead = page.lower[max(0, start - 12) : start]
    return _YEAR_LEAD.search(lead) is not None or _YEAR_TAIL.match(page.lower, start + len(value)) is not None


def after_pin(page: Page, cue: Cue) -> Iterator[Hit]:
    text, word = page.folded, page.lower[cue.start : cue.end]
    short = word in {"pin", "alarm"} and not _THOUGHT.search(page.lower[cue.end + 8 : cue.end + 44])
    reach = 16 if short else 48
    tail = text[cue.end : cue.end + reach + 24]
    match = _CODE.search(tail)
    if match and match.start(1) <= reach:
        gap = tail[: match.start(1)]
        if not _PIN_GAP.search(gap) and BLANK not in gap and not re.search(r"\d", _HOURS.sub("", gap)):
            between = re.findall(r"[a-z']+", gap.lower())
            fillers = page.lexicon.words("secrets/fillers")
            strange = sum(w not in fillers for w in between)
            named = _ENDS_NAMED.match(gap.lower()) is not None
            other = _other_label(page, cue, cue.end + match.start(1), named=named)
            other = (
                other or is_year(page, cue.end + match.start(1), match[1]) or (word == "alarm" and len(match[1]) < 4)
            )
            other = other or _is_number_of(word, gap, match[1]) or _AT_TIME.search(gap.lower()) is not None
            if len(between) <= 9 and (strange <= 2 or named) and not other:
                end = cue.end + match.end(1)
                if more := _LONGER.match(text, end) if " " in match[1] else None:
                    end = more.end()
                yield Hit("CREDENTIAL", cue.end + match.start(1), end, 0.85)
                return
    yield from _further(page, cue)
    assigned = re.match(r"[ ]{0,3}(?:is|was|:|=|->|>)?[ ]{0,2}([A-Za-z0-9][\w\-#*]{3,24})", tail)
    if assigned and looks_secret(assigned[1]) == 2 and any(c.isdigit() for c in assigned[1]):
        yield Hit("CREDENTIAL", cue.end + assigned.start(1), cue.end + assigned.end(1), 0.8)
    elif word not in {"pin", "alarm"}:
        yield from _mixed_later(page, cue)
    if not assigned and not match:
        before = re.search(
            r"(?<![\w.,\-/])(\d{3,8}[#*]?) (?:is|was|als) (?:de |mijn |het |mn )?$",
            text[max(0, cue.start - 30) : cue.start],
        )
        if before:
            begin = max(0, cue.start - 30) + before.start(1)
            yield Hit("CREDENTIAL", begin, begin + len(before[1]), 0.8)


def _is_number_of(word: str, gap: str, value: str) -> bool:
    """ "kluisje 114": which locker it is; "poort 2500" of a pin terminal: where it connects."""
    if re.search(r"\bpoort(?:en)? $|\bport $", gap.lower()):
        return len(value) <= 5 and "poort" not in word
    return len(value) < 4 and "code" not in word and word.startswith(_LOCKERS) and not _SAYS.search(gap.lower())


_LOCKERS = ("kluis", "sleutelk", "sleutels", "keybox", "key")
_AT_TIME = re.compile(r"\b(?:om|rond|tegen|tussen|vanaf) $")
_SAYS = re.compile(r"[:=(]|code|\b(?:is|was|met|toets|tik)\b")


def _further(page: Page, cue: Cue) -> Iterator[Hit]:
    """What a keypad takes right after its word, a PUK in the same sentence, a PIN that the sentence ends with."""
    text, word = page.folded, page.lower[cue.start : cue.end]
    near = _AFTER_CODE.match(page.lower, cue.end)
    keypad = _KEYPAD.match(text, near.end()) if near and page.lower[cue.end : near.end()].find("\n") < 0 else None
    if keypad and word != "pin" and not _is_number_of(word, page.lower[cue.end : keypad.start(1)], keypad[1]):
        yield Hit("CREDENTIAL", keypad.start(1), keypad.end(1), 0.8)
        return
    tail = re.split(r"[.!?]\s+[A-Z]|\n\s*\n", text[cue.end : cue.end + 130])[0]
    if "puk" in word:
        match = _PUK.search(tail)
        if match and not called_otherwise(page, cue.end + match.start(1)):
            yield Hit("CREDENTIAL", cue.end + match.start(1), cue.end + match.end(1), 0.8)
            return
    if word in {"alarm", "pin"}:
        return
    late = re.search(
        r"(?:\(|\b(?:standaard|dacht|namelijk|nl|gewoon|volgens mij|allemaal|overal|dezelfde|misschien|wellicht"
        r"|waarschijnlijk|vermoedelijk|mogelijk|zoiets als|iets als|ik gok|gok"
        r"|[:=]) ?)(\d{4,6})(?=[\s).,!?;]|$)",
        tail,
    )
    if (
        late
        and not is_year(page, cue.end + late.start(1), late[1])
        and not _other_label(page, cue, cue.end + late.start(1))
    ):
        yield Hit("CREDENTIAL", cue.end + late.start(1), cue.end + late.end(1), 0.7)


def _mixed_later(page: Page, cue: Cue) -> Iterator[Hit]:
    """Letters and digits some words behind the word that names them, in capitals or between brackets."""
    named, shaped = _NAMED_MIXED.match(page.folded, cue.end), True
    if named is None:
        named, shaped = _BRACKETED.match(page.folded, cue.end), False
    if named is None or BLANK in named[0] or len(named[1]) < 4 or not (shaped or looks_secret(named[1]) == 2):
        return
    start, end = named.span(1)
    mixed = any(map(str.isdigit, named[1])) and any(map(str.isalpha, named[1]))
    counted = any(other.kind in {"reference", "imei"} for other in page.before(start, 22))
    if mixed and not counted and not _other_label(page, cue, start):
        yield Hit("CREDENTIAL", start, end, 0.7)
        shape = [len(part) for part in named[1].split("-")]
        while more := _NEXT_MIXED.match(page.folded, end):
            if [len(part) for part in more[1].split("-")] != shape:
                break
            yield Hit("CREDENTIAL", more.start(1), more.end(1), 0.7)
            end = more.end(1)


def _other_label(page: Page, cue: Cue, start: int, *, named: bool = False) -> bool:
    """Whether another label stands between; `named`: "de pincode van mijn pas:" tells only what it belongs to."""
    others = {"bsn", "date", "birth"} if named else {"reference", "phone", "bank", "bsn", "card", "date", "birth"}
    return any(other.start > cue.start and other.kind in others for other in page.before(start, 60))


def after_code(page: Page, cue: Cue) -> Iterator[Hit]:
    """A code with nothing else in its name: one that opens something, was texted, or that only a secret looks like."""
    text, lower = page.folded, page.lower
    tail = text[cue.end : cue.end + 60]  # more than is searched: a number must not seem to end where the tail does
    match = _CODE.search(tail)
    nearest = next((c for c in page.before(cue.start, 16) if c.kind in {"reference", "version"}), None)
    door = page.near(cue.start, cue.end, {"door", "pin"}, 60) or page.stands(_CASH, cue.end, cue.end + 70)
    if (
        match
        and not _PIN_GAP.search(tail[: match.start(1)])
        and match.start(1) <= 24
        and "\n" not in tail[: match.start(1)]
    ):
        marked = match[1][-1] in "#*" or match[1][0] in "#*"
        texted = len(match[1]) >= 4 and "sms" in lower[max(0, cue.start - 30) : cue.end + 50]
        remote = re.search(r"anydesk|teamviewer|quicksupport|rustdesk", lower[max(0, cue.start - 40) : cue.start])
        if (marked or texted or remote or door) and (nearest is None or remote or marked):
            near = _AFTER_CODE.match(lower, cue.end)
            whole = _KEYPAD.match(text, near.end()) if near and door else None
            start, end = whole.span(1) if whole else (cue.end + match.start(1), cue.end + match.end(1))
            if not _LONGER.match(text, end):  # the first group of a card's number
                yield Hit("CREDENTIAL", start, end, 0.8)
            return
    around = lower[max(0, cue.start - 48) : cue.end + 48]
    if nearest is not None or _NOT_SECRET.search(around.replace("ongeldig", "")):
        return
    near = _AFTER_CODE.match(lower, cue.end)
    keypad = _KEYPAD.match(text, near.end()) if near and lower.find("\n", cue.end, near.end()) < 0 else None
    if (
        keypad
        and "ongeldig" not in around
        and (door or any(c in keypad[1] for c in "#*") or re.fullmatch(r"\d(?:-\d){3,7}", keypad[1]))
    ):
        yield Hit("CREDENTIAL", keypad.start(1), keypad.end(1), 0.75)
        return
    mixed = _MIXED.match(text, near.end()) if near else None
    token = mixed[1].rstrip("?") if mixed else ""
    if mixed and looks_secret(token) and any(map(str.isdigit, token)) and any(map(str.isalpha, token)):
        upper = token.upper() == token
        if upper and len(token) > 9 and "-" not in token:
            return
        moves = page.stands(_MOVES, cue.start - 160, cue.end + 120)
        if moves or (not upper and len(token) >= 8 and not token.islower()):
            yield Hit("CREDENTIAL", mixed.start(1), mixed.start(1) + len(token), 0.7)
            return
    if door or page.stands(_MOVES, cue.start - 400, cue.end + 60):
        yield from _mixed_later(page, cue)


_ON_PORT = re.compile(r"\b(?:op|via|over|naar|met) $")
"""Before "poort: 8443": where a server listens; a gate has its article."""


def after_door(page: Page, cue: Cue) -> Iterator[Hit]:
    """ "slot van de poort: 5280", "kastje 8520": what opens it, where a colon or the word "code" says so."""
    gap = _DOOR_GAP.match(page.lower, cue.end)
    match = _KEYPAD.match(page.folded, gap.end()) if gap else None
    if gap is None or match is None or len(re.sub(r"\D", "", match[1])) < 4:
        return
    said = page.lower[cue.end : gap.end()]
    if re.match(
        r" ?(?:mm|cm|m\b|euro|eur|uur|keer|kg|gram|hoog|breed|diep|lang)", page.lower[match.end(1) : match.end(1) + 6]
    ):
        return
    word = page.lower[cue.start : cue.end]
    if word == "poort" and _ON_PORT.search(page.lower, max(0, cue.start - 10), cue.start):
        return
    named = re.search(r"[:=]|code|cijfer|open|toets|tik|\bis\b", said) is not None
    pair = re.fullmatch(r"\d\d-\d\d", match[1]) is not None  # "portiek 30-48": house numbers
    if (
        (named or (word in _BARE_DOORS and not pair))
        and not is_year(page, match.start(1), match[1])
        and "\n" not in said
    ):
        yield Hit("CREDENTIAL", match.start(1), match.end(1), 0.7)


def card_codes(page: Page, places: list[tuple[int, int]]) -> Iterator[Hit]:
    """The three digits on the back, or after the date of expiry, of a card whose number stands before them."""
    for start, end in places:
        lead = page.folded[max(0, start - 90) : start]
        back = "achter" in page.lower[start:end]
        if re.search(r"\d(?:[ .\-]?\d){12,18}", lead) or (back and page.near(start, end, {"card"}, 120)):
            digits = re.search(r"(?<![\d€$,.])(\d{3,4})(?!\d)(?!.*(?<!\d)\d{3,4}(?!\d))", page.folded[start:end])
            if digits and not re.match(r"[,.]\d", page.folded[end : end + 2]):
                yield Hit("CREDENTIAL", start + digits.start(1), start + digits.end(1), 0.8)
