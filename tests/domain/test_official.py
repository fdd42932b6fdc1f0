"""Codes of others are read in every generation, kept as received, and never made by us."""

from datetime import date

import pytest

from postal.domain import official
from postal.domain.official import Generation

S10_GENUINE = [
    "EB000717618HK",
    "EE471108151FR",
    "EH000123455VN",
    "RH473124829VN",
    "EB000000014VN",
    "RA123456785VN",
]


@pytest.mark.parametrize(
    ("text", "generation", "received_on"),
    [
        ("000.00.16.H52-230116-0004", Generation.CIRCULAR_2018, date(2023, 1, 16)),
        ("H52.17-230116-0001", Generation.DECISION_2020, date(2023, 1, 16)),
        ("H52-230116-0001", Generation.DECISION_2020, date(2023, 1, 16)),
        ("H52.17.05-230116-0001", Generation.DECISION_2020, date(2023, 1, 16)),
        ("H15.50.05.13-261008-0975", Generation.COMMUNE_2025, date(2026, 10, 8)),
        ("H17.101.05-260301-090001", Generation.CENTRAL_2026, date(2026, 3, 1)),
        ("H17.101.05-251201-090001", Generation.DECISION_2020, date(2025, 12, 1)),
    ],
)
def test_each_generation_of_official_codes_is_read(text: str, generation: Generation, received_on: date) -> None:
    code = official.parse_official(text)
    assert (code.text, code.generation, code.received_on) == (text, generation, received_on)


def test_an_official_code_is_kept_as_received_but_trimmed_and_in_capitals() -> None:
    assert str(official.parse_official("  h52.17-230116-0001\r\n")) == "H52.17-230116-0001"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "H52",
        "H52.17-230116",
        "H52.17-230116-001",
        "52.17-230116-0001",
        "H52.17.230116.0001",
        "H52.1\u0667-230116-0001",
    ],
)
def test_a_wrong_official_code_is_refused_with_an_example_of_a_right_one(text: str) -> None:
    with pytest.raises(official.WrongOfficialCode) as refusal:
        official.parse_official(text)
    assert "H52.17-230116-0001" in str(refusal.value)
    assert f"Đang có “{text}”" in str(refusal.value)


def test_a_day_that_does_not_exist_is_named_in_the_refusal() -> None:
    with pytest.raises(official.WrongOfficialDay) as refusal:
        official.parse_official("H52.17-230231-0001")
    assert "230231" in str(refusal.value)


def test_a_refusal_repeats_only_the_beginning_of_a_long_text() -> None:
    with pytest.raises(official.WrongOfficialCode) as refusal:
        official.parse_official("X" * 5000)
    assert len(str(refusal.value)) < 250


@pytest.mark.parametrize("text", S10_GENUINE)
def test_genuine_item_numbers_of_the_post_are_read(text: str) -> None:
    assert str(official.parse_s10(text.lower())) == text


def test_an_item_number_tells_its_service_and_country() -> None:
    number = official.parse_s10("EB 000 717 618 HK")
    assert (number.service, number.country) == ("EB", "HK")


@pytest.mark.parametrize("service", ["QP", "LX", "ZZ", "AA"])
def test_no_service_letter_is_a_reason_to_refuse(service: str) -> None:
    assert official.parse_s10(f"{service}123456785VN").service == service


@pytest.mark.parametrize("text", S10_GENUINE)
def test_a_wrong_digit_is_noticed_unless_the_standard_itself_cannot_see_it(text: str) -> None:
    unseen = 0
    for place in range(2, 11):
        for digit in "0123456789".replace(text[place], ""):
            try:
                official.parse_s10(text[:place] + digit + text[place + 1 :])
                unseen += 1
            except official.WrongS10Check:
                pass
    assert unseen == (7 if text[10] == "5" else 0)


@pytest.mark.parametrize(
    "text", ["RA12345678VN", "RA1234567855VN", "R1123456785VN", "RA123456785V", "RA12345678５VN", ""]
)
def test_a_text_of_another_shape_is_no_item_number(text: str) -> None:
    with pytest.raises(official.WrongS10) as refusal:
        official.parse_s10(text)
    assert "RA123456785VN" in str(refusal.value)
