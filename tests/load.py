"""Many senders at once to a `scrubber serve`: one delivery after another, on connections that stay."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import count

from tests.serving import signed


@dataclass(frozen=True, slots=True)
class Told:
    """One delivery that was answered. `at`: seconds since the load began; `took`: until its answer was read."""

    ticket: str
    delivery: str
    status: int
    at: float
    took: float


async def load(
    address: tuple[str, int], senders: int, seconds: float, numbers: Iterator[int] | None = None
) -> list[Told]:
    """What was answered within `seconds`, or until the server was gone. Each delivery is about a ticket of its own."""
    answered: list[Told] = []
    began = time.perf_counter()
    given = numbers or count(1)

    async def send() -> None:
        reader, writer = await asyncio.open_connection(*address)
        try:
            while time.perf_counter() - began < seconds:
                ticket = str(next(given))
                start = time.perf_counter()
                writer.write(delivery(ticket, f"d{ticket}"))
                status = await _status(reader)
                now = time.perf_counter()
                answered.append(Told(ticket, f"d{ticket}", status, now - began, now - start))
        finally:
            writer.close()

    await asyncio.gather(*(_until_gone(send) for _ in range(senders)))
    return answered


async def _until_gone(send: Callable[[], Awaitable[None]]) -> None:
    try:
        await send()
    except (ConnectionError, asyncio.IncompleteReadError):
        return


def delivery(ticket: str, identifier: str) -> bytes:
    body = json.dumps({"ticket": ticket, "subject": "Vraag over de factuur van deze maand " * 10}).encode()
    headers = {
        "Host": "localhost",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **signed(body, identifier),
    }
    head = ["POST /hooks/rt HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*head, "", ""]).encode() + body


async def _status(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    (length,) = (line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.split(b":")[1]))
    return int(head.split(b" ", 2)[1])
