"""The product and the slow oracle agree, and the oracle agrees with the examples of the law."""

from datetime import date, datetime

import pytest

from bench import clocks as bench
from postal.domain import calendars, clocks
from postal.domain.calendars import VIETNAM
from postal.domain.clocks import Limit, Unit
from postal.services import shipped
from tests.clock_oracle import Oracle

TABLE = shipped.calendars()["state"]
CALENDAR = calendars.from_csv(TABLE)
ORACLE = Oracle(TABLE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        ("2025-12-31", 2, "2026-01-06"),
        ("2026-02-13", 1, "2026-02-23"),
        ("2026-04-24", 2, "2026-04-29"),
        ("2026-08-20", 3, "2026-08-24"),
        ("2026-08-28", 1, "2026-09-03"),
        ("2026-11-20", 3, "2026-11-26"),
        ("2026-11-23", 1, "2026-11-25"),
    ],
)
def test_the_oracle_knows_the_examples(start: str, amount: int, due: str) -> None:
    found, provisional = ORACLE.due(amount, "working", at(f"{start}T09:00"))
    assert (found.date(), provisional) == (date.fromisoformat(due), False)


def test_in_bulk_explained_and_by_the_oracle_due_dates_are_the_same() -> None:
    found = bench.compare(count=4000, seed=7)
    assert (found.compared, found.disagree, found.unlike_explained) == (4000, 0, 0), found.first


@pytest.mark.parametrize("received", ["2026-11-20T15:00", "2026-11-20T15:01", "2026-11-21T09:00", "2026-11-23T15:01"])
def test_the_oracle_and_the_product_agree_on_the_same_day(received: str) -> None:
    assert clocks.same_day(at(received), calendar=CALENDAR).due_at == ORACLE.same_day(at(received))


def test_a_wrong_calendar_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    adopted = CALENDAR.adopting(date(2026, 11, 23), basis="thử")
    monkeypatch.setitem(bench._CALENDARS, "state", adopted)
    assert bench.compare(count=4000, seed=7).disagree > 0


def test_bulk_may_be_asked_backwards_in_time_and_of_nothing() -> None:
    limits = [(Limit(3, unit), at(start)) for start in ("2026-11-20T16:00", "2025-01-02T08:00") for unit in Unit]
    explained = [clocks.due(limit, started_at=start, calendar=CALENDAR) for limit, start in limits]
    assert clocks.due_many(limits, calendar=CALENDAR) == [(due.due_at, due.provisional) for due in explained]
    assert clocks.due_many([], calendar=CALENDAR) == []
