"""Setup and teardown tasks: a teardown runs once what it cleans up after is over, however it went.

`a >> b >> c.as_teardown(setups=a)`, `@setup`, `@teardown`, `with teardown_task:` (SEMANTICS 2.3).
"""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any, Self

from hubflow.sdk.edges import Node, as_linkables, join
from hubflow.sdk.exceptions import InvalidDag
from hubflow.sdk.trigger_rule import TriggerRule

_open_scopes: ContextVar[tuple[SetupTeardown, ...]] = ContextVar("hubflow_scopes", default=())


class SetupTeardown(Node):
    """The part of an operator that can be a setup or a teardown."""

    trigger_rule: str
    is_setup = False
    is_teardown = False
    on_failure_fail_dagrun = False

    def as_setup(self) -> Self:
        """Make this a setup: what its teardown needs to have been done."""
        if self.is_teardown:
            raise InvalidDag(f"{self} is a teardown and cannot be a setup, too")
        self.is_setup = True
        return self

    def as_teardown(
        self,
        *,
        setups: Any = None,
        on_failure_fail_dagrun: bool | None = None,
    ) -> Self:
        """Make this a teardown of ``setups``, tasks before it that become setups.

        Whether it succeeds says nothing about the run unless ``on_failure_fail_dagrun``.
        """
        if self.is_setup:
            raise InvalidDag(f"{self} is a setup and cannot be a teardown, too")
        self.is_teardown = True
        self.trigger_rule = TriggerRule.ALL_DONE_SETUP_SUCCESS
        if on_failure_fail_dagrun is not None:
            self.on_failure_fail_dagrun = on_failure_fail_dagrun
        for setup in _tasks(setups):
            setup.as_setup()
            join(setup, self, is_implied=True)
        return self

    def __enter__(self) -> Self:
        if not self.is_setup and not self.is_teardown:
            raise InvalidDag(f"only setups and teardowns open a scope with `with`, not {self}")
        _open_scopes.set((*_open_scopes.get(), self))
        return self

    def __exit__(self, *exc_info: object) -> None:
        _open_scopes.set(_open_scopes.get()[:-1])

    def enter_scope(self) -> None:
        """Put this task between the setups and the teardown of the innermost open `with`."""
        if not (scopes := _open_scopes.get()) or scopes[-1].holder is not self.holder:
            return
        scope = scopes[-1]
        for setup in _setups_of(scope):
            join(setup, self, is_implied=True)
        if scope.is_teardown:
            join(self, scope, is_implied=True)


def _setups_of(task: SetupTeardown) -> list[Any]:
    """Return the setups around a scope: the setup itself, or those before the teardown."""
    if task.is_setup:
        return [task]
    dag: Any = task.holder
    return [dag.get_task(t) for t in task.upstream_task_ids if dag.get_task(t).is_setup]


def _tasks(setups: Any) -> Iterable[Any]:
    if setups is None:
        return ()
    return [task for one in as_linkables(setups) for task in one.tails()]
