"""What a desk turn asks for: which kinds of datum, about whom, and how much of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scrubber.policy.cues import read_cues
from scrubber.policy.folded import Pattern, compile_pattern, sentence_starts
from scrubber.policy.strict import Value, read_yaml

About = Literal["sender", "third_party", "any"]

_LISTS = (
    "request", "not_request", "not_before", "not_after", "partial", "about_sender", "about_third", "about_each",
)  # fmt: skip
_MAX_TURN = 20_000
_LIST_ITEM = compile_pattern(r"^[ \t>\n]*(?:[-*+#]|\d{1,2}[.)]|[a-z]\)|(?:uw|je|jouw|het|de|een)\b)")
_TURNS = compile_pattern(r";|\b(?:maar|want|wel|but|dus)\b|, (?:dan|zodat|graag|en)\b")
_ADDRESSING = re.compile(
    rb"\b(?:kun|kan|wil|heb|mag|zou|ben|had|moet|kunt|wilt|doe|geef|ga|weet|vind|stuur|als|dat|om|dan|of) je\b"
)
_WITHOUT = compile_pattern(r"\bzonder(?: (?:uw|je|jouw|het|de|een))?$")
_UNABLE = compile_pattern(r"\b(?:kunnen|kan|lukt|gaat)\b[^.?!]*\b(?:niet|geen)\b")
_CLAUSE = compile_pattern(r"[,;:()]|\b(?:en|of|maar|want|and|but)\b")


@dataclass(frozen=True, slots=True)
class Ask:
    """A question for `entity_type`. `evidence` names the turn or the quote. `partial`: only some digits were asked."""

    entity_type: str
    about: About
    partial: bool
    evidence: str


@dataclass(frozen=True, slots=True)
class AskCues:
    """rules/words/policy/asked.yaml, compiled."""

    kinds: Mapping[str, Pattern]
    not_kinds: Mapping[str, Pattern]
    lists: Mapping[str, Pattern]

    def found(self, name: str, text: bytes) -> bool:
        return self.lists[name].search(text) is not None


def load_asked(path: Path, entity_types: tuple[str, ...]) -> AskCues:
    """SettingsError names the line of whatever is wrong in the file."""
    root = read_yaml(path).mapping((*_LISTS, "kinds", "not_kinds"), (*_LISTS, "kinds"))
    lists = {name: _cues(root[name]) for name in _LISTS}
    kinds = {kind: _cues(value) for kind, value in root["kinds"].mapping(entity_types).items()}
    odd = root["not_kinds"].mapping(entity_types) if "not_kinds" in root else {}
    return AskCues(kinds, {kind: _cues(value) for kind, value in odd.items()}, lists)


def _cues(value: Value) -> Pattern:
    pattern = read_cues(value)
    if pattern is None:
        value.refuse("at least one cue is wanted here")
    return pattern


def asks_in(folded: bytes, evidence: str, cues: AskCues) -> list[Ask]:
    """The questions in one folded turn of the desk (its first 20,000 characters). Quote marks in it are passed over."""
    text = folded[:_MAX_TURN].replace(b">", b" ")
    starts = sentence_starts(text)
    asks: list[Ask] = []
    asking = False  # a request that ended in a colon goes on through the list under it
    for index, start in enumerate(starts):
        end = starts[index + 1] if index + 1 < len(starts) else len(text)
        sentence = text[start:end]
        bare = sentence.strip()
        if not bare:
            continue
        listed = asking and (_LIST_ITEM.search(sentence) is not None or len(bare) < 60)
        question = bare.endswith(b"?") or cues.found("request", sentence)
        if (question and not cues.found("not_request", sentence)) or listed:
            asks += _kinds_in(sentence, evidence, cues)
        asking = bare.endswith(b":") if question else (listed and not bare.endswith((b".", b"!")))
    return asks


def _kinds_in(sentence: bytes, evidence: str, cues: AskCues) -> list[Ask]:
    about: About = "any"
    if not cues.found("about_each", sentence):
        if cues.found("about_third", sentence):
            about = "third_party"
        elif cues.found("about_sender", _ADDRESSING.sub(b" ", sentence)):
            about = "sender"
    partial = cues.found("partial", sentence)
    found: list[Ask] = []
    for kind, pattern in cues.kinds.items():
        odd = cues.not_kinds.get(kind)
        text = sentence
        if odd is not None:
            for match in odd.finditer(sentence):
                text = text[: match.start()] + b"#" * (match.end() - match.start()) + text[match.end() :]
        for match in pattern.finditer(text):
            if _wanted(text, match.start(), match.end(), cues):
                found.append(Ask(kind, about, partial, evidence))
                break
    return found


def _wanted(sentence: bytes, start: int, end: int, cues: AskCues) -> bool:
    before = sentence[max(0, start - 40) : start]
    clause = before[max((m.end() for m in _CLAUSE.finditer(before)), default=0) :].strip()
    after = sentence[end:]
    turn = _TURNS.search(after)
    if cues.found("not_after", after[: turn.start()] if turn else after):
        return False
    if _WITHOUT.search(clause):
        return _UNABLE.search(after) is not None  # "zonder uw IBAN kunnen wij niet betalen" asks for it
    return not cues.found("not_before", clause) or b"vergeet" in clause
