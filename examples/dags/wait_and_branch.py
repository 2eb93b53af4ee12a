"""Wait for a file without holding a slot, then go one of two ways.

The sensor is deferrable: while it waits there is no process, so thousands may wait at once.
"""

import os
from datetime import datetime
from pathlib import Path

from hubflow import DAG
from hubflow.operators import BranchPythonOperator, DummyOperator, FileSensor, PythonOperator

INBOX = Path(os.environ["HUBFLOW_HOME"], "common_workspace", "inbox")


def deliver(ds, params):
    """Play the supplier: put a file with today's readings into the inbox."""
    INBOX.mkdir(parents=True, exist_ok=True)
    readings = "\n".join(str(20 + n % params["spread"]) for n in range(24))
    (INBOX / f"readings-{ds}.txt").write_text(f"{readings}\n")


def inspect(ds, params):
    """Choose which task runs next; the other one is skipped."""
    readings = (INBOX / f"readings-{ds}.txt").read_text().split()
    hottest = max(float(reading) for reading in readings)
    print(f"{len(readings)} readings, the hottest is {hottest}")
    return "raise_alarm" if hottest > params["limit"] else "file_away"


def raise_alarm(ds):
    print(f"{ds} was too hot")


def file_away(ds):
    (INBOX / f"readings-{ds}.txt").unlink()
    print(f"{ds} was fine")


with DAG(
    "wait_and_branch",
    description="Wait for a file, look into it, and act on what it says",
    schedule=None,
    start_date=datetime(2026, 1, 1),
    params={"spread": 8, "limit": 30},
    tags=["example"],
) as dag:
    delivery = PythonOperator(
        task_id="deliver",
        description="Play the supplier",
        python_callable=deliver,
    )
    arrived = FileSensor(
        task_id="wait_for_file",
        description="Wait for the file of the day",
        filepath=f"{INBOX}/readings-{{{{ ds }}}}.txt",
        deferrable=True,
        poke_interval=1,
        timeout=60 * 60,
    )
    look = BranchPythonOperator(
        task_id="inspect",
        description="Choose what comes next",
        python_callable=inspect,
    )
    alarm = PythonOperator(
        task_id="raise_alarm",
        description="Only after a hot day",
        python_callable=raise_alarm,
    )
    archive = PythonOperator(
        task_id="file_away",
        description="Only after a mild day",
        python_callable=file_away,
    )
    done = DummyOperator(
        task_id="done",
        description="Whichever way it went",
        trigger_rule="none_failed_or_skipped",
    )

    # The sensor is no successor of the delivery: it waits for the file, whoever brings it.
    delivery
    arrived >> look >> [alarm, archive] >> done
