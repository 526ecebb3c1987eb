"""What was found, what is thought of it, what is to be done, and what was done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from scrubber.message import Path, SourceRef

ENTITY_TYPES = (
    "NL_BSN", "IBAN_CODE", "BANK_ACCOUNT", "CREDIT_CARD", "ADDRESS", "DATE_OF_BIRTH", "ID_DOCUMENT", "LICENSE_PLATE",
    "HEALTH_ID", "CREDENTIAL", "PHONE_NUMBER", "EMAIL_ADDRESS", "IP_ADDRESS", "PERSON", "SPECIAL_CATEGORY",
)  # fmt: skip
"""The fifteen types, as rules/entities.yaml names them in Dutch."""


class Action(StrEnum):
    """Per finding."""

    KEEP = "keep"
    REDACT = "redact"
    DEFER = "defer"
    REVIEW = "review"


class Outcome(StrEnum):
    """Per message. HELD: not opened, not verified, or a budget ran out; untouched, a person sees it."""

    CLEAN = "CLEAN"
    REDACTED = "REDACTED"
    OBSERVED = "OBSERVED"
    HELD = "HELD"
    FAILED = "FAILED"


DataSubject = Literal["sender", "third_party", "organisation", "unknown"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Personal data at [start, end) code points of the view at `path`. Offsets, never text. 0 < score <= 1."""

    path: Path
    entity_type: str
    start: int
    end: int
    score: float
    recognizer: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """Whose it is and why it might stay. Each `*_evidence` names a turn ("turn 2", "quote 1") or a cue, never text."""

    data_subject: DataSubject = "unknown"
    asked: bool = False
    on_file: bool = False
    needed: bool = False
    data_subject_evidence: str = ""
    asked_evidence: str = ""
    on_file_evidence: str = ""
    needed_evidence: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The first rule of the policy that matched. `operator` is a name in rules/entities.yaml ("" = the entity's own).

    `due` is the latest moment for `defer` and `review`, timezone-aware; None for the others.
    """

    finding: Finding
    assessment: Assessment
    action: Action
    rule: str
    because: str
    operator: str = ""
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace [start, end) code points of the view at `path` by `text`."""

    path: Path
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A part that was not read, and why: a short code such as "image", "pdf", "encrypted", "unknown-type"."""

    path: Path
    media_type: str
    reason: str


class CopyState(StrEnum):
    CLEANED = "CLEANED"
    REMAINS = "REMAINS"
    UNKNOWN = "UNKNOWN"


CACHES = frozenset({"dovecot-index-cache", "dovecot-mdbox", "cyrus-expunged", "mail-server"})
"""Places of copies that a command at the mail server can clear (`purge_command`)."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A place where the old text may remain after the redaction."""

    place: str
    state: CopyState
    why: str


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """The answer for one message. `payload` is None unless it was changed; `edits` are for sources that want spans.

    `decisions` and `edits` refer to the views of the message as it came in.
    """

    ref: SourceRef
    outcome: Outcome
    reason: str = ""
    decisions: tuple[Decision, ...] = ()
    edits: tuple[Edit, ...] = ()
    payload: bytes | None = field(default=None, repr=False)
    unread: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = field(default=(), repr=False)

    @property
    def removed(self) -> tuple[Decision, ...]:
        """The decisions that an edit carries out."""
        spans = {(edit.path, edit.start, edit.end) for edit in self.edits}
        return tuple(d for d in self.decisions if (d.finding.path, d.finding.start, d.finding.end) in spans)
