"""Bảng tuyến: a day of rounds as the software proposes it, changed by a person and then accepted."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData, QueryParams

from postal.domain.board import NothingSelected, StepKind, UnknownRoute
from postal.domain.map_servers import MapServer
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.proposal import NothingAccepted
from postal.domain.refusals import Refused
from postal.queries import evenness as evenness_queries
from postal.queries import proposals as proposal_queries
from postal.queries import runs as run_queries
from postal.queries.evenness import EvennessView
from postal.queries.proposals import ProposalPage
from postal.queries.runs import RunsPage
from postal.services import board, evenness, planning, solving
from postal.services.board import Made
from postal.web import forms, render
from postal.web.deps import Chance, Now, SettingsDep, StoreDep, Typed, acting
from postal.web.errors import status_of
from postal.web.forms import LONGEST_LINE
from postal.web.proofs import Sent

router = APIRouter(include_in_schema=False)

Planning = Annotated[Actor, acting(Permission.PLAN_RUN)]

SAID: dict[StepKind, str] = {
    StepKind.MOVED: "Đã chuyển {count} điểm sang tuyến {route}: {difference}.",
    StepKind.REORDERED: "Đã đổi thứ tự {count} điểm: {difference}.",
    StepKind.LOCKED: "Đã giữ cố định {count} điểm.",
    StepKind.UNLOCKED: "Đã bỏ giữ cố định {count} điểm.",
    StepKind.NEXT_DAY: "Đã chuyển {count} điểm sang ngày làm việc kế tiếp: {difference}.",
    StepKind.PLANNED_AGAIN: "Đã tính lại phương án: {difference}.",
    StepKind.UNDONE: "Đã hoàn tác: {difference}.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardView:
    """A proposal, what was ticked and typed in it, and what could not be done."""

    board: ProposalPage
    ticked: frozenset[int]
    postmen: dict[int, str]
    evenness: EvennessView | None
    selected: frozenset[str] = frozenset()
    to: str = ""
    position: str = ""
    problem: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DayView:
    """The day of an office, with why nothing could be proposed."""

    day: RunsPage
    problems: dict[str, str]


@router.post("/runs/proposals")
def propose(
    request: Request,
    store: StoreDep,
    now: Now,
    actor: Planning,
    typed: Typed,
    chance: Chance,
    settings: SettingsDep,
) -> Response:
    """Work out a day, keep it and ask for a better one; a refusal shows the day again with the sentence."""
    place, office = typed.get("place", ""), typed.get("office", "")
    try:
        if since := typed.get("since", ""):
            number = board.plan_anew(store, since, by=actor, at=now, below=chance, server=settings.map_server)
        else:
            day = forms.day(typed.get("day", ""))
            proposed = planning.propose_day(store, place, day=day, by=actor, at=now, server=settings.map_server)
            number = planning.keep_proposal(store, proposed, by=actor, at=now, below=chance)
        if settings.solvers:
            solving.ask(store, number, by=actor, at=now, below=chance, seconds=settings.solving_seconds)
    except Refused as refused:
        page = run_queries.runs_page(store, actor=actor, at=now, office=office)
        view = DayView(day=page, problems={"propose": str(refused)})
        return render.page(request, "runs/day.html", view, status=status_of(refused))
    return RedirectResponse(f"/runs/proposals/{number}", status_code=303)


@router.get("/runs/proposals/{number}")
def show(request: Request, number: str, store: StoreDep, now: Now, actor: Planning) -> Response:
    """Show a kept proposal with the stops of the routes that are looked at."""
    asked = request.query_params
    page = proposal_queries.proposal_page(store, number, actor=actor, at=now, routes=_numbers(asked.getlist("route")))
    off = _numbers(asked.getlist("off"))
    view = BoardView(
        board=page,
        ticked=_with_postman(page) - off,
        postmen=_proposed(page) | _postmen(page, asked, empty=False),
        evenness=_evenness(page),
        selected=frozenset(asked.getlist("selected")),
    )
    return render.page(request, "runs/proposal.html", view)


@router.post("/runs/proposals/{number}/change")
def change(
    request: Request, number: str, store: StoreDep, now: Now, actor: Planning, sent: Sent, settings: SettingsDep
) -> Response:
    """Change the proposal; a refusal shows it as it stands, with everything that was ticked and typed."""
    page = _page(store, number, sent, actor=actor, at=now)
    try:
        made = _change(store, number, sent, by=actor, at=now, server=settings.map_server)
    except Refused as refused:
        return _refused(request, page, sent, refused)
    said = _said(page, made, sent) if made else ""
    return RedirectResponse(f"/runs/proposals/{number}?{_kept(page, sent, said=said)}", status_code=303)


@router.post("/runs/proposals/{number}/accept")
def accept(
    request: Request, number: str, store: StoreDep, now: Now, actor: Planning, sent: Sent, chance: Chance
) -> Response:
    """Plan the ticked runs, all of them or none; sent twice, they are planned once."""
    page = _page(store, number, sent, actor=actor, at=now)
    ticked, postmen = _ticked(sent), _postmen(page, sent)
    try:
        if not ticked:
            raise NothingAccepted
        made = board.accept(
            store, number, seen=_seen(sent), only=ticked, postmen=postmen, by=actor, at=now, below=chance
        )
    except Refused as refused:
        return _refused(request, page, sent, refused)
    return RedirectResponse(f"/runs/proposals/{number}?said=Đã lập {len(made)} chuyến.", status_code=303)


# --- one change -------------------------------------------------------------------------------------------------------


def _change(
    store: StoreDep, number: str, sent: FormData, *, by: Actor, at: datetime, server: MapServer | None
) -> Made | None:
    """Do what the pressed button says; a form that was sent without one changes nothing."""
    stops, seen = [text for text in sent.getlist("stop") if isinstance(text, str)], _seen(sent)
    match str(sent.get("act", "")):
        case "move":
            to, position = _target(sent, stops), _position(sent)
            return board.move(store, number, stops, to=to, at_position=position, seen=seen, by=by, at=at, server=server)
        case "order":
            return board.reorder(store, number, stops, offset=_offset(sent), seen=seen, by=by, at=at, server=server)
        case "up":
            return board.reorder(store, number, stops, offset=-1, seen=seen, by=by, at=at, server=server)
        case "down":
            return board.reorder(store, number, stops, offset=1, seen=seen, by=by, at=at, server=server)
        case "lock":
            return board.lock(store, number, stops, seen=seen, by=by, at=at)
        case "unlock":
            return board.unlock(store, number, stops, seen=seen, by=by, at=at)
        case "next_day":
            return board.to_next_working_day(store, number, stops, seen=seen, by=by, at=at, server=server)
        case "undo":
            return board.undo(store, number, seen=seen, by=by, at=at)
        case _:
            return None


def _target(sent: FormData, stops: Collection[str]) -> int:
    """Return the route to move to, numbered from 0. Raises: NothingSelected, UnknownRoute."""
    if not stops:
        raise NothingSelected
    text = str(sent.get("to", "")).strip()
    if not forms.is_number(text):
        raise UnknownRoute(route=text[:LONGEST_LINE] or "chưa chọn")
    return int(text) - 1


def _position(sent: FormData) -> int | None:
    text = str(sent.get("position", "")).strip()
    return int(text) if forms.is_number(text) else None


def _offset(sent: FormData) -> int:
    text = str(sent.get("offset", "")).strip()
    return int(text) if forms.is_number(text.removeprefix("-")) else 0


def _seen(sent: FormData) -> int:
    """Return how many changes somebody has seen; who does not say has seen the proposal as it was made."""
    text = str(sent.get("seen", ""))
    return int(text) if forms.is_number(text) else 0


def _said(page: ProposalPage, made: Made, sent: FormData) -> str:
    to = str(sent.get("to", "")).strip()
    route = next((draft.name for draft in page.drafts if str(draft.order) == to), "")
    return SAID[made.step.kind].format(count=len(made.step.stops), route=route, difference=_difference(made))


def _difference(made: Made) -> str:
    minutes = round(made.seconds / 60)
    kilometres = f"{made.metres / 1000:+.1f} km".replace(".", ",").replace("-", "−")
    return f"{minutes:+} phút, {kilometres}".replace("-", "−")


# --- what stands in the form ------------------------------------------------------------------------------------------


def _page(store: StoreDep, number: str, sent: FormData, *, actor: Actor, at: datetime) -> ProposalPage:
    return proposal_queries.proposal_page(store, number, actor=actor, at=at, routes=_numbers(sent.getlist("route")))


def _refused(request: Request, page: ProposalPage, sent: FormData, refused: Refused) -> Response:
    view = BoardView(
        board=page,
        ticked=_ticked(sent),
        postmen=_proposed(page) | _postmen(page, sent),
        evenness=_evenness(page),
        selected=frozenset(text for text in sent.getlist("stop") if isinstance(text, str)),
        to=str(sent.get("to", "")),
        position=str(sent.get("position", "")),
        problem=str(refused),
    )
    return render.page(request, "runs/proposal.html", view, status=status_of(refused))


def _evenness(page: ProposalPage) -> EvennessView | None:
    """Return how evenly the proposed runs lie between those who would drive them."""
    names = {account: name for draft in page.drafts for account, name in draft.postmen}
    return evenness_queries.in_words(evenness.of_drafts(page.drafts), names=names)


def _kept(page: ProposalPage, sent: FormData, *, said: str) -> str:
    """Return as a query what somebody chose and did not accept yet: routes, postmen, unticked runs, stops."""
    proposed = _proposed(page)
    changed = {n: name for n, name in _postmen(page, sent).items() if name and name != proposed[n]}
    return urlencode(
        [
            *(("route", str(number)) for number in sorted(_numbers(sent.getlist("route")))),
            *((f"postman-{number}", name) for number, name in changed.items()),
            *(("off", str(number)) for number in sorted(_with_postman(page) - _ticked(sent))),
            *(("selected", text) for text in sent.getlist("stop") if isinstance(text, str)),
            *([("said", said)] if said else []),
        ]
    )


def _ticked(sent: FormData) -> frozenset[int]:
    return _numbers(sent.getlist("draft"))


def _numbers(texts: Collection[object]) -> frozenset[int]:
    return frozenset(int(text) for text in texts if isinstance(text, str) and forms.is_number(text))


def _postmen(page: ProposalPage, typed: FormData | QueryParams, *, empty: bool = True) -> dict[int, str]:
    """Return who drives each run as somebody chose it; `empty` keeps those where nobody was chosen."""
    found = {draft.number: str(typed.get(f"postman-{draft.number}", "")) for draft in page.drafts}
    return {number: name for number, name in found.items() if empty or name}


def _with_postman(page: ProposalPage) -> frozenset[int]:
    return frozenset(draft.number for draft in page.drafts if draft.postman and draft.stops)


def _proposed(page: ProposalPage) -> dict[int, str]:
    return {draft.number: draft.postman for draft in page.drafts}
