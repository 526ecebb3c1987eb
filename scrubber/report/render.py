"""The report for people: one HTML page that needs nothing else, by Jinja2 with every value escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scrubber.report import labels, typography
from scrubber.report.checks import losses, sums
from scrubber.report.export import to_csv, to_json
from scrubber.report.interface import Figures
from scrubber.report.page import tiles, timeline, type_rows
from scrubber.report.typography import Language
from scrubber.report.words import Words

__all__ = ["to_csv", "to_html", "to_json"]

_TEMPLATES = Path(__file__).parent / "templates"
_LONGEST_TABLE = 100


def to_html(
    figures: Figures,
    lang: Language = "nl",
    entity_labels: Mapping[str, str] | None = None,
    because: Mapping[str, str] | None = None,
    organisation: str = "",
) -> str:
    """The whole page. `entity_labels`: entity type -> its name, `because`: rule -> what it rests on, in `lang`.

    The page allows itself its own style sheet and nothing else: no script, picture, font, frame, form or connection.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = Words(lang)
    environment.filters.update(
        number=partial(typography.number, language=lang),
        day=partial(typography.day, language=lang),
        moment=partial(typography.moment, language=lang),
        short_moment=partial(typography.short_moment, language=lang),
        month=partial(typography.short_month, language=lang),
        plain=typography.plain,
        entity=partial(labels.entity, language=lang, given=entity_labels or {}),
        reason=partial(labels.reason, language=lang),
        place=partial(labels.place, language=lang),
        **{
            name: partial(_label, table=table, language=lang)
            for name, table in {
                "outcome": labels.OUTCOMES,
                "ground": labels.GROUNDS,
                "channel": labels.CHANNELS,
                "mode": labels.MODES,
                "state": labels.STATES,
                "chain": labels.CHAIN,
                "second_pass": labels.SECOND_PASS,
                "signal": labels.SIGNALS,
                "act": labels.ACTS,
            }.items()
        },
    )
    css = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    return environment.get_template("report.html.j2").render(
        f=figures,
        t=words,
        lang=lang,
        css=css,
        css_hash=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
        share=partial(typography.share, language=lang),
        problems=sums(figures),
        losses=losses(figures),
        tiles=tiles(figures, words),
        types=type_rows(figures),
        timeline=timeline(figures, lang),
        removed_by_source=[(row.key, row.total) for row in figures.removed.by_source],
        because={rule: typography.plain(text, 400) for rule, text in (because or {}).items()},
        unable={row.key for row in figures.unable},
        longest=_LONGEST_TABLE,
        organisation=organisation,
    )


def _label(code: str, table: Mapping[str, tuple[str, str]], language: Language) -> str:
    return labels.label(table, code, language)
