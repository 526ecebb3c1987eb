"""One text prepared once for all recognisers: folded, its words, its cues, and which patterns occur in it at all."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from itertools import accumulate
from typing import Any, NamedTuple

from presidio_analyzer.nlp_engine import NlpArtifacts

from scrubber.detection.fold import fold, squeeze
from scrubber.detection.lexicon import CUE_ENDS, Lexicon
from scrubber.detection.patterns import Gate, Pattern
from scrubber.detection.placeholders import Placeholders
from scrubber.lazily import lazily
from scrubber.linear import Expression
from scrubber.message import Sender

_CUE_LAST = frozenset(end[-2:] for end in CUE_ENDS)
BLANK = "\x03"
"""Fills the place of a placeholder of an earlier redaction: neither letter nor digit, never part of a finding."""

_SECRETS = frozenset({"secret", "login", "pin"})
"""Cues that don't count where a digit is glued to them: "Geheim77" is itself a secret."""
_WORD = re.compile(r"((?<![a-z0-9])[a-z]+(?:['\-][a-z]+)*)")
_JOINS = frozenset({" ", ".", "-", "_", "/", ". ", " - ", "'", "\n"})
_SENTENCE_END = re.compile(r"(?<!\b[Nn]r)(?<!\b[Nn]o)[.!?][ \n]+[A-Z]|\n[ \t]*\n")
_NUMBER = re.compile(r"[A-Za-z]{0,4}\d[\d .\-]{2,}\d[A-Za-z]{0,2}|\x03+")
_LIST_LINK = re.compile(r" ?(?:,|/|;|\||&|\+|-|en|of|and|resp\.?|,? en| )? ?")
_LIST_LINES = re.compile(
    r"[\s,;/|&+*-]{0,6}(?:en|of|and|\d\)|#\d:?)?[\s]{0,3}(?:[\w.' ]{0,30}(?: - |: )"
    r"|(?:die |dat |het )?(?:van )?(?:mijn |mn |m'n |haar |zijn |de |onze |ons )?[a-z]{2,14}(?: is| heeft| met)? )?"
)
_DOCUMENT_HEADINGS = frozenset({"document", "doc", "id-bewijs", "pas", "legitimatie", "doc.", "doc.nr."})
"""Too common for a label in a sentence."""
_TABLE_LINE = re.compile(r"[;|\t,]")


class Hit(NamedTuple):
    """Offsets in `Page.folded`; 0 < score <= 1."""

    entity_type: str
    start: int
    end: int
    score: float


class Word(NamedTuple):
    start: int
    end: int
    lower: str


class Cue(NamedTuple):
    start: int
    end: int
    kind: str


_make_word = partial(tuple.__new__, Word)
"""Word(...) without its call of Python: a message has hundreds of words."""


def _words_in(lower: str) -> list[Word]:
    """The words of folded text in lower case."""
    parts = _WORD.split(lower)  # what stands between, a word, what stands between, ...
    edges = list(accumulate(map(len, parts)))
    return list(map(_make_word, zip(edges[::2], edges[1::2], parts[1::2], strict=False)))


class Page(NlpArtifacts):
    """`folded` is what recognisers search: folded, without gaps, placeholders blanked. Offsets in it, until `original`.

    It goes through Presidio as the NLP artifacts of the text; the parts a language model would fill are empty.
    """

    def __init__(
        self,
        text: str,
        lexicon: Lexicon,
        gate: Gate | None = None,
        sender: Sender | None = None,
        own: Sequence[Pattern] = (),
        context: str = "",
        placeholder: Placeholders | None = None,
        surroundings: dict[str, frozenset[str]] | None = None,
        only: frozenset[str] = frozenset(),
    ) -> None:
        """`surroundings`: what was seen in a context before; views of one message have the same.

        `only`: see Request.
        """
        # Not NlpArtifacts.__init__: it wants a spaCy Doc, and there are no tokens here.
        self.entities: list[Any] = []
        self.lemmas: list[str] = []
        self.keywords: list[str] = []
        self.scores: list[float] = []
        self.lexicon = lexicon
        self.sender = sender or Sender()
        self.taken: list[Hit] = []
        """What the recognisers so far found, in their order."""
        self.refused: set[Hit] = set()
        """What of it a later recogniser knows better."""
        squeezed, self._places = squeeze(fold(text))
        self._text = text if self._places is not None else ""
        if placeholder is not None:
            squeezed = placeholder.blanked(squeezed, BLANK)
        self.folded = squeezed
        self.lower = squeezed.lower()
        self.data = squeezed.encode("latin-1", "replace")
        self.absent = gate.absent(self.data) if gate else frozenset()
        self.context = context
        self.only = only
        self._surroundings = {} if surroundings is None else surroundings
        self._standing: dict[Expression, list[tuple[int, int]]] = {}
        self._own = sorted(span for pattern in own for span in pattern.spans(self.data)) if own else []

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the text as it was given."""
        if self._places is None:
            return start, end
        stop = self._places[end - 1] + 1
        while stop < len(self._text) and unicodedata.combining(self._text[stop]):
            stop += 1  # an accent written apart belongs to the letter before it
        return self._places[start], stop

    def find(self, pattern: Pattern) -> list[tuple[int, int]]:
        """Where `pattern` occurs; without searching where the common pass saw that it doesn't."""
        if pattern.source in self.absent:
            return []
        return pattern.spans(self.data)

    def stands(self, what: Expression, start: int, end: int) -> bool:
        """Whether `what` stands whole within [start, end). It is looked for once, whoever asks how often."""
        places = self._standing.get(what)
        if places is None:
            places = self._standing[what] = what.spans(self.data)
        at = bisect_left(places, (start, 0))
        return at < len(places) and places[at][1] <= end

    def is_own_number(self, start: int, end: int) -> bool:
        """Whether a pattern of the desk's own numbers covers the place."""
        return bool(self._own) and any(s <= start and end <= e for s, e in self._own)

    @lazily
    def words(self) -> list[Word]:
        return _words_in(self.lower)

    @lazily
    def capitals(self) -> list[int]:
        """Indices in `words` of those that begin with a capital."""
        folded = self.folded
        lower = self.lower
        return [index for index, start in enumerate(self.word_starts) if folded[start] != lower[start]]

    @lazily
    def word_starts(self) -> list[int]:
        return [word[0] for word in self.words]

    def word_before(self, place: int) -> int:
        """Index in `words` of the last word that starts before `place`; -1 where none does."""
        return bisect_right(self.word_starts, place - 1) - 1

    @lazily
    def cues(self) -> list[Cue]:
        return self._cues_in(self.words, self.lower)

    @lazily
    def spoken_of(self) -> frozenset[str]:
        """Kinds of cue in the text and in what surrounds it: the thread's turns, the subject."""
        return self.cue_kinds | self.answers

    @lazily
    def answers(self) -> frozenset[str]:
        """Kinds of cue in what surrounds the text."""
        if not self.context:
            return frozenset()
        known = self._surroundings.get(self.context)
        if known is None:
            lower = fold(self.context).lower()
            known = frozenset([cue.kind for cue in self._cues_in(_words_in(lower), lower)])
            self._surroundings[self.context] = known
        return known

    def _cues_in(self, words: Sequence[Word], lower: str) -> list[Cue]:
        found: list[Cue] = []
        cues = self.lexicon.cues
        kinds, starts = cues.kinds, cues.starts
        index, count = 0, len(words)
        for at, (start, end, word) in enumerate(words):
            if word.isalpha():
                # Most words are no cue, which is soon seen.
                if word not in starts and (end - start < 7 or word[-2:] not in _CUE_LAST):
                    continue
            else:
                word = word.replace("-", "").replace("'", "")
            if at < index:
                continue  # taken by the cue before
            kind = None
            if word in starts:
                joined, kind = word, kinds.get(word)
                for ahead in range(at + 1, min(at + 4, count)):
                    if lower[words[ahead - 1].end : words[ahead].start] not in _JOINS:
                        break
                    joined += words[ahead].lower.replace("-", "").replace("'", "")
                    longer = kinds.get(joined)
                    if longer is not None and not (
                        longer in _SECRETS and lower[words[ahead].end : words[ahead].end + 1].isdigit()
                    ):
                        kind, index, end = longer, ahead + 1, words[ahead].end
            elif end - start > 6 and word.endswith(CUE_ENDS):
                kind = cues.kind(word)
            if kind is None and lower.endswith("-pin", start, end):
                kind = "pin"
            if kind is not None and not (kind in _SECRETS and lower[end : end + 1].isdigit()):
                found.append(Cue(start, end, kind))
        return found

    @lazily
    def _cue_ends(self) -> list[int]:
        return [cue.end for cue in self.cues]

    @lazily
    def cue_kinds(self) -> frozenset[str]:
        return frozenset([cue.kind for cue in self.cues])

    def before(self, place: int, reach: int = 60) -> Iterator[Cue]:
        """Cues that end within `reach` characters before `place`, nearest first."""
        index = bisect_right(self._cue_ends, place) - 1
        while index >= 0 and self.cues[index].end >= place - reach:
            yield self.cues[index]
            index -= 1

    def after(self, place: int, reach: int = 30) -> Iterator[Cue]:
        """Cues that start within `reach` characters after `place`, nearest first."""
        index = bisect_right(self._cue_ends, place)
        while index < len(self.cues) and self.cues[index].start <= place + reach:
            if self.cues[index].start >= place:
                yield self.cues[index]
            index += 1

    def label(self, start: int, kinds: Collection[str], reach: int = 60) -> Cue | None:
        """The nearest cue of `kinds` before `start` that still speaks of it: same sentence, or the column's heading."""
        if self.cue_kinds.isdisjoint(kinds) and not self.columns:
            return None
        heading = self.columns.get(self.line_start(start)) if self.columns else None
        if heading is not None:
            cell = self.folded.count(heading[0], self.line_start(start), start)
            kind = heading[1][cell] if cell < len(heading[1]) else ""
            if kind:
                return Cue(start, start, kind) if kind in kinds else None
        for cue in self.before(start, reach):
            if cue.kind in kinds and self.folded[cue.start - 2 : cue.start] != "</":
                over = _SENTENCE_END.search(self.folded, cue.end, start + 1)  # "paspoort nr. X": the point after "nr"
                return None if over or self._spent(cue, start) else cue
        return None

    def _spent(self, cue: Cue, start: int) -> bool:
        """Whether the cue already had its number: another stands between, and this one does not continue a list."""
        gap = self.folded[cue.end : start]
        if cue.kind == "reference" and max(map(gap.count, ";|\t")) > 1:
            return True  # a record: other cells stand between
        numbers = list(_NUMBER.finditer(gap))
        if not numbers:
            return False
        rest = gap[numbers[-1].end() :]
        return not (_LIST_LINK if cue.kind != "bsn" else _LIST_LINES).fullmatch(rest.lower())

    def near(self, start: int, end: int, kinds: Collection[str], reach: int = 60) -> bool:
        """Whether a cue of `kinds` stands within `reach` characters on either side."""
        if self.cue_kinds.isdisjoint(kinds):
            return False
        return self.follows(start, kinds, reach) or any(cue.kind in kinds for cue in self.after(end, reach))

    def follows(self, start: int, kinds: Collection[str], reach: int) -> bool:
        """Whether a cue of `kinds` ends within `reach` characters before `start`."""
        return not self.cue_kinds.isdisjoint(kinds) and any(cue.kind in kinds for cue in self.before(start, reach))

    def line_start(self, place: int) -> int:
        return self.folded.rfind("\n", 0, place) + 1

    def line_end(self, place: int) -> int:
        end = self.folded.find("\n", place)
        return len(self.folded) if end < 0 else end

    @lazily
    def columns(self) -> dict[int, tuple[str, list[str]]]:
        """Start of a table row -> (separator, kind of cue that heads each column): a line of headings, then rows."""
        rows: dict[int, tuple[str, list[str]]] = {}
        if not _TABLE_LINE.search(self.folded) or len(self.cues) < 2:
            return rows
        place, heading = 0, None
        for line in self.folded.split("\n"):
            if heading and abs(line.count(heading[0]) - len(heading[1]) + 1) <= 1 and heading[0] in line:
                rows[place] = heading
            elif line.count(",") > 1 or ";" in line or "|" in line or "\t" in line:
                heading = self._heading(place, line)
            else:
                heading = None
            place += len(line) + 1
        return rows

    def _heading(self, place: int, line: str) -> tuple[str, list[str]] | None:
        separator = max(";|\t,", key=line.count)
        count = line.count(separator)
        if count < 1 + (separator == ",") or len(line) > 300 or any(character.isdigit() for character in line):
            return None
        kinds, at = [], place
        for cell in line.split(separator):
            index = bisect_right(self._cue_ends, at + len(cell)) - 1
            cue = self.cues[index] if index >= 0 and self.cues[index].start >= at else None
            kind = cue.kind if cue and len(cell.strip()) <= cue.end - cue.start + 14 else ""
            if kind == "care" and self.cues[index - 1].start >= at and self.cues[index - 1].kind == "policy":
                kind = "health"  # "polisnummer zorg"
            if not kind and cell.strip(" \"'*").lower() in _DOCUMENT_HEADINGS:
                kind = "passport"
            kinds.append(kind)
            at += len(cell) + 1
        known = sum(bool(kind) for kind in kinds)
        # A comma also stands in sentences, so one heading that is known says little there.
        enough = known >= 2 or (known == 1 and separator != "," and count >= 2)
        return (separator, kinds) if enough else None
