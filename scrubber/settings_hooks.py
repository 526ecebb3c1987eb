"""What a source has that is told of by webhooks: how they are proved, and where they name the ticket."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from scrubber.settings_table import HeaderName, Several, Table

Scheme = Literal["standard-webhooks", "zendesk", "hub-sha256", "hub-sha1", "telegram", "bearer", "header", "basic"]


class SignedSettings(Table):
    """How what comes in is proved."""

    hook_secret_env: Several = Field(
        (), description="Environment variable with the secret of the webhook; a list while it is changed."
    )
    hook_secret_file: Several = Field(
        (), description="File with the secret of the webhook; a list while it is changed."
    )
    hook_signature: Literal[Scheme, ""] = Field(
        "",
        description="How a webhook is proved: `standard-webhooks`, `zendesk`, `hub-sha256`, `hub-sha1`, `telegram`, "
        "`bearer`, `header` or `basic`; empty: as the desk does.",
    )
    hook_header: HeaderName = Field(
        "", description="Header with the secret (`header`), or with the signature where a desk has another."
    )
    hook_user: str = Field("", repr=False, description="User name of the webhook (`basic`); empty: any.")

    @model_validator(mode="after")
    def _in_a_header(self) -> SignedSettings:
        if self.hook_signature == "header" and not self.hook_header:
            raise ValueError("`hook_signature` is `header`: name it with `hook_header`")
        return self


class HookSettings(SignedSettings):
    """Where a webhook names the ticket, and whose doing it tells of."""

    hook_ticket: Several = Field(
        (), description="JSON Pointer to the ticket's number in a payload; empty: where the desk has it."
    )
    hook_ignore: Several = Field(
        (), repr=False, description="Who scrubber itself is, as payloads name who did something; empty: `user`."
    )

    @field_validator("hook_ticket")
    @classmethod
    def _pointers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(pointer.startswith("/") for pointer in value):
            raise ValueError("a JSON Pointer begins with `/`, such as /ticket/id")
        return value
