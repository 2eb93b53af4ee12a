"""CoutureJupyterOperator: run a notebook with parameters (SEMANTICS 6.9, the manual's chapter)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar

from hubflow import config, tasklog
from hubflow.errors import PathOutsideWorkspace
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.operator import BaseOperator
from hubflow.sdk.runtime import current_runtime
from hubflow.workspace_paths import resolve_inside, resolve_notebook

if TYPE_CHECKING:
    from hubflow.hooks.notebook_run import NotebookExecution

ARTIFACT = "notebook"


class CoutureJupyterOperator(BaseOperator):
    """Run a notebook of common_workspace; the executed notebook is kept, also when it fails.

    Parameters
    ----------
    input_notebook : path in common_workspace. It is never written.
    output_notebook : where a copy of the executed notebook goes. Outside of common_workspace,
        the run succeeds and the copy is discarded.
    parameters : values for the names in the cell tagged `parameters`; they are injected in a
        cell after it, or on top if there is none.
    export_html : also write the executed notebook as HTML, to ``output_html`` or beside the
        output notebook.
    report_mode : hide the source of the injected cell.
    kernel_name : overrides the kernel that the notebook names.
    cell_timeout : seconds or timedelta that one cell may take; ``execution_timeout`` is for
        the whole notebook.
    start_timeout_s : seconds that the kernel may take to start.
    """

    template_fields: ClassVar[Iterable[str]] = ("input_notebook", "output_notebook", "parameters")
    ui_color = "#fdebd0"

    def __init__(
        self,
        *,
        input_notebook: str,
        output_notebook: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        export_html: bool = False,
        output_html: str | None = None,
        report_mode: bool = True,
        kernel_name: str | None = None,
        cell_timeout: timedelta | float | None = None,
        start_timeout_s: float = 60.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.input_notebook = input_notebook
        self.output_notebook = output_notebook
        self.parameters = dict(parameters or {})
        self.export_html = export_html
        self.output_html = output_html
        self.report_mode = report_mode
        self.kernel_name = kernel_name
        self.cell_timeout_s = _seconds(cell_timeout)
        self.start_timeout_s = start_timeout_s
        self._execution: NotebookExecution | None = None

    def execute(self, context: MutableMapping[str, Any]) -> None:
        # Heavy, and wanted in task processes only: parsing a DAG file must stay cheap.
        from hubflow.hooks.notebook_run import (  # noqa: PLC0415
            NotebookExecution,
            NotebookRun,
        )

        paths = workplace()
        source = resolve_notebook(paths.common_workspace, self.input_notebook)
        ti = context["ti"]
        kept = tasklog.notebook_path(
            ti.dag_id, ti.task_id, ti.execution_date, ti.try_number, ti.map_index
        )
        order = NotebookRun(
            source=source,
            shown=self.input_notebook,
            executed=paths.artifacts / kept,
            parameters=self.parameters,
            kernel_name=self.kernel_name,
            cell_timeout_s=self.cell_timeout_s,
            start_timeout_s=self.start_timeout_s,
            hide_parameters=self.report_mode,
        )
        runtime = current_runtime()
        self._execution = NotebookExecution(
            order, runtime.report_progress, lambda: runtime.add_artifact(ARTIFACT, kept)
        )
        try:
            self._execution.run()
        except BaseException:
            if order.executed.exists():
                self._copy_of_failure(order.executed, source)
            raise
        self._copy(order.executed, source)

    def on_kill(self) -> None:
        if self._execution is not None:
            self._execution.interrupt()

    def _copy_of_failure(self, executed: Path, source: Path) -> None:
        try:
            self._copy(executed, source)
        except (OSError, HubflowException) as error:
            self.log.error("The executed notebook could not be copied: %s", error)

    def _copy(self, executed: Path, source: Path) -> None:
        """Copy the executed notebook to where the author wants it, if that is allowed."""
        from hubflow.hooks.notebook_file import write_whole  # noqa: PLC0415  (heavy, as above)

        text = executed.read_text(encoding="utf-8")
        if (target := self._target(self.output_notebook, source)) is not None:
            write_whole(target, text)
            self.log.info("Wrote the executed notebook to %s", self.output_notebook)
        if self.export_html and (page := self._target(self._html_name(), source)) is not None:
            write_whole(page, _html(text))
            self.log.info("Wrote the executed notebook as HTML to %s", self._html_name())

    def _html_name(self) -> str:
        named = PurePosixPath(self.output_notebook or self.input_notebook)
        return self.output_html or str(named.with_suffix(".html"))

    def _target(self, path: str | None, source: Path) -> Path | None:
        """Return where a copy goes, with its folder made; None if there is to be no copy."""
        if not path:
            return None
        try:
            target = resolve_inside(workplace().common_workspace, path)
        except PathOutsideWorkspace:
            self.log.warning("%r lies outside common_workspace: the copy is discarded", path)
            return None
        if target == source:
            self.log.warning("%r is the input notebook, which stays as it is: no copy", path)
            return None
        target.parent.mkdir(parents=True, exist_ok=True)
        return target


def workplace() -> config.Paths:
    """Return where this process finds notebooks and leaves executed ones."""
    home = config.home_from_environment()
    return (config.Core(home=home) if home else config.Core()).paths


def _html(text: str) -> str:
    import nbformat  # noqa: PLC0415  (heavy, as above)
    from nbconvert import HTMLExporter  # noqa: PLC0415  (heavy, as above)

    page, _ = HTMLExporter().from_notebook_node(nbformat.reads(text, as_version=4))
    return str(page)


def _seconds(limit: timedelta | float | None) -> float | None:
    return limit.total_seconds() if isinstance(limit, timedelta) else limit
