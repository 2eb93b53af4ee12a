"""The operations of the stable REST API v1 of Airflow 2.10.5, and why some are not hubflow's.

`docs/generate.py` makes a table of them; `tests/contracts/test_docs.py` checks that each is
either a route of ours or has a reason here.
"""

from __future__ import annotations

# Path prefix -> why nothing below it is served.
REASONS = {
    "datasets": "datasets are no noun of hubflow: a DAG starts another one by a task",
    "dags/{dag_id}/datasets": "datasets are no noun of hubflow",
    "dags/{dag_id}/dagRuns/{dag_run_id}/upstreamDatasetEvents": "datasets are no noun of hubflow",
    "users": "people are users of JupyterHub; a later release serves this",
    "roles": "roles are groups of JupyterHub; a later release serves this",
    "permissions": "permissions belong to roles; a later release serves this",
}

OPERATIONS = """
GET connections
POST connections
GET connections/{connection_id}
PATCH connections/{connection_id}
DELETE connections/{connection_id}
POST connections/test
GET dags
PATCH dags
GET dags/{dag_id}
PATCH dags/{dag_id}
DELETE dags/{dag_id}
POST dags/{dag_id}/clearTaskInstances
PATCH dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/setNote
PATCH dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/setNote
GET dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/dependencies
GET dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/dependencies
POST dags/{dag_id}/updateTaskInstancesState
GET dags/{dag_id}/dagRuns
POST dags/{dag_id}/dagRuns
POST dags/~/dagRuns/list
GET dags/{dag_id}/dagRuns/{dag_run_id}
DELETE dags/{dag_id}/dagRuns/{dag_run_id}
PATCH dags/{dag_id}/dagRuns/{dag_run_id}
POST dags/{dag_id}/dagRuns/{dag_run_id}/clear
GET dags/{dag_id}/dagRuns/{dag_run_id}/upstreamDatasetEvents
PATCH dags/{dag_id}/dagRuns/{dag_run_id}/setNote
GET dags/{dag_id}/datasets/queuedEvent/{uri}
DELETE dags/{dag_id}/datasets/queuedEvent/{uri}
GET dags/{dag_id}/datasets/queuedEvent
DELETE dags/{dag_id}/datasets/queuedEvent
PUT parseDagFile/{file_token}
GET datasets/queuedEvent/{uri}
DELETE datasets/queuedEvent/{uri}
GET eventLogs
GET eventLogs/{event_log_id}
GET importErrors
GET importErrors/{import_error_id}
GET pools
POST pools
GET pools/{pool_name}
PATCH pools/{pool_name}
DELETE pools/{pool_name}
GET providers
GET dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances
GET dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}
PATCH dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}
GET dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}
PATCH dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}
GET dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/listMapped
POST dags/~/dagRuns/~/taskInstances/list
GET dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/tries/{task_try_number}
GET dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/tries
GET dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/tries
GET dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/tries/{task_try_number}
GET variables
POST variables
GET variables/{variable_key}
PATCH variables/{variable_key}
DELETE variables/{variable_key}
GET dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries
GET dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries/{xcom_key}
GET dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/links
GET dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{task_try_number}
GET dags/{dag_id}/details
GET dags/{dag_id}/tasks
GET dags/{dag_id}/tasks/{task_id}
GET dagStats
GET dagSources/{file_token}
GET dagWarnings
GET datasets
GET datasets/{uri}
GET datasets/events
POST datasets/events
GET config
GET config/section/{section}/option/{option}
GET health
GET version
GET plugins
GET roles
POST roles
GET roles/{role_name}
PATCH roles/{role_name}
DELETE roles/{role_name}
GET permissions
GET users
POST users
GET users/{username}
PATCH users/{username}
DELETE users/{username}
"""


def operations() -> list[tuple[str, str]]:
    """Return (method, path below `api/v1`) of each operation, in Airflow's order."""
    return [(method, path) for method, path in map(str.split, OPERATIONS.strip().splitlines())]


def reason_against(path: str) -> str | None:
    """Return why a path is not served; None for one that is."""
    found = [
        text for start, text in REASONS.items() if path == start or path.startswith(start + "/")
    ]
    return found[0] if found else None
