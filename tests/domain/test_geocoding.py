"""When a server's answer about an address counts, and when it is asked."""

from datetime import UTC, datetime, timedelta

import pytest

from postal.domain import geocoding
from postal.domain.geocoding import AddressAsked, AddressFound
from postal.domain.points import Middle, Source, Told, Word

MONDAY = datetime(2025, 11, 24, 2, 0, tzinfo=UTC)
HAI_CHAU = Middle(lat=16.0600, lon=108.2200, radius_m=1500)


@pytest.mark.parametrize(
    ("found", "counts"),
    [
        (AddressFound(lat=16.0712, lon=108.2243, accuracy_m=25), True),
        (AddressFound(lat=16.0712, lon=108.2243, accuracy_m=1500), False),
        (AddressFound(lat=16.2000, lon=109.4000, accuracy_m=25), False),
        (AddressFound(lat=10.7769, lon=106.7009, accuracy_m=25), False),
        (AddressFound(lat=0.0, lon=0.0, accuracy_m=25), False),
    ],
    ids=["house", "no better than the commune", "in the sea", "in another city", "nowhere"],
)
def test_an_answer_counts_in_the_commune_and_where_it_says_more(found: AddressFound, counts: bool) -> None:
    word = geocoding.word_of(found, middle=HAI_CHAU, at=MONDAY)
    assert (word is not None) is counts


def test_no_map_knows_a_door_better_than_its_house() -> None:
    word = geocoding.word_of(AddressFound(lat=16.06, lon=108.22, accuracy_m=1), middle=HAI_CHAU, at=MONDAY)
    assert word is not None
    assert (word.source, word.accuracy_m) == (Source.GEOCODER, geocoding.LEAST_M)


@pytest.mark.parametrize("source", [Source.HAND, Source.DELIVERY, Source.PLUS_CODE, Source.GEOCODER])
def test_nobody_is_asked_for_a_door_that_is_known(source: Source) -> None:
    word = Word(source=source, lat=16.06, lon=108.22, accuracy_m=30, at=MONDAY)
    assert not geocoding.is_due(Told(words=(word,)), at=MONDAY)


def test_an_unknown_door_is_asked_for_again_after_a_while() -> None:
    assert geocoding.is_due(Told(), at=MONDAY)
    asked = Told(asked_at=MONDAY)
    assert not geocoding.is_due(asked, at=MONDAY + timedelta(days=59))
    assert geocoding.is_due(asked, at=MONDAY + geocoding.ASK_AGAIN)


def test_what_is_asked_is_one_line_without_empty_parts() -> None:
    assert AddressAsked(address="15 Bạch Đằng", commune="Phường Hải Châu", province="").line == (
        "15 Bạch Đằng, Phường Hải Châu, Việt Nam"
    )
