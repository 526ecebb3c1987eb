"""Whether the message's own request can't be done without a datum that nobody asked for."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scrubber.finding import DataSubject
from scrubber.policy.clauses import Context
from scrubber.policy.cues import read_cues
from scrubber.policy.folded import Pattern
from scrubber.policy.need_model import FAMILIES, FAMILY_OF, LEAST, RIVAL, RULE, SCALE, START, NeedModel
from scrubber.policy.need_signs import Signs, message_words, of_datum, of_message, words
from scrubber.policy.strict import Value, read_yaml
from scrubber.policy.weighed import Weighing, Weighings, crowded, labelled, short

_CUES = ("near", "wide", "message", "also", "not_message", "unless", "sure")
_KEYS = ("name", "entity_types", "serves_third", "serves_old", "questions", "where", *_CUES)
_LISTS = ("passing", "superseded", "current", "question", "deed", "sample", "poured")
_PLACES = ("anywhere", "form", "short")
_SHORT = 4
_WORDS = 8
_GLANCE = 300
LEARNED = "geleerd"
"""Evidence of a datum that the trained model calls needed."""
NEVER_NEEDED = frozenset({"NL_BSN", "CREDIT_CARD"})
"""No request needs these: a rule of law, not of wording."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """A kind of request and the types of datum that serve it. See rules/words/policy/needed.yaml."""

    name: str
    entity_types: frozenset[str]
    cues: Mapping[str, Pattern]
    serves_third: bool = False
    serves_old: bool = False
    on_question: bool = True
    where: str = "anywhere"


@dataclass(frozen=True, slots=True)
class NeedCues:
    """rules/words/policy/needed.yaml, compiled. `near` is any purpose's near cue, per type: one search saves many."""

    purposes: Mapping[str, tuple[Purpose, ...]]
    near: Mapping[str, Pattern]
    lists: Mapping[str, Pattern]

    def found(self, name: str, text: bytes) -> bool:
        return self.lists[name].found(text)


def load_needed(path: Path, entity_types: tuple[str, ...]) -> NeedCues:
    """SettingsError names the line of whatever is wrong in the file."""
    root = read_yaml(path).mapping((*_LISTS, "purposes"), (*_LISTS, "purposes"))
    lists = {name: _cues(root[name]) for name in _LISTS}
    purposes: list[Purpose] = []
    near: dict[str, list[Value]] = {}
    for item in root["purposes"].items():
        purpose = _purpose(item, entity_types)
        if any(known.name == purpose.name for known in purposes):
            item.refuse(f"the purpose {purpose.name!r} stands here twice")
        purposes.append(purpose)
        for kind in purpose.entity_types:
            near.setdefault(kind, []).extend(item.mapping(_KEYS)["near"].items() if "near" in purpose.cues else ())
    origin = root["purposes"]
    return NeedCues(
        {kind: tuple(p for p in purposes if kind in p.entity_types) for kind in near},
        {kind: _cues(Value(cues, origin.file, origin.line)) for kind, cues in near.items() if cues},
        lists,
    )


def _purpose(item: Value, entity_types: tuple[str, ...]) -> Purpose:
    keys = item.mapping(_KEYS, ("name", "entity_types"))
    types = keys["entity_types"].choices(entity_types)
    if types & NEVER_NEEDED:
        keys["entity_types"].refuse(f"{', '.join(sorted(types & NEVER_NEEDED))} can't be needed")
    cues = {name: _cues(keys[name]) for name in _CUES if name in keys}
    if not cues.keys() & {"near", "wide", "message"}:
        item.refuse("a purpose wants 'near', 'wide' or 'message'")
    return Purpose(
        keys["name"].text(),
        types,
        cues,
        serves_third=keys["serves_third"].flag() if "serves_third" in keys else False,
        serves_old=keys["serves_old"].flag() if "serves_old" in keys else False,
        on_question=keys["questions"].flag() if "questions" in keys else True,
        where=keys["where"].choice(_PLACES) if "where" in keys else "anywhere",
    )


def _cues(value: Value) -> Pattern:
    pattern = read_cues(value)
    if pattern is None:
        value.refuse("at least one cue is wanted here")
    return pattern


@dataclass(slots=True)
class Needs:
    """The requests of one message. `text` is all that the sender wrote, folded: subject and own words."""

    cues: NeedCues
    weighed: Weighings
    text: bytes = field(repr=False)
    subject: bytes = field(default=b"", repr=False)
    learned: NeedModel | None = None
    _words: list[str] | None = field(default=None, repr=False)
    _signs: Signs | None = field(default=None, repr=False)
    _sums: dict[int, int] = field(default_factory=dict, repr=False)
    _weighed: dict[int, tuple[int, int]] = field(default_factory=dict, repr=False)
    _best: dict[int, dict[int, int]] = field(default_factory=dict, repr=False)
    _ranked: dict[int, list[tuple[int, int]]] = field(default_factory=dict, repr=False)
    _few: bool | None = None
    _said: dict[tuple[str, int], bool] = field(default_factory=dict, repr=False)
    _old: dict[int, bool] = field(default_factory=dict, repr=False)
    _known: dict[tuple[str, str], bool] = field(default_factory=dict, repr=False)
    _mood: dict[str, bool] = field(default_factory=dict, repr=False)

    def purpose(self, context: Context, subject: DataSubject, many: bool) -> str:
        """The name of the purpose that needs this datum, or "". `many`: one of a row of values of its type."""
        if not self._may_be(context):
            return ""
        learned, weighed = self.learned, self._weighed.get(id(context.finding))
        if learned is None or weighed is None:
            return self.said(context, subject, many)
        column = FAMILIES.index(FAMILY_OF[context.finding.entity_type])
        value, total = weighed
        total -= learned.weight(RIVAL, column) * max(0, self._rival(column, value)) // SCALE
        least, rule = learned.weight(LEAST, column), learned.weight(RULE, column)
        if total - rule >= least:
            return LEARNED
        # only where they could turn it are the phrases asked
        return self.said(context, subject, many) if total + rule >= least else ""

    def weigh(self, context: Context, subject: DataSubject, many: bool, value: int) -> None:
        """What the trained weights say of a datum, before `purpose` asks: of two addresses the one that serves better
        makes the other less likely. `value` tells apart which data may be each other's rivals.

        A rival only ever lowers a sum, so that what is needed stays so when the rival is gone.
        """
        learned, kind = self.learned, context.finding.entity_type
        if learned is None or kind not in FAMILY_OF or not self._may_be(context) or self._terse():
            return
        column = FAMILIES.index(FAMILY_OF[kind])
        total = self._weight(learned, column, context, subject, many)
        self._weighed[id(context.finding)] = value, total
        best = self._best.setdefault(column, {})
        best[value] = max(total, best.get(value, total))
        self._ranked.pop(column, None)

    def _rival(self, column: int, value: int) -> int:
        """The highest sum of another value of the family; 0 where there is none."""
        ranked = self._ranked.get(column)
        if ranked is None:
            two = heapq.nlargest(2, [(total, one) for one, total in self._best[column].items()])
            ranked = self._ranked[column] = two
        return next((total for total, other in ranked if other != value), 0)

    def _may_be(self, context: Context) -> bool:
        """Whether anything could need a datum of this type that stands there."""
        kind, segment = context.finding.entity_type, context.segment
        if kind in NEVER_NEEDED or segment.kind == "signature" or not self.serves(kind):
            return False
        return segment.kind != "quote" or segment.author == "sender"

    def _terse(self) -> bool:
        """Whether the sender wrote too little for weak signs: the phrases alone decide."""
        if self._few is None:
            said = self._spoken() if len(self.text) <= _GLANCE else words(self.text[:_GLANCE])
            self._few = sum(map(str.isalpha, said)) < _WORDS
        return self._few

    def _spoken(self) -> list[str]:
        if self._words is None:
            self._words = message_words(self.text)
        return self._words

    def _of_message(self) -> Signs:
        if self._signs is None:
            self._signs = of_message(self._spoken(), self.subject, self._is)
        return self._signs

    def _of_datum(self, context: Context, subject: DataSubject, many: bool) -> Signs:
        return of_datum(context, subject, many, lambda name: self.cues.found(name, context.clause))

    def signs(self, context: Context, subject: DataSubject, many: bool) -> Signs:
        """All signs of a datum, of its message and its place."""
        return [*self._of_message(), *self._of_datum(context, subject, many)]

    def _weight(self, learned: NeedModel, column: int, context: Context, subject: DataSubject, many: bool) -> int:
        total = self._sums.get(column)
        if total is None:
            total = self._sums[column] = learned.weight(START, column) + learned.sum(self._of_message(), column)
        return total + learned.sum(self._of_datum(context, subject, many), column)

    def heaviest(self, context: Context, subject: DataSubject, many: bool, most: int) -> tuple[tuple[str, int], ...]:
        """At most so many signs that weigh most for a datum that the weights call needed, in hundredths; else none."""
        learned = self.learned
        if learned is None or self.purpose(context, subject, many) != LEARNED:
            return ()
        weights = learned.apart(
            self.signs(context, subject, many), FAMILIES.index(FAMILY_OF[context.finding.entity_type])
        )
        ranked = sorted(weights.items(), key=lambda row: (-row[1], row[0]))
        return tuple(row for row in ranked[:most] if row[1] > 0)

    def said(self, context: Context, subject: DataSubject, many: bool) -> str:
        """The name of the purpose whose phrases call this datum needed, or ""."""
        name = self._served(context, subject, many)
        # Most data serve nothing, so what speaks against it all is asked last.
        return "" if name and (self.cues.found("passing", context.clause) or self._is("poured")) else name

    def _served(self, context: Context, subject: DataSubject, many: bool) -> str:
        """The name of the first purpose, then of the first weighing, that this datum serves."""
        kind = context.finding.entity_type
        foreign = subject == "third_party"
        dumped = many or (foreign and self._is("sample"))
        near = self.cues.near.get(kind)
        hit = near is not None and near.found(context.clause)
        for purpose in self.cues.purposes.get(kind, ()):
            if self._serves(purpose, context, hit, foreign, dumped) and (
                purpose.serves_old or not self.superseded(context)
            ):
                return purpose.name
        for weighing in self.weighed.get(kind, ()):
            if self._weighs(weighing, context, subject, many) and (weighing.serves_old or not self.superseded(context)):
                return weighing.name
        return ""

    def _weighs(self, weighing: Weighing, context: Context, subject: DataSubject, many: bool) -> bool:
        def holds(name: str) -> bool:
            match name:
                case "third" | "own":
                    return subject == ("third_party" if name == "third" else "sender")
                case "many":
                    return many
                case "labelled":
                    return labelled(context)
                case "short":
                    return short(context)
                case "crowded":
                    return crowded(context)
                case "question":
                    return self._only_asks()
                case "sample":
                    return subject == "third_party" and self._is("sample")
                case _:
                    return self._is(name)

        def says(number: int, pattern: Pattern) -> bool:
            key = (weighing.name, number)
            if key not in self._said:
                self._said[key] = pattern.found(self.text)
            return self._said[key]

        return weighing.reaches(context, holds, says)

    def serves(self, kind: str) -> bool:
        """Whether anything could need a datum of this type."""
        return kind in self.cues.purposes or kind in self.weighed

    def superseded(self, context: Context) -> bool:
        """Whether the clause calls the value old: something newer replaced it."""
        known = self._old.get(id(context.finding))
        if known is None:
            known = self.cues.found("superseded", context.clause) and not self.cues.found("current", context.clause)
            self._old[id(context.finding)] = known
        return known

    def _serves(self, purpose: Purpose, context: Context, hit: bool, foreign: bool, dumped: bool) -> bool:
        cues = purpose.cues
        near = hit and not (dumped and foreign) and "near" in cues and cues["near"].found(context.clause)
        if not near:
            if dumped or (foreign and not purpose.serves_third):
                return False
            wide = "wide" in cues and cues["wide"].found(context.paragraph)
            if not wide and not ("message" in cues and self._in_message(purpose, "message")):
                return False
        return not (
            (purpose.where == "form" and not context.labelled)
            or (purpose.where == "short" and not context.labelled and len(context.before.split()) > _SHORT)
            or (not purpose.on_question and self._only_asks())
            or (
                "unless" in cues
                and cues["unless"].found(context.clause)
                and not ("sure" in cues and cues["sure"].found(context.clause))
            )
            or ("not_message" in cues and self._in_message(purpose, "not_message"))
            or ("also" in cues and not self._in_message(purpose, "also"))
        )

    def _in_message(self, purpose: Purpose, name: str) -> bool:
        key = (purpose.name, name)
        if key not in self._known:
            self._known[key] = purpose.cues[name].found(self.text)
        return self._known[key]

    def _only_asks(self) -> bool:
        return b"?" in self.text and self._is("question") and not self._is("deed")

    def _is(self, name: str) -> bool:
        if name not in self._mood:
            self._mood[name] = self.cues.found(name, self.text)
        return self._mood[name]


def many_of(contexts: Sequence[Context], values: Mapping[int, tuple[str, str]], least: int = 3) -> frozenset[str]:
    """Types of which own text holds `least` or more different values in rows: other people's data poured out."""
    seen: dict[str, set[str]] = {}
    for context in contexts:
        if context.segment.kind == "own":
            kind, value = values[id(context.finding)]
            seen.setdefault(kind, set()).add(value)
    return frozenset(kind for kind, found in seen.items() if len(found) >= least)
