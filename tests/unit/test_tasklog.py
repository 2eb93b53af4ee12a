"""Addresses of runs and tasks, as mails and logs name them."""

from __future__ import annotations

import pytest

from hubflow import tasklog

AT = "run=manual__1%2B2&task=load"


@pytest.mark.parametrize(
    ("public_url", "map_index", "log_url"),
    [
        ("https://hub/flow/", -1, f"https://hub/flow/#/dags/a%2Fb/grid?{AT}&try=2"),
        ("https://hub/flow", 3, f"https://hub/flow/#/dags/a%2Fb/grid?{AT}&map=3&try=2"),
        (
            "http://127.0.0.1:8888/lab",
            -1,
            "http://127.0.0.1:8888/lab?hubflow=/dags/a%252Fb/grid%3F"
            "run%3Dmanual__1%252B2%26task%3Dload%26try%3D2",
        ),
    ],
)
def test_a_log_is_on_the_page_of_the_hub_or_in_jupyterlab(
    public_url: str, map_index: int, log_url: str
) -> None:
    links = tasklog.links(public_url, "a/b", "manual__1+2", "load", 2, map_index)
    assert links["log_url"] == log_url
