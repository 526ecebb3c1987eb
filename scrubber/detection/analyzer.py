"""The detector: Presidio recognisers over a prepared page, many views a call, one bad view failing alone.

Our own recognisers are asked directly: the page is their common work, and Presidio's engine costs more than all of them
together. A recogniser that is none of ours makes the whole set run in the engine, with the same answers.

What is left out of Presidio, and why: the spaCy tokenizer and the context enhancer (quadratic on hostile text), its
configuration loading (fails open), its decision trace and logging (they print values), phonenumbers and tldextract
(slow, and the latter fetches a list over the network).
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from importlib import metadata
from pathlib import Path as FilePath

from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, NoOpNlpEngine

from scrubber.detection.base import Request
from scrubber.detection.configuration import Configuration, read_configuration, shipped_rules
from scrubber.detection.lexicon import deduce_folder
from scrubber.detection.page import Page
from scrubber.detection.patterns import Gate, Pattern, compile_pattern
from scrubber.detection.placeholders import cached_pattern
from scrubber.detection.recognizer import DutchRecognizer
from scrubber.detection.results import Result, disjoint, without_contained
from scrubber.errors import DetectionError, SettingsError
from scrubber.finding import ENTITY_TYPES, Finding

_LIBRARIES = ("presidio-analyzer", "google-re2", "python-stdnum", "deduce")
logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)


class _Registry(RecognizerRegistry):
    """A fixed set of recognisers, answered without filtering anew for every text."""

    def get_recognizers(
        self,
        language: str,  # noqa: ARG002  # the names are Presidio's, here and below
        entities: list[str] | None = None,  # noqa: ARG002
        all_fields: bool = False,  # noqa: ARG002
        ad_hoc_recognizers: list[EntityRecognizer] | None = None,  # noqa: ARG002
    ) -> list[EntityRecognizer]:
        return list(self.recognizers)


class _Engine(AnalyzerEngine):
    """Presidio's engine without its step for context: it compares every result with every recogniser."""

    def get_supported_entities(self, language: str | None = None) -> list[str]:  # noqa: ARG002
        return list(ENTITY_TYPES)

    def _enhance_using_context(
        self,
        text: str,  # noqa: ARG002
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,  # noqa: ARG002
        recognizers: list[EntityRecognizer],  # noqa: ARG002
        context: list[str] | None = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        return raw_results


class _NoEnhancer(ContextAwareEnhancer):
    """Context is weighed where a number is found; Presidio's own enhancer is quadratic in the findings."""

    def __init__(self) -> None:
        super().__init__(
            context_similarity_factor=0.0,
            min_score_with_context_similarity=0.0,
            context_prefix_count=0,
            context_suffix_count=0,
        )

    def enhance_using_context(
        self,
        text: str,  # noqa: ARG002
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,  # noqa: ARG002
        recognizers: list[EntityRecognizer],  # noqa: ARG002
        context: list[str] | None = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        return raw_results


def library_versions() -> str:
    """name=version of every library whose data or code decides; "-" for one that is not installed."""
    found = []
    for name in _LIBRARIES:
        try:
            found.append(f"{name}={metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name}=-")
    return ",".join(found)


@lru_cache(maxsize=64)
def _own_patterns(sources: tuple[str, ...]) -> tuple[Pattern, ...]:
    return tuple(compile_pattern(source) for source in sources)


class PresidioDetector:
    """A Detector over one configuration. Build it once a process; it holds no text between calls."""

    def __init__(self, configuration: Configuration, placeholder: re.Pattern[str] | None = None) -> None:
        self.configuration = configuration
        self._placeholder = placeholder
        self._gate = Gate(configuration.patterns)
        self._recognizers = [
            entry.cls(supported_language=configuration.language, name=entry.name, spec=entry.spec)
            for entry in configuration.entries
        ]
        self._direct = all(type(r).analyze is DutchRecognizer.analyze for r in self._recognizers)
        self._rank = {entity: rank for rank, entity in enumerate(configuration.priority)}
        self._digest = hashlib.sha256(f"{configuration.digest}:{library_versions()}".encode()).hexdigest()

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over the rules, the word lists and the libraries' versions."""
        return self._digest

    @cached_property
    def _engine(self) -> _Engine:
        language = self.configuration.language
        return _Engine(
            registry=_Registry(recognizers=self._recognizers, supported_languages=[language]),
            nlp_engine=NoOpNlpEngine(models=[{"lang_code": language, "model_name": "none"}]),
            supported_languages=[language],
            context_aware_enhancer=_NoEnhancer(),
            log_decision_process=False,
            default_score_threshold=self.configuration.threshold,
        )

    def detect(self, requests: Sequence[Request]) -> list[tuple[Finding, ...] | DetectionError]:
        """Findings per view, in order of start, not overlapping; a DetectionError where a view failed."""
        return [self._detect(request) for request in requests]

    def _detect(self, request: Request) -> tuple[Finding, ...] | DetectionError:
        limits = self.configuration.limits
        text = request.view.text
        if len(text) > limits.characters:
            return DetectionError("text too long")
        try:
            results: list[Result] = []
            for offset, begin, end, core in self._windows(text):
                for result in self._analyze(text[offset:end], request):
                    start = result.start + offset
                    if begin <= start < core:
                        results.append(result._replace(start=start, end=result.end + offset) if offset else result)
                        if len(results) > 2 * limits.findings:
                            return DetectionError("too many findings")
            kept = disjoint(results, self._rank)
        except SettingsError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever a text provokes, it must not stop the other views
            return DetectionError(f"search failed ({type(error).__name__})")
        if len(kept) > limits.findings:
            return DetectionError("too many findings")
        path = request.view.path
        return tuple(Finding(path, r.entity_type, r.start, r.end, r.score, r.recognizer) for r in kept)

    def _windows(self, text: str) -> Iterator[tuple[int, int, int, int]]:
        """(window start, first start that counts, window end, first start that no longer counts)."""
        size, overlap = self.configuration.limits.window, self.configuration.limits.overlap
        step = size - 2 * overlap
        begin = 0
        while True:
            core = begin + step
            last = core + overlap >= len(text)
            yield max(0, begin - overlap), begin, len(text) if last else core + overlap, len(text) + 1 if last else core
            if last:
                return
            begin = core

    def _analyze(self, text: str, request: Request) -> list[Result]:
        own = _own_patterns(request.own_numbers)
        lexicon, placeholder = self.configuration.lexicon, self._placeholder
        page = Page(text, lexicon, self._gate, request.sender, own, request.context, placeholder)
        if not self._direct:
            return self._by_engine(text, page)
        threshold = self.configuration.threshold
        results = []
        for recognizer in self._recognizers:
            if recognizer.is_hopeless(page):
                continue
            name = recognizer.name
            for hit in recognizer.find(page):
                if hit.score >= threshold:
                    results.append(Result(hit.entity_type, *page.original(hit.start, hit.end), hit.score, name))
        return without_contained(results)

    def _by_engine(self, text: str, page: Page) -> list[Result]:
        threshold = self.configuration.threshold
        found = self._engine.analyze(text, self.configuration.language, score_threshold=threshold, nlp_artifacts=page)
        return [Result(r.entity_type, r.start, r.end, r.score, self._name(r)) for r in found]

    @staticmethod
    def _name(result: RecognizerResult) -> str:
        return str((result.recognition_metadata or {}).get(RecognizerResult.RECOGNIZER_NAME_KEY, ""))


def build_detector(rules_dir: FilePath, entities: FilePath | None = None) -> PresidioDetector:
    """The detector of `rules_dir` (recognizers.yaml, words/). SettingsError, with file and line, where unusable.

    `entities`: the entities.yaml whose placeholders are never searched; None: the shipped one.
    """
    placeholder = cached_pattern(entities or shipped_rules() / "entities.yaml")
    return PresidioDetector(read_configuration(rules_dir, deduce_folder()), placeholder)
