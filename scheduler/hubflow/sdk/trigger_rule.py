"""Names of trigger rules and weight rules; what they mean is decided in `hubflow.rules`."""

from __future__ import annotations

from enum import StrEnum


class _Rule(StrEnum):
    @classmethod
    def is_valid(cls, name: object) -> bool:
        return isinstance(name, str) and name in cls._value2member_map_


class TriggerRule(_Rule):
    """When a task runs, given the states of its direct upstream tasks (SEMANTICS 2.4)."""

    ALL_SUCCESS = "all_success"
    ALL_FAILED = "all_failed"
    ALL_DONE = "all_done"
    ONE_SUCCESS = "one_success"
    ONE_FAILED = "one_failed"
    NONE_FAILED = "none_failed"
    NONE_FAILED_OR_SKIPPED = "none_failed_or_skipped"
    NONE_SKIPPED = "none_skipped"
    DUMMY = "dummy"
    ALWAYS = "always"
    NONE_FAILED_MIN_ONE_SUCCESS = "none_failed_min_one_success"
    ONE_DONE = "one_done"
    ALL_SKIPPED = "all_skipped"
    ALL_DONE_SETUP_SUCCESS = "all_done_setup_success"

    @classmethod
    def all_triggers(cls) -> set[str]:
        return {rule.value for rule in cls}


class WeightRule(_Rule):
    """How a task's effective priority weight is summed over its relatives (SEMANTICS 2.1)."""

    DOWNSTREAM = "downstream"
    UPSTREAM = "upstream"
    ABSOLUTE = "absolute"

    @classmethod
    def all_weight_rules(cls) -> set[str]:
        return {rule.value for rule in cls}
