"""What scrubber itself writes in the place of a value, so that it is never searched again.

Only the very texts that rules/entities.yaml can produce: were it any text in brackets that says "removed", a sender
could put a value between them and have it passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from scrubber import yamls
from scrubber.detection.fold import fold
from scrubber.errors import SettingsError

_LONGEST_KEPT = 8


@dataclass(frozen=True, slots=True)
class Placeholders:
    """The texts that may stand in a value's place. Each begins with one of `first`; with "" among them, with any."""

    pattern: re.Pattern[str]
    first: frozenset[str]

    def blanked(self, folded: str, blank: str) -> str:
        """`folded` with `blank` for every character of such a text. Most hold none, which its first sign tells."""
        if not any(map(folded.__contains__, self.first)):
            return folded
        return self.pattern.sub(lambda match: blank * len(match[0]), folded)


def placeholders(path: Path) -> Placeholders:
    """What, in folded text, the operators of `path` (entities.yaml) write. SettingsError: it can't be read."""
    try:
        table = yamls.load(path.read_text(encoding="utf-8"))
        operators = list(table["operators"].values())
        entities = list(table["entities"].values())
        templates = sorted({text for row in operators for text in (row.get("text") or {}).values()}, key=len)
        labels = {text for row in entities for text in row["label"].values()}
        masks = {table["operators"][row["operator"]].get("keep", 0) for row in entities if _masks(table, row)}
    except (OSError, UnicodeDecodeError, yaml.YAMLError, LookupError, TypeError, AttributeError) as error:
        raise SettingsError(f"{path}: can't be read: {type(error).__name__}") from None
    label = (
        "(?:" + "|".join(re.escape(fold(text)) for text in sorted(labels, key=len, reverse=True)) + ")(?: [0-9]{1,3})?"
    )
    forms = [
        re.escape(fold(template).replace("{label}", "\x00").replace("{number}", "\x01"))
        .replace("\x00", label)
        .replace("\x01", "[0-9]{0,3}")
        for template in reversed(templates)
        if "{label}" in template
    ]
    first = frozenset(fold(template[:1]).replace("{", "") for template in templates if "{label}" in template)
    if masks:
        first |= {"*"}
        forms.append(rf"\*{{3,}}(?:[0-9A-Za-z][ .\-]?){{0,{min(max(masks), _LONGEST_KEPT)}}}")
    # Glued to a letter or digit it is none of ours: somebody hides a value behind our words.
    pattern = re.compile(rf"(?<![0-9A-Za-z])(?:{'|'.join(forms)})(?![0-9A-Za-z])" if forms else r"(?!)")
    return Placeholders(pattern, first)


def _masks(table: dict[str, dict[str, dict[str, object]]], row: dict[str, str]) -> bool:
    return table["operators"][row["operator"]].get("kind") == "mask"


@lru_cache(maxsize=8)
def cached_placeholders(path: Path) -> Placeholders:
    """As `placeholders`, once a file."""
    return placeholders(path)
