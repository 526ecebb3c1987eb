"""Whether some bytes are nothing but a detached signature: OpenPGP in armour (RFC 4880) or CMS in DER (RFC 5652)."""

from __future__ import annotations

import binascii
import re

_ARMOUR = re.compile(
    rb"\s*-----BEGIN PGP SIGNATURE-----[ \t]*\r?\n(?P<header>(?:(?:Version|Comment|Hash|Charset):[^\r\n]*+\r?\n)*+)"
    rb"(?:[ \t]*\r?\n)?(?P<data>(?:[A-Za-z0-9+/=]{1,80}+[ \t]*\r?\n)++)-----END PGP SIGNATURE-----\s*"
)
_TELLS = re.compile(rb"\d(?:[ .-]?\d){3}|@")
_SEQUENCE = 0x30


def is_signature(data: bytes) -> bool:
    """Armour whose headers hold no number or address and whose data is a packet, or one DER sequence and no more."""
    armour = _ARMOUR.fullmatch(data)
    if armour is None:
        return _is_der(data)
    return not _TELLS.search(armour["header"]) and _is_packet(armour["data"])


def _is_packet(armoured: bytes) -> bool:
    """The first octet of every OpenPGP packet has its highest bit set, and that of no ASCII text has."""
    try:
        return binascii.a2b_base64(armoured.lstrip()[:4])[0] >= 0x80
    except (ValueError, IndexError):
        return False


def _is_der(data: bytes) -> bool:
    if len(data) < 2 or data[0] != _SEQUENCE or data[1] < 0x80:
        return False
    size = data[1] & 0x7F
    length = int.from_bytes(data[2 : 2 + size], "big")
    return 0 < size <= 4 and not data[2 + size + length :].strip() and 2 + size + length <= len(data)
