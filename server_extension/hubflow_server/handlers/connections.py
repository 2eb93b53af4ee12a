"""Connections: list, one, add, change, remove, try."""

from __future__ import annotations

from hubflow.services import connection_tests, connections
from hubflow.services.dto import PatchConnection, PostConnection, TestConnection
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import (
    AddConnection,
    ChangeConnection,
    ChooseConnection,
    DeleteConnection,
    ListConnections,
)

TEST = "test"


class ConnectionsHandler(HubflowHandler):
    async def get(self) -> None:
        """A page of connections: every row, also of one id. Passwords never come back."""
        query = self.query(ListConnections)
        page = await self.call(
            connections.list_page,
            pattern=query.connection_id_pattern,
            order_by=query.order_by,
            limit=query.limit,
            offset=query.offset,
        )
        self.reply(page)

    async def post(self) -> None:
        """Add a connection. 409 connection-exists, unless `duplicate` is true."""
        duplicate = self.query(AddConnection).duplicate
        body = self.decode(PostConnection)
        self.reply(await self.call(connections.add, body, duplicate=duplicate))


class ConnectionHandler(HubflowHandler):
    """One connection; without an id in the URL, the one whose id is "test"."""

    async def get(self, conn_id: str = TEST) -> None:
        """The first connection of an id, and how many share it. 404; 409 secret-unreadable."""
        self.reply(await self.call(connections.get, conn_id, self.query(ChooseConnection).row))

    async def patch(self, conn_id: str = TEST) -> None:
        """Change what the body holds, or of it what update_mask names. 404; 409
        connection-ambiguous."""
        query = self.query(ChangeConnection)
        body = self.decode(PatchConnection)
        self.reply(await self.call(connections.patch, conn_id, body, query.fields, query.row))

    async def delete(self, conn_id: str = TEST) -> None:
        """Remove a connection, or with `all` every one of this id. 404; 409
        connection-ambiguous."""
        query = self.query(DeleteConnection)
        await self.call(connections.delete, conn_id, row=query.row, every=query.all)
        self.reply_nothing()


class ConnectionTestHandler(ConnectionHandler):
    """`connections/test` is where connections are tried, and may be the name of one."""

    async def post(self) -> None:
        """Try a connection as given, or a stored one if only its id is. 404; 409
        secret-unreadable."""
        row = self.query(ChooseConnection).row
        self.reply(await self.call(connection_tests.try_out, self.decode(TestConnection), row))
