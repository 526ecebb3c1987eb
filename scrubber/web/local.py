"""Requests of this machine itself: what has no secret in the settings answers nobody else."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from fastapi import Request

_PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


def only(request: Request) -> bool:
    """Whether it came from a program here: not over a proxy, and not from a page that calls itself by another name."""
    client = request.client.host if request.client else ""
    name = _without_port(request.headers.get("host", ""))
    passed_on = any(header in request.headers for header in _PASSED_ON) or "origin" in request.headers
    return not passed_on and is_loopback(client) and is_loopback(name)


def _without_port(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether an address or name means this machine and nothing else."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
