"""Secrets: what follows "wachtwoord", "pincode" or "token", and keys that show by their form. The secret only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection.page import BLANK, Cue, Page
from scrubber.detection.recognizer import DutchRecognizer, Hit

_TOKEN = re.compile(r"[^\s]+")
_OPENING = "\"'([{<*"
_CLOSING = "\"')]}>,;.:!?*"
_ASSIGN = re.compile(r"^[ \t]{0,4}(?:[a-z\-]{0,12}[ \t]{0,3})?(?:=>|:=|->|->>|>|=|:|/|-{1,2}>)[ \t]*")
_IDENTIFIER = re.compile(r"[_\-][\w\-]{1,30}(?=[\"']?[ ]?[=:])")
_QUOTED = re.compile(r"[ ]{0,3}(?:is|was|:|=|luidt)[ ]{0,3}([\"'])(?=[^\"'\n]*\d)([^\"'\n]{4,60})\1")
_SENTENCE = re.compile(r"[.!?;]$")
_DATE = re.compile(r"^\d{1,4}[\-/.]\d{1,2}(?:[\-/.]\d{1,4})?$|^\d{1,2}[:.]\d\d(?::\d\d)?(?:u|uur)?$")
_VERSION = re.compile(r"^v?\d+(?:\.\d+)+$")
_UNIT = re.compile(
    r"^(?:outlook|office|microsoft|magento|drupal|joomla|wordpress|ubuntu|debian|centos|exchange|server|mysql|sql|macos"
    r"|thunderbird|firefox|chrome|safari|edge|exact|afas|sharepoint|teams)-?\d+$|^\d+(?:x|e|de|ste|gb|mb"
    r"|kb|kwh|km|cm|mm|u|uur|min|sec|jaar|%|mbit|g|kg|ml|l)$|^(?:iphone|ipad|windows|win"
    r"|office|android|ios|php|galaxy|s|a)\d+$|^(?:2|m)fa$"
)
_URL = re.compile(
    r"^(?:https?:|www\.)|^[\w\-]+(?:\.[\w\-]+)*\.(?:nl|be|com|net|org|eu|frl|io|dev|info|test|example)(?:[:/].*)?$"
    r"|^/|@[\w\-]+\."
)
_PRODUCT = re.compile(r"(?i)^(?:[a-z]+-?v?\d{1,2}(?:\.\d+)*|\d+[a-z]{1,6}|[a-z]{1,3}-\d+|[a-z]{2,5}\d{1,3})$")
_DIGITS = re.compile(r"^\d{3,8}[#*]?$")
_CODE = re.compile(
    r"(?<![\w€$.,:/\-])(\d{2,4}(?:[ -]\d{2,4}){1,2}[#*]?|\d{3,8}[#*]?"
    r"|[#*]\d{3,8}[#*]?)(?![\w.,:/%\-]*\d)(?![ ]?(?:euro|eur|kwh|uur|dagen|min))"
)
_PIN_GAP = re.compile(r"[.!?]\s+[A-Z]|\n\s*\n|\u20ac")
_ANSWER = re.compile(r"(?m)^[ >*\-]*(?:[A-Za-z' ]{0,40}(?::| is| =)[ ]?)?((?:\d{2,4}[ -]\d{2,4})|[^\s]{4,40})[ .,!]*$")
_ASSIGNED = re.compile(r"(?:[\"']?\]?[ \t]*(?:=>|[:=])|[\"'],)[ \t]*[\"'`]?")
_OPTION = re.compile(r"(?:-u|--user) [\w.@\-]+:|--?[\w\-]+[ =]")
_ACCOUNT_LINE = re.compile(r"^[ \t>*\-]*([^\s;,|]+@[^\s;,|]+)[ \t]*[;:,|/\t][ \t]*(\S+)[ \t]*$")
_PAIR = re.compile(r"(?<!\S)([\w.@\-]{2,40}) ?/ ?([^\s/]{4,40})(?=[\s,.;)]|$)")
_NO_VALUE = re.compile(
    r"(?i)^(?:true|false|null|none|nil|yes|no|undefined|xxx+|changeme|your[\w\-]*|example[\w\-]*|<.*"
    r"|\$[{(].*|%.*|\{\{.*"
    r"|env\(.*|process\.env.*|os\.environ.*|\.{3,}|\*+|redacted|hidden|required|invalid|expired|missing|mismatch"
    r"|\(.*\)|leeg|onbekend|volgt|zelfde|idem|geen|n\.?v\.?t\.?|bearer|basic|string|int|text|varchar.*|\[.*)$"
)
_CODE_CALL = re.compile(r"^[A-Za-z_][\w.]*[(\[]")
_NAMED_VALUE = re.compile(r"^[A-Za-z_][A-Za-z0-9_\-]{1,30}[=:][^\s]")
_WITH = re.compile(r"(?: \w{2,12}){0,2} (?:met|via|with|op) (?:het |mijn |als )?[\"'(]?([^\s\"'()]{6,40})")
_LOGIN_LINES = re.compile(
    r"[ :]{0,3}\n[ >*\-]{0,4}(?:[A-Za-z]{2,14}: ?)?([\w.@\-]{2,40})[ ]*\n[ >*\-]{0,4}(\S{6,40})[ ]*(?:\n|$)"
)
_PUBLIC = re.compile(
    r"(?i)primary|foreign|cache_|sort_|partition|translat|meta_|unique|index|pub(?:lic)?|site_?key|_id$"
    r"|-id$|expir|length|type|name|hint|field|policy|count|url|user"
)
_PREFIXED = re.compile(r"(?i)^(?:base64|plain|sha\d+|md5|basic|bearer|token)[: ]")
_USER_AND_SECRET = re.compile(
    r"[ ]{0,3}(?:is |was |: ?|= ?|met |als |via )?[\"'(]?([\w.@\-]{2,40})[\"')]?"
    r"(?:,? (?:en|met|and|with|plus)(?: als| het| de| mijn)? | ?\+ ?| ?/ ?|, | ?& ?)[\"'(]?([^\s\"'()]{6,40})"
)
_LIST_NEXT = re.compile(
    r"^[\"')]{0,2}(?:,| of| en|,? of anders| or| and| /) +(?:anders |misschien |met )?([^\s]{4,40})"
)

_STILL = re.compile(
    r"\.?[ ]{0,2}(?:van [a-z ]{2,24} |voor [a-z ]{2,24} )?(?:is|was|blijft|=)(?: (?:nog|steeds|altijd|gewoon|nu"
    r"|toch|vroeger|al|jaren|dus|ook|weer"
    r"|hetzelfde|namelijk|eigenlijk|m'n|mn|mijn|de|het|onze|naam|van|hond|kat|poes|meisjesnaam|dochter|zoon)){0,5}"
    r" [\"']?([a-z][a-z\-]{4,30})[\"']?(?=[ ]*(?:[,;)\n]|[.!?](?:\s|$)|$))"
)
_NO_SECRET_WORD = re.compile(
    r"(?:aan|af|op|uit|in|over|mis|kwijt|weg|door|om|na|toe|vast|los|vol|bij|on|terug|voor|dicht)?(?:ge|ver|be|ont"
    r"|her|er)"
    r"\w+(?:t|d|en)|\w+(?:ige?|lijke?|loos|baar|isch|zaam|gevoelig|end|laten|raakt|staan|doen)"
)
"""Participles and adjectives: "is verlopen", "was onveilig" says something of the password, not the password."""
_OWN_KEY = re.compile(
    r"\b(?:wi-?fi|wlan|hotspot|gastennetwerk|gasten ?netwerk|key(?! ?(?:feature|point|account|user|board))|sleutel"
    r"|inlog|login|vpn|nas|ssid|netwerk|auth|2fa|beheer"
    r"|admin|dkim|licentie|tijdelijke?|eerste)\b[^\n.!?:=;]{0,30}?(?:\bis\b|\bwas\b|[:=]"
    r"|->)[ ]{0,2}[\"'(]?([^\s\"'()]{6,64})"
)
_ONE_TIME = re.compile(
    r"(?:\b(?:sms'?(?:je)?|smsjes|appje|tekstbericht|berichtje|pushbericht|authenticator|mailtje"
    r"|tan)\b(?: van [a-z ]{2,16})?"
    r"(?: binnen| gekregen| ontvangen)?(?: met|:| zegt| gaf| geeft| waarin| stond)(?: de| een| als)?(?: code)?:? "
    r"|\bcode\b,? (?:die |dat |welke )[^\n.!?\d]{0,36}?(?:kreeg|krijg|krijgt|gekregen|ontvangen|ontving|binnen\w*"
    r"|gestuurd|stuurde"
    r"|stuurden|kwam|doorkreeg|zien|zie|stond|staat)[^\n\d.!?]{0,14}?"
    r"|\b(?:kreeg|krijg|ontving|stuurde|stuurden|gekregen)\b[^\n\d.!?]{0,16}\b(?:code|inlogcode) "
    r"|\b(?:deur|voordeur|achterdeur|hek|poort|garage\w*|slagboom|schuur|kluis|alarm|slot)\b[^\n.!?\d]{0,20}"
    r"(?:open|uit|eraf|los|binnen) met (?:code )?|\b(?:moest|moet|tikte|toetste|typte|vulde"
    r"|vul)\b[^\n\d.!?]{0,20} code )"
    r"(\d{2} \d{2} \d{2}|\d{3,4}[ -]?\d{2,4}|\d{4,8}[#*]?)(?![\w.,:/%-]*\d)(?! ?(?:euro|eur|uur|kwh|(?!en|is|of|in"
    r"|op|ik|nu|af|te|om)[a-z]{2}\b))"
)
_THOUGHT = re.compile(r"\b(?:dacht|denk|dat het|was|is|werd|probeerde|ingetoetst|gebruik|gebruikte|tikte|toets)\b|[:=]")
_ENDS_NAMED = re.compile(r"^ (?:van|voor|bij|op|aan|vd|v\.d\.) [^\n\d:=]{2,46}(?:[:=]| is| was) ?$")
_KEYED = re.compile(
    r"(?=(?:[^\d]*\d){3})(?=(?:[^A-Za-z]*[A-Za-z]){3})[A-Za-z0-9]{2,}(?:-[A-Za-z0-9]{2,}){2,}|[A-Za-z0-9]{16,}"
)


def password_like(token: str) -> bool:
    """Whether a word says by itself that it is a password: letters and digits, and a capital amid or a sign."""
    if looks_secret(token) != 2 or len(token) < 6 or _PRODUCT.match(token):
        return False
    letters = sum(c.isalpha() for c in token)
    digits = sum(c.isdigit() for c in token)
    signs = sum(c in "!@#$%^&*+=?~" for c in token)
    if letters < 3 or not (digits or signs):
        return False
    mixed = any(c.isupper() for c in token) and any(c.islower() for c in token)
    return (mixed and digits >= 2) or (signs >= 1 and (digits >= 1 or mixed)) or (token.islower() and digits >= 2)


def looks_secret(token: str) -> int:
    """2: nothing but a secret looks so; 1: might be one; 0: no."""
    if len(token) < 4 or len(token) > 256 or _DATE.match(token) or _VERSION.match(token) or BLANK in token:
        return 0
    low = token.lower()
    if _UNIT.match(low) or _URL.search(low) or token.count("*") > len(token) // 2 or token.startswith("***"):
        return 0
    letters = any(c.isalpha() for c in token)
    digits = any(c.isdigit() for c in token)
    inner = token.rstrip("!?.")
    special = any(c in "!@#$%^&*_+=?~|\\" for c in inner[1:-1])
    if letters and digits:
        return 2 if len(token) >= 5 else 1
    if letters and (special or (len(token) > 5 and any(c.isupper() for c in inner[2:]) and not token.isupper())):
        return 2 if special else 1
    return 1 if digits and len(token) <= 12 else 0


class CredentialRecognizer(DutchRecognizer):
    """Passwords, PINs, one-time codes, door codes, API keys, tokens, private keys, secrets in URLs."""

    ENTITIES = ("CREDENTIAL",)
    GATED = False
    PATTERNS = (
        "key",
        "private_key",
        "url",
        "authorization",
        "word_before",
        "assigned",
        "parameter",
        "option",
        "spoken",
    )

    def find(self, page: Page) -> Iterator[Hit]:
        yield from self._by_form(page)
        yield from self._said(page)
        kinds = page.cue_kinds
        if not kinds & {"secret", "pin", "code", "login"}:
            yield from self._asked(page)
            return
        yield from self._columns(page)
        yield from self._pairs(page)
        yield from self._asked(page)
        for cue in page.cues:
            if cue.kind == "secret":
                yield from self._after_secret(page, cue)
            elif cue.kind == "pin":
                yield from self._after_pin(page, cue)
            elif cue.kind == "code":
                yield from self._after_code(page, cue)
            elif cue.kind == "login":
                yield from self._after_login(page, cue)

    def _by_form(self, page: Page) -> Iterator[Hit]:
        text = page.folded
        for name, start, end in self.spans(page, *self.PATTERNS[:-1]):
            value = text[start:end]
            if name == "url":
                begin = start + value.rindex(":") + 1
                if BLANK not in value and not value[begin - start : -1].startswith("***"):
                    yield Hit("CREDENTIAL", begin, end - 1, 0.95)
            elif name == "authorization":
                begin = start + max(value.rfind(" "), value.rfind(":")) + 1
                if looks_secret(text[begin:end]):
                    yield Hit("CREDENTIAL", begin, end, 0.95)
            elif name in {"assigned", "parameter", "option"}:
                yield from self._assigned(page, name, start, end)
            elif name == "word_before":
                token = value.split()[0].strip(_OPENING + _CLOSING)
                if looks_secret(token) == 2:
                    at = text.index(token, start)
                    yield Hit("CREDENTIAL", at, at + len(token), 0.8)
            elif not value.startswith("pk_"):
                yield Hit("CREDENTIAL", start, end, 1.0)

    def _said(self, page: Page) -> Iterator[Hit]:
        """What a sentence gives as a key or a code without a cue of its own: "de wifi thuis is …", "een sms met …"."""
        for begin, _ in page.find(self.pattern("spoken")):
            match = _OWN_KEY.match(page.lower, begin)
            if match and BLANK not in match[0]:
                token = page.folded[match.start(1) : match.end(1)].rstrip(",.;:)\"'?")
                mixed = any(map(str.isalpha, token)) and any(map(str.isdigit, token))
                keyed = mixed and _KEYED.fullmatch(token) is not None
                refused = token.lower() in self.lexicon.words("secrets/no_secrets") or not looks_secret(token)
                if (password_like(token) or keyed) and not refused and not self._another(page, match.start(1)):
                    yield Hit("CREDENTIAL", match.start(1), match.start(1) + len(token), 0.7)
            once = _ONE_TIME.match(page.lower, begin)
            if once and BLANK not in once[0] and not self._another(page, once.start(1)):
                yield Hit("CREDENTIAL", once.start(1), once.end(1), 0.75)

    @staticmethod
    def _another(page: Page, start: int) -> bool:
        """Whether what stands at `start` is called something else: an order, a version, a discount."""
        return any(cue.kind in {"reference", "version", "phone", "imei"} for cue in page.before(start, 22))

    @staticmethod
    def _assigned(page: Page, name: str, start: int, end: int) -> Iterator[Hit]:
        """A line of configuration, a header or a parameter whose name says that a secret follows."""
        if name == "assigned":
            while start and (page.folded[start - 1].isalnum() or page.folded[start - 1] in "_.-") and end - start < 300:
                start -= 1
        text = page.folded[start:end]
        at = (_OPTION if name == "option" else _ASSIGNED).search(text)
        if at is None:
            return
        begin, key = at.end(), text[: at.start()]
        value = text[begin:].rstrip("\"'`,;\\)}]")
        lead = _PREFIXED.match(value)
        if lead and len(value) > lead.end() + 7:
            begin, value = begin + lead.end(), value[lead.end() :]
        value = value.strip("\"'`")
        if not 4 <= len(value) <= 200 or (name == "parameter" and len(value) < 8):
            return
        if BLANK in value or _PUBLIC.search(key) or _NO_VALUE.match(value):
            return
        if _CODE_CALL.match(value):
            return
        if "&" in value and (text[:1] in "?&" or re.search(r"&[a-z_]+=", value)):
            value = value.partition("&")[0]
        strong = re.search(r"(?i)pass|pwd|secret|token|psk", key) is not None
        strength = looks_secret(value)
        if strength < (1 if strong and name != "parameter" else 2) and not (
            strong and len(value) >= 8 and "=" in text[:begin]
        ):
            return
        if value.isdigit() and not re.search(r"(?i)pass|pwd|pin", key):
            return
        begin = start + text.index(value, begin)
        yield Hit("CREDENTIAL", begin, begin + len(value), 0.85)

    def _columns(self, page: Page) -> Iterator[Hit]:
        """The cells under a heading "Startwachtwoord" or "pincode"."""
        for place, (separator, kinds) in page.columns.items():
            if "secret" not in kinds and "pin" not in kinds:
                continue
            at = place
            for number, cell in enumerate(page.folded[place : page.line_end(place)].split(separator)):
                token = cell.strip(" \"'")
                if (
                    number < len(kinds)
                    and kinds[number] in {"secret", "pin"}
                    and 4 <= len(token) <= 64
                    and BLANK not in token
                ):
                    fits = looks_secret(token) or (" " not in token and any(c.isalnum() for c in token))
                    if (
                        fits
                        and not _NO_VALUE.match(token)
                        and token.lower() not in self.lexicon.words("secrets/no_secrets")
                    ):
                        begin = at + cell.index(token)
                        yield Hit("CREDENTIAL", begin, begin + len(token), 0.85)
                at += len(cell) + 1

    def _pairs(self, page: Page) -> Iterator[Hit]:
        """ "gebruiker jan en Zomer!2019", "mijn account, jan / Geheim1971": a name and what is clearly a password."""
        for cue in page.cues:
            if cue.kind not in {"login", "secret"}:
                continue
            end = min(page.line_end(cue.end), cue.end + 90)
            tail = page.folded[cue.end : end]
            pair = _USER_AND_SECRET.match(tail) if cue.kind == "login" else None
            if pair is None and cue.kind == "login":
                pair = _LOGIN_LINES.match(page.folded[cue.end : cue.end + 100])
            with_it = _WITH.match(tail) if pair is None and cue.kind == "login" else None
            if with_it and password_like(with_it[1].rstrip(",.;:)\"'")):
                token = with_it[1].rstrip(",.;:)\"'")
                yield Hit("CREDENTIAL", cue.end + with_it.start(1), cue.end + with_it.start(1) + len(token), 0.75)
                continue
            slashed = pair or _PAIR.search(tail)
            if slashed is None or BLANK in slashed[0]:
                continue
            token = slashed[2].rstrip(",.;:)\"'")
            plain = "/" in slashed[0] and slashed[1].islower() and slashed[1] not in self.lexicon.common
            if (
                password_like(token) or (plain and looks_secret(token) == 2)
            ) and token.lower() not in self.lexicon.words("secrets/no_secrets"):
                begin = cue.end + slashed.start(2)
                yield Hit("CREDENTIAL", begin, begin + len(token), 0.8)

    @staticmethod
    def _asked(page: Page) -> Iterator[Hit]:
        """A bare code or password that answers the desk's question: at the start, or after a few words and a colon."""
        for line in _ANSWER.finditer(page.folded[:400]) if page.answers & {"pin", "secret", "code"} else ():
            token = line[1].rstrip(".,!;")
            code = re.fullmatch(r"\d{4,8}|\d{2,4}[ -]\d{2,4}", token) is not None
            if (code and page.answers & {"pin", "code"}) or (password_like(token) and page.answers & {"secret", "pin"}):
                yield Hit("CREDENTIAL", line.start(1), line.start(1) + len(token), 0.7)

    def _after_secret(self, page: Page, cue: Cue) -> Iterator[Hit]:
        text = page.folded
        tail = text[cue.end : cue.end + 180]
        if (tail[:1] in {"@", "."} and tail[1:2].isalnum()) or re.match(r"[\"']? ?[,}\]]", tail):
            return
        if re.match(r"[\w\-]{0,40}[\"'] ?[,}\]]", tail):
            return  # a value: {"error": "token_audience", …}
        rest = _IDENTIFIER.match(tail)
        if rest and _PUBLIC.search(rest[0]):
            return
        base = cue.end + (rest.end() if rest else 0)
        tail = text[base : base + 180]
        paragraph = tail.find("\n\n")
        assigned = _ASSIGN.match(tail.lower())
        yield from self._account_lines(page, cue)
        still = _STILL.match(page.lower, cue.end, cue.end + 100) if assigned is None else None
        if still and self._is_chosen_word(still[1]):
            yield Hit("CREDENTIAL", still.start(1), still.end(1), 0.7)
            return
        phrase = _QUOTED.match(tail)
        if phrase and BLANK not in phrase[2]:
            yield Hit("CREDENTIAL", base + phrase.start(2), base + phrase.end(2), 0.9)
            return
        if paragraph == 0 or (paragraph > 0 and not tail[:paragraph].strip(" :")):
            tail = tail[: tail.find("\n", paragraph + 2)] if tail.find("\n", paragraph + 2) > 0 else tail
        elif paragraph > 0:
            tail = tail[:paragraph]
        yield from self._walk(page, base, tail, assigned.end() if assigned else -1)
        for pair in _PAIR.finditer(tail):
            if looks_secret(pair[2].rstrip(_CLOSING)) == 2 and not pair[1].isdigit():
                begin = base + pair.start(2)
                yield Hit("CREDENTIAL", begin, begin + len(pair[2].rstrip(",.;)")), 0.8)

    def _is_chosen_word(self, word: str) -> bool:
        """Whether "wachtwoord is …" names the word itself: no list knows it as an ordinary one, nor does its form."""
        if word in self.lexicon.common or word in self.lexicon.cues.kinds or _NO_SECRET_WORD.fullmatch(word):
            return False
        return not any(word in self.lexicon.words(name) for name in ("secrets/no_secrets", "secrets/fillers"))

    def _walk(self, page: Page, base: int, tail: str, assigned: int) -> Iterator[Hit]:
        fillers, refused = self.lexicon.words("secrets/fillers"), self.lexicon.words("secrets/no_secrets")
        sentence_over = False
        said = opened = False
        for index, match in enumerate(_TOKEN.finditer(tail)):
            raw = match[0]
            start, token = match.start(), raw
            newline = "\n" in tail[:start]
            if (
                index > 24
                or BLANK in raw
                or (newline and index > 1 and assigned < 0 and tail[: tail.find("\n")].strip())
            ):
                return
            if "</" in token:
                token = token.partition("</")[0]
            quoted = raw[0] in "\"'([" or opened
            opened = raw in {"(", '"', "'", "["}
            while token and token[0] in _OPENING:
                token, start = token[1:], start + 1
            if token and not any(c.isalnum() for c in token):
                continue
            bare = token.rstrip(_CLOSING)
            at_assignment = assigned >= 0 and match.start() <= assigned <= match.end() and not sentence_over
            if at_assignment:
                shift = max(0, assigned - start)
                bare, start = (
                    bare[shift:].lstrip("\"'"),
                    start + shift + (len(bare[shift:]) - len(bare[shift:].lstrip("\"'"))),
                )
            bare = bare.partition('"')[0] or bare
            if at_assignment and page.folded[max(0, base - 60) : base].rpartition(" ")[2].find("&") >= 0:
                bare = bare.partition("&")[0]
            low = bare.lower()
            if not bare:
                continue
            if (
                (at_assignment and _NO_VALUE.match(bare))
                or _CODE_CALL.match(bare)
                or (not at_assignment and _NAMED_VALUE.match(bare) and "=" in bare[:31])
            ):
                return
            if index and self.lexicon.cues.kinds.get(low) == "secret" and not at_assignment:
                return
            strength = looks_secret(bare)
            first = at_assignment or (said and index <= 4)
            if strength == 2 and not sentence_over and (index <= 9 or quoted) and low not in refused:
                yield from self._accept(page, base + start, self._trimmed(token, bare, at_assignment))
                return
            if strength == 2 and sentence_over and quoted and index <= 20 and any(c.isdigit() for c in bare):
                yield from self._accept(page, base + start, bare)
                return
            plausible = low not in refused and low not in fillers
            if first and plausible and len(bare) >= 4 and not _URL.search(low) and not _DATE.match(bare):
                word = bare.isalpha() and (
                    low in self.lexicon.common or low.startswith(("ge", "ver", "be", "on")) or low.endswith("en")
                )
                said_so = at_assignment or quoted
                if said_so or ((strength or not word) and not (bare.isalpha() and bare.islower())):
                    yield from self._accept(page, base + start, bare)
                    return
            if quoted and index <= 5 and plausible and len(bare) >= 5 and not sentence_over and raw[-1:] in "\"')]":
                yield from self._accept(page, base + start, bare)
                return
            said = low in {"is", "was", "=", "wordt", "nu", "luidt", "zijn"} and not sentence_over
            if _SENTENCE.search(raw) and not (index == 0 and raw in {":", "."}) and len(bare) > 2:
                sentence_over = True

    @staticmethod
    def _trimmed(token: str, bare: str, assigned: bool) -> str:
        """A closing "!" or "?" belongs to a secret; a full stop, a comma or a bracket does not."""
        if assigned:
            return bare
        stripped = token.rstrip("\"')]}>,;.:")
        return stripped if len(stripped) >= len(bare) and stripped.startswith(bare) else bare

    def _accept(self, page: Page, start: int, bare: str) -> Iterator[Hit]:
        text = page.folded
        end = start + len(bare)
        while text[end : end + 1] == "!":
            end += 1
        yield Hit("CREDENTIAL", start, end, 0.85)
        following = _LIST_NEXT.match(text[end : end + 70])
        if following:
            token = following[1].strip(_OPENING + _CLOSING)
            if looks_secret(token) == 2:
                begin = end + following.start(1) + following[1].index(token)
                yield Hit("CREDENTIAL", begin, begin + len(token), 0.75)

    @staticmethod
    def _account_lines(page: Page, cue: Cue) -> Iterator[Hit]:
        """Lines "address ; secret" below a heading that speaks of passwords."""
        place = page.line_end(cue.end) + 1
        for _ in range(40):
            if place >= len(page.folded):
                return
            end = page.line_end(place)
            line = page.folded[place:end]
            row = _ACCOUNT_LINE.match(line) if len(line) < 200 else None
            if row and looks_secret(row[2]):
                yield Hit("CREDENTIAL", place + row.start(2), place + row.end(2), 0.85)
            elif line.strip() and not row:
                return
            place = end + 1

    def _after_pin(self, page: Page, cue: Cue) -> Iterator[Hit]:
        text, word = page.folded, page.lower[cue.start : cue.end]
        short = word in {"pin", "alarm"} and not _THOUGHT.search(page.lower[cue.end + 8 : cue.end + 44])
        reach = 16 if short else 48
        tail = text[cue.end : cue.end + reach + 12]
        match = _CODE.search(tail)
        if match and match.start(1) <= reach:
            gap = tail[: match.start(1)]
            if not _PIN_GAP.search(gap) and BLANK not in gap and not re.search(r"\d", gap):
                between = re.findall(r"[a-z']+", gap.lower())
                fillers = self.lexicon.words("secrets/fillers")
                strange = sum(w not in fillers for w in between)
                named = _ENDS_NAMED.match(gap.lower()) is not None
                other = self._other_label(page, cue, cue.end + match.start(1), named=named)
                if len(between) <= 9 and (strange <= 2 or named) and not other:
                    yield Hit("CREDENTIAL", cue.end + match.start(1), cue.end + match.end(1), 0.85)
                    return
        assigned = re.match(r"[ ]{0,3}(?:is|was|:|=|->|>)?[ ]{0,2}([A-Za-z0-9][\w\-#*]{3,24})", tail)
        if assigned and looks_secret(assigned[1]) == 2 and any(c.isdigit() for c in assigned[1]):
            yield Hit("CREDENTIAL", cue.end + assigned.start(1), cue.end + assigned.end(1), 0.8)
        elif not match:
            before = re.search(
                r"(?<![\w.,\-/])(\d{3,8}[#*]?) (?:is|was|als) (?:de |mijn |het |mn )?$",
                text[max(0, cue.start - 30) : cue.start],
            )
            if before:
                begin = max(0, cue.start - 30) + before.start(1)
                yield Hit("CREDENTIAL", begin, begin + len(before[1]), 0.8)

    @staticmethod
    def _other_label(page: Page, cue: Cue, start: int, *, named: bool = False) -> bool:
        """Whether another label stands between; `named`: "de pincode van mijn pas:" tells only what it belongs to."""
        others = {"bsn", "date", "birth"} if named else {"reference", "phone", "bank", "bsn", "card", "date", "birth"}
        return any(other.start > cue.start and other.kind in others for other in page.before(start, 60))

    def _after_code(self, page: Page, cue: Cue) -> Iterator[Hit]:
        tail = page.folded[cue.end : cue.end + 36]
        match = _CODE.search(tail)
        if (
            not match
            or _PIN_GAP.search(tail[: match.start(1)])
            or match.start(1) > 24
            or "\n" in tail[: match.start(1)]
        ):
            return
        marked = match[1][-1] in "#*" or match[1][0] in "#*"
        texted = len(match[1]) >= 4 and "sms" in page.lower[max(0, cue.start - 30) : cue.end + 50]
        nearest = next((c for c in page.before(cue.start, 16) if c.kind in {"reference", "version"}), None)
        remote = re.search(r"anydesk|teamviewer|quicksupport|rustdesk", page.lower[max(0, cue.start - 40) : cue.start])
        opens = texted or remote or page.near(cue.start, cue.end, {"door", "pin"}, 60)
        if marked or (opens and (nearest is None or remote)):
            yield Hit("CREDENTIAL", cue.end + match.start(1), cue.end + match.end(1), 0.8)

    def _after_login(self, page: Page, cue: Cue) -> Iterator[Hit]:
        """ "inlog: jan / geheim", "login jan:Geheim1"."""
        end = min(page.line_end(cue.end), cue.end + 90)
        tail = page.folded[cue.end : end]
        pair = re.match(
            r"[ ]{0,3}(?:is|zijn|:|=|->|>)?[ ]{0,3}([\w.@\-]{2,40})(?: ?[/|;] ?| ?: ?|, | en "
            r"| {1,2})([^\s/]{4,40})(?=\s|$|[,.])",
            tail,
        )
        if not pair:
            return
        token = pair[2].rstrip(",.;)\"'")
        separator = tail[pair.end(1) : pair.start(2)].strip()
        strength = looks_secret(token)
        named = page.lower[cue.end : cue.end + 3].lstrip(" ")[:1] in {":", "=", ">"} or re.match(
            r" ?(?:is|zijn)\b", tail
        )
        refused = token.lower() in self.lexicon.words("secrets/no_secrets") or token.lower() in self.lexicon.common
        if refused or pair[1].lower() in self.lexicon.words("secrets/fillers"):
            return
        if (separator in {"/", "|", ":"} and named) or (strength == 2 and named and separator in {"", ",", "en", ";"}):
            begin = cue.end + pair.start(2)
            if not any(
                c.start >= cue.end + pair.start(1) and c.end <= begin + len(token) and c.kind in {"secret", "login"}
                for c in page.after(cue.end, 90)
            ):
                yield Hit("CREDENTIAL", begin, begin + len(token), 0.8)
