"""The product and the slow oracle agree, and the oracle agrees with the examples of the law."""

import ast
import random
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from bench import clocks as bench
from postal.domain import calendars, clocks
from postal.domain.calendars import VIETNAM
from postal.domain.clocks import Due, Limit, Pause, PausePolicy, Unit
from postal.services import shipped
from tests import clock_oracle
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


def test_the_oracle_shares_nothing_with_the_product() -> None:
    tree = ast.parse(Path(clock_oracle.__file__).read_text(encoding="utf-8"))
    names = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names == {"bisect", "csv", "datetime"}


def paused(chance: random.Random) -> tuple[Limit, datetime, list[tuple[datetime, datetime | None]], PausePolicy]:
    """Draw a limit that stood up to three times: within a day, over nights, over Tết, over the end of a year."""
    unit = chance.choice(list(Unit))
    start = at("2025-12-20T07:00") + timedelta(minutes=chance.randrange(60 * 24 * 400))
    reached, stood = start, list[tuple[datetime, datetime | None]]()
    for _ in range(chance.randint(1, 3)):
        since = reached + timedelta(minutes=chance.choice((0, 1, chance.randrange(60 * 24 * 6))))
        reached = since + timedelta(minutes=chance.choice((0, 30, chance.randrange(60 * 24 * 12))))
        stood.append((since, reached))
    if chance.random() < 0.25:
        stood[-1] = (stood[-1][0], None)
    return Limit(chance.randint(1, 12), unit), start, stood, chance.choice(list(PausePolicy))


@pytest.mark.parametrize("seed", range(600))
def test_the_oracle_and_the_product_agree_on_limits_that_stood(seed: int) -> None:
    limit, start, stood, policy = paused(random.Random(seed))
    ours = clocks.due_with_pauses(
        limit,
        started_at=start,
        pauses=[Pause(since=since, until=until, reason="thiếu giấy tờ") for since, until in stood],
        policy=policy,
        calendar=CALENDAR,
    )
    theirs = ORACLE.paused(limit.amount, limit.unit.value, start, stood, policy=policy.value)
    assert (ours.due_at if isinstance(ours, Due) else None) == theirs
