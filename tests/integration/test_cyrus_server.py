"""The private Cyrus itself: what other tests lean on must be so, or they prove nothing."""

from __future__ import annotations

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from tests.mailservers.cyrus import Cyrus

pytestmark = [pytest.mark.cyrus, pytest.mark.xdist_group("cyrus")]

MAIL = b"From: anke@anke.example\r\nSubject: proef\r\n\r\nNummer 123456782 staat hier.\r\n"


def test_a_killed_server_keeps_its_mail(cyrus: Cyrus) -> None:
    account = cyrus.account()
    client = cyrus.connect(account)
    client.append("INBOX", MAIL, flags=[b"\\Seen", b"$Eigen"])
    cyrus.kill()
    cyrus.restart()
    client = cyrus.connect(account)
    client.select_folder("INBOX")
    found = client.fetch(client.search("ALL"), ["BODY.PEEK[]", "FLAGS"])
    assert [(each[b"BODY[]"], set(each[b"FLAGS"]) - {b"\\Recent"}) for each in found.values()] == [
        (MAIL, {b"\\Seen", b"$Eigen"})
    ]


def test_what_is_expunged_stays_until_it_expires(cyrus: Cyrus) -> None:
    client = cyrus.connect(cyrus.account())
    client.append("INBOX", MAIL.replace(b"123456782", b"123456873"))
    client.select_folder("INBOX")
    (uid,) = client.search("ALL")
    client.add_flags([uid], [b"\\Deleted"])
    client.uid_expunge([uid])
    assert client.search("ALL") == []
    assert cyrus.holds(b"123456873")
    client.logout()
    cyrus.expire()
    assert cyrus.holds(b"123456873") == []


def test_a_wrong_password_is_refused(cyrus: Cyrus) -> None:
    with IMAPClient(cyrus.host, cyrus.port, ssl=False) as client, pytest.raises(LoginError):
        client.login(cyrus.account().name, "niet dit")
