"""Secrets that no label gives: what stands out by its form, its place, or beside a secret that was found."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from scrubber.detection.credentials.codes import called_otherwise, is_year
from scrubber.detection.credentials.forms import NEVER, URL, looks_secret
from scrubber.detection.nearby import Nearby
from scrubber.detection.page import BLANK, Page
from scrubber.detection.patterns import loosely
from scrubber.detection.recognizer import Hit

_TOKEN = re.compile(r"(?<![^\s\"'()\[\]<>;,/])[^\s\"'()\[\]<>;,/]{6,200}(?![^\s\"'()\[\]<>;,/])")
_SIGNED = re.compile(
    r"[A-Za-z0-9.\-_]*[A-Za-z]{2}[A-Za-z0-9\-]*[!$%^*?+&~][A-Za-z0-9!$%^*?+&~.\-_]*[A-Za-z0-9][!$*]{0,3}"
    r"|(?=[^\d]*\d)[A-Za-z][A-Za-z0-9]{4,}[!$*]{1,3}"
)
_CALLED = re.compile(r"[A-Z]{2,3}\d{2,5}!+")
"""Flights and what else is called so at the end of a sentence."""
_SNAKE = re.compile(r"[A-Z][a-z]{2,}(?:_[A-Za-z]+)*_?\d{1,4}|[A-Z][a-z]+(?:_[a-z]+)+_[A-Za-z0-9]+")
_JOINED = re.compile(r"(?=[^\d]*\d)(?=[^a-z]*[a-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+){2,}|[A-Z][a-z]+-[A-Z]{2,5}\d{2,4}")
_NO_UNIT = re.compile(r"[a-z]{4}|[A-Za-z]\d+[A-Za-z]|\d[a-z]{2}|[a-z][A-Z]|^[A-Z][a-z]{2,}-")
_WORDS_JOINED = re.compile(r"(?=.*[a-z]{3})[A-Za-z]{2,}(?:-[A-Za-z]{2,}){2,}")
_CAMEL = re.compile(
    r"[A-Z][a-z]{3,}\d{2,}[a-z]*|[A-Z][a-z]+\d[A-Za-z]{2,}\d*|(?:[A-Z][a-z]+){2,}\d{1,4}|[A-Z][a-z]{4,}\.\d{1,4}"
)
_LOW = re.compile(r"[a-z]{5,}\d{1,4}|[a-z]{5,}\d[a-z]{3,}|[a-z0-9]{4}(?:-[a-z0-9]{4}){1,4}|[A-Za-z][a-z]{4,}-\d{2,4}")
_KEY = re.compile(r"(?=(?:[^\d]*\d){3})(?=(?:[^A-Z]*[A-Z]){3})[A-Z0-9]{4,6}(?:-[A-Z0-9]{4,6}){2,5}")
_HEX = re.compile(r"[0-9a-f]{8,}|0x\w+|1[a-z][A-Za-z0-9]{4}-[A-Za-z0-9]{6,11}-[A-Za-z0-9]{2,4}")
"""Digests, errors, what Exim calls a message."""
_HOST = re.compile(
    r"^(?:vps|srv|server|web|host|node|db|cache|smtp|mx|mail|sw|np|nl|be|lb|fw|k8s|vm|pc|rack|ams|tenant|id|win|php|sha"
    r"|sha256|x25519|http|ssh|utf|iso|wpa|tls|ipv|covid|windows|office|outlook|iphone|galaxy|fritz|fail|mysql|sql|redis"
    r"|beheer|admin|user|gebruiker|test|backup|klant|info)[\d\-]"
)
_NAMED = re.compile(
    r"(?:gebruiker(?:snaam)?|user(?:name)?|inlognaam|account|domein|server|hosts?|vps|node|tenant|map|bestand"
    r"|database|db"
    r"|id|naam|heet|ssid|netwerk(?:naam)?|s/n|sn|serie\w*|type|model\w*|versie|mac|template|licentie|kenmerk|ref\w*"
    r"|code:"
    r"|firmware|index|tabel|plugin|thema|kamer|lokaal|fout\w*|error|melding|incident|build|commit|branch|job|md5"
    r"|sha\d*|hash"
    r"|merk|artikel\w*|product\w*|nr|nummer|dossier|order\w*|bestel\w*|klant\w*|polis\w*|contract\w*|track\w*"
    r"|mailadres|etag(?: w/)?|tag|trace|request|queue|fingerprint|@)"
    r"(?: is| was| heet)?[ :='\"(/]{1,4}$"
)
_TALK = re.compile(
    r"\btekens\b|hoofdletter|leesteken|wachtw|\bww\b|inlog|log ?in\b|toegang|\bs?ftp\b|paneel|passw|\bpw\b|gehackt"
    r"|beheer|sleutel|wi-?fi|ssid|modem|router"
    r"|\balarm|kluis|\bcodes?\b|admin|wordpress|mailbox|postvak|\bvpn\b|\broot\b|\bssh\b|\bpin|portaal|\bcontrol|geheim"
    r"|(?:transfer|herstel|backup|reserve|toegangs|inlog|activatie|verhuis|koppel)codes?|token|\bauth|\bepp\b"
    r"|ontsleutel|versleutel|onthouden|smtp|imap|\bnas\b|remote|teamviewer|account"
)
_GIVEN = re.compile(
    r"(?:\b(?:gewoon|weer|naar|in|wordt|worden|was|is|altijd|steeds|overal|woord|woordje|sleutel|key|token|dus"
    r"|met|heeft|en|of|op|nu"
    r"|daaronder|van"
    r"|neem|gebruik|luidt|namelijk|staat|gegeven|eerste|tweede|derde)[,:]? |[:=/>] ?|  |[\"'(]|\w, )$"
)
_CHOSEN = re.compile(
    r"[\"')]? (?:als (?:wachtwoord|ww|code) )?(?:ingesteld|gekozen|opgegeven|aangemaakt|ingevuld|verzonnen|bedacht"
    r"|doorgegeven"
    r"|genomen|gebruikt)\b"
)
_OF_USER = re.compile(r"\b(?:inlog\w*|login\w*|gebruiker\w*|user\w*|account\w*)\b[^\n.!?]{0,10}$")
_ONLY_JOINS = re.compile(r"\b(?:en|of) $")
_OWN_LINE_LEAD = re.compile(r"[:.!?)]\s*$")
_DIGIT_WORDS = r"(?:nul|een|twee|drie|vier|vijf|zes|zeven|acht|negen)"
_KEYPAD = re.compile(
    r"(?<!\d )(?<![\w.,:/\-+*#])(?:\d(?: {1,2}\d){3,5}|\d\d(?: \d\d){2}|\d{3,5}[a-d][*#]"
    r"|[a-z0-9]{4}(?: [a-z0-9]{4}){2}|\d(?:-\d){3,5}|\d(?: - \d){3,5}|[*]\d{4,8}#?|\d{4,8}[*]|(?:\d{2}-){2}\d{2}"
    r"|\d-\d\d-\d\d)"
    r"(?![\w*]| ?\d|-\d|[.,]\d)"
    rf"|\b{_DIGIT_WORDS}(?:[ -]{_DIGIT_WORDS}){{3,5}}\b(?! ?-)"
)
_PHONE_LEAD = re.compile(r"\d ?[-/.] ?$")
_GROUPS = re.compile(r"(?=(?:[^\d]*\d){3})(?=(?:[^A-Z]*[A-Z]){3})[A-Z0-9]{4}(?: [A-Z0-9]{4}){2}")
_PUK = re.compile(r"\bpuk ?[12](?: code| is)?[ :]{1,3}(\d{8}|\d{4} \d{4})(?![\d-])")
_BEFORE = re.compile(r"(?<![\w€$.,:/\-+*#])(\d{4,6}),? (?:en|of) $")
_OPENS = re.compile(
    r"kluis|kastje|\bkast\b|sleutel|alarm|poort|\bdeur|hek\b|slagboom|slot\b|toets|\btik|\bpin|\bcode|cijfer"
    r"|open(?:t|en|ing)?\b|garage"
    r"|berging|noodopen|\bsms|bevestig|kras|cadeau|bon\b|voucher|schermpje|display"
)
_MAY_OPEN = loosely(
    r"puk|kluis|kast|sleutel|alarm|poort|deur|hek|slagboom|slot|toets|tik|pin|code|cijfer|open|garage|berging|sms"
    r"|bevestig"
    r"|kras|cadeau|bon|voucher|schermpje|display"
)
"""One of these stands in whatever _OPENS matches; to look for them costs less than to look for what a keypad takes."""
_KEYPADS = frozenset({"pin", "code"})
_DATE_LEAD = re.compile(r"\b(?:geb\w*|dd|datum|van|op|tot|per|sinds)\.? $")
_ITS_PIN = re.compile(r"[^\n.]{0,14}\bpin")
"""The number is then that of the card."""
_HYPHENED = re.compile(r"\d(?:-\d){3,5}")
_AND = re.compile(
    r"[\"'#*]?,? (?:\()?(?:en|of|of anders|daarna|toen|later|,)? ?(?:de |het |die )?(?:op |van |voor )?(?:de |het )?"
    r"(?:vorige|eerdere|daarvoor|ervoor|app|kaart|achterdeur|voordeur|poort|sticker|mail|brief|andere|tweede"
    r"|mijn man)?:? ?[(\"']?$"
)
_CODE = re.compile(r"(?<![\w€$.,:/\-+*#])\d{4,6}(?![\w:/%\-]|[.,]\d| ?(?:euro|eur|uur|kwh|gb|keer|m2|km)\b)")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_LAST, _BESIDE = 400, 200


def grade(token: str) -> int:
    """How much the form alone says: 3 hardly anything else looks so, 2 rarely, 1 a user's name may, 0 nothing."""
    if (token.isalpha() and "!" not in token) or BLANK in token or URL.search(token.lower()):
        return 0
    if NEVER.search(token) or _HEX.fullmatch(token) or _HOST.search(token.lower()):
        return 0
    digits = any(map(str.isdigit, token))
    if _CALLED.fullmatch(token):
        return 0
    if _SIGNED.fullmatch(token):
        if token.startswith("FRITZ!") or (len(token) > 30 and not any(c in "!$%^*?&~" for c in token)):
            return 0  # a product, a line of a certificate
        return 3 if digits or (any(c in "!$%^*" for c in token) and not token.isupper()) else 0
    if _SNAKE.fullmatch(token):
        return 3
    if _JOINED.fullmatch(token):
        return 2 if looks_secret(token) == 2 and _NO_UNIT.search(token) else 0
    if digits and not looks_secret(token):
        return 0  # a browser and its version
    if _CAMEL.fullmatch(token) or _mixed(token) or _KEY.fullmatch(token):
        return 2
    if (_LOW.fullmatch(token) and digits) or _WORDS_JOINED.fullmatch(token):
        return 1
    return 0


def _mixed(token: str) -> bool:
    """ "4kfp92hwx": small letters and digits without order."""
    if not (8 <= len(token) <= 24 and token.isascii()) or token.upper() == token:
        return False
    bare = token.replace("-", "")
    turns = sum(a.isdigit() != b.isdigit() for a, b in pairwise(bare))
    return bare.isalnum() and turns >= 3


def by_shape(page: Page, found: Sequence[Hit]) -> Iterator[Hit]:
    """Words that stand out, the oddest first: the odder the form, the less its place has to say."""
    candidates = [
        (weight, match.start(), token)
        for match in _TOKEN.finditer(page.folded)
        if not (raw := match[0]).isalpha()
        and (token := _bare(raw))
        and (weight := grade(token))
        and not _other(page, match, token)
    ]
    if not candidates:
        return
    texts = (page.lower, page.context.lower())
    talk = bool(found) or bool(page.spoken_of & _SPOKEN) or any(_TALK.search(text) for text in texts)
    known, written = Nearby(found), {_form(page.folded[hit.start : hit.end]) for hit in found}
    better = Nearby([Hit("CREDENTIAL", at, at, 0.0) for other, at, _ in candidates if other > 1])
    ordered = sorted(candidates, key=lambda candidate: (-candidate[0], candidate[1]))
    for weight, start, token in [*ordered, *(late for late in ordered if late[0] < 3)]:
        end = start + len(token)
        if known.starts(start, start):
            continue
        if weight == 3:
            fits = talk or any(map(str.isdigit, token))
        else:
            if weight == 1 and better.starts(end + 1, end + 24):
                continue  # the user, before the secret
            fits = talk and (_placed(page, start, end, known, weight) or _alike(token, written))
        if fits:
            hit = Hit("CREDENTIAL", start, end, 0.5 + weight / 20)
            known.add(hit)
            written.add(_form(page.folded[start:end]))
            yield hit


def _bare(raw: str) -> str:
    """The word without the signs behind it; "" where it is plainly none of these. It is not of letters alone."""
    if raw.isdigit() or "=" in raw or "@" in raw:
        return ""
    token = raw if raw.endswith("!") else raw.rstrip(".,:?*")
    return token if len(token) >= 6 else ""


def _other(page: Page, match: re.Match[str], token: str) -> bool:
    """Whether it is called something else, is part of something longer, or the user that a secret follows."""
    start, end = match.span()
    lead = page.lower[max(0, start - 60) : start]
    if page.folded[max(0, start - 3) : start] in {'":"', "':'"}:
        return True  # a record: its key would say so
    if lead[-1:] in _GLUED or _NAMED.search(lead) or page.folded[end : end + 3].strip(" ")[:1] in {"/", "[", "("}:
        return True
    if page.follows(start, _DOCUMENTS, 12):
        return True
    if not any(map(str.isdigit, token)):
        return page.follows(start, {"reference", "imei"}, 22)  # no version: "de P1-app Lek!stroom"
    return called_otherwise(page, start, texted=True) or token.lower() in page.lexicon.words("secrets/no_secrets")


def named_before(page: Page, start: int) -> bool:
    """Whether the words right before say that it is a user, a server, a file."""
    return _NAMED.search(page.lower, max(0, start - 60), start) is not None


def _form(secret: str) -> str:
    """How long it is and where its signs stand; "" for one of digits alone."""
    return "".join("a" if c.isalnum() else c for c in secret) if any(map(str.isalpha, secret)) else ""


def _alike(token: str, written: Collection[str]) -> bool:
    """Whether a secret that was found is written just so: as long, with its signs in the same places."""
    return any(map(str.isdigit, token)) and any(map(str.isalpha, token)) and _form(token) in written


_DOCUMENTS = frozenset({"passport", "licence", "vnumber"})
_GLUED = frozenset("=@#\\|$_/.")
_SPOKEN = frozenset({"secret", "login", "pin", "code", "door"})
_NEAR = frozenset({"secret", "login", "pin", "code"})


def _placed(page: Page, start: int, end: int, found: Nearby, weight: int) -> bool:
    """Whether its place says so too: a line or quotation marks of its own, right behind what gives it, near another."""
    folded = page.folded
    line_start, line_end = page.line_start(start), page.line_end(end)
    near = (
        page.follows(start, _NEAR, 90)
        or _TALK.search(page.lower, max(0, start - 90), start) is not None
        or _TALK.search(page.lower, end, end + 60) is not None
        or bool(page.answers & _NEAR and start < 200)
    )
    if folded[line_start:line_end].strip(" \"'.>*-") == folded[start:end] and line_start:
        above = folded[max(0, line_start - 200) : line_start].rstrip()
        if near or (weight > 1 and "----" not in folded[line_end : line_end + 8]) or _OWN_LINE_LEAD.search(above):
            return True
    beside = found.starts(start - _LAST + 1, start + _LAST - 1)
    given = _GIVEN.search(page.lower, max(0, start - 14), start) is not None
    given = given or page.follows(start, {"secret"}, 2)
    chosen = _CHOSEN.match(page.lower, end) is not None
    given, near = given or chosen, near or (chosen and bool(page.spoken_of & _NEAR))
    if weight == 2:
        return ((near or beside) and given) or (near and beside)
    replied = (
        "secret" in page.answers and start < _BESIDE and not _ONLY_JOINS.search(page.lower, max(0, start - 8), start)
    )
    replied = replied and _OF_USER.search(page.lower, max(0, start - 30), start) is None
    if "-" in folded[start:end] or replied:
        return given and near
    if _ONLY_JOINS.search(page.lower, max(0, start - 8), start):
        return given and bool(found.ends(start - 11, start))
    return given and found.starts(start - _BESIDE + 1, start + _BESIDE - 1)


def keyed(page: Page) -> Iterator[Hit]:
    """ "5-2-8-0", "4 1 7 2", "8520*", "vier-nul-twee-acht": what only a keypad takes, where something is opened."""
    lower = page.lower
    if not page.answers & _KEYPADS and not page.context and not _MAY_OPEN.found(page.data):
        return
    for match in _PUK.finditer(lower) if "puk" in lower else ():
        yield Hit("CREDENTIAL", match.start(1), match.end(1), 0.8)
    for match in _KEYPAD.finditer(lower):
        start, end = match.span()
        if called_otherwise(page, start, texted=True) or _DATE_LEAD.search(lower, max(0, start - 10), start):
            continue
        value = page.folded[start:end]
        if _PHONE_LEAD.search(lower, max(0, start - 4), start):
            continue
        if len(value) == 14 and " " in value:
            mixed = any(map(str.isalpha, value))
            if not _GROUPS.fullmatch(value) if mixed else _ITS_PIN.match(lower, end):
                continue
        around = lower[max(0, start - 110) : start] + " \n " + lower[end : end + 40]
        if value[:1].isalpha() and (" een " in f" {value} " and value.count("een") > 2):
            continue
        if _OPENS.search(around) or page.answers & _KEYPADS or _asked_to_open(page, start, value):
            yield Hit("CREDENTIAL", start, end, 0.65)


def _asked_to_open(page: Page, start: int, value: str) -> bool:
    """ "6-6-1-8", right after the desk asked about a lock."""
    return start < _LAST and _HYPHENED.fullmatch(value) is not None and _OPENS.search(page.context.lower()) is not None


_ROW = re.compile(r"(?m)^[ \t>*\-]*(?:[A-Z][\w.' ]{0,24}? ?[-:\u2013|;,] ?)?(\d{4,6}|[A-Z0-9]{4}-[A-Z0-9]{4})[ .]*$")


def in_rows(page: Page) -> Iterator[Hit]:
    """Lines "Noor - 4417" or of a code alone, right below a line that speaks of PINs or of backup codes."""
    for cue in page.cues:
        if cue.kind not in {"pin", "secret"}:
            continue
        end = page.line_end(cue.end)
        if page.folded[cue.end : end].rstrip()[-1:] not in {":", "?", ""} and page.folded[end - 1 : end] not in {
            ":",
            "?",
        }:
            continue
        place, blank = end + 1, 0
        while place < len(page.folded):
            stop = page.line_end(place)
            ends = page.folded[place:stop].rstrip(" .")[-1:]
            may_be = stop - place < 50 and (ends.isdecimal() or ends.isupper())
            row = _ROW.match(page.folded, place, stop) if may_be else None
            if row:
                if not is_year(page, row.start(1), row[1]):
                    yield Hit("CREDENTIAL", row.start(1), row.end(1), 0.7)
            elif page.folded[place:stop].strip() or blank:
                break
            else:
                blank = 1
            place = stop + 1


def more_codes(page: Page, found: Sequence[Hit]) -> Iterator[Hit]:
    """ "8520 en 0258", "4 1 7 2 en op de app (0471)": a code beside one that was found; the same form elsewhere."""
    folded = page.folded
    for hit in found:
        value = folded[hit.start : hit.end]
        if value.strip("*# -").replace(" ", "").replace("-", "").isdigit():
            end = hit.end
            before = _BEFORE.search(folded, max(0, hit.start - 12), hit.start)
            if before and not _YEAR.match(before[1]) and not called_otherwise(page, before.start(1), texted=True):
                yield Hit("CREDENTIAL", before.start(1), before.end(1), 0.6)
            for _ in range(4):
                following = _CODE.search(folded, end, end + 36)
                gap = page.lower[end : following.start()] if following else ""
                if following is None or not gap.strip() or not _AND.fullmatch(gap) or _YEAR.match(following[0]):
                    break
                yield Hit("CREDENTIAL", following.start(), following.end(), 0.6)
                end = following.end()
