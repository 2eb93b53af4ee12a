"""Knowing a process group again."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from hubflow.worker.processes import LOG_VARIABLE, groups_writing, identify, kill_groups


def test_group_is_killed_with_its_members() -> None:
    group = subprocess.Popen(["sh", "-c", "sleep 600 & sleep 600"], process_group=0)
    identity = identify(group.pid)
    assert identity is not None
    assert kill_groups([identity]) == [identity]
    assert group.wait(5) == -9


def test_members_are_found_after_their_leader_is_gone() -> None:
    leader = subprocess.Popen(
        ["sh", "-c", "sleep 600 >&- & echo $!; read wait"],
        process_group=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert leader.stdin is not None
    assert leader.stdout is not None
    identity = identify(leader.pid)
    member = int(leader.stdout.readline())
    assert identity is not None
    leader.communicate(b"\n", timeout=5)
    assert kill_groups([identity]) == [identity]
    deadline = time.monotonic() + 5
    while "sleep" in command(member):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_group_is_found_by_what_it_writes_to(tmp_path: Path) -> None:
    log = tmp_path / "1.log"
    with log.open("wb") as output:
        group = subprocess.Popen(["sleep", "600"], process_group=0, stdout=output)
    assert groups_writing(log) == {identify(group.pid)}
    assert groups_writing(tmp_path / "2.log") == set()
    group.kill()
    group.wait()
    assert groups_writing(log) == set()


def test_group_that_writes_elsewhere_is_found_by_the_log_it_was_started_with(
    tmp_path: Path,
) -> None:
    log = tmp_path / "1.log"
    log.touch()
    variables = {**os.environ, LOG_VARIABLE: str(log)}
    group = subprocess.Popen(
        ["bash", "-c", "exec sleep 600"],
        process_group=0,
        stdout=subprocess.DEVNULL,
        env=variables,
    )
    assert groups_writing(log) == {identify(group.pid)}
    group.kill()
    group.wait()


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except FileNotFoundError:
        return ""


def test_process_that_got_a_reused_pid_is_left_alone() -> None:
    stranger = subprocess.Popen(["sleep", "600"], process_group=0)
    identity = identify(stranger.pid)
    assert identity is not None
    before = identity._replace(start_ticks=identity.start_ticks - 1)
    elsewhere = identity._replace(session=identity.session + 1)
    assert kill_groups([before]) == []
    assert kill_groups([elsewhere]) == []
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_process_that_is_gone_has_no_identity() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert identify(gone.pid) is None
    assert identify(os.getpid()) is not None
