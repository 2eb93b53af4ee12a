"""What the daemon tells a zygote and a task process when it forks them."""

from __future__ import annotations

import msgspec

from hubflow.execution.messages import Launch


class DagSource(msgspec.Struct, frozen=True, kw_only=True):
    """A DAG file: the DAG folder, the path below it, and the text to run as that file."""

    folder: str
    path: str
    text: str


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Run this try. `source` is set if the DAG file is not loaded yet in the process."""

    launch: Launch
    source: DagSource | None = None
    xcom_limit_bytes: int
