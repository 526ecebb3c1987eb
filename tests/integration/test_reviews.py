"""What a person decides about findings that were left to them, through the command line, over a Maildir."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from scrubber.cli import main
from scrubber.ledger.chain import Ledger
from scrubber.ledger.entry import LedgerEntry
from scrubber.ledger.keys import KeyRing
from scrubber.schema import reviews as reviews_table
from scrubber.sources.maildir import MaildirSource
from scrubber.store import Store

HEALTH = "depressie"
BSN = "123456782"
IBAN = "NL91ABNA0417164300"
SANNE = ("--who", "Sanne de Wit", "--why")


@dataclass
class Result:
    status: int
    out: str
    err: str


class Desk:
    """A Maildir with settings beside it, and the command line there."""

    def __init__(self, path: Path, call: Callable[..., Result]) -> None:
        self.path = path
        self.run = call

    def settings(self, mode: str = "redact", kind: str = "maildir", path: str = "Maildir") -> None:
        since = (datetime.now(UTC) - timedelta(days=2)).date()
        (self.path / "scrubber.toml").write_text(
            f'[[source]]\nname = "desk"\ntype = "{kind}"\npath = "{path}"\nmode = "{mode}"\nsince = {since}\n',
            encoding="utf-8",
        )

    def add(self, body: str, number: int = 1) -> None:
        mail = f"From: Jan <jan@klant.example>\nSubject: vraag\nMessage-ID: <{number}@klant.example>\n\n{body}\n"
        (self.path / "Maildir" / "new" / f"{number}.M{number}P1.host").write_text(mail, encoding="utf-8")

    def bodies(self) -> list[str]:
        files = [file for sub in ("new", "cur") for file in (self.path / "Maildir" / sub).iterdir()]
        return sorted(file.read_text(encoding="utf-8").partition("\n\n")[2].strip() for file in files)

    def asked(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run("reviews", "--json").out)
        return found

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("status", "--format", "json").out)
        return found

    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("report", "--format", "json").out)
        assert found["problems"] == []
        return found

    def entries(self) -> list[LedgerEntry]:
        with closing(Store.open(f"sqlite:///{self.path}/scrubber.db")) as store:
            entries = Ledger(store, KeyRing.open(self.path / "scrubber-keys")).read()
            return [entry for entry in entries if entry.kind not in ("checkpoint", "key_created")]

    def said(self) -> list[tuple[str, str, str]]:
        return [(entry.kind, entry.outcome, entry.reason) for entry in self.entries()]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("SCRUBBER_SETTINGS", raising=False)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def call(*arguments: str) -> Result:
        with monkeypatch.context() as patched:
            patched.setattr(sys, "argv", ["scrubber", *arguments])
            try:
                main()
                status = 0
            except SystemExit as exit_:
                status = int(exit_.code or 0)
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Result(status, out.decode(), err.decode())

    for folder in ("", ".Sent"):
        for sub in ("cur", "new", "tmp"):
            (tmp_path / "Maildir" / folder / sub).mkdir(parents=True)
    made = Desk(tmp_path, call)
    made.settings()
    yield made
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def asked(desk: Desk) -> Desk:
    """A desk whose worker read one mail with something special and a BSN."""
    desk.add(f"Ik kon niet eerder betalen: ik heb een {HEALTH}. Mijn BSN is {BSN}.")
    assert desk.run("run", "--once").status == 0
    assert desk.bodies() == [f"Ik kon niet eerder betalen: ik heb een {HEALTH}. Mijn BSN is [BSN verwijderd]."]
    return desk


def test_what_is_to_be_reviewed_is_listed_in_words_and_for_programs(asked: Desk) -> None:
    (one,) = asked.asked()
    assert (one["source"], one["entity_types"], one["overdue"], one["decided"], len(one["ref"])) == (
        "desk",
        ["SPECIAL_CATEGORY"],
        False,
        None,
        16,
    )
    assert list((asked.path / "Maildir").rglob(f"{one['item']}*"))
    text = asked.run("reviews").out
    assert one["ref"] in text
    assert "Bijzonder gegeven" in text
    assert datetime.now(UTC).strftime("%d-%m-%Y") in text
    assert "special category" in asked.run("reviews", "--lang", "en").out.lower()
    for out in (text, asked.run("status").out, json.dumps(one)):
        assert HEALTH not in out
        assert BSN not in out


def test_nothing_to_review_is_said(desk: Desk) -> None:
    desk.run("run", "--once")
    assert desk.run("reviews").out == "Er is niets te beoordelen.\n"
    assert desk.asked() == []
    refused = desk.run("review", "abcdef", "--decision", "keep", *SANNE, "gelezen")
    assert (refused.status, "`scrubber reviews` shows them" in refused.err) == (2, True)


def test_status_counts_what_is_to_be_reviewed_and_what_is_late(asked: Desk) -> None:
    stands = asked.status()
    assert (stands["reviews"], stands["reviews_overdue"], [row["overdue"] for row in stands["to_review"]]) == (
        1,
        0,
        [False],
    )
    with closing(Store.open(f"sqlite:///{asked.path}/scrubber.db")) as store, store.begin() as tx:
        tx.execute(update(reviews_table).values(due="2026-01-01T00:00:00.000000Z"))
    stands = asked.status()
    assert (stands["reviews"], stands["reviews_overdue"], stands["to_review"][0]["overdue"]) == (1, 1, True)
    text = asked.run("status").out
    assert "te laat beoordeeld" in text
    assert "TE LAAT" in text
    assert stands["to_review"][0]["ref"] in text


def test_what_is_kept_is_recorded_and_not_asked_again(asked: Desk) -> None:
    (one,) = asked.asked()
    kept = asked.run("review", one["ref"][:6], "--decision", "keep", *SANNE, "nodig voor de betalingsregeling")
    assert (kept.status, "blijft staan" in kept.out) == (0, True)
    assert (asked.asked(), asked.status()["reviews"]) == ([], 0)
    before = asked.bodies()
    asked.run("run", "--once")
    assert asked.bodies() == before
    last = asked.entries()[-1]
    assert (last.kind, last.reason, last.actor, last.notes) == (
        "reviewed",
        "review:keep",
        "Sanne de Wit",
        ("why: nodig voor de betalingsregeling",),
    )
    assert (last.ref[:16], last.removals) == (one["ref"], ())
    report = asked.report()
    assert (report["people"]["reviewed"], report["reviews"]["total"]["total"]) == (1, 0)
    (act,) = report["acts"]
    assert (act["act"], act["who"], act["why"], act["source"], act["ref"]) == (
        "keep",
        "Sanne de Wit",
        "nodig voor de betalingsregeling",
        "desk",
        one["ref"],
    )
    assert asked.run("verify").status == 0


def test_what_was_kept_while_observing_is_not_asked_again_when_removal_begins(desk: Desk) -> None:
    desk.settings(mode="observe")
    desk.add(f"Ik heb een {HEALTH}. Mijn BSN is {BSN}.")
    desk.run("run", "--once")
    (one,) = desk.asked()
    refused = desk.run("review", one["ref"], "--decision", "remove", *SANNE, "niet nodig")
    assert (refused.status, 'mode = "redact"' in refused.err, "desk" in refused.err) == (2, True, True)
    assert desk.run("review", one["ref"], "--decision", "keep", *SANNE, "nodig").status == 0
    desk.settings()
    desk.run("run", "--once")
    assert desk.bodies() == [f"Ik heb een {HEALTH}. Mijn BSN is [BSN verwijderd]."]
    assert desk.asked() == []
    stays = [removal for removal in desk.entries()[-1].removals if removal.entity_type == "SPECIAL_CATEGORY"]
    assert {(removal.action, removal.rule, "needed: person" in removal.evidence) for removal in stays} == {
        ("keep", "bijzonder", True)
    }
    report = desk.report()
    assert [row["kept"] for row in report["stayed"]["by_ground"] if row["key"] == "judged"] == [len(stays)]


def test_what_is_to_go_goes_by_the_journal_in_the_next_cycle(asked: Desk) -> None:
    (one,) = asked.asked()
    going = asked.run("review", one["ref"], "--decision", "remove", *SANNE, "niet nodig om te helpen")
    assert (going.status, "volgende ronde" in going.out) == (0, True)
    assert HEALTH in asked.bodies()[0]
    assert (asked.status()["reviews"], asked.asked()[0]["decided"]) == (1, "remove")  # it is not over until it is done
    assert "gaat weg bij de volgende ronde" in asked.run("reviews").out
    assert asked.run("run", "--once").status == 0
    (body,) = asked.bodies()
    assert HEALTH not in body
    assert "[BSN verwijderd]" in body
    assert (asked.asked(), asked.status()["reviews"]) == ([], 0)
    asked.run("run", "--once")
    assert asked.said() == [
        ("message", "REDACTED", ""),
        ("reviewed", "", "review:remove"),
        ("reviewed", "REDACTED", ""),
    ]
    first, word, done = asked.entries()
    assert {first.ref, word.ref, done.ref} == {first.ref}
    assert done.job
    gone = [removal.entity_type for removal in done.removals if removal.action == "redact"]
    assert set(gone) == {"SPECIAL_CATEGORY"}
    report = asked.report()
    assert (report["removed"]["total"]["after_review"], report["people"]["reviewed"]) == (len(gone), 1)
    assert [row["act"] for row in report["acts"]] == ["remove"]
    assert (report["messages"]["total"], report["messages"]["removed_in"]) == (1, 1)
    assert asked.run("verify").status == 0


def test_a_decision_may_be_changed_until_it_is_carried_out(asked: Desk) -> None:
    (one,) = asked.asked()
    asked.run("review", one["ref"], "--decision", "remove", *SANNE, "niet nodig")
    asked.run("review", one["ref"], "--decision", "keep", *SANNE, "toch nodig")
    before = asked.bodies()
    asked.run("run", "--once")
    assert (asked.bodies(), asked.asked()) == (before, [])
    assert [row["act"] for row in asked.report()["acts"]] == ["remove", "keep"]


def test_a_removal_that_was_begun_is_not_said_to_be_undone(asked: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (row,) = asked.asked()
    asked.run("review", row["ref"], "--decision", "remove", *SANNE, "niet nodig om te helpen")

    def dies(*_arguments: object) -> None:
        raise SystemExit(137)

    with monkeypatch.context() as killed:
        killed.setattr(MaildirSource, "replace", dies)
        assert asked.run("run", "--once").status == 137
    kept = asked.run("review", row["ref"], "--decision", "keep", *SANNE, "toch nodig")
    assert (kept.status, "the removal was begun" in kept.err) == (2, True)
    assert ("reviewed", "", "review:keep") not in asked.said()
    for _ in range(2):  # the first one finishes or forgets what was begun
        assert asked.run("run", "--once").status == 0
    assert HEALTH not in asked.bodies()[0]
    assert asked.said()[-1] == ("reviewed", "REDACTED", "")


def test_what_waits_goes_on_waiting_when_something_beside_it_is_removed_after_review(desk: Desk) -> None:
    desk.add(f"Ik heb een {HEALTH} en dubbel betaald. Kunt u het bedrag terugstorten op IBAN {IBAN}?")
    desk.run("run", "--once")
    waits = desk.status()["due"]
    desk.run("review", desk.asked()[0]["ref"], "--decision", "remove", *SANNE, "niet nodig")
    desk.run("run", "--once")
    (body,) = desk.bodies()
    assert (IBAN in body, HEALTH in body) == (True, False)
    assert desk.status()["due"] == waits
    later = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()
    desk.run("run", "--once", "--as-of", later)
    assert IBAN not in desk.bodies()[0]
    assert [row[:2] for row in desk.said()] == [
        ("message", "CLEAN"),
        ("reviewed", ""),
        ("reviewed", "REDACTED"),
        ("deferred", "REDACTED"),
    ]
    assert desk.report()["removed"]["total"]["later"] == 1


def test_what_is_not_found_again_is_put_to_a_person_again(asked: Desk) -> None:
    (one,) = asked.asked()
    asked.run("review", one["ref"], "--decision", "remove", *SANNE, "niet nodig")
    (file,) = (asked.path / "Maildir").rglob(f"{one['item']}*")
    file.write_text(file.read_text(encoding="utf-8").replace(HEALTH, "fiets"), encoding="utf-8")
    asked.run("run", "--once")
    assert asked.said()[-1] == ("reviewed", "CLEAN", "not-found")
    assert [row["decided"] for row in asked.asked()] == [None]
    assert asked.report()["reviews"]["total"]["total"] == 1


def test_a_message_that_is_gone_needs_no_review_any_more(asked: Desk) -> None:
    (one,) = asked.asked()
    asked.run("review", one["ref"], "--decision", "remove", *SANNE, "niet nodig")
    (file,) = (asked.path / "Maildir").rglob(f"{one['item']}*")
    file.unlink()
    asked.run("run", "--once")
    assert asked.said()[-1] == ("reviewed", "CLEAN", "gone")
    assert (asked.asked(), asked.report()["reviews"]["total"]["total"]) == ([], 0)


def test_a_review_that_is_closed_behind_the_records_back_shows(asked: Desk) -> None:
    with closing(Store.open(f"sqlite:///{asked.path}/scrubber.db")) as store, store.begin() as tx:
        tx.execute(update(reviews_table).values(state="kept", finished_at="2026-11-22T10:00:00.000000Z"))
    found = json.loads(asked.run("report", "--format", "json").out)
    assert found["lost"]["reviews_missing"] == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--decision", "keep", "--who", "Sanne"], "--why"),
        (["--decision", "keep", "--why", "nodig"], "--who"),
        (["--who", "Sanne", "--why", "nodig"], "--decision"),
        (["--decision", "weg", "--who", "Sanne", "--why", "nodig"], "--decision"),
        (["--decision", "keep", "--who", "Sanne", "--why", f"BSN {BSN}"], "NL_BSN"),
        (["--decision", "keep", "--who", "Sanne", "--why", f"klant heeft een {HEALTH}"], "SPECIAL_CATEGORY"),
    ],
)
def test_a_decision_wants_a_name_a_reason_and_no_personal_data(asked: Desk, arguments: list[str], says: str) -> None:
    ref = asked.asked()[0]["ref"]
    refused = asked.run("review", ref, *arguments)
    assert (refused.status, says in refused.err) == (2, True)
    assert BSN not in refused.err
    assert HEALTH not in refused.err
    assert len(asked.asked()) == 1
    assert [kind for kind, _, _ in asked.said()] == ["message"]


def test_the_help_reads_well(desk: Desk) -> None:
    listed, one = desk.run("reviews", "--help").out, desk.run("review", "--help").out
    assert "Example: `scrubber reviews`" in listed or "scrubber reviews" in listed
    for word in ("--decision", "--who", "--why", "keep", "remove"):
        assert word in one
