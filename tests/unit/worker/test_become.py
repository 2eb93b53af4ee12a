"""The refusals of `run_as_user`; that it works is shown in test_python_tasks.py."""

from __future__ import annotations

import os
from typing import Any

import pytest

from hubflow.errors import CannotBecome
from hubflow.worker.become import become


def test_a_worker_that_is_not_root_says_that_it_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1)
    with pytest.raises(CannotBecome, match="run_as_user='nobody' is not possible: the worker runs"):
        become("nobody")


def test_what_the_system_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "initgroups", refuse)
    with pytest.raises(CannotBecome, match="Operation not permitted"):
        become("nobody")
