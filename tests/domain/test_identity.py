"""People and organisations as typed or scanned: wrong numbers are refused with how many digits there are."""

from datetime import date

import pytest

from postal.domain import identity

CARD = "049205000137|201234567|Nguyễn Thị Thử|22031990|Nữ|Tổ 5, Hòa Khánh, Đà Nẵng|15062021"


def test_an_identity_card_fills_the_form() -> None:
    card = identity.parse_citizen_card(CARD)
    assert (card.number, card.old_number, card.full_name) == ("049205000137", "201234567", "Nguyễn Thị Thử")
    assert (card.born_on, card.issued_on) == (date(1990, 3, 22), date(2021, 6, 15))
    assert (card.sex, card.address) == ("Nữ", "Tổ 5, Hòa Khánh, Đà Nẵng")


def test_fields_missing_at_the_end_of_a_card_are_unknown() -> None:
    card = identity.parse_citizen_card("049205000137||Nguyễn Thị Thử")
    assert (card.number, card.full_name) == ("049205000137", "Nguyễn Thị Thử")
    assert [card.old_number, card.born_on, card.sex, card.address, card.issued_on] == [None] * 5


def test_fields_that_newer_cards_add_at_the_end_are_ignored() -> None:
    assert identity.parse_citizen_card(CARD + "|||x") == identity.parse_citizen_card(CARD)


@pytest.mark.parametrize("birth", ["1990", "31021990", "00001950", "2203199x", "01010000"])
def test_a_day_on_the_card_that_is_no_day_stays_unknown(birth: str) -> None:
    assert identity.parse_citizen_card(f"049205000137||Thử|{birth}").born_on is None


def test_the_name_on_a_card_is_stored_in_composed_form() -> None:
    decomposed = "Nguye\u0302\u0303n"
    assert identity.parse_citizen_card(f"049205000137||{decomposed}").full_name == "Nguyễn"


@pytest.mark.parametrize("text", ["", "|||", "04920500013|201234567|Thử", "04920500013x|201234567|Thử", "a|b|c"])
def test_a_card_without_its_number_is_refused(text: str) -> None:
    with pytest.raises(identity.WrongCard):
        identity.parse_citizen_card(text)


def test_a_card_never_shows_itself_in_a_log() -> None:
    assert repr(identity.parse_citizen_card(CARD)) == "CitizenCard(...)"


@pytest.mark.parametrize("text", ["049205000137", " 049 205 000 137 ", "049.205.000.137"])
def test_an_identity_number_has_twelve_digits(text: str) -> None:
    assert identity.parse_identity_number(text) == "049205000137"


@pytest.mark.parametrize(("text", "count"), [("04920500013", 11), ("", 0), ("201234567", 9), ("0492050001370", 13)])
def test_a_shorter_or_longer_identity_number_says_how_many_digits_it_has(text: str, count: int) -> None:
    with pytest.raises(identity.WrongIdentityNumber) as refusal:
        identity.parse_identity_number(text)
    assert str(refusal.value) == f"Số căn cước có 12 số. Đang có {count} số."


def test_a_letter_in_an_identity_number_is_named_but_the_number_is_not_repeated() -> None:
    with pytest.raises(identity.StrangeIdentityNumber) as refusal:
        identity.parse_identity_number("O4920500013l")
    assert str(refusal.value) == "Số căn cước chỉ gồm 12 chữ số. Bỏ ký tự O, L rồi gõ lại."


@pytest.mark.parametrize(
    ("text", "number"), [("c1234567", "C1234567"), ("N 1234567", "N1234567"), ("123456789", "123456789")]
)
def test_passports_of_any_country_are_accepted(text: str, number: str) -> None:
    assert identity.parse_passport(text) == number


@pytest.mark.parametrize("text", ["", "C1234", "C123456789", "ABCDEFGH", "C12345_7"])
def test_a_text_that_no_passport_carries_is_refused(text: str) -> None:
    with pytest.raises(identity.WrongPassport):
        identity.parse_passport(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0100233488", "0100233488"),
        ("0314409058-002", "0314409058-002"),
        ("0314409058002", "0314409058-002"),
        ("049205000137", "049205000137"),
    ],
)
def test_a_tax_code_is_of_an_organisation_its_branch_or_a_person(text: str, code: str) -> None:
    assert identity.parse_tax_code(text) == code


@pytest.mark.parametrize("genuine", ["0100233488", "0314409058"])
def test_every_single_wrong_digit_of_a_tax_code_is_noticed(genuine: str) -> None:
    for place in range(10):
        for digit in "0123456789".replace(genuine[place], ""):
            with pytest.raises(identity.WrongTaxCheck):
                identity.parse_tax_code(genuine[:place] + digit + genuine[place + 1 :])


@pytest.mark.parametrize(("text", "count"), [("010023348", 9), ("01002334881", 11), ("01002334B8", 9), ("", 0)])
def test_a_tax_code_of_another_length_says_how_many_digits_it_has(text: str, count: int) -> None:
    with pytest.raises(identity.WrongTaxCode) as refusal:
        identity.parse_tax_code(text)
    assert f"Đang có {count} số." in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0912345678", "+84912345678"),
        ("091 234 5678", "+84912345678"),
        ("+84 91.234.5678", "+84912345678"),
        ("+84 (0)91 234 5678", "+84912345678"),
        ("0084912345678", "+84912345678"),
        ("84912345678", "+84912345678"),
        ("0365 888 999", "+84365888999"),
        ("0584123456", "+84584123456"),
        ("0848412345", "+84848412345"),
        ("(0236) 3 821 123", "+842363821123"),
        ("+84 24 3825 1234", "+842438251234"),
    ],
)
def test_phone_numbers_are_stored_in_one_form(text: str, number: str) -> None:
    assert identity.parse_phone(text) == number
    assert identity.parse_phone(number) == number


@pytest.mark.parametrize(
    ("text", "count"), [("091234567", 9), ("09123456789", 11), ("", 0), ("912345678", 9), ("+8491234567", 9)]
)
def test_a_phone_number_of_another_length_says_how_many_digits_it_has(text: str, count: int) -> None:
    with pytest.raises(identity.WrongPhone) as refusal:
        identity.parse_phone(text)
    assert str(refusal.value) == f"Số điện thoại phải có 10 số, bắt đầu bằng 0. Đang có {count} số."


@pytest.mark.parametrize("text", ["0112345678", "0412345678", "0612345678", "0012345678"])
def test_a_start_that_no_vietnamese_number_has_is_refused_by_itself(text: str) -> None:
    with pytest.raises(identity.WrongPhoneStart):
        identity.parse_phone(text)


def test_a_landline_without_its_area_code_asks_for_it() -> None:
    with pytest.raises(identity.WrongLandline) as refusal:
        identity.parse_phone("0236382112")
    assert "Đang có 10 số. Nhập cả mã vùng." in str(refusal.value)


@pytest.mark.parametrize("text", ["09l2345678", "091234567８", "0912345678x"])
def test_a_letter_in_a_phone_number_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(identity.StrangePhone):
        identity.parse_phone(text)
