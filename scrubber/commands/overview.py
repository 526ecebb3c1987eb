"""`scrubber check`: what is possible."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.text import Text
from sqlalchemy import create_engine, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from scrubber import bootstrap
from scrubber.commands.stranded import stranded
from scrubber.errors import SettingsError, SourceError, StoreError
from scrubber.ledger.keys import KeyRing
from scrubber.redaction import Language
from scrubber.report import labels
from scrubber.schema import ledger
from scrubber.settings import Settings
from scrubber.settings_sources import DeskSettings, RelaySettings, SourceSettings
from scrubber.sources.base import Lacks, Marks

_CHECK: Mapping[str, tuple[str, str]] = {
    "fine": ("bereikbaar", "reachable"),
    "redact": (
        "persoonsgegevens gaan uit de berichten zelf",
        "personal data goes from the messages themselves",
    ),
    "observe": (
        'beslist en legt vast, verandert niets (verwijderen begint met mode = "redact")',
        'decides and records, changes nothing (removal starts with mode = "redact")',
    ),
    "readonly": ("kan alleen lezen: hier wordt nooit iets verwijderd", "can only read: nothing is ever removed here"),
    "threads": ("kent de draad van een bericht", "knows the thread of a message"),
    "no desk": (
        "geen desk_addresses ingesteld: van wat de desk vroeg telt alleen wat in de map met verzonden berichten staat",
        "no desk_addresses set: of what the desk asked, only what stands in the sent folder counts",
    ),
    "marked": (
        "als verwijderd gemarkeerd en met rust gelaten: {}. Wat erin staat, blijft tot iemand de map opschoont",
        "marked as deleted and left alone: {}. What they hold stands there until someone expunges the folder",
    ),
    "sweep": (
        "loopt elke {minutes} minuten alle wijzigingen na",
        "looks up all changes every {minutes} minutes",
    ),
    "hook": (
        "een webhook op /hooks/{name} wekt `scrubber serve` of `scrubber run` binnen een seconde",
        "a webhook at /hooks/{name} wakes `scrubber serve` or `scrubber run` within a second",
    ),
    "no hook": (
        "geen hook_secret_file of hook_secret_env: een webhook wordt hier niet aangenomen",
        "no hook_secret_file or hook_secret_env: no webhook is taken here",
    ),
    "words": (
        "luistert naar medewerkers in interne notities en labels: nodig tot …, gevraagd (…), verwerkt, …",
        "hears agents in internal notes and tags: nodig tot …, gevraagd (…), verwerkt, …",
    ),
    "rules": ("regels en herkenners kloppen", "rules and recognisers are valid"),
    "no sources": (
        "er zijn geen bronnen ingesteld. Zet in het instellingenbestand bijvoorbeeld:",
        "there are no sources. Write into the settings file, for instance:",
    ),
    "relay": (
        "neemt aan wat {title} stuurt en geeft het door aan {host} (dat wordt hier niet aangeroepen)",
        "takes what {title} sends and passes it on to {host} (which is not called here)",
    ),
    "deferred pass": (
        "wat mag blijven tot de zaak is gesloten gaat door; het ticketsysteem moet het later weghalen",
        "what may stay until the matter is closed passes on; it is for the desk to remove it later",
    ),
    "deferred redact": (
        "wat mag blijven tot de zaak is gesloten gaat meteen weg: later kan het niet meer",
        "what may stay until the matter is closed goes at once: later it can't",
    ),
    "no secret": (
        "geen hook_secret_env of hook_secret_file: alleen deze machine zelf wordt gehoord",
        "no hook_secret_env or hook_secret_file: only this machine itself is heard",
    ),
    "record": ("database en sleutels zijn bereikbaar", "database and keys can be opened"),
    "no record": (
        "er is nog geen database: de eerste `scrubber run` maakt database en sleutels",
        "there is no database yet: the first `scrubber run` makes database and keys",
    ),
    "broken record": ("database of sleutels zijn niet te gebruiken", "database or keys can't be used"),
}

_EXAMPLE = """
  [[source]]
  name = "support"
  type = "maildir"
  path = "/var/mail/support/Maildir"
"""


def _pick(table: Mapping[str, tuple[str, str]], key: str, lang: Language) -> str:
    return table[key][0 if lang == "nl" else 1]


def check(settings: Settings, lang: Language, console: Console) -> int:
    """Exit status 1 when a source, the database or the keys can't be used, or there is no source."""
    built = bootstrap.engine(settings)
    console.print(Text(_pick(_CHECK, "rules", lang)), style="green")
    failed = not _record_usable(settings, lang, console)
    if not settings.source:
        failed = True
        console.print(Text(_pick(_CHECK, "no sources", lang)), style="yellow")
        console.print(Text(_EXAMPLE), soft_wrap=True)
    for row in settings.source:
        bootstrap.policy(built, settings, row)
        if isinstance(row, RelaySettings):
            failed = not _relay(settings, row, lang, console) or failed
            continue
        source = bootstrap.source(settings, row)
        console.print(Text(f"\n{row.name} ({row.type})", style="bold"))
        if why := _purge_unusable(row):
            failed = True
            console.print(Text(f"  {why}", style="red"))
        try:
            source.check()
            marked = source.marked() if isinstance(source, Marks) else 0
        except SourceError as error:
            failed = True
            console.print(Text(f"  {error}", style="red"))
            continue
        finally:
            source.close()
        if isinstance(source, Lacks):
            for why in source.lacking():
                failed = True
                console.print(Text(f"  {why}", style="red"))
        can = source.capabilities
        lines = [
            _pick(_CHECK, "fine", lang),
            _mode(row.mode, lang) if can.replaces else _pick(_CHECK, "readonly", lang),
        ]
        if can.threads:
            lines.append(_pick(_CHECK, "threads", lang))
        if isinstance(row, DeskSettings):
            lines += _desk(row, lang)
        elif not row.desk_addresses:
            lines.append(_pick(_CHECK, "no desk", lang))
        if marked:
            lines.append(_pick(_CHECK, "marked", lang).format(marked))
        for line in (*lines, *can.limits):
            console.print(Text(f"  {line}"))
    return 1 if failed else 0


def _purge_unusable(row: SourceSettings) -> str:
    """Why the purge command can't be started; "" it can, or there is none. It is not run: it may take long."""
    words = shlex.split(getattr(row, "purge_command", ""))
    if not words or shutil.which(words[0]):
        return ""
    at = f'source "{row.name}": `purge_command`: the program {words[0]}'
    if shutil.which(words[0], mode=os.F_OK):
        return f"{at} may not be run by this user: chmod +x it, or name another"
    return f"{at} is not there: install it, or name it with its path"


def _relay(settings: Settings, row: RelaySettings, lang: Language, console: Console) -> bool:
    """What a relay would do, without a request to the desk: any would be a delivery. False: it is not usable."""
    from scrubber.web import relay_lines  # it brings the web framework along

    console.print(Text(f"\n{row.name} ({row.type})", style="bold"))
    try:
        gate = relay_lines.gates(settings)[row.name]
        with ExitStack() as stack:
            relay_lines.lines(settings, stack)
    except SettingsError as error:
        console.print(Text(f"  {error}", style="red"))
        return False
    lines = [
        _pick(_CHECK, "relay", lang).format(title=gate.preset.title, host=urlsplit(row.deliver_url).hostname),
        _mode(row.mode, lang),
        _pick(_CHECK, f"deferred {row.deferred}", lang),
        f"{gate.preset.title}: {gate.preset.remains[lang]}",
    ]
    if gate.lock is None:
        lines.append(_pick(_CHECK, "no secret", lang))
    for line in lines:
        console.print(Text(f"  {line}"))
    return True


def _desk(row: DeskSettings, lang: Language) -> list[str]:
    """How it hears of changes."""
    hooked = row.hook_secret_env or row.hook_secret_file
    every = _pick(_CHECK, "sweep", lang).format(minutes=f"{row.sweep_minutes:g}")
    hook = _pick(_CHECK, "hook" if hooked else "no hook", lang).format(name=row.name)
    return [every, hook, _pick(_CHECK, "words", lang)]


def _mode(mode: str, lang: Language) -> str:
    return f"{labels.label(labels.MODES, mode, lang)}: {_pick(_CHECK, mode, lang)}"


def _record_usable(settings: Settings, lang: Language, console: Console) -> bool:
    """Whether `scrubber run` could open its record; what does not exist yet is not made here."""
    try:
        if _is_new(settings):
            _makeable(settings)
            console.print(Text(_pick(_CHECK, "no record", lang)), style="yellow")
        else:
            opened = bootstrap.record(settings)
            try:
                opened.ledger.check_head()
                found = list(stranded(settings, opened))
            finally:
                opened.close()
            console.print(Text(_pick(_CHECK, "record", lang)), style="green")
            for one in found:
                console.print(Text(one.why), style="red", soft_wrap=True)
            return not found
    except StoreError as error:
        console.print(Text(f"{_pick(_CHECK, 'broken record', lang)}: {error}"), style="red")
        return False
    return True


def _is_new(settings: Settings) -> bool:
    """Whether there is no database of scrubber yet. A server that does not answer is no such answer: False."""
    url = make_url(settings.store_url)
    if url.get_backend_name() == "sqlite":
        return not Path(url.database or "").exists()
    try:
        engine = create_engine(url.set(drivername="postgresql+psycopg"), poolclass=NullPool, hide_parameters=True)
        with engine.connect() as connection:
            return not inspect(connection).has_table(ledger.name)
    except (SQLAlchemyError, ImportError):
        return False


def _makeable(settings: Settings) -> None:
    """StoreError when the first run could not make the database, or has keys that it could not use."""
    url = make_url(settings.store_url)
    if url.get_backend_name() == "sqlite":
        directory = Path(url.database or "").absolute().parent
        if not (directory.is_dir() and os.access(directory, os.W_OK | os.X_OK)):
            raise StoreError(f"[store] url: no file can be made in {directory}")
    if settings.keys_path.exists():
        KeyRing.open(settings.keys_path)
