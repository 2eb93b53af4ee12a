"""Shapes of the experimental API of Airflow 1.10."""

from __future__ import annotations

from typing import Any

from hubflow.events import Dto


class ExperimentalRun(Dto, frozen=True, kw_only=True):
    """Body of POST dags/{dag_id}/dag_runs. `conf` is an object, or one as JSON text."""

    run_id: str | None = None
    conf: dict[str, Any] | str | None = None
    execution_date: str | None = None
    replace_microseconds: bool | None = None


class CreatedRunDto(Dto, frozen=True, kw_only=True):
    message: str
    execution_date: str
    run_id: str


class OldRunDto(Dto, frozen=True, kw_only=True):
    id: int
    run_id: str
    state: str
    dag_id: str
    execution_date: str
    start_date: str
    dag_run_url: str


class LatestRunDto(Dto, frozen=True, kw_only=True):
    dag_id: str
    execution_date: str
    start_date: str
    dag_run_url: str


class LatestRunsDto(Dto, frozen=True, kw_only=True):
    items: list[LatestRunDto]


class StateDto(Dto, frozen=True, kw_only=True):
    state: str


class PausedDto(Dto, frozen=True, kw_only=True):
    is_paused: bool


class ResponseDto(Dto, frozen=True, kw_only=True):
    response: str


class MessageDto(Dto, frozen=True, kw_only=True):
    message: str


class PostOldPool(Dto, frozen=True, kw_only=True):
    name: str
    slots: int
    description: str = ""


class OldPoolDto(Dto, frozen=True, kw_only=True):
    id: int
    pool: str
    slots: int
    description: str
