"""BaseOperator: the arguments that all tasks share, and the methods that operators override."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, NoReturn

from hubflow.clock import as_utc
from hubflow.sdk import site_defaults, values
from hubflow.sdk.dag_context import TaskHolder, check_id, current_dag
from hubflow.sdk.defaults import wrap_class
from hubflow.sdk.exceptions import InvalidDag, TaskDeferralError, TaskDeferred
from hubflow.sdk.relatives import Relatives
from hubflow.sdk.task_group import TaskGroup, current_group
from hubflow.sdk.templating import Templates
from hubflow.sdk.trigger_rule import TriggerRule, WeightRule
from hubflow.sdk.xcom_arg import XComArg, outputs_in

_CALLBACKS = (
    "on_failure_callback",
    "on_success_callback",
    "on_retry_callback",
    "on_execute_callback",
    "on_skipped_callback",
)
_METHODS = ("execute", "pre_execute", "post_execute", "prepare_template", "on_kill")

Callback = Callable[[MutableMapping[str, Any]], Any]
Callbacks = Callback | Sequence[Callback] | None


class PlainCommand(NamedTuple):
    """A command for bash that needs no Python around it. ``env`` None inherits."""

    command: str
    env: dict[str, str] | None


class BaseOperator(Relatives):
    """One task of a DAG. Subclasses override `execute`; arguments are keyword-only.

    Every named argument may also come from `default_args` (SEMANTICS 1.3 and 2.1).

    Parameters
    ----------
    task_id : letters, digits, `-`, `.`, `_`, at most 250; unique in the DAG.
    task_display_name : what people read instead of the id, in any letters.
    owner : whom the lists name.
    email, email_on_failure, email_on_retry : who is mailed, and about what.
    retries : tries after the first one.
    retry_delay : timedelta or seconds before the next try.
    retry_exponential_backoff : the waits double.
    max_retry_delay : timedelta or seconds that a wait takes at most.
    start_date, end_date : dates of the first and the last run that has this task.
    depends_on_past : runs only if it succeeded, or was skipped, in the run before.
    wait_for_downstream : also only if the tasks right after it did so there.
    ignore_first_depends_on_past : its very first instance in the DAG depends on no run before.
    wait_for_past_depends_before_skipping : with depends_on_past, it waits for the run before also
        when its upstream tasks have it skipped.
    params : over those of the DAG, under the conf of the run.
    priority_weight, weight_rule : who gets a slot first; the weight is summed over the relatives
        that the rule names: downstream, upstream, or none for absolute.
    queue : only workers that serve it (`Worker.queues`) take the task.
    run_as_user : unix user as whom it runs; the worker has to run as root, and the user must be
        able to read the DAG's folder, and to run the kernel of its notebook (which is not one
        of the warm ones). A task that the worker cannot run so fails.
    pool, pool_slots : the pool, and how many of its slots a try takes; None is `default_pool`.
    sla : timedelta or seconds after the end of the interval by which it should be done.
    execution_timeout : timedelta or seconds that a try may take.
    on_failure_callback, on_success_callback, on_retry_callback, on_execute_callback : functions, or
        lists of them, that are called with the context.
    on_skipped_callback : the same; without it, on_success_callback hears of skips.
    trigger_rule : which states of the tasks before it let it run.
    task_concurrency, max_active_tis_per_dag : how many of its instances may be under way, over all
        runs.
    max_active_tis_per_dagrun : how many of its instances may be under way within one run.
    resources : numbers of `cpus`, `gpus`, and `ram` and `disk` in MB that it needs, for people: the
        details of the task show them, and nothing reserves or limits them.
    executor_config : kept on the task, for operators that look at it.
    do_xcom_push : whether what `execute` returns is pushed.
    map_index_template : of a mapped task, a template of what people call an instance; it is
        rendered when `execute` has ended, with what that put into the context.
    logger_name : the task writes as the logger `airflow.task.operators.<logger_name>`.
    executor : accepted; there is one way to run tasks.
    inlets, outlets : what the context shows under these names.
    description, doc, doc_md, doc_rst, doc_json, doc_yaml : shown with the task; the first doc that
        there is, of which only Markdown is read as such.
    """

    template_fields: ClassVar[Iterable[str]] = ()
    template_ext: Sequence[str] = ()
    ui_color: str = "#fff"
    ui_fgcolor: str = "#000"
    shallow_copy_attrs: Sequence[str] = ()
    operator_extra_links: Sequence[Any] = ()

    is_mapped = False
    """Whether it stands for as many instances as there are values to expand over."""
    subdag: Any = None
    """The DAG that a SubDagOperator runs."""

    logger_name: str | None = None
    """Of the class, too: some operators are made without their arguments, to call a function."""

    doc: str | None = None
    doc_md: str | None = None
    doc_rst: str | None = None
    doc_json: str | None = None
    doc_yaml: str | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        wrap_class(cls)

    def __init__(
        self,
        *,
        task_id: str,
        owner: str | None = None,
        email: str | Iterable[str] | None = None,
        email_on_failure: bool = True,
        email_on_retry: bool = True,
        retries: int | None = None,
        retry_delay: timedelta | float = timedelta(seconds=300),
        retry_exponential_backoff: bool = False,
        max_retry_delay: timedelta | float | None = None,
        start_date: datetime | str | None = None,
        end_date: datetime | str | None = None,
        depends_on_past: bool = False,
        wait_for_downstream: bool = False,
        ignore_first_depends_on_past: bool = False,
        wait_for_past_depends_before_skipping: bool = False,
        dag: TaskHolder | None = None,
        params: Mapping[str, Any] | None = None,
        default_args: Mapping[str, Any] | None = None,
        priority_weight: int = 1,
        weight_rule: str = WeightRule.DOWNSTREAM,
        queue: str | None = "default",
        pool: str | None = None,
        pool_slots: int = 1,
        sla: timedelta | float | None = None,
        execution_timeout: timedelta | float | None = None,
        on_failure_callback: Callbacks = None,
        on_success_callback: Callbacks = None,
        on_retry_callback: Callbacks = None,
        on_execute_callback: Callbacks = None,
        on_skipped_callback: Callbacks = None,
        trigger_rule: str = TriggerRule.ALL_SUCCESS,
        resources: Mapping[str, Any] | None = None,
        run_as_user: str | None = None,
        task_concurrency: int | None = None,
        max_active_tis_per_dag: int | None = None,
        max_active_tis_per_dagrun: int | None = None,
        executor_config: Mapping[str, Any] | None = None,
        do_xcom_push: bool = True,
        inlets: Any = None,
        outlets: Any = None,
        description: str | None = None,
        doc: str | None = None,
        doc_md: str | None = None,
        doc_rst: str | None = None,
        doc_json: str | None = None,
        doc_yaml: str | None = None,
        pre_execute: Callable[[Any], Any] | None = None,
        post_execute: Callable[[Any, Any], Any] | None = None,
        task_group: TaskGroup | None = None,
        task_display_name: str | None = None,
        map_index_template: str | None = None,
        logger_name: str | None = None,
        executor: str | None = None,
        **unknown: Any,
    ) -> None:
        home = dag or (task_group.dag if task_group else None) or current_dag()
        self.task_group = task_group or current_group(home)
        self.label = task_id
        self.task_id = check_id(
            "task_id", self.task_group.child_id(task_id) if self.task_group else task_id
        )
        self.task_display_name = values.title("task_display_name", task_display_name, self.task_id)
        self.upstream_task_ids: set[str] = set()
        self.downstream_task_ids: set[str] = set()
        self._dag: TaskHolder | None = None
        self.owner = values.word("owner", owner, site_defaults.owner())
        self.email = values.addresses(email)
        self.email_on_failure = bool(email_on_failure)
        self.email_on_retry = bool(email_on_retry)
        tries = site_defaults.retries() if retries is None else retries
        self.retries = values.whole_number("retries", tries, low=0)
        self.retry_delay = values.duration("retry_delay", retry_delay)
        self.retry_exponential_backoff = bool(retry_exponential_backoff)
        self.max_retry_delay = values.optional_duration("max_retry_delay", max_retry_delay)
        self.start_date = values.instant("start_date", start_date)
        self.end_date = values.instant("end_date", end_date)
        self.depends_on_past = bool(depends_on_past or wait_for_downstream)
        self.wait_for_downstream = bool(wait_for_downstream)
        self.ignore_first_depends_on_past = bool(ignore_first_depends_on_past)
        self.wait_for_past_depends_before_skipping = bool(wait_for_past_depends_before_skipping)
        self.params = values.mapping("params", params)
        self.priority_weight = values.whole_number(
            "priority_weight", priority_weight, low=-values.LARGEST
        )
        self.weight_rule = values.member("weight_rule", weight_rule, WeightRule)
        self.queue = values.word("queue", queue, "default")
        self.pool = values.word("pool", pool, "default_pool")
        self.pool_slots = values.whole_number("pool_slots", pool_slots, low=1)
        self.sla = values.optional_duration("sla", sla)
        self.execution_timeout = values.optional_duration("execution_timeout", execution_timeout)
        self.on_failure_callback = values.callbacks("on_failure_callback", on_failure_callback)
        self.on_success_callback = values.callbacks("on_success_callback", on_success_callback)
        self.on_retry_callback = values.callbacks("on_retry_callback", on_retry_callback)
        self.on_execute_callback = values.callbacks("on_execute_callback", on_execute_callback)
        self.on_skipped_callback = values.callbacks("on_skipped_callback", on_skipped_callback)
        self.trigger_rule = values.member("trigger_rule", trigger_rule, TriggerRule)
        self.resources = values.resources(resources)
        self.run_as_user = values.optional_text("run_as_user", run_as_user)
        limit = task_concurrency if task_concurrency is not None else max_active_tis_per_dag
        self.task_concurrency = (
            None if limit is None else values.whole_number("task_concurrency", limit, low=1)
        )
        self.max_active_tis_per_dagrun = (
            None
            if max_active_tis_per_dagrun is None
            else values.whole_number("max_active_tis_per_dagrun", max_active_tis_per_dagrun, low=1)
        )
        self.executor_config = values.mapping("executor_config", executor_config)
        self.map_index_template = values.optional_text("map_index_template", map_index_template)
        self.logger_name = values.optional_text("logger_name", logger_name)
        self.executor = values.optional_text("executor", executor)
        self.do_xcom_push = bool(do_xcom_push)
        self.inlets = inlets
        self.outlets = outlets
        self.description = values.optional_text("description", description)
        self.doc = doc or self.doc
        self.doc_md = doc_md or self.doc_md
        self.doc_rst = doc_rst or self.doc_rst
        self.doc_json = doc_json or self.doc_json
        self.doc_yaml = doc_yaml or self.doc_yaml
        # As methods of this object, which is how they are called; the type has its own.
        if pre_execute is not None:
            self.__dict__["pre_execute"] = pre_execute
        if post_execute is not None:
            self.__dict__["post_execute"] = post_execute
        self.run_dag_id: str | None = None
        self.unknown_arguments: tuple[str, ...] = tuple(sorted(unknown))
        if home is not None:
            self.dag = home

    # ---- what operators override -----------------------------------------------------------

    make_partial: ClassVar[Callable[[type[BaseOperator], Mapping[str, Any]], Any]]
    """Set by `sdk.mapped`, whose mapped operators are operators themselves."""

    @classmethod
    def partial(cls, **fixed: Any) -> Any:
        """Fix arguments that all instances of a mapped task share; `.expand(…)` gives the rest."""
        return BaseOperator.make_partial(cls, fixed)

    def unmap(self, context: Mapping[str, Any], map_index: int) -> BaseOperator:
        """Return the operator of one instance of this task."""
        return self

    @classmethod
    def argument_names(cls) -> list[str]:
        """Return the names of the arguments that this class itself takes."""
        parameters = inspect.signature(cls.__init__).parameters.values()
        return [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]

    def execute(self, context: MutableMapping[str, Any]) -> Any:
        """Do the work; the return value is pushed as an XCom."""
        raise NotImplementedError(f"{type(self).__name__} has no execute()")

    def pre_execute(self, context: MutableMapping[str, Any]) -> None:
        """Called just before `execute`."""

    def post_execute(self, context: MutableMapping[str, Any], result: Any = None) -> None:
        """Called just after `execute` returned ``result``."""

    def on_kill(self) -> None:
        """Clean up what `execute` has started: the task is being ended from outside."""

    def prepare_template(self) -> None:
        """Called before the template fields are rendered."""

    # ---- waiting without a process ---------------------------------------------------------

    def defer(
        self,
        *,
        trigger: Any,
        method_name: str,
        kwargs: Mapping[str, Any] | None = None,
        timeout: timedelta | float | None = None,
    ) -> NoReturn:
        """Give the process back until ``trigger`` fires; does not return.

        Then `method_name(context, event=..., **kwargs)` is called on a new copy of this task:
        what `execute` set on `self` is gone. After ``timeout`` it is TaskDeferralTimeout instead.
        """
        raise TaskDeferred(trigger=trigger, method_name=method_name, kwargs=kwargs, timeout=timeout)

    def resume_execution(
        self, next_method: str, next_kwargs: Mapping[str, Any], context: MutableMapping[str, Any]
    ) -> Any:
        """Go on after a deferral."""
        return getattr(self, next_method)(context, **next_kwargs)

    def deferral_failed(self, error: TaskDeferralError, context: MutableMapping[str, Any]) -> Any:
        """Go on after a deferral whose trigger failed, or did not fire in time: fail."""
        raise error

    # ---- what needs no Python process ------------------------------------------------------

    def plain_command(self) -> PlainCommand | None:
        """Return the command, if running it with bash does exactly what `execute` would do."""
        return None

    def does_nothing(self) -> bool:
        """Say whether the task is a success without being run."""
        return False

    def has_hooks(self) -> bool:
        """Say whether Python has to run for it: callbacks, or methods set on this object."""
        has_callback = any(getattr(self, name) is not None for name in _CALLBACKS)
        return has_callback or any(name in vars(self) for name in _METHODS)

    # ---- its place in a DAG ----------------------------------------------------------------

    @property
    def dag(self) -> Any:
        """The DAG of this task; raises InvalidDag while it has none."""
        if self._dag is None:
            raise InvalidDag(f"Operator {self} has not been assigned to a DAG yet")
        return self._dag

    @dag.setter
    def dag(self, dag: TaskHolder) -> None:
        self.attach(dag)

    @property
    def holder(self) -> TaskHolder | None:
        return self._dag

    def has_dag(self) -> bool:
        return self._dag is not None

    def attach(self, dag: TaskHolder) -> None:
        if not isinstance(dag, TaskHolder):
            raise TypeError(f"Expected DAG; received {type(dag).__name__}")
        if self._dag is not None and self._dag is not dag:
            raise InvalidDag(f"The DAG assigned to {self} can not be changed.")
        if self._dag is None:
            dag.add_task(self)
            self._dag = dag
            if self.task_group is not None:
                self.task_group.add(self)

    @property
    def mapped_group(self) -> TaskGroup | None:
        """The mapped task group that it is in: it has one instance for each of the group's."""
        return self.task_group.mapped_group if self.task_group is not None else None

    def take_inputs(self) -> None:
        """Make this task run after those whose output its arguments use, and inside open scopes."""
        self.enter_scope()
        for name in self.template_fields:
            for output in outputs_in(getattr(self, name, None)):
                output.set_downstream(self)

    def stand_in_for(self, task: BaseOperator) -> None:
        """Take the place of ``task`` in its DAG, for one instance of a mapped task."""
        self._dag, self.task_group, self.label = task.holder, task.task_group, task.label
        self.upstream_task_ids = set(task.upstream_task_ids)
        self.downstream_task_ids = set(task.downstream_task_ids)

    @property
    def output(self) -> XComArg:
        """What `execute` will return, to be used as an argument of another task."""
        return XComArg(self)

    @property
    def dag_id(self) -> str:
        return self._dag.dag_id if self._dag is not None else f"adhoc_{self.owner}"

    @property
    def task_type(self) -> str:
        return type(self).__name__

    # ---- inside a running task -------------------------------------------------------------

    @cached_property
    def log(self) -> logging.Logger:
        if self.logger_name is None:
            return logging.getLogger(f"hubflow.task.{type(self).__name__}")
        # The name that logging configurations of Airflow 2 know.
        return logging.getLogger(f"airflow.task.operators.{self.logger_name}".rstrip("."))

    def xcom_push(
        self,
        context: Mapping[str, Any],
        key: str,
        value: Any,
        execution_date: datetime | None = None,
    ) -> None:
        context["ti"].xcom_push(key=key, value=value, execution_date=execution_date)

    def xcom_pull(
        self,
        context: Mapping[str, Any],
        task_ids: str | Iterable[str] | None = None,
        dag_id: str | None = None,
        key: str | None = "return_value",
        include_prior_dates: bool = False,
        *,
        map_indexes: int | Iterable[int] | None = None,
        default: Any = None,
    ) -> Any:
        return context["ti"].xcom_pull(
            task_ids=task_ids,
            dag_id=dag_id,
            key=key,
            include_prior_dates=include_prior_dates,
            map_indexes=map_indexes,
            default=default,
        )

    def render_template(self, content: Any, context: Mapping[str, Any]) -> Any:
        """Render a string, or what a list, dict or object holds."""
        return self._templates().render(content, context, tuple(self.template_ext))

    def render_template_fields(self, context: Mapping[str, Any]) -> None:
        """Render the template fields of this task in place."""
        self._templates().render_fields(self, context)

    def get_template_env(self) -> Any:
        """Return the Jinja environment of this task's DAG."""
        return self._templates().environment

    def dry_run(self) -> None:
        """Log the template fields as they are."""
        for name in self.template_fields:
            self.log.info("Rendering template for %s\n%s", name, getattr(self, name))

    def _templates(self) -> Templates:
        return Templates() if self._dag is None else self.dag.templates

    # ---- comparing and showing -------------------------------------------------------------

    def effective_start_date(self) -> datetime | None:
        """Return the later one of this task's and its DAG's start dates."""
        dates = [self.start_date, getattr(self._dag, "start_date", None)]
        return max((as_utc(date) for date in dates if date is not None), default=None)

    def effective_end_date(self) -> datetime | None:
        """Return the earlier one of this task's and its DAG's end dates."""
        dates = [self.end_date, getattr(self._dag, "end_date", None)]
        return min((as_utc(date) for date in dates if date is not None), default=None)

    def __lt__(self, other: BaseOperator) -> bool:
        return self.task_id < other.task_id

    def __repr__(self) -> str:
        return f"<Task({type(self).__name__}): {self.task_id}>"


wrap_class(BaseOperator)
