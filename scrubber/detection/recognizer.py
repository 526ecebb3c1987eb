"""What the Dutch recognisers share: an ordinary Presidio EntityRecognizer that searches a prepared page."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import exp
from typing import ClassVar, NamedTuple

from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from scrubber.detection.lexicon import Lexicon
from scrubber.detection.page import Page
from scrubber.detection.patterns import Pattern


class Hit(NamedTuple):
    """Offsets in `Page.folded`; 0 < score <= 1."""

    entity_type: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Spec:
    """What rules/recognizers.yaml says of one recogniser, checked."""

    patterns: Mapping[str, Pattern]
    weights: Mapping[str, float]
    lexicon: Lexicon = field(repr=False)


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
        self._gated = bool(self._sources) and self.GATED
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

    def is_hopeless(self, page: Page) -> bool:
        """Whether nothing of this recogniser's patterns occurs on the page."""
        return self._gated and self._sources <= page.absent

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
            if not entities or hit.entity_type in entities:
                start, end = page.original(hit.start, hit.end)
                results.append(RecognizerResult(hit.entity_type, start, end, hit.score))
        return results
