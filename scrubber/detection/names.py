"""Names of people: chains of capitalised words, and names without capitals where something announces them.

How a chain is weighed stands in name_evidence.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from scrubber.detection.name_evidence import Evidence
from scrubber.detection.name_lists import NameLists
from scrubber.detection.page import Page
from scrubber.detection.recognizer import DutchRecognizer, Hit

_LINK = frozenset({" ", "  ", ". ", ".", "-"})
"""What may stand between two words of a name; more than a space only after an initial or a title."""
_WEAK = frozenset({"aan", "bij", "op", "in", "uit", "voor", "over", "onder", "of", "te", "a", "e", "y", "af"})
"""Particles that join a name only before an article: "Frits aan de Stegge", not "Frits bij Bol"."""
_ARTICLES = frozenset({"de", "den", "der", "het", "t", "'t", "la"})
_ELIDED = re.compile(r"[ld]'[A-Z][a-z]")
_ELISION = re.compile(r"(?<![\w'])'(?:t [A-Z][a-z]{2,20}|s-[A-Z][a-z]{3,20})(?:-[A-Z][a-z]+)?(?![\w'])")
_LEAD = re.compile(r"([a-z]{2,14}\.?) $")
_INITIALS_BEFORE = re.compile(r"(?<!\w)(?:[A-Z]\. ?){1,4}(?:van |in |op )?$")
_SURNAME_OF = re.compile(r"\b(?:familie|fam\.?|apostrof van|achternaam|naam(?: is|:)?|t\.?n\.?v\.?:?|heet|collega)$")
_SECOND_SURNAME = re.compile(r" - ((?:(?:van|de|den|der|ten|ter) ){0,3})([A-Z][a-z]+)[ ]*(?:[,(\n]|$)")
_LAST_LINE = re.compile(r"\n[ ]*\n[ ]*([a-z]{3,14})[ .!\x02]*\n*$")
_LOWER_NAMES = re.compile(
    r"(?: he| hoor)?[ ,.!;:-]{0,4}\n?[ >]{0,3}"
    r"((?:[a-z]\. ?){0,4}(?:'t |[a-z][a-z'\-]{1,20})(?: '?[a-z][a-z'\-]{0,20}){0,4})[ .!\x02]*(?:\n|$)"
)
_FIELDED = re.compile(
    r"[ \t]{0,16}[:=|][ \t]*([A-Z][a-z]+(?:[ -][A-Z][a-z]+)?(?: (?:van|de|den|der|el|ter|ten))?, "
    r"[A-Z][a-z]+(?:[ -][A-Z][a-z]+)?(?: (?:van|de|den|der|ter|ten)){0,3})[ \t]*(?:[\n;|]|$)"
)
_INITIALLED = re.compile(r"(?:[a-z]\. ?){1,4}((?:[a-z']+ ){0,3}[a-z][a-z\-]{2,20})")
_AFTER_TITLE = re.compile(
    r" +((?:[a-z]\. ?){1,4}(?:(?:van|de|den|der|ter|ten|v\.?d\.?|'t|el) ){0,3}[a-z][a-z\-]{2,20})(?!\w)"
)
_LOWER_WORDS = re.compile(r" +((?:[a-z][a-z'\-]{1,20})(?: [a-z][a-z'\-]{0,20}){0,4})")


class DutchPersonRecognizer(DutchRecognizer):
    """A chain of capitalised words and particles, weighed by lists, by what surrounds it, and by what it is not."""

    ENTITIES = ("PERSON",)
    PATTERNS = ("sign_off", "surname_first", "announced")
    GATED = False
    WEIGHTS = (
        "first_and_last", "first_and_other", "other_and_last", "unknown_words", "initials", "single_first",
        "single_last", "single_unknown", "ambiguous", "sentence_start", "greeting", "title", "kin", "label", "header",
        "signature", "near_signature", "line_alone", "sender", "email", "personal_data_after", "place", "common_word",
        "after_preposition",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lists = NameLists.of(self.lexicon)

    def find(self, page: Page) -> Iterator[Hit]:
        taken: list[tuple[int, int]] = []
        for start, end in page.find(self.pattern("surname_first")):
            end = start + len(page.folded[start:end].rstrip(" ,;|<\")'\n"))
            surname = page.folded[start:end].partition(",")[0].split()[-1].lower()
            signed = any(s <= start < e for s, e in page.find(self.pattern("sign_off")))  # "Hoogachtend, H."
            if not signed and surname not in self.lists.common and not self.lists.is_company_word(surname):
                taken.append((start, end))
                yield Hit("PERSON", start, end, 0.85)
        for start, end in self._fielded(page):
            taken.append((start, end))
            yield Hit("PERSON", start, end, 0.8)
        for start, end in self._elided(page):
            taken.append((start, end))
            yield Hit("PERSON", start, end, 0.85)
        evidence = Evidence(self.lists, self.weights, page, page.find(self.pattern("sign_off")))
        words, plain, announcing = page.words, self.lists.plain, self.lists.announcing
        sender = evidence.sender.words
        done = 0
        for index in page.capitals:
            if index < done:
                continue
            word = words[index]
            last = self._chain(page, index)
            done = last + 1
            alone = last == index and word.lower in plain and word.lower not in sender
            if alone and not (index and words[index - 1].lower in announcing):
                continue
            if not taken or not any(s < words[last].end and word.start < e for s, e in taken):
                for first, end in self._shouted(page, index, last) if last - index > 2 else ((index, last),):
                    yield from evidence.judge(first, end)
        yield from evidence.repeated()
        yield from self._lower_case(page, evidence)

    def _elided(self, page: Page) -> Iterator[tuple[int, int]]:
        """ "mevrouw 't Hart", "Dhr. J. 's-Gravesande", "van 't Hoff": what no word of letters begins."""
        if "'t " not in page.folded and "'s-" not in page.folded:
            return
        for match in _ELISION.finditer(page.folded):
            before = page.lower[: match.start()].rstrip()
            lead = _LEAD.search(page.lower, max(0, match.start() - 40), match.start())
            word = lead[1].rstrip(".") if lead else ""
            named = word in self.lists.titles or word in self.lists.greetings or word in self.lists.kin
            first = word in self.lexicon.first_names and word not in self.lists.common
            initials = _INITIALS_BEFORE.search(page.folded, max(0, match.start() - 16), match.start())
            if initials or (first and lead and page.folded[lead.start(1)].isupper()):
                yield initials.start() if initials else lead.start(1) if lead else match.start(), match.end()
            elif named or (_SURNAME_OF.search(before[-24:]) and match[0][1] == "t"):
                yield match.start(), match.end()

    @staticmethod
    def _fielded(page: Page) -> Iterator[tuple[int, int]]:
        """ "Patient: Dhillon, Gurpreet": surname first, in a field of its own."""
        if not page.cue_kinds & {"person", "care"}:
            return
        for cue in page.cues:
            match = _FIELDED.match(page.folded, cue.end, cue.end + 90) if cue.kind in {"person", "care"} else None
            if match:
                yield match.start(1), match.end(1)

    def _shouted(self, page: Page, first: int, last: int) -> Iterator[tuple[int, int]]:
        """The names in a run of capitals, where capitals announce nothing; the run itself where it is none."""
        words, lexicon, lists = page.words, self.lexicon, self.lists
        if not page.folded[words[first].start : words[last].end].isupper():
            yield first, last
            return
        at = first
        while at <= last:
            word, before = words[at].lower, words[at - 1].lower if at else ""
            called = before in lists.titles or before in lists.kin or before in lists.greetings
            named = (word in lexicon.first_names or called) and word not in lists.kinds
            end = at
            while end < last and (named or end > at):
                step = end + 1
                while step < last and step < end + 4 and words[step].lower in lists.particles:
                    step += 1
                if words[step].lower not in lexicon.surnames or words[step].lower in lexicon.common:
                    break
                end = step
            if named:
                yield at, end
            at = end + 1

    def _chain(self, page: Page, first: int) -> int:
        """Index of the last word of the chain that begins at `first`; ends in a capitalised word."""
        words, folded = page.words, page.folded
        particles, titles = self.lists.particles, self.lists.titles
        best = index = first
        pending, stop = 0, min(len(words) - 1, first + 8)
        word = words[index]
        while index < stop:
            following = words[index + 1]
            gap = folded[word.end : following.start]
            if (
                gap != " "
                and not (gap == " '" and following.lower in {"t", "s"})
                and not self._joins(page, first, index, gap)
            ):
                if gap == ". " and folded[word.start].isupper() and self._begins_sentence(page, index + 1):
                    break
                initial = (
                    word.end - word.start <= 2 or word.lower in {"chr", "drs", "st", "ing"} or word.lower in titles
                )
                if gap not in _LINK or not initial:
                    break
            if folded[following.start].isupper() or _ELIDED.match(folded, following.start):
                best, pending = index + 1, 0
            elif pending < 3 and following.lower in particles:
                if following.lower in _WEAK and not self._weak_joins(page, first, index):
                    break
                pending += 1
            else:
                break
            index += 1
            word = following
        return best

    def _begins_sentence(self, page: Page, index: int) -> bool:
        """ "van ouder B. Bij Yara", "van B. Dus Yara": a letter that ends a sentence is no initial."""
        word = page.words[index].lower
        if word not in self.lexicon.common or word in self.lexicon.surnames or word in self.lexicon.first_names:
            return False
        following = page.words[index + 1].lower if index + 1 < len(page.words) else ""
        return word not in self.lists.particles or (word in _WEAK and following in self.lexicon.first_names)

    def _weak_joins(self, page: Page, first: int, index: int) -> bool:
        """Whether "in", "op", "te" after the word `index` begins a surname: by an article, or listed."""
        words = page.words
        if index + 2 >= len(words):
            return False
        weak, following = words[index + 1].lower, words[index + 2].lower
        if following not in _ARTICLES:
            return f"{weak} {following}" in self.lexicon.surnames and page.folded[words[index + 2].start].isupper()
        whole = index > first and words[index].lower in self.lexicon.surnames  # "Naomi Pinas op de Hoeve"
        return following not in {"de", "het", "la"} or not (whole or following == "het")

    def _joins(self, page: Page, first: int, index: int, gap: str) -> bool:
        """ "Thea van Dongen - de Laat" at the end of a line: two surnames, written apart."""
        if gap != " - " or index == first:
            return False
        begin = page.words[first]
        initial = begin.end - begin.start == 1 and page.folded[begin.end : begin.end + 1] == "."
        if not (initial or begin.lower in self.lexicon.first_names):
            return False
        rest = _SECOND_SURNAME.match(page.folded, page.words[index].end)
        return rest is not None and (bool(rest[1]) or rest[2].lower() in self.lexicon.surnames)

    def _lower_case(self, page: Page, evidence: Evidence) -> Iterator[Hit]:
        """Names without capitals: as a signature, after a label, and the sender's own."""
        for _, end in evidence.sign_offs:
            match = _LOWER_NAMES.match(page.folded[end : end + 70])
            if match and (self._is_signature(match[1].split(), evidence) or self._is_initialled(match[1])):
                yield Hit("PERSON", end + match.start(1), end + match.end(1), 0.8)
        for _, end in page.find(self.pattern("announced")):
            initialled = _AFTER_TITLE.match(page.folded, end - 2, end + 60)
            if initialled and self._is_initialled(initialled[1]):
                yield Hit("PERSON", initialled.start(1), initialled.end(1), 0.7)
                continue
            match = _LOWER_WORDS.match(page.folded[end - 2 : end + 70])
            if match:
                yield from self._announced(page, end - 2 + match.start(1), match[1].split(), evidence)
        last = _LAST_LINE.search(page.folded[-40:])
        if last and (last[1] in evidence.sender.words or self._is_signature([last[1]], evidence)):
            place = max(0, len(page.folded) - 40) + last.start(1)
            yield Hit("PERSON", place, place + len(last[1]), 0.75)
        full = evidence.sender.full
        if " " in full:
            at = page.lower.find(full)
            while at >= 0:
                end = at + len(full)
                before, after = page.lower[at - 1 : at], page.lower[end : end + 1]
                if not (before.isalnum() or after.isalnum() or before in {"@", "."} or after == "@"):
                    yield Hit("PERSON", at, end, 0.75)
                at = page.lower.find(full, end)
            yield from self._sender_initialled(page, full)

    def _sender_initialled(self, page: Page, full: str) -> Iterator[Hit]:
        """ "a. van gestel" of the sender Ad van Gestel, in any case of letters."""
        surname = full.partition(" ")[2]
        at = page.lower.find(surname) if len(surname) > 3 else -1
        while at >= 0:
            lead = re.search(r"(?<![\w.])(?:[a-z]\.[ -]?){1,4}$", page.lower[max(0, at - 14) : at])
            end = at + len(surname)
            if lead and lead[0][0] == full[0] and not page.lower[end : end + 1].isalnum():
                yield Hit("PERSON", at - len(lead[0]), end, 0.7)
            at = page.lower.find(surname, end)

    def _is_initialled(self, text: str) -> bool:
        """ "d. van 't hof": initials, particles, and a surname."""
        match = _INITIALLED.fullmatch(text)
        if match is None:
            return False
        *particles, surname = match[1].replace("'", "").split()
        known = surname in self.lexicon.surnames or surname in self.lexicon.first_names
        return (known or bool(particles)) and all(word in self.lists.particles for word in particles)

    def _is_signature(self, names: list[str], evidence: Evidence) -> bool:
        sender, first_names = evidence.sender.words, self.lexicon.first_names
        if names[0] in sender:
            return True
        if names[0] in self.lists.greetings or names[0] in self.lists.groups:
            return False
        if names[0] not in first_names or names[0] in self.lists.common or len(names) > 4:
            return False
        known = (self.lexicon.surnames, sender, first_names, self.lists.particles)
        return len(names) == 2 or all(any(name in words for words in known) for name in names[1:])

    def _announced(self, page: Page, begin: int, names: list[str], evidence: Evidence) -> Iterator[Hit]:
        first_names, surnames, sender = self.lexicon.first_names, self.lexicon.surnames, evidence.sender.words
        stop = place = begin
        count = 0
        for name in names:
            at = page.folded.index(name, place)
            listed = name in first_names or name in surnames or name in sender
            refused = name in self.lists.not_names or name in self.lists.groups or name in self.lists.greetings
            if listed and (count or name not in self.lists.common) and not refused:
                stop, count = at + len(name), count + 1
            elif not (count and name in self.lists.particles):
                break
            place = at + len(name)
        if count and (names[0] in first_names or names[0] in sender) and names[0] not in self.lexicon.cues.kinds:
            yield Hit("PERSON", begin, stop, 0.7)
