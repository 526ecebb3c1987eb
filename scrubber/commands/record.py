"""`scrubber report`, `verify` and `keys`: reading the record, proving it, its keys."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scrubber import bootstrap
from scrubber.errors import LedgerError, SettingsError, StoreError
from scrubber.journal import UNABLE
from scrubber.ledger.signatures import PublicKeys
from scrubber.ledger.verify import Verdict
from scrubber.ledger.verify import verify as verify_chain
from scrubber.redaction import Language
from scrubber.report import labels, read
from scrubber.report.figures import figures
from scrubber.report.render import to_csv, to_html, to_json
from scrubber.settings import Settings
from scrubber.store import Store


def render(settings: Settings, form: str, since: datetime | None, lang: Language) -> str:
    """The report as html, json or csv. SettingsError when `since` is still to come."""
    now = datetime.now(ZoneInfo(settings.report.timezone))
    if since is not None and since > now:
        raise SettingsError("--since: this moment is still to come, so that nothing was done since")
    opened = bootstrap.record(settings)
    try:
        plans = read.plans(opened.store)  # before the entries, which a worker may be adding to
        verdict = verify_chain(opened.store, opened.ring.public_keys, head_file=settings.head_path)
        with closing(opened.ledger.read()) as stored:
            entries = read.readable(stored, verdict.entries)
        computed = figures(
            entries,
            read.waiting(plans.deferrals),
            read.reviews(plans.reviews),
            read.chain_state(opened.store, verdict, len(entries)),
            since=since,
            until=now,
            generated_at=now,
            plans=plans,
            unable=[one.source for one in opened.journal.troubles() if one.what == UNABLE],
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


def verify(
    settings: Settings,
    lang: Language,
    console: Console,
    head: Path | None = None,
    public_keys: Path | None = None,
) -> int:
    """Exit status 1 when the record is broken.

    `head`: a copy of the head file that was kept elsewhere, instead of the one in the settings. `public_keys`: PEM, as
    `public_keys` gives it, instead of the key directory: who verifies needs no keys of their own. SettingsError when
    one of them can't be used.
    """
    if head is not None and not head.is_file():
        raise SettingsError(f"--head: there is no file {head}")
    known = None if public_keys is None else _given_keys(public_keys)
    published = head or settings.head_path
    if known is None:
        opened = bootstrap.record(settings)
        try:
            verdict = verify_chain(opened.store, opened.ring.public_keys, head_file=published)
        finally:
            opened.close()
    else:
        with closing(_store(settings)) as store:
            verdict = verify_chain(store, known, head_file=published)
    sentence, style = _sentence(verdict, lang, published)
    console.print(Text(sentence, style=style))
    if verdict.ok and verdict.published == "absent":
        text = {
            "nl": f"De kop buiten de database ({published}) ontbreekt: een teruggezette database valt zo niet op.",
            "en": f"The head outside the database ({published}) is missing: a rolled back database would not show.",
        }[lang]
        console.print(Text(text, style="yellow"))
    return 0 if verdict.ok else 1


def _sentence(verdict: Verdict, lang: Language, published: Path) -> tuple[str, str]:
    """What a verdict comes down to, and its style."""
    if verdict.ok:
        return {
            "nl": f"De keten klopt: {verdict.entries} vermeldingen, ondertekend tot en met de laatste.",
            "en": f"The chain is whole: {verdict.entries} entries, signed up to the last.",
        }[lang], "bold green"
    if verdict.first_bad is None:
        return {
            "nl": f"De {verdict.entries} vermeldingen in de database kloppen, maar de kop erbuiten ({published}) is "
            f"onleesbaar of niet van ons: of de database is teruggezet, is niet te zeggen ({verdict.why})",
            "en": f"The {verdict.entries} entries in the database are whole, but the head outside it ({published}) is "
            f"unreadable or not ours: whether the database was put back can't be told ({verdict.why})",
        }[lang], "bold red"
    why = labels.label(labels.CHAIN, verdict.why, lang)
    return {
        "nl": f"De keten is GEBROKEN bij vermelding {verdict.first_bad}: {why} ({verdict.why})",
        "en": f"The chain is BROKEN at entry {verdict.first_bad}: {why} ({verdict.why})",
    }[lang], "bold red"


def _given_keys(path: Path) -> PublicKeys:
    try:
        return PublicKeys.from_pem(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"--public-keys: {path} can't be read: {error.strerror}") from None
    except LedgerError as error:
        raise SettingsError(f"--public-keys: {path}: {error}") from None


def _store(settings: Settings) -> Store:
    """The database without its keys; it is never made here."""
    if settings.store_url.startswith("sqlite:///"):
        file = Path(settings.store_url.removeprefix("sqlite:///"))
        if not file.is_file():
            raise StoreError(f"[store] url: there is no database {file}")
    return Store.open(settings.store_url)


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


def destroy_key(settings: Settings, key_id: str, console: Console, sure: Callable[[], object] = lambda: None) -> None:
    """Destroy a rotated key. `sure` asks the person, once it is known that there is something to destroy.

    SettingsError for a key that can't be destroyed. LedgerError when work begun under it is still open: its digests
    are needed to finish it.
    """
    _destroyable(settings, key_id)
    sure()
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


def _destroyable(settings: Settings, key_id: str) -> None:
    opened = bootstrap.record(settings)
    try:
        known = {key.key_id: key for key in opened.ring.digest_keys}
        current = opened.ring.key_id
        # A crash between the two leaves a destroyed key without its entry: then it is done again.
        over = key_id in known and known[key_id].ended and _recorded(opened, key_id)
    finally:
        opened.close()
    if key_id not in known:
        raise SettingsError("KEY: there is no key of that id; `scrubber keys list` shows them")
    if key_id == current:
        raise SettingsError("KEY: this key is in use: make another with `scrubber keys rotate` first")
    if over:
        raise SettingsError(f"KEY: this key was destroyed already ({known[key_id].ended})")


def _recorded(opened: bootstrap.Record, key_id: str) -> bool:
    with closing(opened.ledger.read()) as entries:
        return any(entry.kind == "key_destroyed" and entry.key_id == key_id for entry in entries)
