"""The recogniser of secrets: which of the ways to give one are looked for, and when."""

from __future__ import annotations

from collections.abc import Iterator

from scrubber.detection.credentials.accounts import after_login, beside_user, in_columns
from scrubber.detection.credentials.alone import row_of_accounts, standing_out
from scrubber.detection.credentials.chosen import security_answers, set_to, tried, tried_words
from scrubber.detection.credentials.codes import after_code, after_door, after_pin, card_codes
from scrubber.detection.credentials.keys import by_form
from scrubber.detection.credentials.labelled import after_secret
from scrubber.detection.credentials.spoken import answered, said
from scrubber.detection.page import Page
from scrubber.detection.recognizer import DutchRecognizer, Hit


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
        yield from by_form(page, self.spans(page, *self._KEYS))
        yield from said(page, page.find(self.pattern("spoken")))
        yield from card_codes(page, page.find(self.pattern("card_code")))
        yield from security_answers(page, page.find(self.pattern("question")))
        yield from row_of_accounts(page, page.find(self.pattern("account_row")))
        yield from standing_out(page)
        if page.spoken_of & {"secret", "pin", "code", "door"} or "vergrendel" in page.lower:
            yield from set_to(page)
            yield from tried(page)
        if page.spoken_of & {"secret", "login"}:
            yield from tried_words(page)
        kinds = page.cue_kinds
        if not kinds & {"secret", "pin", "code", "login", "door"}:
            yield from answered(page)
            return
        yield from in_columns(page)
        yield from beside_user(page)
        yield from answered(page)
        for cue in page.cues:
            if cue.kind == "secret":
                yield from after_secret(page, cue)
            elif cue.kind == "pin":
                yield from after_pin(page, cue)
            elif cue.kind == "code":
                yield from after_code(page, cue)
            elif cue.kind == "door":
                yield from after_door(page, cue)
            elif cue.kind == "login":
                yield from after_login(page, cue)
