"""`scrubber retry`, `release` and `review`: what a person decides about messages that wait for one; recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from scrubber import bootstrap
from scrubber.commands.stranded import stranded
from scrubber.digests import Digests
from scrubber.errors import MessageTooBig, SettingsError
from scrubber.finding import Outcome
from scrubber.journal import RETRY, UNABLE, Journal
from scrubber.message import Message, SourceRef
from scrubber.people import People, Said, Verdict
from scrubber.pipeline import scrub
from scrubber.redaction import Language
from scrubber.report import labels
from scrubber.settings import Settings
from scrubber.settings_sources import RelaySettings

LEAST = 4
"""Characters of a reference that a person has to write at least."""

LONGEST = 200
"""Characters of a reason."""


_DIGITS = 4
"""More of them in a name are a number of something."""


def retry(settings: Settings, ref: str | None, said: Said, lang: Language, console: Console) -> int:
    """Handle one message, or every one (`ref` None), again at the next cycle."""
    _check(settings, said)
    with _record(settings) as opened:
        digests = Digests(opened.ring)
        candidates = waiting(opened.journal, settings.worker.attempts)
        refs = list(candidates) if ref is None else [find(ref, candidates, digests)]
        relays = {row.name for row in settings.source if isinstance(row, RelaySettings)}
        if ref is not None and refs[0].source in relays:
            raise SettingsError(
                "REF: this came in over a relay, which keeps no message: a stub went on in its place. Ask the sender "
                "to send it again, and `scrubber release` it"
            )
        refs = [one for one in refs if one.source not in relays]
        too_big = {one: size for one in refs if (size := _unread_size(opened.journal, one)) > settings.limits.bytes}
        if ref is not None and too_big:
            raise SettingsError(f"REF: {MessageTooBig.sentence(too_big[refs[0]], settings.limits.bytes)}")
        refs = [one for one in refs if one not in too_big]
        with opened.store.begin() as tx:
            People(opened.journal, opened.ledger, digests).retry(tx, refs, said, datetime.now(UTC))
    text = {
        "nl": f"{len(refs)} worden bij de volgende ronde opnieuw bekeken (`scrubber run`)",
        "en": f"{len(refs)} will be looked at again in the next cycle (`scrubber run`)",
    }
    console.print(Text(text[lang]))
    if too_big:
        left = {
            "nl": f"{len(too_big)} blijven vastgehouden, want ze zijn groter dan `[limits] bytes` toestaat "
            f"({settings.limits.bytes}); de grootste telt {max(too_big.values())} bytes: verhoog die grens eerst",
            "en": f"{len(too_big)} stay held, for they are larger than `[limits] bytes` allows "
            f"({settings.limits.bytes}); the largest takes {max(too_big.values())} bytes: raise that first",
        }
        console.print(Text(left[lang]), style="yellow")
    return 0


def _unread_size(journal: Journal, ref: SourceRef) -> int:
    """Bytes of a message that was too big to be read; 0: it was read."""
    digest, size = journal.standing(ref)
    return 0 if digest else size


def release(settings: Settings, ref: str, said: Said, lang: Language, console: Console) -> int:
    """A person vouches for one message: it stays as it is, and nothing looks at it again."""
    _check(settings, said)
    with _record(settings) as opened, ExitStack() as stack:
        digests, now = Digests(opened.ring), datetime.now(UTC)
        lost = {job.ref: job.job for one in stranded(settings, opened) for job in one.jobs}
        if lost:  # a worker that still runs with the settings of before may be finishing them
            stack.enter_context(bootstrap.only_worker(settings))
        candidates = {**waiting(opened.journal, settings.worker.attempts), **_names(opened, lost)}
        found = find(ref, candidates, digests)
        with opened.store.begin() as tx:
            if found in lost:  # its replacement is given up: no worker can finish it
                opened.journal.abort(tx, lost[found], now)
            People(opened.journal, opened.ledger, digests).release(tx, found, said, now)
    text = {
        "nl": f"{ref} is vrijgegeven en blijft zoals het is",
        "en": f"{ref} is released and stays as it is",
    }
    console.print(Text(text[lang]))
    return 0


def _names(opened: bootstrap.Record, refs: Iterable[SourceRef]) -> dict[SourceRef, str]:
    """With the keyed reference under which the record knows each."""
    with opened.store.read() as tx:
        return {ref: opened.journal.name(tx, ref) for ref in refs}


def review(settings: Settings, ref: str, decision: Verdict, said: Said, lang: Language, console: Console) -> int:
    """A person decides about all that is under review in one message.

    SettingsError: nothing there is, it is to go from a source whose settings let nothing be removed, or it is to stay
    and its removal was begun.
    """
    _check(settings, said)
    with _record(settings) as opened:
        digests = Digests(opened.ring)
        asked = {one.ref: one for one in opened.journal.open().reviews}
        found = find(ref, {one.ref: one.known_as for one in asked.values()}, digests, UNREVIEWED)
        if decision == "remove":
            _removable(settings, found.source, opened.journal)
        elif any(flight.ref == found for flight in opened.journal.open().flights):
            raise SettingsError(_BEGUN)
        with opened.store.begin() as tx:
            People(opened.journal, opened.ledger, digests).review(tx, found, decision, said, datetime.now(UTC))
    kinds = bootstrap.names(settings, lang)[0]
    what = ", ".join(labels.entity(kind, lang, kinds) for kind in asked[found].entity_types)
    text = {
        ("keep", "nl"): f"{ref}: {what} blijft staan en wordt niet meer voorgelegd",
        ("keep", "en"): f"{ref}: {what} stays and is not asked again",
        ("remove", "nl"): f"{ref}: {what} gaat weg bij de volgende ronde (`scrubber run`)",
        ("remove", "en"): f"{ref}: {what} goes in the next cycle (`scrubber run`)",
    }
    console.print(Text(text[decision, lang]))
    return 0


def _removable(settings: Settings, source: str, journal: Journal) -> None:
    """SettingsError where the worker could not do it."""
    row = next((row for row in settings.source if row.name == source), None)
    if row is None:
        raise SettingsError(f'--decision remove: the settings have no [[source]] named "{source}" any more')
    if isinstance(row, RelaySettings):
        raise SettingsError(
            f'--decision remove: source "{source}" is a relay, which keeps no message: remove it at the desk by hand, '
            "and decide keep, saying so in --why"
        )
    if row.mode != "redact":
        raise SettingsError(
            f'--decision remove: nothing is removed from source "{source}" while its `mode` is "{row.mode}": write '
            'mode = "redact" first'
        )
    if any(one.source == source and one.what == UNABLE for one in journal.troubles()):
        raise SettingsError(
            f'--decision remove: nothing can be removed at source "{source}" (`scrubber check` says why): mend that, '
            "or remove it there by hand and decide keep, saying so in --why"
        )


@contextmanager
def _record(settings: Settings) -> Iterator[bootstrap.Record]:
    """The record while a person says something; then its head is published."""
    opened = bootstrap.record(settings)
    try:
        yield opened
        opened.ledger.publish_head()
    finally:
        opened.close()


def waiting(journal: Journal, attempts: int) -> dict[SourceRef, str]:
    """The messages that wait for a person: held, given up, or with something that could not be removed.

    With the keyed reference under which the record knows them, "" where it is their own.
    """
    stands = journal.open()
    flying = {flight.ref for flight in stands.flights}
    found = {one.ref: one.known_as for one in stands.stuck}
    for one in stands.unsettled:
        if one.outcome == Outcome.HELD or one.attempts >= attempts or one.reason == RETRY:
            found[one.ref] = one.known_as
    return {ref: name for ref, name in found.items() if ref not in flying}


UNREVIEWED = "REF: no message under review has this reference; `scrubber reviews` shows them"
_BEGUN = "--decision keep: the removal was begun and can't be undone; `scrubber run` finishes it (`scrubber status`)"
_NOTHING_WAITS = "REF: no message that waits for a person has this reference; `scrubber status` shows them"


def find(
    given: str, candidates: Mapping[SourceRef, str], digests: Digests, otherwise: str = _NOTHING_WAITS
) -> SourceRef:
    """The one message whose keyed reference begins with `given`. SettingsError: none does (`otherwise`), or several."""
    if len(given) < LEAST:
        raise SettingsError(f"REF: write at least {LEAST} characters of it")
    found = [
        ref
        for ref, known_as in candidates.items()
        if any(name.startswith(given.lower()) for name in (known_as, *digests.refs(ref)))
    ]
    if not found:
        raise SettingsError(otherwise)
    if len(found) > 1:
        raise SettingsError(f"REF: {len(found)} messages begin with this; write more of it")
    return found[0]


def _check(settings: Settings, said: Said) -> None:
    """What is recorded is kept for good: it must say who, and no personal data beside."""
    if not said.who.strip() or len(said.who) > LONGEST or not said.who.isprintable():
        raise SettingsError("--who: give the name that the record shows")
    if sum(map(str.isdigit, said.who)) > _DIGITS:
        raise SettingsError("--who: a name, without a number: the record is kept for good")
    if not said.why:
        return
    if len(said.why) > LONGEST or not said.why.isprintable():
        raise SettingsError(f"--why: one line of at most {LONGEST} characters")
    built = bootstrap.engine(settings)
    now = datetime.now(UTC)
    text = Message(SourceRef("why", "", ""), "email", "text/plain", said.why.encode(), now)
    policy = bootstrap.call_policy(built, "strict")
    (answer,) = scrub([text], built.tools, policy, now=now, parameters={"charset": "utf-8"})
    if answer.decisions or answer.outcome is not Outcome.CLEAN:
        kinds = sorted({decision.finding.entity_type for decision in answer.decisions})
        raise SettingsError(
            f"--why: this seems to hold personal data ({', '.join(kinds) or answer.reason}), and the record keeps it "
            "for good: say it without"
        )
