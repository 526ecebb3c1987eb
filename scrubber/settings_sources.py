"""[[source]]: one table a source; `type` says which keys it has."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from scrubber.settings_hooks import HookSettings, SignedSettings
from scrubber.settings_relay import RelayKeys
from scrubber.settings_table import Moment, Table, web_address

SECRETS = (
    "password",
    "password_env",
    "password_file",
    "oauth_token_env",
    "oauth_token_file",
    "oauth_token_command",
)
"""The ways to say who we are; an IMAP source has exactly one of them."""


class SourceSettings(Table):
    """What every source has."""

    name: str = Field(description="Your name for it, as report and record show it.")
    type: str = Field(description="What it is: `maildir`, `mbox`, `imap`, `zendesk`, `helpdesk`, `rt` or `relay`.")
    mode: Literal["observe", "redact"] = Field(
        "observe", description="observe decides and records; redact also removes."
    )
    since: Moment | None = Field(None, description="Messages received from here on; default: the first start.")
    desk_addresses: tuple[str, ...] = Field((), description="The desk's own e-mail addresses.")
    profile: Literal["default", "strict"] = Field("default", description="Which profile of the policy.")
    own_numbers: tuple[str, ...] = Field(
        (), description="re2 patterns of your own order, invoice, customer numbers: never personal data."
    )
    legal_basis: Mapping[Literal["bsn"], str] = Field(
        default_factory=dict, description='Law and article that let you keep a BSN: bsn = "…".'
    )
    extra_rules: str = Field("", description="YAML file with rules that go before those of the policy.")

    @field_validator("name")
    @classmethod
    def _name(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}", value):
            raise ValueError(
                "at most 64 letters, digits, spaces, dots, dashes and underscores; the first a letter or digit"
            )
        return value

    @field_validator("desk_addresses")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            if address.count("@") != 1 or any(c.isspace() for c in address):
                raise ValueError("an e-mail address looks like support@example.nl")
        return tuple(address.lower() for address in value)

    @field_validator("own_numbers")
    @classmethod
    def _patterns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        import re2  # the engine that will run them decides whether they are patterns

        options = re2.Options()
        options.log_errors = False  # else it writes on standard error itself
        for pattern in value:
            try:
                compiled = re2.compile(pattern, options)
            except re2.error as error:
                raise ValueError(f"not a re2 pattern: {_text_of(error)}") from None
            if compiled.search(""):
                raise ValueError("a pattern that matches the empty text would match everything")
        return value


def _text_of(error: Exception) -> str:
    what = error.args[0] if error.args else ""
    return what.decode("utf-8", "replace") if isinstance(what, bytes) else str(what)


def _without_controls(value: str) -> str:
    if any(ord(c) < 32 or ord(c) == 127 for c in value):
        raise ValueError("has a control character in it")
    return value


def _words(value: str) -> str:
    """A command line that is run without a shell."""
    try:
        words = shlex.split(value)
    except ValueError:
        raise ValueError("a quote is opened and not closed") from None
    if value and not words:
        raise ValueError("name a program")
    return value


class MaildirSettings(SourceSettings):
    type: Literal["maildir"] = Field(description=SourceSettings.model_fields["type"].description)
    path: str = Field(min_length=1, description="The Maildir directory or the mbox file.")
    folders: tuple[str, ...] = Field(("INBOX",), min_length=1, description="Folders to work through.")
    sent_folders: tuple[str, ...] = Field(
        (".Sent",), description="Folders with what the desk itself sent: they show what was asked."
    )


class MboxSettings(SourceSettings):
    type: Literal["mbox"] = Field(description=SourceSettings.model_fields["type"].description)
    path: str = Field(min_length=1, description="The Maildir directory or the mbox file.")


class ImapSettings(SourceSettings):
    type: Literal["imap"] = Field(description=SourceSettings.model_fields["type"].description)
    host: str = Field(description="The mail server.")
    port: int = Field(0, ge=0, le=65_535, description="Its port; 0: 993, or 143 without `implicit`.")
    tls: Literal["implicit", "starttls", "none"] = Field(
        "implicit", description="`implicit` (port 993), `starttls`, or `none`: for a server on this machine."
    )
    tls_ca: str = Field("", description="PEM file with your own certificate authority; empty: those of the system.")
    user: str = Field(description="The account.", min_length=1, repr=False)
    password: str = Field("", repr=False, description="Its password. Better is one of the next two.")
    password_env: str = Field("", description="Environment variable with the password.")
    password_file: str = Field("", description="File with the password, not readable by everyone.")
    oauth_token_env: str = Field("", description="Environment variable with an access token (XOAUTH2).")
    oauth_token_file: str = Field("", description="File with an access token, which another program keeps fresh.")
    oauth_token_command: str = Field(
        "", repr=False, description="Command that prints an access token; run without a shell at each log-in."
    )
    folders: tuple[str, ...] = Field(("INBOX",), min_length=1, description="Folders to work through.")
    sent_folders: tuple[str, ...] = Field(
        (),
        description="Folders with what the desk itself sent; empty: those that the server marks as such, else the "
        "usual names.",
    )
    deliver_to: str = Field(
        "", description="Folder that the desk reads: what came in to `folders` goes there once it is clean."
    )
    needed_folder: str = Field("", description="A mail that is put here keeps what waits until its last day.")
    done_folder: str = Field("", description="A mail that is put here is closed: what waited goes now.")
    wrong_folder: str = Field("", description="Something was removed from a mail here that should have stayed.")
    missed_folder: str = Field("", description="Something stands in a mail here that should have gone.")
    idle: bool = Field(True, description="Wait for new mail (IDLE) where the server can, besides `poll_seconds`.")
    purge_command: str = Field(
        "", description="Command that makes the server forget what was removed; run without a shell after a round."
    )

    @field_validator("host")
    @classmethod
    def _host(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9._:%-]{1,253}", value):
            raise ValueError("a name or address such as mail.example.nl; the port goes in `port`")
        return value

    @field_validator("user", "password")
    @classmethod
    def _one_line(cls, value: str) -> str:
        return _without_controls(value)

    @field_validator("oauth_token_command", "purge_command")
    @classmethod
    def _command(cls, value: str) -> str:
        return _words(value)

    @field_validator("folders", "sent_folders")
    @classmethod
    def _named(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(folder.strip() and folder.isprintable() for folder in value):
            raise ValueError("a folder has a name, on one line")
        return tuple("INBOX" if folder.upper() == "INBOX" else folder for folder in value)

    @field_validator("deliver_to", "needed_folder", "done_folder", "wrong_folder", "missed_folder")
    @classmethod
    def _inbox(cls, value: str) -> str:
        if value and not (value.strip() and value.isprintable()):
            raise ValueError("a folder has a name, on one line")
        return "INBOX" if value.upper() == "INBOX" else value

    @model_validator(mode="after")
    def _one_secret(self) -> ImapSettings:
        given = [key for key in SECRETS if getattr(self, key)]
        if not given:
            raise ValueError(f"say how to log in: one of {', '.join(SECRETS)}")
        if len(given) > 1:
            raise ValueError(f"keep one of {', '.join(given)}; the others go")
        return self

    @model_validator(mode="after")
    def _apart(self) -> ImapSettings:
        """One folder, one purpose."""
        purposes: dict[str, str] = {}
        for key in ("folders", "deliver_to", "needed_folder", "done_folder", "wrong_folder", "missed_folder"):
            value = getattr(self, key)
            for folder in value if isinstance(value, tuple) else (value,):
                if folder and purposes.setdefault(folder, key) != key:
                    raise ValueError(f"`{key}` and `{purposes[folder]}` name the same folder; give each its own")
        return self


TOKENS = ("token", "token_env", "token_file")
"""The ways to give a desk's key; a desk has exactly one of them."""


class DeskSettings(HookSettings, SourceSettings):
    """What every ticket system has."""

    url: str = Field(description="Address of the desk, such as https://example.zendesk.com.")
    private: bool = Field(False, description="Allows an address within your own network, and there http too.")
    user: str = Field("", repr=False, description="The account at the desk (Zendesk: the agent's e-mail address).")
    token: str = Field("", repr=False, description="Its token or password. Better is one of the next two.")
    token_env: str = Field("", description="Environment variable with the token.")
    token_file: str = Field("", description="File with the token, not readable by everyone.")
    sweep_minutes: float = Field(
        15, gt=0, le=1_440, description="How often every change is looked up, for what a web hook lost."
    )

    @field_validator("url")
    @classmethod
    def _url(cls, value: str) -> str:
        parts = web_address(value, "https://desk.example.nl")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("no user, password, query or fragment: only https://, the host, and perhaps a path")
        return value.rstrip("/")

    @field_validator("user", "token")
    @classmethod
    def _one_line(cls, value: str) -> str:
        return _without_controls(value)

    @model_validator(mode="after")
    def _reachable(self) -> DeskSettings:
        if self.url.startswith("http:") and not self.private:
            raise ValueError("`url` is http: use https, or `private = true` for a desk in your own network")
        given = [key for key in TOKENS if getattr(self, key)]
        if len(given) != 1:
            said = f"keep one of {', '.join(given)}" if given else f"say how to log in: one of {', '.join(TOKENS)}"
            raise ValueError(said)
        return self


class ZendeskSettings(DeskSettings):
    type: Literal["zendesk"] = Field(description=SourceSettings.model_fields["type"].description)

    @model_validator(mode="after")
    def _agent(self) -> ZendeskSettings:
        if "@" not in self.user:
            raise ValueError("`user` is the e-mail address of the agent whose token it is")
        return self


class HelpdeskSettings(DeskSettings):
    """django-helpdesk."""

    type: Literal["helpdesk"] = Field(description=SourceSettings.model_fields["type"].description)
    agents: tuple[int, ...] = Field(
        (), description="Numbers of the accounts that are agents'; empty: everybody with an account at the desk is one."
    )
    closed_statuses: tuple[int, ...] = Field(
        (3, 4, 5), min_length=1, description="Numbers of the statuses in which a ticket is closed."
    )


class RtSettings(DeskSettings):
    """Request Tracker 5."""

    type: Literal["rt"] = Field(description=SourceSettings.model_fields["type"].description)
    replace_command: str = Field(
        "",
        description="Command that runs `rt_replace.pl` where RT runs; without it nothing is edited. No shell is used.",
    )
    closed_statuses: tuple[str, ...] = Field(
        ("resolved", "rejected", "deleted"), min_length=1, description="Statuses in which a ticket is closed."
    )

    @field_validator("replace_command")
    @classmethod
    def _command(cls, value: str) -> str:
        return _words(value)


class RelaySettings(RelayKeys, SignedSettings, SourceSettings):
    """In front of a desk. Its `mode` is that of every source: observe passes everything on as it came."""

    type: Literal["relay"] = Field(description=SourceSettings.model_fields["type"].description)


AnySource = Annotated[
    MaildirSettings | MboxSettings | ImapSettings | ZendeskSettings | HelpdeskSettings | RtSettings | RelaySettings,
    Field(discriminator="type"),
]


def same_mail(source: SourceSettings, path: Callable[[str], Path]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(key, place) of every place whose mail this source handles: no two sources may share one."""
    if isinstance(source, MaildirSettings | MboxSettings):
        yield "path", ("path", str(path(source.path).resolve()))
    if isinstance(source, ImapSettings):
        for folder in source.folders:
            yield "folders", ("imap", source.host.lower(), str(source.port), source.user, folder)
    if isinstance(source, DeskSettings):
        yield "url", ("desk", source.url.lower())
