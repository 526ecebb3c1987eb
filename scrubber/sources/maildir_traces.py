"""Where the old text of a replaced message may remain in and around a Maildir."""

from __future__ import annotations

from collections.abc import Iterable

from scrubber.finding import Copy, CopyState
from scrubber.sources.maildir_tree import Standing, Tree

_SEARCH = "zoekindex van de mailserver: de oude woorden staan erin tot hij is bijgewerkt"
_TRACES = (
    (
        "dovecot.index.cache",
        "dovecot-index-cache",
        "onderwerp en afzender kunnen erin staan tot `doveadm mailbox cache purge`",
    ),
    ("xapian-indexes", "fts-index", _SEARCH),
    ("fts-flatcurve", "fts-index", _SEARCH),
    ("lucene-indexes", "fts-index", _SEARCH),
    (".notmuch", "notmuch-index", "zoekindex van notmuch: de oude woorden staan erin tot `notmuch new`"),
)
_BACKUP = Copy("backup", CopyState.UNKNOWN, "back-ups en momentopnamen van de map zijn hier niet bekend")


_PLAIN_FOLDERS = frozenset({"inbox", "sent", "archive", "archief", "trash", "junk", "spam", "drafts", "templates"})


def copies(tree: Tree, folder: str, identical: Iterable[Standing]) -> tuple[Copy, ...]:
    """`identical`: files with the very bytes of the original. `folder`: where the message stood. Each place once.

    Only names that every mailbox has are told: a folder may be named after a customer, and this goes into the record.
    """
    found = [
        Copy(f"folder:{_told(place.display)}", CopyState.REMAINS, "byte-gelijke kopie in een map van deze postbus")
        for place in identical
    ]
    found += [
        Copy(kind, CopyState.UNKNOWN, why)
        for file, kind, why in _TRACES
        if any(tree.exists(where, file) for where in {"", folder})
    ]
    return tuple(dict.fromkeys([*found, _BACKUP]))


def _told(folder: str) -> str:
    return folder if folder.lower() in _PLAIN_FOLDERS else "andere map"
