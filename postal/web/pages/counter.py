"""The counter: today's numbers, and the form that registers a dossier.

This module stands before `dossiers` in the order of routes, so that `/dossiers/new` is no code of a dossier.
"""

import secrets
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import codes
from postal.domain.codes import CodeKind
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import counter
from postal.services import registration
from postal.web import deps, errors, render
from postal.web.deps import Below, Chance, Now, StoreDep, Typed, acting
from postal.web.registering import checks, drafts, page, reading, steps
from postal.web.registering.drafts import Draft

router = APIRouter(include_in_schema=False)

Clerk = Annotated[Actor, acting(Permission.REGISTER)]

GUIDED = "Đã hướng dẫn, chưa nhận hồ sơ. In phiếu hướng dẫn cho khách."


@router.get("/counter")
def home(request: Request, store: StoreDep, actor: Clerk, now: Now) -> Response:
    """Show today at the counter."""
    return render.page(request, "counter/home.html", counter.counter_page(store, actor=actor, at=now))


@router.get("/dossiers/new")
def new(request: Request, store: StoreDep, actor: Clerk, now: Now, card: str = "", again: str = "") -> Response:
    """Open the form; `card` is the text of a scanned identity card, `again` a dossier whose sender sends once more."""
    typed = drafts.blank(request=secrets.token_hex(16), office=actor.place) | {"card": card}
    draft = Draft(typed, store=store, actor=actor, at=now)
    if again:
        steps.repeat(draft, codes.parse(again, kind=CodeKind.DOSSIER).text)
    steps.take(draft, "look")
    return _show(request, draft)


@router.post("/dossiers/new")
def fill_in(request: Request, store: StoreDep, actor: Clerk, now: Now, below: Chance, typed: Typed) -> Response:
    """Carry out one step of the form: look something up, save, or turn the citizen back with guidance."""
    step = typed.get("step", "look")
    if not typed.get("request"):  # a card scanned elsewhere begins a form of its own
        typed = drafts.blank(request=secrets.token_hex(16), office=actor.place) | typed
    draft = Draft(typed, store=store, actor=actor, at=now)
    steps.take(draft, step)
    if step == "save":
        return _save(request, draft, below=below)
    if step == "turn_back":
        return _turn_back(request, draft, below=below)
    return _show(request, draft)


def _save(request: Request, draft: Draft, *, below: Below) -> Response:
    entered = reading.registration(draft)
    checks.check(draft)
    if not draft.form.is_good:
        return _show(request, draft, status=422)
    try:
        made = registration.register(draft.store, entered, by=draft.actor, at=draft.at, below=below)
    except Refused as refused:
        checks.refuse(draft, refused)
        return _show(request, draft, status=_status_of(refused))
    return RedirectResponse(f"/dossiers/{made.dossier.code}?new=1", status_code=303)


def _turn_back(request: Request, draft: Draft, *, below: Below) -> Response:
    """Guide the citizen: only the procedure and the papers matter, whatever else is not filled in yet."""
    entered = reading.registration(draft)
    checks.forgive_all_but_papers(draft)
    if not draft.form.is_good:
        return _show(request, draft, status=422)
    try:
        guided = registration.turn_back(draft.store, entered, by=draft.actor, at=draft.at, below=below)
    except Refused as refused:
        checks.refuse(draft, refused)
        return _show(request, draft, status=_status_of(refused))
    return RedirectResponse(f"/dossiers/{guided.code}?said={quote(GUIDED)}", status_code=303)


def _status_of(refused: Refused) -> int:
    """Return the status of a form that comes back: the page is there, whatever is not."""
    status = errors.status_of(refused)
    return 422 if status == 404 else status


def _show(request: Request, draft: Draft, *, status: int = 200) -> Response:
    if draft.seen:
        deps.note_view(draft.store, actor=draft.actor, subject=draft.seen, what="sender_repeated", at=draft.at)
    return render.page(request, "dossiers/new.html", page.page(draft), status=status)
