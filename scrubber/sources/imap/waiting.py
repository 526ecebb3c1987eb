"""Waiting for new mail (IDLE, RFC 2177): one descriptor that becomes readable when something came in."""

from __future__ import annotations

import os
from contextlib import suppress

from scrubber.errors import SourceError
from scrubber.sources.imap.connection import Connection
from scrubber.sources.imap.wire import Wire


class Waiting:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._began = False
        self._pipe: tuple[int, int] | None = None

    @property
    def began(self) -> bool:
        return self._began

    def begin(self, wire: Wire, folder: str, known: tuple[int, int] | None) -> int:
        """Wait for a change in `folder`. `known`: (UIDNEXT, EXISTS) when it was last listed; None: it wasn't."""
        selected = wire.select(folder)
        if known not in {None, (selected.uidnext, selected.exists)}:
            return self._at_once()
        said = wire.idle()
        self._began = True
        return self._at_once() if said else wire.descriptor

    def _at_once(self) -> int:
        """A descriptor that is readable now: something came in before the waiting began."""
        if self._pipe is None:
            self._pipe = os.pipe()
            os.write(self._pipe[1], b"!")
        return self._pipe[0]

    def end(self) -> None:
        """Calling it again changes nothing."""
        if self._pipe is not None:
            for descriptor in self._pipe:
                os.close(descriptor)
            self._pipe = None
        if self._began:
            self._began = False
            with suppress(SourceError):  # a lost connection is made anew by the next call
                self._connection.writing(lambda wire: wire.done())
