"""The worker's memory on disk."""

from __future__ import annotations

import os
import resource
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hubflow.execution.messages import Finished, TryKey
from hubflow.worker import journal as journals
from hubflow.worker.journal import Journal
from hubflow.worker.processes import Identity

GROUP = Identity(pid=4711, start_ticks=99, session=4000)


def finished(seq: int) -> Finished:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return Finished(seq=seq, key=TryKey(seq, 1), at=at, outcome="success")


def reopened(journal: Journal, path: Path) -> Journal:
    journal.close()
    return Journal(path)


def test_successor_knows_what_ran_and_what_was_not_acknowledged(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.began(TryKey(1, 1), GROUP)
    journal.began(TryKey(2, 1), GROUP)
    journal.ended(finished(2))
    journal.ended(finished(3))
    journal.acknowledged(2)
    after = reopened(journal, tmp_path / "j")
    assert after.running == {TryKey(1, 1): GROUP}
    assert after.results == {3: finished(3)}
    assert after.last_seq == 3
    after.close()


def test_successor_knows_what_may_have_been_started(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    for number in (1, 2, 3):
        journal.begins(TryKey(number, 1), f"{number}.log")
    journal.began(TryKey(1, 1), GROUP)
    journal.ended(finished(2))
    after = reopened(reopened(journal, tmp_path / "j"), tmp_path / "j")
    assert after.running == {TryKey(1, 1): GROUP}
    assert after.beginning == {TryKey(3, 1): "3.log"}
    after.close()


def test_numbers_never_start_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.ended(finished(41))
    journal.acknowledged(41)
    after = reopened(reopened(journal, tmp_path / "j"), tmp_path / "j")
    assert (after.results, after.last_seq) == ({}, 41)
    after.close()


@pytest.mark.parametrize("lost", [1, 3, 20])
def test_torn_last_record_is_dropped(tmp_path: Path, lost: int) -> None:
    journal = Journal(tmp_path / "j")
    journal.ended(finished(1))
    journal.ended(finished(2))
    data = (tmp_path / "j").read_bytes()
    (tmp_path / "j").write_bytes(data[:-lost])
    after = reopened(journal, tmp_path / "j")
    assert after.results == {1: finished(1)}
    after.close()


def test_file_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "EMPTY_BYTES", 2000)
    journal = Journal(tmp_path / "j")
    for seq in range(1, 1000):
        journal.ended(finished(seq))
        journal.acknowledged(seq)
    assert (tmp_path / "j").stat().st_size < 4000
    journal.close()


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    Journal(tmp_path / "j").close()
    assert (tmp_path / "j").stat().st_mode & 0o777 == 0o600


def test_full_disk_loses_nothing_while_the_worker_lives(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.ended(finished(1))
    full = os.open("/dev/full", os.O_WRONLY)
    disk = os.dup(journal._fd)
    os.dup2(full, journal._fd)
    journal.ended(finished(2))
    assert list(journal.results) == [1, 2]
    os.dup2(disk, journal._fd)
    journal.ended(finished(3))
    after = reopened(journal, tmp_path / "j")
    assert list(after.results) == [1, 3]
    after.close()
    os.close(full)
    os.close(disk)


def test_full_disk_starts_nothing_that_a_successor_would_not_know(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, journal._fd)
    with pytest.raises(OSError, match="No space left"):
        journal.begins(TryKey(1, 1), "1.log")
    assert not journal.beginning
    journal.close()
    os.close(full)


def limit_files(size: int) -> None:
    """Have this process write no file beyond so many bytes."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_new_file_that_is_written_in_part_does_not_replace_the_old_one(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    for seq in range(1, 40):
        journal.ended(finished(seq))
    journal.close()
    size = (tmp_path / "j").stat().st_size
    limit_files(size // 2)
    try:
        with pytest.raises(OSError, match="too large"):
            Journal(tmp_path / "j")
    finally:
        limit_files(resource.RLIM_INFINITY)
    after = Journal(tmp_path / "j")
    assert list(after.results) == list(range(1, 40))
    after.close()
