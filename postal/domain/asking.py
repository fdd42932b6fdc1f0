"""A citizen who asks at a counter is found by a code, or by full name and year of birth: never by a name alone."""

import re
from dataclasses import dataclass, field

from postal.domain.people import Person
from postal.domain.refusals import Refused
from postal.domain.search import fold

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_NAME_AND_YEAR = re.compile(r"(?P<name>.*[^\s,])[\s,]+(?P<year>(?:19|20)[0-9]{2})")


class NameAlone(Refused):
    """Many people share a name; whoever looks one up must know more than that."""

    code = "name_alone"
    vi = "Tìm theo họ tên phải kèm năm sinh, ví dụ: Nguyễn Văn An 1980. Hỏi khách năm sinh, hoặc hỏi mã trên phiếu gửi."
    en = "A name is looked up together with the year of birth, such as Nguyễn Văn An 1980."


class NotAYear(Refused):
    """A year of birth has four digits and lies in living memory."""

    code = "not_a_year"
    vi = "Năm sinh “{text}” không đúng. Nhập 4 chữ số, ví dụ 1980."
    en = "“{text}” is no year of birth. Enter four digits, such as 1980."


@dataclass(frozen=True, slots=True)
class NameAndYear:
    """Who is asked for, hidden in `repr`."""

    name: str = field(repr=False)
    year: int = field(repr=False)

    @property
    def is_full(self) -> bool:
        """Tell whether it is a full name: two words at least."""
        return len(fold(self.name).split()) > 1

    def is_meant(self, person: Person) -> bool:
        """Tell whether a person has this name, marks and case ignored, and was born in this year."""
        return fold(person.name) == fold(self.name) and year_of_birth(person) == self.year


def read_name_and_year(text: str) -> NameAndYear:
    """Return the name and the year at the end of a text.

    Raises: NameAlone.

    >>> read_name_and_year("nguyễn văn an 1980").year
    1980
    """
    found = _NAME_AND_YEAR.fullmatch(text.strip())
    if found is None:
        raise NameAlone
    return must_be_full(NameAndYear(found["name"], int(found["year"])))


def must_be_full(who: NameAndYear) -> NameAndYear:
    """Return a full name with its year. Raises: NameAlone."""
    if not who.is_full:
        raise NameAlone
    return who


def read_year(text: str) -> int:
    """Return a year of birth. Raises: NotAYear."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and _FIRST_YEAR <= int(digits[:4]) < _LAST_YEAR and len(digits) == 4):
        raise NotAYear(text=text[:12])
    return int(digits)


def year_of_birth(person: Person) -> int | None:
    """Return when a person was born: as the card said, else as the identity number says; None when nobody knows.

    The fourth digit of the number gives sex and century, the next two the year (NĐ 137/2015 Đ.13).

    >>> year_of_birth(Person(name="A", identity_number="049205000137"))
    2005
    """
    if person.birth[:4].isdigit():
        return int(person.birth[:4])
    if person.birth[-4:].isdigit():
        return int(person.birth[-4:])
    number = person.identity_number
    if len(number) != 12 or not number.isdigit():
        return None
    return _FIRST_YEAR + 100 * (int(number[3]) // 2) + int(number[4:6])
