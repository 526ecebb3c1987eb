"""What a secret looks like by itself, and what looks alike: dates, versions, units, addresses."""

from __future__ import annotations

import re

from scrubber.detection.page import BLANK

OPENING = "\"'([{<*"
CLOSING = "\"')]}>,;.:!?*"
DATE = re.compile(r"^\d{1,4}[\-/.]\d{1,2}(?:[\-/.]\d{1,4})?$|^\d{1,2}[:.]\d\d(?::\d\d)?(?:u|uur)?$")
_VERSION = re.compile(r"^v?\d+(?:\.\d+)+(?:-(?:hotfix|beta|alpha|rc|patch|build|sp|lts|p)[.\-]?\d*)?$")
_UNIT = re.compile(
    r"^(?:vps|srv|server|web|host|node|hv|db|cache|smtp|mx|mail|trunk|ams|nl|eu|core|edge|rtr|fw|pc|lt"
    r"|ws)[a-z0-9]*(?:-[a-z0-9]+)*"
    r"-[a-z]*\d+$|^(?:outlook|office|microsoft|magento|drupal|joomla|wordpress|ubuntu|debian|centos"
    r"|exchange|server|mysql|sql|macos"
    r"|thunderbird|firefox|chrome|safari|edge|exact|afas|sharepoint|teams)-?\d+$|^\d+(?:x|e|de|ste|gb|mb"
    r"|kb|kwh|km|cm|mm|u|uur|min|sec|jaar|%|mbit|g|kg|ml|l)$|^(?:iphone|ipad|windows|win"
    r"|office|android|ios|php|galaxy|s|a)\d+$"
    r"|^(?:fritz!?box|experia ?box|connect ?box|chromebook|laserjet|officejet)[\-_]?v?\d+[a-z]?$|^(?:2|m)fa$"
)
URL = re.compile(
    r"^(?:https?:|www\.)|^[\w\-]+(?:\.[\w\-]+)*\.(?:nl|be|com|net|org|eu|frl|io|dev|info|test|example)(?:[:/].*)?$"
    r"|^/|@[\w\-]+\.|^\$\d?[a-z]{0,2}\$"
)
_PRODUCT = re.compile(r"(?i)^(?:[a-z]+-?v?\d{1,2}(?:\.\d+)*|\d+[a-z]{1,6}|[a-z]{1,3}-\d+|[a-z]{2,5}\d{1,3})$")
NO_VALUE = re.compile(
    r"(?i)^(?:true|false|null|none|nil|yes|no|undefined|xxx+|changeme|your[\w\-]*|example[\w\-]*|<.*"
    r"|\$[{(].*|%.*|\{\{.*"
    r"|env\(.*|process\.env.*|os\.environ.*|\.{3,}|\*+|redacted|hidden|required|invalid|expired|missing|mismatch"
    r"|\(.*\)|leeg|onbekend|volgt|zelfde|idem|geen|n\.?v\.?t\.?|bearer|basic|string|int|text|varchar.*|\[.*)$"
)
_SETTING = re.compile(
    r"^(?:[a-z][a-z.\-]{0,24}[_a-z.\-]{0,24}\d?=|[A-Z][A-Z0-9_]{1,40}=)|\?\w{1,20}=|^[\w.\-]+\.\w{2,4}:\d+"
)
"""A field of a log or a setting, "rip=192.0.2.1", "APP_ENV=production": whatever it tells, not a word of its own."""
_CALLED = re.compile(r"(?:ERR|ERROR|FAULT|WARN)(?:_[A-Z]+)*_\d{1,5}|[A-Za-z]+_\d+\.\d\w*")
"""Faults in capitals, releases."""
NEVER = re.compile(
    r"^AAAA[A-Z]\d|^MII[BC]IjANBgkqhki|^MIGfMA0GCSqGSIb3|^MFkwEwYHKoZIzj0"
    r"|^(?i:ctrl|alt|shift|cmd|fn)\+(?:[A-Za-z0-9]|[Ff]\d{1,2}|(?i:del|enter|esc|tab))$"
    r"|^(?i:(?:invalid|unsupported|unauthorized|expired|missing|access)_[a-z_]+$"
    r"|(?:your|mijn|jouw|uw|my)[_\-](?:\w*[_\-])?(?:token|key|password|secret|wachtwoord|sleutel)$|read-?only$|[a-z]{2,9}:/"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$)"
)
"""Public keys (of SSH; of RSA, as DKIM has them), keys to press, what an OAuth server answers, what a manual
writes in a secret's place, maps of a mail server, UUIDs."""
CODE_CALL = re.compile(r"^[A-Za-z_][\w.]*[(\[]")
NAMED_VALUE = re.compile(r"^[A-Za-z_][A-Za-z0-9_\-]{1,30}[=:][^\s]")


def is_called(token: str) -> bool:
    """Whether the word is plainly what something is called: a fault, a release."""
    return _CALLED.fullmatch(token.strip("()[]")) is not None


def password_like(token: str) -> bool:
    """Whether a word says by itself that it is a password: letters and digits, and a capital amid or a sign."""
    if looks_secret(token) != 2 or len(token) < 6 or _PRODUCT.match(token):
        return False
    letters = sum(c.isalpha() for c in token)
    digits = sum(c.isdigit() for c in token)
    signs = sum(c in "!@#$%^&*+=?~" for c in token)
    if letters < 3 or not (digits or signs):
        return False
    mixed = any(c.isupper() for c in token) and any(c.islower() for c in token)
    return (mixed and digits >= 2) or (signs >= 1 and (digits >= 1 or mixed)) or (token.islower() and digits >= 2)


def looks_secret(token: str) -> int:
    """2: nothing but a secret looks so; 1: might be one; 0: no."""
    if len(token) < 4 or len(token) > 256 or DATE.match(token) or _VERSION.match(token) or BLANK in token:
        return 0
    low = token.lower()
    if (
        NEVER.search(token)
        or is_called(token)
        or _SETTING.search(token)
        or _UNIT.match(low)
        or URL.search(low)
        or token.count("*") > len(token) // 2
        or token.startswith("***")
    ):
        return 0
    letters = any(c.isalpha() for c in token)
    digits = any(c.isdigit() for c in token)
    inner = token.rstrip("!?.")
    special = any(c in "!@#$%^&*_+=?~|\\" for c in inner[1:-1])
    if letters and digits:
        return 2 if len(token) >= 5 else 1
    if letters and (special or (len(token) > 5 and any(c.isupper() for c in inner[2:]) and not token.isupper())):
        return 2 if special else 1
    return 1 if digits and len(token) <= 12 else 0


_NO_WORD = re.compile(
    r"^[0-9a-f\-]+$|^[A-Z0-9.\-]+$|\.[a-z]{2,4}$|^\d|^[A-Z]{2,6}[-_#/]?\d|^[a-z]{1,9}-[\w\-]*\d+$|\d(?:st|jarige|uurs)$"
    r"|^\d{1,2}-[A-Z][a-z]{2}-\d{2,4}$|[:/\\<>\x22{}|]|^[@#+~]|^(?:SHA|MD)\d|\.\w+\.|-nummer$|[#]\d{4,}$"
)
"""Hashes, files, units, dates, references, hosts: letters and digits together, and not made up by a person."""


def made_up(token: str) -> int:
    """How sure it is that a person made up this word as a password: 2 with a sign and a digit, 1, or 0."""
    if (
        not 6 <= len(token) <= 40
        or token.isalpha()
        or "," in token
        or looks_secret(token) != 2
        or _PRODUCT.match(token)
    ):
        return 0
    digits = sum(c.isdigit() for c in token)
    if not digits or not re.search(r"[A-Za-z]{3}", token):
        return 0
    inner = any(c in "!@#$%^&*?+=" for c in token)
    if inner and not re.search(r"^[@#+~]|[:/\\<>\x22{}|]|^[A-Z]{2,6}\d|^[A-Za-z]+[#?]\d*$|\.[a-z]{2,4}$", token):
        return 2
    mixed = any(c.isupper() for c in token) and any(c.islower() for c in token)
    if not mixed or digits < 2 or _NO_WORD.search(token):
        return 0
    return 1 if re.search(r"[a-z]{3}", token) else 0
