"""Passwords and tokens: read where the settings say, never shown."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scrubber.errors import SourceError
from scrubber.sources import credentials
from scrubber.sources.credentials import Secret, secret

WORD = "zeer-geheim-éé"


def of(key: str, value: str, tmp_path: Path = Path(), environment: dict[str, str] | None = None) -> Secret:
    given = dict.fromkeys(("password", "password_env", "password_file", "oauth_token_command"), "")
    return secret({**given, key: value}, lambda name: tmp_path / name, environment or {})


def file(tmp_path: Path, text: str | bytes, mode: int = 0o600) -> str:
    path = tmp_path / "secret"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return "secret"


def test_a_password_as_it_is() -> None:
    found = of("password", WORD)
    assert (found.read(), found.token) == (WORD, False)
    assert WORD not in repr(found)


def test_from_the_environment() -> None:
    assert of("password_env", "DESK", environment={"DESK": WORD}).read() == WORD
    found = of("oauth_token_env", "DESK", environment={"DESK": WORD + "\n"})
    assert (found.read(), found.token) == (WORD, True)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640])
def test_from_a_file_and_anew_each_time(tmp_path: Path, mode: int) -> None:
    found = of("password_file", file(tmp_path, WORD + "\r\n", mode), tmp_path)
    assert found.read() == WORD
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "secret").write_text("other")
    assert found.read() == "other"
    assert of("oauth_token_file", "secret", tmp_path).token


def test_from_a_command_without_a_shell(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    program = "import sys; sys.stderr.write('noise'); print(sys.argv[1])"
    found = of("oauth_token_command", f'{sys.executable} -c "{program}" "$HOME;{WORD}"')
    assert (found.read(), found.token) == (f"$HOME;{WORD}", True)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("password_env", "DESK", "`password_env` names the environment variable DESK, which is not set: set it"),
        ("password_file", "nowhere", "can't be read: No such file"),
        ("oauth_token_command", "/no/such/program x", "the command can't be started: No such file"),
        ("oauth_token_command", f"{sys.executable} -c 'import sys; print(1); sys.exit(3)'", "ended with status 3"),
        ("oauth_token_command", f"{sys.executable} -c pass", "`oauth_token_command` gives nothing"),
        ("oauth_token_command", f"{sys.executable} -c 'print(1); print(2)'", "gives more than one line"),
        (
            "oauth_token_command",
            f"{sys.executable} -c 'import os; os.write(1, bytes([255]))'",
            "what the command prints is not UTF-8",
        ),
    ],
)
def test_what_is_wrong_names_setting_and_mend(tmp_path: Path, key: str, value: str, expected: str) -> None:
    with pytest.raises(SourceError) as caught:
        of(key, value, tmp_path).read()
    assert expected in str(caught.value)
    assert f"`{key}`" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "mode", "expected"),
    [
        (WORD, 0o644, "everyone on this machine can read the file"),
        ("\n", 0o600, "`password_file` gives nothing"),
        (f"{WORD}\nA1 LOGOUT", 0o600, "more than one line"),
        (f"{WORD}\x00", 0o600, "control character"),
        (b"\xff\xfe", 0o600, "not UTF-8"),
    ],
)
def test_a_file_that_is_no_good(tmp_path: Path, text: str | bytes, mode: int, expected: str) -> None:
    with pytest.raises(SourceError, match=expected) as caught:
        of("password_file", file(tmp_path, text, mode), tmp_path).read()
    assert WORD not in str(caught.value)


def test_a_command_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "COMMAND_SECONDS", 0.2)
    with pytest.raises(SourceError, match="took more than"):
        of("oauth_token_command", f"{sys.executable} -c 'import time; time.sleep(60)'").read()
