"""Keys that show by their form, and values of configuration, headers and parameters whose name says "secret"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection.credentials.forms import CLOSING, CODE_CALL, NEVER, NO_VALUE, OPENING, looks_secret
from scrubber.detection.page import BLANK, Page
from scrubber.detection.recognizer import Hit

_ASSIGNED = re.compile(r"(?:[\"']?\]?[ \t]*(?:=>|[:=])|[\"'],)[ \t]*[\"'`]?")
_OPTION = re.compile(r"(?:-u|--user) [\w.@\-]+:|--?[\w\-]+[ =]")
PUBLIC = re.compile(
    r"(?i)primary|foreign|cache_|sort_|partition|translat|meta_|unique|index|pub(?:lic)?|site_?key|_id$"
    r"|-id$|expir|length|type|name|hint|field|policy|count|url|user"
    r"|passport(?:[_\-]?(?:no|nr|num|number|nummer))?[\"']?\]?[ \t]*$"
)
KEY_ID = re.compile(r"[\"']?[A-Z0-9]{8,24}[\"']?[,;]?\s{1,4}(?i:[\w\-\"']{0,24}secret)")
"""The half of a pair of keys that is no secret: "access_key=…", right above "secret_key=…"."""
_PREFIXED = re.compile(r"(?i)^(?:base64|plain|sha\d+|md5|basic|bearer|token)[: ]")


def by_form(page: Page, spans: Iterator[tuple[str, int, int]]) -> Iterator[Hit]:
    """`spans`: where the patterns of keys occur, each with its name."""
    text = page.folded
    for name, start, end in spans:
        value = text[start:end]
        if name == "url":
            begin = start + value.rindex(":") + 1
            if BLANK not in value and not value[begin - start : -1].startswith("***"):
                yield Hit("CREDENTIAL", begin, end - 1, 0.95)
        elif name == "authorization":
            begin = start + max(value.rfind(" "), value.rfind(":")) + 1
            if looks_secret(text[begin:end]) and not NO_VALUE.match(text[begin:end]):
                yield Hit("CREDENTIAL", begin, end, 0.95)
        elif name in {"assigned", "parameter", "option"}:
            yield from assigned_value(page, name, start, end)
        elif name == "word_before":
            token = value.split()[0].strip(OPENING + CLOSING)
            if looks_secret(token) == 2:
                at = text.index(token, start)
                yield Hit("CREDENTIAL", at, at + len(token), 0.8)
        elif not value.startswith("pk_"):
            if name == "key" and not value.startswith("eyJ"):  # "PHPSESSID=…", "LPA:1$…$…": the last part only
                start += max(value.rfind("="), value.rfind("$")) + 1
                end -= value.endswith(".")
            if name == "private_key":  # the lines between the marks, which themselves tell nothing
                body = value.strip().partition("\n")[2].rpartition("\n")[0].strip()
                if body.strip(BLANK) == "":
                    continue
                start = text.index(body, start)
                end = start + len(body)
            yield Hit("CREDENTIAL", start, end, 1.0)


def assigned_value(page: Page, name: str, start: int, end: int) -> Iterator[Hit]:
    """A line of configuration, a header or a parameter whose name says that a secret follows."""
    if name == "assigned":
        while start and (page.folded[start - 1].isalnum() or page.folded[start - 1] in "_.-") and end - start < 300:
            start -= 1
    text = page.folded[start:end]
    at = (_OPTION if name == "option" else _ASSIGNED).search(text)
    if at is None:
        return
    begin, key = at.end(), text[: at.start()]
    value = text[begin:].rstrip("\"'`,;\\)}]")
    if value.endswith(".") and page.folded[end : end + 1] in {"", " ", "\n"}:
        value = value[:-1]  # the sentence's
    lead = _PREFIXED.match(value)
    if lead and len(value) > lead.end() + 7:
        begin, value = begin + lead.end(), value[lead.end() :]
    value = value.strip("\"'`")
    if not 4 <= len(value) <= 200 or (name == "parameter" and len(value) < 8):
        return
    if BLANK in value or PUBLIC.search(key) or NO_VALUE.match(value):
        return
    if CODE_CALL.match(value) or NEVER.search(value):
        return
    if "secret" not in key.lower() and KEY_ID.match(page.folded, begin + start):
        return
    if ";" in value and re.search(r";[A-Za-z ]{2,24}=", value):  # "Password=…;Encrypt=true"
        value = value.partition(";")[0]
    if "&" in value and (text[:1] in "?&" or re.search(r"&[a-z_]+=", value)):
        value = value.partition("&")[0]
    strong = re.search(r"(?i)pass|pwd|secret|token|psk", key) is not None
    strength = looks_secret(value)
    if strength < (1 if strong and name != "parameter" else 2) and not (
        strong and len(value) >= 8 and "=" in text[:begin]
    ):
        return
    if value.isdigit() and not re.search(r"(?i)pass|pwd|pin", key):
        return
    begin = start + text.index(value, begin)
    yield Hit("CREDENTIAL", begin, begin + len(value), 0.85)
