"""Dự kiến và thực tế: closed runs beside their plans, what the next plans reckon with, what the grade of a visit is."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import agreement, codes
from postal.domain.codes import CodeKind
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import learned as learned_queries
from postal.queries import plan_actual
from postal.queries.learned import FiguresPage
from postal.queries.plan_actual import ActualPage
from postal.services import agreeing, learning
from postal.web import deps, downloads, forms, render
from postal.web.deps import Now, StoreDep, Typed, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Planning = Annotated[Actor, acting(Permission.PLAN_RUN)]
Seeing = Annotated[Actor, acting(Permission.SEE_DOSSIERS)]

USUAL_CHOICE = "usual"


@dataclass(frozen=True, kw_only=True, slots=True)
class ActualView:
    """Closed runs beside their plans, with what was typed wrong."""

    actual: ActualPage
    problems: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class FiguresView:
    """What plans reckon with, and the form that sets it back as it was typed."""

    figures: FiguresPage
    reason: str
    errors: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class GradeLine:
    """A grade and what it says."""

    name: str
    means: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AgreementView:
    """What the grade of a visit is for, and how it is found."""

    purpose: str
    measure: str
    grades: tuple[GradeLine, ...]


@router.get("/runs/actual")
def show(
    request: Request, store: StoreDep, now: Now, actor: Planning, office: str = "", since: str = "", until: str = ""
) -> Response:
    """Show the closed runs of an office beside their plans."""
    problems: dict[str, str] = {}
    first, last = forms.day_asked(since, "since", problems), forms.day_asked(until, "until", problems)
    page = plan_actual.actual_page(store, actor=actor, at=now, office=office, since=first, until=last)
    view = ActualView(actual=page, problems=problems)
    return render.page(request, "runs/actual.html", view, status=422 if problems else 200)


@router.get("/runs/figures")
def show_figures(request: Request, store: StoreDep, actor: Planning, office: str = "") -> Response:
    """Show what plans of an office reckon with, and what its runs taught."""
    return _figures(request, store, actor=actor, office=office)


@router.post("/runs/figures")
def decide(request: Request, store: StoreDep, now: Now, actor: Planning, typed: Typed) -> Response:
    """Put the usual figures in the stead of the learned ones, or let these stand again."""
    office, reason = typed.get("office", ""), typed.get("reason", "")
    is_usual = typed.get("choice") == USUAL_CHOICE
    try:
        (learning.pin if is_usual else learning.unpin)(store, office, reason=reason, by=actor, at=now)
    except Refused as refused:
        return _figures(request, store, actor=actor, office=office, reason=reason, refused=refused)
    said = "Kế hoạch sau dùng mức thường." if is_usual else "Kế hoạch sau dùng mức đã học."
    return RedirectResponse(f"/runs/figures?office={office}&said={said}", status_code=303)


@router.get("/runs/agreement")
def explain(request: Request, actor: Seeing) -> Response:  # noqa: ARG001 - guarded like every page of staff
    """Say what the grade of a visit is for and how it is found."""
    grades = tuple(
        GradeLine(name=agreement.AGREEMENT_NAMES[grade], means=means) for grade, means in agreement.MEANINGS.items()
    )
    view = AgreementView(purpose=agreement.PURPOSE, measure=agreement.MEASURE, grades=grades)
    return render.page(request, "runs/agreement.html", view)


@router.get("/runs/{code}/actual.csv")
def table(code: str, store: StoreDep, now: Now, actor: Seeing) -> Response:
    """Give a run beside its plan as a table: communes and codes, nobody's name or door."""
    parsed = codes.parse(code, kind=CodeKind.RUN).text
    measured = agreeing.of_run(store, parsed)
    page = plan_actual.run_actual(store, parsed, measured=measured, actor=actor, at=now)
    if page.with_agreements:
        deps.note_view(store, actor=actor, subject=parsed, what="run_printed", at=now)
    return downloads.answer(plan_actual.csv_of(page), name=f"{parsed}-thuc-te.csv")


def _figures(
    request: Request,
    store: StoreDep,
    *,
    actor: Actor,
    office: str,
    reason: str = "",
    refused: Refused | None = None,
) -> Response:
    page = learned_queries.figures_page(store, actor=actor, usual=learning.usual(), office=office)
    view = FiguresView(figures=page, reason=reason, errors={"reason": str(refused)} if refused else {})
    return render.page(request, "runs/figures.html", view, status=status_of(refused) if refused else 200)
