"""The judge: what tasks wrote and what the database says, and whether both can be true.

Promised, and checked here:

- *Nothing is lost.* Every run that was accepted is there and over, every task of it too; a success
  in the database has a process that says it did all its work; a task has failed for good only
  when it has used all its tries; each failed try says that something killed it.
- *Nothing succeeds twice.* Of one task instance at most one try is a success in the database, and
  after that nothing of it starts. No try starts twice. A try that did all its work and was killed
  before anybody could write that down counts as failed: its retry does the work again, which is
  what retries are for; without retries it stays failed.
- *Nothing overlaps.* Once a process of a task instance has started, no earlier one of it does
  anything.
- *Nothing is early.* A task starts after its parents have ended, and when it starts their success
  is committed: it looks into the database itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from chaos.facts import Facts
from chaos.history import END, PAUSE, START, Instance, Line

OVER = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})
# What a try may say that was killed, or could not start: nothing else may fail one.
EXCUSES = (
    "the worker died",
    "the worker that ran this try is gone",
    "the worker was stopped",
    "was killed by signal 9",
    "the zygote",
    "No space left on device",
    "disk is full",
    "disk full",
)


class Violation(NamedTuple):
    """A promise that was not kept."""

    kind: str
    what: str


class Graph(NamedTuple):
    """What was to run: the parents of each task by (dag, task), and how far mapped ones expand."""

    parents: Mapping[tuple[str, str], Collection[str]]
    mapped: Mapping[tuple[str, str], int] = {}

    def tasks(self, dag: str) -> list[str]:
        return [task for owner, task in self.parents if owner == dag]


def check(
    lines: Sequence[Line],
    facts: Facts,
    graph: Graph,
    accepted: Collection[tuple[str, str]],
    excuses: Collection[str] = EXCUSES,
) -> list[Violation]:
    """Return every violation; ``accepted`` are the runs, (dag, run), that somebody was promised."""
    by_instance: dict[Instance, list[Line]] = defaultdict(list)
    for line in lines:
        by_instance[line.instance].append(line)
    return [
        *_lost(facts, graph, accepted),
        *_failures(facts, graph, excuses),
        *_successes(by_instance, facts),
        *_repetitions(by_instance, facts),
        *_overlaps(by_instance),
        *_early(lines, graph),
    ]


def _lost(facts: Facts, graph: Graph, accepted: Collection[tuple[str, str]]) -> Iterator[Violation]:
    for key in accepted:
        if key not in facts.runs:
            yield Violation("run lost", f"{key} was accepted, and is not there")
    for (dag, run), state in facts.runs.items():
        if state not in OVER:
            yield Violation("run not over", f"{dag} {run} is {state}")
        for task in graph.tasks(dag):
            if not _is_complete(facts, graph, Instance(dag, run, task)):
                yield Violation("task lost", f"{dag} {run} has no instance of {task}")
    for instance, stand in facts.instances.items():
        if stand.state not in OVER:
            yield Violation("task not over", f"{instance} is {stand.state}")


def _is_complete(facts: Facts, graph: Graph, plain: Instance) -> bool:
    """Say whether a task has its instances; a mapped one that never ran has only the plain one."""
    count = graph.mapped.get((plain.dag, plain.task))
    if plain in facts.instances:
        return count is None or facts.instances[plain].state != "success"
    return count is not None and all(
        plain._replace(map_index=index) in facts.instances for index in range(count)
    )


def _failures(facts: Facts, graph: Graph, excuses: Collection[str]) -> Iterator[Violation]:
    for (instance, attempt), (state, error) in facts.tries.items():
        if state not in OVER and facts.instances[instance].state in OVER:
            yield Violation("try not over", f"try {attempt} of {instance} is {state}")
        if state == "failed" and not any(excuse in (error or "") for excuse in excuses):
            yield Violation("failed without reason", f"try {attempt} of {instance}: {error}")
    bad = {
        (instance.dag, instance.run, instance.task)
        for instance, stand in facts.instances.items()
        if stand.state in ("failed", "upstream_failed")
    }
    for instance, stand in facts.instances.items():
        if stand.state == "failed" and stand.attempt < stand.most:
            left = f"{stand.attempt} of {stand.most} tries"
            yield Violation("given up early", f"{instance} failed after {left}")
        parents = graph.parents.get((instance.dag, instance.task), ())
        if stand.state == "upstream_failed" and not any(
            (instance.dag, instance.run, parent) in bad for parent in parents
        ):
            yield Violation("task lost", f"{instance} is upstream_failed, no parent failed")


def _successes(by_instance: Mapping[Instance, list[Line]], facts: Facts) -> Iterator[Violation]:
    """Compare what counts as done with what was done."""
    ended = {
        (instance, line.attempt)
        for instance, lines in by_instance.items()
        for line in lines
        if line.event == END
    }
    good: dict[Instance, list[int]] = defaultdict(list)
    for (instance, attempt), (state, _) in facts.tries.items():
        if state == "success":
            good[instance].append(attempt)
            if (instance, attempt) not in ended:
                yield Violation("success of nothing", f"try {attempt} of {instance} did not end")
    for instance, attempts in good.items():
        if len(attempts) > 1:
            yield Violation("succeeded twice", f"{instance} by its tries {attempts}")
    for instance, stand in facts.instances.items():
        if stand.state == "success" and stand.attempt not in good[instance]:
            yield Violation("success of nothing", f"{instance} has no successful try")


def _repetitions(by_instance: Mapping[Instance, list[Line]], facts: Facts) -> Iterator[Violation]:
    for instance, lines in by_instance.items():
        starts: dict[int, int] = defaultdict(int)
        for line in lines:
            starts[line.attempt] += (line.event == START) - (line.event == PAUSE)
            if starts[line.attempt] > 1:
                yield Violation("started twice", f"try {line.attempt} of {instance}")
            if (instance, line.attempt) not in facts.tries:
                yield Violation("unknown try", f"try {line.attempt} of {instance} has no row")
            others = range(1, line.attempt)
            if line.event == START and any(
                facts.tries.get((instance, n), ("", ""))[0] == "success" for n in others
            ):
                yield Violation("started after its success", f"try {line.attempt} of {instance}")


def _overlaps(by_instance: Mapping[Instance, list[Line]]) -> Iterator[Violation]:
    for instance, lines in by_instance.items():
        last: tuple[int, int] | None = None
        for line in lines:
            who = (line.attempt, line.pid)
            if line.event == START:
                last = who
            elif who != last:
                yield Violation("overlap", f"{instance}: {who} goes on after {last} has started")


def _early(lines: Sequence[Line], graph: Graph) -> Iterator[Violation]:
    ended: set[tuple[str, str, str]] = set()
    for line in lines:
        dag, run, task, _ = line.instance
        if line.event == END:
            ended.add((dag, run, task))
        if line.event != START:
            continue
        for parent in graph.parents.get((dag, task), ()):
            if (dag, run, parent) not in ended:
                yield Violation("early", f"{line.instance} started before {parent} had ended")
        for parent, index, state in line.parents or ():
            if state != "success":
                seen = f"{parent}[{index}] was {state}"
                yield Violation("not durable", f"as {line.instance} started, {seen}")
