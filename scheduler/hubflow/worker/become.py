"""Run a task as another unix user (`run_as_user`), where the worker may switch."""

from __future__ import annotations

import os
import pwd

from hubflow.errors import CannotBecome
from hubflow.sdk import environment


def become(user: str) -> None:
    """Make this process one of another unix user, for good.

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
        os.initgroups(user, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    except OSError as error:
        raise CannotBecome(user, f"the system refused it: {error}") from error
    environment.set_user(user, entry.pw_dir)
