"""Python tasks in processes forked from the zygote of their DAG file."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import re
import signal
from typing import Any

import pytest

from hubflow.execution.messages import Finished, Kill, Launch, Progress, Reply, Started
from waiting import is_alive, until, wait_until_dead

from .fake_scheduler import FakeScheduler, make_launch
from .harness import Home

DAG_FILE = """
import logging, os, subprocess, sys, time
from datetime import datetime, timedelta
from hubflow.sdk import DAG, BaseOperator, TaskFailed, TaskSkipped

LOADED_BY = os.getpid()

def function(context):
{body}

class Call(BaseOperator):
    def execute(self, context):
        return function(context)

    def on_kill(self):
        print("on_kill was called")

with DAG("d", start_date=datetime(2026, 1, 1), schedule_interval=None):
    Call(task_id="t", {arguments})
"""


def dag_file(body: str, arguments: str = "") -> str:
    indented = "\n".join(f"    {line}" for line in body.strip().splitlines())
    return DAG_FILE.format(body=indented, arguments=arguments)


def run(home: Home, body: str, arguments: str = "", **changes: Any) -> tuple[Launch, Finished]:
    async def story(scheduler: FakeScheduler) -> tuple[Launch, Finished]:
        await scheduler.hello()
        source_hash = scheduler.add_source(dag_file(body, arguments))
        launch = make_launch(source_hash=source_hash, **changes)
        scheduler.send(launch)
        return launch, await scheduler.result(launch.key)

    return home.run(story)


def test_a_result_over_the_limit_fails_the_task_and_says_what_to_do(home: Home) -> None:
    home.worker.xcom_limit_mb = 0.01
    _, result = run(home, "return 'x' * 20_000")
    assert result.outcome == "failed"
    assert "takes 20,002 bytes and may take 10,485; write it to a file" in (result.error or "")


def test_success_pushes_the_result(home: Home) -> None:
    launch, result = run(home, "print('raw'); logging.getLogger('x').info('hello'); return [1, 2]")
    assert (result.outcome, result.exit_code, result.error) == ("success", 0, None)
    [item] = result.xcoms
    assert (item.key, json.loads(item.data), item.text) == ("return_value", [1, 2], "[1, 2]")
    log = home.log(launch)
    assert "Starting attempt 1 of 2" in log
    assert "\nraw\n" in log
    assert re.search(r"\[2\d{3}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] \{d\.py:\d+\} INFO - hello", log)
    assert "Marking task as SUCCESS" in log


def test_file_runs_as_if_it_lay_in_the_dag_folder(home: Home) -> None:
    _, result = run(home, "return [__file__, os.environ['AIRFLOW_CTX_TASK_ID']]")
    assert json.loads(result.xcoms[0].data) == [str(home.paths.dags / "d.py"), "t"]


def test_secrets_do_not_reach_tasks(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBFLOW_FERNET_KEY", "secret")
    _, result = run(home, "return sorted(os.environ)")
    names = json.loads(result.xcoms[0].data)
    assert "HUBFLOW_HOME" in names
    assert "HUBFLOW_FERNET_KEY" not in names


def test_error_is_named_with_its_traceback(home: Home) -> None:
    launch, result = run(home, "raise ValueError('no rows')")
    assert (result.outcome, result.exit_code) == ("failed", 1)
    assert result.error == "ValueError: no rows"
    assert "Traceback" in home.log(launch)
    assert "raise ValueError('no rows')" in home.log(launch)
    assert "Marking task as UP_FOR_RETRY" in home.log(launch)


def test_all_lines_of_an_error_are_told_within_bounds(home: Home) -> None:
    launch, result = run(home, "raise ValueError('no rows\\nin:\\n' + 'x' * 5_000)")
    assert result.error == "ValueError: no rows"
    text = result.error_text or ""
    assert text.startswith("ValueError: no rows\nin:\nxxx")
    assert len(text) == 4_001
    assert "{worker} ERROR - ValueError: no rows\nin:\n" in home.log(launch)


def test_a_skip_is_no_error_in_the_log(home: Home) -> None:
    launch, _ = run(home, "raise TaskSkipped('not today')")
    assert "{worker} INFO - not today" in home.log(launch)
    assert " ERROR " not in home.log(launch)


@pytest.mark.parametrize(
    ("body", "outcome"),
    [("raise TaskSkipped('not today')", "skipped"), ("raise TaskFailed('never')", "fail_now")],
)
def test_outcomes_without_retry(home: Home, body: str, outcome: str) -> None:
    assert run(home, body)[1].outcome == outcome


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ("os._exit(7)", 7, "exited with status 7"),
        ("os._exit(0)", 0, "exited with status 0 before the task was over"),
        ("os.kill(os.getpid(), 9)", -signal.SIGKILL, "signal 9 (out of memory?)"),
        ("os.kill(os.getpid(), 11)", -signal.SIGSEGV, "signal 11 (SIGSEGV)"),
    ],
)
def test_process_that_ends_without_a_word_failed(
    home: Home, body: str, code: int, words: str
) -> None:
    _, result = run(home, body)
    assert (result.outcome, result.exit_code) == ("failed", code)
    assert words in (result.error or "")


def test_memory_limit_is_an_error_of_the_task(home: Home) -> None:
    home.worker.task_memory_mb = 512
    _, result = run(home, "bytearray(2 << 30)")
    assert (result.outcome, result.error) == ("failed", "MemoryError")


def test_grandchild_dies_with_the_task(home: Home) -> None:
    _, result = run(home, "return subprocess.Popen(['sleep', '600']).pid")
    wait_until_dead(int(json.loads(result.xcoms[0].data)))


def test_timeout_is_raised_in_the_task(home: Home) -> None:
    arguments = "execution_timeout=timedelta(seconds=0.2)"
    launch, result = run(home, "time.sleep(600)", arguments, timeout_s=0.2)
    assert result.outcome == "failed"
    assert "execution_timeout of 0:00:00.2" in (result.error or "")
    assert "on_kill was called" in home.log(launch)


def test_task_that_ignores_its_timeout_is_killed_with_its_group(home: Home) -> None:
    body = """
signal = __import__('signal')
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM, signal.SIGTERM])
sleeper = subprocess.Popen(['sleep', '600'])
print('sleeper', sleeper.pid)
sleeper.wait()
"""
    launch, result = run(home, body, timeout_s=0.1)
    assert (result.outcome, result.exit_code) == ("failed", -signal.SIGKILL)
    assert "execution_timeout of 0.1 s" in (result.error or "")
    found = re.search(r"sleeper (\d+)", home.log(launch))
    assert found is not None
    wait_until_dead(int(found[1]))


def test_kill_calls_on_kill(home: Home) -> None:
    async def story(scheduler: FakeScheduler) -> tuple[Launch, Finished]:
        await scheduler.hello()
        body = """
from hubflow.sdk import current_runtime
current_runtime().report_progress(1, 2, 'go')
time.sleep(600)
"""
        launch = make_launch(source_hash=scheduler.add_source(dag_file(body)))
        scheduler.send(launch)
        await scheduler.wait_for(lambda: any(isinstance(m, Progress) for m in scheduler.heard))
        scheduler.send(Kill(key=launch.key, reason="cleared by ada"))
        return launch, await scheduler.result(launch.key)

    launch, result = home.run(story)
    assert (result.outcome, result.error) == ("failed", "cleared by ada")
    assert "on_kill was called" in home.log(launch)


def test_a_task_killed_in_the_moment_of_its_launch_gives_its_slot_back(home: Home) -> None:
    home.worker.slots = 1

    async def story(scheduler: FakeScheduler) -> tuple[Finished, Finished]:
        await scheduler.hello()
        source_hash = scheduler.add_source(dag_file("return 1"))
        first, second = (make_launch(id, source_hash=source_hash) for id in (1, 2))
        scheduler.send(first, Kill(key=first.key, reason="not needed"), second)
        return await scheduler.result(first.key), await scheduler.result(second.key)

    killed, ran = home.run(story)
    assert (killed.outcome, killed.error) == ("failed", "not needed")
    assert ran.outcome == "success"


def test_a_process_that_a_task_forked_ends_by_sigterm_as_any_other(home: Home) -> None:
    body = """
pid = os.fork()
if pid == 0:
    try:
        time.sleep(600)
    finally:
        os._exit(3)
os.kill(pid, 15)
return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""
    launch, result = run(home, body)
    assert json.loads(result.xcoms[0].data) == -signal.SIGTERM
    assert "on_kill was called" not in home.log(launch)


def test_pools_of_processes_close_in_a_task(home: Home) -> None:
    body = """
from multiprocessing import get_context
for _ in range(5):
    with get_context("fork").Pool(2):
        pass
with get_context("fork").Pool(2) as pool:
    return pool.map(abs, [-1, 2])
"""
    launch, result = run(home, body)
    assert result.outcome == "success", home.log(launch)
    assert json.loads(result.xcoms[0].data) == [1, 2]


CALLBACKS = """
retries=1, execution_timeout=timedelta(hours=1),
on_success_callback=lambda context: print("called success", context["ti"].state),
on_failure_callback=lambda context: print("called failure", context["ti"].state),
on_retry_callback=lambda context: print("called retry"),
"""


@pytest.mark.parametrize(
    ("state", "called", "last_words"),
    [
        ("success", ["called success success"], "Marking task as SUCCESS"),
        ("failed", ["called failure failed"], "Marking task as FAILED"),
        ("skipped", [], "Marking task as SKIPPED"),
        ("none", [], "This try was ended and its result does not count"),
    ],
)
def test_a_task_that_was_marked_calls_back_for_its_new_state(
    home: Home, state: str, called: list[str], last_words: str
) -> None:
    async def story(scheduler: FakeScheduler) -> Launch:
        await scheduler.hello()
        body = """
from hubflow.sdk import current_runtime
current_runtime().report_progress(1, 2, 'go')
time.sleep(600)
"""
        source_hash = scheduler.add_source(dag_file(body, CALLBACKS))
        launch = make_launch(source_hash=source_hash, max_tries=2)
        scheduler.send(launch)
        await scheduler.wait_for(lambda: any(isinstance(m, Progress) for m in scheduler.heard))
        scheduler.send(Kill(key=launch.key, reason="set by ada", state=state))
        await scheduler.result(launch.key)
        return launch

    log = home.log(home.run(story))
    assert [line for line in log.splitlines() if line.startswith("called")] == called, log
    assert f"{last_words}. dag_id=d, task_id=t" in log


def test_xcom_goes_through_the_scheduler(home: Home) -> None:
    _, result = run(
        home,
        "ti = context['ti']\nti.xcom_push('k', {'a': 1})\nreturn ti.xcom_pull('t', key='k')['a']",
    )
    assert json.loads(result.xcoms[0].data) == 1


def test_refused_xcom_is_an_error_of_the_task(home: Home) -> None:
    async def story(scheduler: FakeScheduler) -> Finished:
        answer = scheduler.answer

        def refuse(request: Any) -> Reply | None:
            is_push = type(request.body).__name__ == "PushXCom"
            return Reply(id=request.id, error="the disk is full") if is_push else answer(request)

        scheduler.answer = refuse
        await scheduler.hello()
        source_hash = scheduler.add_source(dag_file("context['ti'].xcom_push('k', 1)"))
        launch = make_launch(source_hash=source_hash)
        scheduler.send(launch)
        return await scheduler.result(launch.key)

    result = home.run(story)
    assert result.outcome == "failed"
    assert "the disk is full" in (result.error or "")


def test_broken_file_fails_the_task_with_its_traceback(home: Home) -> None:
    async def story(scheduler: FakeScheduler) -> tuple[Launch, Finished]:
        await scheduler.hello()
        launch = make_launch(source_hash=scheduler.add_source("import no_such_module"))
        scheduler.send(launch)
        return launch, await scheduler.result(launch.key)

    launch, result = home.run(story)
    assert result.outcome == "failed"
    assert "No module named 'no_such_module'" in (result.error or "")
    assert "line 1" in home.log(launch)


def test_file_without_the_dag_fails_the_task(home: Home) -> None:
    _, result = run(home, "pass", dag_id="other")
    assert result.outcome == "failed"
    assert "defines no DAG 'other'" in (result.error or "")


def test_unknown_source_fails_the_task(home: Home) -> None:
    async def story(scheduler: FakeScheduler) -> Finished:
        await scheduler.hello()
        launch = make_launch(source_hash="0" * 64)
        scheduler.send(launch)
        return await scheduler.result(launch.key)

    assert "no such source" in (home.run(story).error or "")


def test_two_versions_of_a_file_run_side_by_side(home: Home) -> None:
    async def story(scheduler: FakeScheduler) -> list[Any]:
        await scheduler.hello()
        values = []
        for number in (1, 2, 1):
            source_hash = scheduler.add_source(dag_file(f"return [{number}, LOADED_BY]"))
            launch = make_launch(len(values) + 1, source_hash=source_hash)
            scheduler.send(launch)
            values.append(json.loads((await scheduler.result(launch.key)).xcoms[0].data))
        return values

    first, second, third = home.run(story)
    assert (first[0], second[0], third[0]) == (1, 2, 1)
    assert first[1] == third[1] != second[1]  # The zygote has loaded the file once.


def test_changed_module_of_the_dag_folder_is_read_again(home: Home) -> None:
    module = home.paths.dags / "shared_words.py"
    file = dag_file("import shared_words; return shared_words.WORD")

    async def story(scheduler: FakeScheduler) -> list[str]:
        await scheduler.hello()
        source_hash = scheduler.add_source("import shared_words\n" + file)
        words = []
        for number, word in enumerate(["old", "newer"], 1):
            module.write_text(f"WORD = {word!r}\n")
            launch = make_launch(number, source_hash=source_hash)
            scheduler.send(launch)
            words.append(json.loads((await scheduler.result(launch.key)).xcoms[0].data))
        return words

    assert home.run(story) == ["old", "newer"]


def test_file_that_starts_threads_is_loaded_in_each_process(home: Home) -> None:
    threads = "import threading as t\nt.Thread(target=t.Event().wait, daemon=True).start()\n"
    file = dag_file("return [os.getpid(), LOADED_BY]") + threads

    async def story(scheduler: FakeScheduler) -> list[int]:
        await scheduler.hello()
        launch = make_launch(source_hash=scheduler.add_source(file))
        scheduler.send(launch)
        value: list[int] = json.loads((await scheduler.result(launch.key)).xcoms[0].data)
        return value

    pid, loaded_by = home.run(story)
    assert pid == loaded_by


def test_idle_and_surplus_zygotes_end(home: Home) -> None:
    home.worker.max_zygotes = 1
    home.worker.zygote_idle_s = 1.0

    async def story(scheduler: FakeScheduler) -> list[int]:
        await scheduler.hello()
        zygotes = []
        for number in (1, 2):
            source_hash = scheduler.add_source(dag_file(f"return LOADED_BY  # {number}"))
            launch = make_launch(number, source_hash=source_hash)
            scheduler.send(launch)
            zygotes.append(int(json.loads((await scheduler.result(launch.key)).xcoms[0].data)))
        await until(lambda: not any(map(is_alive, zygotes)))
        return zygotes

    assert len(set(home.run(story))) == 2


def test_started_comes_before_finished(home: Home) -> None:
    async def story(scheduler: FakeScheduler) -> list[type]:
        await scheduler.hello()
        launch = make_launch(source_hash=scheduler.add_source(dag_file("pass")))
        scheduler.send(launch)
        await scheduler.result(launch.key)
        return [type(m) for m in scheduler.heard if isinstance(m, Started | Finished)]

    assert home.run(story) == [Started, Finished]


def test_killed_zygote_fails_its_tasks_with_all_they_started(home: Home) -> None:
    async def story(scheduler: FakeScheduler) -> tuple[Finished, Finished, int]:
        await scheduler.hello()
        body = """
sleeper = subprocess.Popen(['sleep', '600'])
with open(os.environ['HUBFLOW_HOME'] + '/pids', 'w') as file:
    file.write(f'{LOADED_BY} {sleeper.pid}')
sleeper.wait()
"""
        os.mkfifo(home.path / "pids")
        launch = make_launch(1, source_hash=scheduler.add_source(dag_file(body)))
        scheduler.send(launch)
        told = await asyncio.to_thread((home.path / "pids").read_text)
        zygote, sleeper = map(int, told.split())
        os.kill(zygote, signal.SIGKILL)
        lost = await scheduler.result(launch.key)
        again = make_launch(2, source_hash=scheduler.add_source(dag_file("return 1")))
        scheduler.send(again)
        return lost, await scheduler.result(again.key), sleeper

    lost, after, sleeper = home.run(story)
    assert (lost.outcome, after.outcome) == ("failed", "success")
    wait_until_dead(sleeper)


def test_more_files_at_once_than_zygotes(home: Home) -> None:
    home.worker.max_zygotes = 1

    async def story(scheduler: FakeScheduler) -> list[str]:
        await scheduler.hello()
        launches = [
            make_launch(number, source_hash=scheduler.add_source(dag_file(f"return {number}")))
            for number in range(1, 7)
        ]
        scheduler.send(*launches)
        return [(await scheduler.result(launch.key)).outcome for launch in launches]

    assert home.run(story) == ["success"] * 6


@pytest.mark.skipif(os.getuid() != 0, reason="only root may switch users")
def test_a_task_runs_as_the_user_that_it_names(home: Home) -> None:
    launch, result = run(
        home,
        "print(os.getuid(), os.getgid(), os.environ['USER']); os.setuid(0)",
        run_as_user="nobody",
    )
    entry = pwd.getpwnam("nobody")
    assert f"{entry.pw_uid} {entry.pw_gid} nobody" in home.log(launch)
    assert (result.outcome, "PermissionError" in (result.error or "")) == ("failed", True)


def test_a_user_that_is_not_there_is_named(home: Home) -> None:
    _, result = run(home, "return 1", run_as_user="nobody-of-this-name")
    assert result.outcome == "failed"
    assert "run_as_user='nobody-of-this-name' is not possible: there is no such" in str(
        result.error
    )
