"""Where quoted text begins: attribution lines, mail header blocks and separators, Dutch, Flemish, English, French.

All patterns run over folded text (`policy.folded`). A line that only speaks of writing ("op 3 maart schreef u mij")
is no attribution: it must hold a time, a year or an address, end in a colon, and not speak to anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scrubber.policy.folded import compile_pattern

Kind = Literal["reply", "forward", "block"]

_MARGIN = r"(?m:^)[> \t|*]*"
_LINE = r"[^\n]"
_VERB = r"(?:schreef|schreven|wrote|a ecrit|schrieb|het volgende geschreven|writes|skreau)"
_DATE = r"(?:op|on|le|am|den|vers)"
_ATTRIBUTION = compile_pattern(
    rf"{_MARGIN}(?:"
    rf"{_DATE} {_LINE}{{1,160}}(?:\n[> \t]*{_LINE}{{0,120}})?\b{_VERB}\b{_LINE}{{0,120}}(?:\n[> "
    rf"\t]*<?{_LINE}{{0,80}}>)?[ \t]*:?[ \t]*(?:\n|$)"
    rf"|{_LINE}{{1,100}}\b{_VERB}\b{_LINE}{{0,80}}:[ \t]*(?:\n|$)"
    rf"|(?:citaat van|quoting|citeren van|bericht van) {_LINE}{{1,100}}:[ \t]*(?:\n|$)"
    rf"|\d{{4}}-\d\d-\d\d \d\d:\d\d (?:gmt|utc)?[+\-]?[\d:]* ?{_LINE}{{1,80}}<{_LINE}{{3,80}}>:[ \t]*(?:\n|$)"
    r")"
)
_EVIDENT = compile_pattern(r"\d{1,2}[:.u]\d\d|\b(?:19|20)\d\d\b|[\w.+-]+@[\w.-]+|^[> \t]*(?:citaat|quoting|bericht) ")
_PROSE = compile_pattern(r"\b(?:u|uw|jullie|ik|mij|me|mijn|jij|je|wij|ons|you|your|i|my)\b")
_FIELD = (
    r"(?:verzonden|verstuurd|gezonden|sent|datum|date|envoye|gesendet|aan|to|an|onderwerp|subject|objet|betreft|cc|bcc|"
    r"antwoorden|reply-to|beantwoorden|prioriteit|importance)"
)
_BLOCK = compile_pattern(
    rf"{_MARGIN}(?:van|from|de|von|fan)\*?[ \t]*:{_LINE}*\n(?:[> \t*]*{_FIELD}\*?[ \t]*:{_LINE}*(?:\n|$)){{1,8}}"
    rf"|{_MARGIN}(?:van|from|de|von)[ \t]*:{_LINE}{{1,150}}\b(?:verzonden|sent|datum|date|"
    rf"envoye)[ \t]*:{_LINE}{{1,150}}"
    rf"\b(?:onderwerp|subject|aan|to|objet)[ \t]*:{_LINE}*(?:\n|$)"
)
_MAILISH = compile_pattern(r"\b(?:verzonden|verstuurd|sent|envoye|gesendet|onderwerp|subject|objet)\*?[ \t]*:|@")
_SEPARATOR = compile_pattern(
    rf"{_MARGIN}(?:[-_=*]{{2,}}[ \t]*)?(?:"
    r"(?:oorspronkelijke? bericht|origineel bericht|original message|original bericht|"
    r"message d'origine|vorig bericht)"
    r"|(?:(?:begin )?(?:doorgestuurd|doorgezonden|trochstjoerd) bericht|(?:begin )?forwarded message|"
    r"message transfere|"
    r"doorgestuurde mail|begin van doorgestuurd bericht)"
    r")[ \t]*(?:[-_=*]{2,}|:)[ \t]*(?:\n|$)"
)
_MAY_BEGIN = compile_pattern(
    r"schre(?:ef|ven)|wrote|ecrit|schrieb|geschreven|writes|skreau|citaat van|quoting|citeren van|bericht|message|"
    r"doorgestuurde mail|\d-\d\d \d\d:\d\d|(?:van|from|de|von|fan)\*?[ \t]*:"
)
"""Something of this stands in whatever the three above match: most messages have none of it."""
_FORWARDED = compile_pattern(r"doorge|trochst|forward|transfer")


@dataclass(frozen=True, slots=True)
class Header:
    """An introduction of quoted text at [start, end) code points, standing behind `depth` quote marks."""

    start: int
    end: int
    depth: int
    kind: Kind


def depth_of(line: bytes) -> int:
    """Quote marks at the start of a line: "> > x" and ">>x" are 2."""
    depth = 0
    for byte in line:
        if byte == 0x3E:
            depth += 1
        elif byte not in b" \t":
            break
    return depth


def _rule_above(folded: bytes, at: int) -> int:
    """Where a ruled line right above offset `at` begins; `at` itself without one."""
    line = folded.rfind(b"\n", 0, max(at - 1, 0)) + 1
    above = folded[line:at].strip()
    return line if len(above) > 4 and not above.strip(b"-_=*> ") else at


def headers(folded: bytes) -> list[Header]:
    """All introductions of quoted text, in order, not overlapping; a separator and the block under it are one."""
    if not _MAY_BEGIN.found(folded):
        return []
    found: list[Header] = []
    for match in _ATTRIBUTION.finditer(folded):
        line = folded[match.start() : match.end()]
        if _EVIDENT.found(line) and not _PROSE.found(line):
            found.append(Header(match.start(), match.end(), depth_of(line), "reply"))
    for match in _BLOCK.finditer(folded):
        line = folded[match.start() : match.end()]
        if _MAILISH.found(line):
            found.append(Header(_rule_above(folded, match.start()), match.end(), depth_of(line), "block"))
    for match in _SEPARATOR.finditer(folded):
        line = folded[match.start() : match.end()]
        kind: Kind = "forward" if _FORWARDED.found(line) else "reply"
        found.append(Header(match.start(), match.end(), depth_of(line), kind))
    found.sort(key=lambda header: (header.start, -header.end))
    joined: list[Header] = []
    for header in found:
        if joined and header.start < joined[-1].end:
            continue
        if joined and header.kind == "block" and not folded[joined[-1].end : header.start].strip(b"> \t\n*-_"):
            before = joined.pop()
            joined.append(Header(before.start, header.end, before.depth, before.kind))
        else:
            joined.append(header)
    return joined
