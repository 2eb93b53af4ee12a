"""BashOperator with a real bash: result, environment, exit codes, ending it."""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hubflow.hooks.process import CommandRunner
from hubflow.operators import BashOperator
from unit.sdk.bench import Bench, make_dag
from waiting import is_alive, wait_until_dead


def bench(command: str, **options: Any) -> Bench:
    dag = make_dag()
    BashOperator(task_id="t", dag=dag, bash_command=command, **options)
    return Bench(dag)


@pytest.mark.parametrize(
    ("command", "result"),
    [
        ("echo a; false; echo b", "b"),
        ("echo a; echo ' b  '", "b"),
        ("true", ""),
        ("echo {{ ds }}", "2018-10-02"),
        ("echo out; echo err >&2", "err"),
        ("printf 'no newline'", "no newline"),
        ("echo $AIRFLOW_CTX_TASK_ID", "t"),
        ("printf '\\xff'", "\\xff"),
        ("cat", ""),
    ],
)
def test_result_is_the_last_line(command: str, result: str) -> None:
    assert bench(command).result("t") == result


@pytest.mark.parametrize(
    ("command", "options", "state", "error"),
    [
        (
            "exit 3",
            {},
            "failed",
            "Bash command failed. The command returned a non-zero exit code 3.",
        ),
        ("exit 99", {}, "skipped", "the command returned the exit code 99"),
        (
            "exit 7",
            {"skip_on_exit_code": [7, 8]},
            "skipped",
            "the command returned the exit code 7",
        ),
        ("exit 7", {"skip_exit_code": 7}, "skipped", "the command returned the exit code 7"),
        (
            "exit 99",
            {"skip_on_exit_code": None},
            "failed",
            "Bash command failed. The command returned a non-zero exit code 99.",
        ),
        (
            "true",
            {"cwd": "/no/such"},
            "failed",
            "the cwd '/no/such' is not a folder on this worker",
        ),
    ],
)
def test_exit_codes(command: str, options: dict[str, Any], state: str, error: str) -> None:
    outcome = bench(command, **options).run("t")
    assert (outcome.state, outcome.error) == (state, error)


def test_env_replaces_the_environment_unless_appended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FROM_WORKER", "yes")
    show = "/usr/bin/env | /usr/bin/sort | /usr/bin/tr '\\n' ' '"
    replaced = bench(show, env={"X": "{{ ds }}"}).result("t")
    assert "X=2018-10-02" in replaced
    assert "AIRFLOW_CTX_DAG_ID=demo" in replaced
    assert "FROM_WORKER" not in replaced
    appended = bench(show, env={"X": "1"}, append_env=True).result("t")
    assert "FROM_WORKER=yes" in appended
    assert "FROM_WORKER=yes" in bench(show).result("t")


def test_name_of_a_script_is_a_template_and_a_space_keeps_it_a_command(tmp_path: Path) -> None:
    script = tmp_path / "script.sh"
    script.write_text("echo {{ ds }} $0\n")
    dag = make_dag(template_searchpath=str(tmp_path))
    BashOperator(task_id="template", dag=dag, bash_command="script.sh")
    BashOperator(task_id="command", dag=dag, bash_command=f"bash {script} ")
    BashOperator(task_id="missing", dag=dag, bash_command="missing.sh")
    stage = Bench(dag)
    assert stage.result("template").startswith("2018-10-02 ")
    assert stage.result("command") == f"{{{{ ds }}}} {script}"
    assert "TemplateNotFound" in str(stage.run("missing").error)


def test_runs_in_a_fresh_folder_that_is_deleted(tmp_path: Path) -> None:
    folder = bench("pwd").result("t")
    assert "hubflow-bash-" in folder
    assert not Path(folder).exists()
    assert bench("pwd", cwd=str(tmp_path)).result("t") == str(tmp_path)


def test_output_is_logged_line_by_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        bench("echo one; echo two; exit 1").run("t")
    messages = [record.getMessage() for record in caplog.records]
    assert messages[:3] == ["one", "two", "Command exited with return code 1"]


def test_xcom_push_false_keeps_the_result() -> None:
    assert bench("echo x", xcom_push=False).result("t") is None


def test_output_processor_makes_the_result() -> None:
    assert bench("echo 42", output_processor=int).result("t") == 42


def test_time_limit_ends_the_whole_process_group(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    command = f"sleep 60 & echo $! > {pids}; sleep 60"
    outcome = bench(command, execution_timeout=timedelta(seconds=0.3)).run("t")
    assert "execution_timeout" in str(outcome.error)
    background = int(pids.read_text())
    wait_until_dead(background)


def test_terminate_kills_what_ignores_sigterm(tmp_path: Path) -> None:
    runner = CommandRunner()
    seen: list[str] = []

    def on_line(line: str) -> None:
        seen.append(line)
        runner.terminate(grace_s=0.1)

    result = runner.run(
        ["bash", "-c", "trap '' TERM; echo $$; while true; do :; done"],
        env=dict(os.environ),
        cwd=str(tmp_path),
        on_line=on_line,
    )
    assert result.exit_code == -9
    assert not is_alive(int(seen[0]))


@pytest.mark.parametrize(
    ("options", "is_plain"),
    [
        ({"bash_command": "true"}, True),
        ({"bash_command": "true", "env": {"A": "b"}}, True),
        ({"bash_command": "true", "retries": 3, "execution_timeout": 5}, True),
        ({"bash_command": "echo {{ ds }}"}, False),
        ({"bash_command": "script.sh"}, False),
        ({"bash_command": "true", "env": {"A": "{{ ds }}"}}, False),
        ({"bash_command": "true", "env": {"A": "b"}, "append_env": True}, False),
        ({"bash_command": "true", "cwd": "/tmp"}, False),
        ({"bash_command": "true", "run_as_user": "ada"}, False),
        ({"bash_command": "true", "skip_on_exit_code": 3}, False),
        ({"bash_command": "true", "on_failure_callback": print}, False),
        ({"bash_command": "true", "output_processor": int}, False),
        ({"bash_command": 3}, False),
    ],
)
def test_plain_command_only_where_bash_alone_does_the_same(
    options: dict[str, Any], is_plain: bool
) -> None:
    task = BashOperator(task_id="t", dag=make_dag(), **options)
    assert (task.plain_command() is not None) is is_plain


def test_subclass_and_patched_object_are_never_plain() -> None:
    class Mine(BashOperator):
        pass

    patched = BashOperator(task_id="p", dag=make_dag(), bash_command="true")
    patched.execute = lambda context: None  # type: ignore[method-assign]
    assert patched.plain_command() is None
    assert Mine(task_id="m", dag=make_dag(), bash_command="true").plain_command() is None
