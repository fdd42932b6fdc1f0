"""A stop of a planned run goes to another one: offered by one side, then taken or refused by the other."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from postal.domain import calendars, codes, transfers
from postal.domain.events import PlannedStop
from postal.domain.item import Item
from postal.domain.lifecycle import Overtaken, UnknownCode
from postal.domain.map_servers import MapServer
from postal.domain.people import Actor
from postal.domain.places import WorkingTime
from postal.domain.proposal import Draft, Proposal
from postal.domain.run import DeliveryRun
from postal.services import retiming
from postal.services.retiming import Grounds
from postal.store import Ledger, Reader, Store
from routes.matrix import Matrix


def offer(store: Store, code: str, stop: str, *, to: str, by: Actor, at: datetime) -> DeliveryRun:
    """Offer a stop of a run to another one of the same office and day; nothing moves before that one takes it.

    Raises: RunLoaded, NotOfThisRun, OtherDayOrOffice, OfferedAlready, NotOfRoute, UnknownCode, Overtaken.
    """
    with store.begin(at=at) as ledger:
        giver, taker = _both(ledger, code, to)
        _must_not_be_loaded(ledger, giver, taker)
        return ledger.append(giver, transfers.offer(giver, stop, to=taker, by=by, at=at))


def take(
    store: Store, code: str, stop: str, *, by: Actor, at: datetime, server: MapServer | None = None
) -> tuple[DeliveryRun, DeliveryRun]:
    """Take an offered stop where it costs least; return the run that gave it and the one that has it now.

    The times of both are worked out outside the transaction; who changed one of them meanwhile makes it fail.

    Raises: NothingOffered, NotOfRoute, NotTheOtherSide, RunLoaded, UnknownCode, Overtaken.
    """
    with store.read(at=at) as reader:
        giver = _run(reader, code)
        taker = _run(reader, transfers.offer_of(giver, stop).to)
        plans = _plans(reader, giver, taker, stop, by=by, at=at)
    left, more = plans.worked_out(stop, server=server, at=at)
    with store.begin(at=at) as ledger:
        now = _both(ledger, giver.code, taker.code)
        if now != (giver, taker):
            raise Overtaken(thing=f"Chuyến {codes.shown(giver.code)}")
        _must_not_be_loaded(ledger, giver, taker)
        given, taken = transfers.take(giver, taker, stop, left=left, more=more, by=by, at=at)
        things = next(each.things for each in giver.stops if each.name == stop)
        ledger.rounds.pass_on(things, giver=giver.code, taker=taker.code)
        changes = {giver.code: (giver, given), taker.code: (taker, taken)}
        after = ledger.append_all([changes[each] for each in sorted(changes)])
        found = {each.code: each for each in after}
        return found[giver.code], found[taker.code]


def refuse(store: Store, code: str, stop: str, *, by: Actor, at: datetime) -> DeliveryRun:
    """Leave an offered stop where it is. Raises: NothingOffered, NotOfRoute, NotTheOtherSide, RunLoaded, Overtaken."""
    with store.begin(at=at) as ledger:
        giver = ledger.run(code)
        taker = ledger.run(transfers.offer_of(giver, stop).to)
        return ledger.append(giver, transfers.refuse(giver, taker, stop, by=by, at=at))


def withdraw(store: Store, code: str, stop: str, *, by: Actor, at: datetime) -> DeliveryRun:
    """Take an offer back. Raises: NothingOffered, NotOfRoute, RunLoaded, UnknownCode, Overtaken."""
    with store.begin(at=at) as ledger:
        giver = ledger.run(code)
        return ledger.append(giver, transfers.withdraw(giver, stop, by=by, at=at))


# --- what is read -----------------------------------------------------------------------------------------------------


def _run(reader: Reader, code: str) -> DeliveryRun:
    found = reader.thing(DeliveryRun, code)
    if found is None:
        raise UnknownCode(thing=codes.shown(code))
    return found


def _both(ledger: Ledger, giver: str, taker: str) -> tuple[DeliveryRun, DeliveryRun]:
    """Return both runs, and let nobody else change one of them until the transaction has ended."""
    ledger.lock(DeliveryRun, {giver, taker})
    return ledger.run(giver), ledger.run(taker)


def _must_not_be_loaded(ledger: Ledger, *runs: DeliveryRun) -> None:
    ledger.lock(Item, {code for each in runs for code in each.items})
    for each in runs:
        transfers.must_be_open(each, ledger.items(each.items))


# --- the times of both ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plans:
    """Two runs of a day, what their times rest on, and from when to when their rounds are driven."""

    giver: DeliveryRun
    taker: DeliveryRun
    grounds: Grounds
    hours: dict[str, WorkingTime]

    def worked_out(self, stop: str, *, server: MapServer | None, at: datetime) -> tuple[DeliveryRun, DeliveryRun]:
        """Return the run without the stop, and the other one with it where it costs least."""
        moved = [each for each in self.giver.stops if each.name == stop]
        rest = [each for each in self.giver.stops if each.name != stop]
        left = self._timed(self.giver, rest, server=server, at=at)
        more = self._timed(self.taker, [*self.taker.stops, *moved], fit=(stop,), server=server, at=at)
        return left, more

    def _timed(
        self,
        found: DeliveryRun,
        stops: Collection[PlannedStop],
        *,
        server: MapServer | None,
        at: datetime,
        fit: tuple[str, ...] = (),
    ) -> DeliveryRun:
        draft = _draft(found, stops, hours=self.hours[found.territory])
        ways = retiming.ways_of(draft, self.grounds, server=server, at=at)
        draft = replace(draft, starts_at=self._left_at(found, draft, ways))
        if fit:
            draft = retiming.fitted_in(draft, fit, self.grounds, matrix=ways)
        draft = retiming.retimed(draft, self.grounds, matrix=ways)
        return replace(found, stops=draft.stops, metres=draft.metres, seconds=draft.seconds)

    def _left_at(self, found: DeliveryRun, draft: Draft, ways: Matrix) -> datetime:
        """Return when a run leaves: so that it is at its first stop when it was planned to be."""
        first = next((each for each in found.stops if each.arrives_at and each.name in self.grounds.points), None)
        if first is None or first.arrives_at is None:
            return draft.starts_at
        depot = self.grounds.depots[found.office].place
        return first.arrives_at - timedelta(seconds=ways.leg(depot, self.grounds.points[first.name]).seconds)


def _plans(reader: Reader, giver: DeliveryRun, taker: DeliveryRun, stop: str, *, by: Actor, at: datetime) -> _Plans:
    hours = {code: reader.reference.territory(code).working_time for code in {giver.territory, taker.territory}}
    drafts = tuple(_draft(each, each.stops, hours=hours[each.territory]) for each in (giver, taker))
    moved = [each for each in giver.stops if each.name == stop]
    drafts = (drafts[0], replace(drafts[1], stops=(*drafts[1].stops, *moved)))
    day = Proposal(place=giver.office, day=giver.day, made_at=at, by=by.as_author(), drafts=drafts, left=(), used=())
    return _Plans(giver=giver, taker=taker, grounds=retiming.grounds(reader, day, drafts), hours=hours)


def _draft(found: DeliveryRun, stops: Collection[PlannedStop], *, hours: WorkingTime) -> Draft:
    """Return a run as the draft it came from, leaving when its round opens."""
    return Draft(
        territory=found.territory,
        office=found.office,
        part=0,
        postman=found.postman,
        by_spare=False,
        stops=tuple(replace(stop, number=n) for n, stop in enumerate(stops, start=1)),
        metres=found.metres,
        seconds=found.seconds,
        starts_at=datetime.combine(found.day, hours.opens, calendars.VIETNAM),
        longest_minutes=hours.longest_minutes,
    )
