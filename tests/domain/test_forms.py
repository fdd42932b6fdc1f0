"""Which set of forms applied on a day: every day has one, and the numbers shifted when a seventh form came."""

import itertools
from datetime import date, timedelta

import pytest

from postal.domain import forms
from postal.domain.forms import FORM_SETS, FormKind, NoSuchForm


def test_every_day_has_exactly_one_set() -> None:
    assert FORM_SETS[0].valid_from is None
    assert FORM_SETS[-1].valid_to is None
    for earlier, later in itertools.pairwise(FORM_SETS):
        assert earlier.valid_to is not None
        assert later.valid_from == earlier.valid_to + timedelta(days=1)


@pytest.mark.parametrize(
    ("on", "circular", "control"),
    [
        (date(2019, 3, 1), "01/2018", "Mẫu số 05"),
        (date(2025, 6, 30), "01/2018", "Mẫu số 05"),
        (date(2025, 7, 1), "01/2018", "Mẫu số 05"),
        (date(2025, 9, 14), "01/2018", "Mẫu số 05"),
        (date(2025, 9, 15), "03/2025", "Mẫu số 06"),
        (date(2026, 11, 22), "03/2025", "Mẫu số 06"),
    ],
)
def test_the_day_of_reception_decides_the_number(on: date, circular: str, control: str) -> None:
    found = forms.in_force(on)
    assert circular in found.circular
    assert found.label(FormKind.CONTROL) == control


def test_the_older_set_has_six_forms_and_the_present_one_seven() -> None:
    older, present = FORM_SETS[0], FORM_SETS[-1]
    assert sorted(older.numbers.values()) == [1, 2, 3, 4, 5, 6]
    assert sorted(present.numbers.values()) == [1, 2, 3, 4, 5, 6, 7]
    assert {kind for kind in FormKind if older.numbers.get(kind) != present.numbers[kind]} == {
        FormKind.STOP,
        FormKind.CONTROL,
        FormKind.REGISTER,
    }


def test_nobody_stopped_a_dossier_by_form_before_2025() -> None:
    with pytest.raises(NoSuchForm, match="Thông tư số 01/2018/TT-VPCP không có “Thông báo dừng giải quyết hồ sơ”"):
        FORM_SETS[0].number(FormKind.STOP)
    with pytest.raises(NoSuchForm, match="Mẫu số 07"):
        FORM_SETS[0].kind(7)
    assert FORM_SETS[0].kind(5) is FormKind.CONTROL
    assert FORM_SETS[-1].kind(5) is FormKind.STOP


def test_what_nobody_verified_says_so() -> None:
    unverified = [each for each in FORM_SETS if "chưa xác minh" in each.basis]
    assert [each.valid_from for each in unverified] == [date(2025, 7, 1), date(2025, 9, 15)]
    assert all(each.basis for each in FORM_SETS)
