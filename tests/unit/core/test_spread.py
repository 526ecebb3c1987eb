"""One value, one answer: validated values everywhere, secrets only in the sibling."""

from __future__ import annotations

import pytest

from scrubber.finding import Finding
from scrubber.message import TextView
from scrubber.spread import spread

BSN = "123456782"


def found(view: TextView, value: str, entity_type: str) -> Finding:
    start = view.text.index(value)
    return Finding(view.path, entity_type, start, start + len(value), 0.9, "test")


def surfaces(views: list[TextView], findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    texts = {view.path: view.text for view in views}
    return [("/".join(f.path), texts[f.path][f.start : f.end]) for f in findings]


@pytest.mark.parametrize("spelling", [BSN, "123 456 782", "1234.56.782", "123\u00a0456\u00a0782", "123\u200b456782"])
def test_a_validated_value_is_found_in_every_view_and_spelling(spelling: str) -> None:
    views = [TextView(("body",), f"Mijn BSN is {BSN}."), TextView(("subject",), f"zaak {spelling}, graag")]
    result = spread(views, [found(views[0], BSN, "NL_BSN")])
    assert surfaces(views, result) == [("body", BSN), ("subject", spelling)]


@pytest.mark.parametrize("text", ["1234567823", "0123456782", "A123456782", "123456782B", "12345678 9", "12345678"])
def test_a_part_of_something_longer_is_not_the_value(text: str) -> None:
    views = [TextView(("body",), f"BSN {BSN}"), TextView(("subject",), text)]
    assert len(spread(views, [found(views[0], BSN, "NL_BSN")])) == 1


def test_what_is_found_already_is_not_found_twice() -> None:
    views = [TextView(("body",), f"{BSN} en {BSN}")]
    result = spread(views, [found(views[0], BSN, "NL_BSN")])
    assert surfaces(views, result) == [("body", BSN), ("body", BSN)]
    assert result == spread(views, result)


def test_addresses_are_found_whole_and_without_the_full_stop() -> None:
    views = [
        TextView(("body",), "mail naar jan@voorbeeld.test"),
        TextView(("html",), "Jan@Voorbeeld.test. Of mijn.jan@voorbeeld.test"),
    ]
    result = spread(views, [found(views[0], "jan@voorbeeld.test", "EMAIL_ADDRESS")])
    assert surfaces(views, result) == [("body", "jan@voorbeeld.test"), ("html", "Jan@Voorbeeld.test")]


def test_a_password_is_looked_for_in_the_sibling_only() -> None:
    text = TextView(("1", "plain"), "ww is welkom", group="alt")
    html = TextView(("2", "html"), "ww is welkom, dus. welkomstmail", group="alt")
    subject = TextView(("subject",), "welkom bij ons", "subject")
    result = spread([subject, text, html], [found(text, "welkom", "CREDENTIAL")])
    assert surfaces([subject, text, html], result) == [("1/plain", "welkom"), ("2/html", "welkom")]


def test_a_password_without_siblings_is_looked_for_nowhere_else() -> None:
    views = [TextView(("body",), "ww is welkom"), TextView(("subject",), "welkom")]
    assert len(spread(views, [found(views[0], "welkom", "CREDENTIAL")])) == 1


def test_other_types_are_not_spread() -> None:
    views = [TextView(("body",), "Jan Proef"), TextView(("subject",), "Jan Proef")]
    assert len(spread(views, [found(views[0], "Jan Proef", "PERSON")])) == 1


def test_letters_whose_capital_is_two_letters_keep_positions() -> None:
    views = [TextView(("body",), f"BSN {BSN}"), TextView(("subject",), f"straße ßß {BSN}")]
    assert surfaces(views, spread(views, [found(views[0], BSN, "NL_BSN")]))[1] == ("subject", BSN)


@pytest.mark.parametrize("gap", ["", " ", "-", " en ", "x"])
@pytest.mark.parametrize("text", ["123456782", "1234 56 782", "123456782123456782", "ß123456782", "İ 123456782"])
def test_what_is_counted_first_is_found_as_by_looking(text: str, gap: str, monkeypatch: pytest.MonkeyPatch) -> None:
    views = [TextView(("a",), text + gap + text), TextView(("b",), gap + text), TextView(("c",), "bsn")]
    at = text.index("1")
    findings = [Finding(("a",), "NL_BSN", at, len(text), 0.9, "bsn"), Finding(("b",), "PERSON", 0, 1, 0.9, "person")]
    counted = spread(views, findings)
    monkeypatch.setattr("scrubber.spread._elsewhere", lambda _text, words, _found: words)
    assert counted == spread(views, findings)
