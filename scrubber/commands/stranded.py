"""Replacements that were begun and that no source of these settings can finish: two copies of a mail may remain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scrubber import bootstrap
from scrubber.journal import Job
from scrubber.settings import Settings

_MEND = "run `scrubber run` until `scrubber status` shows 0 in flight"
_ELSE = "Where that mailbox is no more, `scrubber release REF` gives them up."


@dataclass(frozen=True, slots=True)
class Stranded:
    """The jobs of one source that wait for the settings to be as they were. `why`: the sentence, with the mend."""

    source: str
    jobs: tuple[Job, ...]
    why: str


def stranded(settings: Settings, opened: bootstrap.Record) -> Iterator[Stranded]:
    """By source: it was renamed in the settings or taken out of them, or its name now means another mailbox."""
    rows = {row.name: row for row in settings.source}
    for name in opened.journal.in_flight():
        jobs = tuple(opened.journal.open_jobs(name))
        row = rows.get(name)
        if row is None:
            why = (
                f'source "{name}" is not in the settings any more; unfinished replacements there: {len(jobs)}. Put it '
                f"back under this name and {_MEND}; then take it out or rename it. {_ELSE}"
            )
        else:
            jobs = tuple(job for job in jobs if bootstrap.begun_elsewhere(settings, row, opened.ring, job.plan))
            why = (
                f'source "{name}" is another mailbox now (`type`, `host` or `user`); unfinished replacements at the '
                f"one before: {len(jobs)}. Put these back and {_MEND}; then change them. {_ELSE}"
            )
        if jobs:
            yield Stranded(name, jobs, why)
