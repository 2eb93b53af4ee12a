"""EmailOperator: send a mail (SEMANTICS 6.2)."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping, Sequence
from typing import Any, ClassVar

from hubflow.sdk.notify import send_email
from hubflow.sdk.operator import BaseOperator


class EmailOperator(BaseOperator):
    """Send a mail; the try fails if the mail server does not take it.

    Parameters
    ----------
    to, cc, bcc : a list of addresses, or text with commas or semicolons between.
    html_content : the body; a value that ends with ``.html`` names a template file.
    files : paths of attachments.
    """

    template_fields: ClassVar[Iterable[str]] = (
        "to",
        "subject",
        "html_content",
        "files",
        "cc",
        "bcc",
    )
    template_ext: Sequence[str] = (".html",)
    ui_color = "#e6faf9"

    def __init__(
        self,
        *,
        to: str | Sequence[str],
        subject: str,
        html_content: str,
        files: Sequence[str] | None = None,
        cc: str | Sequence[str] | None = None,
        bcc: str | Sequence[str] | None = None,
        mime_subtype: str = "mixed",
        mime_charset: str = "utf-8",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.to = to
        self.subject = subject
        self.html_content = html_content
        self.files = list(files or ())
        self.cc = cc
        self.bcc = bcc
        self.mime_subtype = mime_subtype
        self.mime_charset = mime_charset

    def execute(self, context: MutableMapping[str, Any]) -> None:
        send_email(
            self.to,
            self.subject,
            self.html_content,
            files=self.files,
            cc=self.cc,
            bcc=self.bcc,
            mime_subtype=self.mime_subtype,
            mime_charset=self.mime_charset,
        )
