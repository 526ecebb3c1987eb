"""`python -m models.card`: the table of models/scores.json, as the card shows it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from models.recipe import HERE

_TYPES = (
    "PERSON", "ADDRESS", "CREDENTIAL", "DATE_OF_BIRTH", "SPECIAL_CATEGORY", "HEALTH_ID", "ID_DOCUMENT", "BANK_ACCOUNT",
    "LICENSE_PLATE", "PHONE_NUMBER", "all",
)  # fmt: skip
_ROWS = ("rules", "+ lists", "+ model, gated", "+ model, everywhere")


def table(rows: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """A Markdown table: recall / precision / exact F1 of each type in each row."""
    lines = ["| type | " + " | ".join(_ROWS) + " |", "|---" * (len(_ROWS) + 1) + "|"]
    for kind in _TYPES:
        cells = [
            " / ".join(f"{rows[row][kind][key]:.3f}" for key in ("recall", "precision", "exact_f1")) for row in _ROWS
        ]
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(json.loads((HERE / "scores.json").read_text(encoding="utf-8"))["cross"]["rows"]))
