"""The scores, on corpora small enough to count by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from scrubber.commands.evaluate import evaluate, show
from scrubber.errors import SettingsError
from scrubber.evaluation import Hit, Mark, Tally, add, disposition, type_scores, unmark, wilson


def test_marks_are_taken_out_and_offsets_count_code_points() -> None:
    text, marks = unmark("😀 BSN [[NL_BSN.third,asked|123456782]] en [[PERSON|Jan]].")
    assert text == "😀 BSN 123456782 en Jan."
    assert marks == [
        Mark(6, 15, "NL_BSN", frozenset({"third", "asked"})),
        Mark(19, 22, "PERSON", frozenset()),
    ]
    assert unmark("a [b] [[c]] d") == ("a [b] [[c]] d", [])


@pytest.mark.parametrize(
    ("entity_type", "attributes", "expected"),
    [
        ("IBAN_CODE", "", "go"),
        ("IBAN_CODE", "third", "go"),
        ("IBAN_CODE", "asked", "defer"),
        ("IBAN_CODE", "third,needed", "defer"),
        ("IBAN_CODE", "org", "stay"),
        ("IBAN_CODE", "own", "either"),
        ("NL_BSN", "asked", "either"),
        ("CREDIT_CARD", "needed", "either"),
        ("PERSON", "own", "stay"),
        ("PERSON", "third", "either"),
        ("EMAIL_ADDRESS", "org", "stay"),
    ],
)
def test_dispositions(entity_type: str, attributes: str, expected: str) -> None:
    assert disposition(Mark(0, 1, entity_type, frozenset(filter(None, attributes.split(","))))) == expected


def counted(text: str, *hits: Hit) -> Tally:
    tally = Tally(messages=1)
    plain, marks = unmark(text)
    add(tally, "x", "body", plain, marks, hits)
    return tally


IBAN = "NL91ABNA0417164300"


@pytest.mark.parametrize(
    ("attributes", "action", "expected"),
    [
        ("", "redact", {}),
        ("", "keep", {"leaked": 1}),
        ("", "defer", {"delayed": 1}),
        (".asked", "redact", {"early": 1}),
        (".asked", "keep", {"forever": 1}),
        (".asked", "defer", {}),
        (".org", "redact", {"wrong": 2}),
        (".org", "keep", {}),
    ],
)
def test_what_becomes_of_a_mark(attributes: str, action: str, expected: dict[str, int]) -> None:
    tally = counted(f"[[IBAN_CODE{attributes}|{IBAN}]]", Hit(0, 18, "IBAN_CODE", action))
    assert {
        kind: tally.count(kind) for kind in ("leaked", "delayed", "early", "forever", "wrong") if tally.count(kind)
    } == expected


def test_half_a_value_left_is_a_leak_and_too_much_taken_is_wrong() -> None:
    assert counted(f"[[IBAN_CODE|{IBAN}]]", Hit(0, 12, "IBAN_CODE", "redact")).count("leaked") == 1
    assert counted(f"[[IBAN_CODE|{IBAN}]] hallo", Hit(0, 24, "IBAN_CODE", "redact")).count("wrong") == 1
    assert counted(f"[[IBAN_CODE|{IBAN}]] hal", Hit(0, 22, "IBAN_CODE", "redact")).count("wrong") == 0
    assert counted("niets", Hit(0, 5, "IBAN_CODE", "redact")).count("wrong") == 1


def test_recall_precision_and_exact_spans() -> None:
    tally = counted(
        "[[PERSON|Jan]] en [[PERSON|Piet Proef]]",
        Hit(0, 3, "PERSON", "keep"),
        Hit(7, 16, "PERSON", "keep"),
        Hit(3, 6, "PERSON", "keep"),
    )
    score = type_scores(tally)["PERSON"]
    assert (score.gold, score.found, score.recall) == (2, 3, 1.0)
    assert score.precision == pytest.approx(2 / 3)
    assert score.exact_f1 == pytest.approx(2 * 1 / 5)
    assert type_scores(counted("niets", Hit(0, 5, "PERSON", "keep"))) == {}


def test_intervals() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = wilson(10, 100)
    assert (round(low, 3), round(high, 3)) == (0.055, 0.174)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = tmp_path / "corpus.jsonl"
    rows = [
        {"id": "a", "body": "Mijn BSN is [[NL_BSN|123456782]]."},
        {"id": "b", "body": "Mijn sleutelwoord [[CREDENTIAL|qq]]"},
    ]
    corpus.write_text("\n\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert evaluate(corpus, None, "default", 5, Console(width=160)) == 0
    out = capsys.readouterr().out
    assert "must go now: 2: leaked 1 (50.0%)" in out
    assert "missed: b body CREDENTIAL qq" in out


@pytest.mark.parametrize("line", ["geheim", "[]", '{"body": 5}'])
def test_a_corpus_that_is_none_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text('{"id": "a", "body": "x"}\n' + line, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"corpus\.jsonl:2: not a marked message"):
        evaluate(corpus, None, "default", 0, Console())
    with pytest.raises(SettingsError, match="there is no such file"):
        evaluate(tmp_path / "none.jsonl", None, "default", 0, Console())


@pytest.mark.parametrize(
    ("mark", "says"),
    [
        ("[[BSN|123456782]]", "BSN is no type; did you mean NL_BSN"),
        ("[[NL_BSN.thrid|123456782]]", "NL_BSN.thrid: no attribute; did you mean third"),
    ],
)
def test_a_mark_that_would_count_for_nothing_is_refused(tmp_path: Path, mark: str, says: str) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text(json.dumps({"body": mark}) + "\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=rf"corpus\.jsonl:1: {says}"):
        evaluate(path, None, "default", 0, Console())


def test_an_empty_corpus_has_no_rates(capsys: pytest.CaptureFixture[str]) -> None:
    show(Tally(), 0, 0, Console())
    assert "must go now: 0: leaked 0" in capsys.readouterr().out
