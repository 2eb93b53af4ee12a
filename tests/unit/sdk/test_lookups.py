"""What tasks ask about their own and other instances, runs and DAGs, as files for Airflow do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hubflow.operators import DummyOperator, PythonOperator
from hubflow.questions import FindRuns, FindTasks, GetDag, GetPublicUrl, Question
from hubflow.sdk import DAG
from hubflow.sdk.dag_run import DagRun
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.taskinstance import TaskInstance
from unit.sdk.bench import AT, Bench, make_dag

DAY = timedelta(days=1)


def run_row(days_ago: int, run_type: str = "scheduled", state: str = "success") -> dict[str, Any]:
    at = AT - days_ago * DAY
    return {
        "dag_id": "demo",
        "run_id": f"{run_type}__{days_ago}",
        "execution_date": at,
        "state": state,
        "run_type": run_type,
        "external_trigger": run_type == "manual",
        "conf": {},
    }


def task_row(days_ago: int, state: str, task_id: str = "t") -> dict[str, Any]:
    at = AT - days_ago * DAY
    return {
        "task_id": task_id,
        "map_index": -1,
        "run_id": f"scheduled__{days_ago}",
        "execution_date": at,
        "state": state,
        "try_number": 1,
        "queued_at": at,
        "start_date": at,
        "end_date": at + timedelta(minutes=1),
    }


RUNS = [run_row(1, "manual"), run_row(2, state="running"), run_row(3)]
TASKS = [task_row(0, "running"), task_row(1, "failed"), task_row(3, "success")]


def answer(question: Question) -> Any:
    """Answer as the database of these rows would."""
    match question:
        case GetPublicUrl():
            return "https://hub.example.org/hubflow/"
        case GetDag(dag_id=dag_id):
            return {"dag_id": dag_id, "is_paused": True, "is_active": True, "task_ids": []}
        case FindRuns(states=states, before=before, limit=limit):
            fit = [run for run in RUNS if before is None or run["execution_date"] < before]
            return [run for run in fit if states is None or run["state"] in states][:limit]
        case FindTasks(execution_dates=dates):
            found = [task for task in TASKS if task["execution_date"] in dates]
            return sorted(found, key=lambda task: task["execution_date"])
    raise AssertionError(question)


def inside(function: Callable[..., Any], dag: DAG | None = None) -> Any:
    """Return what a function gives inside a task of the DAG."""
    seen: list[Any] = []
    dag = dag or make_dag()
    PythonOperator(
        task_id="t", dag=dag, python_callable=lambda **context: seen.append(function(context))
    )
    outcome = Bench(dag, answer=answer).run("t", try_number=2, max_tries=3)
    if outcome.exception is not None:
        raise outcome.exception
    return seen[0]


def test_a_task_knows_where_people_see_it() -> None:
    log, mark = inside(lambda c: (c["ti"].log_url, c["ti"].mark_success_url))
    page = "https://hub.example.org/hubflow/#/dags/demo/grid?run=manual__1&task=t"
    assert (log, mark) == (f"{page}&try=2", page)


@pytest.mark.parametrize("arguments", [{"dag_run": AT}, {"execution_date": AT}])
def test_an_instance_made_as_in_airflow_says_how_to_look_it_up(arguments: dict[str, Any]) -> None:
    task = DummyOperator(task_id="t", dag=make_dag())
    with pytest.raises(HubflowException, match=r"dag\.get_dagrun\(date\)\.get_task_instance"):
        TaskInstance(task, **arguments)


def test_the_address_of_airflows_web_server_is_that_of_the_page() -> None:
    found = inside(lambda c: c["conf"].get("webserver", "base_url"))
    assert found == "https://hub.example.org/hubflow"


def test_who_looks_for_running_runs_finds_queued_ones_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(RUNS[0], "state", "queued")
    found = inside(
        lambda c: [
            [run.state for run in DagRun.find("demo", state=state)]
            for state in ("running", "queued", "nonsense")
        ]
    )
    assert found == [["queued", "running"], ["queued"], []]


def test_a_task_knows_its_instances_in_runs_before() -> None:
    def look(context: Any) -> Any:
        ti = context["ti"]
        assert ti.get_previous_ti() == ti.previous_ti
        return ti.previous_ti, ti.previous_ti_success, ti.queued_dttm, ti.job_id

    before, success, queued, job = inside(look)
    assert (before.state, before.run_id, before.duration) == ("failed", "scheduled__1", 60.0)
    assert repr(before) == f"<TaskInstance: demo.t {(AT - DAY).isoformat()} [failed]>"
    assert (success.state, success.execution_date) == ("success", AT - 3 * DAY)
    assert (queued, job) == (AT, None)


def test_the_last_successful_run_is_asked_for() -> None:
    def look(context: Any) -> Any:
        return context["prev_execution_date_success"], context["prev_start_date_success"]

    assert inside(look) == (AT - DAY, None)


def test_a_task_renders_with_its_own_context() -> None:
    def look(context: Any) -> Any:
        ti = context["ti"]
        assert ti.get_template_context() is context["ti"].context
        ti.task.op_args = ["{{ ds }} {{ ti.task_id }}"]
        return ti.render_templates().op_args

    assert inside(look) == ["2018-10-02 t"]


def test_a_run_knows_its_tasks_and_the_run_before() -> None:
    def look(context: Any) -> Any:
        run = context["dag_run"]
        assert run.get_task_instance("t") == run.get_task_instances("running")[0]
        assert run.get_task_instances(state=["success", "failed"]) == []
        return run.get_previous_dagrun().run_id, run.get_previous_scheduled_dagrun().run_id

    assert inside(look) == ("manual__1", "scheduled__2")


def test_a_dag_knows_its_runs() -> None:
    def look(context: Any) -> Any:
        dag = context["dag"]
        assert dag.is_paused is dag.get_is_paused() is True
        assert dag.get_dagrun(run_id="any").run_id == "manual__1"
        assert dag.get_num_active_runs() == 1
        return dag.get_active_runs(), dag.latest_execution_date, dag.get_last_dagrun().run_id

    assert inside(look) == ([AT - 2 * DAY], AT - DAY, "scheduled__2")


def test_a_dag_knows_the_dates_of_its_schedule() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    dag = DAG("daily", start_date=start, schedule="@daily")
    assert dag.date_range(start - DAY, num=2) == [start - DAY, start]
    assert dag.get_run_dates(start - DAY, start + DAY) == [start, start + DAY]
    assert dag.normalized_schedule_interval == "0 0 * * *"
    assert DAG("once", start_date=start, schedule="@once").normalized_schedule_interval is None
    assert DAG("hand", schedule=None).date_range(start) == []
    length = timedelta(hours=6)
    assert DAG("d", start_date=start, schedule=length).normalized_schedule_interval == length


def test_the_tree_of_a_dag(capsys: pytest.CaptureFixture[str]) -> None:
    dag = make_dag()
    first, second = (DummyOperator(task_id=name, dag=dag) for name in ("a", "b"))
    first >> second
    dag.tree_view()
    assert capsys.readouterr().out == "<Task(DummyOperator): a>\n    <Task(DummyOperator): b>\n"


def test_the_weight_of_a_task_with_its_relatives() -> None:
    dag = make_dag()
    weights = {"downstream": 1, "upstream": 2, "absolute": 4}
    tasks = [
        DummyOperator(task_id=rule, dag=dag, weight_rule=rule, priority_weight=weight)
        for rule, weight in weights.items()
    ]
    tasks[0] >> tasks[1] >> tasks[2]
    assert [task.priority_weight_total for task in tasks] == [7, 3, 4]


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda c: c["ti"].set_state("success"), "mark others with `hubflow tasks mark"),
        (lambda c: c["task"].clear(), "hubflow tasks clear"),
        (lambda c: c["task"].run(), "hubflow tasks test"),
        (lambda c: c["dag"].clear(), "hubflow tasks clear"),
        (lambda c: c["dag"].run(), "hubflow backfill create"),
        (lambda c: c["dag"].sub_dag("a"), "hubflow backfill create --task-regex"),
        (lambda c: c["dag"].test(), "hubflow dags test demo"),
        (lambda c: c["dag"].cli(), "the command line is `hubflow`"),
        (lambda c: c["dag"].get_dagrun(), "name the execution_date or the run_id"),
    ],
)
def test_what_writes_to_airflows_database_says_what_to_use_instead(
    use: Callable[[Any], Any], words: str
) -> None:
    with pytest.raises(HubflowException, match=words):
        inside(use)
