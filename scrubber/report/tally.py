"""Counting: what was removed, what would have been, and what stayed, each by several keys at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from scrubber.finding import Outcome
from scrubber.ledger.entry import LedgerEntry, Removal
from scrubber.report.entries import DONE, Dated, Selection, carried_out, observing
from scrubber.report.interface import Count, Observed, Removals, Removed, Stayed, Stays, StaysByRule, Would

K = TypeVar("K", str, tuple[str, str])

GROUNDS: Mapping[str, str] = {
    "op-dossier": "on_file",
    "van-organisatie": "organisation",
    "gevraagd": "asked",
    "nodig-voor-verzoek": "needed",
    "contactgegevens": "contact",
}
"""Why a rule of the default policy lets something stay. Rules of one's own fall under "other"."""

_DAYS_WITH_ZEROS = 3_660
_STAGE = {"message": "now", "deferred": "later", "reviewed": "after_review"}


@dataclass(frozen=True, slots=True)
class Taken:
    """One value that was removed: by which entry, at which stage."""

    dated: Dated
    removal: Removal
    stage: str


def taken(selection: Selection) -> list[Taken]:
    """Every value removed in the period. Each entry counts: an entry that came later undoes no removal."""
    return [
        Taken(dated, removal, _STAGE[dated.entry.kind])
        for dated in selection.of(*_STAGE)
        for removal in carried_out(dated.entry)
    ]


def removals(values: Iterable[Taken], days: Iterable[date]) -> Removals:
    values = list(values)

    def by(key: Callable[[Taken], str]) -> tuple[Removed, ...]:
        return tuple(_removed(k, c) for k, c in _ranked(_group((key(v), v.stage) for v in values)))

    of_day = _group((v.dated.at.date().isoformat(), v.stage) for v in values)
    keys = sorted({day.isoformat() for day in days} | set(of_day))
    return Removals(
        total=_removed("", Counter(v.stage for v in values)),
        by_type=by(lambda v: v.removal.entity_type),
        by_rule=by(lambda v: v.removal.rule),
        by_channel=by(lambda v: v.dated.entry.channel),
        by_source=by(lambda v: v.dated.entry.source),
        by_day=tuple(_removed(day, of_day.get(day, Counter())) for day in keys),
    )


def days_of(first: date, last: date) -> list[date]:
    """Every day, both ends included; none when over ten years apart: then days without a removal are left out."""
    span = (last - first).days
    return [first + timedelta(days=n) for n in range(span + 1)] if span <= _DAYS_WITH_ZEROS else []


def observed(latest: Iterable[Dated]) -> Observed:
    """What the observed sources would have lost, by the latest entry of each message."""
    stages = {"redact": "now", "defer": "later"}
    values = [
        (removal, stages[removal.action])
        for dated in latest
        if observing(dated.entry)
        for removal in dated.entry.removals
        if removal.action in stages
    ]
    return Observed(
        total=_would("", Counter(stage for _, stage in values)),
        by_type=tuple(_would(k, c) for k, c in _ranked(_group((r.entity_type, s) for r, s in values))),
        by_rule=tuple(_would(k, c) for k, c in _ranked(_group((r.rule, s) for r, s in values))),
    )


def stayed(latest: Iterable[Dated]) -> Stayed:
    """What was left standing, and on which ground. In observe mode what is put off counts as observed, not here."""
    fates = [(removal, _fate(dated.entry, removal)) for dated in latest for removal in dated.entry.removals]
    rows = [(removal, fate) for removal, fate in fates if fate in {"kept", "so_far"}]
    number = Counter(fate for _, fate in fates)
    of_rule = _group(((ground(removal), removal.rule), stage) for removal, stage in rows)
    return Stayed(
        kept=number["kept"],
        so_far=number["so_far"],
        to_review=number["to_review"],
        not_done=number["not_done"],
        by_ground=tuple(_stays(k, c) for k, c in _ranked(_group((ground(r), s) for r, s in rows))),
        by_type=tuple(_stays(k, c) for k, c in _ranked(_group((r.entity_type, s) for r, s in rows))),
        by_rule=tuple(StaysByRule(*k, kept=c["kept"], so_far=c["so_far"]) for k, c in _ranked(of_rule)),
    )


def _fate(entry: LedgerEntry, removal: Removal) -> str:
    """What became of one decision; "" for what was removed or only observed: those are counted elsewhere."""
    if entry.outcome not in DONE and entry.outcome != Outcome.OBSERVED:
        return "not_done"
    if removal.action == "keep":
        return "kept"
    if removal.action == "review":
        return "to_review"
    if observing(entry):
        return ""
    if removal.action == "defer":
        return "so_far"
    return "" if removal.action == "redact" and entry.outcome == Outcome.REDACTED else "not_done"


def ground(removal: Removal) -> str:
    """Why this finding stays: by its rule, or by whose it is where the rule is one's own."""
    if "needed: person" in removal.evidence.split("; "):
        return "judged"
    if removal.rule in GROUNDS:
        return GROUNDS[removal.rule]
    return "organisation" if removal.data_subject == "organisation" else "other"


def counts(keys: Iterable[str]) -> tuple[Count, ...]:
    return tuple(Count(key, count) for key, count in sorted(Counter(keys).items(), key=lambda kc: (-kc[1], kc[0])))


def _group(pairs: Iterable[tuple[K, str]]) -> dict[K, Counter[str]]:
    groups: dict[K, Counter[str]] = {}
    for key, stage in pairs:
        groups.setdefault(key, Counter())[stage] += 1
    return groups


def _ranked(groups: Mapping[K, Counter[str]]) -> list[tuple[K, Counter[str]]]:
    """Most first; equal counts by name, so that the same ledger always gives the same report."""
    return sorted(groups.items(), key=lambda kc: (-kc[1].total(), kc[0]))


def _removed(key: str, c: Counter[str]) -> Removed:
    return Removed(key, c.total(), c["now"], c["later"], c["after_review"])


def _would(key: str, c: Counter[str]) -> Would:
    return Would(key, c.total(), c["now"], c["later"])


def _stays(key: str, c: Counter[str]) -> Stays:
    return Stays(key, c["kept"], c["so_far"])
