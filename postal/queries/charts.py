"""Figures of a day's rounds as charts: values, a sentence and a table for each; drawing them is `printing.drawings`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from postal.domain import calendars
from postal.domain.events import PlannedStop
from postal.domain.people import Actor
from postal.domain.places import Territory
from postal.domain.proposal import Draft, Proposal, UnknownProposal
from postal.domain.refusals import Refused
from postal.domain.run import DeliveryRun, RunElsewhere
from postal.queries import access
from postal.store import Reader, Store

FULL = 100
MINUTES_A_DAY = 24 * 60


class UnknownChart(Refused):
    """Only charts of the page have a table as a file."""

    code = "unknown_chart"
    vi = "Không có biểu đồ “{chart}” cho ngày này. Mở lại trang có biểu đồ rồi chọn tệp ở dưới biểu đồ."
    en = "There is no chart “{chart}” for this day. Open the page with the charts and choose a file below one of them."


class Fill(Enum):
    """What a bar says besides its length; each has a pattern of its own."""

    USUAL = "usual"
    OVER = "over"
    LATE = "late"


@dataclass(frozen=True, kw_only=True, slots=True)
class Driven:
    """A round to be counted, proposed or planned. `late` is by number of the stop how many minutes too late it is."""

    name: str
    postman: str
    metres: int
    seconds: int
    longest_minutes: int
    begins_at: datetime | None
    ends_at: datetime | None
    stops: tuple[PlannedStop, ...]
    late: tuple[tuple[int, int], ...]

    @property
    def load(self) -> int:
        """Return how much of the longest working time it takes, in hundredths."""
        return round(FULL * self.seconds / 60 / self.longest_minutes) if self.longest_minutes else 0

    @property
    def things(self) -> int:
        """Return how many things are done on it."""
        return sum(len(stop.things) for stop in self.stops)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One bar. `limit` is where a line stands across it, 0 for none."""

    label: str
    value: float
    shown: str
    fill: Fill = Fill.USUAL
    limit: float = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Bars:
    """A chart of bars. `says` is what it shows in one sentence, `header` and `rows` the same as a table."""

    key: str
    title: str
    says: str
    bars: tuple[Bar, ...]
    limit_name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lane:
    """A round on the clock, in minutes of its day: from when to when, when at its stops, when too late at some."""

    label: str
    begins: int
    ends: int
    stops: tuple[int, ...]
    late: tuple[int, ...]
    shown: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DayPlan:
    """The plan of a day on the clock, from one full hour to another, in minutes."""

    key: str
    title: str
    says: str
    opens: int
    closes: int
    lanes: tuple[Lane, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Chart = Bars | DayPlan


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartSet:
    """Charts that are shown together; below `address`, for `query`, lies each one's table as a file."""

    address: str
    charts: tuple[Chart, ...]
    query: str = ""


def of_day(driven: Sequence[Driven]) -> tuple[Chart, ...]:
    """Return the charts of a day's rounds: distance, hours, load, lateness, the plan; none of a day without rounds."""
    return tuple(make(driven) for make in CHARTS.values()) if driven else ()


def distance(driven: Sequence[Driven]) -> Bars:
    """Return how far each round is."""
    far = max(driven, key=lambda each: each.metres)
    total = _kilometres(sum(each.metres for each in driven))
    return Bars(
        key="distance",
        title="Quãng đường mỗi chuyến",
        says=f"Tổng {total} km; dài nhất là {far.name}, {_kilometres(far.metres)} km.",
        bars=tuple(
            Bar(label=each.name, value=each.metres / 1000, shown=f"{_kilometres(each.metres)} km") for each in driven
        ),
        limit_name="",
        header=("Chuyến", "Bưu tá", "Số điểm", "Quãng đường (km)"),
        rows=tuple((each.name, each.postman, str(len(each.stops)), _kilometres(each.metres)) for each in driven),
    )


def hours(driven: Sequence[Driven]) -> Bars:
    """Return how long each postman works, beside how long he may, and how evenly it is shared."""
    by_postman: dict[str, list[Driven]] = {}
    for each in driven:
        by_postman.setdefault(each.postman or "Chưa có bưu tá", []).append(each)
    found = [
        (name, sum(each.seconds for each in own) // 60, max(each.longest_minutes for each in own))
        for name, own in by_postman.items()
    ]
    most, least = max(minutes for _, minutes, _ in found), min(minutes for _, minutes, _ in found)
    over = sum(minutes > longest for _, minutes, longest in found)
    return Bars(
        key="hours",
        title="Giờ làm của mỗi bưu tá",
        says=f"Nhiều nhất {clock_span(most)}, ít nhất {clock_span(least)}, chênh {clock_span(most - least)}. "
        + (f"{over} người quá giờ cho phép." if over else "Không ai quá giờ cho phép."),
        bars=tuple(
            Bar(
                label=name,
                value=minutes / 60,
                shown=clock_span(minutes) + (" (quá giờ)" if minutes > longest else ""),
                fill=Fill.OVER if minutes > longest else Fill.USUAL,
                limit=longest / 60,
            )
            for name, minutes, longest in found
        ),
        limit_name="giờ làm dài nhất cho phép",
        header=("Bưu tá", "Thời gian", "Phút", "Dài nhất cho phép (phút)"),
        rows=tuple((name, clock_span(minutes), str(minutes), str(longest)) for name, minutes, longest in found),
    )


def load(driven: Sequence[Driven]) -> Bars:
    """Return how full each round is, in hundredths of its hours, and how much it carries."""
    full = sum(each.load > FULL for each in driven)
    return Bars(
        key="load",
        title="Mức tải mỗi chuyến",
        says=(f"{full} chuyến quá 100% giờ làm việc. " if full else "Không chuyến nào quá 100% giờ làm việc. ")
        + f"Tổng {sum(each.things for each in driven)} việc tại {sum(len(each.stops) for each in driven)} điểm.",
        bars=tuple(
            Bar(
                label=each.name,
                value=each.load,
                shown=f"{each.load}%, {each.things} việc",
                fill=Fill.OVER if each.load > FULL else Fill.USUAL,
                limit=FULL,
            )
            for each in driven
        ),
        limit_name="100% giờ làm việc",
        header=("Chuyến", "Bưu tá", "Số việc", "Số điểm", "Mức tải (%)"),
        rows=tuple(
            (each.name, each.postman, str(each.things), str(len(each.stops)), str(each.load)) for each in driven
        ),
    )


def lateness(driven: Sequence[Driven]) -> Bars:
    """Return how late each round comes to stops with promised hours."""
    late = [(each, len(each.late), sum(minutes for _, minutes in each.late)) for each in driven]
    stops, minutes = sum(count for _, count, _ in late), sum(total for _, _, total in late)
    return Bars(
        key="lateness",
        title="Điểm đến muộn giờ hẹn",
        says=f"{stops} điểm đến muộn, tổng {minutes} phút." if stops else "Không điểm nào đến muộn giờ hẹn.",
        bars=tuple(
            Bar(
                label=each.name,
                value=total,
                shown=f"{count} điểm, {total} phút" if count else "đúng hẹn",
                fill=Fill.LATE if count else Fill.USUAL,
            )
            for each, count, total in late
        ),
        limit_name="",
        header=("Chuyến", "Bưu tá", "Điểm muộn", "Tổng số phút muộn", "Từng điểm"),
        rows=tuple(
            (
                each.name,
                each.postman,
                str(count),
                str(total),
                "; ".join(f"điểm {number}: {minutes} phút" for number, minutes in each.late),
            )
            for each, count, total in late
        ),
    )


def day_plan(driven: Sequence[Driven]) -> DayPlan:
    """Return the rounds on the clock. A round of which nobody knows when it begins has no bar, but its row."""
    lanes = tuple(_lane(each) for each in driven)
    known = [lane for lane in lanes if lane.ends > lane.begins]
    opens = min((lane.begins for lane in known), default=7 * 60) // 60 * 60
    closes = -(-max((lane.ends for lane in known), default=17 * 60) // 60) * 60
    last = max(known, key=lambda lane: lane.ends, default=None)
    return DayPlan(
        key="day",
        title="Kế hoạch trong ngày",
        says=f"Chuyến xong sau cùng là {last.label}, lúc {_clock(last.ends)}."
        if last
        else "Chưa rõ giờ đi của chuyến nào.",
        opens=opens,
        closes=max(closes, opens + 60),
        lanes=lanes,
        header=("Chuyến", "Bưu tá", "Bắt đầu", "Kết thúc", "Số điểm", "Điểm muộn"),
        rows=tuple(
            (
                each.name,
                each.postman,
                _clock(lane.begins) if lane.ends > lane.begins else "",
                _clock(lane.ends) if lane.ends > lane.begins else "",
                str(len(each.stops)),
                str(len(each.late)),
            )
            for each, lane in zip(driven, lanes, strict=True)
        ),
    )


CHARTS: dict[str, Callable[[Sequence[Driven]], Chart]] = {
    "distance": distance,
    "hours": hours,
    "load": load,
    "lateness": lateness,
    "day": day_plan,
}
"""The charts of a day by their names in addresses, in the order in which they are shown."""


# --- what is counted --------------------------------------------------------------------------------------------------


def of_proposal(reader: Reader, found: Proposal) -> tuple[Driven, ...]:
    """Return the rounds of a proposed day."""
    names, people = named(reader, found.drafts), reader.accounts.names()
    return tuple(
        Driven(
            name=name,
            postman=people.get(draft.postman, draft.postman),
            metres=draft.metres,
            seconds=draft.seconds,
            longest_minutes=draft.longest_minutes,
            begins_at=draft.starts_at if draft.seconds else None,
            ends_at=draft.starts_at + timedelta(seconds=draft.seconds) if draft.seconds else None,
            stops=draft.stops,
            late=tuple((late.number, late.minutes) for late in draft.late),
        )
        for name, draft in zip(names, found.drafts, strict=True)
    )


def of_runs(reader: Reader, runs: Sequence[DeliveryRun]) -> tuple[Driven, ...]:
    """Return planned runs; on the clock they reach from their first door to their last."""
    territories, people = {each.code: each for each in reader.reference.territories()}, reader.accounts.names()
    return tuple(
        _driven(run, territory=territories.get(run.territory), postman=people.get(run.postman, run.postman))
        for run in runs
    )


def board_charts(reader: Reader, found: Proposal, *, number: str) -> ChartSet:
    """Return the charts of a proposed day for its board."""
    driven = [each for each in of_proposal(reader, found) if each.stops]
    return ChartSet(address=f"/runs/proposals/{number}/charts", charts=of_day(driven))


def proposal_chart(store: Store, number: str, key: str, *, actor: Actor, at: datetime) -> Chart:
    """Return one chart of a proposed day. Raises: UnknownProposal, UnknownChart, RunElsewhere."""
    with store.read(at=at) as reader:
        kept = reader.rounds.proposal(number)
        if kept is None:
            raise UnknownProposal
        if kept.proposal.place != actor.place and not access.watches_all(actor):
            raise RunElsewhere(thing="Phương án chia chuyến", office=kept.proposal.place)
        return chosen(board_charts(reader, kept.proposal, number=number), key)


def chosen(found: ChartSet, key: str) -> Chart:
    """Return the chart with this name. Raises: UnknownChart."""
    for chart in found.charts:
        if chart.key == key:
            return chart
    raise UnknownChart(chart=key)


def named(reader: Reader, drafts: Sequence[Draft]) -> tuple[str, ...]:
    """Return what proposed runs are called: their round, and which part of it where it was shared."""
    known = {each.code: each.name for each in reader.reference.territories()}
    shared = {draft.territory for draft in drafts if draft.part}
    return tuple(
        known.get(draft.territory, draft.territory) + (f" (phần {draft.part + 1})" if draft.territory in shared else "")
        for draft in drafts
    )


def _driven(run: DeliveryRun, *, territory: Territory | None, postman: str) -> Driven:
    arrivals = [stop.arrives_at for stop in run.stops if stop.arrives_at is not None]
    return Driven(
        name=territory.name if territory else run.territory,
        postman=postman,
        metres=run.metres,
        seconds=run.seconds,
        longest_minutes=territory.working_time.longest_minutes if territory else 0,
        begins_at=min(arrivals, default=None),
        ends_at=max(arrivals, default=None),
        stops=run.stops,
        late=missed(run.stops),
    )


def missed(stops: Iterable[PlannedStop]) -> tuple[tuple[int, int], ...]:
    """Return by number of the stop how many minutes after its promised hours the plan arrives."""
    return tuple(
        (stop.number, -(-int((stop.arrives_at - stop.closes_at).total_seconds()) // 60))
        for stop in stops
        if stop.arrives_at is not None and stop.closes_at is not None and stop.arrives_at > stop.closes_at
    )


def clock_span(minutes: int) -> str:
    """Return a time in short: 3 giờ 05; 40 phút.

    >>> clock_span(185), clock_span(40)
    ('3 giờ 05', '40 phút')
    """
    return f"{minutes // 60} giờ {minutes % 60:02}" if minutes >= 60 else f"{minutes} phút"


def _lane(each: Driven) -> Lane:
    if each.begins_at is None or each.ends_at is None:
        return Lane(label=each.name, begins=0, ends=0, stops=(), late=(), shown="chưa rõ giờ đi")
    begins = _minute(each.begins_at)
    ends = _minute(each.ends_at, after=begins)
    late = {number for number, _ in each.late}
    arrivals = [(stop.number, _minute(stop.arrives_at, after=begins)) for stop in each.stops if stop.arrives_at]
    return Lane(
        label=each.name,
        begins=begins,
        ends=ends,
        stops=tuple(at for number, at in arrivals if number not in late),
        late=tuple(at for number, at in arrivals if number in late),
        shown=f"{_clock(begins)} – {_clock(ends)}",
    )


def _minute(at: datetime, *, after: int = 0) -> int:
    """Return the minute of the day in Vietnam; what lies before `after` belongs to the next day."""
    local = calendars.local(at)
    minute = local.hour * 60 + local.minute
    return minute if minute >= after else minute + MINUTES_A_DAY


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def _kilometres(metres: int) -> str:
    return f"{metres / 1000:.1f}".replace(".", ",")
