"""Every answer that is an error: its status, and a sentence that helps, in Dutch and English. It quotes nothing.

`Problem` is raised anywhere in a route; the app makes the answer of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field


class _Kind(NamedTuple):
    status: int
    nl: str
    en: str
    retry: int = 0
    """Seconds after which to try again, for the header Retry-After."""


KINDS: Mapping[str, _Kind] = {
    "missing": _Kind(
        401,
        "De handtekening of het geheim ontbreekt. Stuur mee wat in de instellingen bij deze bron staat.",
        "The signature or secret is missing. Send what the settings say for this source.",
    ),
    "forged": _Kind(
        401,
        "De handtekening of het geheim klopt niet. Vergelijk het geheim aan beide kanten; onderweg mag niets aan de "
        "inhoud veranderen.",
        "The signature or secret is wrong. Compare the secret on both sides; nothing may change the body on its way.",
    ),
    "stale": _Kind(
        401,
        "De ondertekende tijd ligt meer dan vijf minuten van nu. Zet beide klokken gelijk.",
        "The signed time is more than five minutes from now. Set both clocks.",
    ),
    "token": _Kind(
        401,
        "Geef een geldig token mee: `Authorization: Bearer …`, zoals [serve] token_env of token_file het noemt.",
        "Send a valid token: `Authorization: Bearer …`, as [serve] token_env or token_file names it.",
    ),
    "unknown": _Kind(
        404,
        "Dit adres is er niet. Een webhook gaat naar /hooks/ of /relay/ en de naam van een bron uit de instellingen.",
        "There is no such address. A webhook goes to /hooks/ or /relay/ and the name of a source in the settings.",
    ),
    "method": _Kind(
        405, "Dit adres kent deze methode niet; zie de header Allow.", "This address has no such method; see Allow."
    ),
    "slow": _Kind(
        408,
        "De inhoud kwam niet op tijd binnen. Stuur haar in één keer.",
        "The body did not come in time. Send it at once.",
    ),
    "large": _Kind(
        413,
        "De inhoud is te groot: zie [serve] max_bytes.",
        "The body is too large: see [serve] max_bytes.",
    ),
    "type": _Kind(
        415,
        "Stuur JSON in UTF-8, niet gecomprimeerd, met `Content-Type: application/json`.",
        "Send JSON in UTF-8, not compressed, with `Content-Type: application/json`.",
    ),
    "json": _Kind(422, "De inhoud is geen geldige JSON.", "The body is no valid JSON."),
    "ticket": _Kind(
        422,
        "De inhoud noemt geen ticket waar dat bij deze bron hoort te staan: zie de README, `scrubber serve`.",
        "The body names no ticket where this source has it: see the README, `scrubber serve`.",
    ),
    "sent": _Kind(
        422,
        "De inhoud noemt geen gesprek en tekst: stuur `conversation` en `text`, of wat het kanaal zelf stuurt van een "
        "uitgaand bericht.",
        "The body names no conversation and text: send `conversation` and `text`, or the channel's own payload of an "
        "outgoing message.",
    ),
    "message": _Kind(
        422,
        "Dit is geen bericht zoals `scrubber analyze` het leest.",
        "This is no message as `scrubber analyze` reads it.",
    ),
    "costly": _Kind(
        422,
        "Dit kost meer tijd dan één verzoek mag ([serve] call_seconds). Stuur minder tekst per verzoek.",
        "This takes more time than one request may ([serve] call_seconds). Send less text in one request.",
    ),
    "many": _Kind(
        429,
        "Te veel verzoeken; probeer het straks opnieuw.",
        "Too many requests; try again later.",
        retry=10,
    ),
    "broken": _Kind(
        500,
        "Er ging iets mis dat niet had gemogen; het log van scrubber zegt wat.",
        "Something went wrong that should not have; scrubber's log says what.",
    ),
    "store": _Kind(
        503,
        "De database is nu niet te gebruiken; er is niets vastgelegd. Probeer het straks opnieuw.",
        "The database can't be used now; nothing was noted. Try again later.",
        retry=30,
    ),
    "desk": _Kind(
        503,
        "Het ticketsysteem nam het bericht niet aan. Stuur het opnieuw; het log van scrubber zegt wat het antwoordde.",
        "The desk did not take the message. Send it again; scrubber's log says what it answered.",
        retry=30,
    ),
    "unscrubbed": _Kind(
        503,
        "De inhoud kon nu niet worden nagekeken en gaat dus niet door. Stuur haar opnieuw.",
        "The body could not be checked now, and so does not go on. Send it again.",
        retry=10,
    ),
    "busy": _Kind(
        503,
        "Er wacht al te veel werk; probeer het zo opnieuw.",
        "Too much work waits already; try again soon.",
        retry=5,
    ),
}


class ErrorBody(BaseModel):
    """What every error says."""

    error: str = Field(description="A code that stays the same.", examples=["forged"])
    nl: str = Field(description="What is wrong and what to do, in Dutch.")
    en: str = Field(description="The same in English.")
    detail: str = Field("", description="What exactly is wrong with the body, without anything that stands in it.")


class Problem(Exception):
    """`kind`: a key of KINDS. `detail` holds nothing of the request. `headers` come on top of Retry-After."""

    def __init__(self, kind: str, detail: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(kind)
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {})

    def answer(self) -> JSONResponse:
        kind = KINDS[self.kind]
        headers = {"Retry-After": str(kind.retry)} if kind.retry else {}
        body = ErrorBody(error=self.kind, nl=kind.nl, en=kind.en, detail=self.detail)
        return JSONResponse(body.model_dump(exclude_defaults=True), kind.status, {**headers, **self.headers})


def documented(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: which errors it may answer, for the OpenAPI description."""
    by_status: dict[int | str, list[str]] = {}
    for name in kinds:
        by_status.setdefault(KINDS[name].status, []).append(name)
    return {status: _documented(names) for status, names in by_status.items()}


def _documented(names: Sequence[str]) -> dict[str, Any]:
    described: dict[str, Any] = {
        # by name: as a model FastAPI would give it the media type of the route's own answer
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}},
        "description": " ".join(f"`{name}`: {KINDS[name].en}" for name in names),
    }
    if any(KINDS[name].retry for name in names):
        described["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return described
