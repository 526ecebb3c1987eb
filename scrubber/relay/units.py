"""The messages in a payload: where each stands in its text, so that it is scrubbed by itself and put back in place.

Two customers' messages may come in one delivery: what the one was asked for, the other was not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from scrubber.message import Sender
from scrubber.pointers import Pointer, begins, first, leads, parse
from scrubber.relay.preset import Preset, Shape

_BLANK = re.compile(r"[ \t\r\n]*")
_GAP = "null"
"""What stands for a message in the payload without its messages."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One message at text[start:end]. `conversation` and `id` are the channel's own, "" where it gives none."""

    shape: Shape
    start: int
    end: int
    desk: bool
    conversation: str = field(repr=False)
    id: str = field(repr=False)
    sender: Sender = field(repr=False)
    value: Any = field(repr=False)

    @property
    def texts(self) -> str:
        """What is written in it, for what it asks."""
        pointers = [parse(pointer) for pointer in (*self.shape.text, *self.shape.html)]
        return "\n".join(text for names, text in strings(self.value) if any(leads(p, names) for p in pointers))

    @property
    def quotes(self) -> bool:
        """Whether the desk wrote it, and somebody else's words stand in it."""
        pointers = [parse(pointer) for pointer in self.shape.quoted] if self.desk else []
        return any(leads(pointer, names) for pointer in pointers for names, _ in strings(self.value))

    @property
    def media(self) -> bool:
        """Whether it tells of a file."""
        pointers = [parse(pointer) for pointer in self.shape.media]
        return any(_present(self.value, pointer) for pointer in pointers)


def units(text: str, preset: Preset) -> list[Unit]:
    """Every message in a JSON text that was parsed before, in order."""
    pointers = [parse(shape.at) for shape in preset.messages]
    return [_unit(text, preset.messages[number], start, end) for number, start, end in _spans(text, pointers)]


def _unit(text: str, shape: Shape, start: int, end: int) -> Unit:
    value = json.loads(text[start:end])
    desk = shape.by_desk(value)
    sender = Sender(*(_first(value, pointers) for pointers in (shape.name, shape.email, shape.phone)))
    conversation = _first(value, shape.desk_conversation if desk else shape.conversation)
    return Unit(shape, start, end, desk, conversation, _first(value, shape.id), sender, value)


def _first(value: Any, pointers: Sequence[str]) -> str:
    """What stands there, as UTF-8 can have it: JSON may hold half a surrogate pair."""
    return (first(value, pointers) or "").encode("utf-8", "replace").decode()


def without(text: str, found: Sequence[Unit]) -> str:
    """The payload with `null` in the place of each message."""
    return _filled(text, [(unit.start, unit.end) for unit in found], [_GAP] * len(found))


def filled(envelope: str, preset: Preset, messages: Sequence[str]) -> str:
    """The payload with each message where its `null` stands. ValueError: they are not as many."""
    gaps = [(start, end) for _, start, end in _spans(envelope, [parse(shape.at) for shape in preset.messages])]
    if len(gaps) != len(messages):
        raise ValueError("the places of the messages are not what they were")
    return _filled(envelope, gaps, messages)


def _filled(text: str, spans: Sequence[tuple[int, int]], fillings: Sequence[str]) -> str:
    parts: list[str] = []
    at = 0
    for (start, end), filling in zip(spans, fillings, strict=True):
        parts += (text[at:start], filling)
        at = end
    return "".join((*parts, text[at:]))


def _spans(text: str, pointers: Sequence[Pointer]) -> list[tuple[int, int, int]]:
    """(number of the pointer, start, end) of every value that one of them leads to; the first that does counts."""
    found: list[tuple[int, int, int]] = []
    decode = json.JSONDecoder().raw_decode

    def walk(at: int, names: Pointer) -> int:
        for number, pointer in enumerate(pointers):
            if leads(pointer, names):
                end = decode(text, at)[1]
                found.append((number, at, end))
                return end
        opening = text[at]
        if opening not in "{[" or not any(begins(pointer, names) for pointer in pointers):
            return decode(text, at)[1]
        at = _past(text, at + 1)
        count = 0
        while text[at] not in "}]":
            name = str(count)
            if opening == "{":
                name, at = decode(text, at)
                at = _past(text, _past(text, at) + 1)
            at = _past(text, walk(at, (*names, name)))
            if text[at] == ",":
                at = _past(text, at + 1)
            count += 1
        return at + 1

    walk(_past(text, 0), ())
    return found


def _past(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def strings(value: Any, names: Pointer = ()) -> Iterable[tuple[Pointer, str]]:
    """Every string in a document and what leads to it."""
    if isinstance(value, str):
        yield names, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from strings(inner, (*names, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from strings(inner, (*names, str(number)))


def _present(value: Any, pointer: Pointer) -> bool:
    if not pointer:
        return value is not None
    step, rest = pointer[0], pointer[1:]
    if isinstance(value, dict):
        inner = value.values() if step == "*" else [value[step]] if step in value else []
    elif isinstance(value, list) and (step == "*" or step.isdecimal()):
        inner = value if step == "*" else value[int(step[:6]) : int(step[:6]) + 1]
    else:
        return False
    return any(_present(each, rest) for each in inner)
