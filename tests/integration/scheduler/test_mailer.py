"""Mails on their way from the database to a real mail server."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime, timedelta

import pytest

from factories import make_dag, make_run
from hubflow.config import Core, Email
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.db.queries import alert_store
from hubflow.scheduler.mailer import Mailer
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
    database: Database, reason: str = "task_failure", dag_id: str = "sales", **facts: object
) -> int:
    with database.write() as session:
        dag = make_dag(session, dag_id)
        run = make_run(session, dag, execution_date=NOW)
        values = {
            "kind": "mail",
            "reason": reason,
            "dag_id": dag.id,
            "dag_run_id": run.id,
            "task_instance_id": None,
            "try_number": 2,
            "data": {"to": ["ann@example.org", "bob@example.org"], "facts": {**FACTS, **facts}},
        }
        return alert_store.add(session, values, NOW)


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
        Mailer(settings, database).send_due(NOW)
    plain = postbox.mails[0].get_body(("plain",))
    assert plain is not None
    assert "KeyError: 'price' <b>" in plain.get_content()


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


def test_own_templates_are_used_and_a_broken_one_is_named(core: Core, database: Database) -> None:
    subject, body = core.paths.home / "subject.txt", core.paths.home / "body.html"
    subject.write_text("{{ dag_id }} is red")
    body.write_text("<p>{{ exception_html }}</p>")
    add_mail(database)
    postbox = Postbox()
    with running(postbox) as settings:
        settings.subject_template, settings.html_content_template = str(subject), str(body)
        mailer = Mailer(settings, database)
        mailer.send_due(NOW)
        assert postbox.mails[0]["Subject"] == "sales is red"
        body.write_text("{{ broken")
        key = add_mail(database, dag_id="other")
        mailer.send_due(NOW)
    assert "Email.html_content_template is at fault" in (alert(database, key).error or "")


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


@pytest.mark.parametrize("text", ["{{ broken", "{{ 1 / 0 }}", "{{ dag_id.nothing() }}"])
def test_a_template_that_cannot_be_rendered_stops_no_other_mail(
    core: Core, database: Database, text: str
) -> None:
    subject = core.paths.home / "subject.txt"
    subject.write_text(text)
    broken = add_mail(database)
    add_mail(database, "sla_miss", dag_id="other", tasks=[], deadlines={}, blocking=[])
    postbox = Postbox()
    with running(postbox) as settings:
        settings.subject_template = str(subject)
        Mailer(settings, database).send_due(NOW)
    assert [mail["Subject"] for mail in postbox.mails] == ["[airflow] SLA miss on DAG=sales"]
    assert "Email.subject_template is at fault" in (alert(database, broken).error or "")


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
