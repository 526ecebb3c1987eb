"""A block as numbers, the same for training and for tagging.

`near` holds what a token is in itself; the model looks at it for the token and its three neighbours on either side.
`here` holds what is only known at the place: pairs of neighbours, the line, cues, the sender. Each column of both has a
range of numbers of its own, so that one table of weights serves all columns; 0 in `near` is "nothing to say".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scrubber.detection.fold import fold
from scrubber.detection.model.tokens import Token, cut
from scrubber.detection.model.vocabulary import KIND_OF, KINDS, LEXES, LONGEST, SHAPES, Lists, Vocabulary, shape
from scrubber.detection.name_lists import sender_words

if TYPE_CHECKING:
    from scrubber.detection.model.blocks import Block

Ints = NDArray[np.int32]

NEAR = 8
"""Columns of `near`: word, begin, two ends, form, lists, kind, glued to what stands before."""
CLASSES = 6
"""Coarse forms: sign, digits, letters and digits, small letters, capitalised, capitals."""
_CHUNKS = 16 * 6
_LINES = 96
_CUES = KINDS * 4 * CLASSES
# Below a column is written by its number, its place in this order; the order is part of a trained model.
_HERE = (
    ("shape_before", SHAPES * SHAPES),
    ("shape_after", SHAPES * SHAPES),
    ("lex_before", LEXES * LEXES),
    ("lex_after", LEXES * LEXES),
    ("kind_lex", KINDS * LEXES),
    ("kind_lex_2", KINDS * LEXES),
    ("kind_shape", KINDS * SHAPES),
    ("chunk", _CHUNKS * 2),
    ("line", _LINES * CLASSES),
    ("sender", 4 * 2),
    ("cue_before", _CUES),
    ("cue_before_2", _CUES),
    ("cue_after", _CUES),
    ("label", KINDS * CLASSES),
    ("line_above", KINDS * CLASSES),
    ("asked", KINDS * CLASSES),
)
HERE = len(_HERE)
HERE_SIZE = sum(size for _, size in _HERE)
_OFFSETS = np.cumsum([0, *(size for _, size in _HERE)])[:-1].astype(np.int32)
_MARKS = np.array([8, 4, 6, 2, 3, 1], np.int32)
"""By coarse form: 1 capitals, 2 small letters, 4 digits, 8 signs."""
_SIZES = np.digitize(np.arange(32), (3, 5, 8, 13, 21)).astype(np.int32)
"""Length of a chunk, cut at 31 -> one of six sizes."""
_REACH = 12
"""Tokens over which a cue still speaks."""
_AHEAD = 5
_LENGTHS = (0, 0, 1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4)
"""Tokens of a line -> one of six lengths; 13 and more are the longest."""
REACH = 3
"""Neighbours on either side that the model looks at."""
_EMPTY = " "
"""What an empty token says: no other is a blank."""
_NOTHING, _NOWHERE = (_EMPTY,) * REACH, (-1,) * REACH
_ASKED = ("birth", "bank", "address", "secret", "pin", "code", "login", "health", "passport", "licence", "plate")


@dataclass(frozen=True, slots=True)
class Features:
    """Of n tokens, which are `texts` at [`starts`, `ends`) in their part: `here` (n, HERE), numbers up to HERE_SIZE.

    `distinct` (m, NEAR - 1): what each different token is in itself, numbers below `Extractor.near_size`; `known` (m,):
    its row in `Extractor.vocabulary_rows`, -1 for none; `which` (n,): the row of each token in them; `glued` (n,): the
    number of its last column. `bounds`: [first, last) tokens of each part. Tokens between the parts are empty: 0 in
    `near`, HERE_SIZE in `here`.
    """

    texts: Sequence[str] = field(repr=False)
    starts: Sequence[int] = field(repr=False)
    ends: Sequence[int] = field(repr=False)
    bounds: Sequence[tuple[int, int]]
    distinct: Ints = field(repr=False)
    known: Ints = field(repr=False)
    which: Ints = field(repr=False)
    glued: Ints = field(repr=False)
    here: Ints = field(repr=False)

    @property
    def tokens(self) -> list[Token]:
        return list(map(Token, self.starts, self.ends, self.texts))

    @property
    def near(self) -> Ints:
        """(n, NEAR): of each token its row of `distinct`, and `glued`."""
        return np.column_stack((self.distinct[self.which], self.glued))

    def place(self, first: int, last: int) -> tuple[int, int]:
        """[start, end) of the tokens [first, last] in their part."""
        return self.starts[first], self.ends[last]


def _coarse(form: str) -> int:
    if form in {"year", "day", "month", "day0", "month0"} or form[0] == "9":
        return 1 if form.strip("9+") in {"", "year", "day", "month", "day0", "month0"} else 2
    if not form[0].isalpha():
        return 0
    if form.isalpha():
        return 3 if form[0] == "x" and form != "xX" else 5 if form.isupper() else 4
    return 2


class Extractor:
    """Features of blocks under one vocabulary and one set of lists. Holds nothing of the blocks."""

    def __init__(self, vocabulary: Vocabulary, lists: Lists) -> None:
        self.vocabulary = vocabulary
        self.lists = lists
        words, affixes = len(vocabulary.words), len(vocabulary.affixes)
        sizes = (1, words, affixes, affixes, affixes, SHAPES, LEXES, KINDS)
        at = np.cumsum(sizes)
        self._offsets = (at[:7] - (1, 1, 1, 1, 0, 0, 0)).astype(np.int32)
        self._offsets[0] = 0
        self._glue = int(at[7])
        self.near_size = self._glue + 2
        texts = dict.fromkeys(
            text for word in vocabulary.words for text in (word, word.capitalize(), word.upper()) if text
        )
        self._known = {text: (*self._word(text)[:8], number) for number, text in enumerate(texts)}
        self.vocabulary_rows = self._distinct(np.array(list(self._known.values()), np.int32).reshape(-1, 9))
        """As `Features.distinct`, of every word of the vocabulary in small letters, capitalised and in capitals."""

    def _word(self, text: str) -> tuple[int, ...]:
        """word, begin, end of 3, end of 4, form, lists, kind, coarse form, -1; the ends only of words of letters."""
        vocabulary = self.vocabulary
        form = shape(text)
        shape_number = vocabulary.shapes.get(form, 0)
        coarse = _coarse(form)
        if coarse == 0 or coarse == 1:
            return (vocabulary.words.get(text, 0) if coarse == 0 else 0, 0, 0, 0, shape_number, 0, 0, coarse, -1)
        word = text.lower()
        if len(word) > LONGEST:
            return (0, 0, 0, 0, shape_number, 0, 0, coarse, -1)
        affix = vocabulary.affixes.get
        begin = end3 = end4 = 0
        if coarse > 2 and len(word) > 3:
            begin, end3, end4 = affix("^" + word[:3], 0), affix(word[-3:] + "$", 0), affix(word[-4:] + "$", 0)
        lex = self.lists.lex(word) if coarse > 2 else 0
        kind = self.lists.kind(word) if coarse > 2 else 0
        return (vocabulary.words.get(word, 0), begin, end3, end4, shape_number, lex, kind, coarse, -1)

    def _distinct(self, rows: Ints) -> Ints:
        """Rows of `_word` as numbers below `near_size`."""
        distinct: Ints = rows[:, :7] + self._offsets
        distinct[:, :4] *= rows[:, :4] > 0  # an unknown word or end says nothing
        return distinct

    def features(self, parts: Sequence[Block]) -> Features:
        """Of all parts together, one after the other, so that numpy is asked once; REACH empty tokens lie between."""
        texts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        bounds: list[tuple[int, int]] = []
        for part in parts:
            begin, end, text = cut(part.folded)
            bounds.append((len(texts), len(texts) + len(text)))
            texts += text
            texts += _NOTHING
            starts += begin
            starts += _NOWHERE
            ends += end
            ends += _NOWHERE
        # What a token is in itself is worked out once for all that are alike.
        numbers = {text: number for number, text in enumerate(dict.fromkeys(texts))}
        which = np.fromiter(map(numbers.__getitem__, texts), np.int32, len(texts))
        known, word = self._known.get, self._word
        rows = np.fromiter(
            chain.from_iterable([known(text) or word(text) for text in numbers]), np.int32, 9 * len(numbers)
        ).reshape(-1, 9)
        raw = rows[which]
        begins = np.array(starts, np.int32)
        glued = np.zeros(len(texts), np.int32)
        glued[1:] = (begins[1:] == np.array(ends, np.int32)[:-1]) & (begins[1:] > 0)
        here = self._here(begins, np.array(ends, np.int32), raw, glued)
        for part, (first, last) in zip(parts, bounds, strict=True):
            if first < last:
                self._lines(texts, first, last, here)
                self._sender(part, texts, first, last, here)
                self._cues(part, starts, ends, first, last, here)
                asked = [KIND_OF[name] for name in _ASKED if name in part.answers] if part.answers else ()
                here[first:last, 15] = asked[0] * CLASSES if asked else 0
        coarse = raw[:, 7]
        here[:, 8] += coarse
        here[:, 10:16] += coarse[:, None]
        here += _OFFSETS
        distinct = self._distinct(rows)
        glued += self._glue
        for _, last in bounds:
            glued[last : last + REACH] = 0
            here[last : last + REACH] = HERE_SIZE
        if texts:
            distinct[numbers[_EMPTY]] = 0
        return Features(texts, starts, ends, bounds, distinct, rows[:, 8], which, glued, here)

    def _here(self, begins: Ints, ends: Ints, raw: Ints, glued: Ints) -> Ints:
        n = len(raw)
        here = np.zeros((n, HERE), np.int32)
        form, lex, kind, coarse = np.ascontiguousarray(raw[:, 4:8].T)
        padded = np.zeros((3, n + 2), np.int32)  # nothing stands before the text
        padded[:, 2:] = form, lex, kind
        forms, lexes, kinds = padded
        pairs = forms[1:-1] * SHAPES + form
        here[:, 0] = pairs
        here[:-1, 1] = pairs[1:]
        pairs = lexes[1:-1] * LEXES + lex
        here[:, 2] = pairs
        here[:-1, 3] = pairs[1:]
        here[:, 4] = kinds[1:-1] * LEXES + lex
        here[:, 5] = kinds[:-2] * LEXES + lex
        here[:, 6] = kinds[1:-1] * SHAPES + form
        here[:, 9] = lex >= 16
        self._chunks(begins, ends, glued, coarse, here[:, 7])
        return here

    @staticmethod
    def _chunks(starts: Ints, ends: Ints, glued: Ints, coarse: Ints, column: Ints) -> None:
        """What is written without a blank, as a whole: capitals, small letters, digits, signs in it, and its length."""
        first = (glued == 0).nonzero()[0]
        marks = np.bitwise_or.reduceat(_MARKS[coarse], first)
        size = np.minimum(np.add.reduceat(ends - starts, first), len(_SIZES) - 1)
        which = (1 - glued).cumsum() - 1
        several = np.zeros(len(first), np.int32)
        several[which[glued == 1]] = 1
        column[:] = ((marks * 6 + _SIZES[size]) * 2 + several)[which]

    @staticmethod
    def _lines(texts: Sequence[str], first: int, last: int, here: Ints) -> None:
        """Tokens in the line, first or last line, place in the line."""
        bounds = [first - 1, *[i for i, text in enumerate(texts[first:last], first) if text[0] == "\n"], last]
        column: list[int] = []
        for number in range(len(bounds) - 1):
            size = bounds[number + 1] - bounds[number] - 1
            where = 1 if number == 0 else 2 if number >= len(bounds) - 3 else 0
            base = ((_LENGTHS[size] if size < 13 else 5) * 4 + where) * 4
            values = [base] * (size + 1)
            if size == 1:
                values[0] = base + 3
            elif size:
                values[0], values[size - 1] = base + 1, base + 2
            column += values
        here[first:last, 8] = column[: last - first]
        here[first:last, 8] *= CLASSES

    @staticmethod
    def _sender(part: Block, texts: Sequence[str], first: int, last: int, here: Ints) -> None:
        """Whether the token is a word of the sender's name (2) or of the address they write from (4)."""
        names, mail = _sender_parts(part.sender.name, part.sender.email)
        if not (names or mail):
            return
        lower = part.folded.lower()
        known = [word for word in names | mail if word in lower]
        if not known:
            return
        for i, text in enumerate(texts[first:last], first):
            word = text.lower()
            if word in known:
                here[i, 9] += 2 * (word in names) + 4 * (word in mail)

    @staticmethod
    def _cues(part: Block, starts: list[int], ends: list[int], first: int, last: int, here: Ints) -> None:
        """The two cues before the token, the one after it, the label of its line, and the cue in the line above."""
        if not part.cues:
            return
        starts = starts[first:last]
        n = last - first
        before, second, after, label, above = columns = [[0] * n for _ in range(5)]
        folded = part.folded
        size = len(folded)
        for cue_start, cue_end, name in part.cues:
            kind = KIND_OF.get(name)
            if kind is None:
                continue
            kind *= 4
            at = bisect_left(starts, cue_start)
            following = bisect_left(starts, cue_end, at)
            reach = min(n, following + _REACH)
            second[following:reach] = before[following:reach]
            near, middle = min(n, following + 2), min(n, following + 5)
            before[following:reach] = (
                [kind] * (near - following) + [kind + 1] * (middle - near) + [kind + 2] * (reach - middle)
            )
            for i in range(max(0, at - _AHEAD), at):
                after[i] = kind if i >= at - 2 else kind + 1
            line_end = folded.find("\n", cue_end)
            if line_end < 0:
                line_end = size
            colon = folded.find(":", cue_end, min(line_end, cue_end + 25))
            line = bisect_left(starts, line_end, following)
            if colon >= 0:
                colon = bisect_left(starts, colon, following)
                label[colon:line] = [kind >> 2] * (line - colon)
            if line + 1 < n:
                end = folded.find("\n", ends[first + line])
                end = bisect_left(starts, end, line) if end >= 0 else n
                above[line + 1 : end] = [kind >> 2] * (end - line - 1)
        for number, column in enumerate(columns, 10):
            here[first:last, number] = column
        here[first:last, 10:15] *= CLASSES


@lru_cache(maxsize=512)  # as in name_lists
def _sender_parts(name: str, email: str) -> tuple[frozenset[str], frozenset[str]]:
    """Words of the sender's name, and of the part of the address before the @. Nothing of a handle."""
    words = sender_words(name or "", frozenset({"van", "de", "den", "der", "het", "ten", "ter", "dhr", "mevr"})).words
    local = fold(email or "").lower().partition("@")[0]
    parts = frozenset(p for p in "".join(c if c.isalpha() else " " for c in local).split() if len(p) > 2)
    return frozenset(w for word in words for w in word.replace("'", "-").split("-") if len(w) > 1), parts
