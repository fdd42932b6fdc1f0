"""What people type, read once: a line of text, a number, an amount, a day, an hour; each refusal is one sentence."""

import re
import unicodedata
from datetime import date, time

from postal.domain.refusals import Refused

LONGEST_LINE = 200
LONGEST_TEXT = 2000
MOST_MONEY = 1_000_000_000
"""Whole đồng; a larger amount at a counter is a slip of the hand."""

_AMOUNT = re.compile(r"[0-9]{1,3}(?:[ .,][0-9]{3})+|[0-9]+")


class NotANumber(Refused):
    """A number was asked for."""

    code = "not_a_number"
    vi = "“{text}” không phải là số. Nhập số nguyên, không có phần lẻ."
    en = "“{text}” is not a whole number."


class TooMuch(Refused):
    """A number is larger than anything that makes sense there."""

    code = "too_much"
    vi = "{amount} quá lớn, nhiều nhất là {most}. Xem lại số vừa nhập."
    en = "{amount} is too much, at most {most}."


class NotADay(Refused):
    """A day was asked for."""

    code = "not_a_day"
    vi = "“{text}” không phải là ngày. Nhập ngày, tháng, năm, ví dụ 28/11/2026."
    en = "“{text}” is no date. Enter day, month and year, such as 28/11/2026."


class TooLong(Refused):
    """A text is longer than anybody reads."""

    code = "too_long"
    vi = "Nội dung dài {length} ký tự, nhiều nhất {most}. Rút gọn lại."
    en = "The text has {length} characters, at most {most}."


def line(text: str, *, most: int = LONGEST_LINE) -> str:
    """Return a text in NFC with single spaces and no control characters. Raises: TooLong."""
    kept = "".join(" " if symbol.isspace() else symbol for symbol in unicodedata.normalize("NFC", text))
    kept = " ".join("".join(symbol for symbol in kept if unicodedata.category(symbol) != "Cc").split())
    if len(kept) > most:
        raise TooLong(length=len(kept), most=most)
    return kept


def count(text: str, *, most: int) -> int:
    """Return a whole number from 0 to `most`. Raises: NotANumber, TooMuch."""
    if not (text.isascii() and text.isdigit()):
        raise NotANumber(text=text[:20])
    if int(text[:20]) > most:
        raise TooMuch(amount=text[:20], most=most)
    return int(text)


def money(text: str) -> int:
    """Return whole đồng. Raises: NotANumber, TooMuch.

    >>> money("30.000 đ"), money("1 250 000"), money("0")
    (30000, 1250000, 0)
    """
    bare = text.removesuffix("đồng").removesuffix("đ").strip()
    if not _AMOUNT.fullmatch(bare):
        raise NotANumber(text=text[:20])
    return count(re.sub(r"[ .,]", "", bare), most=MOST_MONEY)


def day(text: str) -> date:
    """Return a day. Raises: NotADay.

    >>> day("28/11/2026") == day("2026-11-28")
    True
    """
    match = re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})", text)
    try:
        return date(int(match[3]), int(match[2]), int(match[1])) if match else date.fromisoformat(text)
    except ValueError:
        raise NotADay(text=text[:20]) from None


def hour(text: str) -> time:
    """Return an hour like 14:05. Raises: NotADay."""
    try:
        return time.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise NotADay(text=text[:20]) from None
