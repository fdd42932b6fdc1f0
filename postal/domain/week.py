"""A proposed week of rounds: which day each thing goes out, what was moved and why, and what does not fit.

It names items, communes and territories, nobody's name or door. It only says on which day a thing is looked at again:
the day's rounds are laid out on their day, and a legal day goes before whatever was put off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from postal.domain.refusals import Refused


class PastItsDay(Refused):
    """Nothing is put off past the day the law or a promise gives it."""

    code = "past_its_day"
    vi = "{thing} phải đi chậm nhất {until}. Chọn một ngày không sau ngày đó."
    en = "{thing} must go by {until}. Choose a day that is not after it."


@dataclass(frozen=True, kw_only=True, slots=True)
class PutOff:
    """A thing (item or home pickup) goes out on `day`, not before. `until` was the last day it may go, if any."""

    thing: str
    day: date
    until: date | None
    by: str
    at: datetime
    reason: str

    def hides(self, on: date, *, due_on: date | None) -> bool:
        """Tell whether the thing need not go out on a day yet; what is due by then always goes."""
        return on < self.day and (due_on is None or due_on > on)
