"""What the product ships besides units: everything refers to something, and everything has a basis."""

import csv
import unicodedata
from pathlib import Path

from postal.domain.clocks import Limit, Unit
from postal.domain.places import Era, Level, PlaceKind
from postal.services import shipped

UNITS_OF_THE_LIST = {"ngày làm việc": Unit.WORKING_DAYS, "ngày": Unit.CALENDAR_DAYS}


def one_form(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def communes() -> dict[str, str]:
    found = shipped.units().units
    return {u.code: u.province_code for u in found if u.era is Era.SINCE_2025 and u.level is Level.COMMUNE}


def test_every_place_stands_in_a_commune_of_its_province() -> None:
    known = communes()
    for place in shipped.places():
        assert place.unit is not None
        assert known[place.unit] == place.province_code
        assert place.basis


def test_no_code_is_given_twice() -> None:
    places = [place.code for place in shipped.places()]
    assert len(set(places)) == len(places)
    assert len({(v.code, v.version) for v in shipped.procedures()}) == len(shipped.procedures())


def test_every_commune_of_da_nang_has_a_desk_and_a_committee() -> None:
    codes = {place.code for place in shipped.places()}
    of_da_nang = [code for code, province in communes().items() if province == "48"]
    assert len(of_da_nang) == 94
    assert {f"{kind}-{code}" for code in of_da_nang for kind in ("MC", "UB", "CX")} <= codes


def test_every_round_visits_communes_from_an_office_that_delivers() -> None:
    offices = {place.code: place for place in shipped.places() if place.kind is PlaceKind.OFFICE}
    known = communes()
    for round_ in shipped.territories():
        assert offices[round_.office].delivers
        assert all(known[code] == offices[round_.office].province_code for code in round_.communes)
        assert "mẫu" in round_.basis
    assert [round_.code for round_ in shipped.territories() if round_.postman is None] == ["564200-01"]
    visited = [code for round_ in shipped.territories() for code in round_.communes]
    assert len(set(visited)) == len(visited)


def test_every_lane_leads_from_and_to_something_known() -> None:
    codes = {place.code for place in shipped.places()} | {"*"} | {f"province:{code}" for code in communes().values()}
    for lane in shipped.lanes():
        assert lane.origin in codes
        assert lane.destination in codes
        assert "TT" in lane.basis or "Thông tư 17/2017" in lane.basis


def test_every_procedure_and_every_paper_has_a_basis() -> None:
    for version in shipped.procedures():
        assert version.basis
        assert version.fee is None
        assert all(paper.basis for paper in version.papers)
        assert version.carriable is not False or version.why_not


def test_a_paper_list_called_verified_names_no_unread_article() -> None:
    verified = [version for version in shipped.procedures() if version.papers_verified]
    assert [version.code for version in verified] == ["1.001193"]
    assert all("chưa đối chiếu" not in paper.basis for version in verified for paper in version.papers)
    others = [version for version in shipped.procedures() if version.papers and not version.papers_verified]
    assert all("chưa đối chiếu" in paper.basis for version in others for paper in version.papers)


def test_every_competent_department_of_a_procedure_exists_in_da_nang() -> None:
    there = {place.department for place in shipped.places() if place.province_code == "48"}
    for version in shipped.procedures():
        assert version.competence is not None
        assert version.competence.department in there


def test_the_calendars_of_the_state_and_of_the_post_are_there() -> None:
    assert sorted(shipped.calendars()) == ["post", "state"]


def test_every_procedure_is_in_the_national_catalogue_under_that_name(full_data: Path) -> None:
    with (full_data / "tthc_catalogue_2026.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = {row["code"]: row for row in csv.DictReader(file)}
    for version in shipped.procedures():
        assert version.name == one_form(listed[version.code]["name"])
        assert version.field == one_form(listed[version.code]["field"])


def test_every_verified_limit_is_the_one_of_the_national_list(full_data: Path) -> None:
    listed: dict[tuple[str, str], set[tuple[str, Limit | None]]] = {}
    with (full_data / "tthc_durations.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            unit = UNITS_OF_THE_LIST.get(row["duration_unit"])
            is_plain = unit is not None and row["duration_number"].isdigit() and row["duration_number"] != "0"
            limit = Limit(int(row["duration_number"]), unit) if unit and is_plain else None
            listed.setdefault((row["code"], row["channel"]), set()).add((row["level"], limit))
    for version in shipped.procedures():
        channel = "Trực tiếp" if version.code == "3.000347" else "Dịch vụ bưu chính"
        if version.verified:
            assert listed[version.code, channel] == {(version.level, version.limit)}
        else:
            assert (version.code, channel) not in listed


def test_every_office_is_in_the_public_list_at_that_address(full_data: Path) -> None:
    with (full_data / "vnpost_offices.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = {row["code"]: row for row in csv.DictReader(file)}
    offices = [place for place in shipped.places() if place.kind is PlaceKind.OFFICE]
    assert len(offices) == 34
    for place in offices:
        assert place.address == one_form(listed[place.code]["detailAddress"])
        assert place.phone.endswith(listed[place.code]["phone"])
        assert place.phone.startswith("02")
