"""Fitting the weights: python-crfsuite over the features that scrubber itself computes."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pycrfsuite

from models.corpus import OTHER, TYPES, Sample, plain
from scrubber.detection.fold import fold
from scrubber.detection.lexicon import Lexicon
from scrubber.detection.model.blocks import whole
from scrubber.detection.model.features import HERE_SIZE, NEAR, REACH, Extractor, Features
from scrubber.detection.model.tagger import Weights
from scrubber.detection.model.tokens import tokenize
from scrubber.detection.model.vocabulary import SHAPES, Vocabulary, shape
from scrubber.detection.page import Page

LABELS = ("O", *(f"{begin}-{kind}" for kind in (*TYPES, OTHER) for begin in "BI"))
_FAR = (0, 4, 5, 6)
"""Columns of `near` that count three tokens away; the others reach two."""


def vocabulary(samples: Sequence[Sample], words: int = 4, affixes: int = 6) -> Vocabulary:
    """What occurs in at least `words` texts (ends of words: `affixes`), and the commonest forms."""
    seen_words: Counter[str] = Counter()
    seen_affixes: Counter[str] = Counter()
    seen_shapes: Counter[str] = Counter()
    for sample in samples:
        tokens = {token.text for token in tokenize(fold(plain(sample.pieces)[0]))}
        seen_shapes.update({shape(token) for token in tokens})
        lower = {token.lower() for token in tokens if not token.isdigit()}
        seen_words.update(lower)
        for word in lower:
            if len(word) > 3 and word.isalpha():
                seen_affixes.update(("^" + word[:3], word[-3:] + "$", word[-4:] + "$"))
    shapes = [form for form, _ in seen_shapes.most_common(SHAPES - 1)]
    return Vocabulary.of(
        sorted(word for word, count in seen_words.items() if count >= words),
        sorted(affix for affix, count in seen_affixes.items() if count >= affixes),
        shapes,
    )


def page(sample: Sample, lexicon: Lexicon) -> tuple[Page, list[tuple[int, int, str]]]:
    """The page as the detector makes it, and the marks as offsets in `Page.folded`."""
    text, marks = plain(sample.pieces)
    made = Page(text, lexicon, sender=sample.sender, context=sample.context)
    if len(made.folded) == len(text):
        return made, marks
    places = {made.original(i, i + 1)[0]: i for i in range(len(made.folded))}
    moved = []
    for start, end, kind in marks:
        inside = [places[i] for i in range(start, end) if i in places]
        if inside:
            moved.append((inside[0], inside[-1] + 1, kind))
    return made, moved


def labels(features: Features, marks: Sequence[tuple[int, int, str]]) -> list[str]:
    """One of LABELS for each token."""
    result = ["O"] * features.bounds[0][1]
    at = 0
    for start, end, kind in marks:
        while at < len(result) and features.ends[at] <= start:
            at += 1
        first = at
        while at < len(result) and features.starts[at] < end:
            result[at] = ("B-" if at == first else "I-") + kind
            at += 1
    return result


def attributes(features: Features) -> list[list[str]]:
    """The features of each token by name: n<distance>:<number>, h<number>."""
    n = features.bounds[0][1]
    rows: list[list[str]] = [[f"h{number}" for number in row] for row in features.here[:n].tolist()]
    near = features.near.tolist()
    for distance in range(-REACH, REACH + 1):
        columns = range(NEAR) if abs(distance) < REACH else _FAR
        for i in range(max(0, -distance), min(n, n - distance)):
            other = near[i + distance]
            rows[i] += [f"n{distance}:{other[c]}" for c in columns if other[c]]
    return rows


def fit(
    samples: Sequence[Sample],
    extractor: Extractor,
    c1: float = 0.05,
    c2: float = 0.02,
    rounds: int = 60,
    least: int = 3,
) -> Weights:
    """The weights that explain the samples best. Deterministic."""
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"c1": c1, "c2": c2, "max_iterations": rounds, "feature.minfreq": least})
    lexicon = extractor.lists.lexicon
    for sample in samples:
        made, marks = page(sample, lexicon)
        features = extractor.features([whole(made)])
        if features.bounds[0][1]:
            trainer.append(attributes(features), labels(features, marks))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "crf")
        trainer.train(str(file))
        tagger = pycrfsuite.Tagger()
        tagger.open(str(file))
        info = tagger.info()
        tagger.close()
    return weights(info.state_features, info.transitions, extractor.near_size)


def weights(states: dict[tuple[str, str], float], moves: dict[tuple[str, str], float], near_size: int) -> Weights:
    number = {label: n for n, label in enumerate(LABELS)}
    count = len(LABELS)
    near = np.zeros((near_size, 2 * REACH + 1, count), np.float32)
    here = np.zeros((HERE_SIZE + 1, count), np.float32)
    for (name, label), weight in states.items():
        if name[0] == "h":
            here[int(name[1:]), number[label]] = weight
        else:
            distance, _, which = name[1:].partition(":")
            near[int(which), int(distance) + REACH, number[label]] = weight
    move = np.full((count, count), -8.0, np.float32)
    for (one, other), weight in moves.items():
        move[number[one], number[other]] = weight
    for one in LABELS:
        for other in LABELS:
            allowed = other[0] != "I" or one[2:] == other[2:]
            if not allowed:
                move[number[one], number[other]] = -30.0
            elif (one, other) not in moves:
                move[number[one], number[other]] = 0.0
    return Weights(LABELS, near.reshape(near_size, -1), here, move)
