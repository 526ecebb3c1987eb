"""What is called structure and may yet be somebody's own words: identifiers have no spaces, names no numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

_DIGIT = re.compile(r"\d")
_SPACE = re.compile(r"\s")
_TYPED = frozenset(
    {"name", "first_name", "last_name", "formatted_name", "sender_user_name", "author_signature", "title"}
)
"""Members that people fill in themselves, wherever they stand."""
_PHONE = re.compile(r"\+[0-9 ().-]{6,24}")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{60,76}\r?\n)+[A-Za-z0-9+/]{0,76}={0,2}\s*")


def speaks(text: str, names: Sequence[str]) -> bool:
    """Whether what stands at `names` can't be left unread, though it is known to be no text."""
    if not _DIGIT.search(text) or _PHONE.fullmatch(text):
        return False
    if names and names[-1] in _TYPED:
        return True
    return bool(_SPACE.search(text)) and not _BASE64.fullmatch(text)
