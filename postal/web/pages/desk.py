"""The one-stop desk and the departments: their list, and the decisions on one dossier."""

import secrets
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import calendars, codes
from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier
from postal.domain.events import Settlement
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.domain.supplements import AskedPaper
from postal.queries import desk as desk_queries
from postal.services import agency, closing, extending, homeward
from postal.services.homeward import PaperBack
from postal.web import deps, forms, render
from postal.web.deps import Chance, Now, StoreDep, Typed, acting
from postal.web.errors import status_of
from postal.web.forms import Form

router = APIRouter(include_in_schema=False)

Deciding = Annotated[Actor, acting(Permission.DECIDE)]
Returning = Annotated[Actor, acting(Permission.RETURN_PAPERS)]
Settling = Annotated[Actor, acting(Permission.SETTLE_ORIGINALS)]
Closing = Annotated[Actor, acting(Permission.CLOSE_DOSSIER)]
MOST_PAPERS = 60
MOST_SHEETS = 99
CLOSING = time(17, 0)


@router.get("/desk")
def show(request: Request, store: StoreDep, now: Now, actor: Deciding) -> Response:
    """Show the work of the desk or department."""
    return render.page(request, "desk/list.html", desk_queries.desk_page(store, actor=actor, at=now))


@router.get("/desk/{code}")
def show_dossier(request: Request, code: str, store: StoreDep, now: Now, actor: Deciding) -> Response:
    """Show one dossier with the steps that are possible now."""
    parsed = codes.parse(code, kind=CodeKind.DOSSIER).text
    page = desk_queries.desk_dossier(store, parsed, actor=actor, at=now, request=secrets.token_hex(16))
    deps.note_view(store, actor=actor, subject=parsed, what="dossier_seen", at=now)
    return render.page(request, "desk/dossier.html", page)


@router.post("/desk/{code}/return-papers")
def return_papers(
    request: Request, code: str, store: StoreDep, now: Now, actor: Returning, below: Chance, typed: Typed
) -> Response:
    """Register papers that go home."""

    def carry_out(dossier: str) -> str:
        papers = [*_owed_back(typed), *_others_back(typed)]
        made = homeward.return_papers(
            store,
            dossier,
            papers,
            seal=forms.line(typed.get("seal", "")),
            request=typed.get("request", "")[:40],
            by=actor,
            at=now,
            below=below,
        )
        return f"Đã lập bì {codes.shown(made.code)} trả giấy tờ. In nhãn, niêm phong rồi bàn giao cho bưu điện."

    return _carried_out(request, store, code, "return-papers", carry_out, actor=actor, at=now, typed=typed)


@router.post("/desk/{code}/relay-slip")
def relay_slip(
    request: Request, code: str, store: StoreDep, now: Now, actor: Returning, below: Chance, typed: Typed
) -> Response:
    """Register the slip that the post brings to the citizen."""

    def carry_out(dossier: str) -> str:
        seal = forms.line(typed.get("seal", ""))
        made = homeward.relay_slip(store, dossier, seal=seal, by=actor, at=now, below=below)
        return f"Đã lập bì {codes.shown(made.code)} chuyển giấy hẹn. In nhãn rồi bàn giao cho bưu điện."

    return _carried_out(request, store, code, "relay-slip", carry_out, actor=actor, at=now, typed=typed)


@router.post("/desk/{code}/settle")
def settle(request: Request, code: str, store: StoreDep, now: Now, actor: Settling, typed: Typed) -> Response:
    """Settle originals that no envelope brings back."""

    def carry_out(dossier: str) -> str:
        after = homeward.settle_originals(
            store,
            dossier,
            source=typed.get("source", ""),
            count=forms.count(typed.get("count", ""), most=MOST_SHEETS),
            how=Form(typed).choice("how", Settlement, default=Settlement.HANDED_AT_DESK),
            reason=forms.line(typed.get("settle_reason", ""), most=forms.LONGEST_TEXT),
            by=actor,
            at=now,
        )
        return "Đã ghi nhận và đóng hồ sơ." if after.closed_at else "Đã ghi nhận."

    return _carried_out(request, store, code, "settle", carry_out, actor=actor, at=now, typed=typed)


@router.post("/desk/{code}/close")
def close(request: Request, code: str, store: StoreDep, now: Now, actor: Closing, typed: Typed) -> Response:
    """Close a dossier of which nothing is open any more."""

    def carry_out(dossier: str) -> str:
        closing.close(store, dossier, by=actor, at=now)
        return "Đã đóng hồ sơ."

    return _carried_out(request, store, code, "close", carry_out, actor=actor, at=now, typed=typed)


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


def _carried_out(
    request: Request,
    store: StoreDep,
    code: str,
    step: str,
    carry_out: Callable[[str], str],
    *,
    actor: Actor,
    at: datetime,
    typed: Typed,
) -> Response:
    """Do one step and say what was done; a refusal shows the same page with what was typed and the sentence."""
    parsed = codes.parse(code, kind=CodeKind.DOSSIER).text
    try:
        said = carry_out(parsed)
    except Refused as refused:
        page = desk_queries.desk_dossier(store, parsed, actor=actor, at=at, errors={step: str(refused)}, typed=typed)
        return render.page(request, "desk/dossier.html", page, status=status_of(refused))
    return RedirectResponse(f"/desk/{parsed}?said={quote(said)}", status_code=303)


def _owed_back(typed: Typed) -> Iterator[PaperBack]:
    """Yield the originals that go home, by the line they came in with."""
    for name, text in typed.items():
        source = name.removeprefix("send-")
        if source != name and text:
            count = forms.count(text, most=MOST_SHEETS)
            if count:
                yield PaperBack(source=source, originals=count)


def _others_back(typed: Typed) -> Iterator[PaperBack]:
    """Yield other papers that go home, by the name that was typed; a name without a number is one of them."""
    for number in range(1, MOST_PAPERS + 1):
        name = forms.line(typed.get(f"extra-{number}", ""))
        if name:
            count = forms.count(typed.get(f"extra-{number}-count", "") or "1", most=MOST_SHEETS)
            yield PaperBack(name=name, originals=count)


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
    papers = list(_asked_papers(typed))
    due_on = forms.day(typed.get("due_on", ""))
    return agency.ask_supplement(
        store, code, papers=papers, due_on=due_on, reason=typed.get("reason", ""), by=by, at=at
    )


def _asked_papers(typed: Typed) -> Iterator[AskedPaper]:
    """Yield what was ticked in the list and what was written below it, each with its reason, in the form's order."""
    for kind in ("paper", "other"):
        for number in range(1, MOST_PAPERS + 1):
            name = forms.line(typed.get(f"{kind}-{number}", ""))
            if name:
                yield AskedPaper(name=name, reason=forms.line(typed.get(f"{kind}-{number}-why", "")))


def _extend(store: StoreDep, code: str, typed: Typed, by: Actor, at: datetime) -> Dossier:
    return extending.extend(
        store,
        code,
        due_on=forms.day(typed.get("new_due_on", "")),
        cause=typed.get("cause", "")[: forms.LONGEST_TEXT],
        signer=forms.line(typed.get("signer", "")),
        by=by,
        at=at,
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
    "extend": _extend,
    "refuse": _with_reason(agency.refuse),
    "withdraw": _with_reason(agency.withdraw),
    "stop": _with_reason(agency.stop),
}
"""What each step's form does; `result` leads to the page that registers results."""


def _closing(day: date) -> datetime:
    """Return the end of a working day, which is when a promised day ends."""
    return datetime.combine(day, CLOSING, tzinfo=calendars.VIETNAM)
