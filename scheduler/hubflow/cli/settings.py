"""`hubflow config …`: what the settings are, without the secret ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from hubflow import config
from hubflow.cli.base import ALIASES, HubflowApp
from hubflow.cli.options import Misused
from hubflow.cli.output import OUTPUT_ALIASES, OutputApp
from hubflow.db.engine import without_password
from hubflow.errors import BadRequest, NotFound
from hubflow.masking import MASK


class Setting(msgspec.Struct):
    """One setting. `value` is asterisks if it is secret and set."""

    section: str
    key: str
    value: Any
    default: Any
    help: str


class ListApp(OutputApp):
    """List all settings: of this home's hubflow_config.py, the environment and the defaults."""

    description = __doc__
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        self.emit(list(_settings(self)), ["section", "key", "value", "default"])


class GetValueApp(HubflowApp):
    """Print one setting: `hubflow config get-value SECTION KEY`. Exit status 1 without one."""

    description = __doc__
    arguments = ("a section",)
    optional = ("a key",)

    def run(self) -> None:
        words = [part for word in self.words for part in word.split(".")]
        if len(words) != 2:
            raise Misused("name a section and a key, as in `Scheduler parallelism`")
        wanted = tuple(word.lower() for word in words)
        for found in _settings(self):
            if (found.section.lower(), found.key.lower()) == wanted:
                if found.value == MASK:
                    raise BadRequest(f"{found.section}.{found.key} is secret and is not shown")
                print(found.value)
                return
        raise NotFound(f"there is no setting {'.'.join(words)}; `hubflow config list` shows all")


class ConfigApp(HubflowApp):
    """Show settings."""

    description = __doc__
    subcommands: dict[str, Any] = {
        "list": (ListApp, ListApp.__doc__),
        "get-value": (GetValueApp, GetValueApp.__doc__),
    }


def _settings(app: HubflowApp) -> Iterator[Setting]:
    for section, name, trait, value in config.settings(app.config):
        if trait.metadata.get("secret"):
            value = MASK if value else value
        elif name == "database_url":
            value = without_password(value) if value else value
        help_text = " ".join((trait.help or "").split())
        default = getattr(type(section)(), name)
        yield Setting(type(section).__name__, name, value, default, help_text)
