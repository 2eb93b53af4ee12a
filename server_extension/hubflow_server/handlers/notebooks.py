"""Notebooks: look into one, schedule it, read what a run made of it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from hubflow.services import notebook_output, notebooks
from hubflow.services.dto import ScheduleNotebook
from hubflow_server import notebook_html
from hubflow_server.base import HubflowHandler
from hubflow_server.errors import EngineAway
from hubflow_server.requests import InspectNotebook, ReadOutput

INDEX_LIMIT_S = 30.0
# Output of notebooks is other people's HTML: it gets an origin of its own and no network.
ISOLATION = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; media-src data:; "
    "frame-ancestors 'self'"
)


class InspectHandler(HubflowHandler):
    async def get(self) -> None:
        """A notebook's kernel and parameters. 400 notebook-invalid, path-outside-workspace."""
        self.reply(await self.call(notebooks.inspect, self.query(InspectNotebook).path))


class ScheduleHandler(HubflowHandler):
    async def post(self) -> None:
        """Write the DAG file and wait until it is read. 400; 409 dag-exists; 503 engine-away."""
        scheduled = await self.call(notebooks.schedule, self.decode(ScheduleNotebook))
        check = partial(notebooks.find_indexed, self.site.backend, scheduled)
        if await self.site.feed.until(check, INDEX_LIMIT_S) is None:
            raise EngineAway(
                f"the DAG file {scheduled.dag.path} is written, but was not read within "
                f"{INDEX_LIMIT_S:.0f} s; see whether the DAG processor runs"
            )
        self.reply(await self.call(notebooks.start, scheduled), status=201)


class OutputHandler(HubflowHandler):
    async def get(self) -> None:
        """The executed notebook of a try, as HTML in a sandbox or as a file. 404."""
        query = self.query(ReadOutput)
        file = await self.call(
            notebook_output.find,
            query.dag_id,
            query.run_id,
            query.task_id,
            query.try_number,
            query.map_index,
        )
        if query.format == "html":
            html = await self.run(partial(notebook_html.rendered, file, query.theme))
            self.set_header("Content-Security-Policy", ISOLATION)
            self.reply_text(html, "text/html")
        else:
            await self._send_file(file, f"{query.dag_id}-{query.task_id}-{query.try_number}.ipynb")

    async def _send_file(self, file: Path, name: str) -> None:
        self.set_header("Content-Type", "application/x-ipynb+json")
        self.set_header("Content-Security-Policy", ISOLATION)
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.finish(await self.run(file.read_bytes))
