"""From an answer to what the record will say: ledger entry and rows that wait, kept through a crash as one blob."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scrubber.finding import Action, Assessment, Copy, Decision, Scrubbed
from scrubber.journal import Waiting
from scrubber.ledger.canonical import draft_bytes, parse_draft
from scrubber.ledger.entry import CopyLeft, Kind, LedgerEntry, Removal, UnreadPart
from scrubber.message import Message, Path
from scrubber.store import from_text, utc_text


@dataclass(frozen=True, slots=True)
class Draft:
    """A ledger entry without its place in the chain, and what must be remembered when it is written."""

    entry: LedgerEntry
    received: datetime
    waiting: tuple[Waiting, ...] = ()
    reviews: tuple[tuple[str, str, datetime], ...] = ()
    size: int = 0
    """Of the new message, in bytes."""

    def to_bytes(self) -> bytes:
        return json.dumps(
            {
                "entry": draft_bytes(self.entry).decode(),
                "received": utc_text(self.received),
                "size": self.size,
                "waiting": [
                    [w.entity_type, w.rule, w.fingerprint, utc_text(w.due), utc_text(w.latest)] for w in self.waiting
                ],
                "reviews": [[entity_type, rule, utc_text(due)] for entity_type, rule, due in self.reviews],
            }
        ).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Draft:
        table = json.loads(data)
        return cls(
            parse_draft(table["entry"].encode()),
            from_text(table["received"]),
            tuple(Waiting(a, b, c, from_text(d), from_text(e)) for a, b, c, d, e in table["waiting"]),
            tuple((a, b, from_text(c)) for a, b, c in table["reviews"]),
            table["size"],
        )

    def with_copies(self, copies: Sequence[Copy], reason: str = "") -> Draft:
        left = tuple(CopyLeft(c.place, c.state.value, c.why) for c in copies)
        return replace(self, entry=replace(self.entry, copies=left, reason=reason or self.entry.reason))


@dataclass(frozen=True, slots=True)
class Frame:
    """What is the same for every entry of a source: who acts, under which rules and key."""

    actor: str
    source: str
    mode: str
    policy_digest: str
    detector_digest: str
    key_id: str


def draft(
    frame: Frame,
    message: Message,
    scrubbed: Scrubbed,
    *,
    kind: Kind,
    outcome: str,
    recorded_at: datetime,
    due: datetime,
    ref: str,
    message_digest: str,
    result_digest: str = "",
    job: str = "",
    expired: bool = False,
    planned: bool = False,
) -> Draft:
    """The record of one answer. `due`: when what is deferred is first looked at; `expired`: it is carried out now.

    `planned`: what waits and what is under review was written down when the message was first handled.
    """
    prints = scrubbed.fingerprints or ("",) * len(scrubbed.decisions)
    rows = tuple(_removal(d, p, expired) for d, p in zip(scrubbed.decisions, prints, strict=True))
    entry = LedgerEntry(
        chain="",
        index=-1,
        previous="",
        kind=kind,
        recorded_at=utc_text(recorded_at),
        actor=frame.actor,
        job=job,
        source=frame.source,
        channel=message.channel,
        mode=frame.mode,
        ref=ref,
        message_digest=message_digest,
        result_digest=result_digest,
        outcome=outcome,
        reason=scrubbed.reason,
        removals=rows,
        unread=tuple(UnreadPart(_known_type(u.media_type), u.reason) for u in scrubbed.unread),
        notes=scrubbed.notes,
        policy_digest=frame.policy_digest,
        detector_digest=frame.detector_digest,
        key_id=frame.key_id,
    )
    waiting: list[Waiting] = []
    reviews: list[tuple[str, str, datetime]] = []
    if frame.mode == "redact" and not expired and not planned:
        for decision, fingerprint in zip(scrubbed.decisions, prints, strict=True):
            if decision.action is Action.DEFER:
                latest = decision.due or due
                row = Waiting(decision.finding.entity_type, decision.rule, fingerprint, min(due, latest), latest)
                if row not in waiting:  # one value that stands in several places waits once
                    waiting.append(row)
    if not expired and not planned:
        reviews += [
            (decision.finding.entity_type, decision.rule, decision.due or due)
            for decision in scrubbed.decisions
            if decision.action is Action.REVIEW
        ]
    size = len(scrubbed.payload or message.payload)
    return Draft(entry, message.received, tuple(waiting), tuple(dict.fromkeys(reviews)), size)


def _removal(decision: Decision, fingerprint: str, expired: bool) -> Removal:
    action = Action.REDACT if expired and decision.action is Action.DEFER else decision.action
    finding, assessment = decision.finding, decision.assessment
    return Removal(
        entity_type=finding.entity_type,
        rule=decision.rule,
        action=action.value,
        path_kind=path_kind(finding.path),
        score=round(finding.score, 4),
        recognizer=finding.recognizer,
        data_subject=assessment.data_subject,
        evidence=evidence(assessment),
        fingerprint="" if action is Action.KEEP else fingerprint,
        due=utc_text(decision.due) if decision.due and action in (Action.DEFER, Action.REVIEW) else "",
    )


_TYPES = frozenset(mimetypes.MimeTypes().types_map_inv[True])


def _known_type(media_type: str) -> str:
    """A media type that is registered; a sender may write anything there, also a number that must not be recorded."""
    return media_type if media_type in _TYPES else "application/octet-stream"


def evidence(assessment: Assessment) -> str:
    """Why a datum was taken as asked for, on file or needed: names of turns and cues, never text."""
    rows = (
        ("asked", assessment.asked, assessment.asked_evidence),
        ("on file", assessment.on_file, assessment.on_file_evidence),
        ("needed", assessment.needed, assessment.needed_evidence),
        (assessment.data_subject, True, assessment.data_subject_evidence),
    )
    return "; ".join(f"{name}: {why}" if why else name for name, true, why in rows if true)


def path_kind(path: Path) -> str:
    """The kind of place, without what a sender can write into it (names of attributes, headers, fields, files)."""
    step = path[-1] if path else ""
    if step in ("text", "html", "subject", "body"):
        return step
    name = step.partition("#")[0]
    if "@" in name:
        return "filename" if name.endswith(("@filename", "@name")) else "attribute"
    if len(path) > 1 and path[-2] == "":
        return "subject" if name == "subject" else "header"
    return "hidden" if name in ("comment", "script", "style", "hidden") else "field"
