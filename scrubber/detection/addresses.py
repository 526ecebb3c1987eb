"""Postal addresses: street and house number with whatever postcode and place follow, postcodes, postbus numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from scrubber.detection import address_patterns as shapes
from scrubber.detection import checksums
from scrubber.detection.page import BLANK, Page
from scrubber.detection.recognizer import DutchRecognizer, Hit

_LIVES = re.compile(
    r"woon|wonen|thuis|\bhuis|stekje|verblij|logeer|ingetrokken|verhui|bezorg|adres|voordeur|appartement|\bflat|buren|buur"
    r"|ophalen|af te halen|afhalen|lever|eigenaar|huurder|\bpost\b"
)


_HOUSE_BEFORE = re.compile(r"\b((?:nr\.?|nummer|huisnummer|huisnr\.?) ?[1-9]\d{0,4}[a-z]?),? $")
"""The house number that stands before a bare postcode: "nr 34, 1234 AB"."""

_LICENCES = frozenset({"am", "be", "ce", "de"})
"""Categories of a driving licence: "sinds 1988 BE"."""


class AddressRecognizer(DutchRecognizer):
    """One span an address: street, number, addition, postcode, place, over line ends. Streets by suffix and list."""

    ENTITIES = ("ADDRESS",)
    PATTERNS = ("house", "postcode", "postbus", "foreign", "spoken")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._titles = self.lexicon.words("streets/titles")
        self._between = self.lexicon.words("streets/between")
        self._suffixes = tuple(sorted(self.lexicon.words("streets/suffixes")))
        self._given = self.lexicon.first_names
        self._rarely_places = self.lexicon.words("places/not_places") - self.lexicon.common
        self._soft_suffixes = tuple(sorted(self.lexicon.words("streets/soft_suffixes")))

    def find(self, page: Page) -> Iterator[Hit]:
        done = 0
        hits: list[Hit] = []
        if "address" in page.cue_kinds:
            hits += self._fields(page)
        for start, end in page.find(self.pattern("house")):
            number = end
            while page.folded[number - 1].isdigit():
                number -= 1
            if start < done or any(hit.start < end and start < hit.end for hit in hits[-1:]):
                continue
            hit = self._street(page, number, end)
            if hit is not None and hit.start >= done:
                hits.append(hit)
                done = hit.end
        for name in ("postbus", "foreign"):
            for start, end in page.find(self.pattern(name)):
                hits.append(self._tail_of(page, start, end, 0.85))
        for start, end in page.find(self.pattern("spoken")):
            street = page.lower[start:end].partition(" ")[0]
            tail = self._beside(page, end) or self._tail(page, end)
            if self._is_street_word(street) and (tail > end or page.near(start, end, {"address"}, 40)):
                hits.append(Hit("ADDRESS", start, tail, 0.75))
        taken = [(hit.start, hit.end) for hit in hits]
        for start, end in page.find(self.pattern("postcode")):
            if not taken or not any(s < end and start < e for s, e in taken):
                code = self._postcode(page, start, end)
                if code is not None:
                    hits.append(code)
        return iter(self._joined(page, sorted(hits, key=lambda hit: hit.start)))

    # --- street and number

    def _fields(self, page: Page) -> Iterator[Hit]:
        for match in shapes.FIELDS.finditer(page.lower):
            if BLANK not in match[0]:
                yield Hit("ADDRESS", match.start(1), self._tail(page, self._additions(page, match.end())), 0.85)

    def _street(self, page: Page, number: int, end: int) -> Hit | None:
        if BLANK in page.folded[number - 1 : number] or end - number > 5:
            return None
        if shapes.NO_HOUSE.match(page.lower, end) and not shapes.POSTCODE_NEXT.match(page.lower, end):
            return None
        if page.folded[number] == "0" or page.is_own_number(number, end):
            return None
        opposite = shapes.OPPOSITE.search(page.lower, max(0, number - 22), number)
        found = self._street_start(page, opposite.start() if opposite else number)
        if found is None or (opposite and found[1] == 0):
            return None
        start, strength = found
        start = self._without_from(page, start, number)
        start -= page.lower[start - 1 : start + 2] in {"'t ", "'s "}
        start -= 3 * (page.lower[max(0, start - 3) : start] in {"'t ", "'s "})
        if end - number == 4 and page.folded[number : number + 2] == "19":
            house = shapes.YEAR_STREET.match(page.folded, end)
            end = house.end() if house else end
        stop = self._additions(page, end)
        tail = self._tail(page, stop)
        if strength == 0 and tail == stop and end - number > 3:
            return None
        known_place = tail == stop and self._beside(page, stop)
        if strength == 1 and known_place and page.folded[stop] == " ":
            tail = known_place
        if strength < 2:
            known = page.near(start, end, {"address"}, 40) and not page.near(
                start, number, {"reference", "version", "code"}, 12
            )
            placed = end - number < 4 and known_place == 0 and self._resides(page, start, number, stop)
            if tail == stop and not (strength == 1 and known) and not placed:
                return None
        if end - number == 5 and tail == stop:
            return None
        tail = known_place or tail
        return Hit("ADDRESS", start, tail, 0.9 if tail > stop or strength == 2 else 0.7)

    def _resides(self, page: Page, start: int, number: int, stop: int) -> bool:
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
        if page.near(start, stop, {"reference", "version", "code", "imei"}, 20):
            return False
        return (
            shapes.RESIDES.search(page.lower, max(0, start - 60), start) is not None
            and _LIVES.search(page.lower, max(0, start - 120), min(len(page.lower), stop + 60)) is not None
        )

    def _without_from(self, page: Page, start: int, number: int) -> int:
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
        within = shapes.WITHIN.match(name) if page.words[page.word_before(start + 1)].lower in self._given else None
        return start + within.end() if within is not None and name[within.end() :] in streets else start

    def _street_start(self, page: Page, number: int) -> tuple[int, int] | None:
        """Where the street's name begins, and 2 (surely a street), 1 (listed, may be another word), 0 (a name)."""
        words, folded = page.words, page.folded
        last = page.word_before(number)
        if last < 0 or number - words[last].end > 14:
            return None
        between = folded[words[last].end : number]
        if between.strip(" .,'") or "\n" in between:
            if words[last].lower in {"nr", "nummer", "no", "huisnr", "huisnummer"} and last > 0:
                return None
            return None
        if words[last].lower in {"nr", "nummer", "no", "huisnr", "huisnummer", "ligplaats", "kavel"} and last:
            last -= 1
            if folded[words[last].end : words[last + 1].start].strip(" ,"):
                return None
        elif "," in between:
            return None
        first = last
        while first > 0 and last - first < 5 and folded[words[first - 1].end : words[first].start] in shapes.GAPS:
            first -= 1
        for index in range(max(first, last - 4), last):
            lead = words[index]
            prefixed = lead.lower in shapes.PREFIXES and words[index + 1].lower in shapes.PREFIXED
            capitals = folded[lead.start].isupper() and folded[words[last].start].isupper()
            if prefixed and capitals and index + 1 < last:
                return lead.start, 2
        suffix = self._is_street_word(words[last].lower)
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
        return self._extend(page, first, last), int(self._is_like_a_street(words[last].lower))

    def _with_first(self, page: Page, first: int, index: int, begin: int) -> int:
        """ "Lange Elst", "De Hout": the list has the last word alone, the name begins before it."""
        if index == first:
            return begin
        word = page.words[index - 1]
        named = word.lower in self.lexicon.words("streets/prefixes") or word.lower in shapes.ARTICLES
        opens = page.folded[max(0, word.start - 2) : word.start] in {". ", "! ", "? ", ""}
        return word.start if named and page.folded[word.start].isupper() and not opens else begin

    def _is_street_word(self, word: str) -> bool:
        if word in self.lexicon.words("streets/not_streets") or word in self.lexicon.cues.kinds:
            return False
        tail = word.rpartition("-")[2]
        if not tail.endswith(self._suffixes):
            return False
        if tail in self._suffixes:
            return "-" in word
        return any(tail.endswith(suffix) and len(tail) >= len(suffix) + 3 for suffix in self._suffixes)

    def _is_like_a_street(self, word: str) -> bool:
        """ "Kloosterveste", "Molenborg": an end that streets share with other words; never a place's own name."""
        if len(word) < 7 or not word.endswith(self._soft_suffixes):
            return False
        if word in self.lexicon.common or word in self.lexicon.places or word in self.lexicon.cues.kinds:
            return False
        return word not in self.lexicon.words("streets/not_streets") and word not in self.lexicon.first_names

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

    @staticmethod
    def _additions(page: Page, end: int) -> int:
        for _ in range(4):
            match = shapes.ADDITION.match(page.lower, end)
            if match is None or match.end() == end:
                break
            if (
                shapes.POSTCODE_NEXT.match(page.lower, end)
                and match[0].lstrip(" -/")[:4].isdigit()
                and len(match[0].lstrip(" -/")) >= 4
            ):
                break
            end = match.end()
        return end

    # --- postcode and place

    def _tail_of(self, page: Page, start: int, end: int, score: float) -> Hit:
        return Hit("ADDRESS", start, self._tail(page, end), score)

    def _tail(self, page: Page, end: int) -> int:
        """The end of postcode, place and country that follow `end`; `end` where none does."""
        code = shapes.POSTCODE_NEXT.match(page.lower, end)
        if code and checksums.dutch_postcode(code[1]):
            closing = ")" in code[0] and "(" not in code[0]  # "(Dorpsstraat 1, 1234 AB)" ends before it
            stop = code.end(1) if closing else self._place(page, code.end(), sure=True)
        else:
            belgian = shapes.BELGIAN_NEXT.match(page.folded, end) or shapes.FOREIGN_NEXT.match(page.folded, end)
            if belgian is not None and self._place(page, belgian.end(), sure=True) > belgian.end():
                stop = self._place(page, belgian.end(), sure=True)
            else:
                beside = shapes.BELGIAN_BESIDE.match(page.lower, end)
                if beside is not None and (known := self._known_place(page, beside.end())):
                    return known
                city = shapes.CITY.match(page.folded, end)
                stop = end
                if city and city[0] == "\n":
                    known = self._known_place(page, city.end())
                    stop = known if known and known == page.line_end(known) else end
                elif city and city.end() > end and "," in city[0]:
                    stop = max(end, self._place(page, city.end(), sure=False, at=True))
                    if stop == city.end():
                        stop = end
        if stop > end:
            if code and "(" in code[0] and ")" not in code[0] and page.folded[stop : stop + 1] == ")":
                stop += 1
            country = shapes.COUNTRY.match(page.lower, stop)
            if country:
                stop = country.end()
        return stop

    def _known_place(self, page: Page, begin: int) -> int:
        """The end of a listed place that begins at `begin`; 0 where none does."""
        stop, place = 0, begin
        for _ in range(4):
            word = shapes.PLACE_WORD.match(page.lower, place)
            if word is None:
                break
            if page.lower[begin : word.end()] in self.lexicon.places:
                stop = word.end()
            if page.lower[word.end() : word.end() + 1] not in {" ", "-"}:
                break
            place = word.end() + 1
        return stop

    def _beside(self, page: Page, end: int) -> int:
        """The end of a known place without its postcode right after the number ("12 bis Uden", "12 te Uden"); 0."""
        lead = shapes.CITY_BESIDE.match(page.folded, end)
        if lead is None:
            return 0
        begin = lead.end()
        first = shapes.PLACE_WORD.match(page.lower, begin)
        if first is None:
            return 0
        if page.folded[begin].islower() and page.folded[begin] != "'":
            name = first[0]
            if len(name) < 4 or name in self.lexicon.common or name in self.lexicon.cues.kinds:
                return 0
        stop = begin
        place, reach = begin, 0
        while reach < 5:
            word = shapes.PLACE_WORD.match(page.folded, place)
            if word is None:
                break
            if page.lower[begin : word.end()] in self.lexicon.places:
                stop = word.end()
            if page.folded[word.end() : word.end() + 1] not in {" ", "-"}:
                break
            place, reach = word.end() + 1, reach + 1
        if stop == begin and first[0] in self._rarely_places:
            # "Uden": a word that is a place only where nothing else is meant
            ends = page.folded[first.end() : first.end() + 1] in {"", ",", ".", "\n", ";", ")"}
            stop = first.end() if ends else begin
        if stop == begin:
            return 0
        return stop + (page.folded[begin - 1] == "(" and page.folded[stop : stop + 1] == ")")

    def _place(self, page: Page, end: int, *, sure: bool, at: bool = False) -> int:
        """The end of the place name that starts at or just after `end`; `end` where none does."""
        begin = end
        ordinal = shapes.ORDINAL_PLACE.match(page.folded, end) if sure else None
        if ordinal:
            return ordinal.end()
        if not at:
            lead = shapes.PLACE_START.match(page.folded, end)
            if lead is None:
                return end
            begin = lead.end()
        ends: list[int] = []
        place = begin
        for _ in range(6):
            word = shapes.PLACE_WORD.match(page.folded, place)
            if word is None:
                break
            ends.append(word.end())
            follower = page.folded[word.end() : word.end() + 1]
            if follower not in {" ", "/", "-"}:
                break
            place = word.end() + 1
        for stop in reversed(ends):
            name = page.lower[begin:stop]
            if name in self.lexicon.places and (sure or page.folded[begin].isupper() or page.folded[begin] == "'"):
                return stop
        if not ends or not sure:
            return end
        newline = "\n" in page.folded[end:begin]
        first = page.folded[begin : ends[0]]
        if not (first[0].isupper() or first[0] == "'") or newline or first.lower() in self.lexicon.cues.kinds:
            return end
        if first.lower() in self.lexicon.common and first.lower() not in self.lexicon.places:
            # "6101 XK Echt," is the town, "6101 XK Graag snel" is not.
            alone = begin - end == 1 and page.folded[ends[0] : ends[0] + 1] in {"", ",", ".", "\n", ";", ")", "|"}
            return ends[0] if alone else end
        stop, particles = ends[0], self.lexicon.words("names/particles")
        for previous, following in pairwise(ends):
            part = page.folded[previous + 1 : following]
            if (part.isupper() and first.isupper()) or (part[0].isupper() and page.folded[previous] == "-"):
                stop = following
            elif part.lower() in particles and following < len(page.folded):
                continue
            elif part[0].isupper() and previous != stop:
                stop = following
            else:
                break
        return stop

    # --- bare postcodes

    def _postcode(self, page: Page, start: int, end: int) -> Hit | None:
        text = page.folded
        value = text[start:end]
        letters = value[-2:]
        before, after = text[start - 1 : start] or " ", text[end : end + 1] or " "
        if (
            before.isalnum()
            or after.isalnum()
            or before in "-_/.#@+=€,"
            or after in "@_/-"
            or not checksums.dutch_postcode(value)
        ):
            return None
        if page.is_own_number(start, end) or text[max(0, start - 2) : start].strip() == "€":
            return None
        cued = page.near(start, end, {"address"}, 40)
        house = shapes.HOUSE_AFTER.match(page.lower, end)
        if house and shapes.NO_HOUSE.match(page.lower, house.end()):
            house = None
        if not self._letters_fit(letters, " " in value, value[:2] in {"19", "20"}, cued, house is not None):
            return None
        label = next(
            (cue for cue in page.before(start, 14) if cue.kind in {"reference", "version", "imei", "code"}), None
        )
        if label is not None and not cued and "\n" not in text[label.end : start]:
            return None
        number = _HOUSE_BEFORE.search(page.lower, max(0, start - 24), start) if house is None else None
        if number:
            return Hit("ADDRESS", number.start(1), end, 0.85)
        street = shapes.STREET_AFTER.match(text, end) if house is None else None
        if (
            street
            and not shapes.NO_HOUSE.match(page.lower, street.end())
            and street[1].lower() not in self.lexicon.cues.kinds
        ):
            place = text[end : street.start(1)].strip(" ,").lower().removeprefix("te ")
            if place in self.lexicon.places:
                return Hit("ADDRESS", start, self._additions(page, street.end()), 0.8)
        if house:
            stop = self._additions(page, house.end())
            tail = self._tail(page, stop)
            return Hit("ADDRESS", start, (self._beside(page, stop) or tail) if tail == stop else tail, 0.9)
        return Hit("ADDRESS", start, end, 0.85)

    def _letters_fit(self, letters: str, spaced: bool, like_a_year: bool, cued: bool, house: bool) -> bool:
        """Whether the letters are those of a postcode: not a unit, not a word after a year."""
        low = letters.lower()
        if not letters.isupper():
            return (cued or (house and not spaced)) and not (
                spaced and low in self.lexicon.words("places/not_postcodes")
            )
        if (
            low in self.lexicon.words("places/not_postcodes")
            and not cued
            and (spaced or low in {"kg", "km", "mb", "gb", "tb"})
        ):
            return False
        no_letters = low in self.lexicon.common or low in _LICENCES
        return not (like_a_year and spaced and not cued and not house and no_letters)

    def _bridged(self, page: Page, last: Hit, hit: Hit) -> int:
        """The end of one address of a street and the postcode a little further on: "5 (boven), 1234 AB Ede"; or 0."""
        between = page.lower[last.end : hit.start]
        code = page.folded[hit.start : hit.start + 7]
        if len(between) > 40 or between.count("\n") > 1 or not (code[:4].isdigit() and code.rstrip()[-1:].isalpha()):
            return 0
        if shapes.HAS_POSTCODE.search(page.lower, last.start, last.end) or page.folded[last.start].isdigit():
            return 0
        if "\n" in between and ":" in between:
            return 0  # a form: fields of their own
        if shapes.BRIDGE_ASIDE.fullmatch(between):
            return self._place(page, hit.end, sure=True) if hit.end - hit.start <= 8 else hit.end
        words = [word for word in shapes.BRIDGE_SPLIT.split(between) if word]
        if ". " in between and not words:
            return 0
        for word in words:
            short = len(word) <= 4 and (len(word) == 1 or word[0].isdigit() or word[:-1].isdigit())
            if not (short or word in self._between or word in self.lexicon.places):
                return 0
        return self._place(page, hit.end, sure=True) if hit.end - hit.start <= 8 else hit.end

    def _joined(self, page: Page, hits: list[Hit]) -> list[Hit]:
        """One span for "1234 AB Ergens, aan de Dorpsstraat 12"."""
        out: list[Hit] = []
        for hit in hits:
            if out:
                last = out[-1]
                if hit.start < last.end:
                    out[-1] = Hit("ADDRESS", last.start, max(last.end, hit.end), max(last.score, hit.score))
                    continue
                if bridged := self._bridged(page, last, hit):
                    out[-1] = Hit("ADDRESS", last.start, max(hit.end, bridged), 0.9)
                    continue
                between = page.folded[last.end : hit.start]
                if (
                    len(between) < 60
                    and shapes.JOIN.fullmatch(between)
                    and page.folded[last.end - 2 : last.end].isalpha()
                ):
                    begin = (
                        last.start - 1
                        if page.folded[last.start - 1 : last.start] == "(" and ")" in between
                        else last.start
                    )
                    out[-1] = Hit("ADDRESS", begin, hit.end, 0.9)
                    continue
            out.append(hit)
        return out
