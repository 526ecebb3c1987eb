"""The worker at Gmail, as Gmail is documented: folders are labels, deleting archives, a Message-ID stands once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scrubber.finding import CopyState
from tests.mailservers.at_work import BSN, INTAKE_STEPS, STEPS, Desk, Value, imap_settings, mail, redacted
from tests.mailservers.fake_imap import FakeImap
from tests.mailservers.fake_script import Fault, Login
from tests.mailservers.fake_store import Seen
from tests.mailservers.gmail import DUTCH, ENGLISH, GMAIL, Dedupe, Expunging, GmailAccount

USER, TOKEN = "desk@shop.example", "ya29.fake"
RECEIVED = datetime(2026, 11, 2, 11, 30, 5, tzinfo=UTC)


class Office:
    def __init__(self, server: FakeImap, account: GmailAccount, desk: Desk) -> None:
        self.server, self.account, self.desk = server, account, desk

    def target(self) -> list[Seen]:
        return [seen for seen in self.account.standing() if b"<m2@klant.example>" in seen.payload]

    def lost(self) -> bool:
        return not self.target()


Open = Callable[..., Office]


@pytest.fixture
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Open:
    def make(account: GmailAccount, *faults: Fault, **settings: Value) -> Office:
        account.add("INBOX", mail(1, "Dank u wel."), RECEIVED)
        account.add("INBOX", mail(2), RECEIVED, ["\\Seen", "\\Flagged"])
        server = FakeImap(GMAIL, {USER: Login(account, token=TOKEN)}, *faults)
        server.__enter__()
        request.addfinalizer(server.stop)
        (tmp_path / "token").write_text(TOKEN)
        (tmp_path / "token").chmod(0o600)
        who: dict[str, Value] = {"user": USER, "oauth_token_file": str(tmp_path / "token")}
        where: dict[str, Value] = {"host": server.host, "port": server.port}
        return Office(server, account, Desk(tmp_path, imap_settings(**who | where | settings)))

    return make


@pytest.mark.parametrize("auto", [True, False], ids=["auto-expunge", "waits"])
@pytest.mark.parametrize("expunging", ["archive", "trash", "deleteForever"])
@pytest.mark.parametrize("dedupe", ["existing", "replace", "off"])
def test_no_original_is_left_or_the_record_says_where(
    office: Open, dedupe: Dedupe, expunging: Expunging, auto: bool
) -> None:
    names = DUTCH if auto else ENGLISH
    account = GmailAccount("Retour", names=names, auto_expunge=auto, expunging=expunging, dedupe=dedupe)
    here = office(account)
    for _ in range(4):
        here.desk.run()
    assert not here.lost()
    assert b"<m1@klant.example>" in b"".join(seen.payload for seen in account.standing() if seen.folder == "INBOX")
    entries = [entry for entry in here.desk.entries() if entry.outcome in {"REDACTED", "OBSERVED", "FAILED", "HELD"}]
    assert entries, "whatever it came to is recorded"
    left = account.holds(BSN)
    if [entry.outcome for entry in entries] == ["REDACTED"]:
        assert [seen.flags for seen in here.target() if seen.folder == "INBOX"] == [{"\\Seen", "\\Flagged"}]
        places = {copy.place for copy in entries[0].copies if copy.state == CopyState.REMAINS.value}
        assert not left or places, "an original is left and the record does not say so"
    else:
        assert all(entry.outcome != "REDACTED" for entry in entries)
        assert left == sorted({"INBOX", account.special("\\All").name}), "refused: nothing was changed"


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("dedupe", ["existing", "replace", "off"])
def test_killed_at_gmail_nothing_is_lost(office: Open, dedupe: Dedupe, step: str) -> None:
    here = office(GmailAccount(dedupe=dedupe))
    here.desk.killed_at(step)
    assert not here.lost()
    for _ in range(3):
        here.desk.run()
        assert not here.lost()
    assert here.desk.in_flight() == 0
    assert len({seen.payload for seen in here.target()}) == 1, "doubled"


@pytest.mark.parametrize("step", ["never", *STEPS])
def test_labels_and_other_mail_stay(office: Open, step: str) -> None:
    account = GmailAccount("Retour", "Zomer & zo", dedupe="off")
    here = office(account)
    inbox = account.folder("INBOX")
    (entry,) = [entry for entry in inbox.entries.values() if b"<m2@" in entry.mail.payload]
    for label in ("Retour", "Zomer & zo"):
        account.copy(entry, account.folder(label))
    here.desk.killed_at(step)
    for _ in range(3):
        here.desk.run()
    assert account.holds(BSN) == []
    assert account.holds(redacted(mail(2))) == ["INBOX", "Retour", "Zomer & zo", "[Gmail]/All Mail"]
    assert account.holds(b"Dank u wel.") == ["INBOX", "[Gmail]/All Mail"]


def test_the_limits_are_told(office: Open) -> None:
    here = office(GmailAccount())
    assert here.desk.check() == ""
    assert "Gmail" in here.desk.limits()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("UID FETCH", "answer", "NO [OVERQUOTA] Account exceeded command or bandwidth limits.", times=0),
        Fault("APPEND", "answer", "NO [OVERQUOTA] User is over quota (Failure)", times=0),
        Fault("UID STORE", "untagged", "* BYE System error", times=0),
        Fault("SELECT", "answer", "OK Success [THROTTLED]", times=1),
    ],
    ids=["throttled", "full", "ended", "slow"],
)
def test_what_gmail_says_is_one_sentence(office: Open, fault: Fault) -> None:
    here = office(GmailAccount(dedupe="off"), fault)
    here.desk.tried()
    assert not here.lost()
    for why in here.desk.failures():
        assert "\n" not in why
        assert USER not in why


def test_too_many_connections_is_tried_again(office: Open) -> None:
    here = office(GmailAccount(dedupe="off"))
    here.server.script.faults.append(
        Fault("AUTHENTICATE", "answer", "NO [ALERT] Too many simultaneous connections. (Failure)", times=1)
    )
    here.desk.tried()
    for _ in range(3):
        here.desk.run()
    assert not here.lost()


def test_a_token_that_is_no_good_is_one_sentence(office: Open) -> None:
    here = office(GmailAccount())
    (here.desk.home / "token").write_text("verlopen")
    said = here.desk.check()
    assert "oauth_token_file" in said
    assert "verlopen" not in said
    assert "\n" not in said


@pytest.mark.parametrize("step", ["", *INTAKE_STEPS])
def test_an_intake_before_a_label_that_the_desk_reads(office: Open, step: str) -> None:
    account = GmailAccount("Helpdesk", names=ENGLISH, auto_expunge=True, expunging="trash", dedupe="off")
    here = office(account, folders=["INBOX"], deliver_to="Helpdesk")
    if step:
        assert here.desk.killed_at(step)
    for _ in range(2):
        here.desk.run()
    there = {folder: [seen for seen in account.standing() if seen.folder == folder] for folder in ("INBOX", "Helpdesk")}
    assert there["INBOX"] == []
    assert sorted(seen.payload.endswith(redacted(mail(2))) for seen in there["Helpdesk"]) == [False, True]
    assert account.holds(BSN) == []
    assert len(here.desk.entries()) == 2
