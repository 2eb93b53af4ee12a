"""Twenty faults, chosen by a seed that is printed; HUBFLOW_CHAOS_SEED chooses the same again."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from chaos.faults import plan
from chaos.trial import Trial

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
