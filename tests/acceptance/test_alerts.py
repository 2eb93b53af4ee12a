"""A red task mails its people, and callbacks are called, with real processes and a mail server."""

from engine import Engine
from hubflow.db import orm
from hubflow.states import RunState
from mail_server import Postbox, running

SOURCE = """
import os, signal
from datetime import datetime, timedelta
from hubflow import DAG
from hubflow.operators import EmailOperator, PythonOperator

def note(words):
    with open({notes!r}, "a") as file:
        file.write(words + "\\n")

def die():
    os.kill(os.getpid(), signal.SIGKILL)

with DAG("red", schedule_interval=None, start_date=datetime(2026, 1, 1),
         is_paused_upon_creation=False,
         default_args={{"email": ["ann@example.org"]}},
         on_failure_callback=lambda context: note("run " + context["reason"])):
    EmailOperator(task_id="report", to="bob@example.org", subject="sales of {{{{ ds }}}}",
                  html_content="<p>good</p>") >> PythonOperator(
        task_id="die", python_callable=die,
        on_failure_callback=lambda context: note("task " + str(context["exception"])))
"""


def test_a_killed_task_mails_and_calls_back_and_an_operator_mails(engine: Engine) -> None:
    notes = engine.paths.home / "notes.txt"
    postbox = Postbox()
    with running(postbox) as settings:
        engine.kill("scheduler")
        engine.start(
            "scheduler",
            f"--Email.smtp_host={settings.smtp_host}",
            f"--Email.smtp_port={settings.smtp_port}",
        )
        engine.write("red.py", SOURCE.format(notes=str(notes)))
        engine.wait_for_dag("red")
        engine.hubflow("dags", "trigger", "red", "--run-id", "r", "--exec-date", "2026-11-20")
        assert engine.wait_for_run("r").state is RunState.FAILED
        done = orm.Alert.state == "done"
        engine.wait_for(lambda: len(engine.rows(orm.Alert, done)) == 3, "three alerts to be done")
    assert [mail["Subject"] for mail in postbox.mails] == [
        "sales of 2026-11-20",
        "Airflow alert: <TaskInstance: red.die 2026-11-20T00:00:00+00:00 [failed]>",
    ]
    assert sorted(notes.read_text().splitlines()) == [
        "run task_failure",
        "task the task's process was killed by signal 9 (out of memory?)",
    ]
