"""TaskFlow: functions become tasks, results go from one to the next, a group holds some of them."""

from collections import Counter
from datetime import datetime

from hubflow import dag, task, task_group

TEXT = "the quick fox and the lazy dog and the hen"


@dag(
    description="Count the words of a text with functions as tasks",
    schedule=None,
    start_date=datetime(2026, 1, 1),
    params={"text": TEXT},
    tags=["example"],
)
def taskflow_words():
    @task
    def read(params):
        return params["text"].split()

    @task(multiple_outputs=True)
    def count(words: list[str]):
        most, times = Counter(words).most_common(1)[0]
        return {"most": most, "times": times, "longest": max(words, key=len)}

    @task(retries=1)
    def say(title, word):
        print(f"{title}: {word}")

    @task_group
    def report(found):
        """Say what was found, one task for each fact; the group is one box in the graph."""
        say.override(task_id="most")("most frequent", found["most"])
        say.override(task_id="longest")("longest", found["longest"])

    report(count(read()))


taskflow_words()
