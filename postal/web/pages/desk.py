"""The one-stop desk and the departments: their list, and the decisions on one dossier."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import calendars, codes
from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.domain.supplements import AskedPaper
from postal.queries import desk as desk_queries
from postal.services import agency
from postal.web import deps, forms, render
from postal.web.deps import Now, StoreDep, Typed, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Deciding = Annotated[Actor, acting(Permission.DECIDE)]
CLOSING = time(17, 0)


@router.get("/desk")
def show(request: Request, store: StoreDep, now: Now, actor: Deciding) -> Response:
    """Show the work of the desk or department."""
    return render.page(request, "desk/list.html", desk_queries.desk_page(store, actor=actor, at=now))


@router.get("/desk/{code}")
def show_dossier(request: Request, code: str, store: StoreDep, now: Now, actor: Deciding) -> Response:
    """Show one dossier with the steps that are possible now."""
    parsed = codes.parse(code, kind=CodeKind.DOSSIER).text
    page = desk_queries.desk_dossier(store, parsed, actor=actor, at=now)
    deps.note_view(store, actor=actor, subject=parsed, what="dossier_seen", at=now)
    return render.page(request, "desk/dossier.html", page)


@router.post("/desk/{code}/{step}")
def decide(
    request: Request, code: str, step: str, store: StoreDep, now: Now, actor: Deciding, typed: Typed
) -> Response:
    """Carry out one step; a refusal shows the same page with what was typed and the sentence."""
    parsed = codes.parse(code, kind=CodeKind.DOSSIER).text
    carry_out = _STEPS.get(step)
    if carry_out is None:
        return RedirectResponse(f"/results/new?codes={parsed}", status_code=303)
    try:
        carry_out(store, parsed, typed, actor, now)
    except Refused as refused:
        page = desk_queries.desk_dossier(store, parsed, actor=actor, at=now, errors={step: str(refused)}, typed=typed)
        return render.page(request, "desk/dossier.html", page, status=status_of(refused))
    return RedirectResponse(f"/desk/{parsed}?said=Đã ghi nhận.", status_code=303)


def _receive(store: StoreDep, code: str, typed: Typed, by: Actor, at: datetime) -> Dossier:
    promised = typed.get("promised_on", "")
    return agency.receive(
        store,
        code,
        official_code=typed.get("official_code", ""),
        promised_at=_closing(forms.day(promised)) if promised else None,
        by=by,
        at=at,
    )


def _ask_supplement(store: StoreDep, code: str, typed: Typed, by: Actor, at: datetime) -> Dossier:
    papers = [AskedPaper(name=line.strip()) for line in typed.get("papers", "").splitlines() if line.strip()]
    due_on = forms.day(typed.get("due_on", ""))
    return agency.ask_supplement(
        store, code, papers=papers, due_on=due_on, reason=typed.get("reason", ""), by=by, at=at
    )


def _ask_payment(store: StoreDep, code: str, typed: Typed, by: Actor, at: datetime) -> Dossier:
    amount = forms.money(typed.get("amount", ""))
    return agency.ask_payment(store, code, amount=amount, basis=typed.get("basis", ""), by=by, at=at)


def _with_reason(
    service: Callable[..., Dossier],
) -> Callable[[StoreDep, str, Typed, Actor, datetime], Dossier]:
    def carry_out(store: StoreDep, code: str, typed: Typed, by: Actor, at: datetime) -> Dossier:
        return service(store, code, reason=typed.get("reason", ""), by=by, at=at)

    return carry_out


def _plain(service: Callable[..., Dossier]) -> Callable[[StoreDep, str, Typed, Actor, datetime], Dossier]:
    def carry_out(store: StoreDep, code: str, typed: Typed, by: Actor, at: datetime) -> Dossier:
        assert typed is not None
        return service(store, code, by=by, at=at)

    return carry_out


_STEPS: dict[str, Callable[[StoreDep, str, Typed, Actor, datetime], Dossier]] = {
    "receive": _receive,
    "take-into-work": _plain(agency.take_into_work),
    "ask-supplement": _ask_supplement,
    "supplemented": _plain(agency.complete_supplement),
    "ask-payment": _ask_payment,
    "paid": _plain(agency.note_payment),
    "refuse": _with_reason(agency.refuse),
    "withdraw": _with_reason(agency.withdraw),
    "stop": _with_reason(agency.stop),
}
"""What each step's form does; `result` leads to the page that registers results."""


def _closing(day: date) -> datetime:
    """Return the end of a working day, which is when a promised day ends."""
    return datetime.combine(day, CLOSING, tzinfo=calendars.VIETNAM)
