"""The OpenAPI description held against the server: requests made from it, right and wrong, and the answers to them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from requests import PreparedRequest
from requests.auth import AuthBase
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.schemas import OpenApiSchema

from tests.relaying import Desk
from tests.relaying import settings as relay
from tests.serving import SETTINGS, TOKEN, Serving, signed

EXAMPLES = 40
"""Requests a route, beside those that go through each keyword of its schema."""


class Known(AuthBase):
    """Proves each request, whatever is in it: what is wrong with it shall be something else."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        body = request.body or b""
        raw = body.encode() if isinstance(body, str) else body
        assert isinstance(raw, bytes)
        request.headers.update(signed(raw, secrets.token_hex(8)))
        request.headers["Authorization"] = f"Bearer {TOKEN}"
        return request


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    often = SETTINGS.replace("max_bytes", "per_minute = 1000000\nmax_bytes")
    with Desk() as desk:
        keys = {"hook_secret_env": "SCRUBBER_TEST_SECRET", "deliver_secret_env": None, "deliver_signature": "none"}
        between = relay(desk.url, name="between", preset="generic", verify_token_env="SCRUBBER_TEST_TOKEN", **keys)
        with Serving(tmp_path_factory.mktemp("serve"), often + between) as server:
            yield server


@pytest.fixture(scope="module")
def described(serving: Serving) -> OpenApiSchema:
    return schemathesis.openapi.from_url(serving.url + "/openapi.json")


@pytest.mark.parametrize(
    ("route", "mode"),
    [
        ("POST /hooks/{source}", GenerationMode.POSITIVE),
        ("POST /hooks/{source}", GenerationMode.NEGATIVE),
        ("POST /v1/scrub", GenerationMode.POSITIVE),
        ("POST /v1/scrub", GenerationMode.NEGATIVE),
        ("POST /relay/{source}", GenerationMode.POSITIVE),
        ("POST /relay/{source}/sent", GenerationMode.POSITIVE),
        ("POST /relay/{source}/sent", GenerationMode.NEGATIVE),
        ("GET /relay/{source}", GenerationMode.POSITIVE),
        ("GET /healthz", GenerationMode.POSITIVE),
    ],
)
def test_each_route_does_as_it_says(
    serving: Serving, described: OpenApiSchema, route: str, mode: GenerationMode
) -> None:
    """Known statuses with bodies as described; what fits is taken, what doesn't is refused, and nothing breaks."""
    method, _, path = route.partition(" ")
    strategy = described[path][method].as_strategy(generation_mode=mode)

    @given(case=strategy)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    def asked(case: schemathesis.Case[Any]) -> None:
        if "{source}" in path:
            case.path_parameters["source"] = "between" if "relay" in path else "rt"
        if path == "/v1/scrub" and "Authorization" not in (case.headers or {}):
            case.call_and_validate(base_url=serving.url, timeout=30)
        else:
            case.call_and_validate(base_url=serving.url, auth=Known(), timeout=30)

    asked()
    assert "request_failed" not in serving.log()


def test_every_route_is_held_to_it(described: OpenApiSchema) -> None:
    operations = [each.ok() for each in described.get_all_operations() if isinstance(each, Ok)]
    routes = {f"{each.method.upper()} {each.path}" for each in operations}
    relays = {"POST /relay/{source}", "POST /relay/{source}/sent", "GET /relay/{source}"}
    assert routes == {"POST /hooks/{source}", "POST /v1/scrub", "GET /healthz", *relays}
