"""XCom values of a task instance."""

from __future__ import annotations

from hubflow.services import xcoms
from hubflow_server.base import HubflowHandler
from hubflow_server.requests import ListXComs, ReadXCom


class XComsHandler(HubflowHandler):
    async def get(self, dag_id: str, run_id: str, task_id: str) -> None:
        """Keys that the task pushed; `~` is any DAG, run or task. 404."""
        query = self.query(ListXComs)
        page = await self.call(
            xcoms.list_page,
            dag_id,
            run_id,
            task_id,
            query.limit,
            query.offset,
            key=query.xcom_key,
            map_index=query.map_index,
        )
        self.reply(page)


class XComHandler(HubflowHandler):
    async def get(self, dag_id: str, run_id: str, task_id: str, key: str) -> None:
        """One value. 404."""
        query = self.query(ReadXCom)
        which = (dag_id, run_id, task_id, key, query.map_index)
        self.reply(await self.call(xcoms.get, *which, as_text=query.stringify))
