"""The metrics as Prometheus reads them."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from hubflow.clock import utcnow
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.db.queries import leases, process_beats
from hubflow.db.queries.process_beats import Beat
from hubflow.measures import Measures
from hubflow.process_identity import ProcessId
from integration.server.service import Service

Samples = dict[str, list[tuple[dict[str, str], float]]]


def read(service: Service) -> Samples:
    """Fetch and parse the metrics as a scraper does."""
    answer = service.reader.get("/metrics")
    assert answer.status_code == 200
    found: Samples = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def scheduler(database: Database, measures: Measures) -> None:
    """Let a scheduler lead that has measured this."""
    metrics = msgspec.to_builtins(measures)
    with database.write() as session:
        seen = leases.get(session, leases.SCHEDULER)
        leases.take(session, leases.SCHEDULER, seen, ProcessId("h/1", 7, 1), "1", utcnow())
        process_beats.beat(session, Beat("scheduler", "h", 7, "1", metrics=metrics), utcnow())


def test_measures_of_the_leading_scheduler(service: Service, database: Database) -> None:
    measures = Measures(tries={"success": 3}, failed_turns=1, ready=4)
    for seconds in (0.001, 0.3, 1000.0):
        measures.ready_to_start.add(seconds)
    scheduler(database, measures)
    found = read(service)
    assert found["hubflow_tries_total"] == [({"outcome": "success"}, 3)]
    assert found["hubflow_failed_turns_total"] == [({}, 1)]
    assert found["hubflow_ready"] == [({}, 4)]
    buckets = {labels["le"]: n for labels, n in found["hubflow_ready_to_start_seconds_bucket"]}
    assert (buckets["0.005"], buckets["0.2"], buckets["0.5"], buckets["+Inf"]) == (1, 1, 2, 3)
    assert found["hubflow_ready_to_start_seconds_sum"] == [({}, pytest.approx(1000.301))]


def test_a_process_that_fell_silent_is_down(service: Service, database: Database) -> None:
    with database.write() as session:
        at = utcnow() - timedelta(minutes=5)
        process_beats.beat(session, Beat("worker", "h", 9, "1", slots=8), at)
    found = read(service)
    assert [(labels["kind"], up) for labels, up in found["hubflow_process_up"]] == [("worker", 0)]
    assert found["hubflow_heartbeat_age_seconds"][0][1] >= 300
    assert found["hubflow_worker_slots"] == [({}, 0)]


@pytest.mark.usefixtures("etl")
def test_what_is_there(service: Service, database: Database) -> None:
    with database.write() as session:
        session.add(orm.Pool(name='odd "pool"\n', slots=3))
    found = read(service)
    assert sum(count for _, count in found["hubflow_dags"]) == 1
    assert ({"pool": 'odd "pool"\n'}, 3) in found["hubflow_pool_slots"]
    assert found["hubflow_service_process_resident_memory_bytes"][0][1] > 1e6


def test_strangers_read_nothing(service: Service) -> None:
    assert service.stranger.get("/metrics").status_code == 401
