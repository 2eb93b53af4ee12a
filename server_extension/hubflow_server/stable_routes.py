"""Further rows of the table in `routes`: what only clients of Airflow's stable API ask for."""

from __future__ import annotations

from hubflow.services import dto
from hubflow.services.access import Permission as P
from hubflow.services.dto import stable
from hubflow_server import requests as q
from hubflow_server.handlers import (
    audit,
    configuration,
    dag_files,
    dag_runs,
    dags,
    task_instances,
)
from hubflow_server.operations import Operation as Op
from hubflow_server.operations import Route

DAG = "dags/{dag_id}"
TASK = f"{DAG}/dagRuns/{{dag_run_id}}/taskInstances/{{task_id}}"
MAPPED = f"{TASK}/{{map_index}}"

# These would be taken for a run named "list" of a DAG named "~".
BATCHES: tuple[Route, ...] = (
    Route(
        "dags/~/dagRuns/list",
        dag_runs.DagRunsBatchHandler,
        {"POST": Op(P.DAGS_READ, dto.DagRunsDto, body=stable.ListDagRuns)},
    ),
    Route(
        "dags/~/dagRuns/~/taskInstances/list",
        task_instances.TaskInstancesBatchHandler,
        {"POST": Op(P.DAGS_READ, dto.TaskInstancesDto, body=stable.ListTaskInstances)},
    ),
)
STABLE: tuple[Route, ...] = (
    Route(
        f"{DAG}/details",
        dags.DagDetailsHandler,
        {"GET": Op(P.DAGS_READ, dto.DagDetailDto, q.Fields)},
    ),
    Route(
        f"{DAG}/tasks",
        dags.TasksHandler,
        {"GET": Op(P.DAGS_READ, stable.TasksDto, q.ListTasks)},
    ),
    Route(
        f"{DAG}/tasks/{{task_id}}",
        dags.TaskHandler,
        {"GET": Op(P.DAGS_READ, stable.TaskDto)},
    ),
    Route(
        f"{TASK}/listMapped",
        task_instances.MappedTaskInstancesHandler,
        {"GET": Op(P.DAGS_READ, dto.TaskInstancesDto, q.ListTaskInstances)},
    ),
    Route(
        f"{TASK}/tries",
        task_instances.TriesHandler,
        {"GET": Op(P.DAGS_READ, dto.TaskInstancesDto, q.ListTries)},
    ),
    Route(
        f"{TASK}/tries/{{task_try_number}}",
        task_instances.TryHandler,
        {"GET": Op(P.DAGS_READ, dto.TaskInstanceDto)},
    ),
    Route(
        f"{TASK}/dependencies",
        task_instances.DependenciesHandler,
        {"GET": Op(P.DAGS_READ, dto.TaskDependenciesDto)},
    ),
    Route(
        f"{TASK}/links",
        task_instances.LinksHandler,
        {"GET": Op(P.DAGS_READ, stable.ExtraLinksDto)},
    ),
    Route(
        MAPPED,
        task_instances.MappedTaskInstanceHandler,
        {
            "GET": Op(P.DAGS_READ, dto.TaskInstanceDto),
            "PATCH": Op(P.RUNS_EDIT, dto.MarkedTaskInstanceDto, body=dto.PatchTaskInstance),
        },
    ),
    Route(
        f"{MAPPED}/setNote",
        task_instances.MappedTaskInstanceNoteHandler,
        {"PATCH": Op(P.RUNS_EDIT, dto.TaskInstanceDto, body=dto.SetNote)},
    ),
    Route(
        f"{MAPPED}/tries",
        task_instances.MappedTriesHandler,
        {"GET": Op(P.DAGS_READ, dto.TaskInstancesDto, q.ListTries)},
    ),
    Route(
        f"{MAPPED}/tries/{{task_try_number}}",
        task_instances.MappedTryHandler,
        {"GET": Op(P.DAGS_READ, dto.TaskInstanceDto)},
    ),
    Route(
        f"{MAPPED}/dependencies",
        task_instances.MappedDependenciesHandler,
        {"GET": Op(P.DAGS_READ, dto.TaskDependenciesDto)},
    ),
    Route(
        "dagStats",
        dags.DagStatsHandler,
        {"GET": Op(P.DAGS_READ, stable.DagStatsDto, q.ListDagStats)},
    ),
    Route(
        "dagWarnings",
        dags.DagWarningsHandler,
        {"GET": Op(P.DAGS_READ, stable.DagWarningsDto, q.ListDagWarnings)},
    ),
    Route(
        "parseDagFile/{file_token}",
        dag_files.ParseDagFileHandler,
        {"PUT": Op(P.DAGS_EDIT, stable.ParseAskedDto, status=201)},
    ),
    Route(
        "eventLogs/{event_log_id}",
        audit.EventLogHandler,
        {"GET": Op(P.AUDIT_READ, dto.EventLogDto)},
    ),
    Route(
        "config",
        configuration.ConfigHandler,
        {"GET": Op(P.CONFIG_READ, stable.ConfigDto, q.ReadConfig)},
    ),
    Route(
        "config/section/{section}/option/{option}",
        configuration.ConfigOptionHandler,
        {"GET": Op(P.CONFIG_READ, stable.ConfigDto)},
    ),
    Route(
        "providers",
        configuration.ProvidersHandler,
        {"GET": Op(P.DAGS_READ, stable.ProvidersDto)},
    ),
    Route(
        "plugins",
        configuration.PluginsHandler,
        {"GET": Op(P.DAGS_READ, stable.PluginsDto, q.Page)},
    ),
)
