"""Which dates are births goes along with the clock."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scrubber.detection import years

Search = Callable[..., list[tuple[str, str]]]
NEW = [
    "Wij zijn bevallen op 8 mei {}",
    "Ons zoontje is er! Op 8 mei {} geboren",
    "naam;bsn;geb\nFinn Bos;123456782;08-05-{}",
]


@pytest.mark.parametrize("text", NEW)
@pytest.mark.parametrize("year", [2026, 2027, 2031])
def test_this_years_children_are_born(search: Search, monkeypatch: pytest.MonkeyPatch, text: str, year: int) -> None:
    monkeypatch.setattr(years, "this_year", lambda: year)
    found = [value for kind, value in search(text.format(year)) if kind == "DATE_OF_BIRTH"]
    assert len(found) == 1
    assert found[0].endswith(str(year))


@pytest.mark.parametrize(("year", "found"), [(2026, []), (2030, ["3-4-2024"])])
def test_a_date_becomes_a_childs_when_it_is_long_enough_ago(
    search: Search, monkeypatch: pytest.MonkeyPatch, year: int, found: list[str]
) -> None:
    monkeypatch.setattr(years, "this_year", lambda: year)
    assert [value for kind, value in search("Onze zoon van 3-4-2024 hoort erbij") if kind == "DATE_OF_BIRTH"] == found


@pytest.mark.parametrize(
    ("now", "two", "year"), [(2026, 30, 2030), (2026, 31, 1931), (2031, 35, 2035), (2031, 36, 1936)]
)
def test_two_digits_of_a_year(monkeypatch: pytest.MonkeyPatch, now: int, two: int, year: int) -> None:
    monkeypatch.setattr(years, "this_year", lambda: now)
    assert years.in_full(two) == year
