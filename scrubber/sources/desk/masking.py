"""A desk that writes its own sign where text was removed: which places went, and how the text reads then.

How many signs stand for a value is the desk's affair: a run of them counts as one, wherever a text is compared.
"""

from __future__ import annotations

import re

_MARKUP = re.compile(r"(<[^>]*>)")

Span = tuple[int, int]


def collapsed(text: str, mask: str) -> str:
    """Each run of the sign as one."""
    return re.sub(f"(?:{re.escape(mask)})+", mask, text) if mask else text


def masked(text: str, spans: list[Span], mask: str) -> str:
    """`text` with the sign in the place of each span, runs of it as one."""
    out: list[str] = []
    at = 0
    for start, end in spans:
        out += (text[at:start], mask)
        at = end
    return collapsed("".join([*out, text[at:]]), mask)


def spans(text: str, wanted: str, mask: str, *, markup: bool) -> list[Span] | None:
    """The places of `text` that go so that `wanted` remains: there it has the sign, or nothing.

    `markup`: what stands between tags is compared piece by piece, because a value that tags divide leaves a sign in its
    first part only; the tags themselves stay (`tags_differ`). None: `wanted` can't be made of `text`. Any answer gives
    the same text; places that are signs already are left out.
    """
    parts = _parts(text) if markup else [text]
    aims = _parts(wanted) if markup else [wanted]
    if len(parts) != len(aims):
        return None
    found: list[Span] = []
    at = 0
    for number, (part, aim) in enumerate(zip(parts, aims, strict=True)):
        if number % 2:  # a tag
            at += len(part)
            continue
        for candidate in (aim, mask + aim, aim + mask):
            places = _aligned(part, candidate, mask)
            if places is not None:
                break
        else:
            return None
        found += [(at + start, at + end) for start, end in places if part[start:end].strip(mask)]
        at += len(part)
    return found


def tags_differ(text: str, wanted: str) -> bool:
    """Whether something was to go from within a tag, such as the address of a link."""
    return _parts(text)[1::2] != _parts(wanted)[1::2]


def _parts(text: str) -> list[str]:
    """Text and tags in turn. After the last end of a tag none is looked for, so that it takes linear time."""
    end = text.rfind(">") + 1
    parts: list[str] = _MARKUP.split(text[:end])
    return [*parts[:-1], parts[-1] + text[end:]]


def _aligned(text: str, wanted: str, mask: str) -> list[Span] | None:
    """The places where the signs of `wanted` stand in `text`, each piece between two signs as early as may be."""
    pieces = collapsed(wanted, mask).split(mask)
    if len(pieces) == 1:
        return [] if text == wanted else None
    first, *middle, last = pieces
    if not text.startswith(first) or not text.endswith(last) or len(first) + len(last) > len(text):
        return None
    found: list[Span] = []
    at, stop = len(first), len(text) - len(last)
    for piece in middle:
        start = text.find(piece, at + 1, stop)
        if start < 0:
            return None
        found.append((at, start))
        at = start + len(piece)
    return [*found, (at, stop)] if at < stop else None
