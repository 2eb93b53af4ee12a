"""Run a task as another unix user (`run_as_user`), where the worker may switch."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from hubflow.errors import CannotBecome
from hubflow.sdk import environment

FOLDER_MODE = 0o2750
"""What lies in such a folder belongs to its group."""


def become(user: str, folder: Path | None = None) -> None:
    """Make this process one of another unix user, for good.

    ``folder`` is made the user's first, for what the task leaves behind. Its group stays that of
    the folder it lies in, so that hubflow can read there what the user writes.

    Raises CannotBecome: there is no such user, or the worker may not switch.
    """
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise CannotBecome(user, "there is no such unix user on this worker") from None
    if os.geteuid() == entry.pw_uid:
        return
    if os.geteuid() != 0:
        me = pwd.getpwuid(os.geteuid()).pw_name
        raise CannotBecome(
            user, f"the worker runs as {me}, and only a worker that runs as root may switch users"
        )
    try:
        if folder is not None:
            _hand_over(folder, entry.pw_uid)
        os.initgroups(user, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    except OSError as error:
        raise CannotBecome(user, f"the system refused it: {error}") from error
    environment.set_user(user, entry.pw_dir)


def _hand_over(folder: Path, uid: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    # No link: the folder above may be the user's already.
    opened = os.open(folder, os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        os.fchown(opened, uid, folder.parent.stat().st_gid)
        os.fchmod(opened, FOLDER_MODE)
    finally:
        os.close(opened)
