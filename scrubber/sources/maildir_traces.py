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


def copies(tree: Tree, folder: str, identical: Iterable[Standing]) -> tuple[Copy, ...]:
    """`identical`: files with the very bytes of the original. `folder`: where the message stood. Each place once."""
    found = [
        Copy(f"folder:{place.display}", CopyState.REMAINS, "byte-gelijke kopie in deze map") for place in identical
    ]
    found += [
        Copy(kind, CopyState.UNKNOWN, why)
        for file, kind, why in _TRACES
        if any(tree.exists(where, file) for where in {"", folder})
    ]
    return tuple(dict.fromkeys([*found, _BACKUP]))
