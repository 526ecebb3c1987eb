"""The small parts of the web side: which ticket is named, how often is too often, who is on this machine."""

from __future__ import annotations

from multiprocessing import Pipe
from pathlib import Path
from threading import Thread

import pytest
from starlette.requests import Request

from scrubber.errors import SettingsError
from scrubber.web import local, pool
from scrubber.web.body import too_deep
from scrubber.web.named import PLACES, Named, Places, named
from scrubber.web.pool import Broken, Pool, TooCostly, Work
from scrubber.web.rate import Rate
from scrubber.web.relay import _plain_type

ZENDESK = {
    "type": "zen:event-type:ticket.comment_added",
    "account_id": 1,
    "id": "01J",
    "subject": "zen:ticket:35436",
    "detail": {"id": "35436", "actor_id": "900"},
    "event": {"comment": {"body": "zen:ticket:1"}},
}


@pytest.mark.parametrize(
    ("desk", "document", "found"),
    [
        ("zendesk", ZENDESK, Named("35436", "900", False)),
        ("zendesk", {"ticket": "7", "actor": "a@b.example"}, Named("7", "a@b.example", False)),
        ("zendesk", {"subject": "zen:user:35436"}, None),
        ("zendesk", {"ticket": 8}, Named("8", "", True)),
        ("helpdesk", {"ticket": {"id": 9, "title": "x"}, "queue_slug": "q"}, Named("9", "", False)),
        ("helpdesk", {"ticket": {"id": 9, "title": "x"}}, Named("9", "", False)),
        ("helpdesk", {"ticket": 9}, Named("9", "", True)),
        ("rt", {"ticket": " 10 "}, Named("10", "", True)),
        ("rt", {"ticket": 11.0, "actor": 5}, Named("11", "5", False)),
        ("rt", {"ticket": {"id": 9}}, None),
        ("rt", [{"ticket": 9}], None),
        ("rt", None, None),
    ],
)
def test_which_ticket_is_named(desk: str, document: object, found: Named | None) -> None:
    assert named(document, PLACES[desk]) == found


@pytest.mark.parametrize(
    ("pointer", "ticket"),
    [("/a~1b/m~0n/1", "5"), ("/a~1b/m~0n/2", None), ("/a~1b/m~0n/x", None), ("/a~1b/m~0n/1/0", None), ("/", "6")],
)
def test_a_pointer_of_ones_own(pointer: str, ticket: str | None) -> None:
    found = named({"a/b": {"m~n": [4, 5]}, "": 6}, Places((pointer,)))
    assert (found and found.ticket) == ticket


def test_depth() -> None:
    value: object = 1
    for _ in range(64):
        value = [value]
    assert not too_deep(value)
    assert too_deep({"a": value})


def test_so_many_a_minute() -> None:
    now = [0.0]
    rate = Rate(6, lambda: now[0])
    assert [rate.take() for _ in range(8)] == [True] * 6 + [False] * 2
    now[0] = 9.9
    assert not rate.take()
    now[0] = 10.1
    assert rate.take()
    assert not rate.take()
    now[0] = 1_000.0
    assert [rate.take() for _ in range(7)] == [True] * 6 + [False]


def asked(client: str | None, **headers: str) -> Request:
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "client": (client, 5) if client else None, "headers": given})


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "127.3.2.1", "[::1]"])
def test_this_machine(host: str) -> None:
    assert local.only(asked("127.0.0.1", host=host))
    assert local.only(asked("::1", host=host))


@pytest.mark.parametrize(
    "request_",
    [
        asked("192.0.2.1", host="localhost"),
        asked(None, host="localhost"),
        asked("127.0.0.1"),
        asked("127.0.0.1", host="kwaad.example"),
        asked("127.0.0.1", host="127.0.0.1.kwaad.example"),
        asked("127.0.0.1", host="[::1"),
        asked("127.0.0.1", host="localhost", x_forwarded_for="192.0.2.1"),
        asked("127.0.0.1", host="localhost", origin="http://localhost"),
    ],
)
def test_not_this_machine(request_: Request) -> None:
    assert not local.only(request_)


def _echo(body: bytes) -> tuple[str, bytes]:
    if body == b"break":
        raise ValueError(body)
    return "", body


def echo(settings: Path | None, profile: str) -> Work:
    if profile == "wrong":
        raise SettingsError("policy.yaml is missing")
    if profile == "dies":
        raise SystemExit
    return _stuck if profile == "stuck" else _echo


def _stuck(body: bytes) -> tuple[str, bytes]:
    while body == b"stuck":
        pass
    return "", body


def test_what_a_process_does() -> None:
    ours, theirs = Pipe()
    thread = Thread(target=pool.answer_all, args=(theirs, echo, None, "default"))
    thread.start()
    assert ours.recv_bytes() == b""
    ours.send_bytes(b"x")
    assert (ours.recv_bytes(), ours.recv_bytes()) == (b"", b"x")
    ours.send_bytes(b"break")  # the type of an error, never its text
    assert (ours.recv_bytes(), ours.recv_bytes()) == (b"broken", b"ValueError")
    ours.close()
    thread.join()
    ours, theirs = Pipe()
    pool.answer_all(theirs, echo, None, "wrong")
    assert ours.recv_bytes() == b"policy.yaml is missing"


def test_a_process_that_is_stuck_is_killed_and_another_takes_its_place() -> None:
    made = Pool(echo, None, "stuck", 1, 0.5)
    try:
        made.start()
        with pytest.raises(TooCostly):
            made.ask(b"stuck")
        assert made.ask(b"x") == ("", b"x")
    finally:
        made.stop()


@pytest.mark.parametrize(("profile", "why"), [("wrong", "policy.yaml is missing"), ("dies", "its process died")])
def test_a_process_that_can_not_begin(profile: str, why: str) -> None:
    made = Pool(echo, None, profile, 1, 5)
    try:
        with pytest.raises(Broken, match=why):
            made.ask(b"x")
        with pytest.raises(SettingsError, match=why):
            made.start()
    finally:
        made.stop()


@pytest.mark.parametrize(
    ("given", "goes_on"),
    [
        ("", "application/json"),
        ("Application/JSON; charset=utf-8; x=123456782", "application/json"),
        ("application/vnd.api+json", "application/vnd.api+json"),
        ("application/123456782+json", "application/json"),
        ("application/x.123456782+json", "application/json"),
        ("application/\u00e9+json", "application/json"),
    ],
)
def test_a_content_type_carries_nothing_to_the_desk(given: str, goes_on: str) -> None:
    assert _plain_type(given) == goes_on
