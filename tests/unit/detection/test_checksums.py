from __future__ import annotations

import pytest

from scrubber.detection import checksums


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (checksums.bsn, "123456782", "123456783"),
        (checksums.bsn, "10000008", "10000009"),
        (checksums.iban, "nl91 abna 0417 1643 00", "NL92ABNA0417164300"),
        (checksums.luhn, "4111111111111111", "4111111111111112"),
        (checksums.dutch_account, "123456789", "123456788"),
        (checksums.belgian_account, "539007547034", "539007547035"),
        (checksums.belgian_national, "85073003328", "85073003329"),
        (checksums.dutch_document, "NXR7K2LD4", "NXO7K2LD4"),
        (checksums.dutch_postcode, "1234 AB", "1234 SS"),
    ],
)
def test_validators(check: object, right: str, wrong: str) -> None:
    assert callable(check)
    assert check(right) is True
    assert check(wrong) is False


def test_odd_lengths_are_no_numbers() -> None:
    assert not checksums.bsn("1234567")
    assert not checksums.dutch_account("12345678")
    assert not checksums.belgian_account("53900754703")
    assert not checksums.belgian_national("8507300332")


def test_iban_lengths_come_from_the_registry() -> None:
    assert checksums.IBAN_LENGTH["NL"] == 18
    assert checksums.IBAN_LENGTH["BE"] == 16
    assert "XX" not in checksums.IBAN_LENGTH
