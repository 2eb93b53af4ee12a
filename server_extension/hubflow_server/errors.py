"""Errors that only the web side has."""

from __future__ import annotations

from hubflow.errors import HubflowError


class EngineAway(HubflowError):
    """The DAG processor did not answer in time."""

    code = "engine-away"


class ServiceAway(HubflowError):
    """The relay cannot reach the hubflow service."""

    code = "service-away"

    def __init__(self) -> None:
        super().__init__(
            "the hubflow service does not answer; it may be restarting, "
            "else ask whoever runs this Hub to look at its log"
        )


class BodyTooLarge(HubflowError):
    """A request brought more than anybody of ours has to say."""

    code = "body-too-large"

    def __init__(self, most_bytes: int) -> None:
        super().__init__(f"the body is larger than {most_bytes // 2**20} MB; send less")


class ServiceSlow(HubflowError):
    """The hubflow service accepted a relayed request and did not answer it."""

    code = "service-slow"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the hubflow service gave no answer within {seconds:.0f} s; try again")


class ScopeMissing(HubflowError):
    """A known caller whose token or role does not open the service."""

    code = "scope-missing"

    def __init__(self, name: str, scope: str) -> None:
        super().__init__(f"{name!r} may not use hubflow: the token lacks the scope {scope}")
