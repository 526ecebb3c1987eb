"""Addresses in fields of their own: forms over lines, CSV, JSON, XML, the parameters of a URL."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection import checksums
from scrubber.detection.address_streets import Streets
from scrubber.detection.address_tails import Tails, additions
from scrubber.detection.page import BLANK, Page
from scrubber.detection.recognizer import Hit

_SCORE = 0.85
_VALUE = r"[\"']?[ ]{0,3}[:=>][ ]{0,3}[\"']?"
"""Between a field's name and its value."""
_NEXT = r"[ ]{0,2}[\"']?[ ]{0,2}(?:[,;&|]|\n|</[\w:]{1,30}>)[ \n>*<\"'\-]{0,8}"
"""Between a value and the next field's name."""
_HOUSE_NAMES = (
    r"(?:huis[_ ]?nr\.?|huis[_ ]?nummer|nr\.?|nummer|h\.?nr\.?|(?:house|street)?[_ ]?(?:number|nr|no)\.?|house)"
)
_NO_VALUE = r"(?!zie |geen\b|idem\b|onbekend|volgt|niet |nog |null)"
_STREET = re.compile(
    r"(?m)(?:^[ >*\-]*|[\"'&?<{,])(?:[a-z]{1,12}[._\-])?"
    r"(?:straat|straatnaam|adres|woonadres|street|street[_ ]?name|address|address[_ ]?(?:line)?[_ ]?1|addr)"
    rf"{_VALUE}{_NO_VALUE}([a-z][a-z .'\-]{{2,40}}?){_NEXT}(?:[a-z]{{1,12}}[._\-])?{_HOUSE_NAMES}"
    r"(?:[\"']?[ ]{0,3}[:=>]?[ ]{0,3}[\"']?)([1-9]\d{0,4})"
)
"""Street and number in fields of their own."""
_ADDITION = re.compile(
    _NEXT
    + r"(?:[a-z]{1,12}[._\-])?(?:(?:huis(?:nummer|nr)?|house)?[_ ]?(?:number)?[_ ]?)(?:toevoeging|toev\.?|letter|bus"
    rf"|bus[_ ]?nummer|busnr\.?|bte|boite|box|suffix|addition|ext){_VALUE}([a-z0-9\-]{{0,6}})(?![\w\-])"
)
_POSTCODE = re.compile(
    _NEXT + r"(?:[a-z]{1,12}[._\-])?(?:postcode|pc|zip|zip[_ ]?code|postal[_ ]?code)"
    rf"{_VALUE}([1-9]\d{{3}} ?[a-z]{{2}})(?![a-z0-9])"
)
_CELLS = re.compile(
    r"\"?([;|\t,]) ?\"?[1-9]\d{0,3}(?:[ \-]?[a-z]{1,3})?\"?\1 ?\"?(?:[a-z0-9\-]{0,4}\"?\1 ?\"?)?"
    r"(?:([1-9]\d{3} {0,2}[a-z]{2})(?![a-z0-9])|[1-9]\d{3}\"?\1 ?\"?(?=[a-z]))"
)
"""After a street's cell: number, perhaps addition, postcode."""
_CELL_START = re.compile(r"[;|\t,\n\"]")


def fields(page: Page, tails: Tails) -> Iterator[Hit]:
    """A street's field, its number's, and what of addition and postcode comes right after."""
    for match in _STREET.finditer(page.lower):
        if BLANK in match[0]:
            continue
        start, end = match.span(1)[0], additions(page, match.end())
        more = _ADDITION.match(page.lower, end)
        if more is not None:
            end = more.end(1) if more[1] else end
        stop = tails.end(page, end)
        code = _POSTCODE.match(page.lower, more.end() if more else end)
        # In a form over lines a postcode is a finding of its own.
        if stop == end and code is not None and "\n" not in code[0] and checksums.dutch_postcode(code[1]):
            stop = code.end(1)
        yield Hit("ADDRESS", start, stop, _SCORE)


def cells(page: Page, spans: list[tuple[int, int]], streets: Streets, tails: Tails) -> Iterator[Hit]:
    """Street, number and postcode in cells of one row. `spans`: where a cell holds a house number."""
    done = 0
    for begin, _ in spans:
        last = begin + 1
        match = _CELLS.match(page.lower, last)
        if match is None or last <= done or BLANK in match[0]:
            continue
        start = max((edge.end() for edge in _CELL_START.finditer(page.folded, max(0, last - 45), last)), default=0)
        start += len(page.folded[start:last]) - len(page.folded[start:last].lstrip())
        name = page.lower[start:last]
        if len(name) < 3 or not name[0].isalpha() or any(character.isdigit() for character in name):
            continue
        headed = match[1] != "," and page.folded[start].isupper() and "address" in page.cue_kinds
        if not (headed or streets.is_word(name.split()[-1]) or name in page.lexicon.streets):
            continue
        done = (
            tails.place(page, match.end(), sure=True)
            if match[2]
            else tails.place(page, match.end(), sure=True, at=True)
        )
        if match[2] is None and done == match.end():
            continue
        if match[2] and not checksums.dutch_postcode(match[2]):
            continue
        yield Hit("ADDRESS", start, done, _SCORE)
