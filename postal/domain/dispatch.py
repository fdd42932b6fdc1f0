"""The dispatch (chuyến thư; UPU dispatch): bags that travel together between two places.

It has no custodian, custody is the bags' own; the trip says what belongs together, when it left, when it is expected.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from postal.domain import codes
from postal.domain.bag import Bag, BagState
from postal.domain.events import Arrived, BagsLoaded, BagsUnloaded, Departed, Destination, DispatchMade, Event
from postal.domain.item import OtherDestination
from postal.domain.lifecycle import NotNow
from postal.domain.people import Actor, Custodian
from postal.domain.refusals import Refused

GRACE = timedelta(minutes=15)
"""How long after its expected time a trip may be silent before somebody is asked (our own rule, not law)."""


class DispatchState(Enum):
    """Where a trip stands."""

    LOADING = "loading"
    ON_THE_WAY = "on_the_way"
    ARRIVED = "arrived"


DISPATCH_STATE_NAMES: dict[DispatchState, str] = {
    DispatchState.LOADING: "đang xếp túi",
    DispatchState.ON_THE_WAY: "đang trên đường",
    DispatchState.ARRIVED: "đã đến",
}

LIFECYCLE: dict[tuple[DispatchState | None, type[Event]], DispatchState] = {
    (None, DispatchMade): DispatchState.LOADING,
    (DispatchState.LOADING, BagsLoaded): DispatchState.LOADING,
    (DispatchState.LOADING, BagsUnloaded): DispatchState.LOADING,
    (DispatchState.LOADING, Departed): DispatchState.ON_THE_WAY,
    (DispatchState.ON_THE_WAY, Arrived): DispatchState.ARRIVED,
}


class BagNotSealed(Refused):
    """Only a sealed bag goes on a trip."""

    code = "bag_not_sealed"
    vi = "Túi {bag} chưa niêm phong. Đóng túi, nhập số niêm phong rồi quét lại."
    en = "Bag {bag} is not sealed. Close it, enter the seal number, then scan it again."


class OnAnotherTrip(Refused):
    """A bag is on one trip at a time."""

    code = "on_another_trip"
    vi = "Túi {bag} đã xếp vào chuyến {dispatch}. Bỏ khỏi chuyến đó trước."
    en = "Bag {bag} is on trip {dispatch}. Take it off that trip first."


class NotAtTrip(Refused):
    """Who loads a trip is where it begins; who says that it came is where it ends, or its carrier."""

    code = "not_at_trip"
    vi = "Chuyến {dispatch} do {where} làm. Nhờ người ở đó ghi."
    en = "Trip {dispatch} is recorded at {where}. Ask somebody there."


class NothingLoaded(Refused):
    """A trip leaves with a bag at least."""

    code = "nothing_loaded"
    vi = "Chuyến {dispatch} chưa có túi nào. Quét túi vào chuyến rồi bàn giao."
    en = "Trip {dispatch} has no bag yet. Scan bags onto it first."


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispatch:
    """A trip from an office to an office, hub or desk. `expected_at` is when it should arrive."""

    code: str
    version: int
    state: DispatchState
    origin: str
    destination: Destination
    made_at: datetime
    expected_at: datetime | None = None
    bags: tuple[str, ...] = ()
    record: str = ""
    carrier: Custodian | None = None
    departed_at: datetime | None = None
    arrived_at: datetime | None = None
    arrived: tuple[str, ...] = ()
    misfits: int = 0

    def may(self, kind: type[Event]) -> bool:
        """Tell whether the life cycle allows an event of this kind from here."""
        return (self.state, kind) in LIFECYCLE

    def is_overdue(self, *, at: datetime) -> bool:
        """Tell whether it should have arrived and nobody has said that it did."""
        is_awaited = self.state is DispatchState.ON_THE_WAY and self.expected_at is not None
        return is_awaited and self.expected_at is not None and at > self.expected_at + GRACE

    def load(self, bags: Sequence[Bag], *, by: Actor, at: datetime) -> BagsLoaded:
        """Put sealed bags on the trip that goes where they go; what goes beyond a hub travels in a transit bag to it.

        Raises: NotNow, NotAtTrip, BagNotSealed, OtherDestination.
        """
        self._must_allow(BagsLoaded)
        self._must_be_at_origin(by)
        for bag in bags:
            if bag.state is not BagState.SEALED:
                raise BagNotSealed(bag=codes.shown(bag.code))
            if bag.destination.place != self.destination.place:
                raise OtherDestination(item=f"túi {codes.shown(bag.code)}", destination=bag.destination.name)
        new = tuple(bag.code for bag in bags if bag.code not in self.bags)
        return BagsLoaded(bags=new, by=by.as_author(), occurred_at=at)

    def unload(self, bags: Sequence[str], *, by: Actor, at: datetime) -> BagsUnloaded:
        """Take bags off the trip before it leaves. Raises: NotNow, NotAtTrip."""
        self._must_allow(BagsUnloaded)
        self._must_be_at_origin(by)
        return BagsUnloaded(bags=tuple(b for b in bags if b in self.bags), by=by.as_author(), occurred_at=at)

    def depart(
        self, *, record: str, carrier: Custodian, by: Actor, at: datetime, expected_at: datetime | None = None
    ) -> Departed:
        """Let the trip leave with who signed for its bags. Raises: NotNow, NothingLoaded."""
        self._must_allow(Departed)
        if not self.bags:
            raise NothingLoaded(dispatch=codes.shown(self.code))
        expected = expected_at or self.expected_at
        return Departed(record=record, carrier=carrier, expected_at=expected, by=by.as_author(), occurred_at=at)

    def arrive(self, bags: Sequence[str], *, by: Actor, at: datetime) -> Arrived:
        """Say that the trip is there, with which bags. Raises: NotNow, NotAtTrip."""
        self._must_allow(Arrived)
        if by.place != self.destination.place and not by.acts_for(self.carrier):
            raise NotAtTrip(dispatch=codes.shown(self.code), where=self.destination.name)
        return Arrived(bags=tuple(bags), by=by.as_author(), occurred_at=at)

    def evolve(self, event: Event) -> "Dispatch":
        """Return the trip after `event`. Total: what does not fit is counted in `misfits`, never raised."""
        state = LIFECYCLE.get((self.state, type(event)))
        if state is None:
            return replace(self, version=self.version + 1, misfits=self.misfits + 1)
        return _after(replace(self, state=state, version=self.version + 1), event)

    def _must_be_at_origin(self, by: Actor) -> None:
        if by.place != self.origin:
            raise NotAtTrip(dispatch=codes.shown(self.code), where="nơi đi")

    def _must_allow(self, kind: type[Event]) -> None:
        if not self.may(kind):
            raise NotNow(thing=f"Chuyến {codes.shown(self.code)}", state=DISPATCH_STATE_NAMES[self.state])


def make(
    *, code: str, origin: str, destination: Destination, by: Actor, at: datetime, expected_at: datetime | None = None
) -> DispatchMade:
    """Open a trip for bags where it begins. Raises: NotAtTrip."""
    if by.place != origin:
        raise NotAtTrip(dispatch=codes.shown(code), where="nơi đi")
    return DispatchMade(
        origin=origin, destination=destination, expected_at=expected_at, by=by.as_author(), occurred_at=at
    )


def begin(code: str, event: Event) -> Dispatch:
    """Return the trip that its first event makes."""
    assert isinstance(event, DispatchMade), f"{code} does not begin with DispatchMade"
    return Dispatch(
        code=code,
        version=1,
        state=LIFECYCLE[None, DispatchMade],
        origin=event.origin,
        destination=event.destination,
        expected_at=event.expected_at,
        made_at=event.occurred_at,
    )


def replay(code: str, events: Iterable[Event]) -> Dispatch:
    """Fold all events of a trip into its state."""
    first, *rest = events
    dispatch = begin(code, first)
    for event in rest:
        dispatch = dispatch.evolve(event)
    return dispatch


def _after(dispatch: Dispatch, event: Event) -> Dispatch:
    match event:
        case BagsLoaded(bags=bags):
            return replace(dispatch, bags=(*dispatch.bags, *bags))
        case BagsUnloaded(bags=bags):
            return replace(dispatch, bags=tuple(bag for bag in dispatch.bags if bag not in bags))
        case Departed(record=record, carrier=carrier, expected_at=expected_at):
            return replace(
                dispatch,
                record=record,
                carrier=carrier,
                expected_at=expected_at or dispatch.expected_at,
                departed_at=event.occurred_at,
            )
        case Arrived(bags=bags):
            return replace(dispatch, arrived=bags, arrived_at=event.occurred_at)
        case _:
            raise AssertionError(f"{type(event).__name__} is in LIFECYCLE but not folded")
