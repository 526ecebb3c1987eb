"""What a source has that stands in front of a desk: where its deliveries go on, and what becomes of what can't."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from scrubber.settings_hooks import Scheme
from scrubber.settings_table import HeaderName, Several, Table, web_address

_KEYS = ("quarantine_key_env", "quarantine_key_file")
_SECRETS = ("deliver_secret_env", "deliver_secret_file")
_BOT = ("bot_token_env", "bot_token_file")


class RelayKeys(Table):
    preset: str = Field(
        min_length=1,
        description="How the payloads look: `whatsapp`, `messenger`, `instagram`, `telegram`, `standard-webhooks`, "
        "`generic`, `zammad`, `freshdesk`, `intercom`, `jira`, `roundup`, or a .yaml file of your own.",
    )
    deliver_url: str = Field(repr=False, description="The desk's own address, where deliveries go on.")
    private: bool = Field(False, description="Allows an address within your own network, and there http too.")
    deferred: Literal["pass", "redact"] = Field(
        description="What becomes of what may stay until the matter is closed: `pass` where the desk can edit later, "
        "`redact` where nothing can be removed any more."
    )
    deliver_signature: Literal[Scheme, "", "none"] = Field(
        "", description="How the desk knows what goes on, as `hook_signature`, or `none`; empty: as the preset says."
    )
    deliver_secret_env: str = Field("", description="Environment variable with the secret for the desk.")
    deliver_secret_file: str = Field("", description="File with the secret for the desk, not readable by everyone.")
    deliver_header: HeaderName = Field("", description="Header that `deliver_signature` uses, where not its own.")
    deliver_user: str = Field("", repr=False, description="User name at the desk (`basic`).")
    verify_token_env: Several = Field((), description="Environment variable with Meta's verify token.")
    verify_token_file: Several = Field((), description="File with Meta's verify token.")
    attempts: int = Field(3, ge=1, le=100, description="Attempts before a stub goes on in a delivery's place.")
    asked_days: float = Field(14, gt=0, le=365, description="How long an answer counts as asked for.")
    quarantine_days: float = Field(
        0, ge=0, le=30, description="How long what could not be scrubbed is kept, encrypted; 0: not at all."
    )
    quarantine_key_env: str = Field("", description="Environment variable with the key of the quarantine.")
    quarantine_key_file: str = Field("", description="File with the key of the quarantine.")
    delete: bool = Field(False, description="Telegram: delete what was redacted from the chat, where a bot may.")
    bot_token_env: str = Field("", description="Environment variable with the bot's token (Telegram).")
    bot_token_file: str = Field("", description="File with the bot's token (Telegram).")
    channel_url: str = Field("https://api.telegram.org", description="The channel's API (Telegram).")

    @field_validator("deliver_url", "channel_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = web_address(value, "https://desk.example.nl/webhooks/whatsapp")
        if parts.username or parts.password or parts.fragment:
            raise ValueError("no user, password or fragment: https://, the host, a path, perhaps a query")
        return value

    @model_validator(mode="after")
    def _possible(self) -> RelayKeys:
        for key in ("deliver_url", "channel_url"):
            if getattr(self, key).startswith("http:") and not self.private:
                raise ValueError(f"`{key}` is http: use https, or `private = true` within your own network")
        for keys in (_KEYS, _SECRETS, _BOT):
            if all(getattr(self, key) for key in keys):
                raise ValueError(f"keep one of {', '.join(keys)}; the other goes")
        if self.deliver_signature != "none" and not any(getattr(self, key) for key in _SECRETS):
            raise ValueError(
                f"give the secret by which the desk knows what goes on ({' or '.join(_SECRETS)}), or write "
                '`deliver_signature = "none"`'
            )
        if self.quarantine_days and not any(getattr(self, key) for key in _KEYS):
            raise ValueError(f"`quarantine_days` wants a key: {' or '.join(_KEYS)}")
        if self.delete and not any(getattr(self, key) for key in _BOT):
            raise ValueError(f"`delete` wants the bot's token: {' or '.join(_BOT)}")
        return self
