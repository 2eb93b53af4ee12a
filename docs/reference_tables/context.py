"""The context of a task: its keys, what they mean, and their values in two real contexts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any, NamedTuple

from hubflow.operators import BashOperator
from hubflow.questions import FindRuns, GetConnections, GetVariable, Question
from hubflow.sdk import DAG, context, macros
from hubflow.sdk.dag_run import DagRun
from hubflow.sdk.jinja_environment import FILTERS
from hubflow.sdk.runtime import LocalRuntime, XComStore, use_runtime
from hubflow.sdk.taskinstance import TaskInstance
from reference_tables.markdown import code, codes, line, table


class Key(NamedTuple):
    """What a key means, and an example that says more than the value itself."""

    meaning: str
    example: str = ""


KEYS: Mapping[str, Key] = {
    "ds": Key("The execution date as a day."),
    "ds_nodash": Key("The same without dashes."),
    "ts": Key("The execution date, written out."),
    "ts_nodash": Key("Without zone and parts of a second."),
    "ts_nodash_with_tz": Key("With both."),
    "yesterday_ds": Key("The day before the execution date."),
    "yesterday_ds_nodash": Key("The same without dashes."),
    "tomorrow_ds": Key("The day after the execution date."),
    "tomorrow_ds_nodash": Key("The same without dashes."),
    "execution_date": Key("Start of the run's interval, a pendulum date in UTC."),
    "logical_date": Key("The same."),
    "data_interval_start": Key("Start of the interval that the run covers."),
    "data_interval_end": Key("Its end. A run by hand has the last interval that was over then."),
    "prev_execution_date": Key("The date before on the schedule; in a run by hand its own."),
    "next_execution_date": Key("The date after; in a run by hand its own."),
    "prev_ds": Key("`prev_execution_date` as a day."),
    "prev_ds_nodash": Key("The same without dashes."),
    "next_ds": Key("`next_execution_date` as a day."),
    "next_ds_nodash": Key("The same without dashes."),
    "prev_execution_date_success": Key("The date of the last run before that succeeded."),
    "prev_start_date_success": Key("When that run started."),
    "END_DATE": Key("The same as `ds`."),
    "end_date": Key("The same as `ds`."),
    "latest_date": Key("The same as `ds`."),
    "dag": Key("The DAG.", "dag.dag_id"),
    "task": Key("The task, with its templates rendered.", "task.task_id"),
    "ti": Key("The task instance; see below.", "ti.try_number"),
    "task_instance": Key("The same.", "task_instance.task_id"),
    "task_instance_key_str": Key("DAG, task and day in one text."),
    "dag_run": Key("The run; see below.", "dag_run.conf"),
    "run_id": Key("The id of the run."),
    "params": Key("`params` of the DAG, under those of the task, under the conf of the run."),
    "tables": Key("`params.tables`, if there is such a thing."),
    "var": Key("Variables, as text or as JSON.", "var.value.city"),
    "conn": Key("Connections.", "conn.warehouse.host"),
    "conf": Key(
        "Settings of Airflow that hubflow knows; not the run's.",
        "conf.get('my', 'option', fallback='x')",
    ),
    "macros": Key("Functions; see below.", "macros.ds_add(ds, 7)"),
    "test_mode": Key("Whether `hubflow dags test` runs it."),
    "inlets": Key("What the task says that it reads."),
    "outlets": Key("What it says that it writes."),
    "inlet_events": Key(
        "Events of datasets that others wrote: hubflow keeps none.", "inlet_events['s3://a']"
    ),
    "outlet_events": Key(
        "Events of datasets that it writes: taken, and not kept.", "outlet_events['s3://a'].extra"
    ),
    "templates_dict": Key("That of a `PythonOperator`, rendered; else nothing."),
}
SOMETIMES = (
    ("exception", "in `on_failure_callback` and `on_retry_callback`: what was raised"),
    ("reason", "in callbacks of a DAG: why the run ended, see [States](states.md)"),
)
DAY = datetime(2026, 3, 1, tzinfo=UTC)
BY_HAND = datetime(2026, 3, 1, 9, 56, 5, 289457, tzinfo=UTC)


def keys() -> str:
    """Tabulate every key with its values in a scheduled run and in one that was started by hand."""
    scheduled, by_hand = scheduled_run(), run_by_hand()
    if strange := set(scheduled.context) ^ KEYS.keys():
        raise ValueError(f"docs/reference_tables/context.py does not fit the context: {strange}")
    rows = []
    for name, key in KEYS.items():
        shown = key.example or name
        values = [run.render(f"{{{{ {shown} }}}}") for run in (scheduled, by_hand)]
        expression = code(f"{{{{ {shown} }}}}")
        kind = type_of(scheduled.context[name])
        rows.append((code(name), kind, key.meaning, expression, *values))
    return table(["key", "type", "", "template", "scheduled", "by hand"], rows)


def sometimes() -> str:
    """Tabulate the keys that only some contexts have."""
    return table(["key", "where"], [(code(name), where) for name, where in SOMETIMES])


def functions() -> str:
    """Tabulate the macros."""
    rows = []
    for name in sorted([*macros.__all__, *macros._LATE]):
        found = getattr(macros, name)
        own = getattr(found, "__module__", None) == macros.__name__
        rows.append((code(f"macros.{name}"), line(found) if own else of_python(name, found)))
    return table(["macro", ""], rows)


def filters() -> str:
    """Tabulate the filters of templates."""
    run = run_by_hand()
    used = [f"{{{{ execution_date | {name} }}}}" for name in FILTERS]
    rows = [(code(template), run.render(template)) for template in used]
    return table(["filter", "by hand"], rows)


def attributes() -> str:
    """Name what a task instance and a run have."""
    run = run_by_hand()
    rows = [
        (code("ti"), codes(public(run.context["ti"], without={"leg", "rules_out", "output_of"}))),
        (code("dag_run"), codes(public(run.context["dag_run"], without=set()))),
    ]
    return table(["", "has"], rows)


def public(thing: object, without: set[str]) -> list[str]:
    """Return the names of an object that authors use; methods with `()`."""
    found = sorted({*vars(thing), *vars(type(thing))} - without)
    named = [name for name in found if not name.startswith("_")]
    return [f"{name}()" if callable(getattr(type(thing), name, None)) else name for name in named]


def of_python(name: str, found: object) -> str:
    """Say where in Python a macro comes from."""
    if isinstance(found, ModuleType):
        return f"The module `{found.__name__}`."
    return f"`{getattr(found, '__module__', None) or 'random'}.{name}` of Python."


def type_of(value: object) -> str:
    """Name the type of a value as authors know it."""
    if isinstance(value, ModuleType):
        return "module"
    return "" if value is None else type(value).__name__.removeprefix("_")


class Example:
    """A context, and what templates make of it."""

    def __init__(self, run: DagRun, task: BashOperator) -> None:
        self.ti = TaskInstance(task, run)
        self.context = context.build(self.ti)

    def render(self, template: str) -> str:
        """Render as a running task would."""
        with use_runtime(LocalRuntime(XComStore(), "load", self.ti.execution_date, answer)):
            return code(str(self.ti.task.render_template(template, self.context)))


def scheduled_run() -> Example:
    """Return the context of a task in a run that the schedule made."""
    day = timedelta(days=1)
    run = DagRun(
        dag_id="sales",
        run_id=f"scheduled__{DAY.isoformat()}",
        execution_date=DAY,
        data_interval_start=DAY,
        data_interval_end=DAY + day,
        run_type="scheduled",
        external_trigger=False,
    )
    return Example(run, make_task())


def run_by_hand() -> Example:
    """Return the context of a task in a run that somebody started."""
    task = make_task()
    start, end = task.dag.timetable.manual_interval(BY_HAND)
    run = DagRun(
        dag_id="sales",
        run_id=f"manual__{BY_HAND.isoformat()}",
        execution_date=BY_HAND,
        data_interval_start=start,
        data_interval_end=end,
        conf={"region": "south"},
    )
    return Example(run, task)


def make_task() -> BashOperator:
    """Return a task of a daily DAG."""
    params: dict[str, Any] = {"region": "north", "tables": ["orders"]}
    with DAG("sales", schedule="@daily", start_date=datetime(2026, 1, 1), params=params):
        return BashOperator(task_id="load", bash_command="true")


def answer(question: Question) -> Any:
    """Answer as a database with one variable and one connection."""
    match question:
        case GetVariable():
            return "Oslo"
        case GetConnections(conn_id=conn_id):
            return [{"conn_id": conn_id, "conn_type": "postgres", "host": "dwh.example.org"}]
        case FindRuns(dag_id=dag_id):
            at = DAY - timedelta(days=1)
            run = {"run_id": f"scheduled__{at.isoformat()}", "execution_date": at}
            return [{"dag_id": dag_id, **run, "start_date": DAY + timedelta(seconds=1)}]
    raise ValueError(f"nobody expected {question}")
