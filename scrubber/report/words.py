"""The sentences of the report, in Dutch and in English, from templates/words.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from scrubber.report.typography import Language, number

_FILE = Path(__file__).parent / "templates" / "words.yaml"


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """Key -> language -> text."""
    loaded: dict[str, dict[str, str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True, slots=True)
class Words:
    """The texts in one language. `words("chain_entries", n=512)` -> "512 vermeldingen"."""

    language: Language

    def __call__(self, key: str, n: int | None = None, **values: str) -> str:
        """The text of `key`, or of `key`.one where `n` is 1 and there is one; `n` is written as the language does."""
        if n is not None:
            values["n"] = number(n, self.language)
            if n == 1 and f"{key}.one" in texts():
                key = f"{key}.one"
        return texts()[key][self.language].format(**values)
