"""All tables: `from hubflow.db import orm`, then `orm.DagRun`. Columns only, no behaviour."""

from hubflow.db.orm.audit import AuditEvent
from hubflow.db.orm.base import Base, table
from hubflow.db.orm.dag import Dag, DagFile, DagVersion, ImportFailure, Source
from hubflow.db.orm.dag_run import DagRun
from hubflow.db.orm.event import Event
from hubflow.db.orm.process import Process
from hubflow.db.orm.task_instance import TaskInstance, TaskTry
from hubflow.db.orm.xcom import XCom

__all__ = [
    "AuditEvent",
    "Base",
    "Dag",
    "DagFile",
    "DagRun",
    "DagVersion",
    "Event",
    "ImportFailure",
    "Process",
    "Source",
    "TaskInstance",
    "TaskTry",
    "XCom",
    "table",
]
