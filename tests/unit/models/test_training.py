"""The recipe: marks to labels, other data in the same sentences, noise, and a fit that learns a context."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from models.corpus import Piece, Sample, pieces, plain, read, read_all
from models.crf import LABELS, fit, labels, page, vocabulary
from models.exchange import Exchange, Pool
from models.noise import disturb
from models.recipe import Recipe
from scrubber.detection.lexicon import Lexicon, deduce_folder, load_lexicon
from scrubber.detection.model.blocks import whole
from scrubber.detection.model.features import Extractor
from scrubber.detection.model.tagger import look, spans
from scrubber.detection.model.vocabulary import Lists
from scrubber.message import Sender
from scrubber.shipped import shipped_rules

MARKED = (
    "Beste [[PERSON.third|Joost]],\nmijn ww is [[CREDENTIAL|Zomer#77]] en ik woon [[ADDRESS|Kerklaan 12, 1234 AB Ede]]."
)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon(shipped_rules() / "words", deduce_folder())


def sample(marked: str, name: str = "") -> Sample:
    return Sample("hand", pieces(marked), Sender(name, "", ""), "")


def test_marks_become_pieces_and_labels(lexicon: Lexicon) -> None:
    one = sample(MARKED)
    text, marks = plain(one.pieces)
    assert [(text[s:e], kind) for s, e, kind in marks] == [
        ("Joost", "PERSON"), ("Zomer#77", "CREDENTIAL"), ("Kerklaan 12, 1234 AB Ede", "ADDRESS"),
    ]  # fmt: skip
    made, marks = page(one, lexicon)
    known = vocabulary([one])
    features = Extractor(known, Lists.of(lexicon)).features([whole(made)])
    named = [
        (t.text, label) for t, label in zip(features.tokens, labels(features, marks), strict=False) if label != "O"
    ]
    assert named[:4] == [
        ("Joost", "B-PERSON"),
        ("Zomer", "B-CREDENTIAL"),
        ("#", "I-CREDENTIAL"),
        ("77", "I-CREDENTIAL"),
    ]
    assert named[-1] == ("Ede", "I-ADDRESS")


def test_marks_keep_their_place_after_invisible_characters(lexicon: Lexicon) -> None:
    made, marks = page(sample("ww \u200bis\u200b [[CREDENTIAL|Zo\u200bmer77]] dus"), lexicon)
    assert [(made.folded[s:e], kind) for s, e, kind in marks] == [("Zomer77", "CREDENTIAL")]


def test_other_types_are_other() -> None:
    assert [p.label for p in pieces("bsn [[NL_BSN|123456782]] x")] == ["", "OTHER", ""]


def test_an_exchange_changes_the_data_and_nothing_else(lexicon: Lexicon) -> None:
    pool = Pool.of(lexicon)
    one = sample(MARKED.replace("Joost", "Joost Jansen") + " Groet, [[PERSON|Joost]]", "Joost Jansen")
    changed = set()
    for seed in range(20):
        other = Exchange(pool, random.Random(seed)).sample(one)
        assert [p.label for p in other.pieces] == [p.label for p in one.pieces]
        assert other.pieces[0].text == "Beste "
        first, last = [p.text for p in other.pieces if p.label == "PERSON"]
        assert first.startswith(last)
        assert other.sender.name == first
        changed.add(first)
        address = next(p.text for p in other.pieces if p.label == "ADDRESS")
        assert address.split()[-2].isalpha() or address.split()[-2].isdigit() or "-" in address
    assert len(changed) > 10


def test_the_same_seed_gives_the_same_texts(lexicon: Lexicon) -> None:
    recipe = Recipe.read()
    assert recipe.texts([sample(MARKED)], lexicon) == recipe.texts([sample(MARKED)], lexicon)
    assert len(recipe.texts([sample(MARKED)], lexicon)) == 1 + recipe.copies


def test_noise_keeps_labels_and_secrets() -> None:
    one = sample(MARKED)
    seen = set()
    for seed in range(200):
        other = disturb(one, random.Random(seed))
        assert [p.label for p in other.pieces] == [p.label for p in one.pieces]
        assert next(p.text for p in other.pieces if p.label == "CREDENTIAL") == "Zomer#77"
        seen.add(plain(other.pieces)[0])
    assert len(seen) > 5


def test_a_fit_learns_a_context(lexicon: Lexicon) -> None:
    texts = [sample(f"de sleutelzin luidt [[CREDENTIAL|{word}]] en meer niet") for word in ("aap1", "noot2", "mies3")]
    texts += [sample(f"de bestelling luidt {word} en meer niet") for word in ("vuur4", "gijs5", "lam6")]
    known = vocabulary(texts, 2, 2)
    extractor = Extractor(known, Lists.of(lexicon))
    weights = fit(texts * 3, extractor, rounds=30, least=1)
    assert weights.labels == LABELS
    made, _ = page(sample("de sleutelzin luidt schapen7 en meer niet"), lexicon)
    features = extractor.features([whole(made)])
    ((span,),) = spans(weights, features, look(weights, features))
    assert (span.entity_type, features.tokens[span.first].text) == ("CREDENTIAL", "schapen7")


def test_a_line_that_is_no_message_is_named(tmp_path: Path) -> None:
    good = json.dumps({"id": "1", "subject": "x", "body": "[[PERSON|Jan]]"})
    (tmp_path / "one.jsonl").write_text(f"{good}\n\n", encoding="utf-8")
    (tmp_path / "two.jsonl").write_text(f"{good}\nnonsense\n", encoding="utf-8")
    assert [s.hand for s in read(tmp_path / "one.jsonl")] == ["one", "one"]
    with pytest.raises(ValueError, match=r"two.jsonl:2: not a marked message"):
        read_all(tmp_path)


def test_pieces_hide_what_they_hold() -> None:
    assert "Jan" not in repr(Piece("Jan", "PERSON"))
    assert "Jan" not in repr(sample("[[PERSON|Jan]]", "Jan"))
