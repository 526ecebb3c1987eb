"""Mails as customers send them to the test desks. Every value is generated and belongs to nobody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import uuid4

from scrubber.pieces import Attached, Piece
from scrubber.sources.desk.interface import Desk, Entry


@dataclass(frozen=True, slots=True)
class Values:
    """`shown` is how the HTML part writes the BSN: with a tag in the middle of it."""

    bsn: str = "123456782"
    iban: str = "NL91ABNA0417164300"
    address: str = "Kerkstraat 12, 1234 AB Utrecht"
    shown: str = "<b>1234</b>56782"

    def all(self) -> tuple[str, ...]:
        return self.bsn, self.iban, self.address, self.shown

    def out_of(self, text: str) -> str:
        for value in (self.shown, self.bsn, self.iban, self.address):
            text = text.replace(value, "[verwijderd]")
        return text


VALUES = Values()


def mail(
    text: str = "",
    subject: str = "Vraag over BSN {bsn}",
    values: Values = VALUES,
    *,
    sender: str = "Anke Ruiter <anke@anke.example>",
    extra: str = "",
) -> bytes:
    """Text and HTML; without `text` one that has every value. `extra`: more header lines."""
    said = text or "Mijn BSN is {bsn} en mijn rekening {iban}.\nIk woon op {address}. Één groet."
    plain = said.format(bsn=values.bsn, iban=values.iban, address=values.address)
    shown = said.format(bsn=values.shown, iban=values.iban, address=values.address).replace("\n", "<br>\n")
    lines = [
        f"From: {sender}",
        "To: support@proef.example",
        f"Subject: {subject.format(bsn=values.bsn, iban=values.iban)}",
        f"Message-ID: <{uuid4().hex}@anke.example>",
        *([extra] if extra else []),
        "MIME-Version: 1.0",
        'Content-Type: multipart/alternative; boundary="grens"',
        "",
        "--grens",
        "Content-Type: text/plain; charset=utf-8",
        "",
        plain,
        "--grens",
        "Content-Type: text/html; charset=utf-8",
        "",
        f"<html><body><p>{shown}</p></body></html>",
        "--grens--",
        "",
    ]
    return "\n".join(lines).encode()


def entry_of(desk: Desk, ticket: str, item: str) -> Entry:
    return next(entry for entry in desk.ticket(ticket).entries if entry.item == item)


def without(entry: Entry, values: Values = VALUES) -> tuple[Piece | Attached, ...]:
    """What an entry should say."""
    return tuple(
        replace(piece, text=values.out_of(piece.text)) if isinstance(piece, Piece) else piece for piece in entry.pieces
    )


def clean(desk: Desk, ticket: str, values: Values = VALUES) -> list[str]:
    """Rewrite every entry in which a value stands, each read back; their items."""
    done = []
    for entry in desk.ticket(ticket).entries:
        wanted = without(entry, values)
        if wanted != entry.pieces:
            desk.rewrite(ticket, entry, wanted)
            assert entry_of(desk, ticket, entry.item).pieces == wanted
            done.append(entry.item)
    return done
