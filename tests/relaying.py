"""A desk and a channel of one's own, with `scrubber serve` between them: real HTTP over loopback."""

from __future__ import annotations

import hmac
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import httpx

from tests.serving import Serving

APP_SECRET = "a-secret-of-the-channel-0123456789"
DESK_SECRET = "another-secret-for-the-desk-9876543210"
VERIFY = "a-verify-token-of-sixteen"
LOCK = "5c" * 32
BOT = "123456:a-token-of-a-bot"

ENVIRONMENT = {
    "SCRUBBER_TEST_APP": APP_SECRET,
    "SCRUBBER_TEST_DESK": DESK_SECRET,
    "SCRUBBER_TEST_VERIFY": VERIFY,
    "SCRUBBER_TEST_LOCK": LOCK,
    "SCRUBBER_TEST_BOT": BOT,
}


@dataclass(frozen=True, slots=True)
class Got:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Desk:
    """Answers what `answers` says, in turn, and the last of it for ever: a status, or what makes one of a request."""

    answers: list[int | Callable[[Got], int]] = field(default_factory=lambda: [200])
    got: list[Got] = field(default_factory=list)
    before: Callable[[], None] = lambda: None
    said: bytes = b'{"ok":true,"result":true}'
    _server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        desk = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                got = Got(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                desk.got.append(got)
                answer = desk.answers.pop(0) if len(desk.answers) > 1 else desk.answers[0]
                status = answer if isinstance(answer, int) else answer(got)
                desk.before()
                try:
                    self.send_response(status)
                    if status in (301, 302, 307, 308):
                        self.send_header("Location", f"{desk.url}/elsewhere")
                    self.send_header("Content-Length", str(len(desk.said)))
                    self.end_headers()
                    self.wfile.write(desk.said)
                except OSError:
                    pass  # who asked is gone

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"


def settings(desk: str, *, name: str = "wa", preset: str = "whatsapp", **keys: object) -> str:
    """The table of a source that relays to `desk`."""
    table: dict[str, object] = {
        "name": name,
        "type": "relay",
        "preset": preset,
        "mode": "redact",
        "deferred": "pass",
        "deliver_url": f"{desk}/in?x=1",
        "private": True,
        "hook_secret_env": "SCRUBBER_TEST_APP",
        "deliver_secret_env": "SCRUBBER_TEST_DESK",
        **keys,
    }
    rows = [f"{key} = {json.dumps(value)}" for key, value in table.items() if value is not None]
    return "\n".join(["[[source]]", *rows, ""])


HEAD = '[serve]\nlisten = "127.0.0.1:0"\n\n[worker]\nlog = "json"\n\n'


class Relaying(Serving):
    """`scrubber serve` with relays."""

    def __init__(self, directory: Path, *tables: str, head: str = HEAD) -> None:
        super().__init__(directory, head + "\n".join(tables))

    def start(self, environment: Any = None) -> None:
        super().start({**ENVIRONMENT, **(environment or {})})

    def hub(self, payload: bytes, source: str = "wa", *, secret: str = APP_SECRET, path: str = "") -> httpx.Response:
        """A delivery as Meta signs it."""
        proof = hmac.new(secret.encode(), payload, "sha256").hexdigest()
        return self.post(f"/relay/{source}{path}", payload, {"X-Hub-Signature-256": f"sha256={proof}"})


def whatsapp(text: str, sender: str = "31600000001", number: str = "wamid.1") -> bytes:
    """A text message as the Cloud API sends it, with spaces and escapes of its own."""
    body = json.dumps(text)
    return (
        '{"object": "whatsapp_business_account",\n "entry":[{"id":"102290129340398","changes":[{"value":'
        '{"messaging_product":"whatsapp","metadata":{"display_phone_number":"31201234567","phone_number_id":"1065403"},'
        f'"contacts":[{{"profile":{{"name":"Sanne Jansen"}},"wa_id":"{sender}"}}],'
        f'"messages":[{{"from":"{sender}","id":"{number}",'
        f'"timestamp":"{int(time.time())}","text":{{"body":{body}}},"type":"text"}}]}},"field":"messages"}}]}}]}}'
    ).encode()
