"""Distances without a map: straight lines, lengthened by what roads usually add."""

import pytest
from geopy import distance

from routes.matrix import GreatCircleMatrix
from routes.model import Leg, Place

DA_NANG = Place(16.0678, 108.2208)
HOI_AN = Place(15.8801, 108.3380)


def test_the_great_circle_is_within_half_a_percent_of_the_ellipsoid() -> None:
    exact = distance.geodesic((DA_NANG.lat, DA_NANG.lon), (HOI_AN.lat, HOI_AN.lon)).meters
    assert GreatCircleMatrix(detour=1).leg(DA_NANG, HOI_AN).metres == pytest.approx(exact, rel=0.005)


def test_the_way_is_the_straight_line_times_the_detour_at_one_speed() -> None:
    straight = GreatCircleMatrix(detour=1, speed_kmh=36).leg(DA_NANG, HOI_AN)
    longer = GreatCircleMatrix(detour=1.5, speed_kmh=36).leg(DA_NANG, HOI_AN)
    assert longer.metres == pytest.approx(1.5 * straight.metres, abs=1)
    assert longer.seconds == pytest.approx(longer.metres / 10, abs=1)


def test_the_way_back_is_as_long_and_the_way_to_oneself_is_nothing() -> None:
    matrix = GreatCircleMatrix()
    assert matrix.leg(DA_NANG, HOI_AN) == matrix.leg(HOI_AN, DA_NANG)
    assert matrix.leg(HOI_AN, HOI_AN) == Leg(metres=0, seconds=0)


@pytest.mark.parametrize(("detour", "speed_kmh"), [(0.9, 20), (1.3, 0), (1.3, -5)])
def test_a_detour_below_one_or_a_speed_of_nothing_is_refused(detour: float, speed_kmh: float) -> None:
    with pytest.raises(ValueError, match="detour"):
        GreatCircleMatrix(detour=detour, speed_kmh=speed_kmh)


@pytest.mark.parametrize(("lat", "lon", "uncertainty"), [(91, 0, 0), (0, 181, 0), (float("nan"), 0, 0), (16, 108, -1)])
def test_a_place_lies_on_the_earth(lat: float, lon: float, uncertainty: int) -> None:
    with pytest.raises(ValueError, match=r"range|negative"):
        Place(lat, lon, uncertainty)
