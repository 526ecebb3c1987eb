"""Settings to objects: the only module that knows every concrete class."""

from __future__ import annotations

import fcntl
import gc
import os
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import yaml

from scrubber.budget import Limits
from scrubber.errors import SettingsError, StoreError
from scrubber.finding import ENTITY_TYPES
from scrubber.formats.registry import default_registry
from scrubber.pipeline import Tools
from scrubber.policy.need_model import FILE
from scrubber.policy.rules import RuleSet, load_policy
from scrubber.policy.source import SourcePolicy
from scrubber.redaction import Language, Redactor, load_entities
from scrubber.settings import DetectionSettings, Settings
from scrubber.settings_sources import (
    SECRETS,
    TOKENS,
    AnySource,
    DeskSettings,
    HelpdeskSettings,
    ImapSettings,
    MaildirSettings,
    MboxSettings,
    RelaySettings,
    RtSettings,
    SourceSettings,
)
from scrubber.shipped import shipped_models, shipped_rules
from scrubber.sources.base import Source
from scrubber.sources.maildir import MaildirSource
from scrubber.sources.mbox import MboxSource
from scrubber.station import Meter, Options, Progress, Station, Watch

# What opens a database, and what builds recognisers (Presidio, spaCy), is imported where that is done: `try` opens no
# database, `status` builds no recognisers, and each takes most of a second.
if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from scrubber.detection.nlp import NlpChoice
    from scrubber.detection.recognizer import Mode
    from scrubber.journal import Journal
    from scrubber.ledger.chain import Ledger
    from scrubber.ledger.keys import KeyRing
    from scrubber.metrics import Metrics
    from scrubber.sources.desk.interface import Desk
    from scrubber.sources.imap.source import ImapSource
    from scrubber.store import Store
    from scrubber.worker import Worker


def _rules_file(directory: Path, name: str) -> Path:
    """A file of the user's own rules directory where it is there, else the shipped one."""
    own = directory / name
    return own if own.is_file() else shipped_rules() / name


def rules_directory(settings: Settings | None) -> Path:
    if settings is None or not settings.rules.directory:
        return shipped_rules()
    directory = settings.path(settings.rules.directory)
    if not directory.is_dir():
        raise SettingsError(f"[rules] directory: {directory} is no directory")
    return directory


@dataclass(frozen=True, slots=True)
class Engine:
    """What is expensive to build and the same for every source: built once."""

    tools: Tools
    ruleset: RuleSet
    learned: Path | None


def engine(settings: Settings | None = None, lang: Language | None = None) -> Engine:
    """Rules and recognisers, checked. SettingsError names file and line of what is wrong with them."""
    from scrubber.detection.analyzer import build_detector

    directory = rules_directory(settings)
    entities = load_entities(_rules_file(directory, "entities.yaml"), ENTITY_TYPES)
    ruleset = load_policy(_rules_file(directory, "policy.yaml"))
    redactor = Redactor(entities, lang or (settings.rules.lang if settings else "nl"))
    _check_operators(ruleset, redactor)
    redactor.prepare()
    limits = Limits(**settings.limits.model_dump()) if settings else Limits()
    recognizers = directory if (directory / "recognizers.yaml").is_file() else shipped_rules()
    given = settings.detection if settings else DetectionSettings()
    nlp = _nlp(given)
    detector = build_detector(recognizers, _rules_file(directory, "entities.yaml"), given.model, nlp)
    learned = None if settings and not settings.rules.learned else shipped_models() / FILE
    return Engine(Tools(default_registry(), detector, redactor, limits), ruleset, learned)


def settle() -> None:
    """For a process that goes on to answer many messages: what was built stays, so the collector need not walk it.

    Word lists and patterns are some hundred thousand objects, which it would look through again and again; and what one
    batch of messages makes is not yet rubbish after the collector's usual 700 objects.
    """
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def _nlp(given: DetectionSettings) -> NlpChoice | None:
    """The NLP engine of the settings. A model that no engine would ask is an error: its owner counts on it."""
    if given.nlp_engine:
        from scrubber.detection.nlp import NlpChoice

        return NlpChoice(given.nlp_engine, given.nlp_model, given.nlp_labels)
    for key in ("nlp_model", "nlp_labels"):
        if getattr(given, key):
            raise SettingsError(f"[detection] {key}: name the nlp_engine too (spacy, transformers, stanza, rampart)")
    return None


def _check_operators(ruleset: RuleSet, redactor: Redactor) -> None:
    for rule in ruleset.rules:
        redactor.check_operator(rule.operator)


def names(settings: Settings, lang: Language) -> tuple[dict[str, str], dict[str, str]]:
    """(entity type -> label, rule -> what it rests on) for the report, without building the recognisers."""
    directory = rules_directory(settings)
    entities = load_entities(_rules_file(directory, "entities.yaml"), ENTITY_TYPES)
    ruleset = load_policy(_rules_file(directory, "policy.yaml"))
    rules = list(ruleset.rules)
    for row in settings.source:
        rules += ruleset.extended(_extra_rules(settings, row)).rules
    return {kind: entity.label[lang] for kind, entity in entities.entities.items()}, {r.name: r.because for r in rules}


def default_tools(model: Mode = "gated") -> Tools:
    """The tools with the shipped rules; `model`: where the trained model looks."""
    from scrubber.detection.analyzer import build_detector

    tools = engine().tools
    return tools if model == "gated" else replace(tools, detector=build_detector(shipped_rules(), model=model))


def default_policy(
    desk_addresses: Sequence[str] = (),
    profile: str = "default",
    legal_basis: Mapping[str, str] | None = None,
    *,
    learned: bool = True,
) -> SourcePolicy:
    """The shipped policy, for one source; `learned`: with the trained weights beside the word lists."""
    ruleset = load_policy(shipped_rules() / "policy.yaml")
    weights = shipped_models() / FILE if learned else None
    return SourcePolicy(ruleset, profile, legal_basis, desk_addresses, learned=weights)


def call_policy(built: Engine, profile: str) -> SourcePolicy:
    """The policy for calls that belong to no source: `try` and `analyze`."""
    return SourcePolicy(built.ruleset, profile, words_dir=_policy_words(built.ruleset), learned=built.learned)


def _policy_words(ruleset: RuleSet) -> Path:
    """The cue lists beside the policy in force, else the shipped ones."""
    own = ruleset.path.parent / "words" / "policy"
    return own if own.is_dir() else shipped_rules() / "words" / "policy"


def tools_of(built: Engine, row: SourceSettings) -> Tools:
    """The tools for one source, with its own numbers."""
    return replace(built.tools, own_numbers=row.own_numbers)


_LEGAL = {"bsn": "NL_BSN"}


def policy(built: Engine, settings: Settings, source: SourceSettings) -> SourcePolicy:
    ruleset = built.ruleset.extended(_extra_rules(settings, source))
    _check_operators(ruleset, built.tools.redactor)
    legal_basis = {_LEGAL[key]: text for key, text in source.legal_basis.items()}
    words = _policy_words(built.ruleset)
    return SourcePolicy(
        ruleset, source.profile, legal_basis, source.desk_addresses, words_dir=words, learned=built.learned
    )


def _extra_rules(settings: Settings, source: SourceSettings) -> Sequence[Mapping[str, object]]:
    """The rows of a source's own rules file; the policy checks what is in them."""
    if not source.extra_rules:
        return ()
    path = settings.path(source.extra_rules)
    try:
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"[[source]] extra_rules: {path} can't be read: {type(error).__name__}") from None
    rows = table.get("rules") if isinstance(table, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SettingsError(f"[[source]] extra_rules: {path} must hold a list `rules`")
    return rows


def source(settings: Settings, row: AnySource, ring: KeyRing | None = None) -> Source:
    """The source of one [[source]]. Without `ring` an IMAP source can look and can't replace."""
    match row:
        case MaildirSettings():
            return MaildirSource(row.name, settings.path(row.path), row.folders, row.sent_folders, row.desk_addresses)
        case MboxSettings():
            return MboxSource(row.name, settings.path(row.path), desk_addresses=row.desk_addresses)
        case ImapSettings():
            return _imap(settings, row, ring)
        case DeskSettings():
            return _desk(settings, row)
        case RelaySettings():
            raise SettingsError(f"source {row.name}: a relay has no messages of its own; `scrubber serve` works for it")


DESKS = {"zendesk": "zendesk", "helpdesk": "helpdesk", "rt": "rt"}
"""`type` of a source, and the module in sources/desk whose `connect` makes it."""


def _desk(settings: Settings, row: DeskSettings) -> Source:
    from scrubber.sources.credentials import secret
    from scrubber.sources.desk.account import Account
    from scrubber.sources.desk.source import DeskSource

    given = secret({key: getattr(row, key) for key in TOKENS}, settings.path)
    shut = row.closed_statuses if isinstance(row, HelpdeskSettings | RtSettings) else ()
    account = Account(
        source=row.name,
        url=row.url,
        user=row.user,
        secret=given,
        private=row.private,
        agents=frozenset(row.agents) if isinstance(row, HelpdeskSettings) else frozenset(),
        closed=frozenset(map(str, shut)),
        replace_command=row.replace_command if isinstance(row, RtSettings) else "",
    )
    desk: Desk = import_module(f"scrubber.sources.desk.{DESKS[row.type]}").connect(account)
    return DeskSource(row.name, desk, row.desk_addresses)


def _imap(settings: Settings, row: ImapSettings, ring: KeyRing | None) -> ImapSource:
    from scrubber.sources.credentials import secret
    from scrubber.sources.imap.account import Account
    from scrubber.sources.imap.folders import Layout
    from scrubber.sources.imap.marker import Seals
    from scrubber.sources.imap.source import ImapSource

    account = Account(
        source=row.name,
        host=row.host,
        port=row.port or (993 if row.tls == "implicit" else 143),
        tls=row.tls,
        ca=settings.path(row.tls_ca) if row.tls_ca else None,
        user=row.user,
        secret=secret({key: getattr(row, key) for key in SECRETS}, settings.path),
    )
    layout = Layout(
        folders=row.folders,
        sent=row.sent_folders,
        deliver_to=row.deliver_to,
        needed=row.needed_folder,
        done=row.done_folder,
        wrong=row.wrong_folder,
        missed=row.missed_folder,
    )
    seals = (
        Seals(lambda data: ring.digest("marker", data), lambda data: ring.digest_all("marker", data)) if ring else None
    )
    return ImapSource(account, layout, seals, row.desk_addresses, idle=row.idle)


def begun_elsewhere(settings: Settings, row: AnySource, ring: KeyRing, plan: Mapping[str, str]) -> bool:
    """Whether a replacement with this plan was begun at another mailbox, or kind of source, than this one is now."""
    from scrubber.sources.imap.plan import MAILBOX

    if isinstance(row, ImapSettings):
        return _imap(settings, row, ring).begun_elsewhere(plan)
    return MAILBOX in plan


@dataclass(frozen=True, slots=True)
class Record:
    """The database with journal and ledger, and the keys."""

    store: Store
    journal: Journal
    ledger: Ledger
    ring: KeyRing

    def close(self) -> None:
        self.store.close()


def record(settings: Settings, *, create: bool = False) -> Record:
    """Open database and keys. `create`: at the first start they are made; keys are never made for a record that exists.

    StoreError or LedgerError, with the setting in its text, when they can't be opened.
    """
    from scrubber.journal import Journal
    from scrubber.ledger.chain import Ledger
    from scrubber.ledger.keys import KeyRing
    from scrubber.store import Store

    if not create and settings.store_url.startswith("sqlite:///"):
        file = Path(settings.store_url.removeprefix("sqlite:///"))
        if not file.is_file():
            raise StoreError(f"[store] url: there is no database {file} yet; `scrubber run` makes it")
    store = Store.open(settings.store_url)
    try:
        keys = settings.keys_path
        first = create and not KeyRing.made(keys) and _is_new(store)
        ring = KeyRing.create(keys) if first else KeyRing.open(keys)
        ledger = Ledger(store, ring, head_file=settings.head_path)
        if create:
            ledger.check_head()  # never build on a record that was put back or forged
        return Record(store, Journal(store), ledger, ring)
    except BaseException:
        store.close()
        raise


def _is_new(store: Store) -> bool:
    from sqlalchemy import select

    from scrubber.schema import ledger as ledger_table

    with store.read() as tx:
        return tx.execute(select(ledger_table.c.idx).limit(1)).first() is None


@contextmanager
def only_worker(settings: Settings, patient: Callable[[str], bool] | None = None) -> Iterator[bool]:
    """Hold the lock of this installation's worker: two would rewrite the same mail.

    While another has it: StoreError, or with `patient`, which is told why and waits a little, until it says False;
    then the block runs without the lock and is given False.
    """
    lock = settings.keys_path / "worker.lock"
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        held = _locked(descriptor)
        while not held:
            why = f"another `scrubber run` is at work with these settings (lock {lock})"
            if patient is None:
                raise StoreError(why)
            if not patient(why):
                break
            held = _locked(descriptor)
        yield held
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _now() -> datetime:
    return datetime.now(UTC)


def worker(
    settings: Settings,
    built: Engine,
    opened: Record,
    log: FilteringBoundLogger,
    *,
    stop: Event | None = None,
    watch: Watch | None = None,
    progress: Progress | None = None,
    meter: Meter | None = None,
    as_of: datetime | None = None,
    clock: Callable[[], datetime] = _now,
    only: str | None = None,
    mode: str | None = None,
) -> Worker:
    """The worker over the sources, or over `only` one of them; `mode` goes before that of the settings."""
    from scrubber.worker import Worker

    stations = []
    for row in settings.worked:
        if only is not None and row.name != only:
            continue
        made = source(settings, row, opened.ring)
        tools = tools_of(built, row)
        sweep = timedelta()
        if isinstance(row, DeskSettings):
            tools = replace(tools, redactor=replace(tools.redactor, mask=made.capabilities.mask))
            sweep = timedelta(minutes=row.sweep_minutes)
        stations.append(
            Station(
                made,
                policy(built, settings, row),
                tools,
                mode or row.mode,
                row.since,
                folders=getattr(row, "folders", ()),
                purge=tuple(shlex.split(getattr(row, "purge_command", ""))),
                sweep=sweep,
            )
        )
    options = Options(
        batch=settings.worker.batch,
        attempts=settings.worker.attempts,
        silent=timedelta(days=settings.worker.silent_days),
        grace=timedelta(days=settings.worker.grace_days),
        actor=settings.ledger.actor,
        as_of=as_of,
    )
    return Worker(
        stations,
        opened.store,
        opened.journal,
        opened.ledger,
        opened.ring,
        log,
        clock,
        options,
        stop=stop,
        watch=watch,
        progress=progress,
        meter=meter,
    )


@contextmanager
def metrics(
    settings: Settings, opened: Record, address: str, setting: str, clock: Callable[[], datetime] = _now
) -> Iterator[Metrics | None]:
    """Where figures go, served at `address` (of `setting`) while the block runs; None where it is empty."""
    if not address:
        yield None
        return
    from scrubber.metrics import Metrics, served

    made = Metrics([row.name for row in settings.source], opened.journal, clock)
    with served(made, address, setting):
        yield made
