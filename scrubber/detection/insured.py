"""Numbers of insured persons by what they stand beside: a health insurer's name, a member of the family, a birth."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection import checksums
from scrubber.detection.care import OTHER_POLICY, About
from scrubber.detection.numbers import digits_of, label_kind
from scrubber.detection.page import Page

_PURE = (
    r"cz|vgz|menzis|zilveren[ \-]?kruis|dsw|onvz|anderzorg|zorg (?:en|&) zekerheid|stad holland|aevitae|salland|iza|izz"
    r"|hollandzorg|caresq|zekur|besured|bewuzt|pro ?life|azivo|pno ?zorg|de friesland|ziezo"
    r"|(?<!\d)(?<!\d )cm|christelijke mutualiteit|solidaris|helan|partena|bond moyson"
    r"|(?:liberale |socialistische )?mutualiteit|(?:neutraal |vlaams |onafhankelijk )?ziekenfonds|ziekenbond"
    r"|zorgverzeker(?:aar|ing)|ziekteverzekering|ziekenkas"
)
_MIXED = r"ohra|ditzo|fbto|unive|interpolis|a\.?s\.?r\.?|promovendum|united consumers|nationale.nederlanden|nn|just|dkv"
"""Insurers of other things as well."""
_NAME = rf"(?<![\w.@])(?:{_PURE}|(?:{_MIXED}) zorg(?:verzekering|polis)?)(?![\w@]|\.\w)"
_KIND = r"(?:klant|lid|relatie|polis|pas|zorgpas|verzekerden?|verzekerings|aansluitings|inschrijf|zorg)"
_LINK = (
    rf"(?:[ ,:(=/\-]|(?:{_KIND}?[ \-]?(?:nummer|nr|no|id)|{_KIND}|onder|met|als|is|was|het|mijn|mn|m'n|haar|zijn"
    r"|basis|aanvullend|dat|staat|heb|ik|ben|sta|mij|me)\b\.?){1,24}$"
)
"""One sign at a time: a choice of how many to take at once makes a row of signs cost more than its length."""
_BEHIND_NAME = re.compile(_NAME + _LINK)
_BEFORE_NAME = re.compile(
    rf" ?(?:\(|(?:(?:is|was|=) )?(?:(?:mijn|mn|m'n|haar|zijn|het|ons) )?(?:{_KIND}?[ ]?(?:nummer|nr)\.? )?(?:van|bij) )"
    rf"(?:de |het )?{_NAME}"
)
_LETTERS = re.compile(r"(?:vgz|onvz|dsw|ohra|menzis|anderzorg)[ .\-]?\d")
"""An insurer's letters that are part of the number."""
_SOME_LETTERS = re.compile(r"(?:cz|zk|onv|izz|iza)[ .\-]?\d")
"""Such that something else may begin with, too."""
_SENTENCE = re.compile(r"[.!?][ \n]|\n")
_KIN = (
    r"(?:man|vrouw|partner|zoon|zoontje|dochter|dochtertje|kind|vader|moeder|pa|ma|opa|oma|vriend|vriendin|echtgenote?"
    r"|jongste|oudste|baby|broer|zus)"
)
_CARD_OF_KIN = re.compile(
    r"\bop (?:de|het) (?:nieuwe |oude )?(?:pas|pasje|kaart|kaartje) van (?:mijn|mn|m'n|me|onze|ons)"
    rf" {_KIN} ?[(,:=\-]{{0,2}} ?$"
)
_SAYS_CARD = re.compile(
    r" ?[?!,.(\-]{0,2} ?(?:zo|dat|die|dit|het)? ?(?:staat|stond|heb ik|lees ik|las ik)(?: er)?(?: zo)?"
    r" (?:op|achterop|van)"
    r" (?:de|mijn|mn|m'n|het|haar|d'r|zijn|z'n) (?:pas|pasje|kaart|kaartje)\b"
)
_PER_PERSON = re.compile(
    r"[ \t*>\-]{0,4}(?:(?:mijn|mn|onze) )?(?:[a-z]{2,14})(?: \d)?(?: \([^()\n]{1,14}\))?[ :=\-]{1,3}"
)
_COUNTED = re.compile(r"(?:[a-z]{2,4} )?(?:\d )?(?=\d{7})")
_FAMILY = re.compile(rf"\b(?:{_KIN}|kinderen|allebei|beiden?|gezin)\b")
_INSURED_ONE = re.compile(r"\bverzekerde:? [a-z][^\n\d:;]{2,40}[/,;(\-] ?$")
_DATE_THEN = re.compile(r",? ?(?:nr\.?:? ?|nummer:? ?)?")
_REFERS = re.compile(r"[.?!] (?:dat|het|dit|deze|die|hij|nummer)(?: nummer)? (?:is|was|luidt)[: ]{1,2}(?:dan |dus )?$")
_NAMED_BEFORE = re.compile(
    r"\b(?:lid|polis|relatie|klant|verzekerden?|aansluitings)[ \-]?(?:nummer|nr)\b[^.?!\d]{0,30}"
    rf"{_NAME}[^.?!\d]{{0,40}}$"
)
_PAPER = (
    r"\b(?:factuur|facturen|nota|rekening|declaratie|brief|betaling|kenmerk|order|claim|machtiging|zaak)(?:nummer|nr)?"
)
PAPER_OF = re.compile(rf"{_PAPER} (?:van|bij|aan|door|voor|uit) (?:de |het |mijn )?$")
"""Before an insurer's name: what follows is the paper's number."""
_PAPER_NUMBERED = re.compile(rf"{_PAPER}(?: nr| nummer| met nummer)?[.: ]{{1,3}}$")
_NUMBER_OF = re.compile(
    r"\b(?:mijn|zijn|haar|ons)(?: eigen)? (?:nummer|nr)(?: (?:bij|van) (?:u|jullie))?(?: is| was|:) (?=[1-9])"
)
_INSURED = re.compile(
    r"\bverzekerd\b(?:(?! als )[^\n.!?\d;]){0,44}\b(?:onder|met|nr|nummer|no|via)\b"
    r"(?: (?:het|mijn|haar|zijn|ons|nr|nummer|nummertje|polis|polisnummer|relatienummer|klantnummer"
    r"|no)){0,3}[.:]{0,2} ?$"
    r"|\bverzekerd(?:e)? bij ?/? ?(?:nr|nummer|polis(?:nr)?)\.?[:=] ?(?:[a-z]{2,12} ?)?$|\bpat ?# ?[:=]? ?$"
)
_THING_INSURED = re.compile(
    r"\b(?:[a-z]*fiets|telefoon|toestel|laptop|tablet|horloge|kat|poes|hond|paard|huis|woning|piano|camera|drone)"
    r" (?:is|was|staat) [^.!?\n]{0,20}\bverzekerd\b"
)
_LEAST = 7


def beside_insurer(page: Page, start: int, end: int) -> bool:
    """ "Menzis onder klantnummer 316…", "Univé Zorg 5 501 883", "de 4471-209-3 van DSW", "VGZ88201937"."""
    digits = digits_of(page.folded[start:end])
    if len(digits) < _LEAST or len(digits) > 20:
        return False
    first = max(0, start - 70)
    lead = page.lower[first:start]
    lead = lead[max((match.end() for match in _SENTENCE.finditer(lead)), default=0) :]
    named = _BEHIND_NAME.search(lead)
    if digits[0] != "0" and named and not OTHER_POLICY.search(lead) and not PAPER_OF.search(lead, 0, named.start()):
        return True
    if _PAPER_NUMBERED.search(lead):
        return False
    if label_kind(page, start, end, 30) not in {"", "health"}:
        return False
    return _BEFORE_NAME.match(page.lower, end) is not None and not OTHER_POLICY.search(lead) and digits[0] != "0"


def speaks_of_care(page: Page, about: About, start: int, end: int) -> bool:
    """Whether care is spoken of near a policy; where another thing is insured, too, in the policy's own sentence."""
    kinds = {"care", "health"}
    if not about.other_policy:
        return page.near(start, end, kinds, 200)
    return any(
        c.kind in kinds and not _SENTENCE.search(page.lower, c.end, start) for c in page.before(start, 120)
    ) or any(c.kind in kinds and not _SENTENCE.search(page.lower, end, c.start) for c in page.after(end, 60))


def has_letters(page: Page, about: About, start: int, end: int) -> bool:
    """A number that begins with the letters of its insurer."""
    value = page.lower[start:end]
    if len(digits_of(value)) < _LEAST - 1 or label_kind(page, start, end, 25) in {"reference", "code", "iban", "phone"}:
        return False
    return _LETTERS.match(value) is not None or (_SOME_LETTERS.match(value) is not None and about.paid)


def on_card(page: Page, about: About, start: int, end: int) -> bool:
    """ "op de pas van mijn man (5530189)", "AZ20933184? zo staat op de pas"."""
    digits = digits_of(page.folded[start:end])
    if len(digits) < _LEAST:
        return False
    if _SAYS_CARD.match(page.lower, end):
        return about.paid and len(digits) > _LEAST and not label_kind(page, start, end, 25)
    spoken = bool(page.spoken_of & {"health", "policy", "care", "birth"}) or about.paid
    return spoken and _CARD_OF_KIN.search(page.lower, max(0, start - 70), start) is not None and not about.other_card


def referred_to(page: Page, start: int) -> bool:
    """ "mijn lidnummer bij de CM zetten? Dat is …"."""
    says = _REFERS.search(page.lower, max(0, start - 26), start)
    return says is not None and _NAMED_BEFORE.search(page.lower, max(0, says.start() - 110), says.start()) is not None


def behind_birth(page: Page, about: About, start: int, end: int) -> bool:
    """ "Margot Pels, 11-11-1961, 667828546" where somebody's care is paid."""
    digits = digits_of(page.folded[start:end])
    if len(digits) < _LEAST or checksums.bsn(digits) or about.other_policy:
        return False
    if not (about.paid or page.spoken_of & {"health", "policy"}):
        return False
    if _INSURED_ONE.search(page.lower, max(0, start - 60), start):
        return True
    return any(_DATE_THEN.fullmatch(page.lower, born, start) for born in about.births.ends(start - 12, start - 1))


def lists(page: Page, about: About, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """ "Kind 1 66120938" and "Kind 2 66120939" on lines of their own, where care is spoken of."""
    if len(spans) < 2 or about.other_policy or not page.spoken_of & {"care", "health"}:
        return
    rows: dict[str, list[tuple[int, int]]] = {}
    for start, end in spans:
        if counted := _COUNTED.match(page.lower, start, end):  # "Kind 1 66120938"
            start = counted.end()
        row = page.lower[page.line_start(start) : start]
        if page.folded[end : end + 1] in {"", "\n", ",", "."} and _PER_PERSON.fullmatch(row):
            value = page.folded[start:end]
            if len(digits_of(value)) >= _LEAST:
                rows.setdefault(re.sub(r"\d", "9", value), []).append((start, end))
    for alike in rows.values():
        if len(alike) > 1 and _FAMILY.search(page.lower):
            yield from alike


def is_number_of(page: Page, start: int) -> bool:
    """ "Mijn eigen nummer is 118 044 7720"."""
    return any(match.end() == start for match in _NUMBER_OF.finditer(page.lower, max(0, start - 40), start + 1))


def is_insured(page: Page, about: About, start: int) -> bool:
    """ "… is bij u verzekerd onder nummer 118…": a person, so a policy of care, where no other thing is insured."""
    lead = page.lower[max(0, start - 90) : start]
    if _INSURED.search(lead) is None:
        return False
    if page.cue_kinds & {"vehicle", "plate"}:
        return False
    if _THING_INSURED.search(lead):
        return False
    return not about.other_policy or "health" in page.cue_kinds or about.illness
