"""The whole of it against a Zendesk of the documented API, over real HTTP: settings, worker, what the server does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from scrubber import bootstrap, logs, settings
from scrubber.commands import backfill, overview, standing
from scrubber.errors import MessageLocked, SettingsError, SourceError, SourceUnwritable
from scrubber.ledger.entry import LedgerEntry
from scrubber.pieces import Piece
from scrubber.sources.credentials import Secret
from scrubber.sources.desk import zendesk as adapter
from scrubber.sources.desk.account import Account
from scrubber.sources.desk.interface import Desk
from scrubber.sources.desk.source import DeskSource
from scrubber.sources.desk.zendesk import MASK
from scrubber.worker import Worker
from tests.desks.zendesk import AGENT, TOKEN, USER, Fault, Zendesk

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
BSN, IBAN = "123456782", "NL91ABNA0417164300"
STREET = "Kerkstraat 12, 3511 AB Utrecht"


@pytest.fixture
def server() -> Iterator[Zendesk]:
    made = Zendesk()
    yield made
    made.close()


@pytest.fixture(scope="module")
def engine() -> bootstrap.Engine:
    return bootstrap.engine()


class Installation:
    """Settings, database and keys beside a server, whose clock and ours are one."""

    def __init__(self, path: Path, server: Zendesk, engine: bootstrap.Engine, mode: str = "redact") -> None:
        self.server, self.engine = server, engine
        (path / "token").write_text(TOKEN)
        (path / "token").chmod(0o600)
        self.file = path / "scrubber.toml"
        self.file.write_text(
            f'[[source]]\nname = "desk"\ntype = "zendesk"\nurl = "{server.url}"\nprivate = true\nuser = "{USER}"\n'
            f'token_file = "token"\nmode = "{mode}"\nsince = 2020-01-01\n'
        )
        self.settings = settings.load(self.file, environment={})
        self.opened = bootstrap.record(self.settings, create=True)
        self.now = NOW
        server.clock = lambda: self.now

    def run(self, later: timedelta = timedelta()) -> Worker:
        self.now += later
        worker = bootstrap.worker(
            self.settings, self.engine, self.opened, logs.configure("json"), clock=lambda: self.now
        )
        with closing(worker):
            worker.cycle()
        return worker

    def nudge(self, ticket: int) -> None:
        with self.opened.store.begin() as tx:
            self.opened.journal.nudge(tx, "desk", str(ticket), self.now)

    def entries(self) -> list[LedgerEntry]:
        return [entry for entry in self.opened.ledger.read() if entry.kind != "checkpoint"]


@pytest.fixture
def installed(tmp_path: Path, server: Zendesk, engine: bootstrap.Engine) -> Iterator[Installation]:
    made = Installation(tmp_path, server, engine)
    yield made
    made.opened.close()


@pytest.fixture
def desk(server: Zendesk) -> Iterator[Desk]:
    made = adapter.connect(account(server.url))
    yield made
    made.close()


def account(url: str, token: str = TOKEN, user: str = USER) -> Account:
    return Account("desk", url, user, Secret("token", False, lambda: token), private=True)


def test_a_ticket_from_coming_in_to_being_closed(installed: Installation, server: Zendesk) -> None:
    jan = server.customer()
    number = server.open("Terugbetaling", "<p>Ik wil graag mijn geld terug.</p>", author=jan, channel="email")
    server.comment(number, "<p>Op welke rekening (IBAN) mogen wij het storten?</p>", author=AGENT)
    html = f"<p>Op {IBAN}. Mijn BSN is <b>{BSN[:3]}</b>{BSN[3:]} &amp; ik woon op {STREET}.</p>"
    item = server.comment(number, html, author=jan)
    answer = server.comment(number, f"<p>Dank. U schreef: BSN is {BSN}.</p>", author=AGENT)
    installed.nudge(number)
    installed.run()
    said = next(one["html_body"] for one in server.comments[number] if one["id"] == item)
    assert said.startswith(f"<p>Op {IBAN}. Mijn BSN is <b>{MASK * 3}</b>{MASK * 6} &amp; ik woon op {MASK}")
    assert BSN not in server.everything(number)
    assert "Kerkstraat" not in server.everything(number)
    (entry,) = [one for one in installed.entries() if one.outcome == "REDACTED"]
    copies = {copy.place: copy.state for copy in entry.copies}
    assert copies["desk-quote"] == "CLEANED"
    assert copies["desk-history"] == "CLEANED"
    assert copies["desk-notifications"] == "UNKNOWN"
    assert BSN not in next(one["html_body"] for one in server.comments[number] if one["id"] == answer)
    installed.now += DAY
    server.status(number, "closed")
    installed.run()  # no web hook: the sweep sees it
    installed.run(8 * DAY)
    assert IBAN not in server.everything(number)
    assert installed.entries()[-1].kind == "deferred"
    assert installed.entries()[-1].outcome == "REDACTED"
    assert not installed.opened.journal.open().due


def test_subject_and_fields_are_changed_and_their_history_is_told(installed: Installation, server: Zendesk) -> None:
    number = server.open(f"BSN {BSN}", "<p>Hallo</p>", author=server.customer())
    server.fill(number, 503, f"Zijn BSN is {BSN}.")
    server.fill(number, 502, "hosting")
    installed.run()
    assert server.tickets[number]["subject"] == f"BSN {MASK}"
    assert server.tickets[number]["custom_fields"][2]["value"] == f"Zijn BSN is {MASK}."
    (entry,) = [one for one in installed.entries() if one.outcome == "REDACTED"]
    assert [(copy.place, copy.state) for copy in entry.copies] == [("desk-history", "REMAINS")]


def test_a_closed_ticket_loses_what_its_comments_hold_and_its_subject_is_listed(
    installed: Installation, server: Zendesk
) -> None:
    number = server.open(f"BSN {BSN}", f"<p>Mijn BSN is {BSN}.</p>", author=server.customer())
    server.status(number, "closed")
    installed.run()
    assert server.tickets[number]["subject"] == f"BSN {BSN}"
    assert BSN not in server.comments[number][0]["html_body"]
    found = {(one.outcome, one.reason) for one in installed.entries()}
    assert found == {("OBSERVED", "locked"), ("REDACTED", "")}


def test_a_merged_ticket_and_its_other(installed: Installation, server: Zendesk) -> None:
    jan = server.customer()
    number = server.open("Vraag", f"<p>Mijn BSN is {BSN}.</p>", author=jan)
    other = server.open("Vraag", "<p>Nog een keer.</p>", author=jan)
    server.merge(number, other)
    assert BSN in server.everything(other)
    installed.nudge(number)
    installed.run()
    assert BSN not in server.everything(number)
    assert BSN not in server.everything(other)  # where merging wrote the last message once more
    (entry,) = [one for one in installed.entries() if one.outcome == "REDACTED"]
    assert ("desk-quote", "CLEANED") in {(copy.place, copy.state) for copy in entry.copies}


@pytest.mark.parametrize("text", [f"{MASK} mijn BSN is {BSN}", f"BSN {BSN}"])
def test_a_sign_that_a_customer_wrote_proves_nothing(installed: Installation, server: Zendesk, text: str) -> None:
    number = server.open(text, "<p>Hallo</p>", author=server.customer())
    installed.run()
    assert BSN not in server.tickets[number]["subject"]
    assert BSN in server.everything(number)
    (entry,) = [one for one in installed.entries() if one.outcome == "REDACTED"]
    assert [(copy.place, copy.state) for copy in entry.copies] == [("desk-history", "REMAINS")]


def test_a_history_or_description_that_lags_behind_is_not_called_clean(server: Zendesk, desk: Desk) -> None:
    number = server.open("Vraag", f"<p>{MASK} BSN {MASK}.</p>", author=server.customer())
    (comment,) = server.comments[number]
    item = str(comment["id"])
    clean = {"desk-notifications": "UNKNOWN", "desk-description": "CLEANED", "desk-history": "CLEANED"}
    assert {copy.place: copy.state for copy in desk.copies(str(number), item)} == clean
    server.audits[number][1]["events"][0]["html_body"] = f"<p>{MASK} BSN {BSN}.</p>"
    server.tickets[number]["description"] = f"{MASK} BSN {BSN}."
    behind = {**clean, "desk-description": "UNKNOWN", "desk-history": "REMAINS"}
    assert {copy.place: copy.state for copy in desk.copies(str(number), item)} == behind


def test_what_stands_in_a_link_stands_in_what_copies_it(installed: Installation, server: Zendesk) -> None:
    html = f'<p>Mijn BSN is <a href="tel:{BSN}">{BSN}</a>.</p>'
    number = server.open("Vraag", html, author=server.customer())
    installed.run()
    assert BSN in server.everything(number)
    (entry,) = [one for one in installed.entries() if one.outcome == "REDACTED"]
    assert ("desk-markup", "REMAINS") in {(copy.place, copy.state) for copy in entry.copies}
    assert "CLEANED" not in {copy.state for copy in entry.copies}


@pytest.mark.parametrize("before", ["GET", "PUT"])
def test_an_agent_who_answers_meanwhile(installed: Installation, server: Zendesk, before: str) -> None:
    """Before the last look he is seen, and it begins anew; after it the record says that he may quote."""
    number = server.open("Vraag", f"<p>Mijn BSN is {BSN}.</p>", author=server.customer())
    installed.nudge(number)
    reads = 0

    def answer(call: str) -> None:
        nonlocal reads
        reads += call == f"GET /api/v2/tickets/{number}.json"
        if (before == "GET" and reads == 2) or call.startswith("PUT /api/v2/comment_redactions"):
            server.on_call = lambda _: None
            server.comment(number, f"<p>U schreef BSN {BSN}.</p>", author=AGENT)

    server.on_call = answer
    installed.run()
    installed.run()
    (entry,) = [one for one in installed.entries() if one.outcome == "REDACTED"]
    quote = {copy.place: copy.state for copy in entry.copies}["desk-quote"]
    assert (quote, BSN in server.everything(number)) == (("CLEANED", False) if before == "GET" else ("UNKNOWN", True))


def test_a_ticket_that_is_deleted_right_after_it_was_redacted(installed: Installation, server: Zendesk) -> None:
    number = server.open("Vraag", f"<p>Mijn BSN is {BSN}.</p>", author=server.customer())
    installed.nudge(number)

    def delete(_: str) -> None:
        if BSN not in server.everything(number):
            server.tickets[number]["status"] = "deleted"

    server.on_call = delete
    installed.run()
    (entry,) = [one for one in installed.entries() if one.outcome == "REDACTED"]
    assert [(copy.place, copy.state) for copy in entry.copies] == [("desk-changed", "UNKNOWN")]
    assert not installed.opened.journal.open_jobs("desk")


def test_another_ticket_than_was_asked_is_not_taken(server: Zendesk, desk: Desk) -> None:
    number = server.open("Vraag", "<p>Hallo</p>", author=server.customer())
    row = {**server.tickets[number], "id": number + 1}
    server.faults = [Fault(f"GET /api/v2/tickets/{number}.json", 200, body=json.dumps({"ticket": row}).encode())]
    with pytest.raises(SourceError, match="another ticket"):
        desk.ticket(str(number))


def test_too_many_calls_and_a_server_that_falters(installed: Installation, server: Zendesk) -> None:
    number = server.open("Vraag", f"<p>Mijn BSN is {BSN}.</p>", author=server.customer())
    server.faults = [
        Fault("GET /api/v2/incremental", 429, {"Retry-After": "0"}),
        Fault(f"GET /api/v2/tickets/{number}.json", 503, {"Retry-After": "0"}),
        Fault(f"GET /api/v2/tickets/{number}/comments", 0),
        Fault("PUT /api/v2/comment_redactions", 500, {"Retry-After": "0"}, done=True),
    ]
    installed.run()
    assert server.faults == []
    assert BSN not in server.everything(number)
    assert [one.outcome for one in installed.entries()].count("REDACTED") == 1


def test_an_answer_that_is_lost_after_the_redaction(installed: Installation, server: Zendesk) -> None:
    """The call is not repeated as it was, for what it names is gone: the worker sees that it was done."""
    number = server.open("Vraag", f"<p>Mijn BSN is {BSN}.</p>", author=server.customer())
    server.faults = [Fault("PUT /api/v2/comment_redactions", 0, done=True)]
    installed.run()
    assert BSN not in server.everything(number)
    assert [one.outcome for one in installed.entries()].count("REDACTED") == 1
    assert not installed.opened.journal.open().flights


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"ticket": null}', b'{"comments": 7}', b"\xff", b"{" * 9999])
def test_an_answer_that_is_no_answer(server: Zendesk, desk: Desk, body: bytes) -> None:
    number = server.open("Vraag", "<p>Hallo</p>", author=server.customer())
    server.faults = [Fault(f"GET /api/v2/tickets/{number}", 200, body=body)]

    with pytest.raises(SourceError, match="API"):
        DeskSource("desk", desk).matter(str(number))


def test_who_may_not_redact_stops_the_source_and_changes_nothing(installed: Installation, server: Zendesk) -> None:
    number = server.open("Vraag", f"<p>Mijn BSN is {BSN}.</p>", author=server.customer())
    server.may_redact = False
    worker = installed.run()
    assert worker.troubled
    (trouble,) = installed.opened.journal.troubles()
    assert "Agent Workspace" in trouble.why
    assert BSN not in trouble.why
    server.may_redact = True
    installed.nudge(number)
    installed.run(timedelta(minutes=1))
    assert BSN not in server.everything(number)
    assert installed.opened.journal.troubles() == []


@pytest.mark.parametrize(("token", "user", "says"), [("other", USER, "token"), (TOKEN, "jan@klant.example", "token")])
def test_check_names_what_is_wrong(server: Zendesk, token: str, user: str, says: str) -> None:
    with closing(adapter.connect(account(server.url, token, user))) as desk:
        with pytest.raises(SourceError, match=says) as caught:
            desk.check()
        assert token not in str(caught.value).split()


def test_check_wants_an_agent(server: Zendesk, desk: Desk) -> None:
    server.users[AGENT]["role"] = "end-user"
    with pytest.raises(SourceError, match="agent"):
        desk.check()


def test_redaction_that_zendesk_does_not_take(server: Zendesk, desk: Desk) -> None:
    number = server.open("Vraag", f"<p>Mijn BSN is {BSN}.</p>", author=server.customer())
    entry = desk.ticket(str(number)).entries[1]
    (piece,) = entry.pieces
    assert isinstance(piece, Piece)
    server.faults = [Fault("PUT /api/v2/comment_redactions", 422)]
    wanted = Piece("html", piece.text.replace(BSN, MASK), "text/html")
    with pytest.raises(MessageLocked):
        desk.rewrite(str(number), entry, [wanted])
    with pytest.raises(MessageLocked):
        desk.rewrite(str(number), entry, [Piece("html", "<p>Iets anders.</p>", "text/html")])
    server.may_redact = False
    with pytest.raises(SourceUnwritable):
        desk.rewrite(str(number), entry, [wanted])


def test_a_next_page_elsewhere_is_not_asked(server: Zendesk, desk: Desk) -> None:
    number = server.open("Vraag", "<p>Hallo</p>", author=server.customer())
    answer = b'{"comments": [], "meta": {"has_more": true}, "links": {"next": "https://evil.example/api"}}'
    server.faults = [Fault(f"GET /api/v2/tickets/{number}/comments", 200, body=answer)]
    with pytest.raises(SourceError, match="another host"):
        desk.ticket(str(number))


def test_how_many_blocks_stand_for_a_value_does_not_matter(installed: Installation, server: Zendesk) -> None:
    server.blocks = lambda _length: 4
    number = server.open("Vraag", f"<p>BSN {BSN}, IBAN {IBAN}.</p>", author=server.customer())
    installed.run()
    installed.nudge(number)
    before = len(installed.entries())
    server.blocks = lambda _length: 1
    installed.run(timedelta(minutes=1))
    assert server.comments[number][0]["html_body"] == f"<p>BSN {MASK * 4}, IBAN {MASK * 4}.</p>"
    assert len(installed.entries()) == before


def test_the_client_of_an_account_asks_the_token_anew(server: Zendesk) -> None:
    tokens = iter(["old", TOKEN])
    secret = Secret("token_file", False, lambda: next(tokens))
    with closing(adapter.connect(Account("desk", server.url, USER, secret, private=True))) as desk:
        with pytest.raises(SourceError, match="token_file"):
            desk.check()
        desk.check()


def test_check_and_status_say_how_it_stands(installed: Installation, server: Zendesk) -> None:
    with installed.file.open("a") as file:
        file.write('hook_secret_env = "DESK_SECRET"\n')
    chosen = settings.load(installed.file, environment={})
    said: list[str] = []
    for number, lang in enumerate(("nl", "en")):
        console = Console(file=StringIO(), width=200)
        assert overview.check(chosen, lang, console) == 0  # type: ignore[arg-type]  # one of the two
        if number:
            installed.run()
            server.open("Vraag", "<p>Hallo</p>", author=server.customer())
            installed.nudge(999)
        assert standing.status(chosen, lang, console, "text") == 0  # type: ignore[arg-type]  # one of the two
        assert isinstance(console.file, StringIO)
        said.append(console.file.getvalue())
    assert "elke 15 minuten" in said[0]
    assert "/hooks/desk" in said[0]
    assert "nog nooit" in said[0]
    assert "tickets to look at: 1" in said[1]
    assert f"{NOW:%d-%m-%Y}" in said[1]


# backfill


def test_backfill_looks_first_then_redacts_and_goes_on_where_it_was(
    tmp_path: Path, server: Zendesk, engine: bootstrap.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = Installation(tmp_path, server, engine)
    text = installed.file.read_text().replace("since = 2020-01-01\n", f"since = {NOW.date()}\n")
    installed.file.write_text(text)
    chosen = settings.load(installed.file, environment={})
    installed.opened.close()
    monkeypatch.setattr(bootstrap, "engine", lambda *_: engine)
    jan = server.customer()
    old = NOW - 100 * DAY
    numbers = [server.open("Vraag", f"<p>Mijn BSN is {BSN}.</p>", author=jan, at=old + n * DAY) for n in range(40)]
    clean = server.open("Vraag", "<p>Hallo</p>", author=jan, at=old + 11 * DAY)
    since = NOW - 90 * DAY
    assert backfill.backfill(chosen, "desk", since, redact=False, lang="nl") == 0
    assert all(BSN in server.everything(number) for number in numbers)
    # The worker's own cycle leaves alone what came before its `since`, also now that it is known.
    opened = bootstrap.record(chosen)
    with closing(bootstrap.worker(chosen, engine, opened, logs.configure("json"))) as worker:
        worker.cycle()
    opened.close()
    assert all(BSN in server.everything(number) for number in numbers)
    redactions: list[str] = []

    def fails(call: str) -> None:
        if "redactions" in call:
            redactions.append(call)
            if len(redactions) == 20:
                server.faults += [Fault("", 401)] * 40

    server.on_call = fails
    assert backfill.backfill(chosen, "desk", since, redact=True, lang="nl") == 1
    server.faults.clear()
    server.on_call = lambda _: None
    server.calls.clear()
    assert backfill.backfill(chosen, "desk", since, redact=True, lang="en") == 0
    assert [BSN in server.everything(number) for number in numbers] == [True] * 10 + [False] * 30
    again = {call for call in server.calls if call.startswith("GET /api/v2/tickets/")}
    assert f"GET /api/v2/tickets/{clean}.json" not in again  # what was done before is not walked again


def test_backfill_refuses_what_makes_no_sense(tmp_path: Path, server: Zendesk, engine: bootstrap.Engine) -> None:
    installed = Installation(tmp_path, server, engine, mode="observe")
    with installed.file.open("a") as file:
        file.write('\n[[source]]\nname = "post"\ntype = "maildir"\npath = "Maildir"\n')
    chosen = settings.load(installed.file, environment={})
    for name, redact, says in (
        ("nope", False, "known: desk, post"),
        ("post", False, "no ticket"),
        ("desk", True, "mode"),
    ):
        with pytest.raises(SettingsError, match=says):
            backfill.backfill(chosen, name, NOW, redact=redact, lang="nl")
    installed.opened.close()
