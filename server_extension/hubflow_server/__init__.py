"""hubflow on Tornado: REST handlers, event stream, and the relay inside user servers."""

from __future__ import annotations

from typing import Any

from hubflow import __version__ as __version__


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    # Importing it needs jupyter-server, which the hub service does without.
    from hubflow_server.extension import HubflowExtension  # noqa: PLC0415

    return [{"module": "hubflow_server", "app": HubflowExtension}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "../../labextension/dist", "dest": "@hubflow/lab"}]
