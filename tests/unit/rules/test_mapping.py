"""How many instances a mapped task has (SEMANTICS 6.8)."""

import pytest

from hubflow.rules.mapping import CannotExpand, instance_count, may_rule_out, waits_for
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


G, H, NO_GROUP = Mapped(group_id="g"), Mapped(group_id="h"), Mapped()


@pytest.mark.parametrize(
    ("above", "below", "waits"),
    [
        ((None, -1), (None, -1), True),
        ((None, -1), (G, 2), True),
        ((G, 2), (None, -1), True),
        ((NO_GROUP, 1), (NO_GROUP, 2), True),
        ((G, 1), (H, 2), True),
        ((G, 2), (G, 2), True),
        ((G, 1), (G, 2), False),
        ((G, -1), (G, 2), True),
        ((G, 1), (G, -1), True),
    ],
)
def test_within_a_mapped_group_an_instance_waits_for_its_own_index(
    above: tuple[Mapped | None, int], below: tuple[Mapped | None, int], waits: bool
) -> None:
    assert waits_for(*above, *below) is waits


@pytest.mark.parametrize(
    ("decider", "other", "concerns"),
    [
        ((None, -1), (None, -1), True),
        ((NO_GROUP, 1), (None, -1), True),
        ((G, -1), (G, 1), True),
        ((G, 1), (G, 1), True),
        ((G, 1), (G, 2), False),
        ((G, 1), (H, 1), False),
        ((G, 1), (None, -1), False),
    ],
)
def test_what_an_instance_of_a_mapped_group_rules_out_stays_in_it(
    decider: tuple[Mapped | None, int], other: tuple[Mapped | None, int], concerns: bool
) -> None:
    assert may_rule_out(*decider, *other) is concerns
