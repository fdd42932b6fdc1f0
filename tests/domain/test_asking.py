"""Who asks at a counter is found by full name and year of birth."""

import pytest

from postal.domain import asking
from postal.domain.asking import NameAlone, NameAndYear, NotAYear
from postal.domain.people import Person


@pytest.mark.parametrize(
    ("person", "year"),
    [
        (Person(name="A", birth="1980-05-01"), 1980),
        (Person(name="A", birth="01/05/1980"), 1980),
        (Person(name="A", birth="1980"), 1980),
        (Person(name="A", identity_number="001087000001"), 1987),
        (Person(name="A", identity_number="001187000001"), 1987),
        (Person(name="A", identity_number="001305000001"), 2005),
        (Person(name="A", birth="1980-05-01", identity_number="001305000001"), 1980),
        (Person(name="A", passport="C1234567"), None),
        (Person(name="Công ty", tax_code="0100233488"), None),
    ],
)
def test_the_year_of_birth_is_the_cards_else_the_numbers(person: Person, year: int | None) -> None:
    assert asking.year_of_birth(person) == year


def test_a_person_is_meant_whatever_marks_and_case_were_typed() -> None:
    khanh = Person(name="Nguyễn Văn Khánh", birth="1980-05-01")
    assert NameAndYear("nguyen van khanh", 1980).is_meant(khanh)
    assert not NameAndYear("nguyen van khanh", 1981).is_meant(khanh)
    assert not NameAndYear("van khanh", 1980).is_meant(khanh)


@pytest.mark.parametrize("text", ["", "1980", "Khánh", "Khánh 1980", "Nguyễn Văn Khánh", "Nguyễn Văn Khánh 80"])
def test_a_name_alone_or_half_a_name_is_not_enough(text: str) -> None:
    with pytest.raises(NameAlone):
        asking.read_name_and_year(text)


def test_name_and_year_hide_in_logs() -> None:
    who = asking.read_name_and_year("  Nguyễn Văn Khánh, 1980 ")
    assert (who.name, who.year) == ("Nguyễn Văn Khánh", 1980)
    assert "Khánh" not in repr(who)


@pytest.mark.parametrize("text", ["80", "1899", "2100", "198o", "19800", "١٩٨٠", "-198"])
def test_a_year_has_four_digits_in_living_memory(text: str) -> None:
    with pytest.raises(NotAYear):
        asking.read_year(text)
