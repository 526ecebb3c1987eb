"""The persons whom a page names: who each is, and who is the last one named before a datum."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass

from scrubber.message import Sender
from scrubber.policy.authors import name_words
from scrubber.policy.clauses import Context, Page
from scrubber.policy.firms import Firms
from scrubber.policy.folded import fold
from scrubber.policy.subjects import Subject, WhoseCues

_ALNUM = re.compile(rb"[a-z0-9]+")
REACH = 240  # characters: so far a name tells whose the datum behind it is
_FORM_LINES = 3  # a line further down a form is about the form's own person again


@dataclass(frozen=True, slots=True)
class Named:
    """A person's name on the page, and who that is."""

    start: int
    end: int
    subject: Subject


class People:
    """Answers for one page (view)."""

    def __init__(self, page: Page, contexts: Sequence[Context], sender: Sender, cues: WhoseCues, firms: Firms) -> None:
        self._page = page
        self._cues = cues
        self._names = name_words(sender.name)
        self._first = next(iter(_ALNUM.findall(fold(sender.name))), b"")
        self._subjects = {id(c): self._who(c) for c in contexts if c.finding.entity_type == "PERSON"}
        self._named = [
            Named(c.finding.start, c.finding.end, self._subjects[id(c)])
            for c in contexts
            if id(c) in self._subjects
            and not cues.found("greeting", c.before[-40:])
            and not firms.is_name(c.finding.start, c.finding.end)
        ]
        self._starts = [named.start for named in self._named]
        self._senders = [index for index, named in enumerate(self._named) if named.subject[0] == "sender"]

    def subject(self, context: Context) -> Subject:
        """Who the person is whose name is this datum. The page must have given the context."""
        return self._subjects[id(context)]

    def last_before(self, start: int) -> Named | None:
        """The last person named before this place, greetings and firms called after people aside."""
        index = self._index_before(start)
        return self._named[index] if index >= 0 else None

    def _index_before(self, start: int) -> int:
        return bisect.bisect_left(self._starts, start) - 1

    def nearest(self, context: Context) -> Subject | None:
        """The last person named before the datum, in the same block of lines or close before it."""
        start = context.finding.start
        index = self._index_before(start)
        if index < 0:
            return None
        person = self._named[index]
        between = self._page.folded[person.end : start]
        apart = b"\n\n" in between or b"\n \n" in between
        if len(between) > REACH or (apart and not context.labelled):
            return None
        if context.labelled and between.count(b"\n") > _FORM_LINES and person.subject[0] == "third_party":
            mine = bisect.bisect_left(self._senders, index)
            return self._named[self._senders[mine - 1]].subject if mine else person.subject
        return ("third_party", "naam") if person.subject[0] == "third_party" else person.subject

    def _who(self, context: Context) -> Subject:
        finding = context.finding
        words = name_words(self._page.view.text[finding.start : finding.end])
        initials = {word for word in _ALNUM.findall(self._page.folded[finding.start : finding.end]) if len(word) == 1}
        shared = words & self._names
        first = self._first
        before = context.before[-60:]
        if shared:
            strange = words - self._names
            if first in words or (not strange and (not initials or first[:1] in initials)):
                return "sender", "afzender"
            if strange and context.segment.kind != "signature" and first[:1] not in initials:
                return "third_party", "naam"
            return (
                ("sender", "afzender")
                if first[:1] in initials or context.segment.kind == "signature"
                else ("third_party", "naam")
            )
        if context.segment.kind == "signature":
            return "sender", "handtekening"
        if self._cues.found("i_am", before):
            return "sender", "i_am"
        if self._cues.found("relation", before) or self._cues.found("greeting", before):
            return "third_party", "relation"
        if self._names:
            return "third_party", "naam"
        return "unknown", ""
