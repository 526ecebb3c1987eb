"""One careful HTTP client for one configured host: desks, relays and channels talk through it.

No redirect is followed and no proxy of the environment used. A name is looked up once a connection, every address is
judged, and the connection goes to the address that was judged, so that a name server can't lead it elsewhere later.
No error holds anything that was sent or answered.
"""

from __future__ import annotations

import email.utils
import ipaddress
import json
import logging
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import tenacity

from scrubber.errors import SourceError

TIMEOUT = 30.0
"""Seconds for a connection, and for each piece of an answer."""

LIMIT = 32 * 1024 * 1024
"""Bytes that an answer may have."""

ATTEMPTS = 5
LONGEST_WAIT = 100.0
"""Seconds: a desk that asks for more is tried again in a later cycle."""

LONGEST = 240.0
"""Seconds that one call may take with all its repetitions, after which no other begins."""

IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")
"""Addresses of the Internet (IANA, IPv6 Global Unicast Address Assignments)."""

logging.getLogger("httpx").setLevel(logging.WARNING)  # its lines hold addresses, and those may hold names

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]


class HttpError(SourceError):
    """The desk answered, and not as it should. `status`: its HTTP status."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


class Unreachable(SourceError):
    """No answer came. Whether a request that is not idempotent was carried out is not known."""


class _Busy(Exception):
    """To be tried again. `wait`: seconds as the desk asks for, None: it does not say."""

    def __init__(self, error: SourceError, wait: float | None) -> None:
        super().__init__()
        self.error = error
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` with lower-case names."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """SourceError: it is no JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            pass
        raise SourceError("the desk's answer is no JSON: does `url` lead to its API?")


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host. OSError: none."""
    return [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    """Whether an address is one of the Internet: not private, loopback, link-local, reserved or multicast."""
    found: Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            found = found.ipv4_mapped
        elif found.sixtofour:
            found = found.sixtofour
        elif found in _NAT64:
            found = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        elif found not in _UNICAST:  # all else is local, translated or not given out, whatever `is_global` says of it
            return False
    return found.is_global and not found.is_multicast


class _Pinned(httpx.BaseTransport):
    """Connects to addresses that were judged, and to the one host only. The name stays in Host, SNI and certificate."""

    def __init__(self, host: str, *, private: bool, plain: bool, resolve: Resolve) -> None:
        self._host = host
        self._private = private
        self._plain = plain
        self._resolve = resolve
        self._inner = httpx.HTTPTransport(trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.host != self._host:
            raise SourceError("a request to another host than that of `url` was stopped")
        failure: httpx.TransportError | None = None
        for address in self._addresses(url.port or (443 if url.scheme == "https" else 80)):
            request.url = url.copy_with(host=address)
            request.extensions = {**request.extensions, "sni_hostname": self._host}
            try:
                return self._inner.handle_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
            finally:
                request.url = url
        raise failure or httpx.ConnectError("no address")

    def _addresses(self, port: int) -> list[str]:
        try:
            found = list(dict.fromkeys(self._resolve(self._host, port)))
        except OSError:
            raise httpx.ConnectError("the name is not known") from None
        public = [is_public(address) for address in found]
        if not self._private and not all(public):
            raise SourceError(
                "`url` leads to a private address; where that is meant, write `private = true`, else mend `url`"
            )
        if self._plain and any(public):
            raise SourceError("`url` is http and leads to the Internet, where anyone could read the token: use https")
        return found

    def close(self) -> None:
        self._inner.close()


class Client:
    """Speaks to the host of `url`. `headers` is asked anew for every request, so that a fresh token is used.

    `url_key` and `token_key` name the settings in error texts.
    """

    def __init__(
        self,
        url: str,
        headers: Callable[[], Mapping[str, str]] = dict,
        *,
        private: bool = False,
        url_key: str = "url",
        token_key: str = "token",  # noqa: S107 - the name of a setting
        timeout: float = TIMEOUT,
        limit: int = LIMIT,
        attempts: int = ATTEMPTS,
        sleep: Callable[[float], None] = time.sleep,
        resolve: Resolve = resolve,
    ) -> None:
        parts = urlsplit(url)
        self._base = url.rstrip("/")
        self._origin = (parts.scheme, parts.netloc)
        self._headers = headers
        self._url_key, self._token_key = url_key, token_key
        self._limit = limit
        self._attempts = attempts
        self._sleep = sleep
        self._host = parts.hostname or ""
        transport = _Pinned(self._host, private=private, plain=parts.scheme == "http", resolve=resolve)
        self._client = httpx.Client(
            transport=transport, timeout=timeout, follow_redirects=False, trust_env=False, headers={"Accept": "*/*"}
        )

    @property
    def host(self) -> str:
        return self._host

    def close(self) -> None:
        self._client.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
        data: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        again: bool | None = None,
        ok: frozenset[int] = frozenset(),
    ) -> Answer:
        """One call. `path` stands below `url`, or is a whole address at the same host (a next page).

        `again`: whether it may be sent twice (default: by its method); what the desk refused because of too many
        calls is always tried again. `ok`: statuses beside 2xx that are an answer. HttpError, Unreachable, SourceError.
        """
        address = self._address(path)
        may_repeat = method in IDEMPOTENT if again is None else again

        def once() -> Answer:
            return self._once(method, address, params, json, data, content, headers or {}, may_repeat, ok)

        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._attempts) | tenacity.stop_after_delay(LONGEST),
            retry=tenacity.retry_if_exception_type(_Busy),
            wait=_wait,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(once)
        except _Busy as busy:
            error = busy.error
        raise error

    def _address(self, path: str) -> str:
        if "://" not in path:
            return f"{self._base}/{path.lstrip('/')}"
        parts = urlsplit(path)
        if (parts.scheme, parts.netloc) != self._origin:
            raise SourceError(f"the desk names a next page at another host than `{self._url_key}`: it is not asked")
        return path

    def _once(
        self,
        method: str,
        address: str,
        params: Mapping[str, str | int] | None,
        json: object,
        data: Mapping[str, str] | None,
        content: bytes | None,
        headers: Mapping[str, str],
        may_repeat: bool,
        ok: frozenset[int],
    ) -> Answer:
        sent = {"Accept-Encoding": "identity", **self._headers(), **headers}
        if not all(value.isascii() for value in sent.values()):
            raise SourceError(f"`{self._token_key}` has a sign in it that no token has: copy it once more")
        try:
            with self._client.stream(
                method, address, params=params, json=json, data=data, content=content, headers=sent
            ) as response:
                body = self._body(response)
                answer = Answer(response.status_code, dict(response.headers), body)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            failure = Unreachable(f"`{self._url_key}`: {self._host} can't be reached: is the address right, is it up?")
            raise _Busy(failure, None) from None  # nothing was sent
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            failure = Unreachable(f"`{self._url_key}`: {self._host} gave no answer ({type(error).__name__})")
            if may_repeat and isinstance(error, httpx.TransportError):
                raise _Busy(failure, None) from None
            raise failure from None
        return self._judged(answer, may_repeat, ok)

    def _body(self, response: httpx.Response) -> bytes:
        parts: list[bytes] = []
        size = 0
        end = time.monotonic() + LONGEST
        for part in response.iter_bytes():
            size += len(part)
            if time.monotonic() > end:
                raise SourceError(f"an answer of {self._host} takes longer than {LONGEST:.0f} seconds: it is not read")
            if size > self._limit:
                raise SourceError(f"an answer of {self._host} is larger than {self._limit} bytes: it is not read")
            parts.append(part)
        return b"".join(parts)

    def _judged(self, answer: Answer, may_repeat: bool, ok: frozenset[int]) -> Answer:
        status = answer.status
        if 200 <= status < 300 or status in ok:
            return answer
        text = f"{self._host} answers {status}: {_WORDS.get(status, '')}".rstrip(": ")
        error = HttpError(text.replace("{url}", self._url_key).replace("{token}", self._token_key), status)
        if status == 429 or (status >= 500 and may_repeat):
            wait = _retry_after(answer.headers.get("retry-after", ""))
            if wait is None or wait <= LONGEST_WAIT:
                raise _Busy(error, wait)
        raise error


_WORDS = {
    400: "it does not take the request",
    401: "it does not know us: is `{token}` right and still valid?",
    403: "the account may not do this: give it the right",
    404: "there is no such thing: does `{url}` lead to the desk's API?",
    429: "too many calls; tried again later",
    503: "it is down for a while; tried again later",
}


def _wait(state: tenacity.RetryCallState) -> float:
    """As the desk asks, else twice as long each time, with some chance in it."""
    raised = state.outcome.exception() if state.outcome else None
    if isinstance(raised, _Busy) and raised.wait is not None:
        return raised.wait
    return float(tenacity.wait_random_exponential(multiplier=0.5, max=15)(state))


def _retry_after(value: str) -> float | None:
    """Seconds of a Retry-After header (RFC 9110, 10.2.3); None: it says nothing."""
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)
