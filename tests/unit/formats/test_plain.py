"""Plain text: flowed and folded lines, PGP, and the promise about bytes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scrubber.budget import Budget, Limits
from scrubber.errors import BudgetExceeded, FormatError
from scrubber.finding import Edit
from scrubber.formats.plain import PlainFormat, pgp_block
from scrubber.formats.registry import Opened, open_tree
from scrubber.formats.unwrapping import unflow, unfold


def flowed(text: str, *, delsp: bool = False) -> str:
    return unflow(text, delete_space=delsp).text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("een \r\ntwee\r\ndrie", "een twee\r\ndrie"),
        ("een \ntwee \ndrie\n", "een twee drie\n"),
        ("> een \r\n> twee\r\n", "> een twee\r\n"),
        (">> een \r\n> twee\r\n", ">> een \r\n> twee\r\n"),
        ("een \r\n twee", "een twee"),
        ("een\r\n-- \r\nJan", "een\r\n-- \r\nJan"),
        ("een \r\n-- \r\nJan", "een \r\n-- \r\nJan"),
        ("> -- \r\n> Jan", "> -- \r\n> Jan"),
        ("een \r\n\r\ntwee", "een \r\ntwee"),
        ("een ", "een "),
        ("een \r\n", "een \r\n"),
        ("", ""),
    ],
)
def test_soft_line_ends(text: str, shown: str) -> None:
    assert flowed(text) == shown


def test_delsp_takes_the_space_too() -> None:
    assert flowed("NL91 \r\nABNA \r\nx", delsp=True) == "NL91ABNAx"


@pytest.mark.parametrize(
    ("payload", "value", "result"),
    [
        (b"iban NL91 \r\nABNA ja\r\n", "NL91 ABNA", b"iban [weg] ja\r\n"),
        (b"> iban NL91 \r\n> ABNA \r\n> ja\r\n", "NL91 ABNA", b"> iban [weg] \r\n> ja\r\n"),
        (b"iban NL91 \r\nABNA \r\nja\r\n", "ABNA ", b"iban NL91 \r\n[weg]ja\r\n"),
    ],
)
def test_a_value_over_a_soft_line_end_is_one(
    replace: Callable[..., bytes], payload: bytes, value: str, result: bytes
) -> None:
    assert replace(payload, value, "[weg]", "text/plain", {"format": "Flowed"}) == result


def test_lines_are_left_alone_without_the_parameter(opened: Callable[..., Opened]) -> None:
    assert opened(b"NL91 \r\nABNA", "text/plain").views[0].text == "NL91 \r\nABNA"


def test_folds_of_calendars_and_cards(replace: Callable[..., bytes]) -> None:
    assert unfold("a\r\n b\n\tc\r\nd").text == "abc\r\nd"
    assert replace(b"NOTE:12\r\n 34\r\nEND", "1234", "[weg]", "text/vcard") == b"NOTE:[weg]\r\nEND"


ARMOUR = "-----BEGIN PGP MESSAGE-----\nabc\n-----END PGP MESSAGE-----\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (ARMOUR, "whole"),
        ("\n" + ARMOUR + "\n", "whole"),
        ("-----BEGIN PGP MESSAGE-----\ncut off", "whole"),
        ("Hallo\n" + ARMOUR, "part"),
        (ARMOUR + "Groet", "part"),
        ("> " + ARMOUR, ""),
        ("Hallo", ""),
    ],
)
def test_pgp(text: str, found: str) -> None:
    assert pgp_block(text) == found


def test_a_pgp_message_can_not_be_opened() -> None:
    with pytest.raises(FormatError, match="encrypted"):
        open_tree(ARMOUR.encode(), "text/plain")
    tree = open_tree(b"Hallo\n" + ARMOUR.encode(), "text/plain")
    assert [unread.reason for unread in tree.unread] == ["encrypted"]
    assert len(tree.views) == 1


def test_characters_are_counted() -> None:
    with pytest.raises(BudgetExceeded, match="characters"):
        PlainFormat().open(b"x" * 11, {}, (), Budget(Limits(characters=10)), kind="body", group="")


def test_kind_and_group_are_those_given() -> None:
    view = PlainFormat().open(b"x", {}, ("1",), Budget(), kind="hidden", group="g").views[0]
    assert (view.path, view.kind, view.group) == (("1", "text"), "hidden", "g")


def test_an_empty_edit_at_the_end() -> None:
    tree = open_tree(b"abc", "text/plain")
    assert tree.apply([Edit(("text",), 3, 3, "!")]) == b"abc!"
