"""The last mile: runs with their doors, what nobody opened for, and what citizens fetch at the office."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from postal.domain import calendars
from postal.domain.events import AttemptReason, Receiver, ReturnWay
from postal.domain.places import Territory
from postal.domain.run import DeliveryRun, NoPostman, NothingToDeliver
from postal.services import delivery, invitations, planning
from postal.services.demonstration import pictures
from postal.services.demonstration.cases import NEVER, Case, Load, Stage
from postal.services.demonstration.transport import office_key
from postal.services.demonstration.world import World, spread

MOST_VISITS = 2
DAYS_AT_COUNTER = 5
"""Working days a result waits for the citizen before it goes back to the authority."""


def plan_runs(world: World, *, at: datetime) -> list[DeliveryRun]:
    """Lay out the day's run of every round that has something to deliver and somebody to drive it."""
    by, day = world.staff.actors["dieuphoi"], calendars.local(at).date()
    planned = []
    for territory in world.territories:
        if world.staff.works(territory) and _waits(world, territory):
            try:
                made = planning.plan_run(world.store, territory.code, day=day, by=by, at=at, below=world.below)
            except (NothingToDeliver, NoPostman):
                continue
            planned.append(made)
    return planned


def start_run(world: World, run: DeliveryRun, *, at: datetime) -> None:
    """Let the postman sign for the items and leave."""
    postman = world.staff.actors[run.postman]
    key = office_key(world, run.office)
    loads = take_for(world, run)
    giver = world.staff.holders[key]
    world.hand_over(loads, to=world.staff.postman(run.postman), giver=giver, receiver=postman, at=at)
    delivery.start_run(world.store, run.code, by=postman, at=at + timedelta(minutes=10))


def visit_doors(world: World, run: DeliveryRun, items: Sequence[str], *, at: datetime, minutes: int) -> None:
    """Ring at doors of a run, one after the other."""
    for code, when in zip(items, spread(at, minutes=minutes, count=len(items)), strict=True):
        _ring(world, run, code, at=when)


def end_run(world: World, run: DeliveryRun, *, at: datetime) -> None:
    """Hand back what was not delivered and close the day."""
    postman = world.staff.actors[run.postman]
    key = office_key(world, run.office)
    left = [world.by_result[code] for code in run.items if world.by_result[code].stage is not Stage.OVER]
    loads = [Load(code=case.result, to=run.office, case=case) for case in left]
    if loads:
        receiver = world.staff.holders[key]
        world.hand_over(loads, to=world.staff.custodian(key), giver=postman, receiver=receiver, at=at)
        world.put(key, loads)
    delivery.close_run(world.store, run.code, by=postman, at=at + timedelta(minutes=10))


def keep_for_citizens(world: World, *, at: datetime) -> None:
    """Bring to the counters what citizens fetch there, and invite them."""
    for place in sorted({round_.office for round_ in world.territories} | set(world.staff.places)):
        counter = f"{place}:counter"
        if counter in world.staff.holders:
            _keep_at(world, place, counter, at=at)


def _keep_at(world: World, place: str, counter: str, *, at: datetime) -> None:
    sorting, clerk = office_key(world, place), world.staff.holders[counter]
    loads = world.take(sorting, lambda load: load.to == place and _is_to_be_fetched(load.case))
    if not loads:
        return
    if sorting != counter:
        giver = world.staff.holders[sorting]
        world.hand_over(loads, to=world.staff.custodian(counter), giver=giver, receiver=clerk, at=at)
    world.put(counter, loads)
    today = calendars.local(at).date()
    until = world.working_days_after(today, DAYS_AT_COUNTER)
    for load, when in zip(loads, spread(at + timedelta(minutes=12), minutes=10, count=len(loads)), strict=True):
        invitations.hold_for_pickup(world.store, load.code, until=until, by=clerk, at=when)
        days = load.case.plan.days_until_fetched
        load.case.stage = Stage.WAITS_FOR_CITIZEN
        load.case.due_on = until if days == NEVER else world.working_days_after(today, days)


def fetch(world: World, *, at: datetime) -> None:
    """Let citizens fetch at the counters what waits for them; what nobody fetches goes back to the authority."""
    today = calendars.local(at).date()
    for key in sorted(world.loads):
        if ":counter" not in key:
            continue
        due = world.take(key, lambda load: _is_fetched(load.case, load, key) and load.case.due_on <= today)  # noqa: B023 - taken at once
        for load, when in zip(due, spread(at, minutes=40, count=len(due)), strict=True):
            _give_or_send_back(world, key, load, at=when)


def _give_or_send_back(world: World, key: str, load: Load, *, at: datetime) -> None:
    if load.case.plan.days_until_fetched == NEVER:
        load.case.stage = Stage.ON_THE_WAY_BACK
        world.put(key, [Load(code=load.code, to=load.case.desk, case=load.case)])
        return
    delivery.deliver_at_counter(
        world.store,
        load.code,
        receiver=Receiver.ADDRESSEE,
        identity_checked=True,
        authorisation_shown=False,
        proof=world.signature(),
        media_type=pictures.MEDIA_TYPE,
        by=world.staff.holders[key],
        at=at,
    )
    load.case.stage = Stage.OVER


def will_fail(world: World, code: str) -> bool:
    """Tell whether nobody opens at the next visit."""
    case = world.by_result[code]
    return case.failed_visits < min(case.plan.failed_visits, MOST_VISITS)


def _is_fetched(case: Case, load: Load, key: str) -> bool:
    return case.stage is Stage.WAITS_FOR_CITIZEN and key.startswith(load.to)


def _is_to_be_fetched(case: Case) -> bool:
    fetches = case.plan.return_way is ReturnWay.POST_OFFICE or case.failed_visits >= MOST_VISITS
    return fetches and case.stage is Stage.ON_THE_WAY_BACK


def _waits(world: World, territory: Territory) -> bool:
    loads = world.loads.get(office_key(world, territory.office), [])
    return any(load.to == territory.office for load in loads)


def take_for(world: World, run: DeliveryRun) -> list[Load]:
    """Take the items of a run from the office's shelf."""
    wanted = set(run.items)
    return world.take(office_key(world, run.office), lambda load: load.code in wanted)


def _ring(world: World, run: DeliveryRun, code: str, *, at: datetime) -> None:
    case, postman = world.by_result[code], world.staff.actors[run.postman]
    if will_fail(world, code):
        case.failed_visits += 1
        delivery.fail_attempt(
            world.store,
            code,
            run_code=run.code,
            reason=world.chance.choice(tuple(AttemptReason)),
            next_on=world.working_days_after(calendars.local(at).date(), 1),
            proof=b"",
            media_type="",
            by=postman,
            at=at,
        )
        return
    is_delegate = world.chance.random() < 0.12
    delivery.deliver(
        world.store,
        code,
        run_code=run.code,
        receiver=Receiver.DELEGATE if is_delegate else Receiver.ADDRESSEE,
        identity_checked=True,
        authorisation_shown=is_delegate,
        proof=world.signature(),
        media_type=pictures.MEDIA_TYPE,
        by=postman,
        at=at,
    )
    case.stage = Stage.OVER
