"""Thu gom tại nhà: which papers postmen fetch at citizens' doors, promising a visit, cancelling one."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import calendars, codes
from postal.domain.codes import CodeKind
from postal.domain.home_pickup import NothingToFetch, PickupExists, PickupOnDayOff, WrongWindow
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.domain.run import DayGone
from postal.queries import home_pickups as pickup_queries
from postal.queries.home_pickups import ArrangingPage, HomePickupPage, HomePickupsPage
from postal.services import home_pickups
from postal.web import deps, errors, filters, forms, render
from postal.web.deps import Chance, Now, StoreDep, Typed, acting
from postal.web.forms import Filled, Form

router = APIRouter(include_in_schema=False)

Arranger = Annotated[Actor, acting(Permission.ARRANGE_PICKUP)]

FIELD_OF: dict[type[Refused], str] = {
    DayGone: "day",
    PickupOnDayOff: "day",
    WrongWindow: "opens",
    PickupExists: "form",
    NothingToFetch: "form",
}
"""Beside which field a refusal is said; any other stands at the top."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ListView:
    """The promises of a day, with what could not be done."""

    pickups: HomePickupsPage
    problem: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PickupView:
    """One promise with the form to cancel it."""

    shown: HomePickupPage
    form: Filled


@dataclass(frozen=True, kw_only=True, slots=True)
class ArrangeView:
    """The form that promises a visit; `arranging` is None until a dossier is known."""

    arranging: ArrangingPage | None
    form: Filled


@router.get("/home-pickups")
def show(request: Request, store: StoreDep, now: Now, actor: Arranger, day: str = "") -> Response:
    """Show what the actor's office fetches on a day."""
    chosen, problem = _day(day)
    page = pickup_queries.home_pickups_page(store, actor=actor, day=chosen, at=now)
    deps.note_view(store, actor=actor, subject=actor.place, what="home_pickups_seen", at=now)
    status = 422 if problem else 200
    return render.page(request, "home_pickups/list.html", ListView(pickups=page, problem=problem), status=status)


@router.get("/home-pickups/new")
def begin(request: Request, store: StoreDep, now: Now, actor: Arranger, dossier: str = "") -> Response:
    """Open the form for a dossier."""
    form = Form({"dossier": dossier, "request": secrets.token_hex(16)})
    return _form(request, store, form, actor=actor, at=now)


@router.post("/home-pickups")
def arrange(request: Request, store: StoreDep, now: Now, actor: Arranger, below: Chance, typed: Typed) -> Response:
    """Promise a visit."""
    form = Form(typed)
    code = _code(form)
    day = form.day("day")
    if not typed.get("day"):
        form.refuse("day", "Chọn ngày bưu tá đến lấy.")
    opens, closes = (_hour(form, name, day) for name in ("opens", "closes"))
    if not form.is_good or day is None:
        return _form(request, store, form, actor=actor, at=now, status=422)
    try:
        made = home_pickups.ask(
            store,
            dossier=code,
            day=day,
            opens_at=opens,
            closes_at=closes,
            note=form.text("note", most=500),
            request=typed.get("request", "")[:40],
            by=actor,
            at=now,
            below=below,
        )
    except Refused as refused:
        form.refuse(FIELD_OF.get(type(refused), "form"), refused)
        return _form(request, store, form, actor=actor, at=now, status=errors.status_of(refused))
    said = f"Đã hẹn bưu tá đến lấy giấy tờ {filters.day(made.day)}, phiếu hẹn {codes.shown(made.code)}."
    is_theirs = pickup_queries.is_open_to(store, made.code, actor=actor)
    there = f"/home-pickups/{made.code}" if is_theirs else "/home-pickups"
    return RedirectResponse(f"{there}?said={quote(said)}", status_code=303)


@router.get("/home-pickups/{code}")
def show_one(request: Request, code: str, store: StoreDep, now: Now, actor: Arranger) -> Response:
    """Show one promise."""
    return _one(request, store, code, Form({}), actor=actor, at=now)


@router.post("/home-pickups/{code}/cancel")
def cancel(request: Request, code: str, store: StoreDep, now: Now, actor: Arranger, typed: Typed) -> Response:
    """Cancel a promise."""
    form = Form(typed)
    try:
        home_pickups.cancel(store, _pickup(code), reason=form.text("reason", most=500), by=actor, at=now)
    except Refused as refused:
        form.refuse("reason", refused)
        return _one(request, store, code, form, actor=actor, at=now, status=errors.status_of(refused))
    said = "Đã hủy hẹn, bưu tá không đến nữa."
    return RedirectResponse(f"/home-pickups/{_pickup(code)}?said={quote(said)}", status_code=303)


def _one(
    request: Request, store: StoreDep, code: str, form: Form, *, actor: Actor, at: datetime, status: int = 200
) -> Response:
    page = pickup_queries.home_pickup_page(store, _pickup(code), actor=actor, at=at)
    deps.note_view(store, actor=actor, subject=page.pickup.dossier, what="home_pickup_seen", at=at)
    view = PickupView(shown=page, form=Filled(typed=form.typed, errors=form.errors))
    return render.page(request, "home_pickups/pickup.html", view, status=status)


def _form(request: Request, store: StoreDep, form: Form, *, actor: Actor, at: datetime, status: int = 200) -> Response:
    """Show the form; a dossier that nobody knows is said beside its field, and nothing typed is lost."""
    arranging = None
    if form.typed.get("dossier") and "dossier" not in form.errors:
        try:
            arranging = pickup_queries.arranging_page(store, _code(form), actor=actor, at=at)
        except Refused as refused:
            form.refuse("dossier", refused)
    if arranging is not None and not form.typed.get("day"):
        form.typed["day"] = arranging.first_day.isoformat()
    view = ArrangeView(arranging=arranging, form=Filled(typed=form.typed, errors=form.errors))
    code = 422 if form.errors and status == 200 else status
    return render.page(request, "home_pickups/new.html", view, status=code)


def _code(form: Form) -> str:
    if not form.typed.get("dossier"):
        form.refuse("dossier", "Quét hoặc gõ mã hồ sơ.")
    return form.parsed("dossier", lambda text: codes.parse(text, kind=CodeKind.DOSSIER).text, default="")


def _hour(form: Form, name: str, day: date | None) -> datetime | None:
    """Return an hour of the promised day, None when none was typed."""
    if day is None or not form.typed.get(name):
        return None
    clock = form.parsed(name, forms.hour, default=time())
    return datetime.combine(day, clock, calendars.VIETNAM)


def _day(text: str) -> tuple[date | None, str]:
    """Return the day of the list, and the sentence when what was typed is none."""
    try:
        return (forms.day(text), "") if text else (None, "")
    except Refused as refused:
        return None, str(refused)


def _pickup(code: str) -> str:
    return codes.parse(code, kind=CodeKind.HOME_PICKUP).text
