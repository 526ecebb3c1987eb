"""A generator of whole mailboxes for tests that run real processes over them.

The wording is plain on purpose: those tests are about crashes and bytes, not about what a detector can find.
"""

from __future__ import annotations

import base64
import hashlib
import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from stdnum import iban as iban_numbers
from stdnum.nl import bsn as bsn_numbers


@dataclass(frozen=True, slots=True)
class Planted:
    """One generated mail. `item`: the Maildir base name (without flags). `digest`: SHA-256 (hex) of the file.

    `must_go` and `deferred` are bytes that stand in the raw file now, in each spelling that the encoding gives them;
    no raw file may hold them once they are removed. `clean`: the file must never change.
    """

    item: str
    message_id: str
    digest: str
    flags: str
    new: bool
    mtime_ns: int
    must_go: tuple[bytes, ...] = field(repr=False)
    deferred: tuple[bytes, ...] = field(repr=False)
    clean: bool


MakeMaildir = Callable[[Path, int, int, datetime], list[Planted]]

_PEOPLE = [
    ("Anke Ruiter", "anke"),
    ("Bilal Osman", "bilal"),
    ("Cees Hagen", "cees"),
    ("Daria Kowal", "daria"),
    ("Emre Demir", "emre"),
    ("Froukje Stelma", "froukje"),
    ("Gert Mulders", "gert"),
    ("Hilde Peeters", "hilde"),
]
_OPENINGS = [
    "Sinds de storing van gisteren doet de webwinkel niets meer.",
    "Ik heb drie keer gebeld en steeds een kwartier in de wacht gestaan.",
    "De monteur is geweest maar het lampje knippert nog steeds.",
    "Bestelling 40{:06d} is niet compleet, er mist een doos.",
    "De factuur van deze maand is hoger dan die van vorige maand.",
    "Na versie 4.{:d} laadt de pagina heel langzaam.",
]
_CLOSINGS = ["Graag een reactie.", "Alvast bedankt.", "Ik hoor het graag.", "Wat kan ik nog proberen?"]
_FLAGS = ["S", "RS", "FS", "F", "S", "", "R"]
_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


def _bsn(rng: random.Random) -> str:
    while True:
        number = f"{rng.randrange(500_000_000, 900_000_000)}"
        if bsn_numbers.is_valid(number):
            return number


def _iban(rng: random.Random) -> str:
    rest = f"{rng.choice(['INGB', 'RABO', 'ABNA'])}0{rng.randrange(10**9):09d}"
    return f"NL{iban_numbers.calc_check_digits('NL00' + rest)}{rest}"


def _birth_date(rng: random.Random) -> str:
    return f"{rng.randrange(1, 29):02d}-{rng.randrange(1, 13):02d}-{rng.randrange(1935, 2008)}"


def _must_go(rng: random.Random) -> tuple[str, str]:
    """A sentence with a value that nobody asked for, and the value."""
    kind = rng.randrange(4)
    if kind == 0:
        value = _birth_date(rng)
        return f"Ik ben geboren op {value}.", value
    if kind == 1:
        value = _iban(rng)
        return f"Mijn IBAN is {value}.", value
    value = _bsn(rng)
    return f"Mijn BSN is {value}.", value


def _deferred(rng: random.Random) -> tuple[str, str]:
    """A sentence with a value that the request can't do without, and the value."""
    value = _iban(rng)
    return f"Ik heb dubbel betaald. Kunt u het bedrag terugstorten op IBAN {value}?", value


def _qp(text: str, values: list[str]) -> tuple[bytes, list[bytes]]:
    """Quoted-printable with a soft line break in the middle of every value."""
    raw = "".join(
        c if c == "\n" or (c.isascii() and c != "=") else "".join(f"={b:02X}" for b in c.encode()) for c in text
    )
    spellings = []
    for value in values:
        broken = f"{value[:5]}=\n{value[5:]}"
        raw = raw.replace(value, broken)
        spellings.append(broken.encode("ascii"))
    return raw.encode("ascii"), spellings


def _base64(text: str, values: list[str]) -> tuple[bytes, list[bytes]]:
    """Base64 in lines of 76; a value's spelling is the run of whole groups of four that hold nothing but the value."""
    data = text.encode()
    encoded = base64.b64encode(data).decode("ascii")
    raw = "\n".join(encoded[at : at + 76] for at in range(0, len(encoded), 76)) + "\n"
    spellings = []
    for value in values:
        start = data.index(value.encode())
        first, last = -(-start // 3) * 4, (start + len(value)) // 3 * 4
        spellings.append(raw[first + first // 76 : last + (last - 1) // 76].encode("ascii"))
    return raw.encode("ascii"), spellings


def _html(text: str, values: list[str]) -> tuple[str, list[bytes]]:
    """Paragraphs, with a tag in the middle of every value."""
    page = "".join(f"<p>{line}</p>\n" for line in text.splitlines() if line)
    spellings = []
    for value in values:
        split = f"{value[:4]}<b>{value[4:]}</b>"
        page = page.replace(value, split)
        spellings.append(split.encode("ascii"))
    return f"<html><body>\n{page}</body></html>\n", spellings


def _part(media_type: str, encoding: str, body: bytes, extra: str = "") -> bytes:
    return f"Content-Type: {media_type}\nContent-Transfer-Encoding: {encoding}\n{extra}\n".encode("ascii") + body


def _multipart(kind: str, parts: list[bytes]) -> bytes:
    head = f'Content-Type: multipart/{kind}; boundary="=_grens"\n\n'.encode("ascii")
    return head + b"".join(b"--=_grens\n" + part + b"\n" for part in parts) + b"--=_grens--\n"


def _encode(style: str, text: str, values: list[str]) -> tuple[bytes, list[bytes]]:
    """Content headers and body in `style`, and the spellings of the values that stand in it."""
    plain = [value.encode("ascii") for value in values]
    if style == "7bit":
        return _part("text/plain; charset=us-ascii", "7bit", text.replace("é", "e").encode("ascii")), plain
    if style == "latin-1":
        return _part("text/plain; charset=iso-8859-1", "8bit", text.encode("latin-1")), plain
    if style == "qp":
        body, spellings = _qp(text, values)
        return _part("text/plain; charset=utf-8", "quoted-printable", body), spellings
    if style == "base64":
        body, spellings = _base64(text, values)
        return _part("text/plain; charset=utf-8", "base64", body), spellings
    page, spellings = _html(text, values)
    shown = _part("text/html; charset=utf-8", "8bit", page.encode())
    if style == "html":
        return shown, spellings
    if style == "alternative":
        return _multipart(
            "alternative", [_part("text/plain; charset=utf-8", "8bit", text.encode()), shown]
        ), plain + spellings
    image = _part("image/png", "base64", base64.b64encode(_PNG) + b"\n", "Content-ID: <logo@generated.example>\n")
    return _multipart("related", [shown, image]), spellings


_STYLES = ["7bit", "qp", "base64", "html", "alternative", "latin-1", "logo"]


def _kinds(rng: random.Random, count: int) -> list[str]:
    clean, deferred = round(count * 0.35), round(count * 0.20)
    kinds = ["clean"] * clean + ["deferred"] * deferred + ["must-go"] * (count - clean - deferred)
    rng.shuffle(kinds)
    return kinds


def _write(root: Path, number: int, kind: str, rng: random.Random, now: datetime) -> Planted:
    name, local = rng.choice(_PEOPLE)
    # What waits is recent, so that its removal is not yet due when the worker first runs.
    age = timedelta(
        days=rng.randrange(1, 6) if kind == "deferred" else rng.randrange(1, 40), minutes=rng.randrange(600)
    )
    sent = (now - age).replace(microsecond=0)
    sentences = [rng.choice(_OPENINGS).format(rng.randrange(10, 900))]
    must_go: list[str] = []
    deferred: list[str] = []
    if kind == "deferred":
        sentence, value = _deferred(rng)
        sentences.append(sentence)
        deferred.append(value)
    elif kind == "must-go":
        for _ in range(rng.choice([1, 1, 2])):
            sentence, value = _must_go(rng)
            sentences.append(sentence)
            must_go.append(value)
    text = "\n".join(["Goedemiddag,", "", *sentences, rng.choice(_CLOSINGS), "", "Eén groet,", name, ""])
    style = _STYLES[number % len(_STYLES)]
    content, spellings = _encode(style, text, must_go + deferred)
    message_id = f"<g{number}.{rng.randrange(10**9)}@{local}.example>"
    head = (
        f"From: {name} <{local}@{local}.example>\nTo: support@hostvoorbeeld.example\nSubject: Vraag {number}\n"
        f"Date: {format_datetime(sent)}\nMessage-ID: {message_id}\nMIME-Version: 1.0\n"
    )
    payload = head.encode("ascii") + content
    spelled = tuple(spellings)
    new = rng.random() < 0.2
    flags = "" if new else rng.choice(_FLAGS)
    item = f"{int(sent.timestamp())}.M{number:06d}P77.generated"
    path = root / ("new" if new else "cur") / (item if new else f"{item}:2,{flags}")
    path.write_bytes(payload)
    mtime_ns = int(sent.timestamp()) * 10**9
    os.utime(path, ns=(mtime_ns, mtime_ns))
    digest = hashlib.sha256(payload).hexdigest()
    return Planted(
        item,
        message_id,
        digest,
        flags,
        new,
        mtime_ns,
        must_go=spelled if must_go else (),
        deferred=spelled if deferred else (),
        clean=kind == "clean",
    )


def _make(root: Path, count: int, seed: int, now: datetime) -> list[Planted]:
    """Write a Maildir of `count` mails into `root`, the same for the same `seed` and `now` (timezone-aware).

    About 35 % clean, 45 % with values that must go, 20 % with values that wait; encodings, flags and ages vary.
    """
    rng = random.Random(seed)
    for part in ("cur", "new", "tmp"):
        (root / part).mkdir(parents=True, exist_ok=True)
    return [_write(root, number, kind, rng, now) for number, kind in enumerate(_kinds(rng, count))]


@pytest.fixture(scope="session")
def make_maildir() -> MakeMaildir:
    """make_maildir(root, count, seed, now) -> list[Planted]"""
    return _make
