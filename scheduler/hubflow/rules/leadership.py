"""Whether a scheduler that stands by may take over. Pure: clocks and processes stay outside."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What a scheduler that does not lead does next."""

    TAKE = "take"
    WAIT = "wait"
    GIVE_UP = "give up"


def may_lead(
    *,
    is_held: bool,
    is_gone: bool,
    is_elsewhere: bool,
    beats_seen: int,
    silent_s: float,
    lease_s: float,
) -> Verdict:
    """Say what to do about the lease as it was last read.

    Parameters
    ----------
    is_held : somebody holds it. ``is_gone``: the holder was a process of this host that is dead.
    is_elsewhere : the holder is a process of another host.
    beats_seen : signs of life that the holder gave since it was first looked at.
    silent_s : seconds, by our own monotonic clock, since the last change of the lease.

    A living holder on another host has a worker of its own that we cannot see: to take over
    from it later would run its tasks twice, so there is no standing by for it.
    """
    if not is_held or is_gone or silent_s >= lease_s:
        return Verdict.TAKE
    if is_elsewhere and beats_seen:
        return Verdict.GIVE_UP
    return Verdict.WAIT
