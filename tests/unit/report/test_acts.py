"""What persons did, and how the messages stand that they did it to: every number is that of the entries."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict

import pytest

from scrubber.ledger.entry import LedgerEntry, Removal, UnreadPart
from scrubber.report.checks import check
from scrubber.report.export import to_csv, to_json
from scrubber.report.interface import Act, Count, Figures, People
from scrubber.report.render import to_html
from scrubber.report.typography import Language

MakeEntry = Callable[..., LedgerEntry]
MakeRemoval = Callable[..., Removal]
MakeReport = Callable[..., Figures]
HOSTILE = '=cmd|"/c calc"!A1<script>alert(1)</script>'


@pytest.fixture(name="mixed")
def _mixed(entry: MakeEntry, removal: MakeRemoval) -> list[LedgerEntry]:
    """One message of each way in which one may end, and each thing that a person may do, by two people."""
    asks = removal("SPECIAL_CATEGORY", "review", "bijzonder")
    goes = removal("SPECIAL_CATEGORY", "redact", "bijzonder")
    kept = removal("SPECIAL_CATEGORY", "keep", "bijzonder", evidence="needed: person; sender")
    waits = removal("IBAN_CODE", "defer", "gevraagd")
    gone = removal("IBAN_CODE", "redact", "gevraagd")
    image = UnreadPart("image/png", "image")
    read_only: dict[str, object] = {"outcome": "OBSERVED", "reason": "read-only source", "source": "archief"}

    def said(ref: str, kind: str, reason: str, who: str = "Sanne de Wit", why: str = "") -> dict[str, object]:
        notes = (f"why: {why}",) if why else ()
        return {"ref": ref, "kind": kind, "outcome": "", "reason": reason, "actor": who, "notes": notes, "mode": ""}

    rows: list[dict[str, object]] = [
        {"ref": "clean", "outcome": "CLEAN"},
        {"ref": "redacted", "removals": (removal(), asks), "unread": (image,)},
        {"ref": "later", "outcome": "CLEAN", "removals": (waits,)},
        {"ref": "later", "kind": "deferred", "removals": (gone,), "job": "j1"},
        {"ref": "judged", "outcome": "CLEAN", "removals": (asks,)},
        said("judged", "reviewed", "review:remove", why="niet nodig"),
        {"ref": "judged", "kind": "reviewed", "removals": (goes,), "job": "j2"},
        {"ref": "kept", "outcome": "CLEAN", "removals": (asks,)},
        said("kept", "reviewed", "review:keep", "Joost Bakker", "nodig voor de regeling"),
        {"ref": "kept", "outcome": "CLEAN", "removals": (kept,)},
        {"ref": "encrypted", "outcome": "HELD", "reason": "encrypted"},
        {"ref": "released", "outcome": "HELD", "reason": "encrypted"},
        said("released", "released", "released", "Joost Bakker", HOSTILE),
        {"ref": "given-up", "outcome": "FAILED", "reason": "source"},
        said("given-up", "released", "released", why="gelezen"),
        {"ref": "failed", "outcome": "FAILED", "reason": "source"},
        said("failed", "reviewed", "retry"),
        {"ref": "missed", "removals": (removal(),)},
        said("missed", "reviewed", "signal:missed", "agent"),
        {"ref": "missed", "outcome": "HELD", "reason": "missed"},
        {"ref": "wrong", "removals": (removal(),)},
        said("wrong", "reviewed", "signal:wrong", "agent"),
        {"ref": "restored", "removals": (removal(),)},
        {"ref": "restored", "kind": "restored", "outcome": "OBSERVED", "reason": "restored"},
        {"ref": "observed", "outcome": "OBSERVED", "mode": "observe", "source": "meekijken", "removals": (removal(),)},
        {"ref": "read-only", "removals": (removal(),), **read_only},
        {"ref": "in-vain", "outcome": "CLEAN", "source": "archief", "removals": (waits,)},
        {"ref": "in-vain", "kind": "deferred", "removals": (gone,), **read_only},
        {"ref": "not-found", "outcome": "CLEAN", "removals": (asks,)},
        said("not-found", "reviewed", "review:remove", why="niet nodig"),
        {"ref": "not-found", "kind": "reviewed", "outcome": "CLEAN", "reason": "not-found"},
        {"kind": "reviewed", "outcome": "", "reason": "purge-command", "ref": ""},
    ]
    return [entry(n, (len(rows) - n) / 24, **row) for n, row in enumerate(rows)]


def test_every_sum_of_a_mixed_record_agrees_with_its_entries(report: MakeReport, mixed: list[LedgerEntry]) -> None:
    made = report(*mixed)
    assert check(made) == []
    m = made.messages
    assert {row.key: row.count for row in m.outcomes} == {
        "CLEAN": 4,
        "REDACTED": 2,
        "LATER": 2,
        "RELEASED": 2,
        "RESTORED": 1,
        "OBSERVED": 1,
        "UNABLE": 1,
        "HELD": 1,
        "MISSED": 1,
        "FAILED": 1,
    }
    messages = {(entry.source, entry.ref) for entry in mixed if entry.kind == "message"}
    assert m.total == len(messages) == sum(row.count for row in m.outcomes) == sum(row.messages for row in made.sources)
    assert (m.held, m.held_open, m.missed) == (2, 1, 1)
    assert (m.failed, m.failed_open, m.released, m.restored, m.unable) == (2, 1, 2, 1, 1)
    assert (m.with_unread_parts, m.not_in_full, m.in_full) == (
        1,
        5,
        m.total - 5,
    )  # one read in which something was missed
    really = [entry for entry in mixed if entry.outcome == "REDACTED"]
    assert made.removed.total.total == sum(r.action == "redact" for entry in really for r in entry.removals)
    assert (made.removed.total.now, made.removed.total.later, made.removed.total.after_review) == (4, 1, 1)
    assert m.removed_in == len({entry.ref for entry in really})
    assert made.unable == (Count("archief", 1),)
    assert [(row.key, row.count) for row in made.second_pass] == [("OBSERVED", 1), ("REDACTED", 1)]
    assert [(row.key, row.kept) for row in made.stayed.by_ground if row.key == "judged"] == [("judged", 1)]


def test_every_act_of_a_person_is_listed_and_no_other(report: MakeReport, mixed: list[LedgerEntry]) -> None:
    made = report(*mixed)
    assert made.people == People(1, 2, 3, retried=1, signals=(Count("missed", 1), Count("wrong", 1)))
    assert Counter(act.act for act in made.acts) == {
        "remove": 2,
        "keep": 1,
        "released": 2,
        "retry": 1,
        "missed": 1,
        "wrong": 1,
        "restored": 1,
    }
    assert [act.entry for act in made.acts] == sorted(act.entry for act in made.acts)
    by_hand = {entry.index: entry for entry in mixed}
    for act in made.acts:
        assert by_hand[act.entry].ref.startswith(act.ref)
        assert by_hand[act.entry].source == act.source
    keep = next(act for act in made.acts if act.act == "keep")
    assert (keep.who, keep.why) == ("Joost Bakker", "nodig voor de regeling")
    assert {act.who for act in made.acts if act.act in {"missed", "wrong", "restored"}} == {""}


def test_an_act_that_the_list_lacks_is_a_problem(report: MakeReport, mixed: list[LedgerEntry]) -> None:
    made = report(*mixed)
    fewer = report(*mixed[:-1])
    assert check(fewer) == []
    object.__setattr__(fewer, "acts", made.acts[1:])
    assert [problem for problem in check(fewer) if "what persons did" in problem]


def test_only_the_acts_of_the_period_are_listed(report: MakeReport, entry: MakeEntry) -> None:
    old = entry(0, 9, kind="released", outcome="", reason="released")
    new = entry(1, 1, kind="released", outcome="", reason="released")
    made = report(old, new, since=entry_moment(report, new))
    assert [act.entry for act in made.acts] == [1]


def entry_moment(report: MakeReport, entry: LedgerEntry) -> object:
    return report(entry).acts[0].at


@pytest.mark.parametrize(
    ("lang", "shown"),
    [
        (
            "nl",
            ["Beoordeeld: blijft staan", "Beoordeeld: gaat weg", "Vrijgegeven: blijft zoals het is", "niet genoemd"],
        ),
        ("en", ["Reviewed: stays", "Reviewed: goes", "Released: stays as it is", "not named"]),
    ],
)
def test_the_page_shows_who_did_what_and_why(
    report: MakeReport, mixed: list[LedgerEntry], lang: Language, shown: list[str]
) -> None:
    page = to_html(report(*mixed), lang)
    for text in (*shown, "Sanne de Wit", "Joost Bakker", "nodig voor de regeling"):
        assert text in page
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert page.count('<td class="at">') == len(report(*mixed).acts)


@pytest.mark.parametrize(
    ("lang", "title", "rows"),
    [
        (
            "nl",
            "Kan hier niets verwijderen.",
            ["Vrijgegeven door een mens", "Later opgeschoond", "Kon hier niet verwijderd worden", "iets gemist"],
        ),
        (
            "en",
            "Can remove nothing here.",
            ["Released by a person", "Redacted later", "Could not be removed here", "something was missed"],
        ),
    ],
)
def test_the_page_tells_apart_what_a_person_or_a_source_made_of_a_message(
    report: MakeReport, mixed: list[LedgerEntry], lang: Language, title: str, rows: list[str]
) -> None:
    page = to_html(report(*mixed), lang)
    for text in (title, *rows, "<bdi>archief</bdi>"):
        assert text in page
    assert title not in to_html(report(mixed[0]), lang)


def test_a_source_that_is_known_to_be_read_only_is_named_before_anything_was_found_there(
    report: MakeReport, entry: MakeEntry
) -> None:
    made = report(entry(0), unable=["stil"])
    assert (made.unable, made.messages.unable, check(made)) == ((Count("stil", 0),), 0, [])
    assert "stil" in to_html(made)


def test_more_acts_than_a_page_takes_end_with_the_latest(report: MakeReport, entry: MakeEntry) -> None:
    page = to_html(report(*(entry(n, kind="released", outcome="", reason="released") for n in range(103))))
    assert page.count('<td class="at">') == 100
    assert "ref-102" in page
    assert "De 3 oudste staan in het rapport in JSON." in page


def test_json_and_csv_hold_each_act_and_no_formula(report: MakeReport, mixed: list[LedgerEntry]) -> None:
    made = report(*mixed)
    acts = json.loads(to_json(made))["acts"]
    assert [Act(**row) for row in acts] == [Act(**(asdict(act) | {"at": act.at.isoformat()})) for act in made.acts]
    rows = list(csv.reader(io.StringIO(to_csv(made), newline="")))
    keep = next(act for act in made.acts if act.act == "keep")
    assert ["acts.act", str(keep.entry), "Beoordeeld: blijft staan", "keep"] in rows
    assert ["acts.who", str(keep.entry), "", "Joost Bakker"] in rows
    assert sum(row[0] == "acts.act" for row in rows) == len(made.acts)
    assert not [cell for row in rows for cell in row if cell.startswith("=")]
    assert any(cell.startswith("'=cmd") for row in rows for cell in row)
    assert ["unable.count", "archief", "", "1"] in rows
