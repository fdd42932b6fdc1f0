"""The register of reference data gives back what it was given, by day and by era."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from postal.domain.calendars import WrongCalendar
from postal.domain.places import (
    CommuneGone,
    Era,
    Lane,
    Level,
    NoLane,
    Place,
    PlaceKind,
    Territory,
    Unit,
    UnitKey,
    UnknownPlace,
)
from postal.domain.procedures import PaperRequired, ProcedureVersion, UnknownProcedure
from postal.services import shipped
from postal.store import Store
from postal.store.reference import Reference, short_name
from tests import databases

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ON = date(2026, 11, 23)

CITY = Unit(
    era=Era.SINCE_2025,
    code="48",
    name="Thành phố Đà Nẵng",
    level=Level.PROVINCE,
    province_code="48",
    lat=16.0,
    lon=108.0,
)
HAI_CHAU = Unit(
    era=Era.SINCE_2025,
    code="20242",
    name="Phường Hải Châu",
    level=Level.COMMUNE,
    province_code="48",
    lat=16.0762,
    lon=108.218,
    radius_m=1553,
    valid_from=date(2025, 7, 1),
)
HAI_VAN = replace(HAI_CHAU, code="20194", name="Phường Hải Vân")
OLD_CITY = Unit(
    era=Era.OLD, code="48", name="Thành phố Đà Nẵng", level=Level.PROVINCE, province_code="48", successors=("48",)
)
DISTRICT = replace(OLD_CITY, code="490", name="Quận Liên Chiểu", level=Level.DISTRICT, successors=())
MERGED = Unit(
    era=Era.OLD,
    code="20233",
    name="Phường Thạch Thang",
    level=Level.COMMUNE,
    province_code="48",
    district_code="490",
    valid_to=date(2025, 6, 30),
    successors=("20242",),
)
SPLIT = replace(MERGED, code="20296", name="Xã Hòa Liên", successors=("20194", "20242"))
UNITS = [CITY, HAI_CHAU, HAI_VAN, OLD_CITY, DISTRICT, MERGED, SPLIT]

OFFICE = Place(
    code="551020", kind=PlaceKind.OFFICE, name="Bưu cục Sông Hàn", unit="20242", province_code="48", basis="mẫu"
)
DESK = replace(OFFICE, code="MC-20242", kind=PlaceKind.DESK, name="Trung tâm phường", level=Level.COMMUNE)
LANE = Lane(
    code="48-48",
    origin="province:48",
    destination="province:48",
    carrier="Bưu điện",
    tier_days=2,
    cutoff=time(15),
    basis="mẫu",
)
ROUND = Territory(code="551020-01", name="Tuyến 1", office="551020", postman=None, communes=("20242",), basis="mẫu")
BIRTH = ProcedureVersion(
    code="1.001193",
    name="Đăng ký khai sinh",
    basis="mẫu",
    valid_to=date(2026, 2, 28),
    papers=(PaperRequired(name="Giấy chứng sinh", originals=1, returned_to_citizen=False),),
    short_names=("dkks",),
)


@pytest.fixture
def filled(store: Store) -> Store:
    with store.begin(at=MONDAY) as ledger:
        register = ledger.reference
        register.add_units(UNITS)
        register.add_places([OFFICE, DESK])
        register.add_lanes([LANE])
        register.add_territories([ROUND])
        register.add_procedures([BIRTH, replace(BIRTH, version=2, valid_from=date(2026, 3, 1), valid_to=None)])
    return store


def test_everything_comes_back_as_it_was_given(filled: Store) -> None:
    with filled.read() as reader:
        register = reader.reference
        assert register.unit(HAI_CHAU.key, on=ON) == HAI_CHAU
        assert register.place("551020") == OFFICE
        assert register.lane(OFFICE, DESK, on=ON) == LANE
        assert register.lane_named("48-48") == LANE
        assert register.territory("551020-01") == ROUND
        assert register.territory_for("20242") == ROUND
        assert register.territory_for("20194") is None
        assert register.procedure_version("1.001193", 1) == BIRTH
        assert register.provinces(on=ON) == [CITY]
        assert register.commune_provinces() == {"20242": "48", "20194": "48"}


def test_a_code_is_looked_up_in_its_own_era(filled: Store) -> None:
    with filled.read() as reader:
        assert reader.reference.unit(UnitKey(era=Era.OLD, code="48"), on=ON) == OLD_CITY
        assert reader.reference.unit(UnitKey(era=Era.SINCE_2025, code="48"), on=ON) == CITY


def test_an_old_commune_names_its_successors(filled: Store) -> None:
    with filled.read() as reader:
        with pytest.raises(CommuneGone) as refusal:
            reader.reference.commune("20296", on=ON)
        assert "Phường Hải Vân (20194); Phường Hải Châu (20242)" in str(refusal.value)
        assert reader.reference.successor(MERGED.key, on=ON) == HAI_CHAU
        with pytest.raises(CommuneGone):
            reader.reference.successor(SPLIT.key, on=ON)


def test_nobodys_code_is_unknown(filled: Store) -> None:
    with filled.read() as reader:
        for look_up in (
            lambda: reader.reference.commune("99999", on=ON),
            lambda: reader.reference.place("999999"),
            lambda: reader.reference.territory("x"),
            lambda: reader.reference.calendar("x"),
        ):
            with pytest.raises(UnknownPlace):
                look_up()
        with pytest.raises(UnknownProcedure):
            reader.reference.procedure("9.999999", on=ON)
        with pytest.raises(UnknownProcedure):
            reader.reference.procedure_version("1.001193", 9)
        assert reader.reference.lane_named("x") is None


def test_the_version_of_the_day_is_found(filled: Store) -> None:
    with filled.read() as reader:
        assert reader.reference.procedure("1.001193", on=date(2026, 2, 28)).version == 1
        assert reader.reference.procedure("1.001193", on=date(2026, 3, 1)).version == 2
        assert {v.version for v in reader.reference.procedures(on=ON).values()} == {2}


def test_no_lane_is_a_refusal(filled: Store) -> None:
    far = replace(DESK, code="MC-00070", province_code="01", unit="00070")
    with filled.read() as reader, pytest.raises(NoLane):
        reader.reference.lane(OFFICE, far, on=ON)


def test_a_unit_shows_the_name_of_the_day(store: Store) -> None:
    key = UnitKey(era=Era.SINCE_2025, code="75")
    names = [unit for unit in shipped.units().units if unit.key == key]
    with store.begin(at=MONDAY) as ledger:
        ledger.reference.add_units(names)
    with store.read() as reader:
        assert reader.reference.unit(key, on=date(2026, 4, 29)).name == "Tỉnh Đồng Nai"
        assert reader.reference.unit(key, on=date(2026, 4, 30)).name == "Thành phố Đồng Nai"
        assert reader.reference.units(["75"], on=date(2026, 4, 29))["75"].name == "Tỉnh Đồng Nai"
        assert [unit.name for unit in reader.reference.provinces(on=ON)] == ["Thành phố Đồng Nai"]


def test_units_are_loaded_once(filled: Store) -> None:
    with filled.begin(at=MONDAY) as ledger:
        assert ledger.reference.add_units(UNITS) == 0


def test_a_calendar_is_replaced_only_by_one_that_can_be_used(store: Store) -> None:
    content = shipped.calendars()["state"]
    with store.begin(at=MONDAY) as ledger:
        assert ledger.reference.add_calendar("state", content) == 1
        assert ledger.reference.add_calendar("state", content) == 0
        ledger.reference.put_calendar("state", content)
    with store.read() as reader:
        assert reader.reference.calendar("state").is_published(2026)
    with pytest.raises(WrongCalendar), store.begin(at=MONDAY) as ledger:
        ledger.reference.put_calendar("state", "kind,value,reason,basis\noff,mai,nghỉ,mẫu\n")


OPENS_AT_SEVEN = shipped.calendars()["state"].replace("07:30-", "07:00-")
OPENS_AT_EIGHT = OPENS_AT_SEVEN.replace("07:00-", "08:00-")


def told(register: Reference) -> tuple[str, date | None, time]:
    """Return one fact from each kind of look-up that remembers what it has read."""
    place = register.place("551020")
    version = register.procedure_versions([("1.001193", 1)])["1.001193", 1]
    assert register.procedure_version("1.001193", 1) == register.versions("1.001193")[0] == version
    return place.phone, version.valid_to, register.calendar("state").sessions[0].opens


def change(register: Reference) -> None:
    """Change what `told` tells, as an administrator or an import does."""
    register.put_place(replace(OFFICE, phone="02363822000"))
    register.close_procedures([replace(BIRTH, valid_to=date(2026, 1, 31))])
    register.put_calendar("state", OPENS_AT_EIGHT)


OLD = ("", date(2026, 2, 28), time(7))
NEW = ("02363822000", date(2026, 1, 31), time(8))


@pytest.fixture
def open_at_seven(filled: Store) -> Store:
    with filled.begin(at=MONDAY) as ledger:
        ledger.reference.add_calendar("state", OPENS_AT_SEVEN)
    return filled


def test_a_change_is_told_at_once_and_earlier_snapshots_keep_what_they_saw(
    open_at_seven: Store, database_url: str
) -> None:
    elsewhere = Store.open(database_url, secret_key=databases.SECRET_KEY)
    with elsewhere.read() as earlier:
        assert told(earlier.reference) == OLD
        with open_at_seven.begin(at=MONDAY) as ledger:
            change(ledger.reference)
            assert told(ledger.reference) == NEW
        assert told(earlier.reference) == OLD
    for store in (open_at_seven, elsewhere):
        with store.read() as later:
            assert told(later.reference) == NEW
    elsewhere.close()


def test_a_change_that_was_taken_back_is_never_told(open_at_seven: Store) -> None:
    with pytest.raises(UnknownPlace), open_at_seven.begin(at=MONDAY) as ledger:
        change(ledger.reference)
        assert told(ledger.reference) == NEW
        ledger.reference.place("999999")
    with open_at_seven.read() as reader:
        assert told(reader.reference) == OLD


def test_the_same_text_is_read_once(open_at_seven: Store) -> None:
    with open_at_seven.read() as first, open_at_seven.read() as second:
        assert first.reference.place("551020") is second.reference.place("551020")
        assert first.reference.calendar("state") is second.reference.calendar("state")


def test_versions_are_found_by_code_and_number(filled: Store) -> None:
    with filled.read() as reader:
        found = reader.reference.procedure_versions([("1.001193", 2), ("1.001193", 9), ("9.999999", 1)])
    assert list(found) == [("1.001193", 2)]
    assert found["1.001193", 2].valid_from == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Phường Hải Châu", "Hải Châu"),
        ("Thành phố Đà Nẵng", "Đà Nẵng"),
        ("Đặc khu Hoàng Sa", "Hoàng Sa"),
        ("Phường 1", "Phường 1"),
        ("Quận 10", "Quận 10"),
        ("Xã Xã Xã", "Xã Xã"),
    ],
)
def test_a_unit_is_called_without_its_kind_unless_a_number_is_left(name: str, short: str) -> None:
    assert short_name(name) == short
