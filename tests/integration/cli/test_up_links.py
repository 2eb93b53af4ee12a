"""What `hubflow up` tells the engine about where its Hub is."""

from __future__ import annotations

import pytest

from hubflow.cli.up import UpApp


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
    assert app._links_to("http://127.0.0.1:8124") == options
