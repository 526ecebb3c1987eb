"""One connection to a fake IMAP server: IMAP4rev1 as far as a careful client speaks it, and its usual extensions.

Of a message it answers flags, dates, sizes, sections by header or as a whole; no ENVELOPE, no BODYSTRUCTURE. There
are no commands by sequence number but EXPUNGE, so that a client that uses them is found out.
"""

from __future__ import annotations

import select
import socket
from bisect import bisect_left
from collections.abc import Callable

from tests.mailservers.fake_fetch import answer
from tests.mailservers.fake_outside import Outside
from tests.mailservers.fake_script import Script
from tests.mailservers.fake_search import search
from tests.mailservers.fake_store import SYSTEM_FLAGS, Entry, Folder, Refused
from tests.mailservers.fake_wire import Gone
from tests.mailservers.fake_words import Malformed, Word, numbers, text_of, words

FREE = {"CAPABILITY", "NOOP", "LOGOUT", "ID", "LOGIN", "AUTHENTICATE"}
SELECTED = {"CLOSE", "UNSELECT", "EXPUNGE", "CHECK", "UID FETCH", "UID STORE", "UID SEARCH", "UID EXPUNGE", "UID COPY"}
SELECTED |= {"UID MOVE"}
EXTENSIONS = {"UID EXPUNGE": "UIDPLUS", "UID MOVE": "MOVE", "IDLE": "IDLE", "ID": "ID", "ENABLE": "ENABLE"}


class Session(Outside):
    """Serves one socket until it ends."""

    def __init__(self, connection: socket.socket, script: Script, admit: Callable[[], bool]) -> None:
        super().__init__(connection, script, admit)
        self._read_only = False
        self._view: list[int] = []
        self._known: dict[int, int] = {}

    def serve(self) -> None:
        try:
            fault = self._script.fault("CONNECT")
            if fault and fault.text:
                self.send(fault.text)
            if fault:
                return
            self.send(f"* OK {self._script.profile.greeting}")
            while self._turn():
                pass
        except (Gone, OSError):
            return
        finally:
            self._file.close()

    def _turn(self) -> bool:
        raw = self.read()
        try:
            tag, *rest = words(raw)
            verb = text_of(rest.pop(0)).upper()
            if verb == "UID":
                verb = f"UID {text_of(rest.pop(0)).upper()}"
        except (Malformed, IndexError, ValueError):
            self.send("* BAD Error in IMAP command")
            return True
        secret = verb in {"LOGIN", "AUTHENTICATE"}
        self._script.seen.append(verb if secret else f"{verb} {_shown(rest)}".rstrip())
        if self._script.at:
            self._script.at(verb)
        fault = self._script.fault(verb)
        if fault and fault.do == "drop":
            raise Gone
        if fault and fault.do == "untagged":
            self.send(fault.text)
            raise Gone
        said = fault.text if fault and fault.do == "answer" else self._do(verb, rest)
        if fault and fault.do == "drop-after":
            raise Gone
        self._report(expunged=verb not in {"FETCH", "STORE", "SEARCH"})
        self.send(f"{text_of(tag)} {said}")
        return verb != "LOGOUT"

    def _do(self, verb: str, rest: list[Word]) -> str:
        command: Callable[[list[Word]], str] | None = getattr(self, "do_" + verb.lower().replace(" ", "_"), None)
        lacks = verb in EXTENSIONS and EXTENSIONS[verb] not in self._capabilities()
        if command is None or lacks:
            return "BAD Unknown command"
        if not (self._login or verb in FREE) or (verb in SELECTED and self._folder is None):
            return f"BAD {verb} is not allowed now"
        try:
            if self._login and verb != "IDLE":
                with self._login.account.lock:
                    return command(rest)
            return command(rest)
        except Refused as refused:
            return str(refused)
        except (Malformed, IndexError, ValueError):
            return "BAD Error in IMAP command"

    # a folder

    def do_select(self, rest: list[Word], *, read_only: bool = False) -> str:
        self._folder = None
        folder = self._named(rest[0])
        self._read_only = read_only or folder.read_only
        self._condstore |= len(rest) > 1
        flags = " ".join([*SYSTEM_FLAGS, *self._account.fixed_keywords])
        permanent = "" if self._read_only else flags + (" \\*" if self._account.keywords else "")
        self.send(f"* FLAGS ({flags})")
        self.send(f"* OK [PERMANENTFLAGS ({permanent})] Permanent flags")
        self.send(f"* {len(folder.entries)} EXISTS")
        self.send("* 0 RECENT")
        self.send(f"* OK [UIDVALIDITY {folder.uidvalidity}] UIDs valid")
        self.send(f"* OK [UIDNEXT {folder.uidnext}] Predicted next UID")
        if "CONDSTORE" in self._capabilities():
            self.send(f"* OK [HIGHESTMODSEQ {self._account.modseq}] Highest")
        self._folder = folder
        self._look()
        return f"OK [{'READ-ONLY' if self._read_only else 'READ-WRITE'}] Selected"

    def do_examine(self, rest: list[Word]) -> str:
        return self.do_select(rest, read_only=True)

    def _look(self) -> None:
        """Take what the folder holds as known to the client."""
        self._view = sorted(self._here.entries)
        self._known = {uid: entry.modseq for uid, entry in self._here.entries.items()}

    def _report(self, *, expunged: bool) -> None:
        """Tell what became different in the open folder since the client last heard of it."""
        if self._folder is None or self._login is None:
            return
        with self._account.lock:
            entries = self._folder.entries
            if expunged:
                for place in range(len(self._view), 0, -1):
                    if self._view[place - 1] not in entries:
                        self.send(f"* {place} EXPUNGE")
                        del self._view[place - 1]
            fresh = sorted(set(entries) - set(self._view))
            self._view.extend(fresh)
            if fresh:
                self.send(f"* {len(self._view)} EXISTS")
            for uid in self._view:
                entry = entries.get(uid)
                if entry and self._known.get(uid, entry.modseq) != entry.modseq:
                    self.send(
                        f"* {self._view.index(uid) + 1} FETCH (UID {uid} FLAGS ({' '.join(sorted(entry.flags))}))"
                    )
            self._known = {uid: entry.modseq for uid, entry in entries.items()}

    def do_unselect(self, _rest: list[Word]) -> str:
        self._folder = None
        return "OK UNSELECT completed"

    def do_close(self, _rest: list[Word]) -> str:
        if not self._read_only:
            self._sweep(list(self._here.entries))
        self._folder = None
        return "OK CLOSE completed"

    def do_check(self, _rest: list[Word]) -> str:
        return "OK CHECK completed"

    def _chosen(self, word: Word) -> list[Entry]:
        return [self._here.entries[uid] for uid in numbers(text_of(word), self._here.entries)]

    def do_uid_fetch(self, rest: list[Word]) -> str:
        since = -1
        if len(rest) > 2 and isinstance(rest[2], list):
            since = int(text_of(rest[2][1]))
        for entry in self._chosen(rest[0]):
            if entry.modseq <= since:
                continue
            said, seen = answer(self._account, self._here, entry, rest[1], modseq=self._condstore)
            if seen and not self._read_only:
                self._account.mark(self._here, entry, entry.flags | {"\\Seen"})
            self.send(f"* {self._place(entry.uid)} FETCH (".encode() + said + b")")
        return "OK FETCH completed"

    def _place(self, uid: int) -> int:
        place = bisect_left(self._view, uid)
        if self._view[place : place + 1] != [uid]:
            self._view.append(uid)  # UIDs only grow
            self.send(f"* {len(self._view)} EXISTS")
            place = len(self._view) - 1
        return place + 1

    def do_uid_search(self, rest: list[Word]) -> str:
        found = search(self._account, self._here, rest)
        self.send(" ".join(["* SEARCH", *map(str, found)]))
        return "OK SEARCH completed"

    def _writable(self) -> None:
        if self._read_only or self._here.read_only:
            raise Refused("NO [NOPERM] The mailbox is read-only")

    def do_uid_store(self, rest: list[Word]) -> str:
        self._writable()
        unchanged: int | None = None
        if isinstance(rest[1], list):
            if "CONDSTORE" not in self._capabilities():
                raise Malformed
            unchanged = int(text_of(rest[1][1]))
            del rest[1]
        how = text_of(rest[1]).upper()
        if how.removesuffix(".SILENT") == "+X-GM-LABELS" and "X-GM-EXT-1" in self._capabilities():
            for entry in self._chosen(rest[0]):
                for label in rest[2] if isinstance(rest[2], list) else rest[2:]:
                    self._account.copy(entry, self._named(label))
            return "OK Success"
        given = rest[2] if isinstance(rest[2], list) else rest[2:]
        flags = frozenset(self._allowed({text_of(flag) for flag in given}))
        failed = []
        for entry in self._chosen(rest[0]):
            if unchanged is not None and entry.modseq > unchanged:
                failed.append(str(entry.uid))
                continue
            change: dict[str, Callable[[frozenset[str]], frozenset[str]]] = {
                "+": flags.union,
                "-": lambda now: now - flags,
                "F": lambda _now: flags,
            }
            self._account.mark(self._here, entry, change[how[0]](entry.flags))
            if entry.uid in self._here.entries and not how.endswith(".SILENT"):
                said, _ = answer(self._account, self._here, entry, "FLAGS", modseq=self._condstore)
                self.send(f"* {self._place(entry.uid)} FETCH (".encode() + said + b")")
            self._known[entry.uid] = entry.modseq
        return f"OK [MODIFIED {','.join(failed)}] Conditional STORE failed" if failed else "OK STORE completed"

    def _sweep(self, uids: list[int]) -> None:
        for uid in uids:
            entry = self._here.entries.get(uid)
            if entry and entry.deleted:
                self._account.expunge(self._here, uid)

    def do_expunge(self, _rest: list[Word]) -> str:
        self._writable()
        self._sweep(list(self._here.entries))
        return "OK EXPUNGE completed"

    def do_uid_expunge(self, rest: list[Word]) -> str:
        self._writable()
        self._sweep([entry.uid for entry in self._chosen(rest[0])])
        return "OK EXPUNGE completed"

    def do_uid_copy(self, rest: list[Word]) -> str:
        return self._carry(rest, self._account.copy, "COPY")

    def do_uid_move(self, rest: list[Word]) -> str:
        self._writable()
        here = self._here
        return self._carry(rest, lambda entry, target: self._account.move(entry, here, target), "MOVE")

    def _carry(self, rest: list[Word], carry: Callable[[Entry, Folder], Entry], verb: str) -> str:
        try:
            target = self._named(rest[1])
        except Refused:
            raise Refused("NO [TRYCREATE] Unknown mailbox") from None
        if target.read_only:
            raise Refused("NO [NOPERM] The mailbox is read-only")
        pairs = [(entry.uid, carry(entry, target).uid) for entry in self._chosen(rest[0])]
        if not pairs or "UIDPLUS" not in self._capabilities():
            return f"OK {verb} completed"
        code = " ".join(",".join(str(pair[end]) for pair in pairs) for end in (0, 1))
        copied = f"[COPYUID {target.uidvalidity} {code}]"
        if verb == "COPY":
            return f"OK {copied} COPY completed"
        self.send(f"* OK {copied} Moved")
        return "OK MOVE completed"

    def do_idle(self, _rest: list[Word]) -> str:
        self.send("+ idling")
        while not select.select([self._connection], [], [], 0.02)[0]:
            self._report(expunged=True)
        return "OK IDLE completed" if self.line().strip().upper() == b"DONE" else "BAD Expected DONE"


def _shown(rest: list[Word]) -> str:
    return " ".join(
        f"({_shown(word)})" if isinstance(word, list) else word if isinstance(word, str) else _short(word)
        for word in rest
    )


def _short(value: bytes) -> str:
    """A string as the log of commands shows it; a mail is not for logs."""
    return repr(value.decode("utf-8", "replace")) if len(value) < 100 and b"\n" not in value else f"{{{len(value)}}}"
