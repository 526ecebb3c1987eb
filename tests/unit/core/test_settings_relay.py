"""A relay's table: what must be chosen, and what can't be."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from scrubber.errors import SettingsError
from scrubber.settings import Settings, load
from scrubber.web import relay_lines
from tests.relaying import ENVIRONMENT, settings


def loaded(tmp_path: Path, **keys: Any) -> Settings:
    file = tmp_path / "scrubber.toml"
    file.write_text(settings("https://desk.example", **keys))
    return load(file, {})


def test_a_relay_is_no_work_for_a_worker(tmp_path: Path) -> None:
    made = loaded(tmp_path)
    assert made.worked == ()
    (row,) = relay_lines.relays(made)
    assert row.mode == "redact"
    assert loaded(tmp_path, mode=None).source[0].mode == "observe"


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"deferred": None}, "deferred: is missing"),
        ({"deferred": "later"}, "deferred: must be one of `pass`, `redact`"),
        ({"preset": None}, "preset: is missing"),
        ({"deliver_url": None}, "deliver_url: is missing"),
        ({"deliver_url": "ftp://desk.example"}, "an address looks like"),
        ({"deliver_url": "https://user:pw@desk.example"}, "no user, password"),
        ({"deliver_url": "http://desk.example", "private": False}, "`deliver_url` is http"),
        ({"deliver_secret_env": None}, "give the secret by which the desk knows"),
        ({"deliver_secret_file": "x"}, "keep one of deliver_secret_env, deliver_secret_file"),
        ({"quarantine_days": 3}, "`quarantine_days` wants a key"),
        ({"delete": True}, "`delete` wants the bot's token"),
        ({"hook_signature": "header"}, "name it with `hook_header`"),
        ({"hook_ticket": "/ticket"}, "hook_ticket: unknown key"),
        ({"attempts": 0}, "attempts: must be"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, keys: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError) as error:
        loaded(tmp_path, **keys)
    assert told in str(error.value)
    assert "user:pw" not in str(error.value)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"preset": "whatsup"}, "known: freshdesk"),
        ({"preset": "own.yaml"}, "own.yaml: there is none"),
        ({"deliver_secret_env": "SCRUBBER_TEST_NONE"}, "SCRUBBER_TEST_NONE, which is not set"),
        ({"hook_secret_env": "SCRUBBER_TEST_SHORT"}, "at least 16 characters"),
        ({"delete": True, "bot_token_env": "SCRUBBER_TEST_BOT"}, "only Telegram deletes"),
        ({"quarantine_days": 1, "quarantine_key_env": "SCRUBBER_TEST_SHORT"}, "a key has 32 bytes"),
        ({"deliver_signature": "header"}, "deliver_header: name the header"),
        ({"deliver_signature": "standard-webhooks"}, "is base64"),
        ({"deliver_signature": "bearer", "deliver_secret_env": "SCRUBBER_TEST_WIDE"}, "plain ASCII"),
    ],
)
def test_what_can_only_be_seen_at_the_start(tmp_path: Path, keys: dict[str, object], told: str) -> None:
    made = loaded(tmp_path, **keys)
    environment = {**ENVIRONMENT, "SCRUBBER_TEST_SHORT": "short", "SCRUBBER_TEST_WIDE": "geheim-geheim-é"}

    def started() -> None:
        relay_lines.gates(made, environment)
        with ExitStack() as stack:
            relay_lines.lines(made, stack, environment)

    with pytest.raises(SettingsError) as error:
        started()
    assert told in str(error.value)
    assert "source wa" in str(error.value) or "preset" in str(error.value) or "own.yaml" in str(error.value)


def test_a_preset_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        "title: Eigen\ndocumented: []\nsignature: bearer\ndeliver: bearer\nmessages:\n- at: ''\n  text: [/m]\n"
        "remains: {nl: a, en: b}\n"
    )
    made = loaded(tmp_path, preset="own.yaml")
    assert relay_lines.gates(made, ENVIRONMENT)["wa"].preset.title == "Eigen"
