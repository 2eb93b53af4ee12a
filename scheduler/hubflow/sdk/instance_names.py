"""What people call an instance of a mapped task: its `map_index_template`, once it has run."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from hubflow.questions import NameInstance
from hubflow.sdk import secrets
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.operator import BaseOperator
from hubflow.sdk.runtime import current_runtime
from hubflow.sdk.taskinstance import TaskInstance

MOST = 250

log = logging.getLogger("hubflow.task")


def tell(task: BaseOperator, context: Mapping[str, Any], ti: TaskInstance) -> None:
    """Name this instance as its template says; raises what rendering raises."""
    if task.map_index_template is None or ti.map_index < 0:
        return
    # A text that ends like a template file is a name all the same.
    text = task.dag.templates.render(task.map_index_template, context)
    name = " ".join(secrets.masked(str(text)).split())[:MOST]
    log.info("This instance is called %r", name)
    if ti.test_mode:
        return
    try:
        # Asked, not posted: whoever hears that it is over is to find it named.
        current_runtime().ask(NameInstance(name=name))
    except HubflowException as exc:
        log.warning("The name of this instance is not kept: %s", exc)
