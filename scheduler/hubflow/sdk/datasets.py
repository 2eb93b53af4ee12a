"""Datasets of Airflow 2: DAG files may name them; no run starts because of one (yet).

A DAG that is scheduled by datasets is started by hand or by another DAG, and says so in a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class DatasetExpression:
    """What a schedule by datasets may be made of, joined by `&` and `|`."""

    def __and__(self, other: DatasetExpression) -> DatasetAll:
        return DatasetAll(self, other)

    def __or__(self, other: DatasetExpression) -> DatasetAny:
        return DatasetAny(self, other)


@dataclass(frozen=True, eq=False)
class Dataset(DatasetExpression):
    """Data somewhere, by its address."""

    uri: str
    extra: Mapping[str, Any] | None = field(default=None, compare=False)
    name: str | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dataset) and self.uri == other.uri

    def __hash__(self) -> int:
        return hash(self.uri)


@dataclass(frozen=True)
class DatasetAlias(DatasetExpression):
    """A name that a task gives to datasets when it runs."""

    name: str


class _Joined(DatasetExpression):
    def __init__(self, *objects: DatasetExpression) -> None:
        self.objects = objects


class DatasetAll(_Joined):
    """All of them."""


class DatasetAny(_Joined):
    """Any of them."""


@dataclass
class Metadata:
    """What a task tells about a dataset that it has written."""

    target: Dataset | str
    extra: dict[str, Any] = field(default_factory=dict)
    alias_name: str | None = None


@dataclass
class DatasetEvent:
    """That a dataset was written, as the task that writes it sees it: `extra` may be filled."""

    extra: dict[str, Any] = field(default_factory=dict)
    datasets: list[Dataset] = field(default_factory=list)

    def add(self, dataset: Dataset, extra: Mapping[str, Any] | None = None) -> None:
        """Say that the alias stands for ``dataset`` in this run."""
        self.datasets.append(dataset)
        self.extra.update(extra or {})


class OutletEvents(dict[Any, DatasetEvent]):
    """`outlet_events` of the context: one event for each dataset or alias that is asked for."""

    def __missing__(self, key: Any) -> DatasetEvent:
        event = self[key] = DatasetEvent()
        return event


class InletEvents(Mapping[Any, Sequence[DatasetEvent]]):
    """`inlet_events` of the context: no event is stored, so none is found."""

    def __getitem__(self, key: Any) -> Sequence[DatasetEvent]:
        return []

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0


def is_by_dataset(schedule: object) -> bool:
    """Say whether a DAG's schedule is made of datasets."""
    if isinstance(schedule, list | tuple | set):
        return bool(schedule) and all(is_by_dataset(item) for item in schedule)
    return isinstance(schedule, DatasetExpression)
