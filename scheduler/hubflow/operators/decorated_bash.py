"""`@task.bash`: a function that returns the command to run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import Any, ClassVar

from hubflow.operators.bash import BashOperator
from hubflow.operators.python import call_with_context
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.operator import PlainCommand


class DecoratedBashOperator(BashOperator):
    """Runs what ``python_callable`` returns, after rendering its templates."""

    template_fields: ClassVar[Iterable[str]] = (
        "op_args",
        "op_kwargs",
        *BashOperator.template_fields,
    )

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Sequence[Any] = (),
        op_kwargs: Mapping[str, Any] | None = None,
        multiple_outputs: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(bash_command="", **kwargs)
        self.python_callable = python_callable
        self.op_args = list(op_args)
        self.op_kwargs = dict(op_kwargs or {})

    @property
    def task_type(self) -> str:
        return "@task.bash"

    def plain_command(self) -> PlainCommand | None:
        return None

    def execute(self, context: MutableMapping[str, Any]) -> Any:
        command = call_with_context(self.python_callable, self.op_args, self.op_kwargs, context)
        if not isinstance(command, str) or not command.strip():
            raise HubflowException(
                f"the function of @task.bash returns the command as text, not {command!r}"
            )
        self.bash_command = self.render_template(command, context)
        return super().execute(context)
