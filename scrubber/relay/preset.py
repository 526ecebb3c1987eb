"""What a channel's payloads look like: a readable file a channel, `presets/NAME.yaml`, or one of your own.

    title         as people call it
    documented    pages of the channel's own documentation that this was written after
    signature     how its webhooks are proved (settings_hooks.Scheme); `deliver`: how the desk expects what goes on
    header        for scheme "header", where the desk has its secret; `headers`: what else the desk wants to see
    handshake     "meta": GET with hub.challenge (Graph API, "Webhooks: Getting Started")
    delivery      JSON Pointers to what tells one delivery from another; none: its signature or body does
    known         JSON Pointers to structure outside the messages: identifiers, moments, states, addresses of files
    messages      one row for each place where messages stand:
      at                 pointer with "*"; everything below begins there; "" is the whole document
      text, html         pointers to what people wrote
      known              structure, as above
      media              pointers that, where they lead to something, tell of a file that is not looked into
      id, conversation   pointers, the first that leads to something
      name, phone, email of who wrote it
      desk               "always", or a pointer to what is true where the desk itself wrote it
      desk_conversation  the conversation of what the desk wrote
      quoted             pointers to words of somebody else in what the desk wrote: scrubbed as any message is
    remains       Dutch and English: where the customer's own words stay, whatever we do
    deletes       "telegram": the channel can be asked to delete a message

What is neither text nor known is searched like text, and passes only when nothing is found: a channel adds fields
without telling. So is what is known and yet holds words with a number (scrubber.prose): a name may say anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, field_validator

from scrubber import yamls
from scrubber.errors import SettingsError
from scrubber.message import Channel
from scrubber.pointers import parse
from scrubber.settings_hooks import Scheme
from scrubber.settings_table import Table

Pointers = tuple[str, ...]


def _checked(value: Pointers) -> Pointers:
    for pointer in value:
        if any(c.isspace() for c in pointer):
            raise ValueError("a pointer of a preset has no spaces")
        parse(pointer)
    return value


class Shape(Table):
    """One kind of message in a payload."""

    at: str
    text: Pointers = ()
    html: Pointers = ()
    known: Pointers = ()
    media: Pointers = ()
    id: Pointers = ()
    conversation: Pointers = ()
    name: Pointers = ()
    phone: Pointers = ()
    email: Pointers = ()
    desk: str = ""
    desk_conversation: Pointers = ()
    quoted: Pointers = ()

    _pointers = field_validator(
        "text", "html", "known", "media", "id", "conversation", "name", "phone", "email", "desk_conversation", "quoted"
    )(_checked)

    @property
    def parameters(self) -> dict[str, str]:
        """For formats.fields: everything but what is known."""
        return {
            "fields": " ".join((*self.text, *self.html)),
            "passes": " ".join(self.known),
            "html": " ".join(self.html),
            "charset": "utf-8",
        }

    @property
    def searching(self) -> dict[str, str]:
        """The same where a value that goes stands in what is known too: only what an answer needs is left unread."""
        kept = (*self.id, *self.conversation, *self.desk_conversation, *self.phone, *self.email)
        return {**self.parameters, "passes": " ".join(kept)}

    @property
    def quoting(self) -> dict[str, str]:
        """For what the desk wrote: only what it quotes."""
        return {"fields": " ".join(self.quoted), "html": "", "charset": "utf-8"}

    def by_desk(self, message: Any) -> bool:
        """Whether the desk itself wrote it."""
        if self.desk in ("", "always"):
            return self.desk == "always"
        here = message
        for step in parse(self.desk):
            here = here.get(step) if isinstance(here, dict) else None
        return here is True


class Preset(Table):
    """The whole file. `name` is the file's."""

    name: str = ""
    title: str
    documented: Pointers
    channel: Channel = "social"
    signature: Scheme
    deliver: Scheme
    header: str = ""
    headers: Mapping[str, str] = Field(default_factory=dict)
    handshake: Literal["", "meta"] = ""
    delivery: Pointers = ()
    known: Pointers = ()
    messages: tuple[Shape, ...] = Field(min_length=1)
    remains: Mapping[Literal["nl", "en"], str]
    deletes: Literal["", "telegram"] = ""

    _pointers = field_validator("delivery", "known")(_checked)

    @property
    def envelope(self) -> Shape:
        """What stands around the messages."""
        return Shape(at="", known=self.known)


def shipped() -> tuple[str, ...]:
    """The names of the presets that come with scrubber."""
    files = resources.files("scrubber.relay").joinpath("presets").iterdir()
    return tuple(sorted(file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml")))


def load(name: str, own: Path | None = None) -> Preset:
    """The preset of that name, or the file `own`. SettingsError names the file, the key and the mend."""
    where = str(own) if own else f"preset {name}"
    try:
        if own:
            text = own.read_text(encoding="utf-8")
        else:
            text = resources.files("scrubber.relay").joinpath("presets", f"{name}.yaml").read_text(encoding="utf-8")
        table = yamls.load(text)
    except FileNotFoundError:
        known = ", ".join(shipped())
        raise SettingsError(f"{where}: there is none; known: {known}, or the name of a file of your own") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"{where}: can't be read: {type(error).__name__}") from None
    if not isinstance(table, dict):
        raise SettingsError(f"{where}: must be a table")
    try:
        return Preset.model_validate_json(json.dumps({**table, "name": name}))
    except (ValidationError, TypeError) as error:
        raise SettingsError(f"{where}: {_told(error)}") from None


def _told(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return "a date or another value that JSON does not have"
    return "; ".join(f"{'.'.join(map(str, row['loc']))}: {row['msg']}" for row in error.errors())
