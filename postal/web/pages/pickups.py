"""Trả tại bưu cục: what waits for citizens at the office, giving it to them, inviting them again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import codes, permissions
from postal.domain.codes import CodeKind
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import pickups as pickup_queries
from postal.queries.pickups import PickupPage, PickupsPage
from postal.services import delivery, invitations
from postal.web import deps, forms, giving, proofs, render
from postal.web.deps import Now, StoreDep, Typed, acting
from postal.web.errors import status_of
from postal.web.giving import Giving
from postal.web.proofs import Sent

router = APIRouter(include_in_schema=False)

AtCounter = Annotated[Actor, acting(Permission.DELIVER_AT_COUNTER)]


@dataclass(frozen=True, kw_only=True, slots=True)
class PickupsView:
    """What waits at the office, with what could not be done."""

    pickups: PickupsPage
    problem: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GiveView:
    """One result at the counter with its form."""

    pickup: PickupPage
    giving: Giving
    errors: dict[str, str]


@router.get("/pickups")
def show(request: Request, store: StoreDep, now: Now, actor: AtCounter) -> Response:
    """Show what waits for citizens at the actor's office."""
    return _list(request, store, actor=actor, at=now)


@router.get("/pickups/{code}")
def show_one(request: Request, code: str, store: StoreDep, now: Now, actor: AtCounter) -> Response:
    """Show one result and the form to give it."""
    return _one(request, store, _parsed(code), actor=actor, at=now)


@router.post("/pickups/{code}")
def give(request: Request, code: str, store: StoreDep, now: Now, actor: AtCounter, sent: Sent) -> Response:
    """Give a result to the citizen who came."""
    parsed, typed, proof = _parsed(code), proofs.texts(sent), b""
    try:
        proof = proofs.content(sent)
        delivery.deliver_at_counter(
            store,
            parsed,
            **giving.answers(typed),
            proof=proof,
            media_type=proofs.MEDIA_TYPE,
            by=actor,
            at=now,
        )
    except Refused as refused:
        form = giving.again(typed, refused=refused, kept=proofs.kept(proof))
        return _one(request, store, parsed, actor=actor, at=now, form=form, refused=refused)
    home = "/desk" if permissions.may(actor, Permission.DECIDE) else "/pickups"
    return RedirectResponse(f"{home}?said=Đã trả {codes.shown(parsed)} cho người dân.", status_code=303)


@router.post("/pickups/{code}/invite")
def invite(request: Request, code: str, store: StoreDep, now: Now, actor: AtCounter, typed: Typed) -> Response:
    """Invite a citizen again."""
    parsed = _parsed(code)
    try:
        until = forms.day(typed.get("until", ""))
        invitations.hold_for_pickup(store, parsed, until=until, by=actor, at=now)
    except Refused as refused:
        return _list(request, store, actor=actor, at=now, refused=refused)
    return RedirectResponse(f"/pickups?said=Đã mời lại, đến hết {until:%d/%m/%Y}.", status_code=303)


def _list(request: Request, store: StoreDep, *, actor: Actor, at: datetime, refused: Refused | None = None) -> Response:
    page = pickup_queries.pickups_page(store, actor=actor, at=at)
    deps.note_view(store, actor=actor, subject=actor.place, what="pickups_seen", at=at)
    view = PickupsView(pickups=page, problem=str(refused or ""))
    return render.page(request, "pickups/list.html", view, status=status_of(refused) if refused else 200)


def _one(
    request: Request,
    store: StoreDep,
    code: str,
    *,
    actor: Actor,
    at: datetime,
    form: Giving | None = None,
    refused: Refused | None = None,
) -> Response:
    page = pickup_queries.pickup_page(store, code, actor=actor, at=at)
    deps.note_view(store, actor=actor, subject=page.dossier, what="pickup_seen", at=at)
    shown = form or giving.fresh()
    view = GiveView(pickup=page, giving=shown, errors=shown.errors)
    return render.page(request, "pickups/give.html", view, status=status_of(refused) if refused else 200)


def _parsed(code: str) -> str:
    return codes.parse(code, kind=CodeKind.ITEM).text
