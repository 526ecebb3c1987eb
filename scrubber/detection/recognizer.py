"""What the Dutch recognisers share: an ordinary Presidio EntityRecognizer that searches a prepared page."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import exp
from typing import ClassVar, Literal

from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from scrubber.detection.lexicon import Lexicon
from scrubber.detection.page import Hit as Hit
from scrubber.detection.page import Page
from scrubber.detection.patterns import Pattern

Mode = Literal["off", "gated", "everywhere"]
"""[detection] model: where the trained model looks."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What rules/recognizers.yaml says of one recogniser, checked."""

    patterns: Mapping[str, Pattern]
    weights: Mapping[str, float]
    lexicon: Lexicon = field(repr=False)
    model: Mode = "gated"
    """Where the trained model looks, for a recogniser that has one."""


TAKEN_FROM = 0.5
"""A finding of this score, in an engine that does not say its threshold, keeps the trained model from the place."""


@lru_cache(maxsize=4096)  # the weights are few, and so are their sums
def odds(total: float) -> float:
    """A sum of weights as a score: 0 is 0.5."""
    return round(1 / (1 + exp(-max(-20.0, min(20.0, total)))), 3)


class DutchRecognizer(EntityRecognizer):
    """Base of the recognisers here. Without `spec` it takes the rules that scrubber ships.

    `ENTITIES`, `PATTERNS` and `WEIGHTS` name what its entry in rules/recognizers.yaml must hold.
    """

    ENTITIES: ClassVar[tuple[str, ...]] = ()
    PATTERNS: ClassVar[tuple[str, ...]] = ()
    WEIGHTS: ClassVar[tuple[str, ...]] = ()
    GATED: ClassVar[bool] = True
    """Without any of its patterns in the text there is nothing to find."""
    MODEL: ClassVar[bool] = False
    """Whether it asks the trained model: without it where the settings say `model = "off"`."""

    def __init__(
        self,
        supported_language: str = "nl",
        name: str | None = None,
        supported_entity: str | None = None,
        context: list[str] | None = None,
        spec: Spec | None = None,
    ) -> None:
        if spec is None:
            from scrubber.detection.configuration import shipped_spec  # the configuration knows every class

            spec = shipped_spec(type(self).__name__)
        self.spec = spec
        self.lexicon = spec.lexicon
        self.weights = spec.weights
        self._sources = frozenset(spec.patterns[name].source for name in self.PATTERNS)
        self.needs = self._sources if self.GATED else frozenset()
        """Sources of patterns without any of which there is nothing to find; empty: there may be, whatever occurs."""
        entities = [supported_entity] if supported_entity else list(self.ENTITIES)
        super().__init__(
            supported_entities=entities,
            name=name or type(self).__name__,
            supported_language=supported_language,
            context=context,
        )

    def load(self) -> None:
        """Nothing to load: the rules came with the constructor."""

    @abstractmethod
    def find(self, page: Page) -> Iterable[Hit]:
        """Everything of this recogniser's types on the page; may overlap."""

    def find_all(self, pages: Sequence[Page]) -> Iterable[Iterable[Hit]]:
        """`find` of each page; a recogniser that does better with many at once says so by its own."""
        return map(self.find, pages)

    def is_hopeless(self, page: Page) -> bool:
        """Whether nothing of this recogniser's patterns occurs on the page."""
        return bool(self.needs) and self.needs <= page.absent

    def pattern(self, name: str) -> Pattern:
        return self.spec.patterns[name]

    def spans(self, page: Page, *names: str) -> Iterator[tuple[str, int, int]]:
        for name in names or self.PATTERNS:
            for start, end in page.find(self.spec.patterns[name]):
                yield name, start, end

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """Presidio's entry. `nlp_artifacts` may be a Page of `text`; otherwise one is made."""
        page = nlp_artifacts if isinstance(nlp_artifacts, Page) else Page(text, self.lexicon)
        if self.is_hopeless(page):
            return []
        results = []
        for hit in self.find(page):
            if hit.score >= TAKEN_FROM:
                page.taken.append(hit)
            if not entities or hit.entity_type in entities:
                start, end = page.original(hit.start, hit.end)
                results.append(RecognizerResult(hit.entity_type, start, end, hit.score))
        return results
