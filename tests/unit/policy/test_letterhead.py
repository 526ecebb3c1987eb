"""The head of a letter: a firm's name on the first line, its address and account below."""

from __future__ import annotations

import pytest

from scrubber.policy.letterhead import head_of
from tests.unit.policy.conftest import HOSTILE, LONG, Open


@pytest.mark.parametrize(
    ("body", "head"),
    [
        ("VOS KOZIJNEN\n@\n\nDe meter staat stil.", b"vos kozijnen"),
        ("\n\nVos Kozijnen\nKvK 123\nTel. 0118\n@", b"vos kozijnen"),
        ("[[PERSON|Vos]] Kozijnen\n@", b"vos kozijnen"),
        ("Vos\n1\n2\n3\n4\n@", b"vos"),
        ("Vos\n1\n2\n3\n4\n5\n@", b""),  # too far below
        ("Vos Kozijnen @", b""),
        ("Vos Kozijnen\n\n@", b""),
        ("Geachte heer,\n@", b""),
        ("Ik verhuis naar\n@", b""),
        ("Familie Vos\n@", b""),
        ("Vos Kozijnen\nt.a.v. de planning\n@", b""),
        ("Hallo.\n\nGroet,\nIda\n@", b""),
        ("> Vos Kozijnen\n> @", b""),
        ("v" * 81 + "\n@", b""),
        ("Vos\n" + LONG + "\n@", b""),
    ],
)
def test_the_head(opened: Open, body: str, head: bytes) -> None:
    found = opened(body, "ADDRESS")
    assert head_of(found.page, found.context) == head


@pytest.mark.parametrize("body", HOSTILE)
def test_no_head(opened: Open, body: str) -> None:
    found = opened(body, "ADDRESS")
    assert head_of(found.page, found.context) == b""
