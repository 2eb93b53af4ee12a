"""What runs meanwhile: DAGs of small tasks, and a client that starts runs of them."""

from __future__ import annotations

import threading
from pathlib import Path

import httpx

from chaos.checker import Graph
from chaos.cluster import Cluster

SOURCE = Path(__file__).with_name("dags.py.txt")


def source(log: Path, database_url: str) -> str:
    """Return the DAG file, told where to write and where to look."""
    return f"LOG = {str(log)!r}\nDATABASE = {database_url!r}\n" + SOURCE.read_text()


def _line(dag: str, *tasks: str) -> dict[tuple[str, str], set[str]]:
    return {
        (dag, task): {before} if before else set()
        for before, task in zip(("", *tasks), tasks, strict=False)
    }


GRAPH = Graph(
    parents={
        **_line("bash_line", *(f"b{n}" for n in range(10))),
        **_line("python_line", *(f"p{n}" for n in range(8))),
        **_line("python_once", *(f"o{n}" for n in range(4))),
        **_line("mapped", "first", "many", "last"),
        **_line("waiting", "ask", "wait", "defer", "answer"),
        **_line("slow", "long_bash", "long_python", "done"),
    },
    mapped={("mapped", "many"): 6},
)
DAGS = tuple(dict.fromkeys(dag for dag, _ in GRAPH.parents))
TASKS = len(GRAPH.parents) + 5
"""Task instances of one run of each DAG."""


class Client(threading.Thread):
    """Triggers runs through the service, and asks again until it has an answer.

    It keeps about ``most`` runs under way until it is told to stop; `accepted` are the runs that
    the service promised.
    """

    def __init__(self, cluster: Cluster, most: int) -> None:
        super().__init__(daemon=True)
        self._cluster = cluster
        self._most = most
        self._http = cluster.client()
        self.accepted: list[tuple[str, str]] = []
        self.error: str | None = None
        self.enough = threading.Event()

    def run(self) -> None:
        number = 0
        while not self.enough.is_set():
            for _ in range(self._most - self._cluster.runs_under_way()):
                self._trigger(DAGS[number % len(DAGS)], f"r{number:05}")
                number += 1
            self.enough.wait(0.1)

    def close(self) -> None:
        self.enough.set()
        if self.is_alive():
            self.join()
        self._http.close()

    def _trigger(self, dag: str, run: str) -> None:
        while not self.enough.is_set():
            try:
                answer = self._http.post(f"/dags/{dag}/dagRuns", json={"dag_run_id": run})
            except httpx.TransportError:
                self.enough.wait(0.1)
                continue
            # It may have been done although the answer did not reach us: then the run is there.
            if answer.status_code in (200, 201, 409):
                self.accepted.append((dag, run))
                return
            if answer.status_code < 500:
                self.error = answer.text
            self.enough.wait(0.1)
