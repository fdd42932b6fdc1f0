"""The worker looks for doors nobody knows: codes in addresses at once, a server one door at a time."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from postal import worker
from postal.domain.geocoding import AddressAsked, AddressFound
from postal.domain.points import Source
from postal.domain.sending import NotTaken
from postal.gateways.geocoding import GeopyGeocoder
from postal.settings import Settings
from postal.store import Store
from postal.worker import Survey
from tests import arrivals, cast
from tests.arrivals import hanh, tam, vy
from tests.web.conftest import Clock


@dataclass(slots=True)
class Known:
    """A server that knows every address to be at one house, unless it is away."""

    asked: list[str] = field(default_factory=list)
    is_away: bool = False

    def find(self, asked: AddressAsked) -> AddressFound | None:
        """Return the house."""
        self.asked.append(asked.address)
        if self.is_away:
            raise NotTaken("Máy chủ tìm tọa độ không trả lời được.")
        return AddressFound(lat=16.0712, lon=108.2243, accuracy_m=20)


@pytest.fixture
def office(seeded: Store) -> Store:
    """Return a store in which three results wait for three doors."""
    arrivals.keep_postmen(seeded)
    arrivals.sorted_in(seeded, arrivals.registered(seeded, hanh, tam, vy))
    return seeded


def sources(store: Store) -> list[Source]:
    doors = [(person.commune, person.address) for person in (hanh, tam, vy)]
    with store.read() as reader:
        return [point.source for point in reader.points.of(doors).values()]


def looks(store: Store, survey: Survey, clock: Clock, *, times: int, apart: timedelta = timedelta(seconds=3)) -> None:
    for _ in range(times):
        worker.look_for_doors(store, survey, clock=clock)
        clock.at += apart


def test_each_door_is_asked_for_once_with_a_pause_between(office: Store) -> None:
    known, clock = Known(), Clock(cast.monday + timedelta(hours=3))
    survey = Survey(geocoder=known, pause=timedelta(seconds=2))
    looks(office, survey, clock, times=6, apart=timedelta(seconds=1))
    assert len(known.asked) == 3, "one look, then one door every two seconds"
    looks(office, survey, clock, times=5, apart=timedelta(hours=2))
    assert sorted(known.asked) == sorted([hanh.address, tam.address, vy.address])
    assert sources(office) == [Source.GEOCODER] * 3


def test_a_server_that_is_away_rests_and_is_asked_again(office: Store) -> None:
    known, clock = Known(is_away=True), Clock(cast.monday + timedelta(hours=3))
    survey = Survey(geocoder=known)
    looks(office, survey, clock, times=10)
    assert len(known.asked) == 1
    known.is_away = False
    clock.at += worker.LETS_A_SERVER_REST
    looks(office, survey, clock, times=3)
    clock.at += worker.LOOKS_FOR_DOORS_EVERY
    looks(office, survey, clock, times=4)
    assert sources(office) == [Source.GEOCODER] * 3, "the one it gave no answer for as well"


def test_without_a_server_nothing_is_asked_and_nothing_waits(office: Store) -> None:
    survey, clock = Survey(), Clock(cast.monday + timedelta(hours=3))
    looks(office, survey, clock, times=3)
    assert survey.queue == []
    assert sources(office) == []


def test_the_settings_say_which_server_is_asked() -> None:
    assert worker.survey(Settings()).geocoder is None
    assert isinstance(worker.survey(Settings(geocoder="photon:http://127.0.0.1:2322")).geocoder, GeopyGeocoder)
