"""Phương án chia chuyến: a day of rounds as the software proposes it, looked at and accepted by a person."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.proposal import NothingAccepted
from postal.domain.refusals import Refused
from postal.queries import proposals as proposal_queries
from postal.queries import runs as run_queries
from postal.queries.proposals import ProposalPage
from postal.queries.runs import RunsPage
from postal.services import planning
from postal.web import forms, render
from postal.web.deps import Chance, Now, StoreDep, Typed, acting
from postal.web.errors import status_of
from postal.web.proofs import Sent

router = APIRouter(include_in_schema=False)

Planning = Annotated[Actor, acting(Permission.PLAN_RUN)]


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposalView:
    """A proposal, what was ticked in it and who drives, and what could not be done."""

    proposal: ProposalPage
    ticked: frozenset[int]
    postmen: dict[int, str]
    problem: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DayView:
    """The day of an office, with why nothing could be proposed."""

    day: RunsPage
    problems: dict[str, str]


@router.post("/runs/proposals")
def propose(request: Request, store: StoreDep, now: Now, actor: Planning, typed: Typed, chance: Chance) -> Response:
    """Work out a day and keep it; a refusal shows the day again with the sentence."""
    place, office = typed.get("place", ""), typed.get("office", "")
    try:
        day = forms.day(typed.get("day", ""))
        proposed = planning.propose_day(store, place, day=day, by=actor, at=now)
        number = planning.keep_proposal(store, proposed, by=actor, at=now, below=chance)
    except Refused as refused:
        page = run_queries.runs_page(store, actor=actor, at=now, office=office)
        view = DayView(day=page, problems={"propose": str(refused)})
        return render.page(request, "runs/day.html", view, status=status_of(refused))
    return RedirectResponse(f"/runs/proposals/{number}", status_code=303)


@router.get("/runs/proposals/{number}")
def show(request: Request, number: str, store: StoreDep, now: Now, actor: Planning) -> Response:
    """Show a kept proposal."""
    page = proposal_queries.proposal_page(store, number, actor=actor, at=now)
    view = ProposalView(proposal=page, ticked=_with_postman(page), postmen=_proposed(page), problem="")
    return render.page(request, "runs/proposal.html", view)


@router.post("/runs/proposals/{number}/accept")
def accept(
    request: Request, number: str, store: StoreDep, now: Now, actor: Planning, sent: Sent, chance: Chance
) -> Response:
    """Plan the ticked runs, all of them or none; sent twice, they are planned once."""
    page = proposal_queries.proposal_page(store, number, actor=actor, at=now)
    ticked = frozenset(int(text) for text in sent.getlist("draft") if isinstance(text, str) and text.isdecimal())
    postmen = {draft.number: str(sent.get(f"postman-{draft.number}", "")) for draft in page.drafts}
    try:
        if not ticked:
            raise NothingAccepted
        made = planning.accept_kept(store, number, only=ticked, postmen=postmen, by=actor, at=now, below=chance)
    except Refused as refused:
        view = ProposalView(proposal=page, ticked=ticked, postmen=postmen, problem=str(refused))
        return render.page(request, "runs/proposal.html", view, status=status_of(refused))
    return RedirectResponse(f"/runs/proposals/{number}?said=Đã lập {len(made)} chuyến.", status_code=303)


def _with_postman(page: ProposalPage) -> frozenset[int]:
    return frozenset(draft.number for draft in page.drafts if draft.postman)


def _proposed(page: ProposalPage) -> dict[int, str]:
    return {draft.number: draft.postman for draft in page.drafts}
