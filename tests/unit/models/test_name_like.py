"""Names of people and places carry no weight; words that only look like one do."""

from __future__ import annotations

from models.name_like import holds_one, name_like


def test_a_word_that_lists_know_and_that_stands_with_a_capital() -> None:
    texts = [
        "Dat zei Willem gisteren, en Willem weet het.",
        "Wij wonen in Zwolle, dus niet in Ede.",
        "ik zie wie het is",
    ]
    like = name_like(texts)
    assert {"willem", "zwolle", "ede"} <= like
    assert not like & {"gister", "wonen", "niet", "wie"}


def test_a_name_that_is_mostly_a_plain_word_stays_a_word() -> None:
    assert "roos" not in name_like(["die roos bloeit, een roos bloeit, en Roos kijkt"])
    assert "roos" in name_like(["die is van Roos en niet van Roos zelf"])


def test_the_beginning_of_a_sentence_says_nothing() -> None:
    assert not name_like(["ja. Willem belde. Willem kwam.\nWillem ging."])


def test_signs_that_hold_one() -> None:
    like = frozenset({"willem"})
    assert holds_one("c:naar willem", like)
    assert holds_one("m:willem", like)
    assert not holds_one("c:naar huis", like)
    assert not holds_one("f:data 2", like)
