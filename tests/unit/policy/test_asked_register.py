"""What the desk asked for earlier in a conversation, of which no text was kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scrubber.bootstrap import default_policy
from scrubber.finding import Action
from tests.unit.policy.conftest import NOW, build

IBAN = "Dat is [[IBAN_CODE|NL91ABNA0417164300]]."


def decided(body: str, *kinds: str) -> list[tuple[str, Action, str]]:
    marked = build(body)
    message = replace(marked.message, asked_kinds=frozenset(kinds))
    decisions = default_policy(learned=False).decide(message, marked.views, marked.findings, NOW)
    return [(d.rule, d.action, d.assessment.asked_evidence) for d in decisions]


def test_an_answer_to_it_counts_as_asked() -> None:
    assert decided(IBAN) == [("ongevraagd", Action.REDACT, "")]
    assert decided(IBAN, "ADDRESS") == [("ongevraagd", Action.REDACT, "")]
    assert decided(IBAN, "IBAN_CODE") == [("gevraagd", Action.DEFER, "register")]


def test_a_bsn_is_never_kept_for_it() -> None:
    ((rule, action, _),) = decided("Mijn BSN is [[NL_BSN|123456782]].", "NL_BSN")
    assert (rule, action) == ("bsn-nooit", Action.REDACT)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Op welke rekening mogen we terugbetalen?", {"IBAN_CODE"}),
        ("Mogen we uw adres en geboortedatum?", {"ADDRESS", "DATE_OF_BIRTH"}),
        ("Stuur ons nooit uw wachtwoord.", set()),
        ("Fijne dag nog!", set()),
        ("", set()),
    ],
)
def test_what_a_text_of_the_desk_asks_for(text: str, kinds: set[str]) -> None:
    assert default_policy(learned=False).asks(text) == kinds
