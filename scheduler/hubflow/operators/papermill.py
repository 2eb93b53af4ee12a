"""PapermillOperator: Airflow's name for a notebook task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from hubflow.operators.jupyter import CoutureJupyterOperator


class PapermillOperator(CoutureJupyterOperator):
    """Run a notebook of common_workspace; see CoutureJupyterOperator."""

    template_fields: ClassVar[Iterable[str]] = (
        "input_notebook",
        "output_notebook",
        "parameters",
    )

    def __init__(
        self,
        *,
        input_nb: Any,
        output_nb: Any = None,
        parameters: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            input_notebook=str(input_nb),
            output_notebook=None if output_nb is None else str(output_nb),
            parameters=parameters,
            **kwargs,
        )
        self.input_nb, self.output_nb = input_nb, output_nb
