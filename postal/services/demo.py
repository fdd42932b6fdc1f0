"""A living demo: a fortnight of made-up dossiers through the same services, ending now, work left on every screen."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from postal.domain import calendars
from postal.domain.events import Ground, ItemKind, ReturnWay
from postal.domain.refusals import Refused
from postal.domain.run import DeliveryRun
from postal.services import custody, delivery, messages
from postal.services.demonstration import authority, bagging, cases, days, digitising, last_mile, transport, world
from postal.services.demonstration.cases import NEVER, Ending, Load, Mishap, Plan
from postal.services.demonstration.counters import Visit
from postal.services.demonstration.days import Newcomer
from postal.services.demonstration.staff import CENTRE, TRUCK, VAN
from postal.services.demonstration.world import World, by_destination, clock, spread
from postal.store import Store

DOSSIERS = 400
SEED = 2026
FORTNIGHT = 10
"""Working days; around the lunar new year they reach further back."""

_THIS_MORNING = timedelta(minutes=85)
_NIGHT = timedelta(minutes=90)
_SHARE_OF_TODAY = 0.05
_LEAST_TODAY = 8
_SHARE_IN_BAGS = 0.5
"""What of a desk's envelopes comes in a bag this morning; the others come loose, some wait for a signature."""
_BAG_AT_THE_COUNTER = f"{CENTRE}:counter"

_NEAR = Visit(clerk="quay1", procedure="1.013831", case_commune="20242", home="20242")
_FROM_THE_WEST = Visit(clerk="quay1", procedure="1.013831", case_commune="20242", home="20197")
_AT_THE_COMMUNE = Visit(clerk="quay1", procedure="1.004873", case_commune="20242", home="20242")
_FAR = Visit(clerk="quay3", procedure="3.000333", case_commune="00235", home="20257")


class DemoNotEmpty(Refused):
    """A demo begins in a database without dossiers, so that made-up and genuine ones never mix."""

    code = "demo_not_empty"
    vi = "Cơ sở dữ liệu đã có hồ sơ nên không tạo dữ liệu giả. Chọn cơ sở dữ liệu trống bằng POSTAL_DATABASE_URL."
    en = "There are dossiers already, so no made-up ones were added. Choose an empty database."


@dataclass(frozen=True, kw_only=True, slots=True)
class Demo:
    """What was made: citizens served and days worked."""

    citizens: int
    days: int


ARRANGED: Mapping[int, tuple[Newcomer, ...]] = {
    9: (Newcomer(plan=Plan(ending=Ending.STOPPED, days_at_authority=4), visit=_FAR),),
    8: (
        Newcomer(plan=Plan(ending=Ending.STOPPED, days_at_authority=6), visit=_NEAR),
        Newcomer(plan=Plan(days_at_authority=NEVER, is_apologised=True), visit=_AT_THE_COMMUNE),
    ),
    7: (
        Newcomer(plan=Plan(days_at_authority=0, failed_visits=2, days_until_fetched=NEVER), visit=_NEAR),
        Newcomer(plan=Plan(days_at_authority=0), visit=_NEAR),
    ),
    6: (
        Newcomer(plan=Plan(ending=Ending.STOPPED, days_at_authority=1), visit=_NEAR),
        Newcomer(plan=Plan(ending=Ending.WITHDRAWN, days_at_authority=1), visit=_NEAR),
        Newcomer(plan=Plan(ending=Ending.STOPPED, days_at_authority=5), visit=_NEAR),
        Newcomer(plan=Plan(ending=Ending.WITHDRAWN, days_at_authority=5), visit=_NEAR),
        Newcomer(plan=Plan(ending=Ending.REFUSED), visit=_NEAR),
        Newcomer(
            plan=Plan(days_at_authority=0, return_way=ReturnWay.POST_OFFICE, days_until_fetched=NEVER), visit=_NEAR
        ),
    ),
    5: (
        Newcomer(plan=Plan(days_for_papers=NEVER), visit=_NEAR),
        Newcomer(plan=Plan(days_for_payment=NEVER), visit=_NEAR),
        Newcomer(plan=Plan(days_at_authority=0, ground=Ground.MOVED), visit=_NEAR),
    ),
    3: (
        Newcomer(plan=Plan(mishap=Mishap.MISSING, days_of_mishap=NEVER), visit=_NEAR),
        Newcomer(plan=Plan(mishap=Mishap.DAMAGED, days_of_mishap=NEVER), visit=_NEAR),
        Newcomer(plan=Plan(mishap=Mishap.WRONG_DESK, days_of_mishap=NEVER), visit=_NEAR),
        Newcomer(plan=Plan(days_at_authority=20), visit=_NEAR),
        *(Newcomer(plan=Plan(days_at_authority=1, failed_visits=n % 2), visit=_NEAR) for n in range(4)),
    ),
    2: (
        *(Newcomer(plan=Plan(days_at_authority=1), visit=_NEAR) for _ in range(3)),
        *(Newcomer(plan=Plan(days_at_authority=0, failed_visits=n % 2), visit=_NEAR) for n in range(4)),
        Newcomer(plan=Plan(days_at_authority=0), visit=_FROM_THE_WEST),
        Newcomer(plan=Plan(ending=Ending.VOIDED), visit=_NEAR),
    ),
    1: (
        Newcomer(plan=Plan(ending=Ending.TURNED_BACK), visit=_NEAR),
        Newcomer(plan=Plan(ending=Ending.REFUSED), visit=_NEAR),
        Newcomer(plan=Plan(begins_at_home=True), visit=_NEAR),
        *(Newcomer(plan=Plan(), visit=_NEAR) for _ in range(4)),
        *(Newcomer(plan=Plan(), visit=_FAR) for _ in range(2)),
    ),
}
"""What must be there whatever chance says, by working days before today: a demo shows every status."""


def make(
    store: Store,
    *,
    chance: random.Random,
    now: datetime,
    dossiers: int = DOSSIERS,
    progress: Callable[[int], None] = lambda _: None,
) -> Demo:
    """Play a fortnight that ends now, whatever the calendar says of today; the reference data must be there.

    Same `chance`, `now` and `dossiers`, same events. Within 90 minutes of midnight the fortnight ends the evening
    before. `progress` is told after each day how many citizens have come.

    Raises: DemoNotEmpty.
    """
    ends = _ends_at(now)
    today = calendars.local(ends).date()
    _must_be_empty(store)
    worked = _working_days(store, today)
    everybody = world.open_world(store, chance=chance, at=clock(worked[0], 6), has_gaps=True)
    coming = _newcomers(everybody, count=dossiers, days=len(worked))
    for number, day in enumerate(worked):
        days.work(everybody, day, coming[number])
        _pay_everything(store, at=clock(day, 17, 30))
        progress(sum(len(some) for some in coming[: number + 1]))
    _this_morning(everybody, coming[-1], ends=ends)
    _pay_everything(store, at=ends)
    return Demo(citizens=sum(map(len, coming)), days=len(worked) + 1)


def _ends_at(now: datetime) -> datetime:
    """Return the instant the fortnight ends: now, or the last evening when the day has hardly begun."""
    midnight = clock(calendars.local(now).date(), 0)
    return now if now - midnight >= _NIGHT else midnight - timedelta(minutes=1)


def _must_be_empty(store: Store) -> None:
    with store.read() as reader:
        if reader.has_dossiers():
            raise DemoNotEmpty


def _working_days(store: Store, today: date) -> list[date]:
    with store.read() as reader:
        calendar = reader.reference.calendar("state")
    return [calendar.add_working_days(today, -back) for back in range(FORTNIGHT, 0, -1)]


def _newcomers(everybody: World, *, count: int, days: int) -> list[list[Newcomer]]:
    """Return who comes on each of the working days and, last, today; the arranged ones are among them."""
    arranged = [list(ARRANGED.get(days - number, ())) for number in range(days)]
    today = [Newcomer(plan=Plan()) for _ in range(max(_LEAST_TODAY, round(count * _SHARE_OF_TODAY)))]
    left = max(0, count - sum(map(len, arranged)) - len(today))
    for number in range(left):
        arranged[number * days // left].append(Newcomer(plan=cases.drawn(everybody.chance)))
    return [*arranged, today]


def _pay_everything(store: Store, *, at: datetime) -> None:
    """Count the messages of a day as sent: nobody has these phones."""
    messages.count_as_sent(store, at=at)


def _this_morning(everybody: World, newcomers: list[Newcomer], *, ends: datetime) -> None:
    """Work through the last hour and a half before now, and leave on every screen something to do."""
    begins = ends - _THIS_MORNING

    def after(minutes: int) -> datetime:
        return begins + timedelta(minutes=minutes)

    _sort_out_but_leave_the_truck(everybody, at=after(0))
    transport.reach_offices(everybody, at=after(12))
    last_mile.keep_for_citizens(everybody, at=after(18))
    _reach_some_desks(everybody, at=after(20))
    _begin_runs(everybody, at=after(45))
    authority.receive(everybody, at=after(55), minutes=6, share=0.5)
    authority.bring_to_departments(everybody, at=after(62))
    authority.begin_work(everybody, at=after(68), minutes=3, share=0.5)
    authority.decide(everybody, at=after(71), minutes=1)
    authority.register_results(everybody, at=after(72))
    for newcomer, at in zip(newcomers, spread(after(5), minutes=78, count=len(newcomers)), strict=True):
        days.serve(everybody, newcomer, at=at)
    _close_a_bag(everybody, at=ends)
    digitising.digitise_some(everybody, everybody.loads[_BAG_AT_THE_COUNTER], key=_BAG_AT_THE_COUNTER, at=ends)


def _close_a_bag(everybody: World, *, at: datetime) -> None:
    """Let the counter of the hub close a bag with half of what goes to one place; it waits for the van."""
    key = _BAG_AT_THE_COUNTER
    by_place = by_destination(everybody.take(key, lambda load: load.to != CENTRE))
    fullest = max(sorted(by_place), key=lambda place: len(by_place[place]), default="")
    for place, loads in by_place.items():
        middle = (len(loads) + 1) // 2 if place == fullest else 0
        packed = bagging.pack(everybody, loads[:middle], at_key=key, to=place, at=at)
        everybody.put(key, [*packed, *loads[middle:]])


def _sort_out_but_leave_the_truck(everybody: World, *, at: datetime) -> None:
    """Give the vans what is for them; the bags for the truck are offered and wait for the driver's signature."""
    transport.load_vans(everybody, at=at, share=_SHARE_IN_BAGS)
    for key, loads in transport.for_the_truck(everybody, at=at).items():
        giver, to = everybody.staff.holders[key], everybody.staff.custodian(TRUCK)
        custody.offer(everybody.store, bagging.offered(loads), to=to, by=giver, at=at, below=everybody.below)


def _reach_some_desks(everybody: World, *, at: datetime) -> None:
    """Hand over half at each desk; the rest waits for a signature, what is on paper at the first for a confirmation."""
    today = calendars.local(at).date()
    _count_a_bag_that_lacks_one(everybody, at=at)
    ready = everybody.take(VAN, lambda load: load.ready_on <= today and not load.bag)
    ready.sort(key=lambda load: load.case.plan.ending is not Ending.REFUSED)
    for number, (desk, loads) in enumerate(sorted(by_destination(ready).items(), key=lambda pair: -len(pair[1]))):
        middle = (len(loads) + 1) // 2
        signed, waiting = loads[:middle], loads[middle:]
        when = at + timedelta(minutes=2 * number)
        transport.reach_desk(everybody, VAN, desk, signed, at=when, is_confirmed=number > 0)
        officer = everybody.staff.holders.get(f"{desk}:desk")
        if waiting and officer is not None:
            to, giver = everybody.staff.custodian(f"{desk}:desk"), everybody.staff.holders[VAN]
            everybody.offer(waiting[: world.MOST_LINES], to=to, giver=giver, at=when)


def _count_a_bag_that_lacks_one(everybody: World, *, at: datetime) -> None:
    """Let the desk with the fullest bag find one envelope missing and one torn; the other bags wait on the van."""
    by_bag: dict[str, list[Load]] = {}
    for load in everybody.take(VAN, lambda load: bool(load.bag)):
        by_bag.setdefault(load.bag, []).append(load)
    if not by_bag:
        return
    fullest = max(sorted(by_bag), key=lambda code: len(by_bag[code]))
    loads = by_bag.pop(fullest)
    lacking, torn = frozenset({loads[0].code}), frozenset({loads[-1].code})
    transport.count_at_desk(everybody, VAN, loads[0].to, loads, at=at, lacking=lacking, torn=torn)
    for waiting in by_bag.values():
        everybody.put(VAN, waiting)


def _begin_runs(everybody: World, *, at: datetime) -> None:
    """Plan today's runs: one is on its way, one waits for its postman's signature, the others for the sorter."""
    runs = last_mile.plan_runs(everybody, at=at)
    ordered = sorted(runs, key=lambda run: (run.postman != "buuta1", run.territory))
    for run in ordered[:1]:
        _be_on_the_way(everybody, run, at=at)
    for run in [each for each in ordered[1:] if _has_envelopes(everybody, each)][:1]:
        sorter = everybody.staff.holders[transport.office_key(everybody, run.office)]
        delivery.hand_to_postman(
            everybody.store, run.code, by=sorter, at=at + timedelta(minutes=2), below=everybody.below
        )


def _has_envelopes(everybody: World, run: DeliveryRun) -> bool:
    """Tell whether there is something to hand to a postman: a run may be only to fetch papers, or to invite."""
    held = {load.code for load in everybody.loads.get(transport.office_key(everybody, run.office), [])}
    return not held.isdisjoint(run.items)


def _is_result(everybody: World, code: str) -> bool:
    return everybody.homebound[code].kind is ItemKind.RESULT


def _be_on_the_way(everybody: World, run: DeliveryRun, *, at: datetime) -> None:
    """Let a postman leave, meet somebody, and miss somebody."""
    last_mile.start_run(everybody, run, at=at)
    failing = [code for code in run.items if last_mile.will_fail(everybody, code)][:1]
    lucky = [code for code in run.items if not last_mile.will_fail(everybody, code) and _is_result(everybody, code)]
    doors = [*lucky[: len(lucky) // 3], *failing]
    last_mile.visit_doors(everybody, run, doors, at=at + timedelta(minutes=15), minutes=15)
