"""Mail from user code: `send_email`. The server and its password stay with the scheduler."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hubflow.questions import SendMail
from hubflow.sdk import values
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.runtime import current_runtime

Addresses = str | Iterable[str] | None


def send_email(
    to: Addresses,
    subject: str,
    html_content: str,
    files: Iterable[str] | None = None,
    dryrun: bool = False,
    cc: Addresses = None,
    bcc: Addresses = None,
    mime_subtype: str = "mixed",
    mime_charset: str = "utf-8",
    **unknown: object,
) -> None:
    """Send a mail now; returns once the mail server has taken it.

    Parameters
    ----------
    to, cc, bcc : a list of addresses, or text with commas or semicolons between.
    files : paths of attachments, read here.
    dryrun : check everything, send nothing.

    Raises HubflowException if there is no recipient, a file cannot be read, or the server refuses.
    """
    recipients = values.addresses(to)
    if not recipients:
        raise HubflowException(f"the mail {subject!r} has no recipient; give `to`")
    question = SendMail(
        to=list(recipients),
        subject=subject,
        html_content=html_content,
        cc=list(values.addresses(cc)),
        bcc=list(values.addresses(bcc)),
        files=[_attachment(path) for path in files or ()],
        subtype=mime_subtype,
        charset=mime_charset,
    )
    if not dryrun:
        current_runtime().ask(question)


def get_email_address_list(addresses: Addresses) -> list[str]:
    """Return the addresses of a list, or of text with commas or semicolons between."""
    return list(values.addresses(addresses))


def _attachment(path: str) -> tuple[str, bytes]:
    try:
        return Path(path).name, Path(path).read_bytes()
    except OSError as exc:
        raise HubflowException(f"the attachment {path} cannot be read: {exc.strerror}") from exc
