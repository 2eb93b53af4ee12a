"""DummyOperator: a task that does nothing, to gather or name others."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from hubflow.sdk.operator import BaseOperator


class DummyOperator(BaseOperator):
    """Do nothing, successfully. The scheduler may mark it a success without a worker."""

    ui_color = "#e8f7e4"

    def execute(self, context: MutableMapping[str, Any]) -> None:
        """Nothing to do."""

    def does_nothing(self) -> bool:
        return type(self) is DummyOperator and not self.has_hooks()


class SmoothOperator(BaseOperator):
    """Name a song in the log: Airflow 2 has it, so files may."""

    ui_color = "#e8f7e4"

    def execute(self, context: MutableMapping[str, Any]) -> None:
        self.log.info("Enjoy the song: Smooth Operator")


EmptyOperator = DummyOperator
