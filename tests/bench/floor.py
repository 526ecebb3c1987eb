"""The least that finding costs: one re2.Set over all patterns, each pattern that occurs, its validator. No context.

What it finds is not usable (every eleventh order number is a BSN); it says how far scrubber is from the ground.
"""

from __future__ import annotations

import re

from scrubber.detection import checksums
from scrubber.detection.fold import fold
from scrubber.detection.patterns import Gate, compile_pattern

_GROUP = r"[ .\-]?"
PATTERNS = {
    "NL_BSN": rf"\b\d(?:{_GROUP}\d){{7,8}}\b",
    "IBAN_CODE": rf"(?i)\b[A-Z]{{2}}\d\d(?:{_GROUP}[A-Z0-9]){{11,30}}\b",
    "CREDIT_CARD": rf"\b\d(?:{_GROUP}\d){{12,18}}\b",
    "BANK_ACCOUNT": rf"\b\d(?:{_GROUP}\d){{8,11}}\b",
    "PHONE_NUMBER": rf"(?:\+|\b00)\d{{2}}(?:{_GROUP}\d){{8,10}}\b|\b0\d(?:{_GROUP}\d){{8}}\b",
    "EMAIL_ADDRESS": r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}",
    "IP_ADDRESS": r"\b\d{1,3}(?:\.\d{1,3}){3}\b",
    "POSTCODE": r"\b[1-9]\d{3} ?[A-Za-z]{2}\b",
    "ADDRESS": r"\b[A-Z][a-z]{3,} \d{1,4}[a-zA-Z]?\b",
    "DATE_OF_BIRTH": r"\b\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)?\d\d\b",
    "LICENSE_PLATE": r"\b[A-Z0-9]{1,3}-[A-Z0-9]{2,3}-[A-Z0-9]{1,2}\b",
    "ID_DOCUMENT": r"\b[A-Z]{2}[A-Z0-9]{6}\d\b",
}
_DIGITS = re.compile(r"\D")
_CHECK = {
    "NL_BSN": lambda value: checksums.bsn(_DIGITS.sub("", value)),
    "IBAN_CODE": checksums.iban,
    "CREDIT_CARD": lambda value: checksums.luhn(_DIGITS.sub("", value)),
    "BANK_ACCOUNT": lambda value: checksums.dutch_account(_DIGITS.sub("", value)),
    "ID_DOCUMENT": checksums.dutch_document,
}
_COMPILED = {name: compile_pattern(source) for name, source in PATTERNS.items()}
_GATE = Gate(_COMPILED.values())


def find(text: str) -> list[tuple[int, int, str]]:
    """(start, end, pattern's name) of what matches and passes its check."""
    folded = fold(text)
    data = folded.encode("latin-1")
    absent = _GATE.absent(data)
    found = []
    for name, pattern in _COMPILED.items():
        if pattern.source not in absent:
            check = _CHECK.get(name)
            found += [(s, e, name) for s, e in pattern.spans(data) if check is None or check(folded[s:e])]
    return found
