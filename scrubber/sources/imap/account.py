"""Where a mailbox is and who we are there."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from scrubber.sources.credentials import Secret

TIMEOUT = 60.0
"""Seconds without an answer after which a connection counts as lost."""

CONNECT_TIMEOUT = 15.0


@dataclass(frozen=True, slots=True)
class Account:
    """`source`: the source's name, for error texts. `ca`: a PEM file; None: the authorities of the system."""

    source: str
    host: str
    port: int
    tls: Literal["implicit", "starttls", "none"]
    ca: Path | None
    user: str = field(repr=False)
    secret: Secret = field(repr=False)
    timeout: float = TIMEOUT
    connect_timeout: float = CONNECT_TIMEOUT

    @property
    def mailbox(self) -> bytes:
        """Which mailbox it is, to be digested: the same whatever port or secret leads there."""
        return f"mailbox/1\0{self.host.lower()}\0{self.user}".encode("utf-8", "surrogateescape")

    @property
    def exposed(self) -> bool:
        """Whether password and mail go over a network as they are."""
        return self.tls == "none" and not is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether `host` can only be this machine. A name other than localhost may be anywhere: not looked up."""
    if host.lower() in {"localhost", "localhost."}:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
