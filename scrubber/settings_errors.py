"""Where a mistake in the settings file stands and what is near: the words of a SettingsError."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel

Location = tuple[str | int, ...]
"""The keys that lead to a value; an int is the place in a list of tables, from 0."""


def where(path: Path, text: str, location: Location) -> str:
    return f"{path}:{line_of(text, location)}: {_dotted(location)}"


def explain(
    path: Path, text: str, problem: Mapping[str, Any], model: type[BaseModel], given: Mapping[Location, str]
) -> str:
    """One sentence for an error of pydantic about `model`. `given`: what did not come from the file, and from where."""
    location = tuple(step for step in problem["loc"])
    place = given.get(location) or where(path, text, location)
    match problem["type"]:
        case "extra_forbidden":
            near = difflib.get_close_matches(str(location[-1]), _keys(model, location[:-1]), n=1, cutoff=0.6)
            hint = (
                f"; did you mean `{near[0]}`?"
                if near
                else f"; known here: {', '.join(sorted(_keys(model, location[:-1])))}"
            )
            return f"{place}: unknown key{hint}"
        case "missing":
            return f"{place}: is missing"
        case "value_error":
            return f"{place}: {problem['ctx']['error']}"
        case _:
            return f"{place}: {problem['msg']}"


def _dotted(location: Location) -> str:
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in location)


def _keys(model: type[BaseModel], location: Location) -> list[str]:
    """The keys that are valid in the table at `location`."""
    for step in location:
        if isinstance(step, int):
            continue
        annotation = model.model_fields[step].annotation
        if get_origin(annotation) is tuple:
            annotation = get_args(annotation)[0]
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
    return [name for name in model.model_fields if name != "base"]


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
