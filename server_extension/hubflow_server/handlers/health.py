"""Liveness, version, and who the caller is."""

from __future__ import annotations

from functools import partial

import hubflow
from hubflow.services import health, schedules
from hubflow.services.access import Permission
from hubflow.services.dto import MeDto, TimezonesDto, VersionDto
from hubflow_server.base import HubflowHandler


class HealthHandler(HubflowHandler):
    async def get(self) -> None:
        """Heartbeats of the parts, and how much runs."""
        self.reply(await self.run(partial(health.get, self.site.backend)))


class VersionHandler(HubflowHandler):
    async def get(self) -> None:
        """The version of hubflow."""
        self.reply(VersionDto(version=hubflow.__version__))


class MeHandler(HubflowHandler):
    async def get(self) -> None:
        """The caller and what they may do."""
        caller = self.caller
        may_know = Permission.FILES_EDIT in caller.permissions
        self.reply(
            MeDto(
                name=caller.name,
                display_name=caller.display_name or caller.name,
                permissions=sorted(caller.permissions),
                hub_prefix=self.site.hub_prefix,
                dag_folder=str(self.site.backend.paths.dags) if may_know else None,
            )
        )


class TimezonesHandler(HubflowHandler):
    async def get(self) -> None:
        """Names of time zones to choose from."""
        self.reply(TimezonesDto(timezones=await self.call(schedules.timezones)))
