"""What `hubflow up` tells the engine about where people see it."""

from __future__ import annotations

import pytest

from hubflow.cli.up import UpApp
from hubflow.config import Core
from integration.hub.hub import free_ports


@pytest.mark.parametrize(
    ("argv", "options"),
    [
        ([], ["--Email.public_url=http://127.0.0.1:8124/services/hubflow/"]),
        (["--Email.public_url=https://hub.example/services/hubflow/"], []),
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
