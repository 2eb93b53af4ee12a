"""`airflow.utils.log`: loggers of classes, and words that no log shows."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import Any

from hubflow.masking import texts_in
from hubflow.sdk import secrets


class LoggingMixin:
    """Gives a class its logger."""

    @cached_property
    def log(self) -> logging.Logger:
        return logging.getLogger(f"{type(self).__module__}.{type(self).__name__}")

    @property
    def logger(self) -> logging.Logger:
        return self.log


def mask_secret(secret: Any, name: str | None = None) -> None:
    """Keep a text, or the texts in a list or dict, out of logs from now on."""
    for text in texts_in(secret):
        secrets.hide(text)
