"""The normalised form of a value: what makes two spellings the same datum.

Used to give one value one answer over a whole message, to look a value up on file, and to fingerprint it.
"""

from __future__ import annotations

import re
import unicodedata

VALIDATED = frozenset({"NL_BSN", "IBAN_CODE", "CREDIT_CARD", "EMAIL_ADDRESS", "PHONE_NUMBER"})
"""Types whose values are certain enough to be looked for in every view of the message."""

_NOT_ALNUM = re.compile(r"[\W_]+")


def normalise(entity_type: str, text: str) -> str:
    """The comparison form of `text` as a value of `entity_type`; "" never occurs for text with a letter or digit.

    >>> normalise("IBAN_CODE", "nl91 abna 0417.1643.00")
    'NL91ABNA0417164300'
    >>> normalise("PHONE_NUMBER", "+31 (0)6 1234 5678") == normalise("PHONE_NUMBER", "06-12345678")
    True
    """
    plain = text.isascii()  # nothing to compose, nothing unseen, no accents
    if not plain:
        text = unicodedata.normalize("NFKC", text)
    if entity_type == "CREDENTIAL":
        return text.strip()
    if entity_type == "EMAIL_ADDRESS":
        return (text if plain else _seen(text)).strip().lower()
    bare = _NOT_ALNUM.sub("", text if plain else _seen(text)).upper()
    if entity_type == "NL_BSN":
        return bare.zfill(9)
    if entity_type == "PHONE_NUMBER":
        return _phone(text, bare)
    if not plain and entity_type in {"PERSON", "ADDRESS", "SPECIAL_CATEGORY"}:
        folded = unicodedata.normalize("NFD", bare)
        return "".join(c for c in folded if not unicodedata.combining(c))
    return bare


def _seen(text: str) -> str:
    """`text` without format characters."""
    return "".join([c for c in text if unicodedata.category(c) != "Cf"])


def _phone(text: str, digits: str) -> str:
    """National Dutch form where it is Dutch, else international without the trunk zero that people put in brackets."""
    if text.lstrip(" (\u200b").startswith("+"):
        international = digits
    elif digits.startswith("00"):
        international = digits[2:]
    else:
        return digits
    for country in ("31", "32"):
        if international.startswith(country):
            rest = international[2:].removeprefix("0")
            return ("0" + rest) if country == "31" else "320" + rest
    return international
