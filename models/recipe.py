"""models/config.toml, and the texts to train on: every text, and changed copies of it."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from models.corpus import Sample
from models.crf import fit, vocabulary
from models.exchange import Exchange, Pool
from models.noise import disturb
from scrubber.detection.lexicon import Lexicon
from scrubber.detection.model.features import Extractor
from scrubber.detection.model.tagger import Weights
from scrubber.detection.model.vocabulary import Lists, Vocabulary

HERE = Path(__file__).resolve().parent
TRAINING = HERE / "training"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What models/config.toml says."""

    seed: int
    copies: int
    rounds: int
    c1: float
    c2: float
    least_feature: int
    least_word: int
    least_affix: int
    hours: float

    @staticmethod
    def read(path: Path = HERE / "config.toml") -> Recipe:
        """TypeError names a key that is missing or unknown."""
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        del table["needs"]  # of models/needs.py
        return Recipe(**table)

    def lighter(self) -> Recipe:
        """What measuring takes: half the time, for a model is trained for each hand."""
        return replace(self, copies=self.copies // 2, rounds=self.rounds * 5 // 6)

    def texts(self, samples: Sequence[Sample], lexicon: Lexicon) -> list[Sample]:
        """The samples, and `copies` of each with other names, places and numbers, half of them disturbed."""
        pool, chance = Pool.of(lexicon), random.Random(self.seed)  # noqa: S311  # nothing secret is drawn
        made = list(samples)
        for sample in samples:
            made += [disturb(Exchange(pool, chance).sample(sample), chance) for _ in range(self.copies)]
        return made

    def train(self, samples: Sequence[Sample], lexicon: Lexicon) -> tuple[Vocabulary, Weights]:
        """A vocabulary of the samples as they are, and weights fitted to them and their copies."""
        known = vocabulary(samples, self.least_word, self.least_affix)
        extractor = Extractor(known, Lists.of(lexicon))
        texts = self.texts(samples, lexicon)
        return known, fit(texts, extractor, self.c1, self.c2, self.rounds, self.least_feature)
