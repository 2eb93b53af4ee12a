"""Sends the mails that wait in the database, one after another, until the server takes them.

A mail that cannot be sent holds nobody up: the run goes on, the mail is tried again, and after
the last attempt it is shown as unsent.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import datetime
from typing import Any

from hubflow.clock import utcnow
from hubflow.config import Email
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.db.queries import alert_store, event_store, sla_store
from hubflow.errors import Deposed, HubflowError, MailNotSent, MailPartlySent
from hubflow.events import AlertChanged
from hubflow.hooks import smtp
from hubflow.rules.mail_retries import wait_after
from hubflow.scheduler.mail_context import mail_context
from hubflow.scheduler.mail_text import mail_text

AT_ONCE = 20
LONGEST_SLEEP_S = 60.0

log = logging.getLogger(__name__)


class Mailer:
    """`run` beside the scheduler's loop; `ring` after mails were committed."""

    def __init__(self, settings: Email, database: Database) -> None:
        self.rest_after_failure_s = LONGEST_SLEEP_S
        self._settings = settings
        self._database = database
        self._bell = asyncio.Event()
        self._bell.set()

    def ring(self) -> None:
        self._bell.set()

    async def run(self) -> None:
        """Send for ever; cancel to end."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(await asyncio.to_thread(self._patience)):
                    await self._bell.wait()
            self._bell.clear()
            try:
                while await asyncio.to_thread(self.send_due, utcnow()) == AT_ONCE:
                    pass
            except Deposed:
                return
            except Exception:
                # A mail whose outcome cannot be written is sent again: not at once, nor for ever.
                log.exception("mails cannot be sent or written down, trying again")
                await asyncio.sleep(self.rest_after_failure_s)

    def _patience(self) -> float:
        """Return the seconds until the next mail is due, at most a minute."""
        try:
            with self._database.read() as session:
                due = alert_store.next_due(session, alert_store.MAIL)
        except HubflowError:
            return LONGEST_SLEEP_S
        wait = (due - utcnow()).total_seconds() if due else LONGEST_SLEEP_S
        return min(max(wait, 0.0), LONGEST_SLEEP_S)

    def send_due(self, now: datetime) -> int:
        """Send what is due and write how it went; returns how many were looked at."""
        with self._database.read() as session:
            due = list(alert_store.list_due(session, alert_store.MAIL, now, AT_ONCE))
        for alert in due:
            end = self._attempt(alert, now)
            with self._database.write() as session:
                alert_store.end(session, [end])
                if end["error_"] is not None or alert.attempts > 0:
                    news = AlertChanged(alert_id=alert.id, state=end["state_"])
                    event_store.append(session, "alert", None, news, now)
                if end["state_"] == alert_store.DONE and (misses := alert.data.get("misses")):
                    sla_store.set_told(session, misses, by_mail=True)
        return len(due)

    def _attempt(self, alert: orm.Alert, now: datetime) -> alert_store.AlertEnd:
        error, most = None, self._settings.max_attempts
        # Without a server there is nothing to wait for.
        most = most if self._settings.smtp_host else 1
        try:
            facts = alert.data["facts"]
            text = mail_text(self._settings, alert.reason, facts, self._context(alert))
            # The same id each time: a mail whose first copy did arrive is shown once.
            message = smtp.compose(
                self._settings,
                alert.data["to"],
                text.subject,
                text.html,
                message_id=f"<alert-{alert.id}-{alert.created_at:%Y%m%d%H%M%S}@hubflow>",
            )
            smtp.send(self._settings, message)
        except MailNotSent as exc:
            error, most = str(exc), 1 if isinstance(exc, MailPartlySent) else most
            log.warning("mail of alert %d is not sent: %s", alert.id, exc)
        return self._end(alert, error, most, now)

    def _context(self, alert: orm.Alert) -> dict[str, Any]:
        """Return what only templates of the configuration need."""
        settings = self._settings
        has_own = settings.subject_template or settings.html_content_template
        if not has_own or "task_id" not in alert.data["facts"]:
            return {}
        with self._database.read() as session:
            return mail_context(session, alert, settings.public_url)

    def _end(
        self, alert: orm.Alert, error: str | None, max_attempts: int, now: datetime
    ) -> alert_store.AlertEnd:
        attempts = alert.attempts + 1
        wait = wait_after(attempts, max_attempts)
        state = alert_store.DONE if error is None else alert_store.FAILED
        if error is not None and wait is not None:
            state = alert_store.PENDING
        return alert_store.AlertEnd(
            id_=alert.id,
            state_=state,
            attempts_=attempts,
            next_=now + wait if wait and state == alert_store.PENDING else now,
            done_=None if state == alert_store.PENDING else now,
            error_=error,
        )
