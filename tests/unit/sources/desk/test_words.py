"""What is heard as a word of an agent, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scrubber.pieces import Piece
from scrubber.sources.desk.interface import Author, Entry, Head, Ticket
from scrubber.sources.desk.words import words

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def heard(text: str, *tags: str, author: Author = "agent", public: bool = False, html: bool = False) -> list[str]:
    piece = Piece("body", text, "text/html" if html else "text/plain")
    entry = Entry("1", author, NOW, (piece,), public, agent="Kim")
    found = words(Ticket(Head("7", NOW), (entry,), tags))
    return [one.word + (f" {one.until:%Y-%m-%d}" if one.until else "") for one in found]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nodig tot 2026-12-01 (terugbetaling loopt)", ["needed 2026-12-02"]),
        ("Nodig tot en met 1-12-2026.", ["needed 2026-12-02"]),
        ("scrubber: gevraagd (telefoon)", ["asked"]),
        ("Gevraagd", ["asked"]),
        ("verwerkt", ["done"]),
        ("FOUT VERWIJDERD!", ["wrong"]),
        ("gemist", ["missed"]),
        ("Gebeld met klant.\n  verwerkt  \nGroet, Kim", ["done"]),
        ("nodig tot 2026-12-01\ngevraagd (chat)", ["needed 2026-12-02", "asked"]),
        ("nodig tot 2026-13-01", []),
        ("nodig tot 99999-12-01", []),
        ("nodig tot morgen", []),
        ("Dit is verwerkt", []),
        ("niet verwerkt", []),
        ("Wat is er gevraagd (telefoon)", []),
        ("> verwerkt", []),
        ("gemist" + "!" * 400, []),
        ("gevraagd (" + "x" * 250 + ")", []),
        ("", []),
    ],
)
def test_a_line_of_an_internal_note(text: str, says: list[str]) -> None:
    assert heard(text) == says


def test_a_note_in_html() -> None:
    assert heard("<div><p>Gebeld.</p><p>nodig tot 2026-12-01 (&eacute;&eacute;n)</p>verwerkt<br></div>", html=True) == [
        "needed 2026-12-02",
        "done",
    ]


@pytest.mark.parametrize(
    ("tag", "says"),
    [
        ("nodig_tot_2026-12-01", ["needed 2026-12-02"]),
        ("gevraagd_telefoon", ["asked"]),
        ("gevraagd", ["asked"]),
        ("verwerkt", ["done"]),
        ("fout_verwijderd", ["wrong"]),
        ("gemist", ["missed"]),
        ("scrubber_verwerkt", ["done"]),
        ("nog_niet_verwerkt", []),
        ("verwerkt_door_kim", []),
    ],
)
def test_a_tag(tag: str, says: list[str]) -> None:
    assert heard("", tag) == says


@pytest.mark.parametrize(
    ("author", "public"), [("agent", True), ("customer", True), ("customer", False), ("system", False)]
)
def test_nobody_else_steers(author: Author, public: bool) -> None:
    assert heard("verwerkt", author=author, public=public) == []


def test_who_said_it_and_marks_that_differ() -> None:
    entry = Entry("1", "agent", NOW, (Piece("body", "verwerkt\nverwerkt"),), public=False, agent="Kim")
    first, second = words(Ticket(Head("7", NOW), (entry,)))
    assert (first.who, first.at) == ("Kim", NOW)
    assert first.mark != second.mark
