"""SSHOperator, SFTPOperator and SFTPSensor (SEMANTICS 6.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from hubflow.hooks.ssh import SFTPHook, SSHHook, run_command
from hubflow.sdk.exceptions import HubflowException
from hubflow.sdk.operator import BaseOperator
from hubflow.sdk.sensor import BaseSensorOperator


class SSHOperator(BaseOperator):
    """Run a command on another host; what it writes to stdout, as bytes, is the result.

    Parameters
    ----------
    ssh_hook, ssh_conn_id, remote_host : where; ``remote_host`` wins over the others'.
    timeout, conn_timeout : seconds to connect. cmd_timeout : seconds without output.
    environment : variables for the command, if the server lets them in.
    """

    template_fields: ClassVar[Iterable[str]] = ("command", "environment", "remote_host")
    template_ext = (".sh", ".bash")
    ui_color = "#f0ede4"

    def __init__(
        self,
        *,
        command: str,
        ssh_hook: SSHHook | None = None,
        ssh_conn_id: str | None = None,
        remote_host: str | None = None,
        timeout: float | timedelta | None = None,
        conn_timeout: float | None = None,
        cmd_timeout: float | timedelta | None = None,
        environment: Mapping[str, str] | None = None,
        get_pty: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.command = command
        self.ssh_hook = ssh_hook
        self.ssh_conn_id = ssh_conn_id
        self.remote_host = remote_host
        self.conn_timeout = conn_timeout or _seconds(timeout) or 10.0
        self.cmd_timeout = _seconds(cmd_timeout)
        self.environment = environment
        self.get_pty = self.command.startswith("sudo") or get_pty

    def execute(self, context: MutableMapping[str, Any]) -> bytes:
        stdout = bytearray()

        def take(data: bytes, is_error: bool) -> None:
            if not is_error:
                stdout.extend(data)
            for line in data.decode("utf-8", "replace").splitlines():
                (self.log.warning if is_error else self.log.info)("%s", line)

        with self._hook() as hook:
            self.log.info("Running command: %s", self.command)
            status = run_command(
                hook.get_conn(),
                self.command,
                take,
                timeout_s=self.cmd_timeout,
                environment=self.environment,
                get_pty=self.get_pty,
            )
        if status != 0:
            raise HubflowException(f"SSH command failed: its exit status was {status}")
        return bytes(stdout)

    def _hook(self) -> SSHHook:
        hook = self.ssh_hook or SSHHook(self.ssh_conn_id, timeout=self.conn_timeout)
        if self.remote_host:
            hook.remote_host = self.remote_host
        return hook


class SFTPOperation:
    """Names of the two directions."""

    PUT = "put"
    GET = "get"


class SFTPSensor(BaseSensorOperator):
    """Wait until ``path`` is a file or folder on another host.

    Parameters
    ----------
    sftp_conn_id : the host, as SFTPHook takes it.
    """

    template_fields: ClassVar[Iterable[str]] = ("path",)

    def __init__(self, *, path: str, sftp_conn_id: str = "sftp_default", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.path = path
        self.sftp_conn_id = sftp_conn_id

    def poke(self, context: MutableMapping[str, Any]) -> bool:
        hook = SFTPHook(self.sftp_conn_id)
        try:
            return hook.path_exists(self.path)
        finally:
            hook.close_conn()


class SFTPOperator(BaseOperator):
    """Copy files to or from another host.

    Parameters
    ----------
    local_filepath, remote_filepath : one path each, or lists of the same length.
    operation : "put" or "get".
    create_intermediate_dirs : make the folders of the target.
    """

    template_fields: ClassVar[Iterable[str]] = ("local_filepath", "remote_filepath", "remote_host")

    def __init__(
        self,
        *,
        local_filepath: str | Sequence[str],
        remote_filepath: str | Sequence[str],
        ssh_hook: SSHHook | None = None,
        sftp_hook: SFTPHook | None = None,
        ssh_conn_id: str | None = None,
        remote_host: str | None = None,
        operation: str = SFTPOperation.PUT,
        confirm: bool = True,
        create_intermediate_dirs: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.local_filepath = local_filepath
        self.remote_filepath = remote_filepath
        self.hook = sftp_hook or ssh_hook
        self.ssh_conn_id = ssh_conn_id
        self.remote_host = remote_host
        self.operation = operation.lower()
        self.confirm = confirm
        self.create_intermediate_dirs = create_intermediate_dirs
        if self.operation not in (SFTPOperation.PUT, SFTPOperation.GET):
            raise TypeError(f"operation must be put or get, not {operation!r}")

    def execute(self, context: MutableMapping[str, Any]) -> Any:
        local, remote = _listed(self.local_filepath), _listed(self.remote_filepath)
        if len(local) != len(remote):
            raise HubflowException(
                f"{len(local)} paths in local_filepath and {len(remote)} in remote_filepath"
            )
        hook = self._sftp()
        try:
            for here, there in zip(local, remote, strict=True):
                self.log.info("%s %s, %s", self.operation, here, there)
                self._copy(hook, here, there)
        finally:
            hook.close_conn()
        return self.local_filepath

    def _copy(self, hook: SFTPHook, here: str, there: str) -> None:
        if self.operation == SFTPOperation.PUT:
            folder = there.rpartition("/")[0]
            if self.create_intermediate_dirs and folder:
                hook.create_directory(folder)
            hook.store_file(there, here, self.confirm)
            return
        if self.create_intermediate_dirs:
            Path(here).parent.mkdir(parents=True, exist_ok=True)
        hook.retrieve_file(there, here)

    def _sftp(self) -> SFTPHook:
        conn_id = self.ssh_conn_id or getattr(self.hook, "ssh_conn_id", None)
        hook = self.hook if isinstance(self.hook, SFTPHook) else SFTPHook(ssh_conn_id=conn_id)
        if self.remote_host:
            hook.remote_host = self.remote_host
        return hook


def _seconds(value: float | timedelta | None) -> float | None:
    return value.total_seconds() if isinstance(value, timedelta) else value


def _listed(paths: str | Sequence[str]) -> list[str]:
    return [paths] if isinstance(paths, str) else list(paths)
