"""TaskGroup: tasks that belong together, with a common prefix, drawn as one box (SEMANTICS 2.3).

Purely structural: an edge to a group is an edge to its first tasks, an edge from it one from its
last tasks.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Self

from hubflow.sdk.dag_context import TaskHolder, check_id, current_dag
from hubflow.sdk.edges import Linkable, Node
from hubflow.sdk.exceptions import DuplicateTaskId, InvalidDag
from hubflow.sdk.expansion import Expansion

_open_groups: ContextVar[tuple[TaskGroup, ...]] = ContextVar("hubflow_open_groups", default=())


def current_group(dag: TaskHolder | None) -> TaskGroup | None:
    """Return the innermost group that is open, if it is one of ``dag``."""
    groups = _open_groups.get()
    return groups[-1] if groups and groups[-1].dag is dag else None


class TaskGroup(Linkable):
    """A context manager: operators made inside belong to the group.

    Parameters
    ----------
    group_id : unique among tasks and groups of the DAG; nested groups get their parent's as prefix.
    prefix_group_id : whether ids of children begin with the group's.
    add_suffix_on_collision : take `group_id__1`, `__2`… when the id is taken.
    default_args : over the DAG's, under the operator's own.
    """

    is_implied = True
    expansion: Expansion | None = None
    """Over what it is mapped, if it is."""

    def __init__(
        self,
        group_id: str,
        prefix_group_id: bool = True,
        parent_group: TaskGroup | None = None,
        dag: TaskHolder | None = None,
        default_args: Mapping[str, Any] | None = None,
        tooltip: str = "",
        ui_color: str = "CornflowerBlue",
        ui_fgcolor: str = "#000",
        add_suffix_on_collision: bool = False,
        **unknown: Any,
    ) -> None:
        home = dag or (parent_group.dag if parent_group else None) or current_dag()
        if home is None:
            raise InvalidDag(f"TaskGroup {group_id!r} can only be used inside a DAG; give `dag`")
        self.dag: TaskHolder = home
        self.parent_group = parent_group or current_group(home)
        self.label = group_id
        self.prefix_group_id = prefix_group_id
        self.default_args: dict[str, Any] = copy.deepcopy(dict(default_args or {}))
        self.tooltip = tooltip
        self.ui_color = ui_color
        self.ui_fgcolor = ui_fgcolor
        self.children: dict[str, Node | TaskGroup] = {}
        self.group_id = self._claim(group_id, add_suffix_on_collision)
        if self.parent_group is not None:
            self.parent_group.children[self.group_id] = self
        for name in sorted(unknown):
            home.warnings.append(f"TaskGroup argument {name!r} is not known and does nothing")

    @property
    def node_id(self) -> str:
        return self.group_id

    def path(self) -> list[TaskGroup]:
        """Return this group and those around it, the outermost first."""
        return [*(self.parent_group.path() if self.parent_group else ()), self]

    @property
    def mapped_group(self) -> TaskGroup | None:
        """The mapped group that this group is or lies in."""
        return next((group for group in self.path() if group.expansion is not None), None)

    def child_id(self, label: str) -> str:
        """Return the id of a task or group that is called ``label`` inside this group."""
        return f"{self.group_id}.{label}" if self.prefix_group_id else label

    def add(self, task: Node) -> None:
        """Take a task in."""
        self.children[task.task_id] = task

    def get_child_by_label(self, label: str) -> Node | TaskGroup:
        """Return what is called ``label`` inside this group; raises KeyError."""
        return self.children[self.child_id(label)]

    def walk(self) -> Iterator[Node]:
        """Yield all tasks of this group and of the groups inside it."""
        for child in self.children.values():
            if isinstance(child, TaskGroup):
                yield from child.walk()
            else:
                yield child

    def heads(self) -> Sequence[Node]:
        """Return the tasks that have nothing upstream inside the group."""
        inside = {task.task_id for task in self.walk()}
        return [task for task in self.walk() if not task.upstream_task_ids & inside]

    def tails(self) -> Sequence[Node]:
        """Return the tasks that have nothing downstream inside the group, teardowns aside."""
        inside = {task.task_id: task for task in self.walk()}
        works = {key for key, task in inside.items() if not getattr(task, "is_teardown", False)}
        return [inside[key] for key in works if not inside[key].downstream_task_ids & works]

    def get_roots(self) -> Sequence[Node]:
        return self.heads()

    def get_leaves(self) -> Sequence[Node]:
        return self.tails()

    def __enter__(self) -> Self:
        _open_groups.set((*_open_groups.get(), self))
        return self

    def __exit__(self, *exc_info: object) -> None:
        _open_groups.set(_open_groups.get()[:-1])

    def __repr__(self) -> str:
        return f"<TaskGroup: {self.group_id}>"

    def _claim(self, label: str, add_suffix: bool) -> str:
        """Find an id that nobody has, and take it."""
        dag, prefix = self.dag, self.parent_group.child_id if self.parent_group else str
        wanted = check_id("group_id", prefix(label))
        found, count = wanted, 0
        while self._is_taken(found):
            if not add_suffix:
                raise DuplicateTaskId(found, dag.dag_id)
            count += 1
            found = f"{wanted}__{count}"
        dag.task_groups[found] = self
        return found

    def _is_taken(self, group_id: str) -> bool:
        return group_id in self.dag.task_groups or self.dag.has_task(group_id)


class MappedTaskGroup(TaskGroup):
    """A task group of which a run has as many instances as there are values to expand over.

    Each of its tasks has one instance for each; `@task_group` with `expand` makes it.
    """

    def __init__(self, group_id: str, *, expansion: Expansion, **options: Any) -> None:
        super().__init__(group_id, **options)
        if (outer := self.mapped_group) is not None:
            raise InvalidDag(
                f"the task group {self.group_id!r} is to be mapped inside the mapped task group "
                f"{outer.group_id!r}, which is not possible; map one of them over all combinations"
            )
        self.expansion = expansion
