"""A home pickup: the citizen asked that a postman fetch papers at the door (QĐ 45/2016 Đ.6, TT 17/2017 Đ.5.1)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum

from postal.domain import calendars, codes, supplements
from postal.domain.calendars import WorkCalendar
from postal.domain.dossier import AGENCY_STATUS_NAMES, AgencyStatus, Dossier
from postal.domain.events import (
    AttemptReason,
    Event,
    ItemKind,
    PickupAsked,
    PickupCancelled,
    PickupFailed,
    PickupMade,
    Service,
)
from postal.domain.item import Custody, Item
from postal.domain.lifecycle import NotNow
from postal.domain.people import Actor
from postal.domain.refusals import Refused


class PickupState(Enum):
    """Where a home pickup stands."""

    ASKED = "asked"
    MADE = "made"
    CANCELLED = "cancelled"


PICKUP_STATE_NAMES: dict[PickupState, str] = {
    PickupState.ASKED: "chờ bưu tá đến lấy",
    PickupState.MADE: "đã lấy giấy tờ",
    PickupState.CANCELLED: "đã hủy hẹn",
}

LIFECYCLE: dict[tuple[PickupState | None, type[Event]], PickupState] = {
    (None, PickupAsked): PickupState.ASKED,
    (PickupState.ASKED, PickupMade): PickupState.MADE,
    (PickupState.ASKED, PickupFailed): PickupState.ASKED,
    (PickupState.ASKED, PickupCancelled): PickupState.CANCELLED,
}


class NothingToFetch(Refused):
    """A postman comes only for papers that somebody waits for."""

    code = "nothing_to_fetch"
    vi = (
        "Hồ sơ {dossier} ({state}) không chờ giấy tờ nào từ người gửi. "
        "Chỉ hẹn thu gom khi cơ quan yêu cầu bổ sung, hoặc khi hồ sơ mới chưa giao giấy tờ."
    )
    en = "Dossier {dossier} ({state}) waits for no papers of the sender, so there is nothing to fetch."


class PickupExists(Refused):
    """One visit is promised at a time."""

    code = "pickup_exists"
    vi = "Hồ sơ {dossier} đã hẹn bưu tá đến lấy {day} (phiếu {pickup}). Muốn đổi ngày, hủy phiếu đó rồi hẹn lại."
    en = "Dossier {dossier} has a pickup on {day} already ({pickup}). Cancel that one to change the day."


class PickupOnDayOff(Refused):
    """No postman goes out on a day off."""

    code = "pickup_on_day_off"
    vi = "Ngày {day} bưu điện nghỉ, bưu tá không đi. Chọn ngày làm việc, gần nhất là {next_day}."
    en = "No postman goes out on {day}. Choose a working day; the next one is {next_day}."


class WrongWindow(Refused):
    """A promised window lies ahead, within its day, and begins before it ends."""

    code = "wrong_window"
    vi = "Khung giờ {window} không đúng. Nhập giờ bắt đầu trước giờ kết thúc, trong ngày hẹn và chưa qua."
    en = "The window {window} is wrong: it must lie ahead, within the day, and begin before it ends."


@dataclass(frozen=True, kw_only=True, slots=True)
class HomePickup:
    """A door where papers wait. `day` is the day it is promised for now; `item` the envelope once it was made."""

    code: str
    version: int
    state: PickupState
    dossier: str
    office: str
    commune: str
    kind: ItemKind
    day: date
    asked_at: datetime
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    note: str = ""
    attempts: int = 0
    attempt_reason: AttemptReason | None = None
    item: str = ""
    made_at: datetime | None = None
    misfits: int = 0

    def may(self, kind: type[Event]) -> bool:
        """Tell whether the life cycle allows an event of this kind from here."""
        return (self.state, kind) in LIFECYCLE

    def must_be_open(self) -> None:
        """Refuse a visit that was made or cancelled. Raises: NotNow."""
        self._must_allow(PickupMade)

    def make(
        self, *, item: str, run: str, proof: str, by: Actor, at: datetime, where: str = "", binding: str = ""
    ) -> PickupMade:
        """Record that the papers were counted and are in the envelope `item`. Raises: NotNow."""
        self._must_allow(PickupMade)
        return PickupMade(
            item=item, run=run, proof=proof, where=where, binding=binding, by=by.as_author(), occurred_at=at
        )

    def fail(
        self,
        *,
        run: str,
        reason: AttemptReason,
        next_on: date,
        proof: str,
        by: Actor,
        at: datetime,
        where: str = "",
        binding: str = "",
    ) -> PickupFailed:
        """Record a visit without papers; it is tried again on `next_on`. Raises: NotNow."""
        self._must_allow(PickupFailed)
        return PickupFailed(
            run=run,
            reason=reason,
            next_on=next_on,
            proof=proof,
            where=where,
            binding=binding,
            by=by.as_author(),
            occurred_at=at,
        )

    def cancel(self, *, reason: str, by: Actor, at: datetime) -> PickupCancelled:
        """Say that nobody has to come. Raises: NotNow."""
        self._must_allow(PickupCancelled)
        return PickupCancelled(reason=reason, by=by.as_author(), occurred_at=at)

    def evolve(self, event: Event) -> "HomePickup":
        """Return the pickup after `event`. Total: what does not fit is counted in `misfits`, never raised."""
        state = LIFECYCLE.get((self.state, type(event)))
        if state is None:
            return replace(self, version=self.version + 1, misfits=self.misfits + 1)
        after = replace(self, state=state, version=self.version + 1)
        match event:
            case PickupMade(item=item):
                return replace(after, item=item, made_at=event.occurred_at)
            case PickupFailed(reason=reason, next_on=next_on):
                return replace(
                    after,
                    attempts=self.attempts + 1,
                    attempt_reason=reason,
                    day=next_on,
                    opens_at=None,
                    closes_at=None,
                )
            case PickupCancelled():
                return after
            case _:
                raise AssertionError(f"{type(event).__name__} is in LIFECYCLE but not folded")

    def _must_allow(self, kind: type[Event]) -> None:
        if not self.may(kind):
            raise NotNow(thing=f"Phiếu hẹn {codes.shown(self.code)}", state=PICKUP_STATE_NAMES[self.state])


def awaited(dossier: Dossier, items: Iterable[Item]) -> ItemKind | None:
    """Return what is waited for from the sender: papers asked for and not brought yet, the first papers, or nothing."""
    known = list(items)
    if supplements.still_missing(dossier, known):
        return ItemKind.SUPPLEMENT
    sends = dossier.service in (Service.SEND, Service.BOTH)
    came = any(item.kind is ItemKind.OUTBOUND and item.custody is not Custody.VOIDED for item in known)
    return ItemKind.OUTBOUND if dossier.status is AgencyStatus.NEW and sends and not came else None


def ask(
    dossier: Dossier,
    *,
    items: Iterable[Item],
    others: Iterable[HomePickup],
    office: str,
    commune: str,
    day: date,
    opens_at: datetime | None,
    closes_at: datetime | None,
    note: str,
    calendar: WorkCalendar,
    by: Actor,
    at: datetime,
) -> PickupAsked:
    """Promise that a postman of `office` fetches papers at the sender's door; `others` were promised before.

    Raises: NothingToFetch, PickupExists, PickupOnDayOff, WrongWindow.
    """
    kind = must_be_awaited(dossier, items)
    for other in others:
        if other.state is PickupState.ASKED:
            raise PickupExists(
                dossier=codes.shown(dossier.code), day=calendars.written(other.day), pickup=codes.shown(other.code)
            )
    must_be_a_day_of_the_post(day, calendar)
    _must_fit(day, opens_at, closes_at, at=at)
    return PickupAsked(
        dossier=dossier.code,
        office=office,
        commune=commune,
        kind=kind,
        day=day,
        opens_at=opens_at,
        closes_at=closes_at,
        note=note,
        by=by.as_author(),
        occurred_at=at,
    )


def must_be_awaited(dossier: Dossier, items: Iterable[Item]) -> ItemKind:
    """Return what is waited for from the sender. Raises: NothingToFetch."""
    kind = awaited(dossier, items)
    if kind is None:
        raise NothingToFetch(dossier=codes.shown(dossier.code), state=AGENCY_STATUS_NAMES[dossier.status])
    return kind


def must_be_a_day_of_the_post(day: date, calendar: WorkCalendar) -> None:
    """Refuse a visit on a day off. Raises: PickupOnDayOff."""
    if not calendar.is_working_day(day):
        next_day = calendars.written(calendar.first_working_day(day))
        raise PickupOnDayOff(day=calendars.written(day), next_day=next_day)


def _must_fit(day: date, opens_at: datetime | None, closes_at: datetime | None, *, at: datetime) -> None:
    if opens_at is None and closes_at is None:
        return
    ends = [calendars.local(end) for end in (opens_at, closes_at) if end is not None]
    is_ahead = closes_at is not None and closes_at > at
    if len(ends) < 2 or ends[0] >= ends[1] or any(end.date() != day for end in ends) or not is_ahead:
        raise WrongWindow(window=" – ".join(f"{end:%H:%M}" for end in ends))


def begin(code: str, event: Event) -> HomePickup:
    """Return the pickup that its first event makes."""
    assert isinstance(event, PickupAsked), f"{code} does not begin with PickupAsked"
    return HomePickup(
        code=code,
        version=1,
        state=LIFECYCLE[None, PickupAsked],
        dossier=event.dossier,
        office=event.office,
        commune=event.commune,
        kind=event.kind,
        day=event.day,
        asked_at=event.occurred_at,
        opens_at=event.opens_at,
        closes_at=event.closes_at,
        note=event.note,
    )


def replay(code: str, events: Iterable[Event]) -> HomePickup:
    """Fold all events of a pickup into its state."""
    first, *rest = events
    pickup = begin(code, first)
    for event in rest:
        pickup = pickup.evolve(event)
    return pickup
