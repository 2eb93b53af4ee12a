"""Arguments of DAGs and operators: default_args, checks, and what is refused how."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hubflow.errors import ScheduleInvalid
from hubflow.operators import BashOperator, DummyOperator
from hubflow.sdk import DAG, BaseOperator, Param, apply_defaults
from hubflow.sdk.exceptions import AirflowException, DuplicateTaskId, InvalidDag
from unit.sdk.bench import make_dag


class Fetch(BaseOperator):
    @apply_defaults
    def __init__(self, url: str, limit: int = 10, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.url = url
        self.limit = limit


class FetchTwice(Fetch):
    def __init__(self, again: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.again = again


def test_default_args_fill_only_what_is_a_parameter() -> None:
    defaults = {
        "owner": "a",
        "retries": 2,
        "catchup": False,
        "schedule_interval": "@daily",
        "tags": ["x"],
    }
    dag = DAG("demo", schedule_interval=None, default_args=defaults)
    task = DummyOperator(task_id="t", dag=dag)
    assert (task.owner, task.retries) == ("a", 2)
    assert (dag.catchup, dag.schedule_interval, dag.tags) == (None, None, [])
    assert dag.warnings == []
    assert defaults["catchup"] is False


def test_every_class_of_the_chain_is_filled() -> None:
    dag = make_dag(default_args={"url": "u", "limit": 3, "again": False, "retries": 1})
    task = FetchTwice(task_id="t", dag=dag)
    assert (task.url, task.limit, task.again, task.retries) == ("u", 3, False, 1)


def test_explicit_beats_own_defaults_beats_those_of_the_dag() -> None:
    dag = make_dag(default_args={"owner": "dag", "queue": "dag", "pool": "dag"})
    task = DummyOperator(
        task_id="t", dag=dag, default_args={"owner": "own", "queue": "own"}, owner="explicit"
    )
    assert (task.owner, task.queue, task.pool) == ("explicit", "own", "dag")


def test_operators_in_a_with_block_belong_to_the_innermost_dag() -> None:
    with make_dag("outer") as outer:
        with make_dag("inner") as inner:
            one = DummyOperator(task_id="one")
        two = DummyOperator(task_id="two")
        three = DummyOperator(task_id="three", dag=inner)
    assert (one.dag, two.dag, three.dag) == (inner, outer, inner)


def test_params_of_default_args_override_those_of_the_dag() -> None:
    dag = make_dag(params={"a": 1, "b": 1}, default_args={"params": {"b": 2}})
    assert dag.params == {"a": 1, "b": 2}
    assert "params" not in dag.default_args


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, r"Argument \['task_id'\] is required"),
        ({"task_id": "a b"}, "has to be made of letters, digits"),
        ({"task_id": ".."}, "not of dots alone"),
        ({"task_id": "x" * 251}, "at most 250 characters"),
        ({"task_id": "t", "on_failure_callback": "x"}, "on_failure_callback must be a function"),
        ({"task_id": "t", "trigger_rule": "sometimes"}, "trigger_rule must be one of all_success"),
        ({"task_id": "t", "weight_rule": "heavy"}, "weight_rule must be one of downstream"),
        ({"task_id": "t", "pool_slots": 0}, "pool_slots must be at least 1"),
        ({"task_id": "t", "retries": "many"}, "retries must be a whole number"),
        ({"task_id": "t", "retry_delay": "1h"}, "retry_delay must be a timedelta"),
        ({"task_id": "t", "start_date": "someday"}, "'someday' is no date"),
        ({"task_id": "t", "params": [1]}, r"params must be a dict, not \[1\]"),
        ({"task_id": "t", "owner": ["a"]}, r"owner must be text, not \['a'\]"),
        ({"task_id": "t", "pool": 5}, "pool must be text, not 5"),
        ({"task_id": "t", "queue": "q" * 251}, "queue must have at most 250 characters, not 251"),
        ({"task_id": "t", "run_as_user": 5}, "run_as_user must be text, not 5"),
        ({"task_id": "t", "description": 5}, "description must be text, not 5"),
        ({"task_id": "t", "resources": {"cores": 1}}, "are cpus, ram, disk, gpus; 'cores' is none"),
        ({"task_id": "t", "resources": {"cpus": "2"}}, "cpus must be a number from 0 on, not '2'"),
        ({"task_id": "t", "resources": {"ram": -1}}, "ram must be a number from 0 on, not -1"),
        ({"task_id": "t", "resources": {"ram": float("nan")}}, "ram must be a number .* not nan"),
        ({"task_id": "t", "resources": 5}, "resources must be a dict, not 5"),
        ({"task_id": "t", "logger_name": 5}, "logger_name must be text, not 5"),
        ({"task_id": "t", "task_display_name": 5}, "task_display_name must be text, not 5"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(AirflowException, match=message):
        DummyOperator(**arguments)


def test_required_argument_of_a_subclass_is_named_with_its_task() -> None:
    with pytest.raises(InvalidDag, match=r"Fetch 't': Argument \['url'\] is required"):
        Fetch(task_id="t")


def test_none_is_the_default_and_what_is_true_is_true() -> None:
    given: dict[str, Any] = {"owner": None, "queue": None, "pool": None, "depends_on_past": "yes"}
    task = DummyOperator(task_id="t", dag=make_dag(), **given)
    assert (task.owner, task.queue, task.pool) == ("airflow", "default", "default_pool")
    assert task.depends_on_past is True


def test_positional_arguments_are_refused() -> None:
    with pytest.raises(InvalidDag, match="Use keyword arguments when initializing operators"):
        BashOperator("echo", task_id="t")  # type: ignore[misc]


def test_unknown_arguments_become_warnings_of_the_dag() -> None:
    dag = make_dag(colour="red")
    DummyOperator(task_id="t", dag=dag, method_id="m", description="d")
    assert dag.warnings == [
        "DAG argument 'colour' is not known and does nothing",
        "Task 't': argument 'method_id' is not known to DummyOperator and does nothing",
    ]


def test_a_name_for_people_is_one_line_and_by_default_the_id() -> None:
    dag = make_dag(dag_display_name=" Sales of\nall shops ")
    named = DummyOperator(task_id="a", dag=dag, task_display_name="Lädt …")
    plain = DummyOperator(task_id="b", dag=dag, task_display_name=" ")
    mapped = DummyOperator.partial(task_id="c", dag=dag, task_display_name="Each").expand(owner=[1])
    assert (dag.dag_id, dag.dag_display_name) == ("demo", "Sales of all shops")
    assert [task.task_display_name for task in (named, plain, mapped)] == ["Lädt …", "b", "Each"]
    assert make_dag().dag_display_name == "demo"
    assert dag.warnings == []


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, "hubflow.task.DummyOperator"),
        ({"logger_name": "sales.load"}, "airflow.task.operators.sales.load"),
        ({"logger_name": ""}, "airflow.task.operators"),
    ],
)
def test_a_task_writes_as_the_logger_that_it_names(given: dict[str, Any], name: str) -> None:
    dag = make_dag()
    assert DummyOperator(task_id="t", dag=dag, executor="LocalExecutor", **given).log.name == name
    assert dag.warnings == []


def test_duplicate_task_id_is_refused() -> None:
    dag = make_dag()
    DummyOperator(task_id="t", dag=dag)
    with pytest.raises(DuplicateTaskId, match="'t' has already been added to the DAG 'demo'"):
        DummyOperator(task_id="t", dag=dag)


def test_task_keeps_its_dag() -> None:
    task = DummyOperator(task_id="t", dag=make_dag("one"))
    with pytest.raises(InvalidDag, match="can not be changed"):
        task.dag = make_dag("two")
    with pytest.raises(TypeError, match="Expected DAG; received str"):
        task.dag = "one"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"dag_id": 3}, TypeError, "The dag_id has to be a string"),
        ({"dag_id": "a/b"}, InvalidDag, "has to be made of letters"),
        ({"schedule": "61 * * * *"}, ScheduleInvalid, "61 is no minute"),
        ({"schedule": "@daily", "schedule_interval": "@daily"}, InvalidDag, "not both"),
        ({"orientation": "up"}, InvalidDag, "orientation must be one of LR"),
        ({"default_view": "foo"}, InvalidDag, "default_view must be one of grid, tree, graph"),
        ({"sla_miss_callback": "x"}, InvalidDag, "sla_miss_callback must be a function or a list"),
        ({"on_failure_callback": [print, "x"]}, InvalidDag, "on_failure_callback must be a func"),
        ({"template_undefined": 5}, InvalidDag, "must be a subclass of jinja2.Undefined, not 5"),
        ({"tags": ["x" * 101]}, InvalidDag, "longer than 100 characters"),
        ({"max_active_runs": 0}, InvalidDag, "max_active_runs must be at least 1"),
        ({"concurrency": 0}, InvalidDag, "concurrency must be at least 1"),
        ({"max_active_tasks": 0, "concurrency": 2}, InvalidDag, "concurrency must be at least 1"),
        ({"params": "x"}, InvalidDag, "params must be a dict, not 'x'"),
        ({"user_defined_macros": 5}, InvalidDag, "user_defined_macros must be a dict, not 5"),
        ({"description": 5}, InvalidDag, "description must be text, not 5"),
        ({"doc_md": 5}, InvalidDag, "doc_md must be text, not 5"),
        ({"owner_links": "x"}, InvalidDag, "owner_links must be a dict, not 'x'"),
        ({"owner_links": {"ann": "wiki"}}, InvalidDag, "the link of 'ann' must be .* not 'wiki'"),
        ({"owner_links": {"ann": "javascript:x"}}, InvalidDag, "not 'javascript:x'"),
        ({"owner_links": {"ann": "ftp://x/"}}, InvalidDag, "not 'ftp://x/'"),
        ({"owner_links": {"ann": "mailto:"}}, InvalidDag, "not 'mailto:'"),
        ({"owner_links": {"ann": "https://"}}, InvalidDag, "not 'https://'"),
        ({"owner_links": {"ann": "http://[x"}}, InvalidDag, "must be an address of the web"),
        ({"owner_links": {"ann": None}}, InvalidDag, "not None"),
        ({"dag_display_name": "x" * 251}, InvalidDag, "must have at most 250 characters, not 251"),
        ({"default_args": [1]}, InvalidDag, r"default_args must be a dict, not \[1\]"),
    ],
)
def test_bad_dags_are_refused(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        DAG(**{"dag_id": "demo", **arguments})


def test_schedule_without_any_start_date_is_refused_when_the_file_is_read() -> None:
    dag = DAG("demo", schedule="@daily")
    DummyOperator(task_id="t", dag=dag)
    with pytest.raises(InvalidDag, match="Task is missing the start_date parameter: 't'"):
        dag.check()


@pytest.mark.parametrize(
    ("param", "message"),
    [
        (Param(type="string"), "'p' must be of type string, not None"),
        (Param("five", type="integer"), "'p' must be of type integer, not 'five'"),
    ],
)
def test_a_schedule_needs_params_whose_defaults_fit(param: Param, message: str) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    by_hand = DAG("demo", schedule=None, start_date=start, params={"p": param})
    by_hand.check()
    dag = DAG("demo", schedule="@daily", start_date=start, params={"p": param})
    with pytest.raises(InvalidDag, match=message):
        dag.check()


def test_zone_of_the_start_date_is_the_zone_of_the_schedule() -> None:
    start = datetime(2026, 1, 1, tzinfo=ZoneInfo("Europe/Berlin"))
    dag = DAG("demo", schedule="0 6 * * *", default_args={"start_date": start})
    DummyOperator(task_id="t", dag=dag)
    assert dag.timetable.timezone == "Europe/Berlin"
    assert dag.timetable.first_tick() == datetime(2026, 1, 1, 5, tzinfo=UTC)


def test_window_of_a_task_lies_within_that_of_its_dag() -> None:
    dag = make_dag(start_date=datetime(2026, 1, 5), end_date=datetime(2026, 2, 1))
    early = DummyOperator(task_id="early", dag=dag, start_date=datetime(2026, 1, 1))
    late = DummyOperator(task_id="late", dag=dag, start_date="2026-01-07", end_date="2026-01-20")
    assert early.effective_start_date() == datetime(2026, 1, 5, tzinfo=UTC)
    assert late.effective_start_date() == datetime(2026, 1, 7, tzinfo=UTC)
    assert dag.effective_start_date() == datetime(2026, 1, 5, tzinfo=UTC)
    assert dag.effective_end_date() == datetime(2026, 1, 20, tzinfo=UTC)


def test_dates_are_written_with_dashes_or_slashes() -> None:
    dag = make_dag(start_date="2026/01/05 06:00")
    assert dag.start_date == datetime(2026, 1, 5, 6, tzinfo=UTC)


def test_schedule_left_out_is_one_day() -> None:
    dag = DAG("demo", start_date=datetime(2026, 1, 1))
    assert dag.schedule_interval == timedelta(days=1)


def test_airflow_positional_order_of_dag_arguments() -> None:
    dag = DAG("demo", "what it does", "@daily", datetime(2026, 1, 1))
    assert (dag.description, dag.timetable.cron) == ("what it does", "0 0 * * *")


@pytest.mark.parametrize(
    ("argument", "value", "words"),
    [
        ("weight_rule", "sideways", "weight_rule must be one of downstream, upstream, absolute"),
        ("priority_weight", "high", "priority_weight must be a whole number"),
        ("pool_slots", 0, "pool_slots must be at least 1"),
        ("task_concurrency", 0, "task_concurrency must be at least 1"),
        ("max_active_tis_per_dag", 0, "task_concurrency must be at least 1"),
        ("max_active_tis_per_dagrun", 0, "max_active_tis_per_dagrun must be at least 1"),
    ],
)
def test_limits_that_make_no_sense_are_refused(argument: str, value: object, words: str) -> None:
    with pytest.raises(InvalidDag, match=words):
        DummyOperator(task_id="t", dag=make_dag(), **{argument: value})


def test_the_newer_name_of_task_concurrency_means_the_same() -> None:
    task = DummyOperator(task_id="t", dag=make_dag(), max_active_tis_per_dag=2)
    assert task.task_concurrency == 2


@pytest.mark.parametrize("name", ["fail_fast", "fail_stop"])
def test_a_dag_that_fails_fast_wants_no_rules_about_failures(name: str) -> None:
    with DAG("d", schedule_interval=None, **{name: True}) as dag:  # type: ignore[arg-type]
        DummyOperator(task_id="a")
    dag.check()
    DummyOperator(task_id="b", trigger_rule="all_done", dag=dag)
    with pytest.raises(InvalidDag, match="'b' has the trigger rule 'all_done'"):
        dag.check()


def test_tags_given_as_one_text_are_one_tag_and_a_warning() -> None:
    dag = make_dag(tags="abc")
    assert dag.tags == ["abc"]
    assert dag.warnings == ["tags: one text is one tag; write tags=['abc']"]
