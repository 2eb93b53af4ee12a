"""SSH and SFTP, by paramiko, which is optional (SEMANTICS 6.6)."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from hubflow.hooks import drivers
from hubflow.hooks.base import BaseHook
from hubflow.sdk.exceptions import HubflowException

_CHUNK = 1 << 15


class CommandTimeout(HubflowException):
    """A remote command took longer than it may."""


class SSHHook(BaseHook):
    """Opens connections to a host.

    What is not given comes from the connection; its extra may have `key_file`, `private_key`,
    `timeout`, `compress`, `no_host_key_check` (default true), `look_for_keys`.
    """

    conn_name_attr = "ssh_conn_id"
    default_conn_name = "ssh_default"
    conn_type = "ssh"

    def __init__(
        self,
        ssh_conn_id: str | None = None,
        remote_host: str | None = None,
        username: str | None = None,
        password: str | None = None,
        key_file: str | None = None,
        port: int | None = None,
        timeout: float | None = None,
        keepalive_interval: int = 30,
        **_: Any,
    ) -> None:
        super().__init__()
        self.ssh_conn_id = ssh_conn_id
        self.remote_host = remote_host or ""
        self.username = username
        self.password = password
        self.key_file = key_file
        self.port = port
        self.timeout = timeout
        self.keepalive_interval = keepalive_interval
        self.client: Any = None

    def get_conn(self) -> Any:
        """Return a connected paramiko SSHClient."""
        paramiko = drivers.load(type(self).__name__, "paramiko", install="hubflow[ssh]")
        extra, options = self._options()
        client = paramiko.SSHClient()
        client.load_system_host_keys()
        if _is_yes(extra.get("no_host_key_check", True)):
            client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        if text := extra.get("private_key"):
            options["pkey"] = _key(paramiko, str(text), extra.get("private_key_passphrase"))
        client.connect(**options)
        if self.keepalive_interval:
            client.get_transport().set_keepalive(self.keepalive_interval)
        self.client = client
        return client

    def __enter__(self) -> SSHHook:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self.client is not None:
            self.client.close()
            self.client = None

    def _options(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the extra of the connection, and the arguments of paramiko's `connect`."""
        found = None if self.ssh_conn_id is None else self.get_connection(self.ssh_conn_id)
        extra = {} if found is None else found.extra_dejson
        host = self.remote_host or (found and found.host)
        if not host:
            raise HubflowException("SSHHook needs a remote_host, or a connection with a host")
        options = {
            "hostname": host,
            "username": self.username or (found and found.login),
            "password": self.password or (found and found.password),
            "key_filename": self.key_file or extra.get("key_file"),
            "port": self.port or (found and found.port) or 22,
            "timeout": self.timeout or float(extra.get("timeout", 10)),
            "compress": _is_yes(extra.get("compress", True)),
            "look_for_keys": _is_yes(extra.get("look_for_keys", True)),
        }
        return extra, {name: value for name, value in options.items() if value not in (None, "")}


def run_command(
    client: Any,
    command: str,
    on_output: Callable[[bytes, bool], None],
    *,
    timeout_s: float | None = None,
    environment: Mapping[str, str] | None = None,
    get_pty: bool = False,
) -> int:
    """Run a command to its end and return its exit status.

    ``on_output`` gets what it writes as it comes, and whether that was to stderr. Raises
    CommandTimeout when nothing has come for ``timeout_s`` seconds.
    """
    _, stdout, _ = client.exec_command(
        command, get_pty=get_pty, timeout=timeout_s, environment=dict(environment or {}) or None
    )
    channel = stdout.channel
    channel.shutdown_write()
    while True:
        if channel.recv_stderr_ready():
            on_output(channel.recv_stderr(_CHUNK), True)
            continue
        try:
            data = channel.recv(_CHUNK)
        except TimeoutError:
            raise CommandTimeout(f"the command wrote nothing for {timeout_s} s") from None
        if not data:
            break
        on_output(data, False)
    while data := channel.recv_stderr(_CHUNK):
        on_output(data, True)
    status: int = channel.recv_exit_status()
    return status


class SFTPHook(SSHHook):
    """Files on a host. The connection of the first call is kept until `close_conn`."""

    default_conn_name = "sftp_default"
    conn_type = "sftp"

    def __init__(self, ftp_conn_id: str = "sftp_default", **kwargs: Any) -> None:
        conn_id = kwargs.pop("ssh_conn_id", None) or kwargs.pop("sftp_conn_id", None)
        super().__init__(conn_id or ftp_conn_id, **kwargs)
        self._sftp: Any = None

    def get_conn(self) -> Any:
        """Return an open paramiko SFTPClient."""
        if self._sftp is None:
            self._sftp = super().get_conn().open_sftp()
        return self._sftp

    def close_conn(self) -> None:
        if self._sftp is not None:
            self._sftp.close()
            self._sftp = None
        self.__exit__()

    def list_directory(self, path: str) -> list[str]:
        return sorted(self.get_conn().listdir(path))

    def describe_directory(self, path: str) -> dict[str, dict[str, Any]]:
        """Return size, kind and time of each entry of a folder."""
        return {
            entry.filename: {
                "size": entry.st_size,
                "type": "dir" if stat.S_ISDIR(entry.st_mode) else "file",
                "modify": f"{datetime.fromtimestamp(entry.st_mtime, UTC):%Y%m%d%H%M%S}",
            }
            for entry in self.get_conn().listdir_attr(path)
        }

    def create_directory(self, path: str, mode: int = 0o777) -> None:
        """Make a folder and those above it."""
        conn = self.get_conn()
        parts = path.rstrip("/").split("/")
        for length in range(1, len(parts) + 1):
            folder = "/".join(parts[:length]) or "/"
            if not self.path_exists(folder):
                conn.mkdir(folder, mode)

    def delete_directory(self, path: str) -> None:
        self.get_conn().rmdir(path)

    def retrieve_file(self, remote_full_path: str, local_full_path: Any) -> None:
        self.get_conn().get(remote_full_path, local_full_path)

    def store_file(self, remote_full_path: str, local_full_path: Any, confirm: bool = True) -> None:
        self.get_conn().put(local_full_path, remote_full_path, confirm=confirm)

    def delete_file(self, path: str) -> None:
        self.get_conn().remove(path)

    def get_mod_time(self, path: str) -> str:
        return f"{datetime.fromtimestamp(self.get_conn().stat(path).st_mtime, UTC):%Y%m%d%H%M%S}"

    def path_exists(self, path: str) -> bool:
        try:
            self.get_conn().stat(path)
        except OSError:
            return False
        return True

    def isdir(self, path: str) -> bool:
        return self.path_exists(path) and stat.S_ISDIR(self.get_conn().stat(path).st_mode)

    def isfile(self, path: str) -> bool:
        return self.path_exists(path) and stat.S_ISREG(self.get_conn().stat(path).st_mode)


def _is_yes(value: object) -> bool:
    return str(value).strip().lower() not in ("false", "0", "no", "")


def _key(paramiko: Any, text: str, passphrase: str | None) -> Any:
    """Read a private key of any kind that paramiko knows."""
    for kind in ("Ed25519Key", "ECDSAKey", "RSAKey"):
        try:
            return getattr(paramiko, kind).from_private_key(StringIO(text), password=passphrase)
        except paramiko.SSHException:
            continue
    raise HubflowException("the private key of the connection cannot be read")
