"""Việc ngoại tuyến: what devices sent and is not in the books yet, and what a controller does about each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import quarantine as waiting
from postal.queries.quarantine import WaitingPage
from postal.services import entries
from postal.services.entries import UnknownEntry
from postal.web import deps, render
from postal.web.deps import Chance, Now, StoreDep, Typed, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Settling = Annotated[Actor, acting(Permission.SETTLE_INCIDENT)]
EntryNumber = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
Fingerprint = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingView:
    """One thing with its forms, what was typed and what was wrong. `path` is where the forms go."""

    waiting: WaitingPage
    path: str
    typed: dict[str, str]
    errors: dict[str, str]


@router.get("/quarantine")
def show(request: Request, store: StoreDep, actor: Settling) -> Response:
    """Show everything of this place that is not in the books yet."""
    return render.page(request, "quarantine/list.html", waiting.quarantine_page(store, actor=actor))


@router.get("/quarantine/entries/{number}")
def show_entry(request: Request, number: EntryNumber, store: StoreDep, now: Now, actor: Settling) -> Response:
    """Show something that waits."""
    return _entry(request, store, number, actor=actor, at=now)


@router.post("/quarantine/entries/{number}/again")
def try_again(number: EntryNumber, store: StoreDep, now: Now, below: Chance, actor: Settling) -> Response:
    """Try once more now."""
    entry = entries.try_now(store, bytes.fromhex(number), by=actor, at=now, below=below)
    if not entry.is_waiting:
        return _done("Đã ghi vào sổ.")
    said = f"Vẫn chưa ghi được: {entry.why}"
    return RedirectResponse(f"/quarantine/entries/{number}?said={quote(said)}", status_code=303)


@router.post("/quarantine/entries/{number}/settle")
def settle(request: Request, number: EntryNumber, store: StoreDep, now: Now, actor: Settling, typed: Typed) -> Response:
    """Say that it was settled in another way."""
    try:
        entries.settle(store, bytes.fromhex(number), note=typed.get("note", ""), by=actor, at=now)
    except UnknownEntry:
        raise
    except Refused as refused:
        return _entry(request, store, number, actor=actor, at=now, typed=typed, refused=refused)
    return _done("Đã ghi là xử lý cách khác.")


@router.get("/quarantine/lines/{fingerprint}")
def show_line(request: Request, fingerprint: Fingerprint, store: StoreDep, now: Now, actor: Settling) -> Response:
    """Show a line that was kept aside."""
    return _line(request, store, fingerprint, actor=actor, at=now)


@router.post("/quarantine/lines/{fingerprint}/admit")
def admit(
    request: Request, fingerprint: Fingerprint, store: StoreDep, now: Now, below: Chance, actor: Settling, typed: Typed
) -> Response:
    """Record a line now that the reason is gone."""
    try:
        entries.admit(store, bytes.fromhex(fingerprint), note=typed.get("note", ""), by=actor, at=now, below=below)
    except UnknownEntry:
        raise
    except Refused as refused:
        return _line(request, store, fingerprint, actor=actor, at=now, typed=typed, refused=refused)
    return _done("Đã nhận lại. Việc chưa ghi được thì nằm ở danh sách chờ.")


@router.post("/quarantine/lines/{fingerprint}/close")
def close(
    request: Request, fingerprint: Fingerprint, store: StoreDep, now: Now, actor: Settling, typed: Typed
) -> Response:
    """Close a line that will never be recorded."""
    try:
        entries.close(store, bytes.fromhex(fingerprint), note=typed.get("note", ""), by=actor, at=now)
    except UnknownEntry:
        raise
    except Refused as refused:
        return _line(request, store, fingerprint, actor=actor, at=now, typed=typed, refused=refused)
    return _done("Đã đóng.")


def _entry(
    request: Request,
    store: StoreDep,
    number: str,
    *,
    actor: Actor,
    at: datetime,
    typed: dict[str, str] | None = None,
    refused: Refused | None = None,
) -> Response:
    page = waiting.entry_page(store, bytes.fromhex(number), actor=actor)
    return _one(request, store, page, f"/quarantine/entries/{number}", actor=actor, at=at, typed=typed, refused=refused)


def _line(
    request: Request,
    store: StoreDep,
    fingerprint: str,
    *,
    actor: Actor,
    at: datetime,
    typed: dict[str, str] | None = None,
    refused: Refused | None = None,
) -> Response:
    page = waiting.kept_page(store, bytes.fromhex(fingerprint), actor=actor)
    path = f"/quarantine/lines/{fingerprint}"
    return _one(request, store, page, path, actor=actor, at=at, typed=typed, refused=refused)


def _one(
    request: Request,
    store: StoreDep,
    page: WaitingPage,
    path: str,
    *,
    actor: Actor,
    at: datetime,
    typed: dict[str, str] | None,
    refused: Refused | None,
) -> Response:
    deps.note_view(store, actor=actor, subject=page.line.about, what="offline_act_seen", at=at)
    errors = {"note": str(refused)} if refused else {}
    view = WaitingView(waiting=page, path=path, typed=typed or {}, errors=errors)
    return render.page(request, "quarantine/one.html", view, status=status_of(refused) if refused else 200)


def _done(said: str) -> Response:
    return RedirectResponse(f"/quarantine?said={quote(said)}", status_code=303)
