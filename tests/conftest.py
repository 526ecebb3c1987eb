"""Fixtures for every test: a database and a mail server of each kind."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import NoReturn

import pytest

from scrubber.detection import years
from scrubber.sources.desk.rt_command import SCRIPT, ReplaceCommand
from tests.desks.helpdesk_server import Helpdesk
from tests.desks.rt_server import RequestTracker
from tests.mailservers.cyrus import Cyrus
from tests.mailservers.dovecot import Dovecot
from tests.mailservers.private import ServerMissing

_NUMBERS = count()

_EXHAUSTIVE = (
    "test_races.py",
    "test_imap_races.py",
    "test_imap_between_commands.py",
    "test_killed.py::test_killed_twice",
    "test_killed.py::test_a_mail_that_came_in_twice",
    "test_killed.py::test_the_server_killed_instead",
    "test_killed.py::test_renumbered_meanwhile",
    "test_desk_fetches.py::test_with_an_intake_folder_such_a_desk_and_a_killed_worker",
    "test_desk_fetches.py::test_in_place_a_desk_that_polls_in_between_may_see_both",
    "test_killed.py::test_killed_twenty_times_over_five_hundred_mails",
    "test_serve_killed.py::test_nothing_that_was_answered_is_lost",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What tries all at every step, or kills for long, is for `make test-mail` (and CI), not for each `make test`."""
    for item in items:
        if any(name in item.nodeid for name in _EXHAUSTIVE) or ("mdbox" in item.name or "cyrus" in item.name):
            item.add_marker(pytest.mark.exhaustive)


@pytest.fixture(autouse=True)
def _year(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is a birth goes by the clock: cases were written in this year and hold in the next."""
    monkeypatch.setattr(years, "this_year", lambda: 2026)


def _lacking(what: str, mend: str = "apt install postgresql") -> NoReturn:
    """At home a test without its server is skipped; in CI that would hide that nothing was tested."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing", pytrace=False)
    pytest.skip(f"{what} is missing: {mend}")


def _postgresql_programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].split(".")[0]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else _lacking("PostgreSQL")


def _ordinary_user() -> tuple[list[str], int, int]:
    """How to run a program as a user PostgreSQL accepts: it refuses root."""
    if os.geteuid() != 0:
        return [], os.geteuid(), os.getegid()
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        prefix = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        return prefix, user.pw_uid, user.pw_gid
    return _lacking("a user other than root")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Path]:
    """A private PostgreSQL cluster, reachable only through the socket in the directory that this gives."""
    programs = _postgresql_programs()
    prefix, uid, gid = _ordinary_user()
    # not pytest's own directory: nobody but root could enter that, and a socket's path is at most 107 bytes
    home = Path(tempfile.mkdtemp(prefix="scrubber-pg-"))
    os.chown(home, uid, gid)
    data = home / "data"

    def run(*command: str) -> None:
        whole = [*prefix, *command]
        ran = subprocess.run(whole, cwd=home, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
        assert ran.returncode == 0, (ran.stderr or ran.stdout).decode()

    try:
        run(str(programs / "initdb"), "-D", str(data), "-U", "scrubber", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories={home} -c fsync=off -c shared_buffers=16MB"
        start = ("-w", "-t", "60", "-l", str(home / "log"), "-o", options, "start")
        run(str(programs / "pg_ctl"), "-D", str(data), *start)
        try:
            yield home
        finally:
            run(str(programs / "pg_ctl"), "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgresql_url(postgresql_server: Path) -> Iterator[str]:
    """An empty database of its own on the private cluster."""
    if find_spec("psycopg") is None:
        _lacking("psycopg")
    import psycopg  # not at the top: an optional dependency, and every test loads this file

    name = f"test_{os.getpid()}_{next(_NUMBERS)}"
    where = f"host={postgresql_server} user=scrubber dbname=postgres"
    with psycopg.connect(where, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield f"postgresql+psycopg://scrubber@/{name}?host={postgresql_server}"
    with psycopg.connect(where, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'scrubber.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind, as the URL that `Store.open` takes."""
    url = request.getfixturevalue(f"{request.param}_url")
    assert isinstance(url, str)
    return url


@pytest.fixture(scope="session")
def dovecot_server() -> Iterator[Dovecot]:
    """One Dovecot for all tests of this process; a test takes `dovecot`."""
    try:
        server = Dovecot()
    except ServerMissing:
        _lacking("Dovecot", "apt install dovecot-core dovecot-imapd")
    with server:
        yield server


@pytest.fixture
def dovecot(dovecot_server: Dovecot) -> Iterator[Dovecot]:
    """A Dovecot that runs. A test makes its own accounts there; it may stop or kill the server as it likes."""
    if not dovecot_server.runs:
        dovecot_server.restart()
    yield dovecot_server
    dovecot_server.hang_up()


@pytest.fixture(scope="session")
def cyrus_server() -> Iterator[Cyrus]:
    """One Cyrus for all tests of this process; a test takes `cyrus`."""
    try:
        server = Cyrus()
    except ServerMissing:
        _lacking("Cyrus IMAP", "sh tests/servers.sh")
    with server:
        yield server


@pytest.fixture
def cyrus(cyrus_server: Cyrus) -> Iterator[Cyrus]:
    """A Cyrus that runs. A test makes its own accounts there; it may stop or kill the server as it likes."""
    if not cyrus_server.runs:
        cyrus_server.restart()
    yield cyrus_server
    cyrus_server.hang_up()


@pytest.fixture(scope="session")
def helpdesk() -> Iterator[Helpdesk]:
    """One django-helpdesk for all tests of this process. A test makes its own tickets there."""
    try:
        server = Helpdesk()
    except ServerMissing:
        _lacking("django-helpdesk", "sh tests/servers.sh")
    with server:
        yield server


@pytest.fixture(scope="session")
def request_tracker() -> Iterator[RequestTracker]:
    """One Request Tracker for all tests of this process. A test makes its own tickets there."""
    try:
        server = RequestTracker()
    except ServerMissing:
        _lacking("Request Tracker", "sh tests/servers.sh")
    with server:
        yield server


@pytest.fixture(scope="session")
def rt_command(request_tracker: RequestTracker) -> Iterator[ReplaceCommand]:
    """What edits at that Request Tracker: one that goes on running, as a worker's does."""
    command = ReplaceCommand(request_tracker.command(SCRIPT))
    yield command
    command.close()
