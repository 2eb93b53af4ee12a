"""The wheel, installed in an empty environment where no Node.js can be found."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".venv", ".git", ".hubflow", "node_modules", "build", "*.egg-info", "__pycache__"
)


def run(*command: str | Path, path: str = os.environ["PATH"], home: Path | None = None) -> str:
    """Run a command to its end and return all that it printed; fails when it fails."""
    env = {**os.environ, "PATH": path, **({"HUBFLOW_HOME": str(home)} if home else {})}
    env.pop("JUPYTER_PATH", None)
    done = subprocess.run(
        [str(word) for word in command],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of a fresh environment with the wheel in it."""
    source = tmp_path_factory.mktemp("source") / "hubflow"
    shutil.copytree(ROOT, source, ignore=LEFT_OUT)
    out = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, source)
    (wheel,) = out.glob("hubflow-*.whl")
    bin_folder = Path(sys.executable).parent
    venv = tmp_path_factory.mktemp("environment") / "venv"
    run(bin_folder / "uv", "venv", "--quiet", "--python", sys.executable, venv)
    lock = ROOT / "requirements" / "lock.txt"
    python = venv / "bin" / "python"
    run(
        bin_folder / "uv", "pip", "install", "--quiet", "--python", python,
        "--constraint", lock, wheel,
    )  # fmt: skip
    return venv / "bin"


def test_the_panel_and_the_server_extension_are_enabled(installed: Path) -> None:
    path = f"{installed}:/bin"
    labextensions = run(installed / "jupyter", "labextension", "list", path=path)
    (line,) = [line for line in labextensions.splitlines() if "@hubflow/lab" in line]
    assert "enabled" in line
    assert "OK" in line
    assert "(python, hubflow)" in line
    extensions = run(installed / "jupyter", "server", "extension", "list", path=path)
    words = " ".join(re.sub(r"\x1b\[\d+m", "", extensions).split())
    assert "hubflow_server enabled - Validating hubflow_server... hubflow_server" in words
    assert re.search(r"hubflow_server 0\.1\.0 OK", words)


def test_the_command_brings_its_migrations_and_templates(installed: Path, tmp_path: Path) -> None:
    assert run(installed / "hubflow", "--version").strip() == "0.1.0"
    run(installed / "hubflow", "db", "upgrade", home=tmp_path)
    assert "as wanted" in run(installed / "hubflow", "db", "check", home=tmp_path)
    files = run(
        installed / "python",
        "-c",
        "import hubflow, pathlib; print(sorted(str(p) for p in "
        "pathlib.Path(hubflow.__file__).parent.glob('*/templates/*')))",
    )
    for name in ("notebook_dag.py.j2", "task_mail.html", "sla_mail.html"):
        assert name in files


def test_all_four_packages_are_there_with_their_types(installed: Path) -> None:
    code = (
        "import hubflow, hubflow_server, hubflow_hub, hubflow_kernels, pathlib; "
        "assert pathlib.Path(hubflow.__file__).with_name('py.typed').exists()"
    )
    run(installed / "python", "-c", code)
