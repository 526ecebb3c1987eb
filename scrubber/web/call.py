"""`POST /v1/scrub`: what `scrubber analyze` takes and gives, one message or a list of them a request."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response, Security
from fastapi.security import HTTPBearer

from scrubber.web import body, local, signing
from scrubber.web.pool import Broken, Pool, TooCostly
from scrubber.web.problems import Problem, documented
from scrubber.web.rate import Rate
from scrubber.web.scrub import MOST
from scrubber.web.shapes import REFERENCE, AnswerOut, NotAnswered

WAITING = 32
"""Requests that may wait for a process; more are refused."""

WAIT_SECONDS = 10.0
"""How long one waits for it."""

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="scrubber"'}
_BEARER = HTTPBearer(auto_error=False, description="One of the tokens of [serve] token_env or token_file.")
_MESSAGE = {"$ref": REFERENCE.format(model="MessageIn")}
_LIST = {
    "type": "array",
    "items": {"anyOf": [_MESSAGE, {"description": "What is no message gets an error in its place."}]},
    "maxItems": MOST,
}
_OPENAPI = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": {"anyOf": [_MESSAGE, _LIST]}}}}
}


@dataclass(slots=True)
class Caller:
    """`lock` None: no token is set, so only this machine itself is answered. `limit`: bytes of a body."""

    pool: Pool
    lock: signing.Lock | None
    limit: int
    rate: Rate
    _threads: ThreadPoolExecutor = field(init=False, repr=False)
    _turn: asyncio.Semaphore = field(init=False, repr=False)
    _waiting: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._threads = ThreadPoolExecutor(self.pool.number, thread_name_prefix="scrub")
        self._turn = asyncio.Semaphore(self.pool.number)

    async def ask(self, raw: bytes) -> bytes:
        """The answer to a request's body. Problem."""
        if self._waiting >= WAITING:
            raise Problem("busy")
        self._waiting += 1
        try:
            await asyncio.wait_for(self._turn.acquire(), WAIT_SECONDS)
        except TimeoutError:
            raise Problem("busy") from None
        finally:
            self._waiting -= 1
        work = asyncio.get_running_loop().run_in_executor(self._threads, self.pool.ask, raw)
        work.add_done_callback(lambda _: self._turn.release())  # also when nobody waits for it any more
        try:
            kind, answer = await asyncio.shield(work)
        except TooCostly:
            raise Problem("costly") from None
        except Broken:
            raise Problem("broken") from None
        if kind:
            raise Problem(kind, answer.decode())
        return answer


def router(caller: Caller) -> APIRouter:
    made = APIRouter()

    @made.post(
        "/v1/scrub",
        summary="Scrub messages",
        description="Finds personal data in one message, or in a list of at most "
        f"{MOST}, decides per datum, and gives the texts back with what must go replaced: as `scrubber analyze` does. "
        "Nothing of it is kept. In a list, each answer stands where its message stood.",
        operation_id="scrub",
        tags=["scrub"],
        response_model=AnswerOut | list[AnswerOut | NotAnswered],
        response_description="The answer, or a list of answers in the order of the messages.",
        responses=documented("token", "slow", "large", "type", "json", "message", "costly", "many", "broken", "busy"),
        openapi_extra=_OPENAPI,
    )
    async def scrub(
        request: Request,
        _: Annotated[object, Security(_BEARER)] = None,
    ) -> Response:
        _allowed(caller, request)
        raw = await body.read(request, caller.limit)
        if not caller.rate.take():
            raise Problem("many")
        return Response(await caller.ask(raw), media_type="application/json")

    return made


def _allowed(caller: Caller, request: Request) -> None:
    if caller.lock is None:
        if not local.only(request):
            raise Problem("token", headers=_CHALLENGE)
        return
    try:
        signing.prove(caller.lock, request.headers, b"", datetime.now(UTC))
    except signing.Refused:
        raise Problem("token", headers=_CHALLENGE) from None
