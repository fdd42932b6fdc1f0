"""Who holds a position: taken when nobody does, passed on by a counted hand-over of the whole position."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from postal.domain import codes
from postal.domain.events import Event, PositionTaken, ShiftHandedOver
from postal.domain.item import SamePerson
from postal.domain.people import Actor, Role, parse_position
from postal.domain.refusals import Refused


class PositionHeld(Refused):
    """A position that somebody holds passes only by a counted hand-over."""

    code = "position_held"
    vi = "{position} đang do {holder} phụ trách. Nhờ người đó bàn giao ca, hoặc trưởng bưu cục giao lại."
    en = "{position} is held by {holder}. Ask for a shift hand-over."


class NotPositionHolder(Refused):
    """Only who holds a position can pass it on."""

    code = "not_position_holder"
    vi = "{account} không phụ trách {position} nên không bàn giao ca được. Người đang phụ trách: {holder}."
    en = "{account} does not hold {position}; {holder} does."


class NotOfThisUnit(Refused):
    """A position stays with the people of its unit."""

    code = "not_of_this_unit"
    vi = "{name} không làm việc ở đơn vị của {position}. Người nhận ca phải là người của đơn vị."
    en = "{name} does not work at the unit of {position}. The next person must be one of that unit."


@dataclass(frozen=True, kw_only=True, slots=True)
class PositionHolding:
    """A position and who answers for it now. `code` is the position's key, `place:kind`."""

    code: str
    version: int
    holder: str
    since: datetime
    expected: int = 0
    counted: int = 0
    misfits: int = 0

    def pass_on(self, *, holder: str, expected: int, counted: int, by: Actor, at: datetime) -> ShiftHandedOver:
        """Pass the position with everything in it to `holder`, who counted `counted` of `expected` items.

        The holder passes it on; for somebody who fell ill the controller of the same unit does.

        Raises: NotPositionHolder, SamePerson.
        """
        if by.account != self.holder and not self._is_controlled_by(by):
            raise NotPositionHolder(account=by.account, position=self.code, holder=self.holder)
        if holder == self.holder:
            raise SamePerson(item=codes.shown(self.code))
        return ShiftHandedOver(
            giver=self.holder,
            holder=holder,
            expected=expected,
            counted=counted,
            by=by.as_author(),
            occurred_at=at,
        )

    def evolve(self, event: Event) -> "PositionHolding":
        """Return the holding after `event`. Total: what does not fit is counted in `misfits`, never raised."""
        after = replace(self, version=self.version + 1)
        if not isinstance(event, ShiftHandedOver):
            return replace(after, misfits=self.misfits + 1)
        return replace(
            after,
            holder=event.holder,
            since=event.occurred_at,
            expected=event.expected,
            counted=event.counted,
        )

    def _is_controlled_by(self, by: Actor) -> bool:
        return Role.CONTROLLER in by.roles and parse_position(self.code).place == by.place


def must_be_of_unit(code: str, *, somebody: Actor) -> None:
    """Refuse a holder from another unit than the position's. Raises: NotOfThisUnit."""
    if parse_position(code).place != somebody.place:
        raise NotOfThisUnit(name=somebody.name, position=code)


def take(code: str, *, held_by: str, by: Actor, at: datetime) -> PositionTaken:
    """Take a position that nobody holds.

    Raises: PositionHeld.
    """
    if held_by:
        raise PositionHeld(position=code, holder=held_by)
    return PositionTaken(holder=by.account, by=by.as_author(), occurred_at=at)


def holder_at(happened: Sequence[Event], at: datetime) -> str:
    """Return the account that held a position at a time, empty before anybody did.

    `happened` is what is known of it, from some time on; who gave it away first had it before.
    """
    holders = [
        event.holder
        for event in happened
        if isinstance(event, PositionTaken | ShiftHandedOver) and event.occurred_at <= at
    ]
    if holders:
        return holders[-1]
    return happened[0].giver if happened and isinstance(happened[0], ShiftHandedOver) else ""


def begin(code: str, event: Event) -> PositionHolding:
    """Return the holding that its first event makes."""
    assert isinstance(event, PositionTaken), f"{code} does not begin with PositionTaken"
    return PositionHolding(code=code, version=1, holder=event.holder, since=event.occurred_at)


def replay(code: str, events: Iterable[Event]) -> PositionHolding:
    """Fold all events of a position into its state."""
    first, *rest = events
    holding = begin(code, first)
    for event in rest:
        holding = holding.evolve(event)
    return holding
