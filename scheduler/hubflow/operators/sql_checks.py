"""Operators that check data by SQL: the task fails when the data is not as it should be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, ClassVar

from hubflow.operators.sql import BaseSQLOperator
from hubflow.sdk.exceptions import HubflowException, InvalidDag


class SQLCheckOperator(BaseSQLOperator):
    """Fail unless every cell of the first row is true: not 0, empty, False or NULL."""

    template_fields: ClassVar[Iterable[str]] = ("sql",)
    template_ext = (".hql", ".sql")
    ui_color = "#fff7e6"

    def __init__(self, *, sql: str, parameters: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sql = sql
        self.parameters = parameters

    def execute(self, context: MutableMapping[str, Any]) -> None:
        row = self.first_row(self.sql)
        if not all(row):
            raise HubflowException(f"Test failed.\nQuery:\n{self.sql}\nResults:\n{row!s}")
        self.log.info("Success.")

    def first_row(self, sql: str) -> tuple[Any, ...]:
        """Return the first row; raises HubflowException if there is none."""
        self.log.info("Executing SQL check: %s", sql)
        row = self.get_db_hook().get_first(sql)
        self.log.info("Record: %s", row)
        if not row:
            raise HubflowException(f"The query returned no row: {sql}")
        return tuple(row)


class SQLValueCheckOperator(SQLCheckOperator):
    """Fail unless every cell of the first row is ``pass_value``, or as near as ``tolerance``."""

    template_fields: ClassVar[Iterable[str]] = ("sql", "pass_value")

    def __init__(self, *, pass_value: Any, tolerance: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pass_value = pass_value
        self.tolerance = None if tolerance is None else float(tolerance)

    def execute(self, context: MutableMapping[str, Any]) -> None:
        row = self.first_row(self.sql)
        if not all(map(self._is_right, row)):
            within = "" if self.tolerance is None else f" within {self.tolerance * 100:g} %"
            raise HubflowException(
                f"Test failed.\nPass value: {self.pass_value}{within}\n"
                f"Query:\n{self.sql}\nResults:\n{row!s}"
            )

    def _is_right(self, cell: Any) -> bool:
        try:
            wanted = float(self.pass_value)
        except (TypeError, ValueError):
            return str(cell) == str(self.pass_value)
        slack = abs(wanted) * (self.tolerance or 0.0)
        try:
            return bool(wanted - slack <= float(cell) <= wanted + slack)
        except (TypeError, ValueError):
            raise HubflowException(f"{cell!r} is no number, as {self.pass_value!r} is") from None


class SQLThresholdCheckOperator(SQLCheckOperator):
    """Fail unless the first cell lies between two thresholds: numbers, or SQL that returns one."""

    template_fields: ClassVar[Iterable[str]] = ("sql", "min_threshold", "max_threshold")

    def __init__(self, *, min_threshold: Any, max_threshold: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.min_threshold = min_threshold
        self.max_threshold = max_threshold

    def execute(self, context: MutableMapping[str, Any]) -> None:
        value = self.first_row(self.sql)[0]
        low, high = self._limit(self.min_threshold), self._limit(self.max_threshold)
        if not low <= value <= high:
            raise HubflowException(
                f"Test failed.\nQuery:\n{self.sql}\nResult: {value}, which is not between {low} "
                f"and {high}"
            )

    def _limit(self, threshold: Any) -> float:
        try:
            return float(threshold)
        except ValueError:
            return float(self.first_row(threshold)[0])


class SQLIntervalCheckOperator(BaseSQLOperator):
    """Compare metrics of a day with those of ``days_back`` days before.

    Parameters
    ----------
    metrics_thresholds : SQL expression -> the ratio that it may reach.
    ratio_formula : "max_over_min" or "relative_diff".
    ignore_zero : let a metric pass that is 0 on one of the days.
    """

    template_fields: ClassVar[Iterable[str]] = ("sql1", "sql2")
    template_ext = (".hql", ".sql")
    ui_color = "#fff7e6"
    _FORMULAS: ClassVar[tuple[str, ...]] = ("max_over_min", "relative_diff")

    def __init__(
        self,
        *,
        table: str,
        metrics_thresholds: Mapping[str, float],
        date_filter_column: str = "ds",
        days_back: int = -7,
        ratio_formula: str | None = "max_over_min",
        ignore_zero: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if ratio_formula not in self._FORMULAS:
            raise InvalidDag(
                f"{self}: ratio_formula must be one of {', '.join(self._FORMULAS)}, "
                f"not {ratio_formula!r}"
            )
        self.table = table
        self.metrics_thresholds = dict(metrics_thresholds)
        self.date_filter_column = date_filter_column
        self.days_back = -abs(days_back)
        self.ratio_formula = ratio_formula
        self.ignore_zero = ignore_zero
        query = (
            f"SELECT {', '.join(sorted(self.metrics_thresholds))} FROM {table} "
            f"WHERE {date_filter_column}="
        )
        self.sql1 = query + "'{{ ds }}'"
        self.sql2 = query + f"'{{{{ macros.ds_add(ds, {self.days_back}) }}}}'"

    def execute(self, context: MutableMapping[str, Any]) -> None:
        hook = self.get_db_hook()
        now, before = hook.get_first(self.sql1), hook.get_first(self.sql2)
        for sql, row in ((self.sql1, now), (self.sql2, before)):
            if not row:
                raise HubflowException(f"The query returned no row: {sql}")
        failed = []
        for metric, one, other in zip(sorted(self.metrics_thresholds), now, before, strict=True):
            if not self._is_within(metric, one, other):
                failed.append(f"{metric} ({one} and {other})")
        if failed:
            raise HubflowException(
                f"The following tests have failed: {', '.join(failed)}, comparing {self.table} "
                f"with {-self.days_back} days before"
            )

    def _is_within(self, metric: str, one: Any, other: Any) -> bool:
        if not one or not other:
            self.log.info("%s: %s and %s, no ratio", metric, one, other)
            return self.ignore_zero
        if self.ratio_formula == "max_over_min":
            ratio = max(one, other) / min(one, other)
        else:
            ratio = abs(one - other) / abs(other)
        threshold = self.metrics_thresholds[metric]
        self.log.info("%s: ratio %s, threshold %s", metric, ratio, threshold)
        return bool(ratio < threshold)


class _Presto(BaseSQLOperator):
    """Names its connection as the operators for Presto do."""

    def __init__(self, *, presto_conn_id: str = "presto_default", **kwargs: Any) -> None:
        super().__init__(conn_id=kwargs.pop("conn_id", None) or presto_conn_id, **kwargs)


class PrestoCheckOperator(_Presto, SQLCheckOperator):
    """SQLCheckOperator for Presto."""


class PrestoValueCheckOperator(_Presto, SQLValueCheckOperator):
    """SQLValueCheckOperator for Presto."""


class PrestoIntervalCheckOperator(_Presto, SQLIntervalCheckOperator):
    """SQLIntervalCheckOperator for Presto."""


CheckOperator = SQLCheckOperator
ValueCheckOperator = SQLValueCheckOperator
ThresholdCheckOperator = SQLThresholdCheckOperator
IntervalCheckOperator = SQLIntervalCheckOperator
