"""Variables, connections and pools, in the shape of the Airflow 2 stable REST API v1.

Fields that Airflow does not have: `is_encrypted`, `is_readable`, a connection's `id` and `count`.
"""

from __future__ import annotations

from hubflow.events import Dto


class VariableDto(Dto, frozen=True, kw_only=True):
    """`value` is eight asterisks if the key is sensitive, null if no key decrypts it."""

    key: str
    value: str | None
    description: str | None
    is_encrypted: bool
    is_readable: bool


class VariablesDto(Dto, frozen=True, kw_only=True):
    variables: list[VariableDto]
    total_entries: int


class ConnectionDto(Dto, frozen=True, kw_only=True):
    """`id` names the row among those that share `connection_id`. Passwords never come back."""

    id: int
    connection_id: str
    conn_type: str
    description: str | None
    host: str | None
    login: str | None
    schema: str | None
    port: int | None
    has_password: bool
    is_encrypted: bool
    is_extra_encrypted: bool
    is_readable: bool


class ConnectionsDto(Dto, frozen=True, kw_only=True):
    connections: list[ConnectionDto]
    total_entries: int


class ConnectionDetailDto(ConnectionDto, frozen=True, kw_only=True):
    """`extra` has asterisks where a name in it is sensitive, and is nothing but asterisks if it
    is no JSON object. `count` says how many connections share the id."""

    extra: str | None
    count: int


class ConnectionTestDto(Dto, frozen=True, kw_only=True):
    """`status` says whether the other side answered."""

    status: bool
    message: str


class PoolDto(Dto, frozen=True, kw_only=True):
    """`slots` and `open_slots` are -1 without a limit. What is occupied is counted at the moment;
    `open_slots` is never below 0."""

    name: str
    slots: int
    occupied_slots: int
    running_slots: int
    queued_slots: int
    scheduled_slots: int
    deferred_slots: int
    open_slots: int
    description: str | None
    include_deferred: bool


class PoolsDto(Dto, frozen=True, kw_only=True):
    pools: list[PoolDto]
    total_entries: int
