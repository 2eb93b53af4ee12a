"""Log lines name what they are about."""

from __future__ import annotations

import json
import logging
import sys

from hubflow.logs import JsonFormatter, TextFormatter


def record(**extra: object) -> logging.LogRecord:
    line = logging.LogRecord("hubflow.x", logging.INFO, "x.py", 1, "run %s", ("ended",), None)
    vars(line).update(extra)
    return line


def test_text_has_the_facts_behind_the_message() -> None:
    line = TextFormatter().format(record(dag_id="sales", run_id="at six"))
    assert line.endswith('INFO hubflow.x - run ended dag_id=sales run_id="at six"')


def test_json_is_one_line_with_the_facts_beside_the_message() -> None:
    try:
        raise ValueError("a\nb")
    except ValueError:
        broken = record(try_number=2)
        broken.exc_info = sys.exc_info()
    line = JsonFormatter().format(broken)
    found = json.loads(line)
    assert "\n" not in line
    assert (found["message"], found["level"], found["try_number"]) == ("run ended", "INFO", 2)
    assert found["at"].endswith("+00:00")
    assert "ValueError: a\nb" in found["exception"]


def test_what_json_does_not_know_is_shown_as_text() -> None:
    assert json.loads(JsonFormatter().format(record(path=sys)))["path"].startswith("<module")
