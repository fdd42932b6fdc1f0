"""The day's rounds: what waits for which door is read, laid out outside any transaction, then written with a check.

A proposal rests on versions: accepting it refuses by name what has changed meanwhile. One run has a thing at a time,
so of two planners who want the same, one wins.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from itertools import combinations

from postal.domain import calendars, codes, permissions, run
from postal.domain.codes import CodeKind
from postal.domain.events import RunPlanned
from postal.domain.map_servers import MapServer
from postal.domain.people import Account, Actor, Role
from postal.domain.permissions import Permission
from postal.domain.places import Place, PlaceKind, Territory, UnknownPlace
from postal.domain.proposal import Draft, HoursOver, NothingProposed, OneVehicleTwice, Proposal, UnknownProposal
from postal.domain.run import DeliveryRun
from postal.services import drafting, laying_out, yards
from postal.services.laying_out import OfficeDay
from postal.store import Ledger, Reader, Store
from postal.store.rounds import KeptProposal
from routes import rounds

PROVINCE = "province:"
"""What stands before a province's code where a proposal is for all of its offices, as at a lane's end."""

PROCESSES = 2
"""How many rounds are laid out at the same time where there are many."""


# --- one round, as somebody asks for it -------------------------------------------------------------------------------


def plan_run(
    store: Store,
    territory: str,
    *,
    day: date,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
    postman: str = "",
    server: MapServer | None = None,
) -> DeliveryRun:
    """Lay out a territory's round for a day over what its delivery office holds for it, however long it takes.

    `postman` stands in for the territory's own on that day. What another planned run has, or what the citizen asked to
    get later, is left out.

    Raises: NoPostman, PostmanElsewhere, NothingToDeliver, RunElsewhere, DayGone, AlreadyPlanned, Overtaken,
    UnknownPlace, Forbidden.
    """
    permissions.require(by, Permission.PLAN_RUN)
    run.must_lie_ahead(day, at=at)
    with store.read(at=at) as reader:
        round_ = reader.reference.territory(territory)
        office = reader.reference.place(round_.office)
        must_plan_for([office], by=by)
        driver = _driver(reader, round_, wanted=postman, day=day)
        found = laying_out.read_offices(reader, [office.code], day=day, at=at)[0]
    office_day = laying_out.alone(found, territory, driver=driver, day=day, at=at)
    if not office_day.rounds:
        raise run.NothingToDeliver(territory=round_.name)
    ways = yards.ways_of(office_day, server=server, at=at)
    drafts, _ = drafting.drafts_of(office_day, rounds.lay_out(yards.yard_of(office_day), ways))
    proposed = Proposal(
        place=office.code,
        day=day,
        made_at=at,
        by=by.as_author(),
        drafts=tuple(drafts),
        left=(),
        used=_used([office_day], drafts),
    )
    return accept_proposal(store, proposed, by=by, at=at, below=below)[0]


def _driver(reader: Reader, round_: Territory, *, wanted: str, day: date) -> str:
    """Return the account that drives a territory on a day. Raises: NoPostman when nobody can sign for the items."""
    account = reader.accounts.get(wanted or round_.driver(day) or "")
    if account is None or not laying_out.drives(account):
        raise run.NoPostman(territory=round_.name)
    if wanted:
        _must_be_of(reader, account, round_.office)
    return account.username


def _must_be_of(registers: Reader | Ledger, account: Account, office: str) -> None:
    """Refuse to send somebody of another office, who would read the doors of this one. Raises: PostmanElsewhere."""
    if account.place != office:
        raise run.PostmanElsewhere(postman=account.name, office=registers.reference.place(office).name)


# --- a day, as the software proposes it -------------------------------------------------------------------------------


def propose_day(
    store: Store,
    place: str,
    *,
    day: date,
    by: Actor,
    at: datetime,
    processes: int = PROCESSES,
    server: MapServer | None = None,
) -> Proposal:
    """Work out the rounds of an office, or of every office of `province:48`, on a day. Nothing is written.

    Same input, same answer. Rounds over their hours are shared with postmen who are free. `server` knows the ways;
    without it, and where it has no usable answer, straight lines do, and the proposal says so.

    Raises: NothingProposed, HoursOver, OneVehicleTwice, RunElsewhere, DayGone, UnknownPlace, Forbidden.
    """
    permissions.require(by, Permission.PLAN_RUN)
    run.must_lie_ahead(day, at=at)
    with store.read(at=at) as reader:
        offices = offices_at(reader, place)
        must_plan_for(offices, by=by)
        days = laying_out.read_offices(reader, [office.code for office in offices], day=day, at=at)
    _must_have_time(days, day=day, at=at)
    _must_have_own_vehicles(days)
    ways = [yards.ways_of(each, server=server, at=at) for each in days]
    laid = rounds.lay_out_all([yards.yard_of(each) for each in days], ways=ways, processes=processes)
    made = [drafting.drafts_of(office, of_it) for office, of_it in zip(days, laid, strict=True)]
    drafts, left = tuple(d for some, _ in made for d in some), tuple(each for _, some in made for each in some)
    if not (drafts or left):
        named = offices[0].name if len(offices) == 1 else f"{len(offices)} bưu cục"
        raise NothingProposed(day=calendars.written(day), place=named)
    return Proposal(
        place=place,
        day=day,
        made_at=at,
        by=by.as_author(),
        drafts=drafts,
        left=left,
        used=_used(days, drafts),
        ways=(*yards.told(ways), *yards.doubts(days)),
    )


def keep_proposal(store: Store, proposed: Proposal, *, by: Actor, at: datetime, below: Callable[[int], int]) -> str:
    """Keep a proposal until somebody accepts it; return its number. Raises: Forbidden."""
    permissions.require(by, Permission.PLAN_RUN)
    number = "".join(f"{below(256):02x}" for _ in range(16))
    with store.begin(at=at) as ledger:
        ledger.rounds.keep_proposal(number, proposed)
    return number


def accept_kept(
    store: Store,
    number: str,
    *,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
    only: Collection[int] | None = None,
    postmen: Mapping[int, str] | None = None,
) -> tuple[str, ...]:
    """Plan the runs of a kept proposal and return their codes; accepted once, asking again gives the same runs.

    Raises: UnknownProposal, Overtaken, and what `accept_proposal` raises.
    """
    permissions.require(by, Permission.PLAN_RUN)
    with store.begin(at=at) as ledger:
        kept = _kept(ledger, number)
        if kept.runs:
            return kept.runs
        made = _accept(ledger, kept.proposal, by=by, at=at, below=below, only=only, postmen=postmen or {})
        found = tuple(each.code for each in made)
        ledger.rounds.settle_proposal(number, runs=found, seen=kept.seen)
        return found


def accept_proposal(
    store: Store,
    proposed: Proposal,
    *,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
    only: Collection[int] | None = None,
    postmen: Mapping[int, str] | None = None,
) -> tuple[DeliveryRun, ...]:
    """Plan the runs of a proposal, all of them or those of `only`; `postmen` names by draft who drives instead.

    All or none: nothing it used may have changed meanwhile.

    Raises: ChangedMeanwhile, AlreadyPlanned, NothingAccepted, NoPostman, PostmanElsewhere, RunElsewhere, DayGone,
    Overtaken, Forbidden.
    """
    permissions.require(by, Permission.PLAN_RUN)
    with store.begin(at=at) as ledger:
        return _accept(ledger, proposed, by=by, at=at, below=below, only=only, postmen=postmen or {})


def _accept(
    ledger: Ledger,
    proposed: Proposal,
    *,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
    only: Collection[int] | None,
    postmen: Mapping[int, str],
) -> tuple[DeliveryRun, ...]:
    run.must_lie_ahead(proposed.day, at=at)
    chosen = proposed.chosen(only)
    must_plan_for(list(ledger.reference.places(d.office for d in chosen.values()).values()), by=by)
    must_still_hold(ledger, proposed, list(chosen.values()))
    firsts = []
    for number, draft in chosen.items():
        code = codes.mint(CodeKind.RUN, below=below).text
        ledger.rounds.claim(draft.things, run=code, on=proposed.day)
        wanted = postmen.get(number) or draft.postman
        firsts.append((code, _planned(ledger, draft, wanted=wanted, day=proposed.day, by=by, at=at)))
    return tuple(ledger.begin_all(DeliveryRun, firsts))


def _planned(ledger: Ledger, draft: Draft, *, wanted: str, day: date, by: Actor, at: datetime) -> RunPlanned:
    territory = ledger.reference.territory(draft.territory)
    account = ledger.accounts.get(wanted)
    if account is None or not laying_out.drives(account):
        raise run.NoPostman(territory=territory.name)
    if account.username != draft.postman:
        _must_be_of(ledger, account, draft.office)
    return run.plan(
        office=draft.office,
        territory=draft.territory,
        day=day,
        postman=account.username,
        stops=draft.stops,
        metres=draft.metres,
        seconds=draft.seconds,
        by=by,
        at=at,
    )


def _used(days: list[OfficeDay], drafts: Collection[Draft]) -> tuple[tuple[str, int], ...]:
    """Return what drafts rest on: items and pickups with their versions, dossiers with theirs."""
    on_runs = {thing for draft in drafts for thing in draft.things}
    waiting = [each for office in days for _, door in office.doors.values() for each in door.waiting]
    found = {(each.code, each.version) for each in waiting if each.code in on_runs}
    found |= {(each.dossier, each.dossier_version) for each in waiting if each.code in on_runs}
    return tuple(sorted(found))


def must_still_hold(ledger: Ledger, proposed: Proposal, drafts: list[Draft]) -> None:
    """Refuse when an item, a pickup or a dossier of the chosen runs is not as it was. Raises: ChangedMeanwhile."""
    wanted = [thing for draft in drafts for thing in draft.things]
    items, pickups = ledger.known_items(wanted), ledger.rounds.pickups(wanted)
    cases = sorted({*(i.dossier for i in items.values()), *(p.dossier for p in pickups.values())})
    now = {code: found.version for code, found in items.items()}
    now |= {code: pickup.version for code, pickup in pickups.items()}
    now |= {code: dossier.version for code, dossier in ledger.rounds.dossiers(cases).items()}
    proposed.must_still_hold(now, wanted=[*wanted, *cases])


def _kept(ledger: Ledger, number: str) -> KeptProposal:
    found = ledger.rounds.proposal(number)
    if found is None:
        raise UnknownProposal
    return found


def offices_at(reader: Reader, place: str) -> list[Place]:
    """Return the office, or the offices of a province that have rounds. Raises: UnknownPlace."""
    if not place.startswith(PROVINCE):
        return [reader.reference.place(place)]
    with_rounds = {round_.office for round_ in reader.reference.territories()}
    there = reader.reference.places_of(place.removeprefix(PROVINCE), kinds=(PlaceKind.OFFICE,))
    found = [office for office in there if office.code in with_rounds]
    if not found:
        raise UnknownPlace(place=place)
    return found


def name_of(registers: Reader | Ledger, found: Proposal) -> str:
    """Return what people call the place a proposal is for: an office, or a province."""
    province = found.place.removeprefix(PROVINCE)
    if province != found.place:
        units = registers.reference.units([province], on=found.day)
        return units[province].name if province in units else province
    places = registers.reference.places([found.place])
    return places[found.place].name if found.place in places else found.place


def must_plan_for(offices: Collection[Place], *, by: Actor) -> None:
    """A controller plans for the own office; the coordinator for every office. Raises: RunElsewhere."""
    for office in offices:
        if by.place != office.code and Role.COORDINATOR not in by.roles:
            raise run.RunElsewhere(thing="Tuyến phát", office=office.name)


def _must_have_own_vehicles(days: Collection[OfficeDay]) -> None:
    """Refuse a day on which two rounds have one vehicle at the same hours. Raises: OneVehicleTwice."""
    driven = [each for office in days for each in office.rounds if each.driver and each.territory.equipment.plate]
    for one, other in combinations(driven, 2):
        plate = one.territory.equipment.plate
        meet = one.shift.starts_at < other.shift.ends_at and other.shift.starts_at < one.shift.ends_at
        if plate == other.territory.equipment.plate and meet:
            raise OneVehicleTwice(plate=plate, first=one.territory.name, second=other.territory.name)


def _must_have_time(days: Collection[OfficeDay], *, day: date, at: datetime) -> None:
    """Refuse to propose a day whose hours are over for every round. Raises: HoursOver."""
    all_rounds = [round_.territory for office in days for round_ in office.rounds]
    if all_rounds and all(laying_out.shift_of(each, day=day, at=at) is None for each in all_rounds):
        closes = max(each.working_time.closes for each in all_rounds)
        raise HoursOver(day=calendars.written(day), closes=f"{closes:%H:%M}")
