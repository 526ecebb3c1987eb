"""`scrubber report` and `scrubber verify` over a real record, and over one that somebody changed by hand."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from scrubber.cli import main
from scrubber.commands import record
from scrubber.ledger.keys import KeyRing
from scrubber.settings import load

SETTINGS = """\
[[source]]
name = "desk"
type = "maildir"
path = "Maildir"
mode = "redact"
since = 2000-01-01
desk_addresses = ["support@desk.example"]
"""
ALERT = re.compile(r'<p class="status bad" role="alert">(.*?)</p>', re.DOTALL)


@dataclass
class Result:
    status: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture(scope="module", name="done")
def _done(
    tmp_path_factory: pytest.TempPathFactory, make_maildir: Callable[[Path, int, int, datetime], list[Any]]
) -> Path:
    """An installation whose worker went over twenty mails, some of which wait."""
    root = tmp_path_factory.mktemp("done")
    planted = make_maildir(root / "Maildir", 20, 7, datetime.now(UTC))
    assert sum(bool(mail.deferred) for mail in planted) == 4
    (root / "scrubber.toml").write_text(SETTINGS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(root)
        patched.setattr(sys, "argv", ["scrubber", "run", "--once"])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
    return root


@pytest.fixture(name="root")
def _root(done: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(done, tmp_path / "desk"))


@pytest.fixture(name="run")
def _run(root: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(root)
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.delenv("SCRUBBER_SETTINGS", raising=False)

    def call(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["scrubber", *arguments])
        capfd.readouterr()
        status: Any = 0
        try:
            main()
        except SystemExit as ended:
            status = ended.code or 0
        out, err = capfd.readouterr()
        return Result(int(status), out, err)

    return call


def _sql(root: Path, *statements: str) -> None:
    with closing(sqlite3.connect(root / "scrubber.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def _entries(root: Path) -> int:
    with closing(sqlite3.connect(root / "scrubber.db")) as connection:
        return int(connection.execute("SELECT count(*) FROM ledger").fetchone()[0])


def test_a_record_that_nobody_touched_has_no_problem(run: Run, root: Path) -> None:
    content = json.loads(run("report", "--format", "json").out)
    assert content["problems"] == []
    assert content["waiting"]["total"]["total"] == 4
    assert content["chain"]["read"] == content["chain"]["entries"] == _entries(root)
    assert content["chain"]["published"] == "equal"
    assert not ALERT.findall(run("report").out)
    later = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()
    assert run("run", "--once", "--as-of", later).status == 0
    content = json.loads(run("report", "--format", "json").out)
    assert (content["problems"], content["waiting"]["total"]["total"]) == ([], 0)


def test_nothing_is_lost_where_mails_were_deleted_or_keys_rotated_meanwhile(run: Run, root: Path) -> None:
    assert run("keys", "rotate").status == 0
    with closing(sqlite3.connect(root / "scrubber.db")) as connection:
        waiting = sorted({item for (item,) in connection.execute("SELECT item FROM deferrals WHERE state = 'waiting'")})
    paths = sorted((root / "Maildir" / "cur").iterdir())
    for item in waiting[::2]:  # some of what waits, and some of what doesn't
        (gone,) = [path for path in paths if path.name.partition(":")[0] == item.partition(":")[0]]
        gone.unlink()
    for path in [path for path in paths if path.name.partition(":")[0] not in waiting][::2]:
        path.unlink(missing_ok=True)
    later = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()
    assert run("run", "--once", "--as-of", later).status == 0
    content = json.loads(run("report", "--format", "json").out)
    assert (content["problems"], content["waiting"]["total"]["total"]) == ([], 0)
    assert {row["key"] for row in content["second_pass"]} == {"CLEAN", "REDACTED"}


def test_a_body_stored_as_text_breaks_the_chain_and_is_told_as_unread(run: Run, root: Path) -> None:
    """Its bytes are the same, so that a digest over bytes fits; who reads it as bytes gets none."""
    _sql(root, "UPDATE ledger SET body = CAST(body AS TEXT) WHERE idx = 7")
    verified = run("verify", "--lang", "en")
    assert verified.status == 1
    assert "The chain is BROKEN at entry 7: The content of this entry was changed. (body)" in verified.out
    content = json.loads(run("report", "--format", "json").out)
    assert content["chain"]["read"] == 7
    assert any(f"{_entries(root) - 7} entries" in problem for problem in content["problems"])
    alerts = " ".join(ALERT.findall(run("report").out))
    assert f"{_entries(root) - 7} vermeldingen van de keten konden niet worden gelezen" in alerts
    assert "GEBROKEN bij vermelding 7" in alerts


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM deferrals WHERE state = 'waiting'", "4 uitgestelde verwijderingen staan in de keten en niet"),
        ("DELETE FROM deferrals WHERE id = (SELECT min(id) FROM deferrals)", "1 uitgestelde verwijdering staat in"),
        ("UPDATE deferrals SET state = 'gone'", "4 uitgestelde verwijderingen staan in de keten en niet"),
        ("UPDATE deferrals SET state = 'done', job = (SELECT min(job) FROM jobs)", "4 uitgestelde verwijderingen"),
        ("UPDATE deferrals SET due = '2031-01-01T00:00:00.000000Z'", "op een later moment dan de keten toelaat"),
        ("UPDATE deferrals SET due = '2031-01-01T00:00:00.000000Z', latest = due", "4 uitgestelde verwijderingen"),
        ("UPDATE deferrals SET latest = '2031-01-01T00:00:00.000000Z'", "op een later moment dan de keten toelaat"),
        ("UPDATE deferrals SET latest = '9999-12-31T23:59:59.000000Z'", "op een later moment dan de keten toelaat"),
        ("UPDATE deferrals SET due = 'ooit'", "4 uitgestelde verwijderingen staan in de keten en niet"),
    ],
)
def test_what_waits_and_was_taken_out_of_the_journal(run: Run, root: Path, statement: str, said: str) -> None:
    _sql(root, statement)
    assert run("verify").status == 0  # the chain itself is whole
    (problem,) = json.loads(run("report", "--format", "json").out)["problems"]
    assert "removal" in problem
    (alert,) = ALERT.findall(run("report").out)
    assert said in alert
    rows = list(csv.reader(io.StringIO(run("report", "--format", "csv").out)))
    assert ["problems", "", "", problem] in rows


def test_since_must_not_be_still_to_come(run: Run) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    result = run("report", "--since", tomorrow)
    assert result.status == 2
    assert "--since: " in result.err
    assert "Traceback" not in result.err
    assert run("report", "--since", (datetime.now(UTC) - timedelta(days=2)).date().isoformat()).status == 0


@pytest.mark.parametrize(("lang", "said"), [("nl", "De 2"), ("en", "whether the database was put back")])
def test_a_head_that_can_not_be_read_has_a_sentence_of_its_own(run: Run, root: Path, lang: str, said: str) -> None:
    (root / "scrubber.head").write_bytes(b"{")
    result = run("verify", "--lang", lang)
    assert result.status == 1
    assert said in result.out
    assert "scrubber.head" in result.out
    assert "None" not in result.out


@pytest.mark.parametrize(("lang", "said"), [("nl", "De keten klopt"), ("en", "The chain is whole")])
def test_a_head_that_is_missing_is_said_by_both(run: Run, root: Path, lang: str, said: str) -> None:
    (root / "scrubber.head").unlink()
    result = run("verify", "--lang", lang)
    assert result.status == 0
    assert said in result.out
    assert "scrubber.head" in result.out
    assert "De kop buiten de database ontbreekt" in run("report").out
    assert json.loads(run("report", "--format", "json").out)["chain"]["published"] == "absent"


@pytest.mark.parametrize(("lang", "said"), [("nl", "De keten is leeggemaakt"), ("en", "The chain was emptied")])
def test_a_record_that_was_emptied_is_broken(run: Run, root: Path, lang: str, said: str) -> None:
    _sql(root, "DELETE FROM ledger", "DELETE FROM heads")
    (root / "scrubber.head").unlink()
    result = run("verify", "--lang", lang)
    assert result.status == 1
    assert said in result.out
    assert "(emptied)" in result.out
    content = json.loads(run("report", "--format", "json").out)
    assert (content["chain"]["ok"], content["chain"]["why"]) == (False, "emptied")
    again = run("run", "--once")  # what is written now would hide that there was more
    assert again.status == 1
    assert "emptied" in again.err


def test_who_audits_needs_a_copy_of_the_database_the_head_and_the_public_keys_only(
    root: Path, run: Run, tmp_path: Path
) -> None:
    head, pem = tmp_path / "kept.head", tmp_path / "kept.pem"
    shutil.copy(root / "scrubber.head", head)
    pem.write_text(run("keys", "public").out, encoding="ascii")
    settings = load(root / "scrubber.toml")
    console = Console(file=io.StringIO(), width=300)
    shutil.rmtree(settings.keys_path)
    (root / "scrubber.head").unlink()
    assert record.verify(settings, "en", console, head=head, public_keys=pem) == 0
    _sql(root, "DELETE FROM ledger WHERE idx > 5", "DELETE FROM heads")
    assert record.verify(settings, "en", console, head=head, public_keys=pem) == 1


def test_a_head_kept_elsewhere_shows_a_record_that_was_put_back(root: Path, run: Run, tmp_path: Path) -> None:
    before = tmp_path / "before"
    before.mkdir()
    for path in root.glob("scrubber.db*"):
        shutil.copy(path, before / path.name)
    shutil.copy(root / "scrubber.head", before / "scrubber.head")
    assert run("keys", "rotate").status == 0
    kept = tmp_path / "kept.head"
    shutil.copy(root / "scrubber.head", kept)
    for path in root.glob("scrubber.db*"):
        path.unlink()
    for path in before.iterdir():
        shutil.copy(path, root / path.name)
    settings = load(root / "scrubber.toml")
    out = io.StringIO()
    assert record.verify(settings, "en", Console(file=out, width=300)) == 0
    assert record.verify(settings, "en", Console(file=out, width=300), head=kept) == 1
    assert "(rolled-back)" in out.getvalue()


def test_other_public_keys_prove_nothing(root: Path, run: Run, tmp_path: Path) -> None:
    pem = tmp_path / "other.pem"
    pem.write_bytes(KeyRing.create(tmp_path / "other").public_keys.to_pem())
    result = run("verify", "--public-keys", str(pem), "--lang", "en")
    assert result.status == 1
    assert "(unknown-key)" in result.out


@pytest.mark.parametrize("option", ["--head", "--public-keys"])
def test_a_file_that_is_not_there_is_no_proof(run: Run, option: str, tmp_path: Path) -> None:
    result = run("verify", option, str(tmp_path / "nowhere"))
    assert result.status == 2
    assert f"{option}: " in result.err


def test_public_keys_that_are_none(run: Run, root: Path, tmp_path: Path) -> None:
    pem = tmp_path / "none.pem"
    pem.write_bytes(b"no key")
    result = run("verify", "--public-keys", str(pem))
    assert result.status == 2
    assert "--public-keys: " in result.err


def test_verifying_makes_no_database(run: Run, root: Path, tmp_path: Path) -> None:
    pem = tmp_path / "kept.pem"
    pem.write_text(run("keys", "public").out, encoding="ascii")
    for path in root.glob("scrubber.db*"):
        path.unlink()
    assert run("verify", "--public-keys", str(pem)).status == 1
    assert not (root / "scrubber.db").exists()
