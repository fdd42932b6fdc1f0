"""Addresses get better: by a person's word, by a code in the address, by a server's answer."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from postal.domain import doors
from postal.domain.geocoding import AddressFound
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Person, Role
from postal.domain.permissions import Forbidden
from postal.domain.points import DoorElsewhere, DoorPoint, NoAddress, NothingToTakeBack, Source
from postal.queries import addresses as queries
from postal.services import addresses, pinning
from postal.services.addresses import PointElsewhere
from postal.services.typed_points import NotAPoint, PointSwapped
from postal.store import Store, waiting
from routes import plus_codes
from routes.model import Place
from tests import arrivals, cast
from tests.arrivals import hanh

khanh = cast.actor("khanh", "Võ Minh Khánh", place=cast.OFFICE, roles={Role.CONTROLLER})
far_away = cast.actor("be", "Ngô Thị Bé", place="556630", roles={Role.CONTROLLER})
watching = cast.actor("dung", "Hồ Anh Dũng", place=cast.OFFICE, roles={Role.COORDINATOR})

GOOD = "16.0712, 108.2243"
LATER = cast.monday + timedelta(hours=3)


@pytest.fixture
def office(seeded: Store) -> Store:
    """Return a store with the postmen of the central office."""
    arrivals.keep_postmen(seeded)
    return seeded


def waits(office: Store, person: Person = hanh) -> str:
    """Return the code of a result that waits at the office for its door."""
    (code,) = arrivals.sorted_in(office, arrivals.registered(office, person))
    return code


def point_of(office: Store, person: Person = hanh) -> DoorPoint | None:
    with office.read(at=LATER) as reader:
        return reader.points.of([(person.commune, person.address)]).get((person.commune, person.address))


def place(office: Store, code: str, typed: str = GOOD, *, is_sure: bool = False) -> DoorPoint:
    return addresses.place_door(office, code, typed, is_sure=is_sure, by=khanh, at=LATER)


def test_a_person_says_where_a_door_is_and_the_next_round_goes_there(office: Store) -> None:
    code = waits(office)
    found = place(office, code)
    assert (found.source, found.lat, found.lon, found.accuracy_m) == (Source.HAND, 16.0712, 108.2243, 10)
    with office.read(at=LATER) as reader:
        here = doors.grouped(waiting.at(reader, [cast.OFFICE], on=cast.today))
        assert pinning.points_of(reader, here, on=cast.today)[code] == Place(16.0712, 108.2243, uncertainty_m=10)


def test_a_correction_is_written_down_without_saying_where_it_is(office: Store) -> None:
    code = waits(office)
    place(office, code)
    addresses.take_back(office, code, by=khanh, at=LATER)
    with office.read() as reader:
        rows = reader.rows(
            text("SELECT account, what, subject, detail FROM audit WHERE what LIKE 'door%' ORDER BY seq")
        )
    lines = [tuple(row) for row in rows]
    assert lines == [("khanh", "door_placed", code, "tọa độ"), ("khanh", "door_taken_back", code, "")]


def test_a_correction_can_be_taken_back_once(office: Store) -> None:
    code = waits(office)
    place(office, code)
    addresses.take_back(office, code, by=khanh, at=LATER)
    assert point_of(office) is None
    with pytest.raises(NothingToTakeBack):
        addresses.take_back(office, code, by=khanh, at=LATER)


def test_a_point_outside_the_commune_is_asked_about_once_more(office: Store) -> None:
    code = waits(office)
    with pytest.raises(PointElsewhere, match=r"Hải Châu \d+,\d km"):
        place(office, code, "16.4637, 107.5909")
    assert point_of(office) is None
    assert place(office, code, "16.4637, 107.5909", is_sure=True).source is Source.HAND


@pytest.mark.parametrize(("typed", "refused"), [("108.2243, 16.0712", PointSwapped), ("VN550000", NotAPoint)])
def test_what_is_no_point_changes_nothing(office: Store, typed: str, refused: type[Exception]) -> None:
    code = waits(office)
    with pytest.raises(refused):
        place(office, code, typed, is_sure=True)
    assert point_of(office) is None


def test_only_the_office_that_has_the_item_corrects_its_door(office: Store) -> None:
    code = waits(office)
    with pytest.raises(DoorElsewhere):
        addresses.place_door(office, code, GOOD, is_sure=False, by=far_away, at=LATER)
    for stranger in (watching, cast.xuan):
        with pytest.raises(Forbidden):
            addresses.place_door(office, code, GOOD, is_sure=False, by=stranger, at=LATER)
    with pytest.raises(UnknownCode):
        place(office, "P3FHJ8QXV9")


def test_a_result_that_is_collected_at_the_counter_without_an_address_has_no_door(office: Store) -> None:
    nowhere = Person(name="Lê Thị Hạnh", identity_number="048190000016", phone="+84905550101", commune="20242")
    item = arrivals.for_the_counter(office, nowhere)
    (code,) = arrivals.sorted_in(office, [item])
    with pytest.raises(NoAddress):
        place(office, code)


# --- without anybody's doing ------------------------------------------------------------------------------------------


def test_a_plus_code_in_an_address_is_the_point_until_a_delivery_knows_better(office: Store) -> None:
    code = plus_codes.encode(Place(16.0712, 108.2243))
    person = Person(name="Hạnh", phone="+84905550101", address=f"15 Bạch Đằng, {code[4:]}", commune="20242")
    waits(office, person)
    unasked = queries.unasked_after(office, "", at=LATER, limit=50)
    doors_here = [each.door for each in unasked.doors]
    assert addresses.read_codes(office, doors_here, at=LATER) == set(doors_here)
    found = point_of(office, person)
    assert found is not None
    assert (found.source, found.accuracy_m) == (Source.PLUS_CODE, 10)
    assert queries.unasked_after(office, "", at=LATER, limit=50).doors == ()
    with office.begin(at=LATER) as ledger:
        ledger.points.teach(person.commune, person.address, lat=16.0710, lon=108.2240, accuracy_m=20)
    found = point_of(office, person)
    assert found is not None
    assert found.source is Source.DELIVERY


def test_a_server_is_asked_for_a_door_by_its_address_and_nothing_else(office: Store) -> None:
    waits(office)
    (unasked,) = queries.unasked_after(office, "", at=LATER, limit=50).doors
    assert unasked.asked.line == "15 Bạch Đằng, tổ 3, Phường Hải Châu, Thành phố Đà Nẵng, Việt Nam"
    assert hanh.name not in unasked.asked.line


def test_an_answer_that_counts_is_the_point_and_another_is_not_asked_for_again_soon(office: Store) -> None:
    arrivals.sorted_in(office, arrivals.registered(office, hanh, arrivals.vy))
    house = AddressFound(lat=16.0712, lon=108.2243, accuracy_m=25)
    door, other = (hanh.commune, hanh.address), (arrivals.vy.commune, arrivals.vy.address)
    assert addresses.note_answer(office, door, house, at=LATER)
    assert not addresses.note_answer(office, other, replace(house, lat=16.2, lon=109.4), at=LATER), "in the sea"
    found = point_of(office)
    assert found is not None
    assert found.source is Source.GEOCODER
    assert point_of(office, arrivals.vy) is None
    assert queries.unasked_after(office, "", at=LATER, limit=50).doors == ()
    much_later = queries.unasked_after(office, "", at=LATER + timedelta(days=61), limit=50)
    assert [each.door for each in much_later.doors] == [other]


def test_doors_are_gone_through_part_by_part(office: Store) -> None:
    arrivals.sorted_in(office, arrivals.registered(office, hanh, arrivals.tam, arrivals.vy))
    first = queries.unasked_after(office, "", at=LATER, limit=2)
    second = queries.unasked_after(office, first.last, at=LATER, limit=2)
    assert (len(first.doors), len(second.doors), second.last) == (2, 1, "")
