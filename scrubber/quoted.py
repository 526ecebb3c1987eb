"""Where the very values that go from one message stand in another text of the same matter: an agent's quotation of it.

Nothing is searched for there that did not go here. Certain values (values.VALIDATED) are found in any spelling; any
other as it was written, and a short or plain word only with the same words before or after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from scrubber.budget import Budget
from scrubber.errors import BudgetExceeded, FormatError
from scrubber.finding import Action, Decision, Finding, Scrubbed
from scrubber.message import Message, Path, TextView
from scrubber.pipeline import Tools
from scrubber.sources.base import Quote
from scrubber.spread import spread
from scrubber.values import VALIDATED

PLAIN = 6
"""Letters and digits; a value with fewer, or one that is a word without digits, is told by what stands beside it."""

BESIDE = 12
"""Letters and digits that must be the same before or after it."""


def quotes(tools: Tools, message: Message, scrubbed: Scrubbed, others: Sequence[Message]) -> tuple[Quote, ...]:
    """The other texts that quote what goes from `message`, each as it is to be."""
    going = scrubbed.removed
    if not going or not others:
        return ()
    texts = {view.path: view for view in _views(tools, message)}
    found = []
    for other in others:
        result = _without(tools, other, going, texts)
        if result is not None:
            found.append(Quote(other.ref, other.payload, result))
    return tuple(found)


def _views(tools: Tools, message: Message) -> tuple[TextView, ...]:
    return tools.formats.open_tree(message.payload, message.media_type, {}, Budget(tools.limits)).views


def _without(tools: Tools, other: Message, going: Sequence[Decision], texts: dict[Path, TextView]) -> bytes | None:
    """The other text without these values. None: none of them stands there, or it can't be read."""
    try:
        opened = tools.formats.open_tree(other.payload, other.media_type, {}, Budget(tools.limits))
    except (FormatError, BudgetExceeded):
        return None
    decisions = list(_certain(going, texts, opened.views))
    for view in opened.views:
        taken = [(d.finding.start, d.finding.end) for d in decisions if d.finding.path == view.path]
        for decision in going:
            if decision.finding.entity_type in VALIDATED:
                continue
            for start, end in _written(view.text, texts[decision.finding.path].text, decision.finding):
                if all(end <= first or last <= start for first, last in taken):
                    taken.append((start, end))
                    finding = replace(decision.finding, path=view.path, start=start, end=end)
                    decisions.append(replace(decision, finding=finding, action=Action.REDACT))
    if not decisions:
        return None
    return opened.apply(tools.redactor.edits(opened.views, decisions))


def _certain(going: Sequence[Decision], texts: dict[Path, TextView], views: Sequence[TextView]) -> Iterator[Decision]:
    here, there = "message", "quote"
    findings = [replace(d.finding, path=(here, *d.finding.path)) for d in going]
    by_type = {d.finding.entity_type: d for d in going}
    all_views = [
        *(TextView((here, *path), view.text) for path, view in texts.items()),
        *(TextView((there, *view.path), view.text) for view in views),
    ]
    for finding in spread(all_views, [one for one in findings if one.entity_type in VALIDATED]):
        if finding.path[0] == there:
            decision = by_type[finding.entity_type]
            yield replace(decision, finding=replace(finding, path=finding.path[1:]), action=Action.REDACT)


def _written(text: str, source: str, finding: Finding) -> Iterator[tuple[int, int]]:
    """Where a value stands as it was written, whatever blanks and quotation marks of lines stand between its words."""
    surface = source[finding.start : finding.end]
    words = surface.split()
    if not words:
        return
    plain = sum(c.isalnum() for c in surface) < PLAIN or (len(words) == 1 and not any(c.isdigit() for c in surface))
    before, after = _bare(source[: finding.start])[-BESIDE:], _bare(source[finding.end :])[:BESIDE]
    for match in re.finditer(r"[\s>]+".join(map(re.escape, words)), text, re.IGNORECASE):
        start, end = match.span()
        if (start and text[start - 1].isalnum()) or (end < len(text) and text[end].isalnum()):
            continue
        same_before = before and _bare(text[max(start - 8 * BESIDE, 0) : start]).endswith(before)
        same_after = after and _bare(text[end : end + 8 * BESIDE]).startswith(after)
        if not plain or same_before or same_after:
            yield start, end


def _bare(text: str) -> str:
    return "".join(c for c in text if c.isalnum()).casefold()
