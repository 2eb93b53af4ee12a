"""Deferred and rescheduled tries in a real worker: one process runs all triggers."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from datetime import UTC, datetime
from typing import Any

from msgspec import structs

from hubflow.execution.messages import Await, Deferral, Finished, Fired, Kill, Reply, Resume, TryKey
from hubflow.operators.checks import PokeTrigger
from hubflow.operators.sensors import PythonSensor
from hubflow.sdk import stored
from hubflow.sdk.importable import name_of
from hubflow.sdk.loader import module_name
from waiting import wait_until_dead

from .fake_scheduler import FakeScheduler, make_launch
from .harness import Home
from .test_daemon import start_worker, tell

TASK = """
from datetime import UTC, datetime, timedelta
from hubflow.sdk import DAG, BaseOperator, TaskRescheduled
from gates import Gate

class Waits(BaseOperator):
    def execute(self, context):
        if context["ti"].leg == 0:
            self.defer(trigger=Gate("open"), method_name="go_on", kwargs={"n": timedelta(1)},
                       timeout=60)

    def go_on(self, context, event, n):
        return [event, n.days, str(context["ti"].start_date)]

class Pokes(BaseOperator):
    def execute(self, context):
        raise TaskRescheduled(datetime(2030, 1, 1))

with DAG("d", start_date=datetime(2026, 1, 1), schedule_interval=None):
    Waits(task_id="waits")
    Pokes(task_id="pokes")
"""
# In the DAG folder, so that tasks and triggers import the same module.
GATES = '''
import asyncio, os, time
from pathlib import Path
from hubflow.questions import GetVariable
from hubflow.sdk import BaseTrigger, TriggerEvent
from hubflow.sdk.runtime import ask_async

class Gate(BaseTrigger):
    """Fires when a file of that name is in the home."""

    def __init__(self, name):
        self.name = name

    def serialize(self):
        return "gates.Gate", {"name": self.name}

    async def run(self):
        while not Path(os.environ["HUBFLOW_HOME"], self.name).exists():
            await asyncio.sleep(0.02)
        yield TriggerEvent({"gate": self.name, "pid": os.getpid()})

class Broken(Gate):
    async def run(self):
        raise ValueError("no such gate")
        yield

class Silent(Gate):
    async def run(self):
        return
        yield

class Deadly(Gate):
    async def run(self):
        os._exit(1)
        yield

class Blocks(Gate):
    async def run(self):
        await asyncio.create_task(self.wait())
        yield

    async def wait(self):
        time.sleep(600)

class Asks(Gate):
    async def run(self):
        yield TriggerEvent(await ask_async(GetVariable(key=self.name)))
'''


def wait_for(name: str, number: int = 1, kind: str = "gates.Gate") -> Await:
    """Return the order to run a trigger that waits for the file ``name``."""
    return Await(
        key=TryKey(number, 1, 1),
        path="d.py",
        source_hash="",
        log_path=f"d/t{number}/1.log",
        deferral=Deferral(
            trigger=kind,
            trigger_kwargs=stored.dumps({"name": name}, "name"),
            method="go_on",
            kwargs=b'{"n": 1}',
        ),
    )


def prepare(home: Home) -> None:
    (home.paths.dags / "gates.py").write_text(GATES)


def test_a_task_defers_and_goes_on_with_the_event(home: Home) -> None:
    prepare(home)

    async def story(scheduler: FakeScheduler) -> tuple[Finished, Fired, Finished]:
        await scheduler.hello()
        source = scheduler.add_source(TASK)
        launch = make_launch(task_id="waits", source_hash=source)
        scheduler.send(launch)
        told = await scheduler.result(launch.key)
        assert told.deferral is not None
        key = launch.key._replace(leg=1)
        scheduler.send(
            Await(
                key=key,
                path="d.py",
                source_hash=source,
                log_path=launch.log_path,
                deferral=told.deferral,
            )
        )
        (home.path / "open").touch()
        fired = await scheduler.fired(key)
        again = make_launch(
            task_id="waits",
            source_hash=source,
            key=key._replace(leg=2),
            resume=fired.resume,
            began_at=datetime(2026, 11, 22, 6, tzinfo=UTC),
        )
        scheduler.send(again)
        return told, fired, await scheduler.result(again.key)

    told, fired, ended = home.run(story)
    assert told.outcome == "deferred"
    assert told.deferral is not None
    assert (told.deferral.trigger, told.deferral.method) == ("gates.Gate", "go_on")
    assert told.deferral.timeout_at is not None
    event = json.loads(fired.resume.event)
    assert event["gate"] == "open"
    assert ended.outcome == "success"
    assert json.loads(ended.xcoms[0].data) == [event, 1, "2026-11-22 06:00:00+00:00"]
    log = home.log(make_launch(task_id="waits"))
    assert "Marking task as DEFERRED" in log
    assert "The trigger fired" in log
    assert "Marking task as SUCCESS" in log


def test_a_task_is_rescheduled(home: Home) -> None:
    prepare(home)

    async def story(scheduler: FakeScheduler) -> Finished:
        await scheduler.hello()
        launch = make_launch(task_id="pokes", source_hash=scheduler.add_source(TASK))
        scheduler.send(launch)
        return await scheduler.result(launch.key)

    told = home.run(story)
    assert (told.outcome, told.exit_code) == ("rescheduled", 0)
    assert told.reschedule_at == datetime(2030, 1, 1, tzinfo=UTC)
    assert "UP_FOR_RESCHEDULE" in home.log(make_launch(task_id="pokes"))


def test_a_trigger_fails_the_task_by_its_error(home: Home) -> None:
    prepare(home)

    async def story(scheduler: FakeScheduler) -> list[Resume]:
        await scheduler.hello()
        orders = [
            wait_for("x", 1, "gates.Broken"),
            wait_for("x", 2, "gates.Silent"),
            wait_for("x", 3, "gates.Absent"),
            wait_for("x", 4, "no_such_module.Gate"),
        ]
        scheduler.send(*orders)
        return [(await scheduler.fired(order.key)).resume for order in orders]

    broken, silent, absent, lost = home.run(story)
    assert broken.error == "ValueError: no such gate"
    assert "ended without an event" in str(silent.error)
    assert "Absent" in str(absent.error)
    assert "no_such_module" in str(lost.error)
    assert broken.method == "go_on"
    assert "Traceback" in (home.paths.logs / "d/t1/1.log").read_text()


def test_a_trigger_asks_the_scheduler(home: Home) -> None:
    prepare(home)

    async def story(scheduler: FakeScheduler) -> Resume:
        scheduler.answer = lambda request: Reply(
            id=request.id,
            value=f"value of {request.body.key}",  # type: ignore[union-attr]
        )
        await scheduler.hello()
        order = wait_for("city", kind="gates.Asks")
        scheduler.send(order)
        return (await scheduler.fired(order.key)).resume

    assert json.loads(home.run(story).event) == "value of city"


def test_a_trigger_class_may_lie_in_the_dag_file(home: Home) -> None:
    async def story(scheduler: FakeScheduler) -> Resume:
        await scheduler.hello()
        source = scheduler.add_source(GATES)
        order = wait_for("open", kind=f"{module_name('d.py')}.Gate")
        (home.path / "open").touch()
        scheduler.send(Await(**{**_fields(order), "source_hash": source}))
        return (await scheduler.fired(order.key)).resume

    assert home.run(story).error is None


def _fields(order: Await) -> dict[str, Any]:
    return {name: getattr(order, name) for name in order.__struct_fields__}


def test_an_ended_trigger_says_nothing(home: Home) -> None:
    prepare(home)

    async def story(scheduler: FakeScheduler) -> list[TryKey]:
        await scheduler.hello()
        first, second = wait_for("open", 1), wait_for("open", 2)
        scheduler.send(first, second, Kill(key=first.key, reason="marked"))
        (home.path / "open").touch()
        await scheduler.fired(second.key)
        await scheduler.stop()
        scheduler.heard.clear()
        await scheduler.start()
        await scheduler.hello()
        return [message.key for message in scheduler.heard if isinstance(message, Fired)]

    assert TryKey(1, 1, 1) not in home.run(story)


def test_triggers_outlive_the_process_that_runs_them(home: Home) -> None:
    prepare(home)

    async def story(scheduler: FakeScheduler) -> tuple[int, int]:
        await scheduler.hello()
        scheduler.send(wait_for("first", 1), wait_for("second", 2))
        (home.path / "first").touch()
        first = json.loads((await scheduler.fired(TryKey(1, 1, 1))).resume.event)
        os.kill(first["pid"], signal.SIGKILL)
        (home.path / "second").touch()
        second = json.loads((await scheduler.fired(TryKey(2, 1, 1))).resume.event)
        return first["pid"], second["pid"]

    first, second = home.run(story)
    assert first != second


def test_a_trigger_that_kills_its_process_is_given_up(home: Home) -> None:
    prepare(home)

    async def story(scheduler: FakeScheduler) -> Resume:
        await scheduler.hello()
        order = wait_for("x", kind="gates.Deadly")
        scheduler.send(order)
        return (await scheduler.fired(order.key)).resume

    assert "died each time" in str(home.run(story).error)


def test_a_trigger_that_blocks_the_others_is_ended(home: Home) -> None:
    prepare(home)
    home.worker.trigger_block_s = 0.4

    async def story(scheduler: FakeScheduler) -> tuple[Resume, Resume]:
        await scheduler.hello()
        good, bad = wait_for("open", 1), wait_for("x", 2, "gates.Blocks")
        scheduler.send(good, bad)
        ended = await scheduler.fired(bad.key)
        (home.path / "open").touch()
        return ended.resume, (await scheduler.fired(good.key)).resume

    blocked, fired = home.run(story)
    assert blocked.error == "the trigger held up all others for more than 0.4 s: it must await"
    assert json.loads(fired.event)["gate"] == "open"
    assert "time.sleep(600)" in (home.paths.logs / "d/t2/1.log").read_text()


def test_a_module_that_never_loads_holds_up_nobody_else(home: Home) -> None:
    prepare(home)
    (home.paths.dags / "heavy.py").write_text("import time\ntime.sleep(600)\n")
    home.worker.trigger_check_s = 0.4

    async def story(scheduler: FakeScheduler) -> tuple[Resume, Resume]:
        await scheduler.hello()
        bad, good = wait_for("x", 1, "heavy.Gate"), wait_for("open", 2)
        scheduler.send(bad, good)
        (home.path / "open").touch()
        return (await scheduler.fired(bad.key)).resume, (await scheduler.fired(good.key)).resume

    stuck, fired = home.run(story)
    assert "importing the trigger took longer than 0.4 s" in str(stuck.error)
    assert fired.error is None


CHECKS = """
import time
from pathlib import Path
from hubflow.sdk import Variable

def never():
    time.sleep(600)

def is_there(path):
    return Path(path).exists()

def is_told(city):
    return Variable.get(city)
"""


def wait_for_function(name: str, number: int, *args: str) -> Await:
    """Return the order to call a function of `checks.py` until it returns something true."""
    trigger = PokeTrigger(
        kind=name_of(PythonSensor),
        state={
            "op_args": args,
            "op_kwargs": {},
            "provide_context": None,
            "templates_dict": None,
        },
        functions={},
        context={},
        waits={"interval": 0.02},
    )
    arguments = {**trigger.arguments, "functions": {"python_callable": f"checks:{name}"}}
    order = wait_for("", number, trigger.serialize()[0])
    deferral = structs.replace(
        order.deferral, trigger_kwargs=stored.dumps(arguments, "the arguments")
    )
    return structs.replace(order, deferral=deferral)


def test_functions_that_never_return_leave_room_for_others(home: Home) -> None:
    (home.paths.dags / "checks.py").write_text(CHECKS)
    home.worker.trigger_checks, home.worker.trigger_check_s = 1, 0.2

    async def story(scheduler: FakeScheduler) -> list[Resume]:
        await scheduler.hello()
        # More than there are threads: the process has to be started again in between.
        stuck = [wait_for_function("never", number) for number in range(1, 7)]
        good = wait_for_function("is_there", 7, str(home.path / "open"))
        scheduler.send(*stuck, good)
        (home.path / "open").touch()
        return [(await scheduler.fired(order.key)).resume for order in (*stuck, good)]

    *stuck, good = [json.loads(resume.event) for resume in home.run(story)]
    assert all("took too long" in event["again"] for event in stuck)
    assert good == {"value": None}


def test_a_function_asks_from_its_thread(home: Home) -> None:
    (home.paths.dags / "checks.py").write_text(CHECKS)

    async def story(scheduler: FakeScheduler) -> Resume:
        scheduler.answer = lambda request: Reply(id=request.id, value="Ghent")
        await scheduler.hello()
        order = wait_for_function("is_told", 1, "city")
        scheduler.send(order)
        return (await scheduler.fired(order.key)).resume

    assert json.loads(home.run(story).event) == {"value": None}


def test_a_killed_worker_loses_no_trigger_and_no_event(home: Home) -> None:
    prepare(home)

    async def story(scheduler: FakeScheduler) -> None:
        scheduler.acks = False
        worker = await start_worker(home)
        await scheduler.hello()
        fires, waits = wait_for("first", 1), wait_for("second", 2)
        scheduler.send(fires, waits)
        (home.path / "first").touch()
        fired = await scheduler.fired(fires.key)
        process = json.loads(fired.resume.event)["pid"]
        worker.kill()
        await worker.wait()
        wait_until_dead(process)
        scheduler.heard.clear()

        successor = await start_worker(home)
        assert (await scheduler.hello()).known == [fires.key]
        assert await scheduler.fired(fires.key) == fired
        scheduler.send(waits)  # as the scheduler does for what the worker does not know
        (home.path / "second").touch()
        await scheduler.fired(waits.key)
        successor.terminate()
        await successor.wait()

    tell(home, story)


def test_a_thousand_triggers_share_one_process(home: Home) -> None:
    prepare(home)
    count = 1000

    async def story(scheduler: FakeScheduler) -> list[Fired]:
        await scheduler.hello()
        scheduler.send(*(wait_for("open", number) for number in range(1, count + 1)))
        await asyncio.to_thread((home.path / "open").touch)
        await scheduler.wait_for(lambda: len(_fired(scheduler)) == count, 60)
        return _fired(scheduler)

    fired = home.run(story)
    assert len({json.loads(message.resume.event)["pid"] for message in fired}) == 1
    assert {message.key.task_instance_id for message in fired} == set(range(1, count + 1))


def _fired(scheduler: FakeScheduler) -> list[Fired]:
    return [message for message in scheduler.heard if isinstance(message, Fired)]
