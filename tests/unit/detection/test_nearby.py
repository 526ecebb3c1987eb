"""Looking findings up by place gives what going through all of them gives."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from scrubber.detection.analyzer import PresidioDetector
from scrubber.detection.credentials import chosen
from scrubber.detection.nearby import Nearby
from scrubber.detection.page import Hit, Page
from scrubber.detection.patterns import loosely
from tests.unit.detection.test_shortcuts import written

PLACES = st.integers(0, 60)
HITS = st.lists(
    st.tuples(PLACES, st.integers(1, 9)).map(lambda p: Hit("CREDENTIAL", p[0], p[0] + p[1], 1.0)), max_size=9
)


@given(HITS, HITS, PLACES, PLACES)
def test_findings_by_place(before: list[Hit], later: list[Hit], first: int, last: int) -> None:
    nearby = Nearby(before)
    for hit in later:
        nearby.add(hit)
    hits = before + later
    assert nearby.starts(first, last) == any(first <= hit.start <= last for hit in hits)
    assert list(nearby.ends(first, last)) == sorted(hit.end for hit in hits if first <= hit.end <= last)


@given(st.text("abk ", max_size=60), PLACES, PLACES)
def test_what_stands_between_two_places(detector: PresidioDetector, text: str, start: int, end: int) -> None:
    page = Page(text, detector.configuration.lexicon)
    places = [match.span() for match in re.finditer("ab|k", page.folded)]
    expected = any(start <= first and last <= end for first, last in places)
    assert [page.stands(AB_OR_K, start, end) for _ in range(2)] == [expected] * 2


AB_OR_K = loosely("ab|k")


def test_the_verbs_that_set_a_password_are_all_looked_for() -> None:
    found = [match for text in written() for match in chosen._SET.finditer(text.lower())]
    assert len(found) > 1000
    assert not [match[0] for match in found if not chosen._MAY_SET.found(match[0].encode("latin-1", "replace"))]
