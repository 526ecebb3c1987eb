"""The private Dovecot itself: what other tests lean on must be so, or they prove nothing."""

from __future__ import annotations

import ssl

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from tests.mailservers.dovecot import Dovecot, Storage

pytestmark = [pytest.mark.dovecot, pytest.mark.xdist_group("dovecot")]

MAIL = b"Subject: proef\r\n\r\nNummer 123456782 staat hier.\r\n"


@pytest.mark.parametrize("storage", ["maildir", "mdbox"])
def test_a_killed_server_keeps_its_mail(dovecot: Dovecot, storage: Storage) -> None:
    account = dovecot.account(storage)
    client = dovecot.connect(account)
    client.append("INBOX", MAIL, flags=[b"\\Seen", b"$Eigen"])
    dovecot.kill()
    with pytest.raises((OSError, IMAPClientError)):
        client.noop()
    dovecot.restart()
    client = dovecot.connect(account)
    client.select_folder("INBOX")
    found = client.fetch(client.search("ALL"), ["BODY.PEEK[]", "FLAGS"])
    assert [(each[b"BODY[]"], set(each[b"FLAGS"]) - {b"\\Recent"}) for each in found.values()] == [
        (MAIL, {b"\\Seen", b"$Eigen"})
    ]
    assert dovecot.holds(account, b"123456782")


@pytest.mark.parametrize("storage", ["maildir", "mdbox"])
def test_a_renumbered_folder_has_another_uidvalidity(dovecot: Dovecot, storage: Storage) -> None:
    account = dovecot.account(storage)
    client = dovecot.connect(account)
    client.append("INBOX", MAIL)
    before = client.select_folder("INBOX")[b"UIDVALIDITY"]
    client.logout()
    dovecot.renumber(account, "INBOX")
    client = dovecot.connect(account)
    assert client.select_folder("INBOX")[b"UIDVALIDITY"] > before
    assert len(client.search("ALL")) == 1


def test_a_full_mailbox_says_so(dovecot: Dovecot) -> None:
    account = dovecot.account(quota_bytes=1000)
    client = dovecot.connect(account)
    client.append("INBOX", MAIL)
    with pytest.raises(IMAPClientError, match="OVERQUOTA"):
        client.append("INBOX", MAIL + b"x" * 1000)


def test_a_read_only_folder_and_back(dovecot: Dovecot) -> None:
    account = dovecot.account()
    client = dovecot.connect(account)
    client.create_folder("Archief")
    dovecot.read_only(account, "Archief")
    assert client.select_folder("Archief", readonly=True)[b"PERMANENTFLAGS"] == ()
    with pytest.raises(IMAPClientError, match="NOPERM"):
        client.append("Archief", MAIL)
    dovecot.writable(account, "Archief")
    dovecot.connect(account).append("Archief", MAIL)


def test_two_accounts_share_a_public_folder(dovecot: Dovecot) -> None:
    team = dovecot.public_folder("Team")
    one, other = (dovecot.connect(dovecot.account()) for _ in range(2))
    one.append(team, MAIL)
    other.select_folder(team)
    (uid,) = other.search("ALL")
    other.add_flags([uid], [b"\\Deleted"])
    other.uid_expunge([uid])
    assert one.folder_status(team, "MESSAGES")[b"MESSAGES"] == 0


def test_certificates_good_and_bad(dovecot: Dovecot) -> None:
    context = ssl.create_default_context(cafile=str(dovecot.ca))
    account = dovecot.account()
    for host in (dovecot.host, "localhost"):
        with IMAPClient(host, dovecot.tls_port, ssl_context=context) as client:
            client.login(account.name, account.password)
    with IMAPClient(dovecot.host, dovecot.port, ssl=False) as client:
        client.starttls(context)
        client.login(account.name, account.password)
    for host, why in ((dovecot.expired_host, "expired"), (dovecot.elsewhere_host, "not valid for")):
        with pytest.raises(ssl.SSLCertVerificationError, match=why):
            IMAPClient(host, dovecot.tls_port, ssl_context=context)


def test_passwords_and_tokens(dovecot: Dovecot) -> None:
    account = dovecot.account()
    with IMAPClient(dovecot.host, dovecot.port, ssl=False) as client:
        client.oauth2_login(account.name, dovecot.token(account))
        client.select_folder("INBOX")
    with IMAPClient(dovecot.host, dovecot.port, ssl=False) as client:
        with pytest.raises(IMAPClientError, match="AUTHENTICATIONFAILED"):
            client.oauth2_login(account.name, dovecot.token(account, seconds=-1))
        with pytest.raises(LoginError, match="AUTHENTICATIONFAILED"):
            client.login(account.name, "niet dit")
