"""DAGs as plain data: what is kept, in which order, and what their hash depends on."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pendulum
import pytest

from hubflow.operators import BashOperator, DummyOperator, PythonOperator
from hubflow.sdk import DAG
from hubflow.sdk.loader import load_source
from hubflow.sdk.params import Param
from hubflow.serialization.decode import FormatUnknown, decode, to_json
from hubflow.serialization.encode import code_of, encode, meaning_hash
from hubflow.serialization.values import to_plain, to_text
from unit.sdk.bench import make_dag

SOURCE = """
from datetime import datetime
from hubflow import DAG
from hubflow.operators import BashOperator, PythonOperator

class Thing:
    pass

def work():
    '''Docstring.'''
    return 1

with DAG("demo", schedule="@daily", start_date=datetime(2026, 1, 1),
         params={"set": {"b", "a", "c"}, "thing": Thing()}) as dag:
    a = BashOperator(task_id="a", bash_command="true", env={"Y": "1", "X": "2"})
    b = PythonOperator(task_id="b", python_callable=work, op_kwargs={"what": {"q", "p"}})
    a >> b
"""


def hash_of(source: str, folder: Path) -> str:
    (dag,) = load_source("demo.py", source, folder)
    return meaning_hash(encode(dag, "demo.py"), code_of(source))


def test_texts_too_long_for_lists_are_cut_with_a_warning() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    dag = DAG("d", start_date=start, description="x" * 5_001, doc_md="y" * 100_001)
    encoded = encode(dag, "d.py")
    assert (len(encoded.description or ""), len(encoded.doc_md or "")) == (5_000, 100_000)
    assert [text.partition(" has ")[0] for text in encoded.warnings] == ["description", "doc_md"]
    assert dag.warnings == []


def test_resources_of_tasks_are_kept() -> None:
    dag = make_dag()
    DummyOperator(task_id="a", dag=dag, resources={"cpus": 0.5, "ram": 512})
    DummyOperator(task_id="b", dag=dag)
    tasks = decode(to_json(encode(dag, "d.py"))).tasks
    assert [task.resources for task in tasks] == [{"cpus": 0.5, "ram": 512}, {}]


def test_links_of_owners_are_kept() -> None:
    links = {"ann": "https://example.com/ann", "team": "mailto:team@example.com"}
    dag = make_dag(owner_links=links)
    assert decode(to_json(encode(dag, "d.py"))).owner_links == links
    assert dag.warnings == []


def test_only_names_that_are_not_the_id_are_kept() -> None:
    dag = make_dag(dag_display_name="Sales")
    DummyOperator(task_id="a", dag=dag, task_display_name="Load")
    DummyOperator(task_id="b", dag=dag, task_display_name="b")
    encoded = decode(to_json(encode(dag, "d.py")))
    assert encoded.display_name == "Sales"
    assert [task.display_name for task in encoded.tasks] == ["Load", None]
    assert encode(make_dag(), "d.py").display_name is None


@pytest.mark.parametrize(
    ("docs", "told"),
    [
        ({"doc": "plain", "doc_md": "*md*"}, "*md*"),
        ({"doc_rst": "rst", "doc_yaml": "a: 1"}, "rst"),
        ({"doc_json": "{}"}, "```json\n{}\n```"),
        ({"doc_yaml": "a: 1"}, "```yaml\na: 1\n```"),
        ({}, None),
    ],
)
def test_any_kind_of_doc_of_a_task_is_kept(docs: dict[str, str], told: str | None) -> None:
    dag = make_dag()
    DummyOperator(task_id="t", dag=dag, **docs)
    later = DummyOperator(task_id="u", dag=dag)
    for name, text in docs.items():
        setattr(later, name, text)
    encoded = encode(dag, "d.py")
    assert [task.doc for task in encoded.tasks] == [told, told]
    assert not encoded.warnings


def test_dates_of_pendulum_are_kept_as_plain_ones() -> None:
    start = pendulum.datetime(2026, 1, 1, 8, tz="Europe/Berlin")
    dag = make_dag(start_date=start, schedule="@daily")
    encoded = encode(dag, "demo.py")
    assert type(encoded.start_date) is datetime
    assert decode(to_json(encoded)).start_date == start
    assert encoded.schedule.timezone == "Europe/Berlin"


def test_round_trip(tmp_path: Path) -> None:
    (dag,) = load_source("demo.py", SOURCE, tmp_path)
    encoded = encode(dag, "demo.py")
    assert decode(to_json(encoded)) == encoded
    assert encoded.schedule.cron == "0 0 * * *"
    assert encoded.schedule.text == "@daily"
    assert encoded.start_date == datetime(2026, 1, 1, tzinfo=UTC)
    assert encoded.params == {"set": ["a", "b", "c"], "thing": "<Thing>"}
    assert encoded.tasks[0].downstream == ("b",)


def test_the_schemas_of_params_are_kept() -> None:
    params = {"n": Param(1, description="how many", type="integer", maximum=10), "free": 2}
    encoded = encode(make_dag(params=params), "demo.py")
    assert encoded.params == {"n": 1, "free": 2}
    schema = {"type": "integer", "maximum": 10, "description": "how many"}
    assert encoded.param_schemas == {"n": schema}


def test_newer_format_is_refused() -> None:
    encoded = msgspec.to_builtins(encode(make_dag(), "demo.py"))
    with pytest.raises(FormatUnknown, match="has format 99 and this hubflow reads up to 1"):
        decode(msgspec.json.encode({**encoded, "format": 99}))


def test_tasks_are_in_topological_order_and_ties_by_id() -> None:
    dag = make_dag()
    z, y, x, w = (DummyOperator(task_id=name, dag=dag) for name in "zyxw")
    z >> w
    x >> w
    assert [task.task_id for task in encode(dag, "p").tasks] == ["x", "y", "z", "w"]
    assert y.task_id == "y"


def test_effective_weights() -> None:
    dag = make_dag()
    rules = {"a": "downstream", "b": "downstream", "c": "upstream", "d": "absolute"}
    tasks = {
        name: DummyOperator(task_id=name, dag=dag, weight_rule=rule, priority_weight=n)
        for n, (name, rule) in enumerate(rules.items(), start=1)
    }
    tasks["a"] >> [tasks["b"], tasks["c"]] >> tasks["d"]
    weights = {task.task_id: task.priority_weight for task in encode(dag, "p").tasks}
    # own weights a=1 b=2 c=3 d=4; d counts once although two ways lead to it.
    assert weights == {"a": 10, "b": 6, "c": 4, "d": 4}


def test_weights_end_where_the_columns_of_the_database_do() -> None:
    dag = make_dag()
    names = ["a", "b", "c"]
    tasks = [DummyOperator(task_id=n, dag=dag, priority_weight=2**31 - 1) for n in names]
    tasks[0] >> tasks[1] >> tasks[2]
    assert {task.priority_weight for task in encode(dag, "p").tasks} == {2**31 - 1}


def test_every_task_keeps_its_own_end_though_the_dag_has_the_earliest_one() -> None:
    dag = make_dag()
    early, late = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    for name, end in {"a": early, "b": late, "c": None}.items():
        DummyOperator(task_id=name, dag=dag, end_date=end)
    encoded = encode(dag, "p")
    assert encoded.end_date == early
    assert [task.end_date for task in encoded.tasks] == [early, late, None]


def test_all_facts_that_rules_need_are_kept() -> None:
    dag = DAG(
        "demo",
        schedule=timedelta(hours=6),
        start_date=datetime(2026, 1, 1),
        catchup=None,
        dagrun_timeout=timedelta(minutes=5),
        max_active_runs=2,
        concurrency=3,
        default_args={"owner": "ada"},
    )
    BashOperator(
        task_id="t",
        dag=dag,
        bash_command="echo x",
        retries=2,
        retry_delay=7,
        retry_exponential_backoff=True,
        max_retry_delay=60,
        depends_on_past=True,
        pool="p",
        execution_timeout=9,
        start_date="2026-02-01",
        trigger_rule="one_failed",
    )
    encoded = encode(dag, "p", catchup_by_default=False)
    assert (encoded.schedule.kind, encoded.schedule.delta_s) == ("delta", 21600.0)
    assert (encoded.catchup, encoded.dagrun_timeout_s) == (False, 300.0)
    assert (encoded.max_active_runs, encoded.concurrency, encoded.owners) == (2, 3, ("ada",))
    task = encoded.tasks[0]
    assert (task.retries, task.retry_delay_s, task.max_retry_delay_s) == (2, 7.0, 60.0)
    assert (task.depends_on_past, task.pool, task.trigger_rule) == (True, "p", "one_failed")
    assert task.execution_timeout_s == 9.0
    assert task.bash is not None
    assert task.bash.command == "echo x"
    assert encoded.start_date == datetime(2026, 2, 1, tzinfo=UTC)
    assert task.start_date is None


def test_notebook_operators_are_known_by_their_attributes() -> None:
    task = DummyOperator(task_id="t", dag=make_dag())
    vars(task).update(input_notebook="in.ipynb", output_notebook=None, parameters={"a": {1, 2}})
    (encoded,) = encode(task.dag, "p").tasks
    assert encoded.notebook is not None
    assert encoded.notebook.parameters == {"a": [1, 2]}


@pytest.mark.parametrize(
    ("change", "is_new"),
    [
        (lambda s: s, False),
        (lambda s: "# comment\n" + s.replace("    return 1", "    return 1  # one\n\n"), False),
        (lambda s: s.replace("'''Docstring.'''", "'''Other words.'''"), False),
        (lambda s: s.replace("'''Docstring.'''\n    ", ""), False),
        (lambda s: s.replace('bash_command="true"', "bash_command='true'"), False),
        (lambda s: s.replace("return 1", "return 2"), True),
        (lambda s: s.replace("a >> b", "b >> a"), True),
        (lambda s: s.replace('"X": "2"', '"X": "3"'), True),
    ],
)
def test_hash_changes_with_the_meaning_only(tmp_path: Path, change: Any, is_new: bool) -> None:
    assert (hash_of(change(SOURCE), tmp_path) != hash_of(SOURCE, tmp_path)) is is_new


def test_hash_is_the_same_in_every_process(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from hubflow.sdk.loader import load_source\n"
        "from hubflow.serialization.encode import code_of, encode, meaning_hash\n"
        "source = sys.stdin.read()\n"
        "(dag,) = load_source('demo.py', source, Path(sys.argv[1]))\n"
        "print(meaning_hash(encode(dag, 'demo.py'), code_of(source)))\n"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)],
            input=SOURCE,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert hashes == {hash_of(SOURCE, tmp_path)}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is", "as it is"),
        ({"b": 1, "a": (1, 2)}, '{"b": 1, "a": [1, 2]}'),
        ({3, 1, 2}, "[1, 2, 3]"),
        (timedelta(hours=1), '"1:00:00"'),
        (datetime(2026, 1, 1, tzinfo=UTC), '"2026-01-01T00:00:00+00:00"'),
        (test_round_trip, '"<test_round_trip>"'),
        (object(), '"<object>"'),
        (2**70, f'"{2**70}"'),
        (None, "null"),
    ],
)
def test_values_as_text(value: Any, text: str) -> None:
    assert to_text(value) == text


def test_plain_values_hold_no_address() -> None:
    assert " at 0x" not in to_text([object(), lambda: 1, PythonOperator, to_plain])


def test_ten_thousand_tasks_are_encoded_in_a_few_seconds() -> None:
    dag = make_dag()
    before: list[DummyOperator] = []
    for layer in range(1_000):
        tasks = [DummyOperator(task_id=f"t{layer:04d}_{n}", dag=dag) for n in range(10)]
        for task, upstream in zip(tasks, before, strict=False):
            upstream >> task
        before = tasks
    encoded = encode(dag, "p")
    assert len(encoded.tasks) == 10_000
    assert encoded.tasks[0].priority_weight == 1_000


def test_limits_within_a_run_and_a_first_instance_without_past_are_kept() -> None:
    with DAG("d", schedule=None) as dag:
        DummyOperator(
            task_id="t",
            max_active_tis_per_dagrun=2,
            ignore_first_depends_on_past=True,
            wait_for_past_depends_before_skipping=True,
        )
    (kept,) = encode(dag, "d.py").tasks
    assert (kept.max_active_tis_per_dagrun, kept.ignore_first_depends_on_past) == (2, True)
    assert kept.wait_for_past_depends_before_skipping
