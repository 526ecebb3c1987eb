"""The one tree of errors.

No error text ever holds text from a message: they end up in logs. Say which part, which rule, which setting.
"""

from __future__ import annotations

from datetime import datetime


class ScrubberError(Exception):
    """Anything scrubber itself raises."""


class SettingsError(ScrubberError):
    """Settings or rules are not usable: refused at start. The text names file, line and key, and the mend."""


class SourceError(ScrubberError):
    """A source can't be reached, read or written."""


class MessageGone(SourceError):
    """The message is no longer where it was: another program moved or deleted it."""


class MessageTooBig(SourceError):
    """The message is larger than the settings allow, and was not read: `size` in bytes, `received` timezone-aware."""

    def __init__(self, size: int, most: int, received: datetime) -> None:
        super().__init__(self.sentence(size, most))
        self.size = size
        self.received = received

    @staticmethod
    def sentence(size: int, most: int) -> str:
        allowed = f"more than `[limits] bytes` allows ({most})"
        return f"the message takes {size} bytes, {allowed}: raise that, then `scrubber retry`"


class MessageChanged(SourceError):
    """The message is no longer what was fetched: another program rewrote it."""


class MessageLocked(SourceError):
    """This one message can't be changed where it stands (a closed ticket, a text nobody may edit). Nothing changed."""


class SourceUnwritable(SourceError):
    """The source as a whole can't be written now (disk full, read-only). Nothing was changed; it is tried later."""


class FormatError(ScrubberError):
    """A payload could not be opened as what it says it is. The text is a short reason code for `unread`."""


class BudgetExceeded(ScrubberError):
    """The deterministic budget of one message ran out (parts, depth, characters, findings): HELD."""


class DetectionError(ScrubberError):
    """One view could not be searched. The others could."""


class StoreError(ScrubberError):
    """The database can't be opened, read or written. The worker stops before it changes a message."""


class LedgerError(StoreError):
    """The ledger can't be appended to, or its keys are missing."""
