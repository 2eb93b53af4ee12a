"""Shops, each counted on its own: a mapped task group with a branch, a plain group and a pull."""

from datetime import datetime

from airflow.decorators import dag, task, task_group
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.utils.task_group import TaskGroup


@dag(schedule=None, start_date=datetime(2026, 1, 1), is_paused_upon_creation=False)
def shops():
    @task
    def towns():
        return ["Oslo", "Bergen", "Ghent"]

    @task(max_active_tis_per_dagrun=1)
    def count(town, factor):
        if town == "Ghent":
            raise ValueError("no shop there")
        return factor * len(town)

    @task.branch
    def is_large(number):
        return "shop.large" if number > 50 else "shop.small"

    @task
    def write(town, number):
        print(f"{town} has {number}")
        return number

    @task(trigger_rule="all_done")
    def add(numbers):
        return sum(numbers)

    @task_group
    def shop(town, factor):
        number = count(town, factor)
        choice = is_large(number)
        with TaskGroup("files"):
            written = write(town, number)
        shout = BashOperator(task_id="shout", bash_command="echo {{ ti.map_index }} is over")
        choice >> [EmptyOperator(task_id="small"), EmptyOperator(task_id="large")]
        written >> shout
        return written

    add(shop.partial(factor=10).expand(town=towns()))


shops()
