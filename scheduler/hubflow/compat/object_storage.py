"""`airflow.io.path.ObjectStoragePath`: paths on any storage that fsspec knows."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from typing import IO, Any


class ObjectStoragePath(os.PathLike[str]):
    """A path such as `s3://bucket/key`; `s3://conn_id@bucket/key` names a connection in it.

    The storage is opened at first use: naming a path needs no library and no network.
    """

    def __init__(self, path: Any, *parts: str, conn_id: str | None = None, **options: Any) -> None:
        scheme, found, rest = os.fspath(path).partition("://")
        if not found:
            scheme, rest = "file", os.fspath(path)
        named, at, bare = rest.partition("@")
        if at and "/" not in named:
            conn_id, rest = conn_id or named, bare
        self.protocol = scheme
        self.conn_id = conn_id
        self.storage_options = options
        self.path = "/".join([rest.rstrip("/") if parts else rest, *(p.strip("/") for p in parts)])

    @property
    def fs(self) -> Any:
        """The fsspec filesystem; raises ImportError naming the package that it needs."""
        return importlib.import_module("fsspec").filesystem(self.protocol, **self.storage_options)

    @property
    def name(self) -> str:
        return self.path.rstrip("/").rpartition("/")[2]

    @property
    def parent(self) -> ObjectStoragePath:
        return self._at(self.path.rstrip("/").rpartition("/")[0])

    def __truediv__(self, other: str) -> ObjectStoragePath:
        return self._at(f"{self.path.rstrip('/')}/{str(other).lstrip('/')}")

    def joinpath(self, *others: str) -> ObjectStoragePath:
        found = self
        for other in others:
            found = found / other
        return found

    def open(self, mode: str = "r", **options: Any) -> IO[Any]:
        opened: IO[Any] = self.fs.open(self.path, mode, **options)
        return opened

    def exists(self) -> bool:
        return bool(self.fs.exists(self.path))

    def is_dir(self) -> bool:
        return bool(self.fs.isdir(self.path))

    def is_file(self) -> bool:
        return bool(self.fs.isfile(self.path))

    def mkdir(self, parents: bool = True, exist_ok: bool = False, **_: Any) -> None:
        self.fs.makedirs(self.path, exist_ok=exist_ok)

    def iterdir(self) -> Iterator[ObjectStoragePath]:
        for found in self.fs.ls(self.path, detail=False):
            yield self._at(found)

    def read_text(self, encoding: str = "utf-8") -> str:
        return self.read_bytes().decode(encoding)

    def read_bytes(self) -> bytes:
        with self.open("rb") as file:
            return bytes(file.read())

    def write_text(self, text: str, encoding: str = "utf-8") -> None:
        self.write_bytes(text.encode(encoding))

    def write_bytes(self, data: bytes) -> None:
        with self.open("wb") as file:
            file.write(data)

    def unlink(self, missing_ok: bool = False) -> None:
        if not missing_ok or self.exists():
            self.fs.rm(self.path)

    def __fspath__(self) -> str:
        return self.path if self.protocol == "file" else str(self)

    def __str__(self) -> str:
        return f"{self.protocol}://{self.path}"

    def __repr__(self) -> str:
        return f"ObjectStoragePath({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ObjectStoragePath) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def _at(self, path: str) -> ObjectStoragePath:
        found = ObjectStoragePath(f"{self.protocol}://", conn_id=self.conn_id)
        found.path, found.storage_options = path, self.storage_options
        return found
