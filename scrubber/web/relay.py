"""`/relay/{source}`: what a channel sends, scrubbed on its way to the desk; and what the desk tells that it sent.

In this order: does the source exist, the size and type of the body, its signature, how often, is it JSON; then
scrubbed, passed on, recorded. Only after the desk took it and that is on disk the channel hears 2xx.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, Field

from scrubber.errors import ScrubberError, StoreError
from scrubber.relay.service import NotYet, Result, Unscrubbed
from scrubber.relay.units import units
from scrubber.web import body, signing
from scrubber.web.hooks import parsed, proved
from scrubber.web.meter import Meter
from scrubber.web.problems import Problem, documented
from scrubber.web.relay_lines import Gate
from scrubber.web.watched import SOURCE

TOGETHER = 16
"""Deliveries in hand at once: most of their time they wait for the desk."""

WAITING = 128
"""Deliveries that may wait; more are refused, so that their senders try again."""

TIDY_SECONDS = 60.0

_CHALLENGE = re.compile(r"[A-Za-z0-9_.=+/-]{1,256}")
_TYPE = re.compile(r"application/[a-z][a-z.+-]{0,63}(?:[0-9]{1,2}[a-z.+-]{1,63})?")
_HANDSHAKE = ("missing", "forged", "unknown", "many")
_T = TypeVar("_T")


class Passing(Protocol):
    """What the routes need of relay.service.Relay."""

    def take(self, source: str, identity: bytes, payload: bytes, document: Any, content_type: str) -> Result: ...
    def sent(self, source: str, written: list[tuple[str, str]]) -> int: ...
    def tidy(self) -> None: ...


class Relayed(BaseModel):
    """What became of a delivery."""

    result: Literal["relayed", "repeat", "stub"] = Field(
        description="`relayed`: the desk took it. `repeat`: it took it before. `stub`: it took a stub in its place."
    )


class Sent(BaseModel):
    """What the desk asked for with what it sent."""

    asked: int = Field(description="How many kinds of data: an answer with those counts as asked for.")


class Threads:
    """Where deliveries are passed on, and a thread that tidies. Open from `start` to `stop`."""

    def __init__(self, relay: Passing, tell: Callable[[str], None]) -> None:
        self._relay = relay
        self._tell = tell
        self._pool = ThreadPoolExecutor(TOGETHER, "relay")
        self._waiting = 0
        self._stop = threading.Event()
        self._tidier = threading.Thread(target=self._tidy, name="relay-tidy", daemon=True)

    def start(self) -> None:
        self._tidier.start()

    def stop(self) -> None:
        """What is in hand is ended."""
        self._stop.set()
        self._pool.shutdown()

    async def run(self, work: Callable[[], _T]) -> _T:
        """Problem: busy."""
        if self._waiting >= WAITING:
            raise Problem("busy")
        self._waiting += 1
        running = asyncio.get_running_loop().run_in_executor(self._pool, work)
        running.add_done_callback(self._done)
        return await asyncio.shield(running)  # also when the channel hangs up: what was begun is ended

    def _done(self, ended: asyncio.Future[Any]) -> None:
        self._waiting -= 1
        with suppress(asyncio.CancelledError):
            ended.exception()  # seen, also where nobody waits any more

    def _tidy(self) -> None:
        while True:
            try:
                self._relay.tidy()
            except ScrubberError as error:
                self._tell(str(error))
            if self._stop.wait(TIDY_SECONDS):
                return


_OPENAPI = {
    "requestBody": {
        "required": True,
        "description": "The channel's own payload, as its documentation has it.",
        "content": {"application/json": {"schema": {}}},
    }
}
_OPENAPI_SENT = {
    "requestBody": {
        "required": True,
        "description": "What the desk sent: `conversation` and `text`, or the channel's own payload of what was sent.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "conversation": {"type": "string", "minLength": 1},
                        "text": {"type": "string"},
                    },
                    "required": ["conversation", "text"],
                },
                "example": {"conversation": "31612345678", "text": "Op welke rekening mogen we terugbetalen?"},
            }
        },
    }
}


def router(
    gates: Mapping[str, Gate],
    relay: Passing,
    threads: Threads,
    clock: Callable[[], datetime],
    limit: int,
    meter: Meter,
) -> APIRouter:
    """`limit`: bytes of a body."""
    made = APIRouter()

    def gate(source: str, request: Request) -> Gate:
        found = gates.get(source)
        if found is None:
            raise Problem("unknown")
        request.scope[SOURCE] = source
        return found

    async def told(found: Gate, request: Request) -> tuple[bytes, bytes, Any]:
        raw = await body.read(request, limit)
        identity = proved(found.lock, request, raw, clock())
        if not found.rate.take():
            raise Problem("many")
        return raw, identity, parsed(raw)

    @made.get(
        "/relay/{source}",
        summary="Meta's handshake",
        description="Meta asks once whether it may send here: `hub.mode`, `hub.verify_token` and `hub.challenge`, "
        "which is given back where the token is that of the settings.",
        operation_id="handshake",
        tags=["relay"],
        response_description="The challenge, as it came.",
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **documented(*_HANDSHAKE)},
    )
    async def handshake(source: str, request: Request) -> Response:
        found = gate(source, request)
        if found.verify is None:
            raise Problem("unknown")
        if not found.rate.take():
            raise Problem("many")
        asked = request.query_params
        token = {"authorization": f"Bearer {asked.get('hub.verify_token', '')}"}
        try:
            signing.prove(found.verify, token, b"", clock())
        except signing.Refused:
            raise Problem("forged") from None
        challenge = asked.get("hub.challenge", "")
        if asked.get("hub.mode") != "subscribe" or not _CHALLENGE.fullmatch(challenge):
            raise Problem("forged")
        return PlainTextResponse(challenge)

    @made.post(
        "/relay/{source}",
        summary="A channel's delivery, on its way to the desk",
        description="Signed as the channel does. Texts are scrubbed, everything else goes on byte for byte, signed "
        "anew. 2xx only after the desk's 2xx; else 503, so that the channel tries again.",
        operation_id="relay",
        tags=["relay"],
        response_model=Relayed,
        response_description="The desk has it.",
        responses=documented(
            "missing", "forged", "stale", "unknown", "slow", "large", "type", "json", "many", "store", "busy",
            "unscrubbed", "desk",
        ),
        openapi_extra=_OPENAPI,
    )  # fmt: skip
    async def pass_on(source: str, request: Request) -> Response:
        found = gate(source, request)
        raw, identity, document = await told(found, request)
        content_type = _plain_type(request.headers.get("content-type", ""))
        try:
            result = await threads.run(lambda: relay.take(source, identity, raw, document, content_type))
        except NotYet as later:
            meter.delivery(source, later.why)
            raise Problem(later.why) from None
        except StoreError:
            raise Problem("store") from None
        meter.delivery(source, result)
        return JSONResponse({"result": result})

    @made.post(
        "/relay/{source}/sent",
        summary="What the desk sent",
        description="The desk's own webhook for outgoing messages: what it asks a customer for may be answered. "
        "Signed as the deliveries are. Only the kinds of data are kept, with the keyed conversation and a last day.",
        operation_id="sent",
        tags=["relay"],
        response_model=Sent,
        response_description="Noted on disk.",
        responses=documented(
            "missing", "forged", "stale", "unknown", "slow", "large", "type", "json", "sent", "many", "store", "busy",
            "unscrubbed",
        ),
        openapi_extra=_OPENAPI_SENT,
    )  # fmt: skip
    async def sent(source: str, request: Request) -> Response:
        found = gate(source, request)
        raw, _, document = await told(found, request)
        written = _written(found, raw, document)
        if not written:
            raise Problem("sent")
        try:
            asked = await threads.run(lambda: relay.sent(source, written))
        except Unscrubbed:
            raise Problem("unscrubbed") from None
        except StoreError:
            raise Problem("store") from None
        return JSONResponse({"asked": asked})

    return made


def _plain_type(given: str) -> str:
    """What goes on of a Content-Type: JSON of whatever kind, and no parameter, for those may hold anything."""
    media_type = given.partition(";")[0].strip().lower()
    return media_type if _TYPE.fullmatch(media_type) else "application/json"


def _written(gate: Gate, raw: bytes, document: Any) -> list[tuple[str, str]]:
    """(conversation, text) of what the desk wrote, as the channel has it or as the description says."""
    desk = [unit for unit in units(raw.decode(), gate.preset) if unit.desk and unit.conversation]
    if desk:
        return [(unit.conversation, unit.texts) for unit in desk]
    given = document if isinstance(document, dict) else {}
    conversation, text = given.get("conversation"), given.get("text")
    return [(conversation, text)] if conversation and isinstance(conversation, str) and isinstance(text, str) else []
