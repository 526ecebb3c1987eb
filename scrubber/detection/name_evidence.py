"""What speaks for and against a chain of capitalised words being somebody's name.

Weights (log-odds) stand in rules/recognizers.yaml; the words that trigger them in rules/words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from scrubber.detection import name_patterns as shapes
from scrubber.detection.name_lists import NOBODY, Known, NameLists, mailbox_words, sender_words
from scrubber.detection.page import Cue, Page, Word
from scrubber.detection.recognizer import Hit, odds
from scrubber.lazily import lazily

_BEFORE_NO_NAME = frozenset("@_/\\#=")
_AFTER_NO_NAME = frozenset("@_\\=")


class Evidence:
    """What is known of one page, for judging its chains. `sign_offs`: [start, end) of "Met vriendelijke groet""
    " and the like."""

    def __init__(
        self, lists: NameLists, weights: Mapping[str, float], page: Page, sign_offs: Sequence[tuple[int, int]]
    ) -> None:
        self.page = page
        self.lists = lists
        self.weights = weights
        self.lexicon = lists.lexicon
        self.titles, self.greetings, self.kin, self.particles = (
            lists.titles,
            lists.greetings,
            lists.kin,
            lists.particles,
        )
        self.sender = self._sender(page.sender.name)
        self.sign_offs = sign_offs
        self._named: set[str] = set()
        self._unsure: list[Hit] = []

    def _sender(self, name: str) -> Known:
        """The words of the sender's name; none where a company or a department signs its mail with its own name."""
        known = sender_words(name, self.lists.unnamed) if name else NOBODY
        person = known.full.partition(" ")[0] in self.lexicon.first_names
        return NOBODY if not person and any(self.lists.is_company_word(word) for word in known.words) else known

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
            kind = kinds.get(word, "") or self._role(word)
            if not kind and self.sign_offs and any(s <= words[first].start < e for s, e in self.sign_offs):
                kind = "common"  # "Groetjesss Wendy"
            is_name = (word in self.lexicon.first_names and word not in months) or word in self.sender.words
            if words[first].end - words[first].start == 1 and first < last and folded[words[first].end] == ".":
                break  # an initial
            if kind == "common" and first == last and self._cue_before(first, cue) == "title":
                break  # "mevrouw van den Berg"
            if kind and not (is_name and kind == "common"):
                if word in self.particles and first < last and self._cue_before(first, cue):
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
        first = self._without_opening(first, last)
        while last > first and self._trailing(first, last):
            last -= 1
            while last > first and not folded[words[last].start].isupper():
                last -= 1
        last = self._without_employer(first, last, cue)
        total = self._weigh(first, last, cue)
        if total is None:
            return
        start, end = self._with_particles(first, words[first].start), words[last].end
        if last > first and words[last].end - words[last].start == 1 and folded[end : end + 1] == ".":
            end += 1
        score = odds(total)
        if score >= 0.5:
            self._named.update(
                w.lower for w in words[first : last + 1] if w.end - w.start > 1 and w.lower not in self.particles
            )
            yield Hit("PERSON", start, end, score)
        elif first == last and total > shapes.HOPELESS:
            self._unsure.append(Hit("PERSON", start, end, 0.6))

    def repeated(self) -> Iterator[Hit]:
        """Single names that say too little by themselves, but that somebody on the page bears."""
        for hit in self._unsure:
            if self.page.lower[hit.start : hit.end] in self._named:
                particles = shapes.PARTICLES_BEFORE.search(self.page.folded, max(0, hit.start - 14), hit.start)
                yield hit._replace(start=particles.start()) if particles else hit

    def _role(self, word: str) -> str:
        """ "Wmo-consulent", "productmanager": compounds of a word after which a name stands."""
        if len(word) < 9 or word in self.lexicon.first_names or word in self.lexicon.surnames:
            return ""
        return "kin" if word.rpartition("-")[2] in self.kin or word.endswith(shapes.ROLES) else ""

    def _without_opening(self, first: int, last: int) -> int:
        """Index of the name's first word where a word that only opens the sentence stands before: "Bedank Sarah"."""
        words, lexicon, folded = self.page.words, self.lexicon, self.page.folded
        if first == last:
            return first
        word, following = words[first].lower, words[first + 1].lower
        if word in lexicon.first_names or word in lexicon.surnames or word in self.sender.words:
            return first
        if "-" in word or len(word) < 4 or following not in lexicon.first_names or following in self.particles:
            return first
        before = folded[: words[first].start].rstrip(" ")[-1:]
        line_end = self.page.line_end(words[last].end)
        opens = before in {"", ".", "!", "?", "\n"} and folded[words[last].end : line_end].strip(" .,!") != ""
        return first + 1 if opens else first

    def _first_particle(self, first: int) -> int:
        """Index of the first of at most four particles right before the word `first`; `first` where there is none."""
        words = self.page.words
        if not first or words[first - 1].lower not in self.particles:
            return first
        folded = self.page.folded
        index = first
        while index > max(0, first - 4) and words[index - 1].lower in self.particles:
            gap = folded[words[index - 1].end : words[index].start]
            if gap != " " and not (gap == " '" and words[index].lower in {"t", "s"}):
                break
            index -= 1
        return index

    def _cue_before(self, first: int, cue: str) -> str:
        """The kind of cue that ends right before the word `first`."""
        page, words = self.page, self.page.words
        if cue:
            return cue
        index = self._first_particle(first) - 1
        if index < 0:
            return ""
        word, gap = words[index].lower, page.folded[words[index].end : words[index + 1].start]
        if gap.strip(" .:,\"'(/\n") or len(gap) > 4 or "\n\n" in gap:
            return ""
        if (
            index + 1 < first
            and words[index + 1].lower in shapes.PLACING
            and words[index + 2].lower not in shapes.ARTICLES
        ):
            return ""  # "familie in Paramaribo", "notaris te Goes"
        previous = words[index - 1].lower if index else ""
        if (
            word in self.titles
            and "\n" not in gap
            and "," not in gap
            and ("." not in gap or (len(word) <= 4 and word not in {"heet", "ene"}))
        ):
            return "title"
        if word in self.greetings and gap in {" ", ", "}:
            prefix = page.folded[page.line_start(words[index].start) : words[index].start].strip(" >*-\"'")
            return (
                "greeting"
                if not prefix or prefix[-1] in ",.!?:" or word in {"beste", "geachte", "lieve", "hoi", "hallo", "hey"}
                else ""
            )
        if word in self.kin and "\n" not in gap and "." not in gap:
            return (
                "kin"
                if index == first - 1 or not page.folded[words[index + 1].start : words[first].start].startswith("van ")
                else ""
            )
        if word == "naam" and previous in {"op", "met", "mijn", "haar"}:  # the "van" of "op naam van" was a particle
            return "kin"
        return ""

    def _trailing(self, first: int, last: int) -> bool:
        """Whether the last word of the chain does not belong to the name."""
        words, folded = self.page.words, self.page.folded
        word = words[last]
        text = folded[word.start : word.end]
        others_upper = all(folded[w.start : w.end].isupper() for w in words[first:last])
        if words[last - 1].lower in self.particles and folded[words[last - 1].start].islower():
            return False
        if text.isupper() and 1 < len(text) <= 5 and not others_upper and word.lower not in self.sender.words:
            return True
        if word.lower in self.sender.words or word.lower in self.lexicon.surnames:
            return False
        if self._month_surname(first, last):
            return False
        known = (
            word.lower in self.lexicon.common
            or word.lower in self.lists.months
            or word.lower in self.titles
            or word.lower in self.greetings
        )
        return (
            known or word.lower in self.lexicon.cues.kinds or (last - first >= 2 and word.lower in self.lexicon.places)
        )

    def _month_surname(self, first: int, last: int) -> bool:
        """ "Gijs Mei": a month right behind a first name, without a day or year."""
        words, folded = self.page.words, self.page.folded
        if words[last].lower not in self.lists.months or last != first + 1 or words[last].end - words[last].start < 3:
            return False
        first_name = words[first].lower in self.lexicon.first_names and words[first].lower not in self.lists.months
        first_name = first_name or folded[words[first].end] == "."
        start, end = words[first].start, words[last].end
        around = folded[max(0, start - 2) : start] + folded[end : end + 2]
        return first_name and not any(character.isdigit() for character in around)

    def _without_employer(self, first: int, last: int, cue: str) -> int:
        """The last word of the name in "Teun Hamersma van RugCentraal", "Sanne Bakker van Bakker & Zonen"."""
        words, lexicon, folded = self.page.words, self.lexicon, self.page.folded
        whole = words[first].lower in lexicon.first_names
        if not whole and self._cue_before(first, cue) != "title":
            return last
        for at in range(last - 1, first, -1):
            if (
                words[at].lower != "van"
                or not folded[words[at].start].islower()
                or not folded[words[at - 1].start].isupper()
            ):
                continue
            unknown = at > first + 1 and at == last - 1 and words[last].lower not in lexicon.surnames
            named = words[at - 1].lower in lexicon.surnames
            chain = [w for w in words[at + 1 : last + 1] if folded[w.start].isupper()]
            if chain and ((unknown and named) or self._company(at + 1, last, chain)):
                return at - 1
        return last

    def _with_particles(self, first: int, start: int) -> int:
        """Take in lower-case particles before a surname that follows a title: "mevrouw van den Berg"."""
        words, folded = self.page.words, self.page.folded
        index = self._first_particle(first)
        if index == first or index == 0:
            return start
        before = words[index - 1]
        gap = folded[before.end : words[index].start]
        cued = before.lower in self.titles or before.lower in self.greetings
        if (
            cued
            and gap in {" ", ". "}
            and words[index].lower not in {"of", "en", "e", "a", "op", "in", "uit", "voor", "over", "bij"}
        ):
            return words[index].start
        return start

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
        if self._company(first, last, names) or self._own_firm(names):
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
        before = self._cue_before(first, cue)
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
        total += self._layout(start, end)
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

    def _layout(self, start: int, end: int) -> float:
        """Signature, header, label, line of its own, personal data behind it."""
        page, weights = self.page, self.weights
        folded = page.folded
        line_start, line_end = page.line_start(start), page.line_end(end)
        prefix = folded[line_start:start].strip(" >*|-\"'\t(")
        suffix = folded[end:line_end].strip(" .,!\t\"'*")
        total = 0.0
        after = folded[end : end + 60]
        addressed = after[:3].lstrip(" \"'").startswith("<") and "@" in after
        heading_line = page.lower[max(line_start, start - 80) : start]
        if addressed or shapes.HEADER.match(heading_line) or shapes.WROTE.match(page.lower[end : end + 100]):
            total += weights["header"]
        label = None
        if "person" in page.cue_kinds:
            label = next((cue for cue in page.before(start, 14) if cue.kind == "person"), None)
        gap = folded[label.end : start].strip(" \n\"'") if label else ""
        if gap == ">" and self._is_menu(start, end):
            gap = ""
        if label and (gap[:1] in {":", ";", "=", ")", ">", "|"} or self._on_name_of(label, start, end)):
            total += weights["label"]
        heading = page.columns.get(line_start)
        if heading is not None:
            cell = folded.count(heading[0], line_start, start)
            if cell < len(heading[1]) and heading[1][cell] == "person":
                total += weights["label"]
        signed = next((span for span in reversed(self.sign_offs) if span[1] <= start), None)
        if signed is not None and start - signed[1] < 130:
            between = page.lower[signed[1] : start]
            if shapes.SIGN_GAP.fullmatch(between):
                goes_on = "\x02" in between and shapes.GOES_ON.match(folded, end) is not None
                total += weights["near_signature" if goes_on else "signature"]
            elif not prefix and shapes.SIGN_NEAR.fullmatch(between):
                total += weights["near_signature"]
        if not prefix and not suffix:
            total += weights["line_alone"]
        if shapes.DATA_AFTER.match(page.lower[end : end + 34]):
            total += weights["personal_data_after"]
        return total

    def _is_value(self, start: int) -> bool:
        """ "naam=Rosa Maduro": the value of a field that holds a name."""
        cue = next(self.page.before(start, 3), None)
        return self.page.folded[start - 1] == "=" and cue is not None and cue.kind == "person"

    def _is_menu(self, start: int, end: int) -> bool:
        """ "Leden > Alle leden > Exporteren": one word that no list of names knows."""
        word = self.page.lower[start:end]
        return word not in self.lexicon.first_names and word not in self.lexicon.surnames and " " not in word

    def _on_name_of(self, label: Cue, start: int, end: int) -> bool:
        """ "t.n.v. R. van den Heuvel": more than a word, for "t.n.v. Belastingdienst" is none."""
        said = shapes.ON_NAME_OF.fullmatch(self.page.lower, label.start, start) is not None
        return said and " " in self.page.folded[start:end]

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

    def _surname_here(self, word: Word, names: list[Word]) -> bool:
        """Whether a word such as "Staal" is a surname after the known first name that begins the chain."""
        if word.lower not in self.lists.trade_surnames:
            return False
        if word is names[0]:
            return self._cue_before(self.page.word_before(word.start + 1), "") == "title"
        return names[0].lower in self.lexicon.first_names

    def _own_firm(self, names: list[Word]) -> bool:
        """ "Kuiper Klokken" below "R. Kuiper": the surname of somebody on the page, and a word that no list has."""
        if len(names) != 2:
            return False
        borne = self._named | self.sender.words
        first, last = names[0].lower, names[1].lower
        if last in borne and last not in self.lexicon.first_names:
            return first.endswith(shapes.TRADES)
        if first not in borne or first in self.lexicon.first_names or last in borne or len(last) < 5:
            return False
        return last not in self.lexicon.first_names and last not in self.lexicon.surnames and "-" not in last

    def _company(self, first: int, last: int, names: list[Word]) -> bool:
        page, words = self.page, self.page.words
        if any(
            self.lists.is_company_word(part)
            for w in names
            if w.lower not in self.sender.words and not self._surname_here(w, names)
            for part in ((w.lower, w.lower.rpartition("-")[2]) if "-" in w.lower else (w.lower,))
        ):
            return True
        # "b.v", "v.o.f": a full stop stands before the last letter.
        stop = words[last].end
        if page.lower[stop - 2 : stop - 1] == "." and shapes.FORM_INSIDE.search(page.lower[words[first].start : stop]):
            return True
        following = page.lower[words[last].end : words[last].end + 22]
        if len(names) == 1 and names[0].lower in self.lexicon.first_names and following.startswith(" & "):
            return not (last + 1 < len(words) and words[last + 1].lower in self.lexicon.first_names)
        if shapes.FORM_AFTER.match(following):
            return True
        if (
            page.folded.startswith(" IT", words[last].end)
            and not page.folded[words[last].end + 3 : words[last].end + 4].isalnum()
        ):
            return True  # "Roelofsen IT", in capitals
        if (
            last + 1 < len(words)
            and page.folded[words[last].end : words[last + 1].start] == " "
            and self.lists.is_company_word(words[last + 1].lower)
        ):
            return True
        first = self._first_particle(first)
        if first and page.folded[words[first - 1].end : words[first].start] == " ":
            before = words[first - 1].lower
            if before in self.lists.company_before:
                return True
            if len(before) > 8 and before.endswith(shapes.TRADES) and before not in self.kin:
                return True
            # "verzekeringen Jansen" may be a firm, "waar wonen Jan en Els" is none.
            return page.folded[words[first - 1].start].isupper() and self.lists.is_company_word(before)
        return False
