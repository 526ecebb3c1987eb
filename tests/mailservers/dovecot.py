"""A private Dovecot: started as an ordinary user in a temporary directory, gone with the test.

    with Dovecot() as server:
        account = server.account()                          # a new mailbox, a name
        client = server.connect(account)                    # an IMAPClient, logged in
        client.append("INBOX", b"...")

A new account costs nothing, so one server is enough for many tests. Its storage is Maildir, or mdbox
(`account("mdbox")`): both stand in one server.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import shutil
import time
from itertools import count
from pathlib import Path
from typing import Literal

from tests.disk import contents
from tests.mailservers.certificates import Authority
from tests.mailservers.private import ServerMissing, free_ports, give
from tests.mailservers.running import PASSWORD, Account, Running, ask

__all__ = ["PASSWORD", "PUBLIC", "Account", "Dovecot", "Storage"]

PUBLIC = "Gedeeld/"
"""Prefix of the folders that every account sees."""

_CONFIG = """\
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/log
protocols = imap
listen = 127.0.0.1, 127.0.0.2, 127.0.0.3
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
login_trusted_networks =
mail_fsync = never
mail_location = %d:~/mail
mail_plugins = acl quota
mail_max_userip_connections = 200
imap_idle_notify_interval = 2 mins
ssl = yes
ssl_cert = <{dir}/tls/good.pem
ssl_key = <{dir}/tls/good.key
ssl_min_protocol = TLSv1.2
ssl_dh =
local 127.0.0.2 {{
  ssl_cert = <{dir}/tls/expired.pem
  ssl_key = <{dir}/tls/expired.key
}}
local 127.0.0.3 {{
  ssl_cert = <{dir}/tls/elsewhere.pem
  ssl_key = <{dir}/tls/elsewhere.key
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {dir}/users
  result_failure = continue
}}
passdb {{
  driver = static
  args = password={password}
  mechanisms = plain login
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {dir}/oauth2.conf
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={dir}/home/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Drafts {{
    special_use = \\Drafts
  }}
  mailbox Trash {{
    special_use = \\Trash
  }}
}}
namespace public {{
  type = public
  prefix = {public}
  separator = /
  location = maildir:{dir}/public
  subscriptions = no
  list = yes
}}
protocol imap {{
  mail_plugins = acl quota imap_acl imap_quota
}}
plugin {{
  acl = vfile::cache_secs=0
  quota = count:User quota
  quota_vsizes = yes
  quota_grace = 0
}}
service imap-login {{
  chroot =
  service_count = 0
  client_limit = 500
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service imap {{
  service_count = 1
  process_limit = 300
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""

_OAUTH2 = """\
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={dir}/keys/
username_attribute = sub
tokeninfo_url =
"""

Storage = Literal["maildir", "mdbox"]


class Dovecot(Running):
    """ServerMissing when Dovecot is not installed.

    `host` and `port` take plain and STARTTLS, `tls_port` TLS from the start; `ca` is the file that `tls_ca` names. The
    certificate is good for 127.0.0.1 and localhost; at `expired_host` it has expired, at `elsewhere_host` it is
    another host's.
    """

    expired_host = "127.0.0.2"
    elsewhere_host = "127.0.0.3"

    def __init__(self) -> None:
        program = shutil.which("dovecot", path=_PATH)
        admin = shutil.which("doveadm", path=_PATH)
        if program is None or admin is None or not Path("/usr/lib/dovecot/imap").exists():
            raise ServerMissing("Dovecot is missing: apt install dovecot-core dovecot-imapd")
        self._program, self._doveadm = program, admin
        super().__init__("Dovecot")
        user, group = self.owner
        self.port, self.tls_port = free_ports(2)
        self._numbers = count(1)
        self._secret = os.urandom(32)
        for name in ("run", "state", "tls", "home", "public", "keys/default/HS256"):
            (self.home / name).mkdir(parents=True)
        authority = Authority(self.home / "tls")
        self.ca = authority.file
        authority.sign("good", [self.host, "localhost"])
        authority.sign("expired", [self.expired_host], expired=True)
        authority.sign("elsewhere", ["mail.elders.example"])
        (self.home / "users").touch()
        (self.home / "keys/default/HS256/default").write_text(base64.b64encode(self._secret).decode("ascii"))
        (self.home / "oauth2.conf").write_text(_OAUTH2.format(dir=self.home))
        self._config = self.home / "dovecot.conf"
        self._config.write_text(
            _CONFIG.format(
                dir=self.home,
                user=user,
                group=group,
                password=PASSWORD,
                public=PUBLIC,
                port=self.port,
                tls_port=self.tls_port,
            )
        )
        give(self.home, user, group)
        self.begin()

    # the server

    def command(self) -> list[str]:
        return [self._program, "-F", "-c", str(self._config)]

    def kill(self) -> None:
        """SIGKILL for every process of it at once, in the middle of whatever they do."""
        super().kill()
        # Where nobody reaps the dead, their locks look alive and the next Dovecot waits two minutes for each.
        for lock in (self.home / "home").rglob("*.lock"):
            lock.unlink(missing_ok=True)
        shutil.rmtree(self.home / "run", ignore_errors=True)
        (self.home / "run").mkdir()
        give(self.home / "run", *self.owner)

    def log(self) -> str:
        """What it logged so far."""
        return "".join(
            path.read_text(errors="replace") for path in (self.home / "output", self.home / "log") if path.exists()
        )

    def doveadm(self, *arguments: str, check: bool = True, seconds: float = 60) -> str:
        """What `doveadm` prints. RuntimeError, with its words, when it fails and `check`."""
        command = [*self._as_user[3:], self._doveadm, "-c", str(self._config), *arguments]
        if self._as_user[3:]:
            command = ["setpriv", *command]
        return ask(command, check=check, seconds=seconds)

    # accounts

    def account(self, storage: Storage = "maildir", *, quota_bytes: int | None = None) -> Account:
        """A new, empty mailbox with INBOX and Sent. `quota_bytes`: more than that the server refuses (OVERQUOTA)."""
        name = f"desk{next(self._numbers)}@{storage}"
        account = Account(name, self.home / "home" / name)
        if quota_bytes is not None:
            self.quota(account, quota_bytes)
        return account

    def quota(self, account: Account, quota_bytes: int | None) -> None:
        """What may stand in the mailbox from the next log-in on; None: any amount. Takes up to a second."""
        file = self.home / "users"
        lines = [line for line in file.read_text().splitlines() if not line.startswith(account.name + ":")]
        if quota_bytes is not None:
            rule = f"userdb_quota_rule=*:bytes={quota_bytes}"
            lines.append(f"{account.name}:{{PLAIN}}{account.password}::::::{rule}")
        file.write_text("".join(line + "\n" for line in lines))
        time.sleep(1.1)  # the file is looked at once a second

    def token(self, account: Account, *, seconds: int = 600) -> str:
        """An OAuth 2.0 access token that XOAUTH2 takes; negative `seconds`: one that has expired."""
        now = int(time.time())
        claims = {"sub": account.name, "iat": now - 60, "exp": now + seconds}
        signed = f"{_base64({'alg': 'HS256', 'typ': 'JWT'})}.{_base64(claims)}"
        mac = hmac.new(self._secret, signed.encode("ascii"), hashlib.sha256).digest()
        return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode('ascii')}"

    # what a test does to a mailbox from outside

    def read_only(self, account: Account, folder: str) -> None:
        """From the next SELECT on the folder can be read and listed, and nothing else (RFC 4314)."""
        self.doveadm("acl", "set", "-u", account.name, folder, "owner", "lookup", "read")

    def writable(self, account: Account, folder: str) -> None:
        """Undo `read_only`, for the connections made from then on."""
        self.doveadm("acl", "delete", "-u", account.name, folder, "owner")

    def public_folder(self, name: str, rights: str = "lrwstie") -> str:
        """A folder that every account sees and may do `rights` in (RFC 4314); gives its whole name."""
        folder = PUBLIC + name
        directory = self.home / "public" / f".{name}"
        for part in ("cur", "new", "tmp"):
            (directory / part).mkdir(parents=True)
        (directory / "dovecot-acl").write_text(f"anyone {rights}\n")
        give(self.home / "public", *self.owner)
        return folder

    def renumber(self, account: Account, folder: str) -> None:
        """Another UIDVALIDITY for the folder; in a Maildir every message gets another UID too, in another order."""
        if account.name.endswith("@maildir"):
            directory = account.home / "mail" / ("" if folder.upper() == "INBOX" else f".{folder}")
            for file in (*directory.glob("dovecot.index*"), directory / "dovecot-uidlist"):
                file.unlink(missing_ok=True)
        validity = int(time.time()) + next(self._numbers) * 3
        self.doveadm("mailbox", "update", "-u", account.name, "--uid-validity", str(validity), folder)

    def holds(self, account: Account, value: bytes) -> list[Path]:
        """Files of the mailbox in which these bytes stand: index caches and mdbox files too."""
        return sorted(path for path, held in contents(account.home) if value in held)


_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


def _base64(value: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode("ascii")).rstrip(b"=").decode("ascii")
