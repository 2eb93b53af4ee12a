"""DAG objects -> SerializedDag, and the hash of what a DAG means."""

from __future__ import annotations

import ast
import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

import msgspec

from hubflow.sdk import params
from hubflow.sdk.dag import DAG
from hubflow.sdk.mapped import OWN_ARGUMENTS, MappedOperator
from hubflow.sdk.operator import BaseOperator
from hubflow.serialization.groups import groups_of, labels_of
from hubflow.serialization.mapping import mapped_of
from hubflow.serialization.model import (
    FORMAT,
    BashCommand,
    Length,
    Mapped,
    NotebookSpec,
    Schedule,
    SerializedDag,
    SerializedTask,
    TaskGroupSpec,
)
from hubflow.serialization.values import to_plain, to_text
from hubflow.serialization.weights import effective_weights

_DEFAULTS: dict[type[msgspec.Struct], dict[str, Any]] = {
    kind: {field.name: field.default for field in msgspec.structs.fields(kind)}
    for kind in (
        SerializedDag,
        SerializedTask,
        Schedule,
        BashCommand,
        NotebookSpec,
        Mapped,
        Length,
        TaskGroupSpec,
    )
}


MOST_DESCRIPTION, MOST_DOC = 5_000, 100_000


def encode(dag: DAG, path: str, *, catchup_by_default: bool = True) -> SerializedDag:
    """Return what is left of ``dag`` without user code; ``path`` is relative to the DAG folder.

    Raises DagCycle.
    """
    tasks = dag.topological_sort()
    weights = effective_weights(tasks)
    start = dag.effective_start_date()
    warnings = list(dag.warnings)
    return SerializedDag(
        format=FORMAT,
        dag_id=dag.dag_id,
        path=path,
        tasks=tuple(_task(task, weights[task.task_id], start) for task in tasks),
        parent_dag_id=None if dag.parent_dag is None else dag.parent_dag.dag_id,
        schedule=Schedule() if dag.is_subdag else _schedule(dag),
        start_date=start,
        end_date=dag.effective_end_date(),
        catchup=catchup_by_default if dag.catchup is None else bool(dag.catchup),
        max_active_runs=dag.max_active_runs,
        concurrency=dag.concurrency,
        dagrun_timeout_s=_seconds(dag.dagrun_timeout),
        max_consecutive_failed_dag_runs=dag.max_consecutive_failed_dag_runs,
        display_name=_other(dag.dag_display_name, dag.dag_id),
        description=_cut("description", dag.description, MOST_DESCRIPTION, warnings),
        doc_md=_cut("doc_md", dag.doc_md, MOST_DOC, warnings),
        tags=tuple(dag.tags),
        owner_links=dag.owner_links,
        default_view=dag.default_view,
        orientation=dag.orientation,
        is_paused_upon_creation=dag.is_paused_upon_creation,
        params=to_plain(params.plain(dag.params)),
        param_schemas=to_plain(params.schemas(dag.params)),
        callbacks=_callbacks(
            on_success=dag.on_success_callback,
            on_failure=dag.on_failure_callback,
            sla_miss=dag.sla_miss_callback,
        ),
        access_control={
            role: tuple(sorted(rights)) for role, rights in (dag.access_control or {}).items()
        },
        groups=groups_of(dag),
        edge_labels=labels_of(dag),
        fail_fast=dag.fail_fast,
        keep_days=dag.keep_days,
        keep_runs=dag.keep_runs,
        warnings=tuple(warnings),
    )


def _doc(task: BaseOperator) -> str | None:
    """Return what is told about a task, as Markdown."""
    if plain := task.doc_md or task.doc or task.doc_rst:
        return plain
    written = {"json": task.doc_json, "yaml": task.doc_yaml}
    fenced = [f"```{kind}\n{text}\n```" for kind, text in written.items() if text]
    return fenced[0] if fenced else None


def _other(name: str, id: str) -> str | None:
    """Return a name unless it is the id, which stands for itself."""
    return None if name == id else name


def _cut(name: str, text: str | None, longest: int, warnings: list[str]) -> str | None:
    """Return as much of a text as lists and pages can bear, and warn if that is not all."""
    if text is None or len(text) <= longest:
        return text
    warnings.append(f"{name} has {len(text):,} characters, of which the first {longest:,} are kept")
    return text[:longest]


def meaning_hash(dag: SerializedDag, code: str) -> str:
    """Return the hash that stays the same as long as the DAG means the same.

    It covers the serialized DAG and the ``code`` of its file as `code_of` gives it: what a task
    does lies in function bodies, which no serialized form shows.
    """
    structure = json.dumps(_essence(dag), sort_keys=True)
    return hashlib.sha256(f"{structure}\0{code}".encode()).hexdigest()


def _essence(value: Any) -> Any:
    """Return the fields that differ from their default, however they came by their value.

    So a field that a later version adds changes no hash, and neither does its `omit_defaults`,
    which compares strings by identity.
    """
    if isinstance(value, msgspec.Struct):
        defaults = _DEFAULTS[type(value)]
        found = {name: getattr(value, name) for name in value.__struct_fields__}
        return {k: _essence(v) for k, v in found.items() if v != {} and v != defaults[k]}
    if isinstance(value, list | tuple):
        return [_essence(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def code_of(source: str) -> str:
    """Return the syntax tree of ``source`` as text, without positions and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            _drop_docstring(node)
    return ast.dump(tree, annotate_fields=False)


def _drop_docstring(
    node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef,
) -> None:
    match node.body:
        case [ast.Expr(value=ast.Constant(value=str())), *rest]:
            node.body = rest


def _schedule(dag: DAG) -> Schedule:
    table = dag.timetable
    return Schedule(
        kind=table.kind,
        cron=table.cron,
        delta_s=_seconds(table.delta),
        text=table.text,
        timezone=table.timezone,
        months=table.months,
    )


def _task(task: BaseOperator, weight: int, dag_start: datetime | None) -> SerializedTask:
    start = task.effective_start_date()
    return SerializedTask(
        task_id=task.task_id,
        operator=task.task_type,
        owner=task.owner,
        downstream=tuple(sorted(task.downstream_task_ids)),
        trigger_rule=task.trigger_rule,
        retries=task.retries,
        retry_delay_s=task.retry_delay.total_seconds(),
        retry_exponential_backoff=task.retry_exponential_backoff,
        max_retry_delay_s=_seconds(task.max_retry_delay),
        depends_on_past=task.depends_on_past,
        wait_for_downstream=task.wait_for_downstream,
        ignore_first_depends_on_past=task.ignore_first_depends_on_past,
        wait_for_past_depends_before_skipping=task.wait_for_past_depends_before_skipping,
        priority_weight=weight,
        weight_rule=task.weight_rule,
        queue=task.queue,
        pool=task.pool,
        pool_slots=task.pool_slots,
        task_concurrency=task.task_concurrency,
        max_active_tis_per_dagrun=task.max_active_tis_per_dagrun,
        sla_s=_seconds(task.sla),
        email=task.email,
        email_on_failure=task.email_on_failure,
        email_on_retry=task.email_on_retry,
        callbacks=_callbacks(
            task_on_failure=task.on_failure_callback, task_on_retry=task.on_retry_callback
        ),
        run_as_user=task.run_as_user,
        execution_timeout_s=_seconds(task.execution_timeout),
        start_date=None if start == dag_start else start,
        end_date=task.effective_end_date(),
        do_xcom_push=task.do_xcom_push,
        display_name=_other(task.task_display_name, task.task_id),
        description=task.description,
        doc=_doc(task),
        resources=task.resources or {},
        ui_color=task.ui_color,
        fields=_fields(task),
        bash=_bash(task),
        notebook=_notebook(task),
        is_dummy=task.does_nothing(),
        is_setup=task.is_setup,
        is_teardown=task.is_teardown,
        can_fail_run=task.on_failure_fail_dagrun or not task.is_teardown,
        group_id=task.task_group.group_id if task.task_group else None,
        mapped=mapped_of(task),
        run_dag_id=task.run_dag_id,
    )


def _fields(task: BaseOperator) -> dict[str, str]:
    """Return the template fields as written, leaving out those that are None."""
    values = {name: getattr(task, name, None) for name in task.template_fields}
    if isinstance(task, MappedOperator):
        values = {name: value for name, value in task.fixed.items() if name not in OWN_ARGUMENTS}
    return {name: to_text(value) for name, value in values.items() if value is not None}


def _callbacks(**given: Any) -> tuple[str, ...]:
    return tuple(name for name, callback in given.items() if callback)


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else duration.total_seconds()


def _bash(task: BaseOperator) -> BashCommand | None:
    found = task.plain_command()
    return found and BashCommand(
        command=found.command, env=found.env, push_output=task.do_xcom_push
    )


def _notebook(task: BaseOperator) -> NotebookSpec | None:
    """Return what a notebook operator runs; such operators have these three attributes."""
    source = getattr(task, "input_notebook", None)
    if not isinstance(source, str):
        return None
    output = getattr(task, "output_notebook", None)
    return NotebookSpec(
        input_notebook=source,
        output_notebook=output if isinstance(output, str) else None,
        parameters=to_plain(getattr(task, "parameters", None) or {}),
    )
