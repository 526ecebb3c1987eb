"""The HTTP application, put together from its routes. `scrubber.commands.serve` makes and runs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from structlog.typing import FilteringBoundLogger

from scrubber import __version__
from scrubber.web import shapes
from scrubber.web.meter import Meter
from scrubber.web.problems import Problem
from scrubber.web.watched import REASON, Watched

_TAGS = [
    {"name": "hooks", "description": "Ticket systems tell that a ticket changed."},
    {"name": "relay", "description": "Channels send to the desk, scrubbed on the way."},
    {"name": "scrub", "description": "Your own systems ask about a text."},
    {"name": "health", "description": "For what watches over the service."},
]
_ABOUT = (
    "Removes personal data that a support desk neither asked for nor needs. Every error is JSON with a code (`error`) "
    "and a sentence in Dutch and English. Nothing of a request is logged, stored or echoed; of a webhook the number of "
    "its ticket and a keyed digest are kept; what is relayed goes to the desk that the settings name, and nowhere else."
)
_KINDS = {404: "unknown", 405: "method"}


def build(routers: Sequence[APIRouter], meter: Meter, log: FilteringBoundLogger) -> FastAPI:
    """`routers`: one a purpose (hooks, relay, call, health)."""
    app = FastAPI(
        title="scrubber",
        version=__version__,
        description=_ABOUT,
        openapi_tags=_TAGS,
        docs_url=None,  # these pages fetch scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    for router in routers:
        app.include_router(router)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_middleware(Watched, meter=meter, log=log)
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    """Add to the OpenAPI description what the routes read themselves, from raw bytes."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        description = made()
        description["components"]["schemas"].update(shapes.components())
        return description

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - registered for it
    return _refusal(request, error)


async def _http(request: Request, error: Exception) -> Response:
    """No such address or method; whatever else the framework itself refuses."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    return _refusal(request, Problem(_KINDS.get(error.status_code, "message"), headers=error.headers))


async def _invalid(request: Request, _error: Exception) -> Response:
    return _refusal(request, Problem("message"))


def _refusal(request: Request, problem: Problem) -> Response:
    request.scope[REASON] = problem.kind
    return problem.answer()
