"""A door nobody knows exactly costs the time to look for it."""

from datetime import timedelta

import pytest

from routes import uncertainty
from routes.model import Place


def at(uncertainty_m: int) -> Place:
    return Place(16.0678, 108.2208, uncertainty_m=uncertainty_m)


def test_a_door_that_deliveries_taught_costs_nothing_more() -> None:
    assert uncertainty.slack(at(0)) == uncertainty.slack(at(50)) == timedelta()


def test_the_less_is_known_the_longer_it_takes_up_to_a_limit() -> None:
    waits = [uncertainty.slack(at(metres)) for metres in (0, 50, 51, 100, 300, 1000, 1500, 3000, 50_000)]
    assert waits == sorted(waits)
    assert waits[-1] == waits[-2] == uncertainty.LONGEST
    assert uncertainty.slack(at(50 + 500)) == timedelta(minutes=3), "500 m at 10 km/h"


def test_a_door_without_a_point_costs_the_longest_look() -> None:
    assert uncertainty.slack(None, longest=timedelta(minutes=4)) == timedelta(minutes=4)


def test_nobody_looks_at_no_speed() -> None:
    with pytest.raises(ValueError, match="speed"):
        uncertainty.slack(at(100), looking_kmh=0)
