"""Variables: list, one, set, change, remove."""

from __future__ import annotations

from hubflow.services import variables
from hubflow.services.dto import PatchVariable, PostVariable
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import ListVariables, Patch


class VariablesHandler(HubflowHandler):
    async def get(self) -> None:
        """A page of variables; sensitive values are asterisks."""
        query = self.query(ListVariables)
        page = await self.call(
            variables.list_page,
            pattern=query.variable_key_pattern,
            order_by=query.order_by,
            limit=query.limit,
            offset=query.offset,
        )
        self.reply(page)

    async def post(self) -> None:
        """Set a variable, whether it exists or not."""
        self.reply(await self.call(variables.put, self.decode(PostVariable)))


class VariableHandler(HubflowHandler):
    async def get(self, key: str) -> None:
        """One variable. 404 variable-not-found; 409 secret-unreadable."""
        self.reply(await self.call(variables.get, key))

    async def patch(self, key: str) -> None:
        """Change what the body holds, or of it what update_mask names. 404 variable-not-found."""
        mask = self.query(Patch).fields
        self.reply(await self.call(variables.patch, key, self.decode(PatchVariable), mask))

    async def delete(self, key: str) -> None:
        """Remove a variable. 404 variable-not-found."""
        await self.call(variables.delete, key)
        self.reply_nothing()
