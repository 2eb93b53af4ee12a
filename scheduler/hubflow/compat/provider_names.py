"""Rows of the table in `names` for what Airflow keeps in `contrib` and in provider packages."""

from __future__ import annotations

from collections.abc import Mapping

_SQL = "hubflow.operators.sql"
_CHECKS = "hubflow.operators.sql_checks"
_DATABASES = "hubflow.hooks.databases"
_ABSENT = "hubflow.compat.absent"


def _database(kind: str, provider: str, operator: str, hook: str) -> dict[str, str]:
    """Rows of one kind of database: its operator and its hook, in 1.10 and in providers."""
    return {
        f"{_SQL}:{operator}": (
            f"operators operators.{kind}_operator providers.{provider}.operators.{kind}"
        ),
        f"{_DATABASES}:{hook}": f"hooks hooks.{kind}_hook providers.{provider}.hooks.{kind}",
    }


_DATABASE_ROWS = {
    **_database("sqlite", "sqlite", "SqliteOperator", "SqliteHook"),
    **_database("postgres", "postgres", "PostgresOperator", "PostgresHook"),
    **_database("mysql", "mysql", "MySqlOperator", "MySqlHook"),
    **_database("mssql", "microsoft.mssql", "MsSqlOperator", "MsSqlHook"),
    **_database("oracle", "oracle", "OracleOperator", "OracleHook"),
    **_database("jdbc", "jdbc", "JdbcOperator", "JdbcHook"),
    "hubflow.hooks.sql:DbApiHook": (
        "hooks hooks.dbapi hooks.dbapi_hook providers.common.sql.hooks.sql"
    ),
    "hubflow.hooks.sql:fetch_all_handler": (
        "providers.common.sql.hooks.sql providers.common.sql.hooks.handlers"
    ),
    "hubflow.hooks.sql:fetch_one_handler": (
        "providers.common.sql.hooks.sql providers.common.sql.hooks.handlers"
    ),
    f"{_SQL}:BaseSQLOperator": "operators.sql providers.common.sql.operators.sql",
    f"{_SQL}:SQLExecuteQueryOperator": "operators.sql providers.common.sql.operators.sql",
    f"{_SQL}:GenericTransfer": (
        "operators operators.generic_transfer providers.common.sql.operators.generic_transfer"
    ),
    "hubflow.operators:BranchSQLOperator": (
        "operators.sql operators.sql_branch_operator operators=BranchSqlOperator "
        "operators.sql_branch_operator=BranchSqlOperator providers.common.sql.operators.sql"
    ),
}


def _check(name: str, *, old: str) -> dict[str, str]:
    return {
        f"{_CHECKS}:{name}": (
            f"operators={old} operators.check_operator={old} operators.sql "
            "providers.common.sql.operators.sql"
        )
    }


_CHECK_ROWS = {
    **_check("SQLCheckOperator", old="CheckOperator"),
    **_check("SQLValueCheckOperator", old="ValueCheckOperator"),
    **_check("SQLIntervalCheckOperator", old="IntervalCheckOperator"),
    **_check("SQLThresholdCheckOperator", old="ThresholdCheckOperator"),
    **{
        f"hubflow.operators.sql_data_checks:{name}": (
            "operators.sql providers.common.sql.operators.sql"
        )
        for name in ("SQLColumnCheckOperator", "SQLTableCheckOperator")
    },
    **{
        f"{_CHECKS}:{name}": "operators operators.presto_check_operator"
        for name in (
            "PrestoCheckOperator",
            "PrestoValueCheckOperator",
            "PrestoIntervalCheckOperator",
        )
    },
}

_HTTP_AND_CHAT = {
    "hubflow.operators.http:HttpOperator": (
        "operators=SimpleHttpOperator operators.http_operator=SimpleHttpOperator operators.http "
        "operators.http=SimpleHttpOperator providers.http.operators.http "
        "providers.http.operators.http=SimpleHttpOperator"
    ),
    "hubflow.hooks.http:HttpHook": "hooks hooks.http_hook hooks.http providers.http.hooks.http",
    "hubflow.operators.slack:SlackAPIOperator": (
        "operators operators.slack_operator providers.slack.operators.slack"
    ),
    "hubflow.operators.slack:SlackAPIPostOperator": (
        "operators operators.slack_operator providers.slack.operators.slack"
    ),
    "hubflow.operators.slack:SlackWebhookOperator": (
        "contrib.operators.slack_webhook_operator providers.slack.operators.slack_webhook"
    ),
    "hubflow.operators.slack:DiscordWebhookOperator": (
        "contrib.operators.discord_webhook_operator providers.discord.operators.discord_webhook"
    ),
    "hubflow.operators.slack:TelegramOperator": "providers.telegram.operators.telegram",
    "hubflow.hooks.slack:SlackHook": "hooks hooks.slack_hook providers.slack.hooks.slack",
    "hubflow.hooks.slack:SlackWebhookHook": (
        "contrib.hooks.slack_webhook_hook providers.slack.hooks.slack_webhook"
    ),
    "hubflow.hooks.slack:DiscordWebhookHook": (
        "contrib.hooks.discord_webhook_hook providers.discord.hooks.discord_webhook"
    ),
    "hubflow.hooks.slack:TelegramHook": "providers.telegram.hooks.telegram",
}

_REMOTE = {
    "hubflow.operators.ssh:SSHOperator": (
        "contrib.operators.ssh_operator providers.ssh.operators.ssh"
    ),
    "hubflow.operators.ssh:SFTPOperator": (
        "contrib.operators.sftp_operator providers.sftp.operators.sftp"
    ),
    "hubflow.operators.ssh:SFTPSensor": ("contrib.sensors.sftp_sensor providers.sftp.sensors.sftp"),
    "hubflow.operators.ssh:SFTPOperation": (
        "contrib.operators.sftp_operator providers.sftp.operators.sftp"
    ),
    "hubflow.hooks.ssh:SSHHook": "contrib.hooks.ssh_hook providers.ssh.hooks.ssh",
    "hubflow.hooks.ssh:SFTPHook": "contrib.hooks.sftp_hook providers.sftp.hooks.sftp",
    "hubflow.operators.papermill:PapermillOperator": (
        "operators.papermill_operator providers.papermill.operators.papermill"
    ),
}

_KUBERNETES = (
    "contrib.operators.kubernetes_pod_operator "
    "providers.cncf.kubernetes.operators.kubernetes_pod providers.cncf.kubernetes.operators.pod"
)
_ABSENT_HOMES: Mapping[str, str] = {
    "DockerOperator": "operators.docker_operator providers.docker.operators.docker",
    "DockerSwarmOperator": (
        "contrib.operators.docker_swarm_operator providers.docker.operators.docker_swarm"
    ),
    "DockerHook": "hooks.docker_hook providers.docker.hooks.docker",
    "KubernetesPodOperator": _KUBERNETES,
    "SparkKubernetesOperator": "providers.cncf.kubernetes.operators.spark_kubernetes",
    "KubernetesHook": "providers.cncf.kubernetes.hooks.kubernetes",
    "Secret": ("kubernetes.secret contrib.kubernetes.secret providers.cncf.kubernetes.secret"),
    "Volume": "contrib.kubernetes.volume kubernetes.volume",
    "VolumeMount": "contrib.kubernetes.volume_mount kubernetes.volume_mount",
    "Port": "contrib.kubernetes.pod kubernetes.pod",
    "Resources": "contrib.kubernetes.pod kubernetes.pod",
    "PodRuntimeInfoEnv": "contrib.kubernetes.pod_runtime_info_env kubernetes.pod_runtime_info_env",
    "SparkSubmitOperator": (
        "contrib.operators.spark_submit_operator providers.apache.spark.operators.spark_submit"
    ),
    "SparkSqlOperator": (
        "contrib.operators.spark_sql_operator providers.apache.spark.operators.spark_sql"
    ),
    "SparkJDBCOperator": (
        "contrib.operators.spark_jdbc_operator providers.apache.spark.operators.spark_jdbc"
    ),
    "SparkSubmitHook": "contrib.hooks.spark_submit_hook providers.apache.spark.hooks.spark_submit",
    "SparkSqlHook": "contrib.hooks.spark_sql_hook providers.apache.spark.hooks.spark_sql",
    "LivyOperator": "providers.apache.livy.operators.livy",
    "LivyHook": "providers.apache.livy.hooks.livy",
    "HiveOperator": "operators operators.hive_operator providers.apache.hive.operators.hive",
    "HiveStatsCollectionOperator": (
        "operators operators.hive_stats_operator providers.apache.hive.operators.hive_stats"
    ),
    "HiveToMySqlTransfer": "operators operators.hive_to_mysql",
    "HiveToMySqlOperator": "providers.apache.hive.transfers.hive_to_mysql",
    "HiveToDruidTransfer": "operators operators.hive_to_druid",
    "Hive2SambaOperator": "operators operators.hive_to_samba_operator",
    "HiveToSambaOperator": "providers.apache.hive.transfers.hive_to_samba",
    "MySqlToHiveTransfer": "operators operators.mysql_to_hive",
    "MySqlToHiveOperator": "providers.apache.hive.transfers.mysql_to_hive",
    "MsSqlToHiveTransfer": "operators operators.mssql_to_hive",
    "MsSqlToHiveOperator": "providers.apache.hive.transfers.mssql_to_hive",
    "S3ToHiveTransfer": "operators operators.s3_to_hive_operator",
    "HivePartitionSensor": (
        "operators operators.sensors sensors sensors.hive_partition_sensor "
        "providers.apache.hive.sensors.hive_partition"
    ),
    "MetastorePartitionSensor": (
        "operators operators.sensors sensors sensors.metastore_partition_sensor "
        "providers.apache.hive.sensors.metastore_partition"
    ),
    "NamedHivePartitionSensor": (
        "operators operators.sensors sensors sensors.named_hive_partition_sensor "
        "providers.apache.hive.sensors.named_hive_partition"
    ),
    "HiveCliHook": "hooks hooks.hive_hooks providers.apache.hive.hooks.hive",
    "HiveMetastoreHook": "hooks hooks.hive_hooks providers.apache.hive.hooks.hive",
    "HiveServer2Hook": "hooks hooks.hive_hooks providers.apache.hive.hooks.hive",
    "PigOperator": "operators operators.pig_operator providers.apache.pig.operators.pig",
    "PigCliHook": "hooks hooks.pig_hook providers.apache.pig.hooks.pig",
    "HdfsSensor": (
        "operators operators.sensors sensors sensors.hdfs_sensor providers.apache.hdfs.sensors.hdfs"
    ),
    "HdfsSensorFolder": "contrib.sensors.hdfs_sensor",
    "HdfsSensorRegex": "contrib.sensors.hdfs_sensor",
    "WebHdfsSensor": (
        "operators operators.sensors sensors sensors.web_hdfs_sensor "
        "providers.apache.hdfs.sensors.web_hdfs"
    ),
    "HDFSHook": "hooks hooks.hdfs_hook providers.apache.hdfs.hooks.hdfs",
    "WebHDFSHook": "hooks hooks.webhdfs_hook providers.apache.hdfs.hooks.webhdfs",
    "PrestoToMySqlTransfer": "operators operators.presto_to_mysql",
    "PrestoToMySqlOperator": "providers.mysql.transfers.presto_to_mysql",
    "PrestoHook": "hooks hooks.presto_hook providers.presto.hooks.presto",
    "S3KeySensor": "operators operators.sensors sensors sensors.s3_key_sensor",
    "S3PrefixSensor": "operators operators.sensors sensors sensors.s3_prefix_sensor",
    "S3FileTransformOperator": "operators operators.s3_file_transform_operator",
    "S3ToRedshiftTransfer": "operators operators.s3_to_redshift_operator",
    "RedshiftToS3Transfer": "operators operators.redshift_to_s3_operator",
    "S3Hook": "hooks hooks.S3_hook",
    "DruidOperator": "contrib.operators.druid_operator providers.apache.druid.operators.druid",
    "DruidHook": "hooks.druid_hook providers.apache.druid.hooks.druid",
    "DruidDbApiHook": "hooks.druid_hook providers.apache.druid.hooks.druid",
    "JenkinsJobTriggerOperator": (
        "contrib.operators.jenkins_job_trigger_operator "
        "providers.jenkins.operators.jenkins_job_trigger"
    ),
    "JenkinsHook": "contrib.hooks.jenkins_hook providers.jenkins.hooks.jenkins",
    "JiraOperator": "contrib.operators.jira_operator providers.jira.operators.jira",
    "JiraSensor": "contrib.sensors.jira_sensor providers.jira.sensors.jira",
    "JiraHook": "contrib.hooks.jira_hook providers.jira.hooks.jira",
    "RedisPublishOperator": (
        "contrib.operators.redis_publish_operator providers.redis.operators.redis_publish"
    ),
    "RedisKeySensor": "contrib.sensors.redis_key_sensor providers.redis.sensors.redis_key",
    "RedisPubSubSensor": (
        "contrib.sensors.redis_pub_sub_sensor providers.redis.sensors.redis_pub_sub"
    ),
    "RedisHook": "contrib.hooks.redis_hook providers.redis.hooks.redis",
    "MongoSensor": "contrib.sensors.mongo_sensor providers.mongo.sensors.mongo",
    "MongoToS3Operator": "contrib.operators.mongo_to_s3",
    "MongoHook": "contrib.hooks.mongo_hook providers.mongo.hooks.mongo",
    "FTPSensor": "contrib.sensors.ftp_sensor providers.ftp.sensors.ftp",
    "FTPFileTransmitOperator": "providers.ftp.operators.ftp",
    "FTPSFileTransmitOperator": "providers.ftp.operators.ftp",
    "FTPHook": "contrib.hooks.ftp_hook providers.ftp.hooks.ftp",
    "FTPSHook": "contrib.hooks.ftp_hook providers.ftp.hooks.ftp",
    "SambaHook": "hooks.samba_hook providers.samba.hooks.samba",
    "WinRMOperator": ("contrib.operators.winrm_operator providers.microsoft.winrm.operators.winrm"),
    "WinRMHook": "contrib.hooks.winrm_hook providers.microsoft.winrm.hooks.winrm",
}

PROVIDERS: tuple[Mapping[str, str], ...] = (
    _DATABASE_ROWS,
    _CHECK_ROWS,
    _HTTP_AND_CHAT,
    _REMOTE,
    {f"{_ABSENT}:{name}": homes for name, homes in _ABSENT_HOMES.items()},
)
