"""Validators, all of python-stdnum. Each takes the value as written and answers yes or no; none raises."""

from __future__ import annotations

import re
from itertools import count
from operator import mul

from stdnum import iban as _iban
from stdnum import isbn as _isbn
from stdnum import luhn as _luhn
from stdnum import numdb as _numdb
from stdnum.be import nn as _be_nn
from stdnum.be import ogm_vcs as _be_ogm
from stdnum.nl import bsn as _bsn
from stdnum.nl import identiteitskaartnummer as _id_card
from stdnum.nl import postcode as _postcode

_POSTCODE = re.compile(r"[1-9][0-9]{3} {0,2}[A-Za-z]{2}")
_NO_POSTCODES = frozenset({"SA", "SD", "SS"})
_COUNTS = re.compile(r"(\d+)!")


def _iban_structures() -> dict[str, str]:
    """What follows country and check digits in an IBAN ("4!a10!n"), by country, from stdnum's SWIFT registry."""
    registry = _numdb.get("iban")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    rows = {country: registry.info(country + "00")[0][1] for country in (a + b for a in letters for b in letters)}
    return {country: row["bban"] for country, row in rows.items() if "bban" in row}


_STRUCTURES = _iban_structures()
IBAN_LENGTH = {
    country: 4 + sum(int(n) for n in _COUNTS.findall(structure)) for country, structure in _STRUCTURES.items()
}
"""Country code -> number of letters and digits of its IBAN."""
_SIGNS = {"n": "[0-9]", "a": "[A-Z]", "c": "[A-Za-z0-9]"}
_IBAN_FORM = {
    country: re.compile(
        "".join(f"{_SIGNS[sign]}{{{count}}}" for count, sign in re.findall(r"(\d+)!([nac])", structure))
    )
    for country, structure in _STRUCTURES.items()
}


def _plain(digits: str) -> bool:
    return digits.isascii() and digits.isdigit()


def _weighed(digits: str, least: int) -> int:
    """The digits' sum, the last one counting `least` + 1 times, the one before it once more, and so on."""
    return sum(map(mul, map(int, reversed(digits)), count(least + 1)))


def bsn(digits: str) -> bool:
    """Eleven-test of the burgerservicenummer, 8 or 9 digits; true for one random number in eleven."""
    if len(digits) not in {8, 9} or (_plain(digits) and _weighed(digits[:-1], 1) % 11 != int(digits[-1])):
        return False  # the sum alone settles most numbers, at a tenth of what the library's check of the form costs
    return bool(_bsn.is_valid(digits))


def iban(value: str) -> bool:
    """ISO 13616: country, length, structure and mod 97; not whether the bank still exists."""
    plain = value.upper()
    if plain.isascii() and plain.isalnum():
        # As stdnum has it, without reading the country's row of its registry anew each time.
        form = _IBAN_FORM.get(plain[:2])
        return form is not None and form.fullmatch(plain, 4) is not None and _remainder(plain) == 1
    return bool(_iban.is_valid(value, check_country=False))


def _remainder(value: str) -> int:
    """Of an IBAN's letters and digits divided by 97 (ISO 7064), with A for 10 to Z for 35."""
    return int("".join([str(int(c, 36)) for c in value[4:] + value[:4]])) % 97


def luhn(digits: str) -> bool:
    """ISO/IEC 7812 check digit."""
    return bool(_luhn.is_valid(digits))


def dutch_account(digits: str) -> bool:
    """Eleven-test of a Dutch bank account, 9 or 10 digits: weights 9..1 (10..1) summing to a multiple of 11.

    These are the weights of an ISBN-10, which is the form in which stdnum has the test.
    """
    if len(digits) not in {9, 10} or not digits.isdigit() or (_plain(digits) and _weighed(digits, 0) % 11):
        return False
    return bool(_isbn.is_valid(digits.zfill(10)))


def belgian_account(digits: str) -> bool:
    """Twelve digits whose last two are the first ten modulo 97 (97 for 0), as in a structured reference."""
    return len(digits) == 12 and bool(_be_ogm.is_valid(digits))


def belgian_national(digits: str) -> bool:
    """Rijksregisternummer: eleven digits with a birth date and mod 97."""
    return len(digits) == 11 and bool(_be_nn.is_valid(digits))


def dutch_document(value: str) -> bool:
    """Form of the number of a Dutch passport or identity card: two letters, six letters or digits, a digit, no O."""
    return bool(_id_card.is_valid(value))


def dutch_postcode(value: str) -> bool:
    """Four digits and two letters, not SA, SD or SS."""
    if _POSTCODE.fullmatch(value):  # as nearly all are written; stdnum takes ten times as long
        return value[-2:].upper() not in _NO_POSTCODES
    return bool(_postcode.is_valid(value))
