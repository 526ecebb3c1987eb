"""Streets: where the name before a house number begins, and how surely it is a street's."""

from __future__ import annotations

import re

from scrubber.detection import address_patterns as shapes
from scrubber.detection.lexicon import Lexicon
from scrubber.detection.page import Page

_LIVES = re.compile(
    r"woon|wonen|thuis|\bhuis|stekje|verblij|logeer|ingetrokken|verhui|bezorg|adres|voordeur|appartement|\bflat|buren|buur"
    r"|ophalen|af te halen|afhalen|lever|eigenaar|huurder|\bpost\b"
)

_TITLED = frozenset({"van", "der", "den", "de", "ter", "ten", "willem", "alexander", "maria", "jan", "pieter"})
_FOUR_DIGITS = re.compile(r"[^\d]?[^\d]?[1-9]\d{3} ?(?=[A-Z]{2}(?![A-Za-z]))")


def _ends_postcode(folded: str, start: int, end: int) -> bool:
    """Whether the word at [start, end) is the letters of a postcode."""
    return (
        end - start == 2 and folded[start:end].isupper() and _FOUR_DIGITS.match(folded, max(0, start - 6)) is not None
    )


class Streets:
    """Streets by suffix, by list, and by what is said of them."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._titles = lexicon.words("streets/titles")
        self._suffixes = tuple(sorted(lexicon.words("streets/suffixes")))
        self._soft_suffixes = tuple(sorted(lexicon.words("streets/soft_suffixes")))

    def start(self, page: Page, number: int) -> tuple[int, int] | None:
        """Where the street's name begins, and 2 (surely a street), 1 (listed, may be another word), 0 (a name)."""
        words, folded = page.words, page.folded
        last = page.word_before(number)
        if last < 0 or number - words[last].end > 14:
            return None
        between = folded[words[last].end : number]
        if between.strip(" .,'#") or "\n" in between:
            return None
        if words[last].lower in {"nr", "nummer", "no", "huisnr", "huisnummer", "ligplaats", "kavel"} and last:
            last -= 1
            if words[last].lower == "op" and last:
                last -= 1  # "Kerkstraat, op nummer 4"
            if folded[words[last].end : words[last + 1].start].strip(" ,("):
                return None
        elif "," in between:
            return None
        if last and words[last].lower in shapes.SIDES and folded[words[last - 1].end : words[last].start] == " ":
            named = words[last - 1].lower
            if self.is_word(named) or (folded[words[last - 1].start].isupper() and named in self.lexicon.streets):
                last -= 1  # "Noorderhaven ZZ 12"
        if _ends_postcode(folded, words[last].start, words[last].end):
            return None
        first = last
        while first > 0 and last - first < 5 and folded[words[first - 1].end : words[first].start] in shapes.GAPS:
            if _ends_postcode(folded, words[first - 1].start, words[first - 1].end):
                break  # "1234 AB Ede Lindelaan 3": the address before
            first -= 1
        for index in range(max(first, last - 4), last):
            lead = words[index]
            prefixed = lead.lower in shapes.PREFIXES and words[index + 1].lower in shapes.PREFIXED
            capitals = folded[lead.start].isupper() and folded[words[last].start].isupper()
            if prefixed and capitals and index + 1 < last:
                return lead.start, 2
        suffix = self.is_word(words[last].lower)
        streets, lower = self.lexicon.streets, page.lower
        for index in range(first, last + 1):
            if index < last and words[index].lower in shapes.ARTICLES and folded[words[index].start].islower():
                continue
            if lower[words[index].start : words[last].end] in streets and (index < last or not suffix):
                while index > first and words[index - 1].lower in self._titles:
                    index -= 1  # "Burg. van der ..." where the list has the street without its title
                begin = self._ordinal(page, words[index].start)
                name = folded[words[index].start : words[last].end]
                if index == last and not suffix:
                    if words[last].lower in self._suffixes and shapes.DWELLING.match(lower, number):
                        article = index > first and words[index - 1].lower in shapes.ARTICLES
                        return words[index - article].start, 2  # "de singel 9hs"
                    common = words[last].lower in self.lexicon.common or words[last].lower in self.lexicon.words(
                        "names/months"
                    )
                    capital = name[0].isupper()
                    if common or not capital or words[last].lower in page.lexicon.cues.kinds:
                        break
                    if words[last].lower.endswith(self._suffixes):  # "Gistelse Steenweg"
                        extended = self._extend(page, first, last)
                        if extended < words[last].start:
                            return self._ordinal(page, extended), 2
                    return self._with_first(page, first, index, begin), 1
                if not suffix and not any(c.isupper() for c in name):
                    if words[last].lower in self._suffixes:
                        return begin, 1  # "adres is grote markt 7"
                    continue
                return (
                    (begin, 2) if suffix or (name[0].isupper() and folded[words[last].start].isupper()) else (begin, 1)
                )
        if suffix:
            return self._ordinal(page, self._extend(page, first, last)), 2
        if first < last and folded[words[first].start].isupper() and shapes.PREFIX_STREET.match(words[first].lower):
            return words[first].start, 2
        if not folded[words[last].start].isupper() or words[last].lower in self.lexicon.words("names/months"):
            return None
        return self._extend(page, first, last), int(self._is_like_one(words[last].lower))

    def without_from(self, page: Page, start: int, number: int) -> int:
        """ "verhuizen van Bijlmerdreef 4": this "van" is no part of the street, unless the list has it so."""
        streets, name = self.lexicon.streets, page.lower[start:number].rstrip(" ,.'")
        if " " not in name or name in streets:
            return start
        lead = shapes.FROM.match(page.folded, start)
        if lead is not None:
            return lead.end()
        lead = shapes.LEAD.match(name)
        if lead is not None and name[lead.end() :] in streets:
            return start + lead.end()
        within = (
            shapes.WITHIN.match(name)
            if page.words[page.word_before(start + 1)].lower in self.lexicon.first_names
            else None
        )
        return start + within.end() if within is not None and name[within.end() :] in streets else start

    def resides(self, page: Page, start: int, number: int, stop: int) -> bool:
        """ "thuis op Daknam 41": a name that no list knows as anything else, where somebody lives."""
        if not page.folded[start].isupper() or not shapes.ENDS_PHRASE.match(page.lower, stop):
            return False
        lexicon = self.lexicon
        words = page.lower[start:number].replace("-", " ").split()
        if not words or len(words[-1]) < 5 or len(words) > 4:
            return False
        last = words[-1]
        listed = (lexicon.common, lexicon.first_names, lexicon.places, lexicon.cues.kinds)
        if any(last in known for known in listed) or last in lexicon.words("streets/not_streets"):
            return False
        if last in lexicon.words("companies/brands") or last in lexicon.words("names/months"):
            return False
        if page.near(start, stop, {"reference", "version", "code", "imei"}, 16):
            return False
        return (
            shapes.RESIDES.search(page.lower, max(0, start - 60), start) is not None
            and _LIVES.search(page.lower, max(0, start - 120), min(len(page.lower), stop + 60)) is not None
        )

    def visited(self, page: Page, start: int, number: int, stop: int) -> bool:
        """ "de lantaarn voor Brink 27": a listed name that is little else, where somebody goes or something stands."""
        lexicon = self.lexicon
        last = page.words[page.word_before(number)].lower
        listed = (lexicon.common, lexicon.first_names, lexicon.surnames, lexicon.places, lexicon.cues.kinds)
        if len(last) < 5 or any(last in known for known in listed):
            return False
        if last in lexicon.words("companies/brands") or last in lexicon.words("streets/not_streets"):
            return False
        if page.near(start, stop, {"reference", "version", "code", "imei"}, 16):
            return False
        return (
            shapes.VISITS.search(page.lower, max(0, start - 24), start) is not None
            and shapes.SERVED.search(page.lower, max(0, start - 120), min(len(page.lower), stop + 60)) is not None
        )

    def is_word(self, word: str) -> bool:
        if word in self.lexicon.words("streets/not_streets") or word in self.lexicon.cues.kinds:
            return False
        body, _, tail = word.rpartition("-")
        if body and tail in shapes.SIDES:
            return self.is_word(body)
        if not tail.endswith(self._suffixes):
            return self._is_misspelt(word)
        if tail in self._suffixes:
            return "-" in word
        return any(tail.endswith(suffix) and len(tail) >= len(suffix) + 3 for suffix in self._suffixes)

    def _is_misspelt(self, word: str) -> bool:
        """ "kerkstaat": with its end mended it is a listed street, and it is no form of "staan"."""
        match = shapes.MISSPELT.search(word) if word.endswith(shapes.MISSPELT_ENDS) else None
        if match is None or word in self.lexicon.common or word[: match.start()] in shapes.STANDS:
            return False
        return word[: match.start()] + shapes.MENDED[match.lastindex or 1] in self.lexicon.streets

    def _is_like_one(self, word: str) -> bool:
        """ "Kloosterveste", "Molenborg": an end that streets share with other words; never a place's own name."""
        if len(word) < 7 or not word.endswith(self._soft_suffixes):
            return False
        if word in self.lexicon.common or word in self.lexicon.places or word in self.lexicon.cues.kinds:
            return False
        return word not in self.lexicon.words("streets/not_streets") and word not in self.lexicon.first_names

    def _with_first(self, page: Page, first: int, index: int, begin: int) -> int:
        """ "Lange Elst", "De Hout": the list has the last word alone, the name begins before it."""
        if index == first:
            return begin
        word = page.words[index - 1]
        named = word.lower in self.lexicon.words("streets/prefixes") or word.lower in shapes.ARTICLES
        opens = page.folded[max(0, word.start - 2) : word.start] in {". ", "! ", "? ", ""}
        return word.start if named and page.folded[word.start].isupper() and not opens else begin

    def _extend(self, page: Page, first: int, last: int) -> int:
        """Take in the capitalised words, particles and titles before the street word: "Burg. van der Feltzlaan"."""
        words, folded = page.words, page.folded
        particles, titles = self.lexicon.words("names/particles"), self.lexicon.words("streets/prefixes")
        stop_words = self.lexicon.words("streets/not_first")
        best = index = last
        while index > first:
            index -= 1
            word = words[index]
            gap = folded[word.end : words[index + 1].start]
            if "." in gap and word.lower not in titles and word.end - word.start > 2:
                break
            if word.lower.endswith("adres") or self._is_place_before(word.lower):
                break
            if word.lower in titles or (
                folded[word.start].isupper()
                and word.lower not in stop_words
                and word.lower not in self.lexicon.cues.kinds
            ):
                best = index
            elif word.lower not in particles or word.lower in shapes.NO_PARTICLES:
                break
        return self._without_person(page, best, last)

    def _without_person(self, page: Page, best: int, last: int) -> int:
        """ "Daan Vrolijk Pelikaanstraat": a whole name before a street that the list has as it is."""
        words, folded = page.words, page.folded
        if last - best > 1 and words[last].lower in self.lexicon.streets:
            lead = words[last - 1]
            initial = folded[max(0, lead.start - 2) : lead.start] == ". " and words[best].end - words[best].start == 1
            first = words[best].lower in self.lexicon.first_names and lead.lower in self.lexicon.surnames
            if (initial or first) and folded[lead.start].isupper() and lead.lower not in _TITLED:
                return words[last].start
        return words[best].start

    def _is_place_before(self, word: str) -> bool:
        """ "ik woon Roosendaal Hoogstraat 15": a town, and no name that streets are called after."""
        lexicon = self.lexicon
        named = word in lexicon.first_names or word in lexicon.surnames or word in lexicon.common
        return len(word) > 4 and word in lexicon.places and not named

    @staticmethod
    def _ordinal(page: Page, start: int) -> int:
        match = re.search(r"(?<!\w)\d{1,2}e $", page.lower[max(0, start - 5) : start])
        return start - len(match[0]) if match else start
