"""All tables: `from hubflow.db import orm`, then `orm.DagRun`. Columns only, no behaviour."""

from hubflow.db.orm.alert import Alert
from hubflow.db.orm.audit import AuditEvent
from hubflow.db.orm.backfill import Backfill
from hubflow.db.orm.base import Base, table
from hubflow.db.orm.connection import Connection
from hubflow.db.orm.dag import SUBDAG, Dag, DagFile, DagVersion, ImportFailure, Source
from hubflow.db.orm.dag_run import DagRun
from hubflow.db.orm.event import Event
from hubflow.db.orm.lease import Lease
from hubflow.db.orm.pool import Pool
from hubflow.db.orm.process import Process
from hubflow.db.orm.sla_miss import SlaMiss
from hubflow.db.orm.task_instance import RenderedFields, TaskInstance, TaskTry
from hubflow.db.orm.variable import Variable
from hubflow.db.orm.xcom import XCom

__all__ = [
    "SUBDAG",
    "Alert",
    "AuditEvent",
    "Backfill",
    "Base",
    "Connection",
    "Dag",
    "DagFile",
    "DagRun",
    "DagVersion",
    "Event",
    "ImportFailure",
    "Lease",
    "Pool",
    "Process",
    "RenderedFields",
    "SlaMiss",
    "Source",
    "TaskInstance",
    "TaskTry",
    "Variable",
    "XCom",
    "table",
]
