"""A secret to both ends of its word: a way to give one may stop at a sign or after some dozens of characters."""

from __future__ import annotations

import re

from scrubber.detection.page import BLANK, Page
from scrubber.detection.recognizer import Hit

_MOST = 4096
_REST = re.compile(
    r"(?:[A-Za-z0-9]"
    r"|[!#$%^*+~_=?\-]{1,8}(?=[A-Za-z0-9])"  # signs amid
    r"|[!#$%^*+~?=&@.\-]{0,7}[#$%^*+~][!#$%^*+~?=&@.\-]{0,7}"  # several, or one that ends no sentence
    r"|&(?![A-Za-z_]{1,20}[=;])(?=[A-Za-z0-9])"  # but for the next parameter of an address, an entity of HTML
    r"|/(?=[A-Za-z0-9+/]{1,400}={1,2}(?![\w=]))"  # base64 to its padding
    r"|\.(?=[A-Za-z0-9]{0,12}[0-9!#$%^*+~=]))"  # no sentence glued to it
)
_PADDING = re.compile(r"={1,2}(?![\w=])")
_WORD = re.compile(r"[A-Za-z0-9]{1,200}")
_AMID = frozenset("!#$%^*+~?&")
_FRONT = re.compile(r"(?<![^\s\"'(\[{:=,;<>|/])[A-Za-z0-9!#$%^*+~?&_.]{1,200}[!#$%^*+~?&]$")
_LEAD = 200
_SHORT = 4


def whole(page: Page, hit: Hit) -> Hit:
    """The hit with what belongs to it: signs that a password has amid, a long key's last letters, base64's padding."""
    text, start = page.folded, hit.start
    value = text[start : hit.end]
    if len(value) < _SHORT or BLANK in value or " " in value:
        return hit
    end = _end(text, hit.end, digits=value.isdigit())
    if text[start - 1 : start] in _AMID and (front := _FRONT.search(text[max(0, start - _LEAD) : start])):
        start -= len(front[0])
    return hit if (start, end) == (hit.start, hit.end) else hit._replace(start=start, end=end)


def _end(text: str, end: int, *, digits: bool) -> int:
    if end == len(text) or text[end].isspace():
        return end
    if digits:  # a unit or the next word may be glued to them: "4417cm", "4417en"; not "4417SwKBJy"
        word = _WORD.match(text, end)
        if word is None or word[0].islower() or word[0].isupper() or word[0].istitle():
            return end
    stop = min(len(text), end + _MOST)
    while end < stop and (match := _REST.match(text, end, stop)):
        end = match.end()
    padded = _PADDING.match(text, end)
    return padded.end() if padded else end
