"""How a desk is reached: what every adapter's `connect` is given."""

from __future__ import annotations

from dataclasses import dataclass, field

from scrubber.sources.credentials import Secret


@dataclass(frozen=True, slots=True)
class Account:
    """`url`: https://…, without a slash at its end. `private`: addresses of one's own network are allowed.

    `user`: the account at the desk; `secret`: its token or password, read anew for each request. `agents`: numbers of
    the accounts that are agents'; `closed`: statuses in which a ticket is closed, as the desk names them; empty: as the
    desk comes. `replace_command`: what edits texts where the API can't.
    """

    source: str
    url: str
    user: str = field(repr=False)
    secret: Secret
    private: bool = False
    agents: frozenset[int] = frozenset()
    closed: frozenset[str] = frozenset()
    replace_command: str = field(default="", repr=False)
