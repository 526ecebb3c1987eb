"""The rows of the comparison: the same detector with less or more in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.corpus import context_of, sender_of
from scrubber.detection.analyzer import PresidioDetector, build_detector
from scrubber.detection.base import Request
from scrubber.detection.configuration import read_configuration
from scrubber.detection.nlp import NlpChoice
from scrubber.errors import DetectionError, SettingsError
from scrubber.evaluation import PATHS, Hit, Mark, Tally, add, read_corpus, type_scores
from scrubber.message import TextView
from scrubber.shipped import shipped_rules

ROWS = ("rules", "+ lists", "+ model, gated", "+ model, everywhere", "+ Rampart")


def detector(row: str) -> PresidioDetector:
    """The detector of a row; each has what the rows before it have. SettingsError where Rampart is not installed."""
    rules = shipped_rules()
    match row:
        case "rules":
            return PresidioDetector(read_configuration(rules, None, "off"))
        case "+ lists":
            return build_detector(rules, model="off")
        case "+ model, gated":
            return build_detector(rules, model="gated")
        case "+ model, everywhere":
            return build_detector(rules, model="everywhere")
    return build_detector(rules, model="everywhere", nlp=NlpChoice("rampart", ""))


@dataclass(frozen=True, slots=True)
class Marked:
    """One message: what the detector is asked, and the marks of each text."""

    identifier: str
    requests: Sequence[Request]
    marks: Sequence[Sequence[Mark]]


def marked(path: Path) -> list[Marked]:
    """The messages of a marked corpus."""
    messages = []
    for record, marks_of in read_corpus(path.read_text(encoding="utf-8"), path):
        sender, context = sender_of(record), context_of(record)
        texts = [part for part in PATHS if record[part]]
        requests = [Request(TextView((part,), record[part]), sender, (), context) for part in texts]
        messages.append(Marked(str(record["id"]), requests, [marks_of[part] for part in texts]))
    return messages


def tally(asked: PresidioDetector, messages: Sequence[Marked], counted: Tally | None = None) -> Tally:
    """What `asked` finds in the messages, counted per type."""
    counted = counted or Tally()
    for message in messages:
        counted.messages += 1
        for request, marks, found in zip(message.requests, message.marks, asked.detect(message.requests), strict=True):
            if isinstance(found, DetectionError):
                raise found
            hits = [Hit(f.start, f.end, f.entity_type, "keep") for f in found]
            add(counted, message.identifier, str(request.view.path[0]), request.view.text, marks, hits)
    return counted


def milliseconds(asked: PresidioDetector, messages: Sequence[Marked], rounds: int = 3, together: int = 16) -> float:
    """CPU milliseconds a message, the best of `rounds`, asked so many messages at a time as the worker does."""
    batches = [
        [request for message in messages[at : at + together] for request in message.requests]
        for at in range(0, len(messages), together)
    ]
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        for batch in batches:
            asked.detect(batch)
        best = min(best, time.process_time() - started)
    return 1000 * best / max(1, len(messages))


def summary(counted: Tally) -> dict[str, dict[str, float]]:
    """Recall, precision and exact F1 by type, and over all types together ("all")."""
    kinds = {
        kind: {"recall": round(s.recall, 3), "precision": round(s.precision, 3), "exact_f1": round(s.exact_f1, 3)}
        for kind, s in type_scores(counted).items()
    }
    total = {
        key: sum(counts[key] for counts in counted.types.values()) for key in ("gold", "found", "hit", "right", "exact")
    }
    kinds["all"] = {
        "recall": round(total["hit"] / max(1, total["gold"]), 3),
        "precision": round(total["right"] / max(1, total["found"]), 3),
        "exact_f1": round(2 * total["exact"] / max(1, total["gold"] + total["found"]), 3),
    }
    return kinds


def available(rows: Sequence[str], say: Callable[[str], None]) -> dict[str, PresidioDetector]:
    """The detectors of the rows that can be had here; `say` hears of the others."""
    made = {}
    for row in rows:
        try:
            made[row] = detector(row)
        except SettingsError as error:
            say(f"{row}: left out: {error}")
    return made
