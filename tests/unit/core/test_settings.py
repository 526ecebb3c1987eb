"""Settings: what is valid, and that every mistake names file, line, key and the mend."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scrubber.errors import SettingsError
from scrubber.settings import find, find_optional, load
from scrubber.settings_sources import ImapSettings, MaildirSettings

GOOD = """\
[worker]
poll_seconds = 5

[[source]]
name = "desk"
type = "maildir"
path = "Maildir"
since = 2026-11-01
desk_addresses = ["Support@Desk.example"]
legal_basis = {bsn = "Wet X, artikel 1"}

[[source]]
name = "oud"
type = "mbox"
path = "oud.mbox"
since = 2026-11-01T12:00:00+01:00
"""


DESK = """[[source]]
name = "a"
type = "zendesk"
url = "https://desk.test"
user = "kim@desk.test"
token = "geheim"
"""
IMAP = """\
[[source]]
name = "a"
type = "imap"
host = "mail.desk.example"
user = "desk"
password = "geheim"
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "scrubber.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file(tmp_path: Path) -> None:
    settings = load(written(tmp_path, GOOD), environment={})

    desk, old = settings.source
    assert (desk.name, desk.mode, desk.profile) == ("desk", "observe", "default")
    assert desk.since == datetime(2026, 11, 1, tzinfo=UTC)
    assert old.since == datetime(2026, 11, 1, 11, tzinfo=UTC)
    assert desk.desk_addresses == ("support@desk.example",)
    assert settings.store_url == f"sqlite:///{tmp_path}/scrubber.db"
    assert isinstance(desk, MaildirSettings)
    assert settings.path(desk.path) == tmp_path / "Maildir"


def test_a_mailbox_over_imap(tmp_path: Path) -> None:
    (source,) = load(written(tmp_path, IMAP + 'folders = ["inbox", "Intake"]\n'), environment={}).source
    assert isinstance(source, ImapSettings)
    assert (source.tls, source.port, source.mode) == ("implicit", 0, "observe")
    assert source.folders == ("INBOX", "Intake")
    assert "geheim" not in repr(source)


def test_one_mailbox_may_be_two_sources_with_folders_of_their_own(tmp_path: Path) -> None:
    text = IMAP + 'folders = ["A"]\n' + IMAP.replace('"a"', '"b"') + 'folders = ["B"]\n'
    assert len(load(written(tmp_path, text), environment={}).source) == 2


def test_an_empty_file_is_valid_and_observes_nothing(tmp_path: Path) -> None:
    assert load(written(tmp_path, ""), environment={}).source == ()


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, '[store]\nurl = "a.db"\n')
    environment = {"SCRUBBER_STORE_URL": "postgresql+psycopg://db.example/x", "SCRUBBER_KEYS": "/keys/here"}

    settings = load(path, environment)

    assert settings.store_url == "postgresql+psycopg://db.example/x"
    assert settings.keys_path == Path("/keys/here")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[worker]\n\npoll_second = 5\n", ":3: worker.poll_second: unknown key; did you mean `poll_seconds`?"),
        ("[wroker]\npoll_seconds = 5\n", ":1: wroker: unknown key; did you mean `worker`?"),
        ("zzz = 1\n", ":1: zzz: unknown key; known here: detection, ledger, limits"),
        (
            "\n\n".join(f'[[source]]\nname = "{n}"\ntype = "mbox"\npath = "x"' for n in "ab") + '\nmdoe = "redact"\n',
            ":10: source.2.mdoe: unknown key; did you mean `mode`?",
        ),
        ('[[source]]\nname = "a"\ntype = "maildir"\n', ":1: source.1.path: is missing"),
        (
            '[[source]]\nname = "a"\ntype = "imapp"\npath = "x"\n',
            ":3: source.1.type: must be one of maildir, mbox, imap, zendesk, helpdesk, rt",
        ),
        (
            '[[source]]\nname = "a"\ntype = "maildir"\npath = "x"\nmode = "delete"\n',
            ":5: source.1.mode: must be one of `observe`, `redact`",
        ),
        (
            '[[source]]\nname = "a"\ntype = "maildir"\npath = "x"\nsince = "gisteren"\n',
            ":5: source.1.since: write a TOML date",
        ),
        (
            '[[source]]\nname = "a"\ntype = "maildir"\npath = "x"\nown_numbers = ["ok", "("]\n',
            ":5: source.1.own_numbers: not a re2 pattern: missing )",
        ),
        (
            '[[source]]\nname = "a"\ntype = "maildir"\npath = "x"\nown_numbers = ["[0-9]*"]\n',
            ":5: source.1.own_numbers: a pattern that matches the empty text",
        ),
        (
            '[[source]]\nname = "a"\ntype = "maildir"\npath = "x"\ndesk_addresses = ["support"]\n',
            ":5: source.1.desk_addresses: an e-mail address looks like",
        ),
        (
            '[[source]]\nname = "a"\ntype = "maildir"\npath = "x"\nlegal_basis = {iban = "x"}\n',
            ":5: source.1.legal_basis.iban",
        ),
        ("[worker]\npoll_seconds = -1\n", ":2: worker.poll_seconds: must be more than 0"),
        ("[worker\n", ": not TOML: "),
        ('[report]\n\ntimezone = "Europe/Amsterdm"\n', ":3: report.timezone: an IANA name such as Europe/Amsterdam"),
        ('[report]\ntimezone = "../x"\n', ":2: report.timezone: an IANA name"),
        ('[report]\ntimezone = ""\n', ":2: report.timezone: an IANA name"),
        ('[store]\nurl = "mysql://u:geheim@h/x"\n', ":2: store.url: `mysql` is no database that scrubber knows"),
        ('[store]\nurl = "sqlite://"\n', ":2: store.url: the database must be a file"),
        ('[store]\nurl = "sqlite:///:memory:"\n', ":2: store.url: the database must be a file"),
        ('[store]\nurl = ":memory:"\n', ":2: store.url: the database must be a file"),
        ('[store]\nurl = ""\n', ":2: store.url: the database must be a file"),
        ('[rules]\nlang = "en"\ndirectory = "nergens"\n', "/nergens is no directory"),
        ('[rules]\nlang = "en"\ndirectory = "nergens"\n', ":3: rules.directory: "),
        (
            '[[source]]\nname = "a"\ntype = "maildir"\npath = "x"\nextra_rules = "nergens.yaml"\n',
            ":5: source.1.extra_rules: there is no file ",
        ),
        (
            "\n".join(
                f'[[source]]\nname = "{n}"\ntype = "mbox"\npath = "{p}"' for n, p in (("a", "x"), ("b", "y/../x"))
            ),
            ':8: source.2.path: "a" has this path already',
        ),
        ("[worker]\nfrotch = 1\n", ":2: worker.frotch: unknown key; known here: attempts"),
        ('base = "/"\n', ":1: unknown key `base`"),
        (
            '[[source]]\nname = "a"\npath = "x"\n',
            ":1: source.1.type: is missing; one of maildir, mbox, imap, zendesk",
        ),
        (
            '[[source]]\nname = "a"\ntype = "maildri"\npath = "x"\n',
            ":3: source.1.type: must be one of maildir, mbox, imap, zendesk, helpdesk, rt, relay",
        ),
        (
            '[[source]]\nname = "a"\ntype = "mbox"\npath = "x"\nfolders = ["INBOX"]\n',
            ":5: source.1.folders: unknown key; known here: desk_addresses",
        ),
        (IMAP.replace("host", "hots"), ":4: source.1.hots: unknown key; did you mean `host`?"),
        (IMAP.replace("host", "hots"), ":1: source.1.host: is missing"),
        (IMAP + "port = 99999\n", ":7: source.1.port: must be 65535 or less"),
        (IMAP + 'tls = "ssl"\n', ":7: source.1.tls: must be one of `implicit`, `starttls`, `none`"),
        (IMAP.replace('password = "geheim"', ""), ":1: source.1: say how to log in: one of password, password_env"),
        (IMAP + 'password_env = "X"\n', ":1: source.1: keep one of password, password_env; the others go"),
        (IMAP.replace("geheim", "geheim\\n"), ":6: source.1.password: has a control character in it"),
        (
            IMAP.replace('password = "geheim"', 'oauth_token_command = "a \'geheim"'),
            ":6: source.1.oauth_token_command: a quote is opened and not closed",
        ),
        (IMAP + 'folders = ["A"]\ndeliver_to = "A"\n', "`deliver_to` and `folders` name the same folder"),
        (IMAP + 'folders = ["inbox"]\ndone_folder = "Inbox"\n', "`done_folder` and `folders` name the same folder"),
        (IMAP + 'folders = [" "]\n', ":7: source.1.folders: a folder has a name"),
        (IMAP + IMAP.replace('"a"', '"b"'), ':7: source.2.folders: "a" has this mailbox and folder already'),
        (DESK.replace("https:", "http:"), "`url` is http: use https, or `private = true`"),
        (DESK.replace("https://desk.test", "desk.test"), ":4: source.1.url: an address looks like https://"),
        (DESK.replace("https://", "https://kim:geheim@"), ":4: source.1.url: no user, password, query"),
        (DESK.replace("desk.test", "desk.test/?a=geheim"), ":4: source.1.url: no user, password, query"),
        (DESK.replace('token = "geheim"', ""), "say how to log in: one of token, token_env, token_file"),
        (DESK + 'token_file = "x"\n', "keep one of token, token_file"),
        (DESK.replace("geheim", "geheim\\n"), ":6: source.1.token: has a control character in it"),
        (DESK.replace("kim@desk.test", "kim"), "`user` is the e-mail address of the agent"),
        (DESK + "sweep_minutes = 0\n", ":7: source.1.sweep_minutes: must be more than 0"),
        (DESK + DESK.replace('"a"', '"b"'), ':10: source.2.url: "a" has this url already'),
    ],
)
def test_every_mistake_names_line_key_and_mend(tmp_path: Path, text: str, expected: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load(path, environment={})
    assert str(caught.value).startswith(str(path))
    assert expected in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_two_mistakes_are_two_lines(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(written(tmp_path, "[worker]\nbatch = 0\nattempts = 0\n"), environment={})
    assert [line.split(":")[1] for line in str(caught.value).splitlines()] == ["2", "3"]


def test_a_name_twice(tmp_path: Path) -> None:
    text = '[[source]]\nname = "a"\ntype = "mbox"\npath = "x"\n[[source]]\nname = "a"\ntype = "mbox"\npath = "y"\n'
    with pytest.raises(SettingsError, match=r":6: source\.2\.name: 'a' is used twice"):
        load(written(tmp_path, text), environment={})


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "scrubber.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="can't be read: it is not UTF-8"):
        load(path, environment={})


def test_a_file_that_is_not_there_or_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no such file"):
        load(tmp_path / "nergens.toml", environment={})
    with pytest.raises(SettingsError, match="can't be read: Is a directory"):
        load(tmp_path, environment={})


def test_a_database_in_the_environment_that_scrubber_does_not_know(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(written(tmp_path, ""), {"SCRUBBER_STORE_URL": "mysql://u:geheim@h/x"})
    assert str(caught.value).startswith("SCRUBBER_STORE_URL: `mysql` is no database")
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("url", ["a.db", "sqlite:////x/a.db", "postgresql://h/x", "postgresql+psycopg://h/x"])
def test_databases_that_scrubber_knows(tmp_path: Path, url: str) -> None:
    assert load(written(tmp_path, f'[store]\nurl = "{url}"\n'), environment={}).store.url == url


def test_one_path_under_two_names_is_one_path(tmp_path: Path) -> None:
    (tmp_path / "Maildir").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "Maildir")
    text = "".join(f'[[source]]\nname = "{n}"\ntype = "maildir"\npath = "{n}"\n' for n in ("Maildir", "link"))
    with pytest.raises(SettingsError, match=r":8: source\.2\.path: "):
        load(written(tmp_path, text), environment={})


def test_a_pattern_that_is_none_makes_no_noise(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = '[[source]]\nname = "a"\ntype = "maildir"\npath = "x"\nown_numbers = ["("]\n'
    with pytest.raises(SettingsError) as caught:
        load(written(tmp_path, text), environment={})
    assert "b'" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_finding_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=r"no settings file scrubber\.toml"):
        find(None, {})
    here = written(tmp_path, "")
    assert find(None, {}).absolute() == here
    other = tmp_path / "other.toml"
    other.touch()
    assert find(None, {"SCRUBBER_SETTINGS": str(other)}) == other
    assert find(here, {"SCRUBBER_SETTINGS": str(other)}) == here


def test_finding_a_file_that_need_not_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_optional(None, {}) is None
    with pytest.raises(SettingsError, match=r"no settings file nergens\.toml"):
        find_optional(Path("nergens.toml"), {})
    with pytest.raises(SettingsError, match=r"no settings file nergens\.toml"):
        find_optional(None, {"SCRUBBER_SETTINGS": "nergens.toml"})
    here = written(tmp_path, "")
    assert find_optional(None, {}) == Path("scrubber.toml")
    other = tmp_path / "other.toml"
    other.touch()
    assert find_optional(None, {"SCRUBBER_SETTINGS": str(other)}) == other
    assert find_optional(here, {"SCRUBBER_SETTINGS": str(other)}) == here
