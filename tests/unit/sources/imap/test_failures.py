"""What goes wrong, as one sentence: the setting, the mend, and nothing that the server said."""

from __future__ import annotations

import imaplib
import socket
import ssl

import pytest

from scrubber.errors import SourceError, SourceUnwritable
from scrubber.sources.credentials import Secret
from scrubber.sources.imap.account import Account, is_loopback
from scrubber.sources.imap.answers import Refused
from scrubber.sources.imap.failures import Dropped, LoginRefused, Throttled, Unclear, connecting, logging_in, working

SAID = "user jan.jansen@klant.example said it"
ACCOUNT = Account(
    "desk", "mail.desk.example", 993, "implicit", None, "jan.jansen@klant.example", Secret("password_env", False, str)
)


def expired() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, SAID)
    error.verify_code = 10
    return error


def checked(error: SourceError) -> str:
    said = str(error)
    assert said.startswith('source "desk": ')
    assert "jan" not in said
    assert "\n" not in said
    return said


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (expired(), SourceError, "its certificate has expired"),
        (ssl.SSLError(1, f"[SSL: WRONG_VERSION_NUMBER] {SAID}"), SourceError, "`port`"),
        (ssl.SSLError(1, SAID), Dropped, "`tls`"),
        (socket.gaierror(-2, SAID), Dropped, "`host`"),
        (ConnectionRefusedError(111, SAID), Dropped, "`port`"),
        (TimeoutError(SAID), Dropped, "does not answer"),
        (OSError(113, SAID), Dropped, "can't be reached"),
        (imaplib.IMAP4.error(f"* BYE [LIMIT] {SAID}"), Throttled, "too busy"),
        (imaplib.IMAP4.abort(SAID), Dropped, "`tls`"),
        (ValueError(SAID), SourceError, "can't be used: ValueError"),
    ],
)
def test_no_connection(error: Exception, kind: type[SourceError], words: str) -> None:
    found = connecting(ACCOUNT, error)
    assert type(found) is kind
    assert words in checked(found)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("[AUTHENTICATIONFAILED]", LoginRefused, "see `user` and `password_env`"),
        ("no", LoginRefused, "see `user` and `password_env`"),
        ("[PRIVACYREQUIRED]", LoginRefused, "`tls`"),
        ("[UNAVAILABLE]", Throttled, "later"),
        ("Too many simultaneous connections", Throttled, "later"),
    ],
)
def test_no_log_in(text: str, kind: type[SourceError], words: str) -> None:
    found = logging_in(ACCOUNT, imaplib.IMAP4.error(f"{text} {SAID}"))
    assert type(found) is kind
    assert words in checked(found)


def test_a_connection_that_ends_at_log_in_is_no_wrong_password() -> None:
    for error in (imaplib.IMAP4.abort(SAID), ConnectionResetError(SAID)):
        assert type(logging_in(ACCOUNT, error)) is Dropped


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (Refused("APPEND", "OVERQUOTA"), SourceUnwritable, "make room or raise its quota"),
        (Refused("APPEND", "TRYCREATE"), SourceError, "see `deliver_to`"),
        (Refused("SELECT", ""), Unclear, "see `deliver_to`"),
        (Refused("UID STORE", "NOPERM"), SourceError, "give `user` that right"),
        (Refused("UID STORE", "READ-ONLY"), SourceUnwritable, "the right to write"),
        (Refused("UID FETCH", "LIMIT"), Throttled, "slow down"),
        (Refused("UID FETCH", "SERVERBUG"), Unclear, "[SERVERBUG]"),
        (imaplib.IMAP4.readonly(SAID), SourceUnwritable, "the right to write"),
        (imaplib.IMAP4.abort(SAID), Dropped, "tried again"),
        (imaplib.IMAP4.error(f"BAD Request is throttled {SAID}"), Throttled, "slow down"),
        (imaplib.IMAP4.error(f"BAD {SAID}"), SourceError, "doesn't understand"),
        (BrokenPipeError(SAID), Dropped, "tried again"),
        (ValueError(SAID), SourceError, "can't be read"),
    ],
)
def test_a_command_that_fails(error: Exception, kind: type[SourceError], words: str) -> None:
    found = working(ACCOUNT, error, "deliver_to")
    assert type(found) is kind
    assert words in checked(found)


def test_our_own_sentence_stays_as_it_is() -> None:
    ours = SourceError("x")
    assert connecting(ACCOUNT, ours) is ours
    assert working(ACCOUNT, ours) is ours


@pytest.mark.parametrize(
    ("host", "here"),
    [
        *[("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("[::1]", True), ("localhost", True)],
        *[("10.0.0.1", False), ("mail.desk.example", False), ("localhost.evil.example", False)],
    ],
)
def test_what_is_this_machine(host: str, here: bool) -> None:
    assert is_loopback(host) is here
