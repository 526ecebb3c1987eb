"""Which ticket a webhook names, and whose doing it tells of. Nothing else of a payload is looked at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scrubber.pointers import first

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class Places:
    """Where a desk's payloads hold what is wanted: JSON Pointers (RFC 6901), the first that leads to something."""

    ticket: tuple[str, ...]
    actor: tuple[str, ...] = ()


PLACES: Mapping[str, Places] = {
    # a trigger's own JSON as the README has it; an event, whose subject is "zen:ticket:35436"
    "zendesk": Places(("/ticket", "/subject"), ("/actor", "/detail/actor_id")),
    # its HELPDESK_…_WEBHOOK_URLS send the whole ticket
    "helpdesk": Places(("/ticket/id", "/ticket"), ("/actor",)),
    "rt": Places(("/ticket",), ("/actor",)),
}
_SUBJECT = "zen:ticket:"


@dataclass(frozen=True, slots=True)
class Named:
    """`actor`: "" where the payload does not say. `bare`: the ticket is all it holds: a repeat looks like a new one."""

    ticket: str
    actor: str
    bare: bool


def named(document: Any, places: Places) -> Named | None:
    """What `document` names; None: no ticket."""
    ticket = first(document, places.ticket)
    if ticket is None:
        return None
    number = ticket.strip().removeprefix(_SUBJECT)
    if not _NUMBER.fullmatch(number):
        return None
    bare = isinstance(document, dict) and len(document) == 1 and not isinstance(next(iter(document.values())), dict)
    return Named(number, first(document, places.actor) or "", bare)
