"""Tokens, forms of words, blocks and features: offsets stay true, and work stays linear."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.detection.fold import fold
from scrubber.detection.lexicon import Lexicon, deduce_folder, load_lexicon
from scrubber.detection.model.blocks import blocks, whole
from scrubber.detection.model.features import HERE, HERE_SIZE, NEAR, REACH, Extractor
from scrubber.detection.model.tokens import tokenize
from scrubber.detection.model.vocabulary import KIND_OF, Lists, Vocabulary, shape
from scrubber.detection.page import Page
from scrubber.message import Sender
from scrubber.shipped import shipped_rules


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon(shipped_rules() / "words", deduce_folder())


@pytest.fixture(scope="module")
def extractor(lexicon: Lexicon) -> Extractor:
    vocabulary = Vocabulary.of(["wachtwoord", "is", ":"], ["^wac", "ord$", "oord$"], ["xx", "Xx", "9999", "\n", ":"])
    return Extractor(vocabulary, Lists.of(lexicon))


@given(st.text())
def test_every_character_stands_in_one_token_or_is_blank(text: str) -> None:
    folded = fold(text)
    at = 0
    for token in tokenize(folded):
        assert folded[at : token.start].strip() == ""
        assert token.text == folded[token.start : token.end]
        assert token.start < token.end
        at = token.end
    assert folded[at:].strip() == ""


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("jansen", "xx"), ("Jansen", "Xx"), ("JANSEN", "XXXXX"), ("McDonald", "xX"), ("j", "x"), ("1985", "year"),
        ("1234", "9999"), ("31", "day"), ("07", "month0"), ("12b", "99x"), ("1234AB", "9999XX"), ("\n \n", "\n\n"),
        ("\n", "\n"), ("#", "#"), ("123456789012", "9+"), ("a1b2c3d4e5f6", "mixed+"),
    ],
)  # fmt: skip
def test_forms(text: str, form: str) -> None:
    assert shape(text) == form


def test_lists_say_what_a_word_is(lexicon: Lexicon) -> None:
    lists = Lists.of(lexicon)
    assert lists.lex("sanne") & 1
    assert lists.lex("jansen") & 2
    assert lists.lex("amsterdam") & 8
    assert lists.lex("vandaag") & 16
    assert lists.kind("mevrouw") == KIND_OF["title"]
    assert lists.kind("wachtwoord") == KIND_OF["secret"]
    assert lists.kind("zonnebloemstraat") == KIND_OF["street_end"]
    assert lists.kind("j") == KIND_OF["initial"]
    assert lists.kind("a" * 50) == 0


def test_parts_are_kept_apart_by_empty_tokens(extractor: Extractor, lexicon: Lexicon) -> None:
    pages = [Page("Mijn wachtwoord is geheim", lexicon), Page("", lexicon), Page("Groet\nSanne", lexicon)]
    together = extractor.features([whole(page) for page in pages])
    assert [last - first for first, last in together.bounds] == [4, 0, 3]
    assert len(together.tokens) == 4 + 0 + 3 + 3 * REACH
    alone = extractor.features([whole(pages[2])])
    first, last = together.bounds[2]
    assert np.array_equal(together.near[first:last], alone.near[: last - first])
    assert np.array_equal(together.here[first:last], alone.here[: last - first])
    assert not together.near[4 : 4 + REACH].any()
    assert (together.here[4 : 4 + REACH] == HERE_SIZE).all()
    assert together.place(first + 2, first + 2) == (6, 11)


@given(text=st.text(max_size=300), name=st.text(max_size=20))
def test_numbers_stay_within_their_tables(extractor: Extractor, lexicon: Lexicon, text: str, name: str) -> None:
    page = Page(text, lexicon, sender=Sender(name, "jan.de.vries@voorbeeld.test"), context="Wat is uw geboortedatum?")
    features = extractor.features([whole(page)])
    assert features.near.shape == (len(features.tokens), NEAR)
    assert features.here.shape == (len(features.tokens), HERE)
    if len(features.tokens):
        assert features.near.min() >= 0
        assert features.near.max() < extractor.near_size
        assert features.here.min() >= 0
        assert features.here.max() <= HERE_SIZE


def test_blocks_cover_a_long_page_once_and_keep_its_cues(lexicon: Lexicon) -> None:
    page = Page("Mijn wachtwoord is geheim, en verder niets. " * 300, lexicon)
    parts = list(blocks(page, [(0, len(page.folded))]))
    assert "".join(part.folded for part in parts) == page.folded
    assert max(len(part.folded) for part in parts) <= 1_500
    assert sum(len(part.cues) for part in parts) == len(page.cues)
    shifted = [(cue.start + part.start, cue.end + part.start, cue.kind) for part in parts for cue in part.cues]
    assert shifted == [tuple(cue) for cue in page.cues]
    some = list(blocks(page, [(100, 200), (205, 300)]))
    assert some[0].start <= 100
    assert all(a.start + len(a.folded) <= b.start for a, b in pairwise(some))


@pytest.mark.parametrize("unit", ["a", "1", ".", "a1", "\n", "x\n", "A. ", "06 ", "pin: 1 ", "\u0663", "é", "-"])
def test_awkward_text_costs_linear_time(extractor: Extractor, lexicon: Lexicon, unit: str) -> None:
    page = Page(unit * (100_000 // len(unit)), lexicon)
    started = time.process_time()
    for part in blocks(page, [(0, len(page.folded))]):
        extractor.features([part])
    assert time.process_time() - started < 2
