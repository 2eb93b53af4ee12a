"""Small names of Airflow that files import, and what they do here."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubflow.compat.processes import execute_in_subprocess
from hubflow.hooks.filesystem import FSHook
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.loader import load_source

FILE = """
from datetime import datetime
from airflow import DAG
from airflow.contrib.hooks.fs_hook import FSHook
from airflow.contrib.sensors.sftp_sensor import SFTPSensor
from airflow.executors import get_default_executor
from airflow.executors.celery_executor import CeleryExecutor
from airflow.executors.local_executor import LocalExecutor
from airflow.executors.sequential_executor import SequentialExecutor
from airflow.operators.subdag_operator import SubDagOperator
from airflow.utils.email import get_email_address_list, send_email_smtp
from airflow.utils.process_utils import execute_in_subprocess
from airflow.utils.types import NOTSET, DagRunType

start = datetime(2026, 1, 1)
with DAG("main", start_date=start, schedule_interval=None) as dag:
    inner = DAG("main.part", start_date=start, schedule_interval=None)
    SubDagOperator(task_id="part", subdag=inner, executor=SequentialExecutor())
assert get_email_address_list("a@x.org; b@x.org") == ["a@x.org", "b@x.org"]
assert NOTSET is not None
execute_in_subprocess(["sh", "-c", "echo hello"])
"""


def test_files_that_import_them_load(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "hubflow.task"):
        dags = load_source("main.py", FILE, tmp_path)
    assert [dag.dag_id for dag in dags] == ["main", "main.part"]
    assert "hello" in caplog.text


def test_a_command_that_fails_is_an_exception() -> None:
    with pytest.raises(HubflowException, match="sh ended with status 3: oh no"):
        execute_in_subprocess(["sh", "-c", "echo oh no; exit 3"])


def test_a_folder_is_that_of_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBFLOW_CONN_DATA", "fs://?path=%2Fsrv%2Fdata")
    assert FSHook("data").get_path() == "/srv/data"
