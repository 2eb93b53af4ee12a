"""Bash commands that the worker starts without Python in between."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hubflow.execution.messages import Finished, Kill, Launch
from waiting import wait_until_dead

from .fake_scheduler import FakeScheduler, bash
from .harness import Home


def run(home: Home, launch: Launch) -> Finished:
    async def story(scheduler: FakeScheduler) -> Finished:
        await scheduler.hello()
        scheduler.send(launch)
        return await scheduler.result(launch.key)

    return home.run(story)


def test_success_has_log_and_last_line_as_xcom(home: Home) -> None:
    launch = bash("echo one; echo two >&2; echo ' three '")
    result = run(home, launch)
    assert (result.outcome, result.exit_code, result.error) == ("success", 0, None)
    [item] = result.xcoms
    assert (item.key, item.encoding, json.loads(item.data)) == ("return_value", "json", "three")
    log = home.log(launch)
    assert "Starting attempt 1 of 2" in log
    assert "Executing <Task(BashOperator): t> on 2026-11-22T06:00:00+00:00" in log
    assert "one\ntwo\n three \n" in log
    assert "Command exited with return code 0" in log
    assert "Marking task as SUCCESS. dag_id=d, task_id=t, execution_date=20261122T060000" in log


@pytest.mark.parametrize(
    ("command", "value"),
    [
        ("true", ""),
        ("printf 'no newline'", "no newline"),
        ("echo first; echo", ""),
        ("head -c 70000 /dev/zero | tr '\\0' x", "x" * 70_000),
        ("printf 'caf\\xe9'", "caf\\xe9"),
    ],
)
def test_last_line(home: Home, command: str, value: str) -> None:
    [item] = run(home, bash(command)).xcoms
    assert json.loads(item.data) == value


@pytest.mark.parametrize("length", [5_000, 2_000_000])
def test_a_last_line_over_the_limit_fails_the_task_and_says_what_to_do(
    home: Home, length: int
) -> None:
    home.worker.xcom_limit_mb = 0.004
    result = run(home, bash(f"echo first; head -c {length} /dev/zero | tr '\\0' x"))
    assert (result.outcome, result.xcoms) == ("failed", [])
    assert "bytes and may take 4,194; write it to a file" in (result.error or "")


def test_a_last_line_of_more_than_a_mebibyte_is_kept_whole(home: Home) -> None:
    [item] = run(home, bash("head -c 3000000 /dev/zero | tr '\\0' x")).xcoms
    assert json.loads(item.data) == "x" * 3_000_000


def test_no_xcom_if_not_wanted(home: Home) -> None:
    assert run(home, bash("echo hi", push_output=False)).xcoms == []


@pytest.mark.parametrize(
    ("command", "outcome", "code", "words"),
    [
        ("exit 3", "failed", 3, "non-zero exit code 3"),
        ("exit 99", "skipped", 99, None),
        ("kill -9 $$", "failed", -9, "killed by signal 9 (out of memory?)"),
        ("no-such-command-here", "failed", 127, "non-zero exit code 127"),
    ],
)
def test_exit_status_is_the_outcome(
    home: Home, command: str, outcome: str, code: int, words: str | None
) -> None:
    result = run(home, bash(command))
    assert (result.outcome, result.exit_code) == (outcome, code)
    assert words is None or words in (result.error or "")


def test_retry_is_told_in_the_log(home: Home) -> None:
    first, last = bash("exit 1"), bash("exit 1", try_number=2)
    run(home, first)
    run(home, last)
    assert "Marking task as UP_FOR_RETRY" in home.log(first)
    assert "Starting attempt 2 of 2" in home.log(last)
    assert "Marking task as FAILED" in home.log(last)


def test_environment_and_directory(home: Home) -> None:
    launch = bash("env; pwd; touch litter; ls -A")
    run(home, launch)
    log = home.log(launch)
    for line in (
        "AIRFLOW_CTX_DAG_ID=d",
        "AIRFLOW_CTX_TASK_ID=t",
        "AIRFLOW_CTX_EXECUTION_DATE=2026-11-22T06:00:00+00:00",
        "AIRFLOW_CTX_DAG_RUN_ID=manual__1",
        "AIRFLOW_CTX_DAG_OWNER=ada",
        "AIRFLOW_CTX_TRY_NUMBER=1",
        f"HUBFLOW_HOME={home.path}",
        "litter",
    ):
        assert f"{line}\n" in log
    assert list((home.path / "run" / "scratch").iterdir()) == []


def test_given_environment_replaces_ours(home: Home) -> None:
    launch = bash("echo $COLOUR; echo ${HUBFLOW_HOME:-none}", env={"COLOUR": "blue"})
    run(home, launch)
    assert "blue\nnone\n" in home.log(launch)


def test_secrets_do_not_reach_commands(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBFLOW_DATABASE_URL", "postgresql://secret")
    launch = bash("env")
    run(home, launch)
    assert "postgresql://secret" not in home.log(launch)


def test_long_command(home: Home) -> None:
    launch = bash("echo start\n" + "# padding\n" * 30_000 + "echo $((40 + 2))")
    [item] = run(home, launch).xcoms
    assert json.loads(item.data) == "42"


def test_command_with_a_zero_byte_fails_alone(home: Home) -> None:
    result = run(home, bash("echo a\0b"))
    assert result.outcome == "failed"
    assert "could not be started" in (result.error or "")


def test_background_processes_end_with_the_command(home: Home) -> None:
    launch = bash("sleep 600 & echo $!")
    [item] = run(home, launch).xcoms
    wait_until_dead(int(json.loads(item.data)))


def test_timeout_ends_the_whole_group(home: Home) -> None:
    launch = bash("trap '' TERM; sleep 600 & echo $! > $HUBFLOW_HOME/pid; wait", timeout_s=0.2)
    result = run(home, launch)
    assert result.outcome == "failed"
    assert "execution_timeout of 0.2 s" in (result.error or "")
    wait_until_dead(int((home.path / "pid").read_text()))


def test_kill_ends_the_whole_group(home: Home, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ready")
    launch = bash(f"sleep 600 & echo $! > {tmp_path}/ready; wait")

    async def story(scheduler: FakeScheduler) -> tuple[int, Finished]:
        await scheduler.hello()
        scheduler.send(launch)
        await scheduler.started(launch.key)
        sleeper = int((tmp_path / "ready").read_text())
        scheduler.send(Kill(key=launch.key, reason="marked failed by ada"))
        return sleeper, await scheduler.result(launch.key)

    sleeper, result = home.run(story)
    wait_until_dead(sleeper)
    assert (result.outcome, result.error) == ("failed", "marked failed by ada")
    assert "Ending the task: marked failed by ada" in home.log(launch)


def test_memory_limit(home: Home) -> None:
    home.worker.task_memory_mb = 100
    result = run(home, bash("x=$(head -c 300000000 /dev/zero | tr '\\0' x); echo ${#x}"))
    assert result.outcome == "failed"


def test_full_disk_fails_the_try_with_a_clear_word(home: Home) -> None:
    launch = bash("echo hi")
    log = home.paths.logs / launch.log_path
    log.parent.mkdir(parents=True)
    log.symlink_to("/dev/full")
    result = run(home, launch)
    assert result.outcome == "failed"
    assert "No space left on device" in (result.error or "")
