"""List, show, add, change and remove pools, with what of them is occupied (SEMANTICS 5.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET

from hubflow.db import orm
from hubflow.db.queries import pools as queries
from hubflow.db.queries.pools import UNLIMITED, Occupancy
from hubflow.errors import BadRequest, PoolExists
from hubflow.events import PoolChanged
from hubflow.services.access import Actor, Permission
from hubflow.services.changes import checked_name, checked_order, given_fields
from hubflow.services.dto import PatchPool, PoolDto, PoolsDto, PostPool, PutPool
from hubflow.services.unit import Backend, Unit, changing, reading

DEFAULT_POOL = "default_pool"
MAX_SLOTS = 2**31 - 1


def list_page(
    backend: Backend,
    actor: Actor,
    *,
    pattern: str = "",
    order_by: str = "name",
    limit: int = 100,
    offset: int = 0,
) -> PoolsDto:
    """Return a page of pools."""
    checked_order(order_by, queries.ORDERS)
    with reading(backend, actor, Permission.POOLS_READ) as session:
        rows, total = queries.list_page(
            session, pattern=pattern, order_by=order_by, limit=limit, offset=offset
        )
        occupancy = queries.occupancy(session)
    return PoolsDto(pools=[_shape(row, occupancy) for row in rows], total_entries=total)


def get(backend: Backend, actor: Actor, name: str) -> PoolDto:
    """Return one pool. Raises PoolNotFound."""
    with reading(backend, actor, Permission.POOLS_READ) as session:
        return _shape(queries.get(session, name), queries.occupancy(session))


def add(backend: Backend, actor: Actor, body: PostPool) -> PoolDto:
    """Add a pool. Raises PoolExists, BadRequest."""
    with changing(backend, actor, Permission.POOLS_EDIT, "add_pool") as unit:
        if queries.find(unit.session, body.name) is not None:
            raise PoolExists(body.name)
        _insert(unit, body)
        unit.note(extra={"pool": body.name, "slots": body.slots})
    return get(backend, actor, body.name)


def patch(
    backend: Backend, actor: Actor, name: str, body: PatchPool, update_mask: Sequence[str] = ()
) -> PoolDto:
    """Change what is given; tasks that need the old name of a renamed pool wait for it.

    Raises PoolNotFound, PoolExists, BadRequest.
    """
    given = given_fields(body, update_mask, identity="", name=name)
    with changing(backend, actor, Permission.POOLS_EDIT, "edit_pool") as unit:
        row = queries.get(unit.session, name)
        if given.get("name", name) != name:
            _rename(unit, row, given["name"])
        if "slots" in given:
            row.slots = checked_slots(given["slots"])
        for field in ("description", "include_deferred"):
            if field in given:
                setattr(row, field, given[field])
        unit.emit("pool", None, PoolChanged(name=row.name, change="changed"))
        unit.note(extra={"pool": name, **given})
    return get(backend, actor, row.name)


def put(backend: Backend, actor: Actor, body: PutPool) -> PoolDto:
    """Add a pool, or change what is given of the one of this name. Raises BadRequest."""
    with changing(backend, actor, Permission.POOLS_EDIT, "edit_pool") as unit:
        _put(unit, body)
        unit.note(extra={"pool": body.name, "slots": body.slots})
    return get(backend, actor, body.name)


def import_(backend: Backend, actor: Actor, pools: Sequence[PutPool]) -> int:
    """Add or change all of these; return how many. Raises BadRequest."""
    with changing(backend, actor, Permission.POOLS_EDIT, "import_pools") as unit:
        for body in pools:
            _put(unit, body)
        unit.note(extra={"pools": [body.name for body in pools]})
    return len(pools)


def delete(backend: Backend, actor: Actor, name: str) -> None:
    """Remove a pool; tasks that need it wait until it is back. Raises PoolNotFound, BadRequest."""
    with changing(backend, actor, Permission.POOLS_EDIT, "delete_pool") as unit:
        row = queries.get(unit.session, name)
        if name == DEFAULT_POOL:
            raise BadRequest(f"{DEFAULT_POOL} cannot be deleted: tasks that name no pool need it")
        unit.session.delete(row)
        unit.emit("pool", None, PoolChanged(name=name, change="removed"))
        unit.note(extra={"pool": name})


def checked_slots(slots: int) -> int:
    """Return a number of slots; raises BadRequest."""
    if not UNLIMITED <= slots <= MAX_SLOTS:
        raise BadRequest(
            f"slots must be {UNLIMITED} (no limit), 0 (nothing runs) or a number up to {MAX_SLOTS},"
            f" not {slots}"
        )
    return slots


def _put(unit: Unit, body: PutPool) -> None:
    row = queries.find(unit.session, body.name)
    if row is None:
        return _insert(unit, body)
    row.slots = checked_slots(body.slots)
    if body.description is not UNSET:
        row.description = body.description
    if body.include_deferred is not UNSET:
        row.include_deferred = body.include_deferred
    unit.emit("pool", None, PoolChanged(name=body.name, change="changed"))
    return None


def _insert(unit: Unit, body: PostPool | PutPool) -> None:
    row = orm.Pool(
        name=checked_name("name", body.name),
        slots=checked_slots(body.slots),
        description=body.description or None,
        include_deferred=body.include_deferred is True,
    )
    unit.session.add(row)
    unit.emit("pool", None, PoolChanged(name=row.name, change="added"))


def _rename(unit: Unit, row: orm.Pool, name: str) -> None:
    if row.name == DEFAULT_POOL:
        raise BadRequest(f"{DEFAULT_POOL} cannot be renamed: tasks that name no pool need it")
    if queries.find(unit.session, checked_name("name", name)) is not None:
        raise PoolExists(name)
    unit.emit("pool", None, PoolChanged(name=row.name, change="removed"))
    row.name = name


def _shape(row: orm.Pool, occupancy: Mapping[str, Occupancy]) -> PoolDto:
    taken = occupancy.get(row.name, Occupancy())
    occupied = taken.occupied(include_deferred=row.include_deferred)
    counts: dict[str, Any] = {f"{state}_slots": n for state, n in taken._asdict().items()}
    return PoolDto(
        name=row.name,
        slots=row.slots,
        occupied_slots=occupied,
        open_slots=row.slots if row.slots == UNLIMITED else max(0, row.slots - occupied),
        description=row.description,
        include_deferred=row.include_deferred,
        **counts,
    )
