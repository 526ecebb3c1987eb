"""The signs by which a trained model judges whether a datum is needed: words around it, and how it stands there.

A sign is a short text, "zone:words": `c` its clause, `b`/`a` just before and after it, `n` its line before it, `m` all
that the sender wrote, `s` the subject line, `f` a circumstance. Words are folded and cut to six letters, what was
found is blanked out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import pairwise

from scrubber.finding import DataSubject
from scrubber.policy.clauses import Context

_TOKEN = re.compile(rb"[a-z]+(?:'[a-z]+)?|[0-9]+|%+|[^\sa-z0-9%]|\n")
_PLAIN = {b"%": "%", b"\n": "NL"}
_LETTERS = 6
_NEAR = 10
_TEXT = 4_000
_CROWD = 3
_MOST = 6
_STRETCH = 15
CLAUSE_LISTS = ("passing", "superseded", "current")
MESSAGE_LISTS = ("sample", "poured", "question", "deed")
"""Lists of needed.yaml that are signs too: in the clause, in all that the sender wrote."""


def words(text: bytes) -> list[str]:
    """The tokens of a folded text: words cut short, numbers as "0", a blanked datum as "%", a line end as "NL"."""
    return list(map(_word, _TOKEN.findall(text)))


@lru_cache(maxsize=50_000)
def _word(token: bytes) -> str:
    first = token[:1]
    return _PLAIN.get(first) or ("0" if first.isdigit() else token[:_LETTERS].decode("latin-1"))


def of_message(text: bytes, subject: bytes, says: Callable[[str], bool]) -> list[str]:
    """Signs of a whole message, the same for every datum in it. `says`: whether a list of MESSAGE_LISTS matches.

    None of them may change when one of its data is removed: what is needed stays needed.
    """
    said = words(text[:_TEXT])
    return [
        *[f"m:{word}" for word in set(said)],
        *{f"m:{one} {two}" for one, two in pairwise(said)},
        *[f"s:{word}" for word in set(words(subject))],
        f"f:data {min(said.count('%'), _MOST)}",
        f"f:length {min(len(said) // _STRETCH, _MOST)}",
        *[f"f:{name}" for name in MESSAGE_LISTS if says(name)],
    ]


def of_datum(context: Context, subject: DataSubject, many: bool, says: Callable[[str], bool]) -> Iterable[str]:
    """Signs of one datum in its place. `says`: whether a list of CLAUSE_LISTS matches its clause."""
    signs = {f"f:{context.segment.kind}", f"f:{subject}"}
    signs.update(f"f:{name}" for name in CLAUSE_LISTS if says(name))
    if context.labelled:
        signs.add("f:labelled")
    if many:
        signs.add("f:many")
    line, after = words(context.line), words(context.after)
    ends = after.index("NL") if "NL" in after else len(after)
    if line.count("%") + after[:ends].count("%") >= _CROWD:
        signs.add("f:crowded")
    clause = words(context.clause)
    signs.update([f"c:{word}" for word in clause])
    signs.update([f"c:{one} {two}" for one, two in pairwise(clause)])
    signs.update([f"c:{one} .. {two}" for one, two in zip(clause, clause[2:], strict=False)])
    signs.update([f"n:{word}" for word in line])
    _beside(signs, "b", words(context.before)[: -_NEAR - 1 : -1])
    _beside(signs, "a", after[:_NEAR])
    return signs


def _beside(signs: set[str], zone: str, near: list[str]) -> None:
    """Words to one side, nearest first: which they are, and the first two by their place."""
    signs.update([f"{zone}:{word}" for word in near])
    signs.update([f"{zone}{place}:{word}" for place, word in enumerate(near[:2], 1)])
    signs.update([f"{zone}:{one} {two}" for one, two in pairwise(near)])
