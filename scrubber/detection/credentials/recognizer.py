"""The recogniser of secrets: which of the ways to give one are looked for, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest

from scrubber.detection.credentials.accounts import after_login, beside_user, in_columns, pairs
from scrubber.detection.credentials.afterwards import afterwards
from scrubber.detection.credentials.alone import row_of_accounts, standing_out
from scrubber.detection.credentials.around import around
from scrubber.detection.credentials.chosen import set_to, tried, tried_words
from scrubber.detection.credentials.codes import after_code, after_door, after_pin, card_codes
from scrubber.detection.credentials.keys import by_form
from scrubber.detection.credentials.kin import either, of_a_kind, old_ones, said_before
from scrubber.detection.credentials.labelled import after_secret
from scrubber.detection.credentials.odd import by_shape, in_rows, keyed, more_codes
from scrubber.detection.credentials.plain_words import plain_words
from scrubber.detection.credentials.questions import asked_in_secret, security_answers
from scrubber.detection.credentials.refused import refused
from scrubber.detection.credentials.spoken import answered, said
from scrubber.detection.credentials.whole import whole
from scrubber.detection.page import Page
from scrubber.detection.recognizer import DutchRecognizer, Hit

_ACCESS = frozenset({"secret", "login"})
_CODES = frozenset({"secret", "pin", "code", "door"})
_LABELS = _ACCESS | _CODES
_GIVEN: Mapping[str, Callable[[Page, list[tuple[int, int]]], Iterator[Hit]]] = {
    "spoken": said,
    "card_code": card_codes,
    "question": security_answers,
    "account_row": row_of_accounts,
}
"""Patterns and what is made of their places."""


class CredentialRecognizer(DutchRecognizer):
    """Passwords, PINs, one-time codes, door codes, API keys, tokens, private keys, secrets in URLs."""

    ENTITIES = ("CREDENTIAL",)
    GATED = False
    PATTERNS = (
        "key",
        "private_key",
        "url",
        "authorization",
        "word_before",
        "assigned",
        "parameter",
        "option",
        "spoken",
        "account_row",
        "card_code",
        "question",
    )
    _KEYS = PATTERNS[:8]

    def find(self, page: Page) -> Iterator[Hit]:
        for hit in self._found(page):
            if not refused(page, hit.start, hit.end):
                yield whole(page, hit)

    def _found(self, page: Page) -> Iterator[Hit]:
        found = list(self._said(page))
        yield from found
        found += (odd := list(by_shape(page, found)))
        yield from odd
        found += (keys := [*keyed(page), *in_rows(page)])
        yield from keys
        yield from more_codes(page, found)
        yield from of_a_kind(page, found)
        yield from old_ones(page, found)

    def _said(self, page: Page) -> Iterator[Hit]:
        """What a label, a verb or a pattern gives."""
        if not self._sources <= page.absent:  # without any of its patterns only words and cues can tell
            yield from by_form(page, self.spans(page, *self._KEYS))
            for name, given in _GIVEN.items():
                if places := page.find(self.spec.patterns[name]):
                    yield from given(page, places)
        yield from standing_out(page)
        spoken_of = page.spoken_of
        if spoken_of & _CODES or "vergrendel" in page.lower:
            yield from set_to(page)
            yield from tried(page)
        if spoken_of & _ACCESS:
            yield from tried_words(page)
        yield from plain_words(page)
        yield from around(page)
        yield from afterwards(page)
        yield from pairs(page)
        yield from asked_in_secret(page)
        if page.cue_kinds & _LABELS:
            yield from in_columns(page)
            yield from beside_user(page)
            yield from answered(page)
            yield from either(page)
            yield from said_before(page)
            yield from self._labelled(page)
        elif page.answers:
            yield from answered(page)

    @staticmethod
    def _labelled(page: Page) -> Iterator[Hit]:
        for cue, later in zip_longest(page.cues, page.cues[1:]):
            if cue.kind == "secret":
                if later is None or later.kind != "secret" or later.start != cue.end + 1:  # "password wachtwoord: …"
                    yield from after_secret(page, cue)
            elif cue.kind == "pin":
                yield from after_pin(page, cue)
            elif cue.kind == "code":
                yield from after_code(page, cue)
            elif cue.kind == "door":
                yield from after_door(page, cue)
            elif cue.kind == "login":
                yield from after_login(page, cue)
