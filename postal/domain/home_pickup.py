"""A home pickup: the citizen asked that a postman fetch papers at the door (QĐ 45/2016 Đ.6, TT 17/2017 Đ.5.1)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum

from postal.domain import codes
from postal.domain.events import (
    AttemptReason,
    Event,
    ItemKind,
    PickupAsked,
    PickupCancelled,
    PickupFailed,
    PickupMade,
)
from postal.domain.lifecycle import NotNow
from postal.domain.people import Actor


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
