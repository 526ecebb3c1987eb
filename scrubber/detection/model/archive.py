"""The model's file: one .npz of plain arrays and a JSON text; nothing in it is executed."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scrubber.detection.model.features import HERE_SIZE, REACH
from scrubber.detection.model.tagger import Weights
from scrubber.detection.model.vocabulary import KIND_NAMES, Vocabulary
from scrubber.errors import SettingsError

VERSION = 1
FILE = "dutch.npz"


@dataclass(frozen=True, slots=True)
class Model:
    """A trained model. `digest`: SHA-256 (hex) of its file."""

    vocabulary: Vocabulary = field(repr=False)
    weights: Weights = field(repr=False)
    digest: str


def save(path: Path, vocabulary: Vocabulary, weights: Weights) -> None:
    """Write the file. Weights keep three decimal places or so (float16); the same model gives the same bytes."""
    about = {
        "version": VERSION,
        "labels": weights.labels,
        "kinds": KIND_NAMES,
        "words": list(vocabulary.words),
        "affixes": list(vocabulary.affixes),
        "shapes": list(vocabulary.shapes),
        "near_size": weights.near.shape[0],
    }
    arrays = {"about": np.frombuffer(json.dumps(about).encode(), np.uint8), "moves": weights.moves}
    for name, table in (("near", weights.near), ("here", weights.here)):
        places = np.flatnonzero(table)
        arrays[f"{name}_places"] = np.diff(places, prepend=0).astype(np.uint32)
        arrays[f"{name}_values"] = table.reshape(-1)[places].astype(np.float16)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            data = io.BytesIO()
            np.lib.format.write_array(data, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", (2026, 1, 1, 0, 0, 0)), data.getvalue(), zipfile.ZIP_DEFLATED
            )


def load(path: Path) -> Model:
    """Read and check a file, once a process. SettingsError, with the setting, where it can't be used."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"[detection] model: {path} can't be read ({type(error).__name__}); `make model` builds it, "
            'model = "off" does without'
        ) from None
    return _parse(raw, str(path))


@lru_cache(maxsize=2)
def _parse(raw: bytes, name: str) -> Model:
    try:
        model, version = _model(raw)
    except Exception as error:  # noqa: BLE001  # whatever a damaged file provokes
        raise SettingsError(f"[detection] model: {name} is no model of scrubber ({type(error).__name__})") from None
    if model is None:
        raise SettingsError(f"[detection] model: {name} is of version {version}; this scrubber reads {VERSION}")
    return model


def _model(raw: bytes) -> tuple[Model | None, str]:
    """The model and its version; None where it was trained for other features than these."""
    with np.load(io.BytesIO(raw), allow_pickle=False) as arrays:
        about = json.loads(arrays["about"].tobytes())
        if about["version"] != VERSION or tuple(about["kinds"]) != KIND_NAMES:
            return None, str(about["version"])
        labels = tuple(about["labels"])
        near = _dense(arrays, "near", (about["near_size"], (2 * REACH + 1) * len(labels)))
        here = _dense(arrays, "here", (HERE_SIZE + 1, len(labels)))
        weights = Weights(labels, near, here, arrays["moves"].astype(np.float32))
        vocabulary = Vocabulary.of(about["words"], about["affixes"], about["shapes"])
    return Model(vocabulary, weights, hashlib.sha256(raw).hexdigest()), str(VERSION)


def _dense(arrays: Mapping[str, Any], name: str, shape: tuple[int, int]) -> NDArray[np.float32]:
    """A table from its places (each as the distance from the one before) and values."""
    table = np.zeros(shape[0] * shape[1], np.float32)
    table[np.cumsum(arrays[f"{name}_places"].astype(np.int64))] = arrays[f"{name}_values"]
    if not np.isfinite(table).all():
        raise ValueError(name)  # no comparison with what is no number would stop a finding
    return table.reshape(shape)
