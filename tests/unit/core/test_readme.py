"""The README is complete: every setting with its default and meaning, every environment variable, every command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import typer
import yaml
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from scrubber.cli import app
from scrubber.settings import ENVIRONMENT, Settings
from scrubber.settings_errors import variants

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def tables() -> Iterator[tuple[str, list[type[BaseModel]]]]:
    for name, field in Settings.model_fields.items():
        annotation = field.annotation
        if members := variants(annotation):
            yield f"[[{name}]]", list(members.values())
        elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield f"[{name}]", [annotation]


def shown(default: object) -> str:
    if default is PydanticUndefined:
        return "must be given"
    if default is None or default in ("", (), {}):
        return "–"
    if isinstance(default, tuple):
        return "`[" + ", ".join(f'"{value}"' for value in default) + "]`"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def rows() -> Iterator[str]:
    """One row a key; a key that not every type of a table has, or not in the same way, says for which it is."""
    for table, models in tables():
        types: dict[tuple[str, str, str], list[str]] = {}
        for model in models:
            for key, field in model.model_fields.items():
                default = shown(field.get_default(call_default_factory=True))
                types.setdefault((key, default, field.description or ""), []).append(type_of(model))
        for (key, default, description), of in types.items():
            which = "" if len(of) == len(models) else f"{', '.join(f'`{name}`' for name in of)}: "
            yield f"| `{table} {key}` | {default} | {which}{description} |"


def type_of(model: type[BaseModel]) -> str:
    return str(get_args(model.model_fields["type"].annotation)[0]) if "type" in model.model_fields else ""


@pytest.mark.parametrize("row", list(rows()))
def test_every_setting_is_there(row: str) -> None:
    assert row in README


def test_no_setting_that_is_not() -> None:
    block = README.split("<!-- settings:")[1].split("\n\n")[0]
    assert sorted(re.findall(r"^\| `\[.*$", block, re.MULTILINE)) == sorted(rows())


@pytest.mark.parametrize("row", [f"| `{name}` | {meaning} |" for name, meaning in ENVIRONMENT.items()])
def test_every_environment_variable_is_there(row: str) -> None:
    assert row in README


def commands() -> Iterator[tuple[str, typer.core.TyperCommand]]:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    for name, command in group.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            for inner, leaf in command.commands.items():
                assert isinstance(leaf, typer.core.TyperCommand)
                yield f"{name} {inner}", leaf
        else:
            assert isinstance(command, typer.core.TyperCommand)
            yield name, command


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_every_command_is_there_and_helps_with_an_example(name: str, command: typer.core.TyperCommand) -> None:
    assert f"`scrubber {name}" in README
    assert "Example: `scrubber " in (command.help or "")
    table = README.split("## Commands")[1].split("## Settings")[0]
    for parameter in command.params:
        option = max(parameter.opts, key=len)
        if option.startswith("--") and option != "--yes":
            assert option in table, f"{option} of {name}"


def test_the_table_of_rules_is_the_policy() -> None:
    rules = yaml.safe_load((ROOT / "rules" / "policy.yaml").read_text(encoding="utf-8"))["rules"]
    block = README.split("| rule | what | action |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \|.*\| (keep|redact|defer|review)\b[^|]*\|$", block, re.MULTILINE)
    assert rows == [(rule["name"], rule["action"]) for rule in rules]


def test_no_blank_is_left_to_fill_in() -> None:
    assert re.findall(r"\{[A-Z][A-Z_]*\}|\bTODO\b|\bTBD\b", README) == []


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", README))
def test_what_it_links_to_is_there(link: str) -> None:
    assert (ROOT / link).is_file()


def test_the_settings_for_the_container_fit_its_volumes() -> None:
    deployment = README.split("## Deployment")[1].split("\n## ")[0]
    service = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]["scrubber"]
    assert any(volume.endswith(":/mail") for volume in service["volumes"])
    assert 'path = "/mail"' in deployment
    assert service["user"].split(":")[0] in deployment
    assert service["environment"]["SCRUBBER_KEYS"] in deployment


def test_every_chapter_stands_in_the_contents() -> None:
    chapters = re.findall(
        r"^## (.+)$", re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL), re.MULTILINE
    )
    contents = README[: README.index(f"## {chapters[0]}")]
    linked = re.findall(r"\]\(#([^)]+)\)", contents)
    assert sorted(linked) == sorted(map(_anchor, chapters))


def _anchor(heading: str) -> str:
    """As GitHub and GitLab make it: small letters, signs gone, a dash for a space."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
