"""`hubflow tasks logs`: print the log of a try, also while it grows."""

from __future__ import annotations

import sys

from traitlets import Bool, Int

from hubflow.cli.base import ALIASES
from hubflow.cli.instance import MAP_INDEX, RUN, OfInstance, run_id
from hubflow.cli.local import backend, local_actor
from hubflow.cli.wait import wait_until
from hubflow.services import task_instances, task_logs


class LogsApp(OfInstance):
    """Print the log of a task in a run: `hubflow tasks logs DAG_ID TASK_ID RUN`.

    RUN is a run id or an execution date. It is the log of the last try, or of the one that
    --try names. With --follow, what is written until the try ends comes, too.
    """

    description = __doc__
    arguments = ("a DAG id", "a task id", RUN)
    try_number = Int(None, allow_none=True, min=1, help="Which try; else the last one.").tag(
        config=True
    )
    follow = Bool(False, help="Wait for what is still written, until the try ends.").tag(
        config=True
    )
    aliases = {**ALIASES, **MAP_INDEX, "try": "LogsApp.try_number"}
    flags = {"follow": ({"LogsApp": {"follow": True}}, "Print on until the try ends.")}

    def run(self) -> None:
        dag_id, task_id, name = self.words
        services, actor = backend(self), local_actor()
        run = run_id(self, dag_id, name)
        index = self.one_index(dag_id, run, task_id)
        number = self.try_number
        if number is None:
            instance = task_instances.get(services, actor, dag_id, run, task_id, index)
            number = max(1, instance.try_number)
        offset = 0

        def look() -> bool | None:
            nonlocal offset
            log = task_logs.locate(services, actor, dag_id, run, task_id, number, index)
            page = task_logs.read_whole(services, log, offset)
            sys.stdout.write(page.content)
            sys.stdout.flush()
            offset = int(page.continuation_token)
            return True if page.is_complete or not self.follow else None

        wait_until(services.paths, look)
