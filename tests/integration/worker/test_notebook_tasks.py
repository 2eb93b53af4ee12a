"""Notebooks through the worker, on kernels of its own warm pool."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import pytest

from hubflow.execution.messages import Finished, Kill, Launch, Progress
from integration.kernels.pool import until_ready
from waiting import is_alive, until

from .fake_scheduler import FakeScheduler, make_launch
from .harness import Home
from .test_python_tasks import dag_file

DAG_FILE = """
from datetime import datetime
from hubflow.operators import CoutureJupyterOperator
from hubflow.sdk import DAG

with DAG("d", start_date=datetime(2026, 1, 1), schedule_interval=None):
    CoutureJupyterOperator(task_id="t", input_notebook="in.ipynb", parameters={"a": 9})
"""


def write_notebook(home: Home, *cells: str, kernel: str = "python3") -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    notebook.metadata["kernelspec"] = {"name": kernel, "display_name": "", "language": "python"}
    nbformat.write(notebook, home.paths.common_workspace / "in.ipynb")


async def launch_notebook(home: Home, scheduler: FakeScheduler, **changes: Any) -> Launch:
    await scheduler.hello()
    if home.worker.warm_kernels:
        (home.paths.dags / "d.py").write_text(DAG_FILE)
        await until_ready(home.paths.kernel_pool_socket)
    launch = make_launch(source_hash=scheduler.add_source(DAG_FILE), **changes)
    scheduler.send(launch)
    return launch


def progress(scheduler: FakeScheduler) -> list[Progress]:
    return [message for message in scheduler.heard if isinstance(message, Progress)]


def test_notebook_runs_on_a_warm_kernel(home: Home) -> None:
    home.worker.warm_kernels = 1
    write_notebook(home, "import os", "print(a, os.environ['HUBFLOW_HOME'])")

    async def story(scheduler: FakeScheduler) -> tuple[Launch, Finished, list[Progress]]:
        launch = await launch_notebook(home, scheduler)
        return launch, await scheduler.result(launch.key), progress(scheduler)

    launch, result, told = home.run(story)
    assert (result.outcome, result.error) == ("success", None)
    assert [(p.done, p.total, p.text) for p in told] == [
        (1, 3, "# Parameters"),
        (2, 3, "import os"),
        (3, 3, "print(a, os.environ['HUBFLOW_HOME'])"),
    ]
    assert f"\n9 {home.path}\n" in home.log(launch)
    executed = json.loads((home.paths.artifacts / result.artifacts["notebook"]).read_text())
    assert executed["cells"][2]["outputs"][0]["text"] == [f"9 {home.path}\n"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root may switch users")
def test_notebook_runs_as_the_user_that_its_task_names(monkeypatch: pytest.MonkeyPatch) -> None:
    # Not below the folders of pytest, into which nobody else can look.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        kernel = kernel_for_everybody(Path(folder))
        monkeypatch.setenv("JUPYTER_PATH", folder)
        home = Home(Path(folder, "home"))
        write_notebook(home, "import os", "print(os.getuid())", kernel=kernel)

        async def story(scheduler: FakeScheduler) -> tuple[Launch, Finished]:
            launch = await launch_notebook(home, scheduler, run_as_user="nobody")
            return launch, await scheduler.result(launch.key)

        launch, result = home.run(story)
        assert (result.outcome, result.error) == ("success", None), home.log(launch)
        nobody = pwd.getpwnam("nobody").pw_uid
        assert f"\n{nobody}\n" in home.log(launch)
        executed = (home.paths.artifacts / result.artifacts["notebook"]).stat()
        assert (executed.st_uid, executed.st_gid) == (nobody, os.getgid())
        assert (home.paths.artifacts / "d").stat().st_uid == os.getuid()


def kernel_for_everybody(folder: Path) -> str:
    """Install a kernel that every user can start, and return its name: the interpreter of the
    tests may lie in a folder that is closed to others."""
    env = {"PYTHONPATH": str(Path(nbformat.__file__).parents[1])}
    check = ["-c", "import ipykernel"]
    for interpreter in (sys.executable, "/usr/bin/python3"):
        with contextlib.suppress(OSError):
            if subprocess.run([interpreter, *check], env=env, user="nobody").returncode == 0:
                break
    else:
        pytest.skip("no interpreter that other users can start has the libraries of notebooks")
    spec = {
        "argv": [interpreter, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "env": env,
        "display_name": "Everybody's",
        "language": "python",
    }
    place = folder / "kernels" / "everybody"
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(json.dumps(spec))
    return place.name


def test_instances_of_a_mapped_notebook_keep_one_each(home: Home) -> None:
    write_notebook(home, "1")

    async def story(scheduler: FakeScheduler) -> set[str]:
        await scheduler.hello()
        source = scheduler.add_source(DAG_FILE)
        launches = [make_launch(n, source_hash=source, map_index=n) for n in (0, 1)]
        scheduler.send(*launches)
        return {(await scheduler.result(one.key)).artifacts["notebook"] for one in launches}

    kept = home.run(story)
    assert {Path(path).parent.name for path in kept} == {"map_index=0", "map_index=1"}
    assert all((home.paths.artifacts / path).is_file() for path in kept)


def test_without_notebooks_nothing_is_kept_ready_for_them(home: Home) -> None:
    home.worker.warm_kernels = 1
    (home.paths.dags / "plain.py").write_text("from hubflow import DAG\n")

    async def story(scheduler: FakeScheduler) -> tuple[Finished, bool]:
        await scheduler.hello()
        plain = dag_file("return 1")
        launch = make_launch(source_hash=scheduler.add_source(plain))
        scheduler.send(launch)
        result = await scheduler.result(launch.key)
        was_ready = home.paths.kernel_pool_socket.exists()
        (home.paths.dags / "notebooks.py").write_text(DAG_FILE)
        await until_ready(home.paths.kernel_pool_socket)
        return result, was_ready

    result, was_ready = home.run(story)
    assert (result.outcome, was_ready) == ("success", False)


def test_killed_notebook_takes_its_kernel_along(home: Home) -> None:
    home.worker.warm_kernels = 1
    write_notebook(home, "import os; print('kernel', os.getpid())", "import time; time.sleep(600)")

    async def story(scheduler: FakeScheduler) -> Finished:
        launch = await launch_notebook(home, scheduler)
        await scheduler.wait_for(lambda: any(p.done == 3 for p in progress(scheduler)))
        kernel = int(home.log(launch).partition("kernel ")[2].split()[0])
        scheduler.send(Kill(key=launch.key, reason="cleared"))
        result = await scheduler.result(launch.key)
        await until(lambda: not is_alive(kernel))
        return result

    result = home.run(story)
    assert (result.outcome, result.error) == ("failed", "cleared")
    assert list(result.artifacts) == ["notebook"]


def test_kernel_that_is_killed_for_its_memory(home: Home) -> None:
    home.worker.warm_kernels = 1
    write_notebook(home, "import os; print('kernel', os.getpid())", "import time; time.sleep(600)")

    async def story(scheduler: FakeScheduler) -> Finished:
        launch = await launch_notebook(home, scheduler)
        await scheduler.wait_for(lambda: any(p.done == 3 for p in progress(scheduler)))
        os.kill(int(home.log(launch).partition("kernel ")[2].split()[0]), signal.SIGKILL)
        return await scheduler.result(launch.key)

    result = home.run(story)
    assert result.outcome == "failed"
    assert result.error == (
        "the kernel died in cell 3 of 3 (killed by signal 9; probably out of memory)"
    )
    assert result.error_detail == {"kind": "dead-kernel", "cell": 3, "total": 3}


# `bytes` touches no page of what it gets: without the limit this would succeed.
TOO_MUCH = "len(bytes(16 * 2**30))"
ABORTING = """
import ctypes
c = ctypes.CDLL(None)
c.malloc.restype = ctypes.c_void_p
c.malloc(ctypes.c_size_t(16 * 2**30)) or c.abort()
"""


@pytest.mark.parametrize("warm_kernels", [0, 1])
@pytest.mark.parametrize(
    ("source", "error", "kind"),
    [
        (TOO_MUCH, "cell 2 of 3 failed: MemoryError", "cell"),
        (ABORTING, "the kernel died in cell 2 of 3 (killed by signal 6, SIGABRT)", "dead-kernel"),
    ],
)
def test_memory_limit_holds_for_the_kernel(
    home: Home, warm_kernels: int, source: str, error: str, kind: str
) -> None:
    home.worker.warm_kernels = warm_kernels
    home.worker.task_memory_mb = 4096
    write_notebook(home, source, "'never'")

    async def story(scheduler: FakeScheduler) -> Finished:
        launch = await launch_notebook(home, scheduler)
        return await scheduler.result(launch.key)

    result = home.run(story)
    assert (result.outcome, result.error) == ("failed", error)
    assert result.error_detail is not None
    assert (result.error_detail["kind"], result.error_detail["cell"]) == (kind, 2)
    executed = json.loads((home.paths.artifacts / result.artifacts["notebook"]).read_text())
    assert executed["cells"][2]["execution_count"] is None


def test_pool_ends_with_the_worker(home: Home) -> None:
    home.worker.warm_kernels = 1

    async def story(scheduler: FakeScheduler) -> None:
        await scheduler.hello()
        (home.paths.dags / "d.py").write_text(DAG_FILE)
        await until_ready(home.paths.kernel_pool_socket)

    home.run(story)
    assert not Path(home.paths.kernel_pool_socket).exists()
