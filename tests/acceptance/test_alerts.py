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


MAPPED = """
from datetime import datetime
from hubflow import DAG
from hubflow.operators import PythonOperator

def load(region):
    if region == "north":
        raise ValueError(f"no rows\\nregion: {region} <1>")

with DAG("sales", schedule_interval=None, start_date=datetime(2026, 1, 1), params={"p": "daily"},
         is_paused_upon_creation=False, default_args={"email": ["ann@example.org"]}):
    PythonOperator.partial(task_id="load", python_callable=load).expand(
        op_args=[["south"], ["north"]])
"""
BODY = """<p>{{ ti }} of the {{ params.p }} run {{ dag_run.run_id }} for {{ ds }}</p>
<p>Try {{ try_number }} out of {{ max_tries + 1 }} on {{ ti.hostname }}</p>
<p>{{ exception_html }}</p>
<p>Log: <a href="{{ ti.log_url }}">Link</a></p>
"""


def test_a_mapped_task_mails_by_a_template_of_ones_own(engine: Engine) -> None:
    template = engine.paths.home / "mail.html"
    template.write_text(BODY)
    postbox = Postbox()
    with running(postbox) as settings:
        engine.kill("scheduler")
        engine.start(
            "scheduler",
            f"--Email.smtp_host={settings.smtp_host}",
            f"--Email.smtp_port={settings.smtp_port}",
            f"--Email.html_content_template={template}",
            "--Email.public_url=https://hub.example.org",
        )
        engine.write("sales.py", MAPPED)
        engine.wait_for_dag("sales")
        engine.hubflow("dags", "trigger", "sales", "--run-id", "r", "--exec-date", "2026-11-20")
        assert engine.wait_for_run("r").state is RunState.FAILED
        done = orm.Alert.state == "done"
        engine.wait_for(lambda: engine.rows(orm.Alert, done), "the mail to be sent")
    (mail,) = postbox.mails
    name = "<TaskInstance: sales.load 2026-11-20T00:00:00+00:00 map_index=1 [failed]>"
    assert mail["Subject"] == f"Airflow alert: {name}"
    part = mail.get_body(("plain",))
    assert part is not None
    lines = part.get_content().splitlines()
    assert lines[0] == f"{name} of the daily run r for 2026-11-20"
    assert lines[1].startswith("Try 1 out of 1 on ")
    assert lines[2:] == [
        "ValueError: no rows",
        "region: north <1>",
        "Log: Link <https://hub.example.org/#/dags/sales/grid?run=r&task=load&map=1&try=1>",
    ]


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
