"""Desks and departments: receive, work, ask for papers or money, decide, register results."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from postal.domain import calendars, clocks, originals
from postal.domain.events import ReceptionMode
from postal.domain.item import Item
from postal.domain.people import Actor
from postal.domain.supplements import AskedPaper
from postal.services import agency, extending, homeward, results
from postal.services.demonstration import counters, transport
from postal.services.demonstration.cases import NEVER, Case, Ending, Load, Stage
from postal.services.demonstration.staff import HEAD
from postal.services.demonstration.world import World, spread
from postal.services.homeward import PaperBack
from postal.services.registration import PaperEntry
from postal.services.results import OwedBack, ResultEntry

_MISSING_PAPERS = (
    (AskedPaper(name="Bản sao giấy tờ tùy thân có chứng thực", reason="bản đã nộp chưa chứng thực"),),
    (
        AskedPaper(name="Văn bản ủy quyền", reason="thiếu"),
        AskedPaper(name="Bản sao giấy chứng nhận đã cấp", reason="bản đã nộp mờ, không đọc được"),
    ),
    (AskedPaper(name="Ảnh chân dung 4 × 6", reason="thiếu"),),
)
_DAYS_TO_BRING_PAPERS = 10
_DAYS_LONGER = 10
_CAUSE = "Phải xác minh với nơi cư trú trước đây, nơi đó chưa trả lời (dữ liệu giả)"
_REASONS = {
    Ending.REFUSED: "Hồ sơ không thuộc thẩm quyền giải quyết của cơ quan (dữ liệu giả).",
    Ending.WITHDRAWN: "Công dân có đơn xin rút hồ sơ (dữ liệu giả).",
    Ending.STOPPED: "Đã có yêu cầu tạm dừng của cơ quan liên quan (dữ liệu giả).",
}
FEE_BASIS = "Lệ phí minh họa (dữ liệu giả)"
OLD_PAPERS = ("Giấy phép cũ", "Giấy chứng nhận cũ")


def receive(world: World, *, at: datetime, minutes: int = 50, share: float = 1.0) -> None:
    """Receive at the desks what arrived, under the desks' own codes; `share` of it when the day is short."""
    today = calendars.local(at).date()
    arrived = [case for case in world.at(Stage.ARRIVED) if f"{case.desk}:desk" in world.staff.holders]
    arrived.sort(key=lambda case: case.plan.ending is not Ending.REFUSED)
    some = arrived[: round(len(arrived) * share)]
    for case, when in zip(some, spread(at, minutes=minutes, count=len(some)), strict=True):
        _receive(world, case, today=today, at=when)


def _receive(world: World, case: Case, *, today: date, at: datetime) -> None:
    by = world.staff.holders[f"{case.desk}:desk"]
    case.stage, case.due_on = Stage.RECEIVED, today
    if case.plan.mode is ReceptionMode.B:
        return
    if case.plan.ending is Ending.REFUSED:
        agency.refuse(world.store, case.dossier, reason=_REASONS[Ending.REFUSED], by=by, at=at)
        _send_papers_home(world, case, by=by, at=at)
        return
    code = counters.official_code(world, case.desk, on=today)
    agency.receive(world.store, case.dossier, official_code=code, by=by, at=at)
    case.official_code = code
    if case.plan.wants_slip:
        seal = f"{world.serial('seal'):06d}"
        slip = homeward.relay_slip(world.store, case.dossier, by=by, at=at, below=world.below, seal=seal)
        _give_to_the_post(world, case, slip, by=by, today=today)


def bring_to_departments(world: World, *, at: datetime) -> None:
    """Hand the papers from the desk to the departments that sign for themselves."""
    by_department: dict[tuple[str, str], list[Load]] = {}
    for case in world.at(Stage.RECEIVED):
        if f"{case.department}:department" in world.staff.holders and case.item:
            load = Load(code=case.item, to=case.department, case=case)
            by_department.setdefault((case.desk, case.department), []).append(load)
    for (desk, department), loads in by_department.items():
        giver = world.staff.holders[f"{desk}:desk"]
        receiver = world.staff.holders[f"{department}:department"]
        to = world.staff.custodian(f"{department}:department")
        world.hand_over(loads, to=to, giver=giver, receiver=receiver, at=at)


def begin_work(world: World, *, at: datetime, minutes: int = 40, share: float = 1.0) -> None:
    """Begin to work on what was received."""
    today = calendars.local(at).date()
    received = world.at(Stage.RECEIVED)
    some = received[: round(len(received) * share)]
    for case, when in zip(some, spread(at, minutes=minutes, count=len(some)), strict=True):
        agency.take_into_work(world.store, case.dossier, by=officer(world, case), at=when)
        case.stage = Stage.IN_WORK
        case.due_on = world.working_days_after(today, case.plan.days_at_authority)


def decide(world: World, *, at: datetime, minutes: int = 60) -> None:
    """Take the day's decisions: what was asked has come, more is asked, or the case ends without a result.

    On a day off, those of the next working day.
    """
    today = world.calendar.first_working_day(calendars.local(at).date())
    papers_in = [case for case in world.at(Stage.WAITS_FOR_PAPERS) if case.has_all_papers]
    waiting = (*papers_in, *world.at(Stage.WAITS_FOR_PAYMENT, due=today))
    in_work = [case for case in world.at(Stage.IN_WORK) if _has_news(case, today)]
    cases = [*waiting, *in_work]
    for case, when in zip(cases, spread(at, minutes=minutes, count=len(cases)), strict=True):
        if case.stage is Stage.IN_WORK:
            _ask_or_end(world, case, today=today, at=when)
        else:
            _go_on(world, case, today=today, at=when)


def apologise(world: World, *, at: datetime) -> None:
    """Let the head of a desk name a new day for what will not be done in time, on the last day for it."""
    head = world.staff.actors[HEAD]
    today = calendars.local(at).date()
    slow = [case for case in world.at(Stage.IN_WORK) if case.plan.is_apologised and case.desk == head.place]
    for case in slow:
        dossier, _ = world.dossier(case)
        if dossier.promised_at is None or dossier.extension is not None:
            continue
        due_on = calendars.local(dossier.promised_at).date()
        if today >= clocks.apology_by(due_on, world.calendar):
            later = world.working_days_after(max(today, due_on), _DAYS_LONGER)
            extending.extend(world.store, case.dossier, due_on=later, cause=_CAUSE, by=head, at=at)


def register_results(world: World, *, at: datetime) -> None:
    """Register the day's results, each officer all of his at once; on a day off, those of the next working day."""
    by_officer: dict[str, list[Case]] = {}
    for case in with_result(world, at=at):
        by_officer.setdefault(officer(world, case).account, []).append(case)
    for number, (account, cases) in enumerate(by_officer.items()):
        _register(world, cases, by=world.staff.actors[account], at=at + timedelta(minutes=number))


def with_result(world: World, *, at: datetime) -> list[Case]:
    """Return the cases whose result is there today."""
    today = world.calendar.first_working_day(calendars.local(at).date())
    due = world.at(Stage.IN_WORK, due=today)
    return [case for case in due if case.plan.ending is Ending.RESOLVED and not _has_news(case, today)]


def officer(world: World, case: Case) -> Actor:
    """Return who decides a case: the department's officer if it has one here, else the desk's."""
    holders = world.staff.holders
    return holders.get(f"{case.department}:department") or holders[f"{case.desk}:desk"]


def _has_news(case: Case, today: date) -> bool:
    """Tell whether something other than the result comes next."""
    asks_papers = case.plan.days_for_papers is not None and not case.has_added_papers
    asks_payment = case.plan.days_for_payment is not None and not case.has_paid
    ends = case.plan.ending is not Ending.RESOLVED and case.due_on <= today
    return asks_papers or asks_payment or ends


def _ask_or_end(world: World, case: Case, *, today: date, at: datetime) -> None:
    by = officer(world, case)
    if case.plan.days_for_papers is not None and not case.has_added_papers:
        papers = world.chance.choice(_MISSING_PAPERS)
        due_on = world.working_days_after(today, _DAYS_TO_BRING_PAPERS)
        agency.ask_supplement(world.store, case.dossier, papers=papers, due_on=due_on, by=by, at=at)
        case.asked_for = tuple(paper.name for paper in papers)
        _wait(world, case, Stage.WAITS_FOR_PAPERS, days=case.plan.days_for_papers, today=today)
    elif case.plan.days_for_payment is not None and not case.has_paid:
        amount = world.chance.choice((8_000, 50_000, 150_000))
        agency.ask_payment(world.store, case.dossier, amount=amount, basis=FEE_BASIS, by=by, at=at)
        _wait(world, case, Stage.WAITS_FOR_PAYMENT, days=case.plan.days_for_payment, today=today)
    else:
        _end(world, case, by=by, at=at)


def _wait(world: World, case: Case, stage: Stage, *, days: int, today: date) -> None:
    case.stage = stage
    case.due_on = date.max if days == NEVER else world.working_days_after(today, days)


def _go_on(world: World, case: Case, *, today: date, at: datetime) -> None:
    by = officer(world, case)
    if case.stage is Stage.WAITS_FOR_PAPERS:
        agency.complete_supplement(world.store, case.dossier, by=by, at=at)
        case.has_added_papers = True
    else:
        agency.note_payment(world.store, case.dossier, by=by, at=at)
        case.has_paid = True
    case.stage, case.due_on = Stage.IN_WORK, world.working_days_after(today, 1)


def _end(world: World, case: Case, *, by: Actor, at: datetime) -> None:
    ends = {Ending.WITHDRAWN: agency.withdraw, Ending.STOPPED: agency.stop, Ending.REFUSED: agency.refuse}
    ends[case.plan.ending](world.store, case.dossier, reason=_REASONS[case.plan.ending], by=by, at=at)
    _send_papers_home(world, case, by=by, at=at)


def _send_papers_home(world: World, case: Case, *, by: Actor, at: datetime) -> None:
    """Put what the citizen gets back into an envelope: the originals that are owed, and the file he handed in."""
    case.stage = Stage.OVER
    owed = [PaperBack(source=line.source, originals=line.to_send) for line in _owed(world, case)]
    papers = (*owed, PaperBack(name="Hồ sơ đã nộp", copies=1))
    seal = f"{world.serial('seal'):06d}"
    made = homeward.return_papers(world.store, case.dossier, papers, by=by, at=at, below=world.below, seal=seal)
    _give_to_the_post(world, case, made, by=by, today=calendars.local(at).date())


def _owed(world: World, case: Case) -> list[originals.OwedLine]:
    dossier, items = world.dossier(case)
    return [line for line in originals.account(dossier, items) if line.to_send]


def _give_to_the_post(world: World, case: Case, made: Item, *, by: Actor, today: date) -> None:
    """Let an envelope for the citizen wait for the post, or at the desk for him to come."""
    holder = next(key for key in sorted(by.positions))
    world.send_home(case, code=made.code, kind=made.kind, to=made.destination.place, holder=holder)
    if not made.destination.to_citizen:
        _keep_at_desk(world, made, holder=holder, today=today)


def _keep_at_desk(world: World, made: Item, *, holder: str, today: date) -> None:
    """Let what the citizen fetches at the desk wait there; a department brings it there first."""
    desk = made.destination.place
    loads = world.take(holder, lambda load: load.code == made.code)
    if not holder.startswith(desk):
        world.put(holder, loads)
        return
    transport.wait_at_desk(world, world.homebound[made.code], desk=desk, today=today)


def _register(world: World, cases: Sequence[Case], *, by: Actor, at: datetime) -> None:
    entries = [entry(world, case) for case in cases]
    made = results.register_results(world.store, entries, by=by, at=at, below=world.below)
    for case, item in zip(cases, made, strict=True):
        case.stage = Stage.OVER
        _give_to_the_post(world, case, item, by=by, today=calendars.local(at).date())


def entry(world: World, case: Case) -> ResultEntry:
    """Return a case's result as the officer lists it: what is inside, what is to be paid and to be got back for it."""
    return ResultEntry(
        code=case.official_code or case.dossier,
        papers=(PaperEntry(name="Kết quả giải quyết", originals=1),),
        owed=tuple(OwedBack(source=line.source, count=line.to_send) for line in _owed(world, case)),
        seal=f"{world.serial('seal'):06d}",
        fee=case.plan.late_fee,
        fee_basis=FEE_BASIS if case.plan.late_fee else "",
        recover=OLD_PAPERS[: case.plan.recovers],
    )
