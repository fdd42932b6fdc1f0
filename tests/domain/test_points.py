"""Where a door is: whose word counts, and how several deliveries are taken together."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from postal.domain import points
from postal.domain.points import DoorPoint, Middle, NothingToTakeBack, Source, Told, Word

MONDAY = datetime(2025, 11, 24, 2, 0, tzinfo=UTC)
HAI_CHAU = Middle(lat=16.0600, lon=108.2200, radius_m=1500)
DOOR = (16.0678, 108.2208)
METRE = 1 / 111_195


def word(
    source: Source = Source.DELIVERY, *, north: float = 0, east: float = 0, accuracy: int = 12, by: str = ""
) -> Word:
    """Return a word about the door, so many metres off."""
    return Word(
        source=source, lat=DOOR[0] + north * METRE, lon=DOOR[1] + east * METRE, accuracy_m=accuracy, at=MONDAY, by=by
    )


def told(*words: Word) -> Told:
    found = Told()
    for each in words:
        found = found.with_word(each)
    return found


def settled(*words: Word) -> DoorPoint:
    found = points.settled(told(*words), middle=HAI_CHAU)
    assert found is not None
    return found


def off(found: DoorPoint) -> float:
    return points.apart(found.lat, found.lon, *DOOR)


# --- whose word counts ------------------------------------------------------------------------------------------------


def test_before_anybody_says_more_a_door_is_in_the_middle_of_its_commune() -> None:
    found = settled()
    assert (found.source, found.accuracy_m, found.times) == (Source.COMMUNE, 1500, 0)
    assert found.is_poor
    assert points.settled(Told(), middle=None) is None


def test_a_person_counts_before_deliveries_these_before_a_code_and_that_before_a_server() -> None:
    every = [word(source, north=20) for source in Source if source is not Source.COMMUNE]
    for source in (Source.HAND, Source.DELIVERY, Source.PLUS_CODE, Source.GEOCODER):
        assert settled(*every).source is source
        every = [each for each in every if each.source is not source]


def test_a_single_delivery_is_as_sure_as_the_phone() -> None:
    found = settled(word(accuracy=12))
    assert (found.accuracy_m, found.times, found.is_poor) == (12, 1, False)


def test_no_phone_is_surer_than_it_can_be() -> None:
    assert settled(word(accuracy=0)).accuracy_m == points.LEAST_M


def test_what_lies_outside_the_commune_is_not_followed() -> None:
    found = settled(word(Source.GEOCODER, north=2_000_000))
    assert found.source is Source.COMMUNE
    again = settled(word(north=20_000), word(north=3))
    assert (again.times, again.apart_times) == (1, 1)
    assert off(again) < 5


def test_a_door_of_which_only_the_impossible_was_said_is_told_apart() -> None:
    far, near = word(north=20_000), word(north=3)
    assert points.disbelieved(told(far), middle=HAI_CHAU) == far
    assert points.disbelieved(told(far, near), middle=HAI_CHAU) is None
    assert points.disbelieved(told(word(Source.HAND, north=20_000)), middle=HAI_CHAU) is None
    assert points.disbelieved(Told(), middle=HAI_CHAU) is None


def test_a_person_may_say_that_it_lies_outside() -> None:
    assert settled(word(Source.HAND, north=20_000, by="hung")).source is Source.HAND


# --- several deliveries -----------------------------------------------------------------------------------------------


def test_the_more_deliveries_agree_the_surer_is_the_point() -> None:
    chance = random.Random(5)
    words = [word(north=chance.gauss(0, 6), east=chance.gauss(0, 6)) for _ in range(16)]
    unsure = [settled(*words[:many]).accuracy_m for many in (1, 4, 16)]
    assert unsure == sorted(unsure, reverse=True)
    assert unsure[0] > unsure[-1]
    assert off(settled(*words)) < 6


def test_a_delivery_three_kilometres_away_does_not_move_a_door_that_five_others_taught() -> None:
    five = [word(north=north, east=east) for north, east in ((0, 0), (4, 2), (-3, 5), (2, -4), (-2, -1))]
    before, after = settled(*five), settled(*five, word(north=2500, east=1500))
    assert points.apart(before.lat, before.lon, after.lat, after.lon) < 3
    assert (after.times, after.apart_times) == (5, 1)
    assert after.accuracy_m <= before.accuracy_m + 3


def test_two_deliveries_that_disagree_are_as_unsure_as_they_are_apart() -> None:
    found = settled(word(), word(north=1000))
    assert found.accuracy_m > 500
    assert found.is_poor


def test_a_door_that_moved_is_learned_anew() -> None:
    there = [word(north=800) for _ in range(points.MOST_KEPT)]
    found = settled(*(word() for _ in range(30)), *there)
    assert off(found) == pytest.approx(800, abs=1)
    assert (found.times, found.apart_times) == (points.MOST_KEPT, 0)


def test_what_was_told_together_long_ago_counts_as_often_as_it_was_told() -> None:
    old = Word(source=Source.DELIVERY, lat=DOOR[0], lon=DOOR[1], accuracy_m=9, at=MONDAY, times=5)
    found = settled(old, word(north=3000))
    assert (found.times, found.apart_times) == (5, 1)
    assert off(found) < 1


# --- a person's correction --------------------------------------------------------------------------------------------


def test_a_correction_stands_and_says_how_far_from_it_the_deliveries_were() -> None:
    words = [word() for _ in range(5)]
    found = settled(*words, word(Source.HAND, north=900, by="hung"))
    assert found.source is Source.HAND
    assert found.contradicted_m == pytest.approx(900, abs=2)
    assert settled(*words, word(Source.HAND, north=30, by="hung")).contradicted_m is None


def test_the_last_correction_counts_and_taking_it_back_gives_the_one_before() -> None:
    first, second = word(Source.HAND, north=50, by="hung"), word(Source.HAND, north=90, by="lan")
    both = told(word(), first, second)
    assert both.correction == second
    once = both.taken_back(by="hung", at=MONDAY + timedelta(days=1))
    assert once.correction == first
    twice = once.taken_back(by="hung", at=MONDAY + timedelta(days=2))
    found = points.settled(twice, middle=HAI_CHAU)
    assert found is not None
    assert found.source is Source.DELIVERY
    assert [each.ended_by for each in twice.words] == ["", "hung", "hung"], "what was said stays written"
    with pytest.raises(NothingToTakeBack):
        twice.taken_back(by="hung", at=MONDAY)


def test_every_source_has_a_name() -> None:
    assert set(points.SOURCE_NAMES) == set(Source)
