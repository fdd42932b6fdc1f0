"""Versions, what the post may carry, and who is competent."""

from dataclasses import replace
from datetime import date

import pytest

from postal.domain import procedures
from postal.domain.places import Level
from postal.domain.procedures import (
    CompetenceRule,
    NotCarriable,
    PaperRequired,
    ProcedureVersion,
    UnknownProcedure,
)

BIRTH = ProcedureVersion(
    code="1.001193",
    name="Đăng ký khai sinh",
    basis="mẫu",
    carriable=True,
    competence=CompetenceRule(level=Level.COMMUNE, department="UBND_XA", basis="Luật Hộ tịch Điều 13"),
)
MARRIAGE = replace(
    BIRTH,
    code="1.000894",
    name="Đăng ký kết hôn",
    carriable=False,
    result_carriable=False,
    why_not="hai bên phải có mặt.",
)
IDENTITY_CARD = replace(BIRTH, code="1.014063", carriable=False, result_carriable=True, why_not="phải lấy vân tay.")


def test_the_post_may_not_carry_what_needs_the_person_there() -> None:
    with pytest.raises(NotCarriable) as refusal:
        procedures.must_carry(MARRIAGE, sends=True, receives=False)
    assert "Đăng ký kết hôn" in str(refusal.value)
    assert "hai bên phải có mặt" in str(refusal.value)
    assert "Mời khách nộp tại" in str(refusal.value)


def test_the_result_of_a_procedure_that_needs_the_person_may_still_come_by_post() -> None:
    procedures.must_carry(IDENTITY_CARD, sends=False, receives=True)
    with pytest.raises(NotCarriable):
        procedures.must_carry(IDENTITY_CARD, sends=True, receives=True)


def test_what_nobody_has_verified_blocks_nothing() -> None:
    procedures.must_carry(replace(BIRTH, carriable=None, result_carriable=None), sends=True, receives=True)


def test_the_version_of_the_day_of_reception_counts() -> None:
    first = replace(BIRTH, version=1, valid_from=None, valid_to=date(2026, 2, 28))
    second = replace(BIRTH, version=2, valid_from=date(2026, 3, 1))
    both = [second, first]
    assert procedures.in_force(both, code=BIRTH.code, on=date(2026, 2, 28)) is first
    assert procedures.in_force(both, code=BIRTH.code, on=date(2026, 3, 1)) is second


def test_a_procedure_nobody_entered_is_refused_by_its_code() -> None:
    with pytest.raises(UnknownProcedure, match=r"9\.999999"):
        procedures.in_force([BIRTH], code="9.999999", on=date(2026, 3, 1))


@pytest.mark.parametrize(
    ("asked", "given", "enough"),
    [
        ((1, 0, 0), (1, 0, 0), True),
        ((1, 0, 0), (0, 1, 5), False),
        ((0, 1, 0), (1, 0, 0), True),
        ((0, 0, 2), (1, 1, 0), True),
        ((0, 0, 2), (1, 0, 0), False),
        ((2, 0, 1), (2, 0, 0), False),
        ((1, 1, 0), (2, 0, 0), True),
        ((0, 0, 0), (0, 0, 1), True),
        ((0, 0, 0), (0, 0, 0), False),
    ],
)
def test_a_better_form_of_a_paper_stands_in_for_a_lesser_one_and_never_the_other_way(
    asked: tuple[int, int, int], given: tuple[int, int, int], enough: bool
) -> None:
    line = PaperRequired(name="Đơn", originals=asked[0], certified=asked[1], copies=asked[2])
    assert procedures.is_enough(line, originals=given[0], certified=given[1], copies=given[2]) is enough
