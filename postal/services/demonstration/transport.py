"""The way between counters, hubs, desks and delivery offices: vans within a province, a truck between the two."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from postal.domain import calendars
from postal.domain.events import DeclineReason
from postal.domain.people import Actor
from postal.domain.places import PlaceKind
from postal.services import custody, incidents
from postal.services.demonstration import bagging
from postal.services.demonstration.cases import NEVER, Ending, Homebound, Load, Mishap, Stage
from postal.services.demonstration.staff import CENTRE, HANOI, HANOI_VAN, TRUCK, VAN, VILLAGE
from postal.services.demonstration.world import World, by_destination

HUBS = {"48": CENTRE, "01": HANOI}
VANS = {"48": VAN, "01": HANOI_VAN}
_HUB_SHELVES = tuple(f"{hub}:sorting" for hub in HUBS.values())
DAYS_BY_TRUCK = 2
MOST_DESKS = 100
ON_PAPER_EVERY = 5
"""At every fifth visit the officer of a desk is not at his screen: he signs on paper and confirms it later."""

_REASONS = {
    Mishap.MISSING: DeclineReason.MISSING,
    Mishap.DAMAGED: DeclineReason.DAMAGED,
    Mishap.WRONG_DESK: DeclineReason.WRONG_PLACE,
}
_WRONG_DESKS = {"MC-T01": "MC-00235", "MC-00235": "MC-T01", "MC-T48": "MC-20242"}


def collect(world: World, *, at: datetime) -> None:
    """Bring what counters and authorities have ready to the hub of their province."""
    for key in sorted(world.loads):
        if not key.startswith(_HUB_SHELVES) and ":transport" not in key:
            _collect_from(world, key, at=at)
    for province, van in sorted(VANS.items()):
        _unload_at_hub(world, van, province, at=at + timedelta(minutes=50))


def _collect_from(world: World, key: str, *, at: datetime) -> None:
    loads = world.take(key, lambda load: not key.startswith(load.to))
    if not loads:
        return
    giver, province = world.staff.holders[key], _province(world, key)
    hub = f"{HUBS[province]}:sorting"
    if key.startswith(HUBS[province]):
        _pass(world, loads, giver=giver, to=hub, at=at)
        return
    if key.startswith(VILLAGE):
        bag = world.staff.custodian(f"{VILLAGE}:transport")
        custody.move(world.store, [load.code for load in loads], to=bag, by=giver, at=at - timedelta(minutes=10))
    _pass(world, [replace(load, goes_to_hub=True) for load in loads], giver=giver, to=VANS[province], at=at)


def _unload_at_hub(world: World, van: str, province: str, *, at: datetime) -> None:
    """Give the hub what the van collected today."""
    loads = [replace(load, goes_to_hub=False) for load in world.take(van, lambda load: load.goes_to_hub)]
    if loads:
        _pass(world, loads, giver=world.staff.holders[van], to=f"{HUBS[province]}:sorting", at=at)


def sort_out(world: World, *, at: datetime) -> None:
    """Give the hubs' envelopes to the van of the province or to the truck; what must end at the hub stays."""
    load_vans(world, at=at)
    arrival = world.working_days_after(calendars.local(at).date(), DAYS_BY_TRUCK)
    for key, loads in for_the_truck(world, at=at).items():
        carried = [replace(load, ready_on=arrival) for load in loads]
        bagging.hand_over(world, carried, giver=world.staff.holders[key], to=TRUCK, at=at)
        world.put(TRUCK, carried)


def load_vans(world: World, *, at: datetime, share: float = 1) -> None:
    """Give the vans what the hubs have for their own province, a share of what is enough for a bag in bags."""
    for province, hub in sorted(HUBS.items()):
        key, here = f"{hub}:sorting", _of_province(world, province)
        loads = world.take(key, lambda load: load.to != hub and here(load))  # noqa: B023 - taken at once
        bagged, loose = _in_bags(world, key, loads, at=at, share=share)
        if bagged:
            bagging.hand_over(world, bagged, giver=world.staff.holders[key], to=VANS[province], at=at)
            world.put(VANS[province], bagged)
        if loose:
            _pass(world, loose, giver=world.staff.holders[key], to=VANS[province], at=at)


def _in_bags(
    world: World, key: str, loads: Sequence[Load], *, at: datetime, share: float
) -> tuple[list[Load], list[Load]]:
    """Pack what goes to desks that count bags; a mishap stays loose, and what is refused if not all is packed."""
    bagged: list[Load] = []
    for place, some in by_destination(load for load in loads if _mishap_of(load) is None).items():
        some.sort(key=lambda load: load.case.plan.ending is Ending.REFUSED)
        enough = some[: round(len(some) * share)]
        if len(enough) >= bagging.FEWEST and f"{place}:desk" in world.staff.holders:
            bagged += bagging.pack(world, enough, at_key=key, to=place, at=at)
    in_bags = {load.code for load in bagged}
    return bagged, [load for load in loads if load.code not in in_bags]


def for_the_truck(world: World, *, at: datetime) -> dict[str, list[Load]]:
    """Take from the hubs what goes to the other province, in bags for its hub, by the position that has it."""
    taken: dict[str, list[Load]] = {}
    for province, hub in sorted(HUBS.items()):
        key, here = f"{hub}:sorting", _of_province(world, province)
        loads = world.take(key, lambda load: not here(load))  # noqa: B023 - taken at once
        for other, some in sorted(_by_hub(world, loads).items()):
            packed = bagging.pack(world, some, at_key=key, to=other, at=at, is_transit=True)
            taken.setdefault(key, []).extend(packed)
    return taken


def _by_hub(world: World, loads: Sequence[Load]) -> dict[str, list[Load]]:
    """Return what goes to each province's hub."""
    found: dict[str, list[Load]] = {}
    for load in loads:
        found.setdefault(HUBS[_province(world, load.to)], []).append(load)
    return found


def _of_province(world: World, province: str) -> Callable[[Load], bool]:
    return lambda load: _province(world, load.to) == province


def unload_truck(world: World, *, at: datetime) -> None:
    """Give the hub of the other province what has arrived there."""
    today = calendars.local(at).date()
    arrived = world.take(TRUCK, lambda load: load.ready_on <= today)
    for place, loads in sorted(_by_hub(world, arrived).items()):
        hub = f"{place}:sorting"
        bagging.hand_over(world, loads, giver=world.staff.holders[TRUCK], to=hub, at=at)
        counted = at + timedelta(minutes=3)
        world.put(hub, bagging.receive(world, loads, by=world.staff.holders[hub], at=counted))


def reach_offices(world: World, *, at: datetime) -> None:
    """Bring results to the offices that deliver them or keep them for the citizen."""
    for van in sorted(VANS.values()):
        loads = world.take(van, lambda load: _is_office(world, load.to))
        for place, some in by_destination(loads).items():
            _pass(world, some, giver=world.staff.holders[van], to=office_key(world, place), at=at)


def reach_desks(world: World, *, at: datetime) -> None:
    """Bring envelopes to the desks: counted, signed there or on paper; what is not taken stays with the van."""
    for van in sorted(VANS.values()):
        reach_desks_with_bags(world, van, at=at - timedelta(minutes=25))
        ready = world.take(van, lambda load: load.ready_on <= calendars.local(at).date())
        _settle_old_mishaps(world, ready, giver=world.staff.holders[van], at=at)
        aside = [load for load in ready if _mishap_of(load) is Mishap.WRONG_DESK]
        right = [load for load in ready if _mishap_of(load) is not Mishap.WRONG_DESK]
        for place, some in by_destination(right).items():
            reach_desk(world, van, place, some, at=at)
        for load in aside:
            reach_desk(world, van, _WRONG_DESKS.get(load.to, "MC-T48"), [load], at=at + timedelta(minutes=15))


def reach_desks_with_bags(world: World, van: str, *, at: datetime, most: int = MOST_DESKS) -> None:
    """Hand the van's bags over at so many desks, where they are opened and counted at once."""
    by_desk = by_destination(world.take(van, lambda load: bool(load.bag)))
    for number, (desk, loads) in enumerate(sorted(by_desk.items())):
        if number >= most:
            world.put(van, loads)
            continue
        count_at_desk(world, van, desk, loads, at=at + timedelta(minutes=2 * number))


def count_at_desk(
    world: World,
    van: str,
    desk: str,
    loads: Sequence[Load],
    *,
    at: datetime,
    lacking: frozenset[str] = frozenset(),
    torn: frozenset[str] = frozenset(),
) -> None:
    """Hand bags over at a desk and let its officer open and count them; what is lacking is not his."""
    key = f"{desk}:desk"
    bagging.hand_over(world, loads, giver=world.staff.holders[van], to=key, at=at)
    officer, counted_at = world.staff.holders[key], at + timedelta(minutes=5)
    for load in bagging.receive(world, loads, by=officer, at=counted_at, lacking=lacking, torn=torn):
        _arrived(world, load, today=calendars.local(at).date())
    for load in loads:
        if load.code in lacking:
            load.case.stage = Stage.OVER


def reach_desk(
    world: World, van: str, desk: str, loads: Sequence[Load], *, at: datetime, is_confirmed: bool = True
) -> None:
    """Hand envelopes over at a desk; lines with a mishap are declined with their reason.

    When `is_confirmed` is false the officer signs on paper and has yet to confirm it.
    """
    declined = {load.code: _REASONS[mishap] for load in loads if (mishap := _mishap_of(load))}
    giver, to = world.staff.holders[van], world.staff.custodian(f"{desk}:desk")
    officer = world.staff.holders.get(f"{desk}:desk")
    if officer is None or not is_confirmed or world.serial(f"visit {desk}") % ON_PAPER_EVERY == 2:
        by = officer if is_confirmed else None
        world.sign_on_paper(loads, to=to, giver=giver, at=at, declined=declined, confirmed_by=by)
    else:
        world.hand_over(loads, to=to, giver=giver, receiver=officer, at=at, declined=declined)
    today = calendars.local(at).date()
    for load in loads:
        if load.code in declined:
            _keep_on_van(world, van, load, today=today)
        else:
            _arrived(world, load, today=today)


def _mishap_of(load: Load) -> Mishap | None:
    """Return what is wrong with an envelope: it is the first one of a case that a mishap happens to."""
    return load.case.mishap if load.code == load.case.item else None


def _keep_on_van(world: World, van: str, load: Load, *, today: date) -> None:
    """Keep what a desk did not take; it is tried again when the mishap is over, or never."""
    days = load.case.plan.days_of_mishap
    load.case.mishap_noticed = True
    if load.case.mishap is Mishap.WRONG_DESK:
        load.case.mishap = None
    ready_on = date.max if days == NEVER else world.working_days_after(today, days)
    world.put(van, [replace(load, ready_on=ready_on)])
    if days == NEVER:
        load.case.stage = Stage.OVER


def _settle_old_mishaps(world: World, loads: Sequence[Load], *, giver: Actor, at: datetime) -> None:
    for load in loads:
        if _mishap_of(load) and load.case.mishap_noticed:
            incidents.settle_trouble(world.store, load.code, by=giver, at=at - timedelta(minutes=20))
            load.case.mishap = None


def _arrived(world: World, load: Load, *, today: date) -> None:
    """Let the desk go on with what it signed for: the case, asked papers, a result that came back."""
    case = load.case
    if load.code == case.item:
        case.stage, case.due_on = Stage.ARRIVED, today
    elif load.code in case.supplements:
        case.supplements.discard(load.code)
        case.due_on = min(case.due_on, today)
    elif load.code in world.homebound:
        wait_at_desk(world, world.homebound[load.code], desk=load.to, today=today)


DAYS_UNTIL_ASKED_FOR = 3
"""Working days until the citizen asks at the desk for what could not be delivered."""


def wait_at_desk(world: World, envelope: Homebound, *, desk: str, today: date) -> None:
    """Let an envelope wait at the desk for its citizen; at a desk without an account nobody plays that."""
    if f"{desk}:desk" not in world.staff.holders:
        envelope.stage = Stage.OVER
        return
    envelope.stage = Stage.WAITS_FOR_CITIZEN
    envelope.due_on = world.working_days_after(today, DAYS_UNTIL_ASKED_FOR)
    world.put(f"{desk}:desk", [Load(code=envelope.code, to=desk, case=envelope.case)])


def office_key(world: World, place: str) -> str:
    """Return the position of an office that takes results: sorting, or the counter of a small one."""
    key = f"{place}:sorting"
    return key if key in world.staff.holders else f"{place}:counter"


def _pass(world: World, loads: Sequence[Load], *, giver: Actor, to: str, at: datetime) -> None:
    receiver = world.staff.holders[to]
    world.hand_over(loads, to=world.staff.custodian(to), giver=giver, receiver=receiver, at=at)
    world.put(to, loads)


def _province(world: World, place: str) -> str:
    return world.staff.places[place.partition(":")[0]].province_code or ""


def _is_office(world: World, place: str) -> bool:
    return world.staff.places[place].kind is PlaceKind.OFFICE
