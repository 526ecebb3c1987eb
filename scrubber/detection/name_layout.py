"""What the place of a name says: a signature, a header, a label, a line of its own, personal data behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scrubber.detection import name_patterns as shapes
from scrubber.detection.lexicon import Lexicon
from scrubber.detection.page import Cue, Page


def layout(
    page: Page,
    lexicon: Lexicon,
    weights: Mapping[str, float],
    sign_offs: Sequence[tuple[int, int]],
    start: int,
    end: int,
) -> float:
    """The log-odds of the place of the text from `start` to `end`.

    `sign_offs`: [start, end) of "Met vriendelijke groet" and the like.
    """
    folded = page.folded
    line_start, line_end = page.line_start(start), page.line_end(end)
    prefix = folded[line_start:start].strip(" >*|-\"'\t(")
    suffix = folded[end:line_end].strip(" .,!\t\"'*")
    total = 0.0
    after = folded[end : end + 60]
    addressed = after[:3].lstrip(" \"'").startswith("<") and "@" in after
    heading_line = page.lower[max(line_start, start - 80) : start]
    if addressed or shapes.HEADER.match(heading_line) or shapes.WROTE.match(page.lower[end : end + 100]):
        total += weights["header"]
    label = None
    if "person" in page.cue_kinds:
        label = next((cue for cue in page.before(start, 14) if cue.kind == "person"), None)
    gap = folded[label.end : start].strip(" \n\"'") if label else ""
    if gap == ">" and _is_menu(page, lexicon, start, end):
        gap = ""
    if label and (gap[:1] in {":", ";", "=", ")", ">", "|"} or _on_name_of(page, label, start, end)):
        total += weights["label"]
    heading = page.columns.get(line_start)
    if heading is not None:
        cell = folded.count(heading[0], line_start, start)
        if cell < len(heading[1]) and heading[1][cell] == "person":
            total += weights["label"]
    signed = next((span for span in reversed(sign_offs) if span[1] <= start), None)
    if signed is not None and start - signed[1] < 130:
        between = page.lower[signed[1] : start]
        if shapes.SIGN_GAP.fullmatch(between):
            goes_on = "\x02" in between and shapes.GOES_ON.match(folded, end) is not None
            total += weights["near_signature" if goes_on else "signature"]
        elif not prefix and shapes.SIGN_NEAR.fullmatch(between):
            total += weights["near_signature"]
    if not prefix and not suffix:
        total += weights["line_alone"]
    if shapes.DATA_AFTER.match(page.lower[end : end + 34]):
        total += weights["personal_data_after"]
    return total


def _is_menu(page: Page, lexicon: Lexicon, start: int, end: int) -> bool:
    """ "Leden > Alle leden > Exporteren": one word that no list of names knows."""
    word = page.lower[start:end]
    return word not in lexicon.first_names and word not in lexicon.surnames and " " not in word


def _on_name_of(page: Page, label: Cue, start: int, end: int) -> bool:
    """ "t.n.v. R. van den Heuvel": more than a word, for "t.n.v. Belastingdienst" is none."""
    said = shapes.ON_NAME_OF.fullmatch(page.lower, label.start, start) is not None
    return said and " " in page.folded[start:end]
