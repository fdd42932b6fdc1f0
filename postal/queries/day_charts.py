"""The runs of an office in charts: the day as planned, how much of each week came in time, who holds what is late."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from postal.domain import calendars
from postal.domain.events import Delivered
from postal.domain.people import Actor
from postal.domain.run import DeliveryRun
from postal.queries import charts, late, runs
from postal.queries.charts import Bar, Bars, Chart, ChartSet, Fill
from postal.store import Reader, Store
from postal.store.tables import EventRow, RunRow, table_of

WEEKS = 8
AT_ONCE = 5000
"""Items that are asked for in one statement."""

ADDRESS = "/runs/charts"
MOST_HOLDERS = 15


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartsPage:
    """A day of an office in charts. `offices` are those somebody may switch to."""

    day: date
    office: str
    office_name: str
    offices: tuple[tuple[str, str], ...]
    runs: int
    charts: ChartSet


def charts_page(store: Store, *, actor: Actor, at: datetime, day: date | None = None, office: str = "") -> ChartsPage:
    """Return the charts of an office on a day, today unless said; only a coordinator looks at other offices."""
    today = calendars.local(at).date()
    on = day or today
    with store.read(at=at) as reader:
        offices = runs.offices_for(reader, actor)
        chosen = office if office in offices else runs.own_of(actor, offices)
        found = runs.runs_of_day(reader, chosen, day=on)
        shown = (*charts.of_day(charts.of_runs(reader, found)), in_time(_weeks(reader, chosen, today=today)))
        name = reader.reference.place(chosen).name
    holders = by_holder(late.late_page(store, actor=actor, at=at).groups)
    return ChartsPage(
        day=on,
        office=chosen,
        office_name=name,
        offices=tuple((code, place.name) for code, place in offices.items()),
        runs=len(found),
        charts=ChartSet(address=ADDRESS, charts=(*shown, holders), query=f"?day={on}&office={chosen}"),
    )


def chart(store: Store, key: str, *, actor: Actor, at: datetime, day: date | None = None, office: str = "") -> Chart:
    """Return one chart of the page. Raises: UnknownChart."""
    return charts.chosen(charts_page(store, actor=actor, at=at, day=day, office=office).charts, key)


@dataclass(frozen=True, kw_only=True, slots=True)
class Week:
    """What was due in a week, by its Monday: how much in all, how much of it was delivered by its day."""

    monday: date
    due: int
    in_time: int

    @property
    def share(self) -> int:
        """Return how much came in time, in hundredths."""
        return round(100 * self.in_time / self.due) if self.due else 0


def in_time(weeks: Sequence[Week]) -> Bars:
    """Return the share of results that came by their day, week by week; weeks without any have no bar."""
    known = [week for week in weeks if week.due]
    due, done = sum(week.due for week in known), sum(week.in_time for week in known)
    return Bars(
        key="in-time",
        title="Phát đúng hạn theo tuần",
        says=f"{done} trên {due} bưu gửi đến hạn trong {WEEKS} tuần đã phát đúng hạn. Chỉ tính bưu gửi đã lên chuyến."
        if due
        else f"Chưa có bưu gửi nào đến hạn trong {WEEKS} tuần.",
        bars=tuple(
            Bar(
                label=f"Tuần từ {week.monday:%d/%m}",
                value=week.share,
                shown=f"{week.share}% ({week.in_time}/{week.due})",
                limit=100,
            )
            for week in known
        ),
        limit_name="100%",
        header=("Tuần từ ngày", "Đến hạn", "Đúng hạn", "Tỷ lệ (%)"),
        rows=tuple(
            (f"{week.monday:%d/%m/%Y}", str(week.due), str(week.in_time), str(week.share) if week.due else "")
            for week in weeks
        ),
    )


def by_holder(groups: Iterable[late.LateGroup]) -> Bars:
    """Return how many late dossiers each holder has, the most first."""
    found = sorted((g for g in groups if g.late), key=lambda g: (-g.late, g.title, g.stage))
    most = found[0] if found else None
    return Bars(
        key="late-by-holder",
        title="Hồ sơ trễ theo nơi giữ",
        says=f"{sum(g.late for g in found)} hồ sơ trễ; nhiều nhất ở {_holder(most)}, {most.late} hồ sơ."
        if most
        else "Không có hồ sơ trễ.",
        bars=tuple(
            Bar(label=_holder(g), value=g.late, shown=f"{g.late} hồ sơ, {g.stage.lower()}", fill=Fill.LATE)
            for g in found[:MOST_HOLDERS]
        ),
        limit_name="",
        header=("Nơi giữ", "Chặng", "Hồ sơ trễ", "Trễ nhiều nhất (ngày làm việc)"),
        rows=tuple((_holder(g), g.stage, str(g.late), str(max(row.days for row in g.rows))) for g in found),
    )


def _holder(group: late.LateGroup) -> str:
    return group.title or "Chưa rõ nơi giữ"


# --- what came in time ------------------------------------------------------------------------------------------------


def _weeks(reader: Reader, office: str, *, today: date) -> list[Week]:
    """Return the last weeks, the oldest first. What is due today or later and not delivered yet does not count."""
    this_monday = today - timedelta(days=today.weekday())
    first = this_monday - timedelta(weeks=WEEKS - 1)
    table = table_of(RunRow)
    query = select(table.c.state).where(table.c.office == office, table.c.day >= first, table.c.day <= today)
    due = _due(reader.things(DeliveryRun, query), first=first, until=this_monday + timedelta(days=6))
    done = _delivered_on(reader, sorted(due))
    counted = {code: on for code, on in due.items() if on < today or code in done}
    mondays = [first + timedelta(weeks=n) for n in range(WEEKS)]
    return [_week(monday, counted, done) for monday in mondays]


def _due(found: Iterable[DeliveryRun], *, first: date, until: date) -> dict[str, date]:
    """Return by item the day it was due, as its first run had it."""
    due: dict[str, date] = {}
    for run in sorted(found, key=lambda run: (run.day, run.code)):
        for stop in run.stops:
            if stop.due_on is not None and first <= stop.due_on <= until:
                due |= {code: stop.due_on for code in stop.items if code not in due}
    return due


def _delivered_on(reader: Reader, items: Sequence[str]) -> dict[str, date]:
    table = table_of(EventRow)
    done: dict[str, date] = {}
    for begin in range(0, len(items), AT_ONCE):
        some = table.c.stream.in_(items[begin : begin + AT_ONCE])
        query = select(table.c.stream, table.c.occurred_at).where(table.c.kind == Delivered.__name__, some)
        done |= {row.stream: calendars.local(row.occurred_at).date() for row in reader.rows(query)}
    return done


def _week(monday: date, due: Mapping[str, date], done: Mapping[str, date]) -> Week:
    own = {code: on for code, on in due.items() if monday <= on < monday + timedelta(weeks=1)}
    return Week(monday=monday, due=len(own), in_time=sum(code in done and done[code] <= on for code, on in own.items()))
