"""The read models of the front end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

import factories as make
from hubflow.clock import parse_iso, utcnow
from hubflow.config import Core
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.db.queries import dag_switch
from hubflow.db.queries.dags import DagFilter
from hubflow.events import ProgressDto
from hubflow.serialization.model import SerializedTask
from hubflow.services import shapes, views
from hubflow.services.views import NEW_FOR
from hubflow.states import RunReason, RunState, TaskState
from integration.parsing.indexed_folder import Stage
from integration.server.conftest import RUN
from integration.server.service import ACTORS, Service

GOOD = Path(__file__).parents[2] / "dags" / "good.py"
Write = Callable[[Callable[[Session], object]], None]


def make_many(session: Session, count: int) -> None:
    for number in range(count):
        definition = make.serialized(f"dag_{number:03d}", schedule=make.cron("0 6 * * *"))
        dag = make.make_dag(session, definition.dag_id, definition=definition, is_paused=number < 5)
        for day in range(3):
            make.make_run(session, dag, execution_date=make.EPOCH + timedelta(days=day))


def test_list_pages_by_key(service: Service, write: Write) -> None:
    write(lambda session: make_many(session, 25))
    first = service.reader.get("/views/dags", params={"limit": 12}).json()
    assert (first["total_entries"], first["paused_count"]) == (20, 5)
    query = {"limit": 12, "page": first["next_page"]}
    second = service.reader.get("/views/dags", params=query).json()
    assert second["next_page"] is None
    ids = [dag["dag_id"] for dag in first["dags"] + second["dags"]]
    assert ids == [f"dag_{number:03d}" for number in range(5, 25)]


def test_list_without_paused_dags_has_the_new_ones(service: Service, write: Write) -> None:
    def fill(session: Session) -> None:
        make_many(session, 6)
        for dag_id, age in (("fresh", timedelta(0)), ("forgotten", 2 * NEW_FOR)):
            dag = make.make_dag(session, dag_id, is_paused=True)
            dag.created_at = utcnow() - age

    write(fill)
    shown = service.reader.get("/views/dags").json()
    assert [(dag["dag_id"], dag["is_new"]) for dag in shown["dags"]] == [
        ("dag_005", False),
        ("fresh", True),
    ]
    assert (shown["total_entries"], shown["paused_count"], shown["hidden_count"]) == (2, 7, 6)


def test_new_dags_are_listed_together_however_old(service: Service, write: Write) -> None:
    def fill(session: Session) -> None:
        make_many(session, 6)
        for dag_id, age in (("zfresh", timedelta(0)), ("forgotten", 2 * NEW_FOR)):
            dag = make.make_dag(session, dag_id, is_paused=True)
            dag.created_at = utcnow() - age

    write(fill)
    everything = service.reader.get("/views/dags", params={"limit": 1}).json()
    assert (everything["new_count"], everything["hidden_count"]) == (2, 6)
    page = service.reader.get("/views/dags", params={"limit": 1, "paused": "new"}).json()
    assert (page["total_entries"], page["hidden_count"]) == (2, 0)
    query = {"paused": "new", "page": page["next_page"]}
    assert [dag["dag_id"] for dag in page["dags"]] == ["forgotten"]
    rest = service.reader.get("/views/dags", params=query).json()
    assert ([dag["dag_id"] for dag in rest["dags"]], rest["next_page"]) == (["zfresh"], None)


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.RUNNING])
def test_a_dag_that_runs_is_listed_though_it_is_off(
    service: Service, write: Write, state: RunState
) -> None:
    def fill(session: Session) -> None:
        for dag_id, run_state in (("busy", state), ("over", RunState.SUCCESS)):
            dag = make.make_dag(session, dag_id, is_paused=True)
            make.make_run(session, dag, execution_date=make.EPOCH, state=run_state)

    write(fill)
    shown = service.reader.get("/views/dags").json()
    assert [dag["dag_id"] for dag in shown["dags"]] == ["busy"]
    assert (shown["total_entries"], shown["hidden_count"], shown["new_count"]) == (1, 1, 0)


def test_a_filter_for_running_dags_has_queued_ones_as_well(service: Service, write: Write) -> None:
    def fill(session: Session) -> None:
        for state in RunState:
            dag = make.make_dag(session, str(state))
            make.make_run(session, dag, execution_date=make.EPOCH, state=state)

    write(fill)
    for state, found in (("running", ["queued", "running"]), ("queued", ["queued"])):
        shown = service.reader.get("/views/dags", params={"state": state}).json()
        assert [dag["dag_id"] for dag in shown["dags"]] == found
        assert shown["total_entries"] == len(found)


def test_list_costs_the_same_selects_for_one_row_and_for_fifty(
    service: Service, write: Write, database: Database
) -> None:
    write(lambda session: make_many(session, 60))
    selects: list[str] = []
    engine = service.site.backend.database.engine
    event.listen(engine, "before_cursor_execute", lambda *args: selects.append(args[2]))
    costs = []
    for limit in (1, 50):
        selects.clear()
        rows = views.dag_rows(
            service.site.backend, ACTORS["reader"], DagFilter(), limit=limit, after=""
        )
        assert len(rows.dags) == limit
        costs.append(sum(is_of_the_list(select) for select in selects))
    assert costs[0] == costs[1] <= 5


def test_row_says_the_schedule_in_words_and_shows_recent_runs(
    service: Service, write: Write
) -> None:
    write(lambda session: make_many(session, 6))
    row = service.reader.get("/views/dags/dag_005").json()
    assert row["schedule_reading"] == "Every day at 06:00"
    assert [run["state"] for run in row["recent_runs"]] == ["success"] * 3
    assert service.reader.get("/views/dags/nothing").status_code == 404


@pytest.mark.usefixtures("etl")
def test_list_is_narrowed_by_search_and_state(service: Service, write: Write) -> None:
    write(lambda session: make_many(session, 8))
    for query, ids in (
        ({"state": "failed"}, ["etl"]),
        ({"search": "ET"}, ["etl"]),
        ({"search": "%"}, []),
        ({"paused": "true", "search": "00"}, [f"dag_00{n}" for n in range(5)]),
    ):
        found = service.reader.get("/views/dags", params=query).json()["dags"]
        assert [dag["dag_id"] for dag in found] == ids


@pytest.mark.usefixtures("etl")
def test_attention_names_the_failed_task_and_the_broken_file(
    service: Service, write: Write
) -> None:
    write(make.make_failure)
    items = service.reader.get("/views/attention").json()["items"]
    assert {item["kind"] for item in items} == {"failed_run", "import_error"}
    failed = next(item for item in items if item["kind"] == "failed_run")
    assert (failed["task_id"], failed["detail"]) == ("load", "task load failed: exit 1")


def test_attention_forgets_a_failure_that_a_later_run_mended(
    service: Service, write: Write, etl: orm.Dag
) -> None:
    later = make.EPOCH + timedelta(days=1)

    def mend(session: Session) -> None:
        make.make_run(session, session.get_one(orm.Dag, etl.id), execution_date=later)

    write(mend)
    assert service.reader.get("/views/attention").json()["items"] == []


def test_attention_says_why_a_run_failed_in_which_no_task_did(
    service: Service, write: Write
) -> None:
    def fill(session: Session) -> None:
        dag = make.make_dag(session, "stuck")
        make.make_run(session, dag, state=RunState.FAILED, reason=RunReason.DEADLOCKED)

    write(fill)
    (item,) = service.reader.get("/views/attention").json()["items"]
    assert item["detail"] == "no task that was left could ever run"


def test_attention_says_that_the_scheduler_has_switched_a_dag_off(
    service: Service, write: Write
) -> None:
    def fill(session: Session) -> None:
        for name in ("kept_on", "put_off", "put_on_again"):
            dag = make.make_dag(session, name)
            make.make_run(session, dag, state=RunState.FAILED)
            if name != "kept_on":
                dag_switch.switch_off(session, dag.id, 3, make.EPOCH)

    write(fill)
    for is_paused in (False, True):  # by somebody, who then puts it off as well
        service.writer.patch("/dags/put_on_again", json={"is_paused": is_paused}).raise_for_status()
        items = service.reader.get("/views/attention").json()["items"]
        assert {item["title"]: item["detail"] for item in items} == {
            "kept_on": "the run failed",
            "put_off": "switched off after 3 failed runs; the run failed",
            "put_on_again": "the run failed",
        }


def test_attention_names_tasks_that_their_pool_can_never_let_run(
    service: Service, write: Write
) -> None:
    def fill(session: Session) -> None:
        session.add_all([orm.Pool(name="shut", slots=0), orm.Pool(name="two", slots=2)])
        ready = TaskState.SCHEDULED
        wants = {"a": ("shut", 1), "b": ("two", 3), "c": ("no", 1), "d": ("two", 2)}
        for dag_id, (pool, slots) in wants.items():
            dag = make.make_dag(session, dag_id)
            run = make.make_run(session, dag, state=RunState.RUNNING)
            for name in ("x", "y"):
                one = make.make_task_instance(session, run, name, state=ready)
                one.pool, one.pool_slots = pool, slots

    write(fill)
    items = service.reader.get("/views/attention").json()["items"]
    said = {item["title"]: (item["kind"], item["task_id"], item["detail"]) for item in items}
    assert said.keys() == {"a", "b", "c"}
    assert said["a"] == (
        "stuck_task",
        "x",
        "x and 1 more never run: the pool 'shut' has no slots at all; give it some",
    )
    assert "needs 3 slots and the pool 'two' has only 2" in said["b"][2]
    assert "there is no pool 'no'" in said["c"][2]


def test_grid_pages_back_through_runs(service: Service, write: Write) -> None:
    def fill(session: Session) -> None:
        dag = make.make_dag(session)
        for day in range(7):
            make.make_run(session, dag, execution_date=make.EPOCH + timedelta(days=day))

    write(fill)
    newest = service.reader.get("/views/dags/etl/grid", params={"limit": 5}).json()
    older_query = {"limit": 5, "before": newest["before"]}
    older = service.reader.get("/views/dags/etl/grid", params=older_query).json()
    dates = [cell["run"]["execution_date"] for cell in older["runs"] + newest["runs"]]
    assert len(dates) == 7
    assert dates == sorted(dates)
    assert older["before"] is None


def test_structure_and_source_of_each_version(service: Service, write: Write) -> None:
    def fill(session: Session) -> None:
        dag = make.make_dag(session, text="# first\n")
        changed = make.serialized(
            edges={"extract": []},
            doc_md="# Doc",
            params={"n": 1, "free": "x"},
            param_schemas={"n": {"type": "integer"}},
            edge_labels=(("extract", "load", "when new"),),
        )
        make.add_version(session, dag, changed, "# second\n")

    write(fill)
    now = service.reader.get("/views/dags/etl/structure").json()
    assert (now["version"], now["versions"], len(now["tasks"])) == (2, 2, 1)
    assert now["params"] == [
        {"name": "n", "value": 1, "schema": {"type": "integer"}},
        {"name": "free", "value": "x", "schema": {}},
    ]
    assert now["edge_labels"] == [{"upstream": "extract", "downstream": "load", "text": "when new"}]
    first = service.reader.get("/views/dags/etl/structure", params={"version": 1}).json()
    assert [task["downstream"] for task in first["tasks"]] == [["load"], []]
    source = service.reader.get("/views/dags/etl/source", params={"version": 1}).json()
    assert (source["text"], source["error"]) == ("# first\n", None)
    assert service.reader.get("/views/dags/etl/source?version=9").status_code == 404


def test_dags_are_found_and_need_attention_by_their_names(service: Service, write: Write) -> None:
    def fill(session: Session) -> None:
        for dag_id, name in (("sales", "Umsätze aller Läden"), ("other", None)):
            definition = make.serialized(dag_id, display_name=name)
            dag = make.make_dag(session, dag_id, definition=definition)
            make.make_run(session, dag, state=RunState.FAILED)

    write(fill)
    for search in ("ALLER", "sales"):
        found = service.reader.get("/views/dags", params={"search": search}).json()
        assert ([dag["dag_id"] for dag in found["dags"]], found["total_entries"]) == (["sales"], 1)
    items = service.reader.get("/views/attention").json()["items"]
    assert sorted((item["dag_id"], item["title"]) for item in items) == [
        ("other", "other"),
        ("sales", "Umsätze aller Läden"),
    ]


def test_instances_of_a_mapped_task_are_told_with_their_names(
    service: Service, write: Write
) -> None:
    def fill(session: Session) -> None:
        run = make.make_run(session, make.make_dag(session), run_id="r")
        for index, name in ((0, None), (1, "south")):
            instance = make.make_task_instance(session, run, f"load_{index}")
            instance.task_id, instance.map_index, instance.display_name = "load", index, name
            session.flush()

    write(fill)
    panel = service.reader.get("/views/dags/etl/runs/r/tasks/load").json()
    assert panel["instances"] == {"success": [0, 1]}
    assert panel["instance_names"] == {"1": "south"}
    listed = service.reader.get("/dags/etl/dagRuns/r/taskInstances/load/listMapped").json()
    names = [one["rendered_map_index"] for one in listed["task_instances"]]
    assert sorted(names, key=str) == [None, "south"]


def test_the_panel_of_a_task_has_the_resources_that_it_declares(
    service: Service, write: Write
) -> None:
    def fill(session: Session) -> None:
        task = SerializedTask(task_id="a", operator="BashOperator", resources={"cpus": 2})
        definition = msgspec.structs.replace(make.serialized("sales"), tasks=(task,))
        dag = make.make_dag(session, "sales", definition=definition)
        make.make_run(session, dag, run_id="r", tasks={"a": TaskState.SUCCESS})

    write(fill)
    panel = service.reader.get("/views/dags/sales/runs/r/tasks/a").json()
    assert panel["task"]["resources"] == {"cpus": 2}


def test_names_for_people_are_told_beside_the_ids(service: Service, write: Write) -> None:
    def fill(session: Session) -> None:
        tasks = (
            SerializedTask(task_id="a", operator="BashOperator", display_name="Load all files"),
            SerializedTask(task_id="b", operator="BashOperator"),
        )
        named = make.serialized("sales", display_name="Sales of all shops")
        named = msgspec.structs.replace(named, tasks=tasks)
        dag = make.make_dag(session, "sales", definition=named)
        ended = dict.fromkeys(("a", "b"), TaskState.SUCCESS)
        make.make_run(session, dag, run_id="r", tasks=ended)

    write(fill)
    get, run = service.reader.get, "/dags/sales/dagRuns/r/taskInstances"
    dags = [
        get("/views/dags").json()["dags"][0],
        get("/views/dags/sales").json(),
        get("/views/dags/sales/structure").json(),
        get("/views/dags/sales/runs/r/tasks/a").json(),
        get("/dags").json()["dags"][0],
        get("/dags/sales").json(),
        get("/dags/sales/details").json(),
    ]
    assert {dag["dag_id"] for dag in dags} == {"sales"}
    assert {dag["dag_display_name"] for dag in dags} == {"Sales of all shops"}
    for tasks in (
        get("/views/dags/sales/structure").json()["tasks"],
        get("/dags/sales/tasks").json()["tasks"],
        get(run).json()["task_instances"],
        [get(f"{run}/a").json(), get(f"{run}/b").json()],
        [get(f"{run}/{task_id}/tries/1").json() for task_id in ("a", "b")],
        [get(f"/views/dags/sales/runs/r/tasks/{id}").json()["task"] for id in ("a", "b")],
    ):
        assert [(task["task_id"], task["task_display_name"]) for task in tasks] == [
            ("a", "Load all files"),
            ("b", "b"),
        ]


DRAWN = """\
from datetime import datetime

from hubflow import DAG, TaskGroup, setup, task, teardown

with DAG("drawn", schedule=None, start_date=datetime(2026, 1, 1)):

    @setup
    def up(): ...

    @teardown
    def down(): ...

    @task
    def clean(region): ...

    with TaskGroup("tables", tooltip="From files to tables") as tables:
        clean.expand(region=["north", "south"])
    up() >> tables >> down()
"""


def test_structure_says_what_the_graph_marks(
    service: Service, core: Core, database: Database
) -> None:
    stage = Stage(core, database)
    stage.write("drawn.py", DRAWN)
    stage.index()
    drawn = service.reader.get("/views/dags/drawn/structure").json()
    marks = {
        task["task_id"]: [mark for mark in ("setup", "teardown", "mapped") if task[f"is_{mark}"]]
        for task in drawn["tasks"]
    }
    assert marks == {"up": ["setup"], "tables.clean": ["mapped"], "down": ["teardown"]}
    assert {task["task_id"]: task["group_id"] for task in drawn["tasks"]}[
        "tables.clean"
    ] == "tables"
    assert drawn["groups"] == [
        {
            "group_id": "tables",
            "parent_id": None,
            "label": "tables",
            "tooltip": "From files to tables",
        }
    ]


def test_source_shows_a_new_comment_although_it_makes_no_version(
    service: Service, core: Core, database: Database
) -> None:
    stage = Stage(core, database)
    texts = [f"# {comment}\n{GOOD.read_text()}" for comment in ("before", "after")]
    for text in texts:
        stage.write("good.py", text)
        stage.index()
    assert stage.versions("good") == [1]
    now = service.reader.get("/views/dags/good/source").json()
    first = service.reader.get("/views/dags/good/source", params={"version": 1}).json()
    assert (now["version"], now["text"]) == (1, texts[1])
    assert (first["version"], first["text"]) == (1, texts[0])
    token = service.reader.get("/dags/good").json()["file_token"]
    assert service.reader.get(f"/dagSources/{token}").json()["content"] == texts[1]


def test_source_of_a_broken_file_is_its_present_text(service: Service, write: Write) -> None:
    def fill(session: Session) -> None:
        make.make_dag(session, text="# good\n")
        make.make_failure(session, "etl.py")

    write(fill)
    source = service.reader.get("/views/dags/etl/source").json()
    assert source["text"] == "this is no Python\n"
    assert source["error"]["line"] == 1


def test_a_broken_file_is_shown_with_its_traceback_and_its_dags(
    service: Service, write: Write
) -> None:
    def fill(session: Session) -> None:
        make.make_failure(session, "reports/new.py")
        make.make_dag(session, text="# good\n")
        make.make_failure(session, "etl.py")

    write(fill)
    new = service.reader.get("/views/file", params={"path": "reports/new.py"}).json()
    assert (new["text"], new["dag_ids"]) == ("this is no Python\n", [])
    assert (new["error"]["line"], new["error"]["filename"]) == (1, "reports/new.py")
    assert 'File "reports/new.py", line 1' in new["error"]["stack_trace"]
    once_good = service.reader.get("/views/file", params={"path": "etl.py"}).json()
    assert once_good["dag_ids"] == ["etl"]
    gone = service.reader.get("/views/file", params={"path": "../etl.py"})
    assert (gone.status_code, gone.json()["code"]) == (404, "not-found")


@pytest.mark.usefixtures("etl")
def test_task_panel(service: Service) -> None:
    service.site.backend.progress.put(
        ProgressDto(
            dag_id="etl", run_id=RUN, task_id="extract", try_number=1, done=3, total=7, text=""
        )
    )
    url = f"/views/dags/etl/runs/{quote(RUN, safe='')}/tasks"
    panel = service.reader.get(f"{url}/extract").json()
    assert panel["task"]["downstream"] == ["load"]
    assert (panel["task"]["pool"], panel["task"]["priority_weight"]) == ("default_pool", 1)
    assert [tried["state"] for tried in panel["tries"]] == ["success"]
    assert panel["xcoms"][0]["text"] == "{'rows': 3}"
    assert panel["progress"]["done"] == 3
    assert service.reader.get(f"{url}/load").json()["tries"][0]["error"] == "exit 1"
    assert service.reader.get(f"{url}/nothing").status_code == 404


def test_a_run_that_is_caught_up_was_due_when_it_was_made(
    service: Service, write: Write, etl: orm.Dag
) -> None:
    date, made = make.EPOCH + timedelta(days=9), make.EPOCH + timedelta(days=20)

    def fill(session: Session) -> None:
        for day, queued_at in ((0, made), (1, date)):
            run = make.make_run(session, etl, execution_date=date + timedelta(days=day))
            run.run_id, run.queued_at = f"r{day}", queued_at
            make.make_task_instance(session, run, "extract")

    write(fill)
    due = [
        parse_iso(service.reader.get(f"/views/dags/etl/runs/r{day}/tasks/extract").json()["due_at"])
        for day in (0, 1)
    ]
    assert due == [made, date + timedelta(days=1)]


def test_task_panel_of_a_mapped_task_begins_at_the_first_that_failed(
    service: Service, write: Write, etl: orm.Dag
) -> None:
    states = [TaskState.SUCCESS, TaskState.FAILED, TaskState.FAILED]

    def fill(session: Session) -> None:
        run = make.make_run(session, etl, execution_date=make.EPOCH + timedelta(days=9))
        run.run_id = "many"
        for index, state in enumerate(states):
            instance = make.make_task_instance(session, run, f"m{index}", state=state)
            instance.task_id, instance.map_index = "m", index

    write(fill)
    url = "/views/dags/etl/runs/many/tasks/m"
    first = service.reader.get(url).json()
    assert first["cell"]["map_index"] == 1
    assert first["instances"] == {"success": [0], "failed": [1, 2]}
    chosen = service.reader.get(url, params={"map_index": 0}).json()
    assert (chosen["cell"]["map_index"], chosen["cell"]["state"]) == (0, "success")
    assert service.reader.get(url, params={"map_index": 3}).status_code == 404


def test_task_panel_tells_which_run_the_task_has_started(
    service: Service, write: Write, etl: orm.Dag
) -> None:
    def fill(session: Session) -> None:
        run = make.make_run(
            session, etl, run_id="outer", execution_date=make.EPOCH + timedelta(days=20)
        )
        parent = make.make_task_instance(session, run, "go")
        child = make.make_dag(session, "child")
        for number, state in enumerate((RunState.FAILED, RunState.RUNNING)):
            date = make.EPOCH + timedelta(days=number)
            started = make.make_run(session, child, execution_date=date, state=state)
            started.run_id, started.parent_id = f"r{number}", parent.id

    write(fill)
    panel = service.reader.get("/views/dags/etl/runs/outer/tasks/go").json()
    assert panel["started_run"] == {"dag_id": "child", "run_id": "r1", "state": "running"}


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (SerializedTask(task_id="t", operator="DagOperator", run_dag_id="child"), "child"),
        (SerializedTask(task_id="t", operator="T", fields={"trigger_dag_id": "child"}), "child"),
        (SerializedTask(task_id="t", operator="T", run_dag_id="{{ params.dag }}"), None),
        (SerializedTask(task_id="t", operator="BashOperator"), None),
    ],
)
def test_a_task_tells_which_dag_it_runs(task: SerializedTask, expected: str | None) -> None:
    assert shapes.structure_task(task).run_dag_id == expected


@pytest.mark.usefixtures("etl")
def test_state_of_a_run_that_waits_shows_in_the_list(service: Service) -> None:
    service.writer.post("/dags/etl/dagRuns", json={})
    row = service.reader.get("/views/dags/etl").json()
    assert row["recent_runs"][-1]["state"] == RunState.QUEUED


def is_of_the_list(statement: str) -> bool:
    """Leave out BEGIN, and what the event feed asks in the background."""
    return statement.startswith("SELECT") and "FROM event" not in statement


def test_dependencies_say_why_a_task_does_not_run(service: Service, etl: orm.Dag) -> None:
    path = f"/views/dags/etl/runs/{quote(RUN, safe='')}/tasks"
    found = service.reader.get(f"{path}/load/dependencies").json()["dependencies"]
    names = {one["name"] for one in found}
    assert {"Dagrun Running", "Task Instance State", "Worker Connected"} <= names
    missing = service.reader.get(f"{path}/nothing/dependencies")
    assert (missing.status_code, missing.json()["code"]) == (404, "task-not-found")
