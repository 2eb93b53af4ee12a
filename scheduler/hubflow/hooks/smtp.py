"""Send mail through the mail server of the configuration. Only processes with secrets do this."""

from __future__ import annotations

import contextlib
import mimetypes
import smtplib
import ssl
from collections.abc import Iterable, Iterator, Sequence
from email import policy
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from html.parser import HTMLParser

from hubflow.config import Email
from hubflow.errors import MailNotSent, MailPartlySent

# A subject without spaces cannot be folded: the usual 78 characters would put it on a second line.
_POLICY = policy.default.clone(max_line_length=900)


def compose(
    settings: Email,
    to: Sequence[str],
    subject: str,
    html: str,
    *,
    cc: Sequence[str] = (),
    files: Iterable[tuple[str, bytes]] = (),
    message_id: str | None = None,
) -> EmailMessage:
    """Build a mail with ``html`` and the same as plain text.

    Parameters
    ----------
    files : (name, content) of attachments.
    message_id : the same id for each attempt lets mail programs show a mail only once.

    Raises MailNotSent if an address or the subject cannot stand in a mail.
    """
    message = EmailMessage(policy=_POLICY)
    try:
        message["From"] = settings.mail_from
        message["To"] = ", ".join(to)
        if cc:
            message["Cc"] = ", ".join(cc)
        message["Subject"] = " ".join(subject.split())
    except ValueError as exc:
        raise MailNotSent(f"the mail to {', '.join(to)} has a broken header: {exc}") from exc
    message["Date"] = formatdate()
    message["Message-ID"] = message_id or make_msgid(domain="hubflow")
    message.set_content(plain_text(html))
    message.add_alternative(html, subtype="html")
    for name, content in files:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        main, _, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message


def send(settings: Email, message: EmailMessage, bcc: Sequence[str] = ()) -> None:
    """Hand a mail to the server; raises MailNotSent, MailPartlySent saying what it answered."""
    if not settings.smtp_host:
        raise MailNotSent("no mail server is configured; set Email.smtp_host")
    recipients = [*_addresses(message, "To"), *_addresses(message, "Cc"), *bcc]
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        with connected(settings) as server:
            refused = server.send_message(message, to_addrs=recipients)
    except (OSError, smtplib.SMTPException, UnicodeError) as exc:
        raise MailNotSent(f"the mail server {where} did not take the mail: {_words(exc)}") from exc
    if refused:
        answers = "; ".join(f"{who}: {_words(answer)}" for who, answer in refused.items())
        raise MailPartlySent(f"the mail server {where} refused some recipients: {answers}")


@contextlib.contextmanager
def connected(settings: Email) -> Iterator[smtplib.SMTP]:
    """Connect, encrypt and log in as configured. Raises OSError, SMTPException."""
    address = (settings.smtp_host, settings.smtp_port)
    server: smtplib.SMTP
    if settings.smtp_ssl:
        context = ssl.create_default_context()
        server = smtplib.SMTP_SSL(*address, timeout=settings.smtp_timeout_s, context=context)
    else:
        server = smtplib.SMTP(*address, timeout=settings.smtp_timeout_s)
    with server:
        if settings.smtp_starttls:
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        yield server


def _addresses(message: EmailMessage, header: str) -> list[str]:
    found = message[header]
    return [] if found is None else [address.addr_spec for address in found.addresses]


def _words(answer: object) -> str:
    """Return what a server said, without the password that it may quote."""
    if isinstance(answer, smtplib.SMTPAuthenticationError):
        return f"it refused the login of Email.smtp_user (code {answer.smtp_code})"
    return str(answer) or type(answer).__name__


class _Text(HTMLParser):
    """Collects the text of an HTML page, a line for each block; after a link its address."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._address = ""
        self._label_at = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"br", "p", "div", "tr", "h1", "h2", "h3", "pre", "li"}:
            self.parts.append("\n")
        elif tag == "a":
            self._address = dict(attrs).get("href") or ""
            self._label_at = len(self.parts)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._address:
            label = "".join(self.parts[self._label_at :]).strip()
            if label != self._address:
                self.parts.append(f" <{self._address}>")
            self._address = ""

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def plain_text(html: str) -> str:
    """Return HTML as text, for people who read mail without HTML."""
    parser = _Text()
    parser.feed(html)
    lines = (line.strip() for line in "".join(parser.parts).splitlines())
    return "\n".join(line for line in lines if line)
