"""What each user server gets: the address of the service, and a link to common_workspace."""

from __future__ import annotations

import logging
import os
import pwd
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from pathlib import Path
from typing import Any

from traitlets.config import Config

from hubflow_hub.config import HubflowHub
from hubflow_hub.merging import fill

LINK = "common_workspace"
Hook = Callable[[Any], Awaitable[None] | None]
log = logging.getLogger(__name__)


def prepare_servers(c: Config, settings: HubflowHub, service_url: str) -> None:
    """Set environment and hook of every spawner class that the configuration mentions."""
    for section in _spawner_sections(c):
        fill(section, "environment", {"HUBFLOW_URL": service_url})
        if settings.link_workspace:
            workspace = Path(settings.home, LINK)
            section.pre_spawn_hook = linking(workspace, section.get("pre_spawn_hook"))


def _spawner_sections(c: Config) -> list[Config]:
    """Return `c.Spawner`, and sections of its subclasses that would hide what we set there."""
    hiding = [
        section
        for name, section in c.items()
        if name.endswith("Spawner")
        and name != "Spawner"
        and ("environment" in section or "pre_spawn_hook" in section)
    ]
    return [c.Spawner, *hiding]


def linking(workspace: Path, former: Hook | None) -> Hook:
    """Return a hook that runs ``former``, then links ``workspace`` into the notebook folder."""

    async def hook(spawner: Any) -> None:
        if former is not None:
            result = former(spawner)
            if isawaitable(result):
                await result
        folder = _notebook_folder(spawner)
        if folder is not None:
            _link(folder, workspace)

    return hook


def _notebook_folder(spawner: Any) -> Path | None:
    """Return the folder that the user sees in JupyterLab; None when it is not on this machine."""
    home = getattr(spawner, "home_dir", None)  # SimpleLocalProcessSpawner
    if not home:
        if not hasattr(spawner, "make_preexec_fn"):  # no LocalProcessSpawner
            return None
        try:
            home = pwd.getpwnam(spawner.user.name).pw_dir
        except KeyError:
            return None
    shown = (spawner.notebook_dir or "~").replace("{username}", spawner.user.name)
    folder = Path(shown.replace("~", home, 1) if shown.startswith("~") else shown)
    return folder if folder.is_absolute() else Path(home, folder)


def _link(folder: Path, workspace: Path) -> None:
    """Link the workspace; a server must start also where that fails."""
    link = folder / LINK
    try:
        folder.mkdir(parents=True, exist_ok=True)
        workspace.mkdir(parents=True, exist_ok=True)
        if link.is_symlink() and Path(os.readlink(link)) != workspace:
            link.unlink()
        if not os.path.lexists(link):
            link.symlink_to(workspace, target_is_directory=True)
    except OSError as exc:
        log.warning("%s cannot be linked to %s: %s", link, workspace, exc)
