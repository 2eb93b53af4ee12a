"""Triggers of hubflow's own deferrable operators."""

from __future__ import annotations

import asyncio
import glob
import os
from collections.abc import AsyncIterator, Collection
from datetime import datetime, timedelta
from typing import Any

from hubflow.clock import plain_utc, utcnow
from hubflow.operators.external import Verdict, Wanted
from hubflow.sdk.runtime import ask_async
from hubflow.sdk.threads import in_thread
from hubflow.sdk.triggers import BaseTrigger, TriggerEvent

PATH = "hubflow.operators.triggers"


class DateTimeTrigger(BaseTrigger):
    """Fires at a moment. The scheduler does that itself: it takes no process."""

    looks_as_user = False

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        if not isinstance(moment, datetime):
            raise TypeError(f"moment must be a datetime, not a {type(moment).__name__}")
        self.moment = plain_utc(moment)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{PATH}.DateTimeTrigger", {"moment": self.moment}

    def due_at(self) -> datetime | None:
        return self.moment

    async def run(self) -> AsyncIterator[TriggerEvent]:
        await asyncio.sleep(max(0.0, (self.moment - utcnow()).total_seconds()))
        yield TriggerEvent(self.moment.isoformat())


class TimeDeltaTrigger(DateTimeTrigger):
    """Fires after a while, counted from when it is made for the first time."""

    def __init__(self, delta: timedelta) -> None:
        super().__init__(utcnow() + delta)


class RunEndTrigger(BaseTrigger):
    """Fires when a DAG run ends. The scheduler does that itself: it takes no process."""

    looks_as_user = False

    def __init__(self, key: int) -> None:
        super().__init__()
        self.key = key

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{PATH}.RunEndTrigger", {"key": self.key}

    def run_key(self) -> int | None:
        return self.key

    async def run(self) -> AsyncIterator[TriggerEvent]:
        raise RuntimeError("only the scheduler knows when a run ends")
        yield TriggerEvent()


class FileTrigger(BaseTrigger):
    """Fires when a file is there, or a folder with a file in it; see `find_file`."""

    def __init__(self, filepath: str, recursive: bool = False, poke_interval: float = 5.0) -> None:
        super().__init__()
        self.filepath = filepath
        self.recursive = recursive
        self.poke_interval = poke_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        arguments = {
            "filepath": self.filepath,
            "recursive": self.recursive,
            "poke_interval": self.poke_interval,
        }
        return f"{PATH}.FileTrigger", arguments

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while (found := await self._find()) is None:
            await asyncio.sleep(self.poke_interval)
        yield TriggerEvent(found)

    async def _find(self) -> str | None:
        # In a thread: a server of files that does not answer holds up this trigger only.
        return await in_thread(find_file, self.filepath, recursive=self.recursive)


def find_file(pattern: str, *, recursive: bool = False) -> str | None:
    """Return the first file that a path or glob pattern names, or a folder on it holds."""
    named = (
        [pattern] if os.path.exists(pattern) else sorted(glob.glob(pattern, recursive=recursive))
    )
    for path in named:
        if os.path.isfile(path):
            return path
        for folder, _, files in os.walk(path):
            if files:
                return os.path.join(folder, min(files))
    return None


class ExternalTaskTrigger(BaseTrigger):
    """Fires when tasks of another DAG, or its runs, are in the states that were asked for.

    Its event is "success", "failed" or "skipped".
    """

    looks_as_user = False

    def __init__(
        self,
        dag_id: str,
        execution_dates: Collection[datetime],
        task_ids: Collection[str] | None = None,
        allowed_states: Collection[str] = ("success",),
        failed_states: Collection[str] = (),
        skipped_states: Collection[str] = (),
        poke_interval: float = 5.0,
    ) -> None:
        super().__init__()
        self.wanted = Wanted(
            dag_id=dag_id,
            execution_dates=list(execution_dates),
            task_ids=None if task_ids is None else list(task_ids),
            allowed=frozenset(allowed_states),
            failed=frozenset(failed_states),
            skipped=frozenset(skipped_states),
        )
        self.poke_interval = poke_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        wanted = self.wanted
        arguments = {
            "dag_id": wanted.dag_id,
            "execution_dates": wanted.execution_dates,
            "task_ids": wanted.task_ids,
            "allowed_states": sorted(wanted.allowed),
            "failed_states": sorted(wanted.failed),
            "skipped_states": sorted(wanted.skipped),
            "poke_interval": self.poke_interval,
        }
        return f"{PATH}.ExternalTaskTrigger", arguments

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while True:
            verdict = self.wanted.judge(await ask_async(self.wanted.question()))
            if verdict is not Verdict.WAIT:
                yield TriggerEvent(verdict.value)
                return
            await asyncio.sleep(self.poke_interval)
