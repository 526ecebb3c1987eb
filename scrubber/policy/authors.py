"""Who wrote a quoted turn: the desk, the sender, or somebody else whose mail was forwarded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from scrubber.message import Message, Turn
from scrubber.policy.folded import compile_pattern, fold

Author = Literal["sender", "desk", "third_party"]

_WORD = re.compile(rb"[a-z0-9]+")
_EMAIL = compile_pattern(r"[\w.+-]+@[\w.-]*\w")
_ROLE = compile_pattern(
    r"\b(?:support|\w*klanten(?:service|dienst|contact)|helpdesk|servicedesk|service|\w*team|afdeling|verkoop|"
    r"sales|facturatie|"
    r"debiteuren|klachten|\w*administratie|info|noreply|no-reply|contact|compliance|verzuim|schade\w*|"
    r"backoffice|customer|care|"
    r"meldpunt|burgerzaken|werk en inkomen|gemeente|loket|webcare|medewerker|billing|storingsdienst|planning|retouren|"
    r"receptie|balie|acceptatie|relatiebeheer|bezwaar|belastingen|vergunningen)\b"
)
_FREE = compile_pattern(
    r"@(?:gmail|hotmail|outlook|live|icloud|me|yahoo|ziggo|kpnmail|kpnplanet|planet|hetnet|home|xs4all|"
    r"telenet|skynet|proximus|"
    r"scarlet|caiway|solcon|upcmail|casema|quicknet|chello|zonnet|tele2|protonmail|proton|gmx|wp|msn|aol|"
    r"onsbrabantnet)\."
)
_FORWARD = compile_pattern(r"^[ \t]*(?:(?:re|antw?|aw)[ \t]*:[ \t]*)*(?:fwd?|doorst|wg|tr|fw|doorgest\w*)[ \t]*:")
_REPLY = compile_pattern(r"^[ \t]*(?:re|antw?|aw|betr|betreft|sv|re\[\d\])[ \t]*:")
_HANDING_ON = compile_pattern(
    r"\b(?:zie (?:de |het |deze |dit )?(?:mail |bericht |brief )?(?:onder|hieronder|bijgaand)|"
    r"stuur\w*[^.\n]{0,60}\bdoor\b|"
    r"door(?:ge)?stu\w+|doorgezonden|forward\w*|kreeg (?:ik )?(?:deze|dit|onderstaande)|is (?:deze|"
    r"dit)[^.?\n]{0,40}van (?:u|jullie)|"
    r"(?:deze|dit|onderstaande) (?:mail|bericht|e-mail)\b[^.\n]{0,60}\b(?:kreeg|gekregen|ontv\w+|echt|phishing|nep))"
)


_PARTICLES = frozenset(
    b"van den der ten ter von het vander vanden del dos heer mevrouw mevr dhr mrs drs ing prof familie fam".split()
)


def _squeeze(folded: bytes) -> bytes:
    return b"".join(_WORD.findall(folded))


def name_words(name: str) -> frozenset[bytes]:
    """The words of a name, folded, without initials, particles and titles."""
    return frozenset(word for word in _WORD.findall(fold(name)) if len(word) > 2 and word not in _PARTICLES)


class Thread(NamedTuple):
    """The earlier turns: whether the desk's, and the words run together; and how the desk's turns end."""

    turns: Sequence[tuple[bool, bytes]]
    desk_closings: bytes


@dataclass(frozen=True, slots=True)
class Authors:
    """What is known of who writes in this message."""

    sender_names: frozenset[bytes] = field(default=frozenset(), repr=False)
    sender_email: bytes = field(default=b"", repr=False)
    desk_addresses: tuple[bytes, ...] = ()
    thread: tuple[Turn, ...] = field(default=(), repr=False)
    hands_on: bool = False
    replies: bool = False
    _read: list[Thread] = field(default_factory=list, repr=False, compare=False)

    @property
    def _thread(self) -> Thread:
        """The thread, folded when a quotation first asks for it: most messages quote nothing."""
        if not self._read:
            turns = [(turn.from_desk, _squeeze(fold(turn.text[:4000]))) for turn in self.thread]
            closings = b"\n".join(fold(turn.text[-120:]) for turn in self.thread if turn.from_desk)
            self._read.append(Thread(turns, closings))
        return self._read[0]

    @classmethod
    def of_message(cls, message: Message, desk_addresses: Sequence[str], subject: str, opening: bytes = b"") -> Authors:
        """`opening` is the start of the body, folded: like `subject` it may say that a mail is handed on."""
        head = fold(subject[:200])
        return cls(
            sender_names=name_words(message.sender.name),
            sender_email=fold(message.sender.email),
            desk_addresses=tuple(fold(address.strip()).lstrip(b"@") for address in desk_addresses if address.strip()),
            thread=message.thread[-50:],
            hands_on=bool(_FORWARD.found(head) or (not _REPLY.found(head) and _HANDING_ON.found(opening[:1500]))),
            replies=bool(_REPLY.search(head)) or bool(message.thread),
        )

    def of(self, header: bytes, kind: str, depth: int, text: bytes, forwarded: bool) -> Author:
        """The author of a turn with this introduction (b"" without one), its folded words, after a forward or not."""
        same = self._same(text)
        if same is not None:
            return same
        origin = _origin(header)
        addresses = [match.group() for match in _EMAIL.finditer(origin)]
        if any(
            address == desk or address.endswith(b"@" + desk) for address in addresses for desk in self.desk_addresses
        ):
            return "desk"
        if self._is_sender(origin, addresses):
            return "sender"
        if forwarded or self.hands_on:
            return "third_party"
        if not header:
            return "desk" if depth % 2 else "sender"
        if self._names_agent(origin) or _ROLE.found(origin):
            return "desk"
        if any(_FREE.found(address) for address in addresses):
            return "third_party"
        return "desk" if self.replies or kind == "reply" else "third_party"

    def _same(self, text: bytes) -> Author | None:
        """The author of the turn of the thread that this text repeats, by its first and its last words."""
        bare = _squeeze(text[:2000])
        if len(bare) < 12:
            return None
        probe = bare[: min(60, len(bare))]
        late = bare[-min(40, len(bare)) :]
        for from_desk, turn in self._thread.turns:
            if turn and (probe in turn or late in turn or (len(turn) > 40 and turn[:60] in bare)):
                return "desk" if from_desk else "sender"
        return None

    def _is_sender(self, origin: bytes, addresses: Sequence[bytes]) -> bool:
        if addresses and self.sender_email:
            return self.sender_email in addresses
        words = set(_WORD.findall(origin))
        return bool(self.sender_names) and self.sender_names <= words

    def _names_agent(self, origin: bytes) -> bool:
        closings = self._thread.desk_closings
        return any(
            len(word) > 3 and word.isalpha() and word in closings and word not in _PLAIN
            for word in _WORD.findall(origin)
        )


_PLAIN = frozenset(
    b"from sent aan verzonden schreef wrote groet vriendelijke team maandag dinsdag woensdag donderdag".split()
)


def _origin(header: bytes) -> bytes:
    """The part of an introduction that names the author: the From line of a block, the whole of an attribution."""
    at = -1
    for label in (b"van", b"from", b"de", b"von", b"fan"):
        for mark in (label + b":", label + b" :", label + b"*:"):
            found = header.find(mark)
            if found >= 0 and (found == 0 or header[found - 1 : found] in (b" ", b"\n", b">", b"*", b"\t")):
                at = found if at < 0 else min(at, found)
    if at < 0:
        return header
    line = header[at:].split(b"\n", 1)[0]
    for stop in (b"verzonden:", b"sent:", b"datum:", b"date:", b"envoye"):
        line = line.split(stop, 1)[0]
    return line
