"""Where a signature begins: after "-- ", at a sign-off line, or at a last line that is the sender's name alone."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

from scrubber.policy.folded import compile_pattern

_TAIL = 4000
_THANKS = (
    r"(?:alvast |bij voorbaat |nogmaals |heel |erg |al )*"
    r"(?:(?:hartelijk |veel |harte)?dank(?: ?u| je| jullie)?(?: ?wel)?|bedankt|bedank[te]|thanks|thx|tnx|"
    r"merci|mercikes|tige tank)"
    r"(?: alvast| voor (?:uw|je|jullie|de) [a-z]+(?: [a-z]+)?| bij voorbaat)?"
)
_KIND = (
    r"vriendelijke?|hartelijke?|sportieve|zonnige|warme|beste|lieve|collegiale|hoogachtende|freonlike|"
    r"freonlikens?|oprechte|"
    r"groene|muzikale|kerstige"
)
_GREETING = (
    rf"(?:met |mei |m\. ?)?(?:(?:de |een )?(?:heel )?(?:{_KIND})[ ,]*(?:en )?)+(?:groet(?:en|jes)?|groetnis|groetenis)"
    r"|(?:de |veel |vele |lieve |hele )?(?:groet(?:en|jes)?|groetnis|grtz?|grtjs|gr)|m\.?v\.?g|v\.?g|m\.?h\.?g|mvrgr?"
    r"|hoogachtend|met (?:de )?meeste hoogachting|met hoogachting|oant [a-z]+|"
    r"in afwachting van uw (?:antwoord|reactie|bericht)"
    r"|(?:kind |best |warm )?regards|cheers|sincerely|yours (?:sincerely|faithfully|truly)|cordialement|"
    r"(?:bien )?a vous|salutations"
    r"|tot (?:ziens|horens|snel|dan)|dag+|doei|houdoe|ajuus|xx+|liefs"
    r"|(?:fijne|prettige?) (?:dag|avond|week|weekend)(?: (?:verder|nog))?"
)
_NAME = r"(?:[ \t]*[,.!;:)-]+[^\n]{0,45}|[ \t]+[a-z.'\- ]{1,40}(?:[|,(][^\n]{0,60})?|[ \t]*)(?:\n|$)"
_SIGN_OFF = compile_pattern(
    rf"(?m:^)[ \t]*(?:--[ \t]*(?:\n|$)|(?:{_THANKS}|{_GREETING})(?: ?/ ?[a-z ]{{4,40}})?{_NAME})"
)
_WORD = re.compile(rb"[a-z']+")
_LINE_LIMIT = 60
_LAST_LINES = 10
_LIGHT = frozenset(
    b"de het van der den ten ter te la el al dhr dhr. mevr mevrouw mw mr mrs drs ir ing dr prof de heer fam familie "
    b"en / | nl be".split()
)


def signature_start(folded: bytes, start: int, end: int, names: AbstractSet[bytes]) -> int:
    """Offset in [start, end] where the signature of the own text folded[start:end] begins; `end` without one.

    `names` are the words of the sender's name, folded.
    """
    low = max(start, end - _TAIL)
    tail = folded[low:end]
    for match in _SIGN_OFF.finditer(tail):
        at = low + match.start()
        if not folded[:at].strip():
            continue  # "Dag," at the top greets
        if _prose_after(folded[low + match.end() : end]):
            continue
        return at
    return _name_line(folded, start, end, names)


_SENTENCE = compile_pattern(
    r"\b(?:ik|wij|we|u|kunt|kan|kunnen|graag|mijn|is|heb|hebben|wil)\b[^\n]*\b(?:ik|wij|we|u|je|de|het|mijn|"
    r"een|niet|mij)\b"
)
_POSTSCRIPT = compile_pattern(
    r"(?m:^)[ \t]*(?:p\.?s|n\.?b|\*|disclaimer|dit bericht|de inhoud|de informatie|deze e-?mail|aan dit)\b|\* "
)


def _prose_after(rest: bytes) -> bool:
    """Whether what follows reads as more message: sentences in the next lines, before any postscript or disclaimer."""
    stop = _POSTSCRIPT.search(rest)
    lines = [line for line in rest[: stop.start() if stop else len(rest)].split(b"\n") if line.strip()]
    return any(_SENTENCE.found(line) for line in lines[:6])


def _name_line(folded: bytes, start: int, end: int, names: AbstractSet[bytes]) -> int:
    if not names:
        return end
    stop = end
    for _ in range(_LAST_LINES):
        while stop > start and folded[stop - 1] in b" \t\n":
            stop -= 1
        at = max(folded.rfind(b"\n", start, stop) + 1, start)
        if at <= start or stop - at > 400:
            return end
        line = folded[at:stop]
        words = set(_WORD.findall(line.partition(b",")[0]))  # "Sanne Bakker, Bakker Kozijnen"
        own = {word for word in words if word in names and word not in _LIGHT}
        if (
            own
            and len(line) <= _LINE_LIMIT
            and b";" not in line
            and all(w in names or w in _LIGHT or len(w) == 1 for w in words)
        ):
            above = folded[start:at].rstrip()
            return end if above.endswith(b":") or _prose_after(folded[stop:end]) else at
        stop = at
    return end
