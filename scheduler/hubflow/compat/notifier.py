"""`airflow.notifications.basenotifier`: callbacks as objects with template fields."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from hubflow.compat.logs import LoggingMixin
from hubflow.sdk.templating import Templates


class BaseNotifier(LoggingMixin):
    """Subclass it, list `template_fields`, and define `notify(context)`."""

    template_fields: ClassVar[Sequence[str]] = ()
    template_ext: ClassVar[Sequence[str]] = ()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__()

    def notify(self, context: Mapping[str, Any]) -> None:
        """Send the message."""
        raise NotImplementedError(f"{type(self).__name__} has no notify()")

    def __call__(self, *args: Any) -> None:
        """Called as a callback: with the context, or as an SLA miss is told (SEMANTICS 5.6)."""
        if len(args) == 1:
            context = args[0]
        else:
            names = ("dag", "task_list", "blocking_task_list", "slas", "blocking_tis")
            context = dict(zip(names, args, strict=True))
        rendered = copy.copy(self)
        templates = getattr(context.get("dag"), "templates", None) or Templates()
        templates.render_fields(rendered, context)
        rendered.notify(context)
