"""Who we are: a password, a key or an access token, read anew at each log-in, so that a fresh one is used.

A setting that ends in `_env`, `_file` or `_command` says where it is read; else it is the secret itself.

What is read is never part of an error text, a log line or a repr.
"""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scrubber.errors import SourceError

COMMAND_SECONDS = 30
"""How long `oauth_token_command` may take."""

LENGTH_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Secret:
    """`key`: the setting it comes from, for error texts. `token`: an access token (XOAUTH2), not a password."""

    key: str
    token: bool
    read: Callable[[], str] = field(repr=False)


def secret(
    given: Mapping[str, str], path: Callable[[str], Path], environment: Mapping[str, str] = os.environ
) -> Secret:
    """From the settings of a source: exactly one of the keys has a value. `path` makes a file name absolute."""
    ((key, value),) = [(key, value) for key, value in given.items() if value]
    token = key.startswith("oauth")
    match key.rpartition("_")[2]:
        case "env":
            return Secret(key, token, lambda: _checked(key, _variable(key, value, environment)))
        case "file":
            return Secret(key, token, lambda: _checked(key, _file(key, path(value))))
        case "command":
            return Secret(key, token, lambda: _checked(key, _command(key, value)))
        case "password" | "token":
            return Secret(key, token, lambda: _checked(key, value))
        case _:
            raise SourceError(f"`{key}` is no way to log in")


def _variable(key: str, name: str, environment: Mapping[str, str]) -> str:
    if name not in environment:
        raise SourceError(f"`{key}` names the environment variable {name}, which is not set: set it, or name another")
    return environment[name]


def _file(key: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & stat.S_IROTH:
                raise SourceError(f"`{key}`: everyone on this machine can read the file {path}: chmod o-r it")
            return file.read(LENGTH_LIMIT).decode("utf-8")
    except UnicodeDecodeError:
        raise SourceError(f"`{key}`: the file {path} is not UTF-8 text") from None
    except OSError as error:
        raise SourceError(f"`{key}`: the file {path} can't be read: {error.strerror}") from None


def _command(key: str, line: str) -> str:
    words = shlex.split(line)
    try:
        done = subprocess.run(  # noqa: S603 - the owner's own command, without a shell
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it may say something about the account
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SourceError(
            f"`{key}`: the command took more than {COMMAND_SECONDS} seconds; run it yourself once"
        ) from None
    except OSError as error:
        raise SourceError(f"`{key}`: the command can't be started: {error.strerror}; name it with its path") from None
    if done.returncode:
        raise SourceError(f"`{key}`: the command ended with status {done.returncode}; run it yourself once")
    try:
        return done.stdout[:LENGTH_LIMIT].decode("utf-8")
    except UnicodeDecodeError:
        raise SourceError(f"`{key}`: what the command prints is not UTF-8 text") from None


def _checked(key: str, text: str) -> str:
    """One line, not empty: a line end in a password would end the command that carries it."""
    value = text.rstrip("\r\n")
    if not value:
        raise SourceError(f"`{key}` gives nothing: put the password or token there")
    if any(ord(c) < 32 or ord(c) == 127 for c in value):
        raise SourceError(f"`{key}` gives more than one line, or a control character: keep only the password or token")
    return value
