"""What a mailbox is like: looked at once, over the first connection, and told to who asks what is possible there."""

from __future__ import annotations

from scrubber.errors import SourceError
from scrubber.sources.base import Capabilities
from scrubber.sources.imap.abilities import Abilities, abilities
from scrubber.sources.imap.account import Account
from scrubber.sources.imap.answers import Refused
from scrubber.sources.imap.folders import Layout, sent_folders
from scrubber.sources.imap.presence import Presence
from scrubber.sources.imap.wire import Wire

_UNSENT = "Geen map met verzonden post gevonden (`sent_folders`): wat de helpdesk vroeg, blijkt alleen uit citaten."
_READ_ONLY = "Deze gebruiker mag in {} alleen lezen: er wordt niets vervangen."


class Survey:
    """`idle`: whether waiting for new mail is wanted. `sent`: the folders of sent mail, once something was learned."""

    def __init__(self, account: Account, layout: Layout, *, idle: bool) -> None:
        self._account = account
        self._layout = layout
        self._idle = idle
        self.presence = Presence(account.source, layout)
        self._abilities: Abilities | None = None
        self.capabilities: Capabilities | None = None
        self.sent: tuple[str, ...] = ()

    def able(self, wire: Wire) -> Abilities:
        if self._abilities is None:
            offered = wire.capabilities()
            told = wire.server_id() if "ID" in offered else ""
            self._abilities = abilities(offered, told, wire.greeting)
        return self._abilities

    def check(self, wire: Wire) -> None:
        """SourceError for a folder without which nothing may be done, or a server that can't do what settings ask."""
        self.look(wire)
        self.learn(wire)
        self.delivers(wire)

    def delivers(self, wire: Wire) -> None:
        """SourceError for an intake at a server that moves in two steps: a crash between them delivers a mail twice."""
        if self._layout.deliver_to and not self.able(wire).moves:
            raise SourceError(
                f'source "{self._account.source}": the mail server {self._account.host} can\'t move mail in one step '
                "(MOVE): leave `deliver_to` out"
            )

    def look(self, wire: Wire) -> None:
        """Which folders stand there now. SourceError as `check`."""
        folders, _ = wire.folders(self.able(wire).marks)
        self.sent = sent_folders(self._layout, folders)
        if self.presence.see(folders):
            self.capabilities = None  # what may be done there is another matter now

    def learn(self, wire: Wire) -> None:
        """What is possible there."""
        able = self.able(wire)
        folders, _ = wire.folders(able.marks)
        self.sent = sent_folders(self._layout, folders)
        if self.capabilities is None:
            self.capabilities = self._capabilities(wire, able, {folder.name for folder in folders})

    def _capabilities(self, wire: Wire, able: Abilities, names: set[str]) -> Capabilities:
        keywords, locked = True, []
        for name in self._layout.worked:
            if name in names:
                try:
                    selected = wire.select(name, writable=True)
                except Refused as error:
                    if not error.for_good or not error.code:
                        raise
                    continue  # closed to us: `Presence` says so
                keywords = keywords and selected.keywords
                if not selected.writable:
                    locked.append(name)
        limits = able.limits(exposed=self._account.exposed, keywords=keywords, idle=self._idle)
        if locked:
            limits = (_READ_ONLY.format(", ".join(locked)), *limits)
        if not self.sent:
            limits = (*limits, _UNSENT)
        return Capabilities(replaces=able.replaces and not locked, threads=True, limits=limits, follows=False)
