"""DAG: holds tasks, checks ids, cycles and dates, and opens with `with DAG(...)`."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from hubflow import timetable
from hubflow.sdk import dag_context, params, site_defaults, timetables, values, without_effect
from hubflow.sdk.dag_context import TaskHolder, check_id
from hubflow.sdk.edges import as_linkables, topological_order
from hubflow.sdk.exceptions import DuplicateTaskId, InvalidDag, TaskNotFound
from hubflow.sdk.lookups import DagLookups
from hubflow.sdk.operator import BaseOperator
from hubflow.sdk.templating import Templates
from hubflow.sdk.trigger_rule import TriggerRule
from hubflow.timetable import CONTINUOUS, Timetable

_UNSET: Any = object()
VIEWS = ("grid", "tree", "graph", "duration", "gantt", "landing_times", "calendar", "code")
ORIENTATIONS = ("LR", "TB", "RL", "BT")


class DAG(DagLookups, TaskHolder):
    """Tasks with their order, and when they run.

    The first arguments may be positional, as in Airflow 1.10; the meaning of each is in SEMANTICS
    1.2. Use it as a context manager: operators made inside belong to it.

    dag_display_name : what people read instead of the id, in any letters.
    owner_links : owner -> where the name leads on the page, `https:`, `http:` or `mailto:`.
    keep_days, keep_runs : for how many days, and how many of its runs are kept; None as the
        configuration says.
    max_consecutive_failed_dag_runs : after so many failed runs in a row it is switched off; 0 for
        never, None as the configuration says.
    """

    def __init__(
        self,
        dag_id: str,
        description: str | None = None,
        schedule_interval: Any = _UNSET,
        start_date: datetime | str | None = None,
        end_date: datetime | str | None = None,
        full_filepath: str | None = None,
        template_searchpath: str | Iterable[str] | None = None,
        template_undefined: Any = None,
        user_defined_macros: Mapping[str, Any] | None = None,
        user_defined_filters: Mapping[str, Callable[..., Any]] | None = None,
        default_args: Mapping[str, Any] | None = None,
        concurrency: int | None = None,
        max_active_runs: int | None = None,
        dagrun_timeout: timedelta | float | None = None,
        sla_miss_callback: Any = None,
        default_view: str = "grid",
        orientation: str = "LR",
        catchup: bool | None = None,
        on_success_callback: Any = None,
        on_failure_callback: Any = None,
        doc_md: str | None = None,
        params: Mapping[str, Any] | None = None,
        access_control: Mapping[str, Iterable[str]] | None = None,
        is_paused_upon_creation: bool | None = None,
        jinja_environment_kwargs: Mapping[str, Any] | None = None,
        tags: Iterable[str] | None = None,
        *,
        schedule: Any = _UNSET,
        timetable: Any = _UNSET,
        max_active_tasks: int | None = None,
        render_template_as_native_obj: bool = False,
        auto_register: bool = True,
        fail_stop: bool = False,
        fail_fast: bool = False,
        dag_display_name: str | None = None,
        owner_links: Mapping[str, str] | None = None,
        keep_days: int | None = None,
        keep_runs: int | None = None,
        max_consecutive_failed_dag_runs: int | None = None,
        **unknown: Any,
    ) -> None:
        self.dag_id = check_id("dag_id", dag_id)
        self.dag_display_name = values.title("dag_display_name", dag_display_name, self.dag_id)
        self.description = values.optional_text("description", description)
        self.default_args = copy.deepcopy(values.mapping("default_args", default_args))
        self.params = {
            **values.mapping("params", params),
            **values.mapping("params", self.default_args.pop("params", None)),
        }
        self.warnings: list[str] = [
            f"DAG argument {name!r} is not known and does nothing" for name in sorted(unknown)
        ]
        self.timezone = values.zone_of_first(start_date, self.default_args.get("start_date"))
        self.start_date = values.instant("start_date", start_date)
        self.end_date = values.instant("end_date", end_date)
        plain = timetables.plain(_one_schedule(schedule_interval, schedule, timetable))
        self.schedule_interval = plain.schedule
        if plain.timezone is not None:
            self.timezone = values.zone("timezone", plain.timezone)
        if plain.warning is not None:
            self.warnings.append(f"schedule: {plain.warning}")
        limit = concurrency if max_active_tasks is None else max_active_tasks
        self.concurrency = values.whole_number(
            "concurrency", site_defaults.concurrency() if limit is None else limit, low=1
        )
        runs = site_defaults.max_active_runs() if max_active_runs is None else max_active_runs
        self.max_active_runs = values.whole_number("max_active_runs", runs, low=1)
        failures = (
            site_defaults.max_consecutive_failed_dag_runs()
            if max_consecutive_failed_dag_runs is None
            else max_consecutive_failed_dag_runs
        )
        self.max_consecutive_failed_dag_runs = values.whole_number(
            "max_consecutive_failed_dag_runs", failures, low=0
        )
        self.dagrun_timeout = values.optional_duration("dagrun_timeout", dagrun_timeout)
        self.sla_miss_callback = values.callbacks("sla_miss_callback", sla_miss_callback)
        self.default_view = values.one_of("default_view", default_view, VIEWS)
        self.orientation = values.one_of("orientation", orientation, ORIENTATIONS)
        self.catchup = catchup
        self.on_success_callback = values.callbacks("on_success_callback", on_success_callback)
        self.on_failure_callback = values.callbacks("on_failure_callback", on_failure_callback)
        self.doc_md = values.optional_text("doc_md", doc_md)
        self.access_control = access_control
        self.is_paused_upon_creation = (
            None if is_paused_upon_creation is None else bool(is_paused_upon_creation)
        )
        if isinstance(tags, str):
            self.warnings.append(f"tags: one text is one tag; write tags=[{tags!r}]")
        self.tags = values.tags(tags)
        self.owner_links = values.owner_links(owner_links)
        self.auto_register = auto_register
        self.fail_fast = fail_fast or fail_stop
        self.keep_days = values.optional_whole_number("keep_days", keep_days, low=1)
        self.keep_runs = values.optional_whole_number("keep_runs", keep_runs, low=1)
        self.fileloc, self.line = dag_context.whence()
        self.filepath = full_filepath or self.fileloc
        self.template_searchpath = values.texts(template_searchpath)
        self.template_undefined = values.undefined_class("template_undefined", template_undefined)
        self.user_defined_macros = values.mapping("user_defined_macros", user_defined_macros)
        self.user_defined_filters = values.mapping("user_defined_filters", user_defined_filters)
        self.jinja_environment_kwargs = values.mapping(
            "jinja_environment_kwargs", jinja_environment_kwargs
        )
        self.render_template_as_native_obj = render_template_as_native_obj
        self.parent_dag: DAG | None = None
        """The DAG in which a task runs this one as its sub-DAG."""
        self.task_dict: dict[str, BaseOperator] = {}
        self.task_groups: dict[str, Any] = {}
        self.edge_labels: dict[tuple[str, str], str] = {}
        self.implied_edges: set[tuple[str, str]] = set()
        self.warnings += without_effect.of_dag(self)
        # A wrong schedule is told where it is written, not when the first run would be due.
        if self.timetable.kind == CONTINUOUS:
            self.max_active_runs = 1

    # ---- tasks ---------------------------------------------------------------------------------

    def add_task(self, task: BaseOperator) -> None:
        """Take a task in; its `dag` is set by the task itself."""
        if task.task_id in self.task_dict or task.task_id in self.task_groups:
            raise DuplicateTaskId(task.task_id, self.dag_id)
        self.task_dict[task.task_id] = task
        for name in task.unknown_arguments:
            self.warnings.append(
                f"Task {task.task_id!r}: argument {name!r} is not known to "
                f"{task.task_type} and does nothing"
            )

    def add_tasks(self, tasks: Iterable[BaseOperator]) -> None:
        for task in tasks:
            task.attach(self)

    @property
    def max_active_tasks(self) -> int:
        """The newer name of `concurrency`."""
        return self.concurrency

    @property
    def tasks(self) -> list[BaseOperator]:
        return list(self.task_dict.values())

    @property
    def task_ids(self) -> list[str]:
        return list(self.task_dict)

    def get_task(self, task_id: str) -> BaseOperator:
        try:
            return self.task_dict[task_id]
        except KeyError:
            raise TaskNotFound(task_id, self.dag_id) from None

    def has_task(self, task_id: str) -> bool:
        return task_id in self.task_dict

    @property
    def roots(self) -> list[BaseOperator]:
        return [task for task in self.tasks if not task.upstream_task_ids]

    @property
    def leaves(self) -> list[BaseOperator]:
        return [task for task in self.tasks if not task.downstream_task_ids]

    def set_dependency(self, upstream_task_id: str, downstream_task_id: str) -> None:
        self.get_task(upstream_task_id).set_downstream(self.get_task(downstream_task_id))

    def topological_sort(self) -> list[BaseOperator]:
        """Return the tasks so that every edge points forward; raises DagCycle."""
        edges = {task.task_id: task.downstream_task_ids for task in self.tasks}
        return [self.task_dict[task_id] for task_id in topological_order(edges)]

    @property
    def is_subdag(self) -> bool:
        return self.parent_dag is not None

    @property
    def subdags(self) -> list[DAG]:
        """Return the sub-DAGs of this DAG's tasks, with theirs in turn."""
        own = [task.subdag for task in self.tasks if task.subdag is not None]
        return [found for subdag in own for found in (subdag, *subdag.subdags)]

    @property
    def owner(self) -> str:
        return ", ".join(sorted({task.owner for task in self.tasks}))

    # ---- schedule ------------------------------------------------------------------------------

    @property
    def timetable(self) -> Timetable:
        """When runs are due, anchored at the earliest start date."""
        return timetable.parse(
            self.schedule_interval,
            timezone=timetable.zone_name(self.timezone),
            start_date=self.effective_start_date(),
        )

    def effective_start_date(self) -> datetime | None:
        """Return the earliest start date of any task, which is where the schedule begins."""
        dates = [task.effective_start_date() for task in self.tasks]
        default = self.start_date or values.instant(
            "start_date", self.default_args.get("start_date")
        )
        return min((date for date in dates if date is not None), default=default)

    def effective_end_date(self) -> datetime | None:
        """Return the earliest end date of the DAG and its tasks: no run is stamped later."""
        dates = [self.end_date, *(task.effective_end_date() for task in self.tasks)]
        return min((date for date in dates if date is not None), default=None)

    def following_schedule(self, at: datetime) -> datetime | None:
        return self.timetable.next_tick(site_defaults.instant(at))

    def previous_schedule(self, at: datetime) -> datetime | None:
        return self.timetable.previous_tick(site_defaults.instant(at))

    # ---- checks and templates ------------------------------------------------------------------

    def check(self) -> None:
        """Raise InvalidDag if the finished DAG cannot run: a cycle, or no start date."""
        self.topological_sort()
        if self.fail_fast:
            self._check_rules()
        if self.is_subdag or self.timetable.kind == "none":
            return
        self._check_params()
        for task in self.tasks:
            if task.effective_start_date() is None:
                raise InvalidDag(
                    f"Task is missing the start_date parameter: {task.task_id!r} in DAG "
                    f"{self.dag_id!r}, which has a schedule"
                )
        if self.effective_start_date() is None:
            raise InvalidDag(f"DAG {self.dag_id!r} has a schedule but no start_date")

    def _check_params(self) -> None:
        """Refuse params that nobody is there to give when a schedule starts the run."""
        try:
            params.resolve(self.params, {})
        except params.ParamInvalid as exc:
            raise InvalidDag(
                f"DAG {self.dag_id!r} has a schedule, so its params need defaults that fit: {exc}"
            ) from exc

    def _check_rules(self) -> None:
        """Refuse rules that want failures in a DAG in which nothing goes on after the first."""
        for task in self.tasks:
            if task.trigger_rule != TriggerRule.ALL_SUCCESS and not getattr(
                task, "is_teardown", False
            ):
                raise InvalidDag(
                    f"Task {task.task_id!r} has the trigger rule {task.trigger_rule!r}, but its "
                    "DAG has fail_fast, where only all_success makes sense"
                )

    @property
    def folder(self) -> str:
        return str(Path(self.fileloc).parent) if self.fileloc else ""

    @cached_property
    def templates(self) -> Templates:
        return Templates(
            self.folder,
            self.template_searchpath,
            self.user_defined_macros,
            self.user_defined_filters,
            self.template_undefined,
            self.jinja_environment_kwargs,
            self.render_template_as_native_obj,
        )

    # ---- context manager, operators, comparing ---------------------------------------------------

    def __enter__(self) -> Self:
        dag_context.push(self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        dag_context.pop()

    def __rshift__(self, tasks: Any) -> Any:
        for one in as_linkables(tasks):
            one.attach_all(self)
        return tasks

    __lshift__ = __rshift__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DAG) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash((self.dag_id, self.fileloc))

    def __lt__(self, other: DAG) -> bool:
        return self.dag_id < other.dag_id

    def __repr__(self) -> str:
        return f"<DAG: {self.dag_id}>"

    def _identity(self) -> tuple[object, ...]:
        return (
            self.dag_id,
            frozenset(self.task_dict),
            self.start_date,
            self.schedule_interval,
            self.fileloc,
        )


def _one_schedule(*alternatives: Any) -> Any:
    given = [schedule for schedule in alternatives if schedule is not _UNSET]
    if len(given) > 1:
        raise InvalidDag("use either schedule, schedule_interval or timetable, not both")
    return given[0] if given else timedelta(days=1)
