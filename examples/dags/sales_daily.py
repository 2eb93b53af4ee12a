"""A small daily ETL: fetch orders, add them up for each region side by side, report.

Every task hands its result on as an XCom; nothing here needs the network or more than Python.
"""

import random
from datetime import datetime, timedelta

from hubflow import DAG
from hubflow.operators import BashOperator, PythonOperator

REGIONS = ["north", "south", "west"]


def fetch_orders(ds, params):
    """Return the orders of one day; the date is the seed, so a rerun gives the same ones."""
    dice = random.Random(ds)
    orders = [
        {"region": dice.choice(REGIONS), "amount": round(dice.uniform(5, 250), 2)}
        for _ in range(params["orders"])
    ]
    print(f"fetched {len(orders)} orders of {ds}")
    return orders


def add_up(region, ti):
    """Add up one region's orders."""
    orders = ti.xcom_pull("fetch_orders")
    amounts = [order["amount"] for order in orders if order["region"] == region]
    return {"region": region, "orders": len(amounts), "revenue": round(sum(amounts), 2)}


def combine(ti):
    """Put the regions together, the best one first."""
    regions = ti.xcom_pull([f"add_up_{region}" for region in REGIONS])
    regions.sort(key=lambda row: row["revenue"], reverse=True)
    for row in regions:
        print(f"{row['region']:>6}  {row['orders']:>4} orders  {row['revenue']:>10.2f}")
    return {
        "best": regions[0]["region"],
        "revenue": round(sum(row["revenue"] for row in regions), 2),
    }


with DAG(
    "sales_daily",
    description="Yesterday's orders, added up by region",
    schedule="0 6 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    is_paused_upon_creation=False,
    default_args={"owner": "sales", "retries": 1, "retry_delay": timedelta(seconds=10)},
    params={"orders": 500},
    tags=["example"],
) as dag:
    check_source = BashOperator(
        task_id="check_source",
        description="Make sure that the shop is reachable",
        bash_command="echo 'the shop answers'",
    )
    fetch = PythonOperator(
        task_id="fetch_orders",
        description="Fetch the orders of the day",
        python_callable=fetch_orders,
    )
    by_region = [
        PythonOperator(
            task_id=f"add_up_{region}",
            description=f"Add up the orders of the {region}",
            python_callable=add_up,
            op_kwargs={"region": region},
        )
        for region in REGIONS
    ]
    together = PythonOperator(
        task_id="combine",
        description="Put the regions together",
        python_callable=combine,
    )
    report = BashOperator(
        task_id="report",
        description="Print the report of the day",
        bash_command="""
{% set sales = ti.xcom_pull('combine') %}
echo "Sales of {{ ds }}: {{ sales.revenue }}, most of it in the {{ sales.best }}"
""",
    )

    check_source >> fetch >> by_region >> together >> report
