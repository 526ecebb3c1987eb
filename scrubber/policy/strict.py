"""YAML read strictly: every complaint names the file and the line, and the nearest key that would do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import yaml

from scrubber.errors import SettingsError
from scrubber.yamls import compose


class Value:
    """A value of a rules file with its place. `data` is str, bool, int, list[Value] or dict[str, Value]."""

    __slots__ = ("data", "file", "line")

    def __init__(self, data: object, file: str, line: int) -> None:
        self.data = data
        self.file = file
        self.line = line

    def refuse(self, problem: str) -> NoReturn:
        """Raise SettingsError with `problem` at this place."""
        where = f"{self.file}, line {self.line}" if self.line else self.file
        raise SettingsError(f"{where}: {problem}")

    def mapping(self, allowed: Iterable[str], required: Iterable[str] = ()) -> dict[str, Value]:
        """The keys of a mapping, all `allowed`; an unknown or a missing one is refused."""
        if not isinstance(self.data, dict):
            self.refuse("a mapping is wanted here")
        known = tuple(allowed)
        for key, value in self.data.items():
            if key not in known:
                value.refuse(f"unknown key {key!r}{nearest(key, known)}")
        for key in required:
            if key not in self.data:
                self.refuse(f"the key {key!r} is missing")
        return self.data

    def items(self) -> list[Value]:
        if not isinstance(self.data, list):
            self.refuse("a list is wanted here")
        return self.data

    def text(self) -> str:
        if not isinstance(self.data, str) or not self.data.strip():
            self.refuse("a text is wanted here")
        return self.data

    def flag(self) -> bool:
        if not isinstance(self.data, bool):
            self.refuse("true or false is wanted here")
        return self.data

    def days(self) -> int:
        """A whole number of days, 1 to 3650."""
        if isinstance(self.data, bool) or not isinstance(self.data, int) or not 1 <= self.data <= 3650:
            self.refuse("a whole number of days, 1 to 3650, is wanted here")
        return self.data

    def weight(self) -> int:
        """A whole number, -9 to 9."""
        if isinstance(self.data, bool) or not isinstance(self.data, int) or not -9 <= self.data <= 9:
            self.refuse("a whole number, -9 to 9, is wanted here")
        return self.data

    def choice(self, allowed: Iterable[str]) -> str:
        known = tuple(allowed)
        text = self.text()
        if text not in known:
            self.refuse(f"unknown value {text!r}{nearest(text, known)}")
        return text

    def choices(self, allowed: Iterable[str]) -> frozenset[str]:
        """A list (or a single one) of `allowed` values."""
        known = tuple(allowed)
        if isinstance(self.data, str):
            return frozenset({self.choice(known)})
        found = frozenset(item.choice(known) for item in self.items())
        if not found:
            self.refuse("at least one value is wanted here")
        return found


def nearest(key: str, known: Iterable[str]) -> str:
    """ "; nearest is 'x'" or, without a near one, the list of what is known."""
    names = sorted(known)
    close = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
    return f"; nearest is {close[0]!r}" if close else f"; known are {', '.join(names)}"


def read_yaml(path: Path) -> Value:
    """The one document of a YAML file. SettingsError: unreadable, not YAML, a key twice, an alias, an odd scalar."""
    name = str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise SettingsError(f"{name}: can't be read ({type(e).__name__})") from None
    try:
        node = compose(text)
    except yaml.MarkedYAMLError as e:
        line = e.problem_mark.line + 1 if e.problem_mark else 0
        raise SettingsError(f"{name}, line {line}: no valid YAML ({e.problem})") from None
    except yaml.YAMLError:
        raise SettingsError(f"{name}: no valid YAML") from None
    if node is None:
        raise SettingsError(f"{name}: the file is empty")
    return _value(node, name, yaml.SafeLoader(""), 0)


def plain(data: object, name: str) -> Value:
    """Values that come from elsewhere (the settings) in the same form, without lines."""
    if isinstance(data, list | tuple):
        return Value([plain(item, name) for item in data], name, 0)
    if isinstance(data, dict):
        return Value({str(key): plain(item, name) for key, item in data.items()}, name, 0)
    return Value(data, name, 0)


def _value(node: yaml.Node, file: str, loader: yaml.SafeLoader, depth: int) -> Value:
    line = node.start_mark.line + 1
    here = Value(None, file, line)
    if depth > 20:
        here.refuse("nested too deep")
    if isinstance(node, yaml.SequenceNode):
        return Value([_value(item, file, loader, depth + 1) for item in node.value], file, line)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Value] = {}
        for key_node, value_node in node.value:
            key = str(getattr(key_node, "value", ""))
            value = _value(value_node, file, loader, depth + 1)
            value.line = key_node.start_mark.line + 1
            if key in found:
                value.refuse(f"the key {key!r} stands here twice")
            found[key] = value
        return Value(found, file, line)
    return Value(loader.construct_object(node), file, line)
