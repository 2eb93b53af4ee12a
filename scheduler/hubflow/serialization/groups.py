"""Task groups and labels of edges, for the graph."""

from __future__ import annotations

from hubflow.sdk.dag import DAG
from hubflow.serialization.model import TaskGroupSpec


def groups_of(dag: DAG) -> tuple[TaskGroupSpec, ...]:
    """Return the DAG's task groups, each after the one around it."""
    return tuple(
        TaskGroupSpec(
            group_id=group_id,
            parent_id=group.parent_group.group_id if group.parent_group else None,
            label=group.label,
            tooltip=group.tooltip,
            ui_color=group.ui_color,
        )
        for group_id, group in dag.task_groups.items()
    )


def labels_of(dag: DAG) -> tuple[tuple[str, str, str], ...]:
    """Return the labels of edges, sorted."""
    return tuple(sorted((up, down, text) for (up, down), text in dag.edge_labels.items()))
