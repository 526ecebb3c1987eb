"""Where the figures of the web side go. Labels are names of the settings, routes and codes: nothing of a request."""

from __future__ import annotations

from typing import Protocol


class Meter(Protocol):
    def delivery(self, source: str, result: str) -> None:
        """A webhook that was taken: noted, repeat, own; or what the relay says of one."""
        ...

    def refused(self, route: str, reason: str) -> None:
        """`reason`: a key of problems.KINDS."""
        ...

    def answered(self, route: str, seconds: float) -> None:
        """How long an answer took, whatever it said."""
        ...


class Unmetered:
    """Nobody looks."""

    def delivery(self, source: str, result: str) -> None: ...
    def refused(self, route: str, reason: str) -> None: ...
    def answered(self, route: str, seconds: float) -> None: ...
