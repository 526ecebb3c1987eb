"""The client: one host, no redirects, no private address unless meant, bounded answers, patience, and silence."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from scrubber.errors import SourceError
from scrubber.sources.desk import http
from scrubber.sources.desk.http import LONGEST_WAIT, Client, HttpError, Unreachable, is_public

Answers = list[tuple[int, dict[str, str], bytes]]


class Server:
    """Gives its answers one by one, the last again and again; status 0: the line goes dead."""

    def __init__(self) -> None:
        self.answers: Answers = [(200, {}, b"{}")]
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                head = {name.lower(): value for name, value in self.headers.items()}
                outer.asked.append((f"{self.command} {self.path}", head, body))
                status, headers, answer = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                if not status:
                    self.connection.close()
                    return
                self.send_response(status)
                for name, value in {"Content-Length": str(len(answer)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_PUT = do_POST = do_DELETE = handle_any  # noqa: N815 - the names are http.server's

            def log_message(self, *_: object) -> None:
                """Nothing is logged."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.server.shutdown()
    made.server.server_close()
    made.thread.join()


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def client(server: Server, slept: list[float]) -> Iterator[Client]:
    made = Client(server.url, lambda: {"Authorization": "Bearer geheim"}, private=True, sleep=slept.append)
    yield made
    made.close()


def refused(act: Callable[[], object], says: str) -> None:
    with pytest.raises(SourceError, match=says) as caught:
        act()
    assert "geheim" not in repr(caught.value)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.20.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.1", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("2002:0a00:0001::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True),
        ("64:ff9b:1::7f00:1", False),
        ("::7f00:1", False),
        ("::ffff:0:7f00:1", False),
        ("fec0::1", False),
    ],
)
def test_which_addresses_are_of_the_internet(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.8", "169.254.169.254", "::ffff:127.0.0.1"])
def test_a_private_address_is_refused_unless_meant(address: str) -> None:
    with closing(Client("https://desk.example", resolve=lambda *_: ["8.8.8.8", address])) as client:
        refused(lambda: client.request("GET", "/"), "private = true")


def test_http_to_the_internet_is_refused() -> None:
    with closing(Client("http://desk.example", private=True, resolve=lambda *_: ["8.8.8.8"])) as client:
        refused(lambda: client.request("GET", "/"), "https")


def test_it_connects_to_the_address_that_was_judged(server: Server) -> None:
    """The name is looked up once a connection, by us: nothing else may look it up again and find another."""
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    url = f"http://desk.nowhere.invalid:{server.port}"
    with closing(Client(url, private=True, resolve=resolve)) as client:
        assert client.request("GET", "/api").status == 200
    assert asked == ["desk.nowhere.invalid"]
    assert server.asked[0][1]["host"] == f"desk.nowhere.invalid:{server.port}"


def test_the_next_address_is_tried_where_one_is_down(server: Server) -> None:
    url = f"http://desk.test:{server.port}"
    with closing(Client(url, private=True, resolve=lambda *_: ["127.0.0.2", "127.0.0.1"])) as client:
        assert client.request("GET", "/").status == 200


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(server: Server, client: Client, status: int) -> None:
    server.answers = [(status, {"Location": "http://169.254.169.254/latest"}, b"")]
    with pytest.raises(HttpError) as caught:
        client.request("GET", "/")
    assert caught.value.status == status
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "path",
    ["https://evil.example/x", "http://127.0.0.1:1/x", "http://127.0.0.1.evil.example/x", "http://u@127.0.0.1/x"],
)
def test_no_other_host_is_asked(client: Client, server: Server, path: str) -> None:
    refused(lambda: client.request("GET", path), "another host")
    assert server.asked == []


def test_a_next_page_at_the_same_host_is(client: Client, server: Server) -> None:
    client.request("GET", f"{server.url}/page?after=3")
    client.request("GET", "//evil.example/x")  # a path, not a host
    assert [line for line, _, _ in server.asked] == ["GET /page?after=3", "GET /evil.example/x"]


def test_an_answer_has_a_largest_size(server: Server, slept: list[float]) -> None:
    server.answers = [(200, {}, b"x" * 5000)]
    with closing(Client(server.url, private=True, limit=4999)) as client:
        refused(lambda: client.request("GET", "/"), "larger than 4999")


def test_an_answer_that_swells_is_cut_off(server: Server) -> None:
    import gzip

    server.answers = [(200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(10_000_000)))]
    with closing(Client(server.url, private=True, limit=1_000_000)) as client:
        refused(lambda: client.request("GET", "/"), "larger than")


def test_too_many_calls_waits_as_long_as_it_is_told(server: Server, client: Client, slept: list[float]) -> None:
    date = (datetime.now(UTC) + timedelta(seconds=30)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.answers = [
        (429, {"Retry-After": "7"}, b""),
        (429, {"Retry-After": date}, b""),
        (503, {"Retry-After": "no number"}, b""),
        (200, {}, b"[]"),
    ]
    assert client.request("GET", "/").json() == []
    assert slept[0] == 7
    assert 25 < slept[1] <= 30
    assert slept[2] >= 0


def test_it_does_not_wait_for_ever(server: Server, client: Client, slept: list[float]) -> None:
    server.answers = [(429, {"Retry-After": str(int(LONGEST_WAIT) + 1)}, b"")]
    refused(lambda: client.request("GET", "/"), "too many calls")
    assert slept == []
    server.answers = [(503, {"Retry-After": "0"}, b"")]
    refused(lambda: client.request("GET", "/"), "503")
    assert len(server.asked) == 6


@pytest.mark.parametrize(("method", "times"), [("GET", 5), ("PUT", 5), ("DELETE", 5), ("POST", 1)])
def test_what_may_have_been_done_is_not_done_twice(server: Server, client: Client, method: str, times: int) -> None:
    for status in (0, 500):
        server.answers, server.asked = [(status, {}, b"")], []
        with pytest.raises(SourceError):
            client.request(method, "/", again=None)
        assert len(server.asked) == times


def test_a_post_that_was_refused_as_one_too_many_is_sent_again(server: Server, client: Client) -> None:
    server.answers = [(429, {"Retry-After": "0"}, b""), (201, {}, b"")]
    assert client.request("POST", "/", json={"a": 1}).status == 201


@pytest.mark.parametrize(("status", "says"), [(401, "`token`"), (403, "right"), (404, "`url`"), (418, "418")])
def test_errors_name_the_setting_and_nothing_of_the_answer(
    server: Server, client: Client, status: int, says: str
) -> None:
    server.answers = [(status, {}, b"jan@klant.example 123456782")]
    with pytest.raises(HttpError, match=says) as caught:
        client.request("GET", "/tickets/jan@klant.example", params={"q": "123456782"})
    seen = repr(caught.value) + str(caught.value.__context__) + str(caught.value.__cause__)
    assert "jan" not in seen
    assert "123456782" not in seen


def test_a_status_that_is_an_answer(server: Server, client: Client) -> None:
    server.answers = [(404, {}, b"")]
    assert client.request("GET", "/", ok=frozenset({404})).status == 404


def test_nobody_listens(slept: list[float]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client = Client(f"http://127.0.0.1:{port}", private=True, sleep=slept.append)
    with closing(client), pytest.raises(Unreachable, match="can't be reached"):
        client.request("POST", "/")
    assert len(slept) == 4  # nothing was sent: also a POST is tried again


def test_a_name_that_nobody_knows() -> None:
    def resolve(*_: object) -> list[str]:
        raise socket.gaierror

    with closing(Client("https://desk.example", resolve=resolve, sleep=lambda _: None)) as client:
        refused(lambda: client.request("GET", "/"), "can't be reached")


def test_no_proxy_of_the_environment(server: Server, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert client.request("GET", "/").status == 200


def test_what_is_no_json(server: Server, client: Client) -> None:
    for body in (b"", b"<html>123456782", b"\xff", b"[" * 100_000):
        server.answers = [(200, {}, body)]
        with pytest.raises(SourceError, match="no JSON") as caught:
            client.request("GET", "/").json()
        assert caught.value.__context__ is None


def test_nothing_is_logged(server: Server, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        client.request("GET", "/tickets/jan", params={"q": "123456782"})
    assert caplog.text == ""


def test_an_answer_that_drips_is_not_waited_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LONGEST", -1.0)
    server.answers = [(200, {}, b"{}")]
    with closing(Client(server.url, private=True)) as client, pytest.raises(SourceError, match="takes longer"):
        client.request("GET", "x")


def test_a_token_that_no_header_can_hold_is_not_told() -> None:
    with closing(Client("http://127.0.0.1:9", lambda: {"Authorization": "Token gehéim€"}, private=True)) as client:
        with pytest.raises(SourceError, match="`token` has a sign in it") as caught:
            client.request("GET", "x")
        assert "geh" not in str(caught.value)
