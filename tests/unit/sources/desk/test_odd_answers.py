"""django-helpdesk and Request Tracker that answer otherwise than they should, and how one logs in to them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from scrubber.errors import MessageGone, SourceError
from scrubber.finding import CopyState
from scrubber.pieces import Piece
from scrubber.sources.credentials import Secret
from scrubber.sources.desk import helpdesk, rt
from scrubber.sources.desk.account import Account
from scrubber.sources.desk.http import Client
from scrubber.sources.desk.rt_command import Outcome, ReplaceCommand
from scrubber.sources.desk.rt_texts import attachment_pieces, edits

Answers = Mapping[str, tuple[int, Any]]


@contextmanager
def answering(answers: Answers) -> Iterator[tuple[str, list[str]]]:
    """An address where each path is answered so, any other with 404; and the Authorization of each call."""
    who: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            who.append(self.headers["Authorization"])
            status, told = answers.get(self.path.partition("?")[0], (404, {}))
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it is called with
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", who
        finally:
            server.shutdown()
            thread.join()


def _account(url: str, user: str = "", command: str = "") -> Account:
    secret = Secret("token", False, lambda: "geheim")
    return Account("desk", url, user, secret, private=True, replace_command=command)


RT = "/REST/2.0"
TICKET = {"id": 7, "Subject": "Vraag", "Status": "new", "LastUpdated": "2026-11-01T10:00:00Z", "Resolved": ""}


@pytest.mark.parametrize(("user", "said"), [("", "token geheim"), ("scrubber", "Basic c2NydWJiZXI6Z2VoZWlt")])
def test_rt_is_told_who_we_are(user: str, said: str) -> None:
    with answering({f"{RT}/rt": (200, {"Version": "5.0.7"}), f"{RT}/tickets": (200, {"items": []})}) as (url, who):
        with closing(rt.connect(_account(url, user, "true"))) as desk:
            assert desk.abilities.edits
            with pytest.raises(SourceError, match="replace_command"):
                desk.check()
        assert set(who) == {said}


@pytest.mark.parametrize(("user", "said"), [("", "Token geheim"), ("bram", "Basic YnJhbTpnZWhlaW0=")])
def test_helpdesk_is_told_who_we_are(user: str, said: str) -> None:
    with answering({"/api/tickets/": (200, {"count": 0})}) as (url, who):
        with closing(helpdesk.connect(_account(url, user))) as desk:
            desk.check()
        assert set(who) == {said}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({f"{RT}/rt": (200, {"Version": "4.4.4"})}, "version 5"),
        ({f"{RT}/rt": (200, {})}, "version 5"),
        ({f"{RT}/rt": (200, [])}, "`url` does not lead"),
        ({}, "404"),
    ],
)
def test_an_rt_that_is_none(answers: Answers, said: str) -> None:
    with (
        answering(answers) as (url, _),
        closing(rt.connect(_account(url))) as desk,
        pytest.raises(SourceError, match=said),
    ):
        desk.check()


def test_an_rt_that_does_not_say_who_wrote() -> None:
    row = {"id": 8, "Type": "Correspond", "Creator": {"id": "wie"}, "Created": "2026-11-01T10:00:00Z", "Field": ""}
    answers = {
        f"{RT}/ticket/7": (200, {**TICKET, "Created": "2026-11-01T10:00:00Z"}),
        f"{RT}/ticket/7/history": (200, {"items": [row], "pages": 1}),
        f"{RT}/ticket/7/attachments": (200, {"items": [], "pages": 1}),
        f"{RT}/user/wie": (403, {}),
    }
    with (
        answering(answers) as (url, _),
        closing(rt.connect(_account(url))) as desk,
        pytest.raises(SourceError, match="give the account of `token` the right"),
    ):
        desk.ticket("7")


@pytest.mark.parametrize("broken", [{}, {"id": 7}, {"id": 7, "followup_set": [{}]}, {"id": 7, "followup_set": 5}])
def test_an_answer_that_lacks_what_it_should_have(broken: object) -> None:
    with answering({f"{RT}/ticket/7": (200, broken), "/api/tickets/7/": (200, broken)}) as (url, _):
        for module in (rt, helpdesk):
            with closing(module.connect(_account(url))) as desk, pytest.raises(SourceError, match=r"answers|url"):
                desk.ticket("7")


@pytest.mark.parametrize("moment", ["", "gisteren", None, "9999-99-99"])
def test_a_time_that_is_none(moment: object) -> None:
    followup = {"id": 1, "ticket": 7, "date": moment}
    answers: Answers = {
        f"{RT}/ticket/7": (200, {**TICKET, "LastUpdated": moment}),
        "/api/tickets/7/": (200, {"id": 7, "followup_set": [followup], "status": 1}),
    }
    with answering(answers) as (url, _):
        for module in (rt, helpdesk):
            with (
                closing(module.connect(_account(url))) as desk,
                pytest.raises(SourceError, match="a time that is none"),
            ):
                desk.ticket("7")


def test_a_helpdesk_without_its_api() -> None:
    with answering({}) as (url, _), closing(helpdesk.connect(_account(url))) as desk:
        with pytest.raises(SourceError, match="HELPDESK_ACTIVATE_API_ENDPOINT"):
            desk.check()
        with pytest.raises(MessageGone):
            desk.ticket("7")
    with (
        answering({"/api/tickets/7/": (200, ["anders"])}) as (url, _),
        closing(helpdesk.connect(_account(url))) as desk,
        pytest.raises(SourceError, match="`url`"),
    ):
        desk.ticket("7")


@pytest.mark.parametrize(
    ("outcome", "places"),
    [
        (Outcome((), index="renewed"), {"rt-index": CopyState.CLEANED}),
        (Outcome((), index="kept"), {"rt-index": CopyState.REMAINS}),
        (Outcome((), index="there"), {"rt-index": CopyState.UNKNOWN}),
        (Outcome((), index="none"), {}),
        (Outcome((), also=1), {"rt-merged": CopyState.CLEANED}),
        (Outcome((), outside=True), {"rt-external-storage": CopyState.REMAINS}),
    ],
)
def test_what_the_command_told_is_named(outcome: Outcome, places: Mapping[str, CopyState]) -> None:
    class Command(ReplaceCommand):
        def look(self, ticket: str, edits: object) -> Outcome:
            return outcome

    with answering({f"{RT}/ticket/7/history": (200, {"items": [], "pages": 1})}) as (url, _):
        client = Client(url, private=True)
        with closing(rt.RtDesk(client, Command("true"))) as desk:
            told = {copy.place: copy.state for copy in desk.copies("7", "ticket")}
    assert told == {"rt-database": CopyState.UNKNOWN, "rt-sessions": CopyState.UNKNOWN, **places}


def test_helpdesk_answers_with_another_ticket() -> None:
    with (
        answering({"/api/tickets/7/": (200, {"id": 8, "followup_set": []})}) as (url, _),
        closing(helpdesk.connect(_account(url))) as desk,
        pytest.raises(SourceError, match="another ticket"),
    ):
        desk.ticket("7")


def test_the_name_of_a_text_that_hangs_at_a_message_of_rt_is_a_text_too() -> None:
    row = {"id": 5, "ContentType": "text/plain", "Filename": "bsn-123456782.txt", "Subject": "", "Headers": ""}
    pieces = list(attachment_pieces([row], {"5": "Hallo"}))
    named = Piece("attachment/5/filename", "bsn-123456782.txt", kind="filename")
    assert pieces == [Piece("attachment/5", "Hallo"), named]
    assert edits("1", pieces, [pieces[0], replace(named, text="bsn.txt")], {}) == []
