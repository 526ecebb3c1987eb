"""What goes on in the place of a message that could not be scrubbed: the same JSON, and none of its words."""

from __future__ import annotations

import json
import re
from typing import Any

from scrubber.pointers import Pointer, leads, parse
from scrubber.prose import speaks
from scrubber.relay.preset import Shape

SENTENCE = {
    "nl": "[Dit bericht kon niet worden nagekeken op persoonsgegevens en is daarom niet doorgegeven. Vraag de afzender "
    "om het opnieuw te sturen.]",
    "en": "[This message could not be checked for personal data and was therefore not passed on. Ask the sender to "
    "send it again.]",
}
_TELLS = re.compile(r"\d{4}|@")


def stub(value: Any, shape: Shape, lang: str = "nl") -> str:
    """JSON text of `value` in which a sentence stands for each text, and what is known stays, where it has no words.

    What is neither may hold anything: a string is emptied, a long number is 0, a name that tells something is numbered.
    """
    texts = [parse(pointer) for pointer in (*shape.text, *shape.html)]
    known = [parse(pointer) for pointer in shape.known]

    def made(here: Any, names: Pointer) -> Any:
        if isinstance(here, dict):
            return {
                _name(name, number): made(inner, (*names, name)) for number, (name, inner) in enumerate(here.items())
            }
        if isinstance(here, list):
            return [made(inner, (*names, str(number))) for number, inner in enumerate(here)]
        if here is None or isinstance(here, bool):
            return here
        if isinstance(here, str) and any(leads(pointer, names) for pointer in texts):
            return SENTENCE[lang]
        if any(leads(pointer, names) for pointer in known) and not (isinstance(here, str) and speaks(here, names)):
            return here
        if isinstance(here, str):
            return ""
        return 0 if _TELLS.search(str(here)) else here

    return json.dumps(made(value, ()), ensure_ascii=True)


def _name(name: str, number: int) -> str:
    return f"field-{number}" if _TELLS.search(name) else name
