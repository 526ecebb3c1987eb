"""Parameters of Content-Type and Content-Disposition (RFC 2045, RFC 2231): read leniently, with their positions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

from scrubber.formats.charset import decode
from scrubber.formats.encoded_words import decode_words

STRUCTURAL = frozenset({
    "boundary", "charset", "type", "protocol", "micalg", "format", "delsp", "start", "start-info", "smime-type",
    "report-type", "size", "creation-date", "modification-date", "read-date", "method", "x-unix-mode", "x-mac-type",
    "x-mac-creator",
})  # fmt: skip
"""Parameters that no reader sees; what they say is never an encoded word."""

FILE_NAMES = ("filename", "name")

_VALUE = re.compile(r"[^;]*+")
_SEPARATOR = re.compile(r"[;\s]*+")
_PARAMETER = re.compile(
    r"""([^\s=;"*]++)(?:\*([0-9]{1,9}+))?+(\*)?+\s*+=\s*+(?:"((?:[^"\\]++|\\.)*+)("|\\?\Z)|([^;]*+))""",
    re.DOTALL,
)
_PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)
_MAIN = re.compile(r"\s*+([^\s/]++)\s*+/\s*+([^\s/]++)")
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
    """A parameter, decoded. `segments` are in the order of writing; `simple`: one, saying literally what it says.

    `extended`: it says its charset (RFC 2231).
    """

    name: str
    text: str
    segments: tuple[Segment, ...]
    simple: bool
    extended: bool


def main_value(value: str) -> str:
    """What stands before the first parameter, lower case, without comments or white space around and around "/"."""
    found = _VALUE.match(without_comments(value))
    text = found[0] if found else ""
    if pair := _MAIN.match(text):
        return f"{pair[1]}/{pair[2]}".lower()
    words = text.split()
    return words[0].lower() if words else ""


def without_comments(value: str) -> str:
    """`value` without (comments), of which one that is never closed goes on to the end."""
    out: list[str] = []
    depth = at = 0
    for mark in _PARENTHESIS.finditer(value):
        if mark[0] == "(":
            if not depth:
                out.append(value[at : mark.start()])
            depth += 1
        elif mark[0] == ")" and depth:
            depth -= 1
            at = mark.end()
    if not depth:
        out.append(value[at:])
    return "".join(out)


def written_parameters(value: str) -> list[Parameter]:
    """Every parameter of a header value, in order, also those said twice; pieces (RFC 2231) of one name are one."""
    written: list[tuple[str, list[Segment]]] = []
    pieces: dict[str, list[Segment]] = {}
    for name, segment in _segments(value):
        if segment.order is not None and name in pieces:
            pieces[name].append(segment)
            continue
        written.append((name, [segment]))
        if segment.order is not None:
            pieces[name] = written[-1][1]
    return [_assemble(value, name, segments) for name, segments in written]


def by_name(written: Sequence[Parameter]) -> dict[str, Parameter]:
    """Of two parameters of one name the first counts; of a file name the one that says its charset (RFC 6266)."""
    named: dict[str, Parameter] = {}
    for parameter in written:
        first = named.setdefault(parameter.name, parameter)
        if parameter.name in FILE_NAMES and parameter.extended and not first.extended:
            named[parameter.name] = parameter
    return named


def parameters(value: str) -> dict[str, Parameter]:
    """The parameters of a header value by lower-case name."""
    return by_name(written_parameters(value))


def _segments(value: str) -> Iterator[tuple[str, Segment]]:
    first = _VALUE.match(value)
    at = first.end() if first else 0
    while at < len(value):
        separator = _SEPARATOR.match(value, at)
        begin = separator.end() if separator else at
        found = _PARAMETER.match(value, begin)
        if found is None or begin == at:
            skip = _VALUE.match(value, begin)
            at = max(skip.end() if skip else 0, at + 1)
            continue
        quoted = found[6] is None
        inner, inner_end = found.span(4 if quoted else 6)
        if not quoted:
            inner_end = inner + len(value[inner:inner_end].rstrip())
        end = found.end() if quoted else inner_end
        order = int(found[2]) if found[2] else None
        segment = Segment(at, begin, end, inner, inner_end, order, found[3] is not None, quoted)
        yield found[1].lower(), segment
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
    if name not in STRUCTURAL:
        text = decode_words(text)
    simple = len(segments) == 1 and not extended and literal == text
    return Parameter(name, text, tuple(segments), simple, extended)


def write_parameter(name: str, text: str, *, extended: bool = False) -> str:
    """`name=value` for any text: a quoted string where ASCII is enough, else percent-encoded UTF-8 (RFC 2231).

    `extended`: the latter also for ASCII.
    """
    if text.isascii() and text.isprintable() and not extended:
        return f'{name}="{escape_quoted(text)}"'
    return f"{name}*=utf-8''{quote(text, safe='', errors='replace')}"


def escape_quoted(text: str) -> str:
    """`text` as it stands inside a quoted string."""
    return _SPECIAL.sub(r"\\\1", text)
