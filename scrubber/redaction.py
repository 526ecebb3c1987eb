"""From decisions to replacement text, through Presidio's operators.

AnonymizerEngine works on one `str` and reports offsets in its output, which no other format can use; its operators work
alone, so they are called one value at a time (Presidio, "Customizing operators").
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from scrubber import yamls
from scrubber.errors import SettingsError
from scrubber.finding import Action, Decision, Edit
from scrubber.message import TextView
from scrubber.values import normalise

Language = Literal["nl", "en"]
_PRESIDIO = {"replace": "replace", "mask": "mask", "remove": "redact"}


@dataclass(frozen=True, slots=True)
class Operator:
    """`kind`: replace | mask | remove. `text` has {label} and {number}; `keep` digits or letters stay when masking."""

    kind: str
    text: Mapping[str, str]
    keep: int = 0


@dataclass(frozen=True, slots=True)
class Entity:
    """How an entity type is called, what the law makes of it, and which operator it has by default."""

    label: Mapping[str, str]
    legal_class: str
    operator: str


@dataclass(frozen=True, slots=True)
class Entities:
    """rules/entities.yaml, checked."""

    entities: Mapping[str, Entity]
    operators: Mapping[str, Operator]

    def label(self, entity_type: str, lang: Language = "nl") -> str:
        entity = self.entities.get(entity_type)
        return entity.label[lang] if entity else entity_type


def load_entities(path: Path, entity_types: Iterable[str]) -> Entities:
    """Read rules/entities.yaml; every type of `entity_types` must be there. SettingsError names file, key and mend."""
    try:
        table = yamls.load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"{path}: can't be read: {type(error).__name__}") from None
    if not isinstance(table, dict) or set(table) != {"operators", "entities"}:
        raise SettingsError(f"{path}: must hold exactly `operators` and `entities`")
    operators = {str(name): _operator(path, str(name), row) for name, row in _rows(path, table, "operators")}
    entities = {str(name): _entity(path, str(name), row, operators) for name, row in _rows(path, table, "entities")}
    wanted = set(entity_types)
    for name in sorted(set(entities) ^ wanted):
        if name in wanted:
            raise SettingsError(f"{path}: entities: {name} is missing")
        near = difflib.get_close_matches(name, wanted, n=1)
        raise SettingsError(f"{path}: entities: unknown type {name}" + (f"; did you mean {near[0]}?" if near else ""))
    return Entities(entities, operators)


def _rows(path: Path, table: Mapping[str, object], key: str) -> Iterable[tuple[object, dict[str, object]]]:
    rows = table[key]
    if not isinstance(rows, dict) or not all(isinstance(row, dict) for row in rows.values()):
        raise SettingsError(f"{path}: {key}: must be a table of tables")
    return rows.items()


def _texts(path: Path, where: str, value: object) -> Mapping[str, str]:
    if not isinstance(value, dict) or set(value) != {"nl", "en"} or not all(isinstance(v, str) for v in value.values()):
        raise SettingsError(f"{path}: {where}: must give a text for nl and for en")
    return {str(k): str(v) for k, v in value.items()}


def _operator(path: Path, name: str, row: dict[str, object]) -> Operator:
    where = f"operators: {name}"
    if unknown := set(row) - {"kind", "text", "keep"}:
        raise SettingsError(f"{path}: {where}: unknown key `{min(unknown)}`; known here: kind, text, keep")
    kind, keep = row.get("kind"), row.get("keep", 0)
    if kind not in _PRESIDIO:
        raise SettingsError(f"{path}: {where}: kind must be one of {', '.join(_PRESIDIO)}")
    if not isinstance(keep, int) or isinstance(keep, bool) or not 0 <= keep <= 8:
        raise SettingsError(f"{path}: {where}: keep must be a number from 0 to 8")
    text = _texts(path, f"{where}: text", row["text"]) if kind == "replace" and "text" in row else {"nl": "", "en": ""}
    for template in text.values():
        try:
            template.format(label="x", number="1")
        except (KeyError, IndexError, ValueError):
            raise SettingsError(f"{path}: {where}: text may hold {{label}} and {{number}} only") from None
    if kind == "replace" and not text["nl"]:
        raise SettingsError(f"{path}: {where}: replace wants a text for nl and for en")
    return Operator(str(kind), text, keep)


def _entity(path: Path, name: str, row: dict[str, object], operators: Mapping[str, Operator]) -> Entity:
    where = f"entities: {name}"
    if set(row) != {"label", "legal_class", "operator"}:
        raise SettingsError(f"{path}: {where}: must hold exactly label, legal_class, operator")
    if row["operator"] not in operators:
        raise SettingsError(f"{path}: {where}: no operator `{row['operator']}`; known: {', '.join(operators)}")
    return Entity(_texts(path, f"{where}: label", row["label"]), str(row["legal_class"]), str(row["operator"]))


@dataclass(frozen=True, slots=True)
class Redactor:
    """Turns decisions into edits. Numbers restart with every message, so nothing links two messages."""

    entities: Entities
    lang: Language = "nl"
    mask: str = ""
    """What stands in the place of every value, whatever its type: a desk that writes its own sign. "": as the rules."""

    def check_operator(self, name: str) -> None:
        """SettingsError when a rule names an operator that rules/entities.yaml does not have."""
        if name and name not in self.entities.operators:
            known = ", ".join(self.entities.operators)
            raise SettingsError(f"no operator `{name}` in entities.yaml; known: {known}")

    def prepare(self) -> None:
        """Bring in Presidio's operators now: what is wrong with them shows at the start, not at the first message."""
        for operator in self.entities.operators.values():
            _presidio(operator.kind)

    def edits(
        self, views: Sequence[TextView], decisions: Sequence[Decision], *, expire: bool = False
    ) -> tuple[Edit, ...]:
        """One edit per decision that removes: `redact`, with `expire` also `defer`. Equal values get equal numbers."""
        texts = {view.path: view.text for view in views}
        order = {view.path: index for index, view in enumerate(views)}
        removes = (Action.REDACT, Action.DEFER) if expire else (Action.REDACT,)
        going = sorted(
            (d for d in decisions if d.action in removes), key=lambda d: (order[d.finding.path], d.finding.start)
        )
        numbers: dict[str, dict[str, int]] = {}
        for decision in going:
            finding = decision.finding
            seen = numbers.setdefault(finding.entity_type, {})
            seen.setdefault(_value(texts, decision), len(seen) + 1)
        edits = []
        for decision in going:
            finding = decision.finding
            seen = numbers[finding.entity_type]
            number = seen[_value(texts, decision)] if len(seen) > 1 else None
            surface = texts[finding.path][finding.start : finding.end]
            edits.append(Edit(finding.path, finding.start, finding.end, self._replacement(decision, surface, number)))
        return tuple(edits)

    def _replacement(self, decision: Decision, surface: str, number: int | None) -> str:
        if self.mask:
            return self.mask
        entity = self.entities.entities[decision.finding.entity_type]
        operator = self.entities.operators[decision.operator or entity.operator]
        label = entity.label[self.lang] + (f" {number}" if number else "")
        params: dict[str, object] = {}
        match operator.kind:
            case "replace":
                params = {"new_value": operator.text[self.lang].format(label=label, number=number or "")}
            case "mask":
                # Never more than half of the value stays: the last four of a five-digit PIN are the PIN.
                keep = min(operator.keep, sum(c.isalnum() for c in surface) // 2)
                params = {"masking_char": "*", "chars_to_mask": len(surface) - _tail(surface, keep), "from_end": False}
        return _presidio(operator.kind)(surface, params)


@cache
def _presidio(kind: str) -> Callable[[str, dict[str, object]], str]:
    """Presidio's operator for a kind of ours; it keeps nothing of what it works on.

    Imported by `prepare`, or when something is first replaced: Presidio brings spaCy with it, most of a second, and a
    command that only reads the record need not wait for it.
    """
    from presidio_anonymizer.entities import InvalidParamError
    from presidio_anonymizer.operators import OperatorsFactory, OperatorType

    factory = OperatorsFactory()  # type: ignore[no-untyped-call]  # Presidio leaves it untyped
    operator: Any = factory.create_operator_class(_PRESIDIO[kind], OperatorType.Anonymize)

    def operate(surface: str, params: dict[str, object]) -> str:
        try:
            operator.validate(params)
        except InvalidParamError as error:  # pragma: no cover - the parameters are ours
            raise SettingsError(f"operator {kind}: {error}") from None
        return str(operator.operate(text=surface, params=params))

    return operate


def _value(texts: Mapping[tuple[str, ...], str], decision: Decision) -> str:
    finding = decision.finding
    return normalise(finding.entity_type, texts[finding.path][finding.start : finding.end])


def _tail(surface: str, keep: int) -> int:
    """How many characters from the end hold `keep` letters or digits."""
    count = 0
    for length, character in enumerate(reversed(surface), 1):
        if count == keep:
            return length - 1
        count += character.isalnum()
    return len(surface) if keep else 0
