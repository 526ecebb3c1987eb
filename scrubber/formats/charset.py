"""Bytes to text and back: whatever charset a message claims, its text is read, and only edited spans change.

What a message claims is tried first; then a byte order mark, UTF-8 and windows-1252, which never fails here (the five
bytes it leaves undefined are read as in ISO 8859-1). Sources: RFC 2045, RFC 2152 (UTF-7), WHATWG Encoding.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from scrubber.formats.base import ByteEdit
from scrubber.formats.spans import Patch, in_order

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,39}")
_NOT_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
_SINGLE = re.compile(
    r"ascii|iso8859-\d+|cp(?:125\d|437|8[56]\d|1006|1026|1140|720|737|775|037|273|424|500)|koi8-[rut]|mac-.*|tis-620|latin-1|hp-roman8|ptcp154|kz1048"
)
_STATEFUL = re.compile(r"utf-7|hz|iso2022.*")
_WIDE = re.compile(r"utf-(?P<bits>16|32)(?:-(?:le|be))?")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SURROGATE = re.compile("[\ud800-\udfff]")
_PLAIN = str.maketrans(
    {"‘": "'", "’": "'", "‚": ",", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "…": "...", "€": "EUR",
     "\u00a0": " ", "\u202f": " ", "ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "Æ": "AE", "Ø": "O", "Œ": "OE"}
)  # fmt: skip


def to_ascii(text: str) -> str:
    """`text` in ASCII, for places that take nothing else: accents go, typographic marks turn plain, the rest is "?"."""
    bare = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return "".join(c for c in bare if not unicodedata.combining(c)).encode("ascii", "replace").decode("ascii")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of some bytes. `text` holds no surrogates: a byte that is no character shows as U+FFFD.

    `codec` is Python's name; `skip` the length of a byte order mark. `whole`: the encoding has a state, so that an edit
    means encoding everything again (the bytes around may change, the text doesn't). `doubtful`: it claims an encoding
    with a state that can't be read, so that what it says to a reader may be something else.
    """

    text: str = field(repr=False)
    codec: str
    payload: bytes = field(repr=False)
    skip: int = 0
    whole: bool = False
    exact: str | None = field(default=None, repr=False)
    doubtful: bool = False

    def lower(self, patches: Sequence[Patch], *, references: bool = False) -> tuple[ByteEdit, ...]:
        """Patches on the text -> byte edits. What the charset can't say is said in ASCII.

        `references`: as numeric character references instead, for HTML.
        """
        ordered = in_order(patches, len(self.text))
        if not ordered:
            return ()
        if self.whole:
            return self._again(ordered)
        source = self.text if self.exact is None else self.exact
        single = len(source) == len(self.payload) - self.skip
        edits: list[ByteEdit] = []
        chars, at = 0, self.skip
        for start, end, text in ordered:
            begin = at + self._size(source[chars:start], single)
            at = begin + self._size(source[start:end], single)
            chars = end
            edits.append(ByteEdit(begin, at, self._encode(text, references)))
        return tuple(edits)

    def _size(self, text: str, single: bool) -> int:
        return len(text) if single else len(text.encode(self.codec, "surrogateescape"))

    def _encode(self, text: str, references: bool = False) -> bytes:
        try:
            return text.encode(self.codec)
        except UnicodeEncodeError:
            if references:
                return text.encode(self.codec, "xmlcharrefreplace")
            return to_ascii(text).encode(self.codec)

    def _again(self, patches: Sequence[Patch]) -> tuple[ByteEdit, ...]:
        out: list[str] = []
        at = 0
        for start, end, text in patches:
            out += (self.text[at:start], self._encode(text).decode(self.codec))
            at = end
        new = "".join((*out, self.text[at:])).encode(self.codec)
        old = self.payload
        head = 0
        shared = min(len(old), len(new))
        while head < shared and old[head] == new[head]:
            head += 1
        tail = 0
        while tail < shared - head and old[-1 - tail] == new[-1 - tail]:
            tail += 1
        return (ByteEdit(head, len(old) - tail, new[head : len(new) - tail]),)


def codec_name(charset: str) -> str | None:
    """Python's name for a charset label, or None where it is unknown or no charset of a message."""
    if not _NAME.fullmatch(charset):
        return None
    try:
        name = codecs.lookup(charset).name
        b"a".decode(charset)
    except UnicodeError:
        pass  # a text encoding, of which one byte is too little
    except (LookupError, ValueError):
        return None
    return None if name.replace("_", "-") in _NOT_CHARSETS else name


def decode(payload: bytes, charset: str = "") -> Decoded:
    """The text of `payload`, whatever it claims to be. Never fails."""
    codec = codec_name(charset.strip().strip("\"'")) if charset else None
    if codec is not None and (opened := _try(payload, codec)) is not None:
        return opened
    opened = _unclaimed(payload)
    return replace(opened, doubtful=True) if codec and _STATEFUL.fullmatch(codec) else opened


def _unclaimed(payload: bytes) -> Decoded:
    for mark, named in _BOMS:
        if payload.startswith(mark) and (opened := _try(payload, named)) is not None:
            return opened
    return _try(payload, "utf-8") or _try(payload, "cp1252") or Decoded(payload.decode("latin-1"), "latin-1", payload)


def _try(payload: bytes, codec: str) -> Decoded | None:
    if codec == "iso8859-1":
        # What says ISO 8859-1 and has bytes 0x80-0x9F is windows-1252 (WHATWG): no mail means control characters.
        return _try(payload, "cp1252") or Decoded(payload.decode("latin-1"), "latin-1", payload)
    if codec in {"utf-8", "utf-8-sig"}:
        return _utf8(payload)
    if wide := _WIDE.fullmatch(codec):
        return _wide(payload, codec, int(wide["bits"]) // 8)
    stateful = bool(_STATEFUL.fullmatch(codec))
    try:
        text = payload.decode(codec, "replace" if stateful else "strict")
        if _SINGLE.fullmatch(codec) and len(text) == len(payload):
            return Decoded(text, codec, payload)
        again = text.encode(codec)
        stateful = stateful or again != payload
        if stateful and again.decode(codec) != text:
            return None
    except (UnicodeError, ValueError):
        return None
    return Decoded(text, codec, payload, whole=stateful)


def _wide(payload: bytes, codec: str, unit: int) -> Decoded | None:
    """UTF-16 and UTF-32, also broken: a unit that is no character shows as U+FFFD, an unfinished one at the end not.

    Not what holds ASCII alone: that only says that it is wide, and digits can't be written so.
    """
    if payload.isascii() and b"\0" not in payload:
        return None
    little, big = f"utf-{unit * 8}-le", f"utf-{unit * 8}-be"
    marks = {"\ufeff".encode(little): little, "\ufeff".encode(big): big}
    mark = payload[:unit]
    skip = unit if mark in marks else 0
    if skip:
        codec = marks[mark]
    elif codec not in marks.values():
        codec = big if payload[:1] == b"\0" else little
    body = payload[skip : len(payload) - (len(payload) - skip) % unit]
    return Decoded(body.decode(codec, "replace"), codec, payload, skip)


def _utf8(payload: bytes) -> Decoded | None:
    """UTF-8, also when some bytes of it are broken, unless more is broken than right (then it is no UTF-8)."""
    skip = 3 if payload.startswith(codecs.BOM_UTF8) else 0
    body = payload[skip:] if skip else payload
    try:
        return Decoded(body.decode("utf-8"), "utf-8", payload, skip)
    except UnicodeDecodeError:
        exact = body.decode("utf-8", "surrogateescape")
    text, broken = _SURROGATE.subn("\ufffd", exact)
    right = len(exact) - broken - len(body.translate(None, bytes(range(128, 256))))
    return Decoded(text, "utf-8", payload, skip, exact=exact) if broken <= right else None
