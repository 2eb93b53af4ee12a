"""What docs/howto/mails.md lists is what templates of mails see."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from hubflow.scheduler.mail_context import MailDag, MailInstance, MailRun, MailTask

PAGE = (Path(__file__).parents[2] / "docs" / "howto" / "mails.md").read_text()


@pytest.mark.parametrize(
    ("name", "kind"),
    [("ti", MailInstance), ("task", MailTask), ("dag", MailDag), ("dag_run", MailRun)],
)
def test_attributes_are_documented(name: str, kind: type) -> None:
    (row,) = re.findall(rf"^\| `{name}`.*? \| (.*) \|$", PAGE, flags=re.MULTILINE)
    properties = {name for name, value in vars(kind).items() if isinstance(value, property)}
    has = {field.name for field in fields(kind)} | properties
    assert set(re.findall(r"`(\w+)`", row)) == has
