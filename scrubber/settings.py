"""One TOML file plus a few environment variables, validated: an unknown key is an error that names its line.

Relative paths are relative to the settings file, so that `cd somewhere && scrubber verify` and a service with another
working directory mean the same.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, field_validator

from scrubber.errors import SettingsError
from scrubber.settings_errors import Location, explain, first_causes, line_of, where
from scrubber.settings_sources import AnySource, RelaySettings, same_mail
from scrubber.settings_table import Several, Table

FILE_NAME = "scrubber.toml"


def address(value: str) -> str:
    host, _, port = value.rpartition(":")
    if value and not (host and port.isascii() and port.isdigit() and int(port) <= 65_535):
        raise ValueError("an address and a port, such as 127.0.0.1:9464")
    return value


class StoreSettings(Table):
    """[store]"""

    url: str = Field("scrubber.db", description="Database: a file name (SQLite) or a postgresql+psycopg:// URL.")

    @field_validator("url")
    @classmethod
    def _known(cls, value: str) -> str:
        scheme, separator, rest = value.partition("://")
        if separator and scheme not in ("sqlite", "postgresql", "postgresql+psycopg"):
            # the scheme only: what follows may hold a password
            raise ValueError(f"`{scheme}` is no database that scrubber knows: a file name, or postgresql+psycopg://…")
        if separator and scheme != "sqlite":
            return value
        file = rest.removeprefix("/") if separator else value
        if not file or file.startswith((":memory:", "file:")):
            raise ValueError("the database must be a file: a name, or sqlite:///PATH")
        return value


class LedgerSettings(Table):
    """[ledger]"""

    keys: str = Field("scrubber-keys", description="Directory of the keys. Keep it apart from the database.")
    head: str = Field(
        "scrubber.head", description="File with the last signed head; copy it elsewhere to prove no rollback."
    )
    actor: str = Field("scrubber", description="Who acts, as the record names it.")


class WorkerSettings(Table):
    """[worker]"""

    poll_seconds: float = Field(60, gt=0, le=86_400, description="Pause between two looks at the sources.")
    batch: int = Field(16, ge=1, le=1_000, description="Messages read before they are handled together.")
    attempts: int = Field(3, ge=1, le=100, description="How often a failing message is tried before it stays FAILED.")
    silent_days: float = Field(14, ge=0, le=365, description="A mailbox thread counts as closed after this silence.")
    grace_days: float = Field(
        7, ge=0, le=365, description="Deferred removals wait this long after the matter is closed."
    )
    log: Literal["json", "console"] = Field("console", description="How log lines look (they go to standard error).")
    metrics: str = Field(
        "", description="Address for Prometheus to read figures at, such as 127.0.0.1:9464; empty: none."
    )

    @field_validator("metrics")
    @classmethod
    def _address(cls, value: str) -> str:
        return address(value)


class ServeSettings(Table):
    """[serve]"""

    listen: str = Field("127.0.0.1:8080", description="Address that `scrubber serve` answers at.")
    token_env: Several = Field(
        (), description="Environment variable with a token for `/v1/scrub`; a list while it is changed."
    )
    token_file: Several = Field((), description="File with a token for `/v1/scrub`; a list while it is changed.")
    max_bytes: int = Field(
        1024 * 1024, ge=1_024, le=64 * 1024 * 1024, description="Size of a request; a larger one is refused."
    )
    per_minute: int = Field(
        1_200, ge=1, description="Deliveries a minute of one source, and calls, before one must wait."
    )
    profile: Literal["default", "strict"] = Field("default", description="Which profile of the policy `/v1/scrub` has.")
    processes: int = Field(1, ge=1, le=64, description="Processes that answer `/v1/scrub`.")
    call_seconds: float = Field(20, gt=0, le=600, description="Time that one call may take.")
    metrics: str = Field(
        "",
        description="Address for Prometheus to read figures of `scrubber serve` at; empty: none.",
    )

    @field_validator("listen", "metrics")
    @classmethod
    def _address(cls, value: str) -> str:
        return address(value)


class LimitSettings(Table):
    """[limits]: what one message may cost before it is HELD."""

    bytes: int = Field(64 * 1024 * 1024, ge=1_024, description="Size of a message in bytes.")
    parts: int = Field(2_000, ge=1, description="Number of parts.")
    depth: int = Field(50, ge=1, le=200, description="Nesting of parts.")
    characters: int = Field(5_000_000, ge=1_000, description="Text in all parts together.")
    findings: int = Field(20_000, ge=1, description="Findings in all parts together.")


class RulesSettings(Table):
    """[rules]"""

    directory: str = Field(
        "", description="Directory with your own policy.yaml, recognizers.yaml, entities.yaml; empty: those shipped."
    )
    lang: Literal["nl", "en"] = Field("nl", description="Language of the text that replaces a value.")
    learned: bool = Field(
        True, description="Trained weights judge, beside the word lists, whether a datum is needed to help."
    )


class DetectionSettings(Table):
    """[detection]"""

    model: Literal["off", "gated", "everywhere"] = Field(
        "gated",
        description="Where the trained model looks: `off`, `gated` (where something is unexplained), `everywhere`.",
    )
    nlp_engine: Literal["", "spacy", "transformers", "stanza", "rampart"] = Field(
        "",
        description="A Presidio NLP engine that is asked as well: `spacy`, `transformers`, `stanza`, `rampart` (the "
        "extra of that name, without a model); empty: none.",
    )
    nlp_model: str = Field("", description="The engine's model, installed beforehand: `nl_core_news_lg` for spacy.")
    nlp_labels: Mapping[str, str] = Field(
        default_factory=dict, description='Its labels and our types: `{PER = "PERSON"}`; empty: PER and PERSON.'
    )


class ReportSettings(Table):
    """[report]"""

    organisation: str = Field("", description="Name at the top of the report.")
    timezone: str = Field("Europe/Amsterdam", description="Time zone of the days in the report.")

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError):  # KeyError: ZoneInfoNotFoundError
            raise ValueError("an IANA name such as Europe/Amsterdam") from None
        return value


class Settings(Table):
    """The whole file. `base` is the directory it stands in."""

    store: StoreSettings = StoreSettings()
    ledger: LedgerSettings = LedgerSettings()
    worker: WorkerSettings = WorkerSettings()
    serve: ServeSettings = ServeSettings()
    limits: LimitSettings = LimitSettings()
    rules: RulesSettings = RulesSettings()
    detection: DetectionSettings = DetectionSettings()
    report: ReportSettings = ReportSettings()
    source: tuple[AnySource, ...] = ()
    base: Path = Field(default_factory=Path.cwd, exclude=True)

    @property
    def worked(self) -> tuple[AnySource, ...]:
        """The sources that a worker goes through; what a relay passes on is not looked at again."""
        return tuple(row for row in self.source if not isinstance(row, RelaySettings))

    def path(self, value: str) -> Path:
        """A path from the file, made absolute against the file's directory; `~` is the home directory."""
        return (self.base / Path(value).expanduser()).absolute()

    @property
    def store_url(self) -> str:
        if "://" in self.store.url:
            return self.store.url
        return f"sqlite:///{self.path(self.store.url)}"

    @property
    def keys_path(self) -> Path:
        return self.path(self.ledger.keys)

    @property
    def head_path(self) -> Path:
        return self.path(self.ledger.head)


ENVIRONMENT = {
    "SCRUBBER_SETTINGS": "the settings file, instead of ./scrubber.toml",
    "SCRUBBER_STORE_URL": "[store] url",
    "SCRUBBER_KEYS": "[ledger] keys",
}
"""Environment variables and what they stand for; the last two go before the file."""


def find(explicit: Path | None, environment: Mapping[str, str] = os.environ) -> Path:
    """The settings file: --settings, else SCRUBBER_SETTINGS, else ./scrubber.toml. SettingsError: it is not there."""
    path = explicit or Path(environment.get("SCRUBBER_SETTINGS") or FILE_NAME)
    if not path.is_file():
        raise SettingsError(
            f"no settings file {path}. Name one with --settings or SCRUBBER_SETTINGS, or start with `scrubber demo`, "
            "which writes an example."
        )
    return path


def find_optional(explicit: Path | None, environment: Mapping[str, str] = os.environ) -> Path | None:
    """As `find`, for what also works without settings: None when none is named and there is no ./scrubber.toml."""
    named = explicit is not None or bool(environment.get("SCRUBBER_SETTINGS"))
    return find(explicit, environment) if named or Path(FILE_NAME).is_file() else None


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read and validate. Every error is a SettingsError that names file, line and key."""
    text = read(path)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not TOML: {error}") from None
    given: dict[Location, str] = {}
    for variable, (section, key) in {
        "SCRUBBER_STORE_URL": ("store", "url"),
        "SCRUBBER_KEYS": ("ledger", "keys"),
    }.items():
        if (value := environment.get(variable)) and isinstance(table.setdefault(section, {}), dict):
            table[section][key] = value
            given[section, key] = variable
    if "base" in table:
        raise SettingsError(f"{path}:{line_of(text, ('base',))}: unknown key `base`")
    try:
        settings = Settings.model_validate({**table, "base": path.absolute().parent})
    except ValidationError as error:
        raise SettingsError(
            "\n".join(explain(path, text, problem, Settings, given) for problem in first_causes(error.errors()))
        ) from None
    if problems := list(_impossible(settings)):
        raise SettingsError("\n".join(f"{where(path, text, location)}: {what}" for location, what in problems))
    return settings


def read(path: Path) -> str:
    """The text of a file that a person named. SettingsError says in words why it can't be read."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingsError(f"{path}: there is no such file") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: can't be read: it is not UTF-8") from None
    except OSError as error:
        raise SettingsError(f"{path}: can't be read: {error.strerror}") from None


def _impossible(settings: Settings) -> Iterator[tuple[Location, str]]:
    """(location, what is wrong) of what no key shows by itself: names and paths used twice, files that aren't there."""
    if settings.rules.directory and not (directory := settings.path(settings.rules.directory)).is_dir():
        yield ("rules", "directory"), f"{directory} is no directory"
    names: set[str] = set()
    seen: dict[tuple[str, ...], str] = {}
    for index, source in enumerate(settings.source):
        if source.name in names:
            yield ("source", index, "name"), f"{source.name!r} is used twice; give each source its own"
        names.add(source.name)
        for key, place in same_mail(source, settings.path):
            if place in seen:
                what = {"folders": "mailbox and folder"}.get(key, key)
                yield ("source", index, key), f'"{seen[place]}" has this {what} already: two would handle the same mail'
            seen.setdefault(place, source.name)
        if source.extra_rules and not (file := settings.path(source.extra_rules)).is_file():
            yield ("source", index, "extra_rules"), f"there is no file {file}"
