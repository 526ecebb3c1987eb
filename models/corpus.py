"""Marked messages as pieces of text with their labels: what training exchanges, disturbs and learns from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scrubber.evaluation import MARK
from scrubber.message import Sender
from scrubber.pipeline import CONTEXT_PART, CONTEXT_TURNS

TYPES = (
    "PERSON", "ADDRESS", "CREDENTIAL", "HEALTH_ID", "ID_DOCUMENT", "BANK_ACCOUNT", "LICENSE_PLATE", "DATE_OF_BIRTH",
    "SPECIAL_CATEGORY", "PHONE_NUMBER",
)  # fmt: skip
"""What the model tells apart. Any other marked type is OTHER to it: a number that is none of these."""
OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; `label` is one of TYPES, OTHER, or "" where nothing is marked."""

    text: str = field(repr=False)
    label: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One text (a subject or a body). `context`: what it answers, as the pipeline hands it to a detector."""

    hand: str
    pieces: tuple[Piece, ...] = field(repr=False)
    sender: Sender = field(repr=False)
    context: str = field(repr=False)


def pieces(marked: str) -> tuple[Piece, ...]:
    """The pieces of a text with marks, in order."""
    found: list[Piece] = []
    at = 0
    for match in MARK.finditer(marked):
        if match.start() > at:
            found.append(Piece(marked[at : match.start()], ""))
        found.append(Piece(match[3], match[1] if match[1] in TYPES else OTHER))
        at = match.end()
    if at < len(marked):
        found.append(Piece(marked[at:], ""))
    return tuple(found)


def sender_of(record: Mapping[str, Any]) -> Sender:
    """Who a marked message is from."""
    given = record.get("sender") or {}
    return Sender(given.get("name") or "", given.get("email") or "", given.get("phone") or "")


def context_of(record: Mapping[str, Any]) -> str:
    """What a marked message answers, as the pipeline hands it to a detector: the last turns, and the subject."""
    turns = [turn["text"][:CONTEXT_PART] for turn in (record.get("thread") or [])[-CONTEXT_TURNS:]]
    subject = MARK.sub(lambda m: m[3], record.get("subject") or "")
    return "\n".join([*turns, subject] if subject else turns)


def read(path: Path) -> list[Sample]:
    """The texts of one hand's file; ValueError names the line that is no marked message."""
    samples: list[Sample] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            sender, context = sender_of(record), context_of(record)
            subject, body = record.get("subject") or "", record["body"]
        except (ValueError, TypeError, KeyError, AttributeError):
            raise ValueError(f"{path}:{number}: not a marked message") from None
        samples += [Sample(path.stem, pieces(text), sender, context) for text in (subject, body) if text]
    return samples


def read_all(directory: Path) -> list[Sample]:
    """Every *.jsonl of the directory, a hand a file, in order of name."""
    return [sample for path in sorted(directory.glob("*.jsonl")) for sample in read(path)]


def plain(sample: Sequence[Piece]) -> tuple[str, list[tuple[int, int, str]]]:
    """The text, and [start, end) and label of each marked piece."""
    marked, at = [], 0
    for piece in sample:
        if piece.label:
            marked.append((at, at + len(piece.text), piece.label))
        at += len(piece.text)
    return "".join(piece.text for piece in sample), marked
