"""The marker: ours is known, and nothing else is taken for it."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.sources.imap.marker import LENGTH, NO_SEALS, Seals, canonical, is_job, open_mail, stamp

JOB = "00112233445566778899aabbccddeeff"
OTHER = "ff" * 16
MAIL = b"From: Anna <anna@klant.example>\r\nSubject: hulp\r\n\r\nGraag hulp.\r\n"


def seals(*keys: bytes) -> Seals:
    def mac(key: bytes, data: bytes) -> str:
        return hmac.new(key, data, hashlib.sha256).hexdigest()

    return Seals(lambda data: mac(keys[0], data), lambda data: tuple(mac(key, data) for key in keys))


OURS = seals(b"one")


def test_a_stamped_mail_reads_as_its_payload() -> None:
    stamped = stamp(MAIL, JOB, OURS)
    assert len(stamped) == len(MAIL) + LENGTH
    opened = open_mail(stamped, OURS)
    assert (opened.payload, opened.job, opened.claims) == (MAIL, JOB, JOB)
    assert "anna" not in repr(opened)


def test_an_older_key_is_still_known_and_a_destroyed_one_is_not() -> None:
    stamped = stamp(MAIL, JOB, seals(b"old"))
    assert open_mail(stamped, seals(b"new", b"old")).job == JOB
    assert open_mail(stamped, seals(b"new")).payload == stamped


def test_without_keys_nothing_is_ours() -> None:
    stamped = stamp(MAIL, JOB, OURS)
    opened = open_mail(stamped, NO_SEALS)
    assert (opened.payload, opened.job) == (stamped, "")


STAMPED = stamp(MAIL, JOB, OURS)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(stamp(MAIL, JOB, seals(b"theirs")), id="forged"),
        pytest.param(STAMPED.replace(b"Graag", b"Gaarne"), id="another text under it"),
        pytest.param(STAMPED.replace(JOB.encode(), OTHER.encode()), id="another job"),
        pytest.param(STAMPED[:-10], id="cut off"),
        pytest.param(STAMPED + b"x", id="longer"),
        pytest.param(STAMPED.replace(b"; mac=", b";\r\n mac="), id="folded"),
        pytest.param(STAMPED.replace(b"v=1", b"v=2"), id="another version"),
        pytest.param(STAMPED.replace(b"X-Scrubber", b"x-scrubber"), id="another spelling"),
        pytest.param(b"Received: by x\r\n" + STAMPED, id="not the first header"),
        pytest.param(STAMPED.replace(b"mac=", b"mac=zz"), id="no hex"),
        pytest.param(b"X-Scrubber: v=1; job=; mac=\r\n" + MAIL, id="empty"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_is_not_ours_is_content(raw: bytes) -> None:
    opened = open_mail(raw, OURS)
    assert (opened.payload, opened.job) == (raw, "")


def test_a_broken_marker_still_says_whose_it_was() -> None:
    assert open_mail(STAMPED[:-10], OURS).claims == JOB
    assert open_mail(b"Received: by x\r\n" + STAMPED, OURS).claims == JOB
    assert open_mail(MAIL, OURS).claims == ""
    assert open_mail(MAIL + STAMPED, OURS).claims == "", "a body claims nothing"


def test_only_the_outermost_marker_is_taken_off() -> None:
    twice = stamp(STAMPED, OTHER, OURS)
    assert open_mail(twice, OURS).payload == STAMPED


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"a\nb\r\nc\r\rd\n", b"a\r\nb\r\nc\r\rd\r\n"),
        (b"a\r\nb\r\n", b"a\r\nb\r\n"),
        (b"\n\n", b"\r\n\r\n"),
        (b"a\rb\x00\x80", b"a\rb\x00\x80"),
        (b"", b""),
    ],
)
def test_bare_line_feeds_become_line_ends_and_nothing_else(raw: bytes, expected: bytes) -> None:
    assert canonical(raw) == expected


@given(st.binary())
def test_whatever_the_mail_a_stamp_comes_off_again(payload: bytes) -> None:
    payload = canonical(payload)
    assert canonical(payload) == payload
    assert open_mail(stamp(payload, JOB, OURS), OURS).payload == payload


@pytest.mark.parametrize(
    ("text", "fits"), [(JOB, True), ("job", False), (JOB.upper(), False), (JOB + "0", False), ("", False)]
)
def test_a_job_is_32_hex_digits(text: str, fits: bool) -> None:
    assert is_job(text) is fits
