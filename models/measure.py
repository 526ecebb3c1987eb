"""What the model is worth.

python -m models.measure                    each pair of hands by a model trained on the others: models/scores.json
python -m models.measure CORPUS.jsonl       the rows of the comparison on a marked corpus, with CPU time a message
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from models.corpus import read
from models.recipe import HERE, TRAINING, Recipe
from models.rows import ROWS, available, detector, marked, milliseconds, summary, tally
from scrubber.detection.analyzer import PresidioDetector
from scrubber.detection.ner import DutchNerRecognizer
from scrubber.errors import SettingsError
from scrubber.evaluation import Tally

SCORES = HERE / "scores.json"
_TYPES = ("PERSON", "ADDRESS", "CREDENTIAL", "DATE_OF_BIRTH", "SPECIAL_CATEGORY", "all")


def corpus(path: Path) -> None:
    """Print a table: recall and precision of the types that the model is about, and what a message costs."""
    messages = marked(path)
    print("| row | " + " | ".join(f"{kind}: recall / precision" for kind in _TYPES) + " | ms a message |")
    print("|---" * (len(_TYPES) + 2) + "|")
    for row, asked in available(ROWS, lambda text: print(text, file=sys.stderr)).items():
        scores = summary(tally(asked, messages))
        cells = [f"{scores[kind]['recall']:.3f} / {scores[kind]['precision']:.3f}" for kind in _TYPES if kind in scores]
        print(f"| {row} | " + " | ".join(cells) + f" | {milliseconds(asked, messages):.2f} |", flush=True)


def _ner(asked: PresidioDetector) -> DutchNerRecognizer:
    return next(r for r in asked.recognizers if isinstance(r, DutchNerRecognizer))


def _hands(paths: Sequence[Path]) -> dict[str, Tally]:
    """The rows' counts on some hands' messages, by a model that was trained on the other hands."""
    recipe = Recipe.read().lighter()
    rows = {row: detector(row) for row in ROWS[:4]}
    samples = [sample for other in sorted(TRAINING.glob("*.jsonl")) if other not in paths for sample in read(other)]
    vocabulary, weights = recipe.train(samples, rows["+ lists"].configuration.lexicon)
    messages = [message for path in paths for message in marked(path)]
    counted = {}
    for row, asked in rows.items():
        if "model" in row:
            _ner(asked).use(vocabulary, weights)
        counted[row] = tally(asked, messages)
    print(*(path.stem for path in paths), "done", file=sys.stderr, flush=True)
    return counted


def cross() -> dict[str, object]:
    """Scores over all hands, each pair of hands by a model that was trained on the others. Two at a time."""
    paths = sorted(TRAINING.glob("*.jsonl"))
    pairs = [paths[at : at + 2] for at in range(0, len(paths), 2)]
    total = {row: Tally() for row in ROWS[:4]}
    with ProcessPoolExecutor(2) as workers:
        for counted in workers.map(_hands, pairs):
            for row, tallied in counted.items():
                total[row].messages += tallied.messages
                for kind, counts in tallied.types.items():
                    total[row].types[kind].update(counts)
    scores = {row: summary(tallied) for row, tallied in total.items()}
    return {"hands": len(paths), "messages": total["rules"].messages, "rows": scores}


def main() -> int:
    given = argparse.ArgumentParser(prog="python -m models.measure", description="What the model is worth.")
    given.add_argument("corpus", nargs="?", type=Path, metavar="CORPUS.jsonl", help="none: writes models/scores.json")
    path = given.parse_args().corpus
    if path is None:
        kept = json.loads(SCORES.read_text(encoding="utf-8")) if SCORES.is_file() else {}
        SCORES.write_text(json.dumps(kept | {"cross": cross()}, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        return 0
    try:
        corpus(path)
    except (OSError, ValueError, SettingsError) as error:
        print(f"{path}: no marked corpus ({error})", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
