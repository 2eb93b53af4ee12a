"""The one table of the API: URL, handler, and for each method what it needs, takes and gives.

Segments in braces are one percent-encoded path segment each. `build` turns the table into what
Tornado mounts, with the base class of whichever server it is mounted on.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from tornado.web import RequestHandler

from hubflow.services import dto
from hubflow.services.access import Permission as P
from hubflow.services.dto.stable import PatchDags
from hubflow_server import requests as q
from hubflow_server.base import UnknownHandler
from hubflow_server.handlers import (
    alerts,
    audit,
    backfills,
    connections,
    dag_files,
    dag_runs,
    dag_versions,
    dags,
    events,
    experimental,
    health,
    import_errors,
    metrics,
    notebooks,
    pools,
    schedules,
    task_instances,
    task_logs,
    variables,
    views,
    xcoms,
)
from hubflow_server.openapi import OpenApiHandler
from hubflow_server.operations import Operation as Op
from hubflow_server.operations import Route
from hubflow_server.other_routes import OTHERS
from hubflow_server.site import Site
from hubflow_server.stable_routes import BATCHES, STABLE

JSON_OR_TEXT = ("application/json", "text/plain")
SPECIAL = {"map_index": r"(-1|\d{1,9})", "value": "(true|false)"}
NOTHING: tuple[str, ...] = ()
DAG = "dags/{dag_id}"
RUN = f"{DAG}/dagRuns/{{dag_run_id}}"
TASK = f"{RUN}/taskInstances/{{task_id}}"
VIEW = "views/dags/{dag_id}"
CONNECTION = {
    "GET": Op(P.CONNECTIONS_READ, dto.ConnectionDetailDto, q.ChooseConnection),
    "PATCH": Op(
        P.CONNECTIONS_EDIT, dto.ConnectionDetailDto, q.ChangeConnection, dto.PatchConnection
    ),
    "DELETE": Op(P.CONNECTIONS_EDIT, None, q.DeleteConnection, status=204, media=NOTHING),
}

HEALTH = Route("health", health.HealthHandler, {"GET": Op(None, dto.HealthDto)})
ROUTES: tuple[Route, ...] = (
    HEALTH,
    Route("metrics", metrics.MetricsHandler, {"GET": Op(P.DAGS_READ, media=("text/plain",))}),
    Route("version", health.VersionHandler, {"GET": Op(None, dto.VersionDto)}),
    Route("me", health.MeHandler, {"GET": Op(P.DAGS_READ, dto.MeDto)}),
    Route("timezones", health.TimezonesHandler, {"GET": Op(P.DAGS_READ, dto.TimezonesDto)}),
    Route("openapi.json", OpenApiHandler, {"GET": Op(None)}),
    *BATCHES,
    Route(
        "dags",
        dags.DagsHandler,
        {
            "GET": Op(P.DAGS_READ, dto.DagsDto, q.ListDags),
            "PATCH": Op(P.DAGS_EDIT, dto.DagsDto, q.PatchDagsQuery, PatchDags),
        },
    ),
    Route(
        DAG,
        dags.DagHandler,
        {
            "GET": Op(P.DAGS_READ, dto.DagDto, q.Fields),
            "PATCH": Op(P.DAGS_EDIT, dto.DagDto, q.Patch, dto.PatchDag),
            "DELETE": Op(P.DAGS_EDIT, status=204),
        },
    ),
    Route(
        f"{DAG}/clearTaskInstances",
        dags.ClearTaskInstancesHandler,
        {"POST": Op(P.RUNS_EDIT, dto.TouchedDto, body=dto.ClearTaskInstances)},
    ),
    Route(
        f"{DAG}/updateTaskInstancesState",
        dags.UpdateTaskInstancesStateHandler,
        {"POST": Op(P.RUNS_EDIT, dto.TouchedDto, body=dto.UpdateTaskInstancesState)},
    ),
    Route(
        f"{DAG}/dagVersions",
        dag_versions.DagVersionsHandler,
        {"GET": Op(P.DAGS_READ, dto.DagVersionsDto, q.Page)},
    ),
    Route(
        f"{DAG}/dagVersions/{{version_number}}",
        dag_versions.DagVersionHandler,
        {"GET": Op(P.DAGS_READ, dto.DagVersionDto)},
    ),
    Route(
        f"{DAG}/dagVersions/{{version_number}}/diff/{{other_number}}",
        dag_versions.DagVersionDiffHandler,
        {"GET": Op(P.DAGS_READ, dto.DagVersionDiffDto)},
    ),
    Route(
        f"{DAG}/dagRuns",
        dag_runs.DagRunsHandler,
        {
            "GET": Op(P.DAGS_READ, dto.DagRunsDto, q.ListDagRuns),
            "POST": Op(P.RUNS_TRIGGER, dto.DagRunDto, body=dto.TriggerRun),
        },
    ),
    Route(
        RUN,
        dag_runs.DagRunHandler,
        {
            "GET": Op(P.DAGS_READ, dto.DagRunDto, q.Fields),
            "PATCH": Op(P.RUNS_EDIT, dto.DagRunDto, body=dto.PatchDagRun),
            "DELETE": Op(P.RUNS_EDIT, status=204),
        },
    ),
    Route(
        f"{RUN}/clear",
        dag_runs.ClearDagRunHandler,
        {"POST": Op(P.RUNS_EDIT, dto.TouchedDto, body=dto.ClearDagRun)},
    ),
    Route(
        f"{RUN}/setNote",
        dag_runs.DagRunNoteHandler,
        {"PATCH": Op(P.RUNS_EDIT, dto.DagRunDto, body=dto.SetNote)},
    ),
    Route(
        f"{RUN}/taskInstances",
        task_instances.TaskInstancesHandler,
        {"GET": Op(P.DAGS_READ, dto.TaskInstancesDto, q.ListTaskInstances)},
    ),
    Route(
        TASK,
        task_instances.TaskInstanceHandler,
        {
            "GET": Op(P.DAGS_READ, dto.TaskInstanceDto),
            "PATCH": Op(P.RUNS_EDIT, dto.MarkedTaskInstanceDto, body=dto.PatchTaskInstance),
        },
    ),
    Route(
        f"{TASK}/run",
        task_instances.RunTaskInstanceHandler,
        {"POST": Op(P.RUNS_EDIT, dto.TaskInstanceDto, body=dto.RunTask)},
    ),
    Route(
        f"{TASK}/setNote",
        task_instances.TaskInstanceNoteHandler,
        {"PATCH": Op(P.RUNS_EDIT, dto.TaskInstanceDto, body=dto.SetNote)},
    ),
    Route(
        f"{TASK}/logs/{{task_try_number}}",
        task_logs.TaskLogHandler,
        {"GET": Op(P.DAGS_READ, dto.LogDto, q.ReadLog, media=JSON_OR_TEXT)},
    ),
    Route(
        f"{TASK}/xcomEntries",
        xcoms.XComsHandler,
        {"GET": Op(P.DAGS_READ, dto.XComsDto, q.ListXComs)},
    ),
    Route(
        f"{TASK}/xcomEntries/{{xcom_key}}",
        xcoms.XComHandler,
        {"GET": Op(P.DAGS_READ, dto.XComValueDto, q.ReadXCom)},
    ),
    Route(
        "backfills",
        backfills.BackfillsHandler,
        {
            "GET": Op(P.DAGS_READ, dto.BackfillsDto, q.ListBackfills),
            "POST": Op(P.RUNS_TRIGGER, dto.BackfillDto, body=dto.CreateBackfill),
        },
    ),
    Route(
        "backfills/dry_run",
        backfills.BackfillDryRunHandler,
        {"POST": Op(P.RUNS_TRIGGER, dto.BackfillDatesDto, body=dto.CreateBackfill)},
    ),
    Route(
        "backfills/{backfill_id}",
        backfills.BackfillHandler,
        {"GET": Op(P.DAGS_READ, dto.BackfillDto)},
    ),
    Route(
        "backfills/{backfill_id}/cancel",
        backfills.CancelBackfillHandler,
        {
            "POST": Op(P.RUNS_EDIT, dto.BackfillDto),
            "PUT": Op(P.RUNS_EDIT, dto.BackfillDto),
        },
    ),
    Route(
        "importErrors",
        import_errors.ImportErrorsHandler,
        {"GET": Op(P.DAGS_READ, dto.ImportErrorsDto, q.ListImportErrors)},
    ),
    Route(
        "importErrors/{import_error_id}",
        import_errors.ImportErrorHandler,
        {"GET": Op(P.DAGS_READ, dto.ImportErrorDto)},
    ),
    Route(
        "dagSources/{file_token}",
        dag_files.DagSourceHandler,
        {"GET": Op(P.DAGS_READ, dto.DagSourceDto, media=JSON_OR_TEXT)},
    ),
    Route(
        "eventLogs",
        audit.EventLogsHandler,
        {"GET": Op(P.AUDIT_READ, dto.EventLogsDto, q.ListEventLogs)},
    ),
    Route("alerts", alerts.AlertsHandler, {"GET": Op(P.DAGS_READ, dto.AlertsDto, q.ListAlerts)}),
    Route(
        "alerts/{alert_id}/retry",
        alerts.AlertRetryHandler,
        {"POST": Op(P.ALERTS_EDIT, dto.AlertDto)},
    ),
    Route(
        "slaMisses",
        alerts.SlaMissesHandler,
        {"GET": Op(P.DAGS_READ, dto.SlaMissesDto, q.ListSlaMisses)},
    ),
    Route(
        "slaMisses/dismiss",
        alerts.DismissSlaMissesHandler,
        {"POST": Op(P.ALERTS_EDIT, dto.SlaMissesDto, body=dto.DismissSlaMisses)},
    ),
    Route(
        "slaMisses/{sla_miss_id}",
        alerts.SlaMissHandler,
        {"PATCH": Op(P.ALERTS_EDIT, dto.SlaMissDto, body=dto.PatchSlaMiss)},
    ),
    Route(
        "variables",
        variables.VariablesHandler,
        {
            "GET": Op(P.VARIABLES_READ, dto.VariablesDto, q.ListVariables),
            "POST": Op(P.VARIABLES_EDIT, dto.VariableDto, body=dto.PostVariable),
        },
    ),
    Route(
        "variables/{variable_key}",
        variables.VariableHandler,
        {
            "GET": Op(P.VARIABLES_READ, dto.VariableDto),
            "PATCH": Op(P.VARIABLES_EDIT, dto.VariableDto, q.Patch, dto.PatchVariable),
            "DELETE": Op(P.VARIABLES_EDIT, status=204, media=NOTHING),
        },
    ),
    Route(
        "connections",
        connections.ConnectionsHandler,
        {
            "GET": Op(P.CONNECTIONS_READ, dto.ConnectionsDto, q.ListConnections),
            "POST": Op(
                P.CONNECTIONS_EDIT, dto.ConnectionDetailDto, q.AddConnection, dto.PostConnection
            ),
        },
    ),
    Route(
        "connections/test",
        connections.ConnectionTestHandler,
        {
            "POST": Op(
                P.CONNECTIONS_EDIT, dto.ConnectionTestDto, q.ChooseConnection, dto.TestConnection
            ),
            **CONNECTION,
        },
    ),
    Route("connections/{connection_id}", connections.ConnectionHandler, CONNECTION),
    Route(
        "pools",
        pools.PoolsHandler,
        {
            "GET": Op(P.POOLS_READ, dto.PoolsDto, q.ListPools),
            "POST": Op(P.POOLS_EDIT, dto.PoolDto, body=dto.PostPool),
        },
    ),
    Route(
        "pools/{pool_name}",
        pools.PoolHandler,
        {
            "GET": Op(P.POOLS_READ, dto.PoolDto),
            "PATCH": Op(P.POOLS_EDIT, dto.PoolDto, q.Patch, dto.PatchPool),
            "DELETE": Op(P.POOLS_EDIT, status=204, media=NOTHING),
        },
    ),
    Route("views/dags", views.DagRowsHandler, {"GET": Op(P.DAGS_READ, dto.DagRowsDto, q.ViewDags)}),
    Route(VIEW, views.DagRowHandler, {"GET": Op(P.DAGS_READ, dto.DagRowDto)}),
    Route("views/attention", views.AttentionHandler, {"GET": Op(P.DAGS_READ, dto.AttentionDto)}),
    Route("views/file", views.FileHandler, {"GET": Op(P.DAGS_READ, dto.FileDto, q.ViewFile)}),
    Route(f"{VIEW}/grid", views.GridHandler, {"GET": Op(P.DAGS_READ, dto.GridDto, q.ViewGrid)}),
    Route(
        f"{VIEW}/structure",
        views.StructureHandler,
        {"GET": Op(P.DAGS_READ, dto.StructureDto, q.ViewVersion)},
    ),
    Route(
        f"{VIEW}/source",
        views.SourceHandler,
        {"GET": Op(P.DAGS_READ, dto.SourceDto, q.ViewVersion)},
    ),
    Route(
        f"{VIEW}/runs/{{run_id}}/mark",
        views.MarkPreviewHandler,
        {"GET": Op(P.RUNS_EDIT, dto.TouchedDto, q.PreviewMark)},
    ),
    Route(
        f"{VIEW}/runs/{{run_id}}/tasks/{{task_id}}",
        views.TaskPanelHandler,
        {"GET": Op(P.DAGS_READ, dto.TaskPanelDto, q.ChooseMapIndex)},
    ),
    Route(
        f"{VIEW}/runs/{{run_id}}/tasks/{{task_id}}/dependencies",
        views.TaskDependenciesHandler,
        {"GET": Op(P.DAGS_READ, dto.TaskDependenciesDto, q.ChooseMapIndex)},
    ),
    Route(
        "notebooks/inspect",
        notebooks.InspectHandler,
        {"GET": Op(P.DAGS_READ, dto.NotebookDto, q.InspectNotebook)},
    ),
    Route(
        "notebooks/schedule",
        notebooks.ScheduleHandler,
        {
            "POST": Op(
                P.NOTEBOOKS_SCHEDULE,
                dto.ScheduledNotebookDto,
                body=dto.ScheduleNotebook,
                status=201,
            )
        },
    ),
    Route(
        "notebooks/output",
        notebooks.OutputHandler,
        {
            "GET": Op(
                P.DAGS_READ, query=q.ReadOutput, media=("text/html", "application/x-ipynb+json")
            )
        },
    ),
    Route(
        "schedules/explain",
        schedules.ExplainHandler,
        {"GET": Op(P.DAGS_READ, dto.ScheduleReadingDto, q.ExplainSchedule)},
    ),
    Route("events", events.EventsHandler, {"GET": Op(P.DAGS_READ, dto.EventsDto, q.ReadEvents)}),
    *STABLE,
)


class Mounted(NamedTuple):
    """A rule as Tornado takes it."""

    pattern: str
    handler: type[RequestHandler]
    kwargs: dict[str, Any]


def build(site: Site, base: type[RequestHandler] | None = None) -> list[Mounted]:
    """Return the rules of the API below `site.base_path`.

    ``base`` is the handler class of the server on which they are mounted; it is mixed in below
    our own handlers, so that its login, XSRF and origin checks work.
    """
    placed = [(f"{site.api_path}/{route.path}", route) for route in ROUTES]
    placed += [(f"{site.base_path}/api/{route.path}", route) for route in OTHERS]
    placed += [(f"{site.base_path}/health", HEALTH)]  # where Airflow has it
    rules = [
        Mounted(
            _pattern(path),
            _joined(route.handler, base),
            {"site": site, "route": route, "routes": ROUTES},
        )
        for path, route in placed
    ]
    for below, handler in (("/experimental", experimental.UnknownHandler), ("", UnknownHandler)):
        rules.append(
            Mounted(
                rf"{re.escape(site.base_path)}/api{below}(?:/.*)?",
                _joined(handler, base),
                {"site": site, "route": Route("", handler, {}), "routes": ROUTES},
            )
        )
    return rules


def _pattern(path: str) -> str:
    texts = re.split(r"\{(\w+)\}", path)
    names = texts[1::2]
    groups = [SPECIAL.get(name, "([^/]+)") for name in names]
    return "".join(
        re.escape(text) + group for text, group in zip(texts[::2], [*groups, ""], strict=True)
    )


def _joined(
    handler: type[RequestHandler], base: type[RequestHandler] | None
) -> type[RequestHandler]:
    return handler if base is None else type(handler.__name__, (handler, base), {})
