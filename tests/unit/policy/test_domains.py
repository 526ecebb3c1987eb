"""What a mail domain stands for: a firm, a household, a person."""

from __future__ import annotations

import pytest

from scrubber.message import Sender
from scrubber.policy.domains import firm_of


@pytest.mark.parametrize(
    ("name", "email", "people", "firm"),
    [
        ("Wim Hoekman", "info@hoekman.example", [], b""),
        ("Familie Hoekman", "post@hoekman-thuis.example", [], b""),
        ("Marco Hoekman", "mail@hoekmannetjes.example", [], b""),
        ("Erik Vos", "info@familievos.example", [], b""),
        ("Erik Vos", "info@tegelsvos.example", [], b"tegelsvos"),
        ("Wim Hoekman", "info@hoekman-tegels.example", [], b"hoekmantegels"),
        ("Sofie", "sofie@devriezen.example", [], b"devriezen"),
        ("Sofie", "sofie@devriezen.example", [b"sofie de vriezen"], b""),
        ("Sofie", "sofie@devriezen.example", [b"de vriezen"], b"devriezen"),
        ("Sofie", "sofie@devriezenmode.example", [b"sofie de vriezen"], b"devriezenmode"),
        ("", "info@devriezen.example", [b"s. de vriezen"], b""),
        ("Ab", "ab@gmail.example", [], b""),
    ],
)
def test_whose_domain(name: str, email: str, people: list[bytes], firm: bytes) -> None:
    assert firm_of(Sender(name, email), people) == firm
