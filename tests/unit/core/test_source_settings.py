"""Every setting of a source: a wrong value gives one sentence that names the setting and the mend, never the value."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from scrubber.errors import SettingsError
from scrubber.settings import Settings, load
from scrubber.settings_errors import variants
from scrubber.settings_sources import (
    HelpdeskSettings,
    ImapSettings,
    MaildirSettings,
    MboxSettings,
    RelaySettings,
    RtSettings,
    SourceSettings,
    ZendeskSettings,
)

MODELS: Mapping[str, type[SourceSettings]] = {
    "maildir": MaildirSettings,
    "mbox": MboxSettings,
    "imap": ImapSettings,
    "zendesk": ZendeskSettings,
    "helpdesk": HelpdeskSettings,
    "rt": RtSettings,
    "relay": RelaySettings,
}
NEEDED: Mapping[str, Mapping[str, str]] = {
    "maildir": {"path": '"x"'},
    "mbox": {"path": '"x"'},
    "imap": {"host": '"mail.desk.example"', "user": '"desk"', "password": '"p"'},
    "zendesk": {"url": '"https://desk.example"', "user": '"kim@desk.example"', "token": '"t"'},
    "helpdesk": {"url": '"https://desk.example"', "token": '"t"'},
    "rt": {"url": '"https://desk.example"', "token": '"t"'},
    "relay": {
        "preset": '"generic"',
        "deliver_url": '"https://desk.example/hook"',
        "deferred": '"redact"',
        "deliver_signature": '"none"',
    },
}
ELSE = frozenset({"password", "token", "deliver_signature"})
"""Where one of several settings is needed: what is said when it is missing names them all."""
TEXT = 'must be text between quotes: "…"'
LIST = 'must be a list: ["…", "…"]'
LINE = "a folder has a name, on one line"
EMPTY = "is empty: write a value"

ADDRESS = "an address looks like https://"
NUMBER = "must be a number, without quotes"
SWITCH = "must be true or false, without quotes"
HEADER = "a header's name has at most 64 letters, digits and dashes"
SIGNATURES = (
    "must be one of `standard-webhooks`, `zendesk`, `hub-sha256`, `hub-sha1`, `telegram`, `bearer`, `header`, `basic`"
)
PLACES = (
    ('"geheim.example"', ADDRESS),
    ('"ftp://geheim.example"', ADDRESS),
    ('"https://[geheim]/"', ADDRESS),
    ('"https://desk.example:geheim"', ADDRESS),
    ('"https://desk.example:0"', ADDRESS),
    ('"https://geheim desk.example"', ADDRESS),
    ('"https://desk.example/\\u0007geheim"', ADDRESS),
    ('"https://kim:geheim@desk.example"', "no user, password"),
    ('"https://desk.example/#geheim"', "fragment"),
    ('"http://desk.example/geheim"', "is http: use https, or `private = true`"),
    ("5", TEXT),
)

# A wrong value holds "geheim" where the setting could hold a secret or a name.
WRONG: Mapping[str, tuple[tuple[str, str], ...]] = {
    "name": (('"geheim/1"', "at most 64 letters"), ("5", TEXT), ('""', "at most 64 letters")),
    "type": (('"geheim"', "must be one of maildir, mbox, imap"), ("5", "must be one of maildir, mbox, imap")),
    "mode": (('"geheim"', "must be one of `observe`, `redact`"), ('"redcat"', "did you mean `redact`?")),
    "since": (('"geheim"', "write a TOML date, for instance 2026-11-01"), ("5", "write a TOML date")),
    "desk_addresses": (('["geheim"]', "an e-mail address looks like"), ('"geheim@desk.example"', LIST)),
    "profile": (('"geheim"', "must be one of `default`, `strict`"),),
    "own_numbers": (('["("]', "not a re2 pattern"), ('"geheim"', LIST), ("[5]", TEXT)),
    "legal_basis": (
        ('"geheim"', 'must be a table: {name = "…"}'),
        ('{geheim = "x"}', "unknown key; known here: `bsn`"),
        ("{bsn = 5}", TEXT),
    ),
    "extra_rules": (("5", TEXT), ('"nergens.yaml"', "there is no file")),
    "path": (("5", TEXT), ('""', EMPTY)),
    "folders": (("5", LIST), ("[]", EMPTY), ("[5]", TEXT), ('"geheim"', LIST)),
    "sent_folders": (("5", LIST), ("[5]", TEXT)),
    "host": (('"imaps://geheim"', "a name or address such as"), ("5", TEXT), ('""', "a name or address such as")),
    "port": (('"geheim"', "must be a whole number"), ("99999", "must be 65535 or less"), ("-1", "must be 0 or more")),
    "tls": (('"ssl"', "must be one of `implicit`, `starttls`, `none`"),),
    "tls_ca": (("5", TEXT),),
    "user": (('"geheim\\n"', "has a control character in it"), ("5", TEXT)),
    "imap.user": (('""', EMPTY),),
    "zendesk.user": (('"geheim"', "`user` is the e-mail address of the agent"), ('""', "`user` is the e-mail address")),
    "password": (('"geheim\\n"', "has a control character in it"), ('["geheim"]', TEXT), ("5", TEXT)),
    "password_env": (("5", TEXT), ('"geheim"', "keep one of password, password_env")),
    "password_file": (("5", TEXT), ('"geheim"', "keep one of password, password_file")),
    "oauth_token_env": (("5", TEXT), ('"geheim"', "keep one of password, oauth_token_env")),
    "oauth_token_file": (("5", TEXT), ('"geheim"', "keep one of password, oauth_token_file")),
    "oauth_token_command": (("5", TEXT), ('"a \'geheim"', "a quote is opened and not closed")),
    "deliver_to": (("5", TEXT), ('" "', LINE), ('"INBOX"', "`deliver_to` and `folders` name the same folder")),
    "needed_folder": (("5", TEXT), ('"a\\nb"', LINE), ('"INBOX"', "`needed_folder` and `folders` name the same")),
    "done_folder": (("5", TEXT), ('"\\u0000"', LINE), ('"inbox"', "`done_folder` and `folders` name the same")),
    "wrong_folder": (("5", TEXT), ('" "', LINE), ('"INBOX"', "`wrong_folder` and `folders` name the same")),
    "missed_folder": (("5", TEXT), ('" "', LINE), ('"INBOX"', "`missed_folder` and `folders` name the same")),
    "idle": (('"geheim"', "must be true or false, without quotes"), ("5", "must be true or false")),
    "purge_command": (("5", TEXT), ('"a \'geheim"', "a quote is opened and not closed"), ('" "', "name a program")),
    "url": (*PLACES, ('"https://desk.example/?geheim=1"', "no user, password, query or fragment")),
    "private": (('"geheim"', SWITCH), ("5", SWITCH)),
    "token": (
        ('"geheim\\n"', "has a control character in it"),
        ('["geheim"]', TEXT),
        ('""', "one of token, token_env"),
    ),
    "token_env": (("5", TEXT), ('"geheim"', "keep one of token, token_env")),
    "token_file": (("5", TEXT), ('"geheim"', "keep one of token, token_file")),
    "sweep_minutes": (('"geheim"', NUMBER), ("0", "must be more than 0"), ("1441", "must be 1440 or less")),
    "hook_secret_env": (("5", LIST), ("[5]", TEXT)),
    "hook_secret_file": (("5", LIST), ("[5]", TEXT)),
    "hook_signature": (
        ('"geheim"', SIGNATURES),
        ("5", SIGNATURES),
        ('"hub-sha265"', "did you mean `hub-sha256`?"),
        ('"header"', "name it with `hook_header`"),
    ),
    "hook_header": (('"X-Geheim: geheim"', HEADER), (f'"{"x" * 65}"', HEADER), ("5", TEXT)),
    "hook_user": (("5", TEXT),),
    "hook_ticket": (('"geheim"', "a JSON Pointer begins with `/`"), ("5", LIST), ("[5]", TEXT)),
    "hook_ignore": (("5", LIST), ("[5]", TEXT)),
    "agents": (('["geheim"]', "must be a whole number"), ("5", "must be a list")),
    "closed_statuses": (("5", "must be a list"), ("[]", EMPTY), ('"geheim"', "must be a list")),
    "helpdesk.closed_statuses": (('["geheim"]', "must be a whole number"),),
    "rt.closed_statuses": (("[5]", TEXT),),
    "replace_command": (("5", TEXT), ('"a \'geheim"', "a quote is opened and not closed"), ('" "', "name a program")),
    "preset": (("5", TEXT), ('""', EMPTY)),
    "deliver_url": PLACES,
    "deferred": (('"geheim"', "must be one of `pass`, `redact`"), ('"redcat"', "did you mean `redact`?")),
    "deliver_signature": (('"geheim"', SIGNATURES), ("5", '"", `none`'), ('"basic"', "give the secret by which")),
    "deliver_secret_env": (
        ("5", TEXT),
        ('"a"\ndeliver_secret_file = "geheim"', "keep one of deliver_secret_env, deliver"),
    ),
    "deliver_secret_file": (("5", TEXT),),
    "deliver_header": (('"X-Geheim: geheim"', HEADER), ("5", TEXT)),
    "deliver_user": (("5", TEXT),),
    "verify_token_env": (("5", LIST), ("[5]", TEXT)),
    "verify_token_file": (("5", LIST), ("[5]", TEXT)),
    "attempts": (('"geheim"', "must be a whole number"), ("0", "must be 1 or more"), ("101", "must be 100 or less")),
    "asked_days": (('"geheim"', NUMBER), ("0", "must be more than 0"), ("366", "must be 365 or less")),
    "quarantine_days": (
        ('"geheim"', NUMBER),
        ("-1", "must be 0 or more"),
        ("31", "must be 30 or less"),
        ("3", "`quarantine_days` wants a key: quarantine_key_env or quarantine_key_file"),
    ),
    "quarantine_key_env": (
        ("5", TEXT),
        ('"a"\nquarantine_key_file = "geheim"', "keep one of quarantine_key_env, quarant"),
    ),
    "quarantine_key_file": (("5", TEXT),),
    "delete": (('"geheim"', SWITCH), ("true", "`delete` wants the bot's token: bot_token_env or bot_token_file")),
    "bot_token_env": (("5", TEXT), ('"a"\nbot_token_file = "geheim"', "keep one of bot_token_env, bot_token_file")),
    "bot_token_file": (("5", TEXT),),
    "channel_url": PLACES,
}


def refusal(tmp_path: Path, kind: str, **values: str) -> str:
    keys = {"name": '"a"', "type": f'"{kind}"', **NEEDED[kind], **values}
    path = tmp_path / "scrubber.toml"
    path.write_text("[[source]]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items() if value))
    with pytest.raises(SettingsError) as caught:
        load(path, environment={})
    return str(caught.value).replace(str(tmp_path), "")


CASES = [
    (kind, key, value, expected)
    for kind, model in MODELS.items()
    for key in model.model_fields
    for value, expected in (*WRONG.get(key, ()), *WRONG.get(f"{kind}.{key}", ()))
]


def test_every_setting_has_a_wrong_value() -> None:
    assert {key for model in MODELS.values() for key in model.model_fields} == {key.rpartition(".")[2] for key in WRONG}
    assert set(MODELS.values()) == set(variants(Settings.model_fields["source"].annotation).values())
    assert MODELS.keys() == NEEDED.keys()


@pytest.mark.parametrize(("kind", "key", "value", "expected"), CASES)
def test_a_wrong_value(tmp_path: Path, kind: str, key: str, value: str, expected: str) -> None:
    said = refusal(tmp_path, kind, **{key: value})
    assert key in said
    assert expected in said
    assert "geheim" not in said.replace("source.1.legal_basis.geheim", "")  # a key, and no value
    assert "\n" not in said
    for words in ("Input", "should", "valid ", "pydantic", "validation", "'[key]'"):
        assert words not in said, "the words of a library say nothing about the mend"


@pytest.mark.parametrize(
    ("kind", "key"), [(kind, key) for kind, keys in NEEDED.items() for key in ("name", "type", *keys)]
)
def test_a_missing_setting_is_named(tmp_path: Path, kind: str, key: str) -> None:
    said = refusal(tmp_path, kind, **{key: ""})
    assert key in said
    if key not in ELSE and (kind, key) != ("zendesk", "user"):
        assert f"source.1.{key}: is missing" in said
        if key == "type":
            return
        assert str(MODELS[kind].model_fields[key].description) in said, "so that one knows what to write"


@pytest.mark.parametrize("name", ["source = 5", "source = [5]", '[source]\nname = "a"', "worker = 5", "[[worker]]"])
def test_a_table_that_is_none(tmp_path: Path, name: str) -> None:
    path = tmp_path / "scrubber.toml"
    path.write_text(name + "\n")
    with pytest.raises(SettingsError, match=r"must be a table|begin each source with \[\[source\]\]") as caught:
        load(path, environment={})
    assert "Input" not in str(caught.value)
