"""JSON -> SerializedDag; reads every format that a released version has written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from hubflow.errors import HubflowError
from hubflow.serialization.model import FORMAT, SerializedDag

# From the format in the key to the next one.
UPGRADES: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}

_decoder = msgspec.json.Decoder(SerializedDag)


class FormatUnknown(HubflowError):
    """A stored DAG was written by a newer version of hubflow."""

    code = "format-unknown"


class _Head(msgspec.Struct):
    format: int = 1


def decode(data: bytes) -> SerializedDag:
    """Return the DAG; raises FormatUnknown if a newer hubflow wrote it."""
    found = msgspec.json.decode(data, type=_Head).format
    if found == FORMAT:
        return _decoder.decode(data)
    document = msgspec.json.decode(data)
    while found < FORMAT:
        document = UPGRADES[found](document)
        found += 1
    if found > FORMAT:
        raise FormatUnknown(
            f"a stored DAG has format {found} and this hubflow reads up to {FORMAT}; upgrade it"
        )
    return msgspec.convert(document, SerializedDag)


def to_json(dag: SerializedDag) -> bytes:
    """Return the DAG as it is stored."""
    return msgspec.json.encode(dag)
