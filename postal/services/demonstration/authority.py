"""Desks and departments: receive, work, ask for papers or money, decide, register results."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from postal.domain import calendars
from postal.domain.events import ReceptionMode, ReturnWay
from postal.domain.people import Actor
from postal.domain.supplements import AskedPaper
from postal.services import agency, results
from postal.services.demonstration import counters
from postal.services.demonstration.cases import NEVER, Case, Ending, Load, Stage
from postal.services.demonstration.world import World, spread
from postal.services.registration import PaperEntry
from postal.services.results import ResultEntry

_MISSING_PAPERS = (
    (AskedPaper(name="Bản sao giấy tờ tùy thân có chứng thực", reason="bản đã nộp chưa chứng thực"),),
    (
        AskedPaper(name="Văn bản ủy quyền", reason="thiếu"),
        AskedPaper(name="Bản sao giấy chứng nhận đã cấp", reason="bản đã nộp mờ, không đọc được"),
    ),
    (AskedPaper(name="Ảnh chân dung 4 × 6", reason="thiếu"),),
)
_DAYS_TO_BRING_PAPERS = 10
_REASONS = {
    Ending.REFUSED: "Hồ sơ không thuộc thẩm quyền giải quyết của cơ quan (dữ liệu giả).",
    Ending.WITHDRAWN: "Công dân có đơn xin rút hồ sơ (dữ liệu giả).",
    Ending.STOPPED: "Đã có yêu cầu tạm dừng của cơ quan liên quan (dữ liệu giả).",
}
_FEE_BASIS = "Lệ phí minh họa (dữ liệu giả)"


def receive(world: World, *, at: datetime, minutes: int = 50, share: float = 1.0) -> None:
    """Receive at the desks what arrived, under the desks' own codes; `share` of it when the day is short."""
    today = calendars.local(at).date()
    arrived = [case for case in world.at(Stage.ARRIVED) if f"{case.desk}:desk" in world.staff.holders]
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
        case.stage = Stage.OVER
        return
    code = counters.official_code(world, case.desk, on=today)
    agency.receive(world.store, case.dossier, official_code=code, by=by, at=at)
    case.official_code = code


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


def decide(world: World, *, at: datetime) -> None:
    """Take the day's decisions: what was asked has come, more is asked, or the case ends without a result."""
    today = calendars.local(at).date()
    waiting = (*world.at(Stage.WAITS_FOR_PAPERS, due=today), *world.at(Stage.WAITS_FOR_PAYMENT, due=today))
    in_work = [case for case in world.at(Stage.IN_WORK) if _has_news(case, today)]
    cases = [*waiting, *in_work]
    for case, when in zip(cases, spread(at, minutes=60, count=len(cases)), strict=True):
        if case.stage is Stage.IN_WORK:
            _ask_or_end(world, case, today=today, at=when)
        else:
            _go_on(world, case, today=today, at=when)


def register_results(world: World, *, at: datetime) -> None:
    """Register the day's results, each officer all of his at once; on a day off, those of the next working day."""
    today = world.calendar.first_working_day(calendars.local(at).date())
    by_officer: dict[str, list[Case]] = {}
    for case in world.at(Stage.IN_WORK, due=today):
        if case.plan.ending is Ending.RESOLVED and not _has_news(case, today):
            by_officer.setdefault(officer(world, case).account, []).append(case)
    for number, (account, cases) in enumerate(by_officer.items()):
        _register(world, cases, by=world.staff.actors[account], at=at + timedelta(minutes=number))


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
        _wait(world, case, Stage.WAITS_FOR_PAPERS, days=case.plan.days_for_papers, today=today)
    elif case.plan.days_for_payment is not None and not case.has_paid:
        amount = world.chance.choice((8_000, 50_000, 150_000))
        agency.ask_payment(world.store, case.dossier, amount=amount, basis=_FEE_BASIS, by=by, at=at)
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
    case.stage = Stage.OVER


def _register(world: World, cases: Sequence[Case], *, by: Actor, at: datetime) -> None:
    entries = [
        ResultEntry(
            code=case.official_code or case.dossier,
            papers=(PaperEntry(name="Kết quả giải quyết", originals=1),),
            seal=f"{world.serial('seal'):06d}",
        )
        for case in cases
    ]
    made = results.register_results(world.store, entries, by=by, at=at, below=world.below)
    key = next(key for key in sorted(by.positions))
    for case, item in zip(cases, made, strict=True):
        case.result = item.code
        is_at_desk = case.plan.return_way is ReturnWay.DESK
        case.stage = Stage.OVER if is_at_desk else Stage.ON_THE_WAY_BACK
        if not is_at_desk:
            world.by_result[item.code] = case
            world.put(key, [Load(code=item.code, to=item.destination.place, case=case)])
