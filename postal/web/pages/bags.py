"""Bags: those that come and go, one bag with its history, its label and its list."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import codes
from postal.domain.codes import CodeKind
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.printing import records
from postal.queries import bag_lists, receivers
from postal.queries import bags as bag_queries
from postal.services import bags, custody
from postal.web import deps, render
from postal.web.deps import Now, StoreDep, Typed, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Seeing = Annotated[Actor, acting(Permission.SEE_DOSSIERS)]
Moving = Annotated[Actor, acting(Permission.HAND_OVER)]
TakingOver = Annotated[Actor, acting(Permission.TAKE_OVER)]
Packing = Annotated[Actor, acting(Permission.PACK_BAG)]


LONGEST_REASON = 500


class NoBagReason(Refused):
    """Taking a bag over needs a reason."""

    code = "no_bag_reason"
    vi = "Chưa ghi vì sao nhận thay cả túi. Ghi ngắn gọn: thấy túi ở đâu, đã báo ai."
    en = "Say why you take the bag over: where you found it, whom you told."


@router.get("/bags")
def show_all(request: Request, store: StoreDep, actor: Seeing, now: Now) -> Response:
    """Show what comes today, what the place holds, and what it sent."""
    return render.page(request, "bags/list.html", bag_lists.bags_page(store, actor=actor, at=now))


@router.get("/bags/{code}")
def show(request: Request, code: str, store: StoreDep, actor: Seeing) -> Response:
    """Show a bag."""
    return render.page(request, "bags/page.html", bag_queries.bag_page(store, _parsed(code), actor=actor))


@router.get("/bags/{code}/label.pdf")
def label_pdf(code: str, store: StoreDep, actor: Seeing) -> Response:
    """Print the label of a bag, 100 x 150 mm."""
    value = bag_queries.label(store, _parsed(code), actor=actor)
    return _pdf(records.bag_label_pdf(value), name=f"nhan-tui-{value.code}.pdf")


@router.get("/bags/{code}/manifest.pdf")
def manifest_pdf(code: str, store: StoreDep, actor: Seeing) -> Response:
    """Print the list of a bag."""
    value = bag_queries.manifest(store, _parsed(code), actor=actor)
    return _pdf(records.manifest_pdf(value), name=f"bang-ke-tui-{value.label.code}.pdf")


@router.get("/bags/{code}/photo")
def photo(code: str, store: StoreDep, actor: Seeing, now: Now) -> Response:
    """Show the photo of the seal, of when the bag was closed."""
    return _photo(store, _parsed(code), actor=actor, at=now, when_opened=False)


@router.get("/bags/{code}/photo-opened")
def photo_opened(code: str, store: StoreDep, actor: Seeing, now: Now) -> Response:
    """Show the photo of the seal, of when the bag was opened."""
    return _photo(store, _parsed(code), actor=actor, at=now, when_opened=True)


@router.post("/bags/{code}/move")
def move(request: Request, code: str, store: StoreDep, actor: Moving, now: Now, typed: Typed) -> Response:
    """Carry the bag to another position of the same person."""
    parsed = _parsed(code)
    try:
        to = receivers.custodian_of(store, typed.get("to", ""))
        custody.move(store, [parsed], to=to, by=actor, at=now)
    except Refused as refused:
        return _again(request, store, parsed, refused, step="move", actor=actor, typed=typed)
    return _said(parsed, f"Đã chuyển cả túi đến {to}.")


@router.post("/bags/{code}/take-over")
def take_over(request: Request, code: str, store: StoreDep, actor: TakingOver, now: Now, typed: Typed) -> Response:
    """Take a bag that nobody offered, with a reason."""
    parsed = _parsed(code)
    try:
        reason = typed.get("reason", "")[:LONGEST_REASON]
        if not reason:
            raise NoBagReason
        to = receivers.custodian_of(store, typed.get("to", ""))
        bags.take_over(store, parsed, to=to, reason=reason, by=actor, at=now)
    except Refused as refused:
        return _again(request, store, parsed, refused, step="take-over", actor=actor, typed=typed)
    return _said(parsed, "Đã nhận thay cả túi. Hai bên đều thấy việc này.")


@router.post("/bags/{code}/missing")
def report_missing(request: Request, code: str, store: StoreDep, actor: Moving, now: Now, typed: Typed) -> Response:
    """Say that the bag cannot be found."""
    parsed = _parsed(code)
    try:
        bags.report_missing(store, parsed, by=actor, at=now)
    except Refused as refused:
        return _again(request, store, parsed, refused, step="missing", actor=actor, typed=typed)
    return _said(parsed, "Đã ghi túi đang tìm, cả bưu gửi trong túi.")


@router.post("/bags/{code}/found")
def find(request: Request, code: str, store: StoreDep, actor: Moving, now: Now, typed: Typed) -> Response:
    """Say that the bag was found again."""
    parsed = _parsed(code)
    try:
        bags.find(store, parsed, by=actor, at=now)
    except Refused as refused:
        return _again(request, store, parsed, refused, step="found", actor=actor, typed=typed)
    return _said(parsed, "Đã ghi thấy túi.")


@router.post("/bags/{code}/void")
def void(request: Request, code: str, store: StoreDep, actor: Packing, now: Now, typed: Typed) -> Response:
    """Give up an empty bag."""
    parsed = _parsed(code)
    try:
        bags.void(store, parsed, by=actor, at=now)
    except Refused as refused:
        return _again(request, store, parsed, refused, step="void", actor=actor, typed=typed)
    return _said(parsed, "Đã hủy túi trống.")


def _again(
    request: Request,
    store: StoreDep,
    code: str,
    refused: Refused,
    *,
    step: str,
    actor: Actor,
    typed: dict[str, str],
) -> Response:
    page = replace(bag_queries.bag_page(store, code, actor=actor), errors={step: str(refused)}, typed=typed)
    return render.page(request, "bags/page.html", page, status=status_of(refused))


def _photo(store: StoreDep, code: str, *, actor: Actor, at: datetime, when_opened: bool) -> Response:
    found = bag_queries.photo(store, code, actor=actor, when_opened=when_opened)
    deps.note_view(store, actor=actor, subject=code, what="bag_photo_seen", at=at)
    return Response(found.content, media_type=found.media_type)


def _said(code: str, words: str) -> Response:
    return RedirectResponse(f"/bags/{code}?said={words}", status_code=303)


def _parsed(code: str) -> str:
    return codes.parse(code, kind=CodeKind.BAG).text


def _pdf(content: bytes, *, name: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(content, media_type="application/pdf", headers=headers)
