"""JSON with positions: which value stands where in the text, and what an escaped string says. Source: RFC 8259."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from scrubber.errors import FormatError
from scrubber.formats.spans import TextMap

MAX_DEPTH = 200

_TOKEN = re.compile(r'[ \t\r\n]*+(?:("(?:[^"\\]++|\\.)*+")|([{}\[\]:,])|([^\s{}\[\]:,"]++))', re.DOTALL)
_ESCAPE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.", re.DOTALL)
_SHORT = {"\\n": "\n", "\\r": "\r", "\\t": "\t", '\\"': '"', "\\\\": "\\", "\\/": "/"}
"""The escapes that most texts have; the others are left to the parser."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_NUMBER = re.compile(r"-?[0-9]")


_ROOT: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


class Scalar(NamedTuple):
    """A string or a number at text[start:end] (a string with its quotes). `names` lead to it from the root.

    `steps` are the names made unique: a name that stands twice in one object gets "#2" behind it. `is_key`: it is a
    member's name, not a value.
    """

    names: tuple[str, ...]
    steps: tuple[str, ...]
    start: int
    end: int
    is_string: bool
    is_key: bool = False


@dataclass(slots=True)
class _Level:
    is_object: bool
    index: int = 0
    key: str | None = None
    seen: dict[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def name(self) -> tuple[tuple[str], tuple[str]]:
        """The name of the present member, and the same made unique."""
        if not self.is_object:
            return (str(self.index),), (str(self.index),)
        name = self.key or ""
        count = self.seen.get(name, 0) + 1
        unique = name if count == 1 else f"{name}#{count}"
        while unique in self.used:
            count += 1
            unique = f"{name}#{count}"
        self.seen[name] = count
        self.used.add(unique)
        return (name,), (unique,)


def scalars(text: str, work: Callable[[int], None]) -> Iterator[Scalar]:
    """Every string and number in order. FormatError "not-json" or "too-deep". `work` counts tokens, and may raise."""
    try:
        json.loads(text)
    except RecursionError:
        raise FormatError("too-deep") from None
    except ValueError:
        raise FormatError("not-json") from None
    levels: list[_Level] = []
    names: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    top: _Level | None = None
    for count, token in enumerate(_TOKEN.finditer(text), 1):
        if not count % 1000:
            work(1000)
        string, mark, _ = token.groups()
        if mark is None:
            is_string = string is not None
            start, end = token.span(1 if is_string else 3)
            if top is not None and top.is_object and top.key is None:
                top.key = said(text, start, end)
                yield Scalar((), (), start, end, is_string=True, is_key=True)
            elif is_string or _NUMBER.match(text, start, end):
                name, step = top.name() if top is not None else _ROOT
                yield Scalar((*names, *name), (*steps, *step), start, end, is_string)
        elif mark == ":":
            pass
        elif mark == ",":
            if top is not None:
                top.index += 1
                top.key = None
        elif mark in "{[":
            if len(levels) == MAX_DEPTH:
                raise FormatError("too-deep")
            if top is not None:
                name, step = top.name()
                names, steps = (*names, *name), (*steps, *step)
            top = _Level(mark == "{")
            levels.append(top)
        else:
            levels.pop()
            top = levels[-1] if levels else None
            names, steps = names[:-1], steps[:-1]


def said(text: str, start: int, end: int) -> str:
    """What the string literal at text[start:end] of valid JSON says, as `literal` maps it, but without the places."""
    if "\\" not in (inner := text[start + 1 : end - 1]):
        return inner
    decoded: str = json.loads(text[start:end])
    if "\\ud" not in inner and "\\uD" not in inner:
        return decoded
    return _SURROGATE.sub("\ufffd", decoded)


def literal(text: str, start: int, end: int) -> TextMap:
    """What the string literal at text[start:end] (with its quotes) says. Half a surrogate pair shows as U+FFFD."""
    said = TextMap()
    at = start + 1
    for escape in _ESCAPE.finditer(text, at, end - 1):
        said.copy(text[at : escape.start()], at)
        short = _SHORT.get(escape[0])
        if short is None:
            decoded: str = json.loads(f'"{escape[0]}"')
            short = _SURROGATE.sub("\ufffd", decoded)
        said.atom(short, *escape.span())
        at = escape.end()
    said.copy(text[at : end - 1], at)
    return said


def escaped(text: str) -> str:
    """`text` as it stands inside a string literal."""
    return json.dumps(text, ensure_ascii=False)[1:-1]
