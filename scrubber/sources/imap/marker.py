"""The header that says a mail is one that we rewrote, and for which job: keyed, so that nobody else can say it.

    X-Scrubber: v=1; job=<32 hex digits>; mac=<64 hex digits>

It is the first header of the mail. The mac covers the job and everything behind the header, so a copy of the header on
another mail is worth nothing. Which of two messages is ours is decided by this, never by a flag or a place.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

NAME = "X-Scrubber"

_MARKER = re.compile(rb"X-Scrubber: v=1; job=([0-9a-f]{32}); mac=([0-9a-f]{64})\r\n")
_BELOW = re.compile(rb"^X-Scrubber: v=1; job=([0-9a-f]{32});", re.MULTILINE)
_BELOW_LIMIT = 16 * 1024
_JOB = re.compile(r"[0-9a-f]{32}")
_BARE = re.compile(rb"(?<!\r)\n")

LENGTH = len(b"X-Scrubber: v=1; job=; mac=\r\n") + 32 + 64
"""Bytes that a marker takes."""


@dataclass(frozen=True, slots=True)
class Seals:
    """Keyed digests (hex) over bytes: `seal` under the key in use, `all` under every key that lives."""

    seal: Callable[[bytes], str]
    all: Callable[[bytes], Sequence[str]]


NO_SEALS = Seals(lambda _: "", lambda _: ())
"""Without keys no marker is ours."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A mail as a server gave it. `payload`: canonical, without our marker. `job`: of a valid marker, else "".

    `claims`: the job that a marker among the headers names, whether the mac fits or not: a server may change what it
    is given, or put a header of its own on top.
    """

    payload: bytes = field(repr=False)
    job: str
    claims: str


def canonical(raw: bytes) -> bytes:
    """Line ends as IMAP wants them: servers turn a bare LF into CRLF (RFC 3501, 4.3.1). A bare CR is left alone."""
    return raw if raw.count(b"\n") == raw.count(b"\r\n") else _BARE.sub(b"\r\n", raw)


def is_job(job: str) -> bool:
    return _JOB.fullmatch(job) is not None


def stamp(payload: bytes, job: str, seals: Seals) -> bytes:
    """`payload` (canonical) under a marker."""
    mac = seals.seal(_sealed(job.encode("ascii"), payload))
    return b"X-Scrubber: v=1; job=%b; mac=%b\r\n" % (job.encode("ascii"), mac.encode("ascii")) + payload


def open_mail(raw: bytes, seals: Seals) -> Opened:
    """What a server gave, taken apart. A marker that is forged, broken, folded or not the first header is content."""
    whole = canonical(raw)
    found = _MARKER.match(whole)
    if found is None:
        below = _BELOW.search(whole[:_BELOW_LIMIT].partition(b"\r\n\r\n")[0])
        return Opened(whole, "", below[1].decode("ascii") if below else "")
    job, mac = found.groups()
    rest = whole[found.end() :]
    claims = job.decode("ascii")
    for ours in seals.all(_sealed(job, rest)):
        if hmac.compare_digest(ours.encode("ascii"), mac):
            return Opened(rest, claims, claims)
    return Opened(whole, "", claims)


def _sealed(job: bytes, payload: bytes) -> bytes:
    return b"marker/1\0" + job + hashlib.sha256(payload).digest()
