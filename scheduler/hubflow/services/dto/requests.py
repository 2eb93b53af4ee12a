"""Bodies that callers send. Unknown fields are refused by name."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from hubflow.events import Dto

# In a PATCH, null clears a field, and one that is left out stays as it is.
Description = Annotated[str, Meta(max_length=5_000)] | None
Text = str | None | UnsetType
NewDescription = Description | UnsetType


class TriggerRun(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST dagRuns. `conf` must be an object. Dates default to now."""

    dag_run_id: str | None = None
    logical_date: datetime | None = None
    execution_date: datetime | None = None
    data_interval_start: datetime | None = None
    data_interval_end: datetime | None = None
    conf: dict[str, Any] = {}
    note: str | None = None


class PatchDag(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    is_paused: bool


class ScheduleNotebook(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST notebooks/schedule.

    `when` is "now", "once" (then `at` is needed) or "cron" (then `cron` is needed, read in
    `timezone`). `parameters` holds only overridden values. `output` is a path in common_workspace
    or null: then results are kept with the run only. `timeout_s` 0 means none.
    """

    path: str
    when: str
    dag_id: str | None = None
    at: datetime | None = None
    cron: str | None = None
    timezone: str = "UTC"
    parameters: dict[str, Any] = {}
    output: str | None = None
    retries: int = 0
    retry_delay_s: float = 300.0
    timeout_s: float = 0.0
    description: Description = None


class PostVariable(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST variables: sets a variable, whether it exists or not."""

    key: str
    value: str
    description: Description = None


class PatchVariable(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of PATCH variables. `key`, if given, is the one in the URL.

    A `value` of eight asterisks, as hidden variables show it, leaves the value as it is.
    """

    key: str | UnsetType = UNSET
    value: str | UnsetType = UNSET
    description: NewDescription = UNSET


class PostConnection(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST connections. `extra` is text, usually a JSON object."""

    connection_id: str
    conn_type: str
    description: Description = None
    host: str | None = None
    login: str | None = None
    schema: str | None = None
    port: int | None = None
    password: str | None = None
    extra: str | None = None


class PatchConnection(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of PATCH connections. `connection_id`, if given, is the one in the URL.

    Asterisks in `extra`, as a GET shows them, leave what they hide as it is.
    """

    connection_id: str | UnsetType = UNSET
    conn_type: str | UnsetType = UNSET
    description: NewDescription = UNSET
    host: Text = UNSET
    login: Text = UNSET
    schema: Text = UNSET
    port: int | UnsetType | None = UNSET
    password: Text = UNSET
    extra: Text = UNSET


class TestConnection(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST connections/test: a whole connection, or only the id of a stored one."""

    connection_id: str | None = None
    conn_type: str | None = None
    description: Description = None
    host: str | None = None
    login: str | None = None
    schema: str | None = None
    port: int | None = None
    password: str | None = None
    extra: str | None = None


class PostPool(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST pools. `slots` -1 means no limit; 0 lets nothing run."""

    name: str
    slots: int
    description: Description = None
    include_deferred: bool = False


class PutPool(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a command or a file says of a pool; what it leaves out stays as it is."""

    name: str
    slots: int
    description: NewDescription = UNSET
    include_deferred: bool | UnsetType = UNSET


class PatchPool(Dto, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of PATCH pools; another `name` renames the pool."""

    name: str | UnsetType = UNSET
    slots: int | UnsetType = UNSET
    description: NewDescription = UNSET
    include_deferred: bool | UnsetType = UNSET
