"""Structured logs: one event per line on standard output, JSON for programs or columns for people.

Every line carries an ISO 8601 UTC time, the level, the event, and what was bound at start (service, replica). Events
are nouns or short facts in lower case (``ready``, ``committed``); what varies is a key, never part of the text.

A traceback shows files, lines and calls, and never the values of local variables: among them are seeds and realm keys.
"""

import logging
import sys
from typing import Literal

import structlog
from structlog.typing import FilteringBoundLogger, Processor

LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def configure(level: Literal["debug", "info", "warning", "error"], form: Literal["json", "console"]) -> None:
    """Set up logging for the whole process; called once, by ``runtime.run``."""
    render: list[Processor]
    if form == "json":
        tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        render = [structlog.processors.ExceptionRenderer(tracebacks), structlog.processors.JSONRenderer()]
    else:
        render = [
            structlog.dev.ConsoleRenderer(
                colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=True,
    )


def logger(**bound: object) -> FilteringBoundLogger:
    """Return a logger that puts `bound` on every line."""
    log: FilteringBoundLogger = structlog.get_logger().bind(**bound)
    return log
