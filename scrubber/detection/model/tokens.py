"""Folded text in pieces: runs of letters and digits, single signs, and line ends."""

from __future__ import annotations

import re
from functools import partial
from itertools import accumulate
from typing import NamedTuple

_TOKEN = re.compile(r"([A-Za-z0-9\xaa-\xff]+|\n\s*|[^\sA-Za-z0-9\xaa-\xff])")


class Token(NamedTuple):
    """[start, end) in the folded text. A line end takes the blanks and line ends that follow it."""

    start: int
    end: int
    text: str


_make = partial(tuple.__new__, Token)


def cut(folded: str) -> tuple[list[int], list[int], list[str]]:
    """Where the tokens start, where they end, and what they are: every character that is no blank stands in exactly
    one; line ends are tokens too."""
    parts = _TOKEN.split(folded)  # blanks, a token, blanks, ...
    edges = list(accumulate(map(len, parts)))
    return edges[:-1:2], edges[1::2], parts[1::2]


def tokenize(folded: str) -> list[Token]:
    """As `cut`, token by token.

    >>> [token.text for token in tokenize("Jan, tel. 06-12\\n")]
    ['Jan', ',', 'tel', '.', '06', '-', '12', '\\n']
    """
    return list(map(_make, zip(*cut(folded), strict=True)))
