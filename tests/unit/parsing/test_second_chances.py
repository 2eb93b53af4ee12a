"""Broken DAG files are tried again, less and less often."""

from __future__ import annotations

from hubflow.parsing.second_chances import LONGEST_PAUSE_S, SecondChances


def test_pauses_double_up_to_a_limit() -> None:
    chances, now, pauses = SecondChances(), 1000.0, []
    for _ in range(7):
        chances.failed("a.py", now, took_s=0.1)
        due_at = next(now + s for s in range(2000) if chances.due(now + s))
        pauses.append(due_at - now)
        now = due_at
    assert pauses == [60, 120, 240, 480, 960, LONGEST_PAUSE_S, LONGEST_PAUSE_S]


def test_a_file_that_is_due_is_told_once() -> None:
    chances = SecondChances()
    chances.failed("b.py", 0.0, 0.0)
    chances.failed("a.py", 0.0, 0.0)
    assert chances.due(59.0) == []
    assert chances.due(60.0) == ["a.py", "b.py"]
    assert chances.due(60.0) == []


def test_a_slow_file_is_tried_seldom() -> None:
    chances = SecondChances()
    chances.failed("slow.py", 0.0, took_s=30.0)
    assert chances.due(2999.0) == []
    assert chances.due(3000.0) == ["slow.py"]


def test_a_file_that_was_mended_begins_anew() -> None:
    chances = SecondChances()
    chances.failed("a.py", 0.0, 0.0)
    chances.failed("a.py", 60.0, 0.0)
    chances.forget("a.py")
    assert chances.due(1e6) == []
    chances.failed("a.py", 100.0, 0.0)
    assert chances.due(160.0) == ["a.py"]
