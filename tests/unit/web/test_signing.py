"""Whether a request comes from who may send it: every scheme, right and wrong, with several secrets at once."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from scrubber.errors import SettingsError
from scrubber.settings_hooks import Scheme
from scrubber.web.signing import Lock, Refused, lock, prove

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BODY = '{"ticket": "12", "naam": "Zoë"}'.encode()
OLD, NEW = "oud-geheim-0123456789", "nieuw-geheim-0123456789"
Sign = Callable[[str, bytes, datetime], dict[str, str]]


def standard(secret: str, body: bytes, now: datetime) -> dict[str, str]:
    stamp = str(int(now.timestamp()))
    mac = hmac.digest(base64.b64decode(secret), b"msg_1." + stamp.encode() + b"." + body, "sha256")
    proof = "v1," + base64.b64encode(mac).decode()
    return {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": f"v1a,x {proof}"}


def zendesk(secret: str, body: bytes, now: datetime) -> dict[str, str]:
    stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    mac = base64.b64encode(hmac.digest(secret.encode(), stamp.encode() + body, "sha256")).decode()
    return {"X-Zendesk-Webhook-Signature": mac, "X-Zendesk-Webhook-Signature-Timestamp": stamp}


def hub(name: str, algorithm: str) -> Sign:
    def sign(secret: str, body: bytes, now: datetime) -> dict[str, str]:
        return {name: f"{algorithm}=" + hmac.new(secret.encode(), body, algorithm).hexdigest()}

    return sign


def telegram(secret: str, body: bytes, now: datetime) -> dict[str, str]:
    return {"X-Telegram-Bot-Api-Secret-Token": secret}


def bearer(secret: str, body: bytes, now: datetime) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def named(secret: str, body: bytes, now: datetime) -> dict[str, str]:
    return {"X-Desk-Key": secret}


def basic(secret: str, body: bytes, now: datetime) -> dict[str, str]:
    return {"Authorization": "basic " + base64.b64encode(f"desk:{secret}".encode()).decode()}


SCHEMES: Mapping[str, tuple[Scheme, Sign]] = {
    "standard-webhooks": ("standard-webhooks", standard),
    "zendesk": ("zendesk", zendesk),
    "hub-sha256": ("hub-sha256", hub("X-Hub-Signature-256", "sha256")),
    "hub-sha256, as Jira names it": ("hub-sha256", hub("X-Hub-Signature", "sha256")),
    "hub-sha1": ("hub-sha1", hub("X-Hub-Signature", "sha1")),
    "telegram": ("telegram", telegram),
    "bearer": ("bearer", bearer),
    "header": ("header", named),
    "basic": ("basic", basic),
}
SIGNED = [name for name in SCHEMES if name.partition("-")[0] in ("standard", "zendesk", "hub")]
TIMED = ["standard-webhooks", "zendesk"]


def key(scheme: Scheme, secret: str) -> str:
    return base64.b64encode(secret.encode()).decode() if scheme == "standard-webhooks" else secret


def locked(name: str, *secrets: str) -> Lock:
    scheme = SCHEMES[name][0]
    given = [key(scheme, secret) for secret in secrets or (NEW, OLD)]
    return lock(scheme, given, "x", "X-Desk-Key" if scheme == "header" else "", "desk" if scheme == "basic" else "")


def signed(name: str, secret: str = NEW, body: bytes = BODY, at: datetime = NOW) -> Headers:
    scheme, sign = SCHEMES[name]
    return Headers(sign(key(scheme, secret), body, at))


def refused(lock: Lock, headers: Headers, body: bytes = BODY) -> str:
    with pytest.raises(Refused) as caught:
        prove(lock, headers, body, NOW)
    return caught.value.why


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("secret", [OLD, NEW])
def test_each_of_the_secrets_counts(name: str, secret: str) -> None:
    assert prove(locked(name), signed(name, secret), BODY, NOW)


@pytest.mark.parametrize("name", SCHEMES)
def test_a_secret_that_was_taken_out_counts_no_more(name: str) -> None:
    assert refused(locked(name, NEW), signed(name, OLD)) == "forged"


@pytest.mark.parametrize("name", SCHEMES)
def test_without_any_proof(name: str) -> None:
    assert refused(locked(name), Headers({})) == "missing"
    assert refused(locked(name), Headers(dict.fromkeys(signed(name), ""))) == "missing"


@pytest.mark.parametrize("name", SIGNED)
@pytest.mark.parametrize("body", [b"", BODY + b" ", BODY.replace(b"12", b"13"), BODY.replace("ë".encode(), b"e")])
def test_another_body_than_was_signed(name: str, body: bytes) -> None:
    assert refused(locked(name), signed(name), body) == "forged"


@pytest.mark.parametrize("name", TIMED)
@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_signed_within_five_minutes(name: str, minutes: int) -> None:
    at = NOW + timedelta(minutes=minutes)
    assert prove(locked(name), signed(name, at=at), BODY, NOW)


@pytest.mark.parametrize("name", TIMED)
@pytest.mark.parametrize("off", [timedelta(minutes=-5, seconds=-1), timedelta(minutes=5, seconds=1), timedelta(400)])
def test_stale_or_from_the_future(name: str, off: timedelta) -> None:
    assert refused(locked(name), signed(name, at=NOW + off)) == "stale"


@pytest.mark.parametrize("stamp", ["", "morgen", "-1", "1e9", "9" * 12, "²", "NaN"])
def test_a_signed_moment_that_is_none(stamp: str) -> None:
    mac = hmac.digest(NEW.encode(), b"msg_1." + stamp.encode("latin-1", "replace") + b"." + BODY, "sha256")
    proof = "v1," + base64.b64encode(mac).decode()
    headers = Headers({"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": proof})
    assert refused(locked("standard-webhooks"), headers) == ("stale" if stamp else "missing")


def test_what_tells_deliveries_apart_was_signed() -> None:
    """A replay with another id, or another moment, is refused; what was not signed tells nothing."""
    headers = signed("standard-webhooks").mutablecopy()
    assert prove(locked("standard-webhooks"), headers, BODY, NOW) == b"msg_1"
    headers["webhook-id"] = "msg_2"
    assert refused(locked("standard-webhooks"), headers) == "forged"
    again = signed("zendesk").mutablecopy()
    again["X-Zendesk-Webhook-Invocation-Id"] = "another"
    first = prove(locked("zendesk"), signed("zendesk"), BODY, NOW)
    assert prove(locked("zendesk"), again, BODY, NOW) == first
    assert prove(locked("zendesk"), signed("zendesk", at=NOW + timedelta(seconds=1)), BODY, NOW) != first


def test_the_weaker_signature_is_not_taken_for_the_stronger() -> None:
    assert refused(locked("hub-sha256"), signed("hub-sha1")) == "forged"
    assert refused(locked("hub-sha1"), signed("hub-sha256, as Jira names it")) == "forged"


def test_another_user_with_the_right_password() -> None:
    other = base64.b64encode(f"root:{NEW}".encode()).decode()
    assert refused(locked("basic"), Headers({"Authorization": f"Basic {other}"})) == "forged"
    anybody = lock("basic", [NEW], "x")
    assert prove(anybody, Headers({"Authorization": f"Basic {other}"}), BODY, NOW)


@pytest.mark.parametrize("name", SCHEMES)
@given(value=st.text(st.characters(codec="latin-1"), min_size=1), body=st.binary(max_size=40))
def test_rubbish_is_refused_and_never_an_error(name: str, value: str, body: bytes) -> None:
    headers = Headers(dict.fromkeys(signed(name), value))
    with pytest.raises(Refused):
        prove(locked(name), headers, body, NOW)


@pytest.mark.parametrize(
    ("scheme", "secrets", "why"),
    [
        ("bearer", [], "there is no secret"),
        ("bearer", ["kort"], "at least 16"),
        ("header", [NEW], "in which header"),
        ("standard-webhooks", ["geen base64!"], "base64"),
        ("standard-webhooks", ["whsec_AAAA"], "at least 16"),
    ],
)
def test_a_secret_that_can_be_none(scheme: Scheme, secrets: list[str], why: str) -> None:
    with pytest.raises(SettingsError, match=why) as caught:
        lock(scheme, secrets, "bron: hook_secret_env")
    assert str(caught.value).startswith("bron: hook_secret_env")
    assert not any(secret in str(caught.value) for secret in secrets)


def test_a_lock_shows_no_secret() -> None:
    assert NEW not in repr(locked("bearer"))
