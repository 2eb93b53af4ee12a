"""What mails say: subject and HTML from the facts of an alert."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from hubflow import tasklog
from hubflow.config import Email
from hubflow.errors import MailNotSent

TEMPLATES = Path(__file__).parent / "templates"
TASK_SUBJECT = (
    "Airflow alert: <TaskInstance: {{ dag_id }}.{{ task_id }} {{ execution_date }} [{{ state }}]>"
)
SLA_SUBJECT = "[airflow] SLA miss on DAG={{ dag_id }}"


class MailText(NamedTuple):
    subject: str
    html: str


def mail_text(settings: Email, reason: str, facts: Mapping[str, Any]) -> MailText:
    """Write the mail about ``facts``; raises MailNotSent if a configured template is at fault.

    Source: SEMANTICS 5.6 and 5.7.
    """
    if reason == "sla_miss":
        subject, body = SLA_SUBJECT, (TEMPLATES / "sla_mail.html").read_text()
    else:
        subject = _own(settings.subject_template) or TASK_SUBJECT
        body = _own(settings.html_content_template) or (TEMPLATES / "task_mail.html").read_text()
    known = {**facts, **_links(settings.public_url, facts), "exception": facts.get("error") or ""}
    return MailText(
        _render("Email.subject_template", subject, known, is_html=False),
        _render("Email.html_content_template", body, known, is_html=True),
    )


def _own(path: str) -> str | None:
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as exc:
        raise MailNotSent(f"the mail template {path} cannot be read: {exc}") from exc


def _render(name: str, text: str, facts: Mapping[str, Any], *, is_html: bool) -> str:
    # Late: 40 ms that only processes pay which send mail.
    from jinja2.sandbox import SandboxedEnvironment  # noqa: PLC0415
    from markupsafe import Markup  # noqa: PLC0415

    lines = escape(str(facts["exception"])).replace("\n", "<br>")
    environment = SandboxedEnvironment(autoescape=is_html)
    try:
        return environment.from_string(text).render({**facts, "exception_html": Markup(lines)})
    except Exception as exc:  # a template is a program of somebody else's
        raise MailNotSent(f"the mail template {name} is at fault: {exc}") from exc


def _links(public_url: str, facts: Mapping[str, Any]) -> dict[str, str]:
    links = tasklog.links(
        public_url,
        facts["dag_id"],
        facts["run_id"],
        facts.get("task_id", ""),
        facts.get("try_number", 1),
    )
    return {**links, "notebook_url": links["log_url"]}
