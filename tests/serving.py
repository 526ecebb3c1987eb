"""A `scrubber serve` of one's own: the real command line as a process on loopback, and who talks to it."""

from __future__ import annotations

import base64
import hmac
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Self

import httpx

from scrubber.journal import Journal
from scrubber.store import Store

SECONDS = 120
"""In which it must have begun or ended."""

_LISTENS = re.compile(r"scrubber luistert op (http://\S+)")

SECRET = base64.b64encode(secrets.token_bytes(24)).decode()
TOKEN = secrets.token_hex(16)

SETTINGS = """\
[serve]
listen = "127.0.0.1:0"
token_env = "SCRUBBER_TEST_TOKEN"
max_bytes = 65536

[worker]
log = "json"

[[source]]
name = "rt"
type = "rt"
url = "http://127.0.0.1:9"
private = true
user = "scrubber"
token = "unused-here"
hook_secret_env = "SCRUBBER_TEST_SECRET"
"""


class Serving:
    """One process over one directory; it may be killed and started again."""

    def __init__(self, directory: Path, settings: str = SETTINGS, *arguments: str) -> None:
        self.directory = directory
        self._arguments = arguments or ("--no-worker",)
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "scrubber.toml").write_text(settings, encoding="utf-8")
        self._log = directory / "log"

    def __enter__(self) -> Self:
        if self._process is None:
            self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self.kill()

    def start(self, environment: Mapping[str, str] | None = None) -> None:
        seen = len(self.log())
        given = {"SCRUBBER_TEST_TOKEN": TOKEN, "SCRUBBER_TEST_SECRET": SECRET, **(environment or {})}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "scrubber.cli", "serve", *self._arguments],
                cwd=self.directory,
                env={**os.environ, **given},
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        until = time.monotonic() + SECONDS
        while not (found := _LISTENS.search(self.log()[seen:])):
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"scrubber serve does not listen: {self.log()[seen:]}")
            time.sleep(0.05)
        self.url = found[1]

    def kill(self) -> None:
        """SIGKILL, and gone."""
        self._signalled(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; its exit status."""
        return self._signalled(signal.SIGTERM)

    def _signalled(self, number: int) -> int:
        assert self._process is not None
        process, self._process = self._process, None
        process.send_signal(number)
        return process.wait(SECONDS)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @property
    def address(self) -> tuple[str, int]:
        url = httpx.URL(self.url)
        assert url.port is not None
        return url.host, url.port

    def post(self, path: str, body: bytes | str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """As JSON, unless `headers` say otherwise."""
        given = {"Content-Type": "application/json", **(headers or {})}
        with httpx.Client(timeout=SECONDS) as client:
            return client.post(self.url + path, content=body, headers=given)

    def tell(self, ticket: str, delivery: str = "", source: str = "rt") -> httpx.Response:
        """A webhook about a ticket, as it should be."""
        body = json.dumps({"ticket": ticket}).encode()
        return self.post(f"/hooks/{source}", body, signed(body, delivery or secrets.token_hex(8)))

    def raw(self, *pieces: bytes, pause: float = 0.0) -> bytes:
        """What it answers to these bytes, until it hangs up."""
        with socket.create_connection(self.address, timeout=SECONDS) as connection:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
            answer = b""
            with suppress(ConnectionResetError):  # it hung up while we still had something to say
                while received := connection.recv(65_536):
                    answer += received
        return answer

    @contextmanager
    def journal(self) -> Iterator[Journal]:
        store = Store.open(f"sqlite:///{self.directory / 'scrubber.db'}")
        with closing(store):
            yield Journal(store)

    def nudged(self, source: str = "rt") -> dict[str, datetime]:
        with self.journal() as journal:
            return journal.nudged(source)

    def kept(self) -> bytes:
        """Every byte that it wrote: database, log, keys."""
        return b"".join(file.read_bytes() for file in sorted(self.directory.rglob("*")) if file.is_file())


def signed(body: bytes, delivery: str, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    """The headers of Standard Webhooks."""
    stamp = str(int(time.time() if at is None else at))
    mac = hmac.digest(base64.b64decode(secret), f"{delivery}.{stamp}.".encode() + body, "sha256")
    return {
        "webhook-id": delivery,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }


def request(method: str, path: str, body: bytes = b"", headers: Sequence[str] = ()) -> bytes:
    """The bytes of a request that closes its connection."""
    head = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body
