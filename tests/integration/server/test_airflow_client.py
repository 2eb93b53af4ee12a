"""The published Python client of Airflow's stable API, unchanged, against our service."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from hubflow.clock import utcnow
from hubflow.db import orm
from integration.server.conftest import RUN
from integration.server.service import Service

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the generated code has invalid escapes in docstrings
    from airflow_client import client
    from airflow_client.client.api import (
        config_api,
        connection_api,
        dag_api,
        dag_run_api,
        dag_stats_api,
        dag_warning_api,
        event_log_api,
        import_error_api,
        monitoring_api,
        plugin_api,
        pool_api,
        provider_api,
        task_instance_api,
        variable_api,
        x_com_api,
    )
    from airflow_client.client.model.clear_dag_run import ClearDagRun
    from airflow_client.client.model.clear_task_instances import ClearTaskInstances
    from airflow_client.client.model.connection import Connection
    from airflow_client.client.model.dag import DAG
    from airflow_client.client.model.dag_run import DAGRun
    from airflow_client.client.model.list_dag_runs_form import ListDagRunsForm
    from airflow_client.client.model.list_task_instance_form import ListTaskInstanceForm
    from airflow_client.client.model.pool import Pool
    from airflow_client.client.model.set_dag_run_note import SetDagRunNote
    from airflow_client.client.model.update_dag_run_state import UpdateDagRunState
    from airflow_client.client.model.update_task_instance import UpdateTaskInstance
    from airflow_client.client.model.update_task_instances_state import UpdateTaskInstancesState
    from airflow_client.client.model.update_task_state import UpdateTaskState
    from airflow_client.client.model.variable import Variable


@pytest.fixture
def api(service: Service, etl: orm.Dag) -> Iterator[client.ApiClient]:
    """The client; people set the header `Authorization: token …` in the same way."""
    settings = client.Configuration(host=service.url)
    with client.ApiClient(settings, header_name="X-Who", header_value="writer") as connected:
        yield connected


def test_dags_are_listed_shown_and_paused(api: client.ApiClient) -> None:
    dags = dag_api.DAGApi(api)
    assert [dag.dag_id for dag in dags.get_dags(limit=10, tags=[]).dags] == ["etl"]
    assert dags.get_dag("etl").owners == ["airflow"]
    assert dags.patch_dag("etl", DAG(is_paused=True), update_mask=["is_paused"]).is_paused
    assert dags.patch_dags("~", DAG(is_paused=False)).dags[0].is_paused is False
    details = dags.get_dag_details("etl")
    assert (details.dag_id, details.catchup, details.concurrency) == ("etl", True, 16.0)
    tasks = dags.get_tasks("etl").tasks
    assert [(task.task_id, task.class_ref.class_name) for task in tasks] == [
        ("extract", "BashOperator"),
        ("load", "BashOperator"),
    ]
    assert dags.get_task("etl", "extract").downstream_task_ids == ["load"]
    assert "the DAG etl" in dags.get_dag_source(dags.get_dag("etl").file_token).content


def test_runs_are_triggered_found_noted_and_ended(api: client.ApiClient) -> None:
    runs = dag_run_api.DAGRunApi(api)
    date = datetime(2026, 12, 1, 6, tzinfo=UTC)
    made = runs.post_dag_run("etl", DAGRun(dag_run_id="mine", logical_date=date, conf={"n": 1}))
    assert (made.dag_run_id, str(made.state), made.conf) == ("mine", "queued", {"n": 1})
    found = runs.get_dag_runs("etl", execution_date_gte=date, order_by="-execution_date")
    assert [run.dag_run_id for run in found.dag_runs] == ["mine"]
    batch = runs.get_dag_runs_batch(ListDagRunsForm(dag_ids=["etl"], states=["failed"]))
    assert [run.dag_run_id for run in batch.dag_runs] == [RUN]
    assert runs.set_dag_run_note("etl", "mine", SetDagRunNote(note="why")).note == "why"
    assert str(runs.get_dag_run("etl", "mine").execution_date) == str(date)
    ended = runs.update_dag_run_state("etl", "mine", UpdateDagRunState(state="failed"))
    assert str(ended.state) == "failed"
    runs.clear_dag_run("etl", RUN, ClearDagRun(dry_run=False))
    assert str(runs.get_dag_run("etl", RUN).state) == "queued"
    runs.delete_dag_run("etl", "mine")
    with pytest.raises(client.ApiException) as refused:
        runs.get_dag_run("etl", "mine")
    assert refused.value.status == 404


def test_task_instances_are_listed_marked_and_cleared(api: client.ApiClient) -> None:
    tasks = task_instance_api.TaskInstanceApi(api)
    failed = tasks.get_task_instances("etl", RUN, state=["failed"], duration_lte=3600.0)
    assert [task.task_id for task in failed.task_instances] == ["load"]
    form = ListTaskInstanceForm(dag_ids=["etl"], task_ids=["extract"])
    batch = tasks.get_task_instances_batch(form)
    assert [task.task_id for task in batch.task_instances] == ["extract"]
    extract = tasks.get_task_instance("etl", RUN, "extract")
    assert (str(extract.state), extract.duration, extract.map_index) == ("success", 10.0, -1)
    assert tasks.get_mapped_task_instances("etl", RUN, "extract").total_entries == 0
    assert tasks.get_mapped_task_instance("etl", RUN, "extract", -1).task_id == "extract"
    tries = tasks.get_task_instance_tries("etl", RUN, "load")
    assert [(one.try_number, str(one.state)) for one in tries.task_instances] == [(1, "failed")]
    assert tasks.get_task_instance_try_details("etl", RUN, "load", 1).hostname == "worker-1"
    assert tasks.get_log("etl", RUN, "load", 1).content == "This try wrote no log. exit 1\n"
    assert tasks.get_extra_links("etl", RUN, "load").extra_links == []
    before = utcnow()
    patched = tasks.patch_task_instance(
        "etl", RUN, "load", UpdateTaskInstance(dry_run=False, new_state=UpdateTaskState("success"))
    )
    assert (patched.task_id, patched.dag_run_id) == ("load", RUN)
    changed = tasks.get_task_instances("etl", RUN, updated_at_gte=before)
    assert [one.task_id for one in changed.task_instances] == ["load"]
    assert tasks.get_task_instances("etl", RUN, updated_at_lte=before).total_entries > 0
    assert tasks.get_task_instances("etl", RUN, executor=["LocalExecutor"]).total_entries == 0
    runs = dag_run_api.DAGRunApi(api)
    assert runs.get_dag_runs("etl", updated_at_gte=before).total_entries == 1
    assert runs.get_dag_runs("etl", updated_at_gte=utcnow()).total_entries == 0
    assert str(tasks.get_task_instance("etl", RUN, "load").state) == "success"
    dags = dag_api.DAGApi(api)
    mark = UpdateTaskInstancesState(
        dry_run=True, task_id="load", dag_run_id=RUN, new_state=UpdateTaskState("failed")
    )
    marked = dags.post_set_task_instances_state("etl", mark)
    assert [one.task_id for one in marked.task_instances] == ["load"]
    cleared = dags.post_clear_task_instances(
        "etl", ClearTaskInstances(dry_run=False, task_ids=["extract"], only_failed=False)
    )
    assert [one.task_id for one in cleared.task_instances] == ["extract"]
    assert tasks.get_task_instance("etl", RUN, "extract").state is None


def test_xcoms_are_listed_and_read(api: client.ApiClient) -> None:
    xcoms = x_com_api.XComApi(api)
    entries = xcoms.get_xcom_entries("etl", RUN, "extract").xcom_entries
    assert [entry.key for entry in entries] == ["return_value"]
    assert xcoms.get_xcom_entry("etl", RUN, "extract", "return_value").value == '{"rows":3}'


def test_variables_connections_and_pools_are_kept(api: client.ApiClient) -> None:
    variables = variable_api.VariableApi(api)
    variables.post_variables(Variable(key="city", value="Oslo"))
    variables.patch_variable("city", Variable(key="city", value="Bergen"))
    assert variables.get_variable("city").value == "Bergen"
    assert variables.get_variables().total_entries == 1
    variables.delete_variable("city")

    connections = connection_api.ConnectionApi(api)
    connections.post_connection(
        Connection(connection_id="db", conn_type="postgres", host="h", port=5432, password="p")
    )
    connections.patch_connection(
        "db", Connection(connection_id="db", conn_type="postgres", host="other")
    )
    assert connections.get_connection("db").host == "other"
    assert connections.get_connections().connections[0].connection_id == "db"
    connections.delete_connection("db")

    pools = pool_api.PoolApi(api)
    pools.post_pool(Pool(name="small", slots=2))
    assert pools.patch_pool("small", Pool(name="small", slots=3)).slots == 3
    assert {pool.name for pool in pools.get_pools().pools} == {"default_pool", "small"}
    pools.delete_pool("small")


def test_the_installation_tells_of_itself(api: client.ApiClient) -> None:
    health = monitoring_api.MonitoringApi(api).get_health()
    assert str(health.metadatabase.status) == "healthy"
    assert monitoring_api.MonitoringApi(api).get_version().version
    (dag,) = dag_stats_api.DagStatsApi(api).get_dag_stats(dag_ids="etl").dags
    assert {stat.state: stat.count for stat in dag.stats}["failed"] == 1
    assert dag_warning_api.DagWarningApi(api).get_dag_warnings().total_entries == 0
    assert import_error_api.ImportErrorApi(api).get_import_errors().total_entries == 0
    assert plugin_api.PluginApi(api).get_plugins().plugins == []
    assert provider_api.ProviderApi(api).get_providers()["providers"] == []
    with pytest.raises(client.ApiException) as hidden:
        config_api.ConfigApi(api).get_config()
    assert hidden.value.status == 403


def test_the_audit_log_is_read(api: client.ApiClient) -> None:
    dag_api.DAGApi(api).patch_dag("etl", DAG(is_paused=True))
    logs = event_log_api.EventLogApi(api)
    (entry,) = logs.get_event_logs(dag_id="etl", owner="ada", order_by="-when").event_logs
    assert logs.get_event_log(entry.event_log_id).event == "paused"
