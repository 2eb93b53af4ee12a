"""What `hubflow up` tells the engine about where people see it."""

from __future__ import annotations

import pytest

from hubflow.cli.engine import EngineApp, children
from hubflow.cli.up import UpApp
from hubflow.config import Core
from integration.hub.hub import free_ports


@pytest.mark.parametrize(
    ("argv", "options"),
    [
        ([], ["--Email.public_url=http://127.0.0.1:8124/services/hubflow/"]),
        (["--Email.public_url=https://hub/x"], ["--Email.public_url=https://hub/x"]),
        (
            ["--Worker.slots=3", "--port=8124"],
            ["--Worker.slots=3", "--Email.public_url=http://127.0.0.1:8124/services/hubflow/"],
        ),
    ],
)
def test_mails_name_the_hub_that_was_started(argv: list[str], options: list[str]) -> None:
    app = UpApp()
    app.parse_command_line(argv)
    assert app._links_to("http://127.0.0.1:8124/services/hubflow/") == options


def test_mails_name_jupyterlab_where_there_is_no_hub(core: Core) -> None:
    (port,) = free_ports(1)
    app = UpApp()
    app.parse_command_line(["--no-hub", f"--port={port}", f"--Core.home={core.home}"])
    engine = app._lab()[0][0]
    assert engine.command[-1] == f"--Email.public_url=http://127.0.0.1:{port}/lab"


def test_the_processes_of_an_engine_have_the_settings_of_its_command_line(core: Core) -> None:
    app = EngineApp()
    app.parse_command_line(
        [
            "--Email.public_url=http://127.0.0.1:8888/lab",
            "--Email.smtp_password=hunter2",
            f"--home={core.home}",
        ]
    )
    link = "--Email.public_url=http://127.0.0.1:8888/lab"
    options = {child.name: child.command[5:] for child in children(core, app.cli_config)}
    assert options == {
        "scheduler": [link, "--Email.smtp_password=hunter2"],
        "processor": [link, "--Email.smtp_password=hunter2"],
        "worker": [link],
    }
