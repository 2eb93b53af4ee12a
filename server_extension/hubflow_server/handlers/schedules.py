"""Schedules in plain words."""

from __future__ import annotations

from hubflow.errors import BadRequest
from hubflow.services import schedules
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import ExplainSchedule


class ExplainHandler(HubflowHandler):
    async def get(self) -> None:
        """A cron expression or preset in words, and its next five times. 400 schedule-invalid."""
        query = self.query(ExplainSchedule)
        text = query.cron or query.preset
        if not text:
            raise BadRequest("the query needs `cron` or `preset`")
        self.reply(await self.call(schedules.explain, text, query.timezone))
