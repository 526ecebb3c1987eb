"""Cue lists: how people say things, as files under rules/words/policy that anybody can read and extend.

A cue is words in lower case without accents. `*` stands for any letters or digits within a word, `...` for anything
within the sentence, a space for white space (` ?`: or none), `.` for a dot that may be missing, `(a|b)` for a choice,
`?` after a letter or a bracket for "may be missing", `\\(` for a bracket itself, `[0-9]` for one of these; `^` and `$`
bind to the start and the end of the text that is searched.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from functools import cache

from scrubber.policy.folded import Pattern, compile_pattern
from scrubber.policy.strict import Value

_GAP, _SPACE, _DOT = "...", " ", "."
_TOKEN = re.compile(r"\.\.\.| \?|\\[()?*.|+]|\[[^\]]*\]|[\s\S]")
_DOTTED = r"\b(?:geb|nr|tel|dhr|mw|mevr|st|dr|mr|ca|incl|excl|evt|bijv|fam|resp|(?:[a-z]\.)+[a-z])\."
_SENTENCE = rf"(?:[^.!?]|[.!?][^\s.!?]|{_DOTTED}\s)*?"
_PLAIN = {
    "*": r"[\w%]*",
    " ": r"\s+",
    " ?": r"\s*",
    "(": "(?:",
    ")": ")",
    "|": "|",
    "?": "?",
    ".": r"\.?",
    "^": "^",
    "$": "$",
}


@cache  # every source's policy reads the same rules
def pattern_of(cue: str) -> str:
    """The re2 pattern that a cue stands for.

    >>> pattern_of("terug*stort*")
    '\\\\bterug\\\\w*stort\\\\w*'
    """
    out = []
    tokens = _TOKEN.findall(cue)
    for index, token in enumerate(tokens):
        if token == _GAP:
            out.append(_SENTENCE)
        elif token == _SPACE and "..." in tokens[max(0, index - 1) : index + 2]:
            beside = tokens[index + 1] if tokens[index - 1] == "..." else tokens[index - 1]
            out.append(r"(?:\b|\s)" if beside[-1].isalnum() or beside in "()*?" else "")
        elif token == _DOT and (index == len(tokens) - 1 or tokens[index + 1] in "|)"):
            out.append(r"\b\.?")
        else:
            out.append(_PLAIN.get(token) or (token if len(token) > 1 or token.isalnum() else re.escape(token)))
    for at in _edges(tokens, 0, len(tokens), forward=True):
        out[at] = r"\b" + out[at]
    for at in _edges(tokens, 0, len(tokens), forward=False):
        out[at] += r"\b"
    return "".join(out)


def _edges(tokens: Sequence[str], low: int, high: int, *, forward: bool) -> list[int]:
    """Indices of the letters that begin (or end) the words in tokens[low:high], in every alternative at that edge."""
    if low >= high:
        return []
    depth = 0
    bars = [low - 1]
    for index in range(low, high):
        depth += (tokens[index] == "(") - (tokens[index] == ")")
        if tokens[index] == "|" and depth == 0:
            bars.append(index)
    bars.append(high)
    found: list[int] = []
    for left, right in itertools.pairwise(bars):
        if left + 1 >= right:
            continue
        edge = left + 1 if forward else right - 1
        whole = tokens[edge] == "(" and tokens[_partner(tokens, edge, forward=True) + 1 :][:1] == ["?"]
        if tokens[edge].isalnum() or whole or (not forward and tokens[edge] == "?"):
            found.append(edge)
        elif tokens[edge] == ("(" if forward else ")"):
            other = _partner(tokens, edge, forward=forward)
            found += _edges(tokens, min(edge, other) + 1, max(edge, other), forward=forward)
    return found


def _partner(tokens: Sequence[str], at: int, *, forward: bool) -> int:
    """The index of the bracket that closes (or opens) the one at `at`; the far end where it has none."""
    depth = 0
    for index in range(at, len(tokens)) if forward else range(at, -1, -1):
        depth += (tokens[index] == "(") - (tokens[index] == ")")
        if depth == 0:
            return index
    return len(tokens) - 1 if forward else 0


def compile_cues(cues: Iterable[str]) -> Pattern | None:
    """One pattern that finds any of the cues; None without cues. ValueError: a cue that is no cue."""
    patterns = [pattern_of(cue) for cue in cues]
    return compile_pattern("|".join(f"(?:{p})" for p in patterns)) if patterns else None


def read_cues(value: Value) -> Pattern | None:
    """The cues in a list of a rules file; the one that is none is refused at its line."""
    cues: list[str] = []
    for item in value.items():
        cue = item.text()
        if cue != cue.lower() or not cue.isascii():
            item.refuse("a cue is written in lower case and without accents")
        brackets = _TOKEN.findall(cue)
        if brackets.count("(") != brackets.count(")"):
            item.refuse("this is no valid cue: a bracket is not closed")
        cues.append(cue)
    try:
        return compile_cues(cues)
    except ValueError:
        for item in value.items():
            _try(item)
        raise


def _try(item: Value) -> None:
    try:
        compile_cues([item.text()])
    except ValueError:
        item.refuse("this is no valid cue")
