"""What was typed, what of it can be used, and what is wrong with it: one sentence a field.

Nothing typed is lost: a page that says no shows every field as it came, with the sentence beside it.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import TypeVar

from postal.domain.calendars import VIETNAM
from postal.domain.refusals import Refused

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """A form as a template shows it: what was typed, and the sentence beside each field."""

    typed: Mapping[str, str]
    errors: Mapping[str, str]

    def value(self, name: str, default: str = "") -> str:
        """Return what was typed in a field."""
        return self.typed.get(name, default)

    def error(self, name: str) -> str:
        """Return what is wrong with a field, empty for nothing."""
        return self.errors.get(name, "")


class Form:
    """Reads fields one by one and collects a sentence for each that cannot be used."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = {name: unicodedata.normalize("NFC", text).strip() for name, text in typed.items()}
        self.errors: dict[str, str] = {}

    @property
    def is_good(self) -> bool:
        """Tell whether nothing was wrong so far."""
        return not self.errors

    def refuse(self, name: str, why: Refused | str) -> None:
        """Say what is wrong with a field; the first sentence stands."""
        self.errors.setdefault(name, str(why))

    def text(self, name: str, *, most: int = LONGEST_LINE) -> str:
        """Return a line of text with single spaces."""
        return self.parsed(name, lambda text: line(text, most=most), default="")

    def required(self, name: str, sentence: str) -> str:
        """Return a line of text; `sentence` asks for it when it is empty."""
        if not self.text(name):
            self.refuse(name, sentence)
        return self.text(name)

    def parsed(self, name: str, parse: Callable[[str], T], *, default: T) -> T:
        """Return a field read by `parse`; an empty one is `default`, a refusal becomes the field's sentence."""
        text = self.typed.get(name, "")
        if not text:
            return default
        try:
            return parse(text)
        except Refused as refused:
            self.refuse(name, refused)
            return default

    def choice(self, name: str, kind: type[E], *, default: E) -> E:
        """Return which of the offered choices was made; anything else is the default."""
        text = self.typed.get(name, "")
        return next((each for each in kind if each.value == text), default)

    def ticked(self, name: str) -> bool:
        """Tell whether a box was ticked."""
        return bool(self.typed.get(name))

    def count(self, name: str, *, most: int) -> int:
        """Return a whole number from 0."""
        return self.parsed(name, lambda text: count(text, most=most), default=0)

    def money(self, name: str) -> int:
        """Return an amount in whole đồng, typed with or without dots."""
        return self.parsed(name, money, default=0)

    def day(self, name: str) -> date | None:
        """Return a day, typed as 28/11/2026 or sent by a date field as 2026-11-28."""
        return self.parsed(name, day, default=None)

    def instant(self, day_name: str, time_name: str, *, default: time) -> datetime | None:
        """Return an instant of Vietnam from a day and an hour; `default` is the hour when only the day was typed."""
        on = self.day(day_name)
        clock = self.parsed(time_name, hour, default=default)
        return datetime.combine(on, clock, VIETNAM) if on else None


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
