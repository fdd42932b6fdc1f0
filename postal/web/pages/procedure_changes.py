"""Changing a procedure: a form, a look at what it would do to last month's dossiers, then publishing."""

import secrets
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import calendars
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import drafts, previews
from postal.queries.drafts import DraftLine, DraftPage
from postal.queries.previews import Preview
from postal.services import changing
from postal.services.importing import WrongCell, cells
from postal.web import change_form, render
from postal.web.deps import Now, StoreDep, Typed, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Managing = Annotated[Actor, acting(Permission.MANAGE_CATALOGUE)]


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftsPage:
    """The drafts that wait, and the form that begins one for a procedure that is new."""

    drafts: tuple[DraftLine, ...]
    code: str = ""
    error: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewPage:
    """A draft with what it would have done; `error` says why it cannot be published."""

    draft: DraftPage
    preview: Preview
    error: str = ""


@router.get("/procedure-drafts")
def show_drafts(request: Request, store: StoreDep, actor: Managing, code: str = "") -> Response:
    """Show the drafts that wait; a code goes on to the form of its change."""
    waiting = drafts.drafts(store, actor=actor)
    if not code.strip():
        return render.page(request, "procedures/drafts.html", DraftsPage(drafts=waiting))
    try:
        wanted = cells.procedure_code({"code": code.strip()}, "code")
    except WrongCell as wrong:
        page = DraftsPage(drafts=waiting, code=code.strip()[:60], error=wrong.message)
        return render.page(request, "procedures/drafts.html", page, status=422)
    return RedirectResponse(f"/procedures/{wanted}/draft", status_code=303)


@router.get("/procedures/{code}/draft")
def edit(request: Request, code: str, store: StoreDep, actor: Managing, now: Now) -> Response:
    """Show the form of a change, with the open draft or what the newest version says."""
    known = drafts.to_edit(store, code, actor=actor)
    today = calendars.local(now).date()
    page = change_form.filled(code, known, is_draft=bool(drafts.open_draft(store, code)), today=today)
    return render.page(request, "procedures/change.html", page)


@router.post("/procedures/{code}/draft")
def draft(request: Request, code: str, store: StoreDep, actor: Managing, now: Now, typed: Typed) -> Response:
    """Keep a draft and go on to its preview."""
    version, errors = change_form.read(code, typed)
    try:
        if version is not None:
            kept = changing.draft(store, version, draft_id=secrets.token_hex(8), by=actor, at=now)
            return RedirectResponse(f"/procedure-drafts/{kept.id}", status_code=303)
    except Refused as refused:
        errors = {change_form.field_of(refused): str(refused)}
    page = change_form.again(code, typed, errors=errors, known=drafts.to_edit(store, code, actor=actor))
    return render.page(request, "procedures/change.html", page, status=422)


@router.get("/procedure-drafts/{draft_id}")
def look(request: Request, draft_id: str, store: StoreDep, actor: Managing, now: Now) -> Response:
    """Show what a draft changes, and what it would have changed for last month's dossiers."""
    return render.page(request, "procedures/preview.html", _preview(store, draft_id, actor=actor, now=now))


@router.post("/procedure-drafts/{draft_id}/publish")
def publish(request: Request, draft_id: str, store: StoreDep, actor: Managing, now: Now) -> Response:
    """Make a draft the next version."""
    try:
        new = changing.publish(store, draft_id, by=actor, at=now)
    except Refused as refused:
        page = _preview(store, draft_id, actor=actor, now=now, error=str(refused))
        return render.page(request, "procedures/preview.html", page, status=status_of(refused))
    said = f"Đã công bố phiên bản {new.version}, áp dụng từ {new.valid_from:%d/%m/%Y}."
    return RedirectResponse(f"/procedures/{new.code}?said={said}", status_code=303)


@router.post("/procedure-drafts/{draft_id}/drop")
def drop(draft_id: str, store: StoreDep, actor: Managing, now: Now) -> Response:
    """Give a draft up."""
    dropped = changing.drop(store, draft_id, by=actor, at=now)
    return RedirectResponse(f"/procedures/{dropped.version.code}?said=Đã bỏ bản soạn.", status_code=303)


def _preview(store: StoreDep, draft_id: str, *, actor: Actor, now: Now, error: str = "") -> PreviewPage:
    found = drafts.draft_page(store, draft_id, actor=actor)
    changes = [(found.old, found.draft.version)]
    return PreviewPage(draft=found, preview=previews.preview(store, changes, at=now), error=error)
