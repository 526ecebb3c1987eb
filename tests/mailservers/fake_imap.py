"""A small IMAP server in memory, over real TCP: what a test needs to know what a client does at a server it can't have.

    with FakeImap(PLAIN, {"desk": Login(Account(), password="...")}) as server:
        ... connect to server.host, server.port

Written from RFC 3501 and the extensions that `PLAIN` names; it is nobody's server. `gmail.py` and `exchange.py` make it
behave as those are documented to.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from tests.mailservers.fake_script import Fault, Login, Profile, Script
from tests.mailservers.fake_session import Session


class FakeImap:
    """Listens from `with` on; one thread a connection. `script` may be changed while it runs."""

    def __init__(
        self, profile: Profile, logins: Mapping[str, Login], *faults: Fault, tls: ssl.SSLContext | None = None
    ) -> None:
        self.script = Script(profile, logins, list(faults))
        self.host = "127.0.0.1"
        self.port = 0
        self._tls = tls
        self._listener: socket.socket | None = None
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._inside: set[socket.socket] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        listener = self._listener = socket.create_server((self.host, 0))
        self.port = int(listener.getsockname()[1])
        self._start(self._accept, listener)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Close the door and every connection; wait for the threads."""
        if self._listener is not None:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        self.drop()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive(), "a session of the fake server hangs"

    def drop(self) -> None:
        """End every connection as a broken line does."""
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the client was quicker

    def connections(self) -> int:
        """How many clients are logged in."""
        with self._lock:
            return len(self._inside)

    def _start(self, run: Callable[[socket.socket], None], connection: socket.socket) -> None:
        thread = threading.Thread(target=run, args=(connection,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # many short lines, none to wait
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
        except OSError:
            connection.close()
            return
        with connection:
            with self._lock:
                self._open.add(connection)
            try:
                Session(connection, self.script, lambda: self._admit(connection)).serve()
            finally:
                with self._lock:
                    self._open.discard(connection)
                    self._inside.discard(connection)

    def _admit(self, connection: socket.socket) -> bool:
        with self._lock:
            if self.script.most and len(self._inside) >= self.script.most:
                return False
            self._inside.add(connection)
            return True
