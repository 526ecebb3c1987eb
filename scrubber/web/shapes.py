"""What `POST /v1/scrub` takes and gives, for the OpenAPI description. `scrubber.answers` reads and writes it.

Offsets count code points of the subject or body as they came in.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

from scrubber.web.problems import ErrorBody


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True)


class SenderIn(_Strict):
    """Who wrote the message."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


class TurnIn(_Strict):
    """An earlier message of the conversation: it shows what was asked."""

    from_: Literal["agent", "customer"] = Field(alias="from")
    text: str | None = None


class OnFileIn(_Strict):
    """What you hold of the sender already."""

    entity_type: str | None = Field(None, examples=["IBAN_CODE"])
    value: str | None = None


class MessageIn(_Strict):
    """One message. Only `body` must be there."""

    model_config = ConfigDict(
        strict=True, json_schema_extra={"example": {"id": 1, "body": "Mijn BSN is 123456782. Groet, Jan"}}
    )

    body: str
    id: str | int | float | None = Field(None, description="Comes back in the answer.")
    channel: Literal["email", "ticket", "social", ""] | None = Field(None, description="Empty: email.")
    subject: str | None = None
    sender: SenderIn | None = None
    thread: list[TurnIn] | None = Field(None, description="Oldest first.")
    on_file: list[OnFileIn] | None = None


class Evidence(BaseModel):
    """What each judgement rests on: a turn, a sign, a rule. Never text."""

    data_subject: str
    asked: str
    needed: str
    on_file: str


class FindingOut(BaseModel):
    """A datum, what happens to it, and why."""

    path: Literal["subject", "body"]
    entity_type: str
    start: int
    end: int
    score: float
    recognizer: str
    action: Literal["keep", "redact", "defer", "review"]
    rule: str
    because: str
    data_subject: str
    asked: bool
    needed: bool
    on_file: bool
    evidence: Evidence


class RedactedOut(BaseModel):
    """The texts with what had to go replaced."""

    subject: str
    body: str


class AnswerOut(BaseModel):
    """The answer to one message. `redacted` is null when the outcome is HELD: it was not understood."""

    id: str | int | float | None
    outcome: Literal["CLEAN", "REDACTED", "HELD"]
    reason: str
    findings: list[FindingOut]
    redacted: RedactedOut | None


class NotAnswered(BaseModel):
    """In the place of an answer in a list: what is wrong. `line`: the place in the list, from 1."""

    id: str | int | float | None
    error: str
    line: int


REFERENCE = "#/components/schemas/{model}"


def components() -> dict[str, Any]:
    """The schemas that routes refer to by name, for the description's `components`."""
    given: dict[str, Any]
    _, given = models_json_schema([(MessageIn, "validation"), (ErrorBody, "validation")], ref_template=REFERENCE)
    schemas: dict[str, Any] = given["$defs"]
    return schemas
