"""Vị trí địa chỉ: where the doors of an office are, and a person's word about one of them."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import codes
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import addresses as queries
from postal.queries.addresses import DoorPage, DoorsPage
from postal.services import addresses
from postal.services.addresses import PointElsewhere
from postal.web import deps, errors, render
from postal.web.deps import Now, StoreDep, Typed, acting
from postal.web.forms import Filled, Form

router = APIRouter(include_in_schema=False)

Placing = Annotated[Actor, acting(Permission.PLACE_DOORS)]

NOTHING_SOUGHT = "Nhập hoặc quét mã bưu gửi, mã hồ sơ hay mã hẹn thu gom."
NOTHING_TYPED = "Dán tọa độ, Plus Code hoặc liên kết bản đồ của căn nhà."


@dataclass(frozen=True, kw_only=True, slots=True)
class ListView:
    """The doors of an office and the search."""

    doors: DoorsPage
    form: Filled


@dataclass(frozen=True, kw_only=True, slots=True)
class DoorView:
    """One door and the form of its correction; `asks_twice` when the point lies outside its commune."""

    door: DoorPage
    form: Filled
    asks_twice: bool


@router.get("/addresses")
def show_all(request: Request, store: StoreDep, now: Now, actor: Placing) -> Response:
    """Show the doors something waits for."""
    return _list(request, store, Form({}), actor=actor, at=now)


@router.post("/addresses")
def find(request: Request, store: StoreDep, now: Now, actor: Placing, typed: Typed) -> Response:
    """Lead from a code to its door; what was typed stands in no address, it may be somebody's."""
    form = Form(typed)
    text = form.typed.get("q", "")
    if not text:
        form.refuse("q", NOTHING_SOUGHT)
        return _list(request, store, form, actor=actor, at=now)
    try:
        return RedirectResponse(f"/addresses/{queries.code_meant(store, text, actor=actor, at=now)}", status_code=303)
    except Refused as refused:
        form.refuse("q", refused)
        return _list(request, store, form, actor=actor, at=now)


@router.get("/addresses/{code}")
def show(request: Request, store: StoreDep, now: Now, actor: Placing, code: str) -> Response:
    """Show one door."""
    return _page(request, store, codes.parse(code).text, Form({}), actor=actor, at=now)


@router.post("/addresses/{code}")
def place(request: Request, store: StoreDep, now: Now, actor: Placing, code: str, typed: Typed) -> Response:
    """Say where a door is."""
    form, thing = Form(typed), codes.parse(code).text
    text = form.typed.get("point", "")
    if not text:
        form.refuse("point", NOTHING_TYPED)
        return _page(request, store, thing, form, actor=actor, at=now, status=422)
    try:
        addresses.place_door(store, thing, text, is_sure=form.ticked("sure"), by=actor, at=now)
    except Refused as refused:
        if errors.status_of(refused) != 422:
            raise
        form.refuse("point", refused)
        twice = isinstance(refused, PointElsewhere)
        return _page(request, store, thing, form, actor=actor, at=now, status=422, asks_twice=twice)
    return RedirectResponse(f"/addresses/{thing}?said={quote('Đã lưu vị trí.')}", status_code=303)


@router.post("/addresses/{code}/take-back")
def take_back(request: Request, store: StoreDep, now: Now, actor: Placing, code: str) -> Response:
    """Take the last correction of a door back."""
    thing = codes.parse(code).text
    try:
        addresses.take_back(store, thing, by=actor, at=now)
    except Refused as refused:
        if errors.status_of(refused) != 422:
            raise
        form = Form({})
        form.refuse("point", refused)
        return _page(request, store, thing, form, actor=actor, at=now, status=422)
    return RedirectResponse(f"/addresses/{thing}?said={quote('Đã bỏ điểm người sửa.')}", status_code=303)


def _list(request: Request, store: StoreDep, form: Form, *, actor: Actor, at: Now) -> Response:
    doors = queries.doors_page(store, actor=actor, at=at)
    deps.note_view(store, actor=actor, subject="", what="doors_seen", at=at)
    view = ListView(doors=doors, form=Filled(typed=form.typed, errors=form.errors))
    return render.page(request, "addresses/list.html", view, status=200 if form.is_good else 422)


def _page(
    request: Request,
    store: StoreDep,
    code: str,
    form: Form,
    *,
    actor: Actor,
    at: Now,
    status: int = 200,
    asks_twice: bool = False,
) -> Response:
    door = queries.door_page(store, code, actor=actor, at=at)
    deps.note_view(store, actor=actor, subject=code, what="door_seen", at=at)
    filled = Filled(typed=form.typed, errors=form.errors)
    return render.page(
        request, "addresses/door.html", DoorView(door=door, form=filled, asks_twice=asks_twice), status=status
    )
