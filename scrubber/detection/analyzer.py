"""The detector: Presidio's AnalyzerEngine over our recognisers, many views a call, one bad view failing alone.

What is left out of Presidio, and why: the spaCy tokenizer and the context enhancer (quadratic on hostile text), its
configuration loading (fails open), its decision trace and logging (they print values), phonenumbers and tldextract
(slow, and the latter fetches a list over the network).
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
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
        language = configuration.language
        self._engine = _Engine(
            registry=_Registry(recognizers=self._recognizers, supported_languages=[language]),
            nlp_engine=NoOpNlpEngine(models=[{"lang_code": language, "model_name": "none"}]),
            supported_languages=[language],
            context_aware_enhancer=_NoEnhancer(),
            log_decision_process=False,
            default_score_threshold=configuration.threshold,
        )
        self._rank = {entity: rank for rank, entity in enumerate(configuration.priority)}
        self._digest = hashlib.sha256(f"{configuration.digest}:{library_versions()}".encode()).hexdigest()

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over the rules, the word lists and the libraries' versions."""
        return self._digest

    def detect(self, requests: Sequence[Request]) -> list[tuple[Finding, ...] | DetectionError]:
        """Findings per view, in order of start, not overlapping; a DetectionError where a view failed."""
        return [self._detect(request) for request in requests]

    def _detect(self, request: Request) -> tuple[Finding, ...] | DetectionError:
        limits = self.configuration.limits
        text = request.view.text
        if len(text) > limits.characters:
            return DetectionError("text too long")
        try:
            results: list[RecognizerResult] = []
            for offset, begin, end, core in self._windows(text):
                for result in self._analyze(text[offset:end], request):
                    start = result.start + offset
                    if begin <= start < core:
                        result.start, result.end = start, result.end + offset
                        results.append(result)
                        if len(results) > 2 * limits.findings:
                            return DetectionError("too many findings")
            kept = self._disjoint(results)
        except SettingsError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever a text provokes, it must not stop the other views
            return DetectionError(f"search failed ({type(error).__name__})")
        if len(kept) > limits.findings:
            return DetectionError("too many findings")
        path = request.view.path
        return tuple(
            Finding(path, result.entity_type, result.start, result.end, result.score, self._name(result))
            for result in kept
        )

    @staticmethod
    def _name(result: RecognizerResult) -> str:
        return str((result.recognition_metadata or {}).get(RecognizerResult.RECOGNIZER_NAME_KEY, ""))

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

    def _analyze(self, text: str, request: Request) -> list[RecognizerResult]:
        own = _own_patterns(request.own_numbers)
        lexicon, placeholder = self.configuration.lexicon, self._placeholder
        page = Page(text, lexicon, self._gate, request.sender, own, request.context, placeholder)
        threshold = self.configuration.threshold
        return self._engine.analyze(text, self.configuration.language, score_threshold=threshold, nlp_artifacts=page)

    def _disjoint(self, results: list[RecognizerResult]) -> list[RecognizerResult]:
        """The results that stay: by priority of type, then score, then length; sorted by start."""
        rank = self._rank
        results.sort(key=lambda r: (rank[r.entity_type], -r.score, r.start - r.end, r.start))
        kept: list[RecognizerResult] = []
        occupied: dict[int, list[tuple[int, int]]] = {}
        for result in results:
            cells = range(result.start >> 6, (result.end >> 6) + 1)
            if any(s < result.end and result.start < e for cell in cells for s, e in occupied.get(cell, ())):
                continue
            kept.append(result)
            for cell in cells:
                occupied.setdefault(cell, []).append((result.start, result.end))
        kept.sort(key=lambda r: r.start)
        return kept


def build_detector(rules_dir: FilePath, entities: FilePath | None = None) -> PresidioDetector:
    """The detector of `rules_dir` (recognizers.yaml, words/). SettingsError, with file and line, where unusable.

    `entities`: the entities.yaml whose placeholders are never searched; None: the shipped one.
    """
    placeholder = cached_pattern(entities or shipped_rules() / "entities.yaml")
    return PresidioDetector(read_configuration(rules_dir, deduce_folder()), placeholder)
