"""Encryption of what is stored: the Fernet keys of one home, and how they come to be.

Only processes with the database have keys; task and parse processes ask for single values.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from hubflow.errors import HubflowError

KEY_FILE = "fernet.keys"


class KeysUnusable(HubflowError):
    """The keys cannot be read or are malformed; the message says which."""

    code = "keys-unusable"


class KeyLost(HubflowError):
    """No key that is there decrypts this text."""

    code = "key-lost"


class _Stamp(NamedTuple):
    modified_ns: int
    size: int
    inode: int


class Keyring:
    """The keys: the first encrypts, all decrypt.

    Keys from the configuration come first, those of the key file after them. Without a
    configured key the file is made when something is encrypted for the first time. It is read
    again when it changes, so that every process has a new key at once.

    Parameters
    ----------
    folder : where the key file lies, private to the user.
    configured : keys separated by commas; may be empty.
    """

    def __init__(self, folder: Path, configured: str = "") -> None:
        self._folder = folder
        self._configured = [key for part in configured.split(",") if (key := part.strip())]
        self._stamp: _Stamp | None = None
        self._from_file: list[str] = []
        self._fernets: list[Fernet] | None = None

    @property
    def is_configured(self) -> bool:
        """Whether the key that encrypts stands in the configuration, where we cannot renew it."""
        return bool(self._configured)

    @cached_property
    def path(self) -> Path:
        """The key file."""
        return self._folder / KEY_FILE

    def encrypt(self, text: str) -> str:
        """Encrypt with the first key, making one if there is none. Raises KeysUnusable.

        Call it inside of the write transaction that stores the result: a rotation drops a key
        after the last transaction that may have used it.
        """
        fernets = self._read()
        if not fernets:
            self._create()
            fernets = self._read()
        return fernets[0].encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        """Decrypt with whatever key does. Raises KeyLost, KeysUnusable."""
        fernets = self._read()
        try:
            if fernets:
                return MultiFernet(fernets).decrypt(token).decode()
        except InvalidToken:
            pass
        raise KeyLost("no key decrypts it")

    def is_current(self, token: str) -> bool:
        """Say whether the first key decrypts this."""
        try:
            self._read()[0].decrypt(token)
        except (IndexError, InvalidToken):
            return False
        return True

    def add_key(self) -> None:
        """Put a new key first in the file; the others go on decrypting."""
        self._write([new_key(), *self._keys_in_file()])

    def forget_old_keys(self) -> int:
        """Keep only the first key of the file; return how many are gone."""
        keys = self._keys_in_file()
        if len(keys) > 1:
            self._write(keys[:1])
        return max(0, len(keys) - 1)

    def _read(self) -> list[Fernet]:
        stamp = self._look()
        if self._fernets is None or stamp != self._stamp:
            self._stamp = stamp
            self._from_file = self._keys_in_file()
            self._fernets = [
                *_fernets(self._configured, "HUBFLOW_FERNET_KEY"),
                *_fernets(self._from_file, str(self.path)),
            ]
        return self._fernets

    def _look(self) -> _Stamp | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise KeysUnusable(f"{self.path} cannot be read: {exc.strerror}") from exc
        return _Stamp(found.st_mtime_ns, found.st_size, found.st_ino)

    def _keys_in_file(self) -> list[str]:
        try:
            lines = self.path.read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as exc:
            reason = exc.strerror if isinstance(exc, OSError) else "it holds no keys"
            raise KeysUnusable(f"{self.path} cannot be read: {reason}") from exc
        return [key for line in lines if (key := line.strip())]

    def _create(self) -> None:
        """Make the file, unless another process was faster: then its key is ours, too."""
        scratch = self._scratch([new_key()])
        try:
            os.link(scratch, self.path)
        except FileExistsError:
            pass
        finally:
            scratch.unlink()
        self._sync_folder()

    def _write(self, keys: Sequence[str]) -> None:
        os.replace(self._scratch(keys), self.path)
        self._sync_folder()

    def _scratch(self, keys: Sequence[str]) -> Path:
        """Write keys to a private file beside the real one; it survives a power cut."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            fd, name = tempfile.mkstemp(dir=self._folder, prefix=".fernet-")  # mode 0600
            with os.fdopen(fd, "w") as file:
                file.write("".join(f"{key}\n" for key in keys))
                file.flush()
                os.fsync(file.fileno())
        except OSError as exc:
            raise KeysUnusable(f"{self._folder} cannot be written: {exc.strerror}") from exc
        return Path(name)

    def _sync_folder(self) -> None:
        fd = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def new_key() -> str:
    """Return a fresh Fernet key."""
    return Fernet.generate_key().decode()


def _fernets(keys: Sequence[str], where: str) -> list[Fernet]:
    found = []
    for number, key in enumerate(keys, 1):
        try:
            found.append(Fernet(key))
        except ValueError:
            # Not `from` it, and not shown: it is a key after all.
            raise KeysUnusable(
                f"key {number} of {where} is no Fernet key: 32 bytes as URL-safe base64; "
                "`hubflow db new-key` prints one"
            ) from None
    return found
