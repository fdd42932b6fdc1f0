"""What was typed, what of it can be used, and what is wrong with it: one sentence a field.

Nothing typed is lost: a page that says no shows every field as it came, with the sentence beside it.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import TypeVar

from postal.domain.calendars import VIETNAM
from postal.domain.refusals import Refused
from postal.domain.typed import (
    LONGEST_LINE,
    LONGEST_TEXT,
    MOST_MONEY,
    NotADay,
    NotANumber,
    TooLong,
    TooMuch,
    count,
    day,
    hour,
    line,
    money,
)

__all__ = [
    "LONGEST_LINE",
    "LONGEST_TEXT",
    "MOST_MONEY",
    "Filled",
    "Form",
    "NotADay",
    "NotANumber",
    "TooLong",
    "TooMuch",
    "count",
    "day",
    "day_asked",
    "hour",
    "is_number",
    "line",
    "money",
]

LONGEST_NUMBER = 9
"""Digits of a number that a page sends back; Python refuses to read some thousands."""

T = TypeVar("T")
E = TypeVar("E", bound=Enum)


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


def is_number(text: str) -> bool:
    """Tell whether a text is a whole number from 0 that a page may count with: no more than nine digits.

    >>> is_number("12"), is_number("-1"), is_number("9" * 5000)
    (True, False, False)
    """
    return text.isdecimal() and len(text) <= LONGEST_NUMBER


def day_asked(text: str, name: str, problems: dict[str, str]) -> date | None:
    """Return the day that an address asks for; None for none, and where it is no day, which `problems` says."""
    try:
        return day(text) if text else None
    except NotADay as wrong:
        problems[name] = str(wrong)
        return None


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
