"""The Dutch recognisers, for any Presidio engine: ordinary EntityRecognizers for the language `nl`.

Import this module, and Presidio's own YAML loads each by its class name (`type: predefined`); or make them here.
Made without arguments a recogniser has the patterns, weights and word lists of the shipped rules.
"""

from __future__ import annotations

from collections.abc import Mapping

from scrubber.detection.accounts import BankAccountRecognizer
from scrubber.detection.addresses import AddressRecognizer
from scrubber.detection.bsn import NlBsnRecognizer
from scrubber.detection.cards import CreditCardRecognizer
from scrubber.detection.contact import DutchPhoneRecognizer, EmailRecognizer, IpAddressRecognizer
from scrubber.detection.credentials.recognizer import CredentialRecognizer
from scrubber.detection.dates import BirthDateRecognizer
from scrubber.detection.documents import IdDocumentRecognizer
from scrubber.detection.health import HealthIdRecognizer
from scrubber.detection.iban import IbanRecognizer
from scrubber.detection.names import DutchPersonRecognizer
from scrubber.detection.ner import DutchNerRecognizer
from scrubber.detection.plates import LicensePlateRecognizer
from scrubber.detection.recognizer import DutchRecognizer
from scrubber.detection.special import SpecialCategoryRecognizer

CLASSES: Mapping[str, type[DutchRecognizer]] = {
    cls.__name__: cls
    for cls in (
        NlBsnRecognizer,
        IbanRecognizer,
        BankAccountRecognizer,
        CreditCardRecognizer,
        DutchPhoneRecognizer,
        EmailRecognizer,
        IpAddressRecognizer,
        BirthDateRecognizer,
        IdDocumentRecognizer,
        LicensePlateRecognizer,
        HealthIdRecognizer,
        CredentialRecognizer,
        AddressRecognizer,
        DutchPersonRecognizer,
        SpecialCategoryRecognizer,
        DutchNerRecognizer,
    )
}
"""Every recogniser that rules may name, by class name."""

__all__ = [
    "CLASSES",
    "AddressRecognizer",
    "BankAccountRecognizer",
    "BirthDateRecognizer",
    "CredentialRecognizer",
    "CreditCardRecognizer",
    "DutchNerRecognizer",
    "DutchPersonRecognizer",
    "DutchPhoneRecognizer",
    "EmailRecognizer",
    "HealthIdRecognizer",
    "IbanRecognizer",
    "IdDocumentRecognizer",
    "IpAddressRecognizer",
    "LicensePlateRecognizer",
    "NlBsnRecognizer",
    "SpecialCategoryRecognizer",
]
