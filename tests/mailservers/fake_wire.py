"""The line to one client: lines out, whole commands in."""

from __future__ import annotations

import socket

from tests.mailservers.fake_script import Script
from tests.mailservers.fake_words import LITERAL_AT_END


class Gone(Exception):
    """The connection ended."""


class Wire:
    def __init__(self, connection: socket.socket, script: Script) -> None:
        self._connection = connection
        self._file = connection.makefile("rb")
        self._script = script

    def send(self, line: str | bytes) -> None:
        raw = line.encode("utf-8") if isinstance(line, str) else line
        with self._script.lock:
            self._script.sent += len(raw) + 2
        self._connection.sendall(raw + b"\r\n")

    def line(self) -> bytes:
        line = self._file.readline()
        if not line.endswith(b"\r\n"):
            raise Gone
        return line

    def read(self) -> bytes:
        """A whole command, literals in their place."""
        command = line = self.line()
        while found := LITERAL_AT_END.search(line):
            if not found[2]:
                self.send("+ Ready for literal data")
            size = int(found[1])
            if self._script.fault(_verb(command), in_literal=True):
                self._file.read(size // 2)
                raise Gone
            data = self._file.read(size)
            if len(data) != size:
                raise Gone
            line = self.line()
            command += data + line
        return command[:-2]


def _verb(command: bytes) -> str:
    parts = command.split()
    return parts[1].decode("latin-1").upper() if len(parts) > 1 else ""
