"""The raw bytes of a request: what it says it is, not more than a limit, within a time."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import Request
from starlette.requests import ClientDisconnect

from scrubber.web.problems import Problem

SECONDS = 15.0
"""In which a whole body must have come in."""

JSON_DEPTH = 64
"""Levels of nesting; what a webhook or a call holds has five."""


async def read(request: Request, limit: int) -> bytes:
    """The body as it came. Problem: type, large, slow."""
    _check_type(request)
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length[:20]) > limit:
        raise Problem("large")
    body = bytearray()
    try:
        async with asyncio.timeout(SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:  # without a length, or with a lie
                    raise Problem("large")
    except (TimeoutError, ClientDisconnect):
        raise Problem("slow", headers={"Connection": "close"}) from None
    return bytes(body)


def _check_type(request: Request) -> None:
    """JSON in UTF-8, the only encoding that it has (RFC 8259, 8.1); what is compressed would be a bomb."""
    media_type, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    media_type = media_type.strip()
    json = media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))
    charset = [each.partition("=")[2].strip(' "') for each in parameters.split(";") if "charset" in each]
    encoded = request.headers.get("content-encoding", "identity").strip().lower()
    if not json or any(each != "utf-8" for each in charset) or encoded not in ("", "identity"):
        raise Problem("type")


def too_deep(value: Any) -> bool:
    """Whether a parsed document nests deeper than anything that is meant."""
    layer = [value]
    for _ in range(JSON_DEPTH + 1):
        inner: list[Any] = []
        for each in layer:
            if isinstance(each, dict):
                inner += each.values()
            elif isinstance(each, list):
                inner += each
        if not inner:
            return False
        layer = inner
    return True
