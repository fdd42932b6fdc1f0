"""Nhận bổ sung: papers that the authority asked for, brought to any counter with no more than a photo of the slip."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import codes, scans
from postal.domain.codes import CodeKind
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.domain.supplements import AllBrought, NotAskedFor
from postal.printing import papers
from postal.queries import supplement_prints
from postal.queries import supplements as supplement_queries
from postal.queries.supplements import AskedLine, TakeInPage
from postal.services import supplements
from postal.services.registration import NoPapers
from postal.services.supplements import BroughtPaper
from postal.web import deps, errors, printing, render
from postal.web.deps import Chance, Now, SettingsDep, StoreDep, Typed, acting
from postal.web.forms import Filled, Form

router = APIRouter(include_in_schema=False)

Taking = Annotated[Actor, acting(Permission.TAKE_SUPPLEMENT)]

MOST_SHEETS = 99
HEAVIEST = 20_000
"""Grams."""
FIELD_OF: dict[type[Refused], str] = {NoPapers: "papers", NotAskedFor: "papers", AllBrought: "papers"}
"""Beside which field a refusal is said; any other stands at the top."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FindView:
    """The box that takes a slip, with the sentence when nothing could be found."""

    q: str
    problem: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TakeInView:
    """What is asked for, with the form that takes it in."""

    asked: TakeInPage
    form: Filled


@router.get("/supplements")
def find(request: Request, store: StoreDep, _actor: Taking, q: str = "") -> Response:
    """Show the box, or go on to the dossier that a slip, its photo or a code names."""
    if not q.strip():
        return render.page(request, "supplements/find.html", FindView(q="", problem=""))
    try:
        code = supplement_queries.find(store, scans.read_scan(q))
    except Refused as refused:
        view = FindView(q=q.strip()[:80], problem=str(refused))
        return render.page(request, "supplements/find.html", view, status=errors.status_of(refused))
    return RedirectResponse(f"/dossiers/{code}/supplement", status_code=303)


@router.get("/dossiers/{code}/supplement")
def show(request: Request, code: str, store: StoreDep, now: Now, actor: Taking) -> Response:
    """Show what a dossier waits for; whoever reads the names leaves a line in the log."""
    form = Form({"request": secrets.token_hex(16)})
    return _form(request, store, _dossier(code), form, actor=actor, at=now)


@router.post("/dossiers/{code}/supplement")
def take_in(
    request: Request, code: str, store: StoreDep, now: Now, actor: Taking, below: Chance, typed: Typed
) -> Response:
    """Take papers in; a refusal shows the form with what was typed."""
    parsed, form = _dossier(code), Form(typed)
    page = supplement_queries.take_in_page(store, parsed, actor=actor, at=now)
    papers = [paper for line in page.lines if (paper := _paper(form, line)) is not None]
    seal, weight_g, postage = form.text("seal"), form.count("weight", most=HEAVIEST), form.money("postage")
    if not form.is_good:
        return _form(request, store, parsed, form, actor=actor, at=now, status=422)
    try:
        made = supplements.take_in(
            store,
            parsed,
            papers,
            seal=seal,
            weight_g=weight_g or None,
            postage=postage,
            request=typed.get("request", "")[:40],
            by=actor,
            at=now,
            below=below,
        )
    except Refused as refused:
        form.refuse(FIELD_OF.get(type(refused), "form"), refused)
        return _form(request, store, parsed, form, actor=actor, at=now, status=errors.status_of(refused))
    return RedirectResponse(f"/supplements/{made.code}", status_code=303)


@router.get("/supplements/{code}")
def show_taken(request: Request, code: str, store: StoreDep, actor: Taking) -> Response:
    """Show an envelope that was taken in: what to print, what to do next."""
    return render.page(request, "supplements/taken.html", _taken(store, code, actor=actor))


@router.get("/supplements/{code}/receipt.pdf")
def receipt(code: str, store: StoreDep, settings: SettingsDep, now: Now, actor: Taking) -> Response:
    """Print the phiếu gửi of papers that were brought later; it has no secret, the citizen's first copy still opens."""
    parsed = codes.parse(code, kind=CodeKind.ITEM).text
    value = supplement_prints.receipt(store, parsed, actor=actor)
    deps.note_view(store, actor=actor, subject=value.code, what="supplement_receipt_printed", at=now)
    return printing.answer(papers.supplement_receipt_pdf(value, settings=settings), name=f"phieu-gui-{parsed}")


@router.post("/supplements/{code}/give-back")
def give_back(code: str, store: StoreDep, now: Now, actor: Taking, typed: Typed) -> Response:
    """Give an envelope back that has not left the counter."""
    page = _taken(store, code, actor=actor)
    supplements.give_back(store, page.item, reason=Form(typed).text("reason", most=500), by=actor, at=now)
    said = quote("Đã trả lại giấy tờ cho người mang đến.")
    return RedirectResponse(f"/dossiers/{page.dossier}/supplement?said={said}", status_code=303)


def _taken(store: StoreDep, code: str, *, actor: Actor) -> supplement_queries.TakenPage:
    return supplement_queries.taken_page(store, codes.parse(code, kind=CodeKind.ITEM).text, actor=actor)


def _form(
    request: Request, store: StoreDep, code: str, form: Form, *, actor: Actor, at: datetime, status: int = 200
) -> Response:
    page = supplement_queries.take_in_page(store, code, actor=actor, at=at)
    if page.sees_names:
        deps.note_view(store, actor=actor, subject=code, what="supplement_seen", at=at)
    view = TakeInView(asked=page, form=Filled(typed=form.typed, errors=form.errors))
    return render.page(request, "supplements/take_in.html", view, status=status)


def _paper(form: Form, line: AskedLine) -> BroughtPaper | None:
    """Return what was counted of a line, None when it was left empty."""
    counts = [form.count(f"{line.number}-{kind}", most=MOST_SHEETS) for kind in ("originals", "certified", "copies")]
    paper = BroughtPaper(
        asked=line.number,
        originals=counts[0],
        certified=counts[1],
        copies=counts[2],
        to_return=form.ticked(f"{line.number}-return"),
    )
    return paper if paper.total else None


def _dossier(code: str) -> str:
    return codes.parse(code, kind=CodeKind.DOSSIER).text
