"""The weights of a trained model, and what they say of a page: spans with a type and a probability.

A linear-chain CRF: the score of a label at a token is the sum of the weights of the token's features (one gather and
one sum for a whole page), and labels that follow each other have a score too. Probabilities come from the forward and
backward sums, over the stretches where anything but O is at all likely.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scrubber.detection.model.features import REACH, Features, Ints

Floats = NDArray[np.float32]
_CHUNK = 1024
_LEAST = 60.0
"""A label that scores so far (log) below the best of its token scores no worse: numbers must not run out."""
_TOGETHER = 64
"""Stretches, of about one length, that are summed over at once."""
_MARGIN = 2.0
"""A token whose best label, with what it costs to move there from O and back, lies so far (log) below O is O."""


Stretch = tuple[int, int, bool, bool]
"""Tokens [begin, end); whether it begins and whether it ends its part."""


class Span(NamedTuple):
    """Tokens [first, last] are one finding; `probability` is the least of its tokens'."""

    entity_type: str
    first: int
    last: int
    probability: float


@dataclass(frozen=True, slots=True)
class Weights:
    """`labels`: O, then B-… and I-… by type. `near`: (near_size, 7 * labels), by neighbour from -3 to 3. `here`:
    (HERE_SIZE + 1, labels; the last row is 0). `moves`: (labels, labels), from row to column."""

    labels: tuple[str, ...]
    near: Floats = field(repr=False)
    here: Floats = field(repr=False)
    moves: Floats = field(repr=False)
    both_ways: NDArray[np.float64] = field(init=False, repr=False)
    """(2, labels, labels): the factors of `moves`, forward and backward."""
    alone: Floats = field(init=False, repr=False)
    """(labels,): what moving from O to the label and back costs, at least; nothing for I, which follows its B."""

    def __post_init__(self) -> None:
        moves = self.moves
        factors = np.exp(moves.astype(np.float64) - moves.max())
        object.__setattr__(self, "both_ways", np.stack([factors, factors.T]))
        alone = np.zeros(len(self.labels), np.float32)
        alone[0] = -np.inf
        for number, label in enumerate(self.labels):
            if label[0] == "B":
                inside = self.labels.index("I" + label[1:])
                alone[number] = moves[0, number] + max(moves[number, 0], moves[number, inside]) - 2 * moves[0, 0]
        object.__setattr__(self, "alone", alone)


def sums(weights: Weights, distinct: Ints) -> Floats:
    """(rows, 7 * labels): the weights of each row of `Features.distinct`, added up."""
    result = np.empty((len(distinct), weights.near.shape[1]), np.float32)
    for at in range(0, len(result), _CHUNK):
        result[at : at + _CHUNK] = weights.near[distinct[at : at + _CHUNK]].sum(1)
    return result


def scores(weights: Weights, features: Features, vocabulary: Floats | None = None) -> Floats:
    """(tokens, labels): the score of each label at each token, without what stands beside it in labels.

    `vocabulary`: the sums of `Extractor.vocabulary_rows`; without them they are worked out.
    """
    n, count = len(features.texts), len(weights.labels)
    if vocabulary is None:
        kinds = sums(weights, features.distinct)
    else:
        kinds = vocabulary[features.known]
        strange = (features.known < 0).nonzero()[0]
        kinds[strange] = sums(weights, features.distinct[strange])
    result = np.empty((n, count), np.float32)
    own = np.empty((n, kinds.shape[1]), np.float32)
    for at in range(0, n, _CHUNK):
        part = slice(at, at + _CHUNK)
        result[part] = weights.here[features.here[part]].sum(1)
        np.add(kinds[features.which[part]], weights.near[features.glued[part]], out=own[part])
    for distance in range(-REACH, REACH + 1):
        column = (distance + REACH) * count
        if distance < 0:
            result[-distance:] += own[:distance, column : column + count]
        elif distance:
            result[:-distance] += own[distance:, column : column + count]
        else:
            result += own[:, column : column + count]
    return result


def _stretches(
    weights: Weights, score: Floats, bounds: Sequence[tuple[int, int]], also: Sequence[int]
) -> list[Stretch]:
    """The tokens where something else than O is likely, and `also`, each with a token more on either side, within its
    part."""
    likely = ((score + weights.alone).max(1) > score[:, 0] - _MARGIN).nonzero()[0].tolist()
    found: list[Stretch] = []
    part = 0
    begin = end = -1
    for token in [*(sorted({*likely, *also}) if also else likely), len(score) + 1]:
        if end >= 0 and token > end:
            first, last = bounds[part]
            found.append((begin, end, begin == first, end == last))
            begin = end = -1
        if token > len(score):
            break
        while token >= bounds[part][1] + REACH:
            part += 1
        first, last = bounds[part]
        if token >= last:
            continue  # an empty one
        if begin < 0:
            begin = max(first, token - 1)
        end = min(last, token + 2)
    return found


def marginals(weights: Weights, score: Floats, stretches: Sequence[Stretch]) -> list[Floats]:
    """(tokens, labels) of each stretch: the probability of each label at each token.

    O stands before and behind a stretch, unless it begins or ends its part. All stretches go forward and backward at
    once, the short ones idling at their end.
    """
    count, moves = score.shape[1], weights.both_ways
    sizes = np.array([end - begin for begin, end, _, _ in stretches])
    edges = sizes.cumsum()
    # Of every token of every stretch: the stretch, the place in it, the place from its end, the place in `score`.
    number = np.repeat(np.arange(len(stretches)), sizes)
    place = np.arange(edges[-1]) - (edges - sizes)[number]
    back = sizes[number] - 1 - place
    part = score[np.array([begin for begin, _, _, _ in stretches])[number] + place]
    part = np.exp(np.maximum(part - part.max(1, keepdims=True), -_LEAST, dtype=np.float64))
    longest = int(sizes.max())
    seen = np.ones((longest, 2, len(stretches), count))
    seen[place, 0, number] = part
    seen[back, 1, number] = part
    state = np.ones((2, len(stretches), count))
    state[0, [not begins for _, _, begins, _ in stretches]] = moves[0, 0]
    state[1, [not ends for _, _, _, ends in stretches]] = moves[1, 0]
    both_ways = np.empty_like(seen)
    for i in range(longest):
        step = both_ways[i]
        np.multiply(state, seen[i], out=step)
        if not i & 3:
            step /= step.sum(2, keepdims=True)
        state = step @ moves
    both = both_ways[place, 0, number] * both_ways[back, 1, number] / part
    chances = np.asarray(both / both.sum(1, keepdims=True), np.float32)
    return [chances[edge - size : edge] for edge, size in zip(edges.tolist(), sizes.tolist(), strict=True)]


def decode(labels: Sequence[str], chances: Floats, first: int) -> list[Span]:
    """The spans of one stretch that begins at token `first`: each token its likeliest type, B where one begins."""
    spans: list[Span] = []
    best = chances.argmax(1).tolist()
    if not any(best):  # label 0 is O
        return spans
    types = [label[2:] for label in labels]
    begin, kind, least = -1, "", 1.0
    for i, number in enumerate(best):
        label = labels[number]
        if begin >= 0 and (label[0] != "I" or types[number] != kind):
            spans.append(Span(kind, first + begin, first + i - 1, least))
            begin = -1
        if label == "O":
            continue
        row = chances[i]
        chance = float(sum(row[j] for j, other in enumerate(types) if other == types[number]))
        if begin < 0:
            begin, kind, least = i, types[number], chance
        least = min(least, chance)
    if begin >= 0:
        spans.append(Span(kind, first + begin, first + len(best) - 1, least))
    return spans


def look(
    weights: Weights, features: Features, also: Sequence[int] = (), vocabulary: Floats | None = None
) -> list[tuple[int, Floats]]:
    """(first token, probabilities of its tokens) of each stretch where something is likely, and round `also`, tokens
    that are asked about anyway. `vocabulary`: see `scores`."""
    if not features.texts:
        return []
    score = scores(weights, features, vocabulary)
    stretches = sorted(_stretches(weights, score, features.bounds, also), key=lambda s: s[1] - s[0])
    found: list[tuple[int, Floats]] = []
    for at in range(0, len(stretches), _TOGETHER):
        together = stretches[at : at + _TOGETHER]
        found += zip([stretch[0] for stretch in together], marginals(weights, score, together), strict=True)
    return sorted(found, key=lambda stretch: stretch[0])


def spans(weights: Weights, features: Features, looked: Sequence[tuple[int, Floats]]) -> list[list[Span]]:
    """Of each part, everything in the stretches that is likelier than not some type's, in order."""
    found: list[list[Span]] = [[] for _ in features.bounds]
    lasts = [last for _, last in features.bounds]
    for begin, chances in looked:
        if decoded := decode(weights.labels, chances, begin):
            found[bisect_right(lasts, begin)] += decoded
    return found


def chance(weights: Weights, looked: Sequence[tuple[int, Floats]], first: int, last: int, entity_type: str) -> float:
    """The mean probability that the tokens [first, last], which were asked about, are of the type."""
    begin, chances = looked[bisect_right(looked, first, key=lambda stretch: stretch[0]) - 1]
    columns = [number for number, label in enumerate(weights.labels) if label[2:] == entity_type]
    return float(chances[first - begin : last - begin + 1, columns].sum(1).mean())
