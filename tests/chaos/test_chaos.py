"""Twenty faults, chosen by a seed that is printed; HUBFLOW_CHAOS_SEED chooses the same again."""

from __future__ import annotations

import os
import random
import time
from contextlib import closing
from pathlib import Path

import pytest

from chaos.faults import plan
from chaos.trial import Trial
from servers.postgres import Postgres

KILLS = 20


@pytest.mark.timeout(600)
def test_twenty_faults_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    seed = int(os.environ.get("HUBFLOW_CHAOS_SEED") or time.time())
    print("seed", seed)
    trial = Trial(tmp_path, seed, under_way=16)
    try:
        trial.start()
        for name, argument in plan(random.Random(seed), KILLS, trial.cluster):
            trial.strike(name, argument)
        _, violations = trial.finish()
        assert violations == []
    finally:
        trial.close()


@pytest.mark.timeout(600)
def test_a_database_server_that_dies_or_hangs_up_loses_nothing(tmp_path: Path) -> None:
    with closing(Postgres(survives_kills=True)) as server:
        trial = Trial(tmp_path, seed=0, under_way=12, server=server)
        try:
            trial.start()
            for name in ("cut_connections", "kill_database", "kill_leader", "kill_database"):
                trial.strike(name)
            _, violations = trial.finish()
            assert violations == []
        finally:
            trial.close()
