"""The tagger's sums, against the same worked out by trying every labelling."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from scrubber.detection.model.spans import trimmed
from scrubber.detection.model.tagger import Floats, Weights, decode, marginals

LABELS = ("O", "B-PERSON", "I-PERSON")


@pytest.fixture
def weights() -> Weights:
    moves = np.array([[1.0, 0.2, -30.0], [0.4, -1.0, 0.7], [0.1, -1.0, 0.5]], np.float32)
    return Weights(LABELS, np.zeros((1, 21), np.float32), np.zeros((1, 3), np.float32), moves)


def by_trying(weights: Weights, score: Floats, begins: bool, ends: bool) -> Floats:
    total = np.zeros(score.shape)
    for path in product(range(3), repeat=len(score)):
        value = sum(score[i, label] for i, label in enumerate(path))
        value += sum(weights.moves[a, b] for a, b in pairwise(path))
        value += 0 if begins else weights.moves[0, path[0]]
        value += 0 if ends else weights.moves[path[-1], 0]
        for i, label in enumerate(path):
            total[i, label] += np.exp(value)
    return np.asarray(total / total.sum(1, keepdims=True), np.float32)


def test_probabilities_are_those_of_all_labellings(weights: Weights) -> None:
    score = np.random.default_rng(1).normal(0, 2, (9, 3)).astype(np.float32)
    stretches = [(0, 4, True, False), (4, 9, False, True), (2, 3, False, False)]
    for (begin, end, begins, ends), chances in zip(stretches, marginals(weights, score, stretches), strict=True):
        assert np.allclose(chances, by_trying(weights, score[begin:end], begins, ends), atol=1e-5)


def test_a_long_stretch_does_not_run_out_of_numbers(weights: Weights) -> None:
    score = np.random.default_rng(2).normal(0, 20, (1_500, 3)).astype(np.float32)
    (chances,) = marginals(weights, score, [(0, 1_500, True, True)])
    assert np.isfinite(chances).all()


def test_spans_begin_at_b_and_keep_their_least_probability() -> None:
    chances = np.array([[0.1, 0.9, 0], [0.2, 0, 0.8], [0.9, 0.1, 0], [0.3, 0.7, 0], [0.4, 0.6, 0]], np.float32)
    found = decode(LABELS, chances, 10)
    assert [(s.entity_type, s.first, s.last) for s in found] == [
        ("PERSON", 10, 11),
        ("PERSON", 13, 13),
        ("PERSON", 14, 14),
    ]
    assert found[0].probability == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("kind", "text", "found", "exact"),
    [
        ("CREDENTIAL", "code 7hQ-x92Lp!aa .", "7hQ-x92Lp", "7hQ-x92Lp!aa"),
        ("CREDENTIAL", "ww: Geheim77!", "Geheim77", "Geheim77"),
        ("CREDENTIAL", "ww: Geheim77!", "Geheim77!", "Geheim77!"),
        ("CREDENTIAL", "root:Geheim77@host", "Geheim77", "Geheim77@host"),
        ("CREDENTIAL", "id 6f1c9a20-77e2-4b0e-9c11-0de0f5a1c3b7 faalt", "6f1c9a20-77e2-4b0e", ""),
        ("CREDENTIAL", "sha 9e107d9d372bb6826bd81d3542a419d6", "9e107d9d372bb6826bd81d3542a419d6", ""),
        ("CREDENTIAL", "code 9e107d9d372bb682", "9e107d9d372bb682", "9e107d9d372bb682"),
        ("PERSON", "medewerker 00417 Tadesse, hier", "00417 Tadesse,", "Tadesse"),
        ("PERSON", "door J. van Dam.", "J. van Dam.", "J. van Dam"),
        ("PERSON", "groet K.W.", "K.W.", "K.W."),
        ("PERSON", "nummer 12345", "12345", ""),
        ("ADDRESS", "Dorpsweg 3, hier", "Dorpsweg 3,", "Dorpsweg 3"),
    ],
)
def test_edges(kind: str, text: str, found: str, exact: str) -> None:
    start = text.index(found)
    begin, end = trimmed(text, kind, start, start + len(found))
    assert text[begin:end] == exact
