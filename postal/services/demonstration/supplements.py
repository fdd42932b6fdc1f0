"""Asked papers come in: at any counter, in halves, on different days; or a postman fetches them at home."""

from datetime import datetime

from postal.domain import calendars
from postal.domain.people import Actor
from postal.domain.refusals import Refused
from postal.services import home_pickups, supplements
from postal.services.demonstration.cases import Case, Load, Stage
from postal.services.demonstration.counters import counter_of
from postal.services.demonstration.world import World, spread
from postal.services.supplements import BroughtPaper

_COUNTERS = ("quay1", "quay2", "quay3", "quay4")


def bring(world: World, *, at: datetime) -> None:
    """Let everybody whose day it is bring what the authority asked for, or ask that it be fetched."""
    today = calendars.local(at).date()
    due = [case for case in world.at(Stage.WAITS_FOR_PAPERS, due=today) if case.brought < case.asked]
    waiting = [case for case in due if not case.is_promised_visit]
    for case, when in zip(waiting, spread(at, minutes=12, count=len(waiting)), strict=True):
        if not _asked_for_a_visit(world, case, at=when):
            _bring(world, case, at=when)


def _bring(world: World, case: Case, *, at: datetime) -> None:
    """Hand in one half or all of it at some counter; the other half comes tomorrow."""
    by = _clerk(world)
    to = case.brought + 1 if case.plan.brings_in_halves else case.asked
    lines = [
        BroughtPaper(asked=number, originals=1, to_return=number == 1) for number in range(case.brought + 1, to + 1)
    ]
    seal = f"{world.serial('seal'):06d}"
    made = supplements.take_in(world.store, case.dossier, lines, by=by, at=at, below=world.below, seal=seal)
    case.brought = to
    case.supplements.add(made.code)
    case.due_on = world.working_days_after(calendars.local(at).date(), 1)
    world.put(counter_of(world, by.account), [Load(code=made.code, to=made.destination.place, case=case)])


def _asked_for_a_visit(world: World, case: Case, *, at: datetime) -> bool:
    """Promise a visit to somebody who wants one and lives where a postman comes."""
    if not case.plan.papers_fetched_at_home or case.brought:
        return False
    by, day = (
        world.staff.holders[f"{case.office}:counter"],
        world.post_calendar.next_working_day(calendars.local(at).date()),
    )
    try:
        pickup = home_pickups.ask(world.store, dossier=case.dossier, day=day, by=by, at=at, below=world.below)
    except Refused:
        return False
    if not _has_postman(world, pickup.office, case):
        home_pickups.cancel(world.store, pickup.code, reason="Tuyến này chưa có bưu tá (dữ liệu giả).", by=by, at=at)
        return False
    world.pickups[pickup.code] = case
    case.is_promised_visit = True
    return True


def _has_postman(world: World, office: str, case: Case) -> bool:
    rounds = [round_ for round_ in world.territories if round_.office == office and case.home in round_.communes]
    return any(world.staff.works(round_) for round_ in rounds)


def _clerk(world: World) -> Actor:
    return world.staff.actors[world.chance.choice(_COUNTERS)]
