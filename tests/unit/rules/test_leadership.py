from typing import Any

import pytest

from hubflow.rules.leadership import Verdict, may_lead

# What is read of the lease, and what a scheduler that stands by does about it.
CASES: list[tuple[dict[str, Any], Verdict]] = [
    ({"is_held": False}, Verdict.TAKE),
    ({"is_gone": True}, Verdict.TAKE),
    ({"silent_s": 2.9}, Verdict.WAIT),
    ({"silent_s": 3.0}, Verdict.TAKE),
    ({"beats_seen": 5}, Verdict.WAIT),
    ({"is_elsewhere": True}, Verdict.WAIT),
    ({"is_elsewhere": True, "beats_seen": 1}, Verdict.GIVE_UP),
    ({"is_elsewhere": True, "beats_seen": 1, "silent_s": 3.0}, Verdict.TAKE),
]


@pytest.mark.parametrize(("facts", "verdict"), CASES)
def test_verdict(facts: dict[str, Any], verdict: Verdict) -> None:
    usual = {
        "is_held": True,
        "is_gone": False,
        "is_elsewhere": False,
        "beats_seen": 0,
        "silent_s": 0.0,
        "lease_s": 3.0,
    }
    assert may_lead(**{**usual, **facts}) is verdict
