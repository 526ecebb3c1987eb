"""Header values: encoded words, display names, addresses, comments, file names; and fields that stay valid."""

from __future__ import annotations

import email.header
import email.policy
from email import message_from_bytes
from email.utils import getaddresses

import pytest

from scrubber.formats.address_list import addresses, write_address
from scrubber.formats.encoded_words import encode_words, encoded_runs
from scrubber.formats.header_text import HeaderText, file_name, free_text
from scrubber.formats.parameters import main_value, parameters, write_parameter
from scrubber.formats.spans import Patch


def rewritten(header: HeaderText, old: str, new: str) -> str:
    at = header.text.index(old)
    value = header.value
    for start, end, text in reversed(header.lower([Patch(at, at + len(old), new)])):
        value = value[:start] + text + value[end:]
    return value


def stdlib(value: str) -> str:
    return str(email.header.make_header(email.header.decode_header(value.strip())))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (" hallo ", "hallo"),
        (" een\r\n twee\r\n\tdrie", "een twee\tdrie"),
        (" =?utf-8?q?caf=C3=A9_x?=", "café x"),
        (" =?UTF-8?B?Y2Fmw6k=?= =?utf-8?q?_x?=", "café x"),
        (" =?utf-8?b?Y2Fmww==?=\r\n =?utf-8?b?qSB4?=", "café x"),
        (" =?iso-8859-1?q?=E9?= =?utf-8?q?=C3=A9?=", "éé"),
        (" =?utf-8*nl?q?x?=", "x"),
        (" a=?utf-8?q?b?=c", "abc"),
        (" =?nix?q?=C3=A9?=", "é"),
        (" =?utf-8?q?half", "=?utf-8?q?half"),
        (" =?utf-8?x?y?=", "=?utf-8?x?y?="),
        (" =?utf-8?q?a b?= c", "a b c"),
        ("", ""),
    ],
)
def test_free_text(value: str, text: str) -> None:
    assert free_text(value, "\r\n").text == text


@pytest.mark.parametrize(
    ("value", "old", "new", "result"),
    [
        (" nr 12 ja", "12", "[w]", " nr [w] ja"),
        (" nr 1\r\n 2 ja", "1 2", "[w]", " nr [w] ja"),
        (" nr\r\n 12", "nr ", "[w]", " [w]12"),
        (" nr\r\n  12 x", "  12", "[w]", " nr[w] x"),
        (" nr \r\n 12 x", " 12", "[w]", " nr [w] x"),
        (" nr 12 =?utf-8?q?=C3=A9?=", "12", "[w]", " nr [w] =?utf-8?q?=C3=A9?="),
        (" nr =?utf-8?q?12_=C3=A9?= ja", "12", "w", " nr =?utf-8?q?w_=C3=A9?= ja"),
        (" nr =?utf-8?q?12?= ja", "12", "", " nr  ja"),
        (" a 1 =?utf-8?q?2_=C3=A9?= b", "1 2", "w", " a =?utf-8?q?w_=C3=A9?= b"),
        (" =?utf-8?q?a?= 1 =?utf-8?q?2?= b 3", "1 2", "w", " =?utf-8?q?a_w?= b 3"),
        (" a1=?utf-8?q?2?=b c", "12", "w", " =?utf-8?q?awb?= c"),
        (" nr 12 ja", "12", "é", " nr =?utf-8?q?=C3=A9?= ja"),
        (" =?utf-8?q?a?= 12 =?utf-8?q?b?=", "12", "é", " =?utf-8?q?a_=C3=A9_b?="),
        (" nr 12 ja", "12", "=?x", " nr =?utf-8?q?=3D=3Fx?= ja"),
        (" nr 12 ja", "12", "a\r\nBcc: b", " nr a Bcc: b ja"),
    ],
)
def test_edits_of_free_text(value: str, old: str, new: str, result: str) -> None:
    header = free_text(value, "\r\n")
    assert rewritten(header, old, new) == result
    said = header.text.replace(old, new.replace("\r\n", " "), 1)
    assert free_text(result, "\r\n").text == said
    if not said.startswith("a"):
        assert stdlib(result).split() == said.split()


def test_several_edits_of_one_value() -> None:
    header = free_text(" 12 =?utf-8?q?34?= 56 en nog 78", "\r\n")
    value = header.value
    patches = [Patch(at, at + 2, "é") for at in (0, 3, 6, len(header.text) - 2)]
    for start, end, text in reversed(header.lower(patches)):
        value = value[:start] + text + value[end:]
    assert free_text(value, "\r\n").text == "é é é en nog é"
    assert value.endswith(" en nog =?utf-8?q?=C3=A9?=")
    assert header.lower([]) == []


def test_long_text_is_many_short_words() -> None:
    text = "Kovačević 号 [weg] " * 30
    written = encode_words(text, "\r\n")
    assert all(len(line) <= 76 for line in written.split("\r\n"))
    assert [run.text for run in encoded_runs(written)] == [text]
    assert stdlib(written) == text
    assert encode_words("", "\n") == ""
    assert encode_words("a" * 40, "\n") == f"=?utf-8?q?{'a' * 40}?="
    assert encode_words("号" * 9, "\n").startswith("=?utf-8?b?")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (" a@x.test", "a@x.test"),
        (' "Vries, J. de" <a@x.test>', "Vries, J. de <a@x.test>"),
        (' "a \\"b\\" c" <a@x.test>', 'a "b" c <a@x.test>'),
        (" =?utf-8?q?Jos=C3=A9?=\r\n =?utf-8?q?_V?= <a@x.test>", "José V <a@x.test>"),
        (" Jan =?utf-8?q?=C3=A9?= x <a@x.test>, b@x.test", "Jan é x <a@x.test>, b@x.test"),
        (' "=?utf-8?q?=C3=A9?=" <a@x.test>', "é <a@x.test>"),
        (" =?utf-8?q?a,_(b)?= <a@x.test>", "a, (b) <a@x.test>"),
        (" a@x.test (Jan \\(V\\))", "a@x.test (Jan (V))"),
        (" a@x.test (=?utf-8?q?=C3=A9?=)", "a@x.test (é)"),
        (" Groep: a@x.test, b@x.test;", "Groep: a@x.test, b@x.test;"),
        (' "a@x.test" <a@x.test>', "a@x.test <a@x.test>"),
        (' "nooit dicht <a@x.test>', "nooit dicht <a@x.test>"),
        (" (nooit dicht", "(nooit dicht)"),
        (" ((a)) <b", "((a)) <b"),
        (" <>", "<>"),
        (" , ; ", ", ;"),
        (" \r\n ", ""),
    ],
)
def test_address_fields(value: str, text: str) -> None:
    assert addresses(value, "\r\n").text == text


@pytest.mark.parametrize(
    ("value", "old", "new", "result"),
    [
        (" Jan V <a@x.test>", "Jan V", "[naam weg]", ' "[naam weg]" <a@x.test>'),
        (" Jan V <a@x.test>", "Jan", "Piet", " Piet V <a@x.test>"),
        (' "V, Jan" <a@x.test>', "Jan", 'a "b" \\', ' "V, a \\"b\\" \\\\" <a@x.test>'),
        (" Jan V <a@x.test>", "Jan", "é", " =?utf-8?q?=C3=A9_V?= <a@x.test>"),
        (" =?utf-8?q?=C3=A9?= Jan <a@x.test>", "Jan", "[w]", " =?utf-8?q?=C3=A9_=5Bw=5D?= <a@x.test>"),
        (" Jan <a@x.test>", "a@x.test", "[weg]", ' Jan <"[weg]"@removed.invalid>'),
        (" Jan <a@x.test>", "a@", "[weg]@", ' Jan <"[weg]"@x.test>'),
        (" Jan <a@x.test>", "Jan <a@x.test>", "[weg]", ' "[weg]" <removed@removed.invalid>'),
        (" a@x.test, b@x.test", "b@x.test", "c@y.test", " a@x.test, c@y.test"),
        (" a@x.test (Jan)", "Jan", "(w\\", " a@x.test (\\(w\\\\)"),
        (" a@x.test (Jan)", "Jan", "é", " a@x.test (=?utf-8?q?=C3=A9?=)"),
        (" a@x.test, b@x.test", ", ", "[w]", " a@x.test, b@x.test"),
    ],
)
def test_edits_of_address_fields(value: str, old: str, new: str, result: str) -> None:
    assert rewritten(addresses(value, "\r\n"), old, new) == result
    count = len(getaddresses([value]))
    assert len(getaddresses([result])) == count
    parsed = message_from_bytes(f"To:{result}\r\n\r\n".encode(), policy=email.policy.default)
    assert not parsed["To"].defects
    assert len(parsed["To"].addresses) == count


def test_an_insertion_into_a_name() -> None:
    header = addresses(" Jan <a@x.test>", "\r\n")
    assert header.lower([Patch(3, 3, "tje")]) == [Patch(1, 4, "Jantje")]
    assert header.lower([Patch(0, 0, "x")]) == [Patch(1, 4, "xJan")]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a@x.test", "a@x.test"),
        ("", "removed@removed.invalid"),
        ("@x.test", "removed@x.test"),
        ("één@x.test", '"een"@x.test'),
        ("a b@[1.2.3.4]", '"a b@[1.2.3.4]"@removed.invalid'),
    ],
)
def test_addresses_stay_addresses(text: str, written: str) -> None:
    assert write_address(text) == written


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        ('a/b; name="x y.pdf"', "name", "x y.pdf"),
        ("a/b; name=x y.pdf ; b=c", "name", "x y.pdf"),
        ("a/b;NAME = x", "name", "x"),
        ('a/b; name="a\\"b"', "name", 'a"b'),
        ('a/b; name="nooit dicht', "name", "nooit dicht"),
        ("a/b; name*=utf-8'nl'%C3%A9.pdf", "name", "é.pdf"),
        ("a/b; name*=iso-8859-1''%E9", "name", "é"),
        ("a/b; name*1*=%A9; name*0*=utf-8''%C3", "name", "é"),
        ('a/b; name*0="a";\r\n name*1="b"', "name", "ab"),
        ('a/b; name="=?utf-8?q?=C3=A9?="', "name", "é"),
        ("a/b; name=a; name=b", "name", "a"),
        ("a/b; ;; =x; name=a", "name", "a"),
        ("a/b; x name=a; name=b", "name", "b"),
        ("a/b; name*=x", "name", "x"),
    ],
)
def test_parameters(value: str, name: str, text: str) -> None:
    assert parameters(value)[name].text == text


def test_main_values() -> None:
    assert main_value(" Text/HTML (x); charset=a") == "text/html"
    assert main_value("") == ""
    assert parameters("text/plain") == {}


@pytest.mark.parametrize(
    ("value", "old", "new", "result"),
    [
        (' a/b; name="nr 12.pdf"; x=y', "12", "[w]", ' a/b; name="nr [w].pdf"; x=y'),
        (' a/b; name="n\\"r 12.pdf"', "12", '"w', ' a/b; name="n\\"r \\"w.pdf"'),
        (' a/b; name="nr\r\n 12.pdf"', "12", "w", ' a/b; name="nr\r\n w.pdf"'),
        (' a/b; name="nr\r\n 12.pdf"', " 12", "w", ' a/b; name="nrw.pdf"'),
        (" a/b; name=12.pdf; x=y", "12", "[w]", ' a/b; name="[w].pdf"; x=y'),
        (' a/b; name="12.pdf"', "12", "é", " a/b; name*=utf-8''%C3%A9.pdf"),
        (" a/b; name*=utf-8''%C3%A912.pdf; x=y", "12", "w", " a/b; name*=utf-8''%C3%A9w.pdf; x=y"),
        (" a/b; name*0*=utf-8''%C3%A91; x=y; name*1=2.pdf", "12", "w", " a/b; name*=utf-8''%C3%A9w.pdf; x=y"),
        (' a/b; name="=?utf-8?q?=C3=A912?="', "12", "w", " a/b; name*=utf-8''%C3%A9w"),
    ],
)
def test_edits_of_file_names(value: str, old: str, new: str, result: str) -> None:
    parameter = parameters(value)["name"]
    assert rewritten(file_name(value, parameter), old, new) == result
    assert parameters(result)["name"].text == parameter.text.replace(old, new)
    assert file_name(value, parameter).lower([]) == []


def test_writing_parameters() -> None:
    assert write_parameter("name", 'a"b') == 'name="a\\"b"'
    assert write_parameter("name", "a\tb") == "name*=utf-8''a%09b"
