"""`POST /hooks/{source}`: a ticket system tells that a ticket changed. What it says of the ticket is not used.

In this order: does the source exist, the size and type of the body, its signature, how often, which ticket, and then
the database. Only after that is on disk the sender hears 2xx.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from scrubber.errors import StoreError
from scrubber.web import body, local, signing
from scrubber.web.intake import Delivery, Telling
from scrubber.web.meter import Meter
from scrubber.web.named import Named, Places, named
from scrubber.web.problems import Problem, documented
from scrubber.web.rate import Rate
from scrubber.web.watched import SOURCE


@dataclass(frozen=True, slots=True)
class Hook:
    """`lock` None: no secret is set, so only this machine itself is heard. `ours`: actors whose doing is our own."""

    source: str
    places: Places
    lock: signing.Lock | None
    rate: Rate
    ours: frozenset[str] = frozenset()


class Noted(BaseModel):
    """What became of a webhook."""

    result: Literal["noted", "repeat", "own"] = Field(
        description="`noted`: the ticket is looked at soon. `repeat`: this delivery was taken before. `own`: it tells "
        "of something that scrubber did itself."
    )


_OPENAPI = {
    "requestBody": {
        "required": True,
        "description": "The ticket's number, as here or where the desk's own payload has it (a Zendesk event's "
        "`subject`, django-helpdesk's `/ticket/id`, or `hook_ticket` in the settings). `actor`, who caused it, is "
        "compared with `hook_ignore`. Nothing else of the body is used, and nothing of it is kept but the number.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "ticket": {
                            "anyOf": [
                                {"type": "string", "pattern": "^[1-9][0-9]{0,17}$"},
                                {"type": "integer", "minimum": 1, "maximum": 10**18 - 1},
                            ]
                        }
                    },
                    "required": ["ticket"],
                },
                "example": {"ticket": "35436", "actor": "sanne@desk.example"},
            }
        },
    }
}


def router(
    hooks: Mapping[str, Hook], intake: Telling, clock: Callable[[], datetime], limit: int, meter: Meter
) -> APIRouter:
    """`limit`: bytes of a body."""
    made = APIRouter()

    @made.post(
        "/hooks/{source}",
        summary="A ticket changed",
        description="A ticket system tells that a ticket was made or changed. Signed as the source's `hook_signature` "
        "says. What the body says is not used, but for the number of the ticket: scrubber asks the desk itself.",
        operation_id="hook",
        tags=["hooks"],
        status_code=202,
        response_model=Noted,
        response_description="Noted on disk: the ticket is looked at soon.",
        responses={
            200: {"model": Noted, "description": "Nothing to do: a repeat, or something that scrubber did itself."},
            **documented(
                "missing", "forged", "stale", "unknown", "slow", "large", "type", "json", "ticket", "many", "store"
            ),
        },
        openapi_extra=_OPENAPI,
    )
    async def hook(source: str, request: Request) -> Response:
        place = hooks.get(source)
        if place is None:
            raise Problem("unknown")
        request.scope[SOURCE] = source
        raw = await body.read(request, limit)
        identity = proved(place.lock, request, raw, clock())
        if not place.rate.take():
            raise Problem("many")
        told = _named(place, raw)
        if told.actor and told.actor.lower() in place.ours:
            meter.delivery(source, "own")
            return JSONResponse({"result": "own"})
        # A body with the ticket alone is the same each time: dropped as a repeat, a new change would go unnoticed.
        once = None if told.bare and identity == raw else identity
        try:
            result = await intake.take(Delivery(source, told.ticket, once))
        except StoreError:
            raise Problem("store") from None
        meter.delivery(source, result)
        return JSONResponse({"result": result}, 202 if result == "noted" else 200)

    return made


def proved(lock: signing.Lock | None, request: Request, raw: bytes, now: datetime) -> bytes:
    """The bytes that tell this request from another, as far as they were proved. Problem: missing, forged, stale."""
    if lock is None:
        if not local.only(request):
            raise Problem("missing", headers=_challenge("bearer"))
        return raw
    try:
        return signing.prove(lock, request.headers, raw, now)
    except signing.Refused as refused:
        raise Problem(refused.why, headers=_challenge(lock.scheme)) from None


def _challenge(scheme: str) -> dict[str, str]:
    """A 401 says how one proves who one is (RFC 9110, 11.6.1)."""
    names = {"bearer": "Bearer", "basic": "Basic"}
    return {"WWW-Authenticate": f'{names.get(scheme, "Signature")} realm="scrubber"'}


def _named(hook: Hook, raw: bytes) -> Named:
    document = parsed(raw)
    told = named(document, hook.places)
    if told is None:
        raise Problem("ticket")
    return told


def parsed(raw: bytes) -> Any:
    """The JSON of a body. Problem: json."""
    try:
        document = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Problem("json") from None
    if body.too_deep(document):
        raise Problem("json")
    return document
