"""Character references and percent escapes, both ways."""

from __future__ import annotations

import html

import pytest

from scrubber.formats.references import (
    escape_attribute,
    escape_comment,
    escape_text,
    percent,
    reference,
    unescape,
    unpercent,
)
from scrubber.formats.spans import Patch


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("&amp;", ("&", 5)),
        ("&amp", ("&", 4)),
        ("&ampx", ("&", 4)),
        ("&eacutet", ("é", 7)),
        ("&notit;", ("¬", 4)),
        ("&notin;", ("∉", 7)),
        ("&#49;", ("1", 5)),
        ("&#49x", ("1", 4)),
        ("&#x31;", ("1", 6)),
        ("&#X0000031", ("1", 10)),
        ("&#128;", ("€", 6)),
        ("&#99999999;", ("\ufffd", 11)),
        ("&#xd800;", ("\ufffd", 8)),
        ("&nosuch;", None),
        ("&;", None),
        ("&#;", None),
        ("&", None),
        ("& x", None),
    ],
)
def test_references_in_text(source: str, expected: tuple[str, int] | None) -> None:
    assert reference(source, 0, len(source), attribute=False) == expected


def test_references_in_attributes_end_at_a_word() -> None:
    url = "?a=1&copy=2&copyx=3&amp;c&lt"
    assert unescape(url, 0, len(url)).text == "?a=1&copy=2&copyx=3&c<"
    assert unescape("xx&lt;yy", 2, 6).text == "<"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mailto:a%40x.test", "mailto:a@x.test"),
        ("/%C3%A9%E2%82%AC", "/é€"),
        ("/%E9n", "/én"),
        ("/a+b?q=NL91+ABNA&t=+31", "/a+b?q=NL91 ABNA&t=+31"),
        ("/100%", "/100%"),
        ("/%4", "/%4"),
        ("", ""),
    ],
)
def test_urls_as_a_person_reads_them(url: str, shown: str) -> None:
    assert unpercent(url).text == shown


def test_an_edit_of_a_url_is_escaped_and_exact() -> None:
    url = "/?a=%C3%A9&nr=12%334"
    readable = unpercent(url)
    at = readable.text.index("1234")
    assert readable.lower([Patch(at, at + 4, "[é w]")], percent, across=True) == [Patch(14, 20, "%5B%C3%A9%20w%5D")]


def test_escapes() -> None:
    assert escape_text('a<b>&"') == 'a&lt;b&gt;&amp;"'
    assert escape_comment("a-->b") == "a-&#45;&gt;b"
    assert escape_attribute("a\"'b", '"') == "a&#34;'b"
    assert escape_attribute("a\"'b", "'") == 'a"&#39;b'
    assert escape_attribute("a b='c", "") == "a&#32;b&#61;&#39;c"
    for quoted in ('"', "'", ""):
        assert html.unescape(escape_attribute("<[a] 'b' \"c\" & `d`>", quoted)) == "<[a] 'b' \"c\" & `d`>"
