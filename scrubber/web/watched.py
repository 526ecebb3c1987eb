"""One log line and one figure a request: the route as it stands in the code, status, time. Never a path or a body."""

from __future__ import annotations

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from scrubber.web.meter import Meter
from scrubber.web.problems import Problem

NOWHERE = "-"
"""The route of what asks for no address of ours: such a path may hold anything."""


class Watched:
    """Also the last to catch an error, so that nothing quotes it."""

    def __init__(self, app: ASGIApp, meter: Meter, log: FilteringBoundLogger) -> None:
        self._app = app
        self._meter = meter
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, seen)
        except Exception as error:  # noqa: BLE001 - its text may quote the request: its type only
            self._log.error("request_failed", route=_route(scope), why=type(error).__name__)
            if not status:
                await Problem("broken").answer()(scope, receive, seen)
        seconds = time.perf_counter() - began
        route = _route(scope)
        self._meter.answered(route, seconds)
        if reason := scope.get(REASON):
            self._meter.refused(route, reason)
        self._log.info(
            "request",
            method=scope["method"] if scope["method"] in _METHODS else NOWHERE,
            route=route,
            source=scope.get(SOURCE),
            status=status,
            reason=reason,
            ms=round(seconds * 1000, 1),
        )


SOURCE = "scrubber.source"
"""Where in the scope a route leaves the source that it is about, once it knows that it is one of the settings."""

REASON = "scrubber.reason"
"""Where in the scope a refusal leaves its kind."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _route(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", NOWHERE))
