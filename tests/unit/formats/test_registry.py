"""Which format reads what, and what happens to what none reads."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scrubber.budget import Budget, Limits
from scrubber.errors import BudgetExceeded, FormatError
from scrubber.formats.base import ByteEdit, path_depth, splice
from scrubber.formats.plain import PlainFormat
from scrubber.formats.reasons import extension, unread_reason
from scrubber.formats.registry import Opened, Registry, default_registry, open_tree


@pytest.mark.parametrize(
    ("media_type", "name"),
    [
        ("text/plain", "plain"),
        ("TEXT/Markdown; charset=utf-8", "plain"),
        ("text/x-anything", "plain"),
        ("text/calendar", "folded"),
        ("text/html", "html"),
        ("application/xhtml+xml", "html"),
        ("message/rfc822", "mime"),
        ("application/json", "fields"),
        ("text/rtf", None),
        ("image/png", None),
        ("", None),
    ],
)
def test_formats_by_media_type(media_type: str, name: str | None) -> None:
    found = default_registry().get(media_type)
    assert (found.name if found else None) == name


def test_two_formats_of_one_type_are_refused() -> None:
    with pytest.raises(ValueError, match="text/plain"):
        Registry([PlainFormat(media_types=frozenset({"text/plain"})), PlainFormat("b", frozenset({"text/plain"}))])


@pytest.mark.parametrize(
    ("media_type", "filename", "reason"),
    [
        ("image/svg+xml", "", "image"),
        ("video/mp4", "", "audio-video"),
        ("application/pdf", "x.png", "pdf"),
        ("application/msword", "", "office"),
        ("application/vnd.ms-excel", "", "office"),
        ("application/vnd.oasis.opendocument.text", "", "office"),
        ("application/x-7z-compressed", "", "archive"),
        ("application/vnd.ms-tnef", "", "tnef"),
        ("application/x-foo", "winmail.dat", "tnef"),
        ("application/x-foo", "a.DOCX ", "office"),
        ("application/x-foo", "a.b.zip", "archive"),
        ("application/x-foo", "zip", "unknown-type"),
        ("application/pgp-encrypted", "", "encrypted"),
        ("", "", "unknown-type"),
    ],
)
def test_reasons(media_type: str, filename: str, reason: str) -> None:
    assert unread_reason(media_type, filename) == reason


def test_extensions() -> None:
    assert [extension(name) for name in ("a.TXT", "a", ".x", "a.")] == ["txt", "", "x", ""]


def test_a_payload_without_a_format_can_not_be_opened() -> None:
    with pytest.raises(FormatError, match="pdf"):
        open_tree(b"%PDF", "application/pdf")


def test_a_registry_without_a_format_for_a_part_lists_it(opened: Callable[..., Opened]) -> None:
    mail = b"Content-Type: text/html\r\n\r\n<p>a"
    registry = default_registry()
    mime = registry.get("message/rfc822")
    assert mime is not None
    tree = Registry([mime]).open_tree(mail, "message/rfc822")
    assert [unread.reason for unread in tree.unread] == ["unknown-type"]
    assert opened(mail).unread == ()


def test_the_budget_is_asked_first() -> None:
    with pytest.raises(BudgetExceeded, match="bytes"):
        open_tree(b"abc", "text/plain", budget=Budget(Limits(bytes=2)))
    with pytest.raises(BudgetExceeded, match="parts"):
        open_tree(b"abc", "text/plain", budget=Budget(Limits(parts=0)))


def test_depth_of_paths() -> None:
    assert [path_depth(path) for path in ((), ("1",), ("1.2.3",), ("2", "1.1"))] == [0, 1, 3, 3]


def test_splice_refuses_what_overlaps() -> None:
    assert splice(b"abc", [ByteEdit(0, 1, b"x"), ByteEdit(1, 1, b"y")]) == b"xybc"
    with pytest.raises(ValueError, match="overlap"):
        splice(b"abc", [ByteEdit(0, 2, b""), ByteEdit(1, 2, b"")])


def test_nothing_of_a_message_is_in_a_repr() -> None:
    tree = open_tree(b"Subject: geheim 123\r\nTo: Geheim <a@x.test>\r\n\r\ngeheim", "message/rfc822")
    assert "eheim" not in repr(tree)
