"""What a mailbox is like: looked at once, over the first connection, and told to who asks what is possible there."""

from __future__ import annotations

import difflib

from scrubber.errors import SourceError
from scrubber.sources.base import Capabilities
from scrubber.sources.imap.abilities import Abilities, abilities
from scrubber.sources.imap.account import Account
from scrubber.sources.imap.folders import Folder, Layout, sent_folders
from scrubber.sources.imap.wire import Wire

_UNSENT = "Geen map met verzonden post gevonden (`sent_folders`): wat de helpdesk vroeg, blijkt alleen uit citaten."
_READ_ONLY = "Deze gebruiker mag in {} alleen lezen: er wordt niets vervangen."


class Survey:
    """`idle`: whether waiting for new mail is wanted. `sent`: the folders of sent mail, once something was learned."""

    def __init__(self, account: Account, layout: Layout, *, idle: bool) -> None:
        self._account = account
        self._layout = layout
        self._idle = idle
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
        """SourceError for a folder that is not there, or a server that can't do what the settings ask."""
        names = [folder.name for folder in self.learn(wire)]
        at = f'source "{self._account.source}"'
        for key, folder in self._layout.named():
            if folder not in names:
                near = difflib.get_close_matches(folder, names, n=1, cutoff=0.7)
                hint = f"; did you mean `{near[0]}`?" if near else ": make it, or name another as the server has it"
                raise SourceError(f"{at}: `{key}` names a folder that is not there{hint}")
        if self._layout.deliver_to and not self.able(wire).moves:
            raise SourceError(
                f"{at}: the mail server {self._account.host} can't move mail in one step (MOVE): leave `deliver_to` out"
            )

    def learn(self, wire: Wire) -> list[Folder]:
        """The folders there are."""
        able = self.able(wire)
        folders, _ = wire.folders(able.listing)
        self.sent = sent_folders(self._layout, folders)
        if self.capabilities is None:
            self.capabilities = self._capabilities(wire, able, {folder.name for folder in folders})
        return folders

    def _capabilities(self, wire: Wire, able: Abilities, names: set[str]) -> Capabilities:
        keywords, locked = True, []
        for name in self._layout.worked:
            if name in names:
                selected = wire.select(name, writable=True)
                keywords = keywords and selected.keywords
                if not selected.writable:
                    locked.append(name)
        limits = able.limits(exposed=self._account.exposed, keywords=keywords, idle=self._idle)
        if locked:
            limits = (_READ_ONLY.format(", ".join(locked)), *limits)
        if not self.sent:
            limits = (*limits, _UNSENT)
        return Capabilities(replaces=able.replaces and not locked, threads=True, limits=limits, follows=False)
