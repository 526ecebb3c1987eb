"""Dates of birth: a date in any spelling that something beside it gives as a birth."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection import checksums
from scrubber.detection.numbers import stands_alone
from scrubber.detection.page import Page
from scrubber.detection.recognizer import DutchRecognizer, Hit

_KINDS = frozenset({"birth", "age", "date", "reference", "version", "card", "policy"})
_PARTS = re.compile(r"\d+")
_I_AM_FROM = re.compile(
    r"(?:\b(?:ik|hij|zij|ze|man|vrouw|zoon|dochter|moeder|vader|kind|broer|zus|partner|cliente?)"
    r"(?: \w+|, [\w\- ]{2,30},)?"
    r" (?:ben|is"
    r"|was|zijn) (?:\w+ )?van|\bben (?:van|v\.?d\.?|v/d)(?: de)?|"
    r"[^\w\n]\*|\(\* ?|\xb0|(?:ik|ikzelf|mezelf|zoon|zoontje|dochter|dochtertje|kind|man|vrouw|moeder|vader"
    r"|baby|partner|client"
    r"|cliente|oma|opa|broer|zus|zusje|broertje|tante|oom|vriend|vriendin)(?::? \w+"
    r"| \([\w\-]{2,20}){0,2}(?: \(| ?,| -)(?: ?(?:van|uit"
    r"|\*))? ?|geboren (?:\w+ ){0,3}\w*|\bbj)[ :]{0,3}(?:(?:ma|di|wo|do|vr|za|zo)\w* )?$"
)
_AFTER = re.compile(
    r"^[ ,)]{0,3}(?:\w+ ){0,2}?(?:geboren|geb\.|als geboortedatum|mijn geboortedatum|jarig|is de geboortedatum)"
)
_NEXT_IN_LIST = re.compile(
    r"^,? ?(?:en|and|/|&|,|resp\."
    r"|i\.?p\.?v\.?|in plaats van) ?(?:(?:die van |van )?(?:mijn|m'n|mn|onze|zijn|haar|de|het) )?(?:(?!overleden"
    r"|getrouwd|verhuisd|sinds)[a-z]+ ){0,2}(?:op )?$"
    r"|^[;,/\n]{1,2} ?(?:en )?(?:mijn |onze )?(?:zoon|dochter|kind|man|vrouw|partner|broer|zus|moeder"
    r"|vader|baby|zelf)[a-z]{0,5}"
    r"(?: ?\d)?(?: [a-z]+)?:? ?$"
)
_INSTEAD = re.compile(r",? ?i\.p\.v\. ?")
_NO_LIST = re.compile(r",? ?op ")
_SOMEBODY_IS = re.compile(
    r"\b(?:ik|hij|zij|ze|die|man|vrouw|zoon|dochter|moeder|vader|kind|oma|opa|broer|zus|baby|tante|oom|she|he|partner"
    r"|client|cliente|patient) (?:ben|is|was|wordt|werd) (?:nu |al |net |pas |nl\.? |zelf |dus )?$"
)
_IS_FROM = re.compile(
    r"(?:\b(?:ik|hij|zij|ze|die|heer|man|vrouw|zoon|dochter|moeder|vader|kind|oma|opa|oom|tante|broer|zus|neef|nicht"
    r"|zwager|partner|client|cliente|huurder|bewoner|collega|vriend|vriendin)\b[^.!?\n]{0,30}"
    r"|[a-z]{3,}, [a-z\-]{3,},) ?"
    r"(?:is|ben|was|en is) (?:nog |zelf )?van $|\bbeiden? (?:van )?$"
)
_THING_FROM = re.compile(
    r"\b(?:factuur|brief|mail|offerte|contract|polis|rekening|overeenkomst|auto|foto|pakket|bestelling|bericht|akte"
    r"|beschikking|aanslag|huis|woning|ketel|nota|afspraak|account|abonnement)\b[^,.]{0,14}$"
)
_OF_ANIMAL = re.compile(
    r"\b(?:mijn|onze|ons|de|het|een|haar|zijn) (?:[a-z]+ )?"
    r"(?:hond|hondje|kat|poes|kater|kitten|pup|puppy|paard|pony|veulen|konijn)"
    r"(?: [a-z]+)? (?:is|was|werd)(?: (?:ook|pas|nu|al))?(?: geboren)?(?: (?:op|van))? $"
)
_THING_OF = re.compile(
    r"\b(?:contract|factuur|brief|offerte|ketel|cv-ketel|foto|polis|akte|auto|abonnement|pakket|bestelling)"
    r" (?:van|met|voor) (?:mijn|m'n|mn|onze|ons|de|zijn|haar) [a-z]+ (?:is|was) van $"
)
"""Dates of animals, and of what somebody has: "het contract van mijn vader is van …"."""
_AFTER_NUMBER = re.compile(
    r"(?<![\d.,/\-])(\d{8,10}|\d{4}\.\d\d\.\d{3}|[A-Z]{2}[A-Z0-9]{6}\d)[\"' ]{0,2}[,;|/\t][\"' ]{0,2}$"
)
_BORN_IN_WORDS = re.compile(r"\b(?:negentien\s?(?:honderd)?|tweeduizend)[a-z ]*$|(?:19|20)\d\d$")
_AFTER_BSN = re.compile(r"(?<![\d.,/\-])(\d{8,9})[\"' ,;|/\t]{1,5}$")
_RUNS = re.compile(r"[A-Za-z'. ]+")
_SEPARATORS = ("-", ";", "|", ",", "/", ":")
_NAMED = re.compile(r"([A-Z][A-Za-z'\-]+)[\"']?(?: ?\(|,|;| ?\||\t| -| /|:| )[ ]{0,3}\(?$")
_CELL_NAMED = re.compile(
    r"[A-Z][a-z'\-]+ (?:(?:van|de|den|der|ter|ten|el|'t) ){0,3}[A-Z][A-Za-z'\-]+[\"']?(?: \(|,|;| \||\t| - )[ ]?$"
)
_FIRST_BEFORE = re.compile(r"([A-Z][A-Za-z'\-]+) (?:(?:van|de|den|der|ter|ten|el|'t|v\.?d\.?) ){0,3}$")
_CELL_BEFORE = re.compile(r"(?:^|[|;/\t,(:\-])[ >*\"']*$")
_CELL_AFTER = re.compile(r"[ \"']*(?:$|[|;/\t,)\n.]|- )")
_NINE = re.compile(r"(?<!\d)\d{9}(?!\d)")
_OTHER_DATE = frozenset({"date", "version", "reference"})
_YOUNGEST = 2015
"""A year up to this, without any word for another date, is rarely anything but a birth in a message to a desk."""
_GROWN = 2010
_CHILDREN = 2022
_CHILD = re.compile(
    r"\b(?:baby|kind\w*|klein\w+|zoon\w*|dochter\w*|peuter\w*|kleuter\w*|geboren|geboorte|school\w*|opvang|jeugd\w*|leerling\w*)\b"
)
_OF_PERSON = frozenset({"bsn", "passport", "national", "person", "health", "care", "iban", "licence", "phone"})
_HUMAN = re.compile(
    r"\b(?:ik|ikzelf|mijn|m'n|mn|me|wij|we|hij|zij|ze|haar|hem|hun|zijn vrouw|zijn man|onze|he|she|my|jarig"
    r"|heer|mevrouw|mevr|mw|dhr|meneer|man|vrouw|zoon\w*|dochter\w*|moeder|vader|ma|pa|mama|papa|kind\w*|oma|opa|oom|tante"
    r"|broer\w*|zus\w*|neef\w*|nicht\w*|partner|client\w*|patient\w*|huurder|bewoner|bewoonster|collega|vriend\w*|baby"
    r"|koper|verkoper|bestuurder|verzekerde|leerling|deelnemer|inschrijv\w*|bsn|paspoort|rijbewijs|id-?kaart|nationaliteit"
    r"|ongehuwd|gehuwd|weduwe|wonende|identiteit\w*|legitimatie)\b"
)
"""Somebody is spoken of, or a paper of somebody's."""
_OTHER_WHEN = re.compile(
    r"\b(?:sinds|vanaf|vanuit|tot|t/m|per|eind|begin|rond|ongeveer|anno|versie|update|release|firmware|build|boek\w*"
    r"|gebouwd|bouw\w*|opgericht|opgeleverd|overle\w+|gestorven|getrouwd|gehuwd op|trouw\w*"
    r"|gescheiden|verhuisd|betrokken"
    r"|aangesloten|ingegaan|afgesloten|ondertekend|getekend|gedateerd|gepasseerd|gestuurd|ontvangen|lid|klant|dienst"
    r"|factu\w+|brie\w+|mail|mails|offerte\w*|\w*contract\w*|polis|rekening|nota|overeenkomst|akte|beschikking|aanslag|vonnis"
    r"|besluit|vergunning|diploma|getuigschrift|afschrift|foto\w*|opname\w*|pakket|bestell\w+|bericht|account|abonnement"
    r"|woning|huis|auto|ketel|meter|kenteken|uitspraak|arrest|hr|crvb|hof|wet|regeling|verordening|jaargang|editie|artikel|krant"
    r"|kwartaal|periode|dossier|kenmerk|order|ticket|datum|dd|d\.d\.)\b[^.!?\n]{0,30}$"
)
"""What else may have happened that day."""
_NAME_SHAPED = re.compile(
    r"(?<![.!?] )\b[A-Z][a-z]*\.?(?: ?[A-Z]\.)* (?:(?:van|de|den|der|ter|ten|el|'t) ){0,3}[A-Z][a-z'\-]{2,}[,:]? ?\(?$"
)
_WHEN_AFTER = re.compile(
    r"[ ,)]{0,3}(?:(?:ben|werd|zijn) (?:ik|wij|we) (?:klant|lid)\b"
    r"|overleden|overleed|getrouwd|gescheiden|verhuisd|opgericht|gebouwd|t/m|tot|\u2020)"
)
_NO_DATE = re.compile(r"^\d\.|\.\d\.|(?i:,|\d[ ]?x[ ]?\d)")
"""With a year of two digits: rather a version, an amount, a number of times."""
_IN_YEAR = re.compile(
    r"(?:\b(?:ik|hij|zij|ze|we|wij|ikzelf|zelf|moeder|vader|man|vrouw|oma|opa|zoon|dochter)"
    r" (?:ben|is|was|zijn)(?: nog| zelf| al| allebei| beiden?| dus)? (?:van|uit)|\d\d,? dus (?:van|uit)"
    r"|[(,] ?bj\.?:?"
    r"|\b(?:ik|ben|zelf|wij|we|hij|zij|is|man|vrouw|moeder|vader|oma|opa)\b[^.\n]{0,16}\bbouwjaar)[ :]{1,2}$"
)
_NOT_IN_YEAR = re.compile(r" ?(?:tot\b|t/m|euro|cent|m2|km|uur|kwh|%|\u20ac|jaar|cm|kg|dagen|stuks|minuten)|[.,:/\-]\d")
_VINTAGE = re.compile(r"\b(?:bouwjaar|lichting|klasse|jaargang|leeftijd)[ :]{1,3}(?:is |van )?$")
"""How people joke about a year of birth; a date to the day is never a car's."""
_BORN_AFTER = re.compile(r"(?:,? (?:om )?\d\d?[.:]\d\d(?: uur)?)?[ )]{1,2}geboren\b(?! en getogen)")
"""Right behind: "is 18 juni geboren", "(20 november 2025, 03.12 uur) geboren"."""
_AGED = re.compile(
    r"\b(?:van|wordt|werd|is|was|ben|bijna|net|pas)(?: (?:ma|di|wo|do|vr|za|zo)[a-z]*dag| morgen| vandaag| al| nu)? "
    r"(?:[1-9]|[1-9]\d)(?: jaar| jr)?,? \( ?(?:geb\w*\.? )?$"
)
"""An age, and the date in brackets behind it: "voor Fleur van 6 (…)"."""
_NOT_OF = re.compile(r"\b(?:niet|nooit|geen) (?:van|uit|in|bj\.?|bouwjaar):? ?$")
_WRONG = frozenset({"fout", "foute", "foutje", "aanvraag", "account", "nummer"})
"""Cues of a reference that say no more of a date than that it is wrong, or where it stands."""
_I_AM = re.compile(
    r"\b(?:(?:ik|hier) (?:ben|is)|ben|mijn naam is|ik heet|heet|naam|patient|cliente?|kind|zoon|dochter"
    r"|partner)"
    r":? +(?P<first>[a-z][a-z'\-]+) (?:(?:van|de|den|der|ter|ten|el|'t|v\.?d\.?) ){0,3}[a-z][a-z'\-]+[ ,(]{1,2}$"
)
"""Somebody gives a whole name; six or eight digits right behind it are a date."""
_KIN_IS = re.compile(
    r"\b(?:kind|zoon|zoontje|dochter|dochtertje|baby|partner|man|vrouw|moeder|vader|broer|zus|client|patient|leerling"
    r"|bewoner|verzekerde|deelnemer)(?: ?\d)?: ?(?P<name>[A-Z][A-Za-z'\-]+)(?: [A-Za-z'\-]+){0,4}[ ,(/\-]{1,3}$",
    re.IGNORECASE,
)
"""A form's line of a relative: "kind: Ilyas (date)"."""
_ENDS_ITEM = re.compile(r"[ ]?(?:$|[,;)/|\n.]|- |en\b|bsn\b|sofi|geb(?:oren)?\b)")
_THEN_BSN = re.compile(r"[ ,;/|)(\-]{1,3}(?:en )?(?:met )?(?:bsn|sofi|burgerservice)\w*")
_STOPS = re.compile(r"[.!?] +[A-Z]|\n[ \t]*\n|;.*;")


_THIS_AGE = 2026
"""Children are born up to now."""


def _parts_of_year(text: str) -> int:
    """The year of a date, also of two digits; 0 without one."""
    parts = _PARTS.findall(text)
    whole = next((int(part) for part in parts if len(part) == 4), 0)
    if whole or not parts or len(parts[-1]) != 2:
        return whole
    return (1900 if int(parts[-1]) > 30 else 2000) + int(parts[-1])


class BirthDateRecognizer(DutchRecognizer):
    """The date only. Years as 1981, '81 or 81; months as numbers or words; also 19810602 beside its label."""

    ENTITIES = ("DATE_OF_BIRTH",)
    PATTERNS = ("numeric", "iso", "worded", "english", "compact", "day_month", "spoken", "year")

    def find(self, page: Page) -> Iterator[Hit]:
        last, last_name = -1, ""
        taken = -1
        given: list[Hit] = []
        doubtful: list[tuple[int, int]] = []
        spans = [(start, -end, name in {"spoken", "year"}, name) for name, start, end in self.spans(page)]
        for start, negative_end, _, name in sorted(spans):
            end = -negative_end
            if name == "year":  # the word before it belongs to the pattern, not to the date
                start = page.folded.rindex(" ", start, end) + 1
            elif name in {"numeric", "compact"}:  # nor does the word that it is glued to
                while not page.folded[start].isdigit():
                    start += 1
            if (
                start < taken
                or not stands_alone(page, start, end, "/_", behind="birth")
                or not self._is_date(page, name, start, end)
            ):
                continue
            if name == "year" and _NOT_OF.search(page.lower[max(0, start - 16) : start]):
                continue
            taken = end
            score = self._score(page, name, start, end, last)
            if not score and last >= 0 and start - last < 40 and (name != "day_month" or last_name == name):
                other = page.follows(start, _OTHER_DATE, start - last)
                listed = _NEXT_IN_LIST.match(page.lower[last:start]) and not _NO_LIST.fullmatch(page.lower[last:start])
                score = 0.7 if listed and (not other or _INSTEAD.fullmatch(page.lower[last:start])) else 0.0
            if score:
                last, last_name = end, name
                given.append(Hit("DATE_OF_BIRTH", start, end, score))
            elif name in {"numeric", "iso"}:
                doubtful.append((start, end))
        yield from given
        if given and doubtful:
            yield from self._in_same_column(page, given, doubtful)

    @staticmethod
    def _in_same_column(page: Page, given: list[Hit], doubtful: list[tuple[int, int]]) -> Iterator[Hit]:
        """Dates that stand in their line as a birth date stands in one of the lines around."""

        def shape(start: int) -> str:
            return _RUNS.sub("a", re.sub(r"\d+", "0", page.folded[page.line_start(start) : start]))

        columns = {(shape(hit.start), hit.start) for hit in given}
        for start, end in doubtful:
            own = shape(start)
            if not any(separator in own for separator in _SEPARATORS) or len(own) > 60:
                continue
            if page.follows(start, _OTHER_DATE, start - page.line_start(start)):
                continue
            for there, at in columns:
                between = page.folded[min(at, start) : max(at, start)].count("\n")
                if there == own and 0 < between <= 6:
                    yield Hit("DATE_OF_BIRTH", start, end, 0.7)
                    break

    @staticmethod
    def _is_date(page: Page, name: str, start: int, end: int) -> bool:
        text = page.folded
        if text[end : end + 1] in {"-", "."} and text[end + 1 : end + 2].isdigit():
            return False
        before = text[max(0, start - 1) : start]
        if before in {"-", ".", ","} and text[max(0, start - 2) : start - 1].isalnum():
            cell = any(cue.kind == "birth" for cue in page.before(start - 1, 0)) or (
                before == "," and (text[start - 2].isalpha() or page.line_start(start) in page.columns)
            )
            if not cell:
                return False
        parts = [int(part) for part in _PARTS.findall(text[start:end])]
        if name == "numeric":
            return (1 <= parts[0] <= 31 and 1 <= parts[1] <= 12) or (1 <= parts[1] <= 31 and 1 <= parts[0] <= 12)
        if name == "iso":
            return 1 <= parts[1] <= 12 and 1 <= parts[2] <= 31
        if name == "compact":
            value = text[start:end]
            if len(value) == 6:
                return 1 <= int(value[:2]) <= 31 and 1 <= int(value[2:4]) <= 12
            if value[:2] in {"19", "20"}:
                return 1 <= int(value[4:6]) <= 12 and 1 <= int(value[6:8]) <= 31
            return 1 <= int(value[:2]) <= 31 and 1 <= int(value[2:4]) <= 12 and value[4:6] in {"19", "20"}
        return name in {"spoken", "year"} or any(1 <= part <= 31 for part in parts)

    def _score(self, page: Page, name: str, start: int, end: int, last: int) -> float:
        """`last`: the end of the birth date before it, -1 where there is none."""
        lower = page.lower
        if _OF_ANIMAL.search(lower, max(0, start - 50), start) or _THING_OF.search(lower, max(0, start - 50), start):
            return 0.0
        if name == "year":
            return self._in_year(page, start, end)
        reach = (22 if end - start == 8 else 14) if name == "compact" else 60
        cue = page.label(start, _KINDS, reach)
        if cue is not None and cue.kind == "reference" and lower[cue.start : cue.end] in _WRONG:
            cue = next((c for c in page.before(cue.start, reach) if c.kind in _KINDS), cue)
        if cue is not None and cue.kind == "birth":
            gap = page.folded[cue.end : start + 1]
            spent = cue.start < cue.end <= last  # "geboren 3 maart 1938, op 2 november overleden"
            if spent and (name in {"day_month", "spoken"} or self._year(page.folded[start:end]) > _YOUNGEST):
                return 0.0
            if not _STOPS.search(gap) and gap.count("\n") <= 1:
                return 0.95 if len(gap) < 40 else 0.75
        if name == "spoken" and _BORN_IN_WORDS.search(lower[start:end]):
            here = lower[max(0, start - 45) : start]
            said = _I_AM_FROM.search(here) or _IS_FROM.search(here) or _SOMEBODY_IS.search(here)
            return 0.8 if said else 0.0
        if name != "compact" and _BORN_AFTER.match(lower, end):
            return 0.8
        if name == "compact" and self._behind_whole_name(page, start, end):
            return 0.7
        if name in {"day_month", "spoken"} or (name == "compact" and end - start == 6):
            return 0.0
        if name != "compact" and self._of_relative(page, start, end):
            return 0.7
        if (
            name != "compact"
            and (cue is None or cue.kind == "age")
            and any(c.kind == "age" for c in page.before(start, 70))
        ):
            return 0.7
        if _I_AM_FROM.search(lower[max(0, start - 40) : start]) and name != "compact":
            return 0.9
        if _AFTER.match(lower[end : end + 40]) and name != "compact":
            return 0.85
        if name != "compact" and (cue is None or cue.end == cue.start) and self._beside_bsn(page, start, end):
            return 0.6
        if name != "compact" and _AGED.search(lower[max(0, start - 40) : start]):
            return 0.7
        if _VINTAGE.search(lower[max(0, start - 24) : start]) and self._year(page.folded[start:end]) <= _GROWN:
            return 0.0 if name == "compact" or "vehicle" in page.cue_kinds else 0.7
        return self._unlabelled(page, name, start, end)

    def _unlabelled(self, page: Page, name: str, start: int, end: int) -> float:
        """Without a label: a year of long ago beside a name or in a record, or where a birth date is asked for."""
        line_start, line_end = page.line_start(start), page.line_end(end)
        here = page.lower[max(line_start, start - 45) : start]
        cell_start = max(page.folded.rfind(separator, line_start, start) for separator in ";|\t")
        reach = min(len(here), start - cell_start) if cell_start >= 0 else len(here)
        year = self._year(page.folded[start:end])
        long_ago = 1905 <= year <= _YOUNGEST
        left = page.folded[max(line_start, start - 45) : start]
        named = _NAMED.search(left)
        somebody = named is not None and self._is_somebody(page, left, named)
        numbered = name != "compact" and _AFTER_NUMBER.search(left)
        row = _AFTER_BSN.search(left) if name == "compact" and end - start == 8 else None
        if row and 1905 <= year <= 2026 and checksums.bsn(row[1]):
            return 0.7
        if numbered and (year <= _GROWN or checksums.bsn(numbered[1].replace(".", ""))) and year >= 1905:
            return 0.7
        if 1905 <= year <= _GROWN and (_SOMEBODY_IS.search(here) or (somebody and _CELL_NAMED.search(left))):
            return 0.75  # right behind who it is of, whatever else the line dates
        others = {"date", "version"} if somebody and long_ago else _OTHER_DATE
        if any(
            cue.kind in others
            and cue.end > start - reach
            and not (somebody and _STOPS.search(page.folded, cue.end, start))
            for cue in page.before(start, 45)
        ):
            return 0.0
        following = page.folded[end : end + 2].strip()[:1]
        if following == ":" or (
            following not in {")", ",", ";"}
            and any(c.kind == "date" and c.end <= line_end for c in page.after(end, 25))
        ):
            return 0.0
        if 1905 <= year <= _CHILDREN and _IS_FROM.search(here) and not _THING_FROM.search(here):
            return 0.7
        child = year >= 1905 and _CHILD.search(page.lower, max(0, start - 200), end + 80) is not None
        if child and name != "compact" and somebody and _CELL_NAMED.search(left):
            return 0.7
        if name != "compact" and 1905 <= year <= _CHILDREN and self._item_of_person(page, start, end):
            return 0.65
        if somebody and left.endswith("(") and page.folded[end : end + 1] in {")", ","} and name != "compact":
            return 0.85
        if long_ago and (somebody or _SOMEBODY_IS.search(here)):
            return 0.75
        cell = _CELL_BEFORE.search(left) is not None and _CELL_AFTER.match(page.folded, end, min(line_end + 1, end + 6))
        if long_ago and cell and self._record(page, line_start, line_end):
            return 0.75
        if name == "compact":
            return 0.0
        if long_ago and year <= _GROWN and self._nothing_else(page, start, end):
            return 0.6
        if "birth" not in page.spoken_of:
            return 0.0
        alone = page.folded[line_start:line_end].strip(" >*-.,!") == page.folded[start:end]
        latest = _YOUNGEST if "birth" in page.cue_kinds else 2022  # here, or only in what it answers
        return 0.75 if alone or 1905 <= year <= latest else 0.0

    @staticmethod
    def _nothing_else(page: Page, start: int, end: int) -> bool:
        """Whether nobody says what else happened on a day of long ago, where somebody is spoken of."""
        lead = page.lower[max(0, start - 100) : start]
        said = lead[max(lead.rfind(". "), lead.rfind("\n")) + 1 :]
        if _OTHER_WHEN.search(said) or _WHEN_AFTER.match(page.lower, end):
            return False
        value = page.folded[start:end]
        short = not value[-4:].isdigit()
        if short and (_NOT_IN_YEAR.match(page.lower, end) or _NO_DATE.search(value)):
            return False
        line_start, line_end = page.line_start(start), page.line_end(end)
        alone = line_start > 0 and page.folded[line_start:line_end].strip(" >*-.,") == value
        if alone or _NAME_SHAPED.search(page.folded, max(0, start - 60), start):
            return True
        return _HUMAN.search(lead) is not None or _HUMAN.search(page.lower, end, end + 60) is not None

    @staticmethod
    def _item_of_person(page: Page, start: int, end: int) -> bool:
        """A date with a line to itself, where the line above and the one below give other data of somebody."""
        line_start, line_end = page.line_start(start), page.line_end(end)
        if page.folded[line_start:line_end].strip(" >*-.,\u2022") != page.folded[start:end] or line_start == 0:
            return False
        above = page.line_start(line_start - 1)
        below = page.line_end(min(line_end + 1, len(page.folded)))
        return page.follows(line_start, _OF_PERSON, line_start - above) and any(
            cue.kind in _OF_PERSON for cue in page.after(end, below - end)
        )

    def _behind_whole_name(self, page: Page, start: int, end: int) -> bool:
        """Whether a date in digits alone stands behind the name that somebody gives: "ik ben Joost Vink 140877"."""
        named = _I_AM.search(page.lower[max(0, start - 60) : start])
        if named is None or not self._is_name(page, named["first"]):
            return False
        value = page.folded[start:end]
        year = self._year(value) or 1900 + int(value[4:])
        return 1905 <= year <= _CHILDREN and (len(value) == 6 or value[4:6] in {"19", "20"})

    def _of_relative(self, page: Page, start: int, end: int) -> bool:
        """Whether a date of this age stands behind a name, in a line that gives a relative or before the BSN."""
        line_start = page.line_start(start)
        left = page.folded[max(line_start, start - 60) : start]
        whole = _parts_of_year(page.folded[start:end])
        kin, named = _KIN_IS.search(left), _NAMED.search(left)
        opens = kin or named
        if opens is None or not 1905 <= whole <= _THIS_AGE:
            return False
        if page.follows(start, _OTHER_DATE, len(left) - opens.start()):
            return False
        if kin is not None and self._is_name(page, kin["name"].lower()) and _ENDS_ITEM.match(page.lower, end):
            return True
        return (
            named is not None and _THEN_BSN.match(page.lower, end) is not None and self._is_somebody(page, left, named)
        )

    @staticmethod
    def _in_year(page: Page, start: int, end: int) -> float:
        """ "ik ben van 1952", "mijn moeder (bj '38)": a year alone, right behind who is of it."""
        if _NOT_IN_YEAR.match(page.lower, end) or page.near(start, end, {"vehicle", "plate"}, 40):
            return 0.0
        return 0.7 if _IN_YEAR.search(page.lower[max(0, start - 40) : start]) else 0.0

    @staticmethod
    def _year(text: str) -> int:
        parts = _PARTS.findall(text)
        if len(parts) == 1 and len(parts[0]) == 8:
            return int(parts[0][:4]) if parts[0][:2] in {"19", "20"} else int(parts[0][4:])
        whole = next((int(part) for part in parts if len(part) == 4), 0)
        if whole or len(parts) < 2 or len(parts[-1]) != 2:
            return whole
        return 1900 + int(parts[-1]) if int(parts[-1]) > 30 else 0

    def _is_somebody(self, page: Page, left: str, named: re.Match[str]) -> bool:
        """A name, or any word right behind a first name: "Els Bos"."""
        if self._is_name(page, named[1].lower()):
            return True
        before = _FIRST_BEFORE.search(left, 0, named.start(1))
        return before is not None and before[1].lower() in page.lexicon.first_names

    @staticmethod
    def _is_name(page: Page, word: str) -> bool:
        lexicon = page.lexicon
        known = word in lexicon.first_names or word in lexicon.surnames or word in page.sender.name.lower().split()
        return known and word not in lexicon.words("names/months") and word not in lexicon.common

    def _record(self, page: Page, line_start: int, line_end: int) -> bool:
        """Whether the line gives somebody's data: a BSN, an e-mail address, a first name with more of the name."""
        line = page.folded[line_start : min(line_end, line_start + 400)]
        if "@" in line or any(checksums.bsn(number) for number in _NINE.findall(line)):
            return True
        index = page.word_before(line_start + 1) + (0 if line_start == 0 else 1)
        words = page.words
        for at in range(max(0, index), min(len(words) - 1, max(0, index) + 12)):
            if words[at].start >= line_end:
                break
            first, following = words[at], words[at + 1]
            if (
                page.folded[first.start].isupper()
                and first.lower in page.lexicon.first_names
                and page.folded[first.end : following.start] == " "
                and (page.folded[following.start].isupper() or following.lower in page.lexicon.words("names/particles"))
            ):
                return True
        return False

    @staticmethod
    def _beside_bsn(page: Page, start: int, end: int) -> bool:
        """An unlabelled date of long ago on a line that also gives a BSN."""
        years = [int(part) for part in _PARTS.findall(page.folded[start:end]) if len(part) == 4]
        if not years or not 1905 <= years[0] <= 2012:
            return False
        line_start, line_end = page.line_start(start), page.line_end(end)
        return any(cue.kind == "bsn" and line_start <= cue.start < line_end for cue in page.cues)
