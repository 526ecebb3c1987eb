"""Log lines: to standard error, structured, without personal data.

What is logged are codes, counts and keyed references. Foreign libraries may quote text in theirs (Presidio's decision
trace does), so their loggers are silenced.
"""

from __future__ import annotations

import logging
import sys
from typing import Literal

import structlog
from structlog.typing import FilteringBoundLogger, Processor

_SILENCED = ("presidio-analyzer", "presidio-anonymizer", "presidio_analyzer", "tldextract", "spacy", "sqlalchemy")


def configure(style: Literal["json", "console"] = "console", level: int = logging.INFO) -> FilteringBoundLogger:
    """A logger for the worker. `console` for a person, `json` for a log collector: one object a line."""
    for name in _SILENCED:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    processors: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if style == "json":
        processors.append(structlog.processors.JSONRenderer(ensure_ascii=False))
    else:
        processors.append(structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()))
    logger: FilteringBoundLogger = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    return logger
