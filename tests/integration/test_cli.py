"""The command line as a person uses it, in one process."""

from __future__ import annotations

import fcntl
import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from scrubber import __version__
from scrubber.cli import main
from scrubber.ledger.chain import Ledger
from scrubber.ledger.entry import LedgerEntry
from scrubber.ledger.keys import KeyRing
from scrubber.schema import deferrals
from scrubber.schema import ledger as ledger_table
from scrubber.store import Store

BSN = "123456782"


@dataclass
class Result:
    status: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Iterator[Run]:
    """Run a command in an empty directory; standard input as text."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("SCRUBBER_SETTINGS", raising=False)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def call(*arguments: str, stdin: str | bytes = "") -> Result:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        with monkeypatch.context() as patched:
            patched.setattr(sys, "argv", ["scrubber", *arguments])
            patched.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
            try:
                main()
                status = 0
            except SystemExit as exit_:
                status = int(exit_.code or 0)
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Result(status, out.decode(), err.decode())

    yield call
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A Maildir with one mail of yesterday, and settings beside it."""
    maildir = tmp_path / "Maildir"
    for folder in ("", ".Sent"):
        for sub in ("cur", "new", "tmp"):
            (maildir / folder / sub).mkdir(parents=True)
    mail = f"From: Jan <jan@klant.example>\nSubject: vraag\nMessage-ID: <a@klant.example>\n\nMijn BSN is {BSN}.\n"
    (maildir / "new" / "1.M1P1.host").write_text(mail, encoding="utf-8")
    since = (datetime.now(UTC) - timedelta(days=2)).strftime("%Y-%m-%d")
    (tmp_path / "scrubber.toml").write_text(
        f'[[source]]\nname = "desk"\ntype = "maildir"\npath = "Maildir"\nmode = "redact"\nsince = {since}\n',
        encoding="utf-8",
    )
    return tmp_path


def mails(desk: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in (desk / "Maildir" / "new").iterdir())


def test_version_and_help(run: Run) -> None:
    assert run("--version").out.strip() == f"scrubber {__version__}"
    assert "analyze" in run("--help").out
    assert run().status == 2


def test_try_a_text(run: Run) -> None:
    result = run("try", f"Mijn BSN is {BSN}")
    assert result.status == 0
    for word in (BSN, "bsn-nooit", "weg", "waarom"):
        assert word in result.out
    assert "citizen service number" in run("try", f"Mijn BSN is {BSN}", "--lang", "en").out


def test_try_standard_input_a_file_and_a_mail(run: Run, tmp_path: Path) -> None:
    assert "niets gevonden" in run("try", "-", stdin="alles goed").out
    (tmp_path / "a.txt").write_text(f"Mijn BSN is {BSN}", encoding="utf-8")
    assert "bsn-nooit" in run("try", "a.txt").out
    (tmp_path / "1.M1P1.host:2,S").write_text("Subject: =?utf-8?q?za=C3=A4k?=\n\nhallo\n", encoding="utf-8")
    assert "zaäk" in run("try", "1.M1P1.host:2,S").out
    (tmp_path / "a.eml").write_text(f"Subject: zaak\n\nMijn BSN is {BSN}\n", encoding="utf-8")
    result = run("try", "a.eml")
    assert "bsn-nooit" in result.out
    assert "zaak" in result.out
    assert "bsn-nooit" in run("try", "-", stdin=f"Subject: zaak\n\nMijn BSN is {BSN}\n").out


def test_try_a_mail_that_is_held(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_text(
        "Content-Type: multipart/encrypted; boundary=x\n\n--x\n\nabc\n--x--\n", encoding="utf-8"
    )
    result = run("try", "a.eml")
    assert result.status == 1
    assert "Aangehouden: Versleuteld" in result.out


def test_try_takes_the_sender_from_the_mail_as_the_worker_does(run: Run, tmp_path: Path) -> None:
    text = "Groeten,\nJan Jansen\nMijn IBAN is NL91ABNA0417164300\n"
    (tmp_path / "a.eml").write_text(f"From: Jan Jansen <jan@klant.example>\nSubject: x\n\n{text}", encoding="utf-8")
    assert "afzender" in run("try", "a.eml").out


@pytest.fixture
def english(tmp_path: Path) -> Path:
    """A settings file that shows that it was read: what replaces a value is English."""
    path = tmp_path / "elders.toml"
    path.write_text('[rules]\nlang = "en"\n', encoding="utf-8")
    return path


LINE = json.dumps({"id": "a", "body": f"Mijn BSN is [[NL_BSN|{BSN}]]"})
CALL = json.dumps({"body": f"Mijn BSN is {BSN}"})


def test_calls_look_for_settings_where_every_command_does(
    run: Run, english: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def removed(*arguments: str) -> str:
        text = json.loads(run("analyze", *arguments, stdin=CALL).out)["redacted"]["body"]
        assert isinstance(text, str)
        return text

    assert "verwijderd" in removed()
    monkeypatch.setenv("SCRUBBER_SETTINGS", str(english))
    assert "removed" in removed()
    assert "removed" in removed("--jobs", "2")
    monkeypatch.delenv("SCRUBBER_SETTINGS")
    english.rename(tmp_path / "scrubber.toml")
    assert "removed" in removed()


def test_settings_that_are_named_must_be_there(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "c.jsonl").write_text(LINE, encoding="utf-8")
    for arguments in (("try", "tekst"), ("analyze",), ("analyze", "--jobs", "2", "c.jsonl"), ("evaluate", "c.jsonl")):
        assert run(*arguments, "--settings", "nergens.toml").status == 2
        monkeypatch.setenv("SCRUBBER_SETTINGS", "nergens.toml")
        assert "no settings file nergens.toml" in run(*arguments).err
        monkeypatch.delenv("SCRUBBER_SETTINGS")
        (tmp_path / "scrubber.toml").write_text("[wroker]\n", encoding="utf-8")
        assert "did you mean `worker`" in run(*arguments).err
        (tmp_path / "scrubber.toml").unlink()


def test_evaluate_a_corpus(run: Run, tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text(LINE + "\n", encoding="utf-8")
    result = run("evaluate", "c.jsonl")
    assert result.status == 0
    assert "must go now: 1: leaked 0 (0.0%)" in result.out
    assert run("evaluate", "nergens.jsonl").err == "scrubber: nergens.jsonl: there is no such file\n"
    assert run("analyze", "nergens.jsonl").err == "scrubber: nergens.jsonl: there is no such file\n"
    assert run("analyze", ".").err == "scrubber: .: can't be read: Is a directory\n"


def test_try_writes_no_control_codes_of_a_message_on_the_terminal(run: Run) -> None:
    result = run("try", "-", stdin="rood \x1b[31m en \u202e omgekeerd \x07")
    assert "\x1b" not in result.out
    assert "\u202e" not in result.out


def test_try_a_file_that_is_not_there(run: Run) -> None:
    result = run("try", "weg.eml")
    assert result.status == 2
    assert result.err == "scrubber: weg.eml: there is no such file\n"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_analyze(run: Run, tmp_path: Path, jobs: str) -> None:
    lines = [json.dumps({"id": n, "body": f"Mijn BSN is {BSN}"}) for n in range(3)]
    (tmp_path / "in.jsonl").write_text("\n".join([*lines, "geheim", ""]), encoding="utf-8")
    result = run("analyze", "in.jsonl", "--jobs", jobs)
    assert result.status == 1
    rows = [json.loads(line) for line in result.out.splitlines()]
    assert [row["id"] for row in rows] == [0, 1, 2, None]
    assert rows[3] == {"id": None, "error": "not JSON", "line": 4}
    assert rows[0]["redacted"]["body"] == "Mijn BSN is [BSN verwijderd]"


def test_analyze_standard_input(run: Run) -> None:
    assert run("analyze", stdin='\ufeff{"id": "é", "body": "hallo"}\n').out.startswith('{"id": "é"')
    assert run("analyze", stdin=b"\xff\n").status == 1
    assert run("analyze", "nergens.jsonl").status == 2
    assert run("analyze", "--jobs", "0").status == 2
    assert run("analyze", "--settings", "nergens.toml").status == 2


def test_analyze_with_settings_uses_their_rules(run: Run, desk: Path) -> None:
    with (desk / "scrubber.toml").open("a", encoding="utf-8") as file:
        file.write('\n[rules]\nlang = "en"\n')
    out = run("analyze", "--settings", "scrubber.toml", stdin=json.dumps({"body": f"Mijn BSN is {BSN}"})).out
    assert json.loads(out)["redacted"]["body"] == "Mijn BSN is [citizen service number removed]"


def test_the_whole_chain(run: Run, desk: Path) -> None:
    check = run("check")
    assert check.status == 0
    assert "Verwijderen: persoonsgegevens gaan uit de berichten zelf" in check.out
    assert "er is nog geen database" in check.out
    assert run("status").status == 1  # nothing recorded yet
    assert not (desk / "scrubber.db").exists()

    result = run("run", "--once")
    assert (result.status, mails(desk).endswith("Mijn BSN is [BSN verwijderd].\n")) == (0, True)
    assert "BSN 1" in result.err
    assert BSN not in result.err

    assert "database en sleutels zijn bereikbaar" in run("check").out
    assert "1 Opgeschoond" in " ".join(run("status").out.split())
    verdict = run("verify")
    assert verdict.status == 0
    assert "De keten klopt" in verdict.out
    figures = json.loads(run("report", "--format", "json").out)
    assert (figures["messages"]["total"], figures["removed"]["total"]["total"]) == (1, 1)
    assert "removed" in run("report", "--format", "csv", "--lang", "en").out
    assert run("report", "--out", "report.html", "--since", "2026-01-01").status == 0
    html = (desk / "report.html").read_text(encoding="utf-8")
    assert "<html" in html
    assert "bsn-nooit" in html
    assert BSN not in html


def test_a_changed_entry_breaks_verify(run: Run, desk: Path) -> None:
    run("run", "--once")
    store = Store.open(f"sqlite:///{desk}/scrubber.db")
    with store.begin() as tx:
        tx.execute(ledger_table.update().where(ledger_table.c.idx == 0).values(outcome="CLEAN"))
    store.close()
    result = run("verify")
    assert result.status == 1
    assert "GEBROKEN bij vermelding 0" in result.out
    assert run("verify", "--lang", "en").out.startswith("The chain is BROKEN at entry 0")
    assert json.loads(run("report", "--format", "json").out)["chain"]["ok"] is False


def test_an_auditor_verifies_with_copies_of_head_and_public_keys(run: Run, desk: Path) -> None:
    run("run", "--once")
    (desk / "copy.pem").write_text(run("keys", "public").out, encoding="utf-8")
    head = (desk / "copy.head").write_bytes((desk / "scrubber.head").read_bytes())
    assert head
    (desk / "scrubber-keys").rename(desk / "elders")
    arguments = ("verify", "--head", "copy.head", "--public-keys", "copy.pem")
    assert run(*arguments).status == 0
    assert run("verify", "--head", "nergens", "--public-keys", "copy.pem").status == 2
    assert run("verify", "--public-keys", "nergens.pem").status == 2
    assert run("verify", "--public-keys", "copy.head").status == 2
    (desk / "elders").rename(desk / "scrubber-keys")
    (desk / "andere").mkdir()
    KeyRing.create(desk / "andere" / "keys")
    other = KeyRing.open(desk / "andere" / "keys").public_keys.to_pem()
    (desk / "other.pem").write_bytes(other)
    assert run("verify", "--public-keys", "other.pem").status == 1
    for database in desk.glob("scrubber.db*"):
        database.unlink()
    (desk / "scrubber.head").unlink()
    (desk / "Maildir" / "new" / "2.M1P1.host").write_text("Subject: x\n\nhallo\n", encoding="utf-8")
    run("run", "--once")
    assert run("verify").status == 0  # a record that was begun anew is whole in itself
    assert run("verify", "--head", "copy.head").status == 1


def test_keys(run: Run, desk: Path) -> None:
    run("run", "--once")
    first = KeyRing.open(desk / "scrubber-keys").key_id
    assert "new key" in run("keys", "rotate").out
    assert "rotated" in run("keys", "list").out
    assert run("keys", "destroy", first, "--yes").status == 0
    assert run("verify").status == 0
    assert [line.split()[-1] for line in run("keys", "list").out.splitlines()[1:]] == ["destroyed", "current"]
    assert run("keys", "public").out.startswith("-----BEGIN PUBLIC KEY-----")
    current = KeyRing.open(desk / "scrubber-keys").key_id
    for key, mend in (
        ("nosuchkey", "`scrubber keys list` shows them"),
        (current, "make another with `scrubber keys rotate` first"),
        (first, "this key was destroyed already"),
    ):
        for more in ((), ("--yes",)):
            refused = run("keys", "destroy", key, *more)
            assert (refused.status, refused.out) == (2, ""), "nothing is asked where there is nothing to destroy"
            assert mend in refused.err
    run("keys", "rotate")
    declined = run("keys", "destroy", current, stdin="n\n")
    assert declined.status == 1
    assert "for good?" in declined.out
    assert "rotated" in run("keys", "list").out
    store = Store.open(f"sqlite:///{desk}/scrubber.db")
    kinds = [entry.kind for entry in Ledger(store, KeyRing.open(desk / "scrubber-keys")).read()]
    store.close()
    assert kinds == ["message", "checkpoint", "key_created", "key_destroyed", "key_created"]


PURGED = """\
[[source]]
name = "post"
type = "imap"
host = "127.0.0.1"
port = 1
tls = "none"
user = "desk"
password = "geheim"
purge_command = "{} geheim"
"""


def test_check_looks_whether_the_purge_command_is_there(run: Run, tmp_path: Path) -> None:
    program = tmp_path / "purge.sh"
    (tmp_path / "scrubber.toml").write_text(PURGED.format(program))
    assert f"`purge_command`: the program {program} is not there: install it" in run("check").out
    program.write_text("#!/bin/sh\n")
    assert "may not be run by this user: chmod +x it" in run("check").out
    program.chmod(0o755)
    result = run("check")
    assert "purge_command" not in result.out
    assert "geheim" not in result.out


def test_a_record_whose_keys_are_lost_is_not_given_new_ones(run: Run, desk: Path) -> None:
    run("run", "--once")
    (desk / "scrubber-keys").rename(desk / "elsewhere")
    result = run("run", "--once")
    assert result.status == 1
    assert "[ledger] keys" in result.err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("run", "--as-of", "2027-01-01"), "--as-of goes with --once"),
        (("run", "--once", "--as-of", "morgen"), "write a date as"),
        (("report", "--since", "gisteren"), "write a date as"),
        (("report", "--format", "pdf"), "pdf"),
        (("nosuch",), "No such command"),
    ],
)
def test_usage(run: Run, desk: Path, arguments: tuple[str, ...], expected: str) -> None:
    result = run(*arguments)
    assert result.status == 2
    assert expected in result.err


def test_settings_that_are_not_right(run: Run, desk: Path) -> None:
    (desk / "scrubber.toml").write_text("[worker]\nbatsj = 1\n", encoding="utf-8")
    result = run("check")
    assert result.status == 2
    assert result.err.startswith("scrubber: scrubber.toml:2: worker.batsj: unknown key; did you mean `batch`?")
    (desk / "scrubber.toml").write_text("", encoding="utf-8")
    assert "no [[source]]" in run("run", "--once").err
    check = run("check")
    assert check.status == 1
    assert "er zijn geen bronnen ingesteld" in check.out
    assert '[[source]]\n  name = "support"' in check.out
    (desk / "scrubber.toml").write_text('[store]\nurl = "mysql://u@h/x"\n', encoding="utf-8")
    assert run("check").err.startswith("scrubber: scrubber.toml:2: store.url: `mysql` is no database")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("policy.yaml", "rules: [", "policy.yaml"),
        ("recognizers.yaml", "nothing: here", "recognizers.yaml"),
        ("entities.yaml", "a: b", "entities.yaml"),
    ],
)
def test_rules_that_are_not_right_are_refused_at_start(
    run: Run, desk: Path, name: str, text: str, expected: str
) -> None:
    (desk / "rules").mkdir()
    (desk / "rules" / name).write_text(text, encoding="utf-8")
    with (desk / "scrubber.toml").open("a", encoding="utf-8") as file:
        file.write('\n[rules]\ndirectory = "rules"\n')
    result = run("run", "--once")
    assert result.status == 2
    assert expected in result.err
    assert BSN in mails(desk)
    (desk / "scrubber.toml").write_text('[rules]\ndirectory = "nergens"\n', encoding="utf-8")
    assert "is no directory" in run("check").err


def test_check_of_a_source_that_is_not_there(run: Run, desk: Path) -> None:
    (desk / "Maildir").rename(desk / "elders")
    result = run("check", "--lang", "en")
    assert result.status == 1
    assert "path" in result.out


def test_check_of_a_record_that_cannot_be_opened(run: Run, desk: Path) -> None:
    def refused() -> str:
        result = run("check", "--lang", "en")
        assert result.status == 1
        assert "database or keys can't be used" in result.out
        return result.out

    (desk / "scrubber-keys").mkdir()
    assert "[ledger] keys" in refused()
    (desk / "scrubber-keys").rmdir()
    settings = (desk / "scrubber.toml").read_text(encoding="utf-8")
    (desk / "scrubber.toml").write_text(settings + '[store]\nurl = "nergens/a.db"\n', encoding="utf-8")
    assert "no file can be made in" in refused()
    (desk / "scrubber.toml").write_text(settings, encoding="utf-8")
    run("run", "--once")
    (desk / "scrubber-keys").rename(desk / "elders")
    assert "[ledger] keys" in refused()
    (desk / "elders").rename(desk / "scrubber-keys")
    assert run("check").status == 0
    (desk / "scrubber.db").write_bytes(b"no database " * 100)
    refused()


@pytest.mark.postgres
def test_check_of_a_server(run: Run, desk: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRUBBER_STORE_URL", postgresql_url)
    for _ in range(2):  # a second time: the first made nothing
        assert "there is no database yet" in run("check", "--lang", "en").out
    assert run("run", "--once").status == 0
    assert "database and keys can be opened" in run("check", "--lang", "en").out
    monkeypatch.setenv("SCRUBBER_STORE_URL", "postgresql://u:geheim@127.0.0.1:9/x")
    result = run("check", "--lang", "en")
    assert result.status == 1
    assert "can't be used" in result.out
    assert "geheim" not in result.out + result.err


def test_observing_says_that_nothing_went(run: Run, desk: Path) -> None:
    settings = (desk / "scrubber.toml").read_text(encoding="utf-8").replace("redact", "observe")
    (desk / "scrubber.toml").write_text(settings, encoding="utf-8")
    assert "Meekijken: beslist en legt vast, verandert niets" in run("check").out
    summary = run("run", "--once").err
    assert "zou verwijderd worden: BSN 1" in summary
    assert "1  verwijderd" not in summary
    assert BSN in mails(desk)


def test_an_mbox_is_only_read(run: Run, desk: Path) -> None:
    mbox = desk / "oud.mbox"
    mbox.write_text(
        f"From jan@klant.example Sat Nov 21 10:00:00 2026\nSubject: x\n\nMijn BSN is {BSN}.\n", encoding="utf-8"
    )
    (desk / "scrubber.toml").write_text(
        '[[source]]\nname = "oud"\ntype = "mbox"\npath = "oud.mbox"\nmode = "redact"\nsince = 2000-01-01\n',
        encoding="utf-8",
    )
    assert "kan alleen lezen" in run("check").out
    before = mbox.read_bytes()
    assert run("run", "--once").status == 0
    assert mbox.read_bytes() == before
    outcomes = json.loads(run("report", "-f", "json").out)["messages"]["outcomes"]
    assert {row["key"]: row["count"] for row in outcomes if row["count"]} == {"UNABLE": 1}


def test_a_report_that_cannot_be_written(run: Run, desk: Path) -> None:
    run("run", "--once")
    assert "can't be written" in run("report", "--out", "nergens/report.html").err


def test_the_demo_starts_clean_twice_and_its_record_verifies(run: Run, tmp_path: Path) -> None:
    for _ in range(2):
        result = run("demo", "--dir", "proef")
        assert result.status == 0
        assert "De keten klopt" in result.out
        assert "51 verzonnen berichten in het postvak, 5 die de desk verstuurde" in " ".join(result.out.split())
        assert "wachten nu nog op verwijdering" in result.out
        assert (tmp_path / "proef" / "report.html").is_file()
    assert "[BSN verwijderd]" in "".join(
        path.read_text(encoding="latin-1") for path in (tmp_path / "proef" / "Maildir" / "cur").iterdir()
    )
    assert run("verify", "--settings", "proef/scrubber.toml").status == 0
    (tmp_path / "eigen").mkdir()
    (tmp_path / "eigen" / "brief.txt").write_text("van mij", encoding="utf-8")
    refused = run("demo", "--dir", "eigen")
    assert refused.status == 2
    assert (tmp_path / "eigen" / "brief.txt").is_file()


# messages that wait for a person

ENCRYPTED = "From: jan@klant.example\nContent-Type: multipart/encrypted; boundary=x\n\n--x--\n"


@pytest.fixture
def held(desk: Path, run: Run) -> tuple[Path, dict[str, Any]]:
    """A run with one held mail, and what `status` says of it."""
    (desk / "Maildir" / "new" / "2.M2P2.host").write_text(ENCRYPTED, encoding="utf-8")
    assert run("run", "--once").status == 0
    stands = json.loads(run("status", "--format", "json").out)
    return desk, stands


def test_status_names_what_waits_for_a_person(held: tuple[Path, dict[str, Any]], run: Run) -> None:
    _, stands = held
    (one,) = stands["held"]
    assert (one["source"], one["reason"], len(one["ref"])) == ("desk", "encrypted", 16)
    assert (stands["settled"], stands["failing"], stands["due"], stands["troubles"]) == (
        {"HELD": 1, "REDACTED": 1},
        [],
        [],
        [],
    )
    text = run("status").out
    assert one["ref"] in text
    assert "Versleuteld" in text
    assert "scrubber release REF" in text
    assert "Encrypted" in run("status", "--lang", "en").out


def test_status_names_what_is_due_and_overdue(desk: Path, run: Run) -> None:
    body = "Ik heb dubbel betaald. Kunt u het bedrag terugstorten op IBAN NL91ABNA0417164300?"
    (desk / "Maildir" / "new" / "2.M2P2.host").write_text(f"From: jan@klant.example\n\n{body}\n", encoding="utf-8")
    run("run", "--once")
    (one,) = json.loads(run("status", "--format", "json").out)["due"]
    assert (one["entity_types"], one["overdue"]) == (["IBAN_CODE"], False)
    text = run("status").out
    assert one["ref"] in text
    assert "OVER DE DATUM" not in text
    store = Store.open(f"sqlite:///{desk}/scrubber.db")
    with store.begin() as tx:
        tx.execute(update(deferrals).values(due="2026-01-01T00:00:00.000000Z"))
    store.close()
    assert "OVER DE DATUM" in run("status").out
    assert json.loads(run("status", "--format", "json").out)["overdue"] == 1


def test_a_release_is_recorded_and_kept(held: tuple[Path, dict[str, Any]], run: Run) -> None:
    desk, stands = held
    ref = stands["held"][0]["ref"]
    released = run("release", ref[:6], "--who", "Sanne de Wit", "--why", "nagekeken, mag blijven")
    assert (released.status, ref[:6] in released.out) == (0, True)
    assert json.loads(run("status", "--format", "json").out)["held"] == []
    run("run", "--once")
    assert (desk / "Maildir" / "new" / "2.M2P2.host").read_text(encoding="utf-8") == ENCRYPTED
    report = json.loads(run("report", "--format", "json").out)
    assert (report["people"]["released"], report["messages"]["held_open"]) == (1, 0)
    assert run("verify").status == 0
    entries = [entry for entry in _entries(desk) if entry.kind == "released"]
    assert [(entry.actor, entry.notes, entry.ref[:16]) for entry in entries] == [
        ("Sanne de Wit", ("why: nagekeken, mag blijven",), ref)
    ]
    again = run("release", ref[:6], "--who", "Sanne de Wit", "--why", "nog eens")
    assert (again.status, "scrubber status" in again.err) == (2, True)


def _entries(desk: Path) -> list[LedgerEntry]:
    store = Store.open(f"sqlite:///{desk}/scrubber.db")
    try:
        return list(Ledger(store, KeyRing.open(desk / "scrubber-keys")).read())
    finally:
        store.close()


@pytest.mark.parametrize("which", ["one", "all"])
def test_a_retry_is_recorded_and_done_at_the_next_cycle(
    held: tuple[Path, dict[str, Any]], run: Run, which: str
) -> None:
    desk, stands = held
    (desk / "Maildir" / "new" / "2.M2P2.host").unlink()
    mended = ENCRYPTED.replace("multipart/encrypted; boundary=x", "text/plain").replace("--x--", f"BSN {BSN}")
    (desk / "Maildir" / "new" / "2.M2P2.host").write_text(mended, encoding="utf-8")
    run("run", "--once")
    assert BSN in mails(desk)
    given = stands["held"][0]["ref"] if which == "one" else "--all"
    assert run("retry", given, "--who", "Sanne").status == 0
    assert "opnieuw bekeken" in run("status").out
    run("run", "--once")
    assert BSN not in mails(desk)
    assert json.loads(run("report", "--format", "json").out)["people"]["retried"] == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["release", "{ref}", "--who", "Sanne", "--why", "klant Jan Jansen, BSN 123456782"], "NL_BSN"),
        (["release", "{ref}", "--who", "Sanne", "--why", "mail jan.jansen@klant.example"], "EMAIL_ADDRESS"),
        (["retry", "{ref}", "--who", "Sanne", "--why", "rekening NL91ABNA0417164300"], "IBAN_CODE"),
        (["release", "{ref}", "--who", "Sanne", "--why", "x" * 300], "--why"),
        (["release", "{ref}", "--who", "Sanne", "--why", "twee\nregels"], "--why"),
        (["release", "{ref}", "--who", " ", "--why", "goed"], "--who"),
        (["release", "{ref}", "--who", "Sanne\x1b[31m", "--why", "goed"], "--who"),
        (["release", "{ref}", "--who", "Sanne 123456782", "--why", "goed"], "--who"),
        (["retry", "{ref}"], "--who"),
        (["release", "{ref}", "--who", "Sanne"], "--why"),
        (["release", "0000", "--who", "Sanne", "--why", "goed"], "scrubber status"),
        (["release", "0", "--who", "Sanne", "--why", "goed"], "at least 4"),
        (["retry", "--who", "Sanne"], "REF"),
        (["retry", "{ref}", "--all", "--who", "Sanne"], "REF"),
    ],
)
def test_what_a_person_may_not_say(
    held: tuple[Path, dict[str, Any]], run: Run, arguments: list[str], says: str
) -> None:
    desk, stands = held
    ref = stands["held"][0]["ref"]
    before = len(_entries(desk))
    result = run(*(argument.format(ref=ref) for argument in arguments))
    assert result.status == 2
    assert says in result.err
    assert BSN not in result.err
    assert len(_entries(desk)) == before
    assert len(json.loads(run("status", "--format", "json").out)["held"]) == 1


# a second worker


@pytest.fixture
def locked(desk: Path, run: Run) -> Iterator[Callable[[], None]]:
    """Another worker holds the lock; calling this ends it."""
    run("keys", "list")
    run("run", "--once")
    (desk / "Maildir" / "new" / "2.M2P2.host").write_text(f"From: a@klant.example\n\nBSN {BSN}\n", encoding="utf-8")
    with (desk / "scrubber-keys" / "worker.lock").open("r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lambda: fcntl.flock(lock, fcntl.LOCK_UN)


def test_a_second_worker_says_why_it_will_not_start(locked: Callable[[], None], run: Run) -> None:
    result = run("run", "--once")
    assert (result.status, "another `scrubber run` is at work" in result.err) == (1, True)


@pytest.mark.parametrize("freed", [True, False])
def test_a_second_worker_waits_and_says_why_once(locked: Callable[[], None], desk: Path, freed: bool) -> None:
    command = [sys.executable, "-m", "scrubber.cli", "run"]
    with subprocess.Popen(command, cwd=desk, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line)
            if "scrubber wacht" in line:
                if not freed:
                    break
                locked()
            if "handled" in line:
                break
        process.send_signal(signal.SIGTERM)
        lines += process.stderr.readlines()
    assert process.returncode == 0
    assert "".join(lines).count("scrubber wacht") == 1
    assert "".join(lines).count("waiting_for_another_worker") == 1
    assert (BSN in mails(desk)) is not freed
