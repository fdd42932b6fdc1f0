"""Importing the catalogue from a file: sent, tried row by row, looked at, then applied. The file stays as it came."""

import secrets
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile

from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import drafts, previews
from postal.queries.drafts import SentFile, UploadLine
from postal.queries.previews import Preview
from postal.services import catalogue, changing, importing
from postal.services.importing import Plan
from postal.web import downloads, render
from postal.web.deps import Now, Posted, StoreDep, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Managing = Annotated[Actor, acting(Permission.MANAGE_CATALOGUE)]

MOST_SHOWN = 100
"""So many errors, notes and changes are listed on the page; the file of errors has all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SendPage:
    """The form that takes a file, and the files that came."""

    uploads: tuple[UploadLine, ...]
    error: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TriedPage:
    """What a file would change, and what that would have done to last month's dossiers."""

    upload: SentFile
    plan: Plan
    preview: Preview
    most: int = MOST_SHOWN
    error: str = ""

    @property
    def can_apply(self) -> bool:
        """Tell whether there is something to write that was not written yet."""
        return self.upload.applied_at is None and bool(self.plan.fresh)


@router.get("/procedure-imports")
def show(request: Request, store: StoreDep, actor: Managing) -> Response:
    """Show the form that takes a file."""
    return render.page(request, "procedures/send.html", SendPage(uploads=drafts.uploads(store, actor=actor)))


@router.post("/procedure-imports")
def send(request: Request, store: StoreDep, actor: Managing, now: Now, form: Posted) -> Response:
    """Keep a file and go on to what it would change."""
    sent = form.get("file")
    content = sent.file.read() if isinstance(sent, UploadFile) else b""
    name = (sent.filename or "") if isinstance(sent, UploadFile) else ""
    upload_id = secrets.token_hex(8)
    try:
        changing.keep_upload(store, upload_id, name=name or "tệp không tên", content=content, by=actor, at=now)
    except Refused as refused:
        page = SendPage(uploads=drafts.uploads(store, actor=actor), error=str(refused))
        return render.page(request, "procedures/send.html", page, status=status_of(refused))
    return RedirectResponse(f"/procedure-imports/{upload_id}", status_code=303)


@router.get("/procedure-imports/{upload_id}")
def tried(request: Request, upload_id: str, store: StoreDep, actor: Managing, now: Now) -> Response:
    """Show what a file would change; nothing is written."""
    return render.page(request, "procedures/tried.html", _tried(store, upload_id, actor=actor, now=now))


@router.get("/procedure-imports/{upload_id}/file")
def original(upload_id: str, store: StoreDep, actor: Managing) -> Response:
    """Give the file back as it came."""
    upload = drafts.upload(store, upload_id, actor=actor)
    return downloads.answer(upload.content, name=f"tep-goc{_ending(upload.name)}")


@router.get("/procedure-imports/{upload_id}/errors/{sheet}.csv")
def errors(upload_id: str, sheet: int, store: StoreDep, actor: Managing, now: Now) -> Response:
    """Give the rows that were kept out, each with its reason, to be mended and sent again."""
    upload = drafts.upload(store, upload_id, actor=actor)
    plan = catalogue.plan_procedures(store, upload.content, at=upload.applied_at or now)
    found = [error for part in plan.sheets if part.sheet == sheet for error in part.errors]
    return downloads.answer(importing.error_file(upload.content, found, sheet=sheet), name="dong-loi.csv")


@router.post("/procedure-imports/{upload_id}/apply")
def apply(request: Request, upload_id: str, store: StoreDep, actor: Managing, now: Now) -> Response:
    """Write what a file says; the rows with errors stay out and can be downloaded."""
    upload = drafts.upload(store, upload_id, actor=actor)
    try:
        done = catalogue.import_procedures(store, upload.content, at=now, by=actor, upload=upload_id)
    except Refused as refused:
        page = _tried(store, upload_id, actor=actor, now=now, error=str(refused))
        return render.page(request, "procedures/tried.html", page, status=409)
    said = f"Đã nhập {done.added} dòng mới, {done.changed} dòng thay đổi, {len(done.errors)} lỗi giữ lại."
    return RedirectResponse(f"/procedure-imports/{upload_id}?said={said}", status_code=303)


def _tried(store: StoreDep, upload_id: str, *, actor: Actor, now: Now, error: str = "") -> TriedPage:
    upload = drafts.upload(store, upload_id, actor=actor)
    plan = catalogue.plan_procedures(store, upload.content, at=now)
    return TriedPage(upload=upload, plan=plan, preview=previews.preview(store, plan.changes, at=now), error=error)


def _ending(name: str) -> str:
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    return ending if ending in (".csv", ".xlsx", ".zip") else ".txt"
