"""Where a name begins and ends in a chain of capitalised words, what announces it, and whether a firm is called so."""

from __future__ import annotations

from scrubber.detection import name_patterns as shapes
from scrubber.detection.name_lists import NOBODY, Known, NameLists, sender_words
from scrubber.detection.page import Page, Word


class Chains:
    """Answers for one page. `first` and `last` are indexes of its words.

    `named`: the words of those who were found to be named on the page so far.
    """

    def __init__(self, lists: NameLists, page: Page) -> None:
        self.page = page
        self.lists = lists
        self.lexicon = lists.lexicon
        self.titles, self.greetings, self.kin, self.particles = (
            lists.titles,
            lists.greetings,
            lists.kin,
            lists.particles,
        )
        self.sender = self._sender(page.sender.name)
        self.named: set[str] = set()

    def _sender(self, name: str) -> Known:
        """The words of the sender's name; none where a company or a department signs its mail with its own name."""
        known = sender_words(name, self.lists.unnamed) if name else NOBODY
        person = known.full.partition(" ")[0] in self.lexicon.first_names
        return NOBODY if not person and any(self.lists.is_company_word(word) for word in known.words) else known

    def role(self, word: str) -> str:
        """ "Wmo-consulent", "productmanager": compounds of a word after which a name stands."""
        if len(word) < 9 or word in self.lexicon.first_names or word in self.lexicon.surnames:
            return ""
        return "kin" if word.rpartition("-")[2] in self.kin or word.endswith(shapes.ROLES) else ""

    def without_opening(self, first: int, last: int) -> int:
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

    def first_particle(self, first: int) -> int:
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

    def cue_before(self, first: int, cue: str) -> str:
        """The kind of cue that ends right before the word `first`; `cue` where that is known."""
        page, words = self.page, self.page.words
        if cue:
            return cue
        index = self.first_particle(first) - 1
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

    def trailing(self, first: int, last: int) -> bool:
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

    def without_employer(self, first: int, last: int, cue: str) -> int:
        """The last word of the name in "Teun Hamersma van RugCentraal", "Sanne Bakker van Bakker & Zonen"."""
        words, lexicon, folded = self.page.words, self.lexicon, self.page.folded
        whole = words[first].lower in lexicon.first_names
        if not whole and self.cue_before(first, cue) != "title":
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
            if chain and ((unknown and named) or self.company(at + 1, last, chain)):
                return at - 1
        return last

    def with_particles(self, first: int, start: int) -> int:
        """Take in lower-case particles before a surname that follows a title: "mevrouw van den Berg"."""
        words, folded = self.page.words, self.page.folded
        index = self.first_particle(first)
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

    def _surname_here(self, word: Word, names: list[Word]) -> bool:
        """Whether a word such as "Staal" is a surname after the known first name that begins the chain."""
        if word.lower not in self.lists.trade_surnames:
            return False
        if word is names[0]:
            return self.cue_before(self.page.word_before(word.start + 1), "") == "title"
        return names[0].lower in self.lexicon.first_names

    def own_firm(self, names: list[Word]) -> bool:
        """ "Kuiper Klokken" below "R. Kuiper": the surname of somebody on the page, and a word that no list has."""
        if len(names) != 2:
            return False
        borne = self.named | self.sender.words
        first, last = names[0].lower, names[1].lower
        if last in borne and last not in self.lexicon.first_names:
            return first.endswith(shapes.TRADES)
        if first not in borne or first in self.lexicon.first_names or last in borne or len(last) < 5:
            return False
        return last not in self.lexicon.first_names and last not in self.lexicon.surnames and "-" not in last

    def company(self, first: int, last: int, names: list[Word]) -> bool:
        """Whether the chain, of which `names` are the capitalised words, is what a firm or an institution is called."""
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
        first = self.first_particle(first)
        if first and page.folded[words[first - 1].end : words[first].start] == " ":
            before = words[first - 1].lower
            if before in self.lists.company_before:
                return True
            if len(before) > 8 and before.endswith(shapes.TRADES) and before not in self.kin:
                return True
            # "verzekeringen Jansen" may be a firm, "waar wonen Jan en Els" is none.
            return page.folded[words[first - 1].start].isupper() and self.lists.is_company_word(before)
        return False
