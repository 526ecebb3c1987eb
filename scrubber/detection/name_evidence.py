"""What speaks for and against a chain of capitalised words being somebody's name.

Weights (log-odds) stand in rules/recognizers.yaml; the words that trigger them in rules/words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from scrubber.detection import name_patterns as shapes
from scrubber.detection.name_chains import Chains
from scrubber.detection.name_layout import layout
from scrubber.detection.name_lists import NameLists, mailbox_words
from scrubber.detection.page import Page, Word
from scrubber.detection.recognizer import Hit, odds
from scrubber.lazily import lazily

_BEFORE_NO_NAME = frozenset("@_/\\#=")
_AFTER_NO_NAME = frozenset("@_\\=")


class Evidence(Chains):
    """What is known of one page, for judging its chains. `sign_offs`: [start, end) of "Met vriendelijke groet" and
    the like."""

    def __init__(
        self, lists: NameLists, weights: Mapping[str, float], page: Page, sign_offs: Sequence[tuple[int, int]]
    ) -> None:
        super().__init__(lists, page)
        self.weights = weights
        self.sign_offs = sign_offs
        self._unsure: list[Hit] = []

    @lazily
    def mail_words(self) -> frozenset[str]:
        """Words of the mail addresses on the page and of the sender's."""
        lower = self.page.lower
        found: set[str] = set()
        at = lower.find("@")
        for _ in range(50):
            if at < 0:
                break
            local = re.search(r"[a-z0-9._\-]{2,40}$", lower[max(0, at - 40) : at])
            if local:
                found.update(part for part in re.split(r"[\d._\-]+", local[0]) if len(part) > 2)
            at = lower.find("@", at + 1)
        sender = mailbox_words(self.page.sender.email)
        return sender | found if found else sender

    def judge(self, first: int, last: int) -> Iterator[Hit]:
        """Zero or more hits in the chain of words [first, last]."""
        page, words = self.page, self.page.words
        folded = page.folded
        kinds, months = self.lists.kinds, self.lists.months
        cue = ""
        while first <= last:
            word = words[first].lower
            kind = kinds.get(word, "") or self.role(word)
            if not kind and self.sign_offs and any(s <= words[first].start < e for s, e in self.sign_offs):
                kind = "common"  # "Groetjesss Wendy"
            is_name = (word in self.lexicon.first_names and word not in months) or word in self.sender.words
            if words[first].end - words[first].start == 1 and first < last and folded[words[first].end] == ".":
                break  # an initial
            if kind == "common" and first == last and self.cue_before(first, cue) == "title":
                break  # "mevrouw van den Berg"
            if kind and not (is_name and kind == "common"):
                if word in self.particles and first < last and self.cue_before(first, cue):
                    break
                cue = kind if kind != "common" else ("" if word not in self.particles else cue)
                first += 1
            elif (
                is_name
                and kind == "common"
                and (first == last or not folded[words[first + 1].start].isupper())
                and word not in self.sender.words
            ):
                break
            else:
                break
        while first <= last and not folded[words[first].start].isupper():
            first += 1
        if first > last:
            return
        first = self.without_opening(first, last)
        while last > first and self.trailing(first, last):
            last -= 1
            while last > first and not folded[words[last].start].isupper():
                last -= 1
        last = self.without_employer(first, last, cue)
        total = self._weigh(first, last, cue)
        if total is None:
            return
        start, end = self.with_particles(first, words[first].start), words[last].end
        if last > first and words[last].end - words[last].start == 1 and folded[end : end + 1] == ".":
            end += 1
        score = odds(total)
        if score >= 0.5:
            self.named.update(
                w.lower for w in words[first : last + 1] if w.end - w.start > 1 and w.lower not in self.particles
            )
            yield Hit("PERSON", start, end, score)
        elif first == last and total > shapes.HOPELESS:
            self._unsure.append(Hit("PERSON", start, end, 0.6))

    def repeated(self) -> Iterator[Hit]:
        """Single names that say too little by themselves, but that somebody on the page bears."""
        for hit in self._unsure:
            if self.page.lower[hit.start : hit.end] in self.named:
                particles = shapes.PARTICLES_BEFORE.search(self.page.folded, max(0, hit.start - 14), hit.start)
                yield hit._replace(start=particles.start()) if particles else hit

    def _weigh(self, first: int, last: int, cue: str) -> float | None:
        page, words, weights, lexicon = self.page, self.page.words, self.weights, self.lexicon
        folded = page.folded
        start, end = words[first].start, words[last].end
        left, right = folded[start - 1 : start], folded[end : end + 1]
        if (left in _BEFORE_NO_NAME and not self._is_value(start)) or right in _AFTER_NO_NAME:
            return None
        if right == "." and folded[end + 1 : end + 2].isalnum():
            return None
        if left == "." and folded[start - 2 : start - 1].isalnum() and not folded[start - 2 : start - 1].isupper():
            return None
        chain = words[first : last + 1]
        names = [
            w
            for w in chain
            if folded[w.start].isupper()
            and (w.lower not in self.particles or (w.end - w.start == 1 and folded[w.end : w.end + 1] == "."))
        ]
        if not names or right.isdigit() or (right == "-" and folded[end + 1 : end + 2].isdigit()):
            return None
        if self.company(first, last, names) or self.own_firm(names):
            return None
        if left == "-" and folded[start - 2 : start - 1].isalnum():
            return None  # "RMA 118-K. Sindsdien"
        if words[first].end - start == 2 and shapes.QUANTITY.search(folded[max(0, start - 3) : start]):
            return None  # "6,2 GB. Liefst"
        if first == last and shapes.CAMEL.fullmatch(folded[start:end]) and not self.sender.words & {chain[0].lower}:
            return None  # "RugCentraal"
        lower_chain = page.lower[start:end]
        if lower_chain in self.lists.brands or (
            chain[-1].lower.endswith(shapes.STREET_END)
            and len(chain[-1].lower) > 7
            and chain[-1].lower not in lexicon.surnames
        ):
            return None
        dated = (chain[0].lower in self.lists.months or chain[0].lower == "jan") and left in {" ", "-"}
        if first == last and dated and folded[max(0, start - 2) : start - 1].isdigit():
            return None  # "12 Jan 2025"
        if first == last and "-" in lower_chain and shapes.PRODUCT.fullmatch(folded[start:end]):
            return None  # "ERP-Storm", "WIA-hiaat"
        if first == last and left == "[" and right == "]":
            return None  # a section of a configuration
        previous = words[first - 1].lower if first else ""
        if previous.rpartition("-")[2].rpartition("'")[2] in shapes.PETS and shapes.PET.search(
            page.lower, max(0, start - 16), start
        ):
            return None
        total = self._structure(names, chain, folded)
        before = self.cue_before(first, cue)
        known = {w.lower for w in names} & self.sender.words
        if before in {"title", "greeting", "kin", "label"}:
            total += weights[before]
            surname = before == "kin" and len(chain) > len(names) and first == last - len(chain) + 1
            if (
                before in {"title", "greeting"} or surname
            ):  # "mevrouw De Haan", "Beste Storm": a word that is a name here
                total -= weights["common_word"] * min(1, self._common(names))
            if before == "greeting" and len(names) == 1 and names[0].lower.rpartition("-")[2] in self.lists.groups:
                return None
        if (
            len(names) > 1
            and folded[names[-1].start : names[-1].end].isupper()
            and 1 < len(names[-1].lower) < 5
            and not known
        ):
            total += weights["common_word"]
        total += layout(page, lexicon, weights, self.sign_offs, start, end)
        if known and (len(known) * 2 >= len(names) or first == last):
            total += weights["sender"]
        if any(w.lower in self.mail_words for w in names):
            total += weights["email"]
        if lower_chain in lexicon.places and not known and not before:
            total += weights["place"]
        if len(names) == 1 and not before and not known:
            total += self._lonely(first, names[0].lower, start)
        return total

    def _common(self, names: list[Word]) -> int:
        return sum(w.lower in self.lexicon.common and w.lower not in self.sender.words for w in names)

    def _structure(self, names: list[Word], chain: list[Word], folded: str) -> float:
        weights, lexicon = self.weights, self.lexicon
        initials = [
            w
            for w in names
            if w.end - w.start == 1
            or (w.end - w.start == 2 and folded[w.end : w.end + 1] == "." and w is not names[-1])
        ]
        whole = [w for w in names if w not in initials]
        if not whole or (initials and len(whole) == 1 and whole[0].lower in self.lists.not_names):
            return -6.0
        total = weights["common_word"] * self._common(whole)
        if (
            folded[whole[0].start : whole[0].end].isupper()
            and len(whole) == 1
            and not initials
            and len(whole[0].lower) < 5
        ):
            total -= 2.0
        first_known = (
            any(part in lexicon.first_names for part in whole[0].lower.replace("-", " ").split())
            or whole[0].lower in lexicon.first_names
        )
        last_known = whole[-1].lower in lexicon.surnames or any(
            part in lexicon.surnames for part in whole[-1].lower.split("-")
        )
        if len(whole) > 1 and whole[-1].lower in lexicon.common and not last_known:
            # "H. Terpstra-de Groen"; "Gijs Mei"
            last_known = whole[-2].lower.endswith(shapes.HYPHENED) or whole[-1].lower in self.lists.months
        if len(whole) > 1 and last_known and whole[-2].lower.endswith(shapes.HYPHENED):
            total -= weights["common_word"] * self._common(whole[-1:])
        if initials and names[0] in initials:
            dotted = folded[names[0].end : names[0].end + 1] == "."
            month = len(whole) == 1 and whole[0].lower in self.lists.months
            if dotted and (last_known or month) and len(whole) == 1 and whole[0].lower in lexicon.common:
                total -= weights["common_word"]  # "G. Prins": a word that is a surname after initials
            good = last_known or whole[-1].lower not in lexicon.common
            return total + (
                weights["initials"]
                if dotted and good
                else 0.2
                if last_known or whole[-1].lower in self.sender.words
                else -1.0
            )
        if len(whole) == 1 and not (len(chain) > 1 and initials):
            if first_known:
                return total + weights["single_first"]
            return total + (weights["single_last"] if last_known else weights["single_unknown"])
        particles = len(chain) > len(names)
        if first_known:
            article = len(chain) > 2 and chain[-2].lower in {"de", "den", "der", "ter", "ten", "t"}
            if (last_known or article) and whole[-1].lower in lexicon.common:
                total -= weights["common_word"]  # "Sanne Zomer": a surname there, whatever else it means
            return total + (
                weights["first_and_last"] if last_known or particles or initials else weights["first_and_other"]
            )
        if last_known:
            return total + weights["other_and_last"]
        return total + weights["unknown_words"] + (1.0 if particles else 0.0)

    def _is_value(self, start: int) -> bool:
        """ "naam=Rosa Maduro": the value of a field that holds a name."""
        cue = next(self.page.before(start, 3), None)
        return self.page.folded[start - 1] == "=" and cue is not None and cue.kind == "person"

    def _lonely(self, first: int, word: str, start: int) -> float:
        """A single name without cue: weaker at a sentence's start, after a preposition of place, or where ambiguous."""
        page, words, weights = self.page, self.page.words, self.weights
        total = 0.0
        previous = page.folded[max(0, start - 2) : start].rstrip(" ")
        if not previous or previous[-1:] in {".", "!", "?", "\n", ":", ">"}:
            total += weights["sentence_start"]
        if word in self.lists.ambiguous:
            total += weights["ambiguous"]
        if (
            first
            and shapes.ASKED_FOR.search(page.lower[max(0, start - 26) : start])
            and word in self.lexicon.first_names
        ):
            return total + weights["header"]
        if (
            first
            and page.folded[words[first - 1].end : start] == " "
            and words[first - 1].lower in self.lists.before_places
        ):
            to_person = words[first - 1].lower in shapes.TO_PERSONS and word in self.lexicon.first_names
            total += weights["after_preposition"] * (0.1 if to_person else 1)
        if word in self.lexicon.places or word in self.lexicon.cues.kinds:
            total += weights["place"]
        return total
