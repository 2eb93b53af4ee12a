"""The judge sees each way in which a promise can be broken, and nothing else."""

from __future__ import annotations

import pytest

from chaos.checker import Graph, check
from chaos.facts import Facts, Stand
from chaos.history import Instance, Line, parse, recovery

GRAPH = Graph(
    parents={("d", "a"): (), ("d", "b"): ("a",), ("d", "m"): ("b",)}, mapped={("d", "m"): 2}
)
A, B = Instance("d", "r", "a"), Instance("d", "r", "b")
M0, M1 = Instance("d", "r", "m", 0), Instance("d", "r", "m", 1)
RUN = ("d", "r")
DIED = "the worker died while this task was running"


class Story:
    """A history without fault, to be spoilt: `a` needs two tries, `m` is mapped."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.facts = Facts(runs={RUN: "success"})
        self.say(A, 1, "start", pid=1)
        self.tried(A, 1, "failed", DIED)
        for number, (instance, attempt) in enumerate([(A, 2), (B, 1), (M0, 1), (M1, 1)]):
            self.done(instance, attempt, pid=10 + number)

    def say(
        self, instance: Instance, attempt: int, event: str, *, pid: int, seen: str = ""
    ) -> None:
        parents = (("a", -1, seen),) if seen else None
        self.lines.append(Line(instance, attempt, event, float(len(self.lines)), pid, parents))

    def tried(self, instance: Instance, attempt: int, state: str, error: str | None = None) -> None:
        self.facts.tries[instance, attempt] = state, error
        self.facts.instances[instance] = Stand(state, attempt, 3)

    def done(self, instance: Instance, attempt: int, *, pid: int) -> None:
        self.say(instance, attempt, "start", pid=pid, seen="success")
        self.say(instance, attempt, "end", pid=pid)
        self.tried(instance, attempt, "success")

    def kinds(self) -> set[str]:
        found = check(self.lines, self.facts, GRAPH, [RUN])
        return {violation.kind for violation in found}


@pytest.fixture
def story() -> Story:
    return Story()


def test_what_is_right_is_found_right(story: Story) -> None:
    assert story.kinds() == set()


def test_work_that_was_done_but_not_written_down_may_be_done_again(story: Story) -> None:
    story.lines.insert(1, Line(A, 1, "end", 0.5, 1))
    assert story.kinds() == set()


def test_rescheduled_try_starts_once_more_for_each_pause(story: Story) -> None:
    story.lines[1:1] = [Line(A, 1, "pause", 0.1, 1), Line(A, 1, "start", 0.2, 2)]
    assert story.kinds() == set()
    story.lines.insert(3, Line(A, 1, "start", 0.3, 3))
    assert story.kinds() == {"started twice"}


def test_run_that_was_accepted_must_be_there(story: Story) -> None:
    found = check(story.lines, story.facts, GRAPH, [RUN, ("d", "other")])
    assert [violation.kind for violation in found] == ["run lost"]


@pytest.mark.parametrize("instance", [A, M1])
def test_instance_that_is_not_there_is_lost(story: Story, instance: Instance) -> None:
    del story.facts.instances[instance]
    story.facts.tries = {
        key: value for key, value in story.facts.tries.items() if key[0] != instance
    }
    assert "task lost" in story.kinds()


def test_run_and_task_must_be_over(story: Story) -> None:
    story.facts.runs[RUN] = "running"
    story.facts.instances[B] = Stand("queued", 1, 3)
    assert story.kinds() == {"run not over", "task not over"}


def test_success_without_work_is_seen(story: Story) -> None:
    story.lines = [line for line in story.lines if line[:3] != (B, 1, "end")]
    assert story.kinds() >= {"success of nothing"}


def test_state_without_successful_try_is_seen(story: Story) -> None:
    del story.facts.tries[B, 1]
    assert story.kinds() == {"success of nothing", "unknown try"}


def test_two_successful_tries_are_one_too_many(story: Story) -> None:
    story.done(B, 2, pid=30)
    assert story.kinds() == {"succeeded twice", "started after its success"}


def test_try_after_a_success_is_seen_although_it_failed(story: Story) -> None:
    story.say(B, 2, "start", pid=30)
    story.facts.tries[B, 2] = "failed", DIED
    assert story.kinds() == {"started after its success"}


def test_process_that_was_given_up_and_goes_on_overlaps(story: Story) -> None:
    story.lines.insert(2, Line(A, 1, "beat", 1.5, 1))
    assert story.kinds() == {"overlap"}


def test_same_try_started_twice_is_seen(story: Story) -> None:
    story.lines.insert(1, Line(A, 1, "start", 0.5, 99))
    assert story.kinds() == {"started twice"}


def test_child_before_the_end_of_its_parent_is_early(story: Story) -> None:
    story.lines.insert(0, Line(B, 1, "start", -1.0, 11))
    del story.lines[4]
    assert story.kinds() == {"early"}


@pytest.mark.parametrize("state", ["running", "queued", "failed"])
def test_child_that_sees_its_parent_unfinished_was_not_durable(story: Story, state: str) -> None:
    start = next(n for n, line in enumerate(story.lines) if line[:3] == (B, 1, "start"))
    story.lines[start] = story.lines[start]._replace(parents=(("a", -1, state),))
    assert story.kinds() == {"not durable"}


def test_failure_needs_a_reason(story: Story) -> None:
    story.facts.tries[A, 1] = "failed", "ValueError: 7"
    assert story.kinds() == {"failed without reason"}


def test_retries_must_be_used_up(story: Story) -> None:
    story.facts.tries[M1, 1] = "failed", DIED
    story.facts.instances[M1] = Stand("failed", 1, 3)
    assert story.kinds() == {"given up early"}
    story.facts.instances[M1] = Stand("failed", 1, 1)
    assert story.kinds() == set()


def test_upstream_failed_needs_a_failed_parent(story: Story) -> None:
    story.facts.instances[M1] = Stand("upstream_failed", 0, 3)
    del story.facts.tries[M1, 1]
    story.lines = [line for line in story.lines if line.instance != M1]
    assert story.kinds() == {"task lost"}


def test_try_that_is_left_open_is_seen(story: Story) -> None:
    story.facts.tries[A, 1] = "running", None
    assert story.kinds() == {"try not over"}


def test_lines_are_read_as_tasks_write_them() -> None:
    text = 'd\tr\tm\t1\t2\tstart\t12.5\t1789.0\t77\t[["a", -1, "success"]]'
    seen = (("a", -1, "success"),)
    assert parse(text) == Line(Instance("d", "r", "m", 1), 2, "start", 12.5, 77, seen)


def test_recovery_counts_only_what_follows_from_an_end_after_the_fault(story: Story) -> None:
    lines = [
        Line(A, 2, "end", 1.0, 1),
        Line(B, 1, "start", 3.0, 2),
        Line(B, 1, "end", 4.0, 2),
        Line(M0, 1, "start", 5.5, 3),
    ]
    assert recovery(lines, GRAPH.parents, since=2.0) == 3.5
    assert recovery(lines, GRAPH.parents, since=4.5) == float("inf")
