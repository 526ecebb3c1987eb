"""What a mail server can do, looked at once, and what follows from it for a replacement and for the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scrubber.finding import Copy, CopyState

Kind = Literal["dovecot", "cyrus", "gmail", "exchange", "other"]

_NO_EXPUNGE = (
    "Deze server kan één bericht niet afzonderlijk verwijderen (UIDPLUS ontbreekt): er wordt niets vervangen, want een "
    "gewone EXPUNGE zou ook berichten van anderen weghalen."
)
_NO_COUNTS = (
    "Deze server telt wijzigingen niet (CONDSTORE ontbreekt): een vlag die iemand anders zet in de laatste "
    "milliseconden voor het vervangen, kan verloren gaan."
)
_NO_KEYWORDS = (
    "Deze server bewaart geen eigen trefwoorden; trefwoorden die hij niet kent, gaan bij het vervangen verloren."
)
_NO_IDLE = "Deze server meldt nieuwe post niet uit zichzelf (IDLE ontbreekt): er wordt om de `poll_seconds` gekeken."
_EXPOSED = "LET OP: de verbinding gaat zonder TLS over het netwerk (`tls`): wachtwoord en post zijn onderweg te lezen."
_CLOSED = (
    "Een mailbox weet niet wanneer een zaak gesloten is: dat volgt uit hoe lang er in de draad niets is geschreven."
)
_NUMBER = "Een vervangen bericht krijgt een nieuw nummer (UID); vlaggen, trefwoorden, map en datum blijven."
_PROOF = "Over IMAP is niet te bewijzen dat de server de oude tekst van zijn schijven heeft gewist."

_SERVER_LIMITS: dict[Kind, tuple[str, ...]] = {
    "dovecot": (
        "Dovecot houdt onderwerp en afzender in zijn indexcache tot `doveadm mailbox cache purge`.",
        "Bij opslag als mdbox houdt Dovecot ook de tekst, tot `doveadm purge`.",
    ),
    "cyrus": ("Cyrus bewaart verwijderde berichten tot `cyr_expire` (een instelling van de server).",),
    "gmail": ("Gmail kan een verwijderd bericht archiveren: stel daar bij IMAP in dat het meteen en voorgoed weg is.",),
    "exchange": ("Exchange bewaart verwijderde berichten ongeveer 14 dagen in Recoverable Items.",),
    "other": ("Hoe lang deze server verwijderde berichten bewaart, is niet bekend.",),
}

_BACKUP = Copy("backup", CopyState.UNKNOWN, "back-ups van de mailserver zijn hier niet bekend")
_CLIENTS = Copy("mail-clients", CopyState.UNKNOWN, "een mailprogramma dat het bericht eerder ophaalde, kan het bewaren")
_SERVER_COPIES: dict[Kind, tuple[Copy, ...]] = {
    "dovecot": (
        Copy(
            "dovecot-index-cache",
            CopyState.UNKNOWN,
            "onderwerp en afzender kunnen erin staan tot `doveadm mailbox cache purge`",
        ),
        Copy("dovecot-mdbox", CopyState.UNKNOWN, "bij opslag als mdbox staat de oude tekst er nog tot `doveadm purge`"),
    ),
    "cyrus": (Copy("cyrus-expunged", CopyState.UNKNOWN, "Cyrus bewaart een verwijderd bericht tot `cyr_expire`"),),
    "gmail": (
        Copy(
            "gmail-archive", CopyState.UNKNOWN, "Gmail kan het bericht archiveren of 30 dagen in de prullenbak bewaren"
        ),
    ),
    "exchange": (
        Copy(
            "exchange-recoverable-items",
            CopyState.REMAINS,
            "Exchange bewaart een verwijderd bericht ongeveer 14 dagen in Recoverable Items",
        ),
    ),
    "other": (
        Copy("mail-server", CopyState.UNKNOWN, "hoe lang deze server verwijderde berichten bewaart, is niet bekend"),
    ),
}


@dataclass(frozen=True, slots=True)
class Abilities:
    """`listing`: what may be asked of LIST beside names (RFC 5258, 5819, 6154)."""

    kind: Kind
    replaces: bool
    counts: bool
    moves: bool
    idles: bool
    saves_date: bool
    listing: str = ""

    @property
    def marks(self) -> str:
        """What is asked of LIST so that it tells what folders are for, and no more."""
        return "SPECIAL-USE" if "SPECIAL-USE" in self.listing else ""

    @property
    def may_merge(self) -> bool:
        """Whether an APPEND may have taken the original away: known not to at these servers only."""
        return self.kind not in {"dovecot", "cyrus"}

    @property
    def exact_sizes(self) -> bool:
        """Whether RFC822.SIZE is what one fetches; Exchange may tell what the message takes in its store."""
        return self.kind != "exchange"

    @property
    def copies(self) -> tuple[Copy, ...]:
        """Where the old text of a replaced mail may remain at any server of this kind."""
        return (*_SERVER_COPIES[self.kind], _CLIENTS, _BACKUP)

    def limits(self, *, exposed: bool = False, keywords: bool = True, idle: bool = True) -> tuple[str, ...]:
        """What a person should know of it (Dutch)."""
        said = [_EXPOSED] if exposed else []
        if not self.replaces:
            said.append(_NO_EXPUNGE)
        else:
            said.append(_NUMBER)
            if not self.counts:
                said.append(_NO_COUNTS)
            if not keywords:
                said.append(_NO_KEYWORDS)
        if idle and not self.idles:
            said.append(_NO_IDLE)
        return (*said, _CLOSED, *_SERVER_LIMITS[self.kind], _PROOF)


def abilities(capabilities: frozenset[str], server_id: str = "", greeting: str = "") -> Abilities:
    """From the names in CAPABILITY, the answer to ID (RFC 2971) and the greeting."""
    listing = ""
    if "LIST-EXTENDED" in capabilities:
        asked = [name for name in ("SPECIAL-USE",) if name in capabilities]
        asked += ["STATUS (MESSAGES UIDNEXT UIDVALIDITY)"] if "LIST-STATUS" in capabilities else []
        listing = " ".join(asked)
    return Abilities(
        kind=_kind(capabilities, server_id.lower(), greeting.lower()),
        replaces="UIDPLUS" in capabilities or "IMAP4REV2" in capabilities,
        counts="CONDSTORE" in capabilities or "QRESYNC" in capabilities,
        moves="MOVE" in capabilities or "IMAP4REV2" in capabilities,
        idles="IDLE" in capabilities or "IMAP4REV2" in capabilities,
        saves_date="SAVEDATE" in capabilities,
        listing=listing,
    )


def _kind(capabilities: frozenset[str], server_id: str, greeting: str) -> Kind:
    said = f"{server_id} {greeting}"
    if "X-GM-EXT-1" in capabilities:
        return "gmail"
    if "dovecot" in said:
        return "dovecot"
    if "cyrus" in said:
        return "cyrus"
    if "exchange" in said or "outlook" in said:
        return "exchange"
    return "other"
