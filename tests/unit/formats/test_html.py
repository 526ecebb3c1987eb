"""HTML: what a reader sees, what attributes say, what is hidden, and edits that keep the tags."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from scrubber.budget import Budget, Limits
from scrubber.errors import BudgetExceeded
from scrubber.finding import Edit
from scrubber.formats.html import HtmlFormat
from scrubber.formats.markup import plain_name, scan
from scrubber.formats.registry import Opened, open_tree

BSN = "123456782"


def seen(source: str) -> str:
    return scan(source, lambda _: None).text.text


def views(source: str) -> dict[tuple[str, ...], str]:
    return {view.path[1:]: view.text for view in open_tree(source.encode(), "text/html", {"charset": "utf-8"}).views}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("12<b>34</b>56", "123456"),
        ("12<wbr>34&shy;56\u200b7&zwnj;8\ufeff", "12345678"),
        ("1\u00ad2", "12"),
        ("a &lt;b&gt; &amp; &nix; & c", "a <b> & &nix; & c"),
        ("NL91\r\n    ABNA", "NL91 ABNA"),
        ("a  <b>  b</b> c", "a b c"),
        ("a\n\n\n<b>\tb", "a b"),
        ("<p>een</p>\n<p>twee</p>", "een\ntwee\n"),
        ("een<br>twee<br/>\n<br>drie", "een\ntwee\n\ndrie"),
        ("<div><div>een </div></div> twee", "een\ntwee"),
        ("<tr><td>a</td> <td>b</td></tr><tr><th>c<th>d", "a\tb\nc\td"),
        ("<pre>a  b\r\n c </pre>", "a  b\r\n c\n"),
        ("<textarea>a\nb</textarea>\nc", "a\nb c"),
        ("</pre>a\nb", "a b"),
        ("a < b <3 <", "a < b <3 <"),
        ("a </ b", "a "),
        ("a </", "a </"),
        ("a<!doctype html>b<?xml x?>c<!-->d<!--->e<!-- f -->g<![endif]>h", "abcdegh"),
        ("<title>T</title>x", "T\nx"),
        ("a<a href='>'>b</a x='>'>c", "abc"),
        ("a<unknown-tag>b", "ab"),
        ("<img alt=x>a", "a"),
        ("<option>a<option>b", "a\nb"),
        ("a<script>b</scripts></script >c", "ac"),
        ("a<style>b", "a"),
        ("a<STYLE>b</Style\n>c", "ac"),
        ("a<p hidden>b<p>c", "a\nc"),
        ("a<span style='x:y; DISPLAY : none'>b<span>c</span>d</span>e", "ae"),
        ("a<br hidden>b", "a\nb"),
        ("a<div style='display:nonex'>b", "a\n"),
        ("a<div style=visibility:hidden>b<p hidden>c</p></div>d", "a\nd"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_what_a_reader_sees(source: str, text: str) -> None:
    assert seen(source) == text


@pytest.mark.parametrize(
    ("source", "path", "text"),
    [
        ("<a href='tel:%30612'>x", "a@href#1", "tel:0612"),
        ("<a href=tel:0612/3>x", "a@href#1", "tel:0612/3"),
        ('<a b title = "a&quot;b">', "a@title#2", 'a"b'),
        ("<a title='cid:1234'>", "a@title#1", "cid:1234"),
        ("<a href='cid:1234'>", "a@href#1", "cid:1234"),
        ("<img src='cid:x 1234'>", "img@src#1", "cid:x 1234"),
        ("<img alt='data:image/png 1234'>", "img@alt#1", "data:image/png 1234"),
        ("<a TITLE='a\"b>c'>", "a@title#1", 'a"b>c'),
        ("<td width=1234>", "td@width#1", "1234"),
        ("<x-123456 title=a>", "x@title#1", "a"),
        ("<a d123456='v w'>", "a@x#1", "d123456"),
        ("<a d123456='v w'>", "a@x#2", "v w"),
        ("<a 123456782>", "a@x#1", BSN),
        ("<a =123456782>", "a@x#1", "=123456782"),
        ("<a title=b", "a@title#1", "b"),
        ('<a title="123456782 nooit dicht', "a@title#1", '"123456782'),
        ("</b title=eind>", "b@title#1", "eind"),
        ("<!-- a <b title=in> -->", "b@title#1", "in"),
        ("<!-- a <b>1</b>2 &amp; <!-- c -->", "comment#2", "a 12 & "),
        ("<!--[if mso]><p>1<b>2</b></p><![endif]-->", "comment#2", "[if mso]>\n12\n"),
        ("<!-- nooit dicht 1", "comment#1", " nooit dicht 1"),
        ("<!element 1>", "comment#1", "element 1"),
        ("<script>a<b>&amp;</script>", "script#1", "a<b>&amp;"),
        ("<style>#a1{x:1234}</style>", "style#1", "#a1{x:1234}"),
        ("<p hidden>a<b>b</b></p>", "hidden#1", "ab"),
        ("<p hidden>a", "hidden#1", "a"),
        ("<jan@x.test>", "tag#1", "jan@x.test"),
    ],
)
def test_what_is_not_text(source: str, path: str, text: str) -> None:
    assert views(source).get((path,)) == text


@pytest.mark.parametrize(
    "source",
    [
        "<td width=100 style='color:#123456' class=m4 align=left>",
        "<img src='cid:logo@x.test'>",
        "<a title=''>",
        "<a title='--'>",
        "<style>p{color:#112233;width:100px}</style>",
        "<!-- -->",
        "<p hidden> </p>",
        "<br/>",
        "<a b>",
    ],
)
def test_noise_is_no_view(source: str) -> None:
    assert views(source) == {}


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("<p>nr <b>123</b>456<i>782</i>.</p>", "<p>nr <b>[weg]</b><i></i>.</p>"),
        ("nr 12345678&#50;!", "nr [weg]!"),
        ("nr 123456<!-- x -->782", "nr [weg]<!-- x -->"),
        ("<a title='nr 123456782&amp;'>", "<a title='nr [weg]&amp;'>"),
        ("<a title=123456782 x=y>", "<a title=[weg] x=y>"),
        ("<a href='?a=%31%32%33456782&b'>", "<a href='?a=%5Bweg%5D&b'>"),
        ("<!-- 123456782 -->", "<!-- [weg] -->"),
        ("<script>n='123456782'</script>", "<script>n='[weg]'</script>"),
        ("<p hidden>1234<b>56782</b></p>", "<p hidden>[weg]<b></b></p>"),
        ("<x123456782>", "<x[weg]>"),
        ("<a 123456782>", "<a [weg]>"),
    ],
)
def test_edits_leave_the_rest(replace: Callable[..., bytes], source: str, result: str) -> None:
    assert replace(source.encode(), BSN, "[weg]", "text/html").decode() == result


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("<p>123456782", "<p>&lt;b&gt; &amp; \"'&#21495;"),
        ("<a title=123456782>", "<a title=&lt;b&gt;&#32;&amp;&#32;&#34;&#39;&#21495;>"),
        ('<a title="123456782">', '<a title="&lt;b&gt; &amp; &#34;\'&#21495;">'),
        ("<script>123456782", "<script>(b) & \"'&#21495;"),
    ],
)
def test_replacements_are_escaped_for_where_they_stand(replace: Callable[..., bytes], source: str, result: str) -> None:
    new = replace(source.encode(), BSN, "<b> & \"'号", "text/html", {"charset": "iso-8859-1"})
    assert new.decode("latin-1") == result


def test_a_comment_can_not_be_ended_by_a_replacement(replace: Callable[..., bytes]) -> None:
    new = replace(b"<!-- 123456782 -->", BSN, "--><script>", "text/html")
    assert new == b"<!-- -&#45;&gt;&lt;script&gt; -->"


def test_an_emptied_unquoted_value_stays_a_value(replace: Callable[..., bytes]) -> None:
    assert replace(b"<a title=123456782 href=x>", BSN, "", "text/html") == b'<a title="" href=x>'
    assert replace(b"<a title='123456782' href=x>", BSN, "", "text/html") == b"<a title='' href=x>"


def test_over_a_line_break_the_tag_stays(opened: Callable[..., Opened]) -> None:
    source = b"<p>Dorpsstraat 1<br>1234 AB Ons Dorp</p>"
    tree = opened(source, "text/html")
    text = tree.views[0].text
    new = tree.apply([Edit(("html",), 0, len(text.rstrip()), "[adres weg]")])
    assert new == b"<p>[adres weg]<br></p>"


def test_images_in_the_page_are_unread(opened: Callable[..., Opened]) -> None:
    source = b"<img src='data:image/png;base64,AAAA'><img src='data:text/plain,hallo'><img src='data:,%s'>" % (
        b"a" * 9000
    )
    tree = opened(source, "text/html")
    assert [(u.path, u.media_type, u.reason) for u in tree.unread] == [
        (("html", "img@src#1"), "image/png", "image"),
        (("html", "img@src#3"), "text/plain", "unknown-type"),
    ]
    assert [view.text for view in tree.views] == ["data:text/plain,hallo"]


def test_the_charset_a_page_names(opened: Callable[..., Opened]) -> None:
    page = "<meta http-equiv=x content='text/html; charset=iso-8859-15'>€".encode("iso-8859-15")
    assert opened(page, "text/html").views[0].text == "€"
    assert opened(b"<meta charset=utf-16>\xc3\xa9", "text/html").views[0].text == "é"
    assert opened(b"<meta charset=nix>\xc3\xa9", "text/html").views[0].text == "é"


@pytest.mark.parametrize(
    ("name", "shown"), [("href", "href"), ("data-x", "data-x"), ("a1234", "x"), ("é", "x"), ("a" * 30, "x")]
)
def test_names_in_paths_hold_no_data(name: str, shown: str) -> None:
    assert plain_name(name) == shown


HOSTILE = {
    "angles": "<" * 200_000,
    "ampersands": "&" * 200_000,
    "references": "&#0" * 70_000,
    "names": "&a" * 100_000,
    "open tags": "<a " * 66_000,
    "open quotes": "<a b=\"' c='" * 18_000,
    "equals": "<a " + "= " * 100_000,
    "attributes": "<a " + "b=c " * 50_000,
    "comments": "<!--" * 50_000,
    "closed comments": "<!-- x -->" * 20_000,
    "declarations": "<!" * 100_000,
    "end tags": "</" * 100_000,
    "scripts": "<script>" * 25_000,
    "nearly closed": "<style>" + "</styl" * 33_000,
    "blanks": " \n" * 100_000,
    "hidden": "<p hidden>1" * 18_000,
    "deep": "<div>" * 40_000,
    "soft hyphens": "\u00ad1" * 100_000,
    "percent": "<a href='" + "%41+" * 50_000 + "'>",
    "style": "<a style='" + "display " * 25_000 + "'>",
    "numbers": "<a class='" + "1 2 " * 50_000 + "'>",
    "meta": "<meta " * 33_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_cost_no_more_than_their_length(name: str) -> None:
    """Twice the page takes about twice as long, not four times; and 200 KB take seconds at most on a slow machine."""
    source = HOSTILE[name]

    def seconds(text: str) -> float:
        start = time.process_time()
        HtmlFormat().open(text.encode(), {}, (), Budget(Limits(characters=10**9)), kind="body", group="")
        return time.process_time() - start

    whole = seconds(source)
    assert whole < 8
    if whole > 1.5:
        assert whole < 4 * max(seconds(source[: len(source) // 2]), 0.1)


def test_tokens_are_taken_from_the_budget() -> None:
    small = Budget(Limits(characters=5_000))
    with pytest.raises(BudgetExceeded, match="characters"):
        HtmlFormat().open(b"<b></b>" * 5_000, {}, (), small, kind="body", group="")
    with pytest.raises(BudgetExceeded, match="characters"):
        HtmlFormat().open(b"<b " + b"c=d " * 9_000, {}, (), Budget(Limits(characters=5_000)), kind="body", group="")


def test_all_edits_of_a_page_at_once(opened: Callable[..., Opened]) -> None:
    tree = opened(b"<p title='a1'>b1 <i>c1</i></p><!-- d1 --><script>e1</script>", "text/html")
    edits = [Edit(view.path, i, i + 1, "X") for view in tree.views for i, c in enumerate(view.text) if c == "1"]
    assert tree.apply(edits) == b"<p title='aX'>bX <i>cX</i></p><!-- dX --><script>eX</script>"
