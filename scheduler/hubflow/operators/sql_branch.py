"""BranchSQLOperator: the first cell of a query decides which tasks follow (SEMANTICS 6.5)."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from typing import Any, ClassVar

from hubflow.operators.branch import BaseBranchOperator, Ids
from hubflow.operators.sql import BaseSQLOperator
from hubflow.sdk.exceptions import HubflowException

_YES = frozenset({"true", "t", "yes", "y", "1", "on"})
_NO = frozenset({"false", "f", "no", "n", "0", "off"})


class BranchSQLOperator(BaseBranchOperator, BaseSQLOperator):
    """Follow ``follow_task_ids_if_true`` if the first cell is true: a number, a bool or a word."""

    template_fields: ClassVar[Iterable[str]] = ("sql",)
    template_ext = (".sql",)
    ui_color = "#a22034"

    def __init__(
        self,
        *,
        sql: str,
        follow_task_ids_if_true: Ids,
        follow_task_ids_if_false: Ids,
        parameters: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sql = sql
        self.follow_task_ids_if_true = follow_task_ids_if_true
        self.follow_task_ids_if_false = follow_task_ids_if_false
        self.parameters = parameters

    def choose_branch(self, context: MutableMapping[str, Any]) -> Any:
        row = self.get_db_hook().get_first(self.sql, self.parameters)
        if not row:
            raise HubflowException(f"The query returned no row: {self.sql}")
        cell = row[0] if isinstance(row, list | tuple) else row
        self.log.info("The first cell is %r", cell)
        return self.follow_task_ids_if_true if _is_true(cell) else self.follow_task_ids_if_false


def _is_true(cell: Any) -> bool:
    if isinstance(cell, bool | int | float):
        return bool(cell)
    word = str(cell).strip().lower()
    if word not in _YES | _NO:
        raise HubflowException(f"{cell!r} is neither true nor false")
    return word in _YES
