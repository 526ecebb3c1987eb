"""A private django-helpdesk: a site of its own on SQLite, in a temporary directory, gone with the tests.

It is installed beside, in an environment of its own (`tests/servers.sh`).
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.desks.cache import cached
from tests.disk import contents
from tests.mailservers.private import free_ports, give, kill_group, new_home, ordinary_user, start, wait_until

_SITE = Path(__file__).parent / "helpdesk_site"


class Helpdesk:
    """ServerMissing when it isn't installed. `cleanup`: with django-cleanup, which deletes the files of what goes."""

    def __init__(self, *, cleanup: bool = True) -> None:
        self._python = str(cached("helpdesk") / "bin/python")
        self._as_user, user, group = ordinary_user()
        self.home = new_home("scrubber-helpdesk-")
        (self.port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        for name in ("media", "mail"):
            (self.home / name).mkdir()
        for each in _SITE.glob("*.txt"):  # no .py: neither linter nor type checker has Django
            shutil.copy(each, self.home / f"{each.stem}.py")
        give(self.home, user, group)
        self._environment = {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(self.home),
            "PYTHONDONTWRITEBYTECODE": "1",
            "DJANGO_SETTINGS_MODULE": "settings",
            "HELPDESK_HOME": str(self.home),
            "HELPDESK_CLEANUP": "1" if cleanup else "0",
        }
        self._process: subprocess.Popen[bytes] | None = None
        try:
            command = [*self._as_user, self._python, str(self.home / "seed.py")]
            seeded = subprocess.run(command, env=self._environment, capture_output=True, check=False, timeout=120)
            assert seeded.returncode == 0, seeded.stderr.decode()
            self.tokens: dict[str, str] = json.loads(seeded.stdout.splitlines()[-1])
            self._start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _start(self) -> None:
        command = [*self._as_user, self._python, "-m", "django", "runserver", "--noreload", "--insecure"]
        self._process = start([*command, f"127.0.0.1:{self.port}"], self.home / "log", self._environment)
        process = self._process
        wait_until(lambda: process.poll() is not None or self._answers(), "django-helpdesk does not start")
        if process.poll() is not None:
            raise RuntimeError(f"django-helpdesk does not start: {self.log()[-2000:]}")

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/tickets/", auth=("scrubber", "geheim"), timeout=20).status_code == 200
        except httpx.HTTPError:
            return False

    def close(self) -> None:
        """Kill it and remove its directory."""
        if self._process is not None:
            kill_group(self._process)
        shutil.rmtree(self.home, ignore_errors=True)

    def log(self) -> str:
        return (self.home / "log").read_text(errors="replace")

    # what happens at the desk

    def hook(self, *addresses: str) -> None:
        """Where it tells of tickets and follow-ups from now on."""
        told = self.home / "hooks"
        told.write_text("\n".join(addresses))
        told.chmod(0o644)

    def receive(self, mail: bytes) -> str:
        """A mail comes in; the number of its ticket."""
        return str(self._post("proef/mail", mail)["ticket"])

    def act(self, ticket: str, user: str = "bram", **change: Any) -> str:
        """An agent writes, or changes the ticket (`comment`, `public`, `title`, `new_status`); the number of that."""
        told = {"ticket": int(ticket), "user": user, **change}
        return str(self._post("proef/act", json.dumps(told).encode())["followup"])

    def merge(self, into: str, *others: str) -> None:
        self._post("proef/merge", json.dumps([int(into), *map(int, others)]).encode())

    def _post(self, path: str, body: bytes) -> dict[str, Any]:
        answer = httpx.post(f"{self.url}/{path}", content=body, timeout=30)
        assert answer.status_code == 200, self.log()[-3000:]
        told: dict[str, Any] = answer.json()
        return told

    def api(self, method: str, path: str, **rest: Any) -> Any:
        """A call of its API as an agent."""
        answer = httpx.request(method, f"{self.url}/api/{path}", auth=("bram", "geheim"), timeout=30, **rest)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    # what it keeps

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.home / 'db.sqlite3'}?mode=ro", uri=True)) as database:
            return database.execute(query, values).fetchall()

    def places(self, value: str) -> set[str]:
        """Every column ("helpdesk_followup.comment") and file ("mail", "media") that holds the value now."""
        found = columns_with(self.home / "db.sqlite3", value)
        for top in ("media", "mail"):
            if any(value.encode() in held for _, held in contents(self.home / top)):
                found.add(top)
        return found


def columns_with(database: Path, value: str) -> set[str]:
    """Columns of a SQLite database in which the value stands, as "table.column"."""
    found = set()
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            cursor = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - the database's own names
            names = [each[0] for each in cursor.description]
            for row in cursor:
                found |= {f"{table}.{name}" for name, cell in zip(names, row, strict=True) if value in _text(cell)}
    return found


def _text(cell: object) -> str:
    text = cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)
    return text.replace("=\n", "")  # a soft line break of quoted-printable may stand in the middle of a value
