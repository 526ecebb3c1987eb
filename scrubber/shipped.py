"""Where the rules and models lie that come with scrubber: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped_rules() -> Path:
    """The folder of recognisers, policy and word lists."""
    return _folder("rules", "policy.yaml")


def shipped_models() -> Path:
    """The folder of trained models."""
    return _folder("models", "needed.tsv")


def _folder(name: str, file: str) -> Path:
    inside = _PACKAGE / name
    return inside if (inside / file).is_file() else _PACKAGE.parent / name
