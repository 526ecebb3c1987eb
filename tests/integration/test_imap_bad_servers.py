"""Servers that can't do what is needed, or say they did and didn't: one sentence, and the mailbox is as it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scrubber.errors import StoreError
from tests.mailservers.at_work import BSN, Desk, Value, imap_settings, mail, redacted
from tests.mailservers.fake_imap import FakeImap
from tests.mailservers.fake_script import PLAIN, Fault, Login, Profile
from tests.mailservers.fake_store import Account, Seen

USER, PASSWORD = "desk@shop.example", "geheim-7"
RECEIVED = datetime(2026, 11, 2, 11, 30, 5, tzinfo=UTC)


class Office:
    def __init__(self, server: FakeImap, account: Account, desk: Desk) -> None:
        self.server, self.account, self.desk = server, account, desk
        self.before = account.standing()

    def said(self) -> str:
        """Everything a person gets to read of one cycle."""
        text = " ".join([self.desk.tried(), *self.desk.failures()]).strip()
        assert "\n" not in text
        assert "Traceback" not in text
        for secret in (PASSWORD, BSN.decode(), "jan@klant.example"):
            assert secret not in text
            assert secret not in repr(self.desk.log)
        return text

    def untouched(self) -> bool:
        return self.account.standing() == self.before

    def target(self) -> list[Seen]:
        return [seen for seen in self.account.standing() if b"<m2@klant.example>" in seen.payload]


Open = Callable[..., Office]


@pytest.fixture
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Open:
    def make(profile: Profile = PLAIN, *faults: Fault, **settings: Value) -> Office:
        account = Account({"INBOX": "", "Archief": "", "Sent": "\\Sent"})
        account.add("INBOX", mail(1, "Dank u wel."), RECEIVED, ["\\Deleted"])
        account.add("INBOX", mail(2), RECEIVED, ["\\Seen", "klant"])
        server = FakeImap(profile, {USER: Login(account, PASSWORD)}, *faults)
        server.__enter__()
        request.addfinalizer(server.stop)
        who: dict[str, Value] = {"user": USER, "password": PASSWORD}
        where: dict[str, Value] = {"host": server.host, "port": server.port}
        return Office(server, account, Desk(tmp_path, imap_settings(**who | where | settings)))

    return make


def test_without_uidplus_nothing_is_replaced(office: Open) -> None:
    """A bare EXPUNGE would take a colleague's mail along: refused, observed, and said so."""
    here = office(PLAIN.without("UIDPLUS"))
    assert "UIDPLUS" in here.desk.limits()
    for _ in range(2):
        here.said()
    assert here.untouched()
    assert "EXPUNGE" not in here.server.script.verbs()
    assert "CLOSE" not in here.server.script.verbs(), "CLOSE expunges too"
    outcomes = [entry.outcome for entry in here.desk.entries()]
    assert "REDACTED" not in outcomes
    assert "OBSERVED" in outcomes


def test_without_move_it_is_replaced_all_the_same(office: Open) -> None:
    here = office(PLAIN.without("MOVE"))
    here.desk.run()
    assert here.account.holds(BSN) == []
    assert len(here.target()) == 1


def test_without_condstore_and_special_use(office: Open) -> None:
    here = office(PLAIN.without("CONDSTORE", "SPECIAL-USE", "ENABLE", "NAMESPACE", "ID", "IDLE", "UNSELECT"))
    here.desk.run()
    assert here.account.holds(BSN) == []
    assert len(here.target()) == 1


def test_intake_without_move_is_refused_or_safe(office: Open) -> None:
    here = office(PLAIN.without("MOVE"), folders=["INBOX"], deliver_to="Archief")
    check = here.desk.check()
    for _ in range(3):
        here.said()
    texts = {mail(1, "Dank u wel."), redacted(mail(2)), mail(2)}
    bodies = [
        seen.payload.partition(b"\r\n")[2] if seen.payload.startswith(b"X-S") else seen.payload
        for seen in here.account.standing()
    ]
    assert set(bodies) <= texts
    assert len(bodies) == 2
    assert "MOVE" in check + here.desk.limits() or here.account.holds(BSN) == []


@pytest.mark.parametrize("lacks", ["UIDPLUS", "MOVE"])
def test_an_intake_that_can_not_redact_lets_nothing_through(office: Open, lacks: str) -> None:
    """What must be redacted and can't be is kept from the desk; check says that this is no intake."""
    here = office(PLAIN.without(lacks), folders=["INBOX"], deliver_to="Archief")
    assert lacks in here.desk.check() + here.desk.limits()
    for _ in range(3):
        here.said()
    assert here.account.holds(BSN) in ([], ["INBOX"])


def test_a_store_that_says_ok_and_does_nothing(office: Open) -> None:
    here = office(PLAIN, Fault("UID STORE", "answer", "OK STORE completed", times=0))
    for _ in range(4):
        here.said()
        assert here.target(), "lost"
    here.server.script.faults.clear()
    for _ in range(3):
        here.desk.run()
    assert here.account.holds(BSN) == []
    assert len(here.target()) == 1, "and nothing is left twice"


def test_an_expunge_that_says_ok_and_does_nothing(office: Open) -> None:
    here = office(PLAIN, Fault("UID EXPUNGE", "answer", "OK EXPUNGE completed", times=0))
    for _ in range(4):
        here.said()
        assert here.target(), "lost"
    here.server.script.faults.clear()
    for _ in range(3):
        here.desk.run()
    assert here.account.holds(BSN) == []
    assert len(here.target()) == 1


def test_an_append_that_says_ok_and_does_nothing(office: Open) -> None:
    here = office(PLAIN, Fault("APPEND", "answer", "OK [APPENDUID 1 99] APPEND completed", times=0))
    for _ in range(5):
        here.said()
    assert here.untouched()


def test_an_append_that_names_someone_elses_message(office: Open) -> None:
    """The UID it tells is that of another mail: what stands there is not touched."""
    here = office(PLAIN, Fault("APPEND", "answer", "OK [APPENDUID 1700000001 1] APPEND completed", times=0))
    for _ in range(5):
        here.said()
    assert here.untouched()


def test_a_folder_that_is_read_only(office: Open) -> None:
    here = office()
    here.account.folder("INBOX").read_only = True
    assert "INBOX" in here.desk.limits()
    for _ in range(2):
        here.said()
    assert here.untouched()
    assert {entry.outcome for entry in here.desk.entries()} == {"OBSERVED"}
    here.account.folder("INBOX").read_only = False
    here.desk.run()
    assert here.account.holds(BSN) == []
    assert len(here.target()) == 1


def test_a_folder_that_becomes_read_only_under_our_hands(office: Open) -> None:
    here = office()

    def lock(step: str) -> None:
        if step == "VERIFIED":
            here.account.folder("INBOX").read_only = True

    ended = ""
    try:
        here.desk.run(lock)
    except StoreError as error:
        ended = str(error)
    assert "`user`" in " ".join([ended, *here.desk.failures()])
    assert here.account.holds(BSN) == ["INBOX"]
    here.account.folder("INBOX").read_only = False
    for _ in range(2):
        here.desk.run()
    assert here.account.holds(BSN) == []
    assert len(here.target()) == 1


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        (Fault("APPEND", "answer", "NO [OVERQUOTA] mailbox full", times=0), "quota"),
        (Fault("APPEND", "answer", "NO [LIMIT] too many", times=0), "later"),
        (Fault("APPEND", "answer", "NO [UNAVAILABLE] try later", times=0), ""),
        (Fault("APPEND", "answer", "NO [INUSE] locked", times=0), "later"),
        (Fault("APPEND", "answer", "NO [TOOBIG] too big", times=0), ""),
        (Fault("APPEND", "drop", times=0), ""),
        (Fault("APPEND", "drop-in-literal", times=0), ""),
        (Fault("UID STORE", "answer", "NO [NOPERM] no right", times=0), ""),
        (Fault("UID EXPUNGE", "answer", "NO [NOPERM] no right", times=0), ""),
        (Fault("SELECT", "answer", "NO [NONEXISTENT] gone", times=0), "folder"),
        (Fault("LIST", "answer", "NO [SERVERBUG] oops", times=0), ""),
        (Fault("LOGIN", "answer", "NO [UNAVAILABLE] temporary", times=0), "later"),
        (Fault("LOGIN", "answer", "NO [AUTHENTICATIONFAILED] wrong", times=0), "password"),
        (Fault("CONNECT", "untagged", "* BYE Too busy", times=0), ""),
        (Fault("CONNECT", "drop", times=0), ""),
        (Fault("CAPABILITY", "drop", times=0), ""),
    ],
    ids=lambda value: f"{value.verb}-{value.text or value.do}".replace(" ", "-") if isinstance(value, Fault) else "",
)
def test_one_sentence_and_nothing_lost(office: Open, fault: Fault, word: str) -> None:
    here = office(PLAIN, fault)
    said = ""
    for _ in range(3):
        said += here.said()
        assert here.target(), "lost"
    if word:
        assert word in said
    here.server.script.faults.clear()
    for _ in range(4):
        here.desk.tried()
    assert here.desk.in_flight() == 0
    stands = here.target()
    assert len(stands) == 1, "doubled"
    assert stands[0].flags == {"\\Seen", "klant"}
    assert [seen for seen in here.account.standing() if b"<m1@" in seen.payload] == here.before[:1]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"password": "fout"}, ["password", "user"]),
        ({"folders": ["Bestaatniet"]}, ["folders"]),
        ({"deliver_to": "Bestaatniet", "folders": ["INBOX"]}, ["deliver_to"]),
        ({"sent_folders": ["Bestaatniet"]}, ["sent_folders"]),
        ({"port": 1}, ["port", "host"]),
        ({"tls": "implicit"}, ["tls"]),
        ({"tls": "starttls"}, ["tls"]),
    ],
)
def test_a_wrong_setting_is_named(office: Open, settings: dict[str, Value], words: list[str]) -> None:
    here = office(PLAIN, **settings)
    said = here.desk.check()
    for word in words:
        assert f"`{word}" in said
    assert "\n" not in said
    assert here.untouched()
