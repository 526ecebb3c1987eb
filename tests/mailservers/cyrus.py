"""A private Cyrus IMAP: started as an ordinary user in a temporary directory, gone with the test.

Its programs are Debian's, installed, or unpacked beside (`tests/servers.sh`). Passwords are asked of a socket, the way
saslauthd answers; the one here takes PASSWORD for everybody.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

from imapclient import IMAPClient

from tests.disk import contents
from tests.mailservers.private import ServerMissing, free_ports, give
from tests.mailservers.running import PASSWORD, Account, Running, ask

_ADMIN = "admin"

_IMAPD = """\
configdirectory: {dir}/conf
partition-default: {dir}/spool
defaultpartition: default
admins: admin
allowplaintext: yes
sasl_mech_list: PLAIN
sasl_pwcheck_method: saslauthd
sasl_saslauthd_path: {dir}/mux
cyrus_user: {user}
cyrus_group: {group}
virtdomains: off
unixhierarchysep: yes
altnamespace: yes
expunge_mode: delayed
delete_mode: delayed
idlesocket: {dir}/conf/idle
popminpoll: 0
maxlogins_per_user: 0
failedloginpause: 0
syslog_prefix: test
"""

_SERVICES = """\
START {{
  recover cmd="{bin}/ctl_cyrusdb -C {dir}/imapd.conf -r"
}}
SERVICES {{
  imap cmd="{bin}/imapd -C {dir}/imapd.conf -U 30" listen="127.0.0.1:{port}" prefork=1
}}
EVENTS {{
}}
"""


def _root() -> Path:
    """Where Debian's packages are, or were unpacked."""
    unpacked = Path("/var/cache")
    if os.geteuid() != 0:
        unpacked = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for root in (Path("/"), unpacked / "scrubber-tests" / "cyrus"):
        if (root / "usr/lib/cyrus/bin/imapd").exists():
            return root
    raise ServerMissing("Cyrus IMAP is missing: sh tests/servers.sh")


class Cyrus(Running):
    """ServerMissing when Cyrus is not there. Plain IMAP on 127.0.0.1 and `port`."""

    def __init__(self) -> None:
        root = _root()
        super().__init__("Cyrus")
        self._programs = root / "usr/lib/cyrus/bin"
        self.environment = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}
        if root != Path("/"):
            self.environment["LD_LIBRARY_PATH"] = ":".join(
                sorted({str(found.parent) for found in root.rglob("*.so.*")})
            )
        user, group = self.owner
        (self.port,) = free_ports(1)
        self._numbers = count(1)
        for name in ("conf", "spool"):
            (self.home / name).mkdir()
        settings = {"dir": self.home, "bin": self._programs, "user": user, "group": group, "port": self.port}
        (self.home / "imapd.conf").write_text(_IMAPD.format(**settings))
        (self.home / "cyrus.conf").write_text(_SERVICES.format(**settings))
        self._passwords = _Passwords(self.home / "mux")
        give(self.home, user, group)
        self.begin()

    # the server

    def command(self) -> list[str]:
        files = ["-C", f"{self.home}/imapd.conf", "-M", f"{self.home}/cyrus.conf", "-p", f"{self.home}/pid"]
        return [str(self._programs / "master"), *files]

    def close(self) -> None:
        super().close()
        self._passwords.close()

    def log(self) -> str:
        """What it printed; the rest goes to the system's log."""
        return (self.home / "output").read_text(errors="replace")

    def program(self, name: str, *arguments: str) -> str:
        """Run one of Cyrus's own programs (`reconstruct`, `cyr_expire`); what it printed. RuntimeError: it failed."""
        command = [*self._as_user, str(self._programs / name), "-C", f"{self.home}/imapd.conf", *arguments]
        return ask(command, env=self.environment)

    def expire(self) -> None:
        """Let go of what was expunged: until then Cyrus keeps it, out of sight of IMAP."""
        self.program("cyr_expire", "-E", "1", "-X", "0", "-D", "0")

    def holds(self, value: bytes) -> list[Path]:
        """Files of the server, of whatever mailbox, in which these bytes stand."""
        return sorted(path for path, held in contents(self.home) if value in held)

    # accounts

    def account(self) -> Account:
        """A new, empty mailbox with INBOX and Sent. `home` is every mailbox's: Cyrus names directories its own way."""
        name = f"desk{next(self._numbers)}"
        with IMAPClient(self.host, self.port, ssl=False, timeout=60) as admin:
            admin.login(_ADMIN, PASSWORD)
            admin.create_folder(f"user/{name}")
        account = Account(name, self.home / "spool")
        with IMAPClient(self.host, self.port, ssl=False, timeout=60) as client:
            client.login(account.name, account.password)
            client.create_folder("Sent")
        return account


class _Passwords(threading.Thread):
    """Answers on a socket as saslauthd does: name, password, service, realm, each with its length, and OK or NO."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        path.chmod(0o777)
        self._listener.listen(64)
        self.start()

    def run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with closing(connection), suppress(OSError, struct.error):
                asked = [_field(connection) for _ in range(4)]
                said = b"OK" if asked[1] == PASSWORD.encode("ascii") else b"NO"
                connection.sendall(struct.pack("!H", len(said)) + said)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.join(timeout=10)


def _field(connection: socket.socket) -> bytes:
    (size,) = struct.unpack("!H", connection.recv(2, socket.MSG_WAITALL))
    return connection.recv(size, socket.MSG_WAITALL) if size else b""
