"""What lies beside `api/v1`: the experimental API of Airflow 1.10, and archives of files."""

from __future__ import annotations

from hubflow.services.access import Permission as P
from hubflow.services.dto import experimental as dto
from hubflow.services.dto.stable import ArchiveTakenDto
from hubflow_server import requests as q
from hubflow_server.handlers import experimental
from hubflow_server.handlers.dag_archives import DagArchiveHandler
from hubflow_server.operations import Operation as Op
from hubflow_server.operations import Route

DAG = "experimental/dags/{dag_id}"
RUN = f"{DAG}/dag_runs/{{execution_date}}"

# Paths are relative to `api`.
OTHERS: tuple[Route, ...] = (
    Route(
        "dags/",
        DagArchiveHandler,
        {
            "GET": Op(P.FILES_EDIT, media=("application/gzip",)),
            "POST": Op(P.FILES_EDIT, ArchiveTakenDto, upload="sources"),
        },
    ),
    Route("experimental/test", experimental.TestHandler, {"GET": Op(P.DAGS_READ)}),
    Route(
        f"{DAG}/dag_runs",
        experimental.RunsHandler,
        {
            "GET": Op(P.DAGS_READ, dto.OldRunDto, q.ListOldRuns, is_list=True),
            "POST": Op(P.RUNS_TRIGGER, dto.CreatedRunDto, body=dto.ExperimentalRun),
        },
    ),
    Route(RUN, experimental.RunHandler, {"GET": Op(P.DAGS_READ, dto.StateDto)}),
    Route(
        f"{RUN}/tasks/{{task_id}}",
        experimental.TaskInstanceHandler,
        {"GET": Op(P.DAGS_READ)},
    ),
    Route(f"{DAG}/tasks/{{task_id}}", experimental.TaskHandler, {"GET": Op(P.DAGS_READ)}),
    Route(f"{DAG}/code", experimental.CodeHandler, {"GET": Op(P.DAGS_READ)}),
    Route(f"{DAG}/paused", experimental.PausedHandler, {"GET": Op(P.DAGS_READ, dto.PausedDto)}),
    Route(
        f"{DAG}/paused/{{value}}",
        experimental.PauseHandler,
        {"GET": Op(P.DAGS_EDIT, dto.ResponseDto)},
    ),
    Route(DAG, experimental.DagHandler, {"DELETE": Op(P.DAGS_EDIT, dto.MessageDto)}),
    Route(
        "experimental/latest_runs",
        experimental.LatestRunsHandler,
        {"GET": Op(P.DAGS_READ, dto.LatestRunsDto)},
    ),
    Route(
        "experimental/pools",
        experimental.PoolsHandler,
        {
            "GET": Op(P.POOLS_READ, dto.OldPoolDto, is_list=True),
            "POST": Op(P.POOLS_EDIT, dto.OldPoolDto, body=dto.PostOldPool),
        },
    ),
    Route(
        "experimental/pools/{name}",
        experimental.PoolHandler,
        {
            "GET": Op(P.POOLS_READ, dto.OldPoolDto),
            "DELETE": Op(P.POOLS_EDIT, dto.OldPoolDto),
        },
    ),
)
