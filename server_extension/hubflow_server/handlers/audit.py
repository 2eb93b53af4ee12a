"""The audit log."""

from __future__ import annotations

from hubflow.services import audit
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import ListEventLogs


class EventLogsHandler(HubflowHandler):
    async def get(self) -> None:
        """A page of the audit log, newest first."""
        query = self.query(ListEventLogs)
        self.reply(
            await self.call(audit.list_page, query.dag_id, query.event, query.limit, query.offset)
        )
