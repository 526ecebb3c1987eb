"""JSON with named fields."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from scrubber.budget import Budget, Limits
from scrubber.errors import BudgetExceeded, FormatError
from scrubber.formats.fields import parse_pointer
from scrubber.formats.json_text import literal
from scrubber.formats.registry import Opened, open_tree

JSON = "application/json"


def views(payload: str, fields: str | None = None) -> dict[tuple[str, ...], tuple[str, str]]:
    parameters = {} if fields is None else {"fields": fields}
    return {view.path: (view.kind, view.text) for view in open_tree(payload.encode(), JSON, parameters).views}


@pytest.mark.parametrize(
    ("payload", "fields", "expected"),
    [
        ('{"subject": "a", "body": "b"}', "/subject /body", {("subject",): ("subject", "a"), ("body",): ("body", "b")}),
        ('{"m": [{"text": "a"}, {"x": "b"}]}', "/m/*/text", {("m", "0", "text"): ("body", "a")}),
        ('{"m": [1, "a", ["b"]]}', "/m/1", {("m", "1"): ("field", "a")}),
        ('{"m": {"a": "x", "b": {"c": "y"}}}', "/m/*", {("m", "a"): ("field", "x")}),
        ('{"a/b": "x", "c~d": "y", "": "z"}', "/a~1b /c~0d /", {
            ("a/b",): ("field", "x"), ("c~d",): ("field", "y"), ("",): ("field", "z")}),
        ('{"body": 1, "text": null, "message": true, "description": {}}', "/body /text /message /description", {}),
        ('{"body": "a", "body": "b", "body#2": "c"}', "/body", {("body",): ("body", "a"), ("body#2",): ("body", "b")}),
        ('{"body": "a", "body#2": "c", "body": "b"}', "/body", {("body",): ("body", "a"), ("body#3",): ("body", "b")}),
        ('{"b\\u006fdy": "a"}', "/body", {("body",): ("body", "a")}),
        ('"los"', "/body", {}),
        ("[]", "", {}),
    ],
)  # fmt: skip
def test_named_fields(payload: str, fields: str, expected: dict[tuple[str, ...], tuple[str, str]]) -> None:
    assert views(payload, fields) == expected


def test_without_names_everything_that_can_say_something_is_read() -> None:
    payload = '{"a": "x", "1234": 12345, "b": [1, -98765.5e1, null, true], "j@x.test": {}}'
    assert [text for _, text in views(payload).values()] == ["x", "1234", "12345", "-98765.5e1", "j@x.test"]
    assert views('"los"') == {("json#1",): ("field", "los")}


@pytest.mark.parametrize("payload", ["", "{", "nix", '{"a": }', "[1,]", '"\x01"', "'a'"])
def test_what_is_not_json(payload: str) -> None:
    with pytest.raises(FormatError, match="not-json"):
        open_tree(payload.encode(), JSON, {"fields": "/a"})


@pytest.mark.parametrize("payload", ["[" * 300 + "]" * 300, "[" * 100_000 + "]" * 100_000])
def test_too_deep(payload: str) -> None:
    with pytest.raises(FormatError, match="too-deep"):
        open_tree(payload.encode(), JSON, {"fields": "/a"})


def test_pointers() -> None:
    assert parse_pointer("/a/b~1c~0") == ("a", "b/c~")
    with pytest.raises(FormatError, match="fields"):
        parse_pointer("a")
    with pytest.raises(FormatError, match="fields"):
        open_tree(b"{}", JSON, {"fields": "body"})


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (r'"a\nb\"\\\/"', 'a\nb"\\/'),
        (r'"\u00e9\ud83d\ude00"', "é😀"),
        (r'"\ud83d x"', "\ufffd x"),
        (r'"\\u0041"', "\\u0041"),
        ('""', ""),
    ],
)
def test_literals(raw: str, text: str) -> None:
    assert literal(raw, 0, len(raw)).text == text


@pytest.mark.parametrize(
    ("payload", "result"),
    [
        (
            r'{"body" :  "\u00e9 12\u00334 \ud83d\ude00", "x":1.0}',
            r'{"body" :  "\u00e9 [\"w\"\n] \ud83d\ude00", "x":1.0}',
        ),
        ('{"body":"é😀1234"}\n', '{"body":"é😀[\\"w\\"\\n]"}\n'),
    ],
)
def test_only_the_edited_span_changes(replace: Callable[..., bytes], payload: str, result: str) -> None:
    assert replace(payload.encode(), "1234", '["w"\n]', JSON, {"fields": "/body"}) == result.encode()
    json.loads(result)


def test_a_number_becomes_a_string(replace: Callable[..., bytes]) -> None:
    assert replace(b'{"a": 123456782}', "123456782", "[weg]", JSON) == b'{"a": "[weg]"}'
    assert replace(b"[-1234567.5]", "1234567", "w", JSON) == b'["-w.5"]'
    assert replace(b'{"1234": 1}', "1234", "w", JSON) == b'{"w": 1}'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_encodings(replace: Callable[..., bytes], opened: Callable[..., Opened], encoding: str) -> None:
    payload = '{"body": "één 1234 x"}'.encode(encoding)
    new = replace(payload, "1234", "[weg]", JSON, {"fields": "/body"})
    assert json.loads(new) == {"body": "één [weg] x"}
    assert new.decode(encoding) == '{"body": "één [weg] x"}'


def test_tokens_are_counted() -> None:
    with pytest.raises(BudgetExceeded, match="characters"):
        open_tree(b"[" + b"1," * 5_000 + b"1]", JSON, {"fields": "/a"}, Budget(Limits(characters=5_000)))
