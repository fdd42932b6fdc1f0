"""A closed circle: ways lead around it, as long as the way along its edge; what it does not touch stays as it was."""

import math
from dataclasses import replace

import pytest

from routes.closures import METRES_A_DEGREE, ClosedMatrix, Closure
from routes.matrix import GreatCircleMatrix
from routes.model import Place

MIDDLE = Place(16.0, 108.0)
CLOSED = Closure(place=MIDDLE, radius_m=1_000)
KNOWN = GreatCircleMatrix(detour=1.0)
MATRIX = ClosedMatrix(KNOWN, [CLOSED])


def at(east: float, north: float) -> Place:
    """Return the place so many metres from the middle."""
    shorter = math.cos(math.radians(MIDDLE.lat))
    return Place(MIDDLE.lat + north / METRES_A_DEGREE, MIDDLE.lon + east / METRES_A_DEGREE / shorter)


def test_a_way_through_the_middle_leads_around_the_edge() -> None:
    around = MATRIX.leg(at(-1_000.1, 0), at(1_000.1, 0))
    assert around.metres == pytest.approx(1_000 * math.pi, rel=0.01)
    straight = KNOWN.leg(at(-1_000.1, 0), at(1_000.1, 0))
    assert around.seconds / straight.seconds == pytest.approx(math.pi / 2, rel=0.02)


def test_a_way_from_far_follows_the_tangents() -> None:
    leg = MATRIX.leg(at(-5_000, 0), at(5_000, 0))
    tangent, arc = math.sqrt(5_000**2 - 1_000**2), math.pi - 2 * math.acos(1 / 5)
    assert leg.metres == pytest.approx(2 * tangent + 1_000 * arc, rel=0.01)


@pytest.mark.parametrize(("a", "b"), [((-5_000, 1_100), (5_000, 1_100)), ((2_000, 0), (5_000, 0))])
def test_a_way_that_does_not_touch_it_is_as_it_was(a: tuple[float, float], b: tuple[float, float]) -> None:
    assert MATRIX.leg(at(*a), at(*b)) == KNOWN.leg(at(*a), at(*b))


def test_the_way_around_is_never_shorter_and_the_same_both_ways() -> None:
    for angle in range(0, 360, 7):
        a = at(3_000 * math.cos(angle), 3_000 * math.sin(angle))
        b = at(-1_500, 200)
        there, back = MATRIX.leg(a, b), MATRIX.leg(b, a)
        assert there == back
        assert there.metres >= KNOWN.leg(a, b).metres


def test_of_two_closures_the_worse_one_counts() -> None:
    both = ClosedMatrix(KNOWN, [CLOSED, replace(CLOSED, radius_m=2_000)])
    a, b = at(-3_000, 0), at(3_000, 0)
    assert both.leg(a, b).metres > MATRIX.leg(a, b).metres


def test_what_lies_inside_is_known_and_a_closure_has_a_size() -> None:
    assert CLOSED.holds(at(900, 0))
    assert not CLOSED.holds(at(1_100, 0))
    with pytest.raises(ValueError, match="size"):
        Closure(place=MIDDLE, radius_m=0)
