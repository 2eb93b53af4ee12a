"""What a test needs from outside: absent, the test is skipped with a reason, or fails in CI."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def is_missing(reason: str) -> NoReturn:
    """Skip the test, or fail it where HUBFLOW_REQUIRE_SERVERS says that everything is there."""
    if os.environ.get("HUBFLOW_REQUIRE_SERVERS"):
        pytest.fail(reason)
    pytest.skip(reason)
