"""Tasks that depend on the run before: what they know of it, and how they hear of its changes.

A run that is asked about its past keeps the states of those tasks of the previous run that matter
to it. It reads them once, from memory while the previous run is in flight, else from the database,
and then hears of every move. DAGs without such tasks never come here.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from hubflow.db.queries import past as queries
from hubflow.db.queries import task_moves
from hubflow.rules.past import Previous, where_to_look
from hubflow.scheduler.active_runs import RunGraph
from hubflow.scheduler.changes import Changes
from hubflow.scheduler.progress import settle
from hubflow.scheduler.world import World
from hubflow.states import TaskState


def notice_changes(world: World, session: Session) -> None:
    """Look again at the past of runs whose DAG had runs changed by somebody else."""
    waiting = [run for run in world.runs.values() if run.watches]
    if not waiting:
        return
    changed = queries.dags_changed_after(session, world.last_event)
    world.to_relink.update(run.id for run in waiting if run.dag_key in changed)


def relink(world: World, session: Session, changes: Changes) -> None:
    """Find the previous run of every run that has to look for it."""
    while world.to_relink:
        run = world.runs.get(world.to_relink.pop())
        if run is not None and run.watches:
            run.previous = _previous(world, session, changes, run)
            world.unsettled.add(run.id)


def hear(world: World, changes: Changes) -> None:
    """Tell those who depend on it what happened to tasks of the run before."""
    news = {(node.run.id, node.task.task_id): node.run for node in world.moved}
    world.moved.clear()
    concerned: dict[RunGraph, list[str]] = {}
    for (run_key, task_id), moved in news.items():
        state, entry = moved.state_of(task_id), world.dags.get(moved.dag_key)
        if entry is None or state is None:
            continue
        for run in entry.running.values():
            if run.previous is not None and run.previous.run_key == run_key:
                run.previous.states[task_id] = state
                concerned.setdefault(run, []).extend(run.watches.get(task_id, ()))
    # At once: a run that knew half of the news might take itself for deadlocked.
    for run, names in concerned.items():
        waiting = (run.instances(name) for name in dict.fromkeys(names))
        settle(world, changes, run, [node for nodes in waiting for node in nodes])


def _previous(world: World, session: Session, changes: Changes, run: RunGraph) -> Previous | None:
    assert run.dag is not None
    assert run.timetable is not None
    before = where_to_look(
        run.timetable, catchup=run.dag.catchup, execution_date=run.execution_date
    )
    if before is None or run.ignores_past:
        return None
    new = [task.task_id for task in run.dag.tasks if task.ignore_first_depends_on_past]
    firsts = queries.firsts_among(session, run.dag_key, run.execution_date, new)
    find = queries.find_at if before.is_exact else queries.find_before
    found = find(session, run.dag_key, before.date)
    if found is None:
        return Previous(before.date, None, {}, firsts) if before.is_exact else None
    key, date = found
    return Previous(date, key, _states(world, session, changes, run, key), firsts)


def _states(
    world: World, session: Session, changes: Changes, run: RunGraph, key: int
) -> dict[str, TaskState]:
    """Return how the tasks that matter to ``run`` stand in the run ``key``."""
    other = world.runs.get(key)
    if other is None and key in changes.runs:
        other = changes.runs[key][0]  # over since this turn began, which no query knows yet
    if other is None or not other.nodes:
        return task_moves.states_of(session, key, run.watches.keys())
    other.watched.update(run.watches)
    found = {name: other.state_of(name) for name in run.watches}
    return {name: state for name, state in found.items() if state is not None}
