"""The report for machines: JSON and CSV.

JSON (`to_json`): the fields of `interface.Figures` by their own names, moments as ISO 8601 with offset, days as ISO
dates, "" for what an entry did not say; before them `format` ("scrubber-report/1") and after them `problems`, what
`checks.check` found: [] when every sum is right and nothing was lost. New fields may come; those that stand keep their
name and meaning.

CSV (`to_csv`): RFC 4180, UTF-8 without a mark, one number or date a line, columns section,key,label,value. `section`
is the path in the JSON ("removed.by_type.total"), `key` what is counted, `label` what it is called in the language.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from scrubber.report.checks import check
from scrubber.report.interface import Figures
from scrubber.report.labels import (
    ACTS,
    CHANNELS,
    GROUNDS,
    OUTCOMES,
    PLACES,
    SECOND_PASS,
    SIGNALS,
    entity,
    label,
    reason,
)
from scrubber.report.typography import Language

FORMAT = "scrubber-report/1"

_NAMES = ("key", "name", "reason", "rule", "place", "digest", "key_id", "entry")
"""Fields that say what a row is about, the first one that a row has."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a cell begins that a spreadsheet may take for a formula, full-width forms included (OWASP, CSV Injection)."""


def to_json(figures: Figures) -> str:
    """Readable JSON with a final line end. Names in it are as the ledger has them: escape them before showing them."""
    content = {"format": FORMAT, **asdict(figures), "problems": check(figures)}
    text = json.dumps(content, ensure_ascii=False, indent=2, default=_moment)
    # Half a surrogate pair (a file name that is no UTF-8) can't be written; as an escape it can, and stays readable.
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def to_csv(figures: Figures, lang: Language = "nl", entity_labels: Mapping[str, str] | None = None) -> str:
    """Long format, for a spreadsheet: cells that could be taken for a formula begin with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("section", "key", "label", "value"))
    for section, key, value in _cells(asdict(figures)):
        text = str(value).lower() if isinstance(value, bool) else _shown(value)
        named = ACTS if section == "acts.act" else {}
        known = label(named, str(value), lang) if str(value) in named else ""
        cells = (section, key, known or _label(section, key, lang, entity_labels or {}), text)
        writer.writerow([_safe(cell) for cell in cells])
    for problem in check(figures):
        writer.writerow([_safe(cell) for cell in ("problems", "", "", problem)])
    return out.getvalue()


def _cells(content: Mapping[str, Any], path: str = "", key: str = "") -> Iterator[tuple[str, str, Any]]:
    """Every leaf as (section, key, value), in the order of the fields. What names a row is its key and no value."""
    for name, value in content.items():
        section = f"{path}.{name}" if path else name
        if isinstance(value, Mapping):
            yield from _cells({k: v for k, v in value.items() if k != "key"}, section, key)
        elif isinstance(value, tuple):
            for row in value:
                naming = next(field for field in _NAMES if field in row)
                rest = {field: cell for field, cell in row.items() if field != naming}
                yield from _cells(rest, section, str(row[naming]))
        else:
            yield section, key, value


def _label(section: str, key: str, language: Language, given: Mapping[str, str]) -> str:
    """What `key` is called, by the table it stands in; "" where it is its own name."""
    table = section.rpartition(".")[0]
    if table.endswith(".by_type"):
        return entity(key, language, given)
    if table == "unread" or table.endswith("_by_reason"):
        return reason(key, language)
    for name, labels in (
        ("messages.outcomes", OUTCOMES),
        ("second_pass", SECOND_PASS),
        ("removed.by_channel", CHANNELS),
        ("stayed.by_ground", GROUNDS),
        ("copies", PLACES),
        ("people.signals", SIGNALS),
    ):
        if table == name:
            return label(labels, key, language) if key in labels else ""
    return ""


def _shown(value: object) -> str:
    return "" if value is None else _moment(value) if isinstance(value, date) else str(value)


def _moment(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a report")


def _safe(cell: str) -> str:
    text = cell.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    return f"'{text}" if text.startswith(_FORMULA) else text
