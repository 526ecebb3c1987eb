"""Address fields (From, To, Cc, ...) as a reader sees them, and edits on them written back so that they stay valid.

Display names, addresses and comments are units of their own; what stands between them is never edited. A display name
is written anew as a quoted string or as encoded words. Sources: RFC 5322, RFC 2047.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scrubber.formats.charset import to_ascii
from scrubber.formats.encoded_words import decode_words, encode_words
from scrubber.formats.header_text import FOLD, HeaderText, Unit, apply, literal_units, touched_units, unit_starts
from scrubber.formats.parameters import escape_quoted
from scrubber.formats.spans import Patch

_TOKEN = re.compile(
    r'(?P<quoted>"(?:[^"\\]++|\\.)*+(?:"|\\?\Z))|(?P<comment>\((?:[^()\\]++|\\.)*+(?:\)|\\?\Z))'
    r"|(?P<encoded>=\?[^?\s]{1,60}\?[bBqQ]\?[^?\s]*+\?=)"
    r"|(?P<angle><[^<>]*+>?)|(?P<mark>[,;:)>])|(?P<space>[ \t\r\n]++)|(?P<atom>[^\s\"(),:;<>]++)|(?P<odd>.)",
    re.DOTALL,
)
_WORDS = frozenset({"quoted", "encoded", "space", "atom", "odd"})
_BACKSLASH = re.compile(r"\\(.)", re.DOTALL)
_PARENTHESES = re.compile(r"([()\\])")
_BEFORE = r"\\\1"
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+|\"(?:[^\"\\]|\\.)*\"@[A-Za-z0-9.-]+")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
REMOVED = "removed.invalid"
"""The domain of an address that was removed (RFC 2606: never anybody's)."""


def addresses(value: str, line_end: str) -> HeaderText:
    """A list of mailboxes and groups. An edit that touches no name, address or comment changes nothing."""
    units = list(_units(value))
    while units and not units[0].text.strip():
        units.pop(0)
    while units and not units[-1].text.strip():
        units.pop()

    def write(header: HeaderText, patches: Sequence[Patch]) -> list[Patch]:
        return _write(header.units, patches, line_end)

    return HeaderText(value, tuple(units), write)


def _units(value: str) -> Iterator[Unit]:
    words: list[re.Match[str]] = []
    for token in _TOKEN.finditer(value):
        if token.lastgroup in _WORDS:
            words.append(token)
            continue
        yield from _phrase(value, words)
        words = []
        start, end = token.span()
        if token.lastgroup == "angle":
            close = end - 1 if token[0].endswith(">") else end
            yield from literal_units(value, start, start + 1, "mark")
            yield Unit("address", FOLD.sub("", value[start + 1 : close]), start + 1, close)
            yield from literal_units(value, close, end, "mark")
        elif token.lastgroup == "comment":
            yield Unit("comment", f"({_said(token[0])})", start, end)
        else:
            yield from literal_units(value, start, end, "mark")
    yield from _phrase(value, words)


def _phrase(value: str, words: Sequence[re.Match[str]]) -> Iterator[Unit]:
    """A display name, or a bare address; white space around it stands apart."""
    solid = [word for word in words if word.lastgroup != "space"]
    if not solid:
        if words:
            yield from literal_units(value, words[0].start(), words[-1].end(), "mark")
        return
    start, end = solid[0].start(), solid[-1].end()
    inner = [word for word in words if start <= word.start() < end]
    yield from literal_units(value, words[0].start(), start, "mark")
    if len(inner) == len(solid) and any(word.lastgroup == "atom" and "@" in word[0] for word in solid):
        yield Unit("address", value[start:end], start, end)
    else:
        quoted = len(solid) == 1 and solid[0].lastgroup == "quoted"
        yield Unit("quoted" if quoted else "phrase", _spoken(inner), start, end)
    yield from literal_units(value, end, words[-1].end(), "mark")


def _spoken(words: Sequence[re.Match[str]]) -> str:
    """What a display name says. White space between encoded words is nothing."""
    said: list[str] = []
    encoded: list[str] = []
    pending = ""
    for word in words:
        if word.lastgroup == "space":
            pending = FOLD.sub("", word[0])
            continue
        if word.lastgroup == "encoded":
            if not encoded:
                said.append(pending)
            encoded.append(word[0])
        else:
            said += (_decoded(" ".join(encoded)), pending)
            encoded = []
            said.append(_said(word[0]) if word.lastgroup == "quoted" else word[0])
        pending = ""
    return "".join((*said, _decoded(" ".join(encoded))))


def _said(quoted: str) -> str:
    """What stands in a quoted string or a comment, whose first character opens it (the last may be missing)."""
    closed = len(quoted) > 1 and quoted[-1] in '")' and not quoted.endswith(('\\"', "\\)"))
    return _decoded(_BACKSLASH.sub(r"\1", quoted[1:-1] if closed else quoted[1:]))


def _decoded(text: str) -> str:
    """Unfolded, encoded words decoded."""
    return FOLD.sub("", decode_words(text))


def _write(units: Sequence[Unit], patches: Sequence[Patch], line_end: str) -> list[Patch]:
    """Share every patch out over the units it touches; the replacement goes to the first that can hold it."""
    starts = unit_starts(units)
    shares: dict[int, list[Patch]] = {}
    for patch in patches:
        text = patch.text
        for n in touched_units(units, starts, patch):
            if units[n].kind != "mark":
                start, end = max(patch.start - starts[n], 0), min(patch.end - starts[n], len(units[n].text))
                shares.setdefault(n, []).append(Patch(start, end, text))
                text = ""
    return [Patch(units[n].start, units[n].end, _written(units[n], share, line_end)) for n, share in shares.items()]


def _written(unit: Unit, share: Sequence[Patch], line_end: str) -> str:
    text = apply(unit.text, share)
    if unit.kind == "address":
        return write_address(text)
    plain = text.isascii() and "=?" not in text
    if unit.kind == "comment":
        inner = text.removeprefix("(").removesuffix(")")
        return f"({_PARENTHESES.sub(_BEFORE, inner) if plain else encode_words(inner, line_end)})"
    if not plain:
        return encode_words(text, line_end)
    return text if unit.kind == "phrase" and _ATOMS.fullmatch(text) else f'"{escape_quoted(text)}"'


def write_address(text: str) -> str:
    """An address that says `text`: as it is where it is one, else a quoted local part at a domain that is nobody's."""
    if _ADDRESS.fullmatch(text):
        return text
    local, at, domain = text.rpartition("@")
    if not at or not _DOMAIN.fullmatch(domain):
        local, domain = text, REMOVED
    return f'"{escape_quoted(to_ascii(local))}"@{domain}' if local else f"removed@{domain}"
