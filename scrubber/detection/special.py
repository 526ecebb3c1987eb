"""Special categories (GDPR art. 9 and 10): the shortest phrase that states one of somebody. For review only.

An entry of rules/words/special is a word or a phrase; in it `*` is any beginning or end of a word, `+` one word,
`(a|b)` a choice and `?` what may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from scrubber.detection.page import Page
from scrubber.detection.recognizer import DutchRecognizer, Hit
from scrubber.linear import Expression, options

_LISTS = ("health", "belief", "origin", "orientation", "politics", "crime")
_MARKS = frozenset("*+(|)?")
_PREDICATES = frozenset({"belief", "origin", "orientation"})
_HEADED = re.compile(
    r"[|;:\"'] {0,3}$|\b(?:diagnose|aandoening|beperking|bijzonderheden|behandeling|indicatie|klacht"
    r"|klachten|medisch|religie|geloof|etniciteit)\b[: ]{1,20}$"
)
_CELL_BEFORE = re.compile(r"(?:[|;:/(\"'=>*,]|[ *]-|\bi\.?v\.?m\.?|\bincl(?:\.|usief)|\bwegens)[ ]?[\"']?$")
_CELL_AFTER = re.compile(r"[\"']?[ ]?(?:[|;,)/<.\n\"'&>(]|-|$)")
_LABELLED = re.compile(
    r"\b(?:reden|letsel|geloof|geloofsovertuiging|religie|levensovertuiging|bijzonderheden|diagnose|diagnosis|condition|union|vakbond|religion|faith|medisch|icpc\W{1,3}\w{1,4}"
    r"|aandoening|ziekte|allergie|allergieen|handicap|beperking|strafrecht|strafblad|klacht|ziektebeeld|zorg|gezondheid"
    r"|medicatie|opmerking|notitie|afkomst|geaardheid|oorzaak|verzuim)[\"']?[ ]?[:=>(][ ]?[\"']?$"
)
_DATED = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{4}-\d\d-\d\d|\d{9}")
_CARED = re.compile(
    r"\b(?:zorg|\w*verpleging|begeleiding|behandeling|medicatie|hulp|thuiszorg|opname|opgenomen"
    r"|onder behandeling|uitkering"
    r"|afspraak|nota|declaratie|verwijzing|in behandeling|ziek thuis|thuis)(?: \w+){0,2} (?:i\.?v\.?m\.?"
    r"|ivm|wegens|vanwege|voor) $"
    r"|\bals (?:indicatie|diagnose|reden|aandoening|klacht|bijzonderheid)[: ]{1,2}[\"']?$"
)
"""Care for it, given to somebody; what a record states as the reason."""
_BRACKET = re.compile(r"\((?:\d{1,3}(?: jaar)?, ?|o\.a\. |oa |namelijk |hij heeft |zij heeft )?$")
_CAUSED = re.compile(
    r"\b(?:vanwege|wegens|door|i\.?v\.?m\.?|ivm|met|om|voor) (?:zijn|haar|hun|mijn|m'n|d'r|z'n) (?:\w+ )?$"
)
_STAGE = re.compile(
    r"\b(?:vergevorderde?|gevorderde?|beginnende?|ernstige|zware|acute|zwaar|ernstig|uitgezaaide|terminale|dubbele"
    r"|terugkerende) $"
)
_MORE_HEALTH = re.compile(
    r"^ (?:(?:type|graad|fase|stadium|gold) (?:\d|i{1,3}v?|iv)\b(?: ?[a-d]\b)?(?: (?:i{1,3}|iv|[1-4])\b)?"
    r"|\([a-z\- ]{3,24}\))"
)
_MORE_CRIME = re.compile(
    r"^(?: is| was| werd| geweest| geworden)? (?:voor|wegens|tot|van) (?:een |het |de |het bezit van |bezit van )?"
    r"(?:poging tot )?(?:zware |zwaar )?(?:\d{1,3} (?:jaar|maanden|uur|weken"
    r"|dagen) )?[a-z\-]{3,24}(?: van (?:een )?[a-z]+)?"
)
_STRONG = re.compile(
    r"\b(?:heb|heeft|hat|hie|had|hebben|ben|is|was|werd|word|wordt|krijg|kreeg|wegens|vanwege|diagnose"
    r"|behandeling|lijdt? aan"
    r"|met|door|hij|zij|ze|se|sinds|mijn|m'n|mn|my|his|her|has|have|diens|omdat \w+|last van"
    r"|na)[:\"]?(?: {1,8}[\w\-%]+){0,4} {1,12}$"
)
_DIRECT = re.compile(
    r"\b(?:ik heb|ik ben|mijn|heeft|zij is|hij is|ze is|is namelijk|lijdt? (?:\w+ )?aan|want hij|want ze|i have|she has"
    r"|he has)(?: \w+){0,2} $"
)
_SOMEBODY = re.compile(
    r"\b(?:ik|hij|zij|ze|je|jij|we|wij|man|vrouw|moeder|vader|zoon|zoontje|dochter|dochtertje|kind|broer|zus|oma|opa"
    r"|tante|oom|neef|nicht|partner|collega|buurman|buurvrouw|client|cliente|patient|bewoner|huurder|vriend|vriendin|ex"
    r"|mijn|haar|iemand|die|i|he|she|frou|myn|medewerker|werknemer|se|hy|mem|heit|diagnose|aandoening"
    r"|beperking|dhr|mevr|mw"
    r"|mevrouw|meneer|klant|leerling)\b"
)
_NAMED = re.compile(r"\b[A-Z][a-z]{2,} (?:is|was|heeft|had|wordt|zit|has|kreeg|krijgt|lijdt|ligt)\b")
_SAID_OF = re.compile(
    r"\b(?:ben|bent|is|zijn|was|waren|am|i'm|are|word|wordt|werd|als)(?: (?:zelf|namelijk|ook|half|een|a|van oorsprong"
    r"|toevallig|nu eenmaal|gewoon|dus|erg|heel|niet|wel|dan|al|overtuigd)){0,3} $"
)
_PERSON = re.compile(
    r"\b(?:ik|hij|zij|ze|je|jij|we|wij|man|vrouw|moeder|vader|zoon|dochter|kind|broer|zus|oma|opa|partner"
    r"|collega|buurman"
    r"|buurvrouw|buren|client|cliente|patient|bewoner|huurder|vriend|vriendin|ex|i|he|she|ouders|familie)\b"
)
_OF_SOMEBODY = re.compile(
    r" (?:van|bij|fan) (?:mijn|m'n|mn|ons|onze|haar|zijn|myn|de heer|dhr\.?|mevrouw|mevr\.?|mw\.?|client|patient)\b"
)
_IDIOM = re.compile(
    r" (?:van|fan)(?: jullie| deze| dit| die| zoiets| zo'n \w+)?(?: te worden| worden)?[ ]?(?:[.,!?\n]|$)"
)
_DNS = re.compile(r"\bdns\b|\bserial\b|\bnameserver|\bzone\b")
_AS = re.compile(r"\b(?:als|as an?|as) (?:een )?$")
_THEN_IS = re.compile(r"^ (?:ben|bent|is|zijn|was)\b")
_CONVICTED = re.compile(r"\b(?:voor|wegens) [a-z]{4,24} $")
_RECORD = frozenset({"health", "bsn", "birth", "person", "policy"})


class SpecialCategoryRecognizer(DutchRecognizer):
    """Word lists, and beside the word somebody who has, is or gets it."""

    ENTITIES = ("SPECIAL_CATEGORY",)
    GATED = False
    WEIGHTS = ("base", "holder", "impersonal", "ambiguous", "heading")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        impersonal = sorted(self.lexicon.words("special/not_persons"))
        self._impersonal = re.compile(r"\b(?:" + "|".join(map(re.escape, impersonal)) + r")\b")
        self._pattern, self._kinds = _compiled(tuple(self.lexicon.words(f"special/{n}") for n in _LISTS))

    def find(self, page: Page) -> Iterator[Hit]:
        for start, end in self._pattern.spans(page.lower.encode("latin-1", "replace")):
            word = page.lower[start:end]
            kind = self._kinds.of(word)
            if (
                page.folded[start - 1 : start] in {"@", "-", ".", "/", "_"}
                or page.folded[end : end + 1] in {"@", "_", "-"}
                or (page.folded[end : end + 1] == "." and page.folded[end + 1 : end + 2].isalnum())
            ):
                continue
            total = self._weigh(page, start, end, word, kind)
            if (
                kind == "crime"
                and total > -1
                and (" voor " in word or " wegens " in word or _MORE_CRIME.match(page.lower[end : end + 60]))
            ):
                total += self.weights["holder"]  # "veroordeeld wegens heling": nobody says it of nobody
            stage = _STAGE.search(page.lower, max(0, start - 16), start) if kind == "health" else None
            if stage:
                total += self.weights["holder"]
                start = stage.start()
            if total <= 0:
                continue
            rest = page.lower[end : end + 60]
            more = (
                _MORE_HEALTH.match(rest) if kind == "health" else _MORE_CRIME.match(rest) if kind == "crime" else None
            )
            if more:
                end += more.end()
            if word == "soa" and page.folded[start:end].isupper() and _DNS.search(page.lower):
                continue  # a record of a zone
            if word == "veroordeeld" and not more and not _CONVICTED.search(page.lower, max(0, start - 60), start):
                continue
            if len(word) > 60 or page.is_own_number(start, end):
                continue
            yield Hit("SPECIAL_CATEGORY", start, end, 0.6 if total < 1 else 0.75)

    def _weigh(self, page: Page, start: int, end: int, word: str, kind: str) -> float:
        weights = self.weights
        total = weights["base"]
        left = page.lower[max(page.line_start(start), start - 70) : start]
        sentence = re.split(r"[.!?] ", left)[-1]
        words = re.findall(r"[a-z']+", sentence)
        holders = self.lexicon.words("special/holders")
        held = sum(w in holders for w in words[-9:])
        right = re.match(r"[ ,]{1,2}(?:ben|heb|heeft|is|was|en |waardoor|gehad)", page.lower[end : end + 12])
        as_somebody = _AS.search(left) is not None and _PERSON.search(page.lower[end : end + 30]) is not None
        of_somebody = _OF_SOMEBODY.match(page.lower, end) is not None
        held = held or as_somebody or of_somebody
        if kind == "politics" and not held:
            total += weights["heading"]
        if held or right or re.search(r"\b(?:gaat|ging|betreft) (?:hier )?(?:om )?(?:een )?(?:\w+ )?$", left):
            total += weights["holder"]
        cell = self._is_cell(page, start, end)
        caused = bool(_CAUSED.search(left)) or (kind == "health" and _CARED.search(left) is not None)
        if cell or caused:
            total += weights["heading"] + (0.0 if held else weights["holder"] - weights["heading"])
        if word in self.lexicon.words("special/ambiguous_health") and not cell and not caused:
            strong = (
                _STRONG.search(left)
                or right
                or self._in_record(page, start, end)
                or page.near(start, end, {"health"}, 60)
            )
            small = len(word) <= 3 and not page.folded[start:end].isupper() and word != "dof"
            if (
                not strong
                or small
                or not (
                    right
                    or of_somebody
                    or _SOMEBODY.search(sentence)
                    or _HEADED.search(left)
                    or _NAMED.search(page.folded[start - len(sentence) : start])
                    or self._in_record(page, start, end)
                )
            ):
                total += weights["ambiguous"]
        if kind in _PREDICATES and word in self.lexicon.words(f"special/{kind}_common"):
            said = _SAID_OF.search(sentence) or _THEN_IS.match(page.lower[end : end + 6])
            if not (said and _PERSON.search(sentence)) and not as_somebody and not cell and not caused:
                total += weights["ambiguous"]
        around = page.lower[max(0, start - 60) : end + 40]
        if not _DIRECT.search(sentence) and self._impersonal.search(around):
            total += weights["impersonal"]
        if not held and (_HEADED.search(left) or self._in_record(page, start, end)):
            total += weights["heading"]
        if _IDIOM.match(page.lower, end):
            total += weights["impersonal"]
        if re.search(r"\b(?:geen|niet|nooit|zonder) (?:\w+ )?$", left):
            total += weights["impersonal"]
        after = page.lower[end : end + 20]
        if kind == "belief" and re.search(r"\b(?:school|kerk|kalender|feestdag|onderwijs|bond|stichting)", after):
            total += weights["impersonal"]
        return total

    @staticmethod
    def _is_cell(page: Page, start: int, end: int) -> bool:
        """A field of its own, labelled so or in a line about somebody: "Sara Bos, 3-4-1980, reuma"."""
        if not _CELL_AFTER.match(page.lower, end):
            return False
        if page.folded[end : end + 1] == ")" and _BRACKET.search(page.lower, max(0, start - 16), start):
            around = page.folded[max(0, start - 90) : start]
            named = re.findall(r"[A-Z][a-z]+", around)
            if _SOMEBODY.search(around.lower()) or any(word.lower() in page.lexicon.first_names for word in named):
                return True
        first = page.line_start(start)
        left = page.lower[max(first, start - 40) : start]
        if _LABELLED.search(left):
            return True
        line = page.folded[max(first, start - 140) : start]
        if not _CELL_BEFORE.search(left):
            return False
        if _DATED.search(line):
            return True
        names = page.lexicon.first_names
        return any(word.lower() in names for word in re.findall(r"[A-Z][a-z]+", line)) and "," not in left[-2:]

    @staticmethod
    def _in_record(page: Page, start: int, end: int) -> bool:
        """Whether the line is a row of somebody's data, in columns."""
        first, last = page.line_start(start), page.line_end(end)
        if not any(separator in page.folded[first:last] for separator in "|;\t"):
            return False
        near = (*page.before(start, 120), *page.after(end, 60))
        return any(cue.kind in _RECORD and first <= cue.start < last for cue in near)


class _Kinds:
    """Which list an occurrence stands in."""

    def __init__(self, lists: tuple[frozenset[str], ...]) -> None:
        pairs = [(name, entry) for name, entries in zip(_LISTS, lists, strict=True) for entry in sorted(entries)]
        self.sources = {entry: _source(entry) for _, entry in pairs}
        self._plain = {entry: name for name, entry in pairs if not _MARKS.intersection(entry)}
        self._open = [(re.compile(self.sources[entry]), name) for name, entry in pairs if _MARKS.intersection(entry)]

    def of(self, word: str) -> str:
        plain = self._plain.get(word)
        if plain is not None:
            return plain
        return next((name for pattern, name in self._open if pattern.fullmatch(word)), "health")


def _source(entry: str) -> str:
    """The pattern of an entry; see the top of this module."""
    marks = {"*": r"[a-z\-]*", "+": r"[a-z\-]+"}
    return "".join(marks.get(c, c if c in "()|?" else re.escape(c)) for c in entry).replace("(", "(?:")


@lru_cache(maxsize=4)
def _compiled(lists: tuple[frozenset[str], ...]) -> tuple[Expression, _Kinds]:
    kinds = _Kinds(lists)
    settings = options(max_mem=64 << 20)
    settings.longest_match = True
    settings.never_capture = True
    source = r"\b(?:" + "|".join(kinds.sources[entry] for entry in sorted(kinds.sources)) + r")\b"
    return Expression(source.encode("latin-1"), settings), kinds
