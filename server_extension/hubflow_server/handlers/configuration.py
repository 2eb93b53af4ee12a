"""What this installation is: settings, and the providers and plugins that it does not have."""

from __future__ import annotations

from hubflow.services import configuration
from hubflow.services.dto.stable import PluginsDto, ProvidersDto
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import ReadConfig


class ConfigHandler(HubflowHandler):
    async def get(self) -> None:
        """Settings without secrets. 403 config-hidden unless Service.expose_config; 404."""
        self.reply(await self.call(configuration.get, self.query(ReadConfig).section))


class ConfigOptionHandler(HubflowHandler):
    async def get(self, section: str, option: str) -> None:
        """One setting. 403 config-hidden unless Service.expose_config; 404."""
        self.reply(await self.call(configuration.get, section, option))


class ProvidersHandler(HubflowHandler):
    async def get(self) -> None:
        """None: operators and hooks are part of hubflow."""
        self.reply(ProvidersDto(providers=[], total_entries=0))


class PluginsHandler(HubflowHandler):
    async def get(self) -> None:
        """None: plugins are loaded where user code runs, never in the service."""
        self.reply(PluginsDto(plugins=[], total_entries=0))
