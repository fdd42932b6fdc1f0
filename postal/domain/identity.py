"""Who somebody is, as typed or scanned: identity card and number, passport, tax code, phone.

Refusals never repeat the number itself: they end up on screens and in logs.

>>> parse_phone("0912 345 678")
'+84912345678'
>>> parse_identity_number("04920500013")
Traceback (most recent call last):
    ...
postal.domain.identity.WrongIdentityNumber: Số căn cước có 12 số. Đang có 11 số.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from postal.domain import codes
from postal.domain.refusals import Refused

IDENTITY_DIGITS = 12
MOBILE_DIGITS = 10
_TAX_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_TAX_CODE = re.compile(r"(?P<main>[0-9]{10})(?P<branch>[0-9]{3})?")
_PASSPORT = re.compile(r"(?=.*[0-9])[0-9A-Z]{6,9}")
_MOBILE = re.compile(r"0[35789][0-9]{8}")
_LANDLINE = re.compile(r"02[0-9]{9}")
_COUNTRY_PREFIX = re.compile(r"^(?:(?:\+|00)84|84(?=0?[2-9][0-9]{8,9}$))0?")
_NOT_A_NUMBER = re.compile(r"[^0-9]")
_CARD_SEPARATOR = "|"
_CARD_FIELDS = 7


class WrongIdentityNumber(Refused):
    """An identity number has twelve digits."""

    code = "wrong_identity_number"
    vi = "Số căn cước có 12 số. Đang có {count} số."
    en = "An identity number has 12 digits. This one has {count}."


class StrangeIdentityNumber(WrongIdentityNumber):
    """Something that is no digit stands in an identity number."""

    code = "strange_identity_number"
    vi = "Số căn cước chỉ gồm 12 chữ số. Bỏ ký tự {strangers} rồi gõ lại."
    en = "An identity number is 12 digits only. Remove {strangers} and type it again."


class WrongCard(Refused):
    """The scanned text is no QR code of an identity card."""

    code = "wrong_card"
    vi = "Mã QR trên căn cước đọc chưa đủ. Quét lại, hoặc gõ số căn cước và họ tên."
    en = "The QR code of the identity card was not read completely. Scan again, or type the number and name."


class WrongPassport(Refused):
    """A passport number has six to nine letters and digits."""

    code = "wrong_passport"
    vi = "Số hộ chiếu có 6 đến 9 chữ và số, ví dụ C1234567. Đang có {count} ký tự. Đối chiếu hộ chiếu rồi gõ lại."
    en = "A passport number has 6 to 9 letters and digits, such as C1234567. This one has {count} characters."


class WrongTaxCode(Refused):
    """A tax code has ten digits, ten and three, or is a twelve-digit identity number."""

    code = "wrong_tax_code"
    vi = (
        "Mã số thuế có 10 số, 13 số (đơn vị phụ thuộc), hoặc 12 số của căn cước. "
        "Đang có {count} số. Đối chiếu đăng ký doanh nghiệp rồi gõ lại."
    )
    en = "A tax code has 10 digits, 13 for a dependent unit, or the 12 of an identity number. This one has {count}."


class WrongTaxCheck(WrongTaxCode):
    """The tenth digit of a tax code does not fit."""

    code = "wrong_tax_check"
    vi = "Mã số thuế sai 1 số. Đối chiếu đăng ký doanh nghiệp rồi gõ lại."
    en = "One digit of the tax code is wrong. Compare it with the registration and type it again."


class WrongPhone(Refused):
    """A phone number has ten digits and starts with 0."""

    code = "wrong_phone"
    vi = "Số điện thoại phải có 10 số, bắt đầu bằng 0. Đang có {count} số."
    en = "A phone number has 10 digits and starts with 0. This one has {count}."


class StrangePhone(WrongPhone):
    """Something that is no digit stands in a phone number."""

    code = "strange_phone"
    vi = "Số điện thoại chỉ gồm chữ số. Bỏ ký tự {strangers} rồi gõ lại."
    en = "A phone number is digits only. Remove {strangers} and type it again."


class WrongLandline(WrongPhone):
    """A landline number has eleven digits and starts with 02."""

    code = "wrong_landline"
    vi = "Số điện thoại cố định bắt đầu bằng 02 và có 11 số. Đang có {count} số. Nhập cả mã vùng."
    en = "A landline number starts with 02 and has 11 digits. This one has {count}. Add the area code."


class WrongPhoneStart(WrongPhone):
    """No Vietnamese number starts like this."""

    code = "wrong_phone_start"
    vi = "Số di động bắt đầu bằng 03, 05, 07, 08 hoặc 09; số cố định bắt đầu bằng 02. Hỏi lại số điện thoại."
    en = "A mobile number starts with 03, 05, 07, 08 or 09, a landline with 02. Ask for the number again."


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CitizenCard:
    """What the QR code of an identity card says; its `repr` tells nothing, so that no log can."""

    number: str
    old_number: str | None = None
    full_name: str | None = None
    born_on: date | None = None
    sex: str | None = None
    address: str | None = None
    issued_on: date | None = None

    def __repr__(self) -> str:
        return "CitizenCard(...)"


def parse_citizen_card(text: str) -> CitizenCard:
    """Read the QR code of an identity card: number, old number, name, birth, sex, address, issue, split by "|".

    Only the number must be there; a field that is missing, empty or unreadable is None, so the clerk types it.

    Raises: WrongCard.
    """
    fields = [" ".join(field.split()) for field in unicodedata.normalize("NFC", text).split(_CARD_SEPARATOR)]
    number, old_number, name, birth, sex, address, issue = (fields + [""] * _CARD_FIELDS)[:_CARD_FIELDS]
    if len(number) != IDENTITY_DIGITS or _NOT_A_NUMBER.search(number):
        raise WrongCard
    return CitizenCard(
        number=number,
        old_number=old_number or None,
        full_name=name or None,
        born_on=_card_day(birth),
        sex=sex or None,
        address=address or None,
        issued_on=_card_day(issue),
    )


def parse_identity_number(text: str) -> str:
    """Return the twelve digits of an identity number; there is no check digit and no list of provinces to trust.

    Raises: WrongIdentityNumber, StrangeIdentityNumber.
    """
    number = _without_punctuation(text)
    strangers = _NOT_A_NUMBER.findall(number)
    if strangers:
        raise StrangeIdentityNumber(strangers=_listed(strangers))
    if len(number) != IDENTITY_DIGITS:
        raise WrongIdentityNumber(count=len(number))
    return number


def parse_passport(text: str) -> str:
    """Return a passport number in capitals: six to nine letters and digits, since any country may have issued it.

    Raises: WrongPassport.
    Source: ICAO Doc 9303 allows up to nine characters.
    """
    number = codes.squeezed(text)
    if _PASSPORT.fullmatch(number) is None:
        raise WrongPassport(count=len(number))
    return number


def parse_tax_code(text: str) -> str:
    """Return a tax code as `0100233488`, `0314409058-002`, or a person's twelve digits (in use since 1 July 2025).

    Raises: WrongTaxCode, WrongTaxCheck.

    >>> parse_tax_code("0314409058002")
    '0314409058-002'
    """
    number = _without_punctuation(text)
    if len(number) == IDENTITY_DIGITS and not _NOT_A_NUMBER.search(number):
        return number
    match = _TAX_CODE.fullmatch(number)
    if match is None:
        raise WrongTaxCode(count=sum(symbol in "0123456789" for symbol in number))
    if _tax_check_digit(match["main"][:9]) != int(match["main"][9]):
        raise WrongTaxCheck
    return match["main"] + (f"-{match['branch']}" if match["branch"] else "")


def parse_phone(text: str) -> str:
    """Return a Vietnamese phone number in E.164 form, `+84` and nine or ten digits.

    Mobile numbers have ten digits (03, 05, 07, 08, 09), landlines eleven (02); `+84`, `0084` and `84` are understood.

    Raises: WrongPhone, StrangePhone, WrongLandline, WrongPhoneStart.
    """
    number = _COUNTRY_PREFIX.sub("0", _without_punctuation(text))
    if _MOBILE.fullmatch(number) or _LANDLINE.fullmatch(number):
        return "+84" + number[1:]
    raise _what_is_wrong_with(number)


def _what_is_wrong_with(number: str) -> WrongPhone:
    strangers = _NOT_A_NUMBER.findall(number)
    if strangers:
        return StrangePhone(strangers=_listed(strangers))
    if number.startswith("02"):
        return WrongLandline(count=len(number))
    if number.startswith("0") and len(number) == MOBILE_DIGITS:
        return WrongPhoneStart()
    return WrongPhone(count=len(number))


def _card_day(ddmmyyyy: str) -> date | None:
    if len(ddmmyyyy) != 8 or _NOT_A_NUMBER.search(ddmmyyyy):
        return None
    try:
        return date(int(ddmmyyyy[4:]), int(ddmmyyyy[2:4]), int(ddmmyyyy[:2]))
    except ValueError:
        return None


def _tax_check_digit(nine: str) -> int:
    """Return 10 for a number that can have no check digit."""
    return 10 - sum(weight * int(digit) for weight, digit in zip(_TAX_WEIGHTS, nine, strict=True)) % 11


def _without_punctuation(text: str) -> str:
    return "".join(symbol for symbol in codes.squeezed(text) if symbol not in ".()")


def _listed(symbols: list[str]) -> str:
    return ", ".join(dict.fromkeys(symbols))
