"""`make model`: trains models/dutch.npz and models/needed.tsv from models/training/*.jsonl, offline."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from models import needs
from models.corpus import read_all
from models.recipe import HERE, TRAINING, Recipe
from scrubber.detection.lexicon import deduce_folder, load_lexicon
from scrubber.detection.model.archive import FILE, save
from scrubber.shipped import shipped_rules

MOST_BYTES = 10_000_000


def main() -> int:
    started = time.monotonic()
    recipe = Recipe.read()
    samples = read_all(TRAINING)
    if not samples:
        print(f"no messages in {TRAINING}", file=sys.stderr)
        return 1
    lexicon = load_lexicon(shipped_rules() / "words", deduce_folder())
    vocabulary, weights = recipe.train(samples, lexicon)
    path: Path = HERE / FILE
    save(path, vocabulary, weights)
    print(needs.train(needs.NeedRecipe.read()))
    minutes = (time.monotonic() - started) / 60
    size = path.stat().st_size
    hands = len({sample.hand for sample in samples})
    print(f"{path.name}: {len(samples)} texts of {hands} hands, {size / 1e6:.1f} MB, {minutes:.1f} minutes")
    return int(size > MOST_BYTES or minutes > 60 * recipe.hours)


if __name__ == "__main__":
    raise SystemExit(main())
