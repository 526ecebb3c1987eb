"""Lines that only a transport broke, joined again, so that a value broken over two lines is one."""

from __future__ import annotations

import re

from scrubber.formats.spans import TextMap

_LINE = re.compile(r"(>*+)([^\r\n]*+)(?:\r\n|\n|\r|\Z)")
_FOLD = re.compile(r"\r?\n[ \t]")


def unflow(text: str, *, delete_space: bool) -> TextMap:
    """RFC 3676 format=flowed: a line that ends in a space goes on in the next one of the same quote depth.

    `delete_space` is the DelSp parameter. The signature separator "-- " is a line of its own. Quote marks and stuffing
    of a line that was joined to the one before disappear; everything else stays as it stands.
    """
    joined = TextMap()
    at = 0
    line = _LINE.match(text)
    while line is not None:
        following = _LINE.match(text, line.end()) if line.end() < len(text) else None
        if following is None or not _flows(line) or _is_signature(following) or following[1] != line[1]:
            joined.copy(text[at : line.end()], at)
            at = line.end()
        else:
            space = line.end(2) - 1
            joined.copy(text[at:space], at)
            at = following.end(1) + (following[2][:1] == " ")
            if not delete_space:
                joined.atom(" ", space, at)
        line = following
    return joined


def _flows(line: re.Match[str]) -> bool:
    return line[2].endswith(" ") and not _is_signature(line)


def _is_signature(line: re.Match[str]) -> bool:
    return line[2].removeprefix(" ") == "-- " or line[2] == "-- "


def unfold(text: str) -> TextMap:
    """RFC 5545 and RFC 6350 (calendar, vCard): a line end with one space or tab behind it is nothing."""
    joined = TextMap()
    at = 0
    for fold in _FOLD.finditer(text):
        joined.copy(text[at : fold.start()], at)
        at = fold.end()
    joined.copy(text[at:], at)
    return joined
