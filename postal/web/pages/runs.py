"""Tuyến phát: the day's runs of an office, planning them, one run with its list, its sketch and its way."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import agreement, codes
from postal.domain.codes import CodeKind
from postal.domain.map_servers import MapServer
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.printing import records
from postal.queries import plan_actual, runsheets
from postal.queries import runs as run_queries
from postal.queries import transfers as transfer_queries
from postal.queries.plan_actual import RunActual
from postal.queries.runs import RunPage, RunsPage
from postal.queries.transfers import Transfers
from postal.services import agreeing, delivery, planning, transfers
from postal.web import deps, forms, render
from postal.web.deps import Chance, Now, SettingsDep, StoreDep, Typed, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Planning = Annotated[Actor, acting(Permission.PLAN_RUN)]
Giving = Annotated[Actor, acting(Permission.HAND_OVER)]
Seeing = Annotated[Actor, acting(Permission.SEE_DOSSIERS)]
SeeingPeople = Annotated[Actor, acting(Permission.SEE_PERSONAL_DATA)]


@dataclass(frozen=True, kw_only=True, slots=True)
class DayView:
    """The day of an office, with what could not be done: which territory, and why."""

    day: RunsPage
    problems: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class RunView:
    """One run, what it may move to others, what was chosen for that, and what could not be done."""

    run: RunPage
    problem: str
    actual: RunActual | None
    transfers: Transfers
    chosen: dict[str, str]
    purpose: str = agreement.PURPOSE
    measure: str = agreement.MEASURE


@router.get("/runs")
def show(request: Request, store: StoreDep, now: Now, actor: Planning, day: str = "", office: str = "") -> Response:
    """Show the runs of an office on a day."""
    problems: dict[str, str] = {}
    page = run_queries.runs_page(store, actor=actor, at=now, day=forms.day_asked(day, "day", problems), office=office)
    view = DayView(day=page, problems=problems)
    return render.page(request, "runs/day.html", view, status=422 if problems else 200)


@router.post("/runs")
def plan(
    request: Request,
    store: StoreDep,
    now: Now,
    actor: Planning,
    typed: Typed,
    chance: Chance,
    settings: SettingsDep,
) -> Response:
    """Plan the run of a territory; a refusal shows the day again with the sentence."""
    territory, problems = typed.get("territory", ""), dict[str, str]()
    on = forms.day_asked(typed.get("day", ""), "day", problems)
    page = run_queries.runs_page(store, actor=actor, at=now, day=on, office=typed.get("office", ""))
    try:
        made = planning.plan_run(
            store,
            territory,
            day=page.day,
            postman=typed.get("postman", ""),
            by=actor,
            at=now,
            below=chance,
            server=settings.map_server,
        )
    except Refused as refused:
        view = DayView(day=page, problems={territory: str(refused)})
        return render.page(request, "runs/day.html", view, status=status_of(refused))
    said = f"Đã lập chuyến: {len(made.stops)} điểm, {len(made.items)} bưu gửi."
    return RedirectResponse(f"/runs/{made.code}?said={said}", status_code=303)


@router.get("/runs/{code}")
def show_run(request: Request, code: str, store: StoreDep, now: Now, actor: Seeing) -> Response:
    """Show a run with its doors."""
    page = run_queries.run_page(store, _parsed(code), actor=actor, at=now)
    _note(store, page, actor=actor, at=now)
    return render.page(request, "runs/run.html", _view(store, page, actor=actor, at=now))


@router.post("/runs/{code}/hand-over")
def hand_over(request: Request, code: str, store: StoreDep, now: Now, actor: Giving, chance: Chance) -> Response:
    """Offer the postman everything of the run that the actor holds."""
    parsed = _parsed(code)
    try:
        record = delivery.hand_to_postman(store, parsed, by=actor, at=now, below=chance)
    except Refused as refused:
        page = run_queries.run_page(store, parsed, actor=actor, at=now)
        _note(store, page, actor=actor, at=now)
        view = _view(store, page, actor=actor, at=now, problem=str(refused))
        return render.page(request, "runs/run.html", view, status=status_of(refused))
    if record is None:
        return RedirectResponse(f"/runs/{parsed}?said=Bưu gửi đã ở trong tay bưu tá.", status_code=303)
    said = f"Đã bàn giao {len(record.items)} bưu gửi. Bưu cục vẫn giữ cho đến khi bưu tá ký nhận."
    return RedirectResponse(f"/runs/{parsed}?said={said}", status_code=303)


@router.post("/runs/{code}/offers")
def move_stop(
    request: Request, code: str, store: StoreDep, now: Now, actor: Seeing, typed: Typed, settings: SettingsDep
) -> Response:
    """Offer a stop to another run, withdraw the offer, or answer one; a refusal keeps what was chosen."""
    parsed = _parsed(code)
    try:
        said = _moved(store, parsed, typed, by=actor, at=now, server=settings.map_server)
    except Refused as refused:
        page = run_queries.run_page(store, parsed, actor=actor, at=now)
        _note(store, page, actor=actor, at=now)
        view = _view(store, page, actor=actor, at=now, problem=str(refused), chosen=typed)
        return render.page(request, "runs/run.html", view, status=status_of(refused))
    return RedirectResponse(f"/runs/{parsed}?said={said}#offers", status_code=303)


def _moved(
    store: StoreDep, run: str, typed: dict[str, str], *, by: Actor, at: datetime, server: MapServer | None
) -> str:
    """Do what the pressed button says; return what to say of it."""
    stop, giver = typed.get("stop", ""), typed.get("giver", "")
    match typed.get("act", ""):
        case "take":
            _, taker = transfers.take(store, giver, stop, by=by, at=at, server=server)
            return f"Đã nhận điểm: chuyến này nay có {len(taker.stops)} điểm."
        case "refuse":
            transfers.refuse(store, giver, stop, by=by, at=at)
            return "Đã trả lời không nhận. Điểm ở lại chuyến cũ."
        case "withdraw":
            transfers.withdraw(store, run, stop, by=by, at=at)
            return "Đã rút đề nghị. Điểm ở lại chuyến này."
        case _:
            transfers.offer(store, run, stop, to=typed.get("to", ""), by=by, at=at)
            return "Đã đề nghị chuyển điểm. Điểm vẫn ở chuyến này cho đến khi chuyến kia nhận."


@router.get("/runs/{code}/sheet.pdf")
def sheet(code: str, store: StoreDep, now: Now, actor: SeeingPeople) -> Response:
    """Print the list the postman takes along: the post's own paper, with names and doors."""
    page = runsheets.sheet_page(store, _parsed(code), actor=actor, at=now)
    deps.note_view(store, actor=actor, subject=page.code, what="run_printed", at=now)
    return Response(records.runsheet_pdf(page), media_type="application/pdf")


@router.get("/runs/{code}/sheet.xlsx")
def workbook_of(code: str, store: StoreDep, now: Now, actor: SeeingPeople) -> Response:
    """Give the same list as a workbook."""
    page = runsheets.sheet_page(store, _parsed(code), actor=actor, at=now)
    deps.note_view(store, actor=actor, subject=page.code, what="run_printed", at=now)
    headers = {"Content-Disposition": f'attachment; filename="{page.code}.xlsx"'}
    return Response(records.runsheet_xlsx(page), media_type=XLSX, headers=headers)


def _view(
    store: StoreDep,
    page: RunPage,
    *,
    actor: Actor,
    at: datetime,
    problem: str = "",
    chosen: dict[str, str] | None = None,
) -> RunView:
    """Return a run with what was recorded on it, once it has left."""
    actual = None
    if page.started_at is not None:
        measured = agreeing.of_run(store, page.code)
        actual = plan_actual.run_actual(store, page.code, measured=measured, actor=actor, at=at)
    moving = transfer_queries.of_run_page(store, page.code, actor=actor, at=at)
    return RunView(run=page, problem=problem, actual=actual, transfers=moving, chosen=chosen or {})


def _parsed(code: str) -> str:
    return codes.parse(code, kind=CodeKind.RUN).text


def _note(store: StoreDep, page: RunPage, *, actor: Actor, at: datetime, what: str = "run_seen") -> None:
    """Leave one audit line for a list of names and doors."""
    if page.with_people:
        deps.note_view(store, actor=actor, subject=page.code, what=what, at=at)
