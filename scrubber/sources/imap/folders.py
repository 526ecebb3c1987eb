"""What the folders of a mailbox are for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scrubber.sources.base import Word

COMMON_SENT = ("Sent", "Sent Items", "Sent Messages", "Verzonden", "Verzonden items")
"""What the folder of sent mail is usually called, where the server doesn't mark it (RFC 6154)."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that can hold mail. `uses`: its special uses in lower case (`\\sent`, `\\all`, `\\trash`)."""

    name: str
    delimiter: str = ""
    uses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Layout:
    """Folders by their purpose, as the settings name them; "" and (): none named."""

    folders: tuple[str, ...] = ("INBOX",)
    sent: tuple[str, ...] = ()
    deliver_to: str = ""
    needed: str = ""
    done: str = ""
    wrong: str = ""
    missed: str = ""

    @property
    def words(self) -> dict[str, Word]:
        """What a person says by putting a mail in a folder."""
        pairs: tuple[tuple[str, Word], ...] = (
            (self.needed, "needed"),
            (self.done, "done"),
            (self.wrong, "wrong"),
            (self.missed, "missed"),
        )
        return {folder: word for folder, word in pairs if folder}

    @property
    def listed(self) -> tuple[str, ...]:
        """Folders whose mail is worked through: a mail that a person moved to say something still belongs to us."""
        return tuple(dict.fromkeys((*self.folders, *self.words)))

    @property
    def worked(self) -> tuple[str, ...]:
        """Folders in which something may be changed."""
        return tuple(dict.fromkeys((*self.listed, *((self.deliver_to,) if self.deliver_to else ()))))

    def named(self) -> Iterator[tuple[str, str]]:
        """(setting, folder) of every folder that must exist."""
        for folder in self.folders:
            yield "folders", folder
        for folder in self.sent:
            yield "sent_folders", folder
        for key, folder in (
            ("deliver_to", self.deliver_to),
            ("needed_folder", self.needed),
            ("done_folder", self.done),
            ("wrong_folder", self.wrong),
            ("missed_folder", self.missed),
        ):
            if folder:
                yield key, folder

    def key_of(self, folder: str) -> str:
        """The setting that names a folder; `folders` for one that none names."""
        return next((key for key, named in self.named() if named == folder), "folders")


def sent_folders(layout: Layout, standing: Sequence[Folder]) -> tuple[str, ...]:
    """The folders that hold what the desk wrote: as named, else marked so by the server, else of the usual names."""
    names = {folder.name for folder in standing}
    if layout.sent:
        return tuple(folder for folder in layout.sent if folder in names)
    if marked := tuple(folder.name for folder in standing if "\\sent" in folder.uses):
        return marked
    return tuple(
        folder.name
        for folder in standing
        if folder.name.rpartition(folder.delimiter)[2] in COMMON_SENT
        and folder.name.rpartition(folder.delimiter)[0].upper() in {"", "INBOX"}
    )
