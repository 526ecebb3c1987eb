"""What a mail server or the way to it does wrong, as one sentence that names the setting and the mend.

Nothing that a server says is passed on: its texts name accounts, addresses and folders.
"""

from __future__ import annotations

import imaplib
import socket
import ssl

from scrubber.errors import SourceError, SourceUnwritable
from scrubber.sources.imap.account import Account
from scrubber.sources.imap.answers import Refused, response_code


class Dropped(SourceError):
    """The connection was lost or could not be made; the same may work later."""


class Throttled(Dropped):
    """The server asks us to slow down."""


class Unclear(SourceError):
    """A refusal without a reason. It may be this connection's: a folder that was numbered anew while it was open."""


class LoginRefused(SourceError):
    """The server doesn't let us in: trying again soon may lock the account."""


_UNKNOWN_AUTHORITY = "its certificate is from an authority that is not known here: name that authority in `tls_ca`"
_OTHER_NAME = "its certificate is for another name: write that name in `host`"
# X509_V_ERR_* of OpenSSL (x509_vfy.h)
_CERTIFICATES = {
    2: _UNKNOWN_AUTHORITY,
    9: "its certificate is not valid yet: set the clocks right",
    10: "its certificate has expired: renew it there",
    18: "its certificate is signed by itself: name it in `tls_ca`",
    19: _UNKNOWN_AUTHORITY,
    20: _UNKNOWN_AUTHORITY,
    21: _UNKNOWN_AUTHORITY,
    62: _OTHER_NAME,
    64: _OTHER_NAME,
}
_THROTTLES = {"LIMIT", "THROTTLED", "INUSE"}
_FULL = {"OVERQUOTA"}
_NOT_ALLOWED = {"NOPERM", "AUTHORIZATIONFAILED", "CANNOT"}


def connecting(account: Account, error: BaseException) -> SourceError:
    """Why there is no connection. `error` is what socket, ssl or imaplib raised before the log-in."""
    at = f'source "{account.source}": the mail server {account.host}:{account.port}'
    match error:
        case SourceError():
            return error
        case ssl.SSLCertVerificationError():
            return SourceError(
                f"{at}: {_CERTIFICATES.get(error.verify_code, 'its certificate is not valid: mend it there')}"
            )
        case ssl.SSLError() if "WRONG_VERSION_NUMBER" in str(error) or "UNKNOWN_PROTOCOL" in str(error):
            return SourceError(f'{at} speaks no TLS on this port: set `port` (993), or `tls` ("starttls")')
        case ssl.SSLError():
            return Dropped(f"{at}: TLS fails: see `tls` and `port`, and which TLS versions the server has")
        case socket.gaierror():
            return Dropped(f"{at}: the name is not found: see `host`, or the network")
        case ConnectionRefusedError():
            return Dropped(f"{at} refuses the connection: see `host` and `port`, and whether the server runs")
        case TimeoutError():
            return Dropped(f"{at} does not answer: see `host`, `port` and the firewall; with TLS on, see `tls`")
        case OSError():
            return Dropped(f"{at} can't be reached: see `host` and `port`, or the network")
        case imaplib.IMAP4.error():
            if _throttled(error):
                return Throttled(f"{at} is too busy for another connection: it is tried again later")
            return Dropped(f"{at} breaks the connection off: see `port` and `tls`, and whether it is an IMAP server")
        case _:
            return SourceError(f"{at} can't be used: {type(error).__name__}")


def logging_in(account: Account, error: BaseException) -> SourceError:
    """Why the log-in failed."""
    at = f'source "{account.source}": the mail server {account.host}'
    if isinstance(error, OSError):
        return Dropped(f"{at} breaks the connection off at log-in: it is tried again later")
    text = _bytes(error)
    code = response_code(text)
    if code in {"LIMIT", "INUSE", "THROTTLED", "UNAVAILABLE", "SERVERBUG"}:
        return Throttled(f"{at} takes no log-in now (too many connections, or busy): it is tried again later")
    if code == "PRIVACYREQUIRED":
        return plaintext(account)
    if isinstance(error, imaplib.IMAP4.abort):
        return Dropped(f"{at} breaks the connection off at log-in: it is tried again later")
    key = account.secret.key
    if account.secret.token:
        return LoginRefused(f"{at} refuses the access token: renew what `{key}` gives, and see `user`")
    return LoginRefused(f"{at} refuses the log-in: see `user` and `{key}`")


def plaintext(account: Account) -> SourceError:
    return LoginRefused(
        f'source "{account.source}": the mail server {account.host} takes no password without TLS: '
        'set `tls` ("implicit" or "starttls")'
    )


def working(account: Account, error: BaseException, key: str = "") -> SourceError:
    """Why a command failed. `key`: the setting that names the folder it was about."""
    at = f'source "{account.source}": the mail server {account.host}'
    match error:
        case SourceError():
            return error
        case Refused():
            return _refused(at, error, key)
        case imaplib.IMAP4.readonly():
            return SourceUnwritable(f"{at} made the folder read-only: give `user` the right to write there")
        case imaplib.IMAP4.abort() | OSError():
            if _throttled(error):
                return Throttled(f"{at} broke the connection off because of too much work: it is tried again later")
            return Dropped(f"{at} broke the connection off: it is tried again")
        case imaplib.IMAP4.error():
            if _throttled(error):
                return Throttled(f"{at} asks to slow down: it is tried again later")
            return SourceError(f"{at} doesn't understand a command: see the server's log")
        case _:
            return SourceError(f"{at} gives an answer that can't be read ({type(error).__name__})")


def _refused(at: str, error: Refused, key: str) -> SourceError:
    code = error.code
    if code in _THROTTLES:
        return Throttled(f"{at} asks to slow down: it is tried again later")
    if code in _FULL:
        return SourceUnwritable(f"{at} says that the mailbox of `user` is full: make room or raise its quota")
    if code == "READ-ONLY":
        return SourceUnwritable(f"{at} lets the folder be read only: give `user` the right to write there")
    if code in {"NONEXISTENT", "TRYCREATE"}:
        return SourceError(f"{at} has no such folder: see `{key or 'folders'}`")
    if code in _NOT_ALLOWED:
        return SourceError(f"{at} doesn't allow {error.command}: give `user` that right in the folder")
    if error.command in {"SELECT", "STATUS"}:
        return Unclear(f"{at} doesn't open a folder: see `{key or 'folders'}`, and the server's log")
    told = f" [{code}]" if code else ""
    return Unclear(f"{at} refuses {error.command}{told}: see the server's log")


def _throttled(error: BaseException) -> bool:
    return response_code(_bytes(error)) in _THROTTLES


def _bytes(error: BaseException) -> bytes:
    return " ".join(str(part) for part in error.args).encode("utf-8", "replace")
