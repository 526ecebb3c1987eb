"""A fake of Exchange Online's IMAP, written from documentation; never tried against Exchange Online.

From Microsoft's pages (learn.microsoft.com):
- "Deprecation of Basic authentication in Exchange Online" and "Authenticate an IMAP, POP or SMTP connection using
  OAuth": only XOAUTH2; LOGIN is refused.
- "Recoverable Items folder in Exchange Online": what is deleted for good is kept there for 14 days (an administrator
  may say up to 30, or hold it); IMAP does not show it.
- "Set-ImapSettings", EnableExactRFC822Size, and [MS-STANOIMAP] "Section 6.4.5, FETCH Command": RFC822.SIZE may be the
  size in the store, not that of the text one fetches.
- "Exchange Online limits" and "What's the difference between POP3 and IMAP4": throttling per mailbox, 20 connections.
From transcripts that others published: capabilities (github.com/jstedfast/MailKit issues 1282 and 2016; no CONDSTORE,
no SPECIAL-USE though LIST tells it, "Inbox"), FLAGS with $MDNSent and no \\* (RainLoop/rainloop-webmail issue 686),
keywords refused with "Command Argument Error. 11" (mscdex/node-imap issue 602, ikvk/imap_tools issue 181), "User is
authenticated but not connected" and then BYE "Connection closed. 14" (simonrob/email-oauth2-proxy issue 74), "Server
Unavailable. 15" (lefcha/imapfilter issue 146), "Request is throttled. Suggested Backoff Time" (imapsync/imapsync
issue 272).

Not known: whether APPEND keeps every byte of a mail. Exchange takes mails apart and puts them together again, so
`rewrites` may say how; as it stands it keeps them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tests.mailservers.fake_script import Fault, Profile
from tests.mailservers.fake_store import Account, Entry, Folder, Seen

EXCHANGE = Profile(
    before=(
        *("IMAP4", "IMAP4rev1", "AUTH=XOAUTH2", "LOGINDISABLED", "SASL-IR", "UIDPLUS", "MOVE", "ID", "UNSELECT"),
        *("CHILDREN", "IDLE", "NAMESPACE", "LITERAL+"),
    ),
    after=(
        *("IMAP4", "IMAP4rev1", "AUTH=PLAIN", "AUTH=XOAUTH2", "SASL-IR", "UIDPLUS", "MOVE", "ID", "UNSELECT"),
        *("CLIENTACCESSRULES", "CLIENTNETWORKPRESENCELOCATION", "BACKENDAUTHENTICATE", "CHILDREN", "IDLE"),
        *("NAMESPACE", "LITERAL+"),
    ),
    greeting="The Microsoft Exchange IMAP4 service is ready. [ZgBhAGsAZQA=]",
    wrong="NO AUTHENTICATE failed.",
    inbox="Inbox",
)

MOST_CONNECTIONS = 20

DUTCH = {
    "INBOX": "",
    "Concepten": "\\Drafts",
    "Verzonden items": "\\Sent",
    "Verwijderde items": "\\Trash",
    "Ongewenste e-mail": "\\Junk",
    "Archief": "",
}


class ExchangeAccount(Account):
    keywords = False
    fixed_keywords = ("$MDNSent",)

    def __init__(
        self,
        *folders: str,
        exact_size: bool = True,
        rewrites: Callable[[bytes], bytes] | None = None,
    ) -> None:
        super().__init__({**DUTCH, **dict.fromkeys(folders, "")})
        self.exact_size = exact_size
        self.rewrites = rewrites
        self.recoverable: list[Seen] = []
        """Recoverable Items: what an administrator, or the user in Outlook, can still get back."""

    def append(self, folder: Folder, payload: bytes, received: datetime, flags: set[str]) -> Entry:
        return super().append(folder, self.rewrites(payload) if self.rewrites else payload, received, flags)

    def expunge(self, folder: Folder, uid: int) -> None:
        entry = folder.entries[uid]
        self.recoverable.append(Seen(folder.name, entry.mail.payload, entry.flags, entry.mail.received))
        super().expunge(folder, uid)

    def size(self, entry: Entry) -> int:
        length = len(entry.mail.payload)
        return length if self.exact_size else length + 137 + length // 50


def throttled(verb: str, times: int = 1) -> Fault:
    text = "BAD Request is throttled. Suggested Backoff Time: 299961 milliseconds"
    return Fault(verb, "answer", text, times=times)


def busy(verb: str, times: int = 1) -> Fault:
    return Fault(verb, "answer", "NO Server Unavailable. 15", times=times)


def not_connected(verb: str, times: int = 1) -> Fault:
    """The token was good, and the mailbox can't be reached with it."""
    return Fault(verb, "answer", "BAD User is authenticated but not connected.", times=times)


def closed(verb: str) -> Fault:
    return Fault(verb, "untagged", "* BYE Connection closed. 14")
