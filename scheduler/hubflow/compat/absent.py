"""Operators, sensors and hooks of Airflow whose service hubflow does not drive.

DAG files that name them import, and the DAG is drawn; the task says what it needs. Classes are made
when they are first asked for, from the lists here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hubflow.sdk.unavailable import UnavailableHook, UnavailableOperator

# What is needed -> the operators and sensors that need it.
_TASKS: Mapping[str, str] = {
    "a Docker engine and the Python package docker": """
        DockerOperator DockerSwarmOperator""",
    "a Kubernetes cluster and the Python package kubernetes": """
        KubernetesPodOperator SparkKubernetesOperator""",
    "spark-submit and a Spark cluster": """
        SparkSubmitOperator SparkSqlOperator SparkJDBCOperator""",
    "a Livy server": "LivyOperator",
    "Hive": """
        HiveOperator HiveStatsCollectionOperator HiveToMySqlTransfer HiveToMySqlOperator
        HiveToDruidTransfer HiveToSambaOperator Hive2SambaOperator MySqlToHiveTransfer
        MySqlToHiveOperator MsSqlToHiveTransfer MsSqlToHiveOperator S3ToHiveTransfer
        HivePartitionSensor MetastorePartitionSensor NamedHivePartitionSensor""",
    "Pig": "PigOperator",
    "HDFS": "HdfsSensor WebHdfsSensor HdfsSensorFolder HdfsSensorRegex",
    "Presto": "PrestoToMySqlTransfer PrestoToMySqlOperator",
    "Amazon S3": """
        S3KeySensor S3PrefixSensor S3FileTransformOperator S3ToRedshiftTransfer
        RedshiftToS3Transfer""",
    "Druid": "DruidOperator",
    "Jenkins": "JenkinsJobTriggerOperator",
    "Jira": "JiraOperator JiraSensor",
    "Redis": "RedisPublishOperator RedisKeySensor RedisPubSubSensor",
    "MongoDB": "MongoSensor MongoToS3Operator",
    "an FTP client": "FTPSensor FTPSFileTransmitOperator FTPFileTransmitOperator",
    "WinRM": "WinRMOperator",
}
_HOOKS: Mapping[str, str] = {
    "a Docker engine and the Python package docker": "DockerHook",
    "a Kubernetes cluster and the Python package kubernetes": "KubernetesHook",
    "spark-submit and a Spark cluster": "SparkSubmitHook SparkSqlHook",
    "a Livy server": "LivyHook",
    "Hive": "HiveCliHook HiveMetastoreHook HiveServer2Hook",
    "Pig": "PigCliHook",
    "HDFS": "HDFSHook WebHDFSHook",
    "Presto": "PrestoHook",
    "Amazon S3": "S3Hook",
    "Druid": "DruidHook DruidDbApiHook",
    "Jenkins": "JenkinsHook",
    "Jira": "JiraHook",
    "Redis": "RedisHook",
    "MongoDB": "MongoHook",
    "an FTP client": "FTPHook FTPSHook",
    "Samba": "SambaHook",
    "WinRM": "WinRMHook",
}


class Described:
    """Something that describes a pod: it keeps what it was given."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.arguments = args
        self.__dict__.update(kwargs)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.arguments))})"


_PLAIN = "Secret Volume VolumeMount Port Resources PodRuntimeInfoEnv"


def _needs(table: Mapping[str, str]) -> dict[str, str]:
    return {name: needs for needs, names in table.items() for name in names.split()}


TASKS, HOOKS, PLAIN = _needs(_TASKS), _needs(_HOOKS), frozenset(_PLAIN.split())


def __getattr__(name: str) -> type:
    if name in TASKS:
        made = type(name, (UnavailableOperator,), {"needs": TASKS[name], "__module__": __name__})
    elif name in HOOKS:
        made = type(name, (UnavailableHook,), {"needs": HOOKS[name], "__module__": __name__})
    elif name in PLAIN:
        made = type(name, (Described,), {"__module__": __name__})
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = made
    return made
