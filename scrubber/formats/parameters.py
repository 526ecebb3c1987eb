"""Parameters of Content-Type and Content-Disposition (RFC 2045, RFC 2231): read leniently, with their positions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

from scrubber.formats.charset import decode
from scrubber.formats.encoded_words import encoded_runs

_VALUE = re.compile(r"[^;]*+")
_PARAMETER = re.compile(
    r"""([;\s]*+)([^\s=;"*]++)(?:\*([0-9]{1,3}+))?+(\*)?+\s*+=\s*+(?:"((?:[^"\\]++|\\.)*+)("|\\?\Z)|([^;]*+))""",
    re.DOTALL,
)
_SKIP = re.compile(r";*+[^;]*+")
_FOLD = re.compile(r"\r?\n|\r")
_BACKSLASH = re.compile(r"\\(.)", re.DOTALL)
_SPECIAL = re.compile(r'(["\\])')


class Segment(NamedTuple):
    """One written `name=value` at value[start:end], with the separator before it from `before` on.

    The bare content stands at value[inner:inner_end]; `order` is None unless it is one of several (RFC 2231).
    """

    before: int
    start: int
    end: int
    inner: int
    inner_end: int
    order: int | None
    extended: bool
    quoted: bool


class Parameter(NamedTuple):
    """A parameter, decoded. `segments` are in the order of writing; `simple`: one, saying literally what it says."""

    name: str
    text: str
    segments: tuple[Segment, ...]
    simple: bool


def main_value(value: str) -> str:
    """What stands before the first parameter, lower case, without comments or white space around."""
    found = _VALUE.match(value)
    words = (found[0] if found else "").split("(")[0].split()
    return words[0].lower() if words else ""


def parameters(value: str) -> dict[str, Parameter]:
    """The parameters of a header value by lower-case name; of two equal ones the first counts."""
    written: dict[str, list[Segment]] = {}
    for name, segment in _segments(value):
        segments = written.setdefault(name, [])
        if not segments or (segment.order is not None and segments[0].order is not None):
            segments.append(segment)
    return {name: _assemble(value, name, segments) for name, segments in written.items()}


def _segments(value: str) -> Iterator[tuple[str, Segment]]:
    first = _VALUE.match(value)
    at = first.end() if first else 0
    while at < len(value):
        found = _PARAMETER.match(value, at)
        if found is None or (found.start(2) == at):
            skip = _SKIP.match(value, at)
            at = max(skip.end() if skip else 0, at + 1)
            continue
        quoted = found[7] is None
        inner, inner_end = found.span(5 if quoted else 7)
        if not quoted:
            inner_end = inner + len(value[inner:inner_end].rstrip())
        end = found.end() if quoted else inner_end
        order = int(found[3]) if found[3] else None
        segment = Segment(at, found.start(2), end, inner, inner_end, order, found[4] is not None, quoted)
        yield found[2].lower(), segment
        at = max(found.end(), at + 1)


def _assemble(value: str, name: str, segments: list[Segment]) -> Parameter:
    pieces: list[bytes] = []
    charset = ""
    extended = any(segment.extended for segment in segments)
    for number, segment in enumerate(sorted(segments, key=lambda segment: segment.order or 0)):
        text = _FOLD.sub("", value[segment.inner : segment.inner_end])
        if segment.quoted:
            text = _BACKSLASH.sub(r"\1", text)
        if segment.extended:
            if number == 0 and text.count("'") >= 2:
                charset, _, text = text.split("'", 2)
            pieces.append(unquote_to_bytes(text))
        else:
            pieces.append(text.encode("utf-8", "replace"))
    text = decode(b"".join(pieces), charset).text
    literal = text
    for run in reversed(list(encoded_runs(text))):
        text = text[: run.start] + run.text + text[run.end :]
    return Parameter(name, text, tuple(segments), simple=len(segments) == 1 and not extended and literal == text)


def write_parameter(name: str, text: str) -> str:
    """`name=value` for any text: a quoted string where ASCII is enough, else percent-encoded UTF-8 (RFC 2231)."""
    if text.isascii() and text.isprintable():
        return f'{name}="{escape_quoted(text)}"'
    return f"{name}*=utf-8''{quote(text, safe='', errors='replace')}"


def escape_quoted(text: str) -> str:
    """`text` as it stands inside a quoted string."""
    return _SPECIAL.sub(r"\\\1", text)
