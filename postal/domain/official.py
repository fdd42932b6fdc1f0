"""Codes that others give: the authority's dossier code and the post's item number. We read them and never mint them.

>>> parse_official("h52.17-230116-0001").received_on
datetime.date(2023, 1, 16)
>>> parse_s10("RA 123 456 785 VN").country
'VN'
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum

from postal.domain import codes
from postal.domain.refusals import Refused

LONGEST_ECHO = 40
"""A refusal repeats at most so many characters of what was typed."""

_OFFICIAL = re.compile(
    r"(?P<body>[0-9]{3}\.[0-9]{2}\.[0-9]{2,3}\.[A-Z][0-9]{2}|[A-Z][0-9]{2}(?:\.[0-9]{2,3}){0,3})"
    r"-(?P<day>[0-9]{6})-(?P<serial>[0-9A-Z]{4,8})"
)
_CENTRAL_BODY = re.compile(r"[A-Z][0-9]{2}\.[0-9]{3}\.[0-9]{2}")
_CENTRAL_SERIAL = re.compile(r"[0-9]{6,8}")
_CENTRAL_FROM = date(2026, 1, 25)

_S10 = re.compile(r"(?P<service>[A-Z]{2})(?P<serial>[0-9]{8})(?P<check>[0-9])(?P<country>[A-Z]{2})")
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


class WrongOfficialCode(Refused):
    """The text has none of the patterns of an official dossier code."""

    code = "wrong_official_code"
    vi = (
        "Mã hồ sơ một cửa có dạng H52.17-230116-0001: mã cơ quan, ngày nhận (năm, tháng, ngày), số thứ tự. "
        "Đang có “{text}”. Đối chiếu Giấy tiếp nhận rồi gõ lại."
    )
    en = (
        "A one-stop dossier code looks like H52.17-230116-0001: agency, day of reception (YYMMDD), running number. "
        "This one is “{text}”. Compare it with the reception slip and type it again."
    )


class WrongOfficialDay(WrongOfficialCode):
    """The six digits in the middle are no day of the calendar."""

    code = "wrong_official_day"
    vi = (
        "Ngày nhận trong mã hồ sơ {text} không có thật: {day}. Sáu số này là năm, tháng, ngày, "
        "ví dụ 230116 là ngày 16/01/2023. Đối chiếu Giấy tiếp nhận rồi gõ lại."
    )
    en = (
        "The day in the dossier code {text} does not exist: {day}. These six digits are YYMMDD, for example 230116. "
        "Compare it with the reception slip and type it again."
    )


class WrongS10(Refused):
    """The text is no item number of the post."""

    code = "wrong_s10"
    vi = "Số hiệu bưu gửi có 2 chữ, 9 số, 2 chữ, ví dụ RA123456785VN. Đang có “{text}”. Quét lại mã vạch."
    en = "An item number has 2 letters, 9 digits, 2 letters, such as RA123456785VN. This one is “{text}”. Scan again."


class WrongS10Check(WrongS10):
    """The check digit of the item number does not fit."""

    code = "wrong_s10_check"
    vi = "Số hiệu bưu gửi {text} sai 1 số. Quét lại mã vạch."
    en = "One digit of the item number {text} is wrong. Scan the bar code again."


class Generation(Enum):
    """Which rule formed an official code."""

    CIRCULAR_2018 = "TT 01/2018/TT-VPCP Đ.19"
    DECISION_2020 = "QĐ 20/2020/QĐ-TTg"
    COMMUNE_2025 = "mã xã, phường từ 2025"
    CENTRAL_2026 = "TT 04/2025/TT-VPCP"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialCode:
    """A dossier code given by a one-stop desk, kept as received but trimmed and in capitals."""

    text: str
    received_on: date
    generation: Generation

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class S10:
    """An item number of the post after UPU standard S10."""

    text: str
    service: str
    country: str

    def __str__(self) -> str:
        return self.text


def parse_official(text: str) -> OfficialCode:
    """Read an official dossier code of any generation.

    The pattern is lenient: provinces differ, and a code must survive all channels unchanged.

    Raises: WrongOfficialCode, WrongOfficialDay.
    Source: TT 01/2018/TT-VPCP Đ.19; TT 04/2025/TT-VPCP; codes in use.
    """
    kept = codes.capitals(text.strip())
    match = _OFFICIAL.fullmatch(kept)
    if match is None:
        raise WrongOfficialCode(text=kept[:LONGEST_ECHO])
    received_on = _day(match["day"], text=kept)
    generation = _generation(match["body"], serial=match["serial"], received_on=received_on)
    return OfficialCode(text=kept, received_on=received_on, generation=generation)


def parse_s10(text: str) -> S10:
    """Read an item number of the post; spaces and case do not matter, no service letter is refused.

    Raises: WrongS10, WrongS10Check.
    Source: UPU S10; tables of service letters differ, so none of them is a rule here.
    """
    squeezed = codes.squeezed(text)
    match = _S10.fullmatch(squeezed)
    if match is None:
        raise WrongS10(text=squeezed[:LONGEST_ECHO])
    if s10_check_digit(match["serial"]) != match["check"]:
        raise WrongS10Check(text=squeezed)
    return S10(text=squeezed, service=match["service"], country=match["country"])


def s10_check_digit(serial: str) -> str:
    """Return the ninth digit of an item number from its first eight.

    >>> s10_check_digit("12345678")
    '5'
    """
    rest = 11 - sum(weight * int(digit) for weight, digit in zip(_S10_WEIGHTS, serial, strict=True)) % 11
    return {10: "0", 11: "5"}.get(rest, str(rest))


def _day(six: str, *, text: str) -> date:
    year, month, day = 2000 + int(six[:2]), int(six[2:4]), int(six[4:])
    try:
        return date(year, month, day)
    except ValueError:
        raise WrongOfficialDay(text=text, day=six) from None


def _generation(body: str, *, serial: str, received_on: date) -> Generation:
    if body[0].isdigit():
        return Generation.CIRCULAR_2018
    if body.count(".") == 3:
        return Generation.COMMUNE_2025
    if _CENTRAL_BODY.fullmatch(body) and _CENTRAL_SERIAL.fullmatch(serial) and received_on >= _CENTRAL_FROM:
        return Generation.CENTRAL_2026
    return Generation.DECISION_2020
