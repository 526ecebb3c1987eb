"""Payment cards: an issuer's prefix and length, and Luhn."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection import checksums
from scrubber.detection.numbers import digits_of, label_kind, stands_alone
from scrubber.detection.page import Page
from scrubber.detection.recognizer import DutchRecognizer, Hit

_CARD_PREFIX = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})$|5[1-5]\d{14}$|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}$|3[47]\d{13}$"
    r"|3(?:0[0-5]|[68]\d)\d{11}$|6(?:011|5\d\d|4[4-9]\d)\d{12}$|35(?:2[89]|[3-8]\d)\d{12}$|(?:5018|5020|5038|5893"
    r"|6304|6759|676[1-3]|6703)\d{8,15}$"
)


_EXPIRES = re.compile(r"[-_][01]\d[/\-.]?(?:20)?[2-4]\d\b")
"""The month to which a card is valid, glued to its number."""


class CreditCardRecognizer(DutchRecognizer):
    """Card numbers: an issuer's prefix and length, Luhn, and no label that says it is something else."""

    ENTITIES = ("CREDIT_CARD",)
    PATTERNS = ("number",)

    @staticmethod
    def _card_end(text: str, start: int, longest: int) -> int | None:
        """The end of the card number at `start`, without groups of digits that follow it ("4… 03/29").

        None where it is none.
        """
        end = longest
        while end - start >= 12:
            digits = digits_of(text[start:end])
            if _CARD_PREFIX.match(digits) and checksums.luhn(digits):
                return end
            cut = max(text.rfind(separator, start, end) for separator in " .-/")
            if cut < 0:
                return None
            end = start + len(text[start:cut].rstrip(" .-/"))
        return None

    @staticmethod
    def _called_card(page: Page, start: int, end: int) -> int | None:
        """Four times four digits that are called a card's, though no issuer is known to begin so."""
        value = page.folded[start:end]
        spelled = re.fullmatch(r"5\d{3}([ .\-])\d{4}\1\d{4}\1\d{4}", value) is not None
        return end if spelled and checksums.luhn(digits_of(value)) and page.near(start, end, {"card"}, 70) else None

    def find(self, page: Page) -> Iterator[Hit]:
        for _, start, longest in self.spans(page):
            end = self._card_end(page.folded, start, longest) or self._called_card(page, start, longest)
            if end is None or page.is_own_number(start, end):
                continue
            glue = "+" if _EXPIRES.match(page.folded, end) else "_-+"
            if "/" in page.folded[start:end]:
                glue += "/"  # else a path
            if not stands_alone(page, start, end, glue, behind="card"):
                continue
            if page.folded[start - 1 : start] == "." or re.match(r"[.,]\d", page.folded[end : end + 2]):
                continue
            value = page.folded[start:end]
            kind = label_kind(page, start, end)
            if kind == "card":
                yield Hit("CREDIT_CARD", start, end, 1.0)
            elif kind not in {"reference", "imei", "health", "version", "licence"}:
                yield Hit("CREDIT_CARD", start, end, 0.9)
            elif re.fullmatch(r"\d{4}([ \-])\d{4}\1\d{4}\1\d{4}", value) and page.near(start, end, {"card"}, 80):
                yield Hit("CREDIT_CARD", start, end, 0.6)
