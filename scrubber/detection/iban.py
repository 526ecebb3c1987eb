"""IBAN: length by country, then mod 97; it needs no label."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection import checksums
from scrubber.detection.page import Page
from scrubber.detection.recognizer import DutchRecognizer, Hit

_WORD = re.compile(r"(?<![A-Za-z0-9])(?:[A-Za-z]{5,}|[A-Za-z]?[a-z]{2,})(?![A-Za-z0-9])")
"""Groups are of four, and in small letters at most the bank's."""
_IBAN_SEPARATORS = frozenset(" .-\n\xa0")


class IbanRecognizer(DutchRecognizer):
    """IBAN of any country, in any spelling, also glued to the word before it. Length by country, then mod 97."""

    ENTITIES = ("IBAN_CODE",)
    PATTERNS = ("start",)

    def find(self, page: Page) -> Iterator[Hit]:
        text, lower = page.folded, page.lower
        done = 0
        for _, start, _end in self.spans(page):
            if start < done:
                continue
            length = checksums.IBAN_LENGTH.get(lower[start : start + 2].upper())
            if length is None or (lower[start].isdigit()):
                continue
            taken = self._take(text, start, length)
            if taken is None:
                continue
            stop, value = taken
            if len(_WORD.findall(text, start + 2, stop)) > 1:
                continue  # a sentence that begins like one: a word in 97 passes the test
            if checksums.iban(value) and not (stop < len(text) and text[stop].isdigit() and text[stop - 1].isdigit()):
                yield Hit("IBAN_CODE", start, stop, 1.0)
                done = stop

    @staticmethod
    def _take(text: str, start: int, length: int) -> tuple[int, str] | None:
        """`length` letters and digits from `start`, over at most two separators in a row: their end and themselves."""
        value: list[str] = []
        gap = 0
        for place in range(start, min(len(text), start + 3 * length)):
            character = text[place]
            if character.isalnum() and character.isascii():
                value.append(character)
                gap = 0
                if len(value) == length:
                    return place + 1, "".join(value)
            elif character in _IBAN_SEPARATORS and gap < 2 and not (character == "\n" and gap):
                gap += 1
            else:
                return None
        return None
