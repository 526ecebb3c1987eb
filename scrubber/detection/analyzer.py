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
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from importlib import metadata
from pathlib import Path as FilePath

from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, NoOpNlpEngine

from scrubber.code import digest_of
from scrubber.detection.base import Request
from scrubber.detection.configuration import Configuration, read_configuration
from scrubber.detection.lexicon import deduce_folder
from scrubber.detection.nlp import NlpChoice, recognizer_of
from scrubber.detection.page import Page
from scrubber.detection.patterns import Gate, Pattern, compile_pattern
from scrubber.detection.placeholders import Placeholders, cached_placeholders
from scrubber.detection.recognizer import DutchRecognizer, Mode
from scrubber.detection.results import Result, disjoint, without_contained
from scrubber.errors import DetectionError, SettingsError
from scrubber.finding import ENTITY_TYPES, Finding
from scrubber.shipped import shipped_rules

_LIBRARIES = ("presidio-analyzer", "google-re2", "python-stdnum", "deduce")
_AT_ONCE = 200_000
"""Code points of text that are searched together."""
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


class _Search:
    """One view on its way. As a context: whatever its text provokes is its own failure and stops no other view."""

    __slots__ = ("error", "request", "results")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.results: list[Result] = []
        self.error: DetectionError | None = None

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        return isinstance(error, Exception) and self.fails(error)

    def fails(self, error: Exception) -> bool:
        """Take note of a failure; False where it is none of the text's."""
        if isinstance(error, SettingsError):
            return False
        self.error = DetectionError(f"search failed ({type(error).__name__})")
        return True


class _Window:
    """A stretch of a view: its text from `offset` on. What starts in [begin, core) of the view counts."""

    __slots__ = ("begin", "core", "offset", "results", "search", "text")

    def __init__(self, search: _Search, text: str, offset: int, begin: int, core: int) -> None:
        self.search = search
        self.text = text
        self.offset = offset
        self.begin = begin
        self.core = core
        self.results: list[Result] = []

    def without(self, refused: set[tuple[str, int, int]]) -> None:
        """Leave out what was refused: type, start, end."""
        self.results = [r for r in self.results if (r.entity_type, r.start, r.end) not in refused]

    def hand_over(self, most: int) -> None:
        """Give the view what counts of this window's results."""
        search, offset = self.search, self.offset
        for result in without_contained(self.results):
            start = result.start + offset
            if self.begin <= start < self.core:
                search.results.append(result._replace(start=start, end=result.end + offset) if offset else result)
        if len(search.results) > most:
            search.error = DetectionError("too many findings")


class PresidioDetector:
    """A Detector over one configuration. Build it once a process; it holds no text between calls."""

    def __init__(
        self,
        configuration: Configuration,
        placeholder: Placeholders | None = None,
        others: Sequence[EntityRecognizer] = (),
    ) -> None:
        """`others`: recognisers that no rules name, such as an NLP engine's; they are asked last."""
        self.configuration = configuration
        self._placeholder = placeholder
        self._gate = Gate(configuration.patterns)
        self._recognizers: list[EntityRecognizer] = [
            entry.cls(supported_language=configuration.language, name=entry.name, spec=entry.spec)
            for entry in configuration.entries
        ]
        self._recognizers += others
        self._own = [r for r in self._recognizers if isinstance(r, DutchRecognizer)]
        self._direct = all(type(r).analyze is DutchRecognizer.analyze for r in self._recognizers)
        self._kinds = {
            entry.name: frozenset(recognizer.supported_entities)
            for entry, recognizer in zip(configuration.entries, self._own, strict=True)
        }
        self._most = 2 * configuration.limits.findings
        self._rank = {entity: rank for rank, entity in enumerate(configuration.priority)}
        code = digest_of(FilePath(__file__).parent)
        self._digest = hashlib.sha256(f"{configuration.digest}:{library_versions()}:{code}".encode()).hexdigest()

    @property
    def recognizers(self) -> Sequence[EntityRecognizer]:
        """In the order in which they are asked."""
        return tuple(self._recognizers)

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over the rules, the word lists, the code that reads them and the libraries' versions."""
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
        searches = [_Search(request) for request in requests]
        for windows in self._together(searches):
            self._search(windows)
        return [self._answer(search) for search in searches]

    def _together(self, searches: Sequence[_Search]) -> Iterator[list[_Window]]:
        """The windows of all texts, so many at a time as may be in memory at once."""
        waiting: list[_Window] = []
        size = 0
        for search in searches:
            text = search.request.view.text
            if len(text) > self.configuration.limits.characters:
                search.error = DetectionError("text too long")
                continue
            for offset, begin, end, core in self._windows(text):
                if search.error is not None:
                    break
                waiting.append(_Window(search, text[offset:end], offset, begin, core))
                size += end - offset
                if size > _AT_ONCE:
                    yield waiting
                    waiting, size = [], 0
        yield waiting

    def _search(self, windows: Sequence[_Window]) -> None:
        """Recogniser by recogniser over all windows: what one of them needs stays in the processor's cache."""
        going: list[tuple[_Window, Page]] = []
        surroundings: dict[str, frozenset[str]] = {}
        for window in windows:
            with window.search:
                going.append((window, self._page(window, surroundings)))
        if self._direct:
            for recognizer, entry in zip(self._own, self.configuration.entries, strict=True):
                if recognizer.MODEL:
                    self._ask_together(recognizer, entry.name, going)
                else:
                    self._ask(recognizer, entry.name, going)
        else:
            for window, page in going:
                with window.search:
                    window.results = self._by_engine(window.text, page)
        for window, page in going:
            with window.search:
                if page.refused:
                    window.without({(hit.entity_type, *page.original(hit.start, hit.end)) for hit in page.refused})
                window.hand_over(self._most)

    def _page(self, window: _Window, surroundings: dict[str, frozenset[str]]) -> Page:
        request = window.search.request
        own = _own_patterns(request.own_numbers)
        lexicon, placeholder = self.configuration.lexicon, self._placeholder
        return Page(
            window.text,
            lexicon,
            self._gate,
            request.sender,
            own,
            request.context,
            placeholder,
            surroundings,
            request.only,
        )

    def _ask(self, recognizer: DutchRecognizer, name: str, going: Sequence[tuple[_Window, Page]]) -> None:
        threshold, find = self.configuration.threshold, recognizer.find
        kinds, needs = self._kinds[name], recognizer.needs
        for window, page in going:
            search = window.search
            only = search.request.only
            if (only and only.isdisjoint(kinds)) or search.error is not None or (needs and needs <= page.absent):
                continue
            try:
                for hit in find(page):
                    kind, start, end, score = hit
                    if score >= threshold:
                        page.taken.append(hit)
                        window.results.append(Result(kind, *page.original(start, end), score, name))
                if len(window.results) > self._most:
                    search.error = DetectionError("too many findings")
            except Exception as error:  # whatever a text provokes is the failure of its view alone
                if not search.fails(error):
                    raise

    def _ask_together(self, recognizer: DutchRecognizer, name: str, going: Sequence[tuple[_Window, Page]]) -> None:
        """All pages in one question; one by one where that fails, so that a bad view fails alone."""
        threshold, kinds = self.configuration.threshold, self._kinds[name]
        going = [
            (window, page)
            for window, page in going
            if window.search.error is None and (not window.search.request.only or window.search.request.only & kinds)
        ]
        try:
            answers = list(recognizer.find_all([page for _, page in going]))
        except Exception:  # noqa: BLE001  # whichever text provoked it fails again below
            self._ask(recognizer, name, going)
            return
        for (window, page), hits in zip(going, answers, strict=True):
            only = window.search.request.only or kinds
            for kind, start, end, score in hits:
                if score >= threshold and kind in only:
                    window.results.append(Result(kind, *page.original(start, end), score, name))

    def _by_engine(self, text: str, page: Page) -> list[Result]:
        threshold = self.configuration.threshold
        found = self._engine.analyze(text, self.configuration.language, score_threshold=threshold, nlp_artifacts=page)
        return [Result(r.entity_type, r.start, r.end, r.score, self._name(r)) for r in found]

    @staticmethod
    def _name(result: RecognizerResult) -> str:
        return str((result.recognition_metadata or {}).get(RecognizerResult.RECOGNIZER_NAME_KEY, ""))

    def _answer(self, search: _Search) -> tuple[Finding, ...] | DetectionError:
        if search.error is None:
            with search:
                kept = disjoint(search.results, self._rank)
                if len(kept) > self.configuration.limits.findings:
                    return DetectionError("too many findings")
                path = search.request.view.path
                return tuple([Finding(path, r.entity_type, r.start, r.end, r.score, r.recognizer) for r in kept])
        return search.error or DetectionError("search failed")

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


def build_detector(
    rules_dir: FilePath, entities: FilePath | None = None, model: Mode = "gated", nlp: NlpChoice | None = None
) -> PresidioDetector:
    """The detector of `rules_dir` (recognizers.yaml, words/). SettingsError, with file and line, where unusable.

    `entities`: the entities.yaml whose placeholders are never searched; None: the shipped one. `model`: where the
    trained model looks. `nlp`: a Presidio NLP engine that is asked as well.
    """
    placeholder = cached_placeholders(entities or shipped_rules() / "entities.yaml")
    configuration = read_configuration(rules_dir, deduce_folder(), model)
    if nlp is None:
        return PresidioDetector(configuration, placeholder)
    configuration = replace(configuration, digest=f"{configuration.digest}:{nlp.version}")
    return PresidioDetector(configuration, placeholder, [recognizer_of(nlp, configuration.language)])
