from datetime import datetime

from airflow.decorators import dag, task


@dag(schedule=None, start_date=datetime(2026, 1, 1), catchup=False)
def regions():
    @task
    def names():
        return ["north", "south"]

    @task
    def greet(region):
        print(f"hello, {region}")

    greet.expand(region=names())


regions()
