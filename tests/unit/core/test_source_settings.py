"""Every setting of a source: a wrong value gives one sentence that names the setting and the mend, never the value."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from scrubber.errors import SettingsError
from scrubber.settings import load
from scrubber.settings_sources import ImapSettings, MaildirSettings, MboxSettings, SourceSettings

MODELS: Mapping[str, type[SourceSettings]] = {"maildir": MaildirSettings, "mbox": MboxSettings, "imap": ImapSettings}
NEEDED: Mapping[str, Mapping[str, str]] = {
    "maildir": {"path": '"x"'},
    "mbox": {"path": '"x"'},
    "imap": {"host": '"mail.desk.example"', "user": '"desk"', "password": '"p"'},
}
TEXT = 'must be text between quotes: "…"'
LIST = 'must be a list: ["…", "…"]'
LINE = "a folder has a name, on one line"
EMPTY = "is empty: write a value"

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
    "user": (('"geheim\\n"', "has a control character in it"), ("5", TEXT), ('""', EMPTY)),
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
    for value, expected in WRONG.get(key, ())
]


def test_every_setting_has_a_wrong_value() -> None:
    assert {key for model in MODELS.values() for key in model.model_fields} == WRONG.keys()


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
    if key != "password":  # one of several ways
        assert f"source.1.{key}: is missing" in said
    if key not in {"password", "type"}:
        assert str(MODELS[kind].model_fields[key].description) in said, "so that one knows what to write"


@pytest.mark.parametrize("name", ["source = 5", "source = [5]", '[source]\nname = "a"', "worker = 5", "[[worker]]"])
def test_a_table_that_is_none(tmp_path: Path, name: str) -> None:
    path = tmp_path / "scrubber.toml"
    path.write_text(name + "\n")
    with pytest.raises(SettingsError, match=r"must be a table|begin each source with \[\[source\]\]") as caught:
        load(path, environment={})
    assert "Input" not in str(caught.value)
