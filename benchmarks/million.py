"""A database with a million task instances, written in bulk: what busy years leave behind."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import Connection

from benchmarks.stage import Stage
from hubflow.db import orm
from hubflow.serialization.model import Schedule, SerializedDag, SerializedTask

BUSY, RUNS, TASKS = 90, 100, 100
WIDE, WIDE_TASKS = "wide", 1000
HUGE, HUGE_TASKS = "huge", 10_000
DAGS = 1000
AUDITED, MISSES = 100_000, 5_000
FIRST = datetime(2026, 7, 1, tzinfo=UTC)
AT_ONCE = 20_000
# Of a hundred task instances, so many ended so.
ENDS = ("success",) * 94 + ("failed",) * 3 + ("skipped",) * 2 + ("upstream_failed",)
OPERATORS = ("BashOperator", "PythonOperator", "CoutureJupyterOperator", "DummyOperator")
Size = tuple[int, int, int]
"""Of a run: its key, its day, and how many tasks it has."""
EVENTS = ("trigger", "clear", "paused", "unpaused", "failed", "success")


class Builder:
    """Writes rows without the unit of work; keys are counted here."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"

    def write(self, entity: type[orm.Base], rows: Iterable[Mapping[str, Any]]) -> None:
        """Insert rows that all have the same columns."""
        rows = iter(rows)
        while batch := list(islice(rows, AT_ONCE)):
            names = list(batch[0])
            marks = ", ".join([self._mark] * len(names))
            sql = f"INSERT INTO {orm.table(entity).name} ({', '.join(names)}) VALUES ({marks})"
            self._connection.exec_driver_sql(sql, [tuple(row.values()) for row in batch])


def build(stage: Stage, *, runs_of_busy: bool = True) -> None:
    """Fill the database of a stage; without the runs of busy DAGs, a tenth of it is left."""
    sizes = list(_sizes() if runs_of_busy else islice(_sizes(), RUNS))
    with stage.database.engine.connect() as connection:
        builder = Builder(connection)
        _write_dags(builder, len(sizes) // RUNS)
        builder.write(orm.DagRun, _runs(sizes))
        builder.write(orm.TaskInstance, _instances(sizes))
        builder.write(orm.TaskTry, _tries(sizes))
        builder.write(orm.AuditEvent, _audited())
        builder.write(orm.SlaMiss, _misses())
        builder.write(orm.Alert, _alerts(sizes[-1][0]))
        builder.write(orm.Variable, _variables())
        builder.write(orm.Pool, _pools())
        connection.commit()


def run_id(day: int) -> str:
    """Return the run id of one of the days, the same for every DAG."""
    return f"scheduled__{(FIRST + timedelta(days=day)).isoformat()}"


def text(moment: datetime) -> str:
    """Return a moment as the database has it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def _names() -> list[str]:
    busy = [WIDE, *(f"busy_{number:02}" for number in range(BUSY))]
    quiet = [f"quiet_{number:03}" for number in range(DAGS - len(busy) - 1)]
    return [*busy, HUGE, *quiet]


def _definition(dag_id: str) -> SerializedDag:
    count = {WIDE: WIDE_TASKS, HUGE: HUGE_TASKS}.get(
        dag_id, TASKS if dag_id.startswith("busy") else 2
    )
    tasks = tuple(
        SerializedTask(
            task_id=_task_id(number),
            operator=OPERATORS[number % len(OPERATORS)],
            downstream=tuple(_task_id(n) for n in (2 * number + 1, 2 * number + 2) if n < count),
        )
        for number in range(count)
    )
    schedule = Schedule(kind="cron", cron="0 0 * * *", text="@daily")
    return SerializedDag(dag_id=dag_id, path=f"{dag_id}.py", tasks=tasks, schedule=schedule)


def _task_id(number: int) -> str:
    return f"task_{number:05}"


def _write_dags(builder: Builder, last_busy: int) -> None:
    files, sources, dags, versions = [], [], [], []
    now, none = text(FIRST), b"[]"
    for key, dag_id in enumerate(_names(), 1):
        source = f"# the DAG {dag_id}\nfrom hubflow import DAG\n"
        data = msgspec.json.encode(_definition(dag_id))
        sha = hashlib.sha256(source.encode()).hexdigest()
        sources.append({"id": key, "sha256": sha, "text": source})
        files.append(
            {
                "id": key,
                "path": f"{dag_id}.py",
                "source_id": key,
                "parsed_at": now,
                "parse_duration_ms": 9,
            }
        )
        dags.append(
            {
                "id": key,
                "dag_id": dag_id,
                "dag_file_id": key,
                "version_id": key,
                "is_active": True,
                "is_paused": key % 5 == 0,
                "description": f"what {dag_id} does",
                "owners": "ada",
                "tags": b'["bench"]' if key % 3 == 0 else none,
                "schedule_text": "@daily",
                "timezone": "UTC",
                "kind": "dag",
                "max_active_runs": 16,
                "last_run_id": key * RUNS if key <= last_busy else None,
                "change_id": 0,
                "created_at": now,
            }
        )
        versions.append(
            {
                "id": key,
                "dag_id": key,
                "number": 1,
                "hash": sha,
                "data": data,
                "source_id": key,
                "created_at": now,
            }
        )
    builder.write(orm.Source, sources)
    builder.write(orm.DagFile, files)
    # A DAG and its version name each other: the version comes second, and the DAG learns of it.
    builder.write(orm.Dag, ({**dag, "version_id": None} for dag in dags))
    builder.write(orm.DagVersion, versions)
    builder._connection.exec_driver_sql("UPDATE dag SET version_id = id")


def _sizes() -> Iterator[Size]:
    for dag in range(BUSY + 1):
        for day in range(RUNS):
            yield dag * RUNS + day + 1, day, TASKS if dag else WIDE_TASKS


def _state(run: int, number: int) -> str:
    return ENDS[(run * 7919 + number * 104_729) % 100]


def _runs(sizes: Sequence[Size]) -> Iterator[dict[str, Any]]:
    for key, day, size in sizes:
        date = FIRST + timedelta(days=day)
        counts = Counter(_state(key, number) for number in range(size))
        yield {
            "id": key,
            "dag_id": (key - 1) // RUNS + 1,
            "dag_version_id": (key - 1) // RUNS + 1,
            "run_id": run_id(day),
            "execution_date": text(date),
            "data_interval_start": text(date),
            "data_interval_end": text(date + timedelta(days=1)),
            "state": "failed" if counts["failed"] > size // 25 else "success",
            "run_type": "scheduled",
            "external_trigger": False,
            "queued_at": text(date + timedelta(days=1)),
            "start_date": text(date + timedelta(days=1, seconds=key % 60)),
            "end_date": text(date + timedelta(days=1, hours=1, seconds=key % 600)),
            "task_counts": msgspec.json.encode(counts),
            "change_id": 0,
        }


def _instances(sizes: Sequence[Size]) -> Iterator[dict[str, Any]]:
    key = 0
    for run, day, size in sizes:
        begin = FIRST + timedelta(days=day + 1)
        for number in range(size):
            key += 1
            state = _state(run, number)
            start = begin + timedelta(seconds=(number * 37 + run) % 3600)
            ran = state in ("success", "failed")
            yield {
                "id": key,
                "dag_run_id": run,
                "task_id": _task_id(number),
                "map_index": -1,
                "state": state,
                "try_number": (1 + (state == "failed")) if ran else 0,
                "max_tries": 2,
                "operator": OPERATORS[number % len(OPERATORS)],
                "pool": "heavy" if number % 10 == 3 else "default_pool",
                "pool_slots": 1,
                "queue": "gpu" if number % 20 == 5 else "default",
                "priority_weight": number % 10 + 1,
                "queued_at": text(start) if ran else None,
                "start_date": text(start) if ran else None,
                "end_date": text(start + timedelta(seconds=key % 997 / 3)) if ran else None,
                "hostname": "worker-1" if ran else None,
                "pid": 1000 + key % 30_000 if ran else None,
            }


def _tries(sizes: Sequence[Size]) -> Iterator[dict[str, Any]]:
    names = ("state", "queued_at", "start_date", "end_date", "hostname", "pid")
    for row in _instances(sizes):
        if row["try_number"]:
            yield {
                "task_instance_id": row["id"],
                "try_number": row["try_number"],
                **{name: row[name] for name in names},
                "exit_code": int(row["state"] == "failed"),
                "error": "exit status 1" if row["state"] == "failed" else None,
            }


def _audited() -> Iterator[dict[str, Any]]:
    for number in range(AUDITED):
        yield {
            "at": text(FIRST + timedelta(seconds=90 * number)),
            "dag_id": f"busy_{number % BUSY:02}",
            "task_id": _task_id(number % TASKS) if number % 3 == 0 else None,
            "event": EVENTS[number % len(EVENTS)],
            "owner": ("ada", "bob", "eve")[number % 3],
        }


def _misses() -> Iterator[dict[str, Any]]:
    for number in range(MISSES):
        date = FIRST + timedelta(days=number % RUNS)
        yield {
            "dag_id": number // RUNS % BUSY + 2,
            "task_id": _task_id(number),
            "execution_date": text(date),
            "deadline": text(date + timedelta(hours=25)),
            "at": text(date + timedelta(hours=26)),
            "email_sent": True,
            "notification_sent": False,
        }


def _alerts(last_run: int) -> Iterator[dict[str, Any]]:
    for number in range(MISSES):
        at = text(FIRST + timedelta(minutes=number))
        yield {
            "kind": "mail",
            "reason": "task_failure",
            "dag_id": number % BUSY + 2,
            "dag_run_id": number % last_run + 1,
            "data": b"{}",
            "state": "failed" if number % 50 == 0 else "done",
            "attempts": 1,
            "next_at": at,
            "created_at": at,
        }


def _variables() -> Sequence[dict[str, Any]]:
    return [{"key": f"key_{n:03}", "value": str(n), "is_encrypted": False} for n in range(300)]


def _pools() -> Sequence[dict[str, Any]]:
    return [{"name": f"pool_{n:02}", "slots": 10, "include_deferred": False} for n in range(30)]
