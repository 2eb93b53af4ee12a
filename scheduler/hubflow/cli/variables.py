"""`hubflow variables …`: list, get, set, delete, import, export."""

from __future__ import annotations

import json
import sys
from typing import Any

from traitlets import Bool

from hubflow.cli.arguments import PAGE, pages
from hubflow.cli.base import ALIASES, HubflowApp
from hubflow.cli.files import read_mapping, read_secret, write_mapping
from hubflow.cli.local import backend, local_actor
from hubflow.cli.options import Text
from hubflow.cli.output import OUTPUT_ALIASES, OutputApp
from hubflow.errors import BadRequest, VariableNotFound
from hubflow.sdk import environment
from hubflow.services import variables
from hubflow.services.dto import PostVariable


class ListApp(OutputApp):
    """List variables. Values of those with a sensitive key are hidden."""

    description = __doc__
    aliases = ALIASES | OUTPUT_ALIASES

    def run(self) -> None:
        services, actor = backend(self), local_actor()
        found = pages(
            lambda at: variables.list_page(services, actor, limit=PAGE, offset=at).variables
        )
        self.emit(found, ["key", "value", "description", "is_encrypted", "is_readable"])


class GetApp(HubflowApp):
    """Print the value of a variable, as tasks see it. Exit status 1 if there is none."""

    description = __doc__
    arguments = ("a key",)
    aliases = {**ALIASES, "default": "GetApp.default", "d": "GetApp.default"}
    flags = {
        "json": ({"GetApp": {"as_json": True}}, "Check that it is JSON, and lay it out."),
        "j": ({"GetApp": {"as_json": True}}, "Short for --json."),
    }
    default = Text(None, allow_none=True, help="What to print if there is none.").tag(config=True)
    as_json = Bool(False, help="Check that it is JSON, and lay it out.").tag(config=True)

    def run(self) -> None:
        key = self.words[0]
        if given := environment.find_variable(key):
            print(self._laid_out(given.value))
            return
        try:
            print(self._laid_out(variables.reveal(backend(self), local_actor(), key)))
        except VariableNotFound:
            if self.default is None:
                raise
            print(self.default)

    def _laid_out(self, text: str) -> str:
        if not self.as_json:
            return text
        try:
            return json.dumps(json.loads(text), indent=4, ensure_ascii=False)
        except ValueError:
            raise BadRequest("the value is no JSON") from None


class SetApp(HubflowApp):
    """Set a variable: `hubflow variables set KEY VALUE`; VALUE `-` reads a line of input."""

    description = __doc__
    arguments = ("a key", "a value (after -- if it starts with -)")
    aliases = {**ALIASES, "description": "SetApp.text"}
    flags = {
        "json": ({"SetApp": {"as_json": True}}, "Check that VALUE is JSON."),
        "j": ({"SetApp": {"as_json": True}}, "Short for --json."),
    }
    text = Text(None, allow_none=True, help="What the variable is for.").tag(config=True)
    as_json = Bool(False, help="Check that VALUE is JSON.").tag(config=True)

    def run(self) -> None:
        key, value = self.words[0], read_secret(self.words[1])
        if self.as_json:
            try:
                json.loads(value)
            except ValueError:
                raise BadRequest("the value is no JSON") from None
        body = PostVariable(key=key, value=value, description=self.text)
        variables.put(backend(self), local_actor(), body)
        print(f"Variable {key} set")


class DeleteApp(HubflowApp):
    """Remove a variable. Exit status 1 if there is none."""

    description = __doc__
    arguments = ("a key",)

    def run(self) -> None:
        key = self.words[0]
        variables.delete(backend(self), local_actor(), key)
        print(f"Variable {key} deleted")


class ImportApp(HubflowApp):
    """Set all variables of a JSON or YAML file: one object, `{key: value}`."""

    description = __doc__
    arguments = ("a file",)

    def run(self) -> None:
        values = read_mapping(self.words[0])
        count = variables.import_(backend(self), local_actor(), values)
        print(f"{count} variable(s) successfully updated.")


class ExportApp(HubflowApp):
    """Write all variables, in clear, to a JSON or YAML file (`-` for standard output).

    Exit status 1 if one could not be decrypted; the others are written.
    """

    description = __doc__
    arguments = ("a file",)

    def run(self) -> None:
        name = self.words[0]
        values, unreadable = variables.export(backend(self), local_actor())
        write_mapping(name, values)
        print(f"{len(values)} variables exported to {name}", file=sys.stderr)
        if unreadable:
            raise BadRequest(f"no key decrypts these variables: {', '.join(unreadable)}")


class VariablesApp(HubflowApp):
    """List, show, set, remove, import and export variables."""

    description = __doc__
    subcommands: dict[str, Any] = {
        "list": (ListApp, ListApp.__doc__),
        "get": (GetApp, GetApp.__doc__),
        "set": (SetApp, SetApp.__doc__),
        "delete": (DeleteApp, DeleteApp.__doc__),
        "import": (ImportApp, ImportApp.__doc__),
        "export": (ExportApp, ExportApp.__doc__),
    }
