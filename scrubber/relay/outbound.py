"""Passing a delivery on to the desk: one address, signed anew, no redirects, and nothing of it in an error."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from scrubber.errors import SourceError
from scrubber.settings_hooks import Scheme
from scrubber.sources.desk.http import Client, HttpError

SECONDS = 10.0
"""For a connection, and for each piece of the desk's answer: channels wait no longer than 20 or so."""

ANSWER = 8 * 1024 * 1024
"""Bytes that the desk's answer may have; it is thrown away."""

_AWAY = frozenset({408, 425, 429, 502, 503, 504})
"""Answers that say nothing of the delivery: the desk is away for a while."""


class Refused(Exception):
    """The desk answered and did not take it. `status`: what it said."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Away(Exception):
    """The desk can't be reached or is too busy, whatever it is given. The text names the setting, no content."""


class Door(Protocol):
    """Where deliveries go on."""

    def deliver(self, payload: bytes, content_type: str, delivery: str, now: datetime) -> None:
        """Refused, Away."""
        ...


@dataclass(frozen=True, slots=True)
class Stamp:
    """How the desk knows what is passed on. `header`: for "header", or another than the scheme's own; `user`: basic."""

    scheme: Scheme
    secret: str = field(repr=False)
    header: str = ""
    user: str = field(default="", repr=False)

    def headers(self, payload: bytes, delivery: str, now: datetime) -> dict[str, str]:
        """`delivery`: what stays the same when it is passed on again, so that a desk can drop it."""
        secret = self.secret.encode()
        match self.scheme:
            case "standard-webhooks":
                key = base64.b64decode(self.secret.removeprefix("whsec_"))
                identity, moment = f"msg_{delivery[:32]}", str(int(now.timestamp()))
                signed = hmac.digest(key, f"{identity}.{moment}.".encode() + payload, "sha256")
                return {
                    "webhook-id": identity,
                    "webhook-timestamp": moment,
                    "webhook-signature": "v1," + base64.b64encode(signed).decode(),
                }
            case "hub-sha256":
                proof = hmac.new(secret, payload, "sha256").hexdigest()
                return {self.header or "X-Hub-Signature-256": f"sha256={proof}"}
            case "hub-sha1":
                proof = hmac.new(secret, payload, "sha1").hexdigest()
                return {self.header or "X-Hub-Signature": f"sha1={proof}"}
            case "telegram":
                return {"X-Telegram-Bot-Api-Secret-Token": self.secret}
            case "bearer":
                return {"Authorization": f"Bearer {self.secret}"}
            case "basic":
                told = base64.b64encode(f"{self.user}:{self.secret}".encode()).decode()
                return {"Authorization": f"Basic {told}"}
            case "zendesk":
                moment = now.strftime("%Y-%m-%dT%H:%M:%SZ")
                signed = hmac.digest(secret, moment.encode() + payload, "sha256")
                return {
                    "X-Zendesk-Webhook-Signature": base64.b64encode(signed).decode(),
                    "X-Zendesk-Webhook-Signature-Timestamp": moment,
                }
            case _:
                return {self.header: self.secret}


class DeskDoor:
    """`url`: the whole address, with a query where the desk wants one."""

    def __init__(
        self,
        url: str,
        stamp: Stamp | None,
        headers: Mapping[str, str] | None = None,
        *,
        private: bool = False,
        seconds: float = SECONDS,
    ) -> None:
        self._url = url
        self._stamp = stamp
        self._headers = dict(headers or {})
        self._client = Client(
            url,
            private=private,
            url_key="deliver_url",
            token_key="deliver_secret_env",  # noqa: S106 - the name of a setting
            timeout=seconds,
            limit=ANSWER,
            attempts=1,
        )

    def deliver(self, payload: bytes, content_type: str, delivery: str, now: datetime) -> None:
        headers = self._stamp.headers(payload, delivery, now) if self._stamp else {}
        try:
            self._client.request(
                "POST",
                self._url,
                content=payload,
                headers={"Content-Type": content_type, **self._headers, **headers},
                again=False,
            )
        except HttpError as error:
            if error.status in _AWAY:
                raise Away(str(error)) from None
            raise Refused(error.status) from None
        except SourceError as error:
            raise Away(str(error)) from None

    def close(self) -> None:
        self._client.close()
