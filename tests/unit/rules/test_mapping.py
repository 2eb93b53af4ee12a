"""How many instances a mapped task has (SEMANTICS 6.8)."""

import pytest

from hubflow.rules.mapping import CannotExpand, instance_count
from hubflow.serialization.model import Length, Mapped

A = Length(kind="xcom", task_id="a")
B = Length(kind="xcom", task_id="b", key="k")
LENGTHS = {("a", "return_value"): 2, ("b", "k"): 3}


@pytest.mark.parametrize(
    ("factors", "count"),
    [
        ((Length(count=4),), 4),
        ((Length(count=0),), 0),
        ((Length(count=4), Length(count=5)), 20),
        ((A,), 2),
        ((A, B), 6),
        ((Length(kind="shortest", parts=(A, B)),), 2),
        ((Length(kind="longest", parts=(A, B)),), 3),
        ((Length(kind="total", parts=(A, B, Length(count=1))),), 6),
    ],
)
def test_the_count_is_the_product_of_what_it_expands_over(
    factors: tuple[Length, ...], count: int
) -> None:
    mapped = Mapped(factors=factors)
    assert instance_count(mapped, lambda *name: LENGTHS[name], limit=100) == count


def test_more_than_the_limit_is_refused_with_both_numbers() -> None:
    mapped = Mapped(factors=(Length(count=10_000_000),))
    with pytest.raises(CannotExpand, match=r"10,000,000 instances, and 1,024 are allowed"):
        instance_count(mapped, lambda *_: 0, limit=1024)
