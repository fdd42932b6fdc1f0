"""Who decides a case, looked up from an address of any era."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from bench import competence as wards
from postal.domain.competence import NoCompetentPlace
from postal.domain.places import UnknownPlace
from postal.domain.procedures import UnknownProcedure
from postal.domain.who_decides import Answer, Outcome
from postal.queries import competence
from postal.store import Store
from tests import cast, databases

ON = date(2026, 11, 23)
BIRTH = "1.001193"


def asked(store: Store, address: str, *, procedure: str = BIRTH, at: datetime = cast.monday, **more: Any) -> Answer:
    return competence.answer(store, procedure=procedure, address=address, at=at, **more)


@databases.ON_SQLITE
def test_who_decides_comes_with_the_reason_and_its_basis(seeded: Store) -> None:
    found = competence.competent(seeded, "1.001193", case_commune="20410", on=ON)
    assert (found.authority.code, found.desk.code) == ("UB-20410", "MC-20410")
    assert "Luật Hộ tịch" in found.basis
    assert competence.competent(seeded, "3.000333", case_commune="20410", on=ON).desk.code == "MC-T48"
    with pytest.raises(NoCompetentPlace):
        competence.competent(seeded, "1.001193", case_commune="26740", on=ON)


def test_an_old_address_leads_to_desk_authority_and_lane_on_both_databases(seeded: Store) -> None:
    found = asked(seeded, "24 Bạch Đằng, phường Thạch Thang, quận Hải Châu, TP Đà Nẵng", handed_in="551000")
    assert found.outcome is Outcome.DECIDED
    assert found.competence is not None
    assert found.lane is not None
    assert found.reception is not None
    assert found.expected is not None
    assert (found.competence.authority.code, found.competence.desk.code) == ("UB-20242", "MC-20242")
    assert (found.lane.tier_days, found.lane.cutoff.hour) == (1, 15)
    three = (found.reception.handed_in, found.reception.received, found.reception.competent)
    assert [place.code for place in three] == ["551000", "MC-20242", "UB-20242"]
    assert "Phường Thạch Thang, Quận Hải Châu, Thành phố Đà Nẵng trước 01/7/2025" in found.steps[0].text
    assert any(f"J+{found.lane.tier_days}, chốt 15:00" in step.text for step in found.steps)
    assert all(step.text for step in found.steps)


def test_a_divided_ward_is_asked_about_and_both_texts_are_kept_on_both_databases(seeded: Store) -> None:
    typed = "thôn 5, xã Hòa Liên, huyện Hòa Vang, Đà Nẵng"
    found = asked(seeded, typed)
    assert (found.outcome, found.competence) == (Outcome.NEEDS_CHOICE, None)
    assert {each.code for each in found.candidates} == {"20194", "20197"}
    assert all("Xã Hòa Liên" in each.formerly for each in found.candidates)
    assert "đã chia về 2 đơn vị mới" in found.next_step
    chosen = asked(seeded, typed, chosen="20194")
    assert chosen.outcome is Outcome.DECIDED
    assert chosen.address == typed
    assert typed in chosen.steps[0].text
    assert "đã chọn Phường Hải Vân" in chosen.steps[0].text


@databases.ON_SQLITE
def test_a_commune_without_a_published_desk_says_so_with_the_next_step(seeded: Store) -> None:
    found = asked(seeded, "phường Bến Nghé, quận 1, TP HCM")
    assert (found.outcome, found.competence) == (Outcome.NOT_PUBLISHED, None)
    assert found.commune is not None
    assert found.commune.name == "Phường Sài Gòn"
    assert "nhờ quản trị nhập danh mục" in found.next_step
    assert found.steps


@databases.ON_SQLITE
def test_only_a_district_leaves_its_communes_to_choose_from(seeded: Store) -> None:
    found = asked(seeded, "Quận Hải Châu, Đà Nẵng")
    assert {each.code for each in found.candidates} == {"20242", "20257"}


@databases.ON_SQLITE
def test_an_address_nobody_can_read_asks_for_more(seeded: Store) -> None:
    found = asked(seeded, "12 đường không tên")
    assert (found.outcome, found.candidates) == (Outcome.NEEDS_CHOICE, ())
    assert "Ghi rõ tên xã, phường" in found.next_step


@databases.ON_SQLITE
def test_a_desk_of_another_province_does_not_receive_and_says_what_to_do(seeded: Store) -> None:
    found = asked(seeded, "phường Hội An, Đà Nẵng", handed_in="MC-00070")
    assert found.reception is not None
    assert not found.reception.may_receive
    assert found.next_step.startswith("Gửi qua bưu điện đến Trung tâm Phục vụ hành chính công phường Hội An")


@databases.ON_SQLITE
def test_what_is_in_no_list_is_refused(seeded: Store) -> None:
    with pytest.raises(UnknownProcedure):
        asked(seeded, "phường Hải Châu, Đà Nẵng", procedure="9.999999")
    with pytest.raises(UnknownPlace):
        asked(seeded, "phường Hải Châu, Đà Nẵng", handed_in="KHONG-CO")


# --- the whole list of old wards --------------------------------------------------------------------------------------


def test_of_all_old_wards_none_is_read_as_a_wrong_commune(full_data: Path) -> None:
    """Most lead to the right commune; the divided, the misspelled and the doubtful ask, with the right one there."""
    told = wards.old_wards(full_data / "vn_wards_old_to_new.csv")
    assert told["wards"] > 10_000
    assert "one, wrong" not in told
    assert told["one, right"] >= 9500
    assert told["asks, divided"] >= 480
    assert told["asks, right not among them"] <= 2
