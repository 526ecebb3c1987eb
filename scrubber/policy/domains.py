"""What the sender's mail domain stands for: a firm, or a person or household whose name it is."""

from __future__ import annotations

import re
from collections.abc import Iterable

from scrubber.message import Sender
from scrubber.policy.authors import name_words
from scrubber.policy.folded import fold

_ALNUM = re.compile(rb"[a-z0-9]+")
_LEAST = 5
_FREE_MAIL = frozenset(
    b"gmail hotmail outlook live icloud me mac yahoo ziggo kpnmail kpnplanet planet hetnet home xs4all "
    b"telenet skynet proximus scarlet onsbrabantnet "
    b"caiway solcon upcmail casema quicknet chello zonnet tele2 protonmail proton gmx wp msn aol mail onet "
    b"student".split()
)
# What a household adds to its name in a mail domain, as against a trade.
_HOUSEHOLD = re.compile(
    rb"^(?:familie|family|fam|gezin|huize|vander|vanden|van|von|de|der|den|ter|ten|te|het|online|mail|email|home|web|"
    rb"net|thuis|prive|site|world|info|n?etjes|tjes|pjes)*[a-z]?$"
)
_COUPLE = re.compile(rb"^en(?!zoon|zonen|zn|dochter|co|partner)")


def firm_of(sender: Sender, people: Iterable[bytes]) -> bytes:
    """The sender's mail domain as letters, where it may be a firm's; b"" for free mail and for a person's own name.

    `people`: names of persons in the message, folded; one of them with a first name or an initial before the domain's
    name ("Sofie de Vries", devries.example) tells that it is a family's.
    """
    domain = fold(sender.email.rpartition("@")[2])
    core = domain.rpartition(b".")[0].rpartition(b".")[2]
    bare = b"".join(_ALNUM.findall(core))
    name = b"".join(_ALNUM.findall(fold(sender.name)))
    if len(bare) < _LEAST or core in _FREE_MAIL or bare in name or _of_household(bare, name_words(sender.name)):
        return b""
    named = (b"".join(_ALNUM.findall(person)) for person in people)
    return b"" if any(one.endswith(bare) and one != bare for one in named) else bare


def is_trade(domain: bytes, names: Iterable[bytes]) -> bool:
    """Whether the domain holds more than the sender's `names` and what a household would add: a trade."""
    rest = _without(domain, names)
    return rest != domain and not _HOUSEHOLD.search(rest) and not _COUPLE.search(rest)


def _of_household(domain: bytes, names: Iterable[bytes]) -> bool:
    """Whether the domain is one of the sender's names and no more than what a household adds ("brandsma-thuis")."""
    words = tuple(names)
    rest = _without(domain, words)
    if rest != domain:
        return bool(_HOUSEHOLD.search(rest) or _COUPLE.search(rest))
    return any(domain.endswith(word) and _HOUSEHOLD.search(domain.removesuffix(word)) for word in words)  # "familievos"


def _without(domain: bytes, names: Iterable[bytes]) -> bytes:
    rest = domain
    for word in names:
        if len(word) > 3 or (rest.startswith(word) and len(rest) > len(word) + 4):
            rest = rest.replace(word, b"", 1)
    return rest
