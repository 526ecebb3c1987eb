"""Word lists: our own under rules/words, and deduce's lists of names, streets and places where it is installed.

deduce's lists are LGPL data of a dependency: read as text, in place, without importing deduce (13 s and 1.1 GB).
All words are kept folded and lower-case.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from scrubber.detection.fold import fold
from scrubber.errors import SettingsError

_DEDUCE = Path("data", "lookup", "src")
NUMBER_SUFFIXES = ("nummertje", "nummers", "nummer", "nrs", "nr", "kenmerk", "number")
_COMPOUND_ENDS = (
    "wachtwoord", "wachtwoorden", "paswoord", "paswoorden", "password", "pincode", "toegangscode", "geboortedatum",
    "kenteken", "nummerplaat", "paspoort", "rijbewijs", "identiteitskaart", "idkaart", "eidkaart", "zorgpas",
    "zorgpolis",
    "bankrekening", "girorekening", "verzekeringspas", "kluiscode", "deurcode", "poortcode", "slotcode", "alarmcode",
    "verhuiscode", "overdrachtscode", "wachtzin", "toegangssleutel", "herstelcode", "activatiecode", "koppelcode",
    "kraslaagcode", "tenaamstellingscode", "vrijwaringscode", "portierscode",
    "inlogcode", "supportpin", "pinkode", "klantlogin", "inlogs", "htaccesslogin", "ftplogin",
)  # fmt: skip
CUE_ENDS = NUMBER_SUFFIXES + _COMPOUND_ENDS
"""How words end that are cues although no list has them: "startwachtwoord", "eindhuurdersnummer"."""


_LONGEST = 40
"""Letters; a longer word is no Dutch compound."""


@dataclass(frozen=True, slots=True)
class Cues:
    """Words that say what stands next to them. `kinds`: word without spaces -> name of its list (bsn, reference, …)."""

    kinds: dict[str, str]
    starts: frozenset[str]

    def kind(self, word: str) -> str | None:
        """The list `word` stands in, or its longest end that stands in one; any other "…nummer" is a reference."""
        found = self.kinds.get(word)
        if found is not None:
            return found
        if len(word) > _LONGEST:
            return None
        for suffix in NUMBER_SUFFIXES:  # longest first
            if word.endswith(suffix) and len(word) > len(suffix) + 1:
                stem = word[: -len(suffix)]
                ends = (word[at:] for at in range(1, len(stem) - 2))
                stems = (stem[at:] for at in range(1, len(stem) - 4))
                whole = self.kinds.get(stem) or self.kinds.get(f"{stem}nummer")
                return whole or next((self.kinds[end] for end in (*ends, *stems) if end in self.kinds), "reference")
        return next((self.kinds[word[at:]] for at in range(1, len(word) - 5) if word[at:] in self.kinds), None)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`lists`: "folder/file" -> words. `digest`: SHA-256 (hex) over everything that was read."""

    lists: dict[str, frozenset[str]]
    cues: Cues
    first_names: frozenset[str]
    surnames: frozenset[str]
    streets: frozenset[str]
    places: frozenset[str]
    common: frozenset[str]
    digest: str

    def words(self, name: str) -> frozenset[str]:
        """The list `name` ("names/titles"). SettingsError where rules/words has no such list."""
        try:
            return self.lists[name]
        except KeyError:
            raise SettingsError(f"rules/words has no list {name}.txt") from None


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: word list can't be read ({type(error).__name__})") from error
    return _words(text)


def _words(text: str) -> list[str]:
    folded = fold(text).lower()
    lines = folded.split("\n")
    if "#" in folded:
        lines = [line.partition("#")[0] for line in lines]
    return list(filter(None, map(str.strip, lines)))


def deduce_folder() -> Path | None:
    """Where the lists of an installed deduce stand; None where it is not installed or looks otherwise."""
    spec = find_spec("deduce")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / _DEDUCE
    return folder if folder.is_dir() else None


@lru_cache(maxsize=16)  # an installed package does not change under a running process
def _deduce_words(folder: Path | None, *parts: str) -> tuple[str, ...]:
    words: list[str] = []
    for part in parts:
        path = folder / part / "items.txt" if folder else None
        if path and path.is_file():
            words += _words(path.read_text(encoding="utf-8"))
    return tuple(words)


def _build_cues(lists: dict[str, frozenset[str]]) -> Cues:
    kinds: dict[str, str] = {}
    starts: set[str] = set()
    for name, words in sorted(lists.items()):
        folder, _, kind = name.partition("/")
        if folder != "cues":
            continue
        for word in words:
            parts = word.replace("-", " ").replace(".", " ").replace("/", " ").split()
            starts.add(parts[0])
            joined = "".join(parts)
            starts.add(joined)
            if kinds.setdefault(joined, kind) != kind:
                raise SettingsError(f"rules/words/cues: {word!r} stands in {kinds[joined]}.txt and in {kind}.txt")
    return Cues(kinds, frozenset(starts))


def _without(words: Iterable[str], *others: Iterable[str]) -> frozenset[str]:
    return frozenset(words).difference(*others)


def load_lexicon(words_dir: Path, extra_dir: Path | None = None) -> Lexicon:
    """Read every list under `words_dir` and, below `extra_dir`, deduce's. SettingsError where one can't be read."""
    paths = sorted(words_dir.glob("*/*.txt")) if words_dir.is_dir() else []
    if not paths:
        raise SettingsError(f"{words_dir}: no word lists here (<list>/<name>.txt)")
    digest = hashlib.sha256()
    lists: dict[str, frozenset[str]] = {}
    for path in paths:
        words = frozenset(_lines(path))
        name = f"{path.parent.name}/{path.stem}"
        lists[name] = words
        digest.update(f"{name}:{len(words)}:".encode() + "\n".join(sorted(words)).encode())
    base = lists.get
    none: frozenset[str] = frozenset()
    first = _deduce_words(extra_dir, "names/lst_first_name")
    surnames = _deduce_words(extra_dir, "names/lst_surname", "names/lst_interfix_surname")
    streets = _deduce_words(extra_dir, "locations/lst_street")
    places = _deduce_words(
        extra_dir, "locations/lst_placename/lst_residence", "locations/lst_placename/lst_municipality"
    )
    common = _deduce_words(extra_dir, "whitelist/lst_common_word", "whitelist/lst_stop_word")
    for words_ in (first, surnames, streets, places, common):
        digest.update(str(len(words_)).encode() + "".join(words_[:50] + words_[-50:]).encode())
    not_names = base("names/not_names", none)
    return Lexicon(
        lists=lists,
        cues=_build_cues(lists),
        first_names=_without([*first, *base("names/first", none), *base("names/first_elsewhere", none)], not_names),
        surnames=_without([*surnames, *base("names/last", none), *base("names/last_elsewhere", none)], not_names),
        streets=_without([*streets, *base("streets/extra", none)], base("streets/not_streets", none)),
        places=_without([*places, *base("places/extra", none)], base("places/not_places", none)),
        common=_without([*common, *base("common/words", none)], base("common/not_common", none)),
        digest=digest.hexdigest(),
    )
