"""Distances without a map: straight lines, lengthened by what roads usually add."""

import random
import time

import numpy as np
import pytest
from geopy import distance

from routes import matrix
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


# --- tables -----------------------------------------------------------------------------------------------------------


def scattered(count: int, *, seed: int = 1) -> list[Place]:
    """Return places all over Vietnam."""
    chance = random.Random(seed)
    return [Place(chance.uniform(8.6, 23.3), chance.uniform(102.2, 109.4)) for _ in range(count)]


def test_the_great_circle_is_what_geopy_says() -> None:
    places = scattered(60)
    ours = matrix.straight_metres(places)
    for row, origin in enumerate(places):
        for column, there in enumerate(places):
            theirs = distance.great_circle((origin.lat, origin.lon), (there.lat, there.lon)).meters
            assert ours[row, column] == pytest.approx(theirs, rel=1e-9, abs=1e-3)
            assert matrix.straight(origin, there) == pytest.approx(theirs, rel=1e-9, abs=1e-3)


def test_a_table_says_what_its_legs_say() -> None:
    places, ways = scattered(40), GreatCircleMatrix(detour=1.4, speed_kmh=23)
    table = ways.table(places)
    assert [list(row) for row in table] == [[ways.leg(here, there) for there in places] for here in places]
    assert len(table) == 40
    assert table[3:5] == [table[3], table[4]]
    assert table.leg(places[7], places[31]) == ways.leg(places[7], places[31]), "it is a matrix as well"


def test_a_thousand_places_take_well_under_a_second() -> None:
    places, ways = scattered(1000), GreatCircleMatrix()
    begun = time.perf_counter()
    table = ways.table(places)
    assert time.perf_counter() - begun < 0.9
    assert table.metres.shape == (1000, 1000)


def test_a_table_answers_for_other_places_as_its_matrix_would() -> None:
    table = GreatCircleMatrix(detour=1).table([DA_NANG])
    assert table.leg(DA_NANG, HOI_AN) == GreatCircleMatrix(detour=1).leg(DA_NANG, HOI_AN)
    assert table.table([HOI_AN, DA_NANG]).leg(HOI_AN, DA_NANG).metres > 0


def test_a_part_of_a_table_is_the_same_snapshot() -> None:
    table = GreatCircleMatrix().table(places := scattered(9))
    part = table.table(places[4:7])
    assert np.array_equal(part.metres, table.metres[4:7, 4:7])
    assert part.provenance == table.provenance


def test_a_matrix_that_knows_no_tables_is_asked_leg_by_leg() -> None:
    class OneWay:
        def leg(self, origin: Place, destination: Place) -> Leg:
            return Leg(metres=1 if origin.lat < destination.lat else 2, seconds=3)

    table = matrix.table_of(OneWay(), [HOI_AN, DA_NANG])
    assert table.metres.tolist() == [[2, 1], [2, 2]]
    assert matrix.table_of(OneWay(), []).metres.shape == (0, 0)


def test_a_table_says_that_it_is_a_great_circle_and_nothing_in_it_a_stopgap() -> None:
    table = GreatCircleMatrix(detour=1.3, speed_kmh=25).table([DA_NANG, HOI_AN])
    assert table.provenance.source == matrix.GREAT_CIRCLE
    assert table.provenance.version == "1.3 x 25 km/h"
    assert table.provenance.guessed == 0
    assert not table.is_guess(DA_NANG, HOI_AN)
