"""HTML: one view of what a reader sees, one for each attribute that says something, and what is hidden.

Paths below the payload's own: ("html",) the visible text, ("html", "a@href#3") the third attribute seen (whatever its
name), ("html", "comment#1"), "hidden#1", "script#1", "style#1", "tag#1" what no reader sees.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scrubber.budget import Budget
from scrubber.finding import Edit, Unread
from scrubber.formats.base import ByteEdit
from scrubber.formats.charset import Decoded, codec_name, decode
from scrubber.formats.markup import Attribute, Hidden, scan
from scrubber.formats.reasons import unread_reason
from scrubber.formats.references import (
    escape_attribute,
    escape_comment,
    escape_text,
    percent,
    unescape,
    unpercent,
)
from scrubber.formats.spans import Patch, TextMap
from scrubber.message import Child, Path, TextView, ViewKind

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
VIEW_COST = 16
"""What a view costs of the budget's characters beside its text, so that a million empty ones end somewhere."""

_URLS = frozenset({
    "href", "src", "action", "formaction", "cite", "background", "longdesc", "poster", "data", "ping", "srcset",
    "xlink:href",
})  # fmt: skip
_NOISE = frozenset({
    "align", "bgcolor", "border", "cellpadding", "cellspacing", "charset", "class", "clear", "color", "colspan",
    "dir", "face", "height", "hspace", "http-equiv", "id", "lang", "media", "method", "nowrap", "rel", "role",
    "rowspan", "scope", "size", "style", "tabindex", "target", "type", "valign", "vspace", "width", "xml:lang",
    "xmlns",
})  # fmt: skip
_TELLS = re.compile(r"(?<![#0-9A-Za-z])\d(?:[ .-]?\d){3}|\w@\w|[A-Za-z]{2}\d\d[A-Za-z]{4}")
_NAME_TELLS = re.compile(r"\d{4}|\w@\w")
_WORD = re.compile(r"\w")
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*+=\s*+[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_HEAD = 2048
_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+)?(?:;[\w.+-]+=[^;,]{0,100})*(;base64)?", re.IGNORECASE)
_URL_HEAD = 400
_CONTROLS = re.compile(r"[\x00-\x20]+")
_LARGE_DATA = 4096
_EMBEDS = frozenset({"src", "background"})
_CONTENT_ID = re.compile(r"cid:[\w.$@+-]{0,200}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HtmlDocument:
    """An opened page. `spots` say for each view's path what it shows."""

    views: tuple[TextView, ...]
    unread: tuple[Unread, ...]
    decoded: Decoded = field(repr=False)
    spots: Mapping[Path, TextMap | Hidden | Attribute] = field(repr=False)
    children: tuple[Child, ...] = ()
    notes: tuple[str, ...] = ()

    def lower(self, edits: Sequence[Edit], children: Mapping[Path, Sequence[ByteEdit]]) -> tuple[ByteEdit, ...]:  # noqa: ARG002 - the protocol's; a page has none
        by_path: dict[Path, list[Patch]] = {}
        for edit in edits:
            by_path.setdefault(edit.path, []).append(Patch(edit.start, edit.end, edit.text))
        patches: list[Patch] = []
        for path, wanted in by_path.items():
            spot = self.spots[path]
            if isinstance(spot, Attribute):
                patches += _lower_attribute(self.decoded.text, spot, wanted)
            elif isinstance(spot, Hidden):
                patches += spot.text.lower(wanted, _HIDDEN_ESCAPES.get(spot.what, escape_text), across=False)
            else:
                patches += spot.lower(wanted, escape_text, across=False)
        return self.decoded.lower(patches, references=True)


class HtmlFormat:
    name = "html"
    media_types = HTML_TYPES

    def open(
        self, payload: bytes, parameters: Mapping[str, str], path: Path, budget: Budget, *, kind: ViewKind, group: str
    ) -> HtmlDocument:
        """`parameters`: charset; else the one a <meta> names. Never a FormatError: anything is HTML."""
        decoded = decode(payload, parameters.get("charset", "") or _meta_charset(payload))
        found = scan(decoded.text, budget.take_characters)
        base = (*path, "html")
        views: list[TextView] = []
        spots: dict[Path, TextMap | Hidden | Attribute] = {}
        unread: list[Unread] = []

        def show(step: Path, text: str, spot: TextMap | Hidden | Attribute, shown_as: ViewKind) -> None:
            budget.take_characters(len(text) + VIEW_COST)
            views.append(TextView((*base, *step), text, shown_as, group))
            spots[(*base, *step)] = spot

        if (shown := found.text.text) and not shown.isspace():
            show((), shown, found.text, kind)
        for count, attribute in enumerate(found.attributes, 1):
            step = f"{attribute.tag}@{attribute.name}#{count}"
            media, base64 = _data_url(decoded.text, attribute)
            if media and (not media.startswith("text/") or attribute.end - attribute.start > _LARGE_DATA):
                unread.append(Unread((*base, step), media, unread_reason(media)))
                continue
            if base64:
                unread.append(Unread((*base, step), media, "embedded"))
            if text := _attribute_text(decoded.text, attribute):
                show((step,), text, attribute, "attribute")
        for count, hidden in enumerate(found.hidden, 1):
            text = hidden.text.text
            if hidden.what != "style" or _TELLS.search(text):
                show((f"{hidden.what}#{count}",), text, hidden, "hidden")
        if decoded.doubtful:
            unread.append(Unread(base, "text/html", "broken-charset"))
        return HtmlDocument(tuple(views), tuple(unread), decoded, spots)


def _raw_text(text: str) -> str:
    """In a script or a style nothing is escaped, so a replacement that could end it loses its angle brackets."""
    return text.replace("<", "(").replace(">", ")")


_HIDDEN_ESCAPES = {
    "comment": escape_comment,
    "script": _raw_text,
    "style": _raw_text,
    "tag": lambda text: re.sub(r"[^\w\[\].-]+", "_", text),
}


def _meta_charset(payload: bytes) -> str:
    """The charset a <meta> names near the start. One of two-byte units can't be: the name was read byte by byte."""
    found = _CHARSET.search(payload, 0, _HEAD)
    name = found[1].decode("ascii") if found else ""
    codec = codec_name(name) if name else None
    return "" if codec is None or codec.startswith(("utf-16", "utf-32")) else name


def _data_url(source: str, attribute: Attribute) -> tuple[str, bool]:
    """The media type of a data: URL, else "", and whether it is base64. Programs skip white space in a URL."""
    if attribute.bare or not _is_url(attribute):
        return "", False
    head = unescape(source, attribute.start, min(attribute.end, attribute.start + _URL_HEAD)).text
    found = _DATA_URL.match(_CONTROLS.sub("", head))
    return ((found[1] or "text/plain").lower(), found[2] is not None) if found else ("", False)


def _is_url(attribute: Attribute) -> bool:
    return attribute.name in _URLS


def _attribute_text(source: str, attribute: Attribute) -> str:
    """What the attribute says, or "" where it says nothing to a reader and nothing that could be a datum."""
    raw = source[attribute.start : attribute.end]
    if attribute.bare:
        return raw if _NAME_TELLS.search(raw) else ""
    if attribute.name in _NOISE:
        return _value(source, attribute) if _TELLS.search(raw) else ""
    if attribute.name in _EMBEDS and _CONTENT_ID.fullmatch(raw):
        return ""
    text = _value(source, attribute)
    return text if _WORD.search(text) else ""


def _value(source: str, attribute: Attribute) -> str:
    text = source[attribute.start : attribute.end]
    if "&" in text:
        text = unescape(source, attribute.start, attribute.end).text
    return unpercent(text).text if _is_url(attribute) else text


def _lower_attribute(source: str, attribute: Attribute, wanted: Sequence[Patch]) -> list[Patch]:
    start, end = attribute.start, attribute.end
    if attribute.bare:
        name = TextMap()
        name.copy(source[start:end], start)
        return name.lower(wanted, _HIDDEN_ESCAPES["tag"], across=True)
    value = unescape(source, start, end)
    if _is_url(attribute):
        wanted = unpercent(value.text).lower(wanted, percent, across=True)
    patches = value.lower(wanted, lambda text: escape_attribute(text, attribute.quoted), across=True)
    if (
        not attribute.quoted
        and sum(p.end - p.start for p in patches) == end - start
        and not any(p.text for p in patches)
    ):
        return [Patch(start, end, '""')]
    return patches
