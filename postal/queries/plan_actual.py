"""Plan against actual: what a run was laid out to be, what was recorded on it, and where nobody knows."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from postal.domain import calendars, permissions
from postal.domain.agreement import Agreed, Measured
from postal.domain.events import PlannedStop
from postal.domain.learned import WINDOW_DAYS
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.run import DeliveryRun, RunState
from postal.domain.status import Tone
from postal.queries import learned, runs, stops
from postal.store import Store, driven
from postal.store.driven import Mark

MOST_RUNS = 200
"""So many runs the list shows, the newest first."""

USUAL_DAYS = 7

HEADINGS = (
    "Điểm",
    "Thứ tự ghi",
    "Xã, phường",
    "Việc",
    "Kết quả",
    "Giờ dự kiến đến",
    "Giờ ghi",
    "Lệch (phút)",
    "Hẹn từ",
    "Hẹn đến",
    "Trễ hẹn (phút)",
    "Ghi khi mất sóng",
    "Độ khớp lần phát",
    "Dữ liệu",
)
"""The first line of the CSV of a run."""


# --- what pages show --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class StopActual:
    """A door as planned and as recorded. Empty texts where nobody knows; `turn` is 0 where nothing was recorded.

    `agreements` are by item or pickup, for those who may see where the door is.
    """

    number: int
    turn: int
    commune: str
    things: int
    outcome: str
    tone: str
    planned: str
    told: str
    drift: str
    window: str
    late: str
    was_offline: bool
    agreements: tuple[tuple[str, Agreed], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RunActual:
    """A run as planned and as recorded: totals as people read them, its doors, and what the figures do not know."""

    code: str
    day: date
    territory: str
    office: str
    is_closed: bool
    done: int
    failed: int
    not_visited: int
    planned_km: str
    recorded_km: str
    odometer_km: str
    planned_time: str
    actual_time: str
    late: int
    moved: int
    stops: tuple[StopActual, ...]
    notes: tuple[str, ...]
    with_agreements: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ActualLine:
    """A closed run as a line of a list."""

    code: str
    day: date
    territory: str
    stops: int
    done: int
    failed: int
    not_visited: int
    late: int
    moved: int
    planned_km: str
    odometer_km: str
    planned_time: str
    actual_time: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ActualPage:
    """The closed runs of an office in a stretch of days, by day, with their sums."""

    office: str
    office_name: str
    offices: tuple[tuple[str, str], ...]
    since: date
    until: date
    lines: tuple[ActualLine, ...]
    stops: int
    done: int
    failed: int
    not_visited: int
    late: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Door:
    """A stop with what was recorded there, first to last."""

    stop: PlannedStop
    marks: tuple[Mark, ...]

    @property
    def told_at(self) -> datetime | None:
        """Return when something was recorded here first, None where nobody knows."""
        return min((mark.at for mark in self.marks if mark.has_time), default=None)

    @property
    def things(self) -> tuple[str, ...]:
        return (*self.stop.items, *self.stop.invitations, *self.stop.pickups)

    @property
    def done(self) -> int:
        """Return how many of its things ended as planned."""
        last = {mark.thing: mark for mark in sorted(self.marks, key=lambda mark: mark.turn)}
        return sum(last[thing].is_done for thing in self.things if thing in last)

    @property
    def is_done(self) -> bool:
        return self.done == len(self.things)

    @property
    def late_by(self) -> timedelta | None:
        """Return how long after the promised hours it was recorded first, None where no hours were promised."""
        if self.stop.closes_at is None or self.told_at is None:
            return None
        return max(timedelta(), self.told_at - self.stop.closes_at)


# --- queries ----------------------------------------------------------------------------------------------------------


def run_actual(store: Store, code: str, *, measured: Measured, actor: Actor, at: datetime) -> RunActual:
    """Return one run as planned and as recorded. Raises: UnknownCode, NotPostman, RunElsewhere."""
    with store.read(at=at) as reader:
        found = stops.run_of(reader, code)
        stops.must_see(reader, found, actor)
        doors = _doors(found, driven.marks(reader, [found])[code])
        names = reader.reference.units(sorted({stop.commune for stop in found.stops}), on=found.day)
        with_agreements = stops.sees_people(found, actor)
        agreed = measured.agreed if with_agreements else {}
        turns = _turns(doors)
        lines = tuple(
            _stop(door, names[door.stop.commune].name if door.stop.commune in names else "", turns=turns, agreed=agreed)
            for door in doors
        )
        return RunActual(
            code=code,
            day=found.day,
            territory=reader.reference.territory(found.territory).name,
            office=reader.reference.place(found.office).name,
            is_closed=found.state is RunState.CLOSED,
            done=sum(door.is_done for door in doors),
            failed=_failed(doors),
            not_visited=sum(not door.marks for door in doors),
            planned_km=_kilometres(found.metres),
            recorded_km=_kilometres(measured.metres),
            odometer_km=_kilometres(found.odometer_m),
            planned_time=_time(timedelta(seconds=found.seconds)),
            actual_time=_time(_took(found)),
            late=_late(doors),
            moved=_moved(doors),
            stops=lines,
            notes=tuple(_notes(found, doors, measured)),
            with_agreements=with_agreements,
        )


def actual_page(
    store: Store, *, actor: Actor, at: datetime, office: str = "", since: date | None = None, until: date | None = None
) -> ActualPage:
    """Return the closed runs of an office, the newest first; only a coordinator looks at other offices."""
    permissions.require(actor, Permission.PLAN_RUN)
    today = calendars.local(at).date()
    last = min(until or today, today)
    first = max(min(since or last - timedelta(days=USUAL_DAYS - 1), last), last - timedelta(days=WINDOW_DAYS))
    with store.read(at=at) as reader:
        offices = learned.offices_of(reader, actor)
        chosen = office if office in offices else actor.place if actor.place in offices else next(iter(offices), "")
        found = driven.closed_runs(reader, chosen, since=first, until=last, limit=MOST_RUNS)[::-1]
        marks = driven.marks(reader, found)
        territories = {each.code: each.name for each in reader.reference.territories(office=chosen)}
        lines = tuple(_line(run, _doors(run, marks[run.code]), territories) for run in found)
    return ActualPage(
        office=chosen,
        office_name=offices.get(chosen, ""),
        offices=tuple(offices.items()) if len(offices) > 1 else (),
        since=first,
        until=last,
        lines=lines,
        stops=sum(line.stops for line in lines),
        done=sum(line.done for line in lines),
        failed=sum(line.failed for line in lines),
        not_visited=sum(line.not_visited for line in lines),
        late=sum(line.late for line in lines),
    )


def csv_of(page: RunActual) -> bytes:
    """Return a run as a file for a table program: codes and communes, nobody's name or door."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(HEADINGS)
    for line in page.stops:
        opens, _, closes = line.window.partition(" – ")
        grades = [(each.name, f"{thing}: {each.facts}") for thing, each in line.agreements]
        table.writerow(
            (
                line.number,
                line.turn or "",
                line.commune,
                line.things,
                line.outcome,
                line.planned,
                line.told,
                line.drift,
                opens,
                closes,
                line.late,
                "có" if line.was_offline else "",
                " | ".join(name for name, _ in grades),
                " | ".join(facts for _, facts in grades),
            )
        )
    return ("\ufeff" + written.getvalue()).encode()


# --- one door ---------------------------------------------------------------------------------------------------------


def _doors(run: DeliveryRun, marks: Sequence[Mark]) -> list[_Door]:
    return [_Door(stop=stop, marks=tuple(mark for mark in marks if mark.stop == stop.number)) for stop in run.stops]


def _stop(
    door: _Door, commune: str, *, turns: Mapping[int, int], agreed: Mapping[tuple[str, int], Agreed]
) -> StopActual:
    outcome, tone = _outcome(door)
    drift = door.told_at - door.stop.arrives_at if door.told_at and door.stop.arrives_at else None
    return StopActual(
        number=door.stop.number,
        turn=turns.get(door.stop.number, 0),
        commune=commune,
        things=len(door.things),
        outcome=outcome,
        tone=tone.value,
        planned=_clock(door.stop.arrives_at),
        told=_clock(door.told_at),
        drift=f"{_minutes(drift):+d}" if drift is not None else "",
        window=_window(door.stop),
        late=str(_minutes(door.late_by)) if door.late_by else "",
        was_offline=any(mark.was_offline for mark in door.marks),
        agreements=tuple(
            (mark.thing, agreed[key]) for mark in door.marks if (key := (mark.thing, mark.version)) in agreed
        ),
    )


def _outcome(door: _Door) -> tuple[str, Tone]:
    if not door.marks:
        return "Không ghi lần đến", Tone.MOVING
    if door.is_done:
        return "Đã xong", Tone.DONE
    if door.done:
        return f"Xong {door.done}/{len(door.things)}", Tone.NEEDS_CITIZEN
    return "Đến nhưng chưa xong", Tone.NEEDS_CITIZEN


def _failed(doors: Sequence[_Door]) -> int:
    return sum(bool(door.marks) and not door.is_done for door in doors)


def _late(doors: Sequence[_Door]) -> int:
    return sum(bool(door.late_by) for door in doors)


def _turns(doors: Sequence[_Door]) -> dict[int, int]:
    """Return by stop which one it was in the order of the recorded times; those without a time are absent."""
    told = sorted((door.told_at, door.stop.number) for door in doors if door.told_at)
    return {number: turn for turn, (_, number) in enumerate(told, start=1)}


def _moved(doors: Sequence[_Door]) -> int:
    """Return how many doors were visited out of the planned order: the fewest whose leaving out makes it the same."""
    told = sorted((door.told_at, door.stop.number) for door in doors if door.told_at)
    longest: list[int] = []
    for place, (_, number) in enumerate(told):
        before = [longest[n] for n in range(place) if told[n][1] < number]
        longest.append(1 + max(before, default=0))
    return len(told) - max(longest, default=0)


# --- totals -----------------------------------------------------------------------------------------------------------


def _line(run: DeliveryRun, doors: Sequence[_Door], territories: Mapping[str, str]) -> ActualLine:
    return ActualLine(
        code=run.code,
        day=run.day,
        territory=territories.get(run.territory, run.territory),
        stops=len(doors),
        done=sum(door.is_done for door in doors),
        failed=_failed(doors),
        not_visited=sum(not door.marks for door in doors),
        late=_late(doors),
        moved=_moved(doors),
        planned_km=_kilometres(run.metres),
        odometer_km=_kilometres(run.odometer_m),
        planned_time=_time(timedelta(seconds=run.seconds)),
        actual_time=_time(_took(run)),
    )


def _notes(run: DeliveryRun, doors: Sequence[_Door], measured: Measured) -> list[str]:
    """Say what the figures rest on, and what nobody knows."""
    detour = f"{measured.detour:.2f}".replace(".", ",")
    notes = [
        "Giờ ghi là lúc lưu lần đầu tại điểm, thường sau khi giao xong; giờ dự kiến là lúc đến.",
        f"Quãng đường theo vị trí ghi là đường thẳng giữa {measured.placed}/{len(doors)} điểm có vị trí, nhân {detour}."
        if measured.metres is not None
        else "Chưa đủ vị trí ghi để tính quãng đường.",
    ]
    if run.odometer_m is None:
        notes.append("Không ghi số km đồng hồ xe.")
    if any(mark.was_offline for door in doors for mark in door.marks):
        notes.append("Điểm ghi khi mất sóng dùng giờ của máy bưu tá, lệch không quá 5 phút.")
    if untimed := sum(bool(door.marks) and door.told_at is None for door in doors):
        notes.append(f"{untimed} điểm ghi bằng máy lệch giờ nên không có giờ ghi.")
    if not any(door.stop.arrives_at for door in doors):
        notes.append("Chuyến lập không có giờ dự kiến từng điểm.")
    return notes


def _took(run: DeliveryRun) -> timedelta | None:
    return run.closed_at - run.started_at if run.closed_at and run.started_at else None


def _kilometres(metres: int | None) -> str:
    return runs.kilometres(metres) if metres else ""


def _time(took: timedelta | None) -> str:
    return runs.duration(round(took.total_seconds())) if took else ""


def _clock(at: datetime | None) -> str:
    return f"{calendars.local(at):%H:%M}" if at else ""


def _window(stop: PlannedStop) -> str:
    return f"{_clock(stop.opens_at)} – {_clock(stop.closes_at)}" if stop.opens_at and stop.closes_at else ""


def _minutes(span: timedelta) -> int:
    return round(span / timedelta(minutes=1))
