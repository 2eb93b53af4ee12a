"""The log of a try: a page as JSON, or all of it as text."""

from __future__ import annotations

from functools import partial

from hubflow.errors import NotFound
from hubflow.services import task_logs
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import ReadLog


class TaskLogHandler(HubflowHandler):
    async def get(self, dag_id: str, run_id: str, task_id: str, number: str) -> None:
        """One page from a byte offset; with `Accept: text/plain` all from there. 404."""
        if not number.isdecimal() or len(number) > 9:
            raise NotFound(f"{number!r} is no number of a try")
        query = self.query(ReadLog)
        which = (dag_id, run_id, task_id, int(number), query.map_index)
        log = await self.call(task_logs.locate, *which)
        if self.accepts("text/plain"):
            await self._stream(log, query.token)
        else:
            read = task_logs.read_whole if query.full_content else task_logs.read
            self.reply(await self.run(partial(read, self.site.backend, log, query.token)))

    async def _stream(self, log: task_logs.TryLog, offset: int) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        while True:
            page = await self.run(partial(task_logs.page, self.site.backend, log, offset))
            self.write(page.text)
            await self.flush()
            if page.next_offset >= page.size:
                return
            offset = page.next_offset
