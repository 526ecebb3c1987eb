from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from scrubber.detection.fold import GAP, OTHER, fold, squeeze


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_folding_keeps_length_and_fits_latin_1(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert len(folded.encode("latin-1")) == len(text)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="a1 \u200b\u00ad"))
def test_squeezing_maps_every_place_back(text: str) -> None:
    folded = fold(text)
    squeezed, places = squeeze(folded)
    if places is None:
        assert squeezed == folded
    else:
        assert GAP not in squeezed
        assert places[-1] == len(folded)
        assert [folded[place] for place in places[:-1]] == list(squeezed)


def test_what_becomes_what() -> None:
    assert fold("０６‑１２ Kovačević\u00a0«x»") == '06-12 Kovacevic "x"'
    assert fold("Łukasz Şahin İlknur ĳ") == "Lukasz Sahin Ilknur y"
    assert fold("a\u200bb\u0301") == f"a{GAP}b{GAP}"
    assert fold("日😀½") == OTHER * 3
    assert fold("аВс") == "aBc"
    assert fold("²③") == "23"


def test_ascii_is_returned_as_it_is() -> None:
    text = "gewone tekst\nmet 12 regels"
    assert fold(text) is text
    assert fold("tab\there") == "tab here"
    assert fold("nul\x00") == f"nul{GAP}"
