"""The last mile: runs with their doors, what nobody opened for, and what citizens fetch at the office."""

import functools
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from postal.domain import calendars, clocks
from postal.domain.events import AttemptReason, Ground, ItemKind, Receiver, ReturnWay
from postal.domain.item import ENOUGH_INVITATIONS, Item
from postal.domain.people import Actor, Role, Side
from postal.domain.run import DeliveryRun, NoPostman, NothingToDeliver
from postal.services import delivery, invitations, money, planning, returning
from postal.services.delivery import Delegate
from postal.services.demonstration import pictures
from postal.services.demonstration.cases import NEVER, Homebound, Load, Stage
from postal.services.demonstration.transport import office_key
from postal.services.demonstration.world import World, spread
from postal.services.proving import Proof
from postal.services.recovered import NOTHING, GotBack
from postal.services.registration import PaperEntry

MOST_VISITS = 2


def plan_runs(world: World, *, at: datetime) -> list[DeliveryRun]:
    """Lay out the day's run of every round that has something to do and somebody to drive it."""
    by, day = world.staff.actors["dieuphoi"], calendars.local(at).date()
    planned = []
    for territory in world.territories:
        if world.staff.works(territory):
            try:
                made = planning.plan_run(world.store, territory.code, day=day, by=by, at=at, below=world.below)
            except (NothingToDeliver, NoPostman):
                continue
            planned.append(made)
    return planned


def start_run(world: World, run: DeliveryRun, *, at: datetime) -> None:
    """Let the postman sign for the items and leave."""
    postman = world.staff.actors[run.postman]
    loads = take_for(world, run)
    if loads:
        giver = world.staff.holders[office_key(world, run.office)]
        world.hand_over(loads, to=world.staff.postman(run.postman), giver=giver, receiver=postman, at=at)
    delivery.start_run(world.store, run.code, by=postman, at=at + timedelta(minutes=10))


def visit_doors(world: World, run: DeliveryRun, items: Sequence[str], *, at: datetime, minutes: int) -> None:
    """Ring at doors of a run, one after the other."""
    for code, when in zip(items, spread(at, minutes=minutes, count=len(items)), strict=True):
        _ring(world, run, code, at=when)


def do_the_rest(world: World, run: DeliveryRun, *, at: datetime) -> None:
    """Leave the run's invitations, and fetch the papers that wait at home."""
    postman = world.staff.actors[run.postman]
    doors = [*run.invitations, *run.pickups]
    for code, when in zip(doors, spread(at, minutes=20, count=len(doors)), strict=True):
        if code in world.pickups:
            _fetch(world, run, code, by=postman, at=when)
        else:
            delivery.leave_invitation(world.store, code, run_code=run.code, by=postman, at=when)


def end_run(world: World, run: DeliveryRun, *, at: datetime) -> None:
    """Hand back what is left and what was brought along, hand in the money, close the day."""
    postman = world.staff.actors[run.postman]
    record = None
    if _has_something(world, run.postman):
        record = delivery.hand_back(world.store, run.code, by=postman, at=at, below=world.below)
    if record is not None:
        key = record.receiver.key
        world.accept(record.code, by=world.staff.holders[key], at=at + timedelta(minutes=2))
        world.put(key, [load for code in record.items for load in world.take(run.postman, _is(code))])
    _hand_in(world, run, by=postman, at=at + timedelta(minutes=4))
    delivery.close_run(world.store, run.code, by=postman, at=at + timedelta(minutes=10))
    _give_up(world, run, at=at + timedelta(minutes=12))


def keep_for_citizens(world: World, *, at: datetime) -> None:
    """Bring to the counters what citizens fetch there, invite them, invite again, send back what nobody wants."""
    for place in sorted({round_.office for round_ in world.territories} | set(world.staff.places)):
        counter = f"{place}:counter"
        if counter in world.staff.holders:
            _keep_at(world, place, counter, at=at)
            _invite_again(world, place, counter, at=at + timedelta(minutes=15))


def fetch(world: World, *, at: datetime) -> None:
    """Let citizens fetch at the counters and desks what waits for them."""
    today = calendars.local(at).date()
    for key in sorted(world.loads):
        if ":counter" in key or ":desk" in key:
            due = world.take(key, lambda load: _is_fetched(world, load, today))
            for load, when in zip(due, spread(at, minutes=40, count=len(due)), strict=True):
                _give(world, world.homebound[load.code], by=world.staff.holders[key], at=when)


def will_fail(world: World, code: str) -> bool:
    """Tell whether nobody opens at the next visit."""
    envelope = world.homebound[code]
    plan = envelope.case.plan
    return envelope.failed_visits < (1 if plan.ground else min(plan.failed_visits, MOST_VISITS))


def take_for(world: World, run: DeliveryRun) -> list[Load]:
    """Take the items of a run from the office's shelf; the postman has them to bring."""
    wanted = set(run.items)
    loads = world.take(office_key(world, run.office), lambda load: load.code in wanted)
    world.put(run.postman, loads)
    return loads


# --- at the door ------------------------------------------------------------------------------------------------------


def _ring(world: World, run: DeliveryRun, code: str, *, at: datetime) -> None:
    envelope, postman = world.homebound[code], world.staff.actors[run.postman]
    if will_fail(world, code):
        envelope.failed_visits += 1
        delivery.fail_attempt(
            world.store,
            code,
            run_code=run.code,
            reason=world.chance.choice(tuple(AttemptReason)),
            next_on=_next_round(world, at),
            proof=b"",
            media_type="",
            by=postman,
            at=at,
        )
        return
    world.take(run.postman, _is(code))
    _give(world, envelope, by=postman, at=at, run=run.code)


def _give(world: World, envelope: Homebound, *, by: Actor, at: datetime, run: str = "") -> None:
    """Give an envelope to its citizen or his delegate, with the money and the old papers that are asked for it."""
    is_delegate = world.chance.random() < 0.12
    got_back = _got_back(world, envelope)
    give = functools.partial(delivery.deliver, run_code=run) if run else delivery.deliver_at_counter
    given = give(
        world.store,
        envelope.code,
        receiver=Receiver.DELEGATE if is_delegate else Receiver.ADDRESSEE,
        identity_checked=True,
        authorisation_shown=is_delegate,
        proof=world.signature(),
        media_type=pictures.MEDIA_TYPE,
        delegate=_delegate(at) if is_delegate else None,
        paid=_owed(world, envelope, by=by),
        got_back=got_back,
        by=by,
        at=at,
        below=world.below,
    )
    envelope.stage = Stage.OVER
    if got_back is not NOTHING:
        _take_along(world, envelope, given)


def _delegate(at: datetime) -> Delegate:
    until = calendars.local(at).date() + timedelta(days=30)
    return Delegate(name="Người được ủy quyền (dữ liệu giả)", paper="00/UQ-giả", until=until)


def _owed(world: World, envelope: Homebound, *, by: Actor) -> int:
    """Return what the citizen pays for it here, in đồng; a desk takes no money of ours."""
    takes_money = Role.POSTMAN in by.roles or any(":counter" in key for key in by.positions)
    if envelope.kind is ItemKind.SLIP or not takes_money:
        return 0
    dossier, _ = world.dossier(envelope.case)
    return dossier.fees.owed + dossier.postage.owed


def _got_back(world: World, envelope: Homebound) -> GotBack:
    count = envelope.case.plan.recovers if envelope.kind is ItemKind.RESULT else 0
    if not count:
        return NOTHING
    return GotBack(lines=tuple(range(1, count + 1)), seal=f"{world.serial('seal'):06d}")


def _take_along(world: World, envelope: Homebound, given: Item) -> None:
    """Let whoever gave the result bring the old papers on their way to the authority."""
    _, items = world.dossier(envelope.case)
    old = next(item for item in items if item.kind is ItemKind.RECOVERED and item.registered_at >= given.last_at)
    if old.custodian.side is Side.POST:
        world.put(old.custodian.key, [Load(code=old.code, to=old.destination.place, case=envelope.case)])


def _fetch(world: World, run: DeliveryRun, code: str, *, by: Actor, at: datetime) -> None:
    """Take the papers of a home pickup: the first ones of a case, or those that were asked for."""
    case = world.pickups.pop(code)
    papers = case.at_home or [PaperEntry(name=name, copies=1) for name in case.asked_for]
    made = delivery.fetch(
        world.store,
        code,
        run_code=run.code,
        papers=papers,
        seal=f"{world.serial('seal'):06d}",
        proof=Proof(content=world.signature(), media_type=pictures.MEDIA_TYPE),
        by=by,
        at=at,
        below=world.below,
    )
    world.put(run.postman, [Load(code=made.item, to=case.desk, case=case)])
    if case.at_home:
        case.item, case.at_home = made.item, ()
    else:
        case.supplements.add(made.item)
        case.brought = case.asked


# --- the end of the day -----------------------------------------------------------------------------------------------


def _has_something(world: World, postman: str) -> bool:
    return bool(world.loads.get(postman))


def _hand_in(world: World, run: DeliveryRun, *, by: Actor, at: datetime) -> None:
    """Give the day's money to the counter of the office, which counts and signs."""
    if not world.has_money(by.account):
        return
    offered = delivery.hand_in(world.store, run.code, by=by, at=at, below=world.below)
    assert offered.receiver is not None
    clerk = world.staff.holders[offered.receiver.key]
    money.accept(world.store, offered.code, by=clerk, at=at + timedelta(minutes=2))


def _give_up(world: World, run: DeliveryRun, *, at: datetime) -> None:
    """Send back to the authority what cannot be delivered on one of the grounds that people find out at the door."""
    key = office_key(world, run.office)
    by = world.staff.holders[key]
    for code in run.items:
        envelope = world.homebound[code]
        ground = envelope.case.plan.ground
        if ground is None or envelope.kind is not ItemKind.RESULT or envelope.stage is not Stage.ON_THE_WAY_BACK:
            continue
        back = returning.declare_undeliverable(
            world.store,
            code,
            ground=ground,
            reason="Bưu tá đã xác minh tại địa chỉ (dữ liệu giả).",
            record="Người nhận ký vào biên bản từ chối (dữ liệu giả)." if ground is Ground.REFUSED else "",
            by=by,
            at=at,
        )
        _turn(world, envelope, key, to=back.destination.place)


def _turn(world: World, envelope: Homebound, key: str, *, to: str) -> None:
    """Let an envelope go from a shelf to the authority."""
    envelope.goes_back, envelope.stage = True, Stage.ON_THE_WAY_BACK
    world.take(key, _is(envelope.code))
    world.put(key, [Load(code=envelope.code, to=to, case=envelope.case)])


# --- at the office ----------------------------------------------------------------------------------------------------


def _keep_at(world: World, place: str, counter: str, *, at: datetime) -> None:
    sorting, clerk = office_key(world, place), world.staff.holders[counter]
    loads = world.take(sorting, lambda load: load.to == place and _is_to_be_fetched(world, load))
    if not loads:
        return
    if sorting != counter:
        giver = world.staff.holders[sorting]
        world.hand_over(loads, to=world.staff.custodian(counter), giver=giver, receiver=clerk, at=at)
    world.put(counter, loads)
    today = calendars.local(at).date()
    until = clocks.held_until(today, world.post_calendar)
    for load, when in zip(loads, spread(at + timedelta(minutes=12), minutes=2, count=len(loads)), strict=True):
        held = invitations.hold_for_pickup(world.store, load.code, until=until, by=clerk, at=when)
        envelope, days = world.homebound[load.code], load.case.plan.days_until_fetched
        envelope.stage = Stage.WAITS_FOR_CITIZEN
        envelope.due_on = date.max if days == NEVER else world.working_days_after(today, days)
        assert len(held.invited_on) <= ENOUGH_INVITATIONS


def _invite_again(world: World, place: str, counter: str, *, at: datetime) -> None:
    """Invite a second time whoever did not come; after that, send back what nobody came for."""
    if not any(_waits(world, load) for load in world.loads.get(counter, [])):
        return
    clerk = world.staff.holders[counter]
    invitations.invite_due(world.store, place, by=clerk, at=at)
    for back in returning.send_back_all(world.store, place, by=clerk, at=at + timedelta(minutes=2)).items:
        _turn(world, world.homebound[back.code], counter, to=back.destination.place)


def _waits(world: World, load: Load) -> bool:
    envelope = world.homebound.get(load.code)
    return envelope is not None and envelope.stage is Stage.WAITS_FOR_CITIZEN


def _is_fetched(world: World, load: Load, today: date) -> bool:
    return _waits(world, load) and world.homebound[load.code].due_on <= today


def _is_to_be_fetched(world: World, load: Load) -> bool:
    envelope = world.homebound.get(load.code)
    if envelope is None or envelope.goes_back or envelope.stage is not Stage.ON_THE_WAY_BACK:
        return False
    return load.case.plan.return_way is ReturnWay.POST_OFFICE or envelope.failed_visits >= MOST_VISITS


def _next_round(world: World, at: datetime) -> date:
    return world.post_calendar.next_working_day(calendars.local(at).date())


def _is(code: str) -> Callable[[Load], bool]:
    return lambda load: load.code == code
