"""A delivery run: a territory's round driven on a day by one postman, stop by stop."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum

from postal.domain import calendars, codes
from postal.domain.calendars import WorkCalendar
from postal.domain.dossier import Dossier
from postal.domain.events import (
    Event,
    ItemKind,
    PlannedStop,
    ReturnWay,
    RunClosed,
    RunPlanned,
    RunStarted,
    StopGiven,
    StopOffered,
    StopOfferWithdrawn,
    StopRefusedByRoute,
    StopTaken,
)
from postal.domain.item import Custody, Item
from postal.domain.lifecycle import NotNow
from postal.domain.people import Actor, Side
from postal.domain.permissions import Forbidden
from postal.domain.refusals import Refused


class RunState(Enum):
    """Where a run stands."""

    PLANNED = "planned"
    STARTED = "started"
    CLOSED = "closed"


RUN_STATE_NAMES: dict[RunState, str] = {
    RunState.PLANNED: "đã lập, chưa đi",
    RunState.STARTED: "đang đi phát",
    RunState.CLOSED: "đã kết thúc ngày",
}

LIFECYCLE: dict[tuple[RunState | None, type[Event]], RunState] = {
    (None, RunPlanned): RunState.PLANNED,
    (RunState.PLANNED, StopOffered): RunState.PLANNED,
    (RunState.PLANNED, StopGiven): RunState.PLANNED,
    (RunState.PLANNED, StopTaken): RunState.PLANNED,
    (RunState.PLANNED, StopRefusedByRoute): RunState.PLANNED,
    (RunState.PLANNED, StopOfferWithdrawn): RunState.PLANNED,
    (RunState.PLANNED, RunStarted): RunState.STARTED,
    (RunState.STARTED, RunClosed): RunState.CLOSED,
}


LONGEST_DAY_M = 500_000
"""Nobody drives further on one round."""


class NoPostman(Refused):
    """A run needs somebody who drives it."""

    code = "no_postman"
    vi = "Tuyến phát {territory} chưa có bưu tá. Chọn bưu tá đi tuyến này hôm nay rồi lập chuyến lại."
    en = "Territory {territory} has no postman. Choose who drives it today, then plan the run again."


class PostmanElsewhere(Refused):
    """A run is driven by a postman of the office that has its things."""

    code = "postman_elsewhere"
    vi = "{postman} không phải bưu tá của {office}. Chọn bưu tá của bưu cục này trong danh sách."
    en = "{postman} is no postman of {office}. Choose one of its own."


class NothingOnRun(Refused):
    """A list is of at least one stop."""

    code = "nothing_on_run"
    vi = "Chuyến {run} không còn điểm nào: mọi điểm đã chuyển sang chuyến khác. Mở chuyến kia để in danh sách."
    en = "Run {run} has no stop any more: all went to other runs. Print the list of the other run."


class NothingToDeliver(Refused):
    """A run needs at least one stop."""

    code = "nothing_to_deliver"
    vi = "Tuyến phát {territory} không có kết quả nào chờ phát hôm nay."
    en = "Territory {territory} has nothing to deliver today."


class NotPostman(Forbidden):
    """A run is driven by its postman."""

    code = "not_postman"
    vi = "Chuyến {run} là của bưu tá {postman}. Mở chuyến của mình, hoặc nhờ điều phối đổi bưu tá."
    en = "Run {run} belongs to the postman {postman}. Open your own run, or ask for another postman."


class RunElsewhere(Forbidden):
    """A run belongs to the office it starts from."""

    code = "run_elsewhere"
    vi = "{thing} thuộc {office}. Mở chuyến của bưu cục mình, hoặc nhờ điều phối."
    en = "{thing} belongs to {office}. Open a run of your own office, or ask the coordinator."


class NotOwnOffice(Forbidden):
    """What waits at an office is looked after by its own people."""

    code = "not_own_office"
    vi = "Việc này do người của {office} làm. Mở trang của bưu cục mình, hoặc nhờ điều phối."
    en = "This is done by the people of {office}. Open the page of your own office."


class NotSignedFor(Refused):
    """A postman leaves with what he signed for."""

    code = "not_signed_for"
    vi = "Chuyến {run} còn {count} bưu gửi bàn giao cho bưu tá mà chưa ký nhận. Kiểm đếm, ký nhận rồi bắt đầu."
    en = "Run {run} has {count} items offered to the postman that nobody signed for. Count and sign, then start."


class NothingInHand(Refused):
    """A postman cannot leave with nothing."""

    code = "nothing_in_hand"
    vi = "Chưa có bưu gửi nào của chuyến {run} trong tay bưu tá. Nhờ khai thác bàn giao, ký nhận rồi bắt đầu."
    en = "The postman holds no item of run {run} yet. Ask sorting to hand them over, sign, then start."


class NotOnRun(Refused):
    """What is delivered on a run was planned on it."""

    code = "not_on_run"
    vi = "{item} không thuộc chuyến {run}. Bàn giao lại bưu cục để xếp vào chuyến khác."
    en = "{item} is not on run {run}. Hand it back to the office to be put on another run."


class StillOnRun(Refused):
    """A run closes when nothing is left in the postman's hands."""

    code = "still_on_run"
    vi = "Chuyến {run} còn {count} bưu gửi trong tay bưu tá. Giao nốt hoặc bàn giao lại bưu cục rồi kết thúc ngày."
    en = "Run {run} still has {count} items with the postman. Deliver or hand them back first."


class DayGone(Refused):
    """What is promised lies ahead."""

    code = "day_gone"
    vi = "Ngày {day} đã qua. Chọn hôm nay hoặc một ngày sau."
    en = "{day} has passed. Choose today or a later day."


class DayOff(Refused):
    """A postman comes again on a working day of the post, or later on the same day."""

    code = "day_off"
    vi = "Ngày {day} bưu tá không đi phát. Chọn hôm nay hoặc ngày làm việc, gần nhất là {next_day}."
    en = "No postman goes out on {day}. Choose today or a working day; the next one is {next_day}."


class MoneyInHand(Refused):
    """A day ends when the money of the postman was handed in and signed for."""

    code = "money_in_hand"
    vi = "Chuyến {run} còn {amount} đ trong tay bưu tá. Giao tiền cho quầy, chờ quầy đếm và ký rồi kết thúc ngày."
    en = "Run {run} still has {amount} đ with the postman. Hand it in at the counter, which signs for it, first."


class UnlikelyKilometres(Refused):
    """What a meter says of one day is more than nothing and no journey."""

    code = "unlikely_kilometres"
    vi = "Số km đã đi phải lớn hơn 0 và không quá {most} km. Ghi lại theo đồng hồ xe, hoặc để trống nếu không biết."
    en = "The kilometres driven are above 0 and at most {most}. Read the meter again, or leave it empty."


class NotForCitizen(Refused):
    """Only what goes to the citizen is delivered to him."""

    code = "not_for_citizen"
    vi = "{item} phải đến {place}, không phải kết quả trả người dân. Bàn giao tiếp đến {place}."
    en = "{item} goes to {place}; it is no result for the citizen. Hand it on to {place}."


class GoneBack(Refused):
    """What was sent back to the authority is not given here any more."""

    code = "gone_back"
    vi = "{item} không phát được nên đã chuyển trả {place}, nay do {holder} giữ. Mời người dân hỏi {place} để nhận."
    en = "{item} went back to {place}; now {holder} has it. The citizen may ask {place}."


class NotAtItsOffice(Refused):
    """An item waits for the citizen at the office it was sent to, and nowhere else."""

    code = "not_at_its_office"
    vi = "{item} phải chờ người dân tại {office}, nay đang do {holder} giữ. Bàn giao đến {office} rồi giữ ở đó."
    en = "{item} must wait for the citizen at {office}; now {holder} has it. Hand it over to {office} first."


@dataclass(frozen=True, kw_only=True, slots=True)
class StopOffer:
    """A stop that waits for another run's answer: its name, that run, and whose account offered it."""

    stop: str
    to: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryRun:
    """A round on a day. `metres` is the planned distance, great circle times a detour factor, `seconds` the time."""

    code: str
    version: int
    state: RunState
    office: str
    territory: str
    day: date
    postman: str
    stops: tuple[PlannedStop, ...]
    metres: int
    planned_at: datetime
    seconds: int = 0
    started_at: datetime | None = None
    closed_at: datetime | None = None
    delivered: int = 0
    returned: int = 0
    collected: int = 0
    recovered: int = 0
    picked_up: int = 0
    cash: str = ""
    misfits: int = 0
    odometer_m: int | None = None
    offers: tuple[StopOffer, ...] = ()

    @property
    def items(self) -> tuple[str, ...]:
        """Return every item of the run, in the order of the stops."""
        return tuple(item for stop in self.stops for item in stop.items)

    @property
    def invitations(self) -> tuple[str, ...]:
        """Return the items whose printed invitation is left at a door, in the order of the stops."""
        return tuple(item for stop in self.stops for item in stop.invitations)

    @property
    def pickups(self) -> tuple[str, ...]:
        """Return every home pickup of the run, in the order of the stops."""
        return tuple(pickup for stop in self.stops for pickup in stop.pickups)

    def may(self, kind: type[Event]) -> bool:
        """Tell whether the life cycle allows an event of this kind from here."""
        return (self.state, kind) in LIFECYCLE

    def start(self, *, by: Actor, at: datetime) -> RunStarted:
        """Leave with the items.

        Raises: NotNow, NotPostman.
        """
        self._must_allow(RunStarted)
        self.must_be_driven_by(by)
        return RunStarted(by=by.as_author(), occurred_at=at)

    def keeps_for(self, day: date) -> bool:
        """Tell whether its items are spoken for on a day: a run planned for a day gone by has lost them."""
        return self.state is RunState.PLANNED and self.day >= day

    def must_serve(self, thing: str, *, by: Actor) -> None:
        """Refuse a visit outside this run: it is driven now, by its postman, with this item or pickup on it.

        Raises: NotNow, NotPostman, NotOnRun.
        """
        if self.state is not RunState.STARTED:
            raise NotNow(thing=f"Chuyến {codes.shown(self.code)}", state=RUN_STATE_NAMES[self.state])
        self.must_be_driven_by(by)
        if thing not in (*self.items, *self.invitations, *self.pickups):
            raise NotOnRun(item=codes.shown(thing), run=codes.shown(self.code))

    def must_be_driven_by(self, by: Actor) -> None:
        """Let only the postman of the run pass. Raises: NotPostman."""
        if by.account != self.postman:
            raise NotPostman(run=codes.shown(self.code), postman=self.postman)

    def close(
        self,
        *,
        delivered: int,
        returned: int,
        left: int,
        by: Actor,
        at: datetime,
        collected: int = 0,
        recovered: int = 0,
        picked_up: int = 0,
        money_left: int = 0,
        cash: str = "",
        odometer_m: int | None = None,
    ) -> RunClosed:
        """End the day; no item, paper or đồng may be left in the postman's hands.

        Raises: NotNow, NotPostman, StillOnRun, MoneyInHand, UnlikelyKilometres.
        """
        self._must_allow(RunClosed)
        self.must_be_driven_by(by)
        if left:
            raise StillOnRun(run=codes.shown(self.code), count=left)
        if money_left:
            raise MoneyInHand(run=codes.shown(self.code), amount=f"{money_left:,}".replace(",", "."))
        if odometer_m is not None and not 0 < odometer_m <= LONGEST_DAY_M:
            raise UnlikelyKilometres(most=LONGEST_DAY_M // 1000)
        return RunClosed(
            delivered=delivered,
            returned=returned,
            collected=collected,
            recovered=recovered,
            picked_up=picked_up,
            cash=cash,
            odometer_m=odometer_m,
            by=by.as_author(),
            occurred_at=at,
        )

    def evolve(self, event: Event) -> "DeliveryRun":
        """Return the run after `event`. Total: what does not fit is counted in `misfits`, never raised."""
        state = LIFECYCLE.get((self.state, type(event)))
        if state is None:
            return replace(self, version=self.version + 1, misfits=self.misfits + 1)
        after = replace(self, state=state, version=self.version + 1)
        match event:
            case StopOffered() | StopRefusedByRoute() | StopOfferWithdrawn():
                return replace(after, offers=_offers_after(self.offers, event))
            case StopGiven() | StopTaken():
                return replace(
                    after,
                    stops=event.stops,
                    metres=event.metres,
                    seconds=event.seconds,
                    offers=_offers_after(self.offers, event),
                )
            case RunStarted():
                return replace(after, started_at=event.occurred_at, offers=())
            case RunClosed():
                return _closed(after, event)
            case _:
                raise AssertionError(f"{type(event).__name__} is in LIFECYCLE but not folded")

    def _must_allow(self, kind: type[Event]) -> None:
        if not self.may(kind):
            raise NotNow(thing=f"Chuyến {codes.shown(self.code)}", state=RUN_STATE_NAMES[self.state])


def _offers_after(
    offers: tuple[StopOffer, ...],
    event: StopOffered | StopGiven | StopTaken | StopRefusedByRoute | StopOfferWithdrawn,
) -> tuple[StopOffer, ...]:
    others = tuple(offer for offer in offers if offer.stop != event.stop)
    if isinstance(event, StopOffered):
        return (*others, StopOffer(stop=event.stop, to=event.to, by=event.by.account, at=event.occurred_at))
    return others


def rests_at_its_office(item: Item) -> bool:
    """Tell whether a position of the office it was sent to has an item, neither a postman nor a driver."""
    custodian = item.custodian
    return item.is_at_destination and custodian.side is Side.POST and not custodian.is_on_the_road


def waits_for_its_door(item: Item, dossier: Dossier, *, on: date) -> bool:
    """Tell whether an item could be put on a run of that day: at its office, whole, and not asked for later.

    A slip goes to the door wherever the result is fetched later: it says when and where.
    """
    goes_home = dossier.return_way is ReturnWay.HOME or item.kind is ItemKind.SLIP
    return (
        goes_home
        and item.custody is Custody.HELD
        and item.destination.to_citizen
        and rests_at_its_office(item)
        and item.trouble is None
        and item.pickup_until is None
        and (item.next_attempt_on is None or item.next_attempt_on <= on)
    )


def must_lie_ahead(day: date, *, at: datetime) -> None:
    """Refuse a promise for a day that is over. Raises: DayGone."""
    if day < calendars.local(at).date():
        raise DayGone(day=f"{day:%d/%m/%Y}")


def must_be_a_day_of_rounds(day: date, *, calendar: WorkCalendar, at: datetime) -> None:
    """Refuse to promise another visit on a day off; later on the day of the visit itself is always possible.

    Raises: DayGone, DayOff.
    """
    must_lie_ahead(day, at=at)
    if day != calendars.local(at).date() and not calendar.is_working_day(day):
        raise DayOff(day=calendars.written(day), next_day=calendars.written(calendar.first_working_day(day)))


def must_work_at(office: str, *, name: str, by: Actor) -> None:
    """Refuse what only the people of an office do. Raises: NotOwnOffice."""
    if by.place != office:
        raise NotOwnOffice(office=name)


def must_be_for_citizen(found: Item) -> None:
    """Refuse to give a citizen what goes elsewhere, or what went back; what still lies at its office is given.

    Raises: NotForCitizen, GoneBack.
    """
    if found.destination.to_citizen or found.still_lies_here:
        return
    if found.goes_back:
        raise GoneBack(item=codes.shown(found.code), place=found.destination.name, holder=found.custodian)
    raise NotForCitizen(item=codes.shown(found.code), place=found.destination.name)


def plan(
    *,
    office: str,
    territory: str,
    day: date,
    postman: str,
    stops: tuple[PlannedStop, ...],
    metres: int,
    by: Actor,
    at: datetime,
    seconds: int = 0,
) -> RunPlanned:
    """Lay out a territory's round.

    Raises: NoPostman, NothingToDeliver.
    """
    if not postman:
        raise NoPostman(territory=territory)
    if not stops:
        raise NothingToDeliver(territory=territory)
    return RunPlanned(
        office=office,
        territory=territory,
        day=day,
        postman=postman,
        stops=stops,
        metres=metres,
        seconds=seconds,
        by=by.as_author(),
        occurred_at=at,
    )


def begin(code: str, event: Event) -> DeliveryRun:
    """Return the run that its first event makes."""
    assert isinstance(event, RunPlanned), f"{code} does not begin with RunPlanned"
    return DeliveryRun(
        code=code,
        version=1,
        state=LIFECYCLE[None, RunPlanned],
        office=event.office,
        territory=event.territory,
        day=event.day,
        postman=event.postman,
        stops=event.stops,
        metres=event.metres,
        planned_at=event.occurred_at,
        seconds=event.seconds,
    )


def _closed(run: DeliveryRun, event: RunClosed) -> DeliveryRun:
    return replace(
        run,
        closed_at=event.occurred_at,
        delivered=event.delivered,
        returned=event.returned,
        collected=event.collected,
        recovered=event.recovered,
        picked_up=event.picked_up,
        cash=event.cash,
        odometer_m=event.odometer_m,
    )


def replay(code: str, events: Iterable[Event]) -> DeliveryRun:
    """Fold all events of a run into its state."""
    first, *rest = events
    run = begin(code, first)
    for event in rest:
        run = run.evolve(event)
    return run
