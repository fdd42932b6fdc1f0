"""Roles, positions, custodians: who acts for whom."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postal.domain import people
from postal.domain.people import (
    POSITION_NAMES,
    POSITION_SIDES,
    ROLE_NAMES,
    Custodian,
    CustodianKind,
    Position,
    PositionKind,
    Role,
    Side,
)
from tests import cast
from tests.cast import counter, hoa, lan, nam


def test_every_role_and_position_has_a_name_and_every_position_a_side() -> None:
    assert set(ROLE_NAMES) == set(Role)
    assert set(POSITION_NAMES) == set(POSITION_SIDES) == set(PositionKind)
    names = [*ROLE_NAMES.values(), *POSITION_NAMES.values()]
    assert all(name and name == unicodedata.normalize("NFC", name) for name in names)


def test_the_head_of_a_desk_heads_no_post_office() -> None:
    assert (
        people.role_names(frozenset({Role.DESK_OFFICER, Role.CONTROLLER})) == "Người phụ trách đơn vị, Cán bộ Một cửa"
    )
    assert people.role_names(frozenset({Role.CONTROLLER})) == "Kiểm soát viên, trưởng bưu cục"
    assert people.role_names(frozenset()) == ""


@given(st.from_regex(r"[0-9A-Z-]{1,12}", fullmatch=True), st.sampled_from(PositionKind), st.integers(1, 99))
def test_the_key_of_a_position_tells_the_position(place: str, kind: PositionKind, number: int) -> None:
    position = Position(place=place, kind=kind, number=number)
    assert people.parse_position(position.key) == position


@pytest.mark.parametrize("key", ["", "551000", "551000:till", "551000:counter.x"])
def test_a_key_that_is_no_position_is_not_taken_for_one(key: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        people.parse_position(key)


def test_the_first_counter_has_no_number_in_its_key_or_name() -> None:
    assert (counter.key, counter.name) == ("551000:counter", "Quầy giao dịch – Bưu cục Trung tâm Đà Nẵng")
    assert cast.second_counter.key == "551000:counter.2"
    assert cast.second_counter.name.startswith("Quầy giao dịch 2 – ")


def test_an_actor_acts_for_the_positions_held_and_for_nobody_elses() -> None:
    assert lan.acts_for(counter)
    assert not hoa.acts_for(counter)
    assert not lan.acts_for(None)


def test_a_postman_acts_for_himself_on_his_run() -> None:
    assert nam.acts_for(cast.nam_on_his_run)
    assert not lan.acts_for(cast.nam_on_his_run)


def test_nobody_acts_for_a_citizen_not_even_an_account_of_that_name() -> None:
    citizen = people.citizen_custodian(cast.DOSSIER)
    assert not replace(lan, account=cast.DOSSIER, positions=frozenset({cast.DOSSIER})).acts_for(citizen)


def test_a_custodian_is_the_same_whatever_it_was_called() -> None:
    assert counter.is_same_as(replace(counter, name="Quầy cũ"))
    assert not counter.is_same_as(cast.second_counter)
    assert not counter.is_same_as(None)
    assert not counter.is_same_as(replace(counter, kind=CustodianKind.PERSON))


@pytest.mark.parametrize(
    ("custodian", "travels"),
    [
        (cast.transport, True),
        (cast.at(cast.OFFICE, PositionKind.TRANSPORT, 2), True),
        (cast.nam_on_his_run, True),
        (counter, False),
        (cast.desk, False),
        (people.citizen_custodian(cast.DOSSIER), False),
        (Custodian(kind=CustodianKind.POSITION, key="strange", side=Side.POST), False),
    ],
    ids=str,
)
def test_what_transport_and_postmen_hold_is_on_the_road(custodian: Custodian, travels: bool) -> None:
    assert custodian.is_on_the_road is travels


def test_an_event_keeps_the_account_and_place_of_an_actor_and_not_the_name() -> None:
    author = lan.as_author()
    assert (author.account, author.place) == ("lan", cast.OFFICE)
    assert lan.name not in repr(author)
