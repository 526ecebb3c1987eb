"""Replacement text: readable, numbered per message, never more of the value than the operator says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from scrubber.errors import SettingsError
from scrubber.finding import ENTITY_TYPES, Action, Assessment, Decision, Finding
from scrubber.message import TextView
from scrubber.redaction import Redactor, load_entities

RULES = Path(__file__).parents[3] / "rules"
ENTITIES = load_entities(RULES / "entities.yaml", ENTITY_TYPES)
BODY = ("body",)


def decision(text: str, value: str, entity_type: str, action: Action = Action.REDACT, operator: str = "") -> Decision:
    start = text.index(value)
    finding = Finding(BODY, entity_type, start, start + len(value), 1.0, "test")
    return Decision(finding, Assessment(), action, "rule", "because", operator)


def redacted(text: str, *decisions: Decision, expire: bool = False, lang: str = "nl") -> str:
    redactor = Redactor(ENTITIES, "en" if lang == "en" else "nl")
    edits = redactor.edits([TextView(BODY, text)], decisions, expire=expire)
    for edit in sorted(edits, key=lambda e: -e.start):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def test_one_value_has_no_number() -> None:
    text = "Mijn BSN is 123456782."
    assert redacted(text, decision(text, "123456782", "NL_BSN")) == "Mijn BSN is [BSN verwijderd]."
    assert redacted(text, decision(text, "123456782", "NL_BSN"), lang="en").endswith(
        "[citizen service number removed]."
    )


def test_several_values_are_numbered_and_equal_ones_share_a_number() -> None:
    text = "van NL91ABNA0417164300 naar NL20INGB0001234567, dus niet nl91 abna 0417 1643 00"
    result = redacted(
        text,
        decision(text, "nl91 abna 0417 1643 00", "IBAN_CODE"),
        decision(text, "NL91ABNA0417164300", "IBAN_CODE"),
        decision(text, "NL20INGB0001234567", "IBAN_CODE"),
    )
    assert result == "van [IBAN 1 verwijderd] naar [IBAN 2 verwijderd], dus niet [IBAN 1 verwijderd]"


def test_numbers_restart_with_every_message() -> None:
    text = "BSN 123456782"
    first = redacted(text, decision(text, "123456782", "NL_BSN"))
    assert first == redacted(text, decision(text, "123456782", "NL_BSN"))


def test_only_what_is_decided_goes_and_deferred_goes_when_it_expires() -> None:
    text = "IBAN NL91ABNA0417164300, naam Jan Proef"
    waiting = decision(text, "NL91ABNA0417164300", "IBAN_CODE", Action.DEFER)
    kept = decision(text, "Jan Proef", "PERSON", Action.KEEP)
    assert redacted(text, waiting, kept) == text
    assert redacted(text, waiting, kept, expire=True) == "IBAN [IBAN verwijderd], naam Jan Proef"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("NL91ABNA0417164300", "**************4300"),
        ("NL91 ABNA 0417 1643 00", "*****************43 00"),
        ("12345", "***45"),
        ("1", "*"),
    ],
)
def test_masking_keeps_the_last_four_and_never_more_than_half(value: str, expected: str) -> None:
    assert redacted(value, decision(value, value, "IBAN_CODE", operator="mask_last_4")) == expected


def test_removing_leaves_nothing() -> None:
    text = "ww geheim!"
    assert redacted(text, decision(text, "geheim!", "CREDENTIAL", operator="remove")) == "ww "


def test_a_rule_that_names_no_operator_we_have_is_refused() -> None:
    with pytest.raises(SettingsError, match="no operator `shred`"):
        Redactor(ENTITIES).check_operator("shred")
    Redactor(ENTITIES).check_operator("")


def broken(tmp_path: Path, change: object) -> Path:
    table = yaml.safe_load((RULES / "entities.yaml").read_text(encoding="utf-8"))
    change(table)  # type: ignore[operator]  # a function of the table
    path = tmp_path / "entities.yaml"
    path.write_text(yaml.safe_dump(table, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda t: t.pop("operators"), "must hold exactly"),
        (lambda t: t.update(entities=[]), "entities: must be a table of tables"),
        (lambda t: t["entities"].pop("NL_BSN"), "entities: NL_BSN is missing"),
        (lambda t: t["entities"].update(NL_BSM=t["entities"]["NL_BSN"]), "unknown type NL_BSM; did you mean NL_BSN?"),
        (lambda t: t["entities"]["NL_BSN"].update(operator="gone"), "no operator `gone`"),
        (lambda t: t["entities"]["NL_BSN"].update(colour="red"), "must hold exactly label"),
        (lambda t: t["entities"]["NL_BSN"].update(label="BSN"), "must give a text for nl and for en"),
        (lambda t: t["operators"]["replace"].update(kind="hash"), "kind must be one of"),
        (lambda t: t["operators"]["replace"].update(kep=4), "unknown key `kep`"),
        (lambda t: t["operators"]["mask_last_4"].update(keep=99), "keep must be a number"),
        (lambda t: t["operators"]["replace"]["text"].update(nl="[{value}]"), "may hold {label} and {number} only"),
        (lambda t: t["operators"]["replace"].pop("text"), "replace wants a text"),
    ],
)
def test_mistakes_in_entities_yaml_are_refused(tmp_path: Path, change: object, expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_entities(broken(tmp_path, change), ENTITY_TYPES)
    assert expected in str(caught.value)


def test_a_file_that_is_not_yaml(tmp_path: Path) -> None:
    path = tmp_path / "entities.yaml"
    path.write_text("a: [", encoding="utf-8")
    with pytest.raises(SettingsError, match="can't be read"):
        load_entities(path, ENTITY_TYPES)


def test_labels() -> None:
    assert ENTITIES.label("NL_BSN") == "BSN"
    assert ENTITIES.label("SOMETHING") == "SOMETHING"
    assert replace(ENTITIES, entities={}).label("NL_BSN") == "NL_BSN"
