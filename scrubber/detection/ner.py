"""Names, secrets and other data that no rule found, by a trained model. See models/README.md."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from scrubber.detection.credentials.whole import whole
from scrubber.detection.guessed import is_otherwise
from scrubber.detection.model.archive import FILE, load
from scrubber.detection.model.blocks import Block, blocks
from scrubber.detection.model.features import Extractor, Features
from scrubber.detection.model.gate import ModelGate
from scrubber.detection.model.spans import trimmed
from scrubber.detection.model.tagger import Span, Weights, chance, look, spans, sums
from scrubber.detection.model.vocabulary import Lists, Vocabulary
from scrubber.detection.name_lists import NameLists
from scrubber.detection.page import BLANK, Page
from scrubber.detection.recognizer import DutchRecognizer, Hit
from scrubber.shipped import shipped_models

REFUSABLE = frozenset({"PERSON"})
"""Types of which the model may refuse what the rules found: words mislead. Not what must go: that would leak."""

SURE = 0.9
"""From this score on the rules are not doubted."""


class DutchNerRecognizer(DutchRecognizer):
    """What the model finds where no recogniser before it found anything; so it stands last in rules/recognizers.yaml.

    A weight is the least probability from which a finding of that type counts; above 1: never. A name of the rules
    that the model gives less than `refuse` is refused. In an engine of its own it finds everything it is sure of.
    SettingsError where the model's file is missing or damaged.
    """

    ENTITIES = (
        "PERSON", "ADDRESS", "CREDENTIAL", "HEALTH_ID", "ID_DOCUMENT", "BANK_ACCOUNT", "LICENSE_PLATE",
        "DATE_OF_BIRTH", "SPECIAL_CATEGORY", "PHONE_NUMBER",
    )  # fmt: skip
    WEIGHTS = (*ENTITIES, "refuse")
    MODEL = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        model = load(shipped_models() / FILE)
        self._gate = ModelGate(NameLists.of(self.lexicon)) if self.spec.model == "gated" else None
        self.use(model.vocabulary, model.weights)

    def use(self, vocabulary: Vocabulary, weights: Weights) -> None:
        """Take another model than the shipped one: one that was trained without the hand it is tried on."""
        self._weights = weights
        self._extractor = Extractor(vocabulary, Lists.of(self.lexicon))
        self._sums = sums(weights, self._extractor.vocabulary_rows)

    def find(self, page: Page) -> list[Hit]:
        (hits,) = self.find_all([page])
        return hits

    def find_all(self, pages: Sequence[Page]) -> list[list[Hit]]:
        """As `find`, of many pages with one call into the model, which costs less than a call for each."""
        hits: list[list[Hit]] = [[] for _ in pages]
        parts: list[_Part] = []
        for page, found in zip(pages, hits, strict=True):
            stretches = self._gate.stretches(page) if self._gate is not None else [(0, len(page.folded))]
            looked_at = list(blocks(page, stretches))
            if looked_at:
                near = _Near(page.taken)
                parts += [_Part(page, block, near.of(block), found) for block in looked_at]
        if parts:
            features = self._extractor.features([part.block for part in parts])
            doubted = [
                doubt
                for part, bound in zip(parts, features.bounds, strict=True)
                if part.near
                for doubt in self._doubted(part, features, bound)
            ]
            also = [token for doubt in doubted for token in range(doubt.first, doubt.last + 1)]
            looked = look(self._weights, features, also, self._sums)
            for doubt in doubted:
                if (
                    chance(self._weights, looked, doubt.first, doubt.last, doubt.taken.entity_type)
                    < self.weights["refuse"]
                ):
                    doubt.page.refused.add(doubt.taken)
            for part, spans_ in zip(parts, spans(self._weights, features, looked), strict=True):
                if spans_:
                    part.found.extend(self._hits(part, features, spans_))
        return hits

    @staticmethod
    def _doubted(part: _Part, features: Features, bound: tuple[int, int]) -> Iterator[_Doubt]:
        """What the rules found in the part, of the types that the model may refuse."""
        begin, size = part.block.start, len(part.block.folded)
        for taken in part.near:
            start, end = taken.start - begin, taken.end - begin
            if taken.score < SURE and taken.entity_type in REFUSABLE and start >= 0 and end <= size:
                first = bisect_right(features.ends, start, *bound)
                last = bisect_left(features.starts, end, *bound) - 1
                if first <= last:
                    yield _Doubt(part.page, taken, first, last)

    def _hits(self, part: _Part, features: Features, found: Iterable[Span]) -> Iterator[Hit]:
        """What of `found` is probable enough and stands where nothing was found before, or was refused."""
        block, refused = part.block, part.page.refused
        taken = bytearray(len(block.folded))
        for hit in part.near:
            start, end = max(0, hit.start - block.start), min(len(taken), hit.end - block.start)
            if start < end and hit not in refused:
                taken[start:end] = b"\1" * (end - start)
        for span in found:
            if span.probability < self.weights.get(span.entity_type, 2.0):
                continue
            start, end = trimmed(block.folded, span.entity_type, *features.place(span.first, span.last))
            if start < end and is_otherwise(part.page, span.entity_type, start + block.start, end + block.start):
                continue
            # What touches the placeholder of an earlier redaction is what the model takes the placeholder for.
            if start < end and 1 not in taken[start:end] and BLANK not in block.folded[max(0, start - 1) : end + 1]:
                hit = Hit(span.entity_type, start + block.start, end + block.start, round(span.probability, 3))
                yield whole(part.page, hit) if span.entity_type == "CREDENTIAL" else hit


class _Near:
    """What was found on a page, looked up by part, so that many parts of a page full of findings stay linear."""

    def __init__(self, taken: Iterable[Hit]) -> None:
        self._taken = sorted(taken, key=_START)
        self._longest = max([hit.end - hit.start for hit in self._taken], default=0)

    def of(self, part: Block) -> Sequence[Hit]:
        """At least everything that touches the part."""
        first = bisect_left(self._taken, part.start - self._longest, key=_START)
        return self._taken[first : bisect_left(self._taken, part.start + len(part.folded), first, key=_START)]


class _Part(NamedTuple):
    """A block of a page, what was found there before, and where what is found there now goes."""

    page: Page
    block: Block
    near: Sequence[Hit]
    found: list[Hit]


class _Doubt(NamedTuple):
    """A finding of the rules, and the tokens [first, last] where it stands."""

    page: Page
    taken: Hit
    first: int
    last: int


_START = attrgetter("start")
