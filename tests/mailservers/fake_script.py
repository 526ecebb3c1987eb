"""What a fake IMAP server is told beforehand: how it presents itself, who may log in, what goes wrong and when."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tests.mailservers.fake_store import Account


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of server. Capabilities without IMAP4rev1 are the writer's mistake."""

    before: tuple[str, ...]
    """Capabilities before a client has logged in."""
    after: tuple[str, ...]
    greeting: str = "ready"
    wrong: str = "NO [AUTHENTICATIONFAILED] Invalid credentials"
    challenge: str = '{"status":"401","schemes":"bearer","scope":"mail"}'
    """What XOAUTH2 says, in base64, of a token that isn't good; the client must answer it with an empty line."""
    inbox: str = "INBOX"
    """How LIST spells it."""

    def without(self, *capabilities: str) -> Profile:
        """The same server, lacking these."""
        return Profile(
            tuple(one for one in self.before if one not in capabilities),
            tuple(one for one in self.after if one not in capabilities),
            self.greeting,
            self.wrong,
            self.challenge,
            self.inbox,
        )


PLAIN = Profile(
    before=("IMAP4rev1", "SASL-IR", "ID", "ENABLE", "IDLE", "AUTH=XOAUTH2"),
    after=("IMAP4rev1", "ID", "ENABLE", "IDLE", "NAMESPACE", "UNSELECT", "UIDPLUS", "MOVE", "CONDSTORE", "SPECIAL-USE"),
)
"""No server in particular: what RFC 3501, 2177, 2971, 4315, 5161, 6154, 6851 and 7162 say."""


@dataclass(frozen=True, slots=True)
class Login:
    """A user: password and token ("" none), and the account, which users may share."""

    account: Account
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


Doing = Literal["answer", "untagged", "drop", "drop-in-literal", "drop-after"]


@dataclass(slots=True)
class Fault:
    """Something that goes wrong at a command ("APPEND", "UID STORE"; "*": any; "CONNECT": the greeting).

    answer: `text` ("NO [OVERQUOTA] full", "OK done") instead of doing it. untagged: `text` ("* BYE busy"), then the
    connection ends. drop: it ends before anything is done; drop-in-literal: half-way through what the client sends;
    drop-after: all is done, the answer is lost. `skip` so many first; `times` so often, 0: always.
    """

    verb: str
    do: Doing
    text: str = ""
    skip: int = 0
    times: int = 1
    met: int = 0

    def strikes(self, verb: str) -> bool:
        if self.verb not in {verb, "*"} or (self.verb == "*" and verb == "CONNECT"):
            return False
        self.met += 1
        return self.met > self.skip and (not self.times or self.met <= self.skip + self.times)


@dataclass(slots=True)
class Script:
    """Everything the sessions of one server share."""

    profile: Profile
    logins: Mapping[str, Login]
    faults: list[Fault] = field(default_factory=list)
    most: int = 0
    """Connections at a time; 0: any number. One too many gets `too_many` when it logs in."""
    too_many: str = "NO [ALERT] Too many simultaneous connections. (Failure)"
    seen: list[str] = field(default_factory=list)
    """Every command that came, with its words but without literals and secrets."""
    sent: int = 0
    """Bytes that were answered."""
    at: Callable[[str], None] | None = None
    """Called with the verb before a command is done: the place for what others do meanwhile."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fault(self, verb: str, *, in_literal: bool = False) -> Fault | None:
        """What goes wrong at this command, or while it comes in. Counts."""
        with self.lock:
            those = [fault for fault in self.faults if (fault.do == "drop-in-literal") is in_literal]
            return next((fault for fault in those if fault.strikes(verb)), None)

    def verbs(self) -> list[str]:
        """The verbs that came, in order."""
        return [" ".join(words[: 2 if words[0] == "UID" else 1]) for words in map(str.split, self.seen)]
