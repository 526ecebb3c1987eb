from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scrubber.message import Sender
from scrubber.sources.mailheaders import Headers
from scrubber.sources.threads import BYTES_LIMIT, COMPONENT_LIMIT, LIMIT, Entry, ThreadIndex

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def entry(key: str, *references: str, hours: float = 0, size: int = 10, date: datetime | None = None) -> Entry:
    headers = Headers(Sender(), f"{key}@x.test", tuple(f"{name}@x.test" for name in references), date)
    return Entry(key, headers, NOON + timedelta(hours=hours), size)


def index(*entries: Entry) -> ThreadIndex:
    made = ThreadIndex()
    for one in entries:
        made.add(one)
    return made


def earlier(made: ThreadIndex, one: Entry) -> list[str]:
    return [found.key for found in made.earlier(one.headers, one.received, one.key)]


def test_a_thread_joins_over_several_steps_and_stops_at_its_edge() -> None:
    own = entry("d", "c", hours=4)
    made = index(entry("a"), entry("b", "a", hours=1), entry("c", "b", hours=2), entry("side", "a", hours=3), own)
    made.add(entry("other", "elsewhere"))
    made.add(entry("later", "d", hours=5))
    assert earlier(made, own) == ["a", "b", "c", "side"]
    assert {one.key for one in made.thread(own.headers)} == {"a", "b", "c", "side", "d", "later"}


def test_a_mail_that_is_missing_still_joins() -> None:
    own = entry("c", "lost", hours=2)
    assert earlier(index(entry("b", "lost"), own), own) == ["b"]


def test_without_references_nothing_is_earlier() -> None:
    own = entry("a", hours=1)
    assert earlier(index(entry("b", "a"), own), own) == []


def test_a_second_copy_of_the_same_mail_is_no_turn() -> None:
    own = entry("b", "a", hours=1)
    twin = Entry("copy", own.headers, NOON, 10)
    assert earlier(index(entry("a"), own, twin), own) == ["a"]


def test_what_it_names_came_before_whatever_the_clock_says() -> None:
    own = entry("b", "a", hours=1)
    made = index(own, entry("a", hours=2), entry("c", "a", hours=3))
    assert earlier(made, own) == ["a"]


def test_of_a_long_thread_the_latest_are_kept() -> None:
    own = entry("own", "e0", hours=1000)
    made = index(own, *(entry(f"e{number}", "e0", hours=number) for number in range(LIMIT + 20)))
    assert earlier(made, own) == [f"e{number}" for number in range(20, LIMIT + 20)]


def test_what_would_take_too_many_bytes_is_left_out() -> None:
    own = entry("own", "a", hours=9)
    made = index(
        own, entry("a", size=100), entry("b", "a", hours=1, size=BYTES_LIMIT), entry("c", "a", hours=2, size=10)
    )
    assert earlier(made, own) == ["a", "c"]


def test_a_component_without_end_is_bounded() -> None:
    made = index(*(entry(f"e{number}", "hub") for number in range(COMPONENT_LIMIT + 50)))
    assert len(made.thread(entry("x", "hub").headers)) == COMPONENT_LIMIT


def test_what_is_discarded_joins_nothing_any_more() -> None:
    own = entry("c", "b", hours=2)
    made = index(entry("a"), entry("b", "a", hours=1), own)
    made.discard("b")
    made.discard("never there")
    assert earlier(made, own) == []
    assert set(made.keys) == {"a", "c"}
    assert made.get("b") is None
    made.add(entry("b", "a", hours=1))
    made.add(entry("b", hours=1))
    assert earlier(made, own) == ["b"]


def test_dates_are_believed_within_reason() -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    assert entry("a", date=NOON - hour).sent == NOON - hour
    assert entry("a", date=NOON + hour).sent == NOON
    assert entry("a", date=NOON + hour).activity == NOON + hour
    assert entry("a", date=NOON + 2 * day).activity == NOON
    assert entry("a", date=NOON - day).activity == NOON
    assert entry("a").activity == NOON
