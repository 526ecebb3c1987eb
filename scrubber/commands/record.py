"""`scrubber report`, `verify` and `keys`: reading the record, proving it, its keys."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scrubber import bootstrap
from scrubber.errors import LedgerError
from scrubber.ledger.verify import Verdict
from scrubber.ledger.verify import verify as verify_chain
from scrubber.redaction import Language
from scrubber.report import labels, read
from scrubber.report.figures import figures
from scrubber.report.render import to_csv, to_html, to_json
from scrubber.settings import Settings


def _verdict(settings: Settings, opened: bootstrap.Record) -> Verdict:
    return verify_chain(opened.store, opened.ring.public_keys, head_file=settings.head_path)


def render(settings: Settings, form: str, since: datetime | None, lang: Language) -> str:
    """The report as html, json or csv."""
    opened = bootstrap.record(settings)
    try:
        verdict = _verdict(settings, opened)
        now = datetime.now(ZoneInfo(settings.report.timezone))
        computed = figures(
            read.readable(opened.ledger.read()),
            read.waiting(opened.store),
            read.reviews(opened.store),
            read.chain_state(opened.store, verdict),
            since=since,
            until=now,
            generated_at=now,
        )
    finally:
        opened.close()
    entities, because = bootstrap.names(settings, lang)
    match form:
        case "json":
            return to_json(computed)
        case "csv":
            return to_csv(computed, lang, entities)
        case _:
            return to_html(computed, lang, entities, because, settings.report.organisation)


def verify(settings: Settings, lang: Language, console: Console) -> int:
    """Exit status 1 when the record is broken."""
    opened = bootstrap.record(settings)
    try:
        verdict = _verdict(settings, opened)
    finally:
        opened.close()
    if verdict.ok:
        text = {
            "nl": f"De keten klopt: {verdict.entries} vermeldingen, ondertekend tot en met de laatste.",
            "en": f"The chain is whole: {verdict.entries} entries, signed up to the last.",
        }[lang]
        console.print(Text(text, style="bold green"))
        if verdict.published == "absent":
            head = settings.ledger.head
            text = {
                "nl": f"De kop buiten de database ({head}) ontbreekt: een teruggezette database valt zo niet op.",
                "en": f"The head outside the database ({head}) is missing: a rolled back database would not show.",
            }[lang]
            console.print(Text(text, style="yellow"))
        return 0
    why = labels.label(labels.CHAIN, verdict.why, lang)
    text = {
        "nl": f"De keten is GEBROKEN bij vermelding {verdict.first_bad}: {why} ({verdict.why})",
        "en": f"The chain is BROKEN at entry {verdict.first_bad}: {why} ({verdict.why})",
    }[lang]
    console.print(Text(text, style="bold red"))
    return 1


def list_keys(settings: Settings, console: Console) -> None:
    opened = bootstrap.record(settings)
    try:
        table = Table(box=None, header_style="bold", pad_edge=False)
        for column in ("key", "created", "state"):
            table.add_column(column)
        for key in opened.ring.digest_keys:
            state = "current" if key.key_id == opened.ring.key_id else "destroyed" if key.ended else "rotated"
            table.add_row(key.key_id, key.created, state)
    finally:
        opened.close()
    console.print(table)


def public_keys(settings: Settings) -> str:
    """Every public key there ever was, as PEM: all that an auditor needs to verify signatures."""
    opened = bootstrap.record(settings)
    try:
        return opened.ring.public_keys.to_pem().decode("ascii")
    finally:
        opened.close()


def rotate_keys(settings: Settings, console: Console) -> None:
    opened = bootstrap.record(settings)
    try:
        entry = opened.ledger.rotate_key(settings.ledger.actor)
        opened.ledger.publish_head()
    finally:
        opened.close()
    console.print(Text(f"new key {entry.key_id}, recorded at {entry.index}"))


def destroy_key(settings: Settings, key_id: str, console: Console) -> None:
    """LedgerError when work begun under the key is still open: its digests are needed to finish it."""
    with bootstrap.only_worker(settings):
        opened = bootstrap.record(settings)
        try:
            if opened.journal.totals(datetime.now(UTC)).in_flight:
                raise LedgerError("a replacement is under way: run `scrubber run --once` first")
            entry = opened.ledger.destroy_key(key_id, settings.ledger.actor)
            opened.ledger.publish_head()
        finally:
            opened.close()
    console.print(Text(f"key {key_id} destroyed, recorded at {entry.index}"))
