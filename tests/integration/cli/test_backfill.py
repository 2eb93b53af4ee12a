"""`hubflow backfill create` with the options that people's scripts have from Airflow."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

import factories as make
from command import Command
from hubflow.config import Core
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.serialization.model import Schedule
from hubflow.states import BackfillState, RunReason, RunState

CREATE = ("backfill", "create", "etl", "-s", "2026-11-02T06:00:00", "-e", "2026-11-03T06:00:00")


@pytest.fixture
def hubflow(core: Core, database: Database, capsys: pytest.CaptureFixture[str]) -> Command:
    """Commands on a home with the DAG `etl`, of which the first date has run."""
    with database.write() as session:
        daily = make.serialized(schedule=Schedule(kind="cron", cron="0 6 * * *"))
        dag = make.make_dag(session, definition=daily)
        date = datetime(2026, 11, 2, 6, tzinfo=UTC)
        make.make_run(session, dag, run_id="there", execution_date=date)
    return Command(core, capsys)


def test_options_without_effect_are_taken(hubflow: Command) -> None:
    said = hubflow(*CREATE, "--delay_on_limit", "2.5", "-x", "-l", "-o", "json")
    assert said.status == 0, said.err
    assert json.loads(said.out)[0]["total"] == 2
    assert "there" not in said.err


@pytest.mark.parametrize("option", ["--delay-on-limit=1", "--donot-pickle", "--local"])
def test_they_have_long_names_too(hubflow: Command, option: str) -> None:
    assert hubflow(*CREATE, option, "-n").status == 0


def test_verbose_says_what_is_done_at_each_date(hubflow: Command) -> None:
    said = hubflow(*CREATE, "-v")
    assert said.status == 0, said.err
    assert said.err.splitlines() == [
        "2026-11-02T06:00:00+00:00: leave there",
        "2026-11-03T06:00:00+00:00: create",
    ]


def test_show_says_which_runs_were_deadlocked_and_what_helps(
    hubflow: Command, database: Database
) -> None:
    assert hubflow(*CREATE).status == 0
    with database.write() as session:
        for run in session.scalars(select(orm.DagRun)):
            run.backfill_id, run.state, run.reason = 1, RunState.FAILED, RunReason.DEADLOCKED
        session.execute(update(orm.Backfill).values(failed=1, state=BackfillState.FAILED))
    said = hubflow("backfill", "show", "1")
    named, helps = said.err.splitlines()
    assert named == "deadlocked: there"
    assert "-I" in helps


def test_finished_runs_are_cleared_only_when_told_so(hubflow: Command) -> None:
    asked = hubflow(*CREATE, "--reset-dagruns", "-v")
    assert (asked.status, "--yes" in asked.err) == (1, True)
    assert "2026-11-02T06:00:00+00:00: clear there" in asked.err
    assert hubflow(*CREATE, "--reset-dagruns", "-y").status == 0
