"""Alerts and SLA misses."""

from __future__ import annotations

from hubflow.services import alerts, sla_misses
from hubflow.services.dto import DismissSlaMisses, PatchSlaMiss
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import ListAlerts, ListSlaMisses, row_key


class AlertsHandler(HubflowHandler):
    async def get(self) -> None:
        """A page of mails and callbacks, newest first: sent, waiting, or failed."""
        query = self.query(ListAlerts)
        page = await self.call(
            alerts.list_page,
            dag_id=query.dag_id,
            states=query.state,
            limit=query.limit,
            offset=query.offset,
        )
        self.reply(page)


class AlertRetryHandler(HubflowHandler):
    async def post(self, alert_id: str) -> None:
        """Send a mail again that could not be sent. 404 not-found."""
        self.reply(await self.call(alerts.retry, row_key("an alert", alert_id)))


class SlaMissesHandler(HubflowHandler):
    async def get(self) -> None:
        """A page of SLA misses, newest first."""
        query = self.query(ListSlaMisses)
        page = await self.call(
            sla_misses.list_page, dag_id=query.dag_id, limit=query.limit, offset=query.offset
        )
        self.reply(page)


class DismissSlaMissesHandler(HubflowHandler):
    async def post(self) -> None:
        """Take SLA misses out of what needs attention; they stay in the list. 404 not-found."""
        self.reply(await self.call(sla_misses.dismiss, self.decode(DismissSlaMisses)))


class SlaMissHandler(HubflowHandler):
    async def patch(self, sla_miss_id: str) -> None:
        """Describe an SLA miss. 404 not-found."""
        key = row_key("an SLA miss", sla_miss_id)
        self.reply(await self.call(sla_misses.patch, key, self.decode(PatchSlaMiss)))
