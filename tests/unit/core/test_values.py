"""Two spellings of one datum are equal, two data are not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrubber.finding import ENTITY_TYPES
from scrubber.values import normalise


@pytest.mark.parametrize(
    ("entity_type", "spellings"),
    [
        ("NL_BSN", ["123456782", "123 456 782", "1234.56.782", "１２３４５６７８２", "123\u200b456\u200b782"]),
        ("NL_BSN", ["012345672", "12345672"]),
        ("IBAN_CODE", ["NL91ABNA0417164300", "nl91 abna 0417 1643 00", "NL91-ABNA-0417.1643.00"]),
        ("PHONE_NUMBER", ["06-12345678", "+31612345678", "0031 6 1234 5678", "+31 (0)6 12345678"]),
        ("PHONE_NUMBER", ["+32 475 12 34 56", "0032475123456", "+32 (0)475 12 34 56"]),
        ("PHONE_NUMBER", ["+48 601 774 205", "0048601774205"]),
        ("EMAIL_ADDRESS", ["Jan@Voorbeeld.test", " jan@voorbeeld.test"]),
        ("PERSON", ["Zoë van den Berg", "zoe vandenberg"]),
    ],
)
def test_spellings_of_one_value(entity_type: str, spellings: list[str]) -> None:
    assert len({normalise(entity_type, spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("entity_type", "one", "other"),
    [
        ("NL_BSN", "123456782", "123456783"),
        ("CREDENTIAL", "Welkom01", "welkom01"),
        ("PHONE_NUMBER", "+31612345678", "+32612345678"),
        ("EMAIL_ADDRESS", "jan@voorbeeld.test", "j.an@voorbeeld.test"),
    ],
)
def test_different_values(entity_type: str, one: str, other: str) -> None:
    assert normalise(entity_type, one) != normalise(entity_type, other)


@given(st.sampled_from(ENTITY_TYPES), st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
@settings(deadline=None, max_examples=100)
def test_the_normal_form_is_its_own_normal_form(entity_type: str, text: str) -> None:
    once = normalise(entity_type, text)
    if entity_type != "PHONE_NUMBER":  # a national number that begins with 00 looks international again
        assert normalise(entity_type, once) == once
