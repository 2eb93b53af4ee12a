"""Metrics for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

import hubflow
from hubflow.measures import Histogram
from hubflow.services import metrics
from hubflow.services.metrics import Metrics
from hubflow_server.base import HubflowHandler

# Of this process itself: memory, processor time, open files.
_OURS = CollectorRegistry()
ProcessCollector(registry=_OURS, namespace="hubflow_service")


class MetricsHandler(HubflowHandler):
    async def get(self) -> None:
        """Metrics in the text format of Prometheus."""
        found = await self.call(metrics.get)
        registry = CollectorRegistry()
        registry.register(_Snapshot(found))
        text = generate_latest(registry) + generate_latest(_OURS)
        self.reply_text(text.decode())


class _Snapshot(Collector):
    """The metrics of one moment."""

    def __init__(self, found: Metrics) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        found = self._found
        yield _gauge("info", "Version of the service.", {(hubflow.__version__,): 1}, "version")
        yield from _of_processes(found)
        yield from _of_scheduler(found)
        tasks = {(state.value,): count for state, count in found.tasks.items()}
        yield _gauge("task_instances", "Task instances that wait or run, by state.", tasks, "state")
        yield _gauge("worker_slots", "Tries that the workers can run at once.", found.worker_slots)
        pools = {pool.name: pool for pool in found.pools}
        slots = {(name,): pool.slots for name, pool in pools.items()}
        used = {
            (name, kind): count
            for name, pool in pools.items()
            for kind, count in pool.occupancy._asdict().items()
        }
        yield _gauge("pool_slots", "Slots of a pool; -1 without limit.", slots, "pool")
        yield _gauge("pool_used_slots", "Slots of a pool by what holds them.", used, "pool", "by")
        dags = {(state,): count for state, count in found.dags.items()}
        yield _gauge("dags", "DAGs whose file is there.", dags, "state")
        yield _gauge("import_errors", "DAG files that cannot be imported.", found.import_errors)
        alerts = {(state,): count for state, count in found.alerts.items()}
        yield _gauge("alerts", "Mails and callbacks that wait, or failed.", alerts, "state")


def _of_processes(found: Metrics) -> Iterator[Metric]:
    labels = ("kind", "hostname", "pid", "version")
    names = [(one.kind, one.hostname, str(one.pid), one.version) for one in found.processes]
    up = {name: int(one.is_alive) for name, one in zip(names, found.processes, strict=True)}
    ages = {name: one.heartbeat_age_s for name, one in zip(names, found.processes, strict=True)}
    yield _gauge("process_up", "1 if a process was heard of lately.", up, *labels)
    yield _gauge("heartbeat_age_seconds", "Seconds since its last heartbeat.", ages, *labels)
    standing_by = found.leadership.standing_by
    yield _gauge("schedulers_standing_by", "Schedulers that would take over.", standing_by)


def _of_scheduler(found: Metrics) -> Iterator[Metric]:
    measures = found.measures
    text = "Seconds from when a task lacks only a slot until its process is up."
    yield _histogram("ready_to_start_seconds", text, measures.ready_to_start)
    yield _histogram("turn_seconds", "Seconds of a turn of the scheduler.", measures.turn)
    yield _counter("tries", "Tries that ended, by outcome.", measures.tries, "outcome")
    yield _counter("runs", "DAG runs that ended, by state.", measures.runs, "state")
    failed = {"": measures.failed_turns}
    yield _counter("failed_turns", "Turns that failed and were repeated.", failed)
    yield _gauge("ready", "Tasks that lack only a slot.", measures.ready)
    yield _gauge("held", "Tries that hold a slot.", measures.held)
    yield _gauge("active_runs", "DAG runs that are queued or running.", measures.active_runs)


def _gauge(name: str, text: str, values: float | Mapping[Any, float], *labels: str) -> Metric:
    family = GaugeMetricFamily(f"hubflow_{name}", text, labels=labels)
    for key, value in values.items() if isinstance(values, Mapping) else [((), values)]:
        family.add_metric(key, value)
    return family


def _counter(name: str, text: str, values: dict[str, int], *labels: str) -> Metric:
    family = CounterMetricFamily(f"hubflow_{name}", text, labels=labels)
    for key, value in values.items():
        family.add_metric([key] if labels else [], value)
    return family


def _histogram(name: str, text: str, found: Histogram) -> Metric:
    family = HistogramMetricFamily(f"hubflow_{name}", text)
    family.add_metric([], buckets=found.cumulative(), sum_value=found.total_s)
    return family
