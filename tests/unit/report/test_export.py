"""JSON and CSV: complete, stable, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from scrubber.ledger.entry import CopyLeft, LedgerEntry, Removal, UnreadPart
from scrubber.report.export import to_csv, to_json
from scrubber.report.interface import ChainState, Figures, Review, Waiting
from scrubber.report.render import to_html
from scrubber.report.typography import Language


@pytest.fixture(name="figures")
def _figures(
    report: Callable[..., Figures], entry: Callable[..., LedgerEntry], removal: Callable[..., Removal], now: datetime
) -> Figures:
    return report(
        entry(
            0,
            source="=HYPERLINK(1)",
            removals=(removal(), removal("PERSON", "keep", "contactgegevens")),
            unread=(UnreadPart("image/png", "image"),),
            copies=(CopyLeft('@index, "cache"\r\nnext', "REMAINS", "-1+2"),),
            policy_digest="p",
            key_id="k",
        ),
        entry(1, 1, source="map\udcff\x00", outcome="HELD", reason="encrypted"),
        entry(2, kind="deferred", removals=(removal(),)),
        waiting=[Waiting("support", "IBAN_CODE", "gevraagd", now, now)],
    )


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_json_has_every_figure_under_its_own_name(figures: Figures) -> None:
    made = json.loads(to_json(figures))
    assert made["format"] == "scrubber-report/1"
    assert made["problems"] == []
    assert made["messages"]["total"] == 2
    assert made["removed"]["total"] == {"key": "", "total": 2, "now": 1, "later": 1, "after_review": 0}
    assert made["removed"]["by_day"][0]["key"] == "2026-11-21"
    assert made["period"]["generated_at"] == "2026-11-22T14:05:00+01:00"
    assert made["period"]["first_day"] == "2026-11-21"
    assert made["period"]["since"] is None
    assert list(made) == [
        *("format", "period", "messages", "unread", "removed", "observed", "stayed", "waiting", "reviews"),
        *("second_pass", "people", "acts", "copies", "chain", "sources", "policies", "detectors", "keys", "lost"),
        *("unable", "problems"),
    ]


def test_json_keeps_names_as_they_are_and_can_be_written_as_utf8(figures: Figures) -> None:
    text = to_json(figures)
    assert text.encode().decode() == text
    names = [row["name"] for row in json.loads(text)["sources"]]
    assert names == ["=HYPERLINK(1)", "map\udcff\x00", "support"][: len(names)]


def test_json_and_csv_say_what_does_not_add_up(figures: Figures) -> None:
    wrong = replace(figures, messages=replace(figures.messages, total=7))
    assert any("sum to the messages read" in problem for problem in json.loads(to_json(wrong))["problems"])
    assert [row for row in _rows(to_csv(wrong)) if row[0] == "problems"]
    assert not [row for row in _rows(to_csv(figures)) if row[0] == "problems"]


def test_csv_is_rfc_4180_with_four_cells_a_line_and_no_mark(figures: Figures) -> None:
    text = to_csv(figures)
    assert text.startswith("section,key,label,value\r\n")
    assert text.count("\n") == text.count("\r\n")
    assert {len(row) for row in _rows(text)} == {4}


@pytest.mark.parametrize(
    ("language", "row"),
    [
        ("nl", ["unread.parts", "image", "Afbeelding", "1"]),
        ("en", ["unread.parts", "image", "Image", "1"]),
        ("nl", ["messages.total", "", "", "2"]),
        ("nl", ["messages.outcomes.count", "HELD", "Aangehouden", "1"]),
        ("nl", ["messages.held_by_reason.count", "encrypted", "Versleuteld", "1"]),
        ("nl", ["removed.total.total", "", "", "2"]),
        ("nl", ["removed.by_type.later", "NL_BSN", "BSN", "1"]),
        ("en", ["removed.by_channel.total", "email", "E-mail", "2"]),
        ("nl", ["removed.by_day.total", "2026-11-21", "", "0"]),
        ("nl", ["stayed.by_ground.kept", "contact", "Contactgegevens", "1"]),
        ("nl", ["stayed.by_rule.ground", "contactgegevens", "", "contact"]),
        ("nl", ["waiting.by_type.due", "IBAN_CODE", "IBAN", "1"]),
        ("nl", ["waiting.total.next", "", "", ""]),
        ("nl", ["second_pass.count", "REDACTED", "Alsnog verwijderd", "1"]),
        ("nl", ["chain.ok", "", "", "true"]),
        ("nl", ["keys.created", "k", "", ""]),
        ("nl", ["policies.entries", "p", "", "1"]),
    ],
)
def test_csv_holds_each_figure_with_its_label(figures: Figures, language: Language, row: list[str]) -> None:
    assert row in _rows(to_csv(figures, language))


def test_csv_uses_given_labels(figures: Figures) -> None:
    labelled = to_csv(figures, "nl", {"NL_BSN": "sofinummer"})
    assert ["removed.by_type.total", "NL_BSN", "Sofinummer", "2"] in _rows(labelled)


def test_no_cell_of_the_csv_is_a_formula(figures: Figures) -> None:
    rows = _rows(to_csv(figures))
    assert ["removed.by_source.total", "'=HYPERLINK(1)", "", "1"] in rows
    assert ["copies.messages", '\'@index, "cache"\r\nnext', "", "1"] in rows
    assert ["copies.why", '\'@index, "cache"\r\nnext', "", "'-1+2"] in rows
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_every_way_to_begin_a_formula_is_stopped(
    report: Callable[..., Figures], entry: Callable[..., LedgerEntry], first: str
) -> None:
    rows = _rows(to_csv(report(entry(0, source=f"{first}cmd"))))
    assert ["sources.messages", f"'{first}cmd", "", "1"] in rows


def test_csv_and_json_are_written_with_names_that_no_encoding_has(figures: Figures) -> None:
    assert to_csv(figures).encode()
    assert "\x00" not in to_csv(figures)


def test_a_broken_chain_is_told(report: Callable[..., Figures]) -> None:
    made = report(chain=ChainState(False, 40, 17, "signature"))
    assert json.loads(to_json(made))["chain"]["first_bad"] == 17
    assert ["chain.first_bad", "", "", "17"] in _rows(to_csv(made))


def test_what_has_no_form_in_json_is_an_error_and_no_guess(figures: Figures) -> None:
    with pytest.raises(TypeError, match="object has no place"):
        to_json(replace(figures, copies=object()))  # type: ignore[arg-type]  # that is the mistake


def _moments(content: object) -> list[str]:
    if isinstance(content, dict):
        return [at for value in content.values() for at in _moments(value)]
    if isinstance(content, list):
        return [at for value in content for at in _moments(value)]
    return [content] if isinstance(content, str) and "T" in content and content[:4].isdigit() else []


def test_all_moments_are_in_the_zone_of_the_report(
    report: Callable[..., Figures], entry: Callable[..., LedgerEntry], now: datetime
) -> None:
    """The signature and what is to come are kept in UTC; half past eleven in the evening there is a day later here."""
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    made = report(
        entry(0, policy_digest="p", kind="key_created", key_id="k"),
        chain=ChainState(True, 1, signed_at=late),
        waiting=[Waiting("support", "IBAN_CODE", "gevraagd", late, late)],
        reviews=[Review("support", "SPECIAL_CATEGORY", "bijzonder", late)],
        since=datetime(2026, 11, 1, tzinfo=UTC),
        generated_at=now.astimezone(UTC),
    )
    content = json.loads(to_json(made))
    moments = _moments(content)
    assert len(moments) > 8
    assert {at[-6:] for at in moments} == {"+01:00"}
    assert content["chain"]["signed_at"] == "2026-11-23T00:30:00+01:00"
    written = [row[3] for row in _rows(to_csv(made)) if len(row[3]) > 10 and row[3][10] == "T"]
    assert {at[-6:] for at in written} == {"+01:00"}
    assert "laatste handtekening 23\u00a0november 2026, 00:30\u00a0uur" in to_html(made)


def test_a_moment_that_has_no_local_time_does_not_stop_the_report(report: Callable[..., Figures]) -> None:
    last = datetime.max.replace(tzinfo=UTC)
    made = report(waiting=[Waiting("support", "IBAN_CODE", "gevraagd", last, last)])
    assert json.loads(to_json(made))["waiting"]["total"]["last"].startswith("9999-12-31")
