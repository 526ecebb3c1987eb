"""The model's file: what is saved is what is loaded, and a bad file names the setting."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scrubber.detection.model import archive
from scrubber.detection.model.features import HERE_SIZE, REACH
from scrubber.detection.model.tagger import Weights
from scrubber.detection.model.vocabulary import Vocabulary
from scrubber.errors import SettingsError
from scrubber.shipped import shipped_models

LABELS = ("O", "B-PERSON", "I-PERSON")


def saved(path: Path) -> tuple[Vocabulary, Weights]:
    chance = np.random.default_rng(3)
    near = chance.normal(0, 1, (50, (2 * REACH + 1) * 3)).astype(np.float32)
    near[chance.random(near.shape) < 0.9] = 0
    here = np.zeros((HERE_SIZE + 1, 3), np.float32)
    here[7, 1] = 1.5
    vocabulary = Vocabulary.of(["de", "het"], ["^abc"], ["Xx"])
    weights = Weights(LABELS, near, here, np.zeros((3, 3), np.float32))
    archive.save(path, vocabulary, weights)
    return vocabulary, weights


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    vocabulary, weights = saved(tmp_path / "a.npz")
    model = archive.load(tmp_path / "a.npz")
    assert model.vocabulary == vocabulary
    assert model.weights.labels == LABELS
    assert np.allclose(model.weights.near, weights.near, atol=2e-3)
    assert np.array_equal(model.weights.here, weights.here)


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    saved(tmp_path / "a.npz")
    saved(tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_a_missing_file_names_setting_and_mend(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"\[detection\] model: .*nowhere.npz can't be read.*`make model`"):
        archive.load(tmp_path / "nowhere.npz")


@pytest.mark.parametrize("damage", [b"", b"PK nonsense", b"cut"])
def test_a_damaged_file_names_setting(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "a.npz"
    saved(path)
    path.write_bytes(path.read_bytes()[:300] if damage == b"cut" else damage)
    with pytest.raises(SettingsError, match=r"\[detection\] model: .*a.npz is no model of scrubber"):
        archive.load(path)


def test_a_model_of_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "VERSION", 0)
    saved(tmp_path / "a.npz")
    monkeypatch.undo()
    with pytest.raises(SettingsError, match="is of version 0; this scrubber reads 1"):
        archive.load(tmp_path / "a.npz")


def test_the_shipped_model_is_small_and_loads() -> None:
    path = shipped_models() / archive.FILE
    assert path.stat().st_size <= 10_000_000
    assert "B-PERSON" in archive.load(path).weights.labels
