"""Triggers that look again and again: by the `poke` of a sensor in a thread, or by a command."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Collection, Mapping, MutableMapping
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from hubflow.clock import utcnow
from hubflow.sdk import environment, stored
from hubflow.sdk.context import as_pendulum
from hubflow.sdk.exceptions import (
    CannotDefer,
    HubflowException,
    SensorTimeout,
    TaskFailed,
    TaskRescheduled,
    TaskSkipped,
    TaskTimeout,
)
from hubflow.sdk.importable import locate, name_of
from hubflow.sdk.sensor import BaseSensorOperator, PokeReturnValue, Waits
from hubflow.sdk.threads import current_room, in_thread
from hubflow.sdk.triggers import BaseTrigger, TriggerEvent

PATH = "hubflow.operators.checks"
LONGEST_LINE = 1 << 24
# What these exceptions mean, they mean in the task as well.
_RAISED = {kind.__name__: kind for kind in (TaskSkipped, TaskFailed, TaskTimeout, SensorTimeout)}

log = logging.getLogger("hubflow.trigger")


class PokeTrigger(BaseTrigger):
    """Fires when the `poke` of a sensor succeeds.

    Its event is {"value": what the sensor pushes}, {"raised": class, "text"} for an exception
    that decides about the task, or {"again": reason} if the task has to look itself.

    Parameters
    ----------
    kind, functions : the class of the sensor, and functions that it calls, by `name_of`.
    state : the other attributes that its poke reads.
    context : what its poke reads of the context.
    """

    def __init__(
        self,
        kind: str,
        state: Mapping[str, Any],
        functions: Mapping[str, str],
        context: Mapping[str, Any],
        waits: Mapping[str, Any],
        pokes: int = 0,
        silent_fail: bool = False,
    ) -> None:
        super().__init__(
            kind=kind,
            state=dict(state),
            functions=dict(functions),
            context=dict(context),
            waits=dict(waits),
            pokes=pokes,
            silent_fail=silent_fail,
        )
        located = {name: locate(function) for name, function in functions.items()}
        self._sensor = object.__new__(locate(kind))
        vars(self._sensor).update({**state, **located})

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{PATH}.PokeTrigger", self.arguments

    async def run(self) -> AsyncIterator[TriggerEvent]:
        given = self.arguments
        waits, pokes = Waits(**given["waits"]), given["pokes"]
        while (event := await self._look()) is None:
            pokes += 1
            await asyncio.sleep(waits.after(pokes).total_seconds())
        yield TriggerEvent(event)

    async def _look(self) -> dict[str, Any] | None:
        try:
            return await in_thread(self._poke)
        except tuple(_RAISED.values()) as exc:
            kind = next(name for name, kind in _RAISED.items() if isinstance(exc, kind))
            return {"raised": kind, "text": str(exc)}
        except TimeoutError:
            return {"again": "the check took too long for the process that all triggers share"}
        except Exception:
            if not self.arguments["silent_fail"]:
                raise
            log.exception("The poke failed; that counts as not yet")
            return None

    def _poke(self) -> dict[str, Any] | None:
        context = {
            name: as_pendulum(value) if isinstance(value, datetime) else value
            for name, value in self.arguments["context"].items()
        }
        found = self._sensor.poke(context)
        if not found:
            return None
        event = {"value": found.xcom_value if isinstance(found, PokeReturnValue) else None}
        try:
            stored.dumps(event, "the value")
        except HubflowException as exc:
            return {"again": str(exc)}
        return event


class ChecksInThreads(BaseSensorOperator):
    """A sensor whose deferred `poke` runs in a thread of the process that runs triggers.

    `poke_state` names the attributes that `poke` reads. Functions among them must be importable
    and thread-safe, and may take only what JSON holds of the context; else it is rescheduled.
    """

    poke_state: ClassVar[tuple[str, ...]] = ()

    def poke_names(self, context: Mapping[str, Any]) -> Collection[str]:
        """Return what `poke` reads of the context."""
        return ()

    def make_trigger(self, context: MutableMapping[str, Any]) -> BaseTrigger:
        kind = type(self)
        if not kind.__module__.startswith("hubflow."):
            raise CannotDefer(f"nobody knows what the poke of a {kind.__name__} needs")
        state = {name: getattr(self, name) for name in self.poke_state}
        functions = {name: name_of(value) for name, value in state.items() if callable(value)}
        return PokeTrigger(
            kind=name_of(kind),
            state={name: value for name, value in state.items() if name not in functions},
            functions=functions,
            context=self._read(context),
            waits=self.wait_rule(context)._asdict(),
            pokes=int(context["ti"].leg) + 1,
            silent_fail=self.silent_fail,
        )

    def trigger_fired(self, context: MutableMapping[str, Any], event: Any = None) -> Any:
        if "again" in event:
            self.log.info("Looking in the task: %s", event["again"])
            found = self._poke(context)
        else:
            found = self._poke(context, lambda _: _replayed(event))
        if not found:
            raise TaskRescheduled(utcnow() + self.next_wait(context, int(context["ti"].leg)))
        self.log.info("Success criteria met. Exiting.")
        return found.xcom_value if isinstance(found, PokeReturnValue) else None

    def _read(self, context: Mapping[str, Any]) -> dict[str, Any]:
        names = self.poke_names(context)
        if "ti" in names or "task_instance" in names:
            raise CannotDefer("its function takes the task instance, or all of the context")
        return {name: context[name] for name in names}


def _replayed(event: Mapping[str, Any]) -> PokeReturnValue:
    """Return, or raise, what the poke in the trigger did."""
    if "raised" in event:
        raise _RAISED[event["raised"]](event["text"])
    return PokeReturnValue(True, event["value"])


class CommandTrigger(BaseTrigger):
    """Runs a bash command again and again; fires with its exit code when that decides.

    0 always does; another code does if ``not_yet`` is set and is not that code.

    Parameters
    ----------
    env : additions to the environment, or all of it unless ``inherits``.
    """

    def __init__(
        self,
        command: str,
        env: Mapping[str, str],
        inherits: bool,
        cwd: str | None,
        encoding: str,
        not_yet: int | None,
        waits: Mapping[str, Any],
        pokes: int = 0,
    ) -> None:
        super().__init__(
            command=command,
            env=dict(env),
            inherits=inherits,
            cwd=cwd,
            encoding=encoding,
            not_yet=not_yet,
            waits=dict(waits),
            pokes=pokes,
        )

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{PATH}.CommandTrigger", self.arguments

    async def run(self) -> AsyncIterator[TriggerEvent]:
        given = self.arguments
        waits, pokes = Waits(**given["waits"]), given["pokes"]
        while not self._decides(code := await self._run_once()):
            pokes += 1
            await asyncio.sleep(waits.after(pokes).total_seconds())
        yield TriggerEvent(code)

    def _decides(self, code: int | None) -> bool:
        not_yet = self.arguments["not_yet"]
        return code is None or code == 0 or (not_yet is not None and code != not_yet)

    async def _run_once(self) -> int | None:
        """Return the exit code, or None if the command took too long and was ended."""
        given = self.arguments
        with tempfile.TemporaryDirectory(prefix="hubflow-bash-") as folder:
            script = Path(folder, "command.sh")
            script.write_text(given["command"], encoding="utf-8")
            try:
                async with current_room().place():
                    return await self._run(str(script), given["cwd"] or folder)
            except TimeoutError:
                return None

    async def _run(self, script: str, cwd: str) -> int:
        given = self.arguments
        inherited = environment.inherited() if given["inherits"] else {}
        process = await asyncio.create_subprocess_exec(
            "bash",
            script,
            env={**inherited, **given["env"]},
            cwd=cwd,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=LONGEST_LINE,
            process_group=0,
        )
        try:
            assert process.stdout is not None
            async for line in process.stdout:
                log.info("%s", line.decode(given["encoding"], "backslashreplace").rstrip())
            return await process.wait()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
