"""`airflow.utils.log.logging_mixin`."""

from __future__ import annotations

import logging
from functools import cached_property


class LoggingMixin:
    """Gives a class its logger."""

    @cached_property
    def log(self) -> logging.Logger:
        return logging.getLogger(f"{type(self).__module__}.{type(self).__name__}")

    @property
    def logger(self) -> logging.Logger:
        return self.log
