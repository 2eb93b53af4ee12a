"""Mails on their way from the database to a real mail server."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from factories import make_dag, make_run
from hubflow.config import Core, Email
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.db.queries import alert_store
from hubflow.scheduler.mailer import Mailer
from hubflow.serialization.model import SerializedDag, SerializedTask
from hubflow.states import TaskState
from mail_server import Postbox, running

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
FACTS = {
    "dag_id": "sales",
    "run_id": "manual__1",
    "task_id": "load",
    "execution_date": "2026-11-20T00:00:00+00:00",
    "state": "failed",
    "try_number": 2,
    "max_tries": 1,
    "error": "KeyError: 'price' <b>\nsecond line",
    "error_detail": {"cell": 3, "total": 7},
    "hostname": "worker-1",
    "log_path": "sales/load/2026-11-20/2.log",
    "notebook": "sales/out.ipynb",
    "retry_at": None,
    "owner": "ann",
}

without_tls = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


def add_mail(
    database: Database,
    reason: str = "task_failure",
    definition: SerializedDag | None = None,
    conf: object = None,
    **facts: object,
) -> int:
    with database.write() as session:
        dag = make_dag(session, "sales", definition=definition)
        tasks = {"load": TaskState.FAILED}
        run = make_run(session, dag, execution_date=NOW, conf=conf, tasks=tasks)
        instance = session.scalars(select(orm.TaskInstance)).one()
        values = {
            "kind": "mail",
            "reason": reason,
            "dag_id": dag.id,
            "dag_run_id": run.id,
            "task_instance_id": instance.id,
            "try_number": 2,
            "data": {"to": ["ann@example.org", "bob@example.org"], "facts": {**FACTS, **facts}},
        }
        return alert_store.add(session, values, NOW)


def body_of(mail: EmailMessage, kind: str = "html") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def alert(database: Database, key: int) -> orm.Alert:
    with database.read() as session:
        return session.get_one(orm.Alert, key)


def test_a_failure_mail_tells_what_failed_why_and_where_to_look(database: Database) -> None:
    key = add_mail(database)
    postbox = Postbox()
    with running(postbox) as settings:
        settings.public_url = "https://hub.example.org/services/hubflow/"
        Mailer(settings, database).send_due(NOW)
    (mail,) = postbox.mails
    assert mail["Subject"] == (
        "Airflow alert: <TaskInstance: sales.load 2026-11-20T00:00:00+00:00 [failed]>"
    )
    assert mail["To"] == "ann@example.org, bob@example.org"
    html = mail.get_body(("html",))
    assert html is not None
    body = html.get_content()
    assert "Try 2 out of 2" in body
    assert "KeyError: &#x27;price&#x27; &lt;b&gt;<br>second line" in body
    assert "Failing cell: 3 of 7" in body
    where = "https://hub.example.org/services/hubflow/#/dags/sales/grid?run=manual__1"
    assert f'href="{where}&amp;task=load&amp;try=2"' in body
    assert alert(database, key).state == "done"


def test_a_mail_has_the_same_as_plain_text(database: Database) -> None:
    add_mail(database)
    postbox = Postbox()
    with running(postbox) as settings:
        settings.public_url = "https://hub.example.org"
        Mailer(settings, database).send_due(NOW)
    text = body_of(postbox.mails[0], "plain")
    assert "KeyError: 'price' <b>\nsecond line" in text
    where = "https://hub.example.org/#/dags/sales/grid?run=manual__1&task=load"
    assert f"Log: Link <{where}&try=2>\n" in text
    assert f"Mark success: Link <{where}>\n" in text


def test_a_mail_is_tried_again_while_the_server_is_down_and_then_arrives(
    database: Database,
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        away = Email(smtp_host="127.0.0.1", smtp_port=closed.getsockname()[1])
    key = add_mail(database)
    Mailer(away, database).send_due(NOW)
    waiting = alert(database, key)
    assert (waiting.state, waiting.attempts) == ("pending", 1)
    assert waiting.next_at == NOW + timedelta(seconds=10)
    assert "did not take the mail" in (waiting.error or "")
    postbox = Postbox()
    with running(postbox) as settings:
        mailer = Mailer(settings, database)
        assert mailer.send_due(NOW + timedelta(seconds=9)) == 0
        mailer.send_due(NOW + timedelta(seconds=10))
    assert len(postbox.mails) == 1
    assert alert(database, key).state == "done"
    with database.read() as session:
        told = session.query(orm.Event).filter_by(kind="alert").order_by(orm.Event.id)
        assert [event.data for event in told] == [
            {"alert_id": key, "state": "pending"},
            {"alert_id": key, "state": "done"},
        ]


def test_a_mail_is_shown_as_unsent_after_the_last_attempt(database: Database) -> None:
    key = add_mail(database)
    with running(Postbox(refused="ann@example.org")) as settings:
        settings.max_attempts = 1
        Mailer(settings, database).send_due(NOW)
    found = alert(database, key)
    assert found.state == "failed"
    assert "550" in (found.error or "")


def test_without_a_mail_server_the_alert_says_what_to_configure(database: Database) -> None:
    key = add_mail(database)
    Mailer(Email(), database).send_due(NOW)
    found = alert(database, key)
    assert (found.state, found.attempts) == ("failed", 1)
    assert "set Email.smtp_host" in (found.error or "")


@without_tls
def test_the_password_of_a_refused_login_is_not_in_the_alert(database: Database) -> None:
    key = add_mail(database)
    with running(Postbox(), wants_login=True) as settings:
        settings.smtp_user, settings.smtp_password = "hubflow", "s3cret"
        Mailer(settings, database).send_due(NOW)
    error = alert(database, key).error or ""
    assert "refused the login" in error
    assert "s3cret" not in error


@without_tls
def test_a_login_that_is_right_sends(database: Database) -> None:
    postbox = Postbox()
    add_mail(database)
    with running(postbox, wants_login=True) as settings:
        settings.smtp_user, settings.smtp_password = "hubflow", "right"
        Mailer(settings, database).send_due(NOW)
    assert len(postbox.mails) == 1


def test_a_mail_of_a_mapped_task_names_its_map_index(database: Database) -> None:
    add_mail(database, map_index=3)
    postbox = Postbox()
    with running(postbox) as settings:
        Mailer(settings, database).send_due(NOW)
    (mail,) = postbox.mails
    assert mail["Subject"].endswith("2026-11-20T00:00:00+00:00 map_index=3 [failed]>")
    assert "load</b> (map index 3) in" in body_of(mail)


def test_all_lines_of_an_error_are_mailed(database: Database) -> None:
    add_mail(database, error="Test failed.", error_text="Test failed.\nQuery:\nSELECT 1 < 0")
    postbox = Postbox()
    with running(postbox) as settings:
        Mailer(settings, database).send_due(NOW)
    assert "Test failed.<br>Query:<br>SELECT 1 &lt; 0" in body_of(postbox.mails[0])


def mail_by(
    core: Core, database: Database, subject: str = "", body: str = "", **facts: object
) -> EmailMessage:
    """Send a mail with these templates; returns what arrived."""
    files = {"subject": core.paths.home / "subject.txt", "body": core.paths.home / "body.html"}
    files["subject"].write_text(subject)
    files["body"].write_text(body)
    key = add_mail(database, **facts)  # type: ignore[arg-type]
    postbox = Postbox()
    with running(postbox) as settings:
        settings.public_url = "https://hub.example.org"
        settings.subject_template = str(files["subject"]) if subject else ""
        settings.html_content_template = str(files["body"]) if body else ""
        Mailer(settings, database).send_due(NOW)
    (mail,) = postbox.mails
    assert alert(database, key).state == "done"
    return mail


def test_own_templates_see_the_facts(core: Core, database: Database) -> None:
    mail = mail_by(core, database, "{{ dag_id }} is red", "<p>{{ exception_html }}</p>")
    assert mail["Subject"] == "sales is red"
    assert "&#x27;price&#x27; &lt;b&gt;<br>second line" in body_of(mail)


AIRFLOWS_OWN = """Try {{ try_number }} out of {{ max_tries + 1 }}<br>
Exception:<br>{{ exception_html }}<br>
Log: <a href="{{ ti.log_url }}">Link</a><br>
Host: {{ ti.hostname }}<br>
Log file: {{ ti.log_filepath }}<br>
Mark success: <a href="{{ ti.mark_success_url }}">Link</a><br>
"""


def test_airflows_own_templates_work(core: Core, database: Database) -> None:
    mail = mail_by(core, database, "Airflow alert: {{ ti }}", AIRFLOWS_OWN, map_index=2)
    assert mail["Subject"] == (
        "Airflow alert: <TaskInstance: sales.load 2026-11-20T06:00:00+00:00 map_index=2 [failed]>"
    )
    html = body_of(mail)
    assert 'Log: <a href="https://hub.example.org/#/dags/sales/grid?run=' in html
    assert "Host: worker-1<br>" in html
    assert "Log file: sales/load/2026-11-20/2.log<br>" in html


def test_templates_see_task_dag_run_and_dates(core: Core, database: Database) -> None:
    load = SerializedTask(task_id="load", operator="BashOperator", owner="ann", doc="# Loads")
    dag = SerializedDag(
        dag_id="sales", path="sales.py", tasks=(load,), params={"p": 1, "q": 2}, tags=("daily",)
    )
    body = (
        "{{ ti.dag_id }} {{ task.task_id }} {{ task.owner }} {{ task.doc_md }} {{ dag.tags[0] }} "
        "{{ dag_run.run_id }} {{ dag_run.conf.q }} {{ params.p }}{{ params.q }} {{ ti.duration }} "
        "{{ ds }} {{ ts_nodash }} {{ execution_date.hour }} {{ execution_date }} "
        "{{ ti.task.dag.owner }}"
    )
    mail = mail_by(core, database, body=body, definition=dag, conf={"q": 3}, try_number=1)
    run_id = "scheduled__2026-11-20T06:00:00+00:00"
    assert body_of(mail).strip() == (
        f"sales load ann # Loads daily {run_id} 3 13 10.0 "
        "2026-11-20 20261120T060000 6 2026-11-20T06:00:00+00:00 ann"
    )


@pytest.mark.parametrize(
    "text", ["{{ broken", "{{ 1 / 0 }}", "{{ nothing.here }}", "{{ ti._x() }}"]
)
@pytest.mark.parametrize("which", ["subject", "body"])
def test_a_template_that_cannot_be_used_costs_nobody_the_mail(
    core: Core, database: Database, text: str, which: str
) -> None:
    mail = mail_by(core, database, **{which: text})  # type: ignore[arg-type]
    assert mail["Subject"].startswith("Airflow alert: <TaskInstance: sales.load ")
    html, plain = body_of(mail), body_of(mail, "plain")
    assert "Try 2 out of 2" in html
    name = "Email.subject_template" if which == "subject" else "Email.html_content_template"
    assert f"the mail template {name}, {core.paths.home}" in plain.splitlines()[-1]


def test_a_template_that_is_not_there_costs_nobody_the_mail(database: Database) -> None:
    add_mail(database)
    postbox = Postbox()
    with running(postbox) as settings:
        settings.html_content_template = "/no/such/file"
        Mailer(settings, database).send_due(NOW)
    assert "No such file" in body_of(postbox.mails[0], "plain").splitlines()[-1]


def test_an_sla_mail_lists_what_is_late_and_what_blocks(database: Database) -> None:
    postbox = Postbox()
    add_mail(
        database,
        "sla_miss",
        tasks=["load"],
        deadlines={"load": "2026-11-20T01:00:00+00:00"},
        blocking=[{"task_id": "load", "state": "running"}],
    )
    with running(postbox) as settings:
        settings.subject_template = "/only/for/tasks"
        Mailer(settings, database).send_due(NOW)
    (mail,) = postbox.mails
    assert mail["Subject"] == "[airflow] SLA miss on DAG=sales"
    html = mail.get_body(("html",))
    assert html is not None
    assert "load on 2026-11-20T00:00:00+00:00 [running]" in html.get_content()


def test_an_address_cannot_smuggle_headers(database: Database) -> None:
    key = add_mail(database)
    with database.write() as session:
        row = session.get_one(orm.Alert, key)
        row.data = {**row.data, "to": ["a@example.org\nBcc: x@example.org"]}
    postbox = Postbox()
    with running(postbox) as settings:
        Mailer(settings, database).send_due(NOW)
    assert postbox.mails == []
    assert "broken header" in (alert(database, key).error or "")


class Failing(Mailer):
    """One that has a mail to send, and cannot."""

    def __init__(self, database: Database) -> None:
        super().__init__(Email(), database)
        self.failed = 0
        self.has_failed_twice = asyncio.Event()

    def send_due(self, now: datetime) -> int:
        self.failed += 1
        if self.failed == 2:
            self.has_failed_twice.set()
        raise RuntimeError("no mail today")


async def fail_twice(mailer: Failing) -> None:
    sending = asyncio.create_task(mailer.run())
    async with asyncio.timeout(10):
        await mailer.has_failed_twice.wait()
    sending.cancel()


def test_a_failure_of_its_own_does_not_end_the_mailer(database: Database) -> None:
    add_mail(database)
    mailer = Failing(database)
    mailer.rest_after_failure_s = 0.01
    asyncio.run(fail_twice(mailer))


def test_a_mail_that_some_have_got_is_not_sent_to_them_again(database: Database) -> None:
    key = add_mail(database)
    postbox = Postbox(refused="bob@example.org")
    with running(postbox) as settings:
        mailer = Mailer(settings, database)
        mailer.send_due(NOW)
        mailer.send_due(NOW + timedelta(days=1))
    assert postbox.recipients == [["ann@example.org"]]
    end = alert(database, key)
    assert (end.state, "bob@example.org" in (end.error or "")) == ("failed", True)
