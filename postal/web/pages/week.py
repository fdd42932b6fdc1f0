"""Kế hoạch tuần: days for what waits, level and never past a legal date, looked at and accepted by a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.domain.week import DayOff
from postal.queries import week as week_queries
from postal.queries.week import WeekPage, WeekPlanPage
from postal.services import week
from postal.web import forms, render
from postal.web.deps import Chance, Now, StoreDep, acting
from postal.web.errors import status_of
from postal.web.proofs import Sent

router = APIRouter(include_in_schema=False)

Planning = Annotated[Actor, acting(Permission.PLAN_RUN)]


@dataclass(frozen=True, kw_only=True, slots=True)
class WeekView:
    """Where a week is asked for, with what was typed and what could not be done."""

    week: WeekPage
    first: str
    problems: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanView:
    """A proposed week, with what could not be done."""

    plan: WeekPlanPage
    problem: str


@router.get("/week")
def show(request: Request, store: StoreDep, now: Now, actor: Planning, place: str = "") -> Response:
    """Show where a week is asked for."""
    page = week_queries.week_page(store, actor=actor, at=now, place=place)
    return render.page(request, "week/week.html", WeekView(week=page, first=str(page.first), problems={}))


@router.post("/week")
def propose(request: Request, store: StoreDep, now: Now, actor: Planning, sent: Sent, chance: Chance) -> Response:
    """Work out a week and keep it; a refusal shows the form again with the sentence."""
    place, typed = str(sent.get("place", "")), str(sent.get("first", ""))
    try:
        first, off = forms.day(typed), _days_off(sent.getlist("off"))
        plan = week.propose(store, place, first=first, off=off, by=actor, at=now)
        number = week.keep(store, plan, by=actor, at=now, below=chance)
    except Refused as refused:
        page = week_queries.week_page(store, actor=actor, at=now, place=place)
        view = WeekView(week=page, first=typed, problems={"first": str(refused)})
        return render.page(request, "week/week.html", view, status=status_of(refused))
    return RedirectResponse(f"/week/{number}", status_code=303)


@router.get("/week/{number}")
def show_plan(request: Request, number: str, store: StoreDep, now: Now, actor: Planning) -> Response:
    """Show a proposed week."""
    page = week_queries.plan_page(store, number, actor=actor, at=now)
    return render.page(request, "week/plan.html", PlanView(plan=page, problem=""))


@router.post("/week/{number}/accept")
def accept(request: Request, number: str, store: StoreDep, now: Now, actor: Planning) -> Response:
    """Give the things their days; sent twice, it is done once."""
    try:
        done = week.accept(store, number, by=actor, at=now)
    except Refused as refused:
        page = week_queries.plan_page(store, number, actor=actor, at=now)
        return render.page(
            request, "week/plan.html", PlanView(plan=page, problem=str(refused)), status=status_of(refused)
        )
    said = f"Đã chốt ngày đi cho {done.things} bưu gửi, phiếu hẹn."
    said += f" {done.changed} việc đã thay đổi, để nguyên." if done.changed else ""
    return RedirectResponse(f"/week/{number}?said={said}", status_code=303)


def _days_off(sent: Iterable[object]) -> tuple[DayOff, ...]:
    """Return the ticked days off; what no form of ours sends is left out."""
    found = []
    for text in sent:
        territory, _, day = str(text).partition(" ")
        try:
            found.append(DayOff(territory=territory, day=date.fromisoformat(day)))
        except ValueError:
            continue
    return tuple(found)
