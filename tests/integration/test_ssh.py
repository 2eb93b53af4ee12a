"""SSHOperator and SFTPOperator against a real SSH server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import ssh_server
from hubflow.hooks.ssh import SFTPHook
from hubflow.operators import PythonOperator, SFTPOperator, SSHOperator
from hubflow.operators.ssh import SFTPSensor
from hubflow.sdk import DAG
from unit.operators.connected import Connected
from unit.sdk.bench import make_dag


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ssh_server.serve() as port:
        yield port


@pytest.fixture
def dag() -> DAG:
    return make_dag()


@pytest.fixture
def tasks(dag: DAG, port: int) -> Connected:
    server = {
        "conn_type": "ssh",
        "host": "127.0.0.1",
        "port": port,
        "login": ssh_server.USER,
        "extra": '{"look_for_keys": "false"}',
    }
    return Connected(
        dag,
        ssh={**server, "password": ssh_server.PASSWORD},
        wrong={**server, "password": "guess"},
    )


def test_output_of_a_command_is_the_result(
    dag: DAG, tasks: Connected, caplog: pytest.LogCaptureFixture
) -> None:
    SSHOperator(
        task_id="t", ssh_conn_id="ssh", command="echo on {{ ds }}; echo careful >&2", dag=dag
    )
    with caplog.at_level("INFO", "hubflow.task"):
        assert tasks.result("t") == b"on 2018-10-02\n"
    assert "careful" in caplog.text


def test_a_sensor_waits_for_a_path(dag: DAG, tasks: Connected, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("x")
    for name, how in {"there": {}, "missing": {"timeout": 0, "soft_fail": True}}.items():
        path = str(tmp_path / name)
        SFTPSensor(task_id=name, path=path, sftp_conn_id="ssh", dag=dag, **how)
    assert tasks.run("there").state == "success"
    assert tasks.run("missing").state == "skipped"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"command": "exit 3"}, "its exit status was 3"),
        ({"command": "true", "ssh_conn_id": "wrong"}, "Authentication"),
        ({"command": "sleep 5", "cmd_timeout": 0.2}, "wrote nothing for 0.2 s"),
        ({"command": "true", "ssh_conn_id": None}, "needs a remote_host"),
    ],
)
def test_failures_say_why(
    dag: DAG, tasks: Connected, options: dict[str, object], words: str
) -> None:
    SSHOperator(task_id="t", dag=dag, **{"ssh_conn_id": "ssh", **options})
    outcome = tasks.run("t")
    assert outcome.state == "failed"
    assert words in f"{outcome.error}"


def test_files_go_there_and_back(dag: DAG, tasks: Connected, tmp_path: Path) -> None:
    here, there, again = (tmp_path / name for name in ("a.csv", "in/side/b.csv", "back/c.csv"))
    here.write_text("1,2\n")
    common = {"ssh_conn_id": "ssh", "create_intermediate_dirs": True, "dag": dag}
    SFTPOperator(task_id="put", local_filepath=str(here), remote_filepath=str(there), **common)
    SFTPOperator(
        task_id="get",
        operation="get",
        local_filepath=[str(again)],
        remote_filepath=[str(there)],
        **common,
    )
    assert [tasks.run(task_id).state for task_id in ("put", "get")] == ["success", "success"]
    assert again.read_text() == "1,2\n"


def test_hook_looks_at_folders(dag: DAG, tasks: Connected, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("abc")
    (tmp_path / "sub").mkdir()

    def look() -> dict[str, object]:
        hook = SFTPHook("ssh")
        try:
            described = hook.describe_directory(str(tmp_path))
            return {
                "names": hook.list_directory(str(tmp_path)),
                "size": described["a.txt"]["size"],
                "kind": described["sub"]["type"],
                "file": hook.isfile(f"{tmp_path}/a.txt"),
                "dir": hook.isdir(f"{tmp_path}/a.txt"),
                "missing": hook.path_exists(f"{tmp_path}/no"),
            }
        finally:
            hook.close_conn()

    PythonOperator(task_id="t", python_callable=look, dag=dag)
    assert tasks.result("t") == {
        "names": ["a.txt", "sub"],
        "size": 3,
        "kind": "dir",
        "file": True,
        "dir": False,
        "missing": False,
    }
