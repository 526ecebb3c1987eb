"""A Presidio NLP engine that the settings name: spaCy's nl_core_news_lg, a transformer, Stanza. Off by default.

Presidio's engines download a model that is not there; here that is an error, for nothing is fetched at run time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngineProvider

from scrubber.detection.rampart import PACKAGE, RampartRecognizer
from scrubber.errors import SettingsError
from scrubber.finding import ENTITY_TYPES

DEFAULT_LABELS: Mapping[str, str] = {"PER": "PERSON", "PERSON": "PERSON"}
SCORE = 0.7
"""Of a finding whose model gives none; the rules' own certain findings score higher."""
_TOKENIZERS = ("nl_core_news_sm", "xx_sent_ud_sm")
_GLUED = re.compile(r"\S{200,}")
"""What no word is; spaCy's tokenizer takes quadratic time over some of it."""


@dataclass(frozen=True, slots=True)
class NlpChoice:
    """[detection] nlp_engine, nlp_model, nlp_labels (label of the model -> one of our types; empty: PER, PERSON)."""

    engine: str
    model: str
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """What stands in the detector's digest: engine, model, its version where it is a package, and the labels."""
        try:
            version = metadata.version(PACKAGE if self.engine == "rampart" else self.model)
        except (metadata.PackageNotFoundError, ValueError):
            version = "-"
        return f"{self.engine}:{self.model}={version}:{sorted(self.labels.items())}"


def checked_labels(labels: Mapping[str, str]) -> Mapping[str, str]:
    """The labels, or the usual ones where none are given. SettingsError, with the nearest name, for an unknown type."""
    for label, entity in labels.items():
        if entity not in ENTITY_TYPES:
            near = get_close_matches(entity.upper(), ENTITY_TYPES, 1, 0.0)
            raise SettingsError(f"[detection] nlp_labels: {label} = {entity!r} is no type; did you mean {near[0]!r}?")
    return labels or DEFAULT_LABELS


def _cached(model: str) -> str:
    """Where a transformer's files are on this machine: its directory, or what Hugging Face's cache holds of it."""
    if Path(model).is_dir():
        return model
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise SettingsError(
            "[detection] nlp_engine: transformers is not installed; `pip install 'presidio-analyzer[transformers]'` "
            "in scrubber's environment brings it"
        ) from None
    try:
        return str(snapshot_download(model, local_files_only=True))
    except Exception as error:
        raise SettingsError(
            f"[detection] nlp_model: {model} is not on this machine ({type(error).__name__}); `hf download {model}` "
            "fetches it"
        ) from error


def _engine(choice: NlpChoice, labels: Mapping[str, str], language: str) -> Any:
    import spacy

    if not choice.model:
        raise SettingsError(f'[detection] nlp_model: name the model for nlp_engine = "{choice.engine}"')
    if choice.engine == "spacy" and not (spacy.util.is_package(choice.model) or Path(choice.model).exists()):
        raise SettingsError(
            f"[detection] nlp_model: {choice.model} is not installed; `python -m spacy download {choice.model}` "
            "in scrubber's environment fetches it"
        )
    name: object = choice.model
    if choice.engine == "transformers":
        files = _cached(choice.model)
        words = next((name for name in _TOKENIZERS if spacy.util.is_package(name)), None)
        if words is None:
            raise SettingsError(
                f"[detection] nlp_engine: transformers needs {' or '.join(_TOKENIZERS)} to tell words apart; "
                f"`python -m spacy download {_TOKENIZERS[0]}` in scrubber's environment fetches it"
            )
        name = {"spacy": words, "transformers": files}
    configuration = {
        "nlp_engine_name": choice.engine,
        "models": [{"lang_code": language, "model_name": name}],
        "ner_model_configuration": {
            "model_to_presidio_entity_mapping": dict(labels),
            "default_score": SCORE,
            "labels_to_ignore": ["O"],
        },
    }
    try:
        provider = NlpEngineProvider(nlp_configuration=configuration)
        if choice.engine == "stanza" and "stanza" in provider.nlp_engines:
            made = partial(provider.nlp_engines["stanza"], download_if_missing=False)
            provider.nlp_engines = {**provider.nlp_engines, "stanza": made}
        return provider.create_engine()
    except (Exception, SystemExit) as error:  # the engines raise what they like
        raise SettingsError(
            f"[detection] nlp_engine: {choice.engine} with {choice.model} can't be loaded ({type(error).__name__}: "
            f"{error})"
        ) from error


def _check_given(labels: Mapping[str, str], given: Mapping[str, Collection[str]], choice: NlpChoice) -> None:
    """SettingsError where no component of the model gives a label that the settings name, or any of the usual ones."""
    unknown = sorted(set(labels).difference(*given.values()))
    if unknown and (choice.labels or len(unknown) == len(labels)):
        known = ", ".join(sorted(given.get("ner", ()))) or "none of names"
        raise SettingsError(f"[detection] nlp_labels: {choice.model} gives no {unknown[0]}; it gives {known}")


class NlpEngineRecognizer(EntityRecognizer):
    """What the engine's model finds, under our types; labels that no setting names are left out."""

    def __init__(self, choice: NlpChoice, language: str = "nl") -> None:
        self._labels = checked_labels(choice.labels)
        self._language = language
        self._nlp = _engine(choice, self._labels, language)
        if choice.engine == "spacy":
            _check_given(self._labels, self._nlp.nlp[language].pipe_labels, choice)
        super().__init__(
            supported_entities=sorted(set(self._labels.values())), name="nlp_engine", supported_language=language
        )

    def load(self) -> None:
        """Nothing to load: the constructor did."""

    def analyze(
        self,
        text: str,
        entities: list[str],
        nlp_artifacts: NlpArtifacts | None = None,  # noqa: ARG002  # a Page holds none
    ) -> list[RecognizerResult]:
        """The engine's own run over `text`; offsets in it."""
        found = self._nlp.process_text(_GLUED.sub(lambda m: " " * len(m[0]), text), self._language)
        return [
            RecognizerResult(entity.label_, entity.start_char, entity.end_char, float(score or SCORE))
            for entity, score in zip(found.entities, found.scores, strict=True)
            if entity.label_ in self.supported_entities and (not entities or entity.label_ in entities)
        ]


def recognizer_of(choice: NlpChoice, language: str) -> EntityRecognizer:
    """The recogniser that the settings chose. SettingsError, with the setting, where it can't be had."""
    if choice.engine == "rampart":
        return RampartRecognizer(language)
    return NlpEngineRecognizer(choice, language)
