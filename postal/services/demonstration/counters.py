"""The counters: citizens come in, are guided, register, pay; some are turned back, some take it back at once."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from postal.domain import calendars
from postal.domain.dossier import Dossier
from postal.domain.events import ReceptionMode, ReturnWay, Service
from postal.domain.home_pickup import HomePickup
from postal.domain.people import Actor, Person
from postal.domain.procedures import ProcedureVersion
from postal.services import registration
from postal.services.demonstration import people
from postal.services.demonstration.cases import Case, Ending, Load, Plan, Stage
from postal.services.demonstration.staff import CENTRE, CITY_OFFICE, HANOI
from postal.services.demonstration.world import World
from postal.services.registration import PaperEntry, Registration

POSTAGE_BASIS = "Bảng cước minh họa (dữ liệu giả)"
_CLERKS = ("quay1", "quay2", "quay3", "quay4", "quay5", "quay6", "tuyloan1")
_CLERK_WEIGHTS = (30, 16, 14, 12, 9, 11, 8)
_HOMES = {
    "quay1": ("20242", "20257", "20209", "20260", "20275", "20305"),
    "quay2": ("20242", "20275", "20263", "20314", "20209"),
    "quay3": ("20242", "20257", "20263"),
    "quay4": ("20197", "20200", "20194"),
    "quay5": ("20410", "20413", "20401"),
    "quay6": ("00235", "00166", "00004"),
    "tuyloan1": ("20320", "20285", "20332"),
}
_CLERKS_WITH_POSTMAN = ("quay1", "quay2")
_HOMES_OF_ROUNDS = ("20242", "20257", "20209")
_HOMES_WITHOUT_POSTMAN = {"quay5": ("20551",)}
_COMMUNE_CASES = {"quay4": "20197", "quay6": "00235"}
_CASE_AT_PAPER_DESK = {"quay5": "20410"}
_CITY_CASE = "20242"
_HANOI_CASE = "00235"

_COMMUNE_LEVEL = ("2.000635", "1.001193", "1.004873", "1.000656", "1.004859", "1.014027", "1.013225")
_PROVINCE_LEVEL = ("3.000333", "3.000333", "1.013831", "1.012783", "1.014100", "1.003915", "1.012910", "2.002307")
_IN_HANOI = ("3.000333", "1.003915")

_AGENCY_OF_DESK = {
    "MC-T48": "H17.99",
    "MC-20242": "H17.20",
    "MC-20197": "H17.21",
    "MC-20410": "H17.22",
    "MC-T01": "H26.99",
    "MC-00235": "H26.20",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """Somebody at a counter who wants something decided somewhere."""

    clerk: str
    procedure: str
    case_commune: str
    home: str


def visit(world: World) -> Visit:
    """Draw who comes in: where, for what, and where he lives; one in eight wants something in the other province."""
    chance = world.chance
    clerk = chance.choices(_CLERKS, weights=_CLERK_WEIGHTS)[0]
    homes = _HOMES[clerk] + (_HOMES_WITHOUT_POSTMAN.get(clerk, ()) if world.has_gaps else ())
    home = chance.choice(homes)
    is_far = chance.random() < 0.12
    in_hanoi = (clerk == "quay6") is not is_far
    if in_hanoi and (is_far or chance.random() < 0.5):
        return Visit(clerk=clerk, procedure=chance.choice(_IN_HANOI), case_commune=_HANOI_CASE, home=home)
    if is_far or chance.random() < 0.5:
        return Visit(clerk=clerk, procedure=chance.choice(_PROVINCE_LEVEL), case_commune=_CITY_CASE, home=home)
    communes = _COMMUNE_CASES | (_CASE_AT_PAPER_DESK if world.has_gaps else {})
    case_commune = communes.get(clerk, _CITY_CASE)
    return Visit(clerk=clerk, procedure=chance.choice(_COMMUNE_LEVEL), case_commune=case_commune, home=home)


def serve(world: World, plan: Plan, *, at: datetime, visit: Visit) -> Case | None:
    """Serve somebody at a counter; None when nothing is left to do about it."""
    by = world.staff.actors[visit.clerk]
    procedure = world.procedures[visit.procedure]
    if plan.ending is Ending.TURNED_BACK:
        _turn_back(world, visit, procedure, by=by, at=at)
        return None
    form = _form(world, plan, visit, procedure, on=calendars.local(at).date())
    made = registration.register(world.store, form, by=by, at=at, below=world.below)
    if made.pickup is not None:
        return _promised(world, plan, made.dossier, made.pickup, procedure, home=visit.home)
    case = Case(
        plan=plan,
        dossier=made.dossier.code,
        office=by.place,
        desk=made.dossier.desk,
        department=made.dossier.department,
        procedure=procedure.code,
        official_code=made.dossier.official_code,
        item=made.item.code if made.item else "",
        home=visit.home,
        mishap=plan.mishap,
    )
    if plan.ending is Ending.VOIDED:
        later = at + timedelta(minutes=4)
        registration.void(world.store, case.dossier, reason="Khách đổi ý, xin nhận lại giấy tờ.", by=by, at=later)
        return None
    return case


def _promised(
    world: World, plan: Plan, dossier: Dossier, pickup: HomePickup, procedure: ProcedureVersion, *, home: str
) -> Case:
    """Return a case whose first papers a postman fetches at home."""
    case = Case(
        plan=replace(plan, ending=Ending.RESOLVED, mishap=None),
        dossier=dossier.code,
        office=dossier.office,
        desk=dossier.desk,
        department=dossier.department,
        procedure=procedure.code,
        home=home,
        at_home=_papers(world, procedure),
    )
    world.pickups[pickup.code] = case
    return case


def deposit(world: World, case: Case, *, clerk: str, on: date) -> None:
    """Put what was registered where it waits: the envelope at the counter, or the case with the authority."""
    world.cases.append(case)
    if case.at_home:
        return
    if case.item:
        world.put(counter_of(world, clerk), [Load(code=case.item, to=case.desk, case=case)])
    elif f"{case.desk}:desk" not in world.staff.holders:
        case.stage = Stage.OVER
    else:
        case.stage = Stage.IN_WORK
        case.due_on = world.working_days_after(on, case.plan.days_at_authority)


def counter_of(world: World, clerk: str) -> str:
    """Return the key of a clerk's counter."""
    return next(key for key in sorted(world.staff.actors[clerk].positions) if ":counter" in key)


def official_code(world: World, desk: str, *, on: date) -> str:
    """Return the next code a desk gives on a day."""
    agency = _AGENCY_OF_DESK.get(desk, "H17.98")
    return f"{agency}-{on:%y%m%d}-{world.serial(f'{agency}-{on}'):04d}"


def _turn_back(world: World, visit: Visit, procedure: ProcedureVersion, *, by: Actor, at: datetime) -> None:
    form = Registration(
        service=Service.BOTH,
        procedure=procedure.code,
        sender=people.somebody(world.chance, commune=visit.home),
        case_commune=visit.case_commune,
        return_way=ReturnWay.HOME,
        papers=(PaperEntry(name="Giấy tờ chứng minh nội dung đề nghị"), PaperEntry(name="Văn bản ủy quyền")),
    )
    registration.turn_back(world.store, form, by=by, at=at, below=world.below)


def _form(world: World, plan: Plan, visit: Visit, procedure: ProcedureVersion, *, on: date) -> Registration:
    sends = plan.service is not Service.RECEIVE
    at_home = plan.begins_at_home and visit.clerk in _CLERKS_WITH_POSTMAN and visit.home in _HOMES_OF_ROUNDS
    at_home = at_home and plan.ending is Ending.RESOLVED
    needs_code = plan.mode is ReceptionMode.B or not sends
    desk = _desk(world, visit, procedure, on=on) if needs_code else ""
    return Registration(
        service=plan.service,
        mode=plan.mode,
        procedure=procedure.code,
        sender=_sender(world, visit),
        case_commune=visit.case_commune,
        return_way=plan.return_way,
        return_place=_pickup_office(visit) if plan.return_way is ReturnWay.POST_OFFICE else "",
        papers=_papers(world, procedure) if sends and not at_home else (),
        weight_g=world.chance.randrange(40, 900) if sends and not at_home else None,
        seal=f"{world.serial('seal'):06d}" if sends and not at_home else "",
        pickup_on=world.post_calendar.next_working_day(on) if at_home else None,
        postage=world.chance.choice((25_000, 30_000, 35_000, 45_000)),
        postage_basis=POSTAGE_BASIS,
        official_code=official_code(world, desk, on=on) if needs_code else "",
    )


def _sender(world: World, visit: Visit) -> Person:
    make = people.company if world.chance.random() < 0.06 else people.somebody
    return make(world.chance, commune=visit.home)


def _papers(world: World, procedure: ProcedureVersion) -> tuple[PaperEntry, ...]:
    """Return what the citizen hands in: what the list requires, or what the clerk types where there is none."""
    listed = tuple(
        PaperEntry(
            name=paper.name,
            originals=paper.originals,
            certified=paper.certified,
            copies=paper.copies,
            to_return=bool(paper.returned_to_citizen),
        )
        for paper in procedure.papers
        if paper.required
    )
    extra = PaperEntry(name="Bản chính giấy tờ để đối chiếu", originals=1, to_return=True)
    more = (extra,) if world.chance.random() < 0.2 else ()
    return (listed or (PaperEntry(name="Đơn đề nghị (theo mẫu)", originals=1),)) + more


def _desk(world: World, visit: Visit, procedure: ProcedureVersion, *, on: date) -> str:
    """Return the desk whose code the citizen shows; the service decides the competence by itself."""
    with world.store.read() as reader:
        return reader.reference.competent(procedure, case_commune=visit.case_commune, on=on).desk.code


def _pickup_office(visit: Visit) -> str:
    return {"quay6": HANOI, "quay3": CITY_OFFICE}.get(visit.clerk, CENTRE)
