"""A master DAG: its tasks run other DAGs, at the same execution date, and wait for them.

The master fails if a member fails. Clear the failed task of the member, and both go on.
"""

from datetime import datetime

from hubflow import DAG
from hubflow.operators import BashOperator, DagOperator, PythonOperator, SkippableDagOperator

START = datetime(2026, 1, 1)
REGIONS = ["north", "south"]


def choose_currency(context, dag_run_obj):
    """Decide whether a member runs, and what it gets: its `dag_run.conf`."""
    dag_run_obj.payload = {"currency": context["params"]["currency"]}
    return dag_run_obj


def close_books(region, dag_run, ds):
    print(f"closing the books of the {region} for {ds} in {dag_run.conf['currency']}")


# The master comes first in lists; its members must be on, too.
with DAG(
    "all_regions",
    description="Close the books of every region, one DAG each",
    schedule=None,
    start_date=START,
    is_paused_upon_creation=False,
    params={"currency": "EUR"},
    tags=["example"],
) as master:
    members = [
        DagOperator(
            task_id=f"run_{region}",
            description=f"Run the DAG of the {region}",
            run_dag_id=f"region_{region}",
            python_callable=choose_currency,
        )
        for region in REGIONS
    ]
    audit = SkippableDagOperator(
        task_id="run_audit",
        description="Only if somebody asks for it: conf {'audit': true}",
        run_dag_id="region_audit",
        skip_dag="{{ not dag_run.conf.get('audit') }}",
    )
    report = BashOperator(
        task_id="report",
        description="Say that all is done",
        bash_command="echo 'all regions are closed for {{ ds }}'",
    )
    members >> audit >> report

for region in REGIONS:
    with DAG(
        f"region_{region}",
        description=f"Close the books of the {region}",
        schedule=None,
        start_date=START,
        is_paused_upon_creation=False,
        tags=["example"],
    ) as member:
        PythonOperator(
            task_id="close_books",
            description="Add everything up",
            python_callable=close_books,
            op_kwargs={"region": region},
        )
    globals()[member.dag_id] = member

with DAG(
    "region_audit",
    description="Look at everything again",
    schedule=None,
    start_date=START,
    is_paused_upon_creation=False,
    tags=["example"],
) as auditing:
    BashOperator(
        task_id="audit",
        description="Compare the sums",
        bash_command="echo 'the sums agree'",
    )
