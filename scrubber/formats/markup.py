"""A scanner of HTML as mail has it: what a reader sees, what attributes say, what is hidden; linear, never failing.

It follows the tokeniser of the WHATWG standard where that decides what is text, and reads more than a browser shows:
comments, scripts, styles, hidden elements, unfinished tags. Positions are code points of the source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from scrubber.formats.references import Quote, reference
from scrubber.formats.spans import TextMap

BREAKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dialog",
    "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5",
    "h6", "head", "header", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "optgroup", "option", "p",
    "pre", "section", "select", "summary", "table", "tbody", "tfoot", "thead", "title", "tr", "ul", "xmp", "listing",
})  # fmt: skip
CELLS = frozenset({"td", "th"})
VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
})  # fmt: skip
_PREFORMATTED = frozenset({"pre", "textarea", "listing", "xmp", "plaintext"})
_CLOSED_BY_SIBLING = frozenset({"p", "li", "td", "th", "tr", "dd", "dt", "option"})
_RAW = {name: re.compile(rf"</{name}(?=[ \t\r\n\f/>])", re.IGNORECASE) for name in ("script", "style")}

_MARK = re.compile(r"[<&]")
_NAME = re.compile(r"[a-zA-Z][^ \t\r\n\f/>]*+")
_PLAIN_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9:_-]{0,19}")
_ATTRIBUTE = re.compile(
    r"""[ \t\r\n\f/]*+(?:(>)|([^ \t\r\n\f/>][^ \t\r\n\f/>=]*+)"""
    r"""(?:[ \t\r\n\f]*+=[ \t\r\n\f]*+(?:"([^"]*+)"|'([^']*+)'|([^ \t\r\n\f>]++)|(?=>)))?+)"""
)
_LAYOUT = re.compile(r"[ \t\r\n\f]{2,}+|[\t\r\n\f]")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]++")
_HIDING = re.compile(r"display\s*+:\s*+none|visibility\s*+:\s*+hidden", re.IGNORECASE)


class Attribute(NamedTuple):
    """An attribute of a tag: its value stands at source[start:end]; without a value, its name does (`bare`)."""

    tag: str
    name: str
    start: int
    end: int
    quoted: Quote
    bare: bool = False


class Hidden(NamedTuple):
    """Text nobody is shown. `what`: "hidden" (by markup), "comment", "script", "style", "tag" (no real name)."""

    what: str
    text: TextMap


class Markup:
    """What a scan found. `text` is what a reader sees: inline tags and zero-width characters are nothing, block tags a
    line break, cells a tab, white space is one space, references are decoded."""

    __slots__ = ("attributes", "hidden", "text")

    def __init__(self) -> None:
        self.text = TextMap()
        self.attributes: list[Attribute] = []
        self.hidden: list[Hidden] = []


def scan(source: str, work: Callable[[int], None]) -> Markup:
    """Scan all of `source`. `work` is called with the number of tokens since its last call, and may raise."""
    found = Markup()
    _Scanner(source, found, work).run(0, len(source))
    return found


def plain_name(name: str) -> str:
    """A tag's or attribute's name for use in a path: "x" where it is no ordinary name (it may hold personal data)."""
    return name if _PLAIN_NAME.fullmatch(name) and not re.search(r"\d{3}", name) else "x"


class _Scanner:
    def __init__(self, source: str, found: Markup, work: Callable[[int], None], *, comment: bool = False) -> None:
        self.source = source
        self.found = found
        self.work = work
        self.comment = comment
        self.sink = found.text
        self.preformatted = 0
        self.hiding = ""
        self.hiding_depth = 0

    def run(self, at: int, end: int) -> None:
        source = self.source
        tokens = 0
        while at < end:
            tokens += 1
            if tokens == 1000:
                self.work(tokens)
                tokens = 0
            mark = _MARK.search(source, at, end)
            if mark is None:
                self.characters(at, end)
                break
            if mark.start() > at:
                self.characters(at, mark.start())
            at = self.reference(mark.start(), end) if mark[0] == "&" else self.markup(mark.start(), end)
        self.work(tokens)
        self.stop_hiding()

    def characters(self, start: int, end: int) -> None:
        """Text between marks: white space is layout, zero-width characters are nothing."""
        if self.source.isascii() or _UNSEEN.search(self.source, start, end) is None:
            self.visible(start, end)
            return
        for unseen in _UNSEEN.finditer(self.source, start, end):
            self.visible(start, unseen.start())
            start = unseen.end()
        self.visible(start, end)

    def visible(self, start: int, end: int) -> None:
        if self.preformatted:
            self.sink.copy(self.source[start:end], start)
            return
        for layout in _LAYOUT.finditer(self.source, start, end):
            self.words(start, layout.start())
            if self.sink.last not in ("", " ", "\n", "\t"):
                self.sink.atom(" ", *layout.span())
            start = layout.end()
        self.words(start, end)

    def words(self, start: int, end: int) -> None:
        if start < end and self.source[start] == " " and self.sink.last in ("", " ", "\n", "\t"):
            start += 1
        self.sink.copy(self.source[start:end], start)

    def reference(self, at: int, end: int) -> int:
        decoded = reference(self.source, at, end, attribute=False)
        if decoded is None:
            self.sink.copy("&", at)
            return at + 1
        text, stop = decoded
        if _UNSEEN.fullmatch(text) is None:
            self.sink.atom(text, at, stop)
        return stop

    def markup(self, at: int, end: int) -> int:
        source = self.source
        following = source[at + 1 : min(at + 2, end)]
        if following == "/":
            name = _NAME.match(source, at + 2, end)
            if name is not None:
                return self.tag(name, end, closing=True)
            return self.bogus(at + 2, end) if at + 2 < end else self.literal(at, end)
        if following in ("!", "?"):
            return self.declaration(at, end)
        name = _NAME.match(source, at + 1, end)
        return self.literal(at, at + 1) if name is None else self.tag(name, end, closing=False)

    def literal(self, at: int, end: int) -> int:
        self.sink.copy(self.source[at:end], at)
        return end

    def declaration(self, at: int, end: int) -> int:
        """Comments and what is read as one: declarations, processing instructions, conditional sections."""
        source = self.source
        if not source.startswith("<!--", at):
            return self.bogus(at + 2, end)
        for short in (">", "->"):
            if source.startswith(short, at + 4) and at + 4 + len(short) <= end:
                return at + 4 + len(short)
        stop = source.find("-->", at + 4, end)
        inner = end if stop < 0 else stop
        self.aside(at + 4, inner)
        return end if stop < 0 else stop + 3

    def bogus(self, at: int, end: int) -> int:
        stop = self.source.find(">", at, end)
        inner = end if stop < 0 else stop
        if self.source[at : at + 7].lower() != "doctype":
            self.aside(at, inner)
        return min(inner + 1, end)

    def aside(self, start: int, end: int) -> None:
        """A comment, read as HTML itself (Outlook shows what stands in a conditional one), comments in it excepted."""
        text = TextMap()
        if self.comment or _MARK.search(self.source, start, end) is None:
            text.copy(self.source[start:end], start)
        else:
            inner = Markup()
            _Scanner(self.source, inner, self.work, comment=True).run(start, end)
            text = inner.text
            self.found.attributes += inner.attributes
            self.found.hidden += inner.hidden
        self.hide("comment", text)

    def hide(self, what: str, text: TextMap) -> None:
        if text.length and not text.text.isspace():
            self.found.hidden.append(Hidden(what, text))

    def tag(self, name: re.Match[str], end: int, *, closing: bool) -> int:
        tag = name[0].lower()
        if plain_name(tag) != tag:
            odd = TextMap()
            odd.copy(name[0], name.start())
            self.hide("tag", odd)
        at, hides = self.attributes(plain_name(tag), name.end(), end)
        if closing:
            self.closed(tag)
            return at
        self.opened(tag, hides=hides)
        if tag in _RAW and at < end:
            stop = _RAW[tag].search(self.source, at, end)
            inner = end if stop is None else stop.start()
            raw = TextMap()
            raw.copy(self.source[at:inner], at)
            self.hide(tag, raw)
            return inner
        return at

    def attributes(self, tag: str, at: int, end: int) -> tuple[int, bool]:
        """Read attributes up to the tag's end (an unfinished tag's is the source's). Also: does it hide its element?"""
        hides = False
        for found in self._attributes(at, end):
            at = found.end()
            if found[1]:
                return at, hides
            name = found[2].lower()
            which = found.lastindex or 2
            if which == 2:
                hides |= name == "hidden"
                self.found.attributes.append(Attribute(tag, plain_name(name), *found.span(2), "", bare=True))
                continue
            if plain_name(name) != name:
                self.found.attributes.append(Attribute(tag, "x", *found.span(2), "", bare=True))
            quoted: Quote = '"' if which == 3 else "'" if which == 4 else ""
            self.found.attributes.append(Attribute(tag, plain_name(name), *found.span(which), quoted))
            hides |= name == "hidden" or (name == "style" and _HIDING.search(found[which]) is not None)
        return end, hides

    def _attributes(self, at: int, end: int) -> Iterator[re.Match[str]]:
        tokens = 0
        while (found := _ATTRIBUTE.match(self.source, at, end)) is not None:
            yield found
            at = found.end()
            tokens += 1
            if tokens == 1000:
                self.work(tokens)
                tokens = 0
        self.work(tokens)

    def opened(self, tag: str, *, hides: bool) -> None:
        if tag in _PREFORMATTED:
            self.preformatted += 1
        if self.hiding and tag == self.hiding:
            if tag in _CLOSED_BY_SIBLING and self.hiding_depth == 1:
                self.stop_hiding()
            else:
                self.hiding_depth += 1
        self.separate(tag, opening=True)
        if hides and not self.hiding and tag not in VOID:
            self.hiding, self.hiding_depth = tag, 1
            self.sink = TextMap()

    def closed(self, tag: str) -> None:
        if tag in _PREFORMATTED and self.preformatted:
            self.preformatted -= 1
        if tag == self.hiding:
            self.hiding_depth -= 1
            if not self.hiding_depth:
                self.stop_hiding()
        self.separate(tag, opening=False)

    def stop_hiding(self) -> None:
        if self.hiding:
            self.hide("hidden", self.sink)
            self.sink = self.found.text
            self.hiding = ""

    def separate(self, tag: str, *, opening: bool) -> None:
        """A line break for a block, a tab for a cell; at most one empty line; no layout at the end of a line."""
        separator = "\n" if tag in BREAKS else "\t" if opening and tag in CELLS else ""
        if not separator:
            return
        if self.sink.last == " " and not self.preformatted:
            self.sink.drop_last()
        if tag == "br" or self.sink.last not in ("", "\n", "\t") or (separator == "\n" and self.sink.last == "\t"):
            self.sink.gap(separator)
