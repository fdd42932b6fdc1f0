"""Delegation: an authority lets another unit decide, between two days."""

from dataclasses import replace
from datetime import date

import pytest

from postal.domain import delegations
from postal.domain.delegations import Delegation, WrongDelegation
from postal.domain.places import Level
from postal.domain.procedures import CompetenceRule, ProcedureVersion

PROCEDURE = ProcedureVersion(
    code="1.013225",
    name="Cấp giấy phép xây dựng",
    field="Xây dựng",
    basis="mẫu",
    competence=CompetenceRule(level=Level.PROVINCE, department="SO_XAY_DUNG", basis="mẫu"),
)
BY_FIELD = Delegation(
    code="UQ-1",
    authority="SO-48-XD",
    delegate="UB-20242",
    field="xây dựng",
    basis="QĐ 1/QĐ-SXD",
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 12, 31),
)
BY_CODE = replace(BY_FIELD, code="UQ-2", field="", procedure="1.013225", delegate="UB-20410")


def holding(*known: Delegation, on: date = date(2026, 11, 23)) -> Delegation | None:
    return delegations.in_force(known, authority="SO-48-XD", procedure=PROCEDURE, on=on)


def test_a_delegation_holds_from_its_first_day_to_its_last() -> None:
    assert holding(BY_FIELD, on=date(2025, 12, 31)) is None
    assert holding(BY_FIELD, on=date(2026, 1, 1)) == BY_FIELD
    assert holding(BY_FIELD, on=date(2026, 12, 31)) == BY_FIELD
    assert holding(BY_FIELD, on=date(2027, 1, 1)) is None


def test_one_procedure_goes_before_its_field() -> None:
    assert holding(BY_FIELD, BY_CODE) == BY_CODE


def test_what_another_authority_delegates_is_nothing_to_this_one() -> None:
    assert holding(replace(BY_FIELD, authority="SO-48-TP")) is None


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (replace(BY_FIELD, delegate="SO-48-XD"), "cho chính mình"),
        (replace(BY_FIELD, field=""), "thủ tục hoặc một lĩnh vực"),
        (replace(BY_FIELD, procedure="1.013225"), "thủ tục hoặc một lĩnh vực"),
        (replace(BY_FIELD, basis=""), "thiếu căn cứ"),
        (replace(BY_FIELD, valid_to=date(2025, 12, 31)), "ngày cuối trước ngày đầu"),
    ],
)
def test_a_delegation_that_contradicts_itself_is_refused(wrong: Delegation, why: str) -> None:
    with pytest.raises(WrongDelegation, match=why):
        delegations.check(wrong, others=(), named="Sở Xây dựng")


def test_two_delegations_of_the_same_thing_never_hold_on_one_day() -> None:
    later = replace(BY_FIELD, code="UQ-3", delegate="UB-20410", valid_from=date(2026, 12, 31), valid_to=None)
    with pytest.raises(WrongDelegation, match="trùng thời gian với ủy quyền UQ-1"):
        delegations.check(later, others=[BY_FIELD], named="Sở Xây dựng")
    delegations.check(replace(later, valid_from=date(2027, 1, 1)), others=[BY_FIELD], named="Sở Xây dựng")


def test_what_is_delegated_is_not_delegated_on() -> None:
    onward = replace(BY_FIELD, code="UQ-4", authority="UB-20242", delegate="UB-20410")
    with pytest.raises(WrongDelegation, match="không ủy quyền tiếp"):
        delegations.check(onward, others=[BY_FIELD], named="UBND phường Hải Châu")
