"""The header fields of a message or a part, and where they end. Nothing is decoded.

Lines that are no field are skipped up to the blank line, as mail programs do, and kept as what they say. A header
without one valid field is none: it is the body. Source: RFC 5322.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import NamedTuple

from scrubber.budget import Budget
from scrubber.errors import BudgetExceeded

ODD_LINES = ""
"""The name of a "field" that is none: lines in a header that are no header fields, and the "From " line of an mbox."""
LONGEST_FIELD = 256 * 1024
"""Bytes of one header field."""

_KEPT = frozenset({
    "content-type", "content-transfer-encoding", "content-disposition", "content-description", "subject", "from", "to",
    "cc", "bcc", "reply-to", "sender",
})  # fmt: skip


class Field(NamedTuple):
    """A header field: payload[start:end] is its value, folds included, without the last line end."""

    name: str
    start: int
    end: int


class HeaderReader:
    """Reads headers of one payload. Lines and the characters of fields are taken from the budget.

    BudgetExceeded "header": one field is longer than LONGEST_FIELD.
    """

    def __init__(self, payload: bytes, newline: bytes, budget: Budget) -> None:
        self.payload = payload
        self.newline = newline
        self.budget = budget
        n = rb"\n" if newline == b"\n" else rb"\r"
        self.field = re.compile(rb"([!-9;-~]++)[ \t]*+:([^%b]*+(?:%b[ \t][^%b]*+)*+)(?:%b|\Z)" % (n, n, n, n))

    def read(self, at: int, delimiter_at: Callable[[int], object | None]) -> tuple[tuple[Field, ...], int, bool]:
        """The fields of the header at `at`, where the body starts, and whether readers could differ about that."""
        payload = self.payload
        if payload.startswith(codecs.BOM_UTF8, at):
            at += len(codecs.BOM_UTF8)
        fields: list[Field] = []
        if payload.startswith((b"From ", b">From "), at):
            fields.append(self.odd_lines(at, self.line_after(at)))
            at = fields[0].end + len(self.line_end_at(fields[0].end))
        sure = named = 0
        odd = odd_since = -1
        while at < len(payload) and not (blank := self.line_end_at(at)):
            if payload.startswith(b"--", at) and delimiter_at(at) is not None:
                break
            self.budget.take_characters(1)
            found = self.field.match(payload, at)
            name = found[1].decode("ascii").lower() if found else ""
            if found is None or (odd >= 0 and name not in _KEPT):
                if odd < 0:
                    odd, sure = at, len(fields)
                odd_since = at if odd_since < 0 else odd_since
                at = found.end() if found else self.line_after(at)
                continue
            if odd_since >= 0:
                fields.append(self.odd_lines(odd_since, at))
                odd_since = -1
            start, end = found.span(2)
            end -= payload.endswith(b"\r", start, end)
            if end - start > LONGEST_FIELD:
                raise BudgetExceeded("header")
            self.budget.take_characters(end - start)
            fields.append(Field(name, start, end))
            named += 1
            at = found.end()
        else:
            if odd_since >= 0 and named and at < len(payload):
                fields.append(self.odd_lines(odd_since, at))
            if at < len(payload) and (named or odd < 0):
                return tuple(fields), at + len(blank), odd >= 0
        return (tuple(fields), at, False) if odd < 0 else (tuple(fields[:sure]), odd, len(fields) > sure)

    def line_end_at(self, at: int) -> bytes:
        """The line end that stands at `at`, or nothing."""
        if self.payload.startswith(b"\r\n", at):
            return b"\r\n"
        return self.newline if self.payload.startswith(self.newline, at) else b""

    def odd_lines(self, start: int, end: int) -> Field:
        """payload[start:end] without its last line end."""
        end -= self.payload.endswith(self.newline, start, end)
        end -= self.newline == b"\n" and self.payload.endswith(b"\r", start, end)
        self.budget.take_characters(end - start)
        return Field(ODD_LINES, start, end)

    def line_after(self, at: int) -> int:
        stop = self.payload.find(self.newline, at)
        return len(self.payload) if stop < 0 else stop + 1
