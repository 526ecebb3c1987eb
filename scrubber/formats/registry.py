"""Which format reads which media type, and opening a payload with everything in it.

A part that has no format, or that its format can't open, is `unread` and never stops its siblings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scrubber.budget import Budget
from scrubber.errors import FormatError
from scrubber.finding import Edit, Unread
from scrubber.formats.base import ByteEdit, Document, Format, path_depth, splice
from scrubber.formats.fields import FieldsFormat
from scrubber.formats.html import HtmlFormat
from scrubber.formats.mime import MimeFormat
from scrubber.formats.pieces import PiecesFormat
from scrubber.formats.plain import PlainFormat, folded_format
from scrubber.formats.reasons import unread_reason
from scrubber.message import Child, Path, TextView, ViewKind

_NOT_TEXT = frozenset({"text/rtf"})
_SWELL = 4
"""How many times its own size a payload may grow to when all its children are decoded."""


class Registry:
    """Formats by media type. "text/*" among a format's types stands for every type of that kind without its own."""

    def __init__(self, formats: Iterable[Format]) -> None:
        self._formats: dict[str, Format] = {}
        for opener in formats:
            for media_type in opener.media_types:
                if media_type in self._formats:
                    raise ValueError(f"two formats read {media_type}")
                self._formats[media_type] = opener

    def get(self, media_type: str) -> Format | None:
        """The format that reads `media_type` (parameters and case don't matter), or None."""
        bare = media_type.partition(";")[0].strip().lower()
        if bare in _NOT_TEXT:
            return None
        return self._formats.get(bare) or self._formats.get(bare.partition("/")[0] + "/*")

    def open_tree(
        self, payload: bytes, media_type: str, parameters: Mapping[str, str] | None = None, budget: Budget | None = None
    ) -> Opened:
        """Open a payload and all in it. FormatError: the payload itself can't be opened. BudgetExceeded: too much."""
        budget = budget or Budget()
        budget.check_bytes(len(payload))
        budget.take_parts(1)
        opener = self.get(media_type)
        if opener is None:
            raise FormatError(unread_reason(media_type))
        document = opener.open(payload, parameters or {}, (), budget, kind="body", group="")
        root = _Node(payload, document, {})
        unread = _Opening(self, budget).fill(root)
        return Opened(root, tuple(_views(root)), unread, tuple(dict.fromkeys(_notes(root))))


@dataclass(slots=True)
class _Node:
    payload: bytes = field(repr=False)
    document: Document = field(repr=False)
    children: dict[Path, _Node] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """A payload and all that could be opened in it. `views` are in reading order, their paths unique."""

    _root: _Node = field(repr=False)
    views: tuple[TextView, ...]
    unread: tuple[Unread, ...]
    notes: tuple[str, ...]

    def apply(self, edits: Sequence[Edit]) -> bytes:
        """The payload after the edits (of any views, in any order). Without edits: the same bytes.

        ValueError: edits of one view overlap, leave it, or name a view that is not there.
        """
        by_path: dict[Path, list[Edit]] = {}
        for edit in edits:
            by_path.setdefault(edit.path, []).append(edit)
        lowered = _lower(self._root, by_path)
        if by_path:
            raise ValueError("edits name a view that is not there")
        return splice(self._root.payload, lowered)


class _Opening:
    """Opens children of children. `swollen` counts the bytes of all of them, which nested encodings could multiply."""

    def __init__(self, registry: Registry, budget: Budget) -> None:
        self.registry = registry
        self.budget = budget
        self.swollen = 0

    def fill(self, node: _Node) -> tuple[Unread, ...]:
        unread = list(node.document.unread)
        for child in node.document.children:
            opened = self.open(child)
            if isinstance(opened, Unread):
                unread.append(opened)
            else:
                node.children[child.path] = opened
                unread += self.fill(opened)
        return tuple(unread)

    def open(self, child: Child) -> _Node | Unread:
        self.budget.check_depth(path_depth(child.path))
        self.budget.check_bytes(len(child.payload))
        self.swollen += len(child.payload)
        self.budget.check_bytes(self.swollen // _SWELL)
        opener = self.registry.get(child.media_type)
        if opener is None:
            return Unread(child.path, child.media_type, unread_reason(child.media_type))
        kind: ViewKind = child.kind
        try:
            document = opener.open(
                child.payload, child.parameters, child.path, self.budget, kind=kind, group=child.group
            )
        except FormatError as error:
            return Unread(child.path, child.media_type, str(error))
        return _Node(child.payload, document, {})


def _views(node: _Node) -> Iterator[TextView]:
    # A document whose own views stand between its children has their paths, as a reader meets them, in `order`.
    own = {view.path: view for view in node.document.views}
    order: Sequence[Path] = getattr(node.document, "order", (*own, *node.children))
    for path in order:
        if path in own:
            yield own[path]
        elif path in node.children:
            yield from _views(node.children[path])


def _notes(node: _Node) -> Iterator[str]:
    yield from node.document.notes
    for child in node.children.values():
        yield from _notes(child)


def _lower(node: _Node, by_path: dict[Path, list[Edit]]) -> tuple[ByteEdit, ...]:
    """Takes the edits it can place out of `by_path`."""
    own: list[Edit] = []
    for view in node.document.views:
        own += by_path.pop(view.path, ())
    below: dict[Path, tuple[ByteEdit, ...]] = {}
    for path, child in node.children.items():
        if by_path and (lowered := _lower(child, by_path)):
            below[path] = lowered
    return node.document.lower(own, below) if own or below else ()


def default_registry() -> Registry:
    """Mail, HTML, text, calendars and cards, JSON, messages of ticket systems."""

    def reads(media_type: str) -> bool:
        return registry.get(media_type) is not None

    registry = Registry(
        (MimeFormat(reads), HtmlFormat(), PlainFormat(), folded_format(), FieldsFormat(), PiecesFormat())
    )
    return registry


def open_tree(
    payload: bytes, media_type: str, parameters: Mapping[str, str] | None = None, budget: Budget | None = None
) -> Opened:
    """`default_registry().open_tree(...)`."""
    return _DEFAULT.open_tree(payload, media_type, parameters, budget)


_DEFAULT = default_registry()
