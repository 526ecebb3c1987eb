"""The tables of the one database. None holds text of a message; every time in them is as `store.utc_text` writes it."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

_UNSAFE = re.compile("[%\x00\ud800-\udfff]")
_ESCAPED = re.compile("%([0-9A-F]{4})")
_Ordered = Text().with_variant(Text(collation="C"), "postgresql")


class Name(TypeDecorator[str]):
    """A name that a source gave: any Python text, also what `os.fsdecode` makes of bytes that are no UTF-8.

    Neither database takes lone surrogates, and PostgreSQL no NUL: these and "%" are kept as "%" and four hex digits.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(_Ordered)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        return None if value is None else _UNSAFE.sub(lambda found: f"%{ord(found[0]):04X}", value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        return None if value is None else _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)


def _text(name: str, *, nullable: bool = False, server_default: str | None = None) -> Column[str]:
    default = None if nullable else ""
    return Column(name, _Ordered, nullable=nullable, default=default, server_default=server_default)


def _ref(*, key: bool) -> list[Column[str]]:
    names = ("source", "container", "item", "version")
    return [Column(name, Name, primary_key=key, nullable=False, default="") for name in names]


def _id() -> Column[int]:
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


metadata = MetaData()

schema_version = Table(
    "schema_version",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    _text("applied_at"),
)

sources = Table(
    "sources",
    metadata,
    Column("source", Name, primary_key=True),
    _text("since"),
    _text("mode"),
    _text("started_at"),
)

messages = Table(
    "messages",
    metadata,
    *_ref(key=True),
    _text("digest"),
    _text("result_digest"),
    _text("outcome"),
    _text("reason"),
    _text("mode"),
    _text("origin"),
    _text("known_as", server_default=""),
    _text("received"),
    _text("settled_at"),
    Column("attempts", Integer, nullable=False, default=0),
    Column("size", BigInteger, nullable=False, default=0),
    Index("messages_digest", "digest"),
    Index("messages_result_digest", "result_digest"),
)
"""What was settled about each message. `origin`: the job whose write-back put this message there, or "".

`known_as`: the keyed reference under which the record knows it, where it stood elsewhere before; else "".
"""

jobs = Table(
    "jobs",
    metadata,
    Column("job", _Ordered, primary_key=True),
    _text("kind"),
    *_ref(key=False),
    _text("original_digest"),
    _text("result_digest"),
    _text("plan"),
    Column("draft", LargeBinary, nullable=False, default=b""),
    _text("step"),
    _text("created_at"),
    _text("updated_at"),
    _text("finished_at", nullable=True),
    _text("end", nullable=True),
    *(Column(name, Name, nullable=True) for name in ("new_container", "new_item", "new_version")),
    Index("jobs_finished_at", "finished_at"),
    Index("jobs_ref", "source", "container", "item", "version"),
    Index("jobs_original_digest", "original_digest"),
)
"""Write-backs. `end` is "DONE" or "ABORTED" with `finished_at`; both NULL while in flight."""

deferrals = Table(
    "deferrals",
    metadata,
    _id(),
    *_ref(key=False),
    _text("entity_type"),
    _text("rule"),
    _text("fingerprint"),
    _text("decided_at"),
    _text("due"),
    _text("latest"),
    _text("state"),
    _text("finished_at", nullable=True),
    _text("job"),
    Index("deferrals_state_due", "state", "due"),
    Index("deferrals_ref", "source", "container", "item", "version"),
    sqlite_autoincrement=True,
)
"""Removals that wait for their purpose to end. `state`: waiting | done | gone | held | released.

`job`: which carried it out, "" none; "marked-deleted" of one that is held for that reason.
"""

reviews = Table(
    "reviews",
    metadata,
    _id(),
    *_ref(key=False),
    _text("entity_type"),
    _text("rule"),
    _text("decided_at"),
    _text("due"),
    _text("state"),
    _text("finished_at", nullable=True),
    Index("reviews_state_due", "state", "due"),
    Index("reviews_ref", "source", "container", "item", "version"),
    sqlite_autoincrement=True,
)
"""What a person decides. `state`: open | removing (a person said so; the worker is still to do it) | kept | done."""

signals = Table(
    "signals",
    metadata,
    Column("source", Name, primary_key=True, nullable=False, default=""),
    Column("mark", _Ordered, primary_key=True),
    *(Column(name, Name, nullable=False, default="") for name in ("container", "item", "version")),
    _text("word"),
    _text("heard_at"),
    Index("signals_ref", "source", "container", "item", "version"),
)
"""Words of people about one message that were heard. `mark` is keyed; the reference is where the word stands."""

troubles = Table(
    "troubles",
    metadata,
    Column("source", Name, primary_key=True, nullable=False, default=""),
    Column("what", _Ordered, primary_key=True),
    _text("since"),
    _text("why"),
)
"""What does not work, or is still to be done, at a source.

`what`: source | folder | purge-command | purge-due | unable | left-alone (messages that are marked
as deleted).
"""

nudges = Table(
    "nudges",
    metadata,
    Column("source", Name, primary_key=True, nullable=False, default=""),
    Column("container", Name, primary_key=True, nullable=False, default=""),
    _text("at"),
)
"""Matters (tickets) that somebody told about and that are still to be looked at. `at`: when they last told."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("source", Name, primary_key=True, nullable=False, default=""),
    Column("delivery", _Ordered, primary_key=True),
    _text("at"),
    Index("deliveries_at", "at"),
)
"""Web hooks that were taken, so that a repeat is dropped. `delivery`: a keyed digest."""

matters = Table(
    "matters",
    metadata,
    Column("source", Name, primary_key=True, nullable=False, default=""),
    Column("container", Name, primary_key=True, nullable=False, default=""),
    _text("closed_at", nullable=True),
    Column("merged_into", Name, nullable=False, default=""),
    Index("matters_merged_into", "source", "merged_into"),
)
"""Matters as they were last seen: when they were closed (NULL: open), and in which they went on."""

sweeps = Table(
    "sweeps",
    metadata,
    Column("source", Name, primary_key=True, nullable=False, default=""),
    _text("until"),
    _text("at"),
)
"""How far each source was swept for changes, and when that was done."""

asked = Table(
    "asked",
    metadata,
    Column("source", Name, primary_key=True, nullable=False, default=""),
    Column("conversation", _Ordered, primary_key=True),
    Column("kind", _Ordered, primary_key=True),
    _text("until"),
    Index("asked_until", "until"),
)
"""What the desk asked for in a conversation (keyed): an entity type, and until when the answer counts as asked for."""

relayed = Table(
    "relayed",
    metadata,
    Column("source", Name, primary_key=True, nullable=False, default=""),
    Column("delivery", _Ordered, primary_key=True),
    Column("attempts", Integer, nullable=False, default=0),
    _text("state"),
    _text("at"),
    Index("relayed_at", "at"),
)
"""Deliveries that were passed on, or could not be. `delivery`: a keyed digest; `state` is the relay's own."""

quarantine = Table(
    "quarantine",
    metadata,
    Column("source", Name, primary_key=True, nullable=False, default=""),
    Column("delivery", _Ordered, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    _text("until"),
    Index("quarantine_until", "until"),
)
"""Deliveries that could not be scrubbed, encrypted, where the settings want that; gone after `until`."""

ledger = Table(
    "ledger",
    metadata,
    Column("chain", _Ordered, primary_key=True),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    _text("kind"),
    _text("recorded_at"),
    _text("source"),
    _text("outcome"),
    _text("job"),
    Column("body", LargeBinary, nullable=False),
    _text("digest"),
    Column("signature", LargeBinary, nullable=False),
    Index("ledger_recorded_at", "chain", "recorded_at"),
)
"""The record. `body` is the truth (canonical bytes); kind … job are a projection of it, for queries only."""

heads = Table(
    "heads",
    metadata,
    Column("chain", _Ordered, primary_key=True),
    Column("idx", BigInteger, nullable=False),
    _text("digest"),
    _text("seal"),
    Column("signature", LargeBinary, nullable=False),
    _text("key_id"),
    _text("signed_at"),
)
"""The signed end of each chain. `seal` is a running SHA-256 over the digests and signatures of all its entries."""
