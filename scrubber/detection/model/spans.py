"""The exact edges of what the model found: a secret is all that is written together, a name begins with a letter."""

from __future__ import annotations

import re

_DELIMITERS = frozenset(" \t\n:=/(),;<>\"'|&?[]{}\x02\x03")
_ENDS = ".,;:!?)\"'\n \t>]}"
_LEADS = re.compile(r"[\d\W_]+")
_LONGEST = 200
_NAMES_A_THING = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}")
"""A UUID or a digest: a secret only where a label says so, and then the rules have found it."""


def trimmed(text: str, entity_type: str, start: int, end: int) -> tuple[int, int]:
    """The edges that `text[start:end]` should have as an `entity_type`; an empty span where nothing is left of it."""
    if entity_type == "CREDENTIAL":
        while start and end - start < _LONGEST and text[start - 1] not in _DELIMITERS:
            start -= 1
        stop = min(len(text), start + _LONGEST)
        grown = end
        while grown < stop and text[grown] not in _DELIMITERS:
            grown += 1
        # A sign at the very end is punctuation more often than part of the secret, unless the model took it.
        end += len(text[end:grown].rstrip(".,!-"))
        return start, start if _NAMES_A_THING.fullmatch(text, start, end) else end
    if entity_type in ("PERSON", "SPECIAL_CATEGORY"):
        lead = _LEADS.match(text, start, end)
        start = lead.end() if lead else start
        if not any(character.isalpha() for character in text[start:end]):
            return start, start
        initial = entity_type == "PERSON" and text[end - 1] == "." and text[end - 2 : end - 1].isupper()
        kept = text[start:end].rstrip(_ENDS)
        return start, end if initial else start + len(kept)
    return start, start + len(text[start:end].rstrip(" \n\t,;:"))
