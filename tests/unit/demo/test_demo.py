"""The sample mailbox: what it writes, what it refuses to clear, and that its mails are what they say."""

from __future__ import annotations

import email
import email.header
import email.message
import html
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from stdnum import iban, luhn
from stdnum.nl import bsn

from scrubber import demo
from scrubber.demo import SampleMail
from scrubber.errors import SettingsError
from scrubber.settings import load

NOW = datetime(2026, 11, 10, 0, 30, tzinfo=timezone(timedelta(hours=1)))
MAILS = demo.index()
DESK = "support@hostvoorbeeld.example"
IDS = [mail.file for mail in MAILS]


def texts(part: email.message.Message) -> Iterator[str]:
    """Every text of a mail as a reader sees it: headers, file names, bodies (HTML without its tags)."""
    for value in part.values():
        yield str(email.header.make_header(email.header.decode_header(str(value))))
    yield part.get_filename() or ""
    if part.is_multipart():
        for child in part.get_payload():
            assert isinstance(child, email.message.Message)
            yield from texts(child)
    elif part.get_content_maintype() == "text":
        body = part.get_payload(decode=True)
        assert isinstance(body, bytes)
        text = body.decode(part.get_content_charset("us-ascii"))
        yield html.unescape(re.sub(r"<[^<>]*>", "", text)) if part.get_content_subtype() == "html" else text


def one_line(text: str) -> str:
    return " ".join(text.split())


def files(directory: Path) -> list[Path]:
    maildir = directory / "Maildir"
    return sorted(p for f in ("", ".Sent") for part in ("cur", "new") for p in (maildir / f / part).iterdir())


# --- the mails


def test_there_are_enough_of_all_kinds() -> None:
    inbox = [mail for mail in MAILS if not mail.folder]
    assert len(inbox) >= 34
    assert sum(not mail.gone and not mail.waiting and not mail.held for mail in inbox) >= 5
    assert sum(mail.held for mail in inbox) == 1
    assert any(mail.waiting and mail.age > 21 for mail in inbox)
    assert any(mail.waiting and mail.age < 7 for mail in inbox)
    assert {mail.state for mail in inbox} == {"new", "S", "RS", "F", ""}


@pytest.mark.parametrize("mail", MAILS, ids=IDS)
def test_mail_parses_and_holds_what_the_index_says(mail: SampleMail) -> None:
    payload = mail.render(NOW)
    assert b"{{" not in payload
    message = email.message_from_bytes(payload)
    assert not [defect for part in message.walk() for defect in part.defects]
    assert parsedate_to_datetime(message["Date"]) == mail.sent(NOW)
    assert (DESK in message["From"]) == (mail.folder == ".Sent")
    found = list(texts(message))
    for value in (*mail.gone, *mail.waiting, *mail.stays):
        assert any(one_line(value) in one_line(text) for text in found), value


@pytest.mark.parametrize("mail", MAILS, ids=IDS)
def test_planted_numbers_are_valid(mail: SampleMail) -> None:
    for value in (*mail.gone, *mail.waiting):
        bare = re.sub(r"[ .-]", "", value)
        if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,}", bare):
            assert iban.is_valid(bare)
        elif re.fullmatch(r"\d{16}", bare):
            assert luhn.is_valid(bare)
        elif re.fullmatch(r"\d{9}", bare) and "polis" not in mail.shows and "zorg" not in mail.shows:
            assert bsn.is_valid(bare) or "rekening" in mail.shows


def test_no_address_could_be_real() -> None:
    for mail in MAILS:
        addresses = re.findall(rb"[\w.+-]+@([\w.-]+\w)", mail.template())
        assert [a for a in addresses if not a.endswith((b".example", b".test", b"@kuiper")) and b"." in a] == [], (
            mail.file
        )


def test_template_placeholders_are_the_known_ones() -> None:
    for mail in MAILS:
        assert b"{{" not in re.sub(rb"\{\{(DATE|DAG)-\d+\}\}", b"", mail.template())


def test_a_reply_stands_after_what_it_answers() -> None:
    sent = {email.message_from_bytes(m.render(NOW))["Message-ID"]: m.sent(NOW) for m in MAILS}
    for mail in MAILS:
        answers = email.message_from_bytes(mail.render(NOW))["In-Reply-To"]
        if answers in sent:
            assert sent[answers] < mail.sent(NOW)


def test_order_numbers_of_the_clean_mails_pass_the_eleven_test() -> None:
    numbers = [value for mail in MAILS for value in mail.stays if re.fullmatch(r"\d{9}", value)]
    assert len(numbers) >= 3
    assert all(bsn.is_valid(number) for number in numbers)


def test_dutch_day_in_quotes() -> None:
    (mail,) = (mail for mail in MAILS if mail.file.endswith("citaat-vraag.eml"))
    assert b"Op 14 oktober 2026 schreef" in mail.render(NOW)


def test_repr_holds_no_values() -> None:
    assert not any(value in repr(mail) for mail in MAILS for value in (*mail.gone, *mail.waiting, *mail.stays))


def test_texts_are_composed() -> None:
    assert all(unicodedata.is_normalized("NFC", mail.shows) for mail in MAILS)


# --- the mailbox


def test_build(tmp_path: Path) -> None:
    directory = tmp_path / "somewhere" / "scrubber-demo"
    demo.build(directory, NOW)
    there = files(directory)
    assert len(there) == len(MAILS)
    assert not list((directory / "Maildir" / "tmp").iterdir())
    for path in there:
        dated = parsedate_to_datetime(email.message_from_bytes(path.read_bytes())["Date"])
        assert path.stat().st_mtime == dated.timestamp() < NOW.timestamp()
        assert (path.parent.name == "new") == (":2," not in path.name)


def test_settings_are_valid(tmp_path: Path) -> None:
    demo.build(tmp_path / "d", NOW)
    settings = load(tmp_path / "d" / "scrubber.toml")
    (source,) = settings.source
    assert (source.name, source.type, source.mode) == ("voorbeeld", "maildir", "redact")
    assert source.desk_addresses == (DESK,)
    oldest = min(mail.sent(NOW) for mail in MAILS)
    assert source.since is not None
    assert source.since < oldest


def test_a_second_build_starts_clean(tmp_path: Path) -> None:
    directory = tmp_path / "d"
    demo.build(directory, NOW)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").touch()
    (directory / "report.html").write_text("old")
    (directory / "link").symlink_to(outside)
    files(directory)[0].unlink()
    demo.build(directory, NOW + timedelta(days=1))
    assert len(files(directory)) == len(MAILS)
    assert sorted(path.name for path in directory.iterdir()) == [demo.MARKER, "Maildir", "scrubber.toml"]
    assert (outside / "precious").exists()


def test_an_empty_directory_is_fine(tmp_path: Path) -> None:
    demo.build(tmp_path, NOW)
    assert (tmp_path / "scrubber.toml").is_file()


def test_a_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    with pytest.raises(SettingsError, match="was not made by"):
        demo.build(tmp_path, NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("marker", ["directory", "symlink"])
def test_something_else_in_the_place_of_the_marker_is_refused(tmp_path: Path, marker: str) -> None:
    target = tmp_path / "d"
    target.mkdir()
    if marker == "directory":
        (target / demo.MARKER).mkdir()
    else:
        (tmp_path / "file").touch()
        (target / demo.MARKER).symlink_to(tmp_path / "file")
    with pytest.raises(SettingsError):
        demo.build(target, NOW)


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "d").write_text("a file")
    with pytest.raises(SettingsError, match="is a file"):
        demo.build(tmp_path / "d", NOW)


def test_now_needs_a_zone(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="timezone"):
        demo.build(tmp_path / "d", NOW.astimezone(UTC).replace(tzinfo=None))
    assert not (tmp_path / "d").exists()
