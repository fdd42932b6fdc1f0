"""Amounts in words: as a cashier reads them, every number in one way only."""

import doctest

import pytest

from labels import amount

SPOKEN = {
    0: "không",
    1: "một",
    5: "năm",
    10: "mười",
    11: "mười một",
    14: "mười bốn",
    15: "mười lăm",
    20: "hai mươi",
    21: "hai mươi mốt",
    24: "hai mươi tư",
    25: "hai mươi lăm",
    55: "năm mươi lăm",
    100: "một trăm",
    101: "một trăm linh một",
    104: "một trăm linh bốn",
    105: "một trăm linh năm",
    110: "một trăm mười",
    115: "một trăm mười lăm",
    121: "một trăm hai mươi mốt",
    555: "năm trăm năm mươi lăm",
    1_000: "một nghìn",
    1_001: "một nghìn không trăm linh một",
    1_010: "một nghìn không trăm mười",
    5_500: "năm nghìn năm trăm",
    15_000: "mười lăm nghìn",
    21_000: "hai mươi mốt nghìn",
    30_000: "ba mươi nghìn",
    135_000: "một trăm ba mươi lăm nghìn",
    204_504: "hai trăm linh bốn nghìn năm trăm linh bốn",
    1_000_000: "một triệu",
    1_000_005: "một triệu không trăm linh năm",
    1_005_000: "một triệu không trăm linh năm nghìn",
    1_250_000: "một triệu hai trăm năm mươi nghìn",
    10_005_000: "mười triệu không trăm linh năm nghìn",
    24_024_024: "hai mươi tư triệu không trăm hai mươi tư nghìn không trăm hai mươi tư",
    1_000_000_000: "một tỷ",
    1_000_000_001: "một tỷ không trăm linh một",
    1_021_000_105: "một tỷ không trăm hai mươi mốt triệu một trăm linh năm",
    2_015_000_000: "hai tỷ không trăm mười lăm triệu",
    1_000_000_000_000: "một nghìn tỷ",
    1_005_000_000_000: "một nghìn không trăm linh năm tỷ",
}


@pytest.mark.parametrize(("number", "words"), SPOKEN.items())
def test_an_amount_is_written_as_it_is_spoken(number: int, words: str) -> None:
    assert amount.in_words(number) == f"{words} đồng"


def test_no_two_amounts_are_written_alike() -> None:
    numbers = [*range(12_000), *(n * 1_000 for n in range(12, 3_000)), *(n * 1_000_000 for n in range(3, 2_000))]
    assert len({amount.in_words(number) for number in numbers}) == len(numbers)


def test_less_than_nothing_has_no_words() -> None:
    with pytest.raises(ValueError, match="never negative"):
        amount.in_words(-1)


def test_the_examples_hold() -> None:
    assert doctest.testmod(amount).failed == 0
