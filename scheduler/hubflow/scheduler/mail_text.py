"""What mails say: subject and HTML from the facts of an alert."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from hubflow import tasklog
from hubflow.config import Email

TEMPLATES = Path(__file__).parent / "templates"
TASK_SUBJECT = (
    "Airflow alert: <TaskInstance: {{ dag_id }}.{{ task_id }} {{ execution_date }}"
    "{% if map_index >= 0 %} map_index={{ map_index }}{% endif %} [{{ state }}]>"
)
SLA_SUBJECT = "[airflow] SLA miss on DAG={{ dag_id }}"

log = logging.getLogger(__name__)


class MailText(NamedTuple):
    subject: str
    html: str


def mail_text(
    settings: Email, reason: str, facts: Mapping[str, Any], context: Mapping[str, Any]
) -> MailText:
    """Write the mail about ``facts``; templates of the configuration see ``context``, too.

    One that cannot be used costs nobody the mail: it has our own text then, and says why.

    Source: SEMANTICS 5.6 and 5.7.
    """
    known = {"map_index": -1, **facts, **_links(settings.public_url, facts), **_exception(facts)}
    if reason == "sla_miss":
        return MailText(
            _render(SLA_SUBJECT, known, is_html=False),
            _render((TEMPLATES / "sla_mail.html").read_text(), known, is_html=True),
        )
    problems: list[str] = []

    def own(name: str, path: str, *, is_html: bool) -> str:
        try:
            text = Path(path).read_text(encoding="utf-8") if path else ""
            return _render(text, {**known, **context}, is_html=is_html)
        except Exception as exc:  # a template is a program of somebody else's
            problem = f"the mail template {name}, {path}, cannot be used: {exc}"
            log.warning("%s", problem)
            problems.append(problem)
            return ""

    subject = own("Email.subject_template", settings.subject_template, is_html=False)
    html = own("Email.html_content_template", settings.html_content_template, is_html=True)
    built_in = (TEMPLATES / "task_mail.html").read_text()
    return MailText(
        subject or _render(TASK_SUBJECT, known, is_html=False),
        (html or _render(built_in, known, is_html=True))
        + "".join(
            f"\n<p>This is not the mail that it should be: {escape(p)}</p>" for p in problems
        ),
    )


def _render(text: str, known: Mapping[str, Any], *, is_html: bool) -> str:
    # Late: 40 ms that only processes pay which send mail.
    from jinja2.sandbox import SandboxedEnvironment  # noqa: PLC0415

    return SandboxedEnvironment(autoescape=is_html).from_string(text).render(known)


def _exception(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return the whole text of what a task raised, as text and as HTML."""
    from markupsafe import Markup  # noqa: PLC0415  (late, as above)

    text = facts.get("error_text") or facts.get("error") or ""
    return {"exception": text, "exception_html": Markup(escape(text).replace("\n", "<br>"))}


def _links(public_url: str, facts: Mapping[str, Any]) -> dict[str, str]:
    links = tasklog.links(
        public_url,
        facts["dag_id"],
        facts["run_id"],
        facts.get("task_id", ""),
        facts.get("try_number", 1),
        facts.get("map_index", -1),
    )
    return {**links, "notebook_url": links["log_url"]}
