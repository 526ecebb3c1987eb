"""The commands of a fake IMAP server that need no open folder: logging in, and the folders as a whole."""

from __future__ import annotations

import base64
import re
import socket
from collections.abc import Callable
from datetime import UTC, datetime

from tests.mailservers.fake_script import Login, Script
from tests.mailservers.fake_store import SYSTEM_FLAGS, Account, Folder, Refused
from tests.mailservers.fake_wire import Wire
from tests.mailservers.fake_words import Malformed, Word, from_utf7, quoted, text_of, to_utf7


class Outside(Wire):
    def __init__(self, connection: socket.socket, script: Script, admit: Callable[[], bool]) -> None:
        super().__init__(connection, script)
        self._admit = admit
        self._login: Login | None = None
        self._folder: Folder | None = None
        self._condstore = False

    # anyone

    def _capabilities(self) -> tuple[str, ...]:
        return self._script.profile.after if self._login else self._script.profile.before

    def do_capability(self, _rest: list[Word]) -> str:
        self.send("* CAPABILITY " + " ".join(self._capabilities()))
        return "OK CAPABILITY completed"

    def do_noop(self, _rest: list[Word]) -> str:
        return "OK NOOP completed"

    def do_logout(self, _rest: list[Word]) -> str:
        self._folder = None
        self.send("* BYE Logging out")
        return "OK LOGOUT completed"

    def do_id(self, _rest: list[Word]) -> str:
        self.send('* ID ("name" "fake")')
        return "OK ID completed"

    def _enter(self, login: Login | None) -> str:
        if login is None:
            return self._script.profile.wrong
        if not self._admit():
            return self._script.too_many
        self._login = login
        return f"OK [CAPABILITY {' '.join(self._capabilities())}] Logged in"

    def do_login(self, rest: list[Word]) -> str:
        if "LOGINDISABLED" in self._capabilities():
            return "NO LOGIN failed."
        login = self._script.logins.get(text_of(rest[0]))
        return self._enter(login if login and login.password and login.password == text_of(rest[1]) else None)

    def do_authenticate(self, rest: list[Word]) -> str:
        if text_of(rest[0]).upper() != "XOAUTH2":
            return "NO Unsupported authentication mechanism"
        if len(rest) > 1:
            said = text_of(rest[1]).encode()
        else:
            self.send("+ ")
            said = self.line().strip()
        found = re.fullmatch(rb"user=([^\x01]*)\x01auth=Bearer ([^\x01]*)\x01\x01", base64.b64decode(said))
        user, token = (found[1].decode(), found[2].decode()) if found else ("", "")
        login = self._script.logins.get(user)
        if login and login.token and login.token == token:
            return self._enter(login)
        self.send(b"+ " + base64.b64encode(self._script.profile.challenge.encode()))
        self.line()
        return self._enter(None)

    # logged in

    @property
    def _account(self) -> Account:
        if self._login is None:
            raise Malformed
        return self._login.account

    @property
    def _here(self) -> Folder:
        if self._folder is None:
            raise Malformed
        return self._folder

    def do_enable(self, rest: list[Word]) -> str:
        known = [text_of(word).upper() for word in rest if text_of(word).upper() in self._capabilities()]
        self._condstore |= "CONDSTORE" in known
        self.send(" ".join(["* ENABLED", *known]))
        return "OK ENABLE completed"

    def do_namespace(self, _rest: list[Word]) -> str:
        self.send(f'* NAMESPACE (("" "{self._account.delimiter}")) NIL NIL')
        return "OK NAMESPACE completed"

    def do_list(self, rest: list[Word], verb: str = "LIST") -> str:
        special = isinstance(rest[0], list)
        if special:
            rest = rest[1:]
        if special and "SPECIAL-USE" not in self._capabilities():
            raise Malformed
        delimiter = self._account.delimiter
        pattern = from_utf7(text_of(rest[0]) + text_of(rest[1]))
        if not pattern:
            self.send(f'* {verb} (\\Noselect) "{delimiter}" ""')
        wild = re.escape(pattern).replace(r"\*", ".*").replace("%", f"[^{re.escape(delimiter)}]*")
        for folder in self._account.folders.values():
            if not re.fullmatch(wild, folder.name, re.IGNORECASE) or (special and folder.use in {"", "\\Noselect"}):
                continue
            parent = any(other.startswith(folder.name + delimiter) for other in self._account.folders)
            flags = " ".join(filter(None, ["\\HasChildren" if parent else "\\HasNoChildren", folder.use]))
            name = self._script.profile.inbox if folder.name.upper() == "INBOX" else folder.name
            self.send(f'* {verb} ({flags}) "{delimiter}" '.encode() + quoted(to_utf7(name)))
        return f"OK {verb} completed"

    def do_lsub(self, rest: list[Word]) -> str:
        return self.do_list(rest, "LSUB")

    def do_subscribe(self, rest: list[Word]) -> str:
        self._named(rest[0])
        return "OK SUBSCRIBE completed"

    def _named(self, word: Word) -> Folder:
        return self._account.folder(from_utf7(text_of(word)))

    def do_create(self, rest: list[Word]) -> str:
        self._account.create(from_utf7(text_of(rest[0])))
        return "OK CREATE completed"

    def do_delete(self, rest: list[Word]) -> str:
        self._account.delete(self._named(rest[0]).name)
        return "OK DELETE completed"

    def do_rename(self, rest: list[Word]) -> str:
        self._account.rename(self._named(rest[0]).name, from_utf7(text_of(rest[1])))
        return "OK RENAME completed"

    def do_status(self, rest: list[Word]) -> str:
        folder = self._named(rest[0])
        entries = folder.entries.values()
        figures = {
            "MESSAGES": len(entries),
            "RECENT": 0,
            "UNSEEN": sum("\\Seen" not in entry.flags for entry in entries),
            "UIDNEXT": folder.uidnext,
            "UIDVALIDITY": folder.uidvalidity,
        }
        if "CONDSTORE" in self._capabilities():
            figures["HIGHESTMODSEQ"] = self._account.modseq
        if not isinstance(rest[1], list):
            raise Malformed
        asked = [text_of(word).upper() for word in rest[1]]
        if not figures.keys() >= set(asked):
            raise Malformed
        said = " ".join(f"{name} {figures[name]}" for name in asked)
        self.send(b"* STATUS " + quoted(to_utf7(folder.name)) + f" ({said})".encode())
        return "OK STATUS completed"

    def do_append(self, rest: list[Word]) -> str:
        folder = self._named(rest.pop(0))
        payload = rest.pop()
        flags: set[str] = set()
        received = datetime.now(UTC)
        for word in rest:
            if isinstance(word, list):
                flags = {text_of(flag) for flag in word}
            else:
                received = datetime.strptime(text_of(word).strip(), "%d-%b-%Y %H:%M:%S %z")
        if not isinstance(payload, bytes) or not payload:
            raise Malformed
        if folder.read_only:
            raise Refused("NO [NOPERM] The mailbox is read-only")
        placed = self._account.append(folder, payload, received, self._allowed(flags))
        if "UIDPLUS" not in self._capabilities():
            return "OK APPEND completed"
        return f"OK [APPENDUID {folder.uidvalidity} {placed.uid}] APPEND completed"

    def _allowed(self, flags: set[str]) -> set[str]:
        proper = {flag.lower(): flag for flag in (*SYSTEM_FLAGS, *self._account.fixed_keywords)}
        wanted = {proper.get(flag.lower(), flag) for flag in flags} - {"\\Recent"}
        unknown = wanted - set(proper.values())
        if unknown and (not self._account.keywords or any(flag.startswith("\\") for flag in unknown)):
            raise Refused("BAD Command Argument Error. 11")
        return wanted
