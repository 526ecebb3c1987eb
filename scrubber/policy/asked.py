"""What a desk turn asks for: which kinds of datum, about whom, and how much of each."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scrubber.policy.cues import read_cues
from scrubber.policy.folded import Match, Pattern, compile_pattern, sentence_starts
from scrubber.policy.strict import Value, read_yaml

About = Literal["sender", "third_party", "any", "each"]

_LISTS = (
    "request", "not_request", "not_before", "not_after", "partial",
    "about_sender", "about_third", "about_role", "about_each", "change", "old",
)  # fmt: skip
_MAX_TURN = 20_000
_LIST_ITEM = compile_pattern(r"^[ \t>\n]*(?:[-*+#]|\d{1,2}[.)]|[a-z]\)|(?:uw|je|jouw|het|de|een)\b)")
_GOES_ON = compile_pattern(
    r"^[ \t>\n]*(?:\(|(?:denk aan|zoals|namelijk|te weten|het gaat om|dit betreft|"
    r"en (?:ook )?(?:uw|je|het|de|een)|alsmede|liefst|plus)\b)"
)
_TURNS = compile_pattern(r";|\b(?:maar|want|wel|but|dus)\b|, (?:dan|zodat|graag|en|de|het|een|uw|je)\b")
_ADDRESSING = re.compile(
    rb"\b(?:kun|kan|wil|heb|mag|zou|ben|had|moet|kunt|wilt|doe|geef|ga|weet|vind|stuur|als|dat|om|dan|of) je\b"
)
_PLURAL = compile_pattern(r"(?:kentekens|platen|data|adressen|nummers|nrs|rekeningen|bewijzen|codes|woorden|datums)$")
_PHRASE = re.compile(rb"[,;:()?]| en (?:het|de|een|uw|je) ")
_NEGATION = compile_pattern(r"\b(?:geen|niet|nooit|nimmer|zonder|overbodig|al bekend|hebben (?:wij|we) al)\b")
_WITHOUT = compile_pattern(r"\bzonder(?: (?:uw|je|jouw|het|de|een))?$")
_UNABLE = compile_pattern(r"\b(?:kunnen|kan|lukt|gaat)\b[^.?!]*\b(?:niet|geen)\b")
_DETERMINED = compile_pattern(r"\b(?:uw|je|jouw|your)(?: (?:eigen|huidige|nieuwe|volledige|juiste|complete))?$")
_NEGATED = compile_pattern(
    r"\b(?:geen|nooit|nimmer)(?:[ ,/]+(?:kopie|kopieen|scan|foto|afbeelding|beeld|nummer|volledige?|hele?|van|uw|je|"
    r"jouw|het|de|een|of|en|noch|eigen|oude|pasfoto|bsn|burgerservicenummer|\w*nummers?|paspoort|rijbewijs|wachtwoord|"
    r"pincode|iban|id|identiteitsbewijs|identiteitskaart|\w+gegevens))*[ ,/]*$"
)
_CLAUSE = compile_pattern(r"[,;:()]|\b(?:en|of|maar|want|and|but)\b")


@dataclass(frozen=True, slots=True)
class Ask:
    """A question for `entity_type`. `evidence` names the turn or the quote. `partial`: only some digits were asked.

    `about` "each": of several people or things; `change`: the question is about a change, the old value helps too.
    `old`: it is about the old value itself. `refused`: no question at all, the desk says that it does not want this.
    """

    entity_type: str
    about: About
    partial: bool
    evidence: str
    change: bool = False
    refused: bool = False
    old: bool = False


@dataclass(frozen=True, slots=True)
class AskCues:
    """rules/words/policy/asked.yaml, compiled."""

    kinds: Mapping[str, Pattern]
    not_kinds: Mapping[str, Pattern]
    lists: Mapping[str, Pattern]

    def found(self, name: str, text: bytes) -> bool:
        return self.lists[name].found(text)


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


def asks_in(folded: bytes, evidence: str, cues: AskCues, wanted: Collection[str] | None = None) -> list[Ask]:
    """The questions and refusals in one folded turn of the desk (its first 20,000 characters), quote marks passed over.

    `wanted`: only questions for these types are looked for; None: for all.
    """
    kinds = [kind for kind in cues.kinds if wanted is None or kind in wanted]
    text = folded[:_MAX_TURN].replace(b">", b" ")
    if not any(cues.kinds[kind].found(text) for kind in kinds):
        return []
    starts = sentence_starts(text)
    asks: list[Ask] = []
    asked_before = False
    asking = False  # a request that ended in a colon goes on through the list under it
    for index, start in enumerate(starts):
        end = starts[index + 1] if index + 1 < len(starts) else len(text)
        sentence = text[start:end]
        bare = sentence.strip()
        if not bare:
            continue
        listed = asking and (_LIST_ITEM.found(sentence) or len(bare) < 60)
        listed = listed or (asked_before and _GOES_ON.found(sentence))
        question = bare.endswith(b"?") or cues.found("request", sentence)
        if (question and not cues.found("not_request", sentence)) or listed:
            asks += _kinds_in(sentence, evidence, cues, kinds)
        elif _NEGATION.found(sentence):
            asks += [ask for ask in _kinds_in(sentence, evidence, cues, kinds) if ask.refused]
        asked_before = question
        asking = bare.endswith(b":") if question else (listed and not bare.endswith((b".", b"!")))
    return asks


def _kinds_in(sentence: bytes, evidence: str, cues: AskCues, kinds: Sequence[str]) -> list[Ask]:
    found: list[Ask] = []
    for kind in kinds:
        text = sentence
        odd = cues.not_kinds.get(kind)
        if odd is not None:
            for match in odd.finditer(sentence):
                text = text[: match.start()] + b"#" * (match.end() - match.start()) + text[match.end() :]
        refused = False
        for match in cues.kinds[kind].finditer(text):
            if _wanted(text, match.start(), match.end(), cues):
                about = _about(sentence, match, cues)
                partial = cues.found("partial", sentence)
                old = cues.found("old", sentence)
                found.append(Ask(kind, about, partial, evidence, cues.found("change", sentence), old=old))
                break
            refused = True
        else:
            if refused:
                found.append(Ask(kind, "any", False, evidence, refused=True))
    return found


def _about(sentence: bytes, match: Match, cues: AskCues) -> About:
    """Whose: what stands right before the kind ("uw") and after it ("van uw dochter") goes before the sentence."""
    if cues.found("about_each", sentence) or _PLURAL.found(match.group()):
        return "each"
    before, after = sentence[: match.start()].rstrip(), sentence[match.end() :]
    third = cues.found("about_third", sentence)
    if _DETERMINED.found(before) and not (third and cues.found("about_third", b"x" + _PHRASE.split(after, 1)[0])):
        return "sender"
    if third:
        return "third_party"
    if cues.found("about_role", sentence):
        return "any"
    return "sender" if cues.found("about_sender", _ADDRESSING.sub(b" ", sentence)) else "any"


def _wanted(sentence: bytes, start: int, end: int, cues: AskCues) -> bool:
    before = sentence[max(0, start - 40) : start]
    clause = before[max((m.end() for m in _CLAUSE.finditer(before)), default=0) :].strip()
    after = sentence[end:]
    turn = _TURNS.search(after)
    if cues.found("not_after", after[: turn.start()] if turn else after):
        return False
    if _NEGATED.found(sentence[max(0, start - 120) : start]) and b"vergeet" not in before:
        return False
    if _WITHOUT.found(clause):
        return _UNABLE.found(after)  # "zonder uw IBAN kunnen wij niet betalen" asks for it
    return not cues.found("not_before", clause) or b"vergeet" in clause
