"""The table of Airflow's names: each leads to an object, and every promised one is in it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest

from hubflow.compat import finder, names

# SEMANTICS, appendix A: module(s) -> names that DAG files import from each of them.
PROMISED = {
    ". models": "DAG",
    ".": "AirflowException Dataset XComArg __version__ conf",
    "models": """BaseOperator BaseOperatorLink Variable Connection XCom XCOM_RETURN_KEY TaskInstance
        DagRun DagModel DagBag DagTag Pool SkipMixin SlaMiss Log TaskFail TaskReschedule ImportError
        clear_task_instances Param XComArg MappedOperator""",
    "models.dag": "DAG DagModel DagTag",
    "models.baseoperator": "BaseOperator BaseOperatorLink chain cross_downstream chain_linear",
    "models.variable": "Variable",
    "models.connection": "Connection",
    "models.xcom": "XCom XCOM_RETURN_KEY",
    "models.taskinstance": "TaskInstance clear_task_instances",
    "models.dagrun": "DagRun",
    "models.param": "Param ParamsDict",
    "models.pool": "Pool",
    "models.dagbag": "DagBag",
    "models.skipmixin": "SkipMixin",
    "models.xcom_arg": "XComArg",
    "models.slamiss": "SlaMiss",
    "models.log": "Log",
    "operators": """BashOperator PythonOperator BranchPythonOperator ShortCircuitOperator
        DummyOperator EmailOperator TriggerDagRunOperator SubDagOperator LatestOnlyOperator
        SimpleHttpOperator BaseOperator BaseSensorOperator ExternalTaskSensor HttpSensor SqlSensor
        TimeSensor TimeDeltaSensor HdfsSensor WebHdfsSensor HivePartitionSensor
        MetastorePartitionSensor NamedHivePartitionSensor S3KeySensor S3PrefixSensor CheckOperator
        ValueCheckOperator IntervalCheckOperator MySqlOperator PostgresOperator SqliteOperator
        MsSqlOperator JdbcOperator OracleOperator HiveOperator PigOperator GenericTransfer
        SlackAPIOperator SlackAPIPostOperator PrestoCheckOperator PrestoValueCheckOperator
        PrestoIntervalCheckOperator S3FileTransformOperator HiveStatsCollectionOperator
        Hive2SambaOperator HiveToMySqlTransfer MySqlToHiveTransfer S3ToHiveTransfer
        PrestoToMySqlTransfer HiveToDruidTransfer S3ToRedshiftTransfer RedshiftToS3Transfer
        MsSqlToHiveTransfer
        SparkOperator CoutureSparkOperator PySparkOperator CouturePySparkOperator
        CoutureDaskYarnOperator TensorflowOperator CoutureTensorflowOperator
        CoutureJupyterOperator DagOperator SkippableDagOperator""",
    "operators.bash_operator operators.bash": "BashOperator",
    "operators.python_operator operators.python": """PythonOperator BranchPythonOperator
        ShortCircuitOperator PythonVirtualenvOperator""",
    "operators.python": "get_current_context is_venv_installed ExternalPythonOperator",
    "operators.dummy_operator operators.dummy": "DummyOperator",
    "operators.empty": "EmptyOperator",
    "operators.email_operator operators.email": "EmailOperator",
    "operators.branch_operator operators.branch": "BaseBranchOperator",
    "operators.dagrun_operator operators.trigger_dagrun": "TriggerDagRunOperator",
    "operators.dag_operator": "DagOperator SkippableDagOperator",
    "operators.subdag_operator operators.subdag": "SubDagOperator",
    "operators.latest_only_operator operators.latest_only": "LatestOnlyOperator",
    "operators.sensors": "BaseSensorOperator ExternalTaskSensor HttpSensor SqlSensor TimeSensor",
    "operators.datetime": "BranchDateTimeOperator",
    "operators.weekday": "BranchDayOfWeekOperator",
    "operators.papermill_operator": "PapermillOperator",
    "operators.sql_branch_operator": "BranchSqlOperator BranchSQLOperator",
    "sensors.base_sensor_operator sensors.base": "BaseSensorOperator",
    "sensors.base": "PokeReturnValue",
    "sensors.external_task_sensor sensors.external_task": "ExternalTaskSensor ExternalTaskMarker",
    "sensors.time_sensor": "TimeSensor TimeSensorAsync",
    "sensors.time_delta_sensor sensors.time_delta": "TimeDeltaSensor TimeDeltaSensorAsync",
    "sensors.date_time_sensor sensors.date_time": "DateTimeSensor DateTimeSensorAsync",
    "sensors.filesystem contrib.sensors.file_sensor": "FileSensor",
    "sensors.python contrib.sensors.python_sensor": "PythonSensor",
    "sensors.bash contrib.sensors.bash_sensor": "BashSensor",
    "sensors.weekday contrib.sensors.weekday_sensor": "DayOfWeekSensor",
    "sensors.sql_sensor sensors.sql": "SqlSensor",
    "sensors.http_sensor": "HttpSensor",
    "utils.dates": "days_ago date_range round_time cron_presets parse_execution_date",
    "utils.trigger_rule": "TriggerRule",
    "utils.weight_rule": "WeightRule",
    "utils.state": "State DagRunState TaskInstanceState",
    "utils.helpers": "chain cross_downstream",
    "utils.decorators": "apply_defaults",
    "utils.db utils.session": "provide_session create_session",
    "utils.session": "NEW_SESSION",
    "utils.email": "send_email",
    "utils.timezone": """utcnow datetime parse make_aware make_naive convert_to_utc is_naive
        is_localized utc""",
    "utils.task_group": "TaskGroup",
    "utils.edgemodifier": "Label",
    "utils.log.logging_mixin": "LoggingMixin",
    "utils.weekday": "WeekDay",
    "utils.context": "Context",
    "utils.types": "DagRunType",
    "utils.operator_helpers": "context_to_airflow_vars determine_kwargs",
    "utils.module_loading": "import_string",
    "utils.file": "TemporaryDirectory mkdirs",
    "exceptions": """AirflowException AirflowSkipException AirflowFailException AirflowSensorTimeout
        AirflowTaskTimeout AirflowRescheduleException AirflowBadRequest AirflowNotFoundException
        AirflowConfigException AirflowDagCycleException AirflowClusterPolicyViolation DagNotFound
        DagRunNotFound DagRunAlreadyExists DagFileExists DagCodeNotFound TaskNotFound
        TaskInstanceNotFound PoolNotFound NoAvailablePoolSlot DagConcurrencyLimitReached
        TaskConcurrencyLimitReached DuplicateTaskIdFound TaskDeferred ParamValidationError
        XComNotFound AirflowOptionalProviderFeatureException""",
    "configuration": "conf get getboolean",
    "settings": "Session engine TIMEZONE",
    "macros": "ds_add ds_format datetime timedelta uuid random time dateutil",
    "hooks.base_hook hooks.base": "BaseHook",
    "plugins_manager": "AirflowPlugin",
    "api.common.experimental.trigger_dag": "trigger_dag",
    "example_dags.subdags.subdag": "subdag",
    "decorators": "dag task task_group setup teardown",
    "datasets": "Dataset",
    "timetables.interval": "CronDataIntervalTimetable DeltaDataIntervalTimetable",
    "timetables.trigger": "CronTriggerTimetable",
    "notifications.basenotifier": "BaseNotifier",
    "sdk": """DAG dag task task_group BaseOperator BaseSensorOperator BaseHook Variable Connection
        Param Context get_current_context chain cross_downstream chain_linear Label TaskGroup
        TriggerRule WeightRule XComArg Asset PokeReturnValue DagRunState TaskInstanceState""",
    "providers.standard.operators.bash": "BashOperator",
    "providers.standard.operators.python": "PythonOperator BranchPythonOperator",
    "providers.standard.operators.empty": "EmptyOperator",
    "providers.standard.operators.trigger_dagrun": "TriggerDagRunOperator",
    "providers.standard.operators.latest_only": "LatestOnlyOperator",
    "providers.standard.operators.branch": "BaseBranchOperator",
    "providers.standard.operators.datetime": "BranchDateTimeOperator",
    "providers.standard.operators.weekday": "BranchDayOfWeekOperator",
    "providers.standard.operators.smooth": "SmoothOperator",
    "providers.standard.sensors.external_task": "ExternalTaskSensor ExternalTaskMarker",
    "providers.standard.sensors.filesystem": "FileSensor",
    "providers.standard.sensors.python": "PythonSensor",
    "providers.standard.sensors.bash": "BashSensor",
    "providers.standard.sensors.time": "TimeSensor",
    "providers.standard.sensors.time_delta": "TimeDeltaSensor",
    "providers.standard.sensors.date_time": "DateTimeSensor",
    "providers.standard.sensors.weekday": "DayOfWeekSensor",
}
TARGETS = sorted({target for _, _, target in names.rows()})


@pytest.fixture(autouse=True)
def _airflow() -> Iterator[None]:
    finder.install()
    yield
    finder.remove()


def exists(target: str) -> bool:
    module, _, attribute = target.partition(":")
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError:
        return False
    return attribute == "*" or hasattr(found, attribute)


@pytest.mark.parametrize("target", TARGETS)
def test_a_row_leads_to_an_object(target: str) -> None:
    assert exists(target)


@pytest.mark.parametrize("homes", PROMISED, ids=str)
def test_promised_names_are_in_the_table(homes: str) -> None:
    for home in homes.split():
        module = names.ROOT if home == "." else f"{names.ROOT}.{home}"
        rows = names.modules()[module]
        rest = [name for name in PROMISED[homes].split() if name not in rows]
        found = importlib.import_module(module)
        assert [name for name in rest if not hasattr(found, name)] == []


@pytest.mark.parametrize("target", [t for t in TARGETS if t[-1] != "*"])
def test_one_object_has_many_names(target: str) -> None:
    of_ours, _, attribute = target.partition(":")
    ours = getattr(importlib.import_module(of_ours), attribute)
    for module, name, other in names.rows():
        if other == target:
            assert getattr(importlib.import_module(module), name) is ours


def test_no_name_leads_to_two_objects() -> None:
    seen: dict[tuple[str, str], str] = {}
    for module, name, target in names.rows():
        assert seen.setdefault((module, name), target) == target or name == "*"
