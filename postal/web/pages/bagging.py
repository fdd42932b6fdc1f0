"""Closing a bag: choose where it goes, scan what goes into it, read its seal.

This module stands before the bags' own pages in the order of routes, so that `/bags/new` is no code of a bag.
"""

import secrets
from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import codes
from postal.domain.bag import BagState
from postal.domain.codes import CodeKind
from postal.domain.events import Destination
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import bench as benches
from postal.queries import receivers
from postal.queries.bench import BenchPage
from postal.services import bags
from postal.web import benching, render
from postal.web.deps import Chance, Now, Posted, StoreDep, Typed, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Packing = Annotated[Actor, acting(Permission.PACK_BAG)]


class NoDestination(Refused):
    """A new bag goes somewhere."""

    code = "no_bag_destination"
    vi = "Chưa chọn nơi đến của túi. Chọn một nơi trong danh sách, hoặc gõ tên rồi bấm “Tìm nơi đến”."
    en = "Choose where the bag goes."


@router.get("/bags/new")
def new(request: Request, store: StoreDep, actor: Packing, words: str = "") -> Response:
    """Show the destinations of what waits here."""
    page = benches.start_page(store, actor=actor, request=secrets.token_hex(16), words=words)
    return render.page(request, "bench/new.html", page)


@router.post("/bags/new")
def start(request: Request, store: StoreDep, actor: Packing, now: Now, below: Chance, typed: Typed) -> Response:
    """Begin a bag and go to its bench."""
    try:
        where, _, giver = typed.get("to", "").partition(" ")
        if not where:
            raise NoDestination
        bag = bags.start(
            store,
            code=codes.mint(CodeKind.BAG, below=below).text,
            destination=_destination(store, where),
            custodian=receivers.custodian_of(store, giver or typed.get("giver", "")),
            is_transit=bool(typed.get("transit")),
            by=actor,
            at=now,
            request=typed.get("request", ""),
        )
    except Refused as refused:
        page = benches.start_page(
            store,
            actor=actor,
            request=secrets.token_hex(16),
            words=typed.get("words", ""),
            errors={"to": str(refused)},
        )
        return render.page(request, "bench/new.html", page, status=status_of(refused))
    return RedirectResponse(f"/bags/{bag.code}/pack?new=1", status_code=303)


@router.get("/bags/{code}/pack")
def show(
    request: Request,
    code: str,
    store: StoreDep,
    actor: Packing,
    now: Now,
    new: bool = False,  # noqa: FBT001 - the URL's word
) -> Response:
    """Show the bench of a bag that is being packed; a closed one has its own page."""
    parsed = _parsed(code)
    if benches.state_of(store, parsed) not in (BagState.PACKING, None):
        return RedirectResponse(f"/bags/{parsed}", status_code=303)
    page = benches.pack_page(store, parsed, actor=actor, at=now, typed=benching.blank(), is_new=new)
    return render.page(request, "bench/pack.html", page)


@router.post("/bags/{code}/pack")
def close(request: Request, code: str, store: StoreDep, actor: Packing, now: Now, form: Posted) -> Response:
    """Put what was scanned into the bag and seal it, in one step; sent twice it is done once."""
    parsed, typed = _parsed(code), benching.typed(form)
    if benches.state_of(store, parsed) not in (BagState.PACKING, None):
        said = f"Túi {codes.shown(parsed)} đã đóng trước đó, không đóng lại."
        return RedirectResponse(f"/bags/{parsed}?said={quote(said)}", status_code=303)
    page = benches.pack_page(store, parsed, actor=actor, at=now, typed=typed)
    if not benching.is_agreed(page):
        return _again(request, page, benching.ask(page), status=422)
    try:
        sealed = bags.seal(
            store,
            parsed,
            seal=page.judged.tally.seal,
            items=tuple(page.judged.tally.counted),
            by=actor,
            at=now,
            request=typed.request,
        )
    except Refused as refused:
        return _again(request, page, {"scanned": str(refused)}, status=status_of(refused))
    said = f"Đã đóng túi {codes.shown(parsed)}: {len(sealed.contents)} bưu gửi, niêm phong {sealed.seal}."
    return RedirectResponse(f"/bags/{parsed}?said={quote(said)}", status_code=303)


def _again(request: Request, page: BenchPage, errors: dict[str, str], *, status: int) -> Response:
    return render.page(request, "bench/pack.html", replace(page, errors=errors), status=status)


def _destination(store: StoreDep, where: str) -> Destination:
    """Return a place as the end of a bag; a position of it means the place. Raises: UnknownReceiver."""
    if ":" in where:
        place = receivers.custodian_of(store, where).place
    else:
        place = where
    return benches.destination(store, place)


def _parsed(code: str) -> str:
    return codes.parse(code, kind=CodeKind.BAG).text
