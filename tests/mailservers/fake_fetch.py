"""What UID FETCH answers of one message (RFC 3501, 6.4.5; Gmail's own items)."""

from __future__ import annotations

import re

from tests.mailservers.fake_store import Account, Entry, Folder
from tests.mailservers.fake_words import Malformed, Word, literal, quoted, text_of, to_utf7, words

_SECTION = re.compile(r"BODY(\.PEEK)?\[([^\]]*)\](?:<([0-9]+)\.([0-9]+)>)?", re.IGNORECASE)


def answer(account: Account, folder: Folder, entry: Entry, items: Word, *, modseq: bool) -> tuple[bytes, bool]:
    """The answer without its outer parentheses, and whether the client has now read the message."""
    asked = [text_of(item) for item in (items if isinstance(items, list) else [items])]
    said = [b"UID %d" % entry.uid]
    read = False
    for item in asked:
        found = _SECTION.fullmatch(item)
        if found:
            data, name = _section(entry.mail.payload, found)
            said.append(name + b" " + literal(data))
            read |= not found[1]
        elif item.upper() != "UID":
            said.append(_item(account, folder, entry, item.upper()))
    if modseq and "MODSEQ" not in {item.upper() for item in asked}:
        said.append(b"MODSEQ (%d)" % entry.modseq)
    return b" ".join(said), read


def _item(account: Account, folder: Folder, entry: Entry, item: str) -> bytes:
    match item:
        case "FLAGS":
            return f"FLAGS ({' '.join(sorted(entry.flags))})".encode()
        case "INTERNALDATE":
            return f'INTERNALDATE "{entry.mail.received.strftime("%d-%b-%Y %H:%M:%S %z")}"'.encode()
        case "RFC822.SIZE":
            return b"RFC822.SIZE %d" % account.size(entry)
        case "MODSEQ":
            return b"MODSEQ (%d)" % entry.modseq
        case "X-GM-MSGID" | "X-GM-THRID":
            return f"{item} {entry.mail.number}".encode()
        case "X-GM-LABELS":
            places = [other for other in account.folders.values() if other is not folder and not other.use]
            labels = [other.name for other in places if any(one.mail is entry.mail for one in other.entries.values())]
            return b"X-GM-LABELS (" + b" ".join(quoted(to_utf7(name)) for name in labels) + b")"
    raise Malformed


def _section(payload: bytes, found: re.Match[str]) -> tuple[bytes, bytes]:
    head, gap, body = payload.partition(b"\r\n\r\n")
    section = found[2].upper()
    if section == "":
        data = payload
    elif section == "HEADER":
        data = head + (gap or b"\r\n\r\n")
    elif section == "TEXT":
        data = body
    elif section.startswith("HEADER.FIELDS"):
        data = _fields(head, found[2])
    else:
        raise Malformed
    name = f"BODY[{found[2]}]"
    if found[3] is not None:
        start = int(found[3])
        data = data[start : start + int(found[4])]
        name += f"<{start}>"
    return data, name.encode()


def _fields(head: bytes, section: str) -> bytes:
    """Only the headers that are named (.NOT: only the others), and the empty line."""
    asked = words(section.encode())
    if len(asked) != 2 or not isinstance(asked[1], list):
        raise Malformed
    names = {text_of(name).lower() for name in asked[1]}
    negated = text_of(asked[0]).upper().endswith(".NOT")
    lines = re.split(rb"\r\n(?![ \t])", head)
    chosen = [line for line in lines if (line.partition(b":")[0].strip().decode("latin-1").lower() in names) != negated]
    return b"".join(line + b"\r\n" for line in chosen) + b"\r\n"
