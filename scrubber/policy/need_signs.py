"""The signs by which a trained model judges whether a datum is needed: words around it, and how it stands there.

A sign is a short text, "zone:words": `c` its clause, `b`/`a` just before and after it, `n` its line before it, `m` all
that the sender wrote, `s` the subject line, `f` a circumstance. Words are folded and cut to six letters, what was
found is blanked out.

Most signs of a message have no weight, so that to write them all costs more than to add up the few that have one: signs
are kept as a zone and the words themselves, and are written only for training and for who asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from scrubber.finding import DataSubject
from scrubber.policy.clauses import MARK, Context

_TOKEN = re.compile(rb"[a-z]+(?:'[a-z]+)?|[0-9]+|%+|[^\sa-z0-9%]|\n")
_PLAIN = {b"%": "%", b"\n": "NL"}
_LETTERS = 6
_NEAR = 10
_TEXT = 4_000
_CROWD = 3
CIRCUMSTANCE = "f"
_MOST = 6
_STRETCH = 15
CLAUSE_LISTS = ("passing", "superseded", "current")
MESSAGE_LISTS = ("sample", "poured", "question", "deed")
"""Lists of needed.yaml that are signs too: in the clause, in all that the sender wrote."""


Words = str | tuple[str, str]
"""A word of a sign, or the two."""
Signs = list[tuple[str, Collection[Words]]]
"""Zone and the words in it, none twice. After the name of a zone stands what its words are: see PAIR and APART."""
PAIR, APART = "+", ".."
"""Two words that follow each other; two with one between."""


def written(signs: Iterable[tuple[str, Collection[Words]]]) -> Iterator[str]:
    """Each sign as in the file of weights: "c:word", "c:one two", "c:one .. two"."""
    for zone, several in signs:
        for one in several:
            if isinstance(one, str):
                yield f"{zone}:{one}"
            elif zone.endswith(PAIR):
                yield f"{zone.removesuffix(PAIR)}:{one[0]} {one[1]}"
            else:
                yield f"{zone.removesuffix(APART)}:{one[0]} {APART} {one[1]}"


def read(sign: str) -> tuple[str, Words]:
    """Zone and words of a sign as it is written."""
    zone, _, said = sign.partition(":")
    match said.split(" "):
        case [one, two] if zone != CIRCUMSTANCE:
            return zone + PAIR, (one, two)
        case [one, between, two] if between == APART and zone != CIRCUMSTANCE:
            return zone + APART, (one, two)
    return zone, said


def words(text: bytes) -> list[str]:
    """The tokens of a folded text: words cut short, numbers as "0", a blanked datum as "%", a line end as "NL"."""
    return list(map(_word, _TOKEN.findall(text)))


@lru_cache(maxsize=50_000)
def _word(token: bytes) -> str:
    first = token[:1]
    return _PLAIN.get(first) or ("0" if first.isdigit() else token[:_LETTERS].decode("latin-1"))


_MARKED = words(MARK)


def of_message(said: list[str], subject: bytes, says: Callable[[str], bool]) -> Signs:
    """Signs of a whole message, the same for every datum in it. `said`: `message_words` of its text; `says`: whether a
    list of MESSAGE_LISTS matches.

    None of them may change when one of its data is removed: what is needed stays needed.
    """
    circumstances = {
        f"data {min(said.count('%'), _MOST)}",
        f"length {min(len(said) // _STRETCH, _MOST)}",
        *[name for name in MESSAGE_LISTS if says(name)],
    }
    return [("m", set(said)), ("m+", set(pairwise(said))), ("s", set(words(subject))), (CIRCUMSTANCE, circumstances)]


def message_words(text: bytes) -> list[str]:
    """The words of a message from which its signs are made."""
    return words(text[:_TEXT])


def of_datum(context: Context, subject: DataSubject, many: bool, says: Callable[[str], bool]) -> Signs:
    """Signs of one datum in its place. `says`: whether a list of CLAUSE_LISTS matches its clause."""
    circumstances: set[Words] = {context.segment.kind, subject, *[name for name in CLAUSE_LISTS if says(name)]}
    if context.labelled:
        circumstances.add("labelled")
    if many:
        circumstances.add("many")
    line, before, after = words(context.line), words(context.before), words(context.after)
    ends = after.index("NL") if "NL" in after else len(after)
    if line.count("%") + after[:ends].count("%") >= _CROWD:
        circumstances.add("crowded")
    clause = [*words(context.lead), *before, *_MARKED, *after]
    return [
        (CIRCUMSTANCE, circumstances),
        ("c", set(clause)),
        ("c+", set(pairwise(clause))),
        ("c..", set(zip(clause, clause[2:], strict=False))),
        ("n", set(line)),
        *_beside("b", before[: -_NEAR - 1 : -1]),
        *_beside("a", after[:_NEAR]),
    ]


def _beside(zone: str, near: list[str]) -> Signs:
    """Words to one side, nearest first: which they are, and the first two by their place."""
    return [(zone, set(near)), (zone + "1", near[:1]), (zone + "2", near[1:2]), (zone + PAIR, set(pairwise(near)))]
