"""What people and strangers do to a mailbox that is worked through: share it, put mail back, forge it. On a Dovecot."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from imapclient import IMAPClient

from tests.mailservers.at_work import BSN, STEPS, Desk, Value, imap_settings, mail, of, redacted, standing
from tests.mailservers.dovecot import Account, Dovecot

RECEIVED = datetime(2026, 11, 2, 11, 30, 5, tzinfo=UTC)
Shared = Callable[[str], str]
FORGED = b"X-Scrubber: v=1; job=" + b"0a" * 16 + b"; mac=" + b"0b" * 32 + b"\r\n"


def desk_of(home: Path, server: Dovecot, account: Account, **settings: Value) -> Desk:
    home.mkdir(exist_ok=True)
    where: dict[str, Value] = {"host": server.host, "port": server.port}
    who: dict[str, Value] = {"user": account.name, "password": account.password}
    return Desk(home, imap_settings(**where, **who, **settings))


@pytest.fixture
def account(dovecot: Dovecot) -> Account:
    return dovecot.account()


@pytest.fixture
def client(dovecot: Dovecot, account: Account) -> IMAPClient:
    return dovecot.connect(account)


@pytest.fixture
def desk(dovecot: Dovecot, account: Account, tmp_path: Path) -> Desk:
    return desk_of(tmp_path / "desk", dovecot, account)


@pytest.fixture
def shared(dovecot: Dovecot) -> Iterator[Shared]:
    """shared(rights) -> the name of a new folder that every account sees; gone after the test."""
    made: list[Path] = []

    def make(rights: str) -> str:
        folder = dovecot.public_folder("Balie", rights)
        made.append(dovecot.home / "public" / ".Balie")
        return folder

    yield make
    for directory in made:
        shutil.rmtree(directory)


def raw(client: IMAPClient, folder: str, uid: int) -> bytes:
    client.select_folder(folder, readonly=True)
    body = client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
    assert isinstance(body, bytes)
    return body


# a folder that several people share


@pytest.mark.parametrize("step", STEPS)
def test_a_shared_folder(dovecot: Dovecot, shared: Shared, tmp_path: Path, step: str) -> None:
    name = shared("lrwstie")
    ours, theirs = dovecot.account(), dovecot.account()
    colleague = dovecot.connect(theirs)
    colleague.append(name, mail(1, "Dank u wel."), ["\\Deleted"], RECEIVED)
    colleague.append(name, mail(2), ["klant"], RECEIVED)
    desk = desk_of(tmp_path / "desk", dovecot, ours, folders=[name])

    def flags(now: str) -> None:
        if now == step:
            colleague.select_folder(name)
            colleague.add_flags(colleague.search(["HEADER", "Message-ID", "m2@"]), ["\\Flagged"])

    desk.run(flags)
    desk.run()
    (one,) = of(2, standing(colleague))
    assert one.payload == redacted(mail(2))
    assert one.flags == {"\\Flagged", "klant"}
    (other,) = of(1, standing(colleague))
    assert other.payload == mail(1, "Dank u wel.")
    assert other.flags == {"\\Deleted"}, "whoever wants to may still take it back"


@pytest.mark.parametrize("rights", ["lrs", "lrsi", "lrswi", "lrswit"])
def test_a_shared_folder_with_too_few_rights(dovecot: Dovecot, shared: Shared, tmp_path: Path, rights: str) -> None:
    """Not all of write, insert, delete, expunge (RFC 4314): nothing is lost or doubled, whatever it comes to."""
    name = shared("lrwstie")
    file = dovecot.home / "public" / ".Balie" / "dovecot-acl"
    ours, theirs = dovecot.account(), dovecot.account()
    colleague = dovecot.connect(theirs)
    colleague.append(name, mail(2), [], RECEIVED)
    file.write_text(f"anyone {rights}\n")
    desk = desk_of(tmp_path / "desk", dovecot, ours, folders=[name])
    for _ in range(4):
        desk.tried()
    stands = of(2, standing(dovecot.connect(theirs)))
    assert mail(2) in [one.payload for one in stands]
    assert "REDACTED" not in [entry.outcome for entry in desk.entries()]
    file.write_text("anyone lrwstie\n")
    for _ in range(4):
        desk.tried()
    assert desk.in_flight() == 0
    assert len(of(2, standing(dovecot.connect(theirs)))) == 1, "what was half done for want of a right is cleared away"


# two workers that know nothing of each other


@pytest.mark.parametrize("die", [False, True], ids=["alive", "killed"])
@pytest.mark.parametrize("step", STEPS)
def test_two_installations_over_one_mailbox(
    dovecot: Dovecot, account: Account, client: IMAPClient, tmp_path: Path, step: str, die: bool
) -> None:
    """Each with its own keys, so that each takes the other for a stranger. The second runs within the first's steps."""
    first, second = (desk_of(tmp_path / name, dovecot, account) for name in ("first", "second"))
    client.append("INBOX", mail(2), ["\\Seen", "klant"], RECEIVED)
    if die:
        assert first.killed_at(step, second.run)
    else:

        def meanwhile(now: str) -> None:
            if now == step:
                second.run()

        first.run(meanwhile)
    for desk in (first, second, first, second):
        desk.run()
    stands = of(2, standing(client))
    assert {(one.clean, one.flags) for one in stands} == {(True, frozenset({"\\Seen", "klant"}))}
    assert {one.payload[-300:] for one in stands} == {redacted(mail(2))[-300:]}
    # Killed between its APPEND and its EXPUNGE, the first can't know that whoever took the original left another.
    assert len(stands) == (2 if die and step in {"APPENDED", "VERIFIED", "DELETING"} else 1)
    assert first.in_flight() == second.in_flight() == 0
    before = standing(client)
    assert not first.run().outcomes
    assert not second.run().outcomes
    assert standing(client) == before


# what a person puts back


def test_a_mail_that_a_person_puts_back_is_left(desk: Desk, client: IMAPClient) -> None:
    client.append("INBOX", mail(2), ["\\Seen"], RECEIVED)
    desk.clock = lambda: datetime.now(UTC) - timedelta(minutes=1)  # it was a while ago: SAVEDATE counts in seconds
    desk.run()
    desk.clock = lambda: datetime.now(UTC)
    (ours,) = of(2, standing(client))
    client.select_folder("INBOX")
    client.add_flags([ours.uid], ["\\Deleted"])
    client.uid_expunge([ours.uid])
    client.append("INBOX", mail(2), ["\\Seen"], RECEIVED)
    for _ in range(3):
        desk.run()
    (one,) = of(2, standing(client))
    assert one.payload == mail(2)
    assert one.flags == {"\\Seen"}
    assert [entry.kind for entry in desk.entries()] == ["message", "restored"]


def test_a_copy_beside_ours_is_redacted(desk: Desk, client: IMAPClient) -> None:
    """Not put back but there once more: sent twice, say."""
    client.append("INBOX", mail(2), [], RECEIVED)
    desk.run()
    client.append("INBOX", mail(2), [], RECEIVED)
    for _ in range(2):
        desk.run()
    assert [one.payload for one in of(2, standing(client))] == [redacted(mail(2))] * 2


# what a stranger sends


def replayed(ours: bytes) -> bytes:
    """Our own true marker, on another mail."""
    return ours[: ours.index(b"\r\n") + 2] + mail(3)


@pytest.mark.parametrize(
    "forge",
    [
        lambda _: FORGED + mail(3),
        lambda _: mail(3).replace(b"MIME-Version", FORGED + b"MIME-Version"),
        lambda _: b"X-Scrubber: v=1; job=" + b"0a" * 16 + b"\r\n" + mail(3),
        lambda _: FORGED.replace(b"; mac", b";\r\n mac") + mail(3),
        lambda _: FORGED.lower() + mail(3),
        replayed,
    ],
    ids=["first", "inside", "no-mac", "folded", "lower", "replayed"],
)
def test_a_forged_marker_protects_nothing(desk: Desk, client: IMAPClient, forge: Callable[[bytes], bytes]) -> None:
    client.append("INBOX", mail(2), [], RECEIVED)
    desk.run()
    (ours,) = standing(client)
    forged = forge(raw(client, "INBOX", ours.uid))
    client.append("INBOX", forged, ["\\Flagged"], RECEIVED)
    for _ in range(2):
        desk.run()
    (one,) = of(3, standing(client))
    assert one.clean
    assert one.payload.endswith(redacted(forged)[-200:])
    assert one.flags == {"\\Flagged"}
    assert [found.payload for found in of(2, standing(client))] == [redacted(mail(2))], "the true one is left alone"
    assert [entry.outcome for entry in desk.entries()] == ["REDACTED", "REDACTED"]


@pytest.mark.parametrize("way", ["again", "bounced", "forwarded"])
def test_our_own_mail_that_comes_back(desk: Desk, client: IMAPClient, way: str) -> None:
    """A stranger sends it back: as it is, under new trace headers, or as an attachment with a BSN of their own."""
    client.append("INBOX", mail(2), [], RECEIVED)
    desk.run()
    (ours,) = standing(client)
    whole = raw(client, "INBOX", ours.uid)
    assert whole != ours.payload, "it bears our marker"
    enclosed = (
        mail(5, f"Zie onder. Mijn BSN is {BSN.decode()}.").partition(b"Content-Type")[0]
        + b'Content-Type: multipart/mixed; boundary="=x"\r\n\r\n--=x\r\nContent-Type: text/plain\r\n\r\nMijn BSN is '
        + BSN
        + b".\r\n--=x\r\nContent-Type: message/rfc822\r\n\r\n"
        + whole
        + b"\r\n--=x--\r\n"
    )
    sent = {"again": whole, "bounced": b"Received: from elders.example\r\n" + whole, "forwarded": enclosed}[way]
    client.append("INBOX", sent, [], RECEIVED)
    before = standing(client)
    for _ in range(3):
        desk.run()
    after = standing(client)
    assert len(after) == len(before) == 2
    assert all(one.clean for one in after)
    if way == "forwarded":
        assert [raw(client, "INBOX", one.uid).count(b"[BSN verwijderd]") for one in after] == [1, 2]
    else:
        assert after == before, "there is nothing to redact, so nothing is rewritten"
