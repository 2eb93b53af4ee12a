"""Broken DAG files."""

from __future__ import annotations

from hubflow.services import import_errors
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import ListImportErrors, row_key


class ImportErrorsHandler(HubflowHandler):
    async def get(self) -> None:
        """A page of import errors, newest first."""
        query = self.query(ListImportErrors)
        which = (query.limit, query.offset, query.order_by)
        self.reply(await self.call(import_errors.list_page, *which))


class ImportErrorHandler(HubflowHandler):
    async def get(self, id: str) -> None:
        """One import error. 404."""
        self.reply(await self.call(import_errors.get, row_key("an import error", id)))
