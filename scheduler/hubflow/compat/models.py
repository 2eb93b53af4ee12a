"""What `airflow.models` has beyond DAGs and operators.

Lookups ask the scheduler by the questions that any task may ask. What needs Airflow's own tables
can be imported and says at its first use that it is not here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from hubflow.clock import as_utc
from hubflow.questions import DeleteXCom, GetDag, TriggerRun
from hubflow.sdk import stored, xcom
from hubflow.sdk.context import get_current_context
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.runtime import current_runtime
from hubflow.sdk.taskinstance import TaskInstance

ParamsDict = dict


class BaseOperatorLink:
    """A link that Airflow's pages show for a task; hubflow's do not."""

    name: ClassVar[str] = ""
    operators: ClassVar[list[type]] = []

    def get_link(self, operator: Any, *args: Any, **kwargs: Any) -> str:
        return ""


class _Table(type):
    """Lets a class of Airflow's tables be named, and not be asked for rows or columns."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise HubflowException(
            f"{cls.__name__}.{name}: tasks have no access to the metadata database in hubflow; use "
            "the REST API"
        )


class DagBag(metaclass=_Table):
    """All DAGs of Airflow's folder."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise HubflowException(
            "DagBag would import every DAG file in this task; ask for one DAG with "
            "DagModel.get_dagmodel(dag_id), or use the REST API"
        )


class DagPickle(metaclass=_Table):
    """A pickled DAG."""


class DagTag(metaclass=_Table):
    """A tag of a DAG."""


class ImportError(metaclass=_Table):
    """Why a file could not be imported."""


class Log(metaclass=_Table):
    """What somebody did."""


class TaskFail(metaclass=_Table):
    """A try that failed."""


class TaskReschedule(metaclass=_Table):
    """A sensor that looks again later."""


class Pool(metaclass=_Table):
    """A number of slots that tasks share."""


@dataclass
class SlaMiss:
    """A task that was not done in time, as `sla_miss_callback` gets it (SEMANTICS 5.6)."""

    dag_id: str
    task_id: str
    execution_date: datetime
    timestamp: datetime | None = None
    email_sent: bool = False
    notification_sent: bool = False
    description: str | None = None


@dataclass
class DagModel:
    """What is known of a DAG without its file."""

    dag_id: str
    is_paused: bool
    is_active: bool

    @classmethod
    def get_dagmodel(cls, dag_id: str, session: Any = None) -> DagModel | None:
        """Return a DAG by its id, or None."""
        found = current_runtime().ask(GetDag(dag_id=dag_id))
        return found and cls(found["dag_id"], found["is_paused"], found["is_active"])

    get_current = get_dagmodel


class XCom:
    """Values that tasks have pushed, of any DAG."""

    @staticmethod
    def get_one(
        execution_date: datetime | None = None,
        key: str | None = None,
        task_id: str | None = None,
        dag_id: str | None = None,
        include_prior_dates: bool = False,
        **_: Any,
    ) -> Any:
        """Return the newest value that fits; None if there is none."""
        found = _pull(execution_date, key, task_id, dag_id, include_prior_dates)
        return xcom.pick(found, None)

    @staticmethod
    def get_many(
        execution_date: datetime | None = None,
        key: str | None = None,
        task_ids: str | Iterable[str] | None = None,
        dag_ids: str | None = None,
        include_prior_dates: bool = False,
        limit: int = 100,
        **_: Any,
    ) -> list[Any]:
        """Return the values that fit, newest first, at most ``limit``."""
        found = _pull(execution_date, key, task_ids, dag_ids, include_prior_dates, limit)
        return [
            XComRow(
                dag_id=dag_ids or "",
                task_id=item.task_id,
                execution_date=item.execution_date,
                key=item.key,
                value=xcom.decode(item.encoding, item.data),
                timestamp=item.at,
                map_index=item.map_index,
            )
            for item in found
        ]

    @staticmethod
    def set(
        key: str,
        value: Any,
        execution_date: datetime,
        task_id: str,
        dag_id: str,
        session: Any = None,
    ) -> None:
        """Store a value under a task of the run in which this task runs.

        It is pulled at ``execution_date``, also at one before that of the run. Values of other
        DAGs are refused: those who wrote them decide what their tasks load.
        """
        ti = _own_task("XCom.set", dag_id)
        runtime = current_runtime()
        item = xcom.encode(key, value, runtime.xcom_limit_bytes)
        date = as_utc(execution_date)
        runtime.push_xcom(
            item,
            None if date == as_utc(ti.execution_date) else date,
            None if task_id == ti.task_id else task_id,
        )

    @staticmethod
    def delete(xcoms: XComRow | Iterable[XComRow], session: Any = None) -> None:
        """Delete values of this task's DAG, as `get_many` returned them."""
        for row in [xcoms] if isinstance(xcoms, XComRow) else xcoms:
            _own_task("XCom.delete", row.dag_id)
            current_runtime().ask(
                DeleteXCom(
                    execution_date=row.execution_date,
                    task_id=row.task_id,
                    key=row.key,
                    map_index=row.map_index,
                )
            )


@dataclass(frozen=True)
class XComRow:
    """One pushed value; `execution_date` is that at which it is pulled."""

    dag_id: str
    task_id: str
    execution_date: datetime
    key: str
    value: Any
    timestamp: datetime
    map_index: int = -1


def _own_task(what: str, dag_id: str) -> TaskInstance:
    """Return the task instance that runs here; raises if it belongs to another DAG."""
    ti: TaskInstance = get_current_context()["ti"]
    if ti.dag_id != dag_id:
        raise HubflowException(
            f"{what}: a task of {ti.dag_id!r} cannot change XComs of {dag_id!r}; let a task of "
            "that DAG do it, or hand the value over with TriggerDagRunOperator's conf"
        )
    return ti


def trigger_dag(
    dag_id: str,
    run_id: str | None = None,
    conf: Mapping[str, Any] | str | None = None,
    execution_date: datetime | None = None,
    replace_microseconds: bool = True,
    **_: Any,
) -> dict[str, Any]:
    """Start a run of another DAG from a task; return its `run_id`, `execution_date` and `state`."""
    text = conf.encode() if isinstance(conf, str) else stored.plain_dumps(conf or {}, "conf")
    question = TriggerRun(
        dag_id=dag_id,
        run_id=run_id,
        execution_date=None if execution_date is None else as_utc(execution_date),
        conf=text,
    )
    return dict(current_runtime().ask(question))


def clear_task_instances(*args: Any, **kwargs: Any) -> None:
    """Airflow clears rows of a session with it."""
    raise HubflowException("clear_task_instances: clear tasks with the REST API or `hubflow tasks`")


def _pull(
    execution_date: datetime | None,
    key: str | None,
    task_ids: str | Iterable[str] | None,
    dag_id: str | None,
    include_prior_dates: bool,
    limit: int | None = None,
) -> list[xcom.XComFound]:
    if execution_date is None or dag_id is None:
        raise HubflowException("name the dag_id and the execution_date of the XCom")
    wanted = (task_ids,) if isinstance(task_ids, str) else tuple(task_ids or ())
    return current_runtime().pull_xcoms(
        xcom.XComQuery(
            dag_id=dag_id,
            execution_date=as_utc(execution_date),
            task_ids=wanted or None,
            key=key,
            include_prior_dates=include_prior_dates,
            limit=limit,
        )
    )
