"""Numbers of documents in other spellings: in groups, glued to their word, in a file's name, by a country's letters."""

from __future__ import annotations

import re

from scrubber.detection import checksums
from scrubber.detection.numbers import LABELS, digits_of
from scrubber.detection.page import Cue, Page

DOCUMENT = frozenset({"passport", "licence", "vnumber", "national"})
"""Kinds of cue that speak of a document."""

_TAIL = re.compile(r"(?i)([a-np-z]{2}[a-np-z0-9]{6}\d|\d{10})(_?)$")
_OF_FILE = re.compile(r"_(?:paspoort|passport|rijbewijs|e?id|identit|legitim|verblijf|voor|achter|scan|kopie|foto)")
_PICTURE = re.compile(r"(?:\b|_)(?:scan|kopie|foto|img)[a-z]{0,6}[_\-]{0,2}")
_REST_OF_FILE = re.compile(r"\.(?:jpe?g|png|pdf|tiff?|heic|gif|bmp|docx?|zip|eml)\b|[_\-][a-z]{2,14}(?![a-z0-9])")
SHORT_WORD = re.compile(
    r"\b(?:CI|BI|CC|CIN|CNI|NIE|TIE|DNI|NIK)(?: nr\b\.?| no\b\.?| serie| nummer)?(?: is)?[ :=(]{1,3}$"
)
"""What a foreign card is called for short; in small letters some are words."""
_SHORT_NUMBER = re.compile(r"[A-Z]{1,3}[ \-]?\d{6,8}|\d{8}-?[A-Z]|[XYZ]-?\d{7}-?[A-Z]")
COUNTRY = "(?:BG|BE|NL|DE|FR|UK|GB|PL|RO|TR|ES|PT|IT|HU|HR|GR|CZ|SK|IE|US|SR|MA)"
_COUNTRY = re.compile(rf"{COUNTRY} (?=\d{{3}} \d{{3}} \d{{3}}$)")
_SET_APART = re.compile(r"[|;\t,'\"] ?$")
_TO_BE_SET_APART = re.compile(r" ?(?:[|;\t,'\"]|$|\n)")
_LETTERS_FIRST = re.compile(r"[A-Z]{2}\d{6,7}")
_TURKISH_OR_SUCH = re.compile(r"[A-Z]{1,3}\d{6,8}|[A-Z]\d{2}[A-Z]\d{5}")
_SENTENCE_OF_ITS_OWN = re.compile(r"[.?!:\n] ?$")
_MORE_GROUPS = re.compile(r"(?: \d{4,8}){2}\b")
_LETTER_FIRST = re.compile(r"[A-Z] \d{7}")
_TAIL_GROUP = re.compile(r" (?:\d\d|[A-Z])(?=[\s,.;)<]|$)")
_PASS = re.compile(r"pas ?(?:nr|no|num)")
_PARTS = 2
_LENGTH = 9


def glued(page: Page, start: int, end: int) -> tuple[int, int] | None:
    """The number in "idkaartNXR7K2LD4", "paspoort_NXR7K2LD4.jpg", "NXR7K2LD4_paspoort.jpg"; None where it is none."""
    text = page.folded
    if text[end - 1] == "_" and _OF_FILE.match(page.lower, end - 1) and end - start == _LENGTH + 1:
        first, last = start, end - 1
    else:
        tail = _TAIL.search(text, start, end)
        if tail is None or tail.start(1) == start:
            return None
        first, last = tail.span(1)
    value = text[first:last]
    if not value.isdigit() and not (checksums.dutch_document(value) and _mixed(value)):
        return None
    if value.isdigit() and (value[0] not in "3456" or "licence" not in page.spoken_of):
        return None
    if _PICTURE.match(page.lower, start, first) and not page.spoken_of & DOCUMENT:
        return None
    behind = text[last : last + 1]
    alone = not behind.isalnum() and (behind not in {"_", "-", "."} or not text[last + 1 : last + 2].isalnum())
    return (first, last) if alone or _REST_OF_FILE.match(page.lower, last) else None


def _mixed(value: str) -> bool:
    """Letters and digits enough that it is no word with a figure behind it."""
    return len(digits_of(value)) >= 2 + value.islower()


def parted(page: Page, start: int, end: int) -> tuple[int, int] | None:
    """The Dutch number in "IZ4 F8P 2H9": groups that make one up, right behind the word for the paper."""
    groups = [match.span() for match in re.finditer(r"[^ \-.]+", page.folded[start:end])]
    for first in range(len(groups)):
        joined = ""
        for last in range(first, len(groups)):
            joined += page.folded[start + groups[last][0] : start + groups[last][1]]
            if len(joined) < _LENGTH or last == first:
                continue
            mixed = sum(
                any(map(str.isdigit, group)) and not group.isdigit()
                for group in (page.folded[start + a : start + b] for a, b in groups[first : last + 1])
            )
            odd = len(joined) == _LENGTH + 1 and joined.isalnum() and joined[:2].isalpha() and joined[-1].isdigit()
            form = checksums.dutch_document(joined) or odd
            if form and mixed >= _PARTS and len(digits_of(joined)) >= _PARTS + 1:
                found = start + groups[first][0], start + groups[last][1]
                return found if _is_named(page, found[0]) else None
    return None


def _is_named(page: Page, start: int) -> bool:
    """The nearest word for a number before it is that of a document."""
    for cue in page.before(start, 70):
        if cue.kind in DOCUMENT | LABELS:
            gap = page.folded[cue.end : start]
            short = cue.end - cue.start <= len("id") and not re.fullmatch(r"[ :(]{1,3}(?:is |nr\.? |nummer )?", gap)
            return cue.kind in DOCUMENT and not short and not re.search(r"\d{3}|[.?!] [A-Z]", gap)
    return False


def series(page: Page, start: int, end: int) -> tuple[int, int] | None:
    """The six digits of a Romanian "serie RX nr 772043", where papers are spoken of."""
    return (end - 6, end) if page.spoken_of & DOCUMENT or page.follows(start, DOCUMENT, 40) else None


def by_short_word(page: Page, start: int, end: int) -> bool:
    """ "CI RX 772043", "NIE X1234567L"."""
    return (
        _SHORT_NUMBER.fullmatch(page.folded, start, end) is not None
        and SHORT_WORD.search(page.folded, max(0, start - 20), start) is not None
    )


def without_country(page: Page, start: int, end: int) -> int:
    """Where the number begins in "BG 384 771 209"."""
    country = _COUNTRY.match(page.folded, start, end)
    return country.end() if country else start


def is_set_apart(page: Page, start: int, end: int) -> bool:
    """A foreign number alone: between separators on a page about passports, or as the sentence after one that spoke of
    one ("accepteren jullie een kimlik? A31F72840.")."""
    text = page.folded
    if (
        "passport" in page.spoken_of
        and _LETTERS_FIRST.fullmatch(text, start, end) is not None
        and _SET_APART.search(text, max(0, start - 2), start) is not None
        and _TO_BE_SET_APART.match(text, end) is not None
    ):
        return True
    return (
        _TURKISH_OR_SUCH.fullmatch(text, start, end) is not None
        and _SENTENCE_OF_ITS_OWN.search(text, max(0, start - 3), start) is not None
        and (end == len(text) or text[end] in ".,\n?!")
        and page.follows(start, {"passport", "licence"}, 60)
    )


def is_licence_spoken_of(page: Page, start: int) -> bool:
    """Whether a driving licence is the last that the words before a number speak of, and no policy."""
    kinds = {"licence", "policy", "health", "care"}
    last = next((cue for cue in page.before(start, 60) if cue.kind in kinds), None)
    return last is not None and last.kind == "licence" and "verzeker" not in page.lower[last.end : start]


def is_aside(page: Page, cue: Cue, start: int) -> bool:
    """A word for another number that is none here: in brackets ("zijn paspoort (zat in het dossier) is …"), or the kind
    of the document ("legitimatie type 2 - …")."""
    if page.lower[cue.start : cue.end] in {"type", "model"}:
        return True
    opened = page.folded.rfind("(", max(0, cue.start - 40), cue.start)
    closed = page.folded.find(")", cue.end, start)
    return opened >= 0 and closed >= 0 and ")" not in page.folded[opened : cue.start]


def goes_on(page: Page, end: int) -> bool:
    """Whether other groups of digits follow: of the 32 of a telephone's eSIM, say."""
    return _MORE_GROUPS.match(page.folded, end) is not None


def with_tail(page: Page, start: int, end: int) -> int:
    """Where the number ends in "B 2193846 02" and "W 4409128 K"."""
    if _LETTER_FIRST.fullmatch(page.folded, start, end) is None:
        return end
    tail = _TAIL_GROUP.match(page.folded, end)
    return tail.end() if tail else end


def is_card_spoken_of(page: Page, start: int) -> bool:
    """Whether an identity card is the last that the words before a Belgian number speak of, and no account."""
    kinds = {"passport", "national", "bank", "iban", "reference"}
    last = next((cue for cue in page.before(start, 110) if cue.kind in kinds), None)
    return last is not None and last.kind in {"passport", "national"}


def is_other_pass(page: Page, cue: Cue) -> bool:
    """Whether a "pasnummer" of digits is that of any card: a town's, a bank's; the text names no document."""
    named = page.lower[cue.start : cue.end]
    if not named and cue.kind == "passport":  # a column's heading
        return not any(
            other.kind in DOCUMENT and not _PASS.match(page.lower, other.start, other.end) for other in page.cues
        )
    if (
        cue.kind != "passport"
        or not named.startswith("pas")
        or named.startswith(("paspoort", "pass", "paszp", "pasap"))
    ):
        return False
    return not any(
        other.kind in DOCUMENT and not _PASS.match(page.lower, other.start, other.end)
        for others in (page.before(cue.start, 400), page.after(cue.end, 400))
        for other in others
    )
