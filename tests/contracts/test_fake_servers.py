"""The fake mail servers behave as their docstrings say, seen through imapclient and over a bare socket."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, date, datetime
from imaplib import IMAP4

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import CapabilityError, IMAPClientError, LoginError

from tests.mailservers import exchange, gmail
from tests.mailservers.exchange import EXCHANGE, ExchangeAccount
from tests.mailservers.fake_imap import FakeImap
from tests.mailservers.fake_script import PLAIN, Fault, Login, Profile
from tests.mailservers.fake_store import Account
from tests.mailservers.gmail import GMAIL, GmailAccount

USER, PASSWORD, TOKEN = "desk@shop.example", "geheim-7", "ya29.fake"
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def mail(number: int, text: str = "Goedemiddag", date_: str = "Mon, 02 Nov 2026 12:00:00 +0000") -> bytes:
    head = f"From: jan@jansen.example\nDate: {date_}\nSubject: Vraag {number}\nMessage-ID: <m{number}@jansen.example>\n"
    return f"{head}\n{text}\n".replace("\n", "\r\n").encode()


@contextmanager
def serving(account: Account, profile: Profile = PLAIN, *faults: Fault) -> Iterator[FakeImap]:
    with FakeImap(profile, {USER: Login(account, PASSWORD, TOKEN)}, *faults) as server:
        yield server


def connected(server: FakeImap, *, token: bool = False) -> IMAPClient:
    client = IMAPClient(server.host, server.port, ssl=False, timeout=10)
    client.normalise_times = False
    try:
        if token:
            client.oauth2_login(USER, TOKEN)
        else:
            client.login(USER, PASSWORD)
    except IMAP4.error:
        client.shutdown()
        raise
    return client


Open = Callable[..., tuple[FakeImap, IMAPClient]]


@pytest.fixture
def opened() -> Iterator[Open]:
    """opened(account, profile, *faults) -> (server, client)"""
    left: list[tuple[AbstractContextManager[FakeImap], IMAPClient]] = []

    def make(account: Account, profile: Profile = PLAIN, *faults: Fault) -> tuple[FakeImap, IMAPClient]:
        context = serving(account, profile, *faults)
        server = context.__enter__()
        client = connected(server, token=profile is EXCHANGE)
        left.append((context, client))
        return server, client

    yield make
    for context, client in left:
        with suppress(OSError):  # a test may have logged out
            client.shutdown()
        context.__exit__(None, None, None)


# a server in general


def test_what_is_appended_is_fetched(opened: Open) -> None:
    _, client = opened(Account({"INBOX": "", "Überschrift & meer": ""}))
    said = client.append("Überschrift & meer", mail(1), ["\\Seen", "belangrijk"], NOON)
    assert said.startswith(b"[APPENDUID ")
    assert [name for _, _, name in client.list_folders()] == ["INBOX", "Überschrift & meer"]
    opening = client.select_folder("Überschrift & meer")
    assert opening[b"EXISTS"] == 1
    assert b"\\*" in opening[b"PERMANENTFLAGS"]
    wanted = ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "BODY.PEEK[]", "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE)]"]
    got = client.fetch([1], wanted)[1]
    assert got[b"BODY[]"] == mail(1)
    assert got[b"RFC822.SIZE"] == len(mail(1))
    assert got[b"INTERNALDATE"] == NOON
    assert set(got[b"FLAGS"]) == {b"\\Seen", b"belangrijk"}
    head = got[b"BODY[HEADER.FIELDS (MESSAGE-ID DATE)]"]
    assert head == b"Date: Mon, 02 Nov 2026 12:00:00 +0000\r\nMessage-ID: <m1@jansen.example>\r\n\r\n"
    assert client.folder_status("INBOX", ["MESSAGES", "UIDNEXT"]) == {b"MESSAGES": 0, b"UIDNEXT": 1}


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        (["ALL"], [1, 2, 3]),
        (["UID", "2:*"], [2, 3]),
        (["UID", "9:*"], [3]),  # RFC 3501: * is the highest, and a set may run backwards
        (["LARGER", "200"], [3]),
        (["SMALLER", "200"], [1, 2]),
        (["HEADER", "Message-ID", "<m2@jansen.example>"], [2]),
        (["HEADER", "X-None", ""], []),
        (["UNDELETED"], [1, 3]),
        (["UNSEEN", "UNDELETED"], [3]),
        (["NOT", ["SEEN", "UNDELETED"]], [2, 3]),
        (["OR", "DELETED", "SUBJECT", "vraag 3"], [2, 3]),
        (["SINCE", date(2026, 11, 2)], [2, 3]),
        (["BEFORE", date(2026, 11, 2)], [1]),
        (["KEYWORD", "spoed"], [3]),
    ],
)
def test_search(opened: Open, criteria: list[object], found: list[int]) -> None:
    account = Account()
    account.add("INBOX", mail(1), datetime(2026, 11, 1, 23, tzinfo=UTC), ["\\Seen"])
    account.add("INBOX", mail(2), NOON, ["\\Deleted"])
    account.add("INBOX", mail(3, "lang" * 50), NOON, ["spoed"])
    _, client = opened(account)
    client.select_folder("INBOX", readonly=True)
    assert client.search(criteria) == found


def test_expunge_of_one_leaves_what_a_colleague_deleted(opened: Open) -> None:
    account = Account()
    for number in range(3):
        account.add("INBOX", mail(number))
    _, client = opened(account)
    client.select_folder("INBOX")
    client.add_flags([1, 2], "\\Deleted")
    client.uid_expunge([2])
    assert client.search() == [1, 3]
    client.expunge()
    assert client.search() == [3]


def test_move_and_copy_tell_the_new_uid(opened: Open) -> None:
    account = Account({"INBOX": "", "Archief": ""})
    account.add("Archief", mail(9))
    account.add("INBOX", mail(1), flags=["\\Flagged"])
    _, client = opened(account)
    client.select_folder("INBOX")
    client.copy([1], "Archief")
    assert client._imap.response("COPYUID")[1][-1].endswith(b" 1 2")
    client.move([1], "Archief")
    assert client._imap.response("COPYUID")[1][-1].endswith(b" 1 3")
    assert client.search() == []
    assert [seen.flags for seen in account.standing()] == [frozenset(), {"\\Flagged"}, {"\\Flagged"}]
    with pytest.raises(IMAPClientError, match="TRYCREATE"):
        client.copy([1], "Nergens")


def test_what_another_client_does_is_told(opened: Open) -> None:
    account = Account()
    account.add("INBOX", mail(1))
    server, client = opened(account)
    client.select_folder("INBOX")
    client.idle()
    other = connected(server)
    other.select_folder("INBOX")
    other.append("INBOX", mail(2))
    other.add_flags([1], "\\Flagged")
    told: list[object] = []
    while len(told) < 2:
        told += client.idle_check(timeout=5)
    other.delete_messages([1])
    other.uid_expunge([1])
    while (1, b"EXPUNGE") not in told:
        told += client.idle_check(timeout=5)
    client.idle_done()
    assert (2, b"EXISTS") in told
    assert (1, b"FETCH", (b"UID", 1, b"FLAGS", (b"\\Flagged",))) in told
    assert client.search() == [2]
    other.logout()


def test_a_store_with_unchangedsince_fails_after_a_change(opened: Open) -> None:
    account = Account()
    account.add("INBOX", mail(1))
    server, client = opened(account)
    client.enable("CONDSTORE")
    client.select_folder("INBOX")
    modseq = client.fetch([1], ["MODSEQ"])[1][b"MODSEQ"][0]
    other = connected(server)
    other.select_folder("INBOX")
    other.add_flags([1], "\\Flagged")
    raw = client._imap
    assert raw.uid("STORE", "1", f"(UNCHANGEDSINCE {modseq})", "+FLAGS.SILENT", "(\\Deleted)")[0] == "OK"
    assert raw.untagged_responses.get("MODIFIED") == [b"1"]
    assert {flag for seen in account.standing() for flag in seen.flags} == {"\\Flagged"}
    other.logout()


def test_an_open_folder_may_be_renamed_renumbered_and_read_only(opened: Open) -> None:
    account = Account({"INBOX": "", "Intake": ""})
    account.add("Intake", mail(1))
    account.add("Intake", mail(2))
    account.folder("Intake").read_only = True
    _, client = opened(account)
    with pytest.raises(IMAP4.readonly):
        client.select_folder("Intake")
    before = client.select_folder("Intake", readonly=True)
    assert before[b"PERMANENTFLAGS"] == ()
    with pytest.raises(IMAPClientError, match="read-only"):
        client.add_flags([1], "\\Deleted")
    account.folder("Intake").read_only = False
    account.folder("Intake").entries.pop(1)
    account.renumber("Intake")
    after = client.select_folder("Intake")
    assert after[b"UIDVALIDITY"] != before[b"UIDVALIDITY"]
    assert client.search() == [1]
    client.rename_folder("Intake", "Binnen")
    with pytest.raises(IMAPClientError, match="NONEXISTENT"):
        client.select_folder("Intake")
    client.delete_folder("Binnen")
    assert account.standing() == []


def test_what_is_no_command_is_bad(opened: Open) -> None:
    account = Account()
    account.add("INBOX", mail(1))
    server, _ = opened(account)
    with socket.create_connection((server.host, server.port), 5) as line:
        stream = line.makefile("rb")
        assert stream.readline().startswith(b"* OK ")
        for said, answer in [
            (b"", b"* BAD"),
            (b"a1", b"* BAD"),
            (b"a2 FETCH (", b"* BAD"),
            (b'a3 LOGIN "x', b"* BAD"),
            (b"a4 SELECT INBOX", b"a4 BAD"),
            (b"a5 LOGIN wie wat", b"a5 NO [AUTHENTICATIONFAILED]"),
            (b"a6 DO_SOMETHING", b"a6 BAD"),
        ]:
            line.sendall(said + b"\r\n")
            assert stream.readline().startswith(answer)
        line.sendall(f"a7 LOGIN {{{len(USER)}}}\r\n".encode())
        assert stream.readline().startswith(b"+ ")
        line.sendall(f"{USER} {PASSWORD}\r\n".encode())
        assert stream.readline().startswith(b"a7 OK")
        line.sendall(b"a8 SELECT INBOX\r\na9 UID FETCH 1 ENVELOPE\r\nb1 FETCH 1 FLAGS\r\n")
        while not (said_ := stream.readline()).startswith(b"a9"):
            assert said_.startswith((b"* ", b"a8 OK"))
        assert said_.startswith(b"a9 BAD")
        assert stream.readline().startswith(b"b1 BAD")
        stream.close()
    assert PASSWORD not in " ".join(server.script.seen)


def test_a_token_is_checked_and_its_error_told_in_a_challenge() -> None:
    with serving(GmailAccount(), GMAIL) as server, IMAPClient(server.host, server.port, ssl=False) as client:
        with pytest.raises(LoginError, match="Invalid credentials"):
            client.oauth2_login(USER, "verlopen")
        client.oauth2_login(USER, TOKEN)
        assert client.folder_exists("INBOX")


# what goes wrong


def test_the_line_breaks_where_it_is_told_to() -> None:
    for doing, stands in [("drop", 0), ("drop-in-literal", 0), ("drop-after", 1)]:
        account = Account()
        with serving(account, PLAIN, Fault("APPEND", doing)) as server:  # type: ignore[arg-type]  # a literal each
            client = connected(server)
            with pytest.raises((IMAP4.abort, OSError)):
                client.append("INBOX", mail(1))
            client.shutdown()
            assert len(account.standing()) == stands
            client = connected(server)
            client.append("INBOX", mail(2))
            assert len(account.standing()) == stands + 1
            client.logout()


def test_a_fault_waits_its_turn_and_ends(opened: Open) -> None:
    account = Account()
    _, client = opened(account, PLAIN, Fault("APPEND", "answer", "NO [OVERQUOTA] full", skip=1, times=2))
    client.append("INBOX", mail(1))
    for _ in range(2):
        with pytest.raises(IMAPClientError, match="OVERQUOTA"):
            client.append("INBOX", mail(2))
    client.append("INBOX", mail(3))
    assert len(account.standing()) == 2


def test_a_store_that_is_deaf_says_ok(opened: Open) -> None:
    account = Account()
    account.add("INBOX", mail(1))
    _, client = opened(account, PLAIN, Fault("UID STORE", "answer", "OK STORE completed", times=0))
    client.select_folder("INBOX")
    client.add_flags([1], "\\Deleted")
    client.uid_expunge([1])
    assert [seen.flags for seen in account.standing()] == [frozenset()]


def test_without_uidplus_and_move(opened: Open) -> None:
    account = Account({"INBOX": "", "Weg": ""})
    account.add("INBOX", mail(1))
    _, client = opened(account, PLAIN.without("UIDPLUS", "MOVE"))
    assert client.append("INBOX", mail(2)) == b"APPEND completed"
    client.select_folder("INBOX")
    with pytest.raises(CapabilityError):
        client.uid_expunge([1])
    with pytest.raises(CapabilityError):
        client.move([1], "Weg")
    with pytest.raises(IMAP4.error, match="BAD"):
        client._imap.uid("EXPUNGE", "1")


def test_other_people_may_act_between_two_commands(opened: Open) -> None:
    account = Account()
    account.add("INBOX", mail(1))
    server, client = opened(account)
    client.select_folder("INBOX")
    server.script.at = lambda verb: account.expunge(account.folder("INBOX"), 1) if verb == "UID STORE" else None
    client.add_flags([1], "\\Deleted")
    assert account.standing() == []
    assert server.script.verbs()[-2:] == ["SELECT", "UID STORE"]


# Gmail

BIN, ALL = "[Gmail]/Bin", "[Gmail]/All Mail"


def folders(account: Account) -> list[str]:
    return sorted(seen.folder for seen in account.standing())


def test_a_gmail_folder_is_a_label(opened: Open) -> None:
    account = GmailAccount("Retour")
    account.add("INBOX", mail(1), NOON, ["\\Flagged"])
    _, client = opened(account, GMAIL)
    client.select_folder("INBOX")
    assert folders(account) == ["INBOX", ALL]
    client.copy([1], "Retour")
    assert folders(account) == ["INBOX", "Retour", ALL]
    client.add_flags([1], ["\\Seen"])
    assert {seen.flags for seen in account.standing()} == {frozenset({"\\Flagged", "\\Seen"})}
    client.move([1], "Retour")
    assert folders(account) == ["Retour", ALL]
    client.select_folder("Retour")
    number = client.fetch([1], ["X-GM-MSGID"])[1][b"X-GM-MSGID"]
    client.select_folder(ALL)
    assert client.search(["X-GM-MSGID", str(number)]) == [1]
    assert client.search(["X-GM-RAW", "rfc822msgid:m1@jansen.example"]) == [1]
    special = {flags[-1]: name for flags, _, name in client.list_folders() if len(flags) > 1}
    assert special[b"\\Trash"] == BIN
    assert special[b"\\All"] == ALL


@pytest.mark.parametrize("auto", [True, False])
def test_deleting_in_gmail_only_archives(opened: Open, auto: bool) -> None:
    account = GmailAccount(auto_expunge=auto)
    account.add("INBOX", mail(1))
    _, client = opened(account, GMAIL)
    client.select_folder("INBOX")
    client.add_flags([1], "\\Deleted")
    assert folders(account) == ([ALL] if auto else ["INBOX", ALL])
    client.uid_expunge([1])
    assert folders(account) == [ALL]


@pytest.mark.parametrize(("expunging", "left"), [("trash", [BIN]), ("deleteForever", [])])
def test_gmail_may_be_set_to_delete(opened: Open, expunging: gmail.Expunging, left: list[str]) -> None:
    account = GmailAccount("Retour", expunging=expunging)
    account.add("INBOX", mail(1))
    _, client = opened(account, GMAIL)
    client.select_folder("INBOX")
    client.copy([1], "Retour")
    client.add_flags([1], "\\Deleted")
    assert folders(account) == ["Retour", ALL]
    client.select_folder("Retour")
    client.add_flags([1], "\\Deleted")
    assert folders(account) == left


def test_the_bin_of_gmail_is_the_way_out(opened: Open) -> None:
    account = GmailAccount("Retour")
    account.add("INBOX", mail(1))
    account.add("INBOX", mail(2))
    _, client = opened(account, GMAIL)
    client.select_folder("INBOX")
    client.copy([1], "Retour")
    client.move([1], BIN)
    assert account.holds(b"Vraag 1") == [BIN]
    client.select_folder(BIN)
    client.add_flags([1], "\\Deleted")
    client.uid_expunge([1])
    assert account.holds(b"Vraag 1") == []
    assert account.holds(b"Vraag 2") == ["INBOX", ALL]


def test_gmail_takes_a_known_message_id_for_the_message_it_has(opened: Open) -> None:
    account = GmailAccount()
    account.add("INBOX", mail(1, "het oude"))
    _, client = opened(account, GMAIL)
    said = client.append("INBOX", mail(1, "het nieuwe"))
    assert b" 1]" in said, "the uid of the message that was there"
    assert account.holds(b"het nieuwe") == []
    client.select_folder("INBOX")
    client.move([1], BIN)
    client.append("INBOX", mail(1, "het nieuwe"))
    assert account.holds(b"het oude") == ["INBOX", ALL], "taken out of the bin"


def test_gmail_may_replace_the_message_of_the_same_folder_and_date(opened: Open) -> None:
    account = GmailAccount(dedupe="replace")
    account.add("INBOX", mail(1, "het oude"))
    _, client = opened(account, GMAIL)
    client.append("INBOX", mail(1, "anders", date_="Tue, 03 Nov 2026 12:00:00 +0000"))
    assert len(account.standing()) == 4
    client.append("INBOX", mail(1, "het nieuwe"))
    assert account.holds(b"het oude") == []
    assert account.holds(b"het nieuwe") == ["INBOX", ALL]


def test_one_connection_too_many(opened: Open) -> None:
    server, client = opened(GmailAccount(), GMAIL)
    server.script.most = 1
    with pytest.raises(LoginError, match="Too many simultaneous connections"):
        connected(server)
    client.logout()
    while server.connections():
        pass
    connected(server).logout()


def test_gmail_throttles_fills_up_and_ends(opened: Open) -> None:
    faults = [gmail.throttled("UID FETCH"), gmail.full(times=1), gmail.ended("NOOP")]
    _, client = opened(GmailAccount(), GMAIL, *faults)
    client.select_folder("INBOX")
    with pytest.raises(IMAPClientError, match="bandwidth"):
        client.fetch([1], ["FLAGS"])
    with pytest.raises(IMAPClientError, match="over quota"):
        client.append("INBOX", mail(1))
    with pytest.raises(IMAP4.abort):
        client.noop()


# Exchange Online


def test_exchange_takes_no_password_and_no_keyword(opened: Open) -> None:
    account = ExchangeAccount()
    account.add("INBOX", mail(1))
    server, client = opened(account, EXCHANGE)
    assert not client.has_capability("CONDSTORE")
    with pytest.raises(LoginError, match="LOGIN failed"):
        connected(server)
    opening = client.select_folder("INBOX")
    assert opening[b"PERMANENTFLAGS"] == (b"\\Answered", b"\\Flagged", b"\\Draft", b"\\Deleted", b"\\Seen", b"$MDNSent")
    with pytest.raises(IMAPClientError, match="Command Argument Error"):
        client.add_flags([1], "spoed")
    with pytest.raises(IMAPClientError, match="Command Argument Error"):
        client.append("INBOX", mail(2), ["spoed"])
    with pytest.raises((IMAPClientError, IMAP4.error)):
        client.search(["KEYWORD", "spoed"])
    client.add_flags([1], ["\\Flagged", "$MDNSent"])
    assert "Inbox" in {name for _, _, name in client.list_folders()}
    assert client.find_special_folder(b"\\Sent") == "Verzonden items"


def test_exchange_keeps_what_is_deleted(opened: Open) -> None:
    account = ExchangeAccount()
    account.add("INBOX", mail(1))
    _, client = opened(account, EXCHANGE)
    client.select_folder("INBOX")
    client.add_flags([1], "\\Deleted")
    client.uid_expunge([1])
    assert account.standing() == []
    assert [seen.payload for seen in account.recoverable] == [mail(1)]


def test_exchange_may_guess_sizes_and_rewrite_mails(opened: Open) -> None:
    account = ExchangeAccount(exact_size=False, rewrites=lambda payload: b"X-MS-Exchange: ja\r\n" + payload)
    _, client = opened(account, EXCHANGE)
    client.append("INBOX", mail(1))
    client.select_folder("INBOX")
    got = client.fetch([1], ["RFC822.SIZE", "BODY.PEEK[]"])[1]
    assert got[b"BODY[]"] == b"X-MS-Exchange: ja\r\n" + mail(1)
    assert got[b"RFC822.SIZE"] != len(got[b"BODY[]"])
    assert client.search(["LARGER", str(len(got[b"BODY[]"]))]) == [1]


def test_exchange_is_busy_throttles_and_ends(opened: Open) -> None:
    faults = [
        exchange.busy("SELECT"),
        exchange.throttled("SELECT"),
        exchange.not_connected("LIST"),
        exchange.closed("NOOP"),
    ]
    _, client = opened(ExchangeAccount(), EXCHANGE, *faults)
    with pytest.raises(IMAPClientError, match="Server Unavailable"):
        client.select_folder("INBOX")
    with pytest.raises(IMAP4.error, match="Backoff"):
        client.select_folder("INBOX")
    with pytest.raises(IMAP4.error, match="not connected"):
        client.list_folders()
    with pytest.raises(IMAP4.abort):
        client.noop()
