"""The word lists that name finding uses, prepared once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from scrubber.detection.fold import fold
from scrubber.detection.lexicon import Lexicon

_NO_WORD = re.compile(r"[\d._\-]+")


@dataclass(frozen=True, slots=True)
class Known:
    """Words of the sender's own name, folded and lower-case, without titles and particles; and all of them in order."""

    words: frozenset[str]
    full: str = field(repr=False)


@lru_cache(maxsize=512)  # what is answered together has at most half as many senders
def sender_words(name: str, refused: frozenset[str]) -> Known:
    """`refused`: titles and particles. A handle ("jan_88") is no name and gives none."""
    if not name or "_" in name or any(c.isdigit() for c in name) or len(name) > 80:
        return Known(frozenset(), "")
    words = re.findall(r"[a-z]+(?:['-][a-z]+)*", fold(name).lower())
    own = [word for word in words if word not in refused and len(word) > 1]
    return Known(frozenset(own), " ".join(words) if own and words[0] not in refused else " ".join(own[:1]))


@lru_cache(maxsize=512)  # what is answered together has at most half as many senders
def mailbox_words(address: str) -> frozenset[str]:
    """Words of the part of an address before the "@"."""
    local = fold(address.lower().partition("@")[0])
    return frozenset(part for part in _NO_WORD.split(local) if len(part) > 2)


NOBODY = Known(frozenset(), "")


@dataclass(frozen=True, slots=True)
class NameLists:
    """The word lists that name finding uses. `kinds`: word -> title, greeting, kin or common."""

    lexicon: Lexicon = field(repr=False)
    titles: frozenset[str]
    greetings: frozenset[str]
    kin: frozenset[str]
    particles: frozenset[str]
    groups: frozenset[str]
    ambiguous: frozenset[str]
    before_places: frozenset[str]
    months: frozenset[str]
    not_names: frozenset[str]
    common: frozenset[str]
    brands: frozenset[str]
    company_words: frozenset[str]
    company_before: frozenset[str]
    trade_surnames: frozenset[str]
    company_suffixes: tuple[str, ...]
    company_ends: frozenset[str]
    """The last two letters of `company_suffixes`."""
    kinds: Mapping[str, str] = field(repr=False)
    plain: frozenset[str] = field(repr=False)
    """Words that, capitalised and alone, are worth a look only after a word of `announcing`."""
    announcing: frozenset[str]
    unnamed: frozenset[str]
    """Titles and particles: no words of somebody's own name."""

    @staticmethod
    def of(lexicon: Lexicon) -> NameLists:
        words = lexicon.words
        titles, greetings, kin = words("names/titles"), words("names/greetings"), words("names/kin")
        particles, months, not_names = words("names/particles"), words("names/months"), words("names/not_names")
        common = [*particles, *lexicon.cues.kinds, *not_names, *months, *lexicon.common]
        kinds = dict.fromkeys(common, "common") | dict.fromkeys(kin, "kin")
        kinds |= dict.fromkeys(greetings, "greeting") | dict.fromkeys(titles, "title")
        suffixes = tuple(sorted(suffix for suffix in words("companies/suffixes") if len(suffix) > 1))
        return NameLists(
            lexicon=lexicon,
            titles=titles,
            greetings=greetings,
            kin=kin,
            particles=particles,
            groups=words("names/groups"),
            ambiguous=words("names/ambiguous"),
            before_places=words("names/before_places"),
            months=months,
            not_names=not_names,
            common=lexicon.common,
            brands=words("companies/brands"),
            company_words=words("companies/words"),
            trade_surnames=words("companies/also_surnames"),
            company_before=words("companies/before"),
            company_suffixes=suffixes,
            company_ends=frozenset(suffix[-2:] for suffix in suffixes),
            kinds=kinds,
            announcing=titles | greetings | particles,
            unnamed=titles | particles,
            plain=frozenset(word for word in kinds if word not in lexicon.first_names and word not in lexicon.surnames),
        )

    def is_company_word(self, word: str) -> bool:
        """Whether the word makes a company of the name beside it: "Autoschade", "Schilderwerken"."""
        if word in self.company_words:
            return True
        return (
            len(word) > 6
            and word[-2:] in self.company_ends  # few words end so, and there are many suffixes to compare with
            and word.endswith(self.company_suffixes)
            and word not in self.lexicon.surnames
        )
