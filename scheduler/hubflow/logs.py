"""Log lines of hubflow's processes: text for people, or JSON for machines, both with their ids.

What code passes as ``extra`` (dag_id, run_id, task_id, try_number, …) stands behind the message as
`key=value`, or beside it in the JSON object.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class TextFormatter(logging.Formatter):
    """`[2026-11-22 06:00:00,123] INFO hubflow.scheduler.loop - run ended dag_id=sales`"""

    def __init__(self) -> None:
        super().__init__("[%(asctime)s] %(levelname)s %(name)s - %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        facts = "".join(f" {key}={_short(value)}" for key, value in facts_of(record).items())
        return super().formatMessage(record) + facts


class JsonFormatter(logging.Formatter):
    """One JSON object on a line: `at`, `level`, `logger`, `message`, the facts, `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            **facts_of(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return what was passed as ``extra``."""
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


def set_up(level: int, kind: str) -> None:
    """Log to standard error; ``kind`` is "text" or "json"."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if kind == "json" else TextFormatter())
    logging.basicConfig(level=level, handlers=[handler])
    for chatty in ("alembic", "watchfiles"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _short(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if not text or " " in text or "\n" in text else text
