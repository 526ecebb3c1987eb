"""Keyed digests of references, values and messages: the only form in which they are kept or shown."""

from __future__ import annotations

from collections.abc import Callable

from scrubber.journal import Job
from scrubber.ledger.keys import KeyRing
from scrubber.message import SourceRef

SHORT = 16
"""How much of a keyed reference is logged and shown: enough to tell one from the other."""


class Digests:
    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    @property
    def key_id(self) -> str:
        """The key they are made with."""
        return self._ring.key_id

    def ref(self, ref: SourceRef) -> str:
        return self._ring.digest("ref", _name(ref))

    def short(self, ref: SourceRef) -> str:
        """As log lines and `scrubber status` show it."""
        return self.ref(ref)[:SHORT]

    def refs(self, ref: SourceRef) -> tuple[str, ...]:
        """Under every living key."""
        return self._ring.digest_all("ref", _name(ref))

    def marks(self, word: str, mark: str) -> tuple[str, ...]:
        """Of a word that was said at a source, under every living key, the current one first."""
        return self._ring.digest_all("ref", f"signal\0{word}\0{mark}".encode("utf-8", "surrogateescape"))

    def fingerprint(self, entity_type: str, value: str) -> str:
        return self._ring.digest("value", f"{entity_type}\0{value}".encode())

    def message(self, payload: bytes) -> str:
        return self._ring.digest("message", payload)

    def messages(self, payload: bytes) -> tuple[str, ...]:
        """Under every living key: a message may have been recorded under an older one."""
        return self._ring.digest_all("message", payload)

    def for_job(self, job: Job) -> Callable[[bytes], str]:
        """As the job's own digests where one of the living keys gives them: the key may have been rotated since."""

        def digest(payload: bytes) -> str:
            under_all = self._ring.digest_all("message", payload)
            for known in (job.original_digest, job.result_digest):
                if known in under_all:
                    return known
            return under_all[0]

        return digest


def _name(ref: SourceRef) -> bytes:
    return f"{ref.source}\0{ref.container}\0{ref.item}\0{ref.version}".encode("utf-8", "surrogateescape")
