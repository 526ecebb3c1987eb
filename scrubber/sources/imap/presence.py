"""Which of the folders that the settings name stand there, looked at in each cycle: folders come and go.

A folder in which something is said, or one of several that are worked through, may be missing: the rest goes on. What
is named here stands in the settings; the names of other folders may be those of people, and are never told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scrubber.errors import SourceError
from scrubber.sources.imap.folders import Folder, Layout

_GOES_ON = "the other folders go on"


class Presence:
    """`lacking`: a sentence for each folder that is missing or closed to us, as of the last `see`."""

    def __init__(self, source: str, layout: Layout) -> None:
        self._source = source
        self._layout = layout
        self._absent: dict[str, str] = {}
        self._closed: dict[str, str] = {}

    @property
    def lacking(self) -> Sequence[str]:
        return (*self._absent.values(), *self._closed.values())

    def see(self, standing: Iterable[Folder]) -> bool:
        """Whether other folders are missing than before. SourceError: without one of them nothing may be done."""
        standing = list(standing)
        names = {folder.name for folder in standing}
        before, self._absent, self._closed = self._absent, {}, {}
        for key, folder in self._layout.named():
            if folder not in names:
                self._absent[folder] = f'`{key}` names "{folder}", which is not there: {_mend(key, folder, standing)}'
        for key, folder in self._layout.named():
            if folder in self._absent and self._needs(key):
                raise SourceError(f'source "{self._source}": {self._absent[folder]}')
        return self._absent.keys() != before.keys()

    def closed(self, folder: str, error: SourceError) -> None:
        """It stands there and can't be opened. Raises `error` where nothing else is left to be worked through."""
        key = self._layout.key_of(folder)
        self._closed[folder] = f'`{key}` names "{folder}", which `user` may not open: give that right; {_GOES_ON}'
        if self._needs(key):
            raise error

    def here(self, folders: Iterable[str]) -> tuple[str, ...]:
        return tuple(folder for folder in folders if folder not in self._absent and folder not in self._closed)

    def _needs(self, key: str) -> bool:
        """Whether nothing may be done without a folder of this setting.

        Without `deliver_to` mail can't go on; without a folder of sent mail what the desk asked for would be taken for
        unasked, and removed.
        """
        return key in {"deliver_to", "sent_folders"} or (key == "folders" and not self.here(self._layout.folders))


def _mend(key: str, folder: str, standing: Iterable[Folder]) -> str:
    for one in standing:
        if _plain(one.name, one.delimiter) == _plain(folder, one.delimiter):
            # the same name in another spelling: nothing new is told
            return f'the server has it as "{one.name}": write that'
    match key:
        case "folders":
            return f"make it, or name another as the server has it; {_GOES_ON}"
        case "deliver_to" | "sent_folders":
            return "make it, or name another as the server has it; until then nothing is done"
        case _:
            return f"make it, or take the setting out; {_GOES_ON}"


def _plain(name: str, delimiter: str) -> str:
    """A folder's name however servers write it: INBOX.Intake, Intake and INTAKE are one."""
    plain = name.casefold().replace(delimiter or "/", "/").replace(".", "/")
    return plain.removeprefix("inbox/")
