"""What a call costs and who waits for it; what the messages of a request become."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from scrubber import bootstrap
from scrubber.pipeline import Tools
from scrubber.web import call, scrub
from scrubber.web.call import Caller
from scrubber.web.pool import Pool, Work
from scrubber.web.problems import KINDS, Problem
from scrubber.web.rate import Rate

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def made(settings: Path | None, profile: str) -> Work:
    return _work


def _work(body: bytes) -> tuple[str, bytes]:
    while body == b"stuck":
        pass
    if body == b"dies":
        os._exit(1)
    if body == b"wrong":
        return "message", b"`body` is missing or no text"
    return "", body


@pytest.fixture
def caller() -> Iterator[Caller]:
    pool = Pool(made, None, "default", 1, 1.0)
    pool.start()
    yield Caller(pool, None, 1_000, Rate(1_000))
    pool.stop()


def problem(caller: Caller, body: bytes) -> str:
    with pytest.raises(Problem) as caught:
        asyncio.run(caller.ask(body))
    assert not set(caught.value.detail) - set("`body` is missing or no text")
    return caught.value.kind


def test_each_end_of_a_call(caller: Caller) -> None:
    assert asyncio.run(caller.ask(b"x")) == b"x"
    assert problem(caller, b"wrong") == "message"
    assert problem(caller, b"stuck") == "costly"
    assert problem(caller, b"dies") == "broken"
    assert asyncio.run(caller.ask(b"x")) == b"x"


def test_who_waits_too_long_or_comes_when_too_many_wait(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call, "WAIT_SECONDS", 0.2)
    monkeypatch.setattr(call, "WAITING", 2)

    async def together() -> list[object]:
        first = asyncio.create_task(caller.ask(b"stuck"))
        await asyncio.sleep(0.1)
        return list(await asyncio.gather(*(caller.ask(b"x") for _ in range(4)), first, return_exceptions=True))

    kinds = [each.kind if isinstance(each, Problem) else each for each in asyncio.run(together())]
    assert kinds == ["busy"] * 4 + ["costly"]
    assert asyncio.run(caller.ask(b"x")) == b"x"


@pytest.fixture(scope="module")
def work() -> Callable[[bytes], tuple[str, bytes]]:
    tools, policy = bootstrap.default_tools(), bootstrap.default_policy()
    return partial(scrub.work, tools=tools, policy=policy, now=NOW)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "json"),
        (b"\xff", "json"),
        (b'{"body": NaN}', "json"),
        (b"[" * 100_000, "json"),
        (b"[" * 70 + b"]" * 70, "json"),
        (b"{}", "message"),
        (b"5", "message"),
        (json.dumps([{"body": ""}] * 101).encode(), "message"),
    ],
)
def test_what_is_no_request(work: Work, body: bytes, kind: str) -> None:
    found, why = work(body)
    assert found == kind
    assert kind in KINDS
    assert b"\xff" not in why


def test_one_and_many(work: Work) -> None:
    message = {"id": 1, "body": "BSN 123456782"}
    kind, one = work(json.dumps(message).encode())
    assert kind == ""
    assert json.loads(one)["redacted"]["body"] == "BSN [BSN verwijderd]"
    kind, many = work(json.dumps([message, {}, message]).encode())
    assert kind == ""
    assert json.loads(many) == [
        json.loads(one),
        {"id": None, "error": "`body` is missing or no text", "line": 2},
        json.loads(one),
    ]


def test_a_message_that_breaks_on_us(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its type is told, and not what the error quotes."""

    def broken(*_: object, **__: object) -> object:
        raise ValueError("123456782")

    monkeypatch.setattr("scrubber.pipeline.scrub", broken)
    assert work(b'{"body": "x"}') == ("broken", b"error: ValueError")
    kind, many = work(b'[{"body": "x", "id": "a"}]')
    assert (kind, json.loads(many)) == ("", [{"id": "a", "error": "error: ValueError", "line": 1}])


def test_what_a_process_works_with(tmp_path: Path) -> None:
    file = tmp_path / "scrubber.toml"
    file.write_text('[rules]\nlang = "en"\n')
    kind, answer = scrub.build(file, "strict")(b'{"body": "BSN 123456782"}')
    assert kind == ""
    assert "citizen service number removed" in json.loads(answer)["redacted"]["body"]
    assert isinstance(bootstrap.engine().tools, Tools)
