"""What every file of Airflow's own example DAGs does here.

The files are in the published wheels, which the tests fetch; nothing of them is in this repository.
A row says what `hubflow dags check` must find in the file, and how a run of each DAG must end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

OLD, NEW = "1.10.15", "2.10.5"


@dataclass(frozen=True)
class Run:
    """How one run of a DAG ends. `tasks` are states of some of its tasks.

    not_run : why it is not run at all: what it needs from outside.
    conf : what its trigger is given. after : DAG whose run, at the same date, must have ended.
    triggers : DAG that it starts a run of. days_ago : its date is midnight of that day, not now.
    """

    state: str = "success"
    tasks: Mapping[str, str] = field(default_factory=dict)
    not_run: str | None = None
    conf: str = "{}"
    after: str | None = None
    triggers: str | None = None
    days_ago: int | None = None


@dataclass(frozen=True)
class Example:
    """One file. `needs` is what `dags check` says is missing; then nothing of it is run."""

    dags: Mapping[str, Run] = field(default_factory=dict)
    needs: str | None = None


def one(dag_id: str, state: str = "success", **run: object) -> Example:
    """A file with one DAG."""
    return Example({dag_id: Run(state, **run)})  # type: ignore[arg-type]


def skipped(*task_ids: str, then: str = "") -> dict[str, str]:
    """States: these are skipped, and ``then`` succeeds."""
    states = dict.fromkeys(task_ids, "skipped")
    return {**states, **dict.fromkeys(then.split(), "success")}


NOTHING = Example()
_NESTED = skipped("false_1", "branch_2", "true_2", "false_2", "join_2", "false_3", then="true_1")
_SKIP = skipped("all_success", "final_1", then="one_success final_2")
_KUBERNETES = "an executor on Kubernetes, with volumes"
_MAIL = "the web service httpbin and a mail server"

_OLD: Mapping[str, Example] = {
    "docker_copy_data.py": NOTHING,  # all of it is a string
    "example_bash_operator.py": one("example_bash_operator"),
    "example_branch_operator.py": one("example_branch_operator"),
    # Its tasks depend on their past: only the first run of the schedule needs no other one.
    "example_branch_python_dop_operator_3.py": one("example_branch_dop_operator_v3", days_ago=2),
    # `search_catalog` calls a function of one argument with none, in Airflow, too.
    "example_complex.py": one("example_complex", "failed", tasks={"search_catalog": "failed"}),
    "example_docker_operator.py": NOTHING,
    "example_docker_swarm_operator.py": NOTHING,
    "example_external_task_marker_dag.py": Example(
        {
            "example_external_task_marker_parent": Run(),
            "example_external_task_marker_child": Run(after="example_external_task_marker_parent"),
        }
    ),
    "example_http_operator.py": one("example_http_operator"),
    "example_kubernetes_executor_config.py": one(
        "example_kubernetes_executor_config", not_run=_KUBERNETES
    ),
    "example_latest_only.py": one("latest_only"),
    "example_latest_only_with_trigger.py": one("latest_only_with_trigger"),
    "example_nested_branch_dag.py": one("example_nested_branch_dag", tasks=_NESTED),
    "example_passing_params_via_test_command.py": one("example_passing_params_via_test_command"),
    "example_pig_operator.py": Example({"example_pig_operator": Run()}, needs="Pig"),
    "example_python_operator.py": one("example_python_operator"),
    "example_short_circuit_operator.py": one(
        "example_short_circuit_operator", tasks=skipped("false_1", "false_2", then="true_1 true_2")
    ),
    "example_skip_dag.py": one("example_skip_dag", tasks=_SKIP),
    "example_subdag_operator.py": Example(
        {
            "example_subdag_operator": Run(),
            "example_subdag_operator.section-1": Run(not_run="the DAG around it, which runs it"),
            "example_subdag_operator.section-2": Run(not_run="the DAG around it, which runs it"),
        }
    ),
    "example_trigger_controller_dag.py": one(
        "example_trigger_controller_dag", triggers="example_trigger_target_dag"
    ),
    "example_trigger_target_dag.py": one(
        "example_trigger_target_dag", conf='{"message": "Hello World"}'
    ),
    "example_xcom.py": one("example_xcom"),
    "subdags/subdag.py": NOTHING,
    "test_utils.py": one("test_utils", not_run="three hundred years: its task sleeps"),
    "tutorial.py": one("tutorial"),
}

# What Airflow 1.10 keeps in contrib: nearly everything there drives a service.
_CONTRIB: Mapping[str, Example] = {
    f"{name}.py": Example(needs=f"airflow.contrib.{needs}")
    for name, needs in {
        "example_azure_container_instances_operator": (
            "operators.azure_container_instances_operator"
        ),
        "example_azure_cosmosdb_sensor": "sensors.azure_cosmos_sensor",
        "example_databricks_operator": "operators.databricks_operator",
        "example_dingding_operator": "operators.dingding_operator",
        "example_emr_job_flow_automatic_steps": "operators.emr_create_job_flow_operator",
        "example_emr_job_flow_manual_steps": "operators.emr_create_job_flow_operator",
        "example_gcp_bigtable_operators": "operators.gcp_bigtable_operator",
        "example_gcp_compute": "operators.gcp_compute_operator",
        "example_gcp_compute_igm": "operators.gcp_compute_operator",
        "example_gcp_dataproc_create_cluster": "operators.dataproc_operator",
        "example_gcp_dataproc_pig_operator": "operators.dataproc_operator",
        "example_gcp_function": "operators.gcp_function_operator",
        "example_gcp_spanner": "operators.gcp_spanner_operator",
        "example_gcp_speech": "operators.gcp_text_to_speech_operator",
        "example_gcp_sql": "operators.gcp_sql_operator",
        "example_gcp_sql_query": "operators.gcp_sql_operator",
        "example_gcp_transfer": "hooks.gcp_transfer_hook",
        "example_gcp_translate": "operators.gcp_translate_operator",
        "example_gcs_acl": "operators.gcs_acl_operator",
        "example_gcs_to_gdrive": "operators.gcs_to_gdrive_operator",
        "example_pubsub_flow": "operators.pubsub_operator",
        "example_qubole_operator": "operators.qubole_operator",
        "example_qubole_sensor": "sensors.qubole_sensor",
    }.items()
} | {
    "example_kubernetes_annotation.py": one("example_kubernetes_annotation", not_run=_KUBERNETES),
    "example_kubernetes_executor.py": one("example_kubernetes_executor", not_run=_KUBERNETES),
    "example_gcp_cloud_build.py": Example(needs="the Python package future"),
    "example_gcp_dlp_operator.py": Example(needs="the Python package google"),
    "example_gcp_natural_language.py": Example(needs="the Python package google"),
    "example_gcp_video_intelligence.py": Example(needs="the Python package google"),
    "example_gcp_vision.py": Example(needs="the Python package google"),
    "example_gcs_to_bq_operator.py": NOTHING,  # it makes its DAG only where that can run
    "example_kubernetes_operator.py": Example(
        {"example_kubernetes_operator": Run()},
        needs="a Kubernetes cluster and the Python package kubernetes",
    ),
    "example_papermill_operator.py": one(
        "example_papermill_operator", not_run="a notebook at a path of Airflow's own"
    ),
    "example_twitter_dag.py": Example({"example_twitter_dag": Run()}, needs="Hive"),
    "example_winrm_operator.py": Example({"POC_winrm_parallel": Run()}, needs="WinRM"),
}

# A sensor that gives up softly skips everything after it, as in 1.10 (SEMANTICS 3.4).
_SENSORS = skipped(
    "timeout_after_second_date_in_the_future",
    "timeout_after_second_date_in_the_future_async",
    "Sensor_fails_after_3_seconds",
    "failure_timeout_sensor_python",
    "print_date_in_bash",
    then="wait_some_seconds fire_immediately wait_for_file_async",
)
_CIRCUIT = skipped("false_1", "false_2", then="true_2 task_7")
_NO_EVENT = "events of datasets, which no run of ours stores"

_NEW: Mapping[str, Example] = {
    "example_bash_decorator.py": one(
        "example_bash_decorator", tasks=skipped("this_will_skip", "sleep_in", then="run_this_last")
    ),
    "example_bash_operator.py": one(
        "example_bash_operator", tasks=skipped("this_will_skip", "run_this_last")
    ),
    "example_branch_datetime_operator.py": Example(
        {
            "example_branch_datetime_operator": Run(
                tasks=skipped("date_in_range", then="date_outside_range")
            ),
            "example_branch_datetime_operator_2": Run(),
            "example_branch_datetime_operator_3": Run(
                tasks=skipped("date_in_range", then="date_outside_range")
            ),
        }
    ),
    "example_branch_day_of_week_operator.py": one("example_weekday_branch_operator"),
    "example_branch_labels.py": one("example_branch_labels"),
    "example_branch_operator.py": one("example_branch_operator"),
    "example_branch_operator_decorator.py": one("example_branch_python_operator_decorator"),
    "example_branch_python_dop_operator_3.py": one("example_branch_dop_operator_v3"),
    "example_complex.py": one("example_complex"),
    "example_dag_decorator.py": one("example_dag_decorator", not_run=_MAIL),
    "example_dataset_alias.py": Example(
        dict.fromkeys(
            (
                "dataset_alias_example_alias_consumer",
                "dataset_alias_example_alias_producer",
                "dataset_s3_bucket_consumer",
                "dataset_s3_bucket_producer",
            ),
            Run(),
        )
    ),
    "example_dataset_alias_with_no_taskflow.py": Example(
        dict.fromkeys(
            (
                "dataset_alias_example_alias_consumer_with_no_taskflow",
                "dataset_alias_example_alias_producer_with_no_taskflow",
                "dataset_s3_bucket_consumer_with_no_taskflow",
                "dataset_s3_bucket_producer_with_no_taskflow",
            ),
            Run(),
        )
    ),
    "example_datasets.py": Example(
        dict.fromkeys(
            (
                "conditional_dataset_and_time_based_timetable",
                "consume_1_and_2_with_dataset_expressions",
                "consume_1_or_2_with_dataset_expressions",
                "consume_1_or_both_2_and_3_with_dataset_expressions",
                "dataset_consumes_1",
                "dataset_consumes_1_and_2",
                "dataset_consumes_1_never_scheduled",
                "dataset_consumes_unknown_never_scheduled",
                "dataset_produces_1",
                "dataset_produces_2",
            ),
            Run(),
        )
    ),
    "example_display_name.py": one("example_display_name"),
    "example_dynamic_task_mapping.py": one("example_dynamic_task_mapping"),
    "example_dynamic_task_mapping_with_no_taskflow_operators.py": one(
        "example_dynamic_task_mapping_with_no_taskflow_operators"
    ),
    "example_external_task_marker_dag.py": Example(
        {
            "example_external_task_marker_parent": Run(),
            "example_external_task_marker_child": Run(
                not_run="a task group that its parent DAG does not have"
            ),
        }
    ),
    "example_inlet_event_extra.py": Example(
        {
            "read_dataset_event": Run(),
            "read_dataset_event_from_classic": Run(not_run=_NO_EVENT),
        }
    ),
    "example_kubernetes_executor.py": NOTHING,  # it looks for the kubernetes package first
    "example_latest_only.py": one("latest_only"),
    "example_latest_only_with_trigger.py": one("latest_only_with_trigger"),
    "example_local_kubernetes_executor.py": NOTHING,
    "example_nested_branch_dag.py": one("example_nested_branch_dag", tasks=_NESTED),
    "example_outlet_event_extra.py": Example(
        dict.fromkeys(
            (
                "dataset_with_extra_by_context",
                "dataset_with_extra_by_yield",
                "dataset_with_extra_from_classic_operator",
            ),
            Run(),
        )
    ),
    "example_params_trigger_ui.py": one("example_params_trigger_ui"),
    # One of its parameters is required and has no default.
    "example_params_ui_tutorial.py": one(
        "example_params_ui_tutorial", conf='{"required_field": "given"}'
    ),
    "example_passing_params_via_test_command.py": one("example_passing_params_via_test_command"),
    "example_python_decorator.py": one("example_python_decorator"),
    "example_python_operator.py": one("example_python_operator"),
    "example_sensor_decorator.py": one("example_sensor_decorator"),
    "example_sensors.py": one("example_sensors", tasks=_SENSORS),
    "example_setup_teardown.py": one("example_setup_teardown"),
    "example_setup_teardown_taskflow.py": one("example_setup_teardown_taskflow"),
    "example_short_circuit_decorator.py": one("example_short_circuit_decorator", tasks=_CIRCUIT),
    "example_short_circuit_operator.py": one("example_short_circuit_operator", tasks=_CIRCUIT),
    "example_skip_dag.py": one("example_skip_dag", tasks=_SKIP),
    "example_sla_dag.py": one("example_sla_dag"),
    "example_subdag_operator.py": _OLD["example_subdag_operator.py"],
    "example_task_group.py": one("example_task_group"),
    "example_task_group_decorator.py": one("example_task_group_decorator"),
    "example_time_delta_sensor_async.py": one("example_time_delta_sensor_async"),
    "example_trigger_controller_dag.py": one(
        "example_trigger_controller_dag", triggers="example_trigger_target_dag"
    ),
    "example_trigger_target_dag.py": one(
        "example_trigger_target_dag", conf='{"message": "Hello World"}'
    ),
    "example_workday_timetable.py": one("example_workday_timetable"),
    "example_xcom.py": one("example_xcom"),
    "example_xcomargs.py": Example(
        {"example_xcom_args": Run(), "example_xcom_args_with_operators": Run()}
    ),
    "plugins/decreasing_priority_weight_strategy.py": NOTHING,
    "plugins/event_listener.py": NOTHING,
    "plugins/listener_plugin.py": NOTHING,
    "plugins/workday.py": NOTHING,
    "subdags/subdag.py": NOTHING,
    "tutorial.py": one("tutorial"),
    "tutorial_dag.py": one("tutorial_dag"),
    "tutorial_objectstorage.py": one("tutorial_objectstorage", not_run="a web service and S3"),
    "tutorial_taskflow_api.py": one("tutorial_taskflow_api"),
    "tutorial_taskflow_api_virtualenv.py": one("tutorial_taskflow_api_virtualenv"),
    # The wheel does not have its template, `sql/test.sql`.
    "tutorial_taskflow_templates.py": one(
        "tutorial_taskflow_templates", "failed", tasks={"template_test": "failed"}
    ),
}

EXAMPLES: Mapping[str, Mapping[str, Example]] = {OLD: _OLD, NEW: _NEW}
CONTRIB = _CONTRIB
