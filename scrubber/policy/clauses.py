"""The words around a datum: its clause, its paragraph, its line, with other personal data blanked out."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field

from scrubber.finding import Finding
from scrubber.message import TextView
from scrubber.policy.authors import Authors
from scrubber.policy.folded import around, compile_pattern, fold, sentence_starts
from scrubber.policy.thread import Segment, own_text, segment_at, split

_NEAR = 260
_FAR = 700
_BLOCK = 160
_LABEL = compile_pattern(r"^[ \t>*|\-#\d.)]*(?:[a-z][^\n:=]{0,40}[:=]|[a-z][a-z.'/\-]*(?: [a-z.]+)?)[ \t\"'(]*$")
_REMOVED = compile_pattern(r"\[[a-z][a-z \-]{1,30}(?: \d{1,4})? (?:verwijderd|removed)(?:: [a-z ]{1,30})?\]")
_BLANK_LINE = compile_pattern(r"\n(?:[ \t>]*\n)+")
MARK = b" @ "


@dataclass(slots=True)  # not frozen: one is made for every finding, and freezing doubles that
class Context:
    """What stands around one finding, all folded. `clause` is `lead`, `before`, "@" where the datum is, and `after`."""

    finding: Finding
    segment: Segment
    clause: bytes = field(repr=False)
    lead: bytes = field(repr=False)
    before: bytes = field(repr=False)
    after: bytes = field(repr=False)
    paragraph: bytes = field(repr=False)
    block: bytes = field(repr=False)
    line: bytes = field(repr=False)
    sentence_before: bytes = field(repr=False)

    @property
    def labelled(self) -> bool:
        """Whether a form label such as "IBAN:" introduces the datum on its line."""
        return _LABEL.found(self.line)


@dataclass(frozen=True, slots=True)
class Page:
    """One view, read once: folded, split, with the findings masked by "%"."""

    view: TextView
    folded: bytes = field(repr=False)
    masked: bytes = field(repr=False)
    segments: tuple[Segment, ...]
    starts: Sequence[int]
    paragraphs: Sequence[int]
    findings: tuple[Finding, ...]
    own: bytes = field(repr=False)

    def contexts(self) -> list[Context]:
        """One context per finding of the view, in order of start."""
        next_of: dict[int, int] = {}
        ahead: dict[str, int] = {}
        for index in range(len(self.findings) - 1, -1, -1):
            finding = self.findings[index]
            next_of[index] = ahead.get(finding.entity_type, len(self.folded))
            ahead[finding.entity_type] = finding.start
        last: dict[str, int] = {}
        out = []
        for index, finding in enumerate(self.findings):
            out.append(self._context(finding, last.get(finding.entity_type, 0), next_of[index]))
            last[finding.entity_type] = finding.end
        return out

    def _context(self, finding: Finding, previous: int, following: int) -> Context:
        segment = segment_at(self.segments, finding.start)
        size = len(self.folded)
        index, start, _ = around(self.starts, finding.start, size)
        _, _, end = around(self.starts, max(finding.start, finding.end - 1), size)
        low = max(start, previous, finding.start - _NEAR, segment.start)
        high = max(finding.end, min(end, following, finding.end + _NEAR, segment.end))
        before, after = self.masked[low : finding.start], self.masked[finding.end : high]
        block = bisect.bisect_right(self.paragraphs, finding.start) - 1
        top = max(self.paragraphs[max(block - 1, 0)], finding.start - _FAR, 0)
        bottom = self.paragraphs[block + 1] if block + 1 < len(self.paragraphs) else size
        line = max(self.folded.rfind(b"\n", 0, finding.start) + 1, finding.start - 80)
        lead = self.masked[max(self.starts[max(index - 1, 0)], start - _NEAR, segment.start) : start]
        alone = not before.strip(b" \t\n-*(:%,.")  # in its sentence: then the one before says what it is
        joined = lead.rstrip(b" \t\n.!?:") + b" " if alone else b""
        return Context(
            finding,
            segment,
            joined + before + MARK + after,
            joined,
            before,
            after,
            self.masked[max(top, segment.start) : min(bottom, finding.end + _NEAR)],
            self.masked[
                max(self.paragraphs[block], segment.start, finding.start - _BLOCK) : min(bottom, finding.end + _BLOCK)
            ],
            self.masked[line : finding.start],
            lead,
        )


def _blank(folded: bytes) -> bytes:
    """What was removed before reads as a datum, not as the word "verwijderd"."""
    if b"verwijderd" not in folded and b"removed" not in folded:
        return folded
    parts: list[bytes] = []
    at = 0
    for match in _REMOVED.finditer(folded):
        parts += (folded[at : match.start()], b"%" * (match.end() - match.start()))
        at = match.end()
    return b"".join((*parts, folded[at:]))


def open_page(view: TextView, findings: Sequence[Finding], authors: Authors, folded: bytes | None = None) -> Page:
    """Read a view; linear in its text. `folded`: `fold` of it, where the caller has it."""
    folded = _blank(fold(view.text) if folded is None else folded)
    ordered = tuple(sorted((f for f in findings if f.path == view.path), key=lambda f: (f.start, f.end)))
    segments = split(view.text, folded, authors)
    if not ordered:  # nobody asks for what stands around a finding
        return Page(view, folded, folded, segments, (0,), (0,), (), own_text(folded, segments))
    parts: list[bytes] = []
    at = 0
    for finding in ordered:
        start, end = max(finding.start, at), max(finding.end, at)
        parts += (folded[at:start], b"%" * (min(end, len(folded)) - start))
        at = max(at, min(end, len(folded)))
    parts.append(folded[at:])
    masked = b"".join(parts)
    paragraphs = [0, *(match.end() for match in _BLANK_LINE.finditer(folded))]
    return Page(
        view, folded, masked, segments, sentence_starts(masked), paragraphs, ordered, own_text(masked, segments)
    )
