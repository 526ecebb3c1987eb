"""The recogniser of secrets: which of the ways to give one are looked for, and when."""

from __future__ import annotations

from collections.abc import Iterator

from scrubber.detection.credentials.accounts import after_login, beside_user, in_columns
from scrubber.detection.credentials.codes import after_code, after_pin
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
    )

    def find(self, page: Page) -> Iterator[Hit]:
        yield from by_form(page, self.spans(page, *self.PATTERNS[:-1]))
        yield from said(page, page.find(self.pattern("spoken")))
        kinds = page.cue_kinds
        if not kinds & {"secret", "pin", "code", "login"}:
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
            elif cue.kind == "login":
                yield from after_login(page, cue)
