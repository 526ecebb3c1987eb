"""The server: uvicorn, told to say nothing of requests, to wait for nobody for ever, and to stop when asked."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from threading import Event
from types import FrameType

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from scrubber.errors import SettingsError

HEAD_SECONDS = 15.0
"""In which the head of a request must have come in."""

BACKLOG = 2_048

CONNECTIONS = 256
"""At once; more are answered 503."""

STOP_SECONDS = 20
"""For the requests in hand when it is told to stop."""


class Protocol(H11Protocol):
    """Hangs up on a connection that does not say what it wants, or goes on talking when it has its answer."""

    _look: asyncio.TimerHandle | None = None
    _since: float = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self._since = self.loop.time()
        self._look = self.loop.call_later(HEAD_SECONDS, self._hang_up)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        self._since = self.loop.time()
        super().on_response_complete()

    def _idle(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request
        return cycle is None or cycle.response_complete

    def _hang_up(self) -> None:
        left = self._since + HEAD_SECONDS - self.loop.time()
        if left > 0 or not self._idle():
            self._look = self.loop.call_later(max(left, 1.0), self._hang_up)
        else:
            self.transport.close()


class Server(uvicorn.Server):
    """`stopping` is called from the signal when SIGTERM or SIGINT comes; `stop` may have been set before."""

    def __init__(self, app: ASGIApp, stop: Event, stopping: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="asyncio",
                http=Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,  # who asks is who is connected; what a header says is no proof
                server_header=False,
                limit_concurrency=CONNECTIONS,
                timeout_graceful_shutdown=STOP_SECONDS,
            )
        )
        self._stop = stop
        self._stopping = stopping

    async def on_tick(self, counter: int) -> bool:
        return await super().on_tick(counter) or self._stop.is_set()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._stopping()
        super().handle_exit(sig, frame)


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens there. SettingsError: it can't be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # TCP by its name: asyncio sends a short answer at once (TCP_NODELAY) only where it sees that it is TCP
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)  # from here on nobody is turned away, though it is a moment until they are answered
    except OSError as error:
        listening.close()
        where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        raise SettingsError(
            f"[serve] listen: {where} can't be opened ({error.strerror}): choose another port, or end what has it"
        ) from None
    return listening
