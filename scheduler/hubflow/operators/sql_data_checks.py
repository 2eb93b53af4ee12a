"""Operators that check the columns or rows of a table, from a description of what must hold."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any, ClassVar

from hubflow.operators.sql import BaseSQLOperator
from hubflow.sdk.exceptions import HubflowException, InvalidDag

_COLUMN_SQL: Mapping[str, str] = {
    "null_check": "SUM(CASE WHEN {column} IS NULL THEN 1 ELSE 0 END)",
    "distinct_check": "COUNT(DISTINCT({column}))",
    "unique_check": "COUNT({column}) - COUNT(DISTINCT({column}))",
    "min": "MIN({column})",
    "max": "MAX({column})",
}
# Each gets the value found, the limit, and how far that may be missed.
_HOLDS: Mapping[str, Callable[[Any, Any, Any], bool]] = {
    "equal_to": lambda found, limit, slack: (
        found == limit if not slack else limit - slack <= found <= limit + slack
    ),
    "greater_than": lambda found, limit, slack: found > (limit - slack if slack else limit),
    "geq_to": lambda found, limit, slack: found >= (limit - slack if slack else limit),
    "less_than": lambda found, limit, slack: found < (limit + slack if slack else limit),
    "leq_to": lambda found, limit, slack: found <= (limit + slack if slack else limit),
}


class _Checks(BaseSQLOperator):
    """Runs all checks, and fails with those that do not hold."""

    ui_color = "#fff7e6"

    def __init__(self, *, table: str, partition_clause: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.table = table
        self.partition_clause = partition_clause

    def execute(self, context: MutableMapping[str, Any]) -> None:
        failed = list(self.failures())
        if failed:
            raise HubflowException("Test failed: " + "; ".join(failed))
        self.log.info("All tests have passed")

    @abstractmethod
    def failures(self) -> Iterator[str]:
        """Yield what does not hold, in words."""

    def value(self, expression: str, source: str) -> Any:
        """Return the only value of a query."""
        row = self.get_db_hook().get_first(f"SELECT {expression} FROM {source}")
        self.log.info("%s is %s", expression, row and row[0])
        return row[0] if row else None

    def where(self, check: Mapping[str, Any]) -> str:
        """Return the condition of the operator and that of one check."""
        given = (self.partition_clause, check.get("partition_clause"))
        clauses = [clause for clause in given if clause]
        return f" WHERE {' AND '.join(clauses)}" if clauses else ""


class SQLColumnCheckOperator(_Checks):
    """Check columns of a table: `{"amount": {"min": {"geq_to": 0}, "null_check": …}}`.

    Parameters
    ----------
    column_mapping : column -> check -> what must hold. Checks: null_check (how many are NULL),
        distinct_check, unique_check (how many are there again), min, max. To hold: equal_to,
        greater_than, geq_to, less_than, leq_to, with a `tolerance` as a fraction of the limit.
    partition_clause : a condition for the rows that count; a check may have one more.
    accept_none : take NULL, as of an empty table, for 0.
    """

    template_fields: ClassVar[Iterable[str]] = ("table", "partition_clause")

    def __init__(
        self,
        *,
        column_mapping: Mapping[str, Mapping[str, Mapping[str, Any]]],
        accept_none: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.column_mapping = column_mapping
        self.accept_none = accept_none
        for column, checks in column_mapping.items():
            for name, check in checks.items():
                if name not in _COLUMN_SQL:
                    known = ", ".join(_COLUMN_SQL)
                    raise InvalidDag(f"{column}: there is no check {name!r}; known are {known}")
                if not _HOLDS.keys() & check.keys():
                    raise InvalidDag(f"{column}.{name}: say one of {', '.join(_HOLDS)}")

    def failures(self) -> Iterator[str]:
        for column, checks in self.column_mapping.items():
            for name, check in checks.items():
                expression = _COLUMN_SQL[name].format(column=column)
                found = self.value(expression, f"{self.table}{self.where(check)}")
                if found is None and self.accept_none:
                    found = 0
                if found is None or not _holds(found, check):
                    yield f"{column}: {name} is {found}, and must be {dict(check)}"


class SQLTableCheckOperator(_Checks):
    """Check rows of a table: `{"enough": {"check_statement": "COUNT(*) >= 1000"}}`.

    Parameters
    ----------
    checks : name -> `check_statement`, true for each row, or for all of them where it aggregates,
        and maybe a `partition_clause`.
    partition_clause : a condition for the rows that count; a check may have one more.
    """

    template_fields: ClassVar[Iterable[str]] = ("table", "partition_clause", "checks")

    def __init__(self, *, checks: Mapping[str, Mapping[str, Any]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.checks = checks

    def failures(self) -> Iterator[str]:
        for name, check in self.checks.items():
            case = f"CASE WHEN {check['check_statement']} THEN 1 ELSE 0 END"
            rows = f"(SELECT {case} AS holds FROM {self.table}{self.where(check)}) AS checked"
            found = self.value("MIN(holds)", rows)
            if found is None:
                yield f"{name}: there is no row"
            elif not found:
                yield f"{name}: {check['check_statement']} does not hold"


def _holds(found: Any, check: Mapping[str, Any]) -> bool:
    tolerance = check.get("tolerance")
    return all(
        _HOLDS[name](found, limit, abs(limit) * tolerance if tolerance else None)
        for name, limit in check.items()
        if name in _HOLDS
    )
