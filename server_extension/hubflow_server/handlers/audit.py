"""The audit log."""

from __future__ import annotations

from hubflow.db.queries.audit import AuditFilter
from hubflow.services import audit
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import ListEventLogs, names, row_key


class EventLogsHandler(HubflowHandler):
    async def get(self) -> None:
        """A page of the audit log, newest first."""
        query = self.query(ListEventLogs)
        narrowed = AuditFilter(
            dag_id=query.dag_id,
            task_id=query.task_id,
            event=query.event,
            owner=query.owner,
            before=query.before,
            after=query.after,
            run_id=query.run_id,
            included=names([query.included_events]),
            excluded=names([query.excluded_events]),
        )
        page = await self.call(audit.list_page, narrowed, query.limit, query.offset, query.order_by)
        self.reply(page)


class EventLogHandler(HubflowHandler):
    async def get(self, event_log_id: str) -> None:
        """One entry of the audit log. 404."""
        self.reply(await self.call(audit.get, row_key("the audit log", event_log_id)))
