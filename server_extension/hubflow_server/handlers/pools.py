"""Pools: list, one, add, change, remove."""

from __future__ import annotations

from hubflow.services import pools
from hubflow.services.dto import PatchPool, PostPool
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import ListPools, Patch


class PoolsHandler(HubflowHandler):
    async def get(self) -> None:
        """A page of pools, with what of them is occupied now."""
        query = self.query(ListPools)
        page = await self.call(
            pools.list_page,
            pattern=query.pool_name_pattern,
            order_by=query.order_by,
            limit=query.limit,
            offset=query.offset,
        )
        self.reply(page)

    async def post(self) -> None:
        """Add a pool. 409 pool-exists."""
        self.reply(await self.call(pools.add, self.decode(PostPool)))


class PoolHandler(HubflowHandler):
    async def get(self, name: str) -> None:
        """One pool. 404 pool-not-found."""
        self.reply(await self.call(pools.get, name))

    async def patch(self, name: str) -> None:
        """Change what the body holds, or of it what update_mask names. 404; 409 pool-exists."""
        mask = self.query(Patch).fields
        self.reply(await self.call(pools.patch, name, self.decode(PatchPool), mask))

    async def delete(self, name: str) -> None:
        """Remove a pool. 400 for default_pool; 404 pool-not-found."""
        await self.call(pools.delete, name)
        self.reply_nothing()
