"""Tính tiếp và xem thử: a plan becomes better while people look, and what would be if is shown before it is applied."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from postal.domain import codes
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.domain.whatif import LONGEST_VISIT, WIDEST, Added, Closed, Question, WrongClosure, WrongVisit
from postal.queries import solvings as solving_queries
from postal.queries.solvings import QuestionPage, SolvingPage
from postal.services import solving
from postal.web import forms, render
from postal.web.deps import Chance, Now, SettingsDep, StoreDep, Typed, acting
from postal.web.errors import status_of
from postal.web.proofs import Sent

router = APIRouter(include_in_schema=False)

Planning = Annotated[Actor, acting(Permission.PLAN_RUN)]


@dataclass(frozen=True, kw_only=True, slots=True)
class SolvingView:
    """One solving, and what could not be done with it."""

    solving: SolvingPage
    problem: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionView:
    """What can be asked, what was typed, and what is wrong with it."""

    question: QuestionPage
    typed: dict[str, str]
    absent: frozenset[str]
    keeps_rest: bool
    problem: str = ""


@router.post("/runs/proposals/{number}/solving")
def start(number: str, store: StoreDep, now: Now, actor: Planning, chance: Chance, settings: SettingsDep) -> Response:
    """Make a plan better in the background."""
    solving.ask(store, number, by=actor, at=now, below=chance, seconds=settings.solving_seconds)
    return RedirectResponse(f"/runs/proposals/{number}", status_code=303)


@router.get("/runs/proposals/{number}/what-if")
def question(request: Request, number: str, store: StoreDep, now: Now, actor: Planning) -> Response:
    """Show what can be tried."""
    page = solving_queries.question_page(store, number, actor=actor, at=now)
    view = QuestionView(question=page, typed={}, absent=frozenset(), keeps_rest=True)
    return render.page(request, "solving/what_if.html", view)


@router.post("/runs/proposals/{number}/what-if")
def ask(
    request: Request,
    number: str,
    store: StoreDep,
    now: Now,
    actor: Planning,
    chance: Chance,
    settings: SettingsDep,
    sent: Sent,
) -> Response:
    """Begin to work out what would be if; a refusal shows the form again with everything that was typed."""
    try:
        asked = _question(sent)
        made = solving.ask(
            store, number, by=actor, at=now, below=chance, seconds=settings.solving_seconds, question=asked
        )
    except Refused as refused:
        page = solving_queries.question_page(store, number, actor=actor, at=now)
        view = QuestionView(
            question=page,
            typed={name: text.strip() for name, text in sent.items() if isinstance(text, str)},
            absent=_absent(sent),
            keeps_rest="keeps_rest" in sent,
            problem=str(refused),
        )
        return render.page(request, "solving/what_if.html", view, status=status_of(refused))
    return RedirectResponse(f"/runs/solvings/{made}", status_code=303)


@router.get("/runs/solvings/{number}")
def show(request: Request, number: str, store: StoreDep, actor: Planning) -> Response:
    """Show how far a solving is and what would change."""
    page = solving_queries.solving_page(store, number, actor=actor)
    return render.page(request, "solving/page.html", SolvingView(solving=page))


@router.get("/runs/solvings/{number}/progress")
def progress(request: Request, number: str, store: StoreDep, actor: Planning) -> Response:
    """Show how far a solving is, for the script of a page."""
    page = solving_queries.progress_part(store, number, actor=actor)
    return render.page(request, "solving/progress.html", page)


@router.post("/runs/solvings/{number}/stop")
def stop(number: str, store: StoreDep, now: Now, actor: Planning) -> Response:
    """Stop with the best so far; a better plan shows on its board, an answer on its own page."""
    stopped = solving.stop(store, number, by=actor, at=now)
    where = f"/runs/proposals/{stopped.asked.proposal}" if stopped.asked.improves else f"/runs/solvings/{number}"
    return RedirectResponse(where, status_code=303)


@router.post("/runs/solvings/{number}/apply")
def apply(request: Request, number: str, store: StoreDep, now: Now, actor: Planning, typed: Typed) -> Response:
    """Make a result the next step of the board."""
    seen = typed.get("seen", "")
    return _settled(
        request,
        number,
        store,
        actor,
        lambda: solving.apply(store, number, seen=int(seen) if forms.is_number(seen) else -1, by=actor, at=now),
        said="Đã áp dụng. Hoàn tác được ở bảng tuyến.",
    )


@router.post("/runs/solvings/{number}/drop")
def drop(request: Request, number: str, store: StoreDep, now: Now, actor: Planning) -> Response:
    """Note that nobody wants a result."""
    return _settled(
        request,
        number,
        store,
        actor,
        lambda: solving.drop(store, number, by=actor, at=now),
        said="Giữ bảng tuyến như cũ.",
    )


def _settled(
    request: Request, number: str, store: StoreDep, actor: Actor, settle: Callable[[], object], *, said: str
) -> Response:
    """Do something with a result and go to the board; a refusal shows the result as it stands now."""
    try:
        settle()
    except Refused as refused:
        page = solving_queries.solving_page(store, number, actor=actor)
        view = SolvingView(solving=page, problem=str(refused))
        return render.page(request, "solving/page.html", view, status=status_of(refused))
    proposal = solving_queries.progress_part(store, number, actor=actor).proposal
    return RedirectResponse(f"/runs/proposals/{proposal}?said={said}", status_code=303)


# --- a question as typed ----------------------------------------------------------------------------------------------


def _question(sent: FormData) -> Question:
    """Return what a form asks. Raises: NothingAsked, WrongVisit, WrongClosure, and what codes.parse raises."""
    return Question(
        absent=tuple(sorted(_absent(sent))),
        added=tuple(_added(sent)),
        closed=tuple(_closed(sent)),
        keeps_rest="keeps_rest" in sent,
    )


def _added(sent: FormData) -> list[Added]:
    found = []
    if thing := _text(sent, "thing"):
        found.append(Added(thing=codes.parse(thing).text))
    if commune := _text(sent, "visit_commune"):
        minutes = _text(sent, "visit_minutes")
        if not forms.is_number(minutes):
            raise WrongVisit(longest=LONGEST_VISIT)
        found.append(Added(commune=commune, minutes=int(minutes)))
    return found


def _closed(sent: FormData) -> list[Closed]:
    commune, radius = _text(sent, "closed_commune"), _text(sent, "closed_radius")
    if not commune:
        return []
    if not forms.is_number(radius):
        raise WrongClosure(widest=WIDEST)
    return [Closed(commune=commune, other=_text(sent, "closed_other"), radius_m=int(radius))]


def _absent(sent: FormData) -> frozenset[str]:
    return frozenset(text for text in sent.getlist("absent") if isinstance(text, str))


def _text(sent: FormData, name: str) -> str:
    return str(sent.get(name, "")).strip()
