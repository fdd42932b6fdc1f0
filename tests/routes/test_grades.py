"""How well a record agrees with the plan: nearer, longer, surer is never worse; what is unknown is no grade at all."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from routes import grades
from routes.grades import Basis, Grade, Graded, Limits, Record
from routes.model import Place

TEN = datetime(2026, 11, 16, 3, tzinfo=UTC)
DOOR = Place(16.06, 108.20, uncertainty_m=30)
METRE = 1 / 111_195
"""A metre to the north, in degrees."""

SCALE = {Grade.A: 0, Grade.B: 1, Grade.C: 2}


def away(metres: float, *, error: int = 20) -> Place:
    return Place(DOOR.lat + metres * METRE, DOOR.lon, uncertainty_m=error)


def record(metres: float = 10, *, error: int = 20, stayed: int | None = None, minutes: float = 0) -> Record:
    dwell = None if stayed is None else timedelta(seconds=stayed)
    return Record(place=away(metres, error=error), at=TEN + timedelta(minutes=minutes), stayed=dwell)


def grade(found: Record, *, before: Record | None = None, planned: Place | None = DOOR) -> Graded:
    return grades.graded(found, planned=planned, before=before)


@pytest.mark.parametrize(
    ("metres", "error", "expected"),
    [(10, 20, Grade.A), (190, 20, Grade.A), (420, 300, Grade.B), (900, 20, Grade.B), (2000, 20, Grade.C)],
)
def test_a_place_is_graded_by_distance_and_error_together(metres: float, error: int, expected: Grade) -> None:
    found = grade(record(metres, error=error))
    assert (found.grade, found.metres, found.error_m) == (expected, metres, error + 30)


@pytest.mark.parametrize(("metres", "error"), [(10, 3000), (1100, 200), (5000, 9000)])
def test_a_vague_place_is_no_grade_and_never_a_bad_one(metres: float, error: int) -> None:
    assert grade(record(metres, error=error)).grade is Grade.NOT_ENOUGH
    assert Basis.TOO_VAGUE in grade(record(metres, error=error)).bases


def test_a_door_known_by_its_commune_alone_is_graded_only_outside_of_the_commune() -> None:
    commune = Place(DOOR.lat, DOOR.lon, uncertainty_m=4000)
    assert grade(record(3000), planned=commune).grade is Grade.NOT_ENOUGH
    assert grade(record(5000), planned=commune).grade is Grade.NOT_ENOUGH, "generous by a kilometre more"
    assert grade(record(9000), planned=commune).grade is Grade.C


def test_without_a_place_or_a_plan_nothing_is_known() -> None:
    assert grade(Record(at=TEN)) == Graded(grade=Grade.NOT_ENOUGH, bases=(Basis.NO_PLACE,))
    assert grade(record(), planned=None).bases[0] is Basis.NO_PLAN


def test_an_apartment_block_and_a_guard_at_the_gate_are_at_the_door() -> None:
    assert grade(record(180, error=35)).grade is Grade.A


def test_several_things_at_one_door_need_no_second_way() -> None:
    found = grade(record(12, minutes=0.2, stayed=90), before=record(10, stayed=90))
    assert (found.grade, found.kmh) == (Grade.A, 0.0)


def test_several_doors_confirmed_at_once_are_a_doubt_of_the_time_and_no_more() -> None:
    far = Record(place=Place(16.20, 108.20, uncertainty_m=20), at=TEN)
    found = grade(record(minutes=0.1), before=far)
    assert (found.grade, Basis.FAST_WAY in found.bases) == (Grade.B, True)
    assert found.kmh is not None
    assert found.kmh > 90


def test_a_clock_that_ran_back_says_nothing() -> None:
    far = Record(place=Place(16.20, 108.20), at=TEN + timedelta(hours=2))
    assert grade(record(), before=far).kmh is None
    assert grade(record(), before=far).grade is Grade.A


def test_a_time_nobody_trusts_says_nothing() -> None:
    far = Record(place=Place(16.20, 108.20), at=None)
    assert grade(record(), before=far).grade is Grade.A


def test_a_short_stay_takes_a_to_b_and_leaves_the_others_alone() -> None:
    found = {metres: grade(record(metres, stayed=2)).grade for metres in (10, 700, 3000)}
    assert found == {10: Grade.B, 700: Grade.B, 3000: Grade.C}


def random_record(chance: random.Random) -> Record:
    metres = chance.choice((0, 50, 150, 250, 600, 999, 1500, 4000, 30_000))
    error = chance.choice((0, 10, 60, 150, 400, 1200, 8000))
    stayed = chance.choice((None, 0, 5, 9, 10, 60, 4000))
    return record(metres, error=error, stayed=stayed, minutes=chance.uniform(0, 30))


def is_no_worse(better: Graded, worse: Graded) -> bool:
    """Tell whether the first is not below the second, where both stand on the scale at all."""
    if Grade.NOT_ENOUGH in (better.grade, worse.grade):
        return True
    return SCALE[better.grade] <= SCALE[worse.grade]


@pytest.mark.parametrize("seed", range(6))
def test_closer_longer_and_surer_is_never_a_worse_grade(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(150):
        some, before = random_record(chance), chance.choice((None, random_record(chance)))
        assert some.place is not None
        known = grade(some, before=before)
        share, error = chance.random(), round(some.place.uncertainty_m * chance.random())
        closer = Place(DOOR.lat + (some.place.lat - DOOR.lat) * share, DOOR.lon, some.place.uncertainty_m)
        surer = Place(some.place.lat, DOOR.lon, error)
        longer = None if some.stayed is None else some.stayed + timedelta(seconds=chance.randrange(600))
        apart = before if before is None else Record(stayed=before.stayed)  # its speed is another fact
        alone = grade(some, before=apart)
        assert is_no_worse(grade(Record(place=closer, at=some.at, stayed=some.stayed), before=apart), alone)
        assert is_no_worse(grade(Record(place=surer, at=some.at, stayed=some.stayed), before=apart), alone)
        assert is_no_worse(grade(Record(place=some.place, at=some.at, stayed=longer), before=before), known)


@pytest.mark.parametrize("seed", range(6))
def test_a_fact_that_is_missing_never_lowers_a_grade(seed: int) -> None:
    chance = random.Random(100 + seed)
    for _ in range(150):
        some, before = random_record(chance), chance.choice((None, random_record(chance)))
        known = grade(some, before=before)
        for less in (
            grade(Record(at=some.at, stayed=some.stayed), before=before),
            grade(Record(place=some.place, stayed=some.stayed), before=before),
            grade(Record(place=some.place, at=some.at), before=before),
            grade(some, before=None),
            grade(some, before=before, planned=None),
        ):
            assert is_no_worse(less, known)
            assert less.grade is not Grade.C or known.grade is Grade.C


def test_the_limits_are_parameters() -> None:
    strict = Limits(door_m=20, near_m=40, slack_m=0)
    assert grades.graded(record(100), planned=DOOR, before=None, limits=strict).grade is Grade.C
