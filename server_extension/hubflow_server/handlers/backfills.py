"""Backfills: list, one, create, say what would be created, cancel."""

from __future__ import annotations

from hubflow.errors import NotFound
from hubflow.services import backfills
from hubflow.services.dto import CreateBackfill
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import ListBackfills, whole_number


class BackfillsHandler(HubflowHandler):
    async def get(self) -> None:
        """A page of backfills of one DAG or of all, newest first. 404 dag-not-found."""
        query = self.query(ListBackfills)
        self.reply(await self.call(backfills.list_page, query.dag_id, query.limit, query.offset))

    async def post(self) -> None:
        """Ask for a run at each date in a range. 400; 404 dag-not-found; 409 backfill-exists."""
        self.reply(await self.call(backfills.create, self.decode(CreateBackfill)))


class BackfillDryRunHandler(HubflowHandler):
    async def post(self) -> None:
        """Say for each date what a backfill would do. 400; 404 dag-not-found."""
        self.reply(await self.call(backfills.dry_run, self.decode(CreateBackfill)))


class BackfillHandler(HubflowHandler):
    async def get(self, backfill_id: str) -> None:
        """One backfill and how far it is. 404 backfill-not-found."""
        self.reply(await self.call(backfills.get, _key(backfill_id)))


class CancelBackfillHandler(HubflowHandler):
    async def post(self, backfill_id: str) -> None:
        """Make no further runs; runs that wait fail, others go on. 404 backfill-not-found."""
        self.reply(await self.call(backfills.cancel, _key(backfill_id)))

    async def put(self, backfill_id: str) -> None:
        """The same, as clients of Airflow 3 say it."""
        await self.post(backfill_id)


def _key(text: str) -> int:
    return whole_number(text, NotFound(f"there is no backfill {text!r}"))
