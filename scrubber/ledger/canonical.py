"""Canonical bytes of an entry: what is hashed, signed and stored. One entry has one spelling.

JSON with sorted keys, no spaces, UTF-8, every field present, and `"v": 1`. Parsing is strict: a field that is unknown,
missing or of another type, a second spelling or a newer version is a LedgerError, never a guess.
"""

from __future__ import annotations

import json
import math
from typing import Any, get_args

from scrubber.errors import LedgerError
from scrubber.ledger.entry import CopyLeft, Kind, LedgerEntry, Removal, UnreadPart

VERSION = 1

DRAFT_INDEX = -1
"""The index of an entry that is prepared and has no place in the chain yet; its `previous` is ""."""

_LISTS: dict[str, type[Removal | UnreadPart | CopyLeft]] = {
    "removals": Removal,
    "unread": UnreadPart,
    "copies": CopyLeft,
}


def canonical(entry: LedgerEntry) -> bytes:
    """The one spelling of an entry that has its place. LedgerError for a draft, or what has no spelling (NaN)."""
    if entry.index < 0:
        raise LedgerError("a draft has no place in the chain yet")
    return _spell(entry)


def parse(body: bytes) -> LedgerEntry:
    """The entry of these canonical bytes. LedgerError, naming the field and never its content, for anything else."""
    entry = _read(body)
    if entry.index < 0:
        raise LedgerError("entry: a draft has no place in the chain yet")
    return entry


def draft_bytes(draft: LedgerEntry) -> bytes:
    """An entry without its place (index -1, previous ""), as the journal keeps it until it is appended."""
    _require_draft(draft)
    return _spell(draft)


def parse_draft(body: bytes) -> LedgerEntry:
    """The draft of these bytes; LedgerError as in `parse`."""
    draft = _read(body)
    _require_draft(draft)
    return draft


def _require_draft(entry: LedgerEntry) -> None:
    if entry.index != DRAFT_INDEX or entry.previous:
        raise LedgerError("an entry with a place in the chain is no draft")


def _spell(entry: LedgerEntry) -> bytes:
    content: dict[str, Any] = {"v": VERSION}
    for name in _names(LedgerEntry):
        value = getattr(entry, name)
        part = _LISTS.get(name)
        content[name] = value if part is None else [{key: getattr(one, key) for key in _names(part)} for one in value]
    for removal in content["removals"]:
        removal["score"] = float(removal["score"])
    return dumps(content)


def dumps(content: dict[str, Any]) -> bytes:
    """Canonical JSON. LedgerError for a number or a text that JSON in UTF-8 can't hold."""
    try:
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
        return text.encode("utf-8")
    except (ValueError, TypeError, RecursionError):
        failure = LedgerError("entry: holds what canonical JSON can't (a lone surrogate, NaN, another type)")
    raise failure  # out here without the original, whose text and fields quote the content


def loads(body: bytes) -> dict[str, Any]:
    """The object of JSON bytes without a name twice. LedgerError otherwise."""
    try:
        content = json.loads(body, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise LedgerError("entry: not one JSON object")
    return content


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError
    return content


def _no_constant(_name: str) -> float:
    raise ValueError


def _read(body: bytes) -> LedgerEntry:
    content = loads(body)
    version = content.pop("v", None)
    if type(version) is not int or version != VERSION:
        raise LedgerError(f"entry: not of version {VERSION}; a newer scrubber may have written it")
    _require_names(content, LedgerEntry, "entry")
    values: dict[str, Any] = {}
    for name, value in content.items():
        if name == "index":
            values[name] = _typed(value, int, name)
        elif name in _LISTS:
            values[name] = tuple(_part(one, _LISTS[name], name) for one in _typed(value, list, name))
        elif name == "notes":
            values[name] = tuple(_typed(one, str, name) for one in _typed(value, list, name))
        else:
            values[name] = _typed(value, str, name)
    if values["kind"] not in get_args(Kind):
        raise LedgerError("entry.kind: not a known kind")
    entry = LedgerEntry(**values)
    if _spell(entry) != body:
        raise LedgerError("entry: not in its canonical spelling")
    return entry


def _part(content: Any, part: type[Removal | UnreadPart | CopyLeft], name: str) -> Any:
    given = _typed(content, dict, name)
    _require_names(given, part, name)
    values = {key: _typed(value, float if key == "score" else str, f"{name}.{key}") for key, value in given.items()}
    if not math.isfinite(values.get("score", 0.0)):
        raise LedgerError(f"entry.{name}.score: not a number")
    return part(**values)


def _require_names(content: dict[str, Any], shape: type[Any], name: str) -> None:
    known = set(_names(shape))
    if not content.keys() <= known:
        raise LedgerError(f"{name}: an unknown field")
    missing = sorted(known - content.keys())
    if missing:
        raise LedgerError(f"{name}: {missing[0]} is missing")


def _typed(value: Any, wanted: type[Any], name: str) -> Any:
    if type(value) is not wanted:
        raise LedgerError(f"entry.{name}: not of type {wanted.__name__}")
    return value


def _names(shape: type[Any]) -> tuple[str, ...]:
    return tuple(shape.__slots__)  # what `dataclasses.fields` would give, without its cost
