"""Character references of HTML and percent escapes of URLs: decoded with a map, and written for where they stand.

Sources: WHATWG HTML (character references), RFC 3986 (percent-encoding).
"""

from __future__ import annotations

import html
import re
from html.entities import html5
from typing import Literal
from urllib.parse import quote

from scrubber.formats.spans import TextMap

Quote = Literal['"', "'", ""]

_REFERENCE = re.compile(r"&(?:#[xX]0*+[0-9a-fA-F]{1,20}+;?|#0*+[0-9]{1,20}+;?|([a-zA-Z][a-zA-Z0-9]{0,31}+)(;?))")
_LONGEST_BARE = 6
_URL_ESCAPE = re.compile(r"(?:%[0-9a-fA-F]{2})++|(?<=[0-9A-Za-z])\+(?=[0-9A-Za-z])")
_UNQUOTED = re.compile(r"[\s\"'=<>`]")


def reference(source: str, at: int, end: int, *, attribute: bool) -> tuple[str, int] | None:
    """The text of the reference that starts at `source[at]` == "&", and where it ends; None: it is a bare ampersand.

    Names without a semicolon are read where browsers read them ("&eacutet" is "ét"; in attributes at a word's end).
    """
    found = _REFERENCE.match(source, at, end)
    if found is None:
        return None
    name = found[1]
    if name is None:
        return html.unescape(found[0] if found[0].endswith(";") else found[0] + ";"), found.end()
    if found[2] and (text := html5.get(name + ";")) is not None:
        return text, found.end()
    for length in range(min(len(name), _LONGEST_BARE), 1, -1):
        if (text := html5.get(name[:length])) is not None:
            stop = at + 1 + length
            following = source[stop : min(stop + 1, end)]
            if attribute and (following.isalnum() or following == "="):
                return None
            return text, stop
    return None


def unescape(source: str, start: int, end: int) -> TextMap:
    """An attribute's value at source[start:end], mapped to positions in `source`."""
    value = TextMap()
    at = start
    while (mark := source.find("&", at, end)) >= 0:
        found = reference(source, mark, end, attribute=True)
        if found is None:
            value.copy(source[at : mark + 1], at)
            at = mark + 1
        else:
            value.copy(source[at:mark], at)
            value.atom(found[0], mark, found[1])
            at = found[1]
    value.copy(source[at:end], at)
    return value


def unpercent(url: str) -> TextMap:
    """A URL as a person reads it: escapes as UTF-8 (else ISO 8859-1), "+" between words of a query as a space."""
    readable = TextMap()
    at = 0
    query = url.find("?")
    for escape in _URL_ESCAPE.finditer(url):
        start, end = escape.span()
        if url[start] == "+":
            if not 0 <= query < start:
                continue
            readable.copy(url[at:start], at)
            readable.atom(" ", start, end)
            at = end
            continue
        readable.copy(url[at:start], at)
        data = bytes.fromhex(url[start:end].replace("%", ""))
        try:
            text, codec = data.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            text, codec = data.decode("latin-1"), "latin-1"
        for character in text:
            stop = start + 3 * len(character.encode(codec))
            readable.atom(character, start, stop)
            start = stop
        at = end
    readable.copy(url[at:], at)
    return readable


def percent(text: str) -> str:
    """`text` as part of a URL."""
    return quote(text, safe="")


def escape_text(text: str) -> str:
    """`text` between tags."""
    return html.escape(text, quote=False)


def escape_comment(text: str) -> str:
    """`text` inside a comment, which it can't end."""
    return escape_text(text).replace("--", "-&#45;")


def escape_attribute(text: str, quoted: Quote) -> str:
    """`text` in an attribute's value that is quoted with `quoted` ("" = not quoted)."""
    escaped = html.escape(text, quote=False)
    if quoted:
        return escaped.replace(quoted, f"&#{ord(quoted)};")
    return _UNQUOTED.sub(lambda found: f"&#{ord(found[0])};", escaped)
