"""Where a mistake in the settings file stands and what is near: the words of a SettingsError."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

Location = tuple[str | int, ...]
"""The keys that lead to a value; an int is the place in a list of tables, from 0."""


def where(path: Path, text: str, location: Location) -> str:
    return f"{path}:{line_of(text, location)}: {_dotted(location)}"


def first_causes(problems: Sequence[Any]) -> list[Any]:
    """Without those that only follow from another: a list counts as too short when what stands in it is refused."""
    places = [tuple(problem["loc"]) for problem in problems]

    def follows(problem: Mapping[str, Any]) -> bool:
        here = tuple(problem["loc"])
        return problem["type"] == "too_short" and any(place[: len(here)] == here != place for place in places)

    return [problem for problem in problems if not follows(problem)]


def explain(
    path: Path, text: str, problem: Mapping[str, Any], model: type[BaseModel], given: Mapping[Location, str]
) -> str:
    """One sentence for an error of pydantic about `model`. `given`: what did not come from the file, and from where."""
    location, table = _walk(model, tuple(problem["loc"]))
    place = given.get(location) or where(path, text, location)
    match problem["type"]:
        case "extra_forbidden":
            return f"{place}: unknown key{_near(str(location[-1]), _keys(table))}"
        case "union_tag_invalid" | "union_tag_not_found" as kind:
            known = list(_variants(table, location))
            given_tag = str(problem["ctx"].get("tag", "")) if kind == "union_tag_invalid" else ""
            place = where(path, text, (*location, "type"))
            if not given_tag:
                return f"{place}: is missing; one of {', '.join(known)}"
            return f"{place}: must be one of {', '.join(known)}{_near(given_tag, known, tell=False)}"
        case "missing":
            return f"{place}: is missing; add it: {table.model_fields[str(location[-1])].description}"
        case "value_error":
            return f"{place}: {problem['ctx']['error']}"
        case "literal_error":
            known = re.findall(r"'([^']*)'", str(problem["ctx"]["expected"]))
            named = ", ".join(f"`{one}`" if one else '""' for one in known)
            if location[-1] == "[key]":
                return f"{where(path, text, location[:-1])}: unknown key; known here: {named}"
            near = _near(_text(problem), [one for one in known if one], tell=False)
            return f"{place}: must be {'one of ' if len(known) > 1 else ''}{named}{near}"
        case "tuple_type" if location == ("source",):
            return f"{place}: begin each source with [[source]], between two brackets"
        case kind:
            return f"{place}: {_must_be(kind, problem.get('ctx', {}))}"


_KINDS: Mapping[str, str] = {
    "int": "must be a whole number, without quotes",
    "float": "must be a number, without quotes",
    "finite": "must be a number, without quotes",
    "bool": "must be true or false, without quotes",
    "string": 'must be text between quotes: "…"',
    "tuple": 'must be a list: ["…", "…"]',
    "dict": 'must be a table: {name = "…"}',
    "mapping": 'must be a table: {name = "…"}',
    "model": "must be a table: its name between brackets, and its keys on lines below",
}
"""What a value must be, by how the kind of pydantic's error begins."""

_LIMITS: Mapping[str, tuple[str, str]] = {
    "greater_than": ("must be more than {}", "gt"),
    "greater_than_equal": ("must be {} or more", "ge"),
    "less_than": ("must be less than {}", "lt"),
    "less_than_equal": ("must be {} or less", "le"),
    "string_too_long": ("must be {} characters or shorter", "max_length"),
}


def _must_be(kind: str, context: Mapping[str, Any]) -> str:
    """What pydantic misses, in our words and without the value, which may be a secret."""
    if kind in _LIMITS:
        sentence, key = _LIMITS[kind]
        return sentence.format(f"{context[key]:g}")
    if kind in {"string_too_short", "too_short"}:
        return "is empty: write a value, or leave the key out where it has a default"
    return _KINDS.get(kind.partition("_")[0], "is not a value that this key takes; see its line in README.md, Settings")


def _text(problem: Mapping[str, Any]) -> str:
    given = problem.get("input")
    return given if isinstance(given, str) else ""


def _dotted(location: Location) -> str:
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in location)


def _near(key: str, known: list[str], *, tell: bool = True) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; known here: {', '.join(sorted(known))}" if tell else ""


def _keys(model: type[BaseModel]) -> list[str]:
    """The keys that are valid in a table."""
    return [name for name in model.model_fields if name != "base"]


def variants(annotation: Any) -> dict[str, type[BaseModel]]:
    """The tables of a union that its key `type` tells apart, by that key's value; empty for what is no such union."""
    if get_origin(annotation) is tuple:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) not in {Union, UnionType}:
        return {}
    return {
        get_args(one.model_fields["type"].annotation)[0]: one
        for one in get_args(annotation)
        if isinstance(one, type) and issubclass(one, BaseModel)
    }


def _variants(model: type[BaseModel], location: Location) -> dict[str, type[BaseModel]]:
    names = [step for step in location if isinstance(step, str)]
    return variants(model.model_fields[names[-1]].annotation) if names else {}


def _walk(model: type[BaseModel], location: Location) -> tuple[Location, type[BaseModel]]:
    """A location of pydantic as the file has it (without the names of a union's members), and the table it is in."""
    kept: list[str | int] = []
    members: dict[str, type[BaseModel]] = {}
    for step in location:
        if isinstance(step, str) and step in members:
            model, members = members[step], {}
            continue
        kept.append(step)
        if isinstance(step, int) or step not in model.model_fields:
            continue
        annotation = model.model_fields[step].annotation
        members = variants(annotation)
        if get_origin(annotation) is tuple:
            annotation = get_args(annotation)[0]
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
    return tuple(kept), model


_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?")


def line_of(text: str, location: Location) -> int:
    """The line of the key at `location` (from 1), or of the nearest thing around it that can be found."""
    here: Location = ()
    counts: dict[str, int] = {}
    best, depth = 1, 0
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            name = header[2].strip('"')
            if header[1] == "[[":
                counts[name] = counts.get(name, -1) + 1
                here = (name, counts[name])
            else:
                here = tuple(step.strip(' "') for step in name.split("."))
            path = here
        elif key := re.match(r'^\s*"?([A-Za-z0-9_.-]+)"?\s*=', line):
            path = (*here, *key[1].split("."))
        else:
            continue
        if len(path) > depth and location[: len(path)] == path:
            best, depth = number, len(path)
    return best
