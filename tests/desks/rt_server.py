"""A private Request Tracker 5 on SQLite, in a temporary directory, gone with the tests.

Its programs are Debian's, unpacked beside (`tests/servers.sh`).
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.desks.cache import cached
from tests.desks.helpdesk_server import columns_with
from tests.disk import contents
from tests.mailservers.private import free_ports, give, kill_group, new_home, ordinary_user, start, wait_until

README = Path(__file__).parents[2] / "README.md"
_SEED = Path(__file__).parent / "rt_site" / "seed.pl"

_SITE = """\
Set($rtname, 'proef.example');
Set($Organization, 'proef.example');
Set($WebDomain, '127.0.0.1');
Set($WebPort, %(port)s);
Set($DatabaseType, 'SQLite');
Set($DatabaseName, '%(home)s/var/rt.sqlite3');
Set($LogToSTDERR, 'info');
Set($LogToSyslog, undef);
Set($MailCommand, 'sendmailpipe');
Set($SendmailPath, '%(home)s/sendmail');
Set($Timezone, 'UTC');
Set($BcryptCost, 4); # every call checks a token
Set($CorrespondAddress, 'support@proef.example');
1;
"""

_SENDMAIL = """\
#!/bin/sh
exec cat >"$(mktemp "%(home)s/mail/XXXXXX")"
"""


_SCRIP = """\
use RT -init;
open my $file, '<:encoding(UTF-8)', "$ENV{RT_HOME}/scrip" or die;
my $code = do { local $/; <$file> };
my ($id, $why) = RT::Scrip->new(RT->SystemUser)->Create(
    Queue => 0, Description => 'scrubber', ScripCondition => 'On Transaction', ScripAction => 'User Defined',
    Template => 'Blank', CustomPrepareCode => 'return 1;', CustomCommitCode => $code);
die $why unless $id;
"""

_NO_SCRIP = """\
use RT -init;
my $scrip = RT::Scrip->new(RT->SystemUser);
$scrip->LoadByCols(Description => 'scrubber');
$scrip->Delete;
"""


class RequestTracker:
    """ServerMissing when it isn't unpacked."""

    def __init__(self) -> None:
        self._root = cached("rt")
        self._as_user, user, group = ordinary_user()
        self.home = new_home("scrubber-rt-")
        (self.port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        for name in ("etc", "mail", "var", "var/mason_data", "var/session_data"):
            (self.home / name).mkdir()
        names = {"home": self.home, "port": self.port}
        (self.home / "etc/RT_SiteConfig.pm").write_text(_SITE % names)
        (self.home / "sendmail").write_text(_SENDMAIL % names)
        (self.home / "sendmail").chmod(0o755)
        shutil.copy(_SEED, self.home / "seed.pl")
        give(self.home, user, group)
        libraries = [self._root / "usr/share/request-tracker5/lib", self._root / "usr/share/perl5"]
        compiled = sorted(self._root.glob("usr/lib/*/perl5/5.*"))
        self._environment = {
            "PATH": "/usr/bin:/bin",
            "PERL5LIB": ":".join(map(str, [*libraries, *compiled])),
            "LD_LIBRARY_PATH": ":".join(sorted({str(found.parent) for found in self._root.glob("usr/lib/*/*.so*")})),
            "RT_HOME": str(self.home),
            "RT_SITE_CONFIG": str(self.home / "etc/RT_SiteConfig.pm"),
            "HOME": str(self.home),
        }
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._perl(self._root / "usr/sbin/rt-setup-database-5", "--action", "init", "--skip-create")
            self.tokens: dict[str, str] = json.loads(self._perl(self.home / "seed.pl").splitlines()[-1])
            self._start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _start(self) -> None:
        server = self._root / "usr/share/request-tracker5/libexec/standalone_httpd"  # one process, which dies with us
        command = [*self._as_user, "perl", str(server), "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = start(command, self.home / "log", self._environment)
        process = self._process
        wait_until(lambda: process.poll() is not None or self._answers(), "Request Tracker does not start", 60)
        if process.poll() is not None:
            raise RuntimeError(f"Request Tracker does not start: {self.log()[-2000:]}")

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/REST/2.0/rt", headers=self._who("bram"), timeout=20).status_code == 200
        except httpx.HTTPError:
            return False

    def close(self) -> None:
        """Kill it and remove its directory."""
        if self._process is not None:
            kill_group(self._process)
        shutil.rmtree(self.home, ignore_errors=True)

    def log(self) -> str:
        return (self.home / "log").read_text(errors="replace")

    def perl(self, script: str) -> str:
        """Run Perl as the desk's own administrator would; what it prints."""
        file = self.home / "once.pl"
        file.write_text(script)
        file.chmod(0o644)
        return self._perl(file)

    def _perl(self, script: Path, *arguments: str) -> str:
        command = [*self._as_user, "perl", str(script), *arguments]
        ran = subprocess.run(command, env=self._environment, capture_output=True, check=False, timeout=120)
        assert ran.returncode == 0, (ran.stdout + ran.stderr).decode()
        return ran.stdout.decode()

    def command(self, script: Path) -> str:
        """How an operator runs a Perl script on this desk: a line for `replace_command`.

        While a file "hold" stands in the desk's directory what it prints waits; "held" tells of it.
        """
        settings = [f"{name}={value}" for name, value in self._environment.items()]
        held = (
            f"[ ! -e {self.home}/hold ] || touch {self.home}/held; while [ -e {self.home}/hold ]; do sleep 0.05; done"
        )
        shell = f'perl "$0" | while IFS= read -r said; do {held}; printf "%s\\n" "$said"; done'
        return shlex.join([*self._as_user, "env", "-i", *settings, "sh", "-c", shell, str(script)])

    # what happens at the desk

    def hook(self, address: str, secret: str) -> None:
        """The scrip of the README, as an administrator makes it: it tells `address` of every transaction. "": gone."""
        code = re.split(r"```perl\n|```", README.read_text(encoding="utf-8").partition("**A request scrip")[2])[1]
        code = code.replace("https://scrubber.uwdomein.example/hooks/rt", address)
        code = code.replace("…the secret without whsec_…", secret)
        (self.home / "scrip").write_text(code, encoding="utf-8")
        self.perl(_SCRIP if address else _NO_SCRIP)

    def receive(self, mail: bytes) -> str:
        """A mail comes in by the mail gateway; the number of its ticket."""
        before = {number for (number,) in self.rows("SELECT max(id) FROM Transactions WHERE ObjectType = 'RT::Ticket'")}
        form = {"queue": "General", "action": "correspond"}
        files = {"message": (None, mail)}  # a field, no upload
        answer = httpx.post(f"{self.url}/REST/1.0/NoAuth/mail-gateway", data=form, files=files, timeout=60)
        assert answer.text.startswith("ok"), answer.text + self.log()[-2000:]
        (last,) = before
        query = "SELECT ObjectId FROM Transactions WHERE ObjectType = 'RT::Ticket' AND id > ? AND Type IN "
        ((ticket,), *_) = self.rows(query + "('Create', 'Correspond') ORDER BY id DESC", last or 0)
        return str(ticket)

    def rest(self, method: str, path: str, user: str = "bram", **rest: Any) -> Any:
        """A call of its REST API as an agent."""
        address = f"{self.url}/REST/2.0/{path}"
        answer = httpx.request(method, address, headers=self._who(user), timeout=60, **rest)
        assert answer.status_code < 300, answer.text + self.log()[-2000:]
        return answer.json()

    def _who(self, user: str) -> dict[str, str]:
        return {"Authorization": f"token {self.tokens[user]}"}

    # what it keeps

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.home / 'var/rt.sqlite3'}?mode=ro", uri=True)) as database:
            return database.execute(query, values).fetchall()

    def places(self, value: str) -> set[str]:
        """Every column ("Attachments.Content") and directory ("mail", "var") that holds the value now.

        Quoted-printable is undone first: a line may break in the middle of a value.
        """
        found = columns_with(self.home / "var/rt.sqlite3", value)
        for top in ("mail", "var"):
            files = contents(self.home / top)
            if any(value.encode() in held.replace(b"=\n", b"") for file, held in files if file.suffix != ".sqlite3"):
                found.add(top)
        return found
