"""A fake of Gmail's IMAP, written from documentation; never tried against Gmail.

From Google's pages (developers.google.com/workspace/gmail/imap and /workspace/gmail/api, support.google.com/mail):
- "IMAP Extensions" (imap/imap-extensions): X-GM-EXT-1, X-GM-MSGID, X-GM-LABELS (FETCH, STORE +), X-GM-RAW;
  special-use folders under [Gmail], which are named in the user's language; labels are folders.
- "OAuth 2.0 Mechanism" (imap/xoauth2-protocol): the error challenge, and the empty line that a client must answer.
- "ImapSettings" (api/reference/rest/v1/ImapSettings): autoExpunge, expungeBehavior archive | trash | deleteForever
  "when it is marked as deleted and expunged from the last visible IMAP folder".
- "How actions sync in IMAP" (answer/77657): deleting in a folder removes the label; deleting from Trash or Spam
  deletes permanently; moving to [Gmail]/Trash is moving to the bin.
- "Sync limits" (answer/97150; Workspace answer/1071518): 15 connections, 2,500 MB a day downloaded over IMAP.
From transcripts that others published: capabilities and [THROTTLED] (github.com/jstedfast/MailKit issue 1396), "Too
many simultaneous connections" (zone-eu/wildduck issue 35), [OVERQUOTA] (ljmerza/ha-email-sensor issue 16). Of APPEND
with a Message-ID that exists Google documents nothing. Others saw it answered with the message that stands, taken out
of the bin if need be (rgladwell/imap-upload issue 22; google/import-mailbox-to-gmail issue 56), or, in one folder and
with the same Date, the old one replaced (the WildDuck wiki, "Gmail sending"). `dedupe` chooses.

With `replace` the labels of the old message go with it here; what Gmail does then is not known.

Left out: COMPRESS, ESEARCH, UTF8=ACCEPT, LIST-EXTENDED, LIST-STATUS. Not known, and so not relied on here: what
deleting from All Mail does; taken as `expungeBehavior` says.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from tests.mailservers.fake_script import Fault, Profile
from tests.mailservers.fake_store import Account, Entry, Folder, Mail, Refused, header

GMAIL = Profile(
    before=("IMAP4rev1", "UNSELECT", "IDLE", "NAMESPACE", "ID", "CHILDREN", "X-GM-EXT-1", "SASL-IR", "AUTH=XOAUTH2"),
    after=(
        *("IMAP4rev1", "UNSELECT", "IDLE", "NAMESPACE", "ID", "CHILDREN", "X-GM-EXT-1", "UIDPLUS", "ENABLE", "MOVE"),
        *("CONDSTORE", "LITERAL-", "SPECIAL-USE", "APPENDLIMIT=35651584"),
    ),
    greeting="Gimap ready for requests from 127.0.0.1 fake",
    wrong="NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
    challenge='{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}',
)

MOST_CONNECTIONS = 15
APPEND_LIMIT = 35_651_584

DUTCH = {
    "\\All": "Alle berichten",
    "\\Drafts": "Concepten",
    "\\Important": "Belangrijk",
    "\\Sent": "Verzonden berichten",
    "\\Junk": "Spam",
    "\\Flagged": "Met ster",
    "\\Trash": "Prullenbak",
}
ENGLISH = {
    "\\All": "All Mail",
    "\\Drafts": "Drafts",
    "\\Important": "Important",
    "\\Sent": "Sent Mail",
    "\\Junk": "Spam",
    "\\Flagged": "Starred",
    "\\Trash": "Bin",
}

Dedupe = Literal["existing", "replace", "off"]
Expunging = Literal["archive", "trash", "deleteForever"]


class GmailAccount(Account):
    """Every message stands in All Mail, or else in Spam or the bin; its other folders are labels it wears."""

    def __init__(
        self,
        *labels: str,
        names: dict[str, str] | None = None,
        auto_expunge: bool = True,
        expunging: Expunging = "archive",
        dedupe: Dedupe = "existing",
    ) -> None:
        special = {f"[Gmail]/{name}": use for use, name in (names or ENGLISH).items()}
        super().__init__({"INBOX": "", "[Gmail]": "\\Noselect", **special, **dict.fromkeys(labels, "")})
        self.auto_expunge = auto_expunge
        self.expunging = expunging
        self.dedupe = dedupe

    def special(self, use: str) -> Folder:
        return next(folder for folder in self.folders.values() if folder.use == use)

    def deliver(self, folder: Folder, payload: bytes, received: datetime, flags: set[str]) -> Entry:
        entry = super().deliver(folder, payload, received, flags)
        if not self._apart(folder) and folder.use != "\\All":
            self._place(self.special("\\All"), entry.mail)
        return entry

    def append(self, folder: Folder, payload: bytes, received: datetime, flags: set[str]) -> Entry:
        if len(payload) > APPEND_LIMIT:
            raise Refused("NO [TOOBIG] Message too large.")
        twin = self._twin(payload)
        if twin is None or self.dedupe == "off":
            return self.deliver(folder, payload, received, flags)
        if self.dedupe == "existing":
            return self._wear(twin, folder)
        there = self._entry(twin, folder)
        if there is None or header(twin.payload, "Date") != header(payload, "Date"):
            return self.deliver(folder, payload, received, flags)
        self._delete_forever(twin)
        return self.deliver(folder, payload, received, flags)

    def copy(self, entry: Entry, target: Folder) -> Entry:
        return self._wear(entry.mail, target)

    def move(self, entry: Entry, source: Folder, target: Folder) -> Entry:
        made = self._wear(entry.mail, target)
        if source.use != "\\All" and source is not target and entry.uid in source.entries:
            self._take_off(source, entry.uid)
        return made

    def mark(self, folder: Folder, entry: Entry, flags: frozenset[str]) -> None:
        super().mark(folder, entry, flags)
        if entry.deleted and self.auto_expunge:
            self.expunge(folder, entry.uid)

    def expunge(self, folder: Folder, uid: int) -> None:
        mail = folder.entries[uid].mail
        everywhere = self._apart(folder)
        if not everywhere and folder.use != "\\All":
            self._take_off(folder, uid)
            last = [one for one in self._worn(mail) if one.use != "\\All"] == []
        else:
            last = not everywhere
        if everywhere or (last and self.expunging == "deleteForever"):
            self._delete_forever(mail)
        elif last and self.expunging == "trash":
            self._wear(mail, self.special("\\Trash"))
        elif folder.use == "\\All":
            folder.entries[uid].deleted = False

    # labels

    @staticmethod
    def _apart(folder: Folder) -> bool:
        return folder.use in {"\\Trash", "\\Junk"}

    def _worn(self, mail: Mail) -> list[Folder]:
        return [folder for folder in self.folders.values() if self._entry(mail, folder)]

    @staticmethod
    def _entry(mail: Mail, folder: Folder) -> Entry | None:
        return next((entry for entry in folder.entries.values() if entry.mail is mail), None)

    def _twin(self, payload: bytes) -> Mail | None:
        message_id = header(payload, "Message-ID")
        mails = [entry.mail for folder in self.folders.values() for entry in folder.entries.values()]
        return next((mail for mail in mails if message_id and header(mail.payload, "Message-ID") == message_id), None)

    def _wear(self, mail: Mail, folder: Folder) -> Entry:
        """Let the message stand in this folder too; the bin and Spam it shares with no other."""
        apart = self._apart(folder)
        for other in self._worn(mail):
            if other is not folder and (apart or self._apart(other)):
                self._take_off(other, self._there(mail, other).uid)
        if not apart and folder.use != "\\All" and not self._entry(mail, self.special("\\All")):
            self._place(self.special("\\All"), mail)
        return self._entry(mail, folder) or self._place(folder, mail)

    def _there(self, mail: Mail, folder: Folder) -> Entry:
        entry = self._entry(mail, folder)
        assert entry is not None
        return entry

    def _take_off(self, folder: Folder, uid: int) -> None:
        super().expunge(folder, uid)

    def _delete_forever(self, mail: Mail) -> None:
        for folder in self._worn(mail):
            self._take_off(folder, self._there(mail, folder).uid)


def throttled(verb: str, times: int = 1) -> Fault:
    """The day's bandwidth is used up: the account answers nothing until Google lifts it."""
    return Fault(verb, "answer", "NO [OVERQUOTA] Account exceeded command or bandwidth limits.", times=times)


def full(times: int = 0) -> Fault:
    """No room for one more mail (RFC 5530's code)."""
    return Fault("APPEND", "answer", "NO [OVERQUOTA] User is over quota (Failure)", times=times)


def ended(verb: str) -> Fault:
    """Gmail ends a session that was idle or too long: in transcripts "System Error"; its text is not documented."""
    return Fault(verb, "untagged", "* BYE System error")
