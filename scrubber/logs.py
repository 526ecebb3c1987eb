"""Log lines: to standard error, structured, without personal data.

What is logged are codes, counts and keyed references. Foreign libraries may quote text in theirs (Presidio's decision
trace does), so their loggers are silenced.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from typing import Literal

import structlog
from structlog.typing import FilteringBoundLogger, Processor

_SILENCED = ("presidio-analyzer", "presidio-anonymizer", "presidio_analyzer", "tldextract", "spacy", "sqlalchemy")


def configure(style: Literal["json", "console"] = "console", level: int = logging.INFO) -> FilteringBoundLogger:
    """A logger for the worker. `console` for a person, `json` for a log collector: one object a line."""
    silence()
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


def silence() -> None:
    """Nothing of foreign libraries that may quote text."""
    for name in _SILENCED:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def pass_on(names: Iterable[str], log: FilteringBoundLogger) -> None:
    """Warnings of these loggers become lines of ours: the sentence in their source code, without what was put into it,
    and of an error its type."""
    for name in names:
        logger = logging.getLogger(name)
        logger.handlers[:] = [_PassedOn(log)]
        logger.setLevel(logging.WARNING)
        logger.propagate = False


class _PassedOn(logging.Handler):
    def __init__(self, log: FilteringBoundLogger) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0] if record.exc_info else None
        what = str(record.msg).strip() if isinstance(record.msg, str) else ""
        self._log.warning("server", what=what, error=kind.__name__ if kind else None)
