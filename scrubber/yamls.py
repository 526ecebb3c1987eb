"""YAML by libyaml where PyYAML has it: reading the rules with its own parser took longer than all else at start."""

from __future__ import annotations

from typing import Any

import yaml

_Fast: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def compose(text: str) -> yaml.Node | None:
    """The one document of `text`, with its lines. yaml.YAMLError in the words of PyYAML's own parser."""
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=_Fast)
    except yaml.YAMLError:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    return node


def load(text: str) -> Any:
    """The values of `text`, as yaml.safe_load."""
    try:
        return yaml.load(text, Loader=_Fast)  # noqa: S506  # a safe loader
    except yaml.YAMLError:
        return yaml.safe_load(text)
