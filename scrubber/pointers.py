"""JSON Pointers (RFC 6901), with "*" for any one step and "**" for any number of steps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

Pointer = tuple[str, ...]

_STEP = re.compile(r"~([01])")


def parse(text: str) -> Pointer:
    """The steps of a pointer; "" is the whole document. ValueError: it is none."""
    if not text:
        return ()
    if not text.startswith("/"):
        raise ValueError("a JSON Pointer begins with `/`, such as /message/text")
    return tuple(_STEP.sub(lambda found: "~/"[int(found[1])], step) for step in text[1:].split("/"))


def leads(pointer: Sequence[str], names: Sequence[str]) -> bool:
    """Whether `pointer` leads to what stands at `names`."""
    for at, step in enumerate(pointer):
        if step == "**":
            rest = pointer[at + 1 :]
            return any(leads(rest, names[begin:]) for begin in range(at, len(names) + 1))
        if at >= len(names) or step not in ("*", names[at]):
            return False
    return len(pointer) == len(names)


def begins(pointer: Sequence[str], names: Sequence[str]) -> bool:
    """Whether `pointer`, without "**", leads to something below what stands at `names`."""
    return len(names) < len(pointer) and all(step in ("*", name) for step, name in zip(pointer, names, strict=False))


def first(document: Any, pointers: Iterable[str]) -> str | None:
    """The first string or whole number that one of the pointers, without "*", leads to. None: none does."""
    return next((text for pointer in pointers if (text := _text(_at(document, parse(pointer)))) is not None), None)


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():  # 35.0 is an integer too (JSON Schema, 6.1.1)
        value = int(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else None
    return value if isinstance(value, str) else None


def _at(document: Any, pointer: Pointer) -> Any:
    for key in pointer:
        if isinstance(document, dict):
            document = document.get(key)
        elif isinstance(document, list) and key.isascii() and key.isdigit() and int(key[:6]) < len(document):
            document = document[int(key[:6])]
        else:
            return None
    return document
