"""One connection to a mail server: made when it is first needed, made anew when it was lost.

Reading is tried again once over a new connection. Nothing that changes a mailbox ever is: whether an APPEND whose
answer was lost has been done is found out by looking, after the fact.
"""

from __future__ import annotations

import imaplib
import logging
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Literal, TypeVar

from imapclient import IMAPClient, SocketTimeout

from scrubber.errors import SourceError
from scrubber.sources.imap.account import Account
from scrubber.sources.imap.answers import Refused
from scrubber.sources.imap.failures import (
    Dropped,
    LoginRefused,
    Throttled,
    Unclear,
    connecting,
    logging_in,
    plaintext,
    working,
)
from scrubber.sources.imap.wire import Wire

# imapclient logs every line of the connection, passwords and mail included, to whoever listens for DEBUG.
logging.getLogger("imapclient").setLevel(logging.WARNING)

PAUSES = (0.2, 1.0, 3.0)
"""Seconds before each further attempt to connect, within one call, where there was a connection before."""

LOCKOUT = (60.0, 3600.0)
"""Seconds without a further log-in after the server refused one: at first, doubled each time, and at most."""

T = TypeVar("T")


class Connection:
    """Not for use by several threads at once."""

    def __init__(
        self, account: Account, sleep: Callable[[float], None] = time.sleep, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.account = account
        self._sleep = sleep
        self._clock = clock
        self._wire: Wire | None = None
        self._pauses: tuple[float, ...] = ()
        self._refusal: SourceError | None = None
        self._not_before = 0.0
        self._lockout = LOCKOUT[0]

    @property
    def is_open(self) -> bool:
        return self._wire is not None

    def reading(self, work: Callable[[Wire], T], key: str = "") -> T:
        """`work` over the connection, and once more over a new one when that was lost."""
        had = self._wire is not None
        try:
            return self.writing(work, key)
        except Throttled:
            raise
        except (Dropped, Unclear):
            if not had:
                raise
            return self.writing(work, key)

    def writing(self, work: Callable[[Wire], T], key: str = "") -> T:
        """`work` over the connection, once."""
        wire = self._wire or self._opened()
        try:
            return work(wire)
        except (Dropped, Unclear):
            self.drop()
            raise
        except SourceError:
            raise
        except Refused as error:
            failure = working(self.account, error, key)
            if isinstance(failure, Dropped | Unclear):
                self.drop()
            raise failure from None
        except (imaplib.IMAP4.error, OSError, ValueError) as error:
            self.drop()
            raise working(self.account, error, key) from None
        except BaseException:
            self.drop()  # it may be in the middle of a command
            raise

    def drop(self) -> None:
        """Forget the connection as it is."""
        wire, self._wire = self._wire, None
        if wire is not None:
            with suppress(Exception):
                wire.client.shutdown()

    def close(self) -> None:
        """Log out, where that still can be said."""
        wire, self._wire = self._wire, None
        if wire is not None:
            try:
                wire.client.logout()
            except Exception:  # noqa: BLE001 - it ends either way
                with suppress(Exception):
                    wire.client.shutdown()

    def _opened(self) -> Wire:
        if self._refusal is not None and self._clock() < self._not_before:
            raise self._refusal
        for pause in (*self._pauses, None):
            try:
                self._wire = self._connect()
            except Throttled:
                raise
            except Dropped:
                if pause is None:
                    raise
                self._sleep(pause)
            except LoginRefused as error:
                self._refusal = error
                self._not_before = self._clock() + self._lockout
                self._lockout = min(2 * self._lockout, LOCKOUT[1])
                raise
            else:
                self._refusal, self._lockout, self._pauses = None, LOCKOUT[0], PAUSES
                return self._wire
        raise AssertionError  # the last round returns or raises

    def _connect(self) -> Wire:
        account = self.account
        secret = account.secret.read()
        client = None
        try:
            context = _context(account) if account.tls != "none" else None
            client = IMAPClient(
                account.host,
                account.port,
                ssl=account.tls == "implicit",
                ssl_context=context,
                timeout=SocketTimeout(connect=account.connect_timeout, read=account.timeout),
            )
            _quiet(client)
            if account.tls == "starttls":
                _start_tls(account, client, context)
        except (SourceError, imaplib.IMAP4.error, OSError, ValueError) as error:
            _end(client)
            raise connecting(account, error) from None
        try:
            _log_in(account, client, secret)
            client.normalise_times = False
            if client.has_capability("ENABLE") and client.has_capability("CONDSTORE"):
                client.enable("CONDSTORE")  # else some servers count no changes (RFC 7162, 3.1)
            return Wire(client)
        except SourceError:
            _end(client)
            raise
        except (imaplib.IMAP4.error, OSError, ValueError) as error:
            _end(client)
            raise logging_in(account, error) from None


def _context(account: Account) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(account.ca) if account.ca else None)
    except (OSError, ssl.SSLError) as error:
        why = (
            error.strerror or "it holds no certificate" if not isinstance(error, ssl.SSLError) else "no PEM certificate"
        )
        raise SourceError(f'source "{account.source}": `tls_ca`: the file {account.ca} can\'t be used: {why}') from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _quiet(client: IMAPClient) -> None:
    client._imap.debug = 0  # noqa: SLF001 - imapclient makes it log every line


def _start_tls(account: Account, client: IMAPClient, context: ssl.SSLContext | None) -> None:
    if not client.has_capability("STARTTLS"):
        raise SourceError(
            f'source "{account.source}": the mail server {account.host} offers no STARTTLS on port {account.port}: '
            'set `tls` ("implicit") and its `port` (993)'
        )
    client.starttls(context)


def _log_in(account: Account, client: IMAPClient, secret: str) -> None:
    capabilities = {bytes(name).upper() for name in client.capabilities()}
    if account.secret.token:
        if b"AUTH=XOAUTH2" not in capabilities:
            raise LoginRefused(
                f'source "{account.source}": the mail server {account.host} takes no access token (XOAUTH2): '
                "give a `password` in one of its forms"
            )
        client.sasl_login("XOAUTH2", _token(account.user, secret))
        return
    how: Literal["login", "plain"] = "login" if account.user.isascii() and secret.isascii() else "plain"
    if b"LOGINDISABLED" in capabilities:
        if b"AUTH=PLAIN" not in capabilities and b"AUTH=XOAUTH2" in capabilities:
            raise LoginRefused(
                f'source "{account.source}": the mail server {account.host} takes no password, only an access token: '
                "give an `oauth_token_command`, `oauth_token_file` or `oauth_token_env`"
            )
        if account.tls == "none":
            raise plaintext(account)
        how = "plain"
    if how == "login":
        client.login(account.user, secret)
    else:
        client.plain_login(account.user, secret)


def _token(user: str, token: str) -> Callable[[bytes], str]:
    """XOAUTH2 as Google and Microsoft have it: a refusal comes as a second challenge, to be answered with nothing."""
    answers = iter((f"user={user}\x01auth=Bearer {token}\x01\x01",))
    return lambda _challenge: next(answers, "")


def _end(client: IMAPClient | None) -> None:
    if client is not None:
        with suppress(Exception):
            client.shutdown()
