"""Do the figures add up, and are they made from all there is? A report of which that is not so says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scrubber.report.interface import Due, Figures, Pending
from scrubber.report.words import Words


def check(figures: Figures) -> list[str]:
    """What does not add up or was lost, one sentence in English each; [] when all is well."""
    words = Words("en")
    return sums(figures) + [words(f"problem_{what}", n=number) for what, number in losses(figures)]


def losses(figures: Figures) -> list[tuple[str, int]]:
    """(what, how many): entries that can't be read, and what is to come by the ledger and not by the journal."""
    chain, lost = figures.chain, figures.lost
    found = [
        ("entries", 0 if chain.read is None else chain.entries - chain.read),
        ("waiting_missing", lost.waiting_missing),
        ("waiting_late", lost.waiting_late),
        ("reviews_missing", lost.reviews_missing),
        ("reviews_late", lost.reviews_late),
    ]
    return [(what, number) for what, number in found if number]


def sums(figures: Figures) -> list[str]:
    """The sums that are wrong, in English; only a mistake in scrubber itself makes one."""
    return [f"{name}: {left} is not {right}" for name, left, right in _identities(figures) if left != right] + [
        f"{name}: {small} is more than {large}" for name, small, large in _bounds(figures) if small > large
    ]


def _identities(f: Figures) -> Iterator[tuple[str, int, int]]:
    m = f.messages
    yield "outcomes sum to the messages read", sum(row.count for row in m.outcomes), m.total
    yield "messages per source sum to the messages read", sum(row.messages for row in f.sources), m.total
    yield "read in full and not in full sum to the messages read", m.in_full + m.not_in_full, m.total
    of = {row.key: row.count for row in m.outcomes}
    yield "held messages as an outcome", of.get("HELD", 0), m.held_open
    yield "held messages by reason", sum(row.count for row in m.held_by_reason), m.held
    yield "failed messages as an outcome", of.get("FAILED", 0), m.failed_open
    for name, number in (
        ("RELEASED", m.released), ("RESTORED", m.restored), ("MISSED", m.missed), ("UNABLE", m.unable)
    ):  # fmt: skip
        yield f"{name.lower()} messages as an outcome", of.get(name, 0), number
    yield "messages that could not be changed, by source", sum(row.count for row in f.unable), m.unable
    p = f.people
    said = p.restored + p.released + p.reviewed + p.retried + sum(row.count for row in p.signals)
    yield "what persons did, counted and listed", said, len(f.acts)
    yield "failed messages by reason", sum(row.count for row in m.failed_by_reason), m.failed
    yield from _removed(f)
    yield from _observed(f)
    yield from _stayed(f)
    yield from _pending("waiting", f.waiting)
    yield from _pending("under review", f.reviews)


def _removed(f: Figures) -> Iterator[tuple[str, int, int]]:
    total = f.removed.total
    tables = {
        "type": f.removed.by_type,
        "rule": f.removed.by_rule,
        "channel": f.removed.by_channel,
        "source": f.removed.by_source,
        "day": f.removed.by_day,
    }
    for name, rows in tables.items():
        yield f"removed by {name}", sum(row.total for row in rows), total.total
        yield f"removed at once by {name}", sum(row.now for row in rows), total.now
        yield f"removed later by {name}", sum(row.later for row in rows), total.later
        yield f"removed after review by {name}", sum(row.after_review for row in rows), total.after_review
    yield "removed at once, later and after review", total.now + total.later + total.after_review, total.total


def _observed(f: Figures) -> Iterator[tuple[str, int, int]]:
    total = f.observed.total
    yield "would be removed at once and later", total.now + total.later, total.total
    for name, rows in (("type", f.observed.by_type), ("rule", f.observed.by_rule)):
        yield f"would be removed by {name}", sum(row.total for row in rows), total.total
        yield f"would be removed at once by {name}", sum(row.now for row in rows), total.now


def _stayed(f: Figures) -> Iterator[tuple[str, int, int]]:
    s = f.stayed
    for name, rows in (("ground", s.by_ground), ("type", s.by_type), ("rule", s.by_rule)):
        yield f"kept by {name}", sum(row.kept for row in rows), s.kept
        yield f"kept so far by {name}", sum(row.so_far for row in rows), s.so_far


def _pending(name: str, pending: Pending) -> Iterator[tuple[str, int, int]]:
    for of, rows in (("type", pending.by_type), ("rule", pending.by_rule)):
        yield f"{name} by {of}", sum(row.total for row in rows), pending.total.total
        yield f"{name}, due, by {of}", sum(row.due for row in rows), pending.total.due
        yield f"{name}, overdue, by {of}", sum(row.overdue for row in rows), pending.total.overdue


def _bounds(f: Figures) -> Iterator[tuple[str, int, int]]:
    m = f.messages
    yield "messages with unread parts among those not read in full", m.with_unread_parts, m.not_in_full
    yield "held and failed messages among those not read in full", m.held + m.failed, m.not_in_full
    yield "broken signatures among the messages with a removal", m.signature_broken, m.removed_in
    yield "open among the held messages", m.held_open, m.held
    yield "open among the failed messages", m.failed_open, m.failed
    yield "messages that would lose something", m.would_remove_in, m.total
    yield "messages with a removal among the removals", m.removed_in, f.removed.total.total
    yield "messages per reason among unread parts", sum(r.messages for r in f.unread), sum(r.parts for r in f.unread)
    totals: Sequence[Due] = (f.waiting.total, f.reviews.total)
    for row in totals:
        yield "due among what is to come", row.due, row.total
