"""The worker at Exchange Online, as that is documented: tokens only, no CONDSTORE, no keywords, a bin below the bin."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scrubber.finding import CopyState
from tests.mailservers import exchange
from tests.mailservers.at_work import BSN, INTAKE_STEPS, STEPS, Desk, Value, imap_settings, mail, redacted
from tests.mailservers.certificates import Authority
from tests.mailservers.exchange import EXCHANGE, ExchangeAccount
from tests.mailservers.fake_imap import FakeImap
from tests.mailservers.fake_script import Fault, Login
from tests.mailservers.fake_store import Seen

USER, TOKEN = "desk@shop.example", "eyJ0.fake"
RECEIVED = datetime(2026, 11, 2, 11, 30, 5, tzinfo=UTC)
MINE = frozenset({"\\Seen", "$MDNSent"})


class Office:
    def __init__(self, server: FakeImap, account: ExchangeAccount, desk: Desk) -> None:
        self.server, self.account, self.desk = server, account, desk

    def target(self) -> list[Seen]:
        return [seen for seen in self.account.standing() if b"<m2@klant.example>" in seen.payload]


Open = Callable[..., Office]


@pytest.fixture
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Open:
    def make(account: ExchangeAccount | None = None, *faults: Fault, **settings: Value) -> Office:
        account = account or ExchangeAccount()
        account.add("INBOX", mail(1, "Dank u wel."), RECEIVED, ["\\Deleted"])
        account.add("INBOX", mail(2), RECEIVED, MINE)
        server = FakeImap(EXCHANGE, {USER: Login(account, token=TOKEN)}, *faults)
        server.__enter__()
        request.addfinalizer(server.stop)
        (tmp_path / "token").write_text(TOKEN)
        (tmp_path / "token").chmod(0o600)
        who: dict[str, Value] = {"user": USER, "oauth_token_file": str(tmp_path / "token")}
        where: dict[str, Value] = {"host": server.host, "port": server.port}
        return Office(server, account, Desk(tmp_path, imap_settings(**who | where | settings)))

    return make


def test_it_is_replaced_and_what_exchange_keeps_is_recorded(office: Open) -> None:
    here = office()
    here.desk.run()
    (one,) = here.target()
    assert one.payload.endswith(redacted(mail(2)))
    assert (one.folder, one.flags, one.received) == ("INBOX", MINE, RECEIVED)
    assert here.account.holds(b"Dank u wel.") == ["INBOX"], "a colleague's deleted mail is not ours to expunge"
    assert [BSN in seen.payload for seen in here.account.recoverable] == [True]
    (entry,) = [entry for entry in here.desk.entries() if entry.outcome == "REDACTED"]
    kept = [copy for copy in entry.copies if "recoverable" in copy.place.lower()]
    assert [copy.state for copy in kept] == [CopyState.REMAINS.value]
    before = here.account.standing()
    assert not here.desk.run().outcomes
    assert here.account.standing() == before


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_exchange(office: Open, step: str) -> None:
    here = office()
    assert here.desk.killed_at(step)
    for _ in range(2):
        here.desk.run()
    (one,) = here.target()
    assert one.payload.endswith(redacted(mail(2)))
    assert (one.flags, one.received) == (MINE, RECEIVED)
    assert [entry.outcome for entry in here.desk.entries()].count("REDACTED") == 1


@pytest.mark.parametrize("step", STEPS[:4])
def test_a_flag_without_condstore(office: Open, step: str) -> None:
    here = office()

    def flag(now: str) -> None:
        if now == step:
            folder = here.account.folder("INBOX")
            for entry in list(folder.entries.values()):
                if BSN in entry.mail.payload:
                    here.account.mark(folder, entry, entry.flags | {"\\Flagged"})

    here.desk.run(flag)
    assert [seen.flags for seen in here.target()] == [MINE | {"\\Flagged"}]


@pytest.mark.parametrize("step", ["never", *STEPS])
def test_sizes_that_are_guesses_mislead_nobody(office: Open, step: str) -> None:
    here = office(ExchangeAccount(exact_size=False))
    here.desk.killed_at(step)
    for _ in range(3):
        here.desk.run()
    assert here.account.holds(BSN) == []
    assert len(here.target()) == 1


@pytest.mark.parametrize(
    "rewrites",
    [
        lambda payload: payload.replace(b"Subject:", b"X-MS-Exchange-Fake: ja\r\nSubject:"),
        lambda payload: payload.replace(b"text/plain; charset=utf-8", b'text/plain; charset="utf-8"'),
        lambda payload: b"Received: from fake\r\n" + payload,
        lambda payload: payload.rstrip(b"\r\n"),
    ],
    ids=["header", "content-type", "on-top", "end"],
)
def test_a_server_that_rewrites_what_it_is_given_gets_nothing(office: Open, rewrites: Callable[[bytes], bytes]) -> None:
    """What reads back otherwise is no replacement: it goes, and the original stays as it was."""
    here = office(ExchangeAccount(rewrites=rewrites))
    for _ in range(5):
        here.desk.tried()
    assert [(seen.payload, seen.flags) for seen in here.target()] == [(mail(2), MINE)]
    assert here.desk.in_flight() == 0
    assert [entry.outcome for entry in here.desk.entries()].count("REDACTED") == 0


def test_the_limits_are_told(office: Open) -> None:
    here = office()
    assert here.desk.check() == ""
    said = here.desk.limits()
    assert "Recoverable Items" in said
    assert "CONDSTORE" in said


def test_what_was_asked_in_verzonden_items_counts(office: Open) -> None:
    """Exchange marks its sent folder without saying that it can (no SPECIAL-USE), and names it in Dutch."""
    here = office()
    asked = mail(7, "Wat is uw IBAN voor de terugbetaling?", sender="De desk <support@desk.example>")
    here.account.add("Verzonden items", asked, RECEIVED)
    here.account.add("INBOX", mail(8, "NL91ABNA0417164300", answers="<m7@klant.example>"), RECEIVED)
    here.desk.run()
    decided = {
        (removal.rule, removal.action)
        for entry in here.desk.entries()
        for removal in entry.removals
        if removal.entity_type == "IBAN_CODE"
    }
    assert {rule for rule, _ in decided} == {"gevraagd"}


@pytest.mark.parametrize(
    "fault",
    [
        exchange.busy("SELECT"),
        exchange.busy("EXAMINE"),
        exchange.throttled("UID FETCH"),
        exchange.throttled("APPEND"),
        exchange.throttled("UID STORE"),
        exchange.not_connected("LIST"),
        exchange.not_connected("EXAMINE"),
        exchange.closed("UID EXPUNGE"),
        exchange.closed("APPEND"),
    ],
    ids=lambda fault: f"{fault.text.split()[-1]}-{fault.verb}",
)
def test_what_exchange_says_is_one_sentence_and_passes(office: Open, fault: Fault) -> None:
    here = office(None, fault)
    said = [here.desk.tried(), *here.desk.failures()]
    for why in filter(None, said):
        assert "\n" not in why
        assert USER not in why
        assert fault.text not in why
    for _ in range(3):
        here.desk.run()
    (one,) = here.target()
    assert one.payload.endswith(redacted(mail(2)))
    assert one.flags == MINE


def test_a_token_that_is_no_good_is_one_sentence(office: Open) -> None:
    here = office()
    (here.desk.home / "token").write_text("verlopen")
    said = here.desk.check()
    assert "oauth_token_file" in said
    assert "verlopen" not in said
    assert "\n" not in said


def test_a_password_is_one_sentence(tmp_path: Path) -> None:
    """Over TLS, as at Exchange, where LOGIN is disabled all the same."""
    authority = Authority(tmp_path)
    certificate, key = authority.sign("fake", ["127.0.0.1"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with FakeImap(EXCHANGE, {USER: Login(ExchangeAccount(), token=TOKEN)}, tls=context) as server:
        where: dict[str, Value] = {"host": server.host, "port": server.port, "tls": "implicit"}
        who: dict[str, Value] = {"user": USER, "password": "geheim-7", "tls_ca": str(authority.file)}
        said = Desk(tmp_path, imap_settings(**where, **who)).check()
    assert "`oauth_token_" in said, "Exchange takes tokens only: the sentence names the setting"
    assert "geheim-7" not in said
    assert "\n" not in said


@pytest.mark.parametrize("step", ["", *INTAKE_STEPS])
def test_an_intake(office: Open, step: str) -> None:
    here = office(folders=["INBOX"], deliver_to="Archief")
    if step:
        assert here.desk.killed_at(step)
    for _ in range(2):
        here.desk.run()
    (one,) = here.target()
    assert one.payload.endswith(redacted(mail(2)))
    assert (one.folder, one.flags, one.received) == ("Archief", MINE, RECEIVED)
    assert [entry.outcome for entry in here.desk.entries()] == ["REDACTED"]
