"""One table: every name of Airflow that hubflow answers -> the object of ours that it means.

A row is an object, as `module:attribute`, and the modules of Airflow in which it is found, without
the leading `airflow.` (`.` is `airflow` itself). `module=Name` gives it another name there. An
attribute `*` makes the Airflow module show whatever our module has. What operators and the SDK
export is named by their package, wherever it lies. SEMANTICS, appendix A.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from hubflow.compat.provider_names import PROVIDERS

ROOT = "airflow"
VERSION = "1.10.10+hubflow"

_SDK = "hubflow.sdk"
_OPS = "hubflow.operators"

_STRUCTURE = {
    f"{_SDK}:DAG": ". models models.dag sdk",
    f"{_SDK}:BaseOperator": "models models.baseoperator operators sdk sdk.bases.operator",
    f"{_SDK}:chain": "models.baseoperator utils.helpers sdk",
    f"{_SDK}:chain_linear": "models.baseoperator utils.helpers sdk",
    f"{_SDK}:cross_downstream": "models.baseoperator utils.helpers sdk",
    f"{_SDK}:apply_defaults": "utils.decorators",
    f"{_SDK}:Param": "models models.param sdk",
    f"{_SDK}:TriggerRule": "utils.trigger_rule sdk",
    f"{_SDK}:WeightRule": "utils.weight_rule sdk",
    f"{_SDK}:Context": "utils.context sdk",
    f"{_SDK}:get_current_context": (
        "operators.python providers.standard.operators.python sdk task.task_context"
    ),
    f"{_SDK}:TaskInstance": "models models.taskinstance",
    f"{_SDK}:DagRun": "models models.dagrun",
    f"{_SDK}.xcom:RETURN_KEY": (
        "models=XCOM_RETURN_KEY models.xcom=XCOM_RETURN_KEY utils.xcom=XCOM_RETURN_KEY"
    ),
    f"{_SDK}.macros:*": "macros",
    f"{_SDK}.configuration:conf": ". configuration",
    f"{_SDK}.configuration:Configuration": "configuration=AirflowConfigParser",
    f"{_SDK}.datasets:Dataset": ". datasets sdk=Asset sdk sdk.definitions.asset=Asset",
    f"{_SDK}.datasets:DatasetAlias": "datasets sdk=AssetAlias",
    f"{_SDK}.datasets:DatasetAll": "datasets sdk=AssetAll",
    f"{_SDK}.datasets:DatasetAny": "datasets sdk=AssetAny",
    f"{_SDK}.datasets:Metadata": "datasets.metadata sdk",
}

_TASKFLOW = {
    "hubflow:dag": "decorators sdk",
    "hubflow:task": "decorators sdk",
    "hubflow:task_group": "decorators sdk",
    "hubflow:setup": "decorators sdk",
    "hubflow:teardown": "decorators sdk",
    f"{_SDK}:XComArg": ". models models.xcom_arg sdk",
    f"{_SDK}:MappedOperator": "models models.mappedoperator",
    f"{_SDK}:TaskGroup": "utils.task_group sdk",
    f"{_SDK}.task_group:MappedTaskGroup": "utils.task_group",
    f"{_SDK}:Label": "utils.edgemodifier sdk",
}

_DATA = {
    f"{_SDK}.variable:Variable": "models models.variable sdk",
    f"{_SDK}.connection:Connection": "models models.connection sdk",
    "hubflow.hooks.base:BaseHook": "hooks hooks.base hooks.base_hook sdk sdk.bases.hook",
    f"{_SDK}.notify:send_email": "utils.email utils.email=send_email_smtp",
    f"{_SDK}.notify:get_email_address_list": "utils.email",
    "hubflow.hooks.filesystem:FSHook": "contrib.hooks.fs_hook hooks.filesystem",
    f"{_SDK}.secrets_backend:BaseSecretsBackend": "secrets secrets.base_secrets",
    f"{_SDK}.secrets_backend:EnvironmentVariablesBackend": "secrets.environment_variables",
    **{
        f"{_SDK}.secrets_backend:{name}": "secrets.local_filesystem"
        for name in (
            "LocalFilesystemBackend",
            "load_connections",
            "load_connections_dict",
            "load_variables",
        )
    },
}

_TIMETABLES = {
    f"{_SDK}.timetables:Timetable": "timetables.base",
    f"{_SDK}.timetables:DataInterval": "timetables.base",
    f"{_SDK}.timetables:DagRunInfo": "timetables.base",
    f"{_SDK}.timetables:TimeRestriction": "timetables.base",
    f"{_SDK}.timetables:CronDataIntervalTimetable": "timetables.interval sdk",
    f"{_SDK}.timetables:DeltaDataIntervalTimetable": "timetables.interval sdk",
    f"{_SDK}.timetables:CronTriggerTimetable": "timetables.trigger sdk",
    f"{_SDK}.timetables:DeltaTriggerTimetable": "timetables.trigger sdk",
    f"{_SDK}.timetables:MultipleCronTriggerTimetable": "timetables.trigger sdk",
    f"{_SDK}.timetables:EventsTimetable": "timetables.events sdk",
    f"{_SDK}.timetables:NullTimetable": "timetables.simple",
    f"{_SDK}.timetables:OnceTimetable": "timetables.simple",
    f"{_SDK}.timetables:DatasetOrTimeSchedule": "timetables.datasets sdk=AssetOrTimeSchedule",
}

_EXCEPTIONS = {
    f"{_SDK}:AirflowException": ". exceptions sdk.exceptions",
    f"{_SDK}:AirflowFailException": "exceptions sdk.exceptions",
    f"{_SDK}:AirflowSkipException": "exceptions sdk.exceptions",
    f"{_SDK}:AirflowTaskTimeout": "exceptions sdk.exceptions",
    f"{_SDK}.exceptions:AirflowSensorTimeout": "exceptions sdk.exceptions",
    f"{_SDK}.exceptions:AirflowRescheduleException": "exceptions",
    f"{_SDK}.exceptions:TaskDeferred": "exceptions sdk.exceptions",
    f"{_SDK}.exceptions:AirflowDagCycleException": "exceptions",
    f"{_SDK}.exceptions:DuplicateTaskIdFound": "exceptions",
    f"{_SDK}.exceptions:TaskNotFound": "exceptions",
    f"{_SDK}.params:ParamInvalid": "exceptions=ParamValidationError",
    f"{_SDK}.exceptions:AirflowConfigException": "exceptions",
    f"{_SDK}.exceptions:AirflowNotFoundException": "exceptions sdk.exceptions",
    f"{_SDK}.exceptions:XComNotFound": "exceptions sdk.exceptions",
    **{
        f"hubflow.compat.exceptions:{name}": "exceptions"
        for name in (
            "AirflowBadRequest",
            "AirflowClusterPolicyViolation",
            "AirflowOptionalProviderFeatureException",
            "AirflowProviderDeprecationWarning",
            "DagCodeNotFound",
            "DagConcurrencyLimitReached",
            "DagFileExists",
            "DagNotFound",
            "DagRunAlreadyExists",
            "DagRunNotFound",
            "NoAvailablePoolSlot",
            "PoolNotFound",
            "RemovedInAirflow3Warning",
            "TaskConcurrencyLimitReached",
            "TaskInstanceNotFound",
        )
    },
}


def _operators(old: str, new: str, *names: str) -> dict[str, str]:
    """Rows of operators that lie in one module of Airflow 1.10, and in another one since 2."""
    homes = f"operators operators.{old} operators.{new} providers.standard.operators.{new}"
    return {f"{_OPS}:{name}": homes for name in names}


def _sensors(old: str, new: str, *names: str) -> dict[str, str]:
    homes = f"sensors sensors.{old} sensors.{new} providers.standard.sensors.{new}"
    return {f"{_OPS}:{name}": homes for name in names}


_PYTHON = ("PythonOperator", "BranchPythonOperator", "ShortCircuitOperator")
_ELSEWHERE = (
    "PythonVirtualenvOperator",
    "ExternalPythonOperator",
    "BranchPythonVirtualenvOperator",
    "BranchExternalPythonOperator",
)
_OPERATORS = {
    **_operators("bash_operator", "bash", "BashOperator"),
    **_operators("python_operator", "python", *_PYTHON, *_ELSEWHERE),
    f"{_OPS}:DummyOperator": (
        "operators operators.dummy operators.dummy_operator operators=EmptyOperator "
        "operators.empty=EmptyOperator providers.standard.operators.empty=EmptyOperator"
    ),
    **_operators("branch_operator", "branch", "BaseBranchOperator"),
    **_operators("latest_only_operator", "latest_only", "LatestOnlyOperator"),
    **_operators("dagrun_operator", "trigger_dagrun", "TriggerDagRunOperator", "DagRunOrder"),
    **_operators("subdag_operator", "subdag", "SubDagOperator"),
    **_operators("datetime_branch", "datetime", "BranchDateTimeOperator"),
    **_operators("weekday_branch", "weekday", "BranchDayOfWeekOperator"),
    **_operators("smooth_operator", "smooth", "SmoothOperator"),
    f"{_OPS}:EmailOperator": (
        "operators operators.email operators.email_operator providers.smtp.operators.smtp"
    ),
    f"{_OPS}:DagOperator": "operators operators.dag_operator",
    f"{_OPS}:SkippableDagOperator": "operators operators.dag_operator",
    f"{_OPS}:CoutureJupyterOperator": "operators",
    f"{_OPS}.virtualenv:is_venv_installed": "operators.python providers.standard.operators.python",
    **{
        f"hubflow.compat.couture:{name}": "operators"
        for name in (
            "SparkOperator",
            "CoutureSparkOperator",
            "PySparkOperator",
            "CouturePySparkOperator",
            "CoutureDaskYarnOperator",
            "TensorflowOperator",
            "CoutureTensorflowOperator",
        )
    },
}

_SENSORS = {
    f"{_OPS}:BaseSensorOperator": (
        "operators operators.sensors sensors sensors.base sensors.base_sensor_operator sdk "
        "sdk.bases.sensor"
    ),
    f"{_OPS}:PokeReturnValue": "sensors.base sdk sdk.bases.sensor",
    **_sensors("external_task_sensor", "external_task", "ExternalTaskSensor", "ExternalTaskMarker"),
    **_sensors("time_sensor", "time", "TimeSensor", "TimeSensorAsync"),
    **_sensors("time_delta_sensor", "time_delta", "TimeDeltaSensor", "TimeDeltaSensorAsync"),
    **_sensors("date_time_sensor", "date_time", "DateTimeSensor", "DateTimeSensorAsync"),
    **_sensors("file_sensor", "filesystem", "FileSensor"),
    **_sensors("python_sensor", "python", "PythonSensor"),
    **_sensors("bash_sensor", "bash", "BashSensor"),
    **_sensors("weekday_sensor", "weekday", "DayOfWeekSensor"),
    f"{_OPS}:HttpSensor": "sensors sensors.http_sensor providers.http.sensors.http",
    f"{_OPS}:SqlSensor": "sensors sensors.sql_sensor sensors.sql providers.common.sql.sensors.sql",
    f"{_SDK}.triggers:BaseTrigger": "triggers.base",
    f"{_SDK}.triggers:TriggerEvent": "triggers.base",
    f"{_OPS}.triggers:DateTimeTrigger": "triggers.temporal providers.standard.triggers.temporal",
    f"{_OPS}.triggers:TimeDeltaTrigger": "triggers.temporal providers.standard.triggers.temporal",
    f"{_OPS}.triggers:FileTrigger": "triggers.file providers.standard.triggers.file",
    f"{_SDK}.skipping:SkipMixin": "models models.skipmixin",
}
# Where 1.10 has the same sensors once more.
_SENSORS_AGAIN = {
    f"{_OPS}:{name}": homes
    for name, homes in {
        "ExternalTaskSensor": "operators operators.sensors",
        "ExternalTaskMarker": "operators operators.sensors",
        "HttpSensor": "operators operators.sensors",
        "SqlSensor": "operators operators.sensors",
        "TimeSensor": "operators operators.sensors",
        "TimeDeltaSensor": "operators operators.sensors",
        "FileSensor": "contrib.sensors.file_sensor",
        "PythonSensor": "contrib.sensors.python_sensor",
        "BashSensor": "contrib.sensors.bash_sensor",
        "DayOfWeekSensor": "contrib.sensors.weekday_sensor",
    }.items()
}

_MODELS = {
    f"hubflow.compat.models:{name}": homes
    for name, homes in {
        "BaseOperatorLink": "models models.baseoperator models.baseoperatorlink sdk",
        "DagBag": "models models.dagbag",
        "DagModel": "models models.dag",
        "DagPickle": "models models.dagpickle",
        "DagTag": "models models.dag",
        "ImportError": "models models.errors",
        "Log": "models models.log",
        "ParamsDict": "models.param",
        "Pool": "models models.pool",
        "SlaMiss": "models models.slamiss",
        "TaskFail": "models models.taskfail",
        "TaskReschedule": "models models.taskreschedule",
        "XCom": "models models.xcom",
        "clear_task_instances": "models models.taskinstance",
        "trigger_dag": "api.common.experimental.trigger_dag api.common.trigger_dag",
    }.items()
}

_UTILS = {
    **{
        f"hubflow.compat.dates:{name}": "utils.dates"
        for name in (
            "cron_presets",
            "date_range",
            "days_ago",
            "infer_time_unit",
            "parse_execution_date",
            "round_time",
            "scale_time_units",
        )
    },
    "hubflow.compat.timezone:*": "utils.timezone sdk.timezone",
    "hubflow.compat.helpers:*": "utils.helpers",
    "hubflow.compat.files:*": "utils.file",
    "hubflow.compat.states:*": "utils.state",
    "hubflow.compat.states:DagRunType": "utils.types",
    "hubflow.compat.states:DagRunState": "sdk",
    "hubflow.compat.states:TaskInstanceState": "sdk",
    "hubflow.compat.notset:*": "utils.types",
    "hubflow.compat.processes:execute_in_subprocess": "utils.process_utils",
    "hubflow.compat.session:provide_session": "utils.db utils.session",
    "hubflow.compat.session:create_session": "utils.db utils.session",
    "hubflow.compat.session:NEW_SESSION": "utils.session",
    "hubflow.compat.logs:LoggingMixin": "utils.log.logging_mixin",
    "hubflow.compat.logs:mask_secret": "utils.log.secrets_masker",
    f"{_SDK}.weekday:WeekDay": "utils.weekday",
    "hubflow.compat.imports:import_string": "utils.module_loading",
    "hubflow.operators.airflow_helpers:*": "utils.operator_helpers",
    "hubflow.compat.settings:*": "settings",
    "hubflow.compat.configuration:*": "configuration",
    "hubflow.compat.plugins:AirflowPlugin": "plugins_manager",
    "hubflow.compat.notifier:BaseNotifier": "notifications.basenotifier sdk sdk.bases.notifier",
    "hubflow.compat.listeners:hookimpl": "listeners",
    "hubflow.compat.priority:PriorityWeightStrategy": "task.priority_strategy",
    "hubflow.compat.object_storage:ObjectStoragePath": "io.path sdk",
    "hubflow.operators.example_subdag:subdag": "example_dags.subdags.subdag",
    "hubflow.compat.names:VERSION": ".=__version__ version=version version=__version__",
}

_EXECUTORS = {
    f"hubflow.compat.executors:{name}": homes
    for name, homes in {
        "BaseExecutor": "executors.base_executor",
        "SequentialExecutor": "executors executors.sequential_executor",
        "LocalExecutor": "executors executors.local_executor",
        "CeleryExecutor": "executors executors.celery_executor",
        "DebugExecutor": "executors.debug_executor",
        "KubernetesExecutor": "executors.kubernetes_executor",
        "get_default_executor": "executors",
        "GetDefaultExecutor": "executors",
    }.items()
}

_GROUPS: tuple[Mapping[str, str], ...] = (
    _STRUCTURE,
    _TASKFLOW,
    _DATA,
    _TIMETABLES,
    _EXCEPTIONS,
    _OPERATORS,
    _SENSORS,
    _SENSORS_AGAIN,
    _MODELS,
    _UTILS,
    _EXECUTORS,
    *PROVIDERS,
)


def rows() -> Iterator[tuple[str, str, str]]:
    """Yield (module of Airflow, name in it, target `module:attribute`) for the whole table."""
    for group in _GROUPS:
        for target, homes in group.items():
            attribute = target.partition(":")[2]
            for home in homes.split():
                module, _, name = home.partition("=")
                yield _full(module), name or attribute, target


@cache
def modules() -> Mapping[str, Mapping[str, str]]:
    """Return module of Airflow -> name -> target, with every package that is on the way.

    The name `*` stands for everything else that its target has.
    """
    # Copies of Airflow's examples import each other by these packages.
    found: dict[str, dict[str, str]] = {ROOT: {}, f"{ROOT}.contrib.example_dags": {}}
    for module, name, target in rows():
        if module not in found:
            parts = module.split(".")
            for length in range(2, len(parts) + 1):
                found.setdefault(".".join(parts[:length]), {})
        found[module][name] = target
    return MappingProxyType(found)


def _full(module: str) -> str:
    return ROOT if module == "." else f"{ROOT}.{module}"
