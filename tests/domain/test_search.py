"""What people type finds what the state prints."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postal.domain import search


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Đống Đa", "dong da"),
        ("ĐIỆN", "dien"),
        ("hoà", "hoa"),
        ("hòa", "hoa"),
        ("  Xã\t Hoà   Khánh ", "xa hoa khanh"),
        ("Đắk R’Lấp", "dak rlap"),
        ("Phan Rang - Tháp Chàm", "phan rang thap cham"),
        ("2.000635", "2.000635"),
        ("", ""),
    ],
)
def test_marks_strokes_and_spaces_make_no_difference(typed: str, found: str) -> None:
    assert search.fold(typed) == found


def test_both_ways_of_writing_a_letter_fold_to_the_same() -> None:
    composed = unicodedata.normalize("NFC", "Phường Hoà Thuận Đông")
    assert search.fold(composed) == search.fold(unicodedata.normalize("NFD", composed))


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert search.fold(search.fold(text)) == search.fold(text)


def test_usual_abbreviations_are_written_out() -> None:
    assert search.words("TP.HCM, TX") == ("tp.hcm", "thi", "xa")
    assert search.words("tp. hcm") == ("thanh", "pho", "ho", "chi", "minh")


def test_a_word_is_found_by_its_beginning_not_by_its_middle() -> None:
    assert search.matches("phuong dong da", ("da", "ph"))
    assert not search.matches("phuong dong da", ("ong",))
