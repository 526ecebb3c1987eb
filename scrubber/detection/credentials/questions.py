"""Answers to secret questions: "geheime vraag: meisjesnaam moeder, …", "hoe de hond heet: …"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection.page import BLANK, Page
from scrubber.detection.patterns import loosely
from scrubber.detection.recognizer import Hit

_ANSWERED = re.compile(
    r"[^\n]{0,120}?(?:\bantwoord(?:de|t|en)?\b|\bgeantwoord\b|\bingevuld\b|\binvullen\b|[:=]|\bis\b|\bwas\b)"
    r"(?: ?(?:was|is|met|op|=|:|dus|daarop|destijds|toen|heb ik|nog|steeds"
    r"|altijd))*[ :]{1,2}[\"'(]?([A-Za-z][^\n.,;!?\"'()]{2,40})"
)
_ANSWER_IS = re.compile(r"\b(?:antwoord|geantwoord)\b")
_ENDS_ANSWER = re.compile(
    r" (?:maar|dus|want|dacht|denk|en (?:dat|ik|nu|toen)|als dat|mocht|geloof|volgens|zegt|werkt|doet)\b.*$"
)
_QUESTION = re.compile(
    r"\b(?:mother'?s maiden name|first pet|first school|name of (?:my|your) (?:first )?(?:pet|dog|cat|school))"
    r"|\bmeisjesnaam(?: (?:van )?(?:(?:mijn|m'n|mn|de|je|uw|haar|zijn|ons) )?(?:moeder|mama|ma|oma|vrouw))?"
    r"|\b(?:(?:naam|roepnaam|geboortenaam)(?: van)?|hoe)\b(?: [a-z']{2,12}){0,4}? (?:huisdier|hond|kat|poes|konijn"
    r"|cavia"
    r"|hamster"
    r"|paard|pony|papegaai|school|basisschool|juf|meester|leraar|moeder|oma|opa|knuffel|vriend(?:in|je|innetje)?|poedel"
    r"|kanarie|goudvis|schildpad|boot)\b(?: (?:heette|heet|is|was))?"
    r"|\b(?:eerste|lievelings|favoriete|liefste)[ -]?(?:huisdier|hond|kat|poes|konijn|school|basisschool|auto|baas"
    r"|knuffel"
    r"|straat|film|boek|eten|kleur|land|leraar|docent|onderwijzer|juf|meester|voetbalclub|club|band|zanger(?:es)?|vakantie\w*|liefde"
    r"|vriend\w*)\b"
    r"|\bgeboorteplaats van (?:(?:mijn|m'n|je|uw|de) )?(?:moeder|vader|oma|opa)|\bwaar (?:mijn|je|uw) (?:moeder"
    r"|vader) geboren is"
)
"""What secret questions ask."""
_ASKS = re.compile(
    r"\b(?:geheime|persoonlijke|eerste|tweede|derde) vra(?:ag|gen)\b|\b(?:jullie|je|uw) vraag (?:hoe|wat|naar)\b"
    r"|\b(?:beveiligings|controle|herstel|veiligheids)-?vra(?:ag|gen)"
    r"|\b(?:security|secret|first|second) question|\bantwoord"
)
_MAY_ASK = loosely(
    r"(?:vra(?:ag|gen)|question|antwoord)(?s:.)*(?:meisjes|naam|name|first |hoe |eerste|lieveling|favoriete|liefste"
    r"|geboorte|waar )"
    r"|(?:meisjes|naam|name|first |hoe |eerste|lieveling|favoriete|liefste|geboorte|waar )(?s:.)*(?:vra(?:ag|gen)"
    r"|question|antwoord)"
)
_TOLD = (
    re.compile(
        r"[^\n:=]{0,60}?[:=>] ?(?:dat (?:is|was) |is |was )?[\"'(]?((?:(?:De|Het|Van|Den"
        r"|'t) (?=[A-Z]))?[A-Za-z][\w'\-]{2,24}(?: [A-Z][\w'\-]{1,24})?)[\"')]?(?=[.,;:!)\n]|$| [a-z(])"
    ),
    re.compile(
        r"[\"')?]{0,2}(?: (?:heb|had) ik (?:ingevuld|opgegeven|ingevoerd|beantwoord) (?:als|met)|,"
        r"| is| was|,? dat (?:is|was)|,? en dat (?:is|was)|\?| had ik| heb ik|, I put)(?: (?:is|was"
        r"|toen|antwoord|mijn|het|gewoon"
        r"|natuurlijk|dus))*"
        r":? [\"'(]?((?:(?:De|Het|Van|Den"
        r"|'t) (?=[A-Z]))?[A-Za-z][\w'\-]{2,24}(?: [A-Z][\w'\-]{1,24})?)[\"')]?(?=[.,;:!)\n]|$| (?:en|maar|dus|of"
        r"|gezet|ingevuld|opgegeven)\b)"
    ),
)
_REPLIED = re.compile(
    r"(?i:(?:^|\n|[,.!] ?)(?:en )?(?:dat|het|die|antwoord|het antwoord|haar (?:meisjes)?naam|(?:mijn|m'n) (?:moeder"
    r"|oma)|hij|ze|zij)"
    r"(?: (?:is|was|heet|heette|luidt))(?: (?:gewoon|dus|natuurlijk|volgens mij))?):? [\"']?"
    r"([A-Z][\w'\-]{2,24}(?: [A-Z][\w'\-]{1,24})?)[\"']?(?=[.,;!)\n]|$| [a-z])"
)
_NAME = (
    r"((?:(?:De|Het|Van|Den|'t) (?=[A-Z]))?[A-Z][\w'\-]{2,24}"
    r"(?: (?:de|van|den|der)(?= [A-Z]))?(?: [A-Z][\w'\-]{1,24})?)"
)
_REPLIES = (
    _REPLIED,
    re.compile(
        r"\b(?:[Mm]eester|[Jj]uf|[Jj]uffrouw|[Mm]eneer|[Mm]evrouw|[Zz]uster|[Pp]ater|[Oo]om|[Tt]ante"
        rf"|[Vv]olgens mij|[Ii]k denk|[Ii]k gok|[Dd]at moet|[Zz]al wel|[Hh]eette|[Hh]eet) {_NAME}"
    ),
    re.compile(
        rf"{_NAME}[\"']?,? (?:denk ik|geloof ik|dacht ik|volgens mij|zeker weten|natuurlijk|uiteraard|moet het zijn)\b"
    ),
    re.compile(rf"^\s*[\"']?{_NAME}[\"']?[.!]?[ ]*(?:\n|$)"),
)
_GREETINGS = frozenset(
    {"beste", "hoi", "hallo", "dag", "goedemorgen", "goedemiddag", "goedenavond", "goedendag", "geachte", "hey", "hai"}
    | {"bedankt", "dank", "dankjewel", "groet", "groeten", "mvg", "prima", "nee", "neen", "okee", "sorry", "goeiedag"}
)
_INTERROGATIVES = frozenset(
    [
        "wat",
        "hoe",
        "welke",
        "waar",
        "onze",
        "wie",
        "waarom",
        "wanneer",
        "of",
        "dat",
        "die",
        "de",
        "het",
        "een",
        "en",
        "maar",
        "ik",
        "die",
        "daar",
        "dan",
        "niet",
        "geen",
        "antwoord",
        "is",
        "was",
        "vraag",
        "kan",
        "kunt",
        "kun",
        "weet",
        "mijn",
        "uw",
        "je",
    ]
)


def asked_in_secret(page: Page) -> Iterator[Hit]:
    """What answers a question of the usual kind: "meisjesnaam moeder, Vergouwen", "hoe de hond heet: Pluisje"."""
    low = page.lower
    asked = "vraag" in page.context and _asked_before(page.context.lower())
    for pattern in _REPLIES if asked else ():
        reply = pattern.search(page.folded, 0, 160)
        if reply and _fits_answer(page, reply[1]) and reply[1].partition(" ")[0].lower() not in _GREETINGS:
            yield Hit("CREDENTIAL", reply.start(1), reply.end(1), 0.65)
            break
    if not asked and not _MAY_ASK.found(page.data):
        return
    for question in _QUESTION.finditer(low):
        start, end = question.span()
        if not asked and not _ASKS.search(low, max(0, start - 130), end + 60):
            continue
        for told in _TOLD:
            match = told.match(page.folded, end, end + 100)
            if match and BLANK not in match[0] and _fits_answer(page, match[1]):
                yield Hit("CREDENTIAL", match.start(1), match.end(1), 0.65)
                break


def _asked_before(context: str) -> bool:
    """Whether the desk, or the subject, asks a secret question."""
    return _QUESTION.search(context) is not None and _ASKS.search(context) is not None


def _fits_answer(page: Page, answer: str) -> bool:
    """Whether the word can be an answer: no word of asking, and written large or known to no list."""
    first = answer.split(" ")[0].lower()
    if " " in answer and answer[0].isupper() and first in {"de", "het", "van", "den"}:
        return True
    words = page.lexicon.words
    if first in _INTERROGATIVES or first in words("secrets/no_secrets") or first in words("secrets/fillers"):
        return False
    return answer[0].isupper() or first not in page.lexicon.common


def security_answers(page: Page, places: list[tuple[int, int]]) -> Iterator[Hit]:
    """The answer to a "geheime vraag", of one word or of more."""
    for _, end in places:
        tail = page.folded[end : end + 180]
        if "antwoord" not in tail[:130].lower() and "antwoord" not in page.lower[max(0, end - 60) : end]:
            continue
        told = _ANSWER_IS.search(tail.lower())
        match = _ANSWERED.match(tail[told.start() :] if told else tail)
        end += told.start() if told else 0
        if match is None or BLANK in match[0]:
            continue
        answer = _ENDS_ANSWER.sub("", match[1]).rstrip()
        first = answer.split(" ")[0].lower()
        if first not in page.lexicon.words("secrets/no_secrets") and first not in {
            "wat",
            "hoe",
            "welke",
            "waar",
            "onze",
            "wie",
            "waarom",
            "wanneer",
            "of",
        }:
            yield Hit("CREDENTIAL", end + match.start(1), end + match.start(1) + len(answer), 0.7)
