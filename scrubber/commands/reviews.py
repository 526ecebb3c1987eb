"""`scrubber reviews`: what a person has to decide on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from scrubber import bootstrap, screen
from scrubber.digests import SHORT, Digests
from scrubber.journal import ReviewMessage
from scrubber.redaction import Language
from scrubber.report import labels
from scrubber.settings import Settings
from scrubber.store import utc_text

_WORDS: Mapping[str, tuple[str, str]] = {
    "none": ("Er is niets te beoordelen.", "There is nothing to review."),
    "title": (
        "Te beoordelen: lees het bericht, en dan `scrubber review REF --decision keep|remove`",
        "To be reviewed: read the message, and then `scrubber review REF --decision keep|remove`",
    ),
    "since": ("sinds", "since"),
    "before": ("vóór", "before"),
    "late": ("TE LAAT", "OVERDUE"),
    "removing": ("gaat weg bij de volgende ronde", "goes in the next cycle"),
}


def reviews(settings: Settings, lang: Language, console: Console, *, as_json: bool) -> int:
    """A line a message, the first due first, with where it stands: who decides has to read it."""
    opened = bootstrap.record(settings)
    try:
        asked = opened.journal.open().reviews
        digests = Digests(opened.ring)
        now = datetime.now(UTC)
    finally:
        opened.close()
    if as_json:
        print(json.dumps([row(one, digests, now) for one in asked], ensure_ascii=False, indent=1))  # noqa: T201 - the command's output
        return 0
    if not asked:
        console.print(word("none", lang))
        return 0
    entities = bootstrap.names(settings, lang)[0]
    console.print(Text(word("title", lang), style="bold"), soft_wrap=True)
    for one in asked:
        console.print(Text(f"  {line(one, digests, now, entities, lang)}"), soft_wrap=True)
    return 0


def word(key: str, lang: Language) -> str:
    return _WORDS[key][0 if lang == "nl" else 1]


def row(one: ReviewMessage, digests: Digests, now: datetime) -> dict[str, Any]:
    """For programs, with codes instead of labels. Moments are UTC."""
    return {
        "source": one.ref.source,
        "ref": _name(one, digests),
        "folder": one.ref.container,
        "item": one.ref.item,
        "entity_types": list(one.entity_types),
        "since": utc_text(one.since),
        "due": utc_text(one.due),
        "overdue": one.due <= now,
        "decided": "remove" if one.removing else None,
    }


def line(one: ReviewMessage, digests: Digests, now: datetime, entities: Mapping[str, str], lang: Language) -> str:
    kinds = ", ".join(labels.entity(kind, lang, entities) for kind in one.entity_types)
    when = f"{word('since', lang)} {screen.date(one.since)}  {word('before', lang)} {screen.date(one.due)}"
    late = f"  {word('late', lang)}" if one.due <= now else ""
    going = f"  {word('removing', lang)}" if one.removing else ""
    place = f"{one.ref.container}/{one.ref.item}".removeprefix("./")
    return screen.safe(f"{_name(one, digests)}  {one.ref.source}  {place}  {kinds}  {when}{late}{going}")


def _name(one: ReviewMessage, digests: Digests) -> str:
    return (one.known_as or digests.ref(one.ref))[:SHORT]
