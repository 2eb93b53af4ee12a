"""What templates and callables see, by the keys of the manual."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fakes import StoredValues
from hubflow.operators import PythonOperator
from hubflow.sdk import DAG, Param, get_current_context
from hubflow.sdk.exceptions import HubflowException
from unit.sdk.bench import AT, Bench, make_dag

MANUAL_KEYS = set(
    [
        "dag",
        "ds",
        "next_ds",
        "prev_ds",
        "ds_nodash",
        "ts",
        "ts_nodash",
        "yesterday_ds",
        "yesterday_ds_nodash",
        "tomorrow_ds",
        "tomorrow_ds_nodash",
        "END_DATE",
        "end_date",
        "dag_run",
        "run_id",
        "execution_date",
        "prev_execution_date",
        "next_execution_date",
        "latest_date",
        "params",
        "tables",
        "task",
        "task_instance",
        "ti",
        "task_instance_key_str",
        "test_mode",
        "inlets",
        "outlets",
        "templates_dict",
        "var",
        "conf",
        "conn",
    ]
)


def render(template: str, dag: DAG | None = None, **facts: Any) -> Any:
    dag = dag or make_dag(params={"x": "from dag", "tables": ["t"]})
    PythonOperator(task_id="t", dag=dag, python_callable=lambda value: value, op_args=[template])
    return Bench(dag, answer=STORED.answer, **facts).result("t")


STORED = StoredValues()
STORED.variables = {"city": "Oslo", "cfg": '{"a": {"b": 7}}'}
STORED.connections = {
    "db": [{"conn_id": "db", "conn_type": "pg", "host": "h", "login": "ada", "extra": '{"k": 1}'}]
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ ds }} {{ ds_nodash }}", "2018-10-02 20181002"),
        ("{{ ts }}", "2018-10-02T09:56:05.289457+00:00"),
        ("{{ ts_nodash }}", "20181002T095605"),
        ("{{ ts_nodash_with_tz }}", "20181002T095605.289457+0000"),
        ("{{ yesterday_ds }} {{ tomorrow_ds_nodash }}", "2018-10-01 20181003"),
        ("{{ END_DATE }} {{ end_date }} {{ latest_date }}", "2018-10-02 2018-10-02 2018-10-02"),
        ("{{ execution_date.add(days=1).to_date_string() }}", "2018-10-03"),
        ("{{ prev_ds }} {{ next_ds }}", "2018-10-02 2018-10-02"),
        ("{{ task_instance_key_str }}", "demo__t__20181002"),
        ("{{ dag.dag_id }} {{ task.task_id }} {{ ti.try_number }}", "demo t 1"),
        ("{{ run_id }} {{ dag_run.run_id }}", "manual__1 manual__1"),
        ("{{ params.x }} {{ tables[0] }}", "from dag t"),
        ("{{ macros.ds_add(ds, -1) }}", "2018-10-01"),
        ("{{ macros.ds_format(ds, '%Y-%m-%d', '%d.%m.%y') }}", "02.10.18"),
        ("{{ execution_date | ts_nodash }}", "20181002T095605"),
        ("[{{ nothing_of_that_name }}]", "[]"),
        ("line\n", "line"),
        ("{% for n in [1, 2] %}{{ n }}{% endfor %}", "12"),
        ("{% set a = [] %}{% do a.append(1) %}{{ a }}", "[1]"),
        ("{{ var.value.city }} {{ var.value.get('town', 'none') }}", "Oslo none"),
        ("{{ var.json.cfg.a.b }} {{ var.json.get('x', {'y': 1}).y }}", "7 1"),
        ("{{ conn.db.host }} {{ conn.db.login }} {{ conn.db.extra_dejson.k }}", "h ada 1"),
        ("{{ conn.get('db').host }} {{ conn.get('other', 'none') }}", "h none"),
        ("{{ conf.get('my', 'option', fallback='x') }}", "x"),
    ],
)
def test_values_in_templates(template: str, text: str) -> None:
    assert render(template) == text


def test_a_macro_of_hive_says_what_it_needs() -> None:
    dag = make_dag()
    field = "{{ macros.hive.max_partition('a.b') }}"
    PythonOperator(task_id="t", dag=dag, python_callable=print, op_args=[field])
    outcome = Bench(dag).run("t")
    assert "macros.hive.max_partition needs a Hive metastore" in str(outcome.error)


def test_scheduled_run_has_neighbours_on_the_schedule() -> None:
    dag = DAG("demo", schedule="0 6 * * *", start_date=datetime(2018, 1, 1))
    at = datetime(2018, 10, 2, 6, tzinfo=UTC)
    keys = "{{ prev_ds }} {{ next_ds_nodash }} {{ prev_execution_date.hour }}"
    text = render(keys, dag, at=at, external_trigger=False)
    assert text == "2018-10-01 20181003 6"


def test_run_without_schedule_has_no_neighbours() -> None:
    text = render("{{ prev_ds }} {{ next_execution_date }}", external_trigger=False)
    assert text == "None None"


def test_conf_of_the_run_overrides_params() -> None:
    dag = make_dag(params={"a": 1, "b": Param(2, type="integer")})
    assert render("{{ params.a }} {{ params.b }}", dag, conf={"b": 3}) == "1 3"


def test_param_checks_what_the_run_was_given() -> None:
    dag = make_dag(params={"b": Param(2, type="integer")})
    task = {"task_id": "t", "python_callable": lambda params: None, "dag": dag}
    PythonOperator(**task)
    outcome = Bench(dag, conf={"b": "two"}).run("t")
    assert outcome.error == "ParamInvalid: parameter 'b' must be of type integer, not 'two'"


def test_callable_with_kwargs_gets_every_key_of_the_manual() -> None:
    dag = make_dag()
    PythonOperator(
        task_id="t",
        dag=dag,
        provide_context=True,
        python_callable=lambda **kwargs: sorted(kwargs),
    )
    assert set(Bench(dag).result("t")) >= MANUAL_KEYS


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ("{{ var.value.town }}", "Variable town does not exist"),
        ("{{ var.json.town.a }}", "Variable town does not exist"),
        ("{{ conn.other.host }}", "The conn_id `other` isn't defined"),
    ],
)
def test_what_is_missing_fails_the_try(template: str, error: str) -> None:
    dag = make_dag()
    PythonOperator(task_id="t", dag=dag, python_callable=lambda value: value, op_args=[template])
    outcome = Bench(dag, answer=STORED.answer).run("t")
    assert outcome.state == "failed"
    assert error in (outcome.error or "")


def test_var_shows_what_it_gave_last() -> None:
    def look(var: dict[str, Any]) -> list[str]:
        before = str(var)
        return [before, var["value"].city, var["json"]["cfg"]["a"], str(var)]

    dag = make_dag()
    PythonOperator(task_id="t", dag=dag, python_callable=look)
    before, city, a, after = Bench(dag, answer=STORED.answer).result("t")
    assert before == "{'value': None, 'json': None}"
    assert (city, a) == ("Oslo", {"b": 7})
    assert after == "{'value': 'Oslo', 'json': {'a': {'b': 7}}}"


def test_current_context_exists_only_inside_a_task() -> None:
    dag = make_dag()
    PythonOperator(task_id="t", dag=dag, python_callable=lambda: get_current_context()["ds"])
    assert Bench(dag).result("t") == f"{AT:%Y-%m-%d}"
    with pytest.raises(HubflowException, match="only inside a running task"):
        get_current_context()
