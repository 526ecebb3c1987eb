"""What goes on to the desk: signed so that the desk's own check fits, to one address, and no further."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from scrubber.relay.outbound import Away, DeskDoor, Refused, Stamp
from scrubber.settings_hooks import Scheme
from scrubber.web import signing
from tests.relaying import Desk

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECRET = "a-secret-for-the-desk-0123456789"
BODY = b'{"text": "\xc3\xa9"}'


@pytest.mark.parametrize(
    ("scheme", "header"),
    [
        ("hub-sha256", ""),
        ("hub-sha256", "X-Own"),
        ("hub-sha1", ""),
        ("telegram", ""),
        ("bearer", ""),
        ("header", "X-Own"),
        ("zendesk", ""),
        ("basic", ""),
        ("standard-webhooks", ""),
    ],
)
def test_who_checks_as_we_check_takes_it(scheme: Scheme, header: str) -> None:
    secret = base64.b64encode(SECRET.encode()).decode() if scheme == "standard-webhooks" else SECRET
    headers = Stamp(scheme, secret, header, "scrubber").headers(BODY, "ab" * 32, NOW)
    lock = signing.lock(scheme, [secret], "x", header, "scrubber" if scheme == "basic" else "")
    lower = {name.lower(): value for name, value in headers.items()}
    assert signing.prove(signing.Lock(lock.scheme, lock.secrets, header.lower(), lock.user), lower, BODY, NOW)
    other = signing.lock(scheme, [base64.b64encode(b"another secret, of another desk").decode()], "x", header.lower())
    with pytest.raises(signing.Refused):
        signing.prove(other, lower, BODY, NOW)


def test_the_same_delivery_has_the_same_id_later() -> None:
    stamp = Stamp("standard-webhooks", base64.b64encode(SECRET.encode()).decode())
    first, later = (stamp.headers(BODY, "ab" * 32, moment) for moment in (NOW, NOW + timedelta(hours=1)))
    assert first["webhook-id"] == later["webhook-id"]
    assert first["webhook-timestamp"] != later["webhook-timestamp"]


def test_a_stamp_shows_no_secret() -> None:
    assert SECRET not in repr(Stamp("bearer", SECRET, user=SECRET))


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk() as made:
        yield made


def deliver(door: DeskDoor) -> None:
    try:
        door.deliver(BODY, "application/json", "d", NOW)
    finally:
        door.close()


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 403, 404, 422, 500])
def test_what_the_desk_refuses(desk: Desk, status: int) -> None:
    desk.answers = [status]
    with pytest.raises(Refused) as refused:
        deliver(DeskDoor(desk.url + "/in", None, private=True))
    assert refused.value.status == status
    assert [got.path for got in desk.got] == ["/in"]  # no redirect was followed


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_a_desk_that_is_away_for_a_while(desk: Desk, status: int) -> None:
    desk.answers = [status]
    with pytest.raises(Away):
        deliver(DeskDoor(desk.url, None, private=True))
    assert len(desk.got) == 1  # whether it comes again is the channel's


def test_a_desk_that_is_slow_down_or_private(desk: Desk) -> None:
    wait = threading.Event()
    desk.before = lambda: (wait.wait(10), None)[1]
    with pytest.raises(Away, match="deliver_url"):
        deliver(DeskDoor(desk.url + "/token-in-the-path", None, private=True, seconds=0.1))
    wait.set()
    with pytest.raises(Away, match="private = true"):
        deliver(DeskDoor(desk.url, None))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Away) as down:
        deliver(DeskDoor(f"http://127.0.0.1:{port}/token-in-the-path", None, private=True))
    assert "token-in-the-path" not in str(down.value)


def test_the_address_is_used_as_it_stands(desk: Desk) -> None:
    for path in ("/in", "/in/", "/in?bid=1&x=%20", ""):
        deliver(DeskDoor(desk.url + path, Stamp("bearer", SECRET), {"X-Requested-With": "rest"}, private=True))
        assert desk.got[-1].path == (path or "/")
    assert desk.got[-1].headers["x-requested-with"] == "rest"
    assert desk.got[-1].body == BODY
